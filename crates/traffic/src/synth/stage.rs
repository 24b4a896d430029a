//! What every actor of a world uses: texts, networks, models, the calendar, and the sheet on which exchanges are noted.
//!
//! Invariant: an actor sees only the stage, its own membership and its own random stream for the day, so that a day of
//! an account does not depend on what was asked for before.

use crate::exchange::{Exchange, Timestamp, Truth};

use super::grammar::{Speaker, Voice};
use super::infrastructure::{Infrastructure, Network, token};
use super::library::Library;
use super::random::{Random, key};
use super::shelves::Stretch;

/// Purposes of random streams.
pub(crate) mod purpose {
    pub(crate) const DAY: u64 = 2;
    pub(crate) const COUNT: u64 = 3;
    pub(crate) const TEXT: u64 = 4;
    pub(crate) const GROUP: u64 = 5;
    pub(crate) const ITEM: u64 = 6;
}

/// Models a customer can ask for; the last one is released during the world.
pub(crate) const MODELS: [&str; 6] =
    ["stratus-2", "stratus-2-mini", "stratus-3", "stratus-3-mini", "cirrus-1", "stratus-4"];
/// Index of the model that is released during the world.
pub(crate) const NEW_MODEL: u8 = 5;

/// The fixed parts of a world.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) seed: u64,
    pub(crate) start: Timestamp,
    pub(crate) days: u32,
    pub(crate) rate: f64,
    /// Size of crowds relative to a platform of 10,000 innocent accounts, at most 1.
    pub(crate) crowd: f64,
    /// Accounts of one minority community.
    pub(crate) minority: usize,
    pub(crate) release: Timestamp,
    pub(crate) library: Library,
    pub(crate) infrastructure: Infrastructure,
}

impl Stage {
    /// Opens a stream of this world.
    pub(crate) fn random(&self, purpose: u64, parts: &[u64]) -> Random {
        Random::open(&[self.seed, purpose, key(parts)])
    }

    /// Start of a day.
    pub(crate) fn day_start(&self, day: u32) -> Timestamp {
        Timestamp(self.start.0 + i64::from(day) * Timestamp::DAY)
    }

    /// A crowd's size on this platform: between the bounds on a large one, at least `least` on a small one.
    pub(crate) fn crowd(&self, low: usize, high: usize, least: usize, random: &mut Random) -> usize {
        ((random.between(low, high) as f64 * self.crowd) as usize).max(least)
    }

    /// Writes with a voice.
    pub(crate) fn speaker(&self, voice: Voice) -> Speaker<'_> {
        Speaker::new(&self.library.grammar, voice)
    }

    /// First day on which a member exists.
    pub(crate) fn first_day(&self, member: &Member) -> u32 {
        ((member.born.0 - self.start.0).max(0) / Timestamp::DAY) as u32
    }

    /// Whether a day of the world is a Saturday or Sunday (in UTC).
    pub(crate) fn weekend(&self, day: u32) -> bool {
        matches!((self.day_start(day).0.div_euclid(Timestamp::DAY) + 4).rem_euclid(7), 0 | 6)
    }
}

/// Request parameters.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Settings {
    pub(crate) temperature: Option<f32>,
    pub(crate) top_p: Option<f32>,
    pub(crate) max_tokens: Option<i32>,
    pub(crate) tools: Option<i32>,
    pub(crate) logprobs: Option<bool>,
    pub(crate) stream: Option<bool>,
    pub(crate) seed: Option<i64>,
}

/// One account as the simulator knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    /// Index of the account.
    pub(crate) account: u32,
    /// Index within its group.
    pub(crate) place: u32,
    /// Index of its group.
    pub(crate) group: u32,
    /// Class of innocent, or kind of campaign.
    pub(crate) class: &'static str,
    /// Mean exchanges a day, over all days.
    pub(crate) rate: f64,
    /// Share of days on which it is active.
    pub(crate) active: f64,
    /// Hours ahead of UTC.
    pub(crate) zone: i8,
    /// Works round the clock.
    pub(crate) machine: bool,
    /// First moment of its life in this world.
    pub(crate) born: Timestamp,
    pub(crate) voice: Voice,
    pub(crate) networks: [Network; 3],
    pub(crate) client: (bool, u16),
    pub(crate) channel: u8,
    pub(crate) keys: u8,
    pub(crate) model: u8,
    /// Day on which it takes up the new model.
    pub(crate) upgrade: u32,
    pub(crate) settings: Settings,
    /// Conversations of the corpus that are its own.
    pub(crate) talks: Stretch,
    /// Documents of the corpus that are its own.
    pub(crate) documents: Stretch,
    /// Its content is not logged.
    pub(crate) silent: bool,
}

/// Access paths.
pub(crate) const CHANNELS: [&str; 7] = [
    "app",
    "api",
    "cloud:northwind",
    "cloud:terrace",
    "aggregator:openway",
    "aggregator:polyroute",
    "aggregator:manymind",
];
pub(crate) const APP: u8 = 0;
pub(crate) const API: u8 = 1;

/// The words of one exchange, before it is placed in an account.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) prompt: String,
    pub(crate) system: Option<String>,
    pub(crate) response: String,
    pub(crate) conversation: Option<u64>,
    pub(crate) turn: i32,
    /// Signature of a reasoning block that is handed back in.
    pub(crate) signature: Option<u64>,
    /// Characters of earlier turns that are sent along.
    pub(crate) history: usize,
    /// Overrides the member's parameters.
    pub(crate) settings: Option<Settings>,
    /// Overrides the member's model.
    pub(crate) model: Option<u8>,
    /// Overrides the member's network.
    pub(crate) network: Option<Network>,
    /// A failed attempt: status 429 or 500, and no answer.
    pub(crate) failed: bool,
}

/// Acts of one group's accounts.
pub(crate) trait Behaviour: Send + Sync + std::fmt::Debug {
    /// Notes what a member does on a day.
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>);
}

/// Where the exchanges of one account on one day are noted.
pub(crate) struct Sheet<'a> {
    stage: &'a Stage,
    member: &'a Member,
    account: &'a str,
    campaign: Option<(&'a str, u8)>,
    day: u32,
    count: u64,
    /// The account's stream for the day.
    pub(crate) random: Random,
    /// What was noted.
    pub(crate) rows: &'a mut Vec<(Exchange, Truth)>,
}

impl<'a> Sheet<'a> {
    pub(crate) fn new(
        stage: &'a Stage,
        member: &'a Member,
        account: &'a str,
        campaign: Option<(&'a str, u8)>,
        day: u32,
        rows: &'a mut Vec<(Exchange, Truth)>,
    ) -> Self {
        let random = stage.random(purpose::DAY, &[u64::from(member.account), u64::from(day)]);
        Self { stage, member, account, campaign, day, count: 0, random, rows }
    }

    /// A moment of the day, by the member's own hours.
    pub(crate) fn moment(&mut self) -> i64 {
        super::clock::moment(self.stage, self.member, &mut self.random)
    }

    /// Notes an exchange `offset` microseconds into the day; what falls outside the day or before birth did not happen.
    pub(crate) fn note(&mut self, offset: i64, script: Script) {
        let time = Timestamp(self.stage.day_start(self.day).0 + offset);
        if !(0..Timestamp::DAY).contains(&offset) || time < self.member.born {
            return;
        }
        let place = u64::from(self.member.account) << 40 | u64::from(self.day) << 28 | self.count;
        self.count += 1;
        let id = token("req", place ^ super::random::mix(self.stage.seed) << 1);
        let mut exchange = Exchange { id, time, account: self.account.to_owned(), ..Exchange::default() };
        self.place(&mut exchange, &script);
        self.fill(&mut exchange, script);
        let truth = Truth {
            id: exchange.id.clone(),
            account: exchange.account.clone(),
            campaign: self.campaign.map(|(id, _)| id.to_owned()),
            kind: self.member.class.to_owned(),
            strength: self.campaign.map_or(0, |(_, strength)| i32::from(strength)),
        };
        self.rows.push((exchange, truth));
    }

    /// Where it comes from and how it asks.
    fn place(&mut self, exchange: &mut Exchange, script: &Script) {
        let (stage, member, random) = (self.stage, self.member, &mut self.random);
        let settings = script.settings.unwrap_or(member.settings);
        let upgraded = self.day >= member.upgrade && exchange.time >= stage.release;
        let model = script.model.unwrap_or(if upgraded { NEW_MODEL } else { member.model });
        exchange.model = MODELS[usize::from(model)].to_owned();
        exchange.channel = Some(CHANNELS[usize::from(member.channel)].to_owned());
        exchange.temperature = settings.temperature;
        exchange.top_p = settings.top_p;
        exchange.max_tokens = settings.max_tokens;
        exchange.tools = settings.tools;
        exchange.logprobs = settings.logprobs;
        exchange.stream = settings.stream;
        exchange.seed = settings.seed;
        if member.channel != APP {
            let which = random.below(usize::from(member.keys.max(1))) as u64;
            exchange.credential = Some(token("key", u64::from(member.account) << 8 | which ^ stage.seed << 40));
        }
        if member.channel <= API {
            let favourite = script.network.unwrap_or(member.networks[random.weighted(&[7.0, 2.0, 1.0])]);
            let host = (key(&[u64::from(member.account), 77]) % 253) as u8;
            let host = if random.chance(0.8) { host } else { random.below(253) as u8 };
            exchange.ip = Some(favourite.address(host));
            exchange.asn = Some(i64::from(favourite.asn));
            let clients = if member.client.0 { &stage.infrastructure.developers } else { &stage.infrastructure.people };
            let client = &clients[usize::from(member.client.1) % clients.len()];
            exchange.user_agent = Some(client.user_agent.clone());
            exchange.ja4 = Some(client.ja4.clone());
        } else if member.channel >= 4 {
            // Aggregators pass a client name on, never the address.
            exchange.user_agent = Some(format!("{}/1.0", &CHANNELS[usize::from(member.channel)][11..]));
        }
    }

    /// What is said, and what is billed for it.
    fn fill(&mut self, exchange: &mut Exchange, script: Script) {
        let input = script.prompt.len() + script.system.as_ref().map_or(0, String::len) + script.history;
        exchange.input_tokens = Some((input / 4 + 8) as i32);
        exchange.reasoning_signature = script.signature.map(|signature| token("sig", signature));
        if let Some(conversation) = script.conversation {
            exchange.conversation = Some(token("conv", conversation));
            exchange.turn = Some(script.turn);
        }
        let (status, finish) = self.outcome(script.failed, exchange.max_tokens, script.response.len());
        exchange.status = Some(status);
        exchange.finish_reason = finish.map(str::to_owned);
        exchange.output_tokens = Some(if status == 200 { (script.response.len() / 4 + 1) as i32 } else { 0 });
        if !self.member.silent {
            exchange.system = script.system;
            exchange.prompt = Some(script.prompt);
            exchange.response = (status == 200).then_some(script.response);
        }
    }

    fn outcome(&mut self, failed: bool, limit: Option<i32>, length: usize) -> (i32, Option<&'static str>) {
        if failed || self.random.chance(0.002) {
            return (if self.random.chance(0.7) { 429 } else { 500 }, None);
        }
        if limit.is_some_and(|limit| length / 4 >= limit as usize) {
            return (200, Some("length"));
        }
        (200, Some(if self.random.chance(0.002) { "content_filter" } else { "stop" }))
    }
}
