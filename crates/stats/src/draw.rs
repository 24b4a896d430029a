//! Seeded draws and the calibration check that the tests of this crate share.

use crate::binomial;

/// A fixed stream of random numbers (xoshiro256++, seeded by SplitMix64).
pub struct Draws([u64; 4]);

impl Draws {
    /// A stream for a seed.
    pub fn new(seed: u64) -> Self {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self([next(), next(), next(), next()])
    }

    fn word(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Uniform, strictly between 0 and 1.
    pub fn uniform(&mut self) -> f64 {
        ((self.word() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// Uniform below `n`.
    pub fn below(&mut self, n: u64) -> u64 {
        self.word() % n
    }

    /// Standard normal (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }

    /// Student's t with three degrees of freedom: heavy tails, no third moment.
    pub fn student_3(&mut self) -> f64 {
        let squares: f64 = (0..3).map(|_| self.normal().powi(2)).sum();
        self.normal() / (squares / 3.0).sqrt()
    }

    /// Successes of `n` trials.
    pub fn binomial(&mut self, n: u64, p: f64) -> u64 {
        (0..n).filter(|_| self.uniform() < p).count() as u64
    }

    /// A Poisson count of moderate mean (Knuth).
    pub fn poisson(&mut self, mean: f64) -> u64 {
        let mut left = (-mean).exp();
        let mut count = 0;
        loop {
            left /= self.uniform();
            if left >= 1.0 {
                return count;
            }
            count += 1;
        }
    }
}

/// Asserts P(p ≤ α) ≤ α at α = 0.1, 0.01, 0.001 for p-values drawn under the null.
///
/// "Within sampling error" means: the count of rejections is one that a true rate of α would reach with a chance above
/// 1e-4. With 20,000 draws that allows rates up to 0.108, 0.0127 and 0.0019.
pub fn holds_level(what: &str, ln_p: &[f64]) {
    for alpha in [0.1, 0.01, 0.001] {
        // A p-value that equals α exactly counts as rejecting, whatever its logarithm was rounded to.
        let rejected = ln_p.iter().filter(|ln_p| **ln_p <= f64::ln(alpha) + 1e-12).count() as u64;
        let surprise = binomial::at_least(rejected, ln_p.len() as u64, alpha);
        assert!(surprise > 1e-4, "{what}: {rejected} of {} rejected at {alpha}", ln_p.len());
    }
}

/// Share of p-values at or below `alpha`.
pub fn power(ln_p: &[f64], alpha: f64) -> f64 {
    ln_p.iter().filter(|ln_p| **ln_p <= f64::ln(alpha)).count() as f64 / ln_p.len() as f64
}

/// Asserts that two logarithms agree to `tolerance`, relative where they are large.
pub fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    let room = tolerance * expected.abs().max(1.0);
    assert!((found - expected).abs() <= room, "{what}: {found} instead of {expected}");
}
