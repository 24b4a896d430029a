//! Confidence intervals for a share: how much does k of n say?
//!
//! Assumes n independent trials of one chance. [`clopper_pearson`] and [`upper_bound`] are exact: they hold the true
//! share with at least the stated probability, always. [`wilson`] is approximate and shorter: on the average over
//! shares it holds about the stated probability, for single shares near 0 or 1 a little less.
//!
//! References: Wilson 1927; Clopper and Pearson 1934; Brown, Cai and DasGupta 2001.

use crate::binomial::{ln_at_least, ln_at_most};
use crate::special::normal_isf;

/// Two ends of a share, both within 0..=1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Wilson's interval for `successes` of `trials` at `level` (0.95: 95 %). Nothing tried: 0 to 1.
pub fn wilson(successes: u64, trials: u64, level: f64) -> Interval {
    check(successes, trials, level);
    if trials == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let n = trials as f64;
    let share = successes as f64 / n;
    let z = normal_isf(((1.0 - level) / 2.0).ln());
    let centre = share + z * z / (2.0 * n);
    let half = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    let low = if successes == 0 { 0.0 } else { ((centre - half) / scale).max(0.0) };
    let high = if successes == trials { 1.0 } else { ((centre + half) / scale).min(1.0) };
    Interval { low, high }
}

/// The exact interval of Clopper and Pearson, two-sided at `level`: each side errs with at most half of 1 − level.
pub fn clopper_pearson(successes: u64, trials: u64, level: f64) -> Interval {
    check(successes, trials, level);
    let side = (1.0 - level) / 2.0;
    Interval { low: lower_bound(successes, trials, side), high: upper_bound(successes, trials, side) }
}

/// The exact one-sided upper bound: the true share lies above it with probability at most `alpha`.
///
/// After zero of n it is 1 − α^(1/n), about 3/n at α = 0.05 (the rule of three).
pub fn upper_bound(successes: u64, trials: u64, alpha: f64) -> f64 {
    check(successes, trials, alpha);
    if successes == trials {
        return 1.0;
    }
    if successes == 0 {
        return -(alpha.ln() / trials as f64).exp_m1();
    }
    bisect(|share| ln_at_most(successes, trials, share) > alpha.ln())
}

/// The exact one-sided lower bound: the true share lies below it with probability at most `alpha`.
pub fn lower_bound(successes: u64, trials: u64, alpha: f64) -> f64 {
    check(successes, trials, alpha);
    if successes == 0 {
        return 0.0;
    }
    if successes == trials {
        return (alpha.ln() / trials as f64).exp();
    }
    bisect(|share| ln_at_least(successes, trials, share) < alpha.ln())
}

fn check(successes: u64, trials: u64, level: f64) {
    assert!(successes <= trials, "{successes} successes of {trials}");
    assert!(level > 0.0 && level < 1.0, "level {level}");
}

/// The share up to which `holds` is true.
fn bisect(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if holds(middle) { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests;
