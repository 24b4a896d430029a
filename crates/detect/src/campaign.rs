//! A group of linked accounts with evidence of harvesting, as it is written to `campaigns.json` and shown to people.
//!
//! These types are the output contract of a scan. Invariant: nothing in them holds a prompt, an answer or a network
//! address; what people need to see of the text is read again from the rows afterwards ([`Exemplar`]).

use serde::{Deserialize, Serialize};
use stillwatch_traffic::exchange::Timestamp;

/// How sure a claim is, in the promise's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Seen in the member's own rows.
    Observed,
    /// Concluded by a test with a stated null hypothesis.
    Inferred,
}

/// What should happen to an account, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing.
    Allow,
    /// Look at it; never acted upon by itself.
    Watch,
    /// Ask who it is.
    Challenge,
    /// Slow it down.
    Throttle,
    /// Stop it.
    Block,
}

/// A technique: our own name, and the MITRE ATLAS id with the release it was taken from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Technique {
    /// Our name, e.g. `fixed instruction over a pool`.
    pub name: String,
    /// ATLAS id, e.g. `AML.T0024.002`.
    pub atlas: String,
    /// ATLAS release, e.g. `2026.05`.
    pub atlas_release: String,
}

/// What a piece of evidence speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Question {
    /// Is this set of accounts one operation?
    Coordination,
    /// Is that operation harvesting training data?
    Purpose,
}

/// One measured signal with its null hypothesis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Name of the signal, e.g. `work split`.
    pub signal: String,
    /// Which of the two questions it answers.
    pub question: Question,
    /// The null hypothesis, as a sentence.
    pub null: String,
    /// Probability under the null of what was seen or more extreme; absent where an e-value is given instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p_value: Option<f64>,
    /// Evidence against the null, expectation at most 1 under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e_value: Option<f64>,
    /// Size of the effect, in the unit that the sentence names.
    pub effect: f64,
    /// The same size among comparable customers: what would have been expected.
    pub expected: f64,
    /// Whether it met both its level and its least effect, so that it counted towards the decision.
    pub counted: bool,
    /// One sentence that a person can check.
    pub sentence: String,
    /// What would clear it, as a sentence.
    pub clears: String,
}

/// One account of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The account.
    pub account: String,
    /// 100 × posterior probability that it belongs to the campaign, 0 to 100.
    pub confidence: u8,
    /// What should happen to it.
    pub verdict: Verdict,
    /// Event time at which the running system would have flagged it; none for watch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flagged_at: Option<Timestamp>,
    /// Its exchanges that carry the campaign's features.
    pub exchanges: u64,
    /// All of its exchanges.
    pub exchanges_all: u64,
}

/// One rare feature that links the accounts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SharedFeature {
    /// Kind of the feature, e.g. `system prompt`, `prompt head`, `payment`.
    pub kind: String,
    /// The keyed hash, in hexadecimal: an opaque name.
    pub feature: String,
    /// Accounts of the campaign that have it.
    pub accounts_seen: u64,
    /// Accounts of the campaign expected to have it, at the rate of all other customers.
    pub accounts_expected: f64,
    /// Accounts of the platform that have it.
    pub accounts_platform: u64,
}

/// How many accounts share a means of infrastructure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OriginCount {
    /// Kind, e.g. `payment`, `network`, `device`, `JA4`.
    pub kind: String,
    /// Accounts of the campaign for which it is known.
    pub accounts: u64,
    /// Distinct values among them.
    pub distinct: u64,
    /// Distinct values that as many unrelated customers have.
    pub distinct_expected: f64,
}

/// Exchanges on one day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DayCount {
    /// Start of the day (days are counted from the first row of the scan).
    pub start: Timestamp,
    /// Exchanges of the campaign (all traffic of its accounts).
    pub campaign: u64,
    /// Exchanges of the platform.
    pub platform: u64,
    /// Accounts of the campaign that were active.
    pub accounts: u64,
    /// Accounts of the campaign flagged up to the end of this day.
    pub flagged: u64,
}

/// What was taken and what it cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Impact {
    /// Exchanges by the campaign's accounts.
    pub exchanges: u64,
    /// Exchanges before each account's flag.
    pub exchanges_before_flag: u64,
    /// Billed input tokens, of the rows that state them.
    pub input_tokens: u64,
    /// Billed output tokens, of the rows that state them.
    pub output_tokens: u64,
    /// Exchanges by model asked for, largest first.
    pub models: Vec<(String, u64)>,
    /// Cost range in the currency of the price file; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// A range of cost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Currency as the price file names it.
    pub currency: String,
    /// Least.
    pub low: f64,
    /// Most.
    pub high: f64,
}

/// A few rows shown to people, only with `--show-content`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exemplar {
    /// Exchange id.
    pub id: String,
    /// Account.
    pub account: String,
    /// When.
    pub time: Timestamp,
    /// Opening of the system instruction.
    pub system: Option<String>,
    /// Opening of the prompt.
    pub prompt: Option<String>,
}

/// A campaign: linked accounts with evidence of harvesting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Campaign {
    /// Stable over scans that see it grow: derived from its oldest defining features.
    pub id: String,
    /// Its accounts, by id.
    pub accounts: Vec<Member>,
    /// Exchanges of those accounts.
    pub exchanges: u64,
    /// First exchange.
    pub first_seen: Timestamp,
    /// Last exchange.
    pub last_seen: Timestamp,
    /// Techniques seen.
    pub techniques: Vec<Technique>,
    /// Kinds of capability taken, e.g. `reasoning`, `grading`, `code`.
    pub targets: Vec<String>,
    /// How sure the claim is.
    pub grade: Grade,
    /// 100 × posterior probability that this is one harvesting operation.
    pub confidence: u8,
    /// Evidence, purpose first.
    pub evidence: Vec<Evidence>,
    /// What it took.
    pub impact: Impact,
    /// Highest verdict among its accounts (watch where an agreement covers all of them).
    pub verdict: Verdict,
    /// Why nothing above watch is asked for, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_back: Option<String>,
    /// Features that link the accounts, the most surprising first, at most twenty.
    pub shared: Vec<SharedFeature>,
    /// Infrastructure: how many distinct origins.
    pub origins: Vec<OriginCount>,
    /// Day by day.
    pub timeline: Vec<DayCount>,
    /// Exchanges per hour of the day counted from the scan's first row, 24 values: campaign.
    pub hours: Vec<u64>,
    /// The same for the platform.
    pub hours_platform: Vec<u64>,
}

/// One line of `flags.jsonl`: an account with a verdict of challenge or more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    /// The account.
    pub account: String,
    /// The campaign.
    pub campaign: String,
    /// Challenge or more.
    pub verdict: Verdict,
    /// How sure the claim is.
    pub grade: Grade,
    /// 100 × posterior.
    pub confidence: u8,
    /// Event time at which the running system would have flagged it.
    pub flagged_at: Timestamp,
    /// Evidence of the campaign when it was flagged.
    pub e_value: f64,
}
