//! Many strangers with one text in common: a framework, a library's default, a viral prompt, a vendor's product.
//!
//! Invariant: the members have independent origins; volumes are as unequal as those of any customers.

use crate::exchange::Timestamp;

use super::super::benign::{Pipeline, Session, Talk, conversation};
use super::super::clock;
use super::super::grammar::Voice;
use super::super::infrastructure::Access;
use super::super::population::{Cast, Person};
use super::super::random::Random;
use super::super::shelves::Shelves;
use super::super::stage::{Behaviour, Member, Script, Settings, Sheet, Stage};
use super::{Template, bulk};

fn developers(cast: &Cast<'_>, count: usize, random: &mut Random) -> Vec<Person> {
    (0..count).map(|_| cast.developer(random)).collect()
}

/// A voice for texts that many read: no habits, the common language.
pub(super) fn public_voice(cast: &Cast<'_>, random: &mut Random) -> Voice {
    Voice { language: 0, casual: false, typos: 0.0, habit: 0.0, ..cast.voice(random) }
}

/// Agents of one open framework: a long instruction, tools, many turns over diverse tasks.
#[derive(Debug)]
struct Agents {
    system: String,
}

/// Sessions of the corpus: one for each of the first members, on a day of its own.
fn session(stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
    let Some(calls) = stage.library.shelves.as_ref().and_then(|shelves| shelves.agents.get(member.place as usize))
    else {
        return;
    };
    let first = stage.first_day(member);
    let own = Random::open(&[u64::from(member.account), 0xa9]).below((stage.days - first) as usize) as u32;
    if first + own != day {
        return;
    }
    let mut offset = sheet.moment();
    for call in calls {
        let response = super::super::benign::reply(stage, member, call, &mut sheet.random);
        sheet.note(
            offset,
            Script { prompt: call.prompt.clone(), system: call.system.clone(), response, ..Script::default() },
        );
        offset += (sheet.random.lognormal(25.0, 0.7) * 1e6) as i64;
    }
}

impl Behaviour for Agents {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        session(stage, member, day, sheet);
        let mut left = clock::volume(stage, member, day);
        while left > 0 {
            let turns = (3 + sheet.random.exponential(6.0) as usize).min(left);
            left -= turns;
            let offset = sheet.moment();
            // The framework appends where it runs; the rest is the same everywhere.
            let mut system = self.system.clone();
            system.push_str("\n\nWorking directory: /home/");
            stage.speaker(member.voice).rule("np2", &mut Random::open(&[member.voice.key]), &mut system);
            let talk = Talk { system: Some(system), steps: false };
            conversation(stage, member, sheet, Session { turns, offset, talk: &talk });
        }
    }
}

pub(super) fn agent_framework(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[3, instance]);
    let count = cast.stage.crowd(200, 400, 20, &mut random);
    let voice = public_voice(cast, &mut random);
    let length = random.between(1_800, 3_000);
    let system = cast.stage.library.instruction(cast.stage.speaker(voice), length, &mut random);
    let mut people = developers(cast, count, &mut random);
    let tools = random.between(4, 15) as i32;
    for person in &mut people {
        person.member.rate *= 2.5;
        person.member.settings =
            Settings { tools: Some(tools), max_tokens: Some(4_096), stream: Some(true), ..Settings::default() };
    }
    cast.add("agent-framework", people, Box::new(Agents { system }));
}

pub(super) fn sdk_default(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[4, instance]);
    let count = cast.stage.crowd(150, 300, 20, &mut random);
    let voice = public_voice(cast, &mut random);
    let mut system = "You are a helpful assistant.".to_owned();
    if random.chance(0.7) {
        system.push(' ');
        cast.stage.speaker(voice).sentence("rule", &mut random, &mut system);
    }
    let people = developers(cast, count, &mut random);
    cast.add("sdk-default", people, Box::new(Talk { system: Some(system), steps: false }));
}

/// A prompt that goes round: each sends it a few times, some with a twist, and passes it on.
#[derive(Debug)]
struct Viral {
    prompt: String,
    since: Vec<u32>,
}

impl Behaviour for Viral {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        Talk::default().day(stage, member, day, sheet);
        let Some(age) = day.checked_sub(self.since[member.place as usize]) else { return };
        for _ in 0..sheet.random.poisson(1.6 * 0.45f64.powi(age as i32) + 0.02) {
            let mut prompt = self.prompt.clone();
            let speaker = stage.speaker(member.voice);
            match sheet.random.below(10) {
                0..=4 => {}
                5..=7 => {
                    prompt.push(' ');
                    speaker.sentence("constraint", &mut sheet.random, &mut prompt);
                }
                8 => {
                    let cut =
                        prompt.char_indices().nth(prompt.chars().count() * 2 / 3).map_or(prompt.len(), |(at, _)| at);
                    prompt.truncate(cut);
                }
                _ => prompt.insert_str(0, "hey, I saw this: "),
            }
            let mut response = String::new();
            speaker.answer(600, false, &mut sheet.random, &mut response);
            let conversation = Some(sheet.random.bits());
            let offset = sheet.moment();
            sheet.note(offset, Script { prompt, response, conversation, turn: 1, ..Script::default() });
        }
    }
}

pub(super) fn viral_prompt(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[5, instance]);
    let count = cast.stage.crowd(200, 400, 25, &mut random);
    let voice = public_voice(cast, &mut random);
    let mut prompt = String::new();
    let speaker = cast.stage.speaker(voice);
    if let Some(persona) = cast.stage.library.shelves.as_ref().and_then(Shelves::persona) {
        prompt.push_str(persona);
    } else {
        speaker.sentence("request", &mut random, &mut prompt);
        prompt.push(' ');
        speaker.prose("constraint", random.between(60, 400), &mut random, &mut prompt);
    }
    let people: Vec<Person> = (0..count).map(|_| cast.person(&mut random)).collect();
    let days = f64::from(cast.stage.days);
    let middle = days * (0.25 + 0.4 * random.unit());
    // Word of mouth: slow, then fast, then slow.
    let since = people
        .iter()
        .map(|_| {
            let share: f64 = random.unit().clamp(0.01, 0.99);
            (middle + 2.2 * (share / (1.0 - share)).ln()).clamp(0.0, days - 1.0) as u32
        })
        .collect();
    cast.add("viral-prompt", people, Box::new(Viral { prompt, since }));
}

pub(super) fn hub_template(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[6, instance]);
    let count = cast.stage.crowd(200, 400, 25, &mut random);
    let voice = public_voice(cast, &mut random);
    let speaker = cast.stage.speaker(voice);
    let (mut head, mut tail) = (String::new(), String::new());
    if let Some(persona) = cast.stage.library.shelves.as_ref().and_then(Shelves::persona) {
        head.push_str(persona);
    } else {
        speaker.sentence("role", &mut random, &mut head);
        head.push(' ');
        speaker.prose("rule", random.between(150, 700), &mut random, &mut head);
    }
    if random.chance(0.4) {
        head.push(' ');
        speaker.sentence("elicit", &mut random, &mut head);
    }
    head.push_str("\n\n");
    if random.chance(0.4) {
        tail.push('\n');
        speaker.sentence("constraint", &mut random, &mut tail);
    }
    let slot = random.lognormal(120.0, 0.6);
    let pipeline = Pipeline { system: None, head, tail, slot, answer: 380.0, shared: false, repeats: 0.06 };
    let people: Vec<Person> = (0..count)
        .map(|_| if random.chance(0.8) { cast.person(&mut random) } else { cast.developer(&mut random) })
        .collect();
    let busy = bulk(cast.stage).max(0.2);
    let uses = people.iter().map(|_| random.lognormal(0.12, 1.4).min(40.0 * busy)).collect();
    let since = people.iter().map(|_| random.below(cast.stage.days as usize) as u32 / 2).collect();
    cast.add(
        "hub-template",
        people,
        Box::new(Template { talk: Talk::default(), pipeline, uses, since, altered: 0.12 }),
    );
}

/// Customers of one vendor's product: machines that send the vendor's template with their own documents.
#[derive(Debug)]
struct Vendor {
    pipeline: Pipeline,
}

impl Behaviour for Vendor {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        self.pipeline.handed(stage, member, day, sheet);
        for _ in 0..clock::volume(stage, member, day) {
            let offset = sheet.moment();
            let script = self.pipeline.run(stage, member, sheet);
            sheet.note(offset, script);
        }
    }
}

pub(super) fn vendor_template(cast: &mut Cast<'_>, instance: u64) {
    let random = cast.random(&[7, instance]);
    let (pipeline, people) = customers(cast, random);
    cast.add("vendor-template", people, Box::new(Vendor { pipeline }));
}

/// The same, hosted: customers lend the vendor their keys, so that all requests leave through his few networks and one
/// client; half of them were signed up by his onboarding, many within an hour.
pub(super) fn vendor_hosted(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[21, instance]);
    let stage = cast.stage;
    let exits: Vec<_> = (0..3).map(|_| stage.infrastructure.network(Access::Hosting, &mut random)).collect();
    let client = (true, random.zipf(60) as u16);
    let hours: Vec<i64> = (0..4).map(|_| stage.start.0 - random.between(1, 3_000) as i64 * Timestamp::HOUR).collect();
    let (pipeline, mut people) = customers(cast, random.clone());
    for person in &mut people {
        person.member.networks = std::array::from_fn(|_| *random.pick(&exits));
        person.member.client = client;
        if random.chance(0.5) {
            let born = Timestamp(random.pick(&hours) - (random.unit() * Timestamp::HOUR as f64) as i64);
            person.member.born = born;
            person.account.created = Some(born);
        }
    }
    cast.add("vendor-hosted", people, Box::new(Vendor { pipeline }));
}

/// A vendor's product and the machines of its customers.
fn customers(cast: &Cast<'_>, mut random: Random) -> (Pipeline, Vec<Person>) {
    let count = cast.stage.crowd(60, 160, 12, &mut random);
    let voice = public_voice(cast, &mut random);
    let member = Member { voice, ..cast.developer(&mut random).member };
    let mut pipeline = Pipeline::new(cast.stage, &member, &mut random);
    if random.chance(0.5) {
        let mut ask = String::new();
        cast.stage.speaker(voice).prose("elicit", 120, &mut random, &mut ask);
        pipeline.tail.push('\n');
        pipeline.tail.push_str(&ask);
        pipeline.answer = 500.0;
    }
    pipeline.repeats = 0.01 + 0.04 * random.unit();
    let people = (0..count)
        .map(|_| {
            let mut person = cast.machine(&mut random);
            person.member.rate = random.lognormal(6.0 * bulk(cast.stage).max(0.1), 1.5).min(600.0);
            person.member.settings = member.settings;
            person.account.organization =
                random.chance(0.7).then(|| super::super::infrastructure::token("org", random.bits()));
            person
        })
        .collect();
    (pipeline, people)
}
