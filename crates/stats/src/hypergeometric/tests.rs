//! Tests of the overlap of two sets: definition, forty-digit values, level under the null.
//!
//! The numbers come from mpmath 1.3 at 40 digits: Σ `mp.binomial(a, i) * mp.binomial(N-a, b-i) / mp.binomial(N, b)`.

use proptest::prelude::*;

use super::*;
use crate::draw::{Draws, close, holds_level, power};
use crate::special::ln_choose;

#[test]
fn tails_agree_with_forty_digits() {
    for (overlap, first, second, population, expected) in [
        (3, 10, 12, 50, -0.7999692023632704),
        (20, 30, 40, 1000, -52.95773743884425),
        (1, 5, 5, 100_000, -8.29412964170203),
        (6, 300, 400, 20_000, -0.584925493665944),
        (2, 300, 400, 20_000, -0.0162043922295092),
        (9, 9, 10, 12, -3.091042453358316),
        (150, 300, 200, 100_000, -807.2818445927335),
    ] {
        let found = ln_at_least(overlap, first, second, population);
        close(&format!("{overlap} of {first} and {second} of {population}"), found, expected, 1e-11);
    }
}

#[test]
fn edges_are_certain_or_impossible() {
    assert_eq!(ln_at_least(0, 3, 4, 10), 0.0);
    assert_eq!(ln_at_least(4, 3, 4, 10), f64::NEG_INFINITY);
    // Sets of 8 and 7 of 10 share at least 5.
    assert_eq!((ln_at_least(5, 8, 7, 10), ln_pmf(4, 8, 7, 10)), (0.0, f64::NEG_INFINITY));
    assert_eq!((ln_at_least(0, 0, 0, 0), ln_at_least(1, 0, 5, 9)), (0.0, f64::NEG_INFINITY));
    assert_eq!(ln_pmf(4, 4, 10, 10), 0.0);
}

proptest! {
    #[test]
    fn tail_is_its_definition(population in 1u64..60, a in 0u64..60, b in 0u64..60, overlap in 0u64..60) {
        let (first, second) = (a.min(population), b.min(population));
        let naive: f64 = (overlap..=first.min(second))
            .filter(|k| second - k <= population - first)
            .map(|k| (ln_choose(first, k) + ln_choose(population - first, second - k)
                - ln_choose(population, second)).exp())
            .sum();
        let found = ln_at_least(overlap, first, second, population).exp();
        prop_assert!((found - naive).abs() < 1e-10, "{found} instead of {naive}");
    }
}

/// Draws `second` of `population` and counts how many fall below `first`.
fn overlap(draws: &mut Draws, first: u64, second: u64, population: u64) -> u64 {
    let mut items: Vec<u64> = (0..population).collect();
    for at in 0..second {
        let other = at + draws.below(population - at);
        items.swap(at as usize, other as usize);
    }
    items[..second as usize].iter().filter(|item| **item < first).count() as u64
}

#[test]
fn level_holds_and_a_planted_overlap_is_found() {
    let mut draws = Draws::new(13);
    let null: Vec<f64> = (0..20_000).map(|_| ln_at_least(overlap(&mut draws, 30, 40, 300), 30, 40, 300)).collect();
    holds_level("overlap", &null);
    // Ten items in common by plan, the other thirty at random.
    let planted: Vec<f64> =
        (0..2000).map(|_| ln_at_least(10 + overlap(&mut draws, 20, 30, 290), 30, 40, 300)).collect();
    assert!(power(&planted, 0.001) > 0.9, "power {}", power(&planted, 0.001));
}
