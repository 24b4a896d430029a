//! Decides over one group: is it one operation, and does it harvest?
//!
//! A look-alike has one half of the evidence: people who share a template talk and repeat themselves, companies that
//! share a benchmark run the same items, a vendor's customers have subjects and volumes of their own. So a group is a
//! campaign only if all of this holds:
//!
//! 1. several customers, and nobody talks in the shared traffic;
//! 2. *purpose*: the work is split without repeats, and there is no human in the loop, or signatures are replayed, or
//!    answers are asked for in training form by accounts that never ask back;
//! 3. *coordination* beyond the shared text: the accounts are interchangeable, evenly loaded, share payments or devices,
//!    or exchange signatures;
//! 4. all of that at the level spent for this day and divided by the number of groups asked.
//!
//! The null of the decision is that *at least one* part is missing. Such a union of nulls is rejected by the largest of
//! the parts' p-values (Berger 1982, intersection-union), however dependent they are; within a part the smallest of
//! its alternatives counts, times their number. The e-value is the mixture calibrator of that p-value.

use stillwatch_stats::evalue;

use crate::campaign::Question;
use crate::findings::Parameters;
use crate::group::Group;
use crate::incidence::Incidence;
use crate::population::Population;
use crate::signal::origin::Origins;
use crate::signal::reference::Reference;
use crate::signal::{Signal, content, elicitation, even, human, signature, split};

/// Accounts with a single payment from which even one payer counts as several customers.
const ONE_PAYER_MAX: usize = 50;

/// All that a judgement needs of a day.
#[derive(Debug)]
pub struct Day<'d, 'h> {
    /// The accounts up to now.
    pub population: &'d Population<'h>,
    /// What they share.
    pub incidence: &'d Incidence,
    /// What customers are like.
    pub reference: &'d Reference,
    /// Where accounts come from.
    pub origins: &'d [Origins],
}

/// What was decided over a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Every signal that was measured, purpose first.
    pub signals: Vec<Signal>,
    /// ln of the e-value of the whole decision.
    pub ln_e: f64,
    /// Why it is no campaign; none when it is one.
    pub cleared: Option<String>,
}

/// Judges a group; `threshold` is ln of the e-value that today's decision needs.
pub fn judge(group: &Group, day: &Day<'_, '_>, threshold: f64) -> Judgement {
    if let Some(reason) = one_customer(group, day.population) {
        return Judgement { signals: Vec::new(), ln_e: 0.0, cleared: Some(reason) };
    }
    let replay = signature::replay(group, day.population);
    let replayed = replay.as_ref().is_some_and(Signal::counts);
    let talk = human::followup_share(group, day.population).filter(|&share| share >= human::TALK_MIN);
    if let (Some(share), false) = (talk, replayed) {
        let reason =
            format!("people talk here: {} of the requests continue a conversation", crate::signal::percent(share));
        return Judgement { signals: Vec::new(), ln_e: 0.0, cleared: Some(reason) };
    }
    let counts = split::count(group, day.population, day.incidence);
    let mut signals = vec![
        split::work_split(&counts),
        human::single_turn(group, day.population, day.reference),
        human::round_the_clock(group, day.population, day.reference),
        elicitation::elicitation(group, day.population, day.reference),
    ];
    signals.extend(replay);
    signals.push(content::interchangeable(group, day.population, day.reference));
    signals.push(even::even_load(group, day.population, day.reference));
    signals.extend(day.origins.iter().map(|origins| origins.signal(group)));
    let turns_known = human::followup_share(group, day.population).is_some();
    let ln_e = evalue::ln_from_p_mixture(ln_p(&signals, turns_known));
    let cleared = clears(&signals, turns_known, ln_e, threshold);
    Judgement { signals, ln_e, cleared }
}

/// ln of the p-value of the whole decision.
fn ln_p(signals: &[Signal], turns_known: bool) -> f64 {
    let of = |name: &str| {
        let counted = signals.iter().find(|signal| signal.name == name && signal.counts());
        counted.map_or(0.0, |signal| signal.ln_p)
    };
    let best = |alternatives: &[f64]| {
        let least = alternatives.iter().copied().fold(0.0, f64::min);
        (least + (alternatives.len() as f64).ln()).min(0.0)
    };
    let replay = of("signature replay");
    let single = of("no follow-ups");
    let nobody = if turns_known { of("round the clock").max(single) } else { of("round the clock") };
    let coordination: Vec<f64> = signals
        .iter()
        .filter(|signal| signal.question == Question::Coordination)
        .map(|signal| of(signal.name))
        .chain([replay])
        .collect();
    let split = best(&[of("work split without repeats"), replay]);
    let purpose = best(&[nobody, of("elicitation by structure").max(single), replay]);
    split.max(purpose).max(best(&coordination))
}

/// The first reason why this is no campaign.
fn clears(signals: &[Signal], turns_known: bool, ln_e: f64, threshold: f64) -> Option<String> {
    let counts = |name: &str| signals.iter().any(|signal| signal.name == name && signal.counts());
    let replayed = counts("signature replay");
    let interchangeable = counts("interchangeable work") || counts("even load");
    let nobody = counts("round the clock") && (counts("no follow-ups") || !turns_known);
    let trains = counts("elicitation by structure") && counts("no follow-ups") && interchangeable;
    let coordinated =
        replayed || signals.iter().any(|signal| signal.question == Question::Coordination && signal.counts());
    let reason = if !counts("work split without repeats") && !replayed {
        "the same things are asked again, or too little was asked to tell: no work list is being worked off"
    } else if !(nobody || trains || replayed) {
        "a human rhythm, or not enough to tell: no sign that nobody reads the answers"
    } else if !coordinated {
        "independent customers of one template: own subjects, own volumes, own origins"
    } else if ln_e < threshold {
        "the evidence does not yet pass the level that today's decision demands"
    } else {
        return None;
    };
    Some(reason.to_owned())
}

/// A single payer, however many accounts, is a customer and no pool.
fn one_customer(group: &Group, population: &Population<'_>) -> Option<String> {
    let mut payments: Vec<u32> = group.accounts().filter_map(|account| population.facts(account).payment).collect();
    let known = payments.len();
    payments.sort_unstable();
    payments.dedup();
    let one = payments.len() == 1 && 2 * known > group.carriers.len() && group.carriers.len() < ONE_PAYER_MAX;
    one.then(|| "one customer: all accounts are paid by the same means".to_owned())
}

/// ln of the e-value that a decision on `day` over `groups` groups needs.
pub fn threshold(parameters: &Parameters, day: u32, groups: usize) -> f64 {
    evalue::ln_threshold(evalue::spent_alpha(parameters.alpha, day)) + (groups.max(1) as f64).ln()
}
