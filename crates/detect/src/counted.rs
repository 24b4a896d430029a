//! Counted features of one profile: how often, in which turns, at which hours.
//!
//! A multiset that forgets nothing below a bound a kind: past [`Kind::kept_max`] the smallest hashes stay. A hash that
//! is among the smallest of a union is among the smallest of each part that has it, so counts of what is kept are
//! exact whatever the order of merging.
//!
//! Invariant (canonical form): sorted by kind and hash, no two entries alike, no kind over its bound.

use std::borrow::Cow;

use stillwatch_feature::kind::{Feature, Kind};
use stillwatch_sketch::codec::{self, Reader, put_varint};

/// One feature with what is known of it in one profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The feature.
    pub feature: Feature,
    /// Exchanges that have it.
    pub count: u32,
    /// Those that are a later turn of a conversation.
    pub followups: u32,
    /// Hours of the day in which it occurred, one bit each.
    pub hours: u32,
}

impl Entry {
    fn absorb(&mut self, other: &Entry) {
        self.count = self.count.saturating_add(other.count);
        self.followups = self.followups.saturating_add(other.followups);
        self.hours |= other.hours;
    }
}

/// Counted features, sorted lazily: `pending` entries at the end are not yet in canonical form.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    entries: Vec<Entry>,
    sorted: usize,
}

/// Unsorted entries are folded in once they are as many as the sorted ones, and at least this many.
const PENDING_MIN: usize = 64;

impl Counted {
    /// Adds one occurrence.
    pub fn observe(&mut self, feature: Feature, followup: bool, hour: u8) {
        self.entries.push(Entry { feature, count: 1, followups: u32::from(followup), hours: 1 << hour });
        self.settle_if_full();
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: &Counted) {
        self.entries.extend_from_slice(&other.entries);
        self.settle_if_full();
    }

    /// The entries in canonical form; copied only when they are not yet in it.
    pub fn settled(&self) -> Cow<'_, [Entry]> {
        if self.sorted == self.entries.len() {
            return Cow::Borrowed(&self.entries);
        }
        Cow::Owned(self.clone().into_entries())
    }

    /// The entries in canonical form, given up.
    pub fn into_entries(mut self) -> Vec<Entry> {
        self.settle();
        self.entries
    }

    /// Bytes held, capacity included.
    pub fn size_bytes(&self) -> usize {
        self.entries.capacity() * size_of::<Entry>()
    }

    /// Appends, kind by kind: number, how many, then per entry the hash, count, followups and hours.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for of_kind in self.settled().chunk_by(|one, two| one.feature.kind == two.feature.kind) {
            out.push(of_kind[0].feature.kind as u8);
            put_varint(out, of_kind.len() as u64);
            for entry in of_kind {
                out.extend_from_slice(&entry.feature.hash.to_le_bytes());
                put_varint(out, u64::from(entry.count));
                put_varint(out, u64::from(entry.followups));
                put_varint(out, u64::from(entry.hours));
            }
        }
        out.push(0);
    }

    /// Reads what [`Counted::encode`] wrote.
    ///
    /// # Errors
    /// When the bytes are truncated or not what an encoder writes.
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, codec::Error> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut previous = 0u8;
        loop {
            let number = reader.byte("kind")?;
            if number == 0 {
                let sorted = entries.len();
                return Ok(Self { entries, sorted });
            }
            reader.require(number > previous, "kind", u64::from(number))?;
            previous = number;
            let Some(kind) = Kind::from_number(number) else {
                reader.require(false, "kind", u64::from(number))?;
                continue;
            };
            let many = reader.varint("number of features")?;
            reader.require(many > 0 && many <= kind.kept_max() as u64, "number of features", many)?;
            for index in 0..many {
                let entry = entry(reader, kind)?;
                let ascends = index == 0 || entries.last().is_some_and(|last| last.feature < entry.feature);
                reader.require(ascends, "order of features", entry.feature.hash)?;
                entries.push(entry);
            }
        }
    }

    fn settle_if_full(&mut self) {
        if self.entries.len() - self.sorted >= self.sorted.max(PENDING_MIN) {
            self.settle();
        }
    }

    fn settle(&mut self) {
        if self.sorted == self.entries.len() {
            return;
        }
        self.entries.sort_unstable_by_key(|entry| entry.feature);
        self.entries.dedup_by(|next, kept| {
            let same = next.feature == kept.feature;
            if same {
                kept.absorb(next);
            }
            same
        });
        let mut of_kind = (Kind::System, 0usize);
        self.entries.retain(|entry| {
            if entry.feature.kind != of_kind.0 {
                of_kind = (entry.feature.kind, 0);
            }
            of_kind.1 += 1;
            of_kind.1 <= entry.feature.kind.kept_max()
        });
        self.sorted = self.entries.len();
    }
}

fn entry(reader: &mut Reader<'_>, kind: Kind) -> Result<Entry, codec::Error> {
    let hash = reader.hash("feature")?;
    let count = reader.varint("count")?;
    reader.require((1..=u64::from(u32::MAX)).contains(&count), "count", count)?;
    let followups = reader.varint("followups")?;
    reader.require(followups <= count, "followups", followups)?;
    let hours = reader.varint("hours")?;
    reader.require(hours > 0 && hours < 1 << 24, "hours", hours)?;
    Ok(Entry { feature: Feature { kind, hash }, count: count as u32, followups: followups as u32, hours: hours as u32 })
}
