//! Lines of JSON to canonical arrays.
//!
//! Only wanted fields are kept; texts go from the line through one reused buffer into the array, so a row costs no
//! allocation. A line that is no JSON object is lost; a field of a wrong type spoils its row only. Of a repeated key the
//! last value counts.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Float32Builder, Int32Builder, Int64Builder, StringViewBuilder,
    TimestampMicrosecondBuilder,
};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::batch::{Batch, Faults, RowNumbers};
use crate::column::{Kind, Table};
use crate::rejection::Reason;

/// A value of one line, before it is put into its column.
#[derive(Debug, Clone, Copy)]
enum Slot {
    Null,
    Text(usize, usize),
    Integer(i64),
    Huge,
    Float(f64),
    Bool(bool),
    Nested,
}

/// Turns blocks of lines into batches; one per worker.
#[derive(Debug)]
pub(crate) struct JsonDecoder {
    kinds: Vec<Kind>,
    names: Vec<&'static str>,
    columns: Vec<usize>,
    slots: Vec<Slot>,
    text: String,
    /// The keys of the line before and where they go: lines of one file mostly agree.
    order: Vec<(String, Option<usize>)>,
}

impl JsonDecoder {
    /// A decoder of the columns of `selection`.
    pub(crate) fn new(table: &'static Table, selection: &[usize]) -> Self {
        Self {
            kinds: selection.iter().map(|&index| table.columns[index].kind).collect(),
            names: selection.iter().map(|&index| table.columns[index].name).collect(),
            columns: selection.to_vec(),
            slots: vec![Slot::Null; selection.len()],
            text: String::new(),
            order: Vec::new(),
        }
    }

    /// Decodes lines with their numbers; those that are no JSON objects are added to `lost`.
    pub(crate) fn decode(
        &mut self,
        file: usize,
        lines: &[(u64, impl AsRef<[u8]>)],
        lost: &mut Vec<(u64, Reason)>,
    ) -> Batch {
        let mut builders: Vec<Builder> = self.kinds.iter().map(|&kind| Builder::new(kind)).collect();
        let mut numbers = Vec::new();
        let mut faults = Faults::default();
        for (number, line) in lines {
            match self.line(line.as_ref()) {
                Ok(()) => {
                    let row = numbers.len();
                    numbers.push(*number);
                    for (at, builder) in builders.iter_mut().enumerate() {
                        if let Err(reason) = builder.push(self.slots[at], &self.text) {
                            faults.note(row, self.columns[at], reason);
                        }
                    }
                }
                Err(reason) => lost.push((*number, reason)),
            }
        }
        let columns = builders.into_iter().map(Builder::finish).collect();
        Batch { file, rows: numbers.len(), numbers: RowNumbers::Each(numbers), columns, faults }
    }

    /// Reads one line into the slots.
    fn line(&mut self, line: &[u8]) -> Result<(), Reason> {
        self.slots.fill(Slot::Null);
        self.text.clear();
        let line = std::str::from_utf8(line).map_err(|_| Reason::InvalidUtf8)?;
        let mut deserializer = serde_json::Deserializer::from_str(line);
        deserializer
            .deserialize_map(LineVisitor { decoder: self })
            .and_then(|()| deserializer.end())
            .map_err(|error| if error.is_eof() { Reason::LineCut } else { Reason::NotJson })
    }

    fn position(&mut self, key_index: usize, key: &str) -> Option<usize> {
        if let Some((known, at)) = self.order.get(key_index)
            && known == key
        {
            return *at;
        }
        let at = self.names.iter().position(|name| *name == key);
        if key_index <= self.order.len() && key_index < 256 && key.len() <= 64 {
            self.order.truncate(key_index);
            self.order.push((key.to_owned(), at));
        }
        at
    }
}

struct LineVisitor<'a> {
    decoder: &'a mut JsonDecoder,
}

impl<'de> Visitor<'de> for LineVisitor<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut key_index = 0;
        while let Some(at) = map.next_key_seed(KeySeed { decoder: &mut *self.decoder, key_index })? {
            key_index += 1;
            match at {
                Some(at) => {
                    self.decoder.slots[at] = map.next_value_seed(ValueSeed { text: &mut self.decoder.text })?;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

struct KeySeed<'a> {
    decoder: &'a mut JsonDecoder,
    key_index: usize,
}

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Option<usize>, E> {
        Ok(self.decoder.position(self.key_index, key))
    }
}

struct ValueSeed<'a> {
    text: &'a mut String,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Slot;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Slot, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Slot;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Slot, E> {
        Ok(Slot::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Slot, E> {
        Ok(Slot::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Slot, E> {
        Ok(Slot::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Slot, E> {
        Ok(i64::try_from(value).map_or(Slot::Huge, Slot::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Slot, E> {
        Ok(Slot::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Slot, E> {
        let start = self.text.len();
        self.text.push_str(value);
        Ok(Slot::Text(start, self.text.len()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Slot, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Slot::Nested)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Slot, A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Slot::Nested)
    }
}

/// One column under construction.
enum Builder {
    Text(StringViewBuilder),
    Time(TimestampMicrosecondBuilder),
    Int32(Int32Builder),
    Int64(Int64Builder),
    Float32(Float32Builder),
    Bool(BooleanBuilder),
}

impl Builder {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(StringViewBuilder::new()),
            Kind::Time => Self::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
            Kind::Int32 => Self::Int32(Int32Builder::new()),
            Kind::Int64 => Self::Int64(Int64Builder::new()),
            Kind::Float32 => Self::Float32(Float32Builder::new()),
            Kind::Bool => Self::Bool(BooleanBuilder::new()),
        }
    }

    /// Adds a value; where it is of a wrong type, adds a null and says why.
    fn push(&mut self, slot: Slot, text: &str) -> Result<(), Reason> {
        match self {
            Self::Text(builder) => match slot {
                Slot::Text(start, end) => builder.append_value(&text[start..end]),
                slot => {
                    builder.append_null();
                    return null_or_wrong(slot);
                }
            },
            Self::Time(builder) => {
                let time = match slot {
                    Slot::Text(start, end) => microseconds(&text[start..end]).map(Some),
                    slot => integer(slot),
                };
                builder.append_option(time.unwrap_or(None));
                time?;
            }
            Self::Int32(builder) => {
                let value = integer(slot)
                    .and_then(|value| value.map(i32::try_from).transpose().map_err(|_| Reason::NumberOutOfRange));
                builder.append_option(value.unwrap_or(None));
                value?;
            }
            Self::Int64(builder) => {
                let value = integer(slot);
                builder.append_option(value.unwrap_or(None));
                value?;
            }
            Self::Float32(builder) => {
                let value = float(slot);
                builder.append_option(value.unwrap_or(None));
                value?;
            }
            Self::Bool(builder) => match slot {
                Slot::Bool(value) => builder.append_value(value),
                slot => {
                    builder.append_null();
                    return null_or_wrong(slot);
                }
            },
        }
        Ok(())
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Text(mut builder) => Arc::new(builder.finish()),
            Self::Time(mut builder) => Arc::new(builder.finish()),
            Self::Int32(mut builder) => Arc::new(builder.finish()),
            Self::Int64(mut builder) => Arc::new(builder.finish()),
            Self::Float32(mut builder) => Arc::new(builder.finish()),
            Self::Bool(mut builder) => Arc::new(builder.finish()),
        }
    }
}

fn null_or_wrong(slot: Slot) -> Result<(), Reason> {
    match slot {
        Slot::Null => Ok(()),
        _ => Err(Reason::WrongType),
    }
}

/// A whole number; some exporters write `3.0`.
fn integer(slot: Slot) -> Result<Option<i64>, Reason> {
    match slot {
        Slot::Null => Ok(None),
        Slot::Integer(value) => Ok(Some(value)),
        Slot::Float(value) => whole(value).map(Some),
        Slot::Huge => Err(Reason::NumberOutOfRange),
        _ => Err(Reason::WrongType),
    }
}

/// A floating-point number that stands for a whole one.
pub(crate) fn whole(value: f64) -> Result<i64, Reason> {
    if value.fract() != 0.0 || !value.is_finite() {
        Err(Reason::WrongType)
    } else if value.abs() > 9.0e15 {
        Err(Reason::NumberOutOfRange)
    } else {
        Ok(value as i64)
    }
}

fn float(slot: Slot) -> Result<Option<f32>, Reason> {
    match slot {
        Slot::Null => Ok(None),
        Slot::Integer(value) => Ok(Some(value as f32)),
        Slot::Float(value) if (value as f32).is_finite() => Ok(Some(value as f32)),
        Slot::Float(_) | Slot::Huge => Err(Reason::NumberOutOfRange),
        _ => Err(Reason::WrongType),
    }
}

/// RFC 3339 to microseconds; finer digits are cut off towards the past.
pub(crate) fn microseconds(text: &str) -> Result<i64, Reason> {
    let time: jiff::Timestamp = text.trim_ascii().parse().map_err(|_| Reason::TimeUnreadable)?;
    i64::try_from(time.as_nanosecond().div_euclid(1000)).map_err(|_| Reason::TimeOutOfRange)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::AsArray;
    use datafusion::arrow::datatypes::{Int32Type, TimestampMicrosecondType};

    use super::*;
    use crate::column::EXCHANGES;
    use crate::lines::{self, Block};

    fn decode(text: &str) -> (Batch, Vec<(u64, Reason)>) {
        let selection = ["id", "time", "turn", "temperature", "stream"].map(|name| EXCHANGES.position(name));
        let block = Block { first_row: 1, bytes: text.as_bytes().to_vec(), ..Block::default() };
        let mut lost = Vec::new();
        let lines: Vec<(u64, &[u8])> = lines::lines(&block).collect();
        let batch = JsonDecoder::new(&EXCHANGES, &selection).decode(3, &lines, &mut lost);
        (batch, lost)
    }

    fn fault(line: &str, expect: Option<(&str, Reason)>) {
        let (batch, lost) = decode(line);
        assert_eq!(lost, [], "{line}");
        let found = batch.faults.iter().next().map(|(_, column, reason)| (EXCHANGES.columns[column].name, reason));
        assert_eq!(found, expect, "{line}");
    }

    #[test]
    fn values_go_to_their_columns_whatever_the_order_of_keys() {
        let (batch, lost) = decode(
            "{\"id\":\"a\\n\",\"turn\":1,\"x\":[{}]}\n{\"turn\":2.0,\"id\":\"b\",\"time\":\"2026-01-01T00:00:00.5+01:00\"}\n",
        );
        assert_eq!(lost, []);
        assert!(batch.faults.is_empty());
        assert_eq!(batch.columns[0].as_string_view().iter().collect::<Vec<_>>(), [Some("a\n"), Some("b")]);
        assert_eq!(batch.columns[2].as_primitive::<Int32Type>().values(), &[1, 2]);
        assert_eq!(batch.columns[1].as_primitive::<TimestampMicrosecondType>().value(1), 1_767_222_000_500_000);
    }

    #[test]
    fn a_wrong_type_spoils_its_row_only() {
        fault("{\"id\":null,\"turn\":null}", None);
        fault("{\"id\":7}", Some(("id", Reason::WrongType)));
        fault("{\"id\":{\"a\":1}}", Some(("id", Reason::WrongType)));
        fault("{\"turn\":\"1\"}", Some(("turn", Reason::WrongType)));
        fault("{\"turn\":1.5}", Some(("turn", Reason::WrongType)));
        fault("{\"turn\":3000000000}", Some(("turn", Reason::NumberOutOfRange)));
        fault("{\"turn\":18446744073709551615}", Some(("turn", Reason::NumberOutOfRange)));
        fault("{\"stream\":1}", Some(("stream", Reason::WrongType)));
        fault("{\"temperature\":1e300}", Some(("temperature", Reason::NumberOutOfRange)));
        fault("{\"time\":\"yesterday\"}", Some(("time", Reason::TimeUnreadable)));
        fault("{\"time\":true,\"id\":[]}", Some(("id", Reason::WrongType)));
    }

    #[test]
    fn a_line_that_is_no_object_is_lost_alone() {
        let (batch, lost) = decode("{\"id\":\"a\"}\n[1]\n{\"id\":\"b\n{\"id\":\"c\"}x\nnull\n{\"id\":\"d\"}");
        assert_eq!(batch.rows, 2);
        assert_eq!(lost, [(2, Reason::NotJson), (3, Reason::LineCut), (4, Reason::NotJson), (5, Reason::NotJson)]);
    }
}
