//! Common origins: payments, devices and networks that the accounts share with each other.
//!
//! Which payment or network it is cannot matter: only equality is looked at, and how often it comes by chance is taken
//! from all customers.

use std::collections::BTreeMap;

use stillwatch_feature::kind::Kind;
use stillwatch_stats::poisson;

use super::{Signal, count, percent};
use crate::campaign::{OriginCount, Question};
use crate::group::Group;
use crate::incidence::Incidence;
use crate::population::{AccountIndex, Population};

/// Least share of the accounts that share with another one for the signal to be large.
const SHARING_MIN: f64 = 0.3;
/// Least excess of pairs over what chance gives.
const PAIRS_LIFT_MIN: f64 = 5.0;
/// Accounts whose value must be known.
const KNOWN_MIN: u64 = 5;

/// One kind of origin: the value of each account, by account.
#[derive(Debug, Clone)]
pub struct Origins {
    kind: &'static str,
    values: Vec<Option<u64>>,
    /// Probability that two customers share it.
    pair_rate: f64,
}

/// The origins of all accounts up to now.
pub fn origins(population: &Population<'_>, incidence: &Incidence, origin: i64) -> Vec<Origins> {
    let all = || (0..population.len() as u32).map(|account| population.facts(account));
    let hour = stillwatch_traffic::exchange::Timestamp::HOUR;
    let kinds = [
        ("payment", all().map(|facts| facts.payment.map(u64::from)).collect()),
        ("sign-up device", all().map(|facts| facts.device.map(u64::from)).collect()),
        (
            "hour of sign-up",
            all().map(|facts| facts.created.map(|time| (time - origin).div_euclid(hour) as u64)).collect(),
        ),
        ("network", networks(population, incidence)),
    ];
    kinds.into_iter().map(|(kind, values)| Origins::new(kind, values, population)).collect()
}

/// The network that each account uses most, where it is shared at all; other accounts get one of their own.
fn networks(population: &Population<'_>, incidence: &Incidence) -> Vec<Option<u64>> {
    let mut best: Vec<Option<(u32, u64)>> = vec![None; population.len()];
    for feature in 0..incidence.len() as u32 {
        if incidence.feature(feature).kind != Kind::Network {
            continue;
        }
        for cell in incidence.cells(feature) {
            let slot = &mut best[cell.account as usize];
            if slot.is_none_or(|(count, _)| cell.count > count) {
                *slot = Some((cell.count, u64::from(feature)));
            }
        }
    }
    let own = |account: usize| u64::MAX - account as u64;
    best.into_iter()
        .enumerate()
        .map(|(account, best)| Some(best.map_or(own(account), |(_, feature)| feature)))
        .collect()
}

impl Origins {
    fn new(kind: &'static str, values: Vec<Option<u64>>, population: &Population<'_>) -> Self {
        let active = population.active().filter_map(|account| values[account as usize]);
        let (known, pairs, _) = pairs(active);
        let pair_rate = if known < 2 { 0.0 } else { 2.0 * pairs as f64 / (known as f64 * (known - 1) as f64) };
        Self { kind, values, pair_rate }
    }

    fn of(&self, group: &Group) -> impl Iterator<Item = u64> {
        group.accounts().filter_map(|account: AccountIndex| self.values[account as usize])
    }

    /// How many distinct origins a group has, and as many unrelated customers would.
    pub fn count(&self, group: &Group) -> OriginCount {
        let (known, _, distinct) = pairs(self.of(group));
        let pairs = known as f64 * known.saturating_sub(1) as f64 / 2.0 * self.pair_rate;
        OriginCount {
            kind: self.kind.to_owned(),
            accounts: known,
            distinct,
            distinct_expected: (known as f64 - pairs).max(known.min(1) as f64),
        }
    }

    /// Whether the group's accounts share this kind of origin beyond chance.
    pub fn signal(&self, group: &Group) -> Signal {
        let (known, found, distinct) = pairs(self.of(group));
        let expected = known as f64 * known.saturating_sub(1) as f64 / 2.0 * self.pair_rate;
        let sharing = sharing(self.of(group));
        let enough = known >= KNOWN_MIN && 2 * known >= group.carriers.len() as u64;
        Signal {
            name: match self.kind {
                "payment" => "shared payments",
                "sign-up device" => "shared devices",
                "hour of sign-up" => "sign-up bursts",
                _ => "shared networks",
            },
            question: Question::Coordination,
            null: "the accounts share this origin as often as any customers do",
            ln_p: if enough && found > 0 { poisson::ln_at_least(found, expected.max(0.5)) } else { 0.0 },
            effect: sharing,
            expected: (expected / known.max(1) as f64 * 2.0).min(1.0),
            large: enough && sharing >= SHARING_MIN && found as f64 >= PAIRS_LIFT_MIN * expected,
            sentence: format!(
                "{} accounts with a known {} have {} different ones; {} share theirs with another account of the group ({} pairs, {expected:.1} expected of unrelated customers).",
                count(known),
                self.kind,
                count(distinct),
                percent(sharing),
                count(found)
            ),
            clears: "origins as independent as those of other customers",
        }
    }
}

/// Known values, pairs that agree, distinct values.
fn pairs(values: impl Iterator<Item = u64>) -> (u64, u64, u64) {
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let known = counts.values().sum();
    let pairs = counts.values().map(|&count| count * (count - 1) / 2).sum();
    (known, pairs, counts.len() as u64)
}

/// Share of values that occur more than once.
fn sharing(values: impl Iterator<Item = u64>) -> f64 {
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let known: u64 = counts.values().sum();
    let shared: u64 = counts.values().filter(|&&count| count > 1).sum();
    shared as f64 / known.max(1) as f64
}
