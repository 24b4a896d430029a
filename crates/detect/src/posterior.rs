//! How surely an account belongs to its campaign.
//!
//! The group's evidence says that there is a campaign; an account's own behaviour says how surely it is part of it: the
//! share of its traffic that carries the shared features, and whether anybody talks there. Each log-likelihood ratio
//! is bounded, so that no single fact convicts and a mixed account is not acquitted by its cover traffic.

use crate::findings::Parameters;
use crate::group::{Carrier, Group};
use crate::population::Population;

/// ln of the prior odds that a carrier of a convicted group's features belongs to it.
const LN_PRIOR_ODDS: f64 = 2.0;
/// Share of traffic with the features among people who merely use the same text.
const SHARE_OUTSIDE: f64 = 0.05;
/// Rate of follow-ups among people.
const FOLLOWUPS_OUTSIDE: f64 = 0.3;
/// Rate of follow-ups in a campaign, at least: retries can look like one.
const FOLLOWUPS_INSIDE_MIN: f64 = 0.01;

/// Posterior probability that a group harvests.
pub fn of_group(ln_e: f64, parameters: &Parameters) -> f64 {
    let ln_odds = ln_e + (parameters.prior / (1.0 - parameters.prior)).ln();
    1.0 / (1.0 + (-ln_odds).exp())
}

/// Posterior probability of each carrier, in their order.
pub fn of_carriers(group: &Group, population: &Population<'_>, of_group: f64) -> Vec<f64> {
    let share = |carrier: &Carrier| {
        let exchanges = population.behaviour(carrier.account).exchanges.max(1);
        f64::from(carrier.carried) / exchanges.max(u64::from(carrier.carried)) as f64
    };
    let mut shares: Vec<f64> = group.carriers.iter().map(share).collect();
    shares.sort_unstable_by(f64::total_cmp);
    let usual = shares[shares.len() / 2].clamp(0.1, 0.95);
    group
        .carriers
        .iter()
        .map(|carrier| {
            let exchanges = population.behaviour(carrier.account).exchanges as f64;
            let carried = f64::from(carrier.carried);
            let by_share = ratio(carried, exchanges.max(carried), usual, SHARE_OUTSIDE).clamp(-3.0, 8.0);
            let talk = carrier.talk_share(population).map_or(0.0, |share| share * carried);
            let known = if carrier.talk_share(population).is_some() { carried } else { 0.0 };
            let by_talk = ratio(talk, known, FOLLOWUPS_INSIDE_MIN, FOLLOWUPS_OUTSIDE);
            let ln_odds = LN_PRIOR_ODDS + by_share + by_talk.clamp(-8.0, 3.0);
            of_group / (1.0 + (-ln_odds).exp())
        })
        .collect()
}

/// ln of the likelihood ratio of `hits` in `trials` at two rates.
fn ratio(hits: f64, trials: f64, inside: f64, outside: f64) -> f64 {
    hits * (inside / outside).ln() + (trials - hits) * ((1.0 - inside) / (1.0 - outside)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_point_the_right_way() {
        let check = |hits: f64, trials: f64, inside: f64, outside: f64, positive: bool| {
            assert_eq!(ratio(hits, trials, inside, outside) > 0.0, positive, "{hits} of {trials}");
        };
        check(20.0, 26.0, 0.9, 0.05, true);
        check(1.0, 26.0, 0.9, 0.05, false);
        check(0.0, 20.0, 0.01, 0.3, true);
        check(8.0, 20.0, 0.01, 0.3, false);
    }

    #[test]
    fn group_posterior_needs_more_than_the_prior() {
        let parameters = Parameters::default();
        assert!(of_group(0.0, &parameters) < 0.001);
        assert!(of_group(20.0, &parameters) > 0.999);
    }
}
