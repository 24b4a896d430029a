//! OTLP JSON with the GenAI semantic conventions: spans of inference, and the events that carry their content.
//!
//! Agent and tool spans nest around inference spans and are no exchanges. The event
//! `gen_ai.client.inference.operation.details` describes a call on its own, so it is an exchange too; it has the id of
//! its span, and where both are read the one with content stays. The account comes from an attribute that the user
//! names, of the span or event itself or of its resource.

use serde_json::{Map, Value, json};

use super::message;
use super::put;

/// Attribute of the account where none is named.
pub(super) const ACCOUNT: &str = "enduser.id";

/// Operations that are inference; conventions before 1.28 name none.
const INFERENCE: [&str; 3] = ["chat", "text_completion", "generate_content"];
/// The event that carries what a call said.
const DETAILS: &str = "gen_ai.client.inference.operation.details";

/// Attributes by name, values as plain JSON.
type Attributes = Map<String, Value>;

/// The exchanges of one line.
pub(super) fn rows(line: &Map<String, Value>, account: &str) -> Vec<Map<String, Value>> {
    let mut rows = Vec::new();
    for (group, scopes, records) in
        [("resourceSpans", "scopeSpans", "spans"), ("resourceLogs", "scopeLogs", "logRecords")]
    {
        for resource in list(line.get(group)) {
            let of_resource = attributes(resource.get("resource").and_then(|resource| resource.get("attributes")));
            let records = list(resource.get(scopes)).iter().flat_map(|scope| list(scope.get(records)));
            rows.extend(records.filter_map(|record| row(record, &of_resource, account)));
        }
    }
    rows
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A list of keys and typed values as a plain object.
fn attributes(value: Option<&Value>) -> Attributes {
    let pair = |pair: &Value| Some((pair.get("key")?.as_str()?.to_owned(), plain(pair.get("value")?)));
    list(value).iter().filter_map(pair).collect()
}

/// A typed value (`AnyValue`) as plain JSON. 64-bit integers travel as text.
fn plain(value: &Value) -> Value {
    let Some((kind, inner)) = value.as_object().and_then(|object| object.iter().next()) else { return Value::Null };
    match kind.as_str() {
        "intValue" => match inner {
            Value::String(digits) => digits.parse::<i64>().map_or(Value::Null, Value::from),
            other => other.clone(),
        },
        "arrayValue" => list(inner.get("values")).iter().map(plain).collect(),
        "kvlistValue" => Value::Object(attributes(inner.get("values"))),
        _ => inner.clone(),
    }
}

/// An exchange; none where the record is no inference.
fn row(record: &Value, of_resource: &Attributes, account: &str) -> Option<Map<String, Value>> {
    let mut own = attributes(record.get("attributes"));
    for event in list(record.get("events")).iter().filter(|event| event.get("name") == Some(&json!(DETAILS))) {
        own.extend(attributes(event.get("attributes")));
    }
    let event = record.get("eventName").or_else(|| own.get("event.name")).and_then(Value::as_str);
    let is_span = record.get("spanId").is_some() && record.get("startTimeUnixNano").is_some();
    if !is_inference(&own) || !(is_span || event == Some(DETAILS)) {
        return None;
    }
    let attribute = |name: &str| own.get(name).filter(|value| !value.is_null());
    let either = |name: &str| attribute(name).or_else(|| of_resource.get(name)).cloned();
    let first = |names: [&str; 2]| names.into_iter().find_map(attribute).cloned();
    let history = attribute("gen_ai.input.messages").map(structured).map(|value| message::history(&value));
    let history = history.unwrap_or_default();
    let apart = attribute("gen_ai.system_instructions").map(structured).and_then(|value| message::text(&value));
    let output = attribute("gen_ai.output.messages").map(structured);
    let answers = output.as_ref().map(|value| list(Some(value))).unwrap_or_default();
    let mut row = Map::new();
    put(&mut row, "id", id(record));
    put(&mut row, "time", time(record));
    put(&mut row, "account", either(account).map(as_text));
    put(&mut row, "model", first(["gen_ai.request.model", "gen_ai.response.model"]));
    put(&mut row, "prompt", history.prompt.map(Value::from));
    put(&mut row, "system", apart.or(history.system).map(Value::from));
    put(&mut row, "response", answers.iter().rev().find_map(message::content).map(Value::from));
    put(&mut row, "conversation", attribute("gen_ai.conversation.id").cloned());
    put(&mut row, "turn", history.turn.map(Value::from));
    put(&mut row, "reasoning_signature", history.signature.map(Value::from));
    put(&mut row, "input_tokens", first(["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"]));
    put(&mut row, "output_tokens", first(["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"]));
    for (name, key) in [
        ("temperature", "gen_ai.request.temperature"),
        ("top_p", "gen_ai.request.top_p"),
        ("max_tokens", "gen_ai.request.max_tokens"),
        ("n", "gen_ai.request.choice.count"),
        ("seed", "gen_ai.request.seed"),
        ("stream", "gen_ai.request.stream"),
    ] {
        put(&mut row, name, attribute(key).cloned());
    }
    let tools = attribute("gen_ai.tool.definitions").map(structured);
    put(&mut row, "tools", tools.and_then(|tools| tools.as_array().map(|tools| json!(tools.len()))));
    let reasons = attribute("gen_ai.response.finish_reasons").map(structured);
    put(&mut row, "finish_reason", reasons.and_then(|reasons| reasons.get(0).cloned()));
    put(&mut row, "status", status(&own));
    put(&mut row, "ip", either("client.address"));
    put(&mut row, "user_agent", either("user_agent.original"));
    Some(row)
}

fn is_inference(own: &Attributes) -> bool {
    match own.get("gen_ai.operation.name").and_then(Value::as_str) {
        Some(operation) => INFERENCE.contains(&operation),
        None => own.contains_key("gen_ai.request.model") && !own.contains_key("gen_ai.tool.name"),
    }
}

/// Spans carry structured values as JSON in a text where the language has no other way.
fn structured(value: &Value) -> Value {
    let parsed = value.as_str().and_then(|text| serde_json::from_str(text).ok());
    parsed.unwrap_or_else(|| value.clone())
}

/// Trace and span, which name a call in every file.
fn id(record: &Value) -> Option<Value> {
    let part = |name: &str| record.get(name).and_then(Value::as_str).filter(|part| !part.is_empty());
    Some(json!(format!("{}-{}", part("traceId")?, part("spanId")?)))
}

/// Nanoseconds, as text or number, to microseconds.
fn time(record: &Value) -> Option<Value> {
    let nanos = |name: &str| {
        let value = record.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok()).filter(|nanos| *nanos > 0)
    };
    let nanos = ["startTimeUnixNano", "timeUnixNano", "observedTimeUnixNano"].into_iter().find_map(nanos)?;
    Some(json!(nanos / 1000))
}

/// Accounts are names, also where they are logged as numbers.
fn as_text(value: Value) -> Value {
    if value.is_number() { json!(value.to_string()) } else { value }
}

fn status(own: &Attributes) -> Option<Value> {
    let coded = own.get("http.response.status_code").filter(|code| code.is_number()).cloned();
    let typed = || own.get("error.type")?.as_str()?.parse::<u16>().ok().map(Value::from);
    coded.or_else(typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(key: &str, value: Value) -> Value {
        json!({"key": key, "value": value})
    }

    fn text(key: &str, value: &str) -> Value {
        attribute(key, json!({"stringValue": value}))
    }

    fn line(group: [&str; 3], record: Value) -> Map<String, Value> {
        let resource = json!({"attributes": [text("enduser.id", "of the resource")]});
        let line = json!({group[0]: [{"resource": resource, group[1]: [{group[2]: [record]}]}]});
        line.as_object().expect("an object is written above").clone()
    }

    fn span(attributes: Vec<Value>) -> Vec<Map<String, Value>> {
        let record = json!({
            "traceId": "t", "spanId": "s", "startTimeUnixNano": "1795514283274798123", "attributes": attributes,
        });
        rows(&line(["resourceSpans", "scopeSpans", "spans"], record), ACCOUNT)
    }

    #[test]
    fn an_inference_span_is_a_row() {
        let found = span(vec![
            text("gen_ai.operation.name", "chat"),
            text("gen_ai.request.model", "m"),
            text("enduser.id", "acct"),
            text("gen_ai.conversation.id", "c"),
            attribute("gen_ai.usage.input_tokens", json!({"intValue": "12"})),
            attribute("gen_ai.request.temperature", json!({"doubleValue": 0.5})),
            attribute("gen_ai.response.finish_reasons", json!({"arrayValue": {"values": [{"stringValue": "stop"}]}})),
            text("gen_ai.input.messages", r#"[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]"#),
            text("gen_ai.system_instructions", r#"[{"type":"text","content":"Be brief."}]"#),
            text("client.address", "192.0.2.1"),
        ]);
        let expect = json!({
            "id": "t-s", "time": 1_795_514_283_274_798u64, "account": "acct", "model": "m", "conversation": "c",
            "input_tokens": 12, "temperature": 0.5, "finish_reason": "stop", "prompt": "Hi", "turn": 1,
            "system": "Be brief.", "ip": "192.0.2.1",
        });
        assert_eq!(found.into_iter().map(Value::Object).collect::<Vec<_>>(), [expect]);
    }

    #[test]
    fn agents_tools_and_embeddings_are_no_exchanges() {
        for operation in ["invoke_agent", "execute_tool", "embeddings", "create_agent"] {
            let found = span(vec![text("gen_ai.operation.name", operation), text("gen_ai.request.model", "m")]);
            assert!(found.is_empty(), "{operation}");
        }
        assert!(span(vec![text("http.request.method", "GET")]).is_empty());
        assert_eq!(span(vec![text("gen_ai.request.model", "m")])[0]["account"], "of the resource");
    }

    #[test]
    fn an_event_with_structured_content_is_a_row() {
        let part = json!({"kvlistValue": {"values": [text("type", "text"), text("content", "Hello")]}});
        let message = json!({"kvlistValue": {"values": [
            text("role", "assistant"), attribute("parts", json!({"arrayValue": {"values": [part]}})),
        ]}});
        let record = json!({
            "traceId": "t", "spanId": "s", "timeUnixNano": "1795514283274798123", "eventName": DETAILS,
            "attributes": [
                text("gen_ai.operation.name", "chat"),
                text("gen_ai.request.model", "m"),
                attribute("gen_ai.output.messages", json!({"arrayValue": {"values": [message]}})),
            ],
        });
        let found = rows(&line(["resourceLogs", "scopeLogs", "logRecords"], record), ACCOUNT);
        assert_eq!((&found[0]["id"], &found[0]["response"]), (&json!("t-s"), &json!("Hello")));
        let other = json!({"timeUnixNano": "1", "body": {"stringValue": "started"}});
        assert!(rows(&line(["resourceLogs", "scopeLogs", "logRecords"], other), ACCOUNT).is_empty());
    }
}
