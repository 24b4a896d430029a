//! Is a sample less spread than a reference, wherever its centre lies?
//!
//! H0: both samples are independent draws from one distribution up to a shift; against the sample being *less* spread.
//! One-sided. Method: each sample is put into pairs at random (a shuffle with a fixed seed over the sorted values, so
//! the order of the input does not matter), and the absolute differences within pairs are compared by the rank-sum
//! test. The differences do not know the centre, so none has to be estimated: the level holds exactly as that of
//! [`crate::rank`], for any tail and any skewness.
//!
//! The usual tests were measured and refused, for 8 or 20 values against hundreds: Brown–Forsythe rejects 2 % to 13 %
//! of true nulls at α = 0.01, Fligner–Killeen up to 7 %, and an F test with kurtosis-corrected degrees of freedom up to
//! 3 %, because each estimates the centre of a small sample. The price here is that n values count as n/2.
//! It breaks when the two distributions differ in shape: "less spread" then means smaller differences, not smaller
//! variance.

use crate::rank;

/// The seed of the pairing; any constant would do, since it does not depend on the data.
const PAIRING_SEED: u64 = 0x5715_7a7c_0000_0001;

/// What the test found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dispersion {
    /// ln of the one-sided p-value.
    pub ln_p: f64,
    /// Effect: probability that a difference within the reference exceeds one within the sample, 0 to 1; 0.5 is none.
    pub superiority: f64,
    /// Effect: median difference of the sample divided by that of the reference; 1 when neither has any spread,
    /// infinite when only the reference has none.
    pub spread_ratio: f64,
}

/// Tests whether `sample` is less spread than `reference`; use logarithms of positive quantities.
///
/// Values must not be NaN. With fewer than two values on a side nothing is known: `ln_p` 0, `superiority` 0.5,
/// `spread_ratio` 1. Cost: two sorts.
pub fn smaller(sample: &[f64], reference: &[f64]) -> Dispersion {
    let within_sample = paired_differences(sample);
    let within_reference = paired_differences(reference);
    if within_sample.is_empty() || within_reference.is_empty() {
        return Dispersion { ln_p: 0.0, superiority: 0.5, spread_ratio: 1.0 };
    }
    let test = rank::larger(&within_reference, &within_sample);
    let (own, other) = (median(within_sample), median(within_reference));
    let spread_ratio = if own == other { 1.0 } else { own / other };
    Dispersion { ln_p: test.ln_p, superiority: test.superiority, spread_ratio }
}

/// Absolute differences within random disjoint pairs; one value of an odd number is left out.
fn paired_differences(values: &[f64]) -> Vec<f64> {
    let mut shuffled = values.to_vec();
    shuffled.sort_unstable_by(f64::total_cmp);
    let mut state = PAIRING_SEED;
    for last in (1..shuffled.len()).rev() {
        let other = (split_mix(&mut state) % (last as u64 + 1)) as usize;
        shuffled.swap(last, other);
    }
    shuffled.chunks_exact(2).map(|pair| (pair[0] - pair[1]).abs()).collect()
}

/// The next number of SplitMix64 (Steele, Lea and Flood 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The upper median of at least one value.
fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

#[cfg(test)]
mod tests;
