//! Columns of compatible types to the canonical ones, with every value that does not fit noted.
//!
//! A cast that turns a value into null would hide it; so each lost value is a fault of its row.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, Int64Array, PrimitiveArray, StringViewBuilder, TimestampMicrosecondArray,
};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{ArrowTimestampType, DataType, Float64Type, Int64Type, TimeUnit};
use datafusion::arrow::datatypes::{
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
};
use datafusion::arrow::error::ArrowError;

use crate::batch::Faults;
use crate::column::Kind;
use crate::json::{microseconds, whole};
use crate::rejection::Reason;

/// Whether a column of this type can be read as `kind`.
pub(crate) fn compatible(found: &DataType, kind: Kind) -> bool {
    use DataType as D;
    let text =
        |found: &D| matches!(found, D::Utf8 | D::LargeUtf8 | D::Utf8View | D::Binary | D::LargeBinary | D::BinaryView);
    match (found, kind) {
        (D::Null, _) => true,
        (D::Dictionary(_, value), kind) => compatible(value, kind),
        (found, Kind::Text) => text(found),
        (D::Timestamp(_, _) | D::Int64, Kind::Time) => true,
        (found, Kind::Time) => text(found),
        (found, Kind::Int32 | Kind::Int64) => found.is_integer() || matches!(found, D::Float32 | D::Float64),
        (found, Kind::Float32) => found.is_numeric(),
        (found, Kind::Bool) => matches!(found, D::Boolean),
    }
}

/// Casts a column; `column` is its position in the contract, for the faults.
///
/// # Errors
/// When the type is not [`compatible`].
pub(crate) fn canonical(
    array: &ArrayRef,
    kind: Kind,
    column: usize,
    faults: &mut Faults,
) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        found if *found == kind.data_type() => Ok(Arc::clone(array)),
        DataType::Dictionary(_, value) => {
            let plain = safe(array, value)?;
            canonical(&plain, kind, column, faults)
        }
        DataType::Null => safe(array, &kind.data_type()),
        found => match kind {
            Kind::Text => texts(array, column, faults),
            Kind::Time => times(array, found, column, faults),
            Kind::Int32 | Kind::Int64 => integers(array, kind, column, faults),
            Kind::Float32 | Kind::Bool => {
                let cast = safe(array, &kind.data_type())?;
                note_lost(array, &cast, column, faults);
                Ok(cast)
            }
        },
    }
}

/// Casts; values that do not fit become null.
fn safe(array: &ArrayRef, wanted: &DataType) -> Result<ArrayRef, ArrowError> {
    cast_with_options(array, wanted, &CastOptions { safe: true, ..CastOptions::default() })
}

fn note_lost(before: &ArrayRef, after: &ArrayRef, column: usize, faults: &mut Faults) {
    if before.null_count() == after.null_count() {
        return;
    }
    for row in 0..before.len() {
        if before.is_valid(row) && after.is_null(row) {
            faults.note(row, column, Reason::NumberOutOfRange);
        }
    }
}

/// Text of any width; bytes that are not UTF-8 spoil their own row only.
fn texts(array: &ArrayRef, column: usize, faults: &mut Faults) -> Result<ArrayRef, ArrowError> {
    match array.data_type() {
        DataType::Binary | DataType::LargeBinary => texts(&safe(array, &DataType::BinaryView)?, column, faults),
        DataType::BinaryView => {
            let bytes = array.as_binary_view();
            match bytes.clone().to_string_view() {
                Ok(text) => Ok(Arc::new(text)),
                Err(_) => Ok(valid_texts(bytes, column, faults)),
            }
        }
        _ => safe(array, &DataType::Utf8View),
    }
}

fn valid_texts(bytes: &BinaryViewArray, column: usize, faults: &mut Faults) -> ArrayRef {
    let mut builder = StringViewBuilder::with_capacity(bytes.len());
    for row in 0..bytes.len() {
        if bytes.is_null(row) {
            builder.append_null();
            continue;
        }
        match std::str::from_utf8(bytes.value(row)) {
            Ok(text) => builder.append_value(text),
            Err(_) => {
                builder.append_null();
                faults.note(row, column, Reason::InvalidUtf8);
            }
        }
    }
    Arc::new(builder.finish())
}

/// Timestamps of any unit and zone, microseconds as integers, RFC 3339 as text.
fn times(array: &ArrayRef, found: &DataType, column: usize, faults: &mut Faults) -> Result<ArrayRef, ArrowError> {
    let times: TimestampMicrosecondArray = match found {
        DataType::Timestamp(TimeUnit::Second, _) => scaled::<TimestampSecondType>(array, 1_000_000, 1, column, faults),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            scaled::<TimestampMillisecondType>(array, 1000, 1, column, faults)
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            scaled::<TimestampMicrosecondType>(array, 1, 1, column, faults)
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            scaled::<TimestampNanosecondType>(array, 1, 1000, column, faults)
        }
        DataType::Int64 => {
            let integers: &Int64Array = array.as_primitive::<Int64Type>();
            TimestampMicrosecondArray::new(integers.values().clone(), integers.nulls().cloned())
        }
        _ => {
            let text = texts(array, column, faults)?;
            let text = text.as_string_view();
            let parse = |(row, text): (usize, Option<&str>)| {
                let time = text.map(microseconds).transpose();
                time.unwrap_or_else(|reason| {
                    faults.note(row, column, reason);
                    None
                })
            };
            text.iter().enumerate().map(parse).collect()
        }
    };
    Ok(Arc::new(times.with_timezone("UTC")))
}

fn scaled<T: ArrowTimestampType>(
    array: &ArrayRef,
    multiply: i64,
    divide: i64,
    column: usize,
    faults: &mut Faults,
) -> TimestampMicrosecondArray {
    let array: &PrimitiveArray<T> = array.as_primitive::<T>();
    let convert = |(row, value): (usize, Option<i64>)| {
        let value = value?;
        let time = value.div_euclid(divide).checked_mul(multiply);
        if time.is_none() {
            faults.note(row, column, Reason::TimeOutOfRange);
        }
        time
    };
    array.iter().enumerate().map(convert).collect()
}

/// Integers of any width; floating-point columns where nulls made them so, if their values are whole.
fn integers(array: &ArrayRef, kind: Kind, column: usize, faults: &mut Faults) -> Result<ArrayRef, ArrowError> {
    if !matches!(array.data_type(), DataType::Float32 | DataType::Float64) {
        let cast = safe(array, &kind.data_type())?;
        note_lost(array, &cast, column, faults);
        return Ok(cast);
    }
    let floats = safe(array, &DataType::Float64)?;
    let convert = |(row, value): (usize, Option<f64>)| {
        // Not-a-number is how such columns write null.
        let value = value.filter(|value| !value.is_nan())?;
        match whole(value) {
            Ok(value) => Some(value),
            Err(reason) => {
                faults.note(row, column, reason);
                None
            }
        }
    };
    let wide: Int64Array = floats.as_primitive::<Float64Type>().iter().enumerate().map(convert).collect();
    let wide: ArrayRef = Arc::new(wide);
    let cast = safe(&wide, &kind.data_type())?;
    note_lost(&wide, &cast, column, faults);
    Ok(cast)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{
        BinaryArray, DictionaryArray, Float64Array, Int64Array, LargeStringArray, StringArray,
        TimestampNanosecondArray, UInt64Array,
    };
    use datafusion::arrow::datatypes::Int32Type;

    use super::*;

    fn check(array: impl Array + 'static, kind: Kind, expect: &[&str], faults_expected: &[(usize, Reason)]) {
        let array: ArrayRef = Arc::new(array);
        assert!(compatible(array.data_type(), kind), "{}", array.data_type());
        let mut faults = Faults::default();
        let cast = canonical(&array, kind, 5, &mut faults).expect("compatible");
        assert_eq!(*cast.data_type(), kind.data_type());
        let text = safe(&cast, &DataType::Utf8).expect("everything prints");
        let found: Vec<&str> = text.as_string::<i32>().iter().map(|value| value.unwrap_or("-")).collect();
        assert_eq!(found, expect);
        let found: Vec<(usize, Reason)> = faults.iter().map(|(row, _, reason)| (row, reason)).collect();
        assert_eq!(found, faults_expected);
    }

    #[test]
    fn compatible_types_are_cast_and_lost_values_are_noted() {
        check(StringArray::from(vec![Some("a"), None]), Kind::Text, &["a", "-"], &[]);
        check(LargeStringArray::from(vec!["a"]), Kind::Text, &["a"], &[]);
        let dictionary: DictionaryArray<Int32Type> = vec![Some("a"), None, Some("a")].into_iter().collect();
        check(dictionary, Kind::Text, &["a", "-", "a"], &[]);
        check(
            BinaryArray::from(vec![b"a".as_slice(), b"\xff", b"c"]),
            Kind::Text,
            &["a", "-", "c"],
            &[(1, Reason::InvalidUtf8)],
        );
        check(
            Int64Array::from(vec![Some(1), None, Some(1 << 40)]),
            Kind::Int32,
            &["1", "-", "-"],
            &[(2, Reason::NumberOutOfRange)],
        );
        check(UInt64Array::from(vec![1, u64::MAX]), Kind::Int64, &["1", "-"], &[(1, Reason::NumberOutOfRange)]);
        check(Float64Array::from(vec![3.0, f64::NAN, 0.5]), Kind::Int32, &["3", "-", "-"], &[(2, Reason::WrongType)]);
        check(Float64Array::from(vec![0.5]), Kind::Float32, &["0.5"], &[]);
        let time = "2026-01-01T00:00:00.000001Z";
        check(StringArray::from(vec![time, "x"]), Kind::Time, &[time, "-"], &[(1, Reason::TimeUnreadable)]);
        check(Int64Array::from(vec![1_767_225_600_000_001]), Kind::Time, &[time], &[]);
        check(TimestampNanosecondArray::from(vec![1_767_225_600_000_001_999]), Kind::Time, &[time], &[]);
    }

    #[test]
    fn other_types_are_refused() {
        assert!(!compatible(&DataType::Int64, Kind::Text));
        assert!(!compatible(&DataType::Boolean, Kind::Int32));
        assert!(!compatible(&DataType::Utf8, Kind::Int32));
        assert!(!compatible(&DataType::Float64, Kind::Time));
        assert!(!compatible(&DataType::Date32, Kind::Time));
        assert!(!compatible(&DataType::Int32, Kind::Bool));
    }
}
