//! What is known of one account on one day: a mergeable summary of its exchanges.
//!
//! Only sums, maxima, minima, unions and bottom-k, so that the batch scan, a running service and a cluster fold the
//! same bytes from the same rows in any order (`spec/state.md` draws them). Invariant: no text, no address, no name is
//! in it but the names of models; everything else is a number or a keyed hash.
//!
//! Memory: 24 bytes a distinct feature, about 20 features for an exchange with a text of its own.

use std::collections::BTreeMap;

use stillwatch_feature::content::PLACES;
use stillwatch_feature::elicitation;
use stillwatch_feature::key::Key;
use stillwatch_feature::kind::{Feature, Kind};
use stillwatch_feature::request::{self, Shape};
use stillwatch_feature::text::Fingerprinter;
use stillwatch_sketch::codec::{Reader, put_signed, put_varint, signed};
use stillwatch_sketch::{Sketch, codec};
use stillwatch_traffic::exchange::Row;

use crate::counted::Counted;

/// First byte of the stored form.
pub const VERSION: u8 = 1;
/// Model names that one profile keeps: the smallest in byte order.
pub const MODELS_MAX: usize = 32;
/// Hours of a day.
pub const HOURS: usize = 24;

/// Access paths, in the order of [`Profile::channels`].
pub const CHANNELS: [&str; 5] = ["api", "app", "cloud", "aggregator", "unknown"];

/// Turns rows into features; holds the key and scratch space, one per worker.
#[derive(Debug, Clone)]
pub struct Extractor {
    fingerprinter: Fingerprinter,
    features: Vec<Feature>,
    scratch: Vec<u8>,
    content: [i32; PLACES],
}

impl Extractor {
    /// Prepares the tables of a key.
    pub fn new(key: &Key) -> Self {
        Self { fingerprinter: Fingerprinter::new(key), features: Vec::new(), scratch: Vec::new(), content: [0; PLACES] }
    }

    /// Name of the key that made the features.
    pub fn key_id(&self) -> u64 {
        self.fingerprinter.key().id()
    }

    fn extract(&mut self, row: &Row<'_>) {
        let out = &mut self.features;
        out.clear();
        if let Some(system) = row.system {
            self.fingerprinter.system(system, out);
        }
        self.content = [0; PLACES];
        if let Some(prompt) = row.prompt {
            self.fingerprinter.prompt(prompt, out);
            self.content = self.fingerprinter.content();
        }
        let key = self.fingerprinter.key();
        out.push(request::shape(key, &shape_of(row), &mut self.scratch));
        out.extend(row.ip.and_then(|ip| request::network(key, ip)));
        out.extend(row.asn.map(|asn| request::autonomous_system(key, asn)));
        let named = [
            (Kind::Ja4, row.ja4),
            (Kind::UserAgent, row.user_agent),
            (Kind::Credential, row.credential),
            (Kind::Signature, row.reasoning_signature),
            (Kind::Conversation, row.conversation),
        ];
        for (kind, value) in named {
            out.extend(value.filter(|value| !value.is_empty()).map(|value| key.feature(kind, value.as_bytes())));
        }
    }
}

fn shape_of<'a>(row: &Row<'a>) -> Shape<'a> {
    Shape {
        model: row.model,
        max_tokens: row.max_tokens,
        temperature: row.temperature,
        top_p: row.top_p,
        n: row.n,
        tools: row.tools,
        logprobs: row.logprobs,
        stream: row.stream,
    }
}

/// What is known of one account on one day.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Exchanges.
    pub exchanges: u64,
    /// Time of the first and the last, microseconds; (0, 0) when there is none.
    pub span: (i64, i64),
    /// Exchanges whose prompt is known.
    pub prompts: u64,
    /// Exchanges whose turn is known.
    pub turns: u64,
    /// Exchanges that are a later turn of a conversation.
    pub followups: u64,
    /// Exchanges that failed (HTTP status 400 or more).
    pub failed: u64,
    /// Billed input tokens; negative numbers count as none.
    pub input_tokens: u64,
    /// Billed output tokens; negative numbers count as none.
    pub output_tokens: u64,
    /// Exchanges by hour of the day, counted from the origin.
    pub hours: [u64; HOURS],
    /// Exchanges by access path, in the order of [`CHANNELS`].
    pub channels: [u64; CHANNELS.len()],
    /// Exchanges by what they want to see, in the order of [`elicitation::NAMES`].
    pub elicitation: [u64; elicitation::CLASSES],
    /// What the prompts were about: the sum of their vectors.
    pub content: [i64; PLACES],
    /// Sum of the squared lengths of those vectors.
    pub content_square: u64,
    /// Exchanges by model asked for.
    pub models: BTreeMap<Box<str>, u64>,
    /// Features.
    pub features: Counted,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            exchanges: 0,
            span: (0, 0),
            prompts: 0,
            turns: 0,
            followups: 0,
            failed: 0,
            input_tokens: 0,
            output_tokens: 0,
            hours: [0; HOURS],
            channels: [0; CHANNELS.len()],
            elicitation: [0; elicitation::CLASSES],
            content: [0; PLACES],
            content_square: 0,
            models: BTreeMap::new(),
            features: Counted::default(),
        }
    }
}

impl PartialEq for Profile {
    /// Equal when the canonical bytes are: how features were grouped before is not part of the value.
    fn eq(&self, other: &Self) -> bool {
        let (mut one, mut two) = (Vec::new(), Vec::new());
        self.encode(&mut one);
        other.encode(&mut two);
        one == two
    }
}

impl Eq for Profile {}

impl Profile {
    /// Adds one exchange. `hour` is the hour of the day, 0 to 23, counted from the scan's origin.
    pub fn observe(&mut self, extractor: &mut Extractor, row: &Row<'_>, hour: u8) {
        let hour = hour.min(HOURS as u8 - 1);
        let time = row.time.0;
        self.span = joined(self.exchanges, self.span, 1, (time, time));
        self.exchanges += 1;
        self.prompts += u64::from(row.prompt.is_some());
        self.turns += u64::from(row.turn.is_some());
        let followup = row.turn.is_some_and(|turn| turn > 1);
        self.followups += u64::from(followup);
        self.failed += u64::from(row.status.is_some_and(|status| status >= 400));
        self.input_tokens += row.input_tokens.map_or(0, |count| count.max(0) as u64);
        self.output_tokens += row.output_tokens.map_or(0, |count| count.max(0) as u64);
        self.hours[usize::from(hour)] += 1;
        self.channels[channel(row.channel)] += 1;
        let classes = elicitation::classes(row.system, row.prompt, row.response);
        for (bit, count) in self.elicitation.iter_mut().enumerate() {
            *count += u64::from(classes >> bit & 1);
        }
        self.observe_model(row.model);
        extractor.extract(row);
        for (sum, &place) in self.content.iter_mut().zip(&extractor.content) {
            *sum += i64::from(place);
        }
        self.content_square += extractor.content.iter().map(|&place| (place * place) as u64).sum::<u64>();
        for &feature in &extractor.features {
            self.features.observe(feature, followup, hour);
        }
    }

    fn observe_model(&mut self, model: &str) {
        if let Some(count) = self.models.get_mut(model) {
            *count += 1;
        } else {
            self.models.insert(model.into(), 1);
            self.bound_models();
        }
    }

    fn bound_models(&mut self) {
        while self.models.len() > MODELS_MAX {
            self.models.pop_last();
        }
    }

    fn sums(&self) -> impl Iterator<Item = u64> {
        [
            self.prompts,
            self.turns,
            self.followups,
            self.failed,
            self.input_tokens,
            self.output_tokens,
            self.content_square,
        ]
        .into_iter()
        .chain(self.hours)
        .chain(self.channels)
        .chain(self.elicitation)
    }

    fn sums_mut(&mut self) -> impl Iterator<Item = &mut u64> {
        [
            &mut self.prompts,
            &mut self.turns,
            &mut self.followups,
            &mut self.failed,
            &mut self.input_tokens,
            &mut self.output_tokens,
            &mut self.content_square,
        ]
        .into_iter()
        .chain(&mut self.hours)
        .chain(&mut self.channels)
        .chain(&mut self.elicitation)
    }
}

impl Sketch for Profile {
    fn merge(&mut self, other: &Self) {
        self.span = joined(self.exchanges, self.span, other.exchanges, other.span);
        self.exchanges += other.exchanges;
        for (mine, theirs) in self.sums_mut().zip(other.sums()) {
            *mine = mine.saturating_add(theirs);
        }
        for (mine, theirs) in self.content.iter_mut().zip(&other.content) {
            *mine = mine.saturating_add(*theirs);
        }
        for (model, count) in &other.models {
            *self.models.entry(model.clone()).or_default() += count;
        }
        self.bound_models();
        self.features.merge(&other.features);
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        put_varint(out, self.exchanges);
        put_signed(out, self.span.0);
        put_varint(out, (self.span.1 - self.span.0) as u64);
        for sum in self.sums() {
            put_varint(out, sum);
        }
        for &place in &self.content {
            put_signed(out, place);
        }
        put_varint(out, self.models.len() as u64);
        for (model, &count) in &self.models {
            put_varint(out, model.len() as u64);
            out.extend_from_slice(model.as_bytes());
            put_varint(out, count);
        }
        self.features.encode(out);
    }

    fn decode(bytes: &[u8]) -> Result<Self, codec::Error> {
        let mut reader = Reader::new(bytes);
        let found = reader.byte("version")?;
        if found != VERSION {
            return Err(codec::Error::Version { found, known: VERSION });
        }
        let mut profile = Profile { exchanges: reader.varint("exchanges")?, ..Profile::default() };
        let first = signed(reader.varint("first time")?);
        let length = reader.varint("time span")?;
        let last = i64::try_from(length).ok().and_then(|length| first.checked_add(length));
        reader.require(last.is_some(), "time span", length)?;
        profile.span = (first, last.unwrap_or(first));
        for sum in profile.sums_mut() {
            *sum = reader.varint("sum")?;
        }
        for place in &mut profile.content {
            *place = signed(reader.varint("content")?);
        }
        profile.models = models(&mut reader)?;
        profile.features = Counted::decode(&mut reader)?;
        reader.finish()?;
        Ok(profile)
    }

    fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.features.size_bytes() + self.models.len() * 64
    }
}

fn models(reader: &mut Reader<'_>) -> Result<BTreeMap<Box<str>, u64>, codec::Error> {
    let many = reader.varint("number of models")?;
    reader.require(many <= MODELS_MAX as u64, "number of models", many)?;
    let mut models = BTreeMap::new();
    let mut previous = String::new();
    for index in 0..many {
        let length = reader.varint("length of a model's name")?;
        reader.require(length <= reader.remaining() as u64, "length of a model's name", length)?;
        let mut name = Vec::with_capacity(length as usize);
        for _ in 0..length {
            name.push(reader.byte("a model's name")?);
        }
        let name = String::from_utf8(name);
        reader.require(name.is_ok(), "a model's name", index)?;
        let name = name.unwrap_or_default();
        reader.require(index == 0 || previous < name, "order of models", index)?;
        let count = reader.varint("exchanges of a model")?;
        reader.require(count > 0, "exchanges of a model", count)?;
        previous.clone_from(&name);
        models.insert(name.into_boxed_str(), count);
    }
    Ok(models)
}

/// The span of two parts, of which either may be empty.
fn joined(count: u64, span: (i64, i64), other_count: u64, other: (i64, i64)) -> (i64, i64) {
    match (count, other_count) {
        (0, _) => other,
        (_, 0) => span,
        _ => (span.0.min(other.0), span.1.max(other.1)),
    }
}

fn channel(name: Option<&str>) -> usize {
    match name {
        Some("api") => 0,
        Some("app") => 1,
        Some(name) if name.starts_with("cloud") => 2,
        Some(name) if name.starts_with("aggregator") => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fold(rows: &[(i64, String, Option<i32>, u8)]) -> Profile {
        let mut extractor = Extractor::new(&Key::from_bytes([4; 32]));
        let mut profile = Profile::default();
        for (time, prompt, turn, hour) in rows {
            let row = Row {
                time: stillwatch_traffic::exchange::Timestamp(*time),
                model: if *time % 3 == 0 { "m-large" } else { "m-small" },
                prompt: Some(prompt),
                turn: *turn,
                input_tokens: Some(*time as i32 % 1000),
                ip: Some("192.0.2.1"),
                ..Row::default()
            };
            profile.observe(&mut extractor, &row, *hour);
        }
        profile
    }

    fn bytes(profile: &Profile) -> Vec<u8> {
        let mut out = Vec::new();
        profile.encode(&mut out);
        out
    }

    fn merged(one: &Profile, two: &Profile) -> Profile {
        let mut sum = one.clone();
        sum.merge(two);
        sum
    }

    fn rows() -> impl Strategy<Value = Vec<(i64, String, Option<i32>, u8)>> {
        let row = (0i64..1_000_000, "[a-z ]{0,120}", proptest::option::of(0i32..4), 0u8..24);
        proptest::collection::vec(row, 0..24)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_commutative_monoid(one in rows(), two in rows(), three in rows()) {
            let [a, b, c] = [&one, &two, &three].map(|rows| fold(rows));
            prop_assert_eq!(bytes(&merged(&a, &b)), bytes(&merged(&b, &a)));
            prop_assert_eq!(bytes(&merged(&merged(&a, &b), &c)), bytes(&merged(&a, &merged(&b, &c))));
            prop_assert_eq!(bytes(&merged(&a, &Profile::default())), bytes(&a));
            prop_assert_eq!(bytes(&merged(&Profile::default(), &a)), bytes(&a));
            let all: Vec<_> = one.iter().chain(&two).chain(&three).cloned().collect();
            prop_assert_eq!(bytes(&fold(&all)), bytes(&merged(&merged(&a, &b), &c)));
        }

        #[test]
        fn bytes_round_trip(rows in rows()) {
            let encoded = bytes(&fold(&rows));
            let decoded = Profile::decode(&encoded).unwrap();
            prop_assert_eq!(bytes(&decoded), encoded);
        }

        #[test]
        fn decoder_never_panics(mut encoded in rows().prop_map(|rows| bytes(&fold(&rows))), at: usize, value: u8) {
            let at = at % encoded.len();
            encoded[at] = value;
            if let Ok(profile) = Profile::decode(&encoded) {
                prop_assert_eq!(bytes(&profile), encoded.clone());
            }
            prop_assert!(Profile::decode(&encoded[..at]).is_err());
        }
    }

    #[test]
    fn features_past_the_bound_are_the_smallest() {
        let many: Vec<_> = (0..3000).map(|index| (index, format!("prompt number {index}"), None, 0)).collect();
        let (front, back) = many.split_at(1111);
        let whole = fold(&many);
        assert_eq!(bytes(&whole), bytes(&merged(&fold(back), &fold(front))));
        let prompts = whole.features.clone().into_entries();
        let kept = prompts.iter().filter(|entry| entry.feature.kind == Kind::Prompt).count();
        assert_eq!(kept, Kind::Prompt.kept_max());
    }
}
