//! Mergeable summaries: observe, merge, encode, decode.
//!
//! Purpose: the algebra that lets one type be folded by a batch scan, by a running service and by a cluster. It is
//! not aware of exchanges, accounts or detection.
//!
//! Invariant: merge is associative and commutative, the default value is its identity, and equal multisets of
//! observations give equal bytes, whatever the order or partition.

pub mod codec;

/// A commutative monoid with a byte form.
pub trait Sketch: Default + Clone + Send + Sync + 'static {
    /// Adds all that `other` has seen. Associative and commutative.
    fn merge(&mut self, other: &Self);

    /// Appends the canonical bytes: equal sketches give equal bytes.
    fn encode(&self, out: &mut Vec<u8>);

    /// Reads what [`Sketch::encode`] wrote.
    ///
    /// # Errors
    /// When the bytes are truncated, of an unknown version, out of range, not canonical, or longer than one sketch.
    fn decode(bytes: &[u8]) -> Result<Self, codec::Error>;

    /// Bytes held in memory, capacity included. Called per batch, so cheap.
    fn size_bytes(&self) -> usize;
}
