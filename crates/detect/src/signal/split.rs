//! Work split without repeats: a harvester asks each item once over its whole pool (or exactly k times).
//!
//! Judged on whole prompts that belong to the group: an item that more customers outside of the group have sent than
//! inside ("thanks", a viral prompt) says nothing about the group's work list. Repeats by one account within a day are
//! retries and count once.

use stillwatch_feature::kind::Kind;
use stillwatch_stats::binomial;

use super::{Signal, percent};
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
/// Items asked exactly k times: variance of the count over its mean, at most.
const REGULAR_DISPERSION_MAX: f64 = 0.25;
/// Items asked exactly k times: the largest k.
const REGULAR_TIMES_MAX: f64 = 8.0;
/// Items asked exactly k times: share of the list that an account covers, at most (a benchmark is run whole).
const REGULAR_COVERAGE_MAX: f64 = 0.1;

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Distinct items.
    pub items: u64,
    /// Distinct pairs of item and account.
    pub pairs: u64,
    /// Pairs whose item had come from another account before, or from the same account on another day.
    pub repeats: u64,
    /// Variance over mean of the number of accounts per item.
    pub dispersion: f64,
    /// Share of the items that an account has, on average.
    pub coverage: f64,
}

/// Counts the items of a group up to now.
pub fn count(group: &Group, population: &Population<'_>, incidence: &Incidence) -> Counts {
    let mut asked: Vec<(u64, AccountIndex, u32)> = Vec::new();
    for account in group.accounts() {
        for row in population.days_of(account) {
            let entries = row.profile.features.settled();
            let prompts = entries.iter().filter(|entry| entry.feature.kind == Kind::Prompt);
            asked.extend(prompts.map(|entry| (entry.feature.hash, account, row.day)));
        }
    }
    asked.sort_unstable();
    let (mut counts, mut squares) = (Counts::default(), 0u64);
    for item in asked.chunk_by(|one, two| one.0 == two.0) {
        let accounts = item.chunk_by(|one, two| one.1 == two.1).count() as u64;
        if accounts > 1 && outside(item[0].0, group, incidence) > accounts {
            continue;
        }
        counts.items += 1;
        counts.pairs += accounts;
        counts.repeats += item.len() as u64 - 1;
        squares += accounts * accounts;
    }
    if counts.items > 0 {
        let items = counts.items as f64;
        let mean = counts.pairs as f64 / items;
        counts.dispersion = (squares as f64 / items - mean * mean).max(0.0) / mean;
        counts.coverage = counts.pairs as f64 / items / group.carriers.len() as f64;
    }
    counts
}

/// Accounts outside of the group that sent the same prompt.
fn outside(hash: u64, group: &Group, incidence: &Incidence) -> u64 {
    let feature = stillwatch_feature::kind::Feature { kind: Kind::Prompt, hash };
    incidence
        .find(feature)
        .map_or(0, |found| incidence.cells(found).filter(|cell| !group.has(cell.account)).count() as u64)
}

/// Whether the group asks each item once, or each equally often.
pub fn work_split(counts: &Counts, accounts: usize) -> Signal {
    let share = counts.repeats as f64 / counts.pairs.max(1) as f64;
    let times = counts.pairs as f64 / counts.items.max(1) as f64;
    let once = share <= REPEATS_MAX;
    let regular = !once
        && counts.dispersion <= REGULAR_DISPERSION_MAX
        && (1.5..=REGULAR_TIMES_MAX).contains(&times)
        && counts.coverage <= REGULAR_COVERAGE_MAX;
    let enough = counts.items >= ITEMS_MIN;
    let ln_p = if regular {
        // k accounts an item with so little variance: Poisson counts would have a dispersion of about 1
        regular_ln_p(counts)
    } else {
        binomial::ln_at_most(counts.repeats, counts.pairs.max(counts.repeats), NULL_REPEATS)
    };
    let sentence = if regular {
        format!(
            "{} different items were asked {times:.1} times each, hardly varying (variance over mean {:.2}), and an account covers {} of them: one list, handed out.",
            counts.items,
            counts.dispersion,
            percent(counts.coverage)
        )
    } else {
        format!(
            "{accounts} accounts asked {} different things and came back to {} of them ({}): a list worked off once, split over the accounts.",
            counts.items,
            counts.repeats,
            percent(share)
        )
    };
    Signal {
        name: "work split without repeats",
        question: Question::Purpose,
        null: "the accounts draw what they ask from common interests, so that at least 5 % of it comes up again",
        ln_p: if enough { ln_p } else { 0.0 },
        effect: if regular { counts.dispersion } else { share },
        expected: if regular { 1.0 } else { NULL_REPEATS },
        large: enough && (once || regular),
        sentence,
        clears: "the same things asked again, by the same people or by others",
    }
}

/// Under Poisson counts, items × dispersion is about chi-squared: the lower tail by the normal approximation.
fn regular_ln_p(counts: &Counts) -> f64 {
    let freedom = counts.items.saturating_sub(1).max(1) as f64;
    stillwatch_stats::special::ln_normal_cdf((counts.dispersion - 1.0) * (freedom / 2.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(items: u64, pairs: u64, repeats: u64, dispersion: f64, coverage: f64) -> Counts {
        Counts { items, pairs, repeats, dispersion, coverage }
    }

    #[test]
    fn lists_and_interests() {
        let check =
            |counts: Counts, expected: bool| assert_eq!(work_split(&counts, 300).counts(), expected, "{counts:?}");
        check(counts(5000, 5000, 0, 0.0, 0.003), true); // each item once
        check(counts(5000, 5050, 50, 0.01, 0.003), true); // a few handed out twice
        check(counts(100, 100, 0, 0.0, 0.003), false); // too few items
        check(counts(5000, 15_000, 10_000, 0.02, 0.01), true); // each exactly three times
        check(counts(500, 15_000, 14_500, 0.0, 1.0), false); // a benchmark, run whole by thirty
        check(counts(5000, 6000, 1000, 1.5, 0.01), false); // people who ask alike
    }

    #[test]
    fn level_holds_at_the_null() {
        // at exactly 5 % repeats the signal is large in none and its p-value is super-uniform
        let mut state = 5u64;
        let mut hits = 0;
        for _ in 0..1000 {
            let mut repeats = 0;
            for _ in 0..400 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                repeats += u64::from(((state >> 33) as f64) < 0.05 * (1u64 << 31) as f64);
            }
            hits += u32::from(work_split(&counts(380, 400, repeats, 1.0, 0.01), 50).ln_p.exp() <= 0.01);
        }
        assert!(hits <= 10 + 10, "{hits} of 1000 at 0.01");
    }
}
