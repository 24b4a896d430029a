//! Finds groups of accounts from the features' side.
//!
//! A threshold on pairs of accounts stands on a knife edge when accounts are thin, and a dense subgraph of accounts is
//! mostly innocent; a rare text in many accounts is neither. Features whose habitual users are nearly the same
//! accounts are one *thread* (the windows of one template, or its variants); the accounts that carry it are a
//! candidate group. Being linked convicts nobody: see `signal`.
//!
//! Invariant: the outcome depends on which accounts share what and on nothing else: the order in which features are
//! taken is by number of accounts, then by who they are, and a hash breaks ties only between features of the very
//! same accounts. So renaming networks or changing the key links the same accounts.

use std::collections::BTreeMap;

use stillwatch_feature::kind::Kind;

use crate::findings::Parameters;
use crate::incidence::{FeatureIndex, Incidence};
use crate::population::{AccountIndex, Population};

/// Least share of an account's exchanges for a single feature to be a habit: a template in two dozen variants still is.
const HABIT_SHARE_MIN: f64 = 0.03;
/// Least exchanges for a habit.
const HABIT_COUNT_MIN: u32 = 2;
/// Two features belong to one thread when their users overlap this much (intersection over union).
const SAME_JACCARD_MIN: f64 = 0.4;
/// Two threads are one when the smaller's users are in the larger this much …
const WITHIN_MIN: f64 = 0.6;
/// … and the larger is at most so many times the smaller.
const SIZES_RATIO_MAX: usize = 3;
/// … and they overlap so many times more than at random.
const LIFT_MIN: f64 = 3.0;

/// Features that the same accounts share habitually.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The features, in order.
    pub features: Vec<FeatureIndex>,
    /// Accounts with the habit, in order.
    pub accounts: Vec<AccountIndex>,
}

/// The threads of text and of signatures up to now, the largest first.
pub fn threads(population: &Population<'_>, incidence: &Incidence, parameters: &Parameters) -> Vec<Thread> {
    let mut habits = habits(population, incidence, parameters);
    habits.sort_by(|one, two| {
        let order = two.1.len().cmp(&one.1.len()).then_with(|| one.1.cmp(&two.1));
        order.then_with(|| incidence.feature(one.0).cmp(&incidence.feature(two.0)))
    });
    joined(gathered(population, habits), population)
}

/// Each linking feature with its habitual users, where they are enough.
fn habits(
    population: &Population<'_>,
    incidence: &Incidence,
    parameters: &Parameters,
) -> Vec<(FeatureIndex, Vec<AccountIndex>)> {
    let mut habits = Vec::new();
    for feature in 0..incidence.len() as u32 {
        let kind = incidence.feature(feature).kind;
        if !kind.is_text() || kind == Kind::Prompt {
            continue;
        }
        let accounts: Vec<AccountIndex> = incidence
            .cells(feature)
            .filter(|cell| {
                let exchanges = population.behaviour(cell.account).exchanges as f64;
                cell.count >= HABIT_COUNT_MIN && f64::from(cell.count) >= HABIT_SHARE_MIN * exchanges
            })
            .map(|cell| cell.account)
            .collect();
        if accounts.len() >= parameters.accounts_min {
            habits.push((feature, accounts));
        }
    }
    habits
}

/// Takes features in order; each joins the thread whose users it resembles most, or starts one.
fn gathered(population: &Population<'_>, habits: Vec<(FeatureIndex, Vec<AccountIndex>)>) -> Vec<Thread> {
    let mut threads: Vec<Thread> = Vec::new();
    let mut threads_of: Vec<Vec<u32>> = vec![Vec::new(); population.len()];
    let mut overlaps: Vec<usize> = Vec::new();
    for (feature, accounts) in habits {
        overlaps.clear();
        overlaps.resize(threads.len(), 0);
        for &account in &accounts {
            for &thread in &threads_of[account as usize] {
                overlaps[thread as usize] += 1;
            }
        }
        let best = overlaps.iter().enumerate().map(|(thread, &overlap)| {
            let union = threads[thread].accounts.len() + accounts.len() - overlap;
            (overlap as f64 / union as f64, thread)
        });
        let best = best.max_by(|one, two| one.0.total_cmp(&two.0).then(two.1.cmp(&one.1)));
        match best {
            Some((jaccard, thread)) if jaccard >= SAME_JACCARD_MIN => threads[thread].features.push(feature),
            _ => {
                for &account in &accounts {
                    threads_of[account as usize].push(threads.len() as u32);
                }
                threads.push(Thread { features: vec![feature], accounts });
            }
        }
    }
    threads
}

/// Joins threads whose users overlap: variants of one template, or several templates of one pool.
fn joined(threads: Vec<Thread>, population: &Population<'_>) -> Vec<Thread> {
    let mut overlaps: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut threads_of: Vec<Vec<usize>> = vec![Vec::new(); population.len()];
    for (index, thread) in threads.iter().enumerate() {
        for &account in &thread.accounts {
            for &other in &threads_of[account as usize] {
                *overlaps.entry((other, index)).or_default() += 1;
            }
            threads_of[account as usize].push(index);
        }
    }
    let everyone = population.active().count() as f64;
    let mut leader: Vec<usize> = (0..threads.len()).collect();
    for ((larger, smaller), overlap) in overlaps {
        let (many, few) = (threads[larger].accounts.len(), threads[smaller].accounts.len());
        let lift = overlap as f64 * everyone / (many as f64 * few as f64);
        let within = overlap as f64 >= WITHIN_MIN * few as f64;
        if within && many <= SIZES_RATIO_MAX * few && lift >= LIFT_MIN {
            let (one, two) = (root(&leader, larger), root(&leader, smaller));
            let (first, second) = (one.min(two), one.max(two));
            leader[second] = first;
        }
    }
    let mut groups: BTreeMap<usize, Thread> = BTreeMap::new();
    for (index, thread) in threads.into_iter().enumerate() {
        let group = groups.entry(root(&leader, index)).or_insert_with(|| Thread { features: vec![], accounts: vec![] });
        group.features.extend(thread.features);
        group.accounts.extend(thread.accounts);
    }
    let mut threads: Vec<Thread> = groups.into_values().collect();
    for thread in &mut threads {
        thread.features.sort_unstable();
        thread.accounts.sort_unstable();
        thread.accounts.dedup();
    }
    threads
        .sort_by(|one, two| two.accounts.len().cmp(&one.accounts.len()).then_with(|| one.accounts.cmp(&two.accounts)));
    threads
}

fn root(leader: &[usize], mut index: usize) -> usize {
    while leader[index] != index {
        index = leader[index];
    }
    index
}
