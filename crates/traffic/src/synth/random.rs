//! A small seeded generator, with one independent stream for each purpose, account and day.
//!
//! The simulator needs millions of short streams that can be opened in any order; xoshiro256++ seeded through
//! SplitMix64 opens in a few nanoseconds. Invariant: a stream depends on its key alone, and the draws use integers
//! and IEEE operations, so that a seed gives the same world everywhere.

/// Mixes 64 bits one-to-one (the finaliser of SplitMix64).
pub(crate) const fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// One key out of several parts; the order of the parts matters.
pub(crate) fn key(parts: &[u64]) -> u64 {
    parts.iter().fold(0x9e37_79b9_7f4a_7c15, |state, part| mix(state.rotate_left(23) ^ mix(*part)))
}

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: [u64; 4],
}

impl Random {
    /// Opens the stream of a key.
    pub(crate) fn open(parts: &[u64]) -> Self {
        let start = key(parts);
        let word = |step: u64| mix(start.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        Self { state: [word(1), word(2), word(3), word(4)] }
    }

    /// 64 uniform bits.
    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Uniform in `0..bound`; 0 when the bound is 0. The bias is below 2⁻³² of the bound.
    #[inline]
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (((self.bits() >> 32) * bound as u64) >> 32) as usize
    }

    /// Uniform in `low..=high`.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// Uniform in `[0, 1)`.
    #[inline]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with the given probability.
    #[inline]
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of a slice, which must not be empty.
    #[inline]
    pub(crate) fn pick<'a, T>(&mut self, values: &'a [T]) -> &'a T {
        &values[self.below(values.len())]
    }

    /// About standard normal: the sum of twelve uniform numbers (no tail beyond six).
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Log-normal with the given median and log standard deviation.
    pub(crate) fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// Exponential with the given mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// A Poisson count; a rounded normal above a mean of 40.
    pub(crate) fn poisson(&mut self, mean: f64) -> usize {
        if mean <= 0.0 {
            return 0;
        }
        if mean > 40.0 {
            return (mean + mean.sqrt() * self.normal()).round().max(0.0) as usize;
        }
        let limit = (-mean).exp();
        let mut product = self.unit();
        let mut count = 0;
        while product > limit {
            product *= self.unit();
            count += 1;
        }
        count
    }

    /// A rank in `0..count`, with a probability falling about as one over the rank.
    pub(crate) fn zipf(&mut self, count: usize) -> usize {
        let rank = ((count as f64 + 1.0).ln() * self.unit()).exp() - 1.0;
        (rank as usize).min(count.saturating_sub(1))
    }

    /// An index drawn by weight.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// Puts a slice in random order.
    pub(crate) fn shuffle<T>(&mut self, values: &mut [T]) {
        for last in (1..values.len()).rev() {
            values.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_depend_on_their_key_alone() {
        let draws = |parts: &[u64]| {
            let mut random = Random::open(parts);
            (0..8).map(|_| random.bits()).collect::<Vec<_>>()
        };
        assert_eq!(draws(&[1, 2, 3]), draws(&[1, 2, 3]));
        assert_ne!(draws(&[1, 2, 3]), draws(&[1, 3, 2]));
        assert_ne!(draws(&[1]), draws(&[1, 0]));
    }

    #[test]
    fn moments_are_as_stated() {
        let mut random = Random::open(&[7]);
        let count = 200_000;
        let mean = |mut draw: Box<dyn FnMut(&mut Random) -> f64>, random: &mut Random| {
            (0..count).map(|_| draw(random)).sum::<f64>() / f64::from(count)
        };
        let check = |found: f64, expected: f64, error: f64| {
            assert!((found - expected).abs() < error, "found {found}, expected {expected}");
        };
        check(mean(Box::new(|random| random.unit()), &mut random), 0.5, 0.003);
        check(mean(Box::new(|random| random.normal()), &mut random), 0.0, 0.01);
        check(mean(Box::new(|random| random.normal().powi(2)), &mut random), 1.0, 0.02);
        check(mean(Box::new(|random| random.exponential(3.0)), &mut random), 3.0, 0.05);
        check(mean(Box::new(|random| random.poisson(2.5) as f64), &mut random), 2.5, 0.03);
        check(mean(Box::new(|random| random.poisson(90.0) as f64), &mut random), 90.0, 0.2);
        check(mean(Box::new(|random| random.below(10) as f64), &mut random), 4.5, 0.03);
    }

    #[test]
    fn mixing_is_one_to_one_on_a_sample() {
        let mut seen: Vec<u64> = (0..100_000).map(mix).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 100_000);
    }
}
