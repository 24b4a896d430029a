//! What a scan as a whole did: what it read, what it could not use, what it looked at and left alone.
//!
//! The findings alone would hide half of the answer: a reader must also see what was cleared and what cannot be seen.

pub use stillwatch_detect::blind::BLIND_SPOT;
use stillwatch_traffic::exchange::Timestamp;

/// What a scan did besides finding campaigns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// What the report is about, as its heading.
    pub title: String,
    /// Version of the program.
    pub version: String,
    /// Time of the first usable row.
    pub scanned_from: Timestamp,
    /// Time of the last usable row.
    pub scanned_to: Timestamp,
    /// Accounts with at least one usable row.
    pub accounts: u64,
    /// Usable rows, each exchange once.
    pub exchanges: u64,
    /// Rows that could not be used.
    pub rows_rejected: u64,
    /// Rows dropped because their id had been seen before.
    pub duplicates: u64,
    /// Rejected rows by reason.
    pub rejected_reasons: Vec<(String, u64)>,
    /// Columns that the input lacks, each with what that costs in detection.
    pub columns_missing: Vec<(String, String)>,
    /// Linked groups that were looked at and left alone.
    pub groups_examined: Vec<GroupNote>,
    /// What this scan could not see, as sentences; [`BLIND_SPOT`] is shown in any case.
    pub blind_spots: Vec<String>,
    /// Command line that repeats the scan.
    pub command: String,
    /// Wall-clock time of the scan in seconds.
    pub seconds: f64,
}

/// A linked group that was looked at and left alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupNote {
    /// What links it, e.g. `accounts that share a system prompt`.
    pub what: String,
    /// Its accounts.
    pub accounts: u64,
    /// Exchanges of those accounts.
    pub exchanges: u64,
    /// Why it was left alone, as a sentence.
    pub reason_cleared: String,
}

impl Summary {
    /// The blind spot of every scan first, then this scan's own, none twice.
    pub(crate) fn blind_spots_all(&self) -> Vec<&str> {
        let own = self.blind_spots.iter().map(String::as_str).filter(|spot| *spot != BLIND_SPOT);
        std::iter::once(BLIND_SPOT).chain(own).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_blind_spot_is_always_shown_and_once() {
        let check = |given: &[&str], expect: &[&str]| {
            let blind_spots = given.iter().map(|spot| spot.to_string()).collect();
            assert_eq!(Summary { blind_spots, ..Summary::default() }.blind_spots_all(), expect);
        };
        check(&[], &[BLIND_SPOT]);
        check(&["No addresses."], &[BLIND_SPOT, "No addresses."]);
        check(&["No addresses.", BLIND_SPOT], &[BLIND_SPOT, "No addresses."]);
    }
}
