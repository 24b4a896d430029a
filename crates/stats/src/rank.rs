//! The rank-sum test of Wilcoxon, Mann and Whitney, one-sided, with ties.
//!
//! H0: both samples are exchangeable (all assignments of the pooled values to the samples are equally likely); against
//! x tending to be *larger* than y. One-sided. Assumes independent values within and between the samples; no shape is
//! assumed. It breaks when values of one account (or one day, one template) are entered as if they were independent:
//! enter one value a unit.
//!
//! Exact, ties included, while counting all assignments is cheap (20 against 50 without ties; hundreds against
//! hundreds of a few distinct values). Beyond that, the statistic is matched in mean, variance (tie-corrected) and, where
//! ties skew it to the right, skewness (Pearson III, Mielke and Berry 1982). Its continuity correction is half the
//! largest gap between neighbouring midranks: ½ without ties, and for "nearly all zero" half of what one more nonzero
//! value is worth. Without ties the true tails are lighter than the normal's, so the far tail errs on the safe side.
//!
//! References: Mann and Whitney 1947; Lehmann, *Nonparametrics* (1975), 1.4; for finite-population moments, Cochran,
//! *Sampling Techniques* (1977), 2.15.

use crate::special::{ln_choose, ln_gamma_upper, ln_normal_sf};

/// Up to this many additions (a few milliseconds) every assignment is counted.
const EXACT_WORK_MAX: u128 = 2_000_000;
/// ln of the number of assignments that still fits a double.
const LN_WAYS_MAX: f64 = 690.0;
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
    if let Some(ln_p) = Ranks::of(ties, [n_x, n_y]).exact_ln_p(twice_u, EXACT_WORK_MAX) {
        return RankSum { ln_p, superiority, z, exact: true };
    }
    RankSum { ln_p: moments.ln_tail(deviation), superiority, z, exact: false }
}

/// Standard deviation, skewness and coarseness of U over all assignments.
struct Moments {
    deviation: f64,
    skewness: f64,
    /// Half the largest gap between neighbouring midranks.
    half_gap: f64,
}

impl Moments {
    fn of(ties: &[(u64, u64)], n_x: u64, n_y: u64) -> Self {
        let (m, n) = (n_x as f64, (n_x + n_y) as f64);
        let centre = (n + 1.0) / 2.0;
        let (mut before, mut second, mut third) = (0.0, 0.0, 0.0);
        let (mut last, mut half_gap) = (None, 0.5f64);
        for &(of_x, of_y) in ties {
            let size = (of_x + of_y) as f64;
            let offset = before + (size + 1.0) / 2.0 - centre;
            half_gap = last.map_or(half_gap, |last: f64| half_gap.max(0.5 * (offset - last)));
            last = Some(offset);
            second += size * offset * offset;
            third += size * offset * offset * offset;
            before += size;
        }
        let variance = m * (n - m) / (n - 1.0) * second / n;
        if variance <= 0.0 {
            return Self { deviation: 0.0, skewness: 0.0, half_gap };
        }
        let cubed = if n > 2.0 { m * (n - m) * (n - 2.0 * m) / ((n - 1.0) * (n - 2.0)) * third / n } else { 0.0 };
        Self { deviation: variance.sqrt(), skewness: cubed / (variance * variance.sqrt()), half_gap }
    }

    /// ln P(U − mean ≥ deviation), continuity corrected.
    fn ln_tail(&self, deviation: f64) -> f64 {
        if self.deviation == 0.0 {
            return 0.0;
        }
        let z = (deviation - self.half_gap) / self.deviation;
        if self.skewness < SKEWNESS_MIN {
            return ln_normal_sf(z);
        }
        let shape = 4.0 / (self.skewness * self.skewness);
        ln_gamma_upper(shape, (shape + 2.0 * z / self.skewness).max(0.0))
    }
}

/// The pooled values as multiples of the largest step that divides all distances between their doubled midranks.
struct Ranks {
    /// Steps above the lowest midrank, and how many values have it.
    steps: Vec<(u64, u64)>,
    /// The step, and the lowest doubled midrank.
    unit: u64,
    lowest: u64,
    sizes: [u64; 2],
}

impl Ranks {
    fn of(ties: &[(u64, u64)], sizes: [u64; 2]) -> Self {
        let mut before = 0;
        let mut doubled: Vec<(u64, u64)> = Vec::with_capacity(ties.len());
        for size in ties.iter().map(|tie| tie.0 + tie.1).filter(|&size| size > 0) {
            doubled.push((2 * before + size + 1, size));
            before += size;
        }
        let lowest = doubled.first().map_or(0, |first| first.0);
        let unit = doubled.iter().fold(0, |unit, &(rank, _)| greatest_common_divisor(rank - lowest, unit)).max(1);
        let steps = doubled.into_iter().map(|(rank, size)| ((rank - lowest) / unit, size)).collect();
        Self { steps, unit, lowest, sizes }
    }

    /// ln P(2U ≥ `twice_u`); none when that would take more than `work_max` additions.
    fn exact_ln_p(&self, twice_u: u128, work_max: u128) -> Option<f64> {
        let [n_x, n_y] = self.sizes;
        let chosen = n_x.min(n_y);
        let sum_max = self.largest_sum(chosen);
        let picks: u64 = self.steps.iter().map(|&(_, size)| size.min(chosen)).sum();
        let work = u128::from(picks) * u128::from(chosen) * (u128::from(sum_max) + 1);
        // Counts are sums of positive numbers, so they keep their digits as long as they do not overflow.
        if work > work_max || ln_choose(n_x + n_y, chosen) > LN_WAYS_MAX {
            return None;
        }
        let counts = self.subset_counts(chosen as usize, sum_max as usize);
        let all: f64 = counts.iter().sum();
        // The doubled rank sum of x is 2U + n_x (n_x + 1); x large is the same as y small.
        let of_x = twice_u as u64 + n_x * (n_x + 1);
        let extreme: f64 = if chosen == n_x {
            counts[((of_x - n_x * self.lowest) / self.unit) as usize..].iter().sum()
        } else {
            let of_y = (n_x + n_y) * (n_x + n_y + 1) - of_x;
            counts[..=((of_y - n_y * self.lowest) / self.unit) as usize].iter().sum()
        };
        Some((extreme / all).ln().min(0.0))
    }

    /// Steps of the `chosen` largest values.
    fn largest_sum(&self, chosen: u64) -> u64 {
        let (mut left, mut sum) = (chosen, 0);
        for &(step, size) in self.steps.iter().rev() {
            let taken = size.min(left);
            sum += taken * step;
            left -= taken;
        }
        sum
    }

    /// For each sum of steps, how many ways there are to choose `chosen` of the values.
    fn subset_counts(&self, chosen: usize, sum_max: usize) -> Vec<f64> {
        // One row for each number of values chosen so far.
        let mut ways = vec![vec![0.0; sum_max + 1]; chosen + 1];
        ways[0][0] = 1.0;
        for &(step, size) in &self.steps {
            for count in (1..=chosen).rev() {
                let (fewer, row) = ways.split_at_mut(count);
                let mut choices = 1.0;
                for taken in 1..=(size as usize).min(count) {
                    choices *= (size as usize - taken + 1) as f64 / taken as f64;
                    let shift = (taken * step as usize).min(sum_max + 1);
                    for (target, source) in row[0][shift..].iter_mut().zip(&fewer[count - taken]) {
                        *target += choices * source;
                    }
                }
            }
        }
        ways.swap_remove(chosen)
    }
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests;
