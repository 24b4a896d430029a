//! The columns of the input contract: names, kinds and the checks each value must pass.
//!
//! One list per table drives the Parquet reader, the JSON reader, the row checks and the writer, so that a column is
//! described once. Invariant: the order here is the order of every batch inside this crate.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// UTF-8 text.
    Text,
    /// Microseconds since 1970 in UTC.
    Time,
    /// 32-bit integer.
    Int32,
    /// 64-bit integer.
    Int64,
    /// 32-bit floating point.
    Float32,
    /// True or false.
    Bool,
}

impl Kind {
    /// The Arrow type inside this crate. Text is held as views, so that a value is never copied between batches.
    pub(crate) fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8View,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Int32 => DataType::Int32,
            Self::Int64 => DataType::Int64,
            Self::Float32 => DataType::Float32,
            Self::Bool => DataType::Boolean,
        }
    }

    /// The type in a person's words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Time => "timestamp (RFC 3339, or microseconds since 1970 UTC)",
            Self::Int32 => "32-bit integer",
            Self::Int64 => "64-bit integer",
            Self::Float32 => "number",
            Self::Bool => "boolean",
        }
    }
}

/// What a value must satisfy besides its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// Present, not empty, at most [`crate::limits::KEY_BYTES_MAX`]; for a time: present and within the accepted years.
    Required,
    /// At most [`crate::limits::TEXT_BYTES_MAX`] where it is text.
    Optional,
    /// Optional, not negative.
    Count,
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    /// Its name in every file.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// What a value must satisfy.
    pub(crate) check: Check,
}

/// One table.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Its name in the contract and on the command line.
    pub(crate) name: &'static str,
    /// Its columns in order.
    pub(crate) columns: &'static [Column],
}

impl Table {
    /// The schema of a batch that holds the columns of `selection`.
    pub(crate) fn schema(&self, selection: &[usize]) -> SchemaRef {
        let field = |&index: &usize| {
            let column = &self.columns[index];
            Field::new(column.name, column.kind.data_type(), true)
        };
        Arc::new(Schema::new(selection.iter().map(field).collect::<Vec<_>>()))
    }

    /// Every column.
    pub(crate) fn all(&self) -> Vec<usize> {
        (0..self.columns.len()).collect()
    }

    /// Position of a column that is known to exist.
    #[cfg(test)]
    pub(crate) fn position(&self, name: &str) -> usize {
        self.columns.iter().position(|column| column.name == name).expect("the caller names a column of this table")
    }
}

const fn required(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, check: Check::Required }
}

const fn optional(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, check: Check::Optional }
}

const fn count(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, check: Check::Count }
}

/// One row is one request to a model and its response.
pub(crate) static EXCHANGES: Table = Table {
    name: "exchanges",
    columns: &[
        required("id", Kind::Text),
        required("time", Kind::Time),
        required("account", Kind::Text),
        required("model", Kind::Text),
        optional("prompt", Kind::Text),
        optional("system", Kind::Text),
        optional("response", Kind::Text),
        optional("conversation", Kind::Text),
        optional("turn", Kind::Int32),
        optional("credential", Kind::Text),
        optional("channel", Kind::Text),
        optional("reasoning_signature", Kind::Text),
        count("input_tokens", Kind::Int32),
        count("output_tokens", Kind::Int32),
        optional("temperature", Kind::Float32),
        optional("top_p", Kind::Float32),
        optional("max_tokens", Kind::Int32),
        optional("n", Kind::Int32),
        optional("tools", Kind::Int32),
        optional("logprobs", Kind::Bool),
        optional("stream", Kind::Bool),
        optional("seed", Kind::Int64),
        optional("finish_reason", Kind::Text),
        optional("status", Kind::Int32),
        optional("ip", Kind::Text),
        optional("asn", Kind::Int64),
        optional("user_agent", Kind::Text),
        optional("ja4", Kind::Text),
    ],
};

/// Position of `id` in [`EXCHANGES`].
pub(crate) const ID: usize = 0;
/// Position of `time` in [`EXCHANGES`].
pub(crate) const TIME: usize = 1;
/// Position of `account` in [`EXCHANGES`].
pub(crate) const ACCOUNT: usize = 2;

/// Position of `seed` in [`EXCHANGES`].
pub(crate) const SEED: usize = 21;

/// One row is one account.
pub(crate) static ACCOUNTS: Table = Table {
    name: "accounts",
    columns: &[
        required("account", Kind::Text),
        optional("organization", Kind::Text),
        optional("created", Kind::Time),
        optional("plan", Kind::Text),
        optional("payment", Kind::Text),
        optional("email_domain", Kind::Text),
        optional("device", Kind::Text),
        optional("verified", Kind::Bool),
        optional("agreement", Kind::Text),
    ],
};

/// One row is one action against an account.
pub(crate) static ENFORCEMENTS: Table = Table {
    name: "enforcements",
    columns: &[required("account", Kind::Text), required("time", Kind::Time), required("action", Kind::Text)],
};

/// One row is one model becoming available.
pub(crate) static RELEASES: Table =
    Table { name: "releases", columns: &[required("model", Kind::Text), required("time", Kind::Time)] };

/// What is true of one simulated exchange.
pub(crate) static TRUTH: Table = Table {
    name: "truth",
    columns: &[
        required("id", Kind::Text),
        required("account", Kind::Text),
        optional("campaign", Kind::Text),
        required("kind", Kind::Text),
        count("strength", Kind::Int32),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_where_the_constants_say() {
        assert_eq!(EXCHANGES.position("id"), ID);
        assert_eq!(EXCHANGES.position("time"), TIME);
        assert_eq!(EXCHANGES.position("account"), ACCOUNT);
        assert_eq!(EXCHANGES.position("seed"), SEED);
    }
}
