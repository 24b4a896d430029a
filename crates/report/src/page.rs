//! The page: heading, list of campaigns, one section each, and what was left alone, not seen and not read.

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use stillwatch_detect::campaign::{Campaign, Exemplar};

use crate::campaign;
use crate::number::{count, count_of, decimal, moment, percent};
use crate::story::{self, closed, headline};
use crate::summary::{GroupNote, Summary};
use crate::text::{name, passage, sentence};

const STYLE: &str = include_str!("style.css");
/// The browser may load nothing, and run nothing, whatever the findings hold.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
/// Cleared groups shown at once; further ones fold away.
const GROUPS_OPEN: usize = 12;
/// Cleared groups on the page at all, so that a busy platform does not make the page unreadable.
const GROUPS_LISTED: usize = 500;

/// The findings as one self-contained HTML page.
///
/// `exemplars` are texts by campaign id: they appear only for the campaigns named there. The same arguments give the
/// same bytes; size grows with campaigns and with cleared groups up to 500, not with accounts.
pub fn page(summary: &Summary, campaigns: &[Campaign], exemplars: &BTreeMap<String, Vec<Exemplar>>) -> String {
    let has_texts = campaigns.iter().any(|campaign| exemplars.get(&campaign.id).is_some_and(|rows| !rows.is_empty()));
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (sentence(&summary.title)) " · Stillwatch report" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (heading(summary, campaigns, has_texts))
                main {
                    (list(campaigns))
                    (guide())
                    @for (index, found) in campaigns.iter().enumerate() {
                        (campaign::section(found, index + 1, summary.scanned_from,
                            exemplars.get(&found.id).map(Vec::as_slice)))
                    }
                    (left_alone(&summary.groups_examined))
                    (blind_spots(summary))
                    (rows_unused(summary))
                    (repeat(summary))
                }
            }
        }
    };
    markup.into_string()
}

fn heading(summary: &Summary, campaigns: &[Campaign], has_texts: bool) -> Markup {
    html! {
        header.top {
            p.brand { "Stillwatch report" }
            h1 { (sentence(&summary.title)) }
            p.lede { (headline(summary, campaigns)) }
            @if has_texts {
                p.notice role="note" { strong { "This copy shows texts of customers." }
                    " Keep it in the house, or make one without " code { "--show-content" } "." }
            }
            dl.facts {
                div { dt { "From" } dd { (moment(summary.scanned_from)) } }
                div { dt { "To" } dd { (moment(summary.scanned_to)) } }
                div { dt { "Accounts read" } dd { (count(summary.accounts)) } }
                div { dt { "Exchanges read" } dd { (count(summary.exchanges)) } }
                div { dt { "Campaigns" } dd { (count(campaigns.len() as u64)) } }
                div { dt { "Rows not used" } dd { (count(summary.rows_rejected)) } }
            }
            nav aria-label="Parts of this page" {
                a href="#campaigns" { "Campaigns" } " "
                a href="#left-alone" { "Left alone" } " "
                a href="#blind-spots" { "Blind spots" } " "
                a href="#rows" { "Rows not used" } " "
                a href="#repeat" { "How to repeat" }
            }
        }
    }
}

fn list(campaigns: &[Campaign]) -> Markup {
    html! {
        section id="campaigns" {
            h2 { "Campaigns" }
            @if campaigns.is_empty() {
                p { "None was found." }
            } @else {
                table.stack role="table" {
                    thead role="rowgroup" { tr role="row" {
                        @for head in HEADS { th scope="col" role="columnheader" { (head) } }
                    } }
                    tbody role="rowgroup" {
                        @for (index, found) in campaigns.iter().enumerate() { (row(found, index + 1)) }
                    }
                }
            }
        }
    }
}

const HEADS: [&str; 9] =
    ["Campaign", "Accounts", "Exchanges", "Days", "Taken", "Technique", "Confidence", "Advised", "Worth"];

fn row(found: &Campaign, number: usize) -> Markup {
    let cells: [(bool, Markup); 8] = [
        (true, html! { (count(found.accounts.len() as u64)) }),
        (true, html! { (count(found.exchanges)) }),
        (true, html! { (count(story::days_active(found))) }),
        (false, html! { (story::targets(found).unwrap_or_else(|| "not known".to_string())) }),
        (false, html! { (story::techniques(found).unwrap_or_else(|| "no name yet".to_string())) }),
        (true, html! { (found.confidence) }),
        (false, campaign::tag(found)),
        (false, html! { (story::worth(found)) }),
    ];
    html! {
        tr role="row" {
            th scope="row" role="rowheader" { a href={ "#campaign-" (number) } { (name(&found.id)) } }
            @for ((is_number, cell), head) in cells.iter().zip(&HEADS[1..]) {
                td role="cell" data-label=(head) class=[is_number.then_some("number")] { (cell) }
            }
        }
    }
}

fn guide() -> Markup {
    html! {
        details.guide {
            summary { "How to read this page" }
            dl {
                dt { "Exchange" } dd { "One request to a model and its answer." }
                dt { "Campaign" } dd { "A group of linked accounts with evidence that one operator works it and that it "
                    "collects answers to train another model. Both are needed: a company is one operator too, and many "
                    "people ask for what a harvester asks for." }
                dt { "Confidence" } dd { "100 times the probability, given the evidence and the prior odds of the scan, that the "
                    "group is one harvesting operation; for an account, that it belongs to the group." }
                dt { "By chance alone" } dd { "How often evidence as strong turns up where the stated assumption (the null "
                    "hypothesis) holds. 1 in 10" sup { "6" } " is one in a million. It comes from a p-value, or from an e-value: "
                    "an e-value of 1,000 turns up by chance at most once in 1,000 times." }
                dt { "Advised" } dd { "Watch: look at it, do nothing. Challenge: ask who it is. Throttle: slow it down. Block: stop "
                    "it. Nothing has been done by this program; a person decides." }
                dt { "Held back" } dd { "Something, such as an agreement that permits bulk use, forbids to ask for more than "
                    "watching." }
                dt { "Flagged at" } dd { "The time at which a running system, knowing only the rows before, would have named the "
                    "account." }
                dt { "Origin" } dd { "Country and language are not read. That two accounts share a network may link them; which "
                    "network it is does not matter." }
            }
        }
    }
}

fn left_alone(groups: &[GroupNote]) -> Markup {
    let (open, folded) = groups.split_at(groups.len().min(GROUPS_OPEN));
    let (folded, unlisted) = folded.split_at(folded.len().min(GROUPS_LISTED - GROUPS_OPEN));
    html! {
        section id="left-alone" {
            h2 { "Looked at and left alone" }
            @if groups.is_empty() { p { "No other linked group was large enough to be looked at." } }
            @else {
                p { (count_of(groups.len() as u64, "linked group"))
                    " looked like one operation at first sight. Nothing is asked against them." }
                (groups_table(open))
                @if !folded.is_empty() {
                    details { summary { (count_of(folded.len() as u64, "further group")) } (groups_table(folded)) }
                }
                @if !unlisted.is_empty() {
                    p.soft { (count_of(unlisted.len() as u64, "more group")) " with "
                        (count_of(unlisted.iter().map(|group| group.accounts).sum(), "account")) " are not listed." }
                }
            }
        }
    }
}

fn groups_table(groups: &[GroupNote]) -> Markup {
    html! {
        table.stack role="table" {
            thead role="rowgroup" { tr role="row" {
                @for head in ["Group", "Accounts", "Exchanges", "Why it was left alone"] {
                    th scope="col" role="columnheader" { (head) }
                }
            } }
            tbody role="rowgroup" { @for group in groups { tr role="row" {
                th scope="row" role="rowheader" { (sentence(&group.what)) }
                td.number role="cell" data-label="Accounts" { (count(group.accounts)) }
                td.number role="cell" data-label="Exchanges" { (count(group.exchanges)) }
                td role="cell" data-label="Why" { (closed(&group.reason_cleared)) }
            } } }
        }
    }
}

fn blind_spots(summary: &Summary) -> Markup {
    html! {
        section id="blind-spots" {
            h2 { "What this scan cannot see" }
            ul { @for spot in summary.blind_spots_all() { li { (closed(spot)) } } }
            @if !summary.columns_missing.is_empty() {
                h3 { "Columns that were missing" }
                dl.reasons { @for (column, cost) in &summary.columns_missing {
                    div { dt { code { (name(column)) } } dd { (closed(cost)) } }
                } }
            }
        }
    }
}

fn rows_unused(summary: &Summary) -> Markup {
    let rows = summary.exchanges.saturating_add(summary.rows_rejected).saturating_add(summary.duplicates);
    html! {
        section id="rows" {
            h2 { "Rows not used" }
            p { "Of " (count_of(rows, "row")) ", " (count(summary.rows_rejected)) " could not be used ("
                (percent(summary.rows_rejected, rows)) ") and " (count(summary.duplicates))
                " repeated an exchange that had been read before." }
            @if !summary.rejected_reasons.is_empty() {
                div.scroll role="region" aria-label="Rejected rows" tabindex="0" {
                    table.numbers {
                        thead { tr { th scope="col" { "Reason" } th scope="col" { "Rows" } } }
                        tbody { @for (reason, rows) in &summary.rejected_reasons {
                            tr { th scope="row" { (sentence(reason)) } td { (count(*rows)) } }
                        } }
                    }
                }
            }
        }
    }
}

fn repeat(summary: &Summary) -> Markup {
    html! {
        section id="repeat" {
            h2 { "How to repeat" }
            p { "Stillwatch " (name(&summary.version)) " made this page from the rows of a scan that took "
                (decimal((summary.seconds * 10.0).round() / 10.0)) " seconds. The same rows and the same key give the same "
                "campaigns, to the byte." }
            pre { (passage(&summary.command)) }
        }
    }
}
