//! A candidate group: accounts with the part of their traffic that carries what they share.
//!
//! An account may carry a campaign beside traffic of its own, so every question is asked of the sub-stream with the
//! shared features, not of the account.

use std::collections::{BTreeMap, BTreeSet};

use stillwatch_feature::kind::Kind;

use crate::findings::Parameters;
use crate::incidence::{FeatureIndex, Incidence};
use crate::link::Thread;
use crate::population::{AccountIndex, Population};

/// A member has a feature at least this much as often as all but a tenth of the members do …
const LACKING_RATE: f64 = 0.9;
/// … and is none when lacking it would have a smaller probability than this (as a logarithm: 1e-4).
const LACKING_LN_MAX: f64 = -9.21;

/// An account's sub-stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carrier {
    /// The account.
    pub account: AccountIndex,
    /// Exchanges that carry the shared features, at least.
    pub carried: u32,
    /// Those of them that are a later turn.
    pub followups: u32,
    /// Hours of the day in which they came, one bit each.
    pub hours: u32,
}

impl Carrier {
    /// Share of the sub-stream that is a later turn: from the sub-stream where turns are logged, else from all traffic
    /// of the account; none when unknown.
    pub fn talk_share(&self, population: &Population<'_>) -> Option<f64> {
        let behaviour = population.behaviour(self.account);
        if behaviour.turns_logged > 0 {
            return Some(f64::from(self.followups) / f64::from(self.carried.max(1)));
        }
        behaviour.talk_share()
    }
}

/// A candidate group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What is shared, in order.
    pub features: Vec<FeatureIndex>,
    /// Who shares it, by account.
    pub carriers: Vec<Carrier>,
}

impl Group {
    /// Follows a thread into the accounts; none when too few of them carry it.
    pub fn of_thread(
        thread: &Thread,
        population: &Population<'_>,
        incidence: &Incidence,
        parameters: &Parameters,
    ) -> Option<Self> {
        let mut carriers = if thread.features.is_empty() {
            thread.accounts.iter().map(|&account| whole(account, population)).collect()
        } else {
            faithful(carriers(&thread.features, incidence), &thread.features, incidence)
        };
        carriers.retain(|carrier| {
            let exchanges = population.behaviour(carrier.account).exchanges as f64;
            carrier.carried >= parameters.exchanges_min
                && f64::from(carrier.carried) >= parameters.share_min * exchanges
        });
        let group = Self { features: thread.features.clone(), carriers };
        (group.units(population) >= parameters.accounts_min).then_some(group)
    }

    /// Different customers among the accounts.
    pub fn units(&self, population: &Population<'_>) -> usize {
        let mut units: Vec<u32> = self.carriers.iter().map(|carrier| population.facts(carrier.account).unit).collect();
        units.sort_unstable();
        units.dedup();
        units.len()
    }

    /// Exchanges that carry the shared features.
    pub fn carried(&self) -> u64 {
        self.carriers.iter().map(|carrier| u64::from(carrier.carried)).sum()
    }

    /// The accounts.
    pub fn accounts(&self) -> impl Iterator<Item = AccountIndex> {
        self.carriers.iter().map(|carrier| carrier.account)
    }

    /// Whether an account is in it.
    pub fn has(&self, account: AccountIndex) -> bool {
        self.carriers.binary_search_by_key(&account, |carrier| carrier.account).is_ok()
    }
}

/// All traffic of an account: what links it is not in the text.
fn whole(account: AccountIndex, population: &Population<'_>) -> Carrier {
    let behaviour = population.behaviour(account);
    let hours = behaviour.hours.iter().enumerate().filter(|(_, count)| **count > 0);
    Carrier {
        account,
        carried: u32::try_from(behaviour.exchanges).unwrap_or(u32::MAX),
        followups: u32::try_from(behaviour.followups).unwrap_or(u32::MAX),
        hours: hours.fold(0, |mask, (hour, _)| mask | 1 << hour),
    }
}

/// Leaves out accounts that share a phrase and not the template: they carry far fewer of the features than the others
/// do, or never one that practically all others have time and again.
fn faithful(mut carriers: Vec<Carrier>, features: &[FeatureIndex], incidence: &Incidence) -> Vec<Carrier> {
    let mut carried: BTreeMap<AccountIndex, usize> = BTreeMap::new();
    for &feature in features {
        for cell in incidence.cells(feature) {
            *carried.entry(cell.account).or_default() += 1;
        }
    }
    let mut counts: Vec<usize> = carried.values().copied().collect();
    counts.sort_unstable();
    let usual = counts.get(counts.len() * 3 / 4).copied().unwrap_or(0);
    carriers.retain(|carrier| 3 * carried.get(&carrier.account).copied().unwrap_or(0) >= usual);
    let strangers = strangers(&carriers, features, incidence);
    carriers.retain(|carrier| !strangers.contains(&carrier.account));
    carriers
}

/// Accounts that lack a feature which a member of so many exchanges would not lack.
fn strangers(carriers: &[Carrier], features: &[FeatureIndex], incidence: &Incidence) -> BTreeSet<AccountIndex> {
    let mut strangers = BTreeSet::new();
    for &feature in features {
        let counts: BTreeMap<AccountIndex, u32> =
            incidence.cells(feature).map(|cell| (cell.account, cell.count)).collect();
        let count = |carrier: &Carrier| counts.get(&carrier.account).copied().unwrap_or(0);
        let mut rates: Vec<f64> =
            carriers.iter().map(|carrier| f64::from(count(carrier)) / f64::from(carrier.carried.max(1))).collect();
        rates.sort_unstable_by(f64::total_cmp);
        let usual = rates.get(rates.len() / 10).copied().unwrap_or(0.0).min(1.0);
        let lacks = |carrier: &&Carrier| {
            count(carrier) == 0 && f64::from(carrier.carried) * (-LACKING_RATE * usual).ln_1p() < LACKING_LN_MAX
        };
        strangers.extend(carriers.iter().filter(lacks).map(|carrier| carrier.account));
    }
    strangers
}

/// Per account the largest count that one kind of feature supports: kinds of which an exchange has at most one add up,
/// of the others the most frequent feature counts.
fn carriers(features: &[FeatureIndex], incidence: &Incidence) -> Vec<Carrier> {
    let mut by_kind: BTreeMap<(AccountIndex, Kind), Carrier> = BTreeMap::new();
    for &feature in features {
        let kind = incidence.feature(feature).kind;
        for cell in incidence.cells(feature) {
            let none = Carrier { account: cell.account, carried: 0, followups: 0, hours: 0 };
            let carrier = by_kind.entry((cell.account, kind)).or_insert(none);
            carrier.hours |= cell.hours;
            if kind.is_exclusive() {
                carrier.carried += cell.count;
                carrier.followups += cell.followups;
            } else if cell.count > carrier.carried {
                carrier.carried = cell.count;
                carrier.followups = cell.followups;
            }
        }
    }
    let mut carriers: Vec<Carrier> = Vec::new();
    for ((account, _), of_kind) in by_kind {
        match carriers.last_mut() {
            Some(last) if last.account == account => {
                let hours = last.hours | of_kind.hours;
                if of_kind.carried > last.carried {
                    *last = of_kind;
                }
                last.hours = hours;
            }
            _ => carriers.push(of_kind),
        }
    }
    carriers
}
