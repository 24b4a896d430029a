//! One organisation at work: support, documents, translation, continuous integration, a gateway, an audited product.
//!
//! Invariant: the accounts of one group belong to one organisation and say so.

use crate::exchange::Timestamp;

use super::super::benign::{Pipeline, Session, Talk, conversation};
use super::super::clock;
use super::super::grammar::Voice;
use super::super::library::List;
use super::super::population::{Cast, Person};
use super::super::random::{Random, key};
use super::super::stage::{Behaviour, Member, Script, Sheet, Stage, purpose};
use super::bulk;
use super::crowd::public_voice;

/// Machines of one organisation with a mean number of requests a day.
fn machines(cast: &Cast<'_>, count: usize, rate: f64, random: &mut Random) -> Vec<Person> {
    let mut people: Vec<Person> = (0..count).map(|_| cast.machine(random)).collect();
    cast.organise(&mut people, random);
    let first = people[0].member;
    for person in &mut people {
        person.member.rate = random.lognormal(rate, 0.5);
        person.member.settings = first.settings;
        person.member.client = first.client;
        person.member.voice = first.voice;
        person.member.channel = first.channel;
    }
    people
}

/// A help desk: a fixed instruction, and the questions of its users, who ask the same things again and again.
#[derive(Debug)]
struct SupportBot {
    system: String,
    head: String,
    questions: usize,
    key: u64,
}

impl Behaviour for SupportBot {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        let speaker = stage.speaker(member.voice);
        let human = Member { machine: false, ..*member };
        for _ in 0..clock::volume(stage, member, day) {
            let (mut prompt, mut response) = (self.head.clone(), String::new());
            let usual = sheet.random.chance(0.35);
            let which = if usual { sheet.random.zipf(self.questions) as u64 } else { sheet.random.bits() };
            if let Some(question) =
                stage.library.shelves.as_ref().and_then(|shelves| shelves.question(key(&[self.key, which])))
            {
                prompt.push_str(question);
            } else if usual {
                speaker.sentence("support", &mut Random::open(&[self.key, which]), &mut prompt);
            } else {
                speaker.prose("support", sheet.random.between(1, 160), &mut sheet.random, &mut prompt);
            }
            speaker.answer(260, false, &mut sheet.random, &mut response);
            let offset = clock::moment(stage, &human, &mut sheet.random);
            let conversation = Some(sheet.random.bits());
            sheet.note(
                offset,
                Script {
                    prompt,
                    response,
                    system: Some(self.system.clone()),
                    conversation,
                    turn: 1,
                    ..Script::default()
                },
            );
        }
    }
}

pub(super) fn support_bot(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[13, instance]);
    let (count, rate) = (random.between(1, 3), 150.0 * bulk(cast.stage));
    let people = machines(cast, count, rate, &mut random);
    let voice = people[0].member.voice;
    let length = random.between(700, 2_600);
    let system = cast.stage.library.instruction(cast.stage.speaker(voice), length, &mut random);
    let head = if random.chance(0.5) { "Customer: ".to_owned() } else { String::new() };
    let (questions, key) = (random.between(150, 600), random.bits());
    cast.add("support-bot", people, Box::new(SupportBot { system, head, questions, key }));
}

pub(super) fn rag_batch(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[14, instance]);
    let (count, rate) = (random.between(1, 5), 200.0 * bulk(cast.stage));
    let people = machines(cast, count, rate, &mut random);
    let member = people[0].member;
    let mut pipeline = Pipeline::new(cast.stage, &member, &mut random);
    pipeline.slot = random.lognormal(1_100.0, 0.3);
    pipeline.shared = true;
    pipeline.repeats = 0.05 + 0.3 * random.unit();
    cast.add("rag-batch", people, Box::new(pipeline));
}

pub(super) fn translation_batch(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[15, instance]);
    let (count, rate) = (random.between(1, 4), 260.0 * bulk(cast.stage));
    let mut people = machines(cast, count, rate, &mut random);
    for person in &mut people {
        person.member.voice.language = 0;
    }
    let member = people[0].member;
    let mut pipeline = Pipeline::new(cast.stage, &member, &mut random);
    pipeline.head = "Translate the text below. Keep names and numbers as they are.\n\n".to_owned();
    pipeline.slot = random.lognormal(240.0, 0.4);
    pipeline.answer = pipeline.slot;
    pipeline.repeats = 0.01;
    pipeline.shared = true;
    cast.add("translation-batch", people, Box::new(pipeline));
}

/// Tests of one company's product: bursts at commits, the same prompts each time, from rented runners.
#[derive(Debug)]
struct Integration {
    list: u64,
    tests: u64,
}

impl Behaviour for Integration {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        if stage.weekend(day) && sheet.random.chance(0.8) {
            return;
        }
        let human = Member { machine: false, ..*member };
        for _ in 0..sheet.random.poisson(member.rate / self.tests as f64) {
            let mut offset = clock::moment(stage, &human, &mut sheet.random);
            let runner = stage.infrastructure.network(super::super::infrastructure::Access::Hosting, &mut sheet.random);
            for test in 0..self.tests {
                let item = stage.library.item(List::Own(self.list), test);
                let mut response = String::new();
                stage.speaker(member.voice).answer(120, false, &mut Random::open(&[self.list, test]), &mut response);
                sheet
                    .note(offset, Script { prompt: item.prompt, response, network: Some(runner), ..Script::default() });
                offset += sheet.random.below(3 * Timestamp::SECOND as usize) as i64;
            }
        }
    }
}

pub(super) fn shared_key(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[16, instance]);
    let (count, rate) = (random.between(1, 3), 120.0 * bulk(cast.stage));
    let mut people = machines(cast, count, rate, &mut random);
    for person in &mut people {
        person.member.keys = 1;
        person.member.channel = super::super::stage::API;
    }
    let tests = random.between(10, 40) as u64;
    let list = key(&[cast.stage.seed, 0xc1, instance]);
    cast.add("shared-ci-key", people, Box::new(Integration { list, tests }));
}

/// A gateway: many users and agents behind a few accounts, load spread over them.
#[derive(Debug)]
struct Gateway {
    users: usize,
    /// Instructions of the applications behind it.
    applications: Vec<Option<String>>,
    key: u64,
    /// How many accounts it deals its conversations to, turn by turn.
    accounts: usize,
}

impl Behaviour for Gateway {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        let total = member.rate * self.accounts as f64 / 2.6;
        let mut count = stage.random(purpose::ITEM, &[self.key, u64::from(day)]);
        for number in 0..count.poisson(total) as u64 {
            self.dialogue(stage, member, (day, number), sheet);
        }
    }
}

impl Gateway {
    fn dialogue(&self, stage: &Stage, member: &Member, at: (u32, u64), sheet: &mut Sheet<'_>) {
        let mut random = stage.random(purpose::ITEM, &[self.key, u64::from(at.0), at.1]);
        let user = random.zipf(self.users) as u64;
        let mut own = Random::open(&[self.key, user]);
        let topics = stage.library.grammar.lexicon.topics();
        let voice = Voice {
            topics: std::array::from_fn(|_| own.below(topics) as u16),
            language: 0,
            casual: own.chance(0.4),
            typos: 0.2,
            habit: 0.2,
            key: own.bits(),
        };
        let system = own.pick(&self.applications).clone();
        let person = Member { voice, machine: false, ..*member };
        let speaker = stage.speaker(voice);
        let mut offset = clock::moment(stage, &person, &mut random);
        let signature = random.chance(0.1).then(|| random.bits());
        for turn in 0..1 + random.exponential(1.6) as usize {
            let mine = random.below(self.accounts) == member.place as usize;
            let mut words = Random::open(&[random.bits()]);
            if mine {
                let (mut prompt, mut response) = (String::new(), String::new());
                if turn == 0 {
                    speaker.prompt(&mut words, &mut prompt)
                } else {
                    speaker.sentence("follow", &mut words, &mut prompt)
                }
                speaker.answer(330, false, &mut words, &mut response);
                let signature = signature.filter(|_| turn > 0);
                sheet.note(
                    offset,
                    Script {
                        prompt,
                        response,
                        system: system.clone(),
                        signature,
                        history: turn * 500,
                        ..Script::default()
                    },
                );
            }
            offset += (random.lognormal(70.0, 0.9) * 1e6) as i64;
        }
    }
}

pub(super) fn gateway(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[17, instance]);
    let (accounts, rate) = (*random.pick(&[1, 1, 2, 4, 8]), 160.0 * bulk(cast.stage));
    let mut people = machines(cast, accounts, rate, &mut random);
    if accounts > 1 {
        for person in &mut people {
            person.account.agreement = Some("batch".to_owned());
        }
    }
    let applications = (0..random.between(4, 12))
        .map(|_| {
            let voice = public_voice(cast, &mut random);
            let length = random.lognormal(500.0, 0.7) as usize;
            random
                .chance(0.7)
                .then(|| cast.stage.library.instruction(cast.stage.speaker(voice), length.min(3_000), &mut random))
        })
        .collect();
    let users = random.between(60, 400);
    let key = random.bits();
    cast.add("gateway", people, Box::new(Gateway { users, applications, key, accounts }));
}

/// A product that must explain itself: every request asks for reasons, people use it all day.
#[derive(Debug)]
struct Explained {
    talk: Talk,
    key: u64,
}

impl Behaviour for Explained {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        let speaker = stage.speaker(member.voice);
        let mut left = clock::volume(stage, member, day);
        while left > 0 {
            let offset = sheet.moment();
            if sheet.random.chance(0.25) {
                // A user asks for one of the usual cases again.
                let which = sheet.random.zipf(200) as u64;
                let (mut prompt, mut response) = (String::new(), String::new());
                speaker.sentence("request", &mut Random::open(&[self.key, which]), &mut prompt);
                speaker.answer(500, true, &mut sheet.random, &mut response);
                let conversation = Some(sheet.random.bits());
                sheet.note(
                    offset,
                    Script {
                        prompt,
                        response,
                        system: self.talk.system.clone(),
                        conversation,
                        turn: 1,
                        ..Script::default()
                    },
                );
                left -= 1;
                continue;
            }
            let turns = (1 + sheet.random.exponential(1.2) as usize).min(left);
            left -= turns;
            conversation(stage, member, sheet, Session { turns, offset, talk: &self.talk });
        }
    }
}

pub(super) fn explainability(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[18, instance]);
    let (count, rate) = (random.between(3, 8), 60.0 * bulk(cast.stage));
    let mut people = machines(cast, count, rate, &mut random);
    for person in &mut people {
        person.member.machine = false;
        person.member.active = 0.75;
        person.member.voice = Voice { key: random.bits(), ..person.member.voice };
    }
    let voice = public_voice(cast, &mut random);
    let speaker = cast.stage.speaker(voice);
    let length = random.between(150, 700);
    let mut system = cast.stage.library.instruction(speaker, length, &mut random);
    for _ in 0..3 {
        system.push(' ');
        speaker.sentence("elicit", &mut random, &mut system);
    }
    let key = random.bits();
    cast.add(
        "explainability-logging",
        people,
        Box::new(Explained { talk: Talk { system: Some(system), steps: true }, key }),
    );
}
