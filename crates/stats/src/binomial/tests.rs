//! Tests of the binomial tails: definition, forty-digit values, level under the null.
//!
//! The numbers come from mpmath 1.3 at 40 digits, `mp.betainc(x, n-x+1, 0, p, regularized=True)` and its complement.

use proptest::prelude::*;

use super::*;
use crate::draw::{Draws, close, holds_level, power};

#[test]
fn tails_agree_with_forty_digits() {
    for (x, n, p, least, most) in [
        (3, 10, 0.2, -1.1325813383458678, -0.12882691218072728),
        (40, 50, 0.05, -97.27660960314105, 0.0),
        (1, 1000, 1e-4, -2.3521209174637687, -0.004685728752091068),
        (500, 1000, 0.5, -0.6682350621326347, -0.6682350621326347),
        (10, 100_000, 2e-5, -9.976387118803647, -8.305204084790106e-06),
        (9, 10, 0.99, -0.004275326440460646, -2.3473949765927884),
    ] {
        close(&format!("P(X ≥ {x} of {n})"), ln_at_least(x, n, p), least, 1e-12);
        close(&format!("P(X ≤ {x} of {n})"), ln_at_most(x, n, p), most, 1e-12);
    }
}

#[test]
fn point_chances_agree_with_forty_digits() {
    for (x, n, p, expected) in [
        (0, 10, 0.2, -2.2314355131420975),
        (3, 10, 0.2, -1.6028268537197234),
        (500, 1000, 0.5, -3.6799189920941293),
        (40, 50, 0.05, -97.28950922209502),
        (1_234_567, 1_000_000_000, 0.001, -25616.802203126044),
    ] {
        close(&format!("P(X = {x} of {n})"), ln_pmf(x, n, p), expected, 1e-12);
    }
}

#[test]
fn edges_are_certain_or_impossible() {
    assert_eq!((ln_at_least(0, 9, 0.3), ln_at_most(9, 9, 0.3)), (0.0, 0.0));
    assert_eq!((ln_at_least(10, 9, 0.3), ln_pmf(10, 9, 0.3)), (f64::NEG_INFINITY, f64::NEG_INFINITY));
    assert_eq!((ln_at_least(1, 9, 0.0), ln_at_most(8, 9, 1.0)), (f64::NEG_INFINITY, f64::NEG_INFINITY));
    assert_eq!((ln_pmf(0, 0, 0.4), ln_pmf(0, 5, 0.0), ln_pmf(5, 5, 1.0)), (0.0, 0.0, 0.0));
}

proptest! {
    #[test]
    fn tails_are_sums_of_point_chances(n in 1u64..200, x in 0u64..200, p in 0.001f64..0.999) {
        let sum = |range: std::ops::RangeInclusive<u64>| range.map(|k| ln_pmf(k, n, p).exp()).sum::<f64>();
        prop_assert!((at_least(x, n, p) - sum(x..=n)).abs() < 1e-11);
        prop_assert!((at_most(x, n, p) - sum(0..=x.min(n))).abs() < 1e-11);
    }
}

#[test]
fn level_holds_and_a_planted_excess_is_found() {
    let mut draws = Draws::new(11);
    for (n, p) in [(20, 0.3), (200, 0.02), (1000, 0.5)] {
        let null: Vec<u64> = (0..20_000).map(|_| draws.binomial(n, p)).collect();
        let above: Vec<f64> = null.iter().map(|&x| ln_at_least(x, n, p)).collect();
        let below: Vec<f64> = null.iter().map(|&x| ln_at_most(x, n, p)).collect();
        holds_level(&format!("at least, n {n}"), &above);
        holds_level(&format!("at most, n {n}"), &below);
    }
    let planted: Vec<f64> = (0..2000).map(|_| ln_at_least(draws.binomial(200, 0.09), 200, 0.02)).collect();
    assert!(power(&planted, 0.001) > 0.9, "power {}", power(&planted, 0.001));
}
