//! Public benchmarks: the same list of prompts, run by companies that do not know each other.
//!
//! Each runs the whole list or a large random part of it, in its own order, at its own times, often again. Invariant:
//! the items of a list are the same for everyone who runs it.

use crate::exchange::Timestamp;

use super::super::library::List;
use super::super::population::{Cast, Person};
use super::super::random::{Random, key};
use super::super::stage::{Behaviour, Member, NEW_MODEL, Script, Settings, Sheet, Stage, purpose};
use super::bulk;

/// One pass over the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    pub(super) day: u32,
    /// Microseconds into the day.
    pub(super) offset: i64,
    /// Share of the list.
    pub(super) part: f64,
    /// Model under evaluation; none = the member's own.
    pub(super) model: Option<u8>,
    /// Seconds between requests.
    pub(super) pace: f64,
}

/// Customers who run one list.
#[derive(Debug)]
pub(super) struct Benchmark {
    pub(super) list: u64,
    pub(super) items: u64,
    /// Written before every item by the public harness; some rewrite it.
    pub(super) heads: Vec<String>,
    pub(super) passes: Vec<Vec<Pass>>,
    /// Members deal each pass among themselves instead of running it each.
    pub(super) dealt: bool,
    /// Length of answers.
    pub(super) answer: f64,
}

impl Behaviour for Benchmark {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        let place = member.place as usize;
        for (number, pass) in self.passes[place].iter().enumerate() {
            // A pass that runs over midnight is noted in full on the day on which it began.
            if pass.day == day {
                self.run(stage, member, *pass, number as u64, sheet);
            }
        }
    }
}

impl Benchmark {
    fn run(&self, stage: &Stage, member: &Member, pass: Pass, number: u64, sheet: &mut Sheet<'_>) {
        let place = member.place as usize;
        let mut order: Vec<u64> = (0..self.items).collect();
        let mut random = stage.random(purpose::ITEM, &[self.list, u64::from(member.account), number]);
        if !place.is_multiple_of(3) {
            random.shuffle(&mut order);
        }
        let mut offset = pass.offset;
        for item in order {
            let mine = !self.dealt || item as usize % self.passes.len() == place;
            if !mine || !random.chance(pass.part) {
                continue;
            }
            let script = self.script(stage, place, item, &mut random);
            sheet.note(offset, Script { model: pass.model, ..script });
            offset += (random.exponential(pass.pace) * 1e6) as i64;
        }
    }

    fn script(&self, stage: &Stage, place: usize, number: u64, random: &mut Random) -> Script {
        let item = stage.library.item(List::Public(self.list), number);
        let head = &self.heads[place];
        let prompt = if head.is_empty() { item.prompt } else { format!("{head}\n\nQ: {}\nA:", item.prompt) };
        let response = item.response.unwrap_or_else(|| {
            let voice = super::super::grammar::Voice {
                topics: [(number % 700) as u16; 3],
                language: 0,
                casual: false,
                typos: 0.0,
                habit: 0.0,
                key: 0,
            };
            let mut out = String::new();
            stage.speaker(voice).answer(random.lognormal(self.answer, 0.5) as usize, true, random, &mut out);
            out
        });
        Script { prompt, system: item.system, response, ..Script::default() }
    }
}

/// The harness's few-shot head; a third of the users write their own, some use none.
pub(super) fn heads(cast: &Cast<'_>, people: &[Person], random: &mut Random) -> Vec<String> {
    let public = head(cast, &people[0], random);
    people
        .iter()
        .map(|person| match random.below(10) {
            0..=5 => public.clone(),
            6 | 7 => String::new(),
            _ => head(cast, person, random),
        })
        .collect()
}

fn head(cast: &Cast<'_>, person: &Person, random: &mut Random) -> String {
    let speaker =
        cast.stage.speaker(super::super::grammar::Voice { language: 0, casual: false, ..person.member.voice });
    let mut out = String::new();
    speaker.sentence("elicit", random, &mut out);
    for _ in 0..random.below(4) {
        out.push_str("\n\nQ: ");
        speaker.sentence("math", random, &mut out);
        out.push_str("\nA: ");
        speaker.prose("step", 120, random, &mut out);
    }
    out
}

fn evaluators(cast: &Cast<'_>, count: usize, random: &mut Random) -> Vec<Person> {
    (0..count)
        .map(|_| {
            let mut person = if random.chance(0.7) { cast.machine(random) } else { cast.developer(random) };
            person.member.settings = Settings { temperature: Some(0.0), ..person.member.settings };
            person.account.organization =
                random.chance(0.5).then(|| super::super::infrastructure::token("org", random.bits()));
            person.member.silent = false;
            person
        })
        .collect()
}

fn pass(cast: &Cast<'_>, day: u32, random: &mut Random) -> Pass {
    let part = if random.chance(0.55) { 1.0 } else { 0.3 + 0.6 * random.unit() };
    let pace = random.lognormal(1.6, 0.8);
    Pass {
        day: day.min(cast.stage.days - 1),
        offset: random.below(18) as i64 * Timestamp::HOUR,
        part,
        model: None,
        pace,
    }
}

/// A list's length on this platform.
pub(super) fn at_most(cast: &Cast<'_>, list: u64, items: u64) -> u64 {
    cast.stage.library.items_max(List::Public(list)).map_or(items, |most| items.min(most))
}

/// Companies that run one public benchmark.
pub(super) fn benchmark(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[1, instance]);
    let count = random.between(8, 15);
    let people = evaluators(cast, count, &mut random);
    let items = (random.between(300, 1_300) as f64 * bulk(cast.stage)).max(40.0) as u64;
    let days = cast.stage.days as usize;
    let passes = people
        .iter()
        .map(|_| {
            let runs = 1 + random.weighted(&[5.0, 3.0, 1.0, 1.0]);
            (0..runs)
                .map(|_| Pass {
                    model: random.chance(0.4).then(|| random.below(5) as u8),
                    ..pass(cast, random.below(days) as u32, &mut random)
                })
                .collect()
        })
        .collect();
    let heads = heads(cast, &people, &mut random);
    let list = key(&[cast.stage.seed, 0xb, instance]);
    let items = at_most(cast, list, items);
    let answer = random.lognormal(220.0, 0.7);
    cast.add("public-benchmark", people, Box::new(Benchmark { list, items, heads, passes, dealt: false, answer }));
}

/// Strangers who try a public list on the new model within hours, and on the old one beside it.
pub(super) fn release_day(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[2, instance]);
    let stage = cast.stage;
    let count = random.between(10, 20);
    let people = evaluators(cast, count, &mut random);
    let items = (random.between(60, 240) as f64 * bulk(stage)).max(20.0) as u64;
    let since = stage.release.0 - stage.start.0;
    let passes = people
        .iter()
        .map(|_| {
            let mut own = Vec::new();
            for repeat in 0..1 + random.below(3) {
                let late = (random.exponential(7.0) * Timestamp::HOUR as f64) as i64 + repeat as i64 * Timestamp::DAY;
                let day = ((since + late) / Timestamp::DAY) as u32;
                let offset = (since + late) % Timestamp::DAY;
                own.push(Pass { model: Some(NEW_MODEL), offset, day, ..pass(cast, 0, &mut random) });
                if random.chance(0.6) {
                    own.push(Pass { model: Some(2), offset, day, ..pass(cast, 0, &mut random) });
                }
            }
            own
        })
        .collect();
    let heads = vec![String::new(); count];
    let list = key(&[stage.seed, 0x4e1, instance % 3]);
    let items = at_most(cast, list, items);
    cast.add(
        "release-day-benchmark",
        people,
        Box::new(Benchmark { list, items, heads, passes, dealt: false, answer: 400.0 }),
    );
}
