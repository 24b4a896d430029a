//! Rolls a keyed hash over a text and keeps the smallest windows of a part: coordinated sampling.
//!
//! The rolling hash (cyclic polynomial, 64 bit) only decides *which* windows are kept; it is linear and therefore not
//! a pseudo-random function, so what is kept is hashed again under the key ([`crate::key::Key::feature`]).
//! Keeping the smallest few of each part means that a fixed passage keeps the same windows wherever it stands, and
//! that a short text never keeps nothing.

/// Bytes in a window: long enough that two people rarely write the same one, short enough for a one-line instruction.
pub const WIDTH: usize = 24;

/// Offset of a kept window, with the value it was chosen by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kept {
    /// Rolling value: smaller is kept.
    pub order: u64,
    /// First byte.
    pub start: u32,
}

/// Keeps the `limit` windows of `text` with the smallest distinct rolling values, smallest first, into `kept`.
///
/// A text shorter than [`WIDTH`] has no window. Linear in the text; `limit` is small (insertion into a short list).
pub fn smallest(table: &[u64; 256], text: &[u8], limit: usize, kept: &mut Vec<Kept>) {
    kept.clear();
    if text.len() < WIDTH || limit == 0 {
        return;
    }
    let mut state = 0u64;
    for &byte in &text[..WIDTH] {
        state = state.rotate_left(1) ^ table[usize::from(byte)];
    }
    let mut bound = u64::MAX;
    keep(state, 0, limit, kept, &mut bound);
    let leaving = text.iter();
    let entering = text[WIDTH..].iter();
    for (start, (&out, &inn)) in (1u32..).zip(leaving.zip(entering)) {
        state = state.rotate_left(1) ^ table[usize::from(out)].rotate_left(WIDTH as u32) ^ table[usize::from(inn)];
        if mix(state) < bound {
            keep(state, start, limit, kept, &mut bound);
        }
    }
}

/// Spreads the rolling state, whose low bits are correlated between neighbours.
#[inline]
fn mix(state: u64) -> u64 {
    let folded = (state ^ (state >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    folded ^ (folded >> 29)
}

#[inline]
fn keep(state: u64, start: u32, limit: usize, kept: &mut Vec<Kept>, bound: &mut u64) {
    let order = mix(state);
    let place = kept.partition_point(|other| other.order < order);
    if kept.get(place).is_some_and(|other| other.order == order) {
        return;
    }
    if kept.len() == limit {
        kept.pop();
    }
    kept.insert(place.min(kept.len()), Kept { order, start });
    if kept.len() == limit {
        *bound = kept[limit - 1].order;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;
    use proptest::prelude::*;

    /// The definition: hash every window from scratch, sort, cut.
    fn naive(table: &[u64; 256], text: &[u8], limit: usize) -> Vec<u64> {
        let mut all: Vec<u64> = text
            .windows(WIDTH)
            .map(|window| mix(window.iter().fold(0u64, |state, &byte| state.rotate_left(1) ^ table[usize::from(byte)])))
            .collect();
        all.sort_unstable();
        all.dedup();
        all.truncate(limit);
        all
    }

    proptest! {
        #[test]
        fn rolling_equals_naive(text in proptest::collection::vec(any::<u8>(), 0..400), limit in 1usize..8) {
            let table = Key::from_bytes([3; 32]).rolling_table();
            let mut kept = Vec::new();
            smallest(&table, &text, limit, &mut kept);
            let orders: Vec<u64> = kept.iter().map(|window| window.order).collect();
            prop_assert_eq!(orders, naive(&table, &text, limit));
            for window in &kept {
                prop_assert!(window.start as usize + WIDTH <= text.len());
            }
        }

        #[test]
        fn a_fixed_passage_keeps_its_windows(before in "[a-z ]{0,40}", after in "[a-z ]{0,40}") {
            let table = Key::from_bytes([3; 32]).rolling_table();
            let passage = "answer in json with the keys thought and result, nothing else, and show every step of it";
            let text = format!("{before}{passage}{after}");
            let mut kept = Vec::new();
            smallest(&table, text.as_bytes(), 6, &mut kept);
            let inside = kept.iter().filter(|window| {
                let start = window.start as usize;
                start >= before.len() && start + WIDTH <= before.len() + passage.len()
            });
            // 65 of at most 145 windows lie inside: six kept ones miss all of them about once in forty times, but the
            // passage is fixed, so for this key the smallest inside is small enough to be kept always.
            prop_assert!(inside.count() >= 1);
        }
    }
}
