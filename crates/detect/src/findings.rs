//! What detection is told and what it answers.

use serde::{Deserialize, Serialize};

use crate::campaign::{Campaign, Flag};

/// The numbers that decide, each with its unit, bound and reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Probability of any false campaign over the whole life of the scan, 0 to 1: spent over days and groups.
    pub alpha: f64,
    /// Accounts (of different organisations) that make a group: below it a shared text is a coincidence.
    pub accounts_min: usize,
    /// Exchanges with the shared features that an account must have before it counts.
    pub exchanges_min: u32,
    /// Least share of an account's exchanges that must carry the shared features, 0 to 1.
    pub share_min: f64,
    /// Prior probability that a linked group harvests.
    pub prior: f64,
    /// Posterior of an account from which a verdict of challenge or more is given, 0 to 1.
    pub posterior_min: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { alpha: 0.01, accounts_min: 8, exchanges_min: 3, share_min: 0.15, prior: 1e-4, posterior_min: 0.9 }
    }
}

/// A linked group that was looked at and left alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClearedGroup {
    /// What its accounts share, e.g. `accounts that share a system instruction`.
    pub what: String,
    /// Accounts.
    pub accounts: u64,
    /// Exchanges that carry what is shared.
    pub exchanges: u64,
    /// Why it is no campaign.
    pub reason: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Findings {
    /// Campaigns, the surest first, then by id.
    pub campaigns: Vec<Campaign>,
    /// Accounts with a verdict of challenge or more, by account.
    pub flags: Vec<Flag>,
    /// Groups that were looked at and left alone, the largest first, at most fifty.
    pub cleared: Vec<ClearedGroup>,
    /// What this scan could not have seen, as sentences.
    pub blind_spots: Vec<String>,
}
