//! Reads traffic and detects campaigns in it: the way from paths to findings, the same for every command.
//!
//! Invariant: the profiles are dropped before anything is drawn or written, so that peak memory is that of the fold.

use anyhow::Context;
use stillwatch_detect::profile::Extractor;
use stillwatch_detect::{Findings, Parameters, detect};
use stillwatch_feature::key::Key;
use stillwatch_scan::{Inputs, Options, ReadReport, read_history};

use crate::progress::Progress;

/// What reading and detecting gave.
#[derive(Debug)]
pub struct Outcome {
    /// Campaigns, flags, and what was cleared.
    pub findings: Findings,
    /// What was read.
    pub read: ReadReport,
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
    progress.begin("detect", None);
    let findings = detect(&history, &parameters);
    drop(history);
    progress.end();
    Ok(Outcome { findings, read, parameters, key_id: key.id() })
}
