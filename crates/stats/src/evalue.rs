//! E-values: evidence that may be averaged, multiplied and watched as it grows.
//!
//! An e-value is at least 0 and has expectation at most 1 under its null hypothesis, so P(e ≥ 1/α) ≤ α (Markov), and a
//! running product of conditional e-values exceeds 1/α *ever* with probability at most α (Ville). All values here are
//! natural logarithms: 0 says nothing, ln 20,000 ≈ 9.9 is one discovery among a thousand candidates at 5 %.
//!
//! | to combine | use | valid when |
//! |---|---|---|
//! | several looks at one thing | [`ln_average`] | always, however dependent; weights fixed beforehand |
//! | independent experiments | [`ln_product`] | each is an e-value given the ones before |
//! | a family of hypotheses at one time | [`e_bh`] | always: false discovery rate at most α |
//! | a family that grows day by day | [`spent_alpha`] with [`ln_threshold`] | always: any false discovery at most α |
//!
//! References: Vovk and Wang, *E-values: calibration, combination and applications* (2021); Wang and Ramdas, *False
//! discovery rate control with e-values* (2022); Ville 1939.

use std::f64::consts::PI;

use crate::special::{ln_gamma_lower, ln_sum_exp};

/// ln e of the calibrator κ p^(κ−1), κ strictly between 0 and 1, `ln_p` ≤ 0.
///
/// Exact: expectation 1 for a uniform p, less for a super-uniform one. Small κ bets on very small p.
pub fn ln_from_p(ln_p: f64, kappa: f64) -> f64 {
    assert!(ln_p <= 0.0, "ln p-value {ln_p}");
    assert!(kappa > 0.0 && kappa < 1.0, "calibrator with kappa {kappa}");
    kappa.ln() + (kappa - 1.0) * ln_p
}

/// ln e of the calibrator ∫ κ p^(κ−1) dκ = (1 − p + p ln p) / (p ln² p), which bets on every κ at once.
///
/// `ln_p` ≤ 0; e is ½ at p = 1 and about 1/(p ln² p) for small p: at p = 1e-6 it is 5,239.
pub fn ln_from_p_mixture(ln_p: f64) -> f64 {
    assert!(ln_p <= 0.0, "ln p-value {ln_p}");
    let depth = -ln_p;
    if depth < 1e-8 {
        return -std::f64::consts::LN_2;
    }
    if depth.is_infinite() {
        return f64::INFINITY;
    }
    // 1 − p + p ln p is the lower incomplete gamma function of 2 at −ln p.
    ln_gamma_lower(2.0, depth) + depth - 2.0 * depth.ln()
}

/// ln of the p-value min(1, 1/e) that an e-value implies.
pub fn ln_to_p(ln_e: f64) -> f64 {
    (-ln_e).min(0.0)
}

/// ln of the average of e-values: an e-value under any dependence. No values: 0.
///
/// Values are added in the given order; give them in a canonical one where bytes matter.
pub fn ln_average(ln_e: &[f64]) -> f64 {
    if ln_e.is_empty() { 0.0 } else { ln_sum_exp(ln_e) - (ln_e.len() as f64).ln() }
}

/// ln Σ weight × e, for weights at least 0 that add to 1 and were fixed before the data were seen.
pub fn ln_weighted_average(weighted: &[(f64, f64)]) -> f64 {
    let total: f64 = weighted.iter().map(|(weight, _)| weight).sum();
    assert!((total - 1.0).abs() < 1e-9 && weighted.iter().all(|(weight, _)| *weight >= 0.0), "weights add to {total}");
    let terms: Vec<f64> =
        weighted.iter().filter(|(weight, _)| *weight > 0.0).map(|(weight, ln_e)| weight.ln() + ln_e).collect();
    ln_sum_exp(&terms)
}

/// ln of the product of e-values that are independent, or each valid given those before it. No values: 0.
///
/// An e-value of 0 (`NEG_INFINITY`) is final, whatever the others say.
pub fn ln_product(ln_e: &[f64]) -> f64 {
    if ln_e.contains(&f64::NEG_INFINITY) { f64::NEG_INFINITY } else { ln_e.iter().sum() }
}

/// The threshold ln (1/α) that an e-value, or a running product of them at any time, reaches with probability at most α
/// under its null (Ville's inequality). `alpha` within 0..=1, not 0.
pub fn ln_threshold(alpha: f64) -> f64 {
    assert!(alpha > 0.0 && alpha <= 1.0, "alpha {alpha}");
    -alpha.ln()
}

/// The part of `alpha` that day `day` (from 0) may spend: α · 6 / (π² (day+1)²). All days together spend α.
pub fn spent_alpha(alpha: f64, day: u32) -> f64 {
    let nth = f64::from(day) + 1.0;
    alpha * 6.0 / (PI * PI * nth * nth)
}

/// The e-BH procedure: indices, ascending, of the hypotheses rejected at false discovery rate `alpha`.
///
/// `family` is the number of hypotheses tested, at least as many as are listed: those not listed have e = 0. H0 of
/// each: its e-value has expectation at most 1. Holds under any dependence. Cost: a sort.
pub fn e_bh(ln_e: &[f64], family: usize, alpha: f64) -> Vec<usize> {
    assert!(family >= ln_e.len(), "{} e-values of a family of {family}", ln_e.len());
    let mut descending = ln_e.to_vec();
    descending.sort_unstable_by(|a, b| b.total_cmp(a));
    let needed = |rejected: usize| ln_threshold(alpha) + (family as f64 / rejected as f64).ln();
    let rejected = (1..=descending.len()).rev().find(|&k| descending[k - 1] >= needed(k));
    match rejected {
        None => Vec::new(),
        Some(k) => (0..ln_e.len()).filter(|&index| ln_e[index] >= needed(k)).collect(),
    }
}

#[cfg(test)]
mod tests;
