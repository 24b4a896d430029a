//! Tests of the intervals: reference values and how often they hold the truth.
//!
//! Reference numbers: scipy 1.x, `binomtest(k, n).proportion_ci(0.95, "wilson")` and `"exact"`.

use super::*;
use crate::draw::{Draws, close};

#[test]
fn ends_agree_with_scipy() {
    for (k, n, wilson_ends, exact_ends) in [
        (0, 20, (0.0, 0.16112515805281935), (0.0, 0.16843347098308548)),
        (3, 20, (0.05236874589621662, 0.3604188647407569), (0.03207093718554477, 0.37892682654529564)),
        (20, 20, (0.8388748419471808, 1.0), (0.8315665290169145, 1.0)),
        (487, 500, (0.9560285091657758, 0.9847436160766728), (0.9559495631426398, 0.9860850699367151)),
    ] {
        for (name, found, (low, high)) in
            [("wilson", wilson(k, n, 0.95), wilson_ends), ("exact", clopper_pearson(k, n, 0.95), exact_ends)]
        {
            close(&format!("{name} low of {k}/{n}"), found.low, low, 1e-9);
            close(&format!("{name} high of {k}/{n}"), found.high, high, 1e-9);
        }
    }
}

#[test]
fn after_zero_events_the_rule_of_three_holds() {
    close("0 of 1000", upper_bound(0, 1000, 0.05), 0.002991249, 1e-9);
    assert_eq!(upper_bound(0, 0, 0.05), 1.0);
    assert_eq!(wilson(0, 0, 0.95), Interval { low: 0.0, high: 1.0 });
    assert_eq!(clopper_pearson(0, 0, 0.95), Interval { low: 0.0, high: 1.0 });
}

/// How often an interval holds the truth, summed over the distribution: no sampling error.
fn coverage(n: u64, share: f64, interval: fn(u64, u64, f64) -> Interval) -> f64 {
    (0..=n)
        .filter(|&k| {
            let ends = interval(k, n, 0.95);
            ends.low <= share && share <= ends.high
        })
        .map(|k| crate::binomial::ln_pmf(k, n, share).exp())
        .sum()
}

#[test]
fn exact_interval_always_holds_and_wilson_on_the_average() {
    let mut draws = Draws::new(23);
    for n in [5, 30, 120] {
        let shares: Vec<f64> = (0..60).map(|_| draws.uniform()).collect();
        for &share in &shares {
            let held = coverage(n, share, clopper_pearson);
            assert!(held >= 0.95 - 1e-9, "{held} at {share} of {n}");
        }
        let average = shares.iter().map(|&share| coverage(n, share, wilson)).sum::<f64>() / 60.0;
        assert!(average > 0.935, "{average} at {n}");
    }
}
