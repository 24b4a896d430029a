//! Even load: a scheduler spreads work over accounts more evenly than customers' needs are spread.

use stillwatch_stats::dispersion;

use super::Signal;
use super::reference::Reference;
use crate::campaign::Question;
use crate::group::Group;
use crate::population::Population;

/// Most spread (median ratio of differences in ln rate) for the signal to be large.
const SPREAD_RATIO_MAX: f64 = 0.55;

/// Compares the spread of the accounts' daily rates with that of all customers.
pub fn even_load(group: &Group, population: &Population<'_>, reference: &Reference) -> Signal {
    let rates: Vec<f64> = group.accounts().map(|account| population.behaviour(account).rate_per_day().ln()).collect();
    let found = dispersion::smaller(&rates, &reference.ln_rate);
    let mut sorted = rates;
    sorted.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| sorted.get((share * sorted.len() as f64) as usize).map_or(0.0, |rate| rate.exp());
    Signal {
        name: "even load",
        question: Question::Coordination,
        null: "the accounts' daily volumes differ as much as those of other customers",
        ln_p: found.ln_p,
        effect: found.spread_ratio,
        expected: 1.0,
        large: found.spread_ratio <= SPREAD_RATIO_MAX,
        sentence: format!(
            "The middle half of the accounts send {:.1} to {:.1} requests on an active day; their volumes differ {:.2} times as much as those of other customers.",
            at(0.25),
            at(0.75),
            found.spread_ratio
        ),
        clears: "volumes that follow each customer's own business",
    }
}
