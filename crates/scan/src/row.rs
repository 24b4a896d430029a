//! Typed views of a batch's columns, and rows borrowed from them.
//!
//! A row is a handful of loads and no allocation; an owned exchange is made only for the few rows that people see or
//! that share an id.

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float32Array, Int32Array, Int64Array, StringViewArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{Float32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use stillwatch_traffic::exchange::{Exchange, Row, Timestamp};

use crate::column::{ACCOUNT, EXCHANGES, ID, SEED};

/// The columns that a profile sees: all but `id`, `account` and `seed`, in the contract's order.
pub(crate) fn row_columns() -> Vec<usize> {
    EXCHANGES.all().into_iter().filter(|&index| ![ID, ACCOUNT, SEED].contains(&index)).collect()
}

/// Views of the columns of [`row_columns`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowColumns<'a> {
    time: &'a TimestampMicrosecondArray,
    model: &'a StringViewArray,
    prompt: &'a StringViewArray,
    system: &'a StringViewArray,
    response: &'a StringViewArray,
    conversation: &'a StringViewArray,
    turn: &'a Int32Array,
    credential: &'a StringViewArray,
    channel: &'a StringViewArray,
    reasoning_signature: &'a StringViewArray,
    input_tokens: &'a Int32Array,
    output_tokens: &'a Int32Array,
    temperature: &'a Float32Array,
    top_p: &'a Float32Array,
    max_tokens: &'a Int32Array,
    n: &'a Int32Array,
    tools: &'a Int32Array,
    logprobs: &'a BooleanArray,
    stream: &'a BooleanArray,
    finish_reason: &'a StringViewArray,
    status: &'a Int32Array,
    ip: &'a StringViewArray,
    asn: &'a Int64Array,
    user_agent: &'a StringViewArray,
    ja4: &'a StringViewArray,
}

fn text(array: &StringViewArray, row: usize) -> Option<&str> {
    array.is_valid(row).then(|| array.value(row))
}

fn int32(array: &Int32Array, row: usize) -> Option<i32> {
    array.is_valid(row).then(|| array.value(row))
}

fn int64(array: &Int64Array, row: usize) -> Option<i64> {
    array.is_valid(row).then(|| array.value(row))
}

fn float32(array: &Float32Array, row: usize) -> Option<f32> {
    array.is_valid(row).then(|| array.value(row))
}

fn boolean(array: &BooleanArray, row: usize) -> Option<bool> {
    array.is_valid(row).then(|| array.value(row))
}

impl<'a> RowColumns<'a> {
    /// Views of arrays in the order of [`row_columns`]; their types are those of the contract.
    pub(crate) fn of(mut arrays: impl Iterator<Item = &'a ArrayRef>) -> Self {
        let mut next = || arrays.next().expect("the caller passes every column of a row");
        Self {
            time: next().as_primitive::<TimestampMicrosecondType>(),
            model: next().as_string_view(),
            prompt: next().as_string_view(),
            system: next().as_string_view(),
            response: next().as_string_view(),
            conversation: next().as_string_view(),
            turn: next().as_primitive::<Int32Type>(),
            credential: next().as_string_view(),
            channel: next().as_string_view(),
            reasoning_signature: next().as_string_view(),
            input_tokens: next().as_primitive::<Int32Type>(),
            output_tokens: next().as_primitive::<Int32Type>(),
            temperature: next().as_primitive::<Float32Type>(),
            top_p: next().as_primitive::<Float32Type>(),
            max_tokens: next().as_primitive::<Int32Type>(),
            n: next().as_primitive::<Int32Type>(),
            tools: next().as_primitive::<Int32Type>(),
            logprobs: next().as_boolean(),
            stream: next().as_boolean(),
            finish_reason: next().as_string_view(),
            status: next().as_primitive::<Int32Type>(),
            ip: next().as_string_view(),
            asn: next().as_primitive::<Int64Type>(),
            user_agent: next().as_string_view(),
            ja4: next().as_string_view(),
        }
    }

    /// One row.
    pub(crate) fn row(&self, row: usize) -> Row<'a> {
        Row {
            time: Timestamp(self.time.value(row)),
            model: text(self.model, row).unwrap_or_default(),
            prompt: text(self.prompt, row),
            system: text(self.system, row),
            response: text(self.response, row),
            conversation: text(self.conversation, row),
            turn: int32(self.turn, row),
            credential: text(self.credential, row),
            channel: text(self.channel, row),
            reasoning_signature: text(self.reasoning_signature, row),
            input_tokens: int32(self.input_tokens, row),
            output_tokens: int32(self.output_tokens, row),
            temperature: float32(self.temperature, row),
            top_p: float32(self.top_p, row),
            max_tokens: int32(self.max_tokens, row),
            n: int32(self.n, row),
            tools: int32(self.tools, row),
            logprobs: boolean(self.logprobs, row),
            stream: boolean(self.stream, row),
            finish_reason: text(self.finish_reason, row),
            status: int32(self.status, row),
            ip: text(self.ip, row),
            asn: int64(self.asn, row),
            user_agent: text(self.user_agent, row),
            ja4: text(self.ja4, row),
        }
    }
}

/// Views of every column of a batch of exchanges.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExchangeColumns<'a> {
    id: &'a StringViewArray,
    account: &'a StringViewArray,
    seed: &'a Int64Array,
    rest: RowColumns<'a>,
}

impl<'a> ExchangeColumns<'a> {
    /// Views of all columns in the contract's order.
    pub(crate) fn of(arrays: &'a [ArrayRef]) -> Self {
        Self {
            id: arrays[ID].as_string_view(),
            account: arrays[ACCOUNT].as_string_view(),
            seed: arrays[SEED].as_primitive::<Int64Type>(),
            rest: RowColumns::of(row_columns().into_iter().map(|index| &arrays[index])),
        }
    }

    /// Id of a row that passed the checks.
    pub(crate) fn id(&self, row: usize) -> &'a str {
        self.id.value(row)
    }

    /// A row as a value of its own.
    pub(crate) fn exchange(&self, row: usize) -> Exchange {
        let id = text(self.id, row).unwrap_or_default().to_owned();
        let account = text(self.account, row).unwrap_or_default().to_owned();
        let seed = int64(self.seed, row);
        let row = self.rest.row(row);
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Exchange {
            id,
            time: row.time,
            account,
            model: row.model.to_owned(),
            prompt: owned(row.prompt),
            system: owned(row.system),
            response: owned(row.response),
            conversation: owned(row.conversation),
            turn: row.turn,
            credential: owned(row.credential),
            channel: owned(row.channel),
            reasoning_signature: owned(row.reasoning_signature),
            input_tokens: row.input_tokens,
            output_tokens: row.output_tokens,
            temperature: row.temperature,
            top_p: row.top_p,
            max_tokens: row.max_tokens,
            n: row.n,
            tools: row.tools,
            logprobs: row.logprobs,
            stream: row.stream,
            seed,
            finish_reason: owned(row.finish_reason),
            status: row.status,
            ip: owned(row.ip),
            asn: row.asn,
            user_agent: owned(row.user_agent),
            ja4: owned(row.ja4),
        }
    }
}
