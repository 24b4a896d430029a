//! Tests of the e-values: calibrators, combination, e-BH, and the chance of ever crossing the threshold.
//!
//! Reference numbers of the mixture calibrator: mpmath 1.3 at 40 digits.

use proptest::prelude::*;

use super::*;
use crate::binomial;
use crate::draw::{Draws, close};

#[test]
fn calibrators_agree_with_their_formulas() {
    for (p, expected) in [
        (0.9, -0.6577172178166426),
        (0.5, -0.44836122069267487),
        (0.05, 0.578478018845863),
        (1e-6, 8.563911913391944),
        (1e-300, 677.6998980584054),
    ] {
        close(&format!("mixture({p})"), ln_from_p_mixture(f64::ln(p)), expected, 1e-13);
        close(&format!("power({p})"), ln_from_p(f64::ln(p), 0.3), (0.3f64).ln() - 0.7 * p.ln(), 1e-13);
    }
    close("p = 1", ln_from_p_mixture(0.0), 0.5f64.ln(), 1e-12);
    assert_eq!(ln_from_p_mixture(f64::NEG_INFINITY), f64::INFINITY);
    assert_eq!((ln_to_p(-3.0), ln_to_p(3.0)), (0.0, -3.0));
}

/// The definition: expectation 1 under a uniform p, by the midpoint rule in ln p.
#[test]
fn calibrators_have_expectation_one() {
    let step = 1e-3;
    let expectation = |calibrator: &dyn Fn(f64) -> f64| -> f64 {
        (0..2_000_000).map(|i| -(f64::from(i) + 0.5) * step).map(|ln_p| (calibrator(ln_p) + ln_p).exp() * step).sum()
    };
    let power = expectation(&|ln_p| ln_from_p(ln_p, 0.4));
    assert!((power - 1.0).abs() < 1e-4, "{power}");
    // The mixture's tail beyond ln p = −2000 holds 1/2000.
    let mixture = expectation(&ln_from_p_mixture);
    assert!((mixture - (1.0 - 1.0 / 2000.0)).abs() < 1e-4, "{mixture}");
}

#[test]
fn combining_is_done_on_the_values_not_on_their_logarithms() {
    close("average", ln_average(&[8f64.ln(), 2f64.ln()]), 5f64.ln(), 1e-14);
    close("weighted", ln_weighted_average(&[(0.25, 8f64.ln()), (0.75, 4f64.ln())]), 5f64.ln(), 1e-14);
    close("product", ln_product(&[8f64.ln(), 2f64.ln()]), 16f64.ln(), 1e-14);
    assert_eq!((ln_average(&[]), ln_product(&[])), (0.0, 0.0));
    assert_eq!(ln_product(&[f64::INFINITY, f64::NEG_INFINITY]), f64::NEG_INFINITY);
    close("half of nothing", ln_average(&[f64::NEG_INFINITY, 8f64.ln()]), 4f64.ln(), 1e-14);
}

#[test]
fn days_together_spend_alpha() {
    let spent: f64 = (0..100_000).map(|day| spent_alpha(0.05, day)).sum();
    assert!(spent < 0.05 && spent > 0.0499, "{spent}");
    close("threshold", ln_threshold(0.05), 20f64.ln(), 1e-15);
}

/// The definition of e-BH: the largest k for which k hypotheses have e ≥ family/(α k).
fn naive_e_bh(e: &[f64], family: usize, alpha: f64) -> Vec<usize> {
    let reaches = |k: usize, index: &usize| e[*index] >= ((family as f64 / k as f64).ln() + ln_threshold(alpha));
    for k in (1..=e.len()).rev() {
        let rejected: Vec<usize> = (0..e.len()).filter(|index| reaches(k, index)).collect();
        if rejected.len() >= k {
            return rejected;
        }
    }
    Vec::new()
}

proptest! {
    #[test]
    fn e_bh_is_its_definition(ln_e in prop::collection::vec(-2f64..9.0, 0..30), more in 0usize..20) {
        let family = ln_e.len() + more;
        prop_assert_eq!(e_bh(&ln_e, family.max(1), 0.1), naive_e_bh(&ln_e, family.max(1), 0.1));
    }
}

#[test]
fn e_bh_counts_the_hypotheses_that_are_not_listed() {
    let ln_e = [400f64.ln(), 1.0, 150f64.ln()];
    assert_eq!(e_bh(&ln_e, 3, 0.05), vec![0, 2]);
    assert_eq!(e_bh(&ln_e, 20, 0.05), vec![0]);
    assert_eq!(e_bh(&ln_e, 21, 0.05), Vec::<usize>::new());
}

/// Asserts that `crossed` of `runs` is compatible with a chance of at most `alpha` (chance 1e-4 of failing wrongly).
fn at_most(crossed: u64, runs: u64, alpha: f64) {
    assert!(binomial::at_least(crossed, runs, alpha) > 1e-4, "{crossed} of {runs} crossed at {alpha}");
}

/// Runs of 200 bets on a fair coin, each e-value valid given the past; the bet follows the past, as a real one would.
#[test]
fn running_product_ever_crosses_with_chance_alpha_at_most() {
    let mut draws = Draws::new(19);
    let runs = 4000;
    let mut peaks = Vec::new();
    for _ in 0..runs {
        let (mut ln_e, mut peak, mut heads) = (0.0f64, 0.0f64, 0.0f64);
        for step in 0..200 {
            let guess = ((heads + 1.0) / (f64::from(step) + 2.0)).clamp(0.05, 0.95);
            let head = draws.uniform() < 0.5;
            ln_e += (2.0 * if head { guess } else { 1.0 - guess }).ln();
            heads += f64::from(u8::from(head));
            peak = peak.max(ln_e);
        }
        peaks.push(peak);
    }
    for alpha in [0.1, 0.01, 0.001] {
        let crossed = peaks.iter().filter(|peak| **peak >= ln_threshold(alpha)).count() as u64;
        at_most(crossed, runs, alpha);
    }
}

/// A year of daily looks with the spent schedule: any crossing at all has chance α at most.
#[test]
fn daily_looks_with_spent_alpha_err_with_chance_alpha_at_most() {
    let mut draws = Draws::new(20);
    let runs = 2000;
    for alpha in [0.1, 0.01] {
        let crossed = (0..runs)
            .filter(|_| {
                (0..365).any(|day| ln_from_p_mixture(draws.uniform().ln()) >= ln_threshold(spent_alpha(alpha, day)))
            })
            .count() as u64;
        at_most(crossed, runs, alpha);
    }
}

#[test]
fn planted_bias_crosses() {
    let mut draws = Draws::new(21);
    let crossed = (0..500)
        .filter(|_| {
            let mut ln_e = 0.0f64;
            (0..200).any(|_| {
                ln_e += if draws.uniform() < 0.75 { 1.5f64.ln() } else { 0.5f64.ln() };
                ln_e >= ln_threshold(0.001)
            })
        })
        .count();
    assert!(crossed > 450, "{crossed} of 500");
}

/// Half of the family is real; the share of false ones among the rejected must average at most α.
#[test]
fn e_bh_keeps_the_false_discovery_rate_under_dependence() {
    let mut draws = Draws::new(22);
    let (mut false_share, mut found) = (0.0, 0usize);
    let runs = 1000;
    for _ in 0..runs {
        // One shared number drives all nulls: the strongest dependence there is.
        let shared = draws.uniform();
        let ln_e: Vec<f64> = (0..100)
            .map(|i| if i < 50 { ln_from_p_mixture(shared.ln()) } else { ln_from_p(draws.uniform().ln() - 14.0, 0.1) })
            .collect();
        let rejected = e_bh(&ln_e, 100, 0.1);
        let wrong = rejected.iter().filter(|index| **index < 50).count();
        false_share += wrong as f64 / rejected.len().max(1) as f64 / f64::from(runs);
        found += rejected.len() - wrong;
    }
    assert!(false_share <= 0.1, "{false_share}");
    assert!(found > 45 * runs as usize, "{found} found");
}
