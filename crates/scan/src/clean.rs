//! The checks that every row must pass, the same for every format.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, StringViewArray};
use datafusion::arrow::compute::filter;
use datafusion::arrow::datatypes::{Int32Type, TimestampMicrosecondType};

use crate::batch::{Batch, Faults};
use crate::column::{Check, Kind, Table};
use crate::limits::{KEY_BYTES_MAX, TEXT_BYTES_MAX, TIME_AHEAD, TIME_MIN};
use crate::rejection::Reason;

/// Notes the rows of a batch that cannot be used.
pub(crate) fn check(table: &Table, selection: &[usize], now: i64, batch: &mut Batch) {
    let Batch { columns, faults, .. } = batch;
    for (array, &index) in columns.iter().zip(selection) {
        let column = &table.columns[index];
        match (column.kind, column.check) {
            (Kind::Text, Check::Required) => key(array.as_string_view(), index, faults),
            (Kind::Text, _) => text(array.as_string_view(), index, faults),
            (Kind::Time, Check::Required) => time(array, index, now, faults),
            (Kind::Int32, Check::Count) => count(array, index, faults),
            _ => {}
        }
    }
}

fn key(array: &StringViewArray, column: usize, faults: &mut Faults) {
    for (row, view) in array.views().iter().enumerate() {
        // The low half of a view is its length.
        let length = *view as u32 as usize;
        if length == 0 || array.is_null(row) {
            faults.note(row, column, Reason::Missing);
        } else if length > KEY_BYTES_MAX {
            faults.note(row, column, Reason::KeyTooLong);
        }
    }
}

fn text(array: &StringViewArray, column: usize, faults: &mut Faults) {
    for (row, view) in array.views().iter().enumerate() {
        if *view as u32 as usize > TEXT_BYTES_MAX && array.is_valid(row) {
            faults.note(row, column, Reason::TextTooLong);
        }
    }
}

fn time(array: &ArrayRef, column: usize, now: i64, faults: &mut Faults) {
    let array = array.as_primitive::<TimestampMicrosecondType>();
    let latest = now.saturating_add(TIME_AHEAD);
    for (row, &value) in array.values().iter().enumerate() {
        if array.is_null(row) {
            faults.note(row, column, Reason::Missing);
        } else if value < TIME_MIN || value > latest {
            faults.note(row, column, Reason::TimeOutOfRange);
        }
    }
}

fn count(array: &ArrayRef, column: usize, faults: &mut Faults) {
    let array = array.as_primitive::<Int32Type>();
    for (row, &value) in array.values().iter().enumerate() {
        if value < 0 && array.is_valid(row) {
            faults.note(row, column, Reason::Negative);
        }
    }
}

/// Keeps the rows for which `keep` is true. Row numbers are no longer those of the file afterwards.
pub(crate) fn retain(columns: &mut [ArrayRef], keep: &BooleanArray) {
    for column in columns {
        *column = filter(column, keep).expect("mask and column have one length, and every kind can be filtered");
    }
}
