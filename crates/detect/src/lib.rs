//! The brain: profiles to signals to linked campaigns.
//!
//! Purpose: everything between one account's summary and a verdict. It is not a reader or a writer: no files, no
//! sockets, no clock. Same profiles in, same campaigns out, to the byte.

pub mod campaign;
pub mod history;
pub mod profile;
