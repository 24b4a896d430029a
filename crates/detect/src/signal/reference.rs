//! The customers that a group is compared with, in strata of equal activity.
//!
//! Built once a day from the active accounts that are in no linked group: a large campaign, or several, would
//! otherwise be compared with itself.
//! The test is the rank-sum test within strata (van Elteren's, with weights by the number of members): the null is
//! that a member's value is as any customer's of the same activity.

use stillwatch_feature::elicitation::CLASSES;
use stillwatch_stats::special::ln_normal_sf;

use crate::population::{AccountIndex, Behaviour, Population};

/// Exchanges an account must have to be a reference.
const EXCHANGES_MIN: u64 = 5;
/// Strata by the binary logarithm of the number of exchanges.
const STRATA: usize = 24;
/// Reference accounts of a stratum below which it says nothing.
const REFERENCES_MIN: usize = 20;

/// A statistic of every reference account, by stratum, sorted.
#[derive(Debug, Clone, Default)]
pub struct Ranks {
    strata: Vec<Vec<f64>>,
}

/// What a comparison by ranks found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// ln of the one-sided p-value that members are larger.
    pub ln_p: f64,
    /// Probability that a member exceeds a customer of the same activity, ties by half.
    pub superiority: f64,
    /// Mean of the reference, weighted as the members are.
    pub reference_mean: f64,
    /// Members that could be compared.
    pub compared: usize,
}

impl Ranks {
    fn new() -> Self {
        Self { strata: vec![Vec::new(); STRATA] }
    }

    fn push(&mut self, exchanges: u64, value: f64) {
        self.strata[stratum(exchanges)].push(value);
    }

    fn sort(&mut self) {
        for values in &mut self.strata {
            values.sort_unstable_by(f64::total_cmp);
        }
    }

    /// Compares members, each with its number of exchanges and its value.
    pub fn larger(&self, members: &[(u64, f64)]) -> Comparison {
        let mut per_stratum = vec![(0usize, 0.0f64); STRATA];
        for &(exchanges, value) in members {
            let references = &self.strata[stratum(exchanges)];
            if references.len() < REFERENCES_MIN {
                continue;
            }
            let less = references.partition_point(|other| *other < value);
            let not_more = references.partition_point(|other| *other <= value);
            let rank = (less + not_more) as f64 / 2.0 / references.len() as f64;
            per_stratum[stratum(exchanges)].0 += 1;
            per_stratum[stratum(exchanges)].1 += rank;
        }
        let (mut compared, mut sum, mut variance, mut mean) = (0usize, 0.0, 0.0, 0.0);
        for (index, &(count, ranks)) in per_stratum.iter().enumerate() {
            if count > 0 {
                let references = self.strata[index].len() as f64;
                let members = count as f64;
                compared += count;
                sum += ranks;
                variance += members * (members + references + 1.0) / (12.0 * references);
                mean += members * self.strata[index].iter().sum::<f64>() / references;
            }
        }
        if compared == 0 {
            return Comparison { ln_p: 0.0, superiority: 0.5, reference_mean: 0.0, compared: 0 };
        }
        let members = compared as f64;
        let z = (sum - members / 2.0) / variance.sqrt();
        Comparison { ln_p: ln_normal_sf(z), superiority: sum / members, reference_mean: mean / members, compared }
    }
}

fn stratum(exchanges: u64) -> usize {
    (exchanges.max(1).ilog2() as usize).min(STRATA - 1)
}

/// What the active customers are like today.
#[derive(Debug, Clone)]
pub struct Reference {
    /// Share of single-turn exchanges, of accounts whose turns are known.
    pub single_turn: Ranks,
    /// Share of exchanges in the quietest hours of the day.
    pub rest: Ranks,
    /// Rate of each elicitation class.
    pub elicitation: Vec<Ranks>,
    /// ln of exchanges on an active day.
    pub ln_rate: Vec<f64>,
    /// Share of an account's prompts' variance in content that lies between accounts.
    pub content_between: f64,
    /// Active accounts.
    pub accounts: usize,
}

impl Reference {
    /// Measures the active accounts but those of `linked`, which is sorted.
    pub fn new(population: &Population<'_>, linked: &[AccountIndex]) -> Self {
        let mut reference = Self {
            single_turn: Ranks::new(),
            rest: Ranks::new(),
            elicitation: vec![Ranks::new(); CLASSES],
            ln_rate: Vec::new(),
            content_between: 0.0,
            accounts: 0,
        };
        let alone: Vec<AccountIndex> =
            population.active().filter(|account| linked.binary_search(account).is_err()).collect();
        for &account in &alone {
            reference.accounts += 1;
            let behaviour = population.behaviour(account);
            if behaviour.exchanges >= EXCHANGES_MIN {
                reference.push(behaviour);
            }
        }
        reference.single_turn.sort();
        reference.rest.sort();
        reference.elicitation.iter_mut().for_each(Ranks::sort);
        reference.content_between = super::content::between(population, &alone).map_or(0.0, |found| found.share);
        reference
    }

    fn push(&mut self, behaviour: &Behaviour) {
        let exchanges = behaviour.exchanges;
        if behaviour.turns > 0 {
            let single = 1.0 - behaviour.followups as f64 / behaviour.turns as f64;
            self.single_turn.push(exchanges, single);
        }
        self.rest.push(exchanges, behaviour.rest_share());
        for (class, ranks) in self.elicitation.iter_mut().enumerate() {
            ranks.push(exchanges, behaviour.elicitation[class] as f64 / exchanges as f64);
        }
        self.ln_rate.push(behaviour.rate_per_day().ln());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ranks(values: impl Iterator<Item = (u64, f64)>) -> Ranks {
        let mut ranks = Ranks::new();
        values.for_each(|(exchanges, value)| ranks.push(exchanges, value));
        ranks.sort();
        ranks
    }

    /// A small generator, so that the null is drawn from a stated seed.
    fn uniform(state: &mut u64) -> f64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 11) as f64 / (1u64 << 53) as f64
    }

    #[test]
    fn level_holds_under_the_null() {
        let mut state = 11;
        let (trials, mut hits) = (4000, [0u32; 3]);
        for _ in 0..trials {
            let reference = ranks((0..60).map(|index| (if index % 2 == 0 { 10 } else { 40 }, uniform(&mut state))));
            let members: Vec<(u64, f64)> =
                (0..12).map(|index| (if index < 8 { 10 } else { 40 }, uniform(&mut state))).collect();
            let p = reference.larger(&members).ln_p.exp();
            for (hit, alpha) in hits.iter_mut().zip([0.1, 0.01, 0.001]) {
                *hit += u32::from(p <= alpha);
            }
        }
        // three standard errors above the level
        for (hit, alpha) in hits.into_iter().zip([0.1, 0.01, 0.001f64]) {
            let bound = alpha * f64::from(trials) + 3.0 * (alpha * f64::from(trials)).sqrt() + 2.0;
            assert!(f64::from(hit) <= bound, "{hit} of {trials} at {alpha}");
        }
    }

    #[test]
    fn power_under_a_planted_effect() {
        let mut state = 12;
        let reference = ranks((0..500).map(|_| (10, uniform(&mut state))));
        let members: Vec<(u64, f64)> = (0..100).map(|_| (12, 0.5 + uniform(&mut state) / 2.0)).collect();
        let found = reference.larger(&members);
        assert!(found.ln_p < -20.0 && (0.7..0.8).contains(&found.superiority), "{found:?}");
    }

    proptest! {
        #[test]
        fn all_alike_is_no_evidence(value in 0.0f64..1.0, members in 1usize..50) {
            let reference = ranks((0..100).map(|_| (10, value)));
            let found = reference.larger(&vec![(10, value); members]);
            prop_assert!((found.superiority - 0.5).abs() < 1e-9);
            prop_assert!((found.ln_p - 0.5f64.ln()).abs() < 1e-6);
        }
    }
}
