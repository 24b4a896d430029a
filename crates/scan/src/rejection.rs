//! Counts the rows that cannot be used, by reason, with the first places of each.
//!
//! Workers see rows in no fixed order, so the places kept are the smallest by file and row, not the first seen:
//! the same files give the same report. Invariant: no value of a row is ever kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use serde::Serialize;

use crate::limits::EXAMPLES_MAX;

/// Why a row cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// A required field is absent, null or empty.
    Missing,
    /// A field is of another type.
    WrongType,
    /// A number does not fit its column.
    NumberOutOfRange,
    /// A count is below zero.
    Negative,
    /// A time is unreadable as RFC 3339.
    TimeUnreadable,
    /// A time is before 2015 or in the future.
    TimeOutOfRange,
    /// A key is longer than its limit.
    KeyTooLong,
    /// A text is longer than its limit.
    TextTooLong,
    /// Bytes are not UTF-8.
    InvalidUtf8,
    /// A line is not a JSON object.
    NotJson,
    /// A line ends in the middle of its JSON object.
    LineCut,
    /// A line is longer than its limit.
    LineTooLong,
    /// A compressed file ends early or is damaged from here on.
    FileCut,
}

impl Reason {
    /// The reason in a person's words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::WrongType => "wrong type",
            Self::NumberOutOfRange => "number out of range",
            Self::Negative => "negative",
            Self::TimeUnreadable => "time not in RFC 3339",
            Self::TimeOutOfRange => "time out of range",
            Self::KeyTooLong => "key too long",
            Self::TextTooLong => "text too long",
            Self::InvalidUtf8 => "invalid UTF-8",
            Self::NotJson => "not a JSON object",
            Self::LineCut => "line cut in half",
            Self::LineTooLong => "line too long",
            Self::FileCut => "compressed file cut short or damaged",
        }
    }
}

/// A file and a row in it, counted from 1 (for JSON Lines: the line).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The row.
    pub row: u64,
}

/// How many rows were rejected for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// The reason in words.
    pub reason: String,
    /// The field; none where the whole row is unreadable.
    pub field: Option<String>,
    /// Rows.
    pub count: u64,
    /// The first places, at most five.
    pub examples: Vec<Place>,
}

#[derive(Debug, Default)]
struct Entry {
    count: u64,
    places: BTreeSet<(usize, u64)>,
}

/// Rejections of one pass, filled by several workers.
#[derive(Debug, Default)]
pub(crate) struct Rejections {
    entries: Mutex<BTreeMap<(Reason, Option<&'static str>), Entry>>,
}

impl Rejections {
    /// Counts one row.
    pub(crate) fn add(&self, reason: Reason, field: Option<&'static str>, file: usize, row: u64) {
        let mut entries = self.entries.lock().expect("no worker panics while it holds the counts");
        let entry = entries.entry((reason, field)).or_default();
        entry.count += 1;
        entry.places.insert((file, row));
        if entry.places.len() > EXAMPLES_MAX {
            entry.places.pop_last();
        }
    }

    /// Rows rejected.
    pub(crate) fn count(&self) -> u64 {
        self.entries.lock().expect("no worker panics while it holds the counts").values().map(|entry| entry.count).sum()
    }

    /// The report, the commonest reason first; `name` gives the name of a file.
    pub(crate) fn report(&self, name: impl Fn(usize) -> String) -> Vec<Rejection> {
        let entries = self.entries.lock().expect("no worker panics while it holds the counts");
        let mut rejections: Vec<Rejection> = entries
            .iter()
            .map(|((reason, field), entry)| Rejection {
                reason: reason.words().to_owned(),
                field: field.map(str::to_owned),
                count: entry.count,
                examples: entry.places.iter().map(|&(file, row)| Place { file: name(file), row }).collect(),
            })
            .collect();
        rejections.sort_by_key(|rejection| std::cmp::Reverse(rejection.count));
        rejections
    }
}

/// The reasons as the tail of an error, with one place each: `: prompt: text too long (3 rows, first a.jsonl row 7)`.
pub(crate) fn reasons(rejections: &[Rejection]) -> String {
    let mut text = String::new();
    for (index, rejection) in rejections.iter().take(8).enumerate() {
        text.push_str(if index == 0 { ": " } else { "; " });
        if let Some(field) = &rejection.field {
            text.push_str(field);
            text.push_str(": ");
        }
        text.push_str(&format!("{} ({} rows", rejection.reason, rejection.count));
        if let Some(place) = rejection.examples.first() {
            text.push_str(&format!(", first {} row {}", place.file, place.row));
        }
        text.push(')');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_smallest_places_whatever_the_order() {
        let forward = Rejections::default();
        let backward = Rejections::default();
        for row in 1..=20 {
            forward.add(Reason::Missing, Some("id"), 0, row);
            backward.add(Reason::Missing, Some("id"), 0, 21 - row);
        }
        let name = |_| "a.jsonl".to_owned();
        assert_eq!(forward.report(name), backward.report(name));
        let report = forward.report(name);
        assert_eq!(report[0].count, 20);
        assert_eq!(report[0].examples.iter().map(|place| place.row).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(reasons(&report), ": id: missing (20 rows, first a.jsonl row 1)");
    }
}
