//! What messages say, in the shapes that producers log: texts, lists of parts, chat histories.
//!
//! Invariant: only text is taken; pictures, files and tool calls have none.

use serde_json::Value;

/// What a history of messages holds for one exchange.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct History {
    /// System instructions, joined.
    pub(super) system: Option<String>,
    /// The newest message of the user.
    pub(super) prompt: Option<String>,
    /// How many messages the user has sent, this one included.
    pub(super) turn: Option<u64>,
    /// The newest signature of a reasoning block that is handed back in.
    pub(super) signature: Option<String>,
}

/// A message's text: itself, or the texts of its parts.
pub(super) fn text(content: &Value) -> Option<String> {
    match content {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => {
            let texts: Vec<String> = parts.iter().filter_map(part).collect();
            (!texts.is_empty()).then(|| texts.join("\n"))
        }
        _ => None,
    }
}

/// The text of a part: `{type: text, text: …}` (chat interfaces) or `{type: text, content: …}` (OpenTelemetry).
fn part(part: &Value) -> Option<String> {
    let kind = part.get("type").and_then(Value::as_str).unwrap_or("text");
    if !matches!(kind, "text" | "input_text" | "output_text") {
        return part.as_str().map(str::to_owned);
    }
    let text = part.as_str().or_else(|| part.get("text")?.as_str()).or_else(|| part.get("content")?.as_str());
    text.map(str::to_owned)
}

/// The content of a message: its `parts` or its `content`.
pub(super) fn content(message: &Value) -> Option<String> {
    text(message.get("parts").or_else(|| message.get("content"))?)
}

fn signature(message: &Value) -> Option<String> {
    let parts = message.get("parts").or_else(|| message.get("content"))?.as_array()?;
    let signed = parts.iter().rev().find_map(|part| part.get("signature"))?;
    signed.as_str().map(str::to_owned)
}

/// Reads a chat history, oldest first; a bare text is one message of the user.
pub(super) fn history(messages: &Value) -> History {
    if let Value::String(prompt) = messages {
        return History { prompt: Some(prompt.clone()), turn: Some(1), ..History::default() };
    }
    let mut history = History::default();
    let mut systems = Vec::new();
    let mut turn = 0;
    for message in messages.as_array().into_iter().flatten() {
        match message.get("role").and_then(Value::as_str) {
            Some("system" | "developer") => systems.extend(content(message)),
            Some("user") => {
                // Results of tools travel as messages of the user without a text.
                if let Some(text) = content(message) {
                    turn += 1;
                    history.prompt = Some(text);
                }
            }
            Some("assistant") => history.signature = signature(message).or(history.signature),
            _ => {}
        }
    }
    history.system = (!systems.is_empty()).then(|| systems.join("\n"));
    history.turn = (turn > 0).then_some(turn);
    history
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn histories_of_both_shapes() {
        let chat = json!([
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi"},
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "…", "signature": "sig"}, {"type": "text", "text": "Hello"}]},
            {"role": "user", "content": [{"type": "text", "text": "Why"}, {"type": "image_url", "image_url": "x"}, {"type": "text", "text": "so?"}]},
        ]);
        let expect = History {
            system: Some("Be brief.".into()),
            prompt: Some("Why\nso?".into()),
            turn: Some(2),
            signature: Some("sig".into()),
        };
        assert_eq!(history(&chat), expect);
        let parts = json!([
            {"role": "user", "parts": [{"type": "text", "content": "Hi"}]},
            {"role": "user", "parts": [{"type": "tool_call_response", "response": "rain"}]},
        ]);
        assert_eq!(history(&parts), History { prompt: Some("Hi".into()), turn: Some(1), ..History::default() });
        assert_eq!(history(&json!("Hi")).turn, Some(1));
        assert_eq!(history(&json!(5)), History::default());
    }
}
