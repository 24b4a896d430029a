//! Tails of the binomial distribution: how surprising is this many successes of n?
//!
//! H0: n independent trials, each a success with probability at most p (for `at_least`) or at least p (for
//! `at_most`). One-sided, exact (through the incomplete beta function, about twelve digits). It breaks when trials
//! depend on each other: clustered trials need their number cut to the number of clusters.
//! Discrete, so P(p-value ≤ α) ≤ α, mostly with room.
//!
//! Reference: NIST DLMF 8.17.5.

use crate::special::{deviance, ln_beta_lower, ln_beta_upper, stirling_error};

/// ln P(X = x), x successes of n trials of chance p within 0..=1.
pub fn ln_pmf(x: u64, n: u64, p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "binomial chance {p}");
    if x > n || (p == 0.0 && x > 0) || (p == 1.0 && x < n) {
        return f64::NEG_INFINITY;
    }
    if p == 0.0 || p == 1.0 {
        return 0.0;
    }
    let (successes, trials) = (x as f64, n as f64);
    if x == 0 {
        return trials * (-p).ln_1p();
    }
    if x == n {
        return trials * p.ln();
    }
    let failures = (n - x) as f64;
    let errors = stirling_error(trials) - stirling_error(successes) - stirling_error(failures);
    let deviances = deviance(successes, trials * p) + deviance(failures, trials * (1.0 - p));
    errors - deviances + 0.5 * (trials / (2.0 * std::f64::consts::PI * successes * failures)).ln()
}

/// ln P(X ≥ x).
pub fn ln_at_least(x: u64, n: u64, p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "binomial chance {p}");
    if x == 0 {
        return 0.0;
    }
    if x > n {
        return f64::NEG_INFINITY;
    }
    ln_beta_lower(x as f64, (n - x) as f64 + 1.0, p)
}

/// ln P(X ≤ x).
pub fn ln_at_most(x: u64, n: u64, p: f64) -> f64 {
    assert!((0.0..=1.0).contains(&p), "binomial chance {p}");
    if x >= n {
        return 0.0;
    }
    ln_beta_upper(x as f64 + 1.0, (n - x) as f64, p)
}

/// P(X ≥ x).
pub fn at_least(x: u64, n: u64, p: f64) -> f64 {
    ln_at_least(x, n, p).exp()
}

/// P(X ≤ x).
pub fn at_most(x: u64, n: u64, p: f64) -> f64 {
    ln_at_most(x, n, p).exp()
}

#[cfg(test)]
mod tests;
