//! The brain: profiles to signals to linked campaigns.
//!
//! Purpose: everything between one account's summary and a verdict. It is not a reader or a writer: no files, no
//! sockets, no clock. Same profiles in, same campaigns out, to the byte.

pub mod campaign;
pub mod counted;
pub mod findings;
pub mod history;
pub mod profile;

pub use findings::{ClearedGroup, Findings, Parameters};

/// Finds the campaigns of a history.
pub fn detect(_history: &history::History, _parameters: &Parameters) -> Findings {
    Findings::default()
}
