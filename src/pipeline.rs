//! Reads traffic and detects campaigns in it: the way from paths to findings, the same for every command.
//!
//! Invariant: the profiles are dropped before anything is drawn or written, so that peak memory is that of the fold.

use anyhow::Context;
use stillwatch_detect::history::History;
use stillwatch_detect::profile::Extractor;
use stillwatch_detect::{Findings, Parameters, detect};
use stillwatch_feature::key::Key;
use stillwatch_scan::{Inputs, Options, ReadReport, Stage, read_history};
use stillwatch_traffic::exchange::Timestamp;

use crate::progress::Progress;

/// Name of the stage that follows the read.
const DETECT: &str = "detect";

/// How many accounts were active, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Accounts with at least one usable row.
    pub accounts: u64,
    /// Time of the first usable row.
    pub first: Timestamp,
    /// Time of the last usable row.
    pub last: Timestamp,
}

/// What reading and detecting gave.
#[derive(Debug)]
pub struct Outcome {
    /// Campaigns, flags, and what was cleared.
    pub findings: Findings,
    /// What was read.
    pub read: ReadReport,
    /// What the rows cover.
    pub extent: Extent,
    /// The numbers that decided.
    pub parameters: Parameters,
    /// Name of the fingerprint key.
    pub key_id: u64,
}

/// Reads and detects.
///
/// # Errors
/// When traffic cannot be read, too many rows are rejected, or memory does not suffice.
pub fn run(inputs: &Inputs, options: &Options, key: &Key, progress: &Progress) -> anyhow::Result<Outcome> {
    let parameters = Parameters::default();
    let extractor = Extractor::new(key);
    let (history, read) = read_history(inputs, &extractor, options, progress).context("scan")?;
    progress.begin(DETECT);
    let extent = extent(&history);
    let findings = detect(&history, &parameters);
    drop(history);
    progress.end();
    Ok(Outcome { findings, read, extent, parameters, key_id: key.id() })
}

fn extent(history: &History) -> Extent {
    // Sorted by account, so that every change of name is a new account.
    let changes = history.profiles.windows(2).filter(|pair| pair[0].account != pair[1].account).count();
    let last = history.profiles.iter().map(|day| day.profile.span.1).max();
    Extent {
        accounts: if history.profiles.is_empty() { 0 } else { changes as u64 + 1 },
        first: history.origin,
        last: last.map_or(history.origin, Timestamp),
    }
}

/// Seconds by stage in the order in which they were spent: ours, and within them those of the read.
pub fn stages(outcome: &Outcome, progress: Progress) -> Vec<Stage> {
    let mut stages = progress.finish();
    let detect = stages.iter().position(|stage| stage.name == DETECT).unwrap_or(stages.len());
    stages.splice(detect..detect, outcome.read.stages.iter().cloned());
    stages
}
