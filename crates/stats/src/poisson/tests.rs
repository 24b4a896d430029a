//! Tests of the Poisson tails: definition, forty-digit values, level under the null.
//!
//! The numbers come from mpmath 1.3 at 40 digits, `mp.gammainc(x, 0, mean, regularized=True)` and its complement.

use proptest::prelude::*;

use super::*;
use crate::draw::{Draws, close, holds_level, power};

#[test]
fn tails_agree_with_forty_digits() {
    for (x, mean, least, most) in [
        (1, 0.1, -2.3521684610440907, -0.00468982019567514),
        (5, 5.0, -0.5806997496314213, -0.4845721895127701),
        (30, 3.0, -44.59843887301148, 0.0),
        (1000, 900.0, -7.5057699942338925, -0.0004907531324798106),
        (3, 30.0, 0.0, -21.486614046926718),
    ] {
        close(&format!("P(X ≥ {x}), mean {mean}"), ln_at_least(x, mean), least, 1e-10);
        close(&format!("P(X ≤ {x}), mean {mean}"), ln_at_most(x, mean), most, 1e-12);
    }
    assert_eq!((ln_at_least(0, 0.0), ln_at_most(0, 0.0)), (0.0, 0.0));
    assert_eq!((ln_at_least(1, 0.0), ln_pmf(1, 0.0)), (f64::NEG_INFINITY, f64::NEG_INFINITY));
}

proptest! {
    #[test]
    fn tails_are_sums_of_point_chances(x in 0u64..120, mean in 0.01f64..80.0) {
        let upto: f64 = (0..=x).map(|k| ln_pmf(k, mean).exp()).sum();
        prop_assert!((at_most(x, mean) - upto).abs() < 1e-11);
        prop_assert!((at_least(x + 1, mean) - (1.0 - upto)).abs() < 1e-11);
    }
}

#[test]
fn level_holds_and_a_planted_excess_is_found() {
    let mut draws = Draws::new(12);
    for mean in [0.2, 3.0, 40.0] {
        let null: Vec<u64> = (0..20_000).map(|_| draws.poisson(mean)).collect();
        holds_level("at least", &null.iter().map(|&x| ln_at_least(x, mean)).collect::<Vec<_>>());
        holds_level("at most", &null.iter().map(|&x| ln_at_most(x, mean)).collect::<Vec<_>>());
    }
    let planted: Vec<f64> = (0..2000).map(|_| ln_at_least(draws.poisson(16.0), 3.0)).collect();
    assert!(power(&planted, 0.001) > 0.9, "power {}", power(&planted, 0.001));
}
