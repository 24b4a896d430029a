//! No human in the loop: single questions, never a follow-up, no hours of rest.

use stillwatch_stats::binomial;

use super::reference::Reference;
use super::{Signal, percent};
use crate::campaign::Question;
use crate::group::{Carrier, Group};
use crate::population::Population;

/// Least share of single questions for the signal to be large.
const SINGLE_MIN: f64 = 0.9;
/// Requests of the sub-stream from which a share of follow-ups below the null's is more than chance.
const CARRIED_MIN: u32 = 20;
/// The null: people ask back at least this often.
const TALK_NULL: f64 = 0.05;
/// Exchanges from which the share in the hours of rest can be told.
const EXCHANGES_MIN: u64 = 24;
/// The null: people send at most this share of their requests in their hours of rest.
const REST_NULL: f64 = 0.1;
/// Least mean share for the signal to be large …
const REST_MIN: f64 = 0.15;
/// … or least probability that a member rests less than a customer of the same activity.
const REST_SUPERIORITY_MIN: f64 = 0.75;
/// Share of follow-ups from which people evidently talk here.
pub const TALK_MIN: f64 = 0.2;
/// Share of the group's accounts whose turns must be known.
const KNOWN_MIN: f64 = 0.5;

/// The accounts whose turns are known, each with the share of its sub-stream that is a follow-up.
fn talking<'g>(group: &'g Group, population: &Population<'_>) -> Vec<(&'g Carrier, f64)> {
    let known = group.carriers.iter().filter_map(|carrier| Some((carrier, carrier.talk_share(population)?)));
    known.collect()
}

/// Share of the sub-stream that is a follow-up, where turns are known in enough accounts.
pub fn followup_share(group: &Group, population: &Population<'_>) -> Option<f64> {
    let known = talking(group, population);
    if (known.len() as f64) < KNOWN_MIN * group.carriers.len() as f64 {
        return None;
    }
    let followups: f64 = known.iter().map(|(carrier, share)| f64::from(carrier.carried) * share).sum();
    let carried: f64 = known.iter().map(|(carrier, _)| f64::from(carrier.carried)).sum();
    Some(followups / carried.max(1.0))
}

/// Nobody ever asks back.
pub fn single_turn(group: &Group, population: &Population<'_>, reference: &Reference) -> Signal {
    let known = talking(group, population);
    let members: Vec<(u64, f64)> =
        known.iter().map(|(carrier, share)| (population.behaviour(carrier.account).exchanges, 1.0 - share)).collect();
    let found = reference.single_turn.larger(&members);
    let enough = known.iter().filter(|(carrier, _)| carrier.carried >= CARRIED_MIN);
    let silent: Vec<bool> = enough.map(|(_, share)| *share < TALK_NULL).collect();
    let single = followup_share(group, population).map(|share| 1.0 - share);
    Signal {
        name: "no follow-ups",
        question: Question::Purpose,
        null: "half of the accounts ask back in at least 5 % of their requests, and as often as other customers of the same activity do",
        ln_p: either(found.ln_p, sign_test(&silent)),
        effect: single.unwrap_or(0.0),
        expected: found.reference_mean,
        large: single.is_some_and(|single| single >= SINGLE_MIN),
        sentence: match single {
            Some(single) if found.compared > 0 => format!(
                "{} of these requests are single questions that are never followed up; among other customers of the same activity it is {}.",
                percent(single),
                percent(found.reference_mean)
            ),
            Some(single) => {
                format!("{} of these requests are single questions that are never followed up.", percent(single))
            }
            None => {
                "Whether anybody asks back is unknown: the turn is not logged for most of these accounts.".to_owned()
            }
        },
        clears: "conversations that continue from the answers they got",
    }
}

/// Requests in the hours in which people rest. Judged on all of an account's traffic, in its own hours: people of
/// different time zones together never rest, each alone does.
pub fn round_the_clock(group: &Group, population: &Population<'_>, reference: &Reference) -> Signal {
    let members: Vec<(u64, f64)> = group
        .accounts()
        .map(|account| population.behaviour(account))
        .map(|behaviour| (behaviour.exchanges, behaviour.rest_share()))
        .collect();
    let found = reference.rest.larger(&members);
    let enough = members.iter().filter(|member| member.0 >= EXCHANGES_MIN);
    let restless: Vec<bool> = enough.map(|member| member.1 > REST_NULL).collect();
    let mean = members.iter().map(|member| member.1).sum::<f64>() / members.len().max(1) as f64;
    let compared = if found.compared > 0 {
        format!("; other customers with as many requests send {}", percent(found.reference_mean))
    } else {
        String::new()
    };
    Signal {
        name: "round the clock",
        question: Question::Purpose,
        null: "half of the accounts send at most 10 % of their requests in their quietest eight hours, as people do, and as much as other customers with as many requests",
        ln_p: either(found.ln_p, sign_test(&restless)),
        effect: mean,
        expected: if found.compared > 0 { found.reference_mean } else { REST_NULL },
        large: mean >= REST_MIN || (found.superiority >= REST_SUPERIORITY_MIN && mean >= REST_NULL),
        sentence: format!(
            "In its quietest eight hours of the day an account still sends {} of its requests (a machine that never rests: 33 %){compared}.",
            percent(mean),
        ),
        clears: "hours of rest as people have them",
    }
}

/// The smaller of two p-values, times two: either null may be the one that fails.
fn either(one: f64, two: f64) -> f64 {
    (one.min(two) + std::f64::consts::LN_2).min(0.0)
}

/// ln of the p-value that more than half of the accounts are so, if at most half were (sign test).
fn sign_test(accounts: &[bool]) -> f64 {
    let so = accounts.iter().filter(|&&so| so).count() as u64;
    if so == 0 { 0.0 } else { binomial::ln_at_least(so, accounts.len() as u64, 0.5) }
}
