//! Findings as a page and as terminal text, for people who have never seen the program.
//!
//! Purpose: an analyst, or counsel, reads what was found, why, what would clear it, and what was left alone.
//!
//! It is not: a reader of rows, a writer of files, or a judge. It decides nothing and computes no statistic; every
//! number shown stands in the findings or is a sum or share of such numbers.
//!
//! The path of one campaign: [`stillwatch_detect::campaign::Campaign`] → sentences (`story`) → one section of the page
//! (`campaign`, `evidence`, the pictures of `chart`) or one paragraph on the terminal (`terminal`).
//!
//! Invariants:
//! - The page opens from disk with the network off: no script, no font, no picture and no address outside the file;
//!   its own content policy forbids the browser to load any.
//! - Whatever comes from traffic is hostile: markup is escaped, and characters that move the cursor or turn the
//!   reading direction are written out (`text`).
//! - No prompt or answer appears unless exemplars are handed in.
//! - Same findings, same bytes.
//!
//! ```
//! use stillwatch_report::{Summary, page, terminal};
//! let summary = Summary { title: "Week 23".into(), accounts: 20_000, exchanges: 1_000_000, ..Summary::default() };
//! assert!(page(&summary, &[], &Default::default()).contains("found no campaign"));
//! assert!(terminal(&summary, &[], 80, false).contains("found no campaign"));
//! ```

mod campaign;
mod chart;
mod evidence;
mod number;
mod page;
mod story;
mod summary;
mod terminal;
mod text;

pub use page::page;
pub use summary::{BLIND_SPOT, GroupNote, Summary};
pub use terminal::terminal;
