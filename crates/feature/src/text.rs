//! One text becomes its features: the whole, its ends, and the smallest windows of each part.
//!
//! Head, tail and body are kept apart because a harvester's fixed instruction stands at an end and the item varies in
//! between. Invariant: at most [`FEATURES_MAX`] features a text; scratch space is reused, nothing is allocated once it
//! has grown.

use crate::content;
use crate::key::Key;
use crate::kind::{Feature, Kind};
use crate::normalise::normalise;
use crate::skeleton::Skeleton;
use crate::window::{self, Kept, WIDTH};

/// Bytes of a prompt's longer opening and ending that are hashed as one (the shorter ones have a window's width).
pub const END_BYTES: usize = 48;
/// Bytes of a prompt's head and tail.
pub const PART_BYTES: usize = 256;
/// Windows kept of the head, of the tail, and of a system instruction.
pub const PART_WINDOWS: usize = 4;
/// Windows kept of what lies between head and tail.
pub const BODY_WINDOWS: usize = 2;
/// Most features of one text.
pub const FEATURES_MAX: usize = 5 + 2 * PART_WINDOWS + BODY_WINDOWS + crate::skeleton::WINDOWS;

/// System instructions whose features are remembered: customers send the same one with every request.
const SYSTEMS: usize = 64;
/// Bytes of the longest system instruction that is remembered.
const SYSTEM_BYTES_MAX: usize = 16 * 1024;

/// A system instruction with its features.
#[derive(Debug, Clone, Default)]
struct Remembered {
    text: String,
    features: Vec<Feature>,
}

/// Makes features of texts; one per worker, since it owns scratch space.
#[derive(Clone)]
pub struct Fingerprinter {
    key: Key,
    table: Box<[u64; 256]>,
    normal: Vec<u8>,
    kept: Vec<Kept>,
    skeleton: Skeleton,
    systems: Vec<Remembered>,
}

impl std::fmt::Debug for Fingerprinter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Fingerprinter({:?})", self.key)
    }
}

impl Fingerprinter {
    /// Prepares the tables of a key.
    pub fn new(key: &Key) -> Self {
        Self {
            key: key.clone(),
            table: key.rolling_table(),
            normal: Vec::new(),
            kept: Vec::new(),
            skeleton: Skeleton::default(),
            systems: vec![Remembered::default(); SYSTEMS],
        }
    }

    /// The key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Appends the features of a prompt. An empty text (after normalisation) has none.
    pub fn prompt(&mut self, text: &str, out: &mut Vec<Feature>) {
        normalise(text, &mut self.normal);
        let length = self.normal.len();
        if length == 0 {
            return;
        }
        out.push(self.key.feature(Kind::Prompt, &self.normal));
        if length >= 2 * WIDTH {
            out.push(self.key.feature(Kind::Opening, &self.normal[..WIDTH]));
            out.push(self.key.feature(Kind::Ending, &self.normal[length - WIDTH..]));
        }
        if length >= END_BYTES + WIDTH {
            out.push(self.key.feature(Kind::Prefix, &self.normal[..END_BYTES]));
            out.push(self.key.feature(Kind::Suffix, &self.normal[length - END_BYTES..]));
        }
        let head = length.min(PART_BYTES);
        let tail = length.saturating_sub(PART_BYTES);
        self.windows(Kind::Head, 0..head, PART_WINDOWS, out);
        self.windows(Kind::Tail, tail..length, PART_WINDOWS, out);
        if head < tail {
            self.windows(Kind::Body, head..tail, BODY_WINDOWS, out);
        }
        self.skeleton.features(&self.key, &self.table, text, out);
    }

    /// What the prompt last given to [`Fingerprinter::prompt`] is about.
    pub fn content(&self) -> [i32; content::PLACES] {
        content::vector(&self.table, &self.normal)
    }

    /// Appends the features of a system instruction.
    pub fn system(&mut self, text: &str, out: &mut Vec<Feature>) {
        let slot = slot(text.as_bytes());
        if !text.is_empty() && self.systems[slot].text == text {
            out.extend_from_slice(&self.systems[slot].features);
            return;
        }
        let from = out.len();
        normalise(text, &mut self.normal);
        if !self.normal.is_empty() {
            out.push(self.key.feature(Kind::System, &self.normal));
            self.windows(Kind::SystemWindow, 0..self.normal.len(), PART_WINDOWS, out);
        }
        if text.len() <= SYSTEM_BYTES_MAX {
            let remembered = &mut self.systems[slot];
            remembered.text.clear();
            remembered.text.push_str(text);
            remembered.features.clear();
            remembered.features.extend_from_slice(&out[from..]);
        }
    }

    fn windows(&mut self, kind: Kind, part: std::ops::Range<usize>, limit: usize, out: &mut Vec<Feature>) {
        let text = &self.normal[part];
        window::smallest(&self.table, text, limit, &mut self.kept);
        for kept in &self.kept {
            let start = kept.start as usize;
            out.push(self.key.feature(kind, &text[start..start + WIDTH]));
        }
    }
}

/// Where a system instruction is remembered: by its length and a few of its bytes.
fn slot(text: &[u8]) -> usize {
    let at = |index: usize| text.get(index).map_or(0, |&byte| usize::from(byte));
    let length = text.len();
    (length ^ (length >> 6) ^ at(length / 2) ^ (at(length / 3) << 1) ^ (at(length.wrapping_sub(9)) << 2)) % SYSTEMS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn features(text: &str) -> Vec<Feature> {
        let mut out = Vec::new();
        Fingerprinter::new(&Key::from_bytes([9; 32])).prompt(text, &mut out);
        out
    }

    fn kinds(text: &str) -> Vec<(Kind, usize)> {
        let all = features(text);
        Kind::ALL
            .into_iter()
            .map(|kind| (kind, all.iter().filter(|feature| feature.kind == kind).count()))
            .filter(|&(_, count)| count > 0)
            .collect()
    }

    #[test]
    fn parts_by_length() {
        assert_eq!(kinds(""), []);
        assert_eq!(kinds("hi"), [(Kind::Prompt, 1)]);
        let long = "the quick brown fox jumps over the lazy dog and runs away 0123456789 ".repeat(20);
        let found = kinds(&long);
        for kind in [Kind::Prompt, Kind::Prefix, Kind::Suffix, Kind::Head, Kind::Tail, Kind::Body, Kind::Skeleton] {
            assert!(found.iter().any(|&(other, _)| other == kind), "{kind:?} in {found:?}");
        }
    }

    #[test]
    fn a_template_shares_features_whatever_its_slot() {
        let template = |slot: &str| {
            format!(
                "Solve the task below. Think step by step and put the thoughts into tags.\n\nTask: {slot}\n\nEnd with the result alone."
            )
        };
        let one = features(&template("how many apples are left when 7 of 19 are eaten?"));
        let two = features(&template("why do the tides come twice a day"));
        let shared = one.iter().filter(|feature| two.contains(feature)).count();
        assert!(shared >= 4, "{shared} shared");
        assert!(one.iter().any(|feature| feature.kind == Kind::Prefix && two.contains(feature)));
        assert!(!one.iter().any(|feature| feature.kind == Kind::Prompt && two.contains(feature)));
    }

    proptest! {
        #[test]
        fn remembering_changes_nothing(texts in proptest::collection::vec("[a-c ]{0,60}", 1..40)) {
            let key = Key::from_bytes([9; 32]);
            let mut one = Fingerprinter::new(&key);
            for text in texts.iter().chain(&texts) {
                let (mut remembered, mut fresh) = (Vec::new(), Vec::new());
                one.system(text, &mut remembered);
                Fingerprinter::new(&key).system(text, &mut fresh);
                prop_assert_eq!(remembered, fresh);
            }
        }

        #[test]
        fn never_too_many(text: String) {
            prop_assert!(features(&text).len() <= FEATURES_MAX);
        }
    }
}
