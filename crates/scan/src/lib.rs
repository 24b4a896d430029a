//! Reads a lab's traffic and folds it into profiles.
//!
//! Purpose: everything that touches Parquet, JSON Lines and the engine. It is not detection: it knows rows and how to
//! count them, and nothing of what they mean. No Arrow type leaves it.
//!
//! The path of one row: a path of the user becomes a file of a known format ([`Inputs`]); a worker reads a row group
//! or a block of lines of it; the row is cast to the contract's types and checked, and counted as a rejection where it
//! cannot be used; a repeated id is met once; then the row is borrowed, never copied, into its account's profile of its
//! day by one GROUP BY, and the profiles come back as a sorted [`History`](stillwatch_detect::history::History).
//!
//! Invariants: the same rows give the same history in any order, sharding or file split; nothing that could not be
//! used goes uncounted; no message holds a value of a row.

mod batch;
mod cast;
mod clean;
mod column;
mod duplicate;
mod error;
mod fold;
mod foreign;
mod history;
mod input;
mod inspect;
mod json;
pub mod limits;
mod lines;
mod mapping;
mod parquet;
mod progress;
mod rejection;
mod report;
mod reread;
mod row;
mod side;
mod source;
mod table;
mod udaf;
pub mod write;

pub use error::Error;
pub use history::{Options, read_history};
pub use input::Inputs;
pub use inspect::{Inspected, InspectedColumn, inspect};
pub use progress::{NoProgress, Progress};
pub use rejection::{Place, Rejection};
pub use report::{FileReport, ReadReport, Stage};
pub use reread::{read_exchange_times, reread};
pub use side::read_truth;
