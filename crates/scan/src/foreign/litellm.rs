//! LiteLLM's StandardLoggingPayload, as its object-store loggers write it: one object a call.
//!
//! The account is `metadata.user_api_key_hash` unless the user names another field by its path.

use serde_json::{Map, Value, json};

use super::message;
use super::put;

/// Path of the account where none is named.
pub(super) const ACCOUNT: &str = "metadata.user_api_key_hash";

/// Parts of `call_type` that are no inference of text.
const OTHER_CALLS: [&str; 10] =
    ["embedding", "image", "moderation", "transcription", "speech", "rerank", "batch", "file", "vector_store", "ocr"];

/// What LiteLLM writes in the place of content that is not to be logged.
const REDACTED: &str = "redacted-by-litellm";

/// One row for a call of a language model, none for any other call.
pub(super) fn rows(call: &Map<String, Value>, account: &str) -> Vec<Map<String, Value>> {
    let kind = call.get("call_type").and_then(Value::as_str).unwrap_or_default();
    if OTHER_CALLS.iter().any(|other| kind.contains(other)) {
        return Vec::new();
    }
    let field = |path: &str| {
        path.split('.')
            .try_fold(None, |at: Option<&Value>, name| match at {
                None => Some(Some(call.get(name)?)),
                Some(value) => Some(Some(value.get(name)?)),
            })
            .flatten()
            .filter(|value| !value.is_null())
    };
    let text = |path: &str| field(path).and_then(Value::as_str).filter(|text| !text.is_empty()).map(Value::from);
    let history = field("messages").map(message::history).unwrap_or_default();
    let mut row = Map::new();
    put(&mut row, "id", text("litellm_call_id").or_else(|| text("id")));
    put(&mut row, "time", field("startTime").and_then(time));
    put(&mut row, "account", text(account));
    put(&mut row, "model", text("model_group").or_else(|| text("model")));
    let logged = |text: &String| text != REDACTED;
    put(&mut row, "prompt", history.prompt.filter(logged).map(Value::from));
    put(&mut row, "system", history.system.map(Value::from));
    put(&mut row, "turn", history.turn.map(Value::from));
    put(&mut row, "reasoning_signature", history.signature.map(Value::from));
    put(&mut row, "response", field("response").and_then(answer).filter(logged).map(Value::from));
    put(&mut row, "conversation", text("session_id").or_else(|| text("metadata.session_id")));
    put(&mut row, "credential", text("metadata.user_api_key_hash"));
    put(&mut row, "channel", Some(json!("api")));
    for (name, path) in [
        ("input_tokens", "prompt_tokens"),
        ("output_tokens", "completion_tokens"),
        ("temperature", "model_parameters.temperature"),
        ("top_p", "model_parameters.top_p"),
        ("max_tokens", "model_parameters.max_tokens"),
        ("n", "model_parameters.n"),
        ("seed", "model_parameters.seed"),
    ] {
        put(&mut row, name, field(path).filter(|value| value.is_number()).cloned());
    }
    put(&mut row, "tools", field("model_parameters.tools").and_then(Value::as_array).map(|tools| json!(tools.len())));
    put(&mut row, "logprobs", field("model_parameters.logprobs").filter(|value| value.is_boolean()).cloned());
    put(&mut row, "stream", field("stream").filter(|value| value.is_boolean()).cloned());
    let choice = field("response.choices").and_then(|choices| choices.get(0));
    put(&mut row, "finish_reason", choice.and_then(|choice| choice.get("finish_reason")).cloned());
    put(&mut row, "status", status(field("status"), field("error_information.error_code")));
    put(&mut row, "ip", text("requester_ip_address").or_else(|| text("metadata.requester_ip_address")));
    put(&mut row, "user_agent", text("user_agent").or_else(|| text("metadata.user_agent")));
    vec![row]
}

/// Seconds since 1970 as microseconds; a text is passed on as it is.
fn time(value: &Value) -> Option<Value> {
    match value.as_f64() {
        Some(seconds) if seconds.is_finite() && seconds.abs() < 9.0e12 => Some(json!((seconds * 1e6).round() as i64)),
        Some(_) => None,
        None => Some(value.clone()),
    }
}

/// The text of a response: of the first choice, of the parts of an output, or itself.
fn answer(response: &Value) -> Option<String> {
    if let Some(text) = response.as_str() {
        return Some(text.to_owned());
    }
    if let Some(choice) = response.get("choices").and_then(|choices| choices.get(0)) {
        return choice.get("message").and_then(message::content).or_else(|| message::text(choice.get("text")?));
    }
    let output = response.get("output")?.as_array()?;
    output.iter().rev().find_map(message::content)
}

fn status(status: Option<&Value>, code: Option<&Value>) -> Option<Value> {
    match status?.as_str()? {
        "success" => Some(json!(200)),
        _ => {
            let code = code.and_then(|code| code.as_u64().or_else(|| code.as_str()?.parse().ok()));
            Some(json!(code.filter(|code| (100..600).contains(code)).unwrap_or(500)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(change: impl FnOnce(&mut Map<String, Value>)) -> Vec<Map<String, Value>> {
        let call = json!({
            "id": "chatcmpl-1", "litellm_call_id": "call-1", "call_type": "acompletion", "status": "success",
            "startTime": 1_795_514_283.274_798, "model": "gpt", "model_group": "", "stream": null,
            "metadata": {"user_api_key_hash": "hash", "user_api_key_org_id": "org", "requester_ip_address": "192.0.2.1"},
            "prompt_tokens": 10, "completion_tokens": 20, "model_parameters": {"temperature": 0.5, "tools": [{}, {}]},
            "messages": [{"role": "user", "content": "What is a tide?"}],
            "response": {"choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "Water."}}]},
        });
        let Value::Object(mut call) = call else { unreachable!("an object is written above") };
        change(&mut call);
        rows(&call, ACCOUNT)
    }

    #[test]
    fn a_call_is_a_row() {
        let expect = json!({
            "id": "call-1", "time": 1_795_514_283_274_798i64, "account": "hash", "model": "gpt", "turn": 1,
            "prompt": "What is a tide?", "response": "Water.", "credential": "hash", "channel": "api",
            "input_tokens": 10, "output_tokens": 20, "temperature": 0.5, "tools": 2, "finish_reason": "stop",
            "status": 200, "ip": "192.0.2.1",
        });
        assert_eq!(row(|_| {}).into_iter().map(Value::Object).collect::<Vec<_>>(), [expect]);
    }

    #[test]
    fn failures_other_calls_and_redacted_content() {
        let failed = row(|call| {
            call.insert("status".into(), "failure".into());
            call.insert("error_information".into(), json!({"error_code": "429"}));
        });
        assert_eq!(failed[0]["status"], 429);
        assert!(row(|call| drop(call.insert("call_type".into(), "aembedding".into()))).is_empty());
        let absent = row(|call| drop(call.insert("messages".into(), Value::Null)));
        assert_eq!((absent[0].get("prompt"), absent[0].get("turn")), (None, None));
        let messages = json!([{"role": "user", "content": REDACTED}]);
        let redacted = row(|call| drop(call.insert("messages".into(), messages)));
        assert_eq!((redacted[0].get("prompt"), &redacted[0]["turn"]), (None, &json!(1)));
    }

    #[test]
    fn the_account_is_where_the_user_says() {
        let call = json!({"call_type": "completion", "metadata": {"user_api_key_org_id": "org"}, "end_user": "u"});
        let call = call.as_object().expect("an object is written above");
        assert_eq!(rows(call, "metadata.user_api_key_org_id")[0]["account"], "org");
        assert_eq!(rows(call, "end_user")[0]["account"], "u");
        assert_eq!(rows(call, "metadata.absent.deeper")[0].get("account"), None);
    }
}
