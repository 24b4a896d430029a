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
/// Least rate in the group for a class to be listed as a target.
const TARGET_MIN: f64 = 0.3;

/// Rate of one class in a group.
#[derive(Debug, Clone, Copy, Default)]
struct Rate {
    class: usize,
    ln_p: f64,
    mean: f64,
    expected: f64,
}

/// How often the accounts of a group show each class, against other customers.
fn rates(group: &Group, population: &Population<'_>, reference: &Reference) -> [Rate; CLASSES] {
    std::array::from_fn(|class| {
        let behaviours = group.accounts().map(|account| population.behaviour(account));
        let members: Vec<(u64, f64)> =
            behaviours.map(|of| (of.exchanges, of.elicitation[class] as f64 / of.exchanges.max(1) as f64)).collect();
        let found = reference.elicitation[class].larger(&members);
        let mean = members.iter().map(|member| member.1).sum::<f64>() / members.len().max(1) as f64;
        Rate { class, ln_p: found.ln_p, mean, expected: found.reference_mean }
    })
}

/// The structural class that stands out most, over all classes.
pub fn elicitation(group: &Group, population: &Population<'_>, reference: &Reference) -> Signal {
    let excess = |rate: &Rate| rate.mean - rate.expected;
    let best = rates(group, population, reference)
        .into_iter()
        .max_by(|one, two| excess(one).total_cmp(&excess(two)).then(two.class.cmp(&one.class)))
        .unwrap_or_default();
    let Rate { class, ln_p, mean: rate, expected } = best;
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
    for rate in rates(group, population, reference) {
        let target = TARGETS[rate.class];
        if rate.mean >= TARGET_MIN && rate.mean >= 2.0 * rate.expected && !targets.contains(&target) {
            targets.push(target);
        }
    }
    targets
}
