//! Turns records into campaigns and flags as they are written and shown.

use stillwatch_traffic::exchange::Timestamp;

use crate::campaign::{
    Campaign, DayCount, Evidence, Flag, Grade, Impact, Member, Question, SharedFeature, Technique, Verdict,
};
use crate::findings::Parameters;
use crate::history::History;
use crate::posterior;
use crate::profile::HOURS;
use crate::signal::elicitation;
use crate::track::{Record, Standing, Walk};

/// Release of MITRE ATLAS that the technique ids were taken from.
pub const ATLAS_RELEASE: &str = "2026.05";
/// Posterior from which an account is listed at all.
const LISTED_MIN: f64 = 0.5;
/// Shared features that are shown.
const SHARED_MAX: usize = 20;
/// Posteriors from which more than a challenge is proposed.
const THROTTLE_MIN: f64 = 0.99;
const BLOCK_MIN: f64 = 0.999;

/// A campaign and its flags.
pub fn describe(record: &Record, walk: &Walk<'_>, history: &History, parameters: &Parameters) -> (Campaign, Vec<Flag>) {
    let id = format!("campaign-{:012x}", name(record, walk) >> 16);
    let listed: Vec<(u32, Standing)> = record
        .standings
        .iter()
        .filter(|(_, standing)| standing.posterior >= LISTED_MIN || standing.flagged.is_some())
        .map(|(&account, &standing)| (account, standing))
        .collect();
    let accounts: Vec<Member> =
        listed.iter().map(|(account, standing)| member(*account, standing, walk, history)).collect();
    let flags = flags(&accounts, &listed, &id);
    let verdict = accounts.iter().map(|member| member.verdict).max().unwrap_or(Verdict::Watch);
    let evidence = evidence(record);
    let behaviour = |account: u32| walk.population.behaviour(account);
    let campaign = Campaign {
        exchanges: accounts.iter().map(|member| member.exchanges_all).sum(),
        first_seen: Timestamp(listed.iter().map(|(account, _)| behaviour(*account).first).min().unwrap_or(0)),
        last_seen: Timestamp(listed.iter().map(|(account, _)| behaviour(*account).last).max().unwrap_or(0)),
        techniques: techniques(&evidence),
        targets: targets(record, walk),
        grade: Grade::Inferred,
        confidence: percent(posterior::of_group(record.judgement.ln_e, parameters)),
        evidence,
        impact: impact(&listed, walk),
        verdict,
        held_back: (verdict == Verdict::Watch).then(|| {
            "every account has an agreement that permits bulk use: nothing above watch is asked for".to_owned()
        }),
        shared: shared(record, walk),
        origins: walk.origins.iter().map(|origins| origins.count(&record.group)).collect(),
        timeline: timeline(&listed, walk, history),
        hours: hours(listed.iter().map(|&(account, _)| account), walk),
        hours_platform: hours(walk.population.active(), walk),
        accounts,
        id,
    };
    (campaign, flags)
}

/// The founding feature; without one, the name of the first account that ever belonged to it.
fn name(record: &Record, walk: &Walk<'_>) -> u64 {
    if let Some(founding) = record.founding {
        return walk.incidence.feature(founding).hash;
    }
    let first =
        record.standings.keys().copied().min_by_key(|&account| (walk.population.behaviour(account).first, account));
    let name = first.map_or("", |account| walk.population.name(account));
    // FNV-1a: an opaque name that needs no key
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn percent(probability: f64) -> u8 {
    (100.0 * probability).round().clamp(0.0, 100.0) as u8
}

/// End of a day, at which the running system decides over it.
fn day_end(history: &History, day: u32) -> Timestamp {
    Timestamp(history.origin.0 + (i64::from(day) + 1) * Timestamp::DAY)
}

fn member(account: u32, standing: &Standing, walk: &Walk<'_>, history: &History) -> Member {
    let verdict = match standing.flagged {
        Some(_) if !walk.population.facts(account).agreement => match standing.posterior {
            posterior if posterior >= BLOCK_MIN => Verdict::Block,
            posterior if posterior >= THROTTLE_MIN => Verdict::Throttle,
            _ => Verdict::Challenge,
        },
        _ => Verdict::Watch,
    };
    let flagged = standing.flagged.filter(|_| verdict > Verdict::Watch);
    Member {
        account: walk.population.name(account).to_owned(),
        confidence: percent(standing.posterior),
        verdict,
        flagged_at: flagged.map(|(day, _)| day_end(history, day)),
        exchanges: u64::from(standing.carried),
        exchanges_all: walk.population.behaviour(account).exchanges,
    }
}

fn flags(members: &[Member], listed: &[(u32, Standing)], campaign: &str) -> Vec<Flag> {
    let with_standing = members.iter().zip(listed);
    with_standing
        .filter_map(|(member, (_, standing))| {
            let (_, ln_e) = standing.flagged?;
            Some(Flag {
                account: member.account.clone(),
                campaign: campaign.to_owned(),
                verdict: member.verdict,
                grade: Grade::Inferred,
                confidence: member.confidence,
                flagged_at: member.flagged_at?,
                e_value: ln_e.min(690.0).exp(),
            })
        })
        .collect()
}

fn evidence(record: &Record) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = record.judgement.signals.iter().map(|signal| signal.evidence()).collect();
    evidence.push(Evidence {
        signal: "the whole decision".to_owned(),
        question: Question::Purpose,
        null: "at least one part is missing: no work split, or a human in the loop, or no coordination".to_owned(),
        p_value: None,
        e_value: Some(record.judgement.ln_e.min(690.0).exp()),
        effect: record.judgement.ln_e / std::f64::consts::LN_10,
        expected: 0.0,
        counted: true,
        sentence: format!(
            "All parts hold together; the weakest of them is worth odds of 10^{:.0} to 1.",
            record.judgement.ln_e / std::f64::consts::LN_10
        ),
        clears: "any one of the explanations above".to_owned(),
    });
    evidence
}

fn techniques(evidence: &[Evidence]) -> Vec<Technique> {
    let counted = |signal: &str| evidence.iter().any(|item| item.signal == signal && item.counted);
    let mut names = vec![("work list over a pool of accounts", "AML.T0024.002")];
    if counted("signature replay") {
        names.push(("replay of reasoning signatures", "AML.T0040"));
    }
    if counted("elicitation by structure") {
        names.push(("answers elicited in training form", "AML.T0005.001"));
    }
    if ["shared payments", "shared devices"].iter().any(|name| counted(name)) {
        names.push(("accounts of common origin", "AML.T0008.005"));
    }
    let technique = |(name, atlas): (&str, &str)| Technique {
        name: name.to_owned(),
        atlas: atlas.to_owned(),
        atlas_release: ATLAS_RELEASE.to_owned(),
    };
    names.into_iter().map(technique).collect()
}

fn targets(record: &Record, walk: &Walk<'_>) -> Vec<String> {
    let found = elicitation::targets(&record.group, &walk.population, &walk.reference);
    if found.is_empty() {
        vec!["answers in general".to_owned()]
    } else {
        found.into_iter().map(str::to_owned).collect()
    }
}

fn impact(listed: &[(u32, Standing)], walk: &Walk<'_>) -> Impact {
    let mut impact = Impact::default();
    let mut models = std::collections::BTreeMap::<&str, u64>::new();
    for (account, standing) in listed {
        let behaviour = walk.population.behaviour(*account);
        impact.exchanges += behaviour.exchanges;
        impact.input_tokens += behaviour.input_tokens;
        impact.output_tokens += behaviour.output_tokens;
        for row in walk.population.days_of(*account) {
            if standing.flagged.is_none_or(|(day, _)| row.day <= day) {
                impact.exchanges_before_flag += row.profile.exchanges;
            }
            for (model, count) in &row.profile.models {
                *models.entry(model).or_default() += count;
            }
        }
    }
    impact.models = models.into_iter().map(|(model, count)| (model.to_owned(), count)).collect();
    impact.models.sort_by(|one, two| two.1.cmp(&one.1).then_with(|| one.0.cmp(&two.0)));
    impact
}

/// The most surprising features: those whose share in the group exceeds that among others most.
fn shared(record: &Record, walk: &Walk<'_>) -> Vec<SharedFeature> {
    let group = &record.group;
    let others = (walk.population.active().count() as f64 - group.carriers.len() as f64).max(1.0);
    let mut shared: Vec<SharedFeature> = group
        .features
        .iter()
        .map(|&feature| {
            let of = walk.incidence.feature(feature);
            let (mut inside, mut all) = (0u64, 0u64);
            for cell in walk.incidence.cells(feature) {
                all += 1;
                inside += u64::from(group.has(cell.account));
            }
            SharedFeature {
                kind: of.kind.name().to_owned(),
                feature: format!("{:016x}", of.hash),
                accounts_seen: inside,
                accounts_expected: (all - inside) as f64 / others * group.carriers.len() as f64,
                accounts_platform: all,
            }
        })
        .collect();
    let surprise = |of: &SharedFeature| {
        of.accounts_seen as f64 * ((of.accounts_seen as f64 + 0.5) / (of.accounts_expected + 0.5)).ln()
    };
    shared.sort_by(|one, two| surprise(two).total_cmp(&surprise(one)).then_with(|| one.feature.cmp(&two.feature)));
    shared.truncate(SHARED_MAX);
    shared
}

fn timeline(listed: &[(u32, Standing)], walk: &Walk<'_>, history: &History) -> Vec<DayCount> {
    let mut days: Vec<DayCount> = (0..walk.population.days())
        .map(|day| DayCount {
            start: Timestamp(history.origin.0 + i64::from(day) * Timestamp::DAY),
            campaign: 0,
            platform: walk.population.rows_of_day(day).map(|(_, row)| row.profile.exchanges).sum(),
            accounts: 0,
            flagged: listed.iter().filter(|(_, standing)| standing.flagged.is_some_and(|(at, _)| at <= day)).count()
                as u64,
        })
        .collect();
    for (account, _) in listed {
        for row in walk.population.days_of(*account) {
            let day = &mut days[row.day as usize];
            day.campaign += row.profile.exchanges;
            day.accounts += 1;
        }
    }
    days
}

fn hours(accounts: impl Iterator<Item = u32>, walk: &Walk<'_>) -> Vec<u64> {
    let mut hours = vec![0; HOURS];
    for account in accounts {
        for (sum, count) in hours.iter_mut().zip(walk.population.behaviour(account).hours) {
            *sum += count;
        }
    }
    hours
}
