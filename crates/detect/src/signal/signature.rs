//! Signature replay: a reasoning block of one account handed back in another.

use std::collections::BTreeMap;

use stillwatch_feature::kind::Kind;
use stillwatch_stats::binomial;

use super::{Signal, count, percent};
use crate::campaign::Question;
use crate::group::Group;
use crate::population::Population;

/// The null: at most this share of signatures leaves its customer by accident (a migrated key, a shared transcript).
const LEAK_RATE: f64 = 0.01;
/// Least share, and least number, for the signal to be large.
const SHARE_MIN: f64 = 0.05;
const SHARED_MIN: u64 = 5;

/// Whether signatures travel between the group's customers; none where the group has no signature.
pub fn replay(group: &Group, population: &Population<'_>) -> Option<Signal> {
    let mut units: BTreeMap<u64, (u32, bool)> = BTreeMap::new();
    for account in group.accounts() {
        let unit = population.facts(account).unit;
        for row in population.days_of(account) {
            for entry in row.profile.features.settled().iter().filter(|entry| entry.feature.kind == Kind::Signature) {
                let seen = units.entry(entry.feature.hash).or_insert((unit, false));
                seen.1 |= seen.0 != unit;
            }
        }
    }
    if units.is_empty() {
        return None;
    }
    let all = units.len() as u64;
    let shared = units.values().filter(|&&(_, shared)| shared).count() as u64;
    let share = shared as f64 / all as f64;
    Some(Signal {
        name: "signature replay",
        question: Question::Purpose,
        null: "a reasoning signature stays with the customer who received it, but for one in a hundred",
        ln_p: binomial::ln_at_least(shared, all, LEAK_RATE),
        effect: share,
        expected: LEAK_RATE,
        large: shared >= SHARED_MIN && share >= SHARE_MIN,
        sentence: format!(
            "{} of {} reasoning signatures ({}) were handed back by accounts of different customers.",
            count(shared),
            count(all),
            percent(share)
        ),
        clears: "one customer behind the accounts that share signatures",
    })
}
