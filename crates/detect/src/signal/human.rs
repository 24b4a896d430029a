//! No human in the loop: single questions, never a follow-up, at every hour of the day.

use super::reference::Reference;
use super::{Signal, percent};
use crate::campaign::Question;
use crate::group::Group;
use crate::population::Population;

/// Least share of single questions for the signal to be large.
const SINGLE_MIN: f64 = 0.9;
/// Least probability that a member is awake at more hours than a customer of the same activity.
const HOURS_SUPERIORITY_MIN: f64 = 0.7;
/// Share of follow-ups from which people evidently talk here.
pub const TALK_MIN: f64 = 0.2;
/// Share of the group's accounts whose turns must be known.
const KNOWN_MIN: f64 = 0.5;

/// Share of the sub-stream that is a follow-up, where turns are known in enough accounts.
pub fn followup_share(group: &Group, population: &Population<'_>) -> Option<f64> {
    let known: Vec<_> =
        group.carriers.iter().filter(|carrier| population.behaviour(carrier.account).turns > 0).collect();
    if (known.len() as f64) < KNOWN_MIN * group.carriers.len() as f64 {
        return None;
    }
    let followups: u64 = known.iter().map(|carrier| u64::from(carrier.followups)).sum();
    let carried: u64 = known.iter().map(|carrier| u64::from(carrier.carried)).sum();
    Some(followups as f64 / carried.max(1) as f64)
}

/// Nobody ever asks back.
pub fn single_turn(group: &Group, population: &Population<'_>, reference: &Reference) -> Signal {
    let members: Vec<(u64, f64)> = group
        .carriers
        .iter()
        .filter(|carrier| population.behaviour(carrier.account).turns > 0)
        .map(|carrier| {
            let single = 1.0 - f64::from(carrier.followups) / f64::from(carrier.carried.max(1));
            (population.behaviour(carrier.account).exchanges, single)
        })
        .collect();
    let found = reference.single_turn.larger(&members);
    let single = followup_share(group, population).map(|share| 1.0 - share);
    Signal {
        name: "no follow-ups",
        question: Question::Purpose,
        null: "the accounts ask back as often as other customers of the same activity do",
        ln_p: found.ln_p,
        effect: single.unwrap_or(0.0),
        expected: found.reference_mean,
        large: single.is_some_and(|single| single >= SINGLE_MIN),
        sentence: match single {
            Some(single) => format!(
                "{} of these requests are single questions that are never followed up; among other customers of the same activity it is {}.",
                percent(single),
                percent(found.reference_mean)
            ),
            None => {
                "Whether anybody asks back is unknown: the turn is not logged for most of these accounts.".to_owned()
            }
        },
        clears: "conversations that continue from the answers they got",
    }
}

/// Requests at every hour.
pub fn round_the_clock(group: &Group, population: &Population<'_>, reference: &Reference) -> Signal {
    let members: Vec<(u64, f64)> = group
        .carriers
        .iter()
        .map(|carrier| {
            let exchanges = population.behaviour(carrier.account).exchanges.min(u64::from(carrier.carried).max(1));
            (exchanges, f64::from(carrier.hours.count_ones()))
        })
        .collect();
    let found = reference.hours.larger(&members);
    let mean = members.iter().map(|member| member.1).sum::<f64>() / members.len().max(1) as f64;
    Signal {
        name: "round the clock",
        question: Question::Purpose,
        null: "the accounts are active at as many hours of the day as other customers with as many requests are",
        ln_p: found.ln_p,
        effect: found.superiority,
        expected: 0.5,
        large: found.superiority >= HOURS_SUPERIORITY_MIN,
        sentence: format!(
            "An account of this group is active at {mean:.1} different hours of the day on average; other customers with as many requests at {:.1}.",
            found.reference_mean
        ),
        clears: "hours of rest as people have them",
    }
}
