//! The member's fingerprint key and the pseudo-random function under it.
//!
//! 32 secret bytes: the first 16 key SipHash-2-4 (the features), the last 16 seed the rolling hash (which windows are
//! kept), so that an outsider can neither guess a feature nor craft a text that evades sampling.
//! Invariant: neither `Debug` nor any other method prints the secret.

use std::hash::Hasher;

use siphasher::sip::SipHasher24;

use crate::kind::{Feature, Kind};

/// The member's secret.
#[derive(Clone)]
pub struct Key {
    secret: [u8; 32],
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Key({:016x})", self.id())
    }
}

impl Key {
    /// Takes 32 bytes of secret randomness.
    pub fn from_bytes(secret: [u8; 32]) -> Self {
        Self { secret }
    }

    /// Name of the key: a keyed value of a constant, safe to print and to store beside what the key made.
    pub fn id(&self) -> u64 {
        self.prf(b"stillwatch key id v1")
    }

    /// The feature of some content: SipHash-2-4 of the kind's number and the content.
    pub fn feature(&self, kind: Kind, content: &[u8]) -> Feature {
        let mut hasher = SipHasher24::new_with_key(&self.half(0));
        hasher.write_u8(kind as u8);
        hasher.write(content);
        Feature { kind, hash: hasher.finish() }
    }

    /// 256 words for the rolling hash: SipHash-2-4 under the second half of the secret of one byte each.
    pub fn rolling_table(&self) -> Box<[u64; 256]> {
        let mut table = Box::new([0; 256]);
        for (byte, word) in (0..=255u8).zip(table.iter_mut()) {
            let mut hasher = SipHasher24::new_with_key(&self.half(16));
            hasher.write_u8(byte);
            *word = hasher.finish();
        }
        table
    }

    fn prf(&self, content: &[u8]) -> u64 {
        let mut hasher = SipHasher24::new_with_key(&self.half(0));
        hasher.write(content);
        hasher.finish()
    }

    fn half(&self, start: usize) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(&self.secret[start..start + 16]);
        half
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_secret() {
        let shown = format!("{:?}", Key::from_bytes([0xab; 32]));
        assert!(!shown.contains("abab") && !shown.contains("171"), "{shown}");
    }

    #[test]
    fn kinds_and_keys_separate() {
        let one = Key::from_bytes([1; 32]);
        let two = Key::from_bytes([2; 32]);
        assert_ne!(one.feature(Kind::Head, b"x").hash, one.feature(Kind::Tail, b"x").hash);
        assert_ne!(one.feature(Kind::Head, b"x").hash, two.feature(Kind::Head, b"x").hash);
        assert_ne!(one.id(), two.id());
    }
}
