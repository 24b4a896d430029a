//! The tail of the overlap of two sets: do they share more than two random sets of their sizes would?
//!
//! H0: `second` items are drawn from `population` without replacement and without regard to which `first` of them are
//! marked. One-sided, exact (Fisher's exact test). It breaks when items differ in how likely they are to be drawn: then
//! popular items overlap by themselves, and the population must be split into strata of like popularity first.
//!
//! Cost: terms until they no longer matter, at most the smaller set. Reference: Fisher 1935; Loader 2000 for the terms.

use crate::binomial;
use crate::special::ln_one_minus_exp;

/// ln P(X = overlap) for sets of `first` and `second` items, both at most `population`.
pub fn ln_pmf(overlap: u64, first: u64, second: u64, population: u64) -> f64 {
    assert!(first <= population && second <= population, "sets of {first} and {second} of {population}");
    let least = (first + second).saturating_sub(population);
    if overlap < least || overlap > first.min(second) {
        return f64::NEG_INFINITY;
    }
    if first == 0 || second == 0 || first == population || second == population {
        return 0.0;
    }
    let chance = second as f64 / population as f64;
    binomial::ln_pmf(overlap, first, chance) + binomial::ln_pmf(second - overlap, population - first, chance)
        - binomial::ln_pmf(second, population, chance)
}

/// ln P(X ≥ overlap): at least this many in common.
pub fn ln_at_least(overlap: u64, first: u64, second: u64, population: u64) -> f64 {
    assert!(first <= population && second <= population, "sets of {first} and {second} of {population}");
    let least = (first + second).saturating_sub(population);
    let most = first.min(second);
    if overlap <= least {
        return 0.0;
    }
    if overlap > most {
        return f64::NEG_INFINITY;
    }
    let expected = first as f64 * second as f64 / population as f64;
    let sets = [first as f64, second as f64, population as f64];
    if overlap as f64 > expected {
        let sum = sum_upwards(overlap, most, sets);
        (ln_pmf(overlap, first, second, population) + sum.ln()).min(0.0)
    } else {
        let sum = sum_downwards(overlap - 1, least, sets);
        ln_one_minus_exp((ln_pmf(overlap - 1, first, second, population) + sum.ln()).min(0.0))
    }
}

/// Σ pmf(k)/pmf(start) for k from `start` to `most`.
fn sum_upwards(start: u64, most: u64, [first, second, population]: [f64; 3]) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in start..most {
        let k = k as f64;
        term *= (first - k) * (second - k) / ((k + 1.0) * (population - first - second + k + 1.0));
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

/// Σ pmf(k)/pmf(start) for k from `start` down to `least`.
fn sum_downwards(start: u64, least: u64, [first, second, population]: [f64; 3]) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in (least + 1..=start).rev() {
        let k = k as f64;
        term *= k * (population - first - second + k) / ((first - k + 1.0) * (second - k + 1.0));
        sum += term;
        if term < sum * 1e-17 {
            break;
        }
    }
    sum
}

#[cfg(test)]
mod tests;
