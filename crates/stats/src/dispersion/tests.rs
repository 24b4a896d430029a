//! Tests of the comparison of spreads: level for six shapes, power, and independence of order and centre.

use super::*;
use crate::draw::{Draws, holds_level, power};

type Shape = fn(&mut Draws) -> f64;

/// Shapes under which the usual tests lose their level: heavy tails, skewness, two humps.
const SHAPES: [(&str, Shape); 6] = [
    ("normal", |draws| draws.normal()),
    ("student 3", |draws| draws.student_3()),
    ("exponential", |draws| -draws.uniform().ln()),
    ("log-normal, wide", |draws| (1.5 * draws.normal()).exp()),
    ("two humps", |draws| 0.3 * draws.normal() + if draws.uniform() < 0.5 { -1.0 } else { 1.0 }),
    ("few values", |draws| draws.below(5) as f64),
];

fn sample(draws: &mut Draws, n: usize, shape: Shape, scale: f64) -> Vec<f64> {
    (0..n).map(|_| scale * shape(draws)).collect()
}

#[test]
fn level_holds_for_every_shape_and_size() {
    let mut draws = Draws::new(16);
    for (n, reference) in [(8, 200), (20, 500), (101, 300)] {
        for (name, shape) in SHAPES {
            let ln_p: Vec<f64> = (0..3000)
                .map(|_| {
                    let own = sample(&mut draws, n, shape, 1.0);
                    let other = sample(&mut draws, reference, shape, 1.0);
                    smaller(&own, &other).ln_p
                })
                .collect();
            holds_level(&format!("{n} against {reference}, {name}"), &ln_p);
        }
    }
}

#[test]
fn half_the_spread_is_found() {
    let mut draws = Draws::new(17);
    for (name, shape) in SHAPES.iter().take(2) {
        let ln_p: Vec<f64> = (0..300)
            .map(|_| {
                let own = sample(&mut draws, 100, *shape, 0.5);
                let other = sample(&mut draws, 500, *shape, 1.0);
                smaller(&own, &other).ln_p
            })
            .collect();
        assert!(power(&ln_p, 0.001) > 0.8, "{name}: power {}", power(&ln_p, 0.001));
    }
}

#[test]
fn neither_order_nor_centre_matters() {
    let mut draws = Draws::new(18);
    let own: Vec<f64> = (0..40).map(|_| draws.below(1000) as f64).collect();
    let other: Vec<f64> = (0..90).map(|_| draws.below(4000) as f64).collect();
    let test = smaller(&own, &other);
    let reversed: Vec<f64> = own.iter().rev().map(|value| value + 4096.0).collect();
    assert_eq!(test, smaller(&reversed, &other));
    assert!(test.spread_ratio < 0.5 && test.superiority > 0.6 && test.ln_p < f64::ln(0.01), "{test:?}");
}

#[test]
fn nothing_to_compare_says_nothing() {
    for test in [smaller(&[1.0], &[1.0, 2.0]), smaller(&[1.0, 2.0], &[]), smaller(&[3.0; 9], &[3.0; 9])] {
        assert_eq!(test, Dispersion { ln_p: 0.0, superiority: 0.5, spread_ratio: 1.0 });
    }
    assert_eq!(smaller(&[1.0, 2.0], &[3.0, 3.0]).spread_ratio, f64::INFINITY);
}
