//! Elicitation: answers asked for in a form that training data have.

use stillwatch_feature::elicitation::{CLASSES, NAMES};

use super::reference::Reference;
use super::{Signal, percent};
use crate::campaign::Question;
use crate::group::Group;
use crate::population::Population;

/// Least rate in the group, and least excess over other customers, for the signal to be large.
const RATE_MIN: f64 = 0.5;
const EXCESS_MIN: f64 = 0.4;

/// The structural class that stands out most, over all classes.
pub fn elicitation(group: &Group, population: &Population<'_>, reference: &Reference) -> Signal {
    let mut best: Option<(f64, f64, f64, usize)> = None;
    for class in 0..CLASSES {
        let members: Vec<(u64, f64)> = group
            .accounts()
            .map(|account| {
                let behaviour = population.behaviour(account);
                (behaviour.exchanges, behaviour.elicitation[class] as f64 / behaviour.exchanges.max(1) as f64)
            })
            .collect();
        let found = reference.elicitation[class].larger(&members);
        let rate = members.iter().map(|member| member.1).sum::<f64>() / members.len().max(1) as f64;
        let excess = rate - found.reference_mean;
        if best.is_none_or(|(_, best_rate, best_expected, _)| excess > best_rate - best_expected) {
            best = Some((found.ln_p, rate, found.reference_mean, class));
        }
    }
    let (ln_p, rate, expected, class) = best.unwrap_or((0.0, 0.0, 0.0, 0));
    Signal {
        name: "elicitation by structure",
        question: Question::Purpose,
        null: "the accounts ask for this form of answer as often as other customers of the same activity do",
        // the class was chosen among CLASSES (Bonferroni)
        ln_p: (ln_p + (CLASSES as f64).ln()).min(0.0),
        effect: rate,
        expected,
        large: rate >= RATE_MIN && rate - expected >= EXCESS_MIN,
        sentence: format!(
            "{} of an account's exchanges show {}; among other customers of the same activity it is {}.",
            percent(rate),
            NAMES[class],
            percent(expected)
        ),
        clears: "a product that shows this form of answer to its users, with users who come back",
    }
}

/// Classes whose rate in the group stands out, for the list of targets.
pub fn targets(group: &Group, population: &Population<'_>, reference: &Reference) -> Vec<&'static str> {
    const TARGETS: [&str; CLASSES] =
        ["reasoning", "grading", "grading", "structured data", "long-form answers", "step-by-step solutions"];
    let mut targets = Vec::new();
    for class in 0..CLASSES {
        let members: Vec<(u64, f64)> = group
            .accounts()
            .map(|account| {
                let behaviour = population.behaviour(account);
                (behaviour.exchanges, behaviour.elicitation[class] as f64 / behaviour.exchanges.max(1) as f64)
            })
            .collect();
        let found = reference.elicitation[class].larger(&members);
        let rate = members.iter().map(|member| member.1).sum::<f64>() / members.len().max(1) as f64;
        if rate >= 0.3 && rate >= 2.0 * found.reference_mean && !targets.contains(&TARGETS[class]) {
            targets.push(TARGETS[class]);
        }
    }
    targets
}
