//! What is known of one account on one day: a mergeable summary of its exchanges.

use stillwatch_sketch::{Sketch, codec};
use stillwatch_traffic::exchange::Row;

/// Turns rows into features; holds the key and scratch buffers, one per worker.
#[derive(Debug, Clone, Default)]
pub struct Extractor {}

/// What is known of one account on one day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {}

impl Profile {
    /// Adds one exchange. `hour` is the hour of the day, 0 to 23, counted from the scan's origin.
    pub fn observe(&mut self, _extractor: &mut Extractor, _row: &Row<'_>, _hour: u8) {}
}

impl Sketch for Profile {
    fn merge(&mut self, _other: &Self) {}
    fn encode(&self, _out: &mut Vec<u8>) {}
    fn decode(_bytes: &[u8]) -> Result<Self, codec::Error> {
        Ok(Self {})
    }
    fn size_bytes(&self) -> usize {
        0
    }
}
