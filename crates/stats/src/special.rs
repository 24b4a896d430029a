//! Gamma, beta and normal functions, in logarithms.
//!
//! All are evaluated around the saddle point (deviance plus Stirling error, Loader 2000) instead of as differences of
//! large log-gammas, so that a tail probability keeps about twelve digits for counts up to 1e9.
//! Invariant: every result that is the logarithm of a probability is at most 0.
//!
//! References: C. Loader, *Fast and accurate computation of binomial probabilities* (2000); Press et al., *Numerical
//! Recipes*, 6.2 and 6.4 (series and continued fractions); NIST DLMF chapters 5, 7 and 8.

use std::f64::consts::{LN_2, PI};

/// ½ ln 2π.
const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_8;
/// Stops series and fractions: the relative weight of a step below which nothing changes.
const CLOSE_ENOUGH: f64 = 1e-16;
/// Keeps Lentz's method away from a division by zero.
const TINY: f64 = 1e-300;

/// ln Γ(x) for x > 0. Absolute error about 1e-15 near 1 and 2, relative error about 1e-15 elsewhere.
pub fn ln_gamma(x: f64) -> f64 {
    assert!(x > 0.0, "ln_gamma of {x}");
    (x - 0.5) * x.ln() - x + HALF_LN_TWO_PI + stirling_error(x)
}

/// ln n!.
pub fn ln_factorial(n: u64) -> f64 {
    if n < 2 { 0.0 } else { ln_gamma(n as f64 + 1.0) }
}

/// ln of the number of ways to choose `k` of `n`; `NEG_INFINITY` when `k > n`.
pub fn ln_choose(n: u64, k: u64) -> f64 {
    if k > n {
        return f64::NEG_INFINITY;
    }
    if k == 0 || k == n {
        return 0.0;
    }
    // 1/((n+1) B(k+1, n−k+1)), at the point where the deviances vanish.
    let (a, b) = (k as f64 + 1.0, (n - k) as f64 + 1.0);
    let x = a / (a + b);
    ln_beta_prefix(a, b, x) - a * x.ln() - b * (-x).ln_1p() - (n as f64 + 1.0).ln()
}

/// ln I_x(a, b): the regularised incomplete beta function, a, b > 0 and x within 0..=1.
///
/// Cost: steps grow as the square root of the larger of a and b.
pub fn ln_beta_lower(a: f64, b: f64, x: f64) -> f64 {
    assert!(a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&x), "incomplete beta of ({a}, {b}) at {x}");
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if x == 1.0 {
        return 0.0;
    }
    if x <= (a + 1.0) / (a + b + 2.0) {
        (ln_beta_prefix(a, b, x) + beta_fraction(a, b, x).ln() - a.ln()).min(0.0)
    } else {
        ln_one_minus_exp((ln_beta_prefix(a, b, x) + beta_fraction(b, a, 1.0 - x).ln() - b.ln()).min(0.0))
    }
}

/// ln (1 − I_x(a, b)).
pub fn ln_beta_upper(a: f64, b: f64, x: f64) -> f64 {
    assert!(a > 0.0 && b > 0.0 && (0.0..=1.0).contains(&x), "incomplete beta of ({a}, {b}) at {x}");
    if x == 0.0 {
        return 0.0;
    }
    if x == 1.0 {
        return f64::NEG_INFINITY;
    }
    if x <= (a + 1.0) / (a + b + 2.0) {
        ln_one_minus_exp((ln_beta_prefix(a, b, x) + beta_fraction(a, b, x).ln() - a.ln()).min(0.0))
    } else {
        (ln_beta_prefix(a, b, x) + beta_fraction(b, a, 1.0 - x).ln() - b.ln()).min(0.0)
    }
}

/// ln P(a, x): the regularised lower incomplete gamma function, a > 0 and x ≥ 0.
pub fn ln_gamma_lower(a: f64, x: f64) -> f64 {
    assert!(a > 0.0 && x >= 0.0, "incomplete gamma of {a} at {x}");
    if x == 0.0 {
        f64::NEG_INFINITY
    } else if x < a + 1.0 {
        (ln_gamma_prefix(a, x) + gamma_series(a, x).ln()).min(0.0)
    } else {
        ln_one_minus_exp((ln_gamma_prefix(a, x) + gamma_fraction(a, x).ln()).min(0.0))
    }
}

/// ln Q(a, x) = ln (1 − P(a, x)).
pub fn ln_gamma_upper(a: f64, x: f64) -> f64 {
    assert!(a > 0.0 && x >= 0.0, "incomplete gamma of {a} at {x}");
    if x == 0.0 {
        0.0
    } else if x < a + 1.0 {
        ln_one_minus_exp((ln_gamma_prefix(a, x) + gamma_series(a, x).ln()).min(0.0))
    } else {
        (ln_gamma_prefix(a, x) + gamma_fraction(a, x).ln()).min(0.0)
    }
}

/// ln P(Z > z) for a standard normal Z; accurate for every finite z.
pub fn ln_normal_sf(z: f64) -> f64 {
    let half_upper = ln_gamma_upper(0.5, z * z / 2.0) - LN_2;
    if z >= 0.0 { half_upper } else { ln_one_minus_exp(half_upper) }
}

/// ln P(Z ≤ z) for a standard normal Z.
pub fn ln_normal_cdf(z: f64) -> f64 {
    ln_normal_sf(-z)
}

/// P(Z > z) for a standard normal Z.
pub fn normal_sf(z: f64) -> f64 {
    ln_normal_sf(z).exp()
}

/// P(Z ≤ z) for a standard normal Z.
pub fn normal_cdf(z: f64) -> f64 {
    ln_normal_sf(-z).exp()
}

/// The z above which a standard normal lies with probability exp(`ln_p`), `ln_p` < 0.
///
/// Newton's method on the log tail, which is concave: monotone from the left, so it cannot overshoot.
pub fn normal_isf(ln_p: f64) -> f64 {
    assert!(ln_p < 0.0 && ln_p.is_finite(), "normal quantile at ln p = {ln_p}");
    if ln_p > -LN_2 {
        return -normal_isf(ln_one_minus_exp(ln_p));
    }
    let mut z = 0.0;
    for _ in 0..200 {
        let tail = ln_normal_sf(z);
        let slope = -(-z * z / 2.0 - HALF_LN_TWO_PI - tail).exp();
        let step = (ln_p - tail) / slope;
        z += step;
        if step.abs() < 1e-14 * (1.0 + z.abs()) {
            break;
        }
    }
    z
}

/// ln (1 − eˣ) for x ≤ 0, without cancellation at either end.
pub fn ln_one_minus_exp(x: f64) -> f64 {
    debug_assert!(x <= 0.0, "ln_one_minus_exp of {x}");
    if x == 0.0 {
        f64::NEG_INFINITY
    } else if x > -LN_2 {
        (-x.exp_m1()).ln()
    } else {
        (-x.exp()).ln_1p()
    }
}

/// ln Σ eˣ; `NEG_INFINITY` for no terms. The order of the terms may change the last bit.
pub fn ln_sum_exp(terms: &[f64]) -> f64 {
    let largest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest.is_infinite() {
        return largest;
    }
    largest + terms.iter().map(|term| (term - largest).exp()).sum::<f64>().ln()
}

/// ln of x^a (1−x)^b / B(a, b), for x strictly between 0 and 1.
pub(crate) fn ln_beta_prefix(a: f64, b: f64, x: f64) -> f64 {
    let total = a + b;
    let errors = stirling_error(total) - stirling_error(a) - stirling_error(b);
    // 1 − x loses digits of a small x only beyond those that matter to b.
    let deviances = deviance(a, total * x) + deviance(b, total * (1.0 - x));
    errors - deviances + 0.5 * (a * (b / total) / (2.0 * PI)).ln()
}

/// ln of x^a e^(−x) / Γ(a).
pub(crate) fn ln_gamma_prefix(a: f64, x: f64) -> f64 {
    0.5 * a.ln() - HALF_LN_TWO_PI - stirling_error(a) - deviance(a, x)
}

/// x ln(x/m) + m − x for positive x and m, without cancellation where x is close to m.
pub(crate) fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut power = 2.0 * x * v;
    for odd in (3..1000).step_by(2) {
        power *= v * v;
        let next = sum + power / f64::from(odd);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// δ(x) = ln Γ(x) − (x − ½) ln x + x − ½ ln 2π, the error of Stirling's formula; x > 0.
pub(crate) fn stirling_error(x: f64) -> f64 {
    let mut shifted = x;
    let mut sum = 0.0;
    while shifted < 16.0 {
        // δ(x) = δ(x+1) + (x+½) ln(1 + 1/x) − 1
        sum += (shifted + 0.5) * (1.0 / shifted).ln_1p() - 1.0;
        shifted += 1.0;
    }
    let r = 1.0 / (shifted * shifted);
    let series = 1.0 / 12.0 - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r / 1188.0)));
    sum + series / shifted
}

/// The continued fraction of the incomplete beta function, modified Lentz (Numerical Recipes 6.4).
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let steps_max = 1000 + (20.0 * a.max(b).sqrt()) as u64;
    let keep = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / keep(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..=steps_max {
        let m = step as f64;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / keep(1.0 + even * d);
        c = keep(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / keep(1.0 + odd * d);
        c = keep(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < CLOSE_ENOUGH.max(f64::EPSILON) {
            break;
        }
    }
    fraction
}

/// Σ xⁿ / (a (a+1) … (a+n)), n from 0.
fn gamma_series(a: f64, x: f64) -> f64 {
    let steps_max = 1000 + (20.0 * a.sqrt()) as u64;
    let mut term = 1.0 / a;
    let mut sum = term;
    for step in 1..=steps_max {
        term *= x / (a + step as f64);
        sum += term;
        if term < sum * CLOSE_ENOUGH {
            break;
        }
    }
    sum
}

/// The continued fraction of the upper incomplete gamma function, modified Lentz (Numerical Recipes 6.2).
fn gamma_fraction(a: f64, x: f64) -> f64 {
    let steps_max = 1000 + (20.0 * a.sqrt()) as u64;
    let keep = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / keep(b);
    let mut fraction = d;
    for step in 1..=steps_max {
        let n = step as f64;
        let numerator = -n * (n - a);
        b += 2.0;
        d = 1.0 / keep(numerator * d + b);
        c = keep(b + numerator / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < CLOSE_ENOUGH.max(f64::EPSILON) {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests;
