//! The rows of the input contract, as values in memory.
//!
//! Column names, types and nullability are fixed by the contract; every reader and writer uses these names.
//! Invariant: nothing here does input or output.

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Microseconds in one second.
    pub const SECOND: i64 = 1_000_000;
    /// Microseconds in one hour.
    pub const HOUR: i64 = 3_600 * Self::SECOND;
    /// Microseconds in one day of 24 hours.
    pub const DAY: i64 = 24 * Self::HOUR;

    /// The time as RFC 3339 in UTC, to the second; out-of-range values print as microseconds.
    pub fn to_rfc3339(self) -> String {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            Err(_) => format!("{}us", self.0),
        }
    }
}

/// One request to a model and its response.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Exchange {
    /// Unique; a second row with the same id is the same exchange and counts once.
    pub id: String,
    /// When the request arrived.
    pub time: Timestamp,
    /// Pseudonymous billing account.
    pub account: String,
    /// Model asked for.
    pub model: String,
    /// Text of the newest user message.
    pub prompt: Option<String>,
    /// System instruction.
    pub system: Option<String>,
    /// Text of the answer.
    pub response: Option<String>,
    /// Conversation id.
    pub conversation: Option<String>,
    /// Which user turn of the conversation, from 1.
    pub turn: Option<i32>,
    /// API-key id.
    pub credential: Option<String>,
    /// Access path: `api`, `app`, `cloud:<name>`, `aggregator:<name>`.
    pub channel: Option<String>,
    /// Opaque token of a reasoning block that the request hands back in.
    pub reasoning_signature: Option<String>,
    /// Billed input tokens.
    pub input_tokens: Option<i32>,
    /// Billed output tokens.
    pub output_tokens: Option<i32>,
    /// Sampling temperature as asked.
    pub temperature: Option<f32>,
    /// Nucleus mass as asked.
    pub top_p: Option<f32>,
    /// Limit on output tokens as asked.
    pub max_tokens: Option<i32>,
    /// Answers asked for.
    pub n: Option<i32>,
    /// How many tools were offered.
    pub tools: Option<i32>,
    /// Whether log-probabilities were asked for.
    pub logprobs: Option<bool>,
    /// Whether the answer was streamed.
    pub stream: Option<bool>,
    /// Seed as asked.
    pub seed: Option<i64>,
    /// `stop`, `length`, `tool_calls`, `content_filter`, …
    pub finish_reason: Option<String>,
    /// HTTP status.
    pub status: Option<i32>,
    /// Client address, v4 or v6.
    pub ip: Option<String>,
    /// Autonomous system of the address.
    pub asn: Option<i64>,
    /// User agent.
    pub user_agent: Option<String>,
    /// TLS client fingerprint.
    pub ja4: Option<String>,
}

/// What the lab knows of one account besides its traffic.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Account {
    /// Pseudonymous billing account.
    pub account: String,
    /// Organisation that owns it.
    pub organization: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Plan.
    pub plan: Option<String>,
    /// Opaque fingerprint of the means of payment.
    pub payment: Option<String>,
    /// Domain of the e-mail address.
    pub email_domain: Option<String>,
    /// Opaque sign-up device id.
    pub device: Option<String>,
    /// Whether the identity was verified.
    pub verified: Option<bool>,
    /// An agreement that permits bulk use: `evaluation`, `distillation`, `batch`.
    pub agreement: Option<String>,
}

/// One action of the lab against an account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Enforcement {
    /// The account acted upon.
    pub account: String,
    /// When.
    pub time: Timestamp,
    /// `block`, `throttle`, `challenge`, `restore`.
    pub action: String,
}

/// When a model became available.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Release {
    /// The model.
    pub model: String,
    /// When.
    pub time: Timestamp,
}

/// What is true of one simulated exchange; never given to a scan.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Truth {
    /// Exchange id.
    pub id: String,
    /// Its account.
    pub account: String,
    /// The campaign it belongs to; none when innocent (cover traffic of a campaign's account belongs to the campaign).
    pub campaign: Option<String>,
    /// Kind of campaign, or class of look-alike.
    pub kind: String,
    /// Strength of the attacker, 1 to 5; 0 when innocent.
    pub strength: i32,
}

/// One exchange as the fold sees it: borrowed, and only the columns that a profile uses.
#[derive(Debug, Clone, Copy, Default)]
pub struct Row<'a> {
    /// See [`Exchange::time`].
    pub time: Timestamp,
    /// See [`Exchange::model`].
    pub model: &'a str,
    /// See [`Exchange::prompt`].
    pub prompt: Option<&'a str>,
    /// See [`Exchange::system`].
    pub system: Option<&'a str>,
    /// See [`Exchange::response`].
    pub response: Option<&'a str>,
    /// See [`Exchange::conversation`].
    pub conversation: Option<&'a str>,
    /// See [`Exchange::turn`].
    pub turn: Option<i32>,
    /// See [`Exchange::credential`].
    pub credential: Option<&'a str>,
    /// See [`Exchange::channel`].
    pub channel: Option<&'a str>,
    /// See [`Exchange::reasoning_signature`].
    pub reasoning_signature: Option<&'a str>,
    /// See [`Exchange::input_tokens`].
    pub input_tokens: Option<i32>,
    /// See [`Exchange::output_tokens`].
    pub output_tokens: Option<i32>,
    /// See [`Exchange::temperature`].
    pub temperature: Option<f32>,
    /// See [`Exchange::top_p`].
    pub top_p: Option<f32>,
    /// See [`Exchange::max_tokens`].
    pub max_tokens: Option<i32>,
    /// See [`Exchange::n`].
    pub n: Option<i32>,
    /// See [`Exchange::tools`].
    pub tools: Option<i32>,
    /// See [`Exchange::logprobs`].
    pub logprobs: Option<bool>,
    /// See [`Exchange::stream`].
    pub stream: Option<bool>,
    /// See [`Exchange::finish_reason`].
    pub finish_reason: Option<&'a str>,
    /// See [`Exchange::status`].
    pub status: Option<i32>,
    /// See [`Exchange::ip`].
    pub ip: Option<&'a str>,
    /// See [`Exchange::asn`].
    pub asn: Option<i64>,
    /// See [`Exchange::user_agent`].
    pub user_agent: Option<&'a str>,
    /// See [`Exchange::ja4`].
    pub ja4: Option<&'a str>,
}

impl Exchange {
    /// The exchange as the fold sees it.
    pub fn row(&self) -> Row<'_> {
        Row {
            time: self.time,
            model: &self.model,
            prompt: self.prompt.as_deref(),
            system: self.system.as_deref(),
            response: self.response.as_deref(),
            conversation: self.conversation.as_deref(),
            turn: self.turn,
            credential: self.credential.as_deref(),
            channel: self.channel.as_deref(),
            reasoning_signature: self.reasoning_signature.as_deref(),
            input_tokens: self.input_tokens,
            output_tokens: self.output_tokens,
            temperature: self.temperature,
            top_p: self.top_p,
            max_tokens: self.max_tokens,
            n: self.n,
            tools: self.tools,
            logprobs: self.logprobs,
            stream: self.stream,
            finish_reason: self.finish_reason.as_deref(),
            status: self.status,
            ip: self.ip.as_deref(),
            asn: self.asn,
            user_agent: self.user_agent.as_deref(),
            ja4: self.ja4.as_deref(),
        }
    }
}
