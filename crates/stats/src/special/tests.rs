//! Tests of the special functions against forty-digit arithmetic.
//!
//! The numbers come from mpmath 1.3 at 40 digits (`mp.loggamma`, `mp.betainc(…, regularized=True)`, `mp.gammainc`,
//! `mp.erfc`, `mp.binomial`), rounded to a double.

use proptest::prelude::*;

use super::*;
use crate::draw::close;

#[test]
fn ln_gamma_agrees_with_forty_digits() {
    for (x, expected) in [
        (0.01, 4.599479878042022),
        (0.5, 0.5723649429247001),
        (1.0, 0.0),
        (1.5, -0.12078223763524522),
        (2.0, 0.0),
        (3.7, 1.428072326665388),
        (15.5, 26.536914491115613),
        (171.25, 707.8579296227101),
        (1e6, 12815504.569147611),
        (1e9, 19723265827.503716),
    ] {
        close(&format!("ln_gamma({x})"), ln_gamma(x), expected, 1e-14);
    }
}

#[test]
fn ln_choose_agrees_with_forty_digits() {
    for (n, k, expected) in [
        (7, 3, 3.5553480614894135),
        (50, 3, 9.883284845218608),
        (1000, 500, 689.4672615678512),
        (1_000_000, 1234, 9493.468944058566),
        (1_000_000_000, 20, 372.12970008817473),
        (7, 0, 0.0),
        (7, 7, 0.0),
    ] {
        close(&format!("choose({n}, {k})"), ln_choose(n, k), expected, 1e-13);
    }
    assert_eq!(ln_choose(3, 4), f64::NEG_INFINITY);
    close("5!", ln_factorial(5), 120f64.ln(), 1e-14);
    assert_eq!(ln_factorial(0), 0.0);
}

#[test]
fn incomplete_beta_agrees_with_forty_digits() {
    for (a, b, x, lower, upper) in [
        (2.0, 3.0, 0.4, -0.6447380413522577, -0.744019510933702),
        (0.5, 0.5, 0.1, -1.5855614147303534, -0.22920282758111515),
        (40.0, 11.0, 0.05, -97.27660960314105, 0.0),
        (500.0, 501.0, 0.5, -0.6682350621326347, -0.718695803055097),
        (1.0, 1000.0, 1e-5, -4.610161044262563, -0.010000050000333337),
        (2.5, 7.25, 0.93, -7.171908457034349e-08, -16.450508988088803),
        (300.0, 2.5, 0.2, -474.88761647476997, 0.0),
    ] {
        close(&format!("lower({a}, {b}, {x})"), ln_beta_lower(a, b, x), lower, 1e-12);
        close(&format!("upper({a}, {b}, {x})"), ln_beta_upper(a, b, x), upper, 1e-12);
    }
    assert_eq!((ln_beta_lower(2.0, 3.0, 0.0), ln_beta_upper(2.0, 3.0, 0.0)), (f64::NEG_INFINITY, 0.0));
    assert_eq!((ln_beta_lower(2.0, 3.0, 1.0), ln_beta_upper(2.0, 3.0, 1.0)), (0.0, f64::NEG_INFINITY));
}

#[test]
fn incomplete_gamma_agrees_with_forty_digits() {
    for (a, x, lower, upper) in [
        (0.5, 0.1, -1.0634020471545287, -0.4235463234759657),
        (2.0, 1e-4, -19.113894590901197, -4.999666691664667e-09),
        (3.0, 10.0, -0.002773237586573018, -5.889126135826689),
        (100.0, 100.0, -0.6668971505852894, -0.720104893025474),
        (100.0, 300.0, 0.0, -94.06167489534431),
        (1000.0, 700.0, -59.85147851292524, 0.0),
        (0.5, 500.0, 0.0, -503.6806665043817),
    ] {
        close(&format!("lower({a}, {x})"), ln_gamma_lower(a, x), lower, 1e-12);
        close(&format!("upper({a}, {x})"), ln_gamma_upper(a, x), upper, 1e-12);
    }
    assert_eq!((ln_gamma_lower(2.0, 0.0), ln_gamma_upper(2.0, 0.0)), (f64::NEG_INFINITY, 0.0));
}

#[test]
fn normal_tail_agrees_with_forty_digits_far_beyond_the_smallest_double() {
    for (z, expected) in [
        (-8.0, -6.220960574271786e-16),
        (-1.0, -0.17275377902344988),
        (0.25, -0.9130617648111351),
        (0.5, -1.1759117615936185),
        (1.96, -3.6889636517296385),
        (5.0, -15.064998393988725),
        (10.0, -53.23128515051247),
        (37.0, -689.0305855768906),
        (100.0, -5005.524208694205),
    ] {
        close(&format!("sf({z})"), ln_normal_sf(z), expected, 1e-13);
        close(&format!("cdf(-{z})"), ln_normal_cdf(-z), expected, 1e-13);
    }
    close("sf + cdf", normal_sf(0.7) + normal_cdf(0.7), 1.0, 1e-15);
}

#[test]
fn sums_of_logarithms_neither_overflow_nor_invent() {
    close("two", ln_sum_exp(&[1000.0, 1000.0]), 1000.0 + 2f64.ln(), 1e-15);
    assert_eq!(ln_sum_exp(&[]), f64::NEG_INFINITY);
    assert_eq!(ln_sum_exp(&[f64::NEG_INFINITY, 3.0]), 3.0);
    close("1 − e^−1e-20", ln_one_minus_exp(-1e-20), 1e-20f64.ln(), 1e-15);
    assert_eq!(ln_one_minus_exp(0.0), f64::NEG_INFINITY);
}

/// The definition of the incomplete beta function for whole a and b: a sum of binomial terms.
fn beta_by_sum(a: u64, b: u64, x: f64) -> f64 {
    let n = a + b - 1;
    (a..=n)
        .map(|j| {
            let ways: f64 = (1..=j).map(|i| (n - j + i) as f64 / i as f64).product();
            ways * x.powi(j as i32) * (1.0 - x).powi((n - j) as i32)
        })
        .sum()
}

proptest! {
    #[test]
    fn incomplete_beta_is_its_definition(a in 1u64..40, b in 1u64..40, x in 0.01f64..0.99) {
        let found = ln_beta_lower(a as f64, b as f64, x).exp();
        prop_assert!((found - beta_by_sum(a, b, x)).abs() < 1e-12);
    }

    #[test]
    fn tails_add_to_one(a in 0.1f64..1e6, b in 0.1f64..1e6, spread in -6f64..6.0) {
        let mean = a / (a + b);
        let x = (mean + spread * (mean * (1.0 - mean) / (a + b + 1.0)).sqrt()).clamp(1e-9, 1.0 - 1e-9);
        let total = ln_beta_lower(a, b, x).exp() + ln_beta_upper(a, b, x).exp();
        prop_assert!((total - 1.0).abs() < 1e-11, "beta {total}");
        let y = (a + spread * a.sqrt()).max(1e-9);
        let total = ln_gamma_lower(a, y).exp() + ln_gamma_upper(a, y).exp();
        prop_assert!((total - 1.0).abs() < 1e-11, "gamma {total}");
    }

    #[test]
    fn normal_quantile_inverts_the_tail(z in -6f64..60.0) {
        let ln_p = ln_normal_sf(z);
        prop_assert!((normal_isf(ln_p) - z).abs() < 1e-7 * (1.0 + z.abs()));
    }
}
