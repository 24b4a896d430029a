//! What was found, in plain sentences.
//!
//! The page and the terminal say the same thing because both take their words from here. Invariant: every sentence is
//! built from numbers and sentences of the findings; nothing is concluded here.

use std::collections::BTreeMap;

use stillwatch_detect::campaign::{Campaign, Evidence, Grade, Question, Verdict};
use stillwatch_traffic::exchange::Timestamp;

use crate::number::{cost, count, count_of, day, decimal, percent};
use crate::summary::Summary;
use crate::text::{name, sentence};

/// Counted sentences told of each question; the rest stand in the table of evidence.
const SENTENCES_TOLD: usize = 2;

/// Two sentences: what was found, or that nothing was and what that means.
pub fn headline(summary: &Summary, campaigns: &[Campaign]) -> String {
    let read = format!("{} and {}", count_of(summary.accounts, "account"), count_of(summary.exchanges, "exchange"));
    if summary.exchanges == 0 {
        return "No exchange could be read. Nothing can be said about this platform, neither good nor bad.".to_string();
    }
    if campaigns.is_empty() {
        return format!(
            "Stillwatch found no campaign among {read}. That means no group of accounts showed, beyond chance, both \
             that one operator works it and that it harvests training data; it does not mean that nobody harvests, \
             because of the blind spots named below."
        );
    }
    let (accounts, exchanges) = totals(campaigns);
    let groups = match campaigns.len() {
        1 => "one campaign: a group".to_string(),
        several => format!("{} campaigns: groups", count(several as u64)),
    };
    let rest = summary.accounts.saturating_sub(accounts);
    let mut text = format!(
        "Stillwatch found {groups} of linked accounts with evidence of harvesting training data, together {} and {} \
         ({} of all that were read). The other {} left alone",
        count_of(accounts, "account"),
        count_of(exchanges, "exchange"),
        percent(exchanges, summary.exchanges),
        if rest == 1 { "account was".to_string() } else { format!("{} were", count_of(rest, "account")) },
    );
    let held = campaigns.iter().filter(|campaign| campaign.verdict <= Verdict::Watch).count() as u64;
    if held > 0 {
        text.push_str(&format!("; for {} nothing more than watching is asked", count_of(held, "campaign")));
    }
    text.push('.');
    text
}

/// Accounts of all campaigns and their exchanges, an account of several campaigns counted once.
fn totals(campaigns: &[Campaign]) -> (u64, u64) {
    let mut exchanges: BTreeMap<&str, u64> = BTreeMap::new();
    for member in campaigns.iter().flat_map(|campaign| &campaign.accounts) {
        let most = exchanges.entry(&member.account).or_default();
        *most = (*most).max(member.exchanges_all);
    }
    (exchanges.len() as u64, exchanges.values().sum())
}

/// The campaign in one paragraph, sentence by sentence.
pub fn paragraph(campaign: &Campaign) -> Vec<String> {
    let mut sentences = vec![activity(campaign), aim(campaign)];
    for (question, lead) in
        [(Question::Purpose, "Signs that it harvests: "), (Question::Coordination, "Signs that one operator runs it: ")]
    {
        let told = campaign.evidence.iter().filter(|evidence| evidence.counted && evidence.question == question);
        let told = told.take(SENTENCES_TOLD).map(|evidence| closed(&evidence.sentence)).collect::<Vec<_>>().join(" ");
        if !told.is_empty() {
            sentences.push(format!("{lead}{told}"));
        }
    }
    sentences.push(format!(
        "Stillwatch puts the probability that this is one harvesting operation at {} in 100 ({}).",
        campaign.confidence,
        grade(campaign.grade)
    ));
    sentences.push(request(campaign));
    sentences.extend(campaign.held_back.as_ref().map(|reason| closed(reason)));
    sentences
}

fn activity(campaign: &Campaign) -> String {
    let mut text = format!(
        "{} sent {} {}",
        count_of(campaign.accounts.len() as u64, "account"),
        count_of(campaign.exchanges, "exchange"),
        period(campaign.first_seen, campaign.last_seen)
    );
    let account_days: u64 = campaign.timeline.iter().map(|day| day.accounts).sum();
    if account_days > 0 {
        let exchanges: u64 = campaign.timeline.iter().map(|day| day.campaign).sum();
        let rate = exchanges as f64 / account_days as f64;
        text.push_str(&format!(", about {} a day from each account that was active", decimal(rate.round().max(1.0))));
    }
    text.push('.');
    text
}

fn aim(campaign: &Campaign) -> String {
    match (targets(campaign), techniques(campaign)) {
        (Some(targets), Some(techniques)) => format!("What was taken: {targets}. How: {techniques}."),
        (Some(targets), None) => format!("What was taken: {targets}. How is not known."),
        (None, Some(techniques)) => format!("How: {techniques}. What kind of answers was wanted is not known."),
        (None, None) => "Neither what was wanted nor how it was done has a name yet.".to_string(),
    }
}

/// What the campaign asks the lab to do.
fn request(campaign: &Campaign) -> String {
    let wishes: Vec<String> = [
        (Verdict::Block, "block"),
        (Verdict::Throttle, "throttle"),
        (Verdict::Challenge, "challenge"),
        (Verdict::Watch, "only watch"),
        (Verdict::Allow, "do nothing about"),
    ]
    .into_iter()
    .map(|(verdict, wish)| (campaign.accounts.iter().filter(|member| member.verdict == verdict).count() as u64, wish))
    .filter(|(members, _)| *members > 0)
    .map(|(members, wish)| format!("{wish} {}", count_of(members, "account")))
    .collect();
    if wishes.is_empty() {
        return "No account stands in it.".to_string();
    }
    format!("What is advised: {}.", listed(&wishes))
}

/// Kinds of capability taken.
pub fn targets(campaign: &Campaign) -> Option<String> {
    let names: Vec<String> = campaign.targets.iter().map(|target| name(target)).collect();
    (!names.is_empty()).then(|| listed(&names))
}

/// Techniques by our own names.
pub fn techniques(campaign: &Campaign) -> Option<String> {
    let names: Vec<String> = campaign.techniques.iter().map(|technique| name(&technique.name)).collect();
    (!names.is_empty()).then(|| listed(&names))
}

/// The cost range, or the output tokens where no prices were given.
pub fn worth(campaign: &Campaign) -> String {
    match (&campaign.impact.cost, campaign.impact.output_tokens) {
        (Some(range), _) => cost(range),
        (None, tokens @ 1_000_000..) => format!("{} M output tokens", decimal(tokens as f64 / 1e6)),
        (None, 0) => "tokens not logged".to_owned(),
        (None, tokens) => count_of(tokens, "output token"),
    }
}

/// Days on which the campaign was active.
pub fn days_active(campaign: &Campaign) -> u64 {
    match campaign.timeline.iter().filter(|day| day.campaign > 0).count() as u64 {
        0 => 1 + (campaign.last_seen.0.saturating_sub(campaign.first_seen.0) / Timestamp::DAY).unsigned_abs(),
        days => days,
    }
}

/// When the first account, and half of the accounts that were ever flagged, had been flagged; and how many were.
pub fn flag_times(campaign: &Campaign) -> Option<(Timestamp, Timestamp, u64)> {
    let mut times: Vec<Timestamp> = campaign.accounts.iter().filter_map(|member| member.flagged_at).collect();
    times.sort_unstable();
    let half = *times.get(times.len().saturating_sub(1) / 2)?;
    Some((*times.first()?, half, times.len() as u64))
}

/// `between 3 June 2026 and 29 June 2026`, or `on 3 June 2026`.
pub fn period(from: Timestamp, to: Timestamp) -> String {
    if day(from) == day(to) { format!("on {}", day(from)) } else { format!("between {} and {}", day(from), day(to)) }
}

/// The question a piece of evidence answers, in two or three words.
pub fn question(question: Question) -> &'static str {
    match question {
        Question::Purpose => "Harvesting?",
        Question::Coordination => "One operator?",
    }
}

/// What a grade means.
pub fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Observed => "observed: seen in the rows themselves",
        Grade::Inferred => "inferred: concluded by tests with a stated null hypothesis",
    }
}

/// The verdict as one word.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allow => "allow",
        Verdict::Watch => "watch",
        Verdict::Challenge => "challenge",
        Verdict::Throttle => "throttle",
        Verdict::Block => "block",
    }
}

/// Evidence in the order in which it is told: purpose first, what counted first.
pub fn evidence_ordered(campaign: &Campaign) -> Vec<&Evidence> {
    let mut evidence: Vec<&Evidence> = campaign.evidence.iter().collect();
    evidence.sort_by_key(|evidence| (evidence.question != Question::Purpose, !evidence.counted));
    evidence
}

/// A sentence with its capital letter and its full stop; a first word that may be a name stays as it is.
pub fn closed(text: &str) -> String {
    let mut text = sentence(text);
    let first = text.split(' ').next().unwrap_or_default();
    if !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_lowercase()) {
        text[..1].make_ascii_uppercase();
    }
    if text.is_empty() || text.ends_with(['.', '!', '?', '…', ')']) { text } else { format!("{text}.") }
}

fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_like_prose() {
        let check = |items: &[&str], expect: &str| {
            assert_eq!(listed(&items.iter().map(|item| item.to_string()).collect::<Vec<_>>()), expect);
        };
        check(&[], "");
        check(&["a"], "a");
        check(&["a", "b"], "a and b");
        check(&["a", "b", "c"], "a, b and c");
    }

    #[test]
    fn sentences_end() {
        let check = |given: &str, expect: &str| assert_eq!(closed(given), expect);
        check("Each item was asked once", "Each item was asked once.");
        check("Done. ", "Done.");
        check("any one of them", "Any one of them.");
        check("acct-1 asked twice", "acct-1 asked twice.");
        check("äpfel", "äpfel.");
        check("", "");
    }

    #[test]
    fn an_empty_scan_says_nothing_about_the_platform() {
        assert!(headline(&Summary::default(), &[]).starts_with("No exchange could be read."));
    }
}
