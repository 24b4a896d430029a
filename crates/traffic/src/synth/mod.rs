//! A lab's traffic with known truth: innocent customers, every look-alike, and planted campaigns.
//!
//! A detector is only as good as the worlds that it was tried on, so these are meant to be hard: heavy tails, shared
//! networks and clients, human hours, minorities, companies that act in step. One world is a function of a
//! configuration and a seed ([`World::new`]); its exchanges come day by day ([`World::day`]).
//!
//! It is not a model of any real customer, and it reads and writes no files.
//!
//! Invariant: equal configurations give equal bytes, and no day depends on which days were asked for before.

mod benign;
mod campaign;
mod clock;
mod corpus;
mod grammar;
mod infrastructure;
mod lexicon;
mod library;
mod lookalike;
mod phrases;
mod population;
mod random;
pub mod repeat;
mod shelves;
mod stage;
mod world;

pub use corpus::{Corpus, Error as CorpusError, Texts};
pub use lookalike::CLASSES as LOOKALIKE_CLASSES;
pub use world::{CampaignConfig, CampaignKind, Error, World, WorldConfig};
