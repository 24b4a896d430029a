//! Work split without repeats: a harvester asks each item once over its whole pool (or exactly k times).
//!
//! Judged on whole prompts that belong to the group: an item that more customers outside of the group have sent than
//! inside ("thanks", a viral prompt) says nothing about the group's work list. Repeats by one account within a day are
//! retries and count once; prompts that only ever continue a conversation are no items.
//!
//! *Exactly k times* is told from common interests by how many accounts an item has. Where customers draw what they ask
//! from interests, however unequal, the number of accounts of an item is a mixed Poisson count, and by Cauchy and
//! Schwarz its probabilities obey p(n+1) ≥ n/(n+1) · p(n)² / p(n−1). A list handed out k times breaks that: nothing is
//! asked by k+1 accounts. So few pairs of accounts must not hold all that is shared: couples who share an interest are
//! no pool.

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
/// Most accounts of an item that are looked at one by one.
const TIMES_MAX: usize = 8;
/// Items asked k times: those of one account more, as a share of what interests would give, at most.
const REGULAR_RATIO_MAX: f64 = 0.75;
/// Least share of the pairs of accounts that share an item of what random dealing would give.
const PAIRS_SPREAD_MIN: f64 = 0.5;
/// Least count from which the logarithm of a count is taken as normal.
const DELTA_MIN: f64 = 50.0;
/// Levels (−ln δ) at which the sampling error of the counts is paid; the best one counts, times their number.
const ERROR_LEVELS: [f64; 6] = [12.0, 18.0, 26.0, 40.0, 80.0, 160.0];
/// Items asked exactly k times: share of the list that an account covers, at most (a benchmark is run whole).
const REGULAR_COVERAGE_MAX: f64 = 0.1;

/// What was counted.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Items.
    pub items: u64,
    /// Pairs of item and account.
    pub asks: u64,
    /// Pairs whose item had come from another account before, or from the same one on another day.
    pub repeats: u64,
    /// Items by number of accounts; the last entry counts those of more than eight.
    pub by_times: [u64; TIMES_MAX + 2],
    /// Pairs of accounts that share an item of two, each counted once an item, and different ones.
    pub pairs: (u64, u64),
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
    let mut pairs: Vec<(AccountIndex, AccountIndex)> = Vec::new();
    for item in asked.chunk_by(|one, two| one.0 == two.0) {
        let accounts = item.chunk_by(|one, two| one.1 == two.1).count();
        if accounts > 1 && outside(item[0].0, group, incidence) > accounts as u64 {
            continue;
        }
        counts.items += 1;
        counts.asks += accounts as u64;
        counts.repeats += item.len() as u64 - 1;
        counts.by_times[accounts.min(TIMES_MAX + 1)] += 1;
        if accounts == 2 {
            pairs.push((item[0].1, item[item.len() - 1].1));
        }
    }
    counts.pairs.0 = pairs.len() as u64;
    pairs.sort_unstable();
    pairs.dedup();
    counts.pairs.1 = pairs.len() as u64;
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
    let share = counts.repeats as f64 / counts.asks.max(1) as f64;
    let enough = counts.items >= ITEMS_MIN;
    let once = share <= REPEATS_MAX;
    let regular = if once { None } else { regularity(counts) };
    let once_ln_p = binomial::ln_at_most(counts.repeats, counts.asks.max(counts.repeats), NULL_REPEATS);
    let sentence = match regular {
        Some(Regular { times, found, expected, .. }) => format!(
            "{} different items were asked, {} of them by {times} accounts each, but only {} by more, where common interests would have {}: a list, handed out a fixed number of times.",
            count_text(counts.items),
            count_text(counts.by_times[times]),
            count_text(found),
            count_text((expected as u64).min(counts.items)),
        ),
        None => format!(
            "{} accounts asked {} different things and came back to {} of them ({}): {}.",
            count_text(counts.accounts),
            count_text(counts.items),
            count_text(counts.repeats),
            percent(share),
            if once { "a list worked off once, split over the accounts" } else { "the same interests come up again" },
        ),
    };
    Signal {
        name: "work split without repeats",
        question: Question::Purpose,
        null: "the accounts draw what they ask from common interests, so that at least 5 % of it comes up again, as often as chance has it",
        ln_p: if enough { regular.map_or(once_ln_p, |regular| regular.ln_p) } else { 0.0 },
        effect: share,
        expected: NULL_REPEATS,
        large: enough && (once || regular.is_some()),
        sentence,
        clears: "the same things asked again, by the same people or by others",
    }
}

/// Items that are asked a fixed number of times.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Regular {
    /// Accounts of an item beyond which there are too few.
    times: usize,
    /// Items of more accounts.
    found: u64,
    /// As many of one account more as common interests would have, at least.
    expected: f64,
    ln_p: f64,
}

/// The number of accounts beyond which items are rarest against what interests would give.
fn regularity(counts: &Counts) -> Option<Regular> {
    let covered = |times: usize| times as f64 <= REGULAR_COVERAGE_MAX * counts.accounts as f64;
    let all_pairs = counts.accounts as f64 * counts.accounts.saturating_sub(1) as f64 / 2.0;
    let dealt = all_pairs * -(-(counts.pairs.0 as f64) / all_pairs.max(1.0)).exp_m1();
    if (counts.pairs.1 as f64) < PAIRS_SPREAD_MIN * dealt {
        return None;
    }
    (2..=TIMES_MAX)
        .filter(|&times| covered(times))
        .filter_map(|times| beyond(counts, times))
        .min_by(|one, two| one.ln_p.total_cmp(&two.ln_p))
}

/// Compares the items of `times + 1` accounts with what interests would have.
fn beyond(counts: &Counts, times: usize) -> Option<Regular> {
    let [below, at] = [times - 1, times].map(|times| counts.by_times[times] as f64);
    // Whatever lies beyond speaks for interests, so that one odd gap does not speak against them.
    let found = counts.by_times[times + 1..].iter().sum::<u64>() as f64;
    // Of a binomial instead of a Poisson count a little less is to be expected.
    let left = counts.accounts as f64 - times as f64;
    let factor = times as f64 / (times as f64 + 1.0) * left / (left + 1.0);
    let expected = factor * at * at / below.max(1.0);
    if at < 1.0 || found > REGULAR_RATIO_MAX * expected {
        return None;
    }
    // For sums of independent counts P(N ≥ x) and P(N ≤ x) are at most exp(−(√x − √mean)²).
    let at_level = |level: f64| {
        let at = (at.sqrt() - level.sqrt()).max(0.0);
        let least = factor * at.powi(4) / (below.sqrt() + level.sqrt()).powi(2);
        let tail = -(least.sqrt() - found.sqrt()).max(0.0).powi(2);
        let error = std::f64::consts::LN_2 - level;
        tail.max(error) + std::f64::consts::LN_2
    };
    // Where every count is large the logarithm of the ratio is normal (delta method), which costs far less.
    let error = (1.0 / found.max(1.0) + 1.0 / below.max(1.0) + 4.0 / at).sqrt();
    let large = found.min(below).min(at) >= DELTA_MIN;
    let by_delta = if large { ln_normal_cdf((found / expected).ln() / error) } else { 0.0 };
    let best = ERROR_LEVELS.into_iter().map(at_level).fold(by_delta, f64::min);
    let tried = ((ERROR_LEVELS.len() + 1) * (TIMES_MAX - 1)) as f64;
    Some(Regular { times, found: found as u64, expected, ln_p: (best + tried.ln()).min(0.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items by the number of accounts that asked them, dealt at random.
    fn counts(accounts: u64, by_times: &[(u64, u64)]) -> Counts {
        let mut counts = Counts { accounts, ..Counts::default() };
        for &(times, items) in by_times {
            counts.items += items;
            counts.asks += times * items;
            counts.repeats += (times - 1) * items;
            counts.by_times[(times as usize).min(TIMES_MAX + 1)] += items;
        }
        let all = (accounts * (accounts - 1) / 2) as f64;
        let shared = counts.by_times[2];
        counts.pairs = (shared, (all * (1.0 - (-(shared as f64) / all).exp())) as u64);
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
        check(300, &[(1, 2059), (2, 420)], true); // each twice, at random, a third of it done
        check(300, &[(1, 7_000), (2, 380), (3, 9)], false); // four times, a thirtieth done: not yet enough
        check(300, &[(1, 22_300), (2, 7_900), (3, 1_240), (4, 73)], true); // four times, a fifth done
        check(100, &[(1, 6769), (2, 10), (3, 71), (4, 2612), (5, 7), (9, 2), (16, 1)], true); // four times, amid cover
        check(30, &[(30, 500)], false); // a benchmark, run whole by thirty
        check(300, &[(1, 3149), (2, 1255), (3, 333), (4, 66), (5, 11), (6, 1)], false); // chance, mean 1.45
        check(300, &[(1, 4000), (2, 500), (3, 200), (5, 100), (9, 50), (30, 5)], false); // interests
    }

    #[test]
    fn couples_are_no_list() {
        let mut couples = counts(300, &[(1, 2500), (2, 2500)]);
        couples.pairs.1 = 150;
        assert!(!work_split(&couples).counts());
    }

    #[test]
    fn level_holds_for_interests_of_any_spread() {
        let mut state = 3u64;
        let mut uniform = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64
        };
        // 200 trials with 40 accounts; each asks an item with a probability that is even, or spread over two decades
        for spread in [0.0, 4.6] {
            let mut least = 0.0f64;
            for _ in 0..200 {
                let mut counts = counts(40, &[(1, 1)]);
                counts.by_times[1] = 0;
                for _ in 0..1_500 {
                    let rate = 0.02 * (-spread * uniform()).exp();
                    let times = (0..40).filter(|_| uniform() < rate).count();
                    counts.by_times[times.min(TIMES_MAX + 1)] += 1;
                }
                least = least.min(regularity(&counts).map_or(0.0, |regular| regular.ln_p));
            }
            // the smallest of 200 super-uniform p-values is rarely below 1/4000
            assert!(least > -8.3, "{spread}: {least}");
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
