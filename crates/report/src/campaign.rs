//! One campaign as a section of the page.
//!
//! In the order of a reader's questions: what is it, when, what ties the accounts together, how sure is that, what did
//! it take, who is in it, and what do the texts look like.

use maud::{Markup, html};
use stillwatch_detect::campaign::{Campaign, Exemplar, Impact, Member, SharedFeature};
use stillwatch_traffic::exchange::Timestamp;

use crate::chart::{days, hours, rows};
use crate::evidence;
use crate::number::{cost, count, count_of, decimal, moment, percent};
use crate::story::{self, verdict};
use crate::text::{name, passage, short_name};

/// Accounts listed on the page: the full list stands in files.
const ACCOUNTS_LISTED: usize = 50;
/// Shared features drawn; all are in the table.
const FEATURES_DRAWN: usize = 8;
/// Models listed.
const MODELS_LISTED: usize = 8;
/// Exemplars shown of one campaign.
const EXEMPLARS_SHOWN: usize = 10;

/// The section; `number` is its anchor, `origin` the first row of the scan.
pub fn section(campaign: &Campaign, number: usize, origin: Timestamp, exemplars: Option<&[Exemplar]>) -> Markup {
    let origin = campaign.timeline.first().map_or(origin, |day| day.start);
    let key = format!("campaign-{number}");
    html! {
        section.campaign id=(key) aria-labelledby={ (key) "-head" } {
            header {
                h2 id={ (key) "-head" } { "Campaign " span.id { (name(&campaign.id)) } }
                p.tags {
                    (tag(campaign))
                    span.tag { "confidence " (campaign.confidence) " of 100" }
                    @for technique in &campaign.techniques {
                        span.tag { "ATLAS " (name(&technique.atlas)) " (" (name(&technique.atlas_release)) ")" }
                    }
                }
            }
            p.story { @for sentence in story::paragraph(campaign) { (evidence::raised(&sentence)) " " } }
            h3 { "When" }
            (days::draw(campaign, &format!("{key}-days")))
            h3 { "What its accounts have in common" }
            (links(campaign, origin, &key))
            h3 { "Evidence" }
            (evidence::table(campaign))
            h3 { "What it took" }
            (impact(&campaign.impact))
            h3 { "Its accounts" }
            (accounts(campaign))
            h3 { "What the requests look like" }
            (texts(exemplars))
            p.back { a href="#campaigns" { "Back to the list of campaigns" } }
        }
    }
}

/// The campaign's verdict as a tag.
pub fn tag(campaign: &Campaign) -> Markup {
    let word = verdict(campaign.verdict);
    html! { span class={ "tag verdict " (word) } { (word) @if campaign.held_back.is_some() { " (held back)" } } }
}

fn links(campaign: &Campaign, origin: Timestamp, key: &str) -> Markup {
    let features: Vec<rows::Row> = campaign
        .shared
        .iter()
        .take(FEATURES_DRAWN)
        .map(|shared| rows::Row {
            name: format!(
                "{} {}",
                short_name(&shared.kind, 16),
                name(&shared.feature).chars().take(8).collect::<String>()
            ),
            seen: shared.accounts_seen as f64,
            expected: shared.accounts_expected,
        })
        .collect();
    let origins: Vec<rows::Row> = campaign
        .origins
        .iter()
        .map(|origin| rows::Row {
            name: format!("{} of {}", short_name(&origin.kind, 16), count(origin.accounts)),
            seen: origin.distinct as f64,
            expected: origin.distinct_expected,
        })
        .collect();
    html! {
        div.pair {
            div {
                h4 { "Rare features they share" }
                p { "Accounts of the campaign that carry the feature, against what the rate of all other customers "
                    "leads to expect. Far apart: the accounts are alike where customers are not." }
                @if features.is_empty() { p.soft { "None is recorded." } } @else {
                    (rows::draw("Shared features", "accounts", &features, &format!("{key}-shared")))
                    (shared_table(&campaign.shared))
                }
            }
            div {
                h4 { "Where they come from" }
                p { "Different values among those accounts for which one is known, against as many unrelated customers. "
                    "Fewer than expected: one hand pays or connects for many. As many as expected does not clear a group." }
                @if origins.is_empty() { p.soft { "Nothing is known of payments, networks or devices." } } @else {
                    (rows::draw("Origins", "different values", &origins, &format!("{key}-origins")))
                }
                h4 { "Hours of the day" }
                (hours::draw(&campaign.hours, &campaign.hours_platform, origin, &format!("{key}-hours")))
            }
        }
    }
}

fn shared_table(shared: &[SharedFeature]) -> Markup {
    html! {
        details {
            summary { "All " (count_of(shared.len() as u64, "feature")) " as a table" }
            div.scroll role="region" aria-label="Shared features" tabindex="0" {
                table.numbers {
                    thead { tr {
                        th scope="col" { "Feature" }
                        th scope="col" { "Seen" }
                        th scope="col" { "Expected" }
                        th scope="col" { "On the platform" }
                    } }
                    tbody { @for feature in shared { tr {
                        th scope="row" { (name(&feature.kind)) " " code { (name(&feature.feature)) } }
                        td { (count(feature.accounts_seen)) }
                        td { (evidence::raised(&decimal(feature.accounts_expected))) }
                        td { (count(feature.accounts_platform)) }
                    } } }
                }
            }
            p.soft { "A feature is named by a keyed hash: it tells that two texts or addresses are equal, and nothing else." }
        }
    }
}

fn impact(impact: &Impact) -> Markup {
    let before = format!(
        "{} ({})",
        count(impact.exchanges_before_flag),
        percent(impact.exchanges_before_flag, impact.exchanges)
    );
    let rest = impact.models.get(MODELS_LISTED..).unwrap_or_default();
    html! {
        dl.facts {
            div { dt { "Exchanges" } dd { (count(impact.exchanges)) } }
            div { dt { "Before each account’s flag" } dd { (before) } }
            div { dt { "Input tokens" } dd { (count(impact.input_tokens)) } }
            div { dt { "Output tokens" } dd { (count(impact.output_tokens)) } }
            div { dt { "Worth" } dd {
                @if let Some(range) = &impact.cost { (cost(range)) } @else { span.soft { "no price file given" } }
            } }
        }
        @if !impact.models.is_empty() {
            div.scroll role="region" aria-label="Models asked for" tabindex="0" {
                table.numbers.models {
                    thead { tr { th scope="col" { "Model" } th scope="col" { "Exchanges" } th scope="col" { "Share" } } }
                    tbody {
                        @for (model, exchanges) in impact.models.iter().take(MODELS_LISTED) {
                            tr { th scope="row" { (name(model)) } td { (count(*exchanges)) }
                                td { (percent(*exchanges, impact.exchanges)) } }
                        }
                        @if !rest.is_empty() {
                            @let exchanges: u64 = rest.iter().map(|(_, exchanges)| exchanges).sum();
                            tr { th scope="row" { (count_of(rest.len() as u64, "other model")) } td { (count(exchanges)) }
                                td { (percent(exchanges, impact.exchanges)) } }
                        }
                    }
                }
            }
        }
        p.soft { "Tokens are summed over the rows that state them." }
    }
}

fn accounts(campaign: &Campaign) -> Markup {
    let mut members: Vec<&Member> = campaign.accounts.iter().collect();
    members.sort_by(|a, b| b.confidence.cmp(&a.confidence).then_with(|| a.account.cmp(&b.account)));
    let listed = members.len().min(ACCOUNTS_LISTED);
    html! {
        details.accounts {
            summary {
                @if listed < members.len() { "The " (listed) " surest of " (count_of(members.len() as u64, "account")) }
                @else { (count_of(members.len() as u64, "account")) }
            }
            div.scroll role="region" aria-label="Accounts" tabindex="0" {
                table.numbers {
                    thead { tr {
                        th scope="col" { "Account" }
                        th scope="col" { "Confidence" }
                        th scope="col" { "Advised" }
                        th scope="col" { "Flagged at" }
                        th scope="col" { "Exchanges of the campaign" }
                        th scope="col" { "All its exchanges" }
                    } }
                    tbody { @for member in members.iter().take(ACCOUNTS_LISTED) { tr {
                        th scope="row" { code { bdi { (name(&member.account)) } } }
                        td { (member.confidence) }
                        td { (verdict(member.verdict)) }
                        td { @if let Some(time) = member.flagged_at { (moment(time)) } @else { "not flagged" } }
                        td { (count(member.exchanges)) }
                        td { (count(member.exchanges_all)) }
                    } } }
                }
            }
        }
        p.soft { "Every account stands in " code { "campaigns.json" } ", every flagged one in " code { "flags.jsonl" }
            ", both beside this page." }
    }
}

fn texts(exemplars: Option<&[Exemplar]>) -> Markup {
    let shown = exemplars.unwrap_or_default();
    if shown.is_empty() {
        return html! { p.soft { "Texts stay hidden. The same command with " code { "--show-content" }
        " puts the openings of a few requests here." } };
    }
    html! {
        @for exemplar in shown.iter().take(EXEMPLARS_SHOWN) {
            article.exemplar {
                p.soft { (moment(exemplar.time)) " · account " code { bdi { (name(&exemplar.account)) } }
                    " · exchange " code { bdi { (name(&exemplar.id)) } } }
                @for (label, text) in [("System instruction", &exemplar.system), ("Prompt", &exemplar.prompt)] {
                    @if let Some(text) = text { h5 { (label) } blockquote dir="auto" { (passage(text)) } }
                }
            }
        }
    }
}
