//! The brain: profiles to signals to linked campaigns.
//!
//! Purpose: everything between one account's summary and a verdict. It is not a reader or a writer: no files, no
//! sockets, no clock. Same profiles in, same campaigns out, to the byte.
//!
//! The path of a history: [`population`] and [`incidence`] hold what is known up to a day, [`link`] finds what the
//! same accounts share, [`group`] follows it into their traffic, [`part`] keeps operators apart, [`signal`] measures,
//! [`judge`] decides, [`track`] walks the days and remembers, [`describe`] writes it down.
//!
//! Invariants: a day is decided from rows of that and earlier days; accounts are taken in the order of their names;
//! which network, which client or which language it was cannot be told from any input of a signal.

pub mod blind;
pub mod campaign;
pub mod counted;
pub mod describe;
pub mod findings;
pub mod group;
pub mod history;
pub mod incidence;
pub mod judge;
pub mod link;
pub mod part;
pub mod population;
pub mod posterior;
pub mod profile;
pub mod signal;
pub mod track;

pub use findings::{ClearedGroup, Findings, Parameters};

/// Finds the campaigns of a history. About linear in the exchanges; memory as [`incidence`] says.
pub fn detect(history: &history::History, parameters: &Parameters) -> Findings {
    let walk = track::walk(history, parameters);
    let cleared = walk.cleared.iter().map(|of| track::describe_cleared(of, &walk.incidence)).collect();
    let mut findings = Findings { cleared, blind_spots: blind_spots(&walk), ..Findings::default() };
    for record in &walk.records {
        let (campaign, flags) = describe::describe(record, &walk, history, parameters);
        findings.campaigns.push(campaign);
        findings.flags.extend(flags);
    }
    findings.campaigns.sort_by(|one, two| {
        let size = two.accounts.len().cmp(&one.accounts.len());
        two.verdict
            .cmp(&one.verdict)
            .then(two.confidence.cmp(&one.confidence))
            .then(size)
            .then_with(|| one.id.cmp(&two.id))
    });
    findings.flags.sort_by(|one, two| one.account.cmp(&two.account));
    findings
}

/// What could not have been seen.
fn blind_spots(walk: &track::Walk<'_>) -> Vec<String> {
    let mut spots = vec![
        blind::BLIND_SPOT.to_owned(),
        "Pools that share no text and no signature at all, and pools of fewer than eight customers.".to_owned(),
    ];
    let all: u64 = walk.population.active().map(|account| walk.population.behaviour(account).exchanges).sum();
    let prompts: u64 = walk.population.active().map(|account| walk.population.behaviour(account).prompts).sum();
    let turns: u64 = walk.population.active().map(|account| walk.population.behaviour(account).turns).sum();
    if 2 * prompts < all {
        spots
            .push("Most prompts are not logged: no work list and no shared text can be seen in those rows.".to_owned());
    }
    if 2 * turns < all {
        spots.push("Most turns are not logged: whether anybody asks back is unknown for those accounts.".to_owned());
    }
    spots
}
