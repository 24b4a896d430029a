//! Some rows of one file as canonical arrays, with what was found wrong with them so far.

use std::collections::BTreeMap;

use datafusion::arrow::array::ArrayRef;

use crate::rejection::Reason;

/// Numbers of a batch's rows in their file, from 1.
#[derive(Debug, Clone)]
pub(crate) enum RowNumbers {
    /// Consecutive from here.
    From(u64),
    /// One by one.
    Each(Vec<u64>),
}

impl RowNumbers {
    /// Number in the file of a row of the batch.
    pub(crate) fn of(&self, row: usize) -> u64 {
        match self {
            Self::From(first) => first + row as u64,
            Self::Each(numbers) => numbers[row],
        }
    }
}

/// Rows of a batch that cannot be used. One reason a row: that of its first bad column in the contract's order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(BTreeMap<usize, (usize, Reason)>);

impl Faults {
    /// Notes that `column` of `row` cannot be used.
    pub(crate) fn note(&mut self, row: usize, column: usize, reason: Reason) {
        let fault = self.0.entry(row).or_insert((column, reason));
        if column < fault.0 {
            *fault = (column, reason);
        }
    }

    /// Whether every row can be used.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Row, column, reason, by row.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, usize, Reason)> + '_ {
        self.0.iter().map(|(&row, &(column, reason))| (row, column, reason))
    }

    /// Whether a row cannot be used.
    pub(crate) fn contains(&self, row: usize) -> bool {
        self.0.contains_key(&row)
    }
}

/// Some rows of one file.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Index of the file in its source.
    pub(crate) file: usize,
    /// Where the rows stand in it.
    pub(crate) numbers: RowNumbers,
    /// How many rows.
    pub(crate) rows: usize,
    /// One canonical array per selected column.
    pub(crate) columns: Vec<ArrayRef>,
    /// What was found wrong so far.
    pub(crate) faults: Faults,
}
