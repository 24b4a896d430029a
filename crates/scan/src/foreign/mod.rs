//! Reads the logs of other producers by translating each line into lines of the contract.
//!
//! What comes out takes the path of any other line: same decoder, same checks, same rejections, with the number of the
//! line it came from. So a producer costs one function from its JSON to our columns, and no reader. Invariant: a line
//! that is understood and holds no inference (an agent's step, an embedding) yields nothing and is no rejection.

mod litellm;
mod message;
mod otlp;

use serde_json::{Map, Value};

use crate::lines::{self, Block};
use crate::rejection::Reason;

/// Whose lines a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The contract's own.
    Contract,
    /// OTLP JSON as the OpenTelemetry Collector's file exporter writes it: spans and events of the GenAI conventions.
    OpenTelemetry,
    /// LiteLLM's StandardLoggingPayload.
    LiteLlm,
}

impl Dialect {
    /// What the first line of a file says.
    pub(crate) fn of(line: &[u8]) -> Self {
        let Ok(Value::Object(object)) = serde_json::from_slice(line) else { return Self::Contract };
        let has = |name: &str| object.contains_key(name);
        if ["resourceSpans", "resourceLogs", "resourceMetrics"].into_iter().any(has) {
            Self::OpenTelemetry
        } else if has("call_type") && has("startTime") && has("metadata") {
            Self::LiteLlm
        } else {
            Self::Contract
        }
    }

    /// Its name in a person's words; none for the contract's own.
    pub(crate) fn words(self) -> Option<&'static str> {
        match self {
            Self::Contract => None,
            Self::OpenTelemetry => Some("OpenTelemetry (OTLP JSON)"),
            Self::LiteLlm => Some("LiteLLM"),
        }
    }
}

/// The lines of a block as lines of the contract, each with the number of the line it came from. `account` names the
/// attribute or field that holds the account, where it is not the usual one.
pub(crate) fn translate(
    dialect: Dialect,
    block: &Block,
    account: Option<&str>,
    lost: &mut Vec<(u64, Reason)>,
) -> Vec<(u64, Vec<u8>)> {
    let mut translated = Vec::new();
    for (number, line) in lines::lines(block) {
        let object: Map<String, Value> = match serde_json::from_slice(line) {
            Ok(object) => object,
            Err(error) => {
                lost.push((number, fault(&error, line)));
                continue;
            }
        };
        let rows = match dialect {
            Dialect::Contract => vec![object],
            Dialect::OpenTelemetry => otlp::rows(&object, account.unwrap_or(otlp::ACCOUNT)),
            Dialect::LiteLlm => litellm::rows(&object, account.unwrap_or(litellm::ACCOUNT)),
        };
        translated.extend(rows.iter().map(|row| {
            let text = serde_json::to_vec(row).expect("a map with text keys is JSON");
            (number, text)
        }));
    }
    translated
}

fn fault(error: &serde_json::Error, line: &[u8]) -> Reason {
    match () {
        () if std::str::from_utf8(line).is_err() => Reason::InvalidUtf8,
        () if error.is_eof() => Reason::LineCut,
        () => Reason::NotJson,
    }
}

/// Puts a value into a row unless there is none.
fn put(row: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value.filter(|value| !value.is_null()) {
        row.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_tells_the_producer() {
        let check = |line: &str, expect| assert_eq!(Dialect::of(line.as_bytes()), expect, "{line}");
        check("{\"resourceSpans\":[]}", Dialect::OpenTelemetry);
        check("{\"resourceLogs\":[]}", Dialect::OpenTelemetry);
        check("{\"call_type\":\"completion\",\"startTime\":1.5,\"metadata\":{}}", Dialect::LiteLlm);
        check("{\"id\":\"1\",\"time\":1,\"account\":\"a\",\"model\":\"m\"}", Dialect::Contract);
        check("{\"resourceSpans\":[", Dialect::Contract);
        check("", Dialect::Contract);
    }

    #[test]
    fn a_broken_line_is_lost_alone() {
        let bytes = b"{\"resourceSpans\":[]}\n{\"resourceSpans\":[\nnonsense\n\"\xff\"\n".to_vec();
        let block = Block { first_row: 1, bytes, ..Block::default() };
        let mut lost = Vec::new();
        assert!(translate(Dialect::OpenTelemetry, &block, None, &mut lost).is_empty());
        assert_eq!(lost, [(2, Reason::LineCut), (3, Reason::NotJson), (4, Reason::InvalidUtf8)]);
    }
}
