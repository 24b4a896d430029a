//! Tests of the rank-sum test: definition, reference values, level under the null with and without ties.
//!
//! Reference numbers: scipy 1.x, `mannwhitneyu(x, y, alternative="greater", method="exact")` for the first and
//! `method="asymptotic"` for the second.

use proptest::prelude::*;

use super::*;
use crate::draw::{Draws, close, holds_level, power};

#[test]
fn small_samples_agree_with_scipy() {
    let test = larger(&[7.0, 9.0, 11.0, 13.5], &[1.0, 2.0, 8.0, 3.0, 4.0, 5.5]);
    close("p", test.ln_p, 0.009523809523809525f64.ln(), 1e-13);
    assert_eq!((test.superiority, test.exact), (23.0 / 24.0, true));
}

#[test]
fn large_samples_agree_with_scipy() {
    let x: Vec<f64> = (0..60).map(|i| f64::from((i * 37) % 101) + 12.5).collect();
    let y: Vec<f64> = (0..90).map(|i| f64::from((i * 53) % 101)).collect();
    let test = larger(&x, &y);
    assert_eq!((test.superiority, test.exact), (3355.0 / 5400.0, false));
    close("p", test.ln_p, -5.112232920649458, 1e-12);
}

#[test]
fn nothing_to_compare_says_nothing() {
    for test in
        [larger(&[], &[1.0]), larger(&[1.0], &[]), larger(&[2.0; 4], &[2.0; 5]), larger(&[2.0; 400], &[2.0; 500])]
    {
        assert_eq!((test.ln_p, test.superiority, test.z), (0.0, 0.5, 0.0));
    }
    assert_eq!(larger(&[-0.0], &[0.0]).superiority, 0.5, "minus zero is zero");
}

/// The definition: over all assignments of the pooled values to the samples, how often is U at least as large?
fn naive_p(x: &[f64], y: &[f64]) -> f64 {
    let pooled: Vec<f64> = x.iter().chain(y).copied().collect();
    let twice_u = |is_x: &dyn Fn(usize) -> bool| -> i64 {
        let mut sum = 0;
        for i in (0..pooled.len()).filter(|&i| is_x(i)) {
            for j in (0..pooled.len()).filter(|&j| !is_x(j)) {
                sum += 1 + i64::from(pooled[i] > pooled[j]) - i64::from(pooled[i] < pooled[j]);
            }
        }
        sum
    };
    let seen = twice_u(&|i| i < x.len());
    let (mut extreme, mut all) = (0u64, 0u64);
    for mask in (0u32..1 << pooled.len()).filter(|mask| mask.count_ones() as usize == x.len()) {
        all += 1;
        extreme += u64::from(twice_u(&|i| mask >> i & 1 == 1) >= seen);
    }
    extreme as f64 / all as f64
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn exact_tail_is_its_definition(
        x in prop::collection::vec(0u8..6, 1..6),
        y in prop::collection::vec(0u8..6, 1..7),
    ) {
        let x: Vec<f64> = x.into_iter().map(f64::from).collect();
        let y: Vec<f64> = y.into_iter().map(f64::from).collect();
        let test = larger(&x, &y);
        prop_assert!((test.ln_p.exp() - naive_p(&x, &y)).abs() < 1e-12);
        prop_assert!((test.superiority + smaller(&x, &y).superiority - 1.0).abs() < 1e-12);
    }

    #[test]
    fn approximation_is_near_the_exact_tail(
        counts in prop::collection::vec((1u64..9, 5u64..30), 5..10),
    ) {
        let (n_x, n_y) = counts.iter().fold((0, 0), |(x, y), c| (x + c.0, y + c.1));
        let mut twice_u: u128 = 0;
        let mut below = 0;
        for &(of_x, of_y) in &counts {
            twice_u += u128::from(of_x * (2 * below + of_y));
            below += of_y;
        }
        let Some(exact) = Ranks::of(&counts, [n_x, n_y]).exact_ln_p(twice_u, u128::MAX) else {
            return Err(TestCaseError::reject("more assignments than a double holds"));
        };
        let moments = Moments::of(&counts, n_x, n_y);
        let approximate = moments.ln_tail(twice_u as f64 / 2.0 - (n_x * n_y) as f64 / 2.0);
        // It may be bold by a sixth of the exponent in the far tail, and careful by one unit in the bulk.
        prop_assert!(approximate > exact * 1.15 - 0.15, "{approximate} instead of {exact}");
        prop_assert!(approximate < exact * 0.7 + 0.7, "{approximate} instead of {exact}");
    }
}

#[test]
fn level_holds_for_small_samples_large_samples_and_heavy_ties() {
    let mut draws = Draws::new(14);
    // Sizes, and the draw: continuous, few values, nine tenths zero, one in fifty nonzero.
    let kinds: [fn(&mut Draws) -> f64; 4] = [
        |draws| draws.student_3(),
        |draws| draws.below(4) as f64,
        |draws| if draws.uniform() < 0.9 { 0.0 } else { draws.uniform() },
        |draws| f64::from(u8::from(draws.uniform() < 0.02)),
    ];
    for (n_x, n_y) in [(5, 8), (40, 60), (12, 400)] {
        for (number, kind) in kinds.iter().enumerate() {
            let ln_p: Vec<f64> = (0..4000)
                .map(|_| {
                    let x: Vec<f64> = (0..n_x).map(|_| kind(&mut draws)).collect();
                    let y: Vec<f64> = (0..n_y).map(|_| kind(&mut draws)).collect();
                    larger(&x, &y).ln_p
                })
                .collect();
            holds_level(&format!("{n_x} against {n_y}, kind {number}"), &ln_p);
        }
    }
}

#[test]
fn planted_shift_is_found() {
    let mut draws = Draws::new(15);
    let ln_p: Vec<f64> = (0..500)
        .map(|_| {
            let x: Vec<f64> = (0..40).map(|_| draws.normal() + 1.0).collect();
            let y: Vec<f64> = (0..60).map(|_| draws.normal()).collect();
            larger(&x, &y).ln_p
        })
        .collect();
    assert!(power(&ln_p, 0.001) > 0.9, "power {}", power(&ln_p, 0.001));
}
