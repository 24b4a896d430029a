//! Work split without repeats: a harvester asks each item once over its whole pool (or exactly k times).
//!
//! Judged on whole prompts that belong to the group: an item that more customers outside of the group have sent than
//! inside ("thanks", a viral prompt) says nothing about the group's work list. Repeats by one account within a day are
//! retries and count once; prompts that only ever continue a conversation are no items.
//!
//! *Exactly k times* is told from common interests by the spread of the number of accounts per item. Interests are
//! at least as spread as chance (a zero-truncated Poisson distribution of the same mean, since an item that nobody asked
//! is not seen); a list handed out k times is less spread, even when part of it is not through yet.

use stillwatch_feature::kind::Kind;
use stillwatch_stats::binomial;
use stillwatch_stats::special::ln_normal_cdf;

use super::{Signal, count as count_text, percent};
use crate::campaign::Question;
use crate::group::Group;
use crate::incidence::Incidence;
use crate::population::{AccountIndex, Population};

/// The null: customers who share a template share at least this much of what they put into it.
const NULL_REPEATS: f64 = 0.05;
/// Most repeats for the signal to be large.
const REPEATS_MAX: f64 = 0.03;
/// Distinct items below which nothing is said.
const ITEMS_MIN: u64 = 150;
/// Items asked exactly k times: variance of the count over that of chance, at most.
const REGULAR_DISPERSION_MAX: f64 = 0.75;
/// Items asked exactly k times: the mean of the count, at least and at most.
const REGULAR_TIMES_MIN: f64 = 1.2;
const REGULAR_TIMES_MAX: f64 = 8.0;
/// The same for items that came up again: at two, a list handed out twice and rare coincidence look alike.
const AGAIN_TIMES_MIN: f64 = 2.5;
/// Items asked exactly k times: share of the list that an account covers, at most (a benchmark is run whole).
const REGULAR_COVERAGE_MAX: f64 = 0.1;

/// How many accounts asked an item: moments over some items.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Times {
    /// Items.
    pub items: u64,
    /// Sum of the accounts per item.
    pub sum: u64,
    /// Sum of their squares.
    pub squares: u64,
}

impl Times {
    fn add(&mut self, accounts: u64) {
        self.items += 1;
        self.sum += accounts;
        self.squares += accounts * accounts;
    }

    fn mean(&self) -> f64 {
        self.sum as f64 / self.items.max(1) as f64
    }

    fn variance(&self) -> f64 {
        (self.squares as f64 / self.items.max(1) as f64 - self.mean().powi(2)).max(0.0)
    }
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// All items.
    pub all: Times,
    /// Items of at least two accounts.
    pub again: Times,
    /// Pairs of item and account whose item had come from another account before, or from the same one on another day.
    pub repeats: u64,
    /// Accounts.
    pub accounts: u64,
}

/// The prompts of a group up to now that are items, each with who asked it on which day; sorted. Prompts that only ever
/// continue a conversation are none.
pub fn asked(group: &Group, population: &Population<'_>) -> Vec<(u64, AccountIndex, u32)> {
    let mut asked: Vec<(u64, AccountIndex, u32)> = Vec::new();
    for account in group.accounts() {
        for row in population.days_of(account) {
            let entries = row.profile.features.settled();
            let prompts =
                entries.iter().filter(|entry| entry.feature.kind == Kind::Prompt && entry.followups < entry.count);
            asked.extend(prompts.map(|entry| (entry.feature.hash, account, row.day)));
        }
    }
    asked.sort_unstable();
    asked
}

/// Counts the items of a group up to now.
pub fn count(group: &Group, population: &Population<'_>, incidence: &Incidence) -> Counts {
    let asked = asked(group, population);
    let mut counts = Counts { accounts: group.carriers.len() as u64, ..Counts::default() };
    for item in asked.chunk_by(|one, two| one.0 == two.0) {
        let accounts = item.chunk_by(|one, two| one.1 == two.1).count() as u64;
        if accounts > 1 && outside(item[0].0, group, incidence) > accounts {
            continue;
        }
        counts.all.add(accounts);
        if accounts > 1 {
            counts.again.add(accounts);
        }
        counts.repeats += item.len() as u64 - 1;
    }
    counts
}

/// Accounts outside of the group that sent the same prompt.
pub(crate) fn outside(hash: u64, group: &Group, incidence: &Incidence) -> u64 {
    let feature = stillwatch_feature::kind::Feature { kind: Kind::Prompt, hash };
    incidence
        .find(feature)
        .map_or(0, |found| incidence.cells(found).filter(|cell| !group.has(cell.account)).count() as u64)
}

/// Whether the group asks each item once, or each equally often.
pub fn work_split(counts: &Counts) -> Signal {
    let share = counts.repeats as f64 / counts.all.sum.max(1) as f64;
    let enough = counts.all.items >= ITEMS_MIN;
    let once = share <= REPEATS_MAX;
    let regular = if once { None } else { regularity(counts) };
    let once_ln_p = binomial::ln_at_most(counts.repeats, counts.all.sum.max(counts.repeats), NULL_REPEATS);
    let sentence = match regular {
        Some((times, _)) => format!(
            "{} different items were asked, those that came up again by {times:.1} accounts each, with less variety than chance has: a list, handed out that many times.",
            count_text(counts.all.items)
        ),
        None => format!(
            "{} accounts asked {} different things and came back to {} of them ({}): {}.",
            count_text(counts.accounts),
            count_text(counts.all.items),
            count_text(counts.repeats),
            percent(share),
            if once { "a list worked off once, split over the accounts" } else { "the same interests come up again" },
        ),
    };
    Signal {
        name: "work split without repeats",
        question: Question::Purpose,
        null: "the accounts draw what they ask from common interests, so that at least 5 % of it comes up again, as often as chance has it",
        ln_p: if enough { regular.map_or(once_ln_p, |(_, ln_p)| ln_p) } else { 0.0 },
        effect: share,
        expected: NULL_REPEATS,
        large: enough && (once || regular.is_some()),
        sentence,
        clears: "the same things asked again, by the same people or by others",
    }
}

/// Mean number of accounts and ln of the p-value where items are asked equally often: all items, or those of at least
/// two accounts where cover traffic or the tail of a list adds single ones.
fn regularity(counts: &Counts) -> Option<(f64, f64)> {
    let coverage = |times: &Times| times.mean() / counts.accounts.max(1) as f64;
    [(counts.all, 1, REGULAR_TIMES_MIN), (counts.again, 2, AGAIN_TIMES_MIN)]
        .into_iter()
        .filter(|(times, _, least)| {
            times.items >= ITEMS_MIN / 2
                && (*least..=REGULAR_TIMES_MAX).contains(&times.mean())
                && coverage(times) <= REGULAR_COVERAGE_MAX
        })
        .filter_map(|(times, from, _)| {
            let chance = chance(times.mean(), from);
            let ratio = times.variance() / chance;
            let error = ((2.0 + 1.0 / chance) / times.items as f64).sqrt();
            let ln_p = ln_normal_cdf((ratio - 1.0) / error) + std::f64::consts::LN_2;
            (ratio <= REGULAR_DISPERSION_MAX).then_some((times.mean(), ln_p.min(0.0)))
        })
        .min_by(|one, two| one.1.total_cmp(&two.1))
}

/// Variance of a Poisson count that is at least `from` (1 or 2) and has this mean.
fn chance(mean: f64, from: u32) -> f64 {
    let moments = |rate: f64| {
        let none = (-rate).exp();
        let (seen, first) =
            if from == 1 { (1.0 - none, rate) } else { (1.0 - none - rate * none, rate * (1.0 - none)) };
        (first / seen, rate * rate / seen)
    };
    let (mut low, mut high) = (1e-6, mean);
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        if moments(middle).0 < mean { low = middle } else { high = middle }
    }
    let (mean, falling) = moments(low);
    (falling + mean - mean * mean).max(1e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items by the number of accounts that asked them.
    fn counts(accounts: u64, by_times: &[(u64, u64)]) -> Counts {
        let mut counts = Counts { accounts, ..Counts::default() };
        for &(times, items) in by_times {
            for _ in 0..items {
                counts.all.add(times);
                if times > 1 {
                    counts.again.add(times);
                }
                counts.repeats += times - 1;
            }
        }
        counts
    }

    #[test]
    fn lists_and_interests() {
        let check = |accounts, by_times: &[(u64, u64)], expected: bool| {
            assert_eq!(work_split(&counts(accounts, by_times)).counts(), expected, "{by_times:?}");
        };
        check(300, &[(1, 5000)], true); // each item once
        check(300, &[(1, 4950), (2, 50)], true); // a few handed out twice
        check(300, &[(1, 100)], false); // too few items
        check(300, &[(3, 5000)], true); // each exactly three times
        check(300, &[(1, 2500), (2, 2500)], true); // the second round half done
        check(100, &[(1, 6769), (2, 10), (3, 71), (4, 2612), (5, 7), (9, 2), (16, 1)], true); // four times, amid cover
        check(30, &[(30, 500)], false); // a benchmark, run whole by thirty
        check(300, &[(1, 3149), (2, 1255), (3, 333), (4, 66), (5, 11), (6, 1)], false); // chance, mean 1.45
        check(300, &[(1, 4000), (2, 500), (3, 200), (5, 100), (9, 50), (30, 5)], false); // interests
    }

    #[test]
    fn chance_is_the_truncated_poisson() {
        // mean and variance of a Poisson count of rate 1.5 that is at least 1, and at least 2, summed term by term
        for from in [1u32, 2] {
            let (mut mass, mut first, mut second, mut term) = (0.0, 0.0, 0.0, (-1.5f64).exp());
            for count in 0..60u32 {
                if count >= from {
                    mass += term;
                    first += term * f64::from(count);
                    second += term * f64::from(count) * f64::from(count);
                }
                term *= 1.5 / f64::from(count + 1);
            }
            let mean = first / mass;
            let variance = second / mass - mean * mean;
            assert!((chance(mean, from) - variance).abs() < 1e-6, "{from}");
        }
    }

    #[test]
    fn level_holds_at_the_null() {
        // at exactly 5 % repeats the p-value is super-uniform: 1000 trials at 0.01, three standard errors
        let mut state = 5u64;
        let mut hits = 0;
        for _ in 0..1000 {
            let mut repeats = 0;
            for _ in 0..400 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                repeats += u64::from(((state >> 33) as f64) < 0.05 * (1u64 << 31) as f64);
            }
            let mut drawn = counts(50, &[(1, 400)]);
            drawn.repeats = repeats;
            hits += u32::from(work_split(&drawn).ln_p.exp() <= 0.01);
        }
        assert!(hits <= 20, "{hits} of 1000 at 0.01");
    }
}
