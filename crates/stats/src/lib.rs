//! Tests, e-values and intervals, all in logarithms so that a tail of 1e-300 is still a number.
//!
//! Purpose: the arithmetic of evidence. It is not aware of accounts, text, files or time: numbers in, numbers out, no
//! dependencies, no state, no clock; the one shuffle (of `dispersion`) has a fixed seed.
//!
//! | module | what it answers |
//! |---|---|
//! | [`special`] | gamma and beta functions, the normal distribution, sums of logarithms |
//! | [`binomial`] | `ln P(X ≤ x)`, `ln P(X ≥ x)` for n trials of chance p |
//! | [`poisson`] | the same for a rare count of known mean |
//! | [`hypergeometric`] | do two sets overlap more than at random? |
//! | [`rank`] | does one sample tend to be larger than another? (Wilcoxon–Mann–Whitney) |
//! | [`dispersion`] | is one sample less spread than another? |
//! | [`evalue`] | p to e, averages, products, e-BH, spent alpha, Ville's threshold |
//! | [`interval`] | Wilson, Clopper–Pearson, the bound after zero events |
//!
//! Conventions: a name that starts with `ln_` or a field `ln_p` is a natural logarithm, at most 0 for a probability,
//! `f64::NEG_INFINITY` for the impossible. `at_least` and `at_most` include the value. Every test is one-sided; its
//! module says its null hypothesis, its assumptions and where it breaks.
//!
//! Invariant: no function returns NaN for arguments within the stated ranges, and no p-value exceeds 1. Arguments out
//! of range are bugs of the caller and are asserted.
//!
//! ```
//! use stillwatch_stats::{binomial, evalue};
//!
//! // 40 of 50 answers in a form that 5 % of all answers have:
//! let ln_p = binomial::ln_at_least(40, 50, 0.05);
//! assert!(ln_p < -90.0);
//! // evidence that may be averaged with other evidence, however dependent:
//! let ln_e = evalue::ln_average(&[evalue::ln_from_p_mixture(ln_p), 0.0]);
//! assert!(ln_e > evalue::ln_threshold(0.001));
//! ```

pub mod binomial;
pub mod dispersion;
pub mod evalue;
pub mod hypergeometric;
pub mod interval;
pub mod poisson;
pub mod rank;
pub mod special;

#[cfg(test)]
mod draw;
