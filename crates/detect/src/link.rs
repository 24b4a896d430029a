//! Finds groups of accounts from the features' side.
//!
//! A threshold on pairs of accounts stands on a knife edge when accounts are thin, and a dense subgraph of accounts is
//! mostly innocent; a rare text in many accounts is neither. Features whose habitual users are the same accounts are
//! one *thread* (the windows of one template). A thread that falls apart into narrower ones is common property (a
//! phrase that several templates use) and is left out; threads whose users overlap both ways are variants of one
//! template and are joined. Accounts that share payments, devices or signatures are threads too, without text.
//! Being linked convicts nobody: see `signal`.
//!
//! Invariant: the outcome depends on which accounts share what and on nothing else: the order in which features are
//! taken is by number of accounts, then by who they are, and a hash breaks ties only between features of the very
//! same accounts. So renaming networks or changing the key links the same accounts.

use std::collections::BTreeMap;

use stillwatch_feature::kind::Kind;
use stillwatch_stats::poisson;

use crate::findings::Parameters;
use crate::incidence::{FeatureIndex, Incidence};
use crate::population::{AccountIndex, Population};

/// Least share of an account's exchanges for a single feature to be a habit: a template in two dozen variants still is.
const HABIT_SHARE_MIN: f64 = 0.03;
/// Least exchanges for a habit.
const HABIT_COUNT_MIN: u32 = 2;
/// Two features belong to one thread when their users overlap this much (intersection over union).
const SAME_JACCARD_MIN: f64 = 0.7;
/// Two threads are variants of one when this share of either's users is in the other …
const BOTH_WAYS_MIN: f64 = 0.5;
/// … and they overlap so many times more than at random.
const LIFT_MIN: f64 = 3.0;
/// A thread is common property when others lie inside it this much and together cover this much of it …
const INSIDE_MIN: f64 = 0.8;
/// … and two of them keep apart: they have at most this share of the accounts in common that chance would give …
const APART_MAX: f64 = 0.25;
/// … which of all pairs that could be compared none would do by chance, but for this probability. Without that the
/// slots of a template, which each account fills with some of many, would look like narrower templates.
const APART_LEVEL: f64 = 1e-3;
/// Accounts that share a payment or a device before the value is a placeholder, as a share of all accounts.
const ORIGIN_SHARE_MAX: f64 = 0.05;
/// The same in accounts, for small platforms.
const ORIGIN_ACCOUNTS_MAX: usize = 100;

/// Features that the same accounts share habitually.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    joined(specific(gathered(population, habits), population), population)
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

/// How many accounts each pair of threads has in common.
fn overlaps(threads: &[Thread], population: &Population<'_>) -> BTreeMap<(usize, usize), usize> {
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
    overlaps
}

/// Leaves out threads that are common property of narrower ones. Threads come largest first.
fn specific(threads: Vec<Thread>, population: &Population<'_>) -> Vec<Thread> {
    let overlaps = overlaps(&threads, population);
    let size = |index: usize| threads[index].accounts.len() as f64;
    let between = |one: usize, two: usize| overlaps.get(&(one.min(two), one.max(two))).map_or(0.0, |&both| both as f64);
    let mut inside: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (&(larger, smaller), &overlap) in &overlaps {
        if overlap as f64 >= INSIDE_MIN * size(smaller) && size(smaller) < INSIDE_MIN * size(larger) {
            inside.entry(larger).or_default().push(smaller);
        }
    }
    let apart = |whole: usize, one: usize, two: usize, pairs: f64| {
        let expected = size(one) * size(two) / size(whole);
        let both = between(one, two);
        both <= APART_MAX * expected && poisson::ln_at_most(both as u64, expected) <= (APART_LEVEL / pairs).ln()
    };
    let common = |index: usize| {
        let Some(parts) = inside.get(&index) else { return false };
        let mut covered: Vec<AccountIndex> =
            parts.iter().flat_map(|&part| threads[part].accounts.iter().copied()).collect();
        covered.sort_unstable();
        covered.dedup();
        let pairs = parts.len() as f64 * (parts.len() as f64 - 1.0) / 2.0;
        let two_apart = || parts.iter().any(|&one| parts.iter().any(|&two| one < two && apart(index, one, two, pairs)));
        covered.len() as f64 >= INSIDE_MIN * size(index) && two_apart()
    };
    let keep: Vec<bool> = (0..threads.len()).map(|index| !common(index)).collect();
    threads.into_iter().zip(keep).filter_map(|(thread, keep)| keep.then_some(thread)).collect()
}

/// Joins threads whose users overlap both ways: variants of one template, or several templates of one pool.
fn joined(threads: Vec<Thread>, population: &Population<'_>) -> Vec<Thread> {
    let everyone = population.active().count() as f64;
    let mut leaders = Leaders::new(threads.len());
    for ((larger, smaller), overlap) in overlaps(&threads, population) {
        let (many, few) = (threads[larger].accounts.len() as f64, threads[smaller].accounts.len() as f64);
        let overlap = overlap as f64;
        if overlap >= BOTH_WAYS_MIN * many.max(few) && overlap * everyone >= LIFT_MIN * many * few {
            leaders.join(larger, smaller);
        }
    }
    let mut groups: BTreeMap<usize, Thread> = BTreeMap::new();
    for (index, thread) in threads.into_iter().enumerate() {
        let group = groups.entry(leaders.of(index)).or_default();
        group.features.extend(thread.features);
        group.accounts.extend(thread.accounts);
    }
    sorted(groups.into_values().collect())
}

/// Accounts that hang together by payments, devices or reasoning signatures: threads without text, largest first.
/// A value that a large part of all accounts has is a placeholder and links nobody.
pub fn by_origin(population: &Population<'_>, incidence: &Incidence, parameters: &Parameters) -> Vec<Thread> {
    let mut sharing: BTreeMap<(u8, u64), Vec<AccountIndex>> = BTreeMap::new();
    for account in population.active() {
        let facts = population.facts(account);
        for (kind, value) in [(0, facts.payment), (1, facts.device)] {
            if let Some(value) = value {
                sharing.entry((kind, u64::from(value))).or_default().push(account);
            }
        }
    }
    for feature in 0..incidence.len() as u32 {
        if incidence.feature(feature).kind == Kind::Signature {
            let accounts = incidence.cells(feature).map(|cell| cell.account).collect();
            sharing.insert((2, u64::from(feature)), accounts);
        }
    }
    let most = ORIGIN_ACCOUNTS_MAX.max((ORIGIN_SHARE_MAX * population.active().count() as f64) as usize);
    let mut leaders = Leaders::new(population.len());
    for accounts in sharing.values().filter(|accounts| accounts.len() <= most) {
        for pair in accounts.windows(2) {
            leaders.join(pair[0] as usize, pair[1] as usize);
        }
    }
    let mut groups: BTreeMap<usize, Thread> = BTreeMap::new();
    for account in population.active() {
        groups.entry(leaders.of(account as usize)).or_default().accounts.push(account);
    }
    groups.retain(|_, thread| thread.accounts.len() >= parameters.accounts_min);
    sorted(groups.into_values().collect())
}

fn sorted(mut threads: Vec<Thread>) -> Vec<Thread> {
    for thread in &mut threads {
        thread.features.sort_unstable();
        thread.accounts.sort_unstable();
        thread.accounts.dedup();
    }
    threads
        .sort_by(|one, two| two.accounts.len().cmp(&one.accounts.len()).then_with(|| one.accounts.cmp(&two.accounts)));
    threads
}

/// Disjoint sets, each led by its smallest element.
struct Leaders(Vec<usize>);

impl Leaders {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn of(&mut self, mut index: usize) -> usize {
        while self.0[index] != index {
            self.0[index] = self.0[self.0[index]];
            index = self.0[index];
        }
        index
    }

    fn join(&mut self, one: usize, two: usize) {
        let (one, two) = (self.of(one), self.of(two));
        self.0[one.max(two)] = one.min(two);
    }
}
