//! All that detection is given: profiles by account and day, and what the lab knows of accounts.
//!
//! Invariant: `profiles` is sorted by account, then day, without duplicates; days are counted from `origin`, the time
//! of the first usable row, so that shifting every time by the same amount changes nothing but `origin`.

use stillwatch_traffic::exchange::{Account, Enforcement, Release, Timestamp};

use crate::profile::Profile;

/// One account on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayProfile {
    /// The account.
    pub account: String,
    /// Day of 24 hours since the origin, from 0.
    pub day: u32,
    /// What it did.
    pub profile: Profile,
}

/// What a scan has read.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Time of the first usable row.
    pub origin: Timestamp,
    /// Sorted by account, then day.
    pub profiles: Vec<DayProfile>,
    /// Sorted by account, one row each.
    pub accounts: Vec<Account>,
    /// Sorted by time, account, action.
    pub enforcements: Vec<Enforcement>,
    /// Sorted by time, model.
    pub releases: Vec<Release>,
}
