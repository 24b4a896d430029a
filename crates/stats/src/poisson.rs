//! Tails of the Poisson distribution: how surprising is this count, given what was expected?
//!
//! H0: the count is Poisson with mean at most (`at_least`) or at least (`at_most`) the one given; so it is for many
//! rare independent events. One-sided, exact (through the incomplete gamma function). It breaks when events come in
//! clumps: then the tail is heavier than stated and the p-value too small.
//!
//! Reference: NIST DLMF 8.4.10 with 8.11; P(X ≥ x) = P(x, mean).

use crate::special::{deviance, ln_gamma_lower, ln_gamma_upper, stirling_error};

/// ln P(X = x) for a mean ≥ 0.
pub fn ln_pmf(x: u64, mean: f64) -> f64 {
    assert!(mean >= 0.0 && mean.is_finite(), "Poisson mean {mean}");
    if mean == 0.0 {
        return if x == 0 { 0.0 } else { f64::NEG_INFINITY };
    }
    if x == 0 {
        return -mean;
    }
    let count = x as f64;
    -stirling_error(count) - deviance(count, mean) - 0.5 * (2.0 * std::f64::consts::PI * count).ln()
}

/// ln P(X ≥ x).
pub fn ln_at_least(x: u64, mean: f64) -> f64 {
    assert!(mean >= 0.0 && mean.is_finite(), "Poisson mean {mean}");
    if x == 0 { 0.0 } else { ln_gamma_lower(x as f64, mean) }
}

/// ln P(X ≤ x).
pub fn ln_at_most(x: u64, mean: f64) -> f64 {
    assert!(mean >= 0.0 && mean.is_finite(), "Poisson mean {mean}");
    ln_gamma_upper(x as f64 + 1.0, mean)
}

/// P(X ≥ x).
pub fn at_least(x: u64, mean: f64) -> f64 {
    ln_at_least(x, mean).exp()
}

/// P(X ≤ x).
pub fn at_most(x: u64, mean: f64) -> f64 {
    ln_at_most(x, mean).exp()
}

#[cfg(test)]
mod tests;
