//! The rank-sum test of Wilcoxon, Mann and Whitney, one-sided, with ties.
//!
//! H0: both samples are exchangeable (all assignments of the pooled values to the samples are equally likely); against
//! x tending to be *larger* than y. One-sided. Assumes independent values within and between the samples; no shape is
//! assumed. It breaks when values of one account (or one day, one template) are entered as if they were independent:
//! enter one value a unit.
//!
//! Exact, ties included, while (smaller sample × pooled size)² ≤ 1e6 (20 against 30, 5 against 195). Beyond that, the
//! statistic is matched in mean, variance (tie-corrected) and, where ties skew it to the right, skewness (Pearson III,
//! Mielke and Berry 1982), with continuity correction. Without ties the true tails are lighter than the normal's, so
//! the far tail errs on the safe side.
//!
//! References: Mann and Whitney 1947; Lehmann, *Nonparametrics* (1975), 1.4; for finite-population moments, Cochran,
//! *Sampling Techniques* (1977), 2.15.

use crate::special::{ln_gamma_upper, ln_normal_sf};

/// Up to this (smaller × pooled)² every assignment is counted.
const EXACT_WORK_MAX: u64 = 1_000_000;
/// Below this skewness the normal and the Pearson III tails agree to the digits that matter.
const SKEWNESS_MIN: f64 = 1e-3;

/// What the test found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankSum {
    /// ln of the one-sided p-value.
    pub ln_p: f64,
    /// Effect: P(x > y) + ½ P(x = y), 0 to 1; 0.5 is no difference. The area under the ROC curve.
    pub superiority: f64,
    /// Standard score with tie correction, without continuity correction; 0 when all values are tied.
    pub z: f64,
    /// Whether `ln_p` is exact.
    pub exact: bool,
}

/// Tests whether `x` tends to be larger than `y`. Values are compared by `total_cmp`; −0 is taken as 0.
///
/// An empty sample says nothing: `ln_p` 0, `superiority` 0.5. Cost: a sort of the pooled values.
pub fn larger(x: &[f64], y: &[f64]) -> RankSum {
    let mut pooled: Vec<(f64, bool)> = Vec::with_capacity(x.len() + y.len());
    pooled.extend(x.iter().map(|&value| (value + 0.0, true)));
    pooled.extend(y.iter().map(|&value| (value + 0.0, false)));
    pooled.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut ties: Vec<(u64, u64)> = Vec::new();
    let mut previous = None;
    for (value, from_x) in pooled {
        if previous.is_none_or(|last: f64| last.total_cmp(&value).is_ne()) {
            ties.push((0, 0));
            previous = Some(value);
        }
        if let Some((of_x, of_y)) = ties.last_mut() {
            if from_x { *of_x += 1 } else { *of_y += 1 }
        }
    }
    larger_counted(&ties)
}

/// Tests whether `x` tends to be smaller than `y`: [`larger`] with the samples exchanged, `superiority` and `z` being
/// those of y over x.
pub fn smaller(x: &[f64], y: &[f64]) -> RankSum {
    larger(y, x)
}

/// The same on histograms: for each distinct value, in ascending order, how often it occurs in x and in y.
///
/// Cost: linear in the number of distinct values (besides the exact count for small samples).
pub fn larger_counted(ties: &[(u64, u64)]) -> RankSum {
    let (n_x, n_y) = ties.iter().fold((0, 0), |(x, y), tie| (x + tie.0, y + tie.1));
    if n_x == 0 || n_y == 0 {
        return RankSum { ln_p: 0.0, superiority: 0.5, z: 0.0, exact: true };
    }
    // Twice U, an integer: two for each pair in which x is larger, one for each tied pair.
    let mut twice_u: u128 = 0;
    let mut below_y: u64 = 0;
    for &(of_x, of_y) in ties {
        twice_u += u128::from(of_x) * (2 * u128::from(below_y) + u128::from(of_y));
        below_y += of_y;
    }
    let pairs = n_x as f64 * n_y as f64;
    let superiority = twice_u as f64 / (2.0 * pairs);
    let moments = Moments::of(ties, n_x, n_y);
    let deviation = twice_u as f64 / 2.0 - pairs / 2.0;
    let z = if moments.deviation > 0.0 { deviation / moments.deviation } else { 0.0 };
    let work = n_x.min(n_y).saturating_mul(n_x + n_y);
    if work.saturating_mul(work) <= EXACT_WORK_MAX {
        return RankSum { ln_p: exact_ln_p(ties, [n_x, n_y], twice_u), superiority, z, exact: true };
    }
    RankSum { ln_p: moments.ln_tail(deviation - 0.5), superiority, z, exact: false }
}

/// Standard deviation and skewness of U over all assignments.
struct Moments {
    deviation: f64,
    skewness: f64,
}

impl Moments {
    fn of(ties: &[(u64, u64)], n_x: u64, n_y: u64) -> Self {
        let (m, n) = (n_x as f64, (n_x + n_y) as f64);
        let centre = (n + 1.0) / 2.0;
        let (mut before, mut second, mut third) = (0.0, 0.0, 0.0);
        for &(of_x, of_y) in ties {
            let size = (of_x + of_y) as f64;
            let offset = before + (size + 1.0) / 2.0 - centre;
            second += size * offset * offset;
            third += size * offset * offset * offset;
            before += size;
        }
        let variance = m * (n - m) / (n - 1.0) * second / n;
        if variance <= 0.0 {
            return Self { deviation: 0.0, skewness: 0.0 };
        }
        let cubed = if n > 2.0 { m * (n - m) * (n - 2.0 * m) / ((n - 1.0) * (n - 2.0)) * third / n } else { 0.0 };
        Self { deviation: variance.sqrt(), skewness: cubed / (variance * variance.sqrt()) }
    }

    /// ln P(U − mean ≥ deviation).
    fn ln_tail(&self, deviation: f64) -> f64 {
        if self.deviation == 0.0 {
            return 0.0;
        }
        let z = deviation / self.deviation;
        if self.skewness < SKEWNESS_MIN {
            return ln_normal_sf(z);
        }
        let shape = 4.0 / (self.skewness * self.skewness);
        ln_gamma_upper(shape, (shape + 2.0 * z / self.skewness).max(0.0))
    }
}

/// ln P(2U ≥ `twice_u`), by counting for each number of members of the smaller sample and each sum of its doubled
/// midranks how many subsets of the pooled values give it.
fn exact_ln_p(ties: &[(u64, u64)], [n_x, n_y]: [u64; 2], twice_u: u128) -> f64 {
    let swapped = n_y < n_x;
    let chosen = n_x.min(n_y) as usize;
    // Doubled rank sum of x = 2U + n_x (n_x + 1); the sums of both samples add to n (n + 1).
    let sum_x = twice_u as u64 + n_x * (n_x + 1);
    let total = (n_x + n_y) * (n_x + n_y + 1);
    let sum_max = 2 * chosen * (n_x + n_y) as usize;
    let ways = subset_counts(ties, chosen, sum_max);
    let counts = &ways[chosen];
    let all: f64 = counts.iter().sum();
    // x large is the same as y small.
    let extreme: f64 = if swapped {
        counts[..=((total - sum_x) as usize).min(sum_max)].iter().sum()
    } else {
        counts[(sum_x as usize).min(sum_max)..].iter().sum()
    };
    (extreme / all).ln().min(0.0)
}

/// `ways[c][s]`: how many ways to choose c of the pooled values with doubled midranks that add to s.
fn subset_counts(ties: &[(u64, u64)], chosen: usize, sum_max: usize) -> Vec<Vec<f64>> {
    let mut ways = vec![vec![0.0; sum_max + 1]; chosen + 1];
    ways[0][0] = 1.0;
    let mut before = 0;
    for &(of_x, of_y) in ties {
        let size = (of_x + of_y) as usize;
        let doubled_rank = 2 * before + size + 1;
        before += size;
        for count in (1..=chosen).rev() {
            let mut binomial = 1.0;
            for taken in 1..=size.min(count) {
                binomial *= (size - taken + 1) as f64 / taken as f64;
                let shift = taken * doubled_rank;
                let (fewer, more) = ways.split_at_mut(count);
                let source = &fewer[count - taken];
                for sum in shift..=sum_max {
                    more[0][sum] += binomial * source[sum - shift];
                }
            }
        }
    }
    ways
}

#[cfg(test)]
mod tests;
