//! Ordinary customers: people who chat, developers, pipelines of small companies, companies with several accounts.
//!
//! Invariant: what a person repeats (greetings, retries, his own stock questions) is drawn as people repeat, a few
//! percent; nothing else of his is anyone else's.

use super::clock;
use super::corpus::Turn;
use super::population::{Cast, Person, to_program};
use super::random::{Random, key};
use super::shelves::due;
use super::stage::{API, Behaviour, Member, Script, Sheet, Stage, purpose};

/// Share of first turns that are a greeting or a test.
const GREETINGS: f64 = 0.025;
/// Share of exchanges that are sent again as they were.
const RETRIES: f64 = 0.02;
/// Share of opening prompts that the person has used before.
const STOCK: f64 = 0.03;

/// Somebody who talks: conversations with turns that depend on each other.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    /// Instruction of the product through which he talks.
    pub(crate) system: Option<String>,
    /// Answers lay out their reasoning.
    pub(crate) steps: bool,
}

impl Behaviour for Talk {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        handed(stage, member, day, (sheet, self));
        let mut left = clock::volume(stage, member, day);
        while left > 0 {
            let turns = (1 + sheet.random.exponential(1.6) as usize).min(left).min(40);
            left -= turns;
            let offset = sheet.moment();
            conversation(stage, member, sheet, Session { turns, offset, talk: self });
        }
    }
}

/// Holds the conversations of the corpus that fall to a member on a day.
fn handed(stage: &Stage, member: &Member, day: u32, (sheet, talk): (&mut Sheet<'_>, &Talk)) {
    let Some(shelves) = &stage.library.shelves else { return };
    for place in due(member.talks, member.account, stage.first_day(member)..stage.days, day) {
        let (mut offset, mut history) = (sheet.moment(), 0);
        let conversation = Some(sheet.random.bits());
        for (turn, said) in shelves.talks[place].iter().enumerate() {
            let system = talk.system.clone();
            let turn = turn as i32 + 1;
            let (prompt, response) = (said.prompt.clone(), reply(stage, member, said, &mut sheet.random));
            let length = prompt.len() + response.len();
            sheet.note(offset, Script { prompt, response, system, conversation, turn, history, ..Script::default() });
            history += length;
            offset += (sheet.random.lognormal(70.0, 0.9) * 1e6) as i64;
        }
    }
}

/// The answer of the corpus, or a generated one.
pub(crate) fn reply(stage: &Stage, member: &Member, said: &Turn, random: &mut Random) -> String {
    if !said.response.is_empty() {
        return said.response.clone();
    }
    let length = answer_length(&said.prompt, random);
    let mut out = String::with_capacity(length + 80);
    stage.speaker(member.voice).answer(length, false, random, &mut out);
    out
}

/// One conversation to be held.
pub(crate) struct Session<'a> {
    pub(crate) turns: usize,
    pub(crate) offset: i64,
    pub(crate) talk: &'a Talk,
}

/// Holds one conversation.
pub(crate) fn conversation(stage: &Stage, member: &Member, sheet: &mut Sheet<'_>, session: Session<'_>) {
    let id = sheet.random.bits();
    let speaker = stage.speaker(member.voice);
    let bag = speaker.draw_bag(7, &mut sheet.random);
    let speaker = speaker.with(&bag, 0.35);
    let tracked = member.channel != API || member.voice.key.is_multiple_of(3);
    let reasons = member.voice.key % 5 == 1;
    let mut offset = session.offset;
    let mut history = 0;
    let mut signature = None;
    for turn in 1..=session.turns {
        let prompt = if turn == 1 { opening(stage, member, sheet) } else { following(speaker, sheet) };
        let mut response = String::new();
        let length = answer_length(&prompt, &mut sheet.random);
        speaker.answer(length, session.talk.steps, &mut sheet.random, &mut response);
        let said = prompt.len() + response.len();
        let repeats = 1 + usize::from(sheet.random.chance(RETRIES));
        for attempt in 0..repeats {
            sheet.note(
                offset + attempt as i64 * 9_000_000,
                Script {
                    prompt: prompt.clone(),
                    system: session.talk.system.clone(),
                    response: response.clone(),
                    conversation: tracked.then_some(id),
                    turn: turn as i32,
                    signature,
                    history,
                    ..Script::default()
                },
            );
        }
        history += said;
        signature = (reasons && sheet.random.chance(0.6)).then(|| sheet.random.bits()).or(signature);
        offset += (sheet.random.lognormal(70.0, 0.9) * 1e6) as i64;
    }
}

/// The first prompt of a conversation.
pub(crate) fn opening(stage: &Stage, member: &Member, sheet: &mut Sheet<'_>) -> String {
    let speaker = stage.speaker(member.voice);
    let mut prompt = String::new();
    if sheet.random.chance(GREETINGS) {
        speaker.sentence("greeting", &mut sheet.random, &mut prompt);
    } else if sheet.random.chance(STOCK) {
        let which = sheet.random.zipf(12) as u64;
        let mut own = stage.random(purpose::TEXT, &[u64::from(member.account), which]);
        speaker.prompt(&mut own, &mut prompt);
    } else {
        let bag = speaker.draw_bag(5, &mut sheet.random);
        speaker.with(&bag, 0.25).prompt(&mut sheet.random, &mut prompt);
    }
    prompt
}

fn following(speaker: super::grammar::Speaker<'_>, sheet: &mut Sheet<'_>) -> String {
    let mut prompt = String::new();
    match sheet.random.below(100) {
        0..=5 => speaker.rule("onward", &mut sheet.random, &mut prompt),
        6..=39 => speaker.sentence("follow", &mut sheet.random, &mut prompt),
        40..=69 => {
            speaker.sentence("follow", &mut sheet.random, &mut prompt);
            prompt.push(' ');
            speaker.prose("sentence", sheet.random.between(1, 120), &mut sheet.random, &mut prompt);
        }
        70..=84 => speaker.sentence("question", &mut sheet.random, &mut prompt),
        _ => speaker.prompt(&mut sheet.random, &mut prompt),
    }
    prompt
}

/// Length of an answer: some are a word, most a paragraph or two.
pub(crate) fn answer_length(prompt: &str, random: &mut Random) -> usize {
    let typical = if prompt.len() < 12 { 80.0 } else { 330.0 };
    (random.lognormal(typical, 0.9) as usize).clamp(8, 6_000)
}

/// A program of one company: its own instruction, its own slots, single turns.
#[derive(Debug)]
pub(crate) struct Pipeline {
    /// Sent with every request.
    pub(crate) system: Option<String>,
    /// Stands before the slot.
    pub(crate) head: String,
    /// Stands after the slot.
    pub(crate) tail: String,
    /// Typical length of the slot in bytes.
    pub(crate) slot: f64,
    /// Typical length of the answer in bytes.
    pub(crate) answer: f64,
    /// Slots come from a stock that all accounts of the group share.
    pub(crate) shared: bool,
    /// Share of slots that came before.
    pub(crate) repeats: f64,
}

impl Pipeline {
    /// A pipeline with a template of its own.
    pub(crate) fn new(stage: &Stage, member: &Member, random: &mut Random) -> Self {
        let speaker = stage.speaker(member.voice);
        let bag = speaker.draw_bag(10, random);
        let speaker = speaker.with(&bag, 0.5);
        let length = random.lognormal(450.0, 0.9) as usize;
        let system = random.chance(0.7).then(|| stage.library.instruction(speaker, length.min(3_000), random));
        let mut head = String::new();
        if system.is_none() || random.chance(0.5) {
            speaker.prose("rule", random.between(20, 200), random, &mut head);
            head.push_str("\n\n");
        }
        let mut tail = String::new();
        if random.chance(0.3) {
            tail.push('\n');
            speaker.sentence("rule", random, &mut tail);
        }
        let answer = random.lognormal(120.0, 0.9).min(1_500.0);
        Self {
            system,
            head,
            tail,
            slot: random.lognormal(280.0, 0.8).min(2_500.0),
            answer,
            shared: false,
            repeats: random.unit() * 0.08,
        }
    }

    /// One run of the pipeline.
    pub(crate) fn run(&self, stage: &Stage, member: &Member, sheet: &mut Sheet<'_>) -> Script {
        let mut prompt = String::new();
        self.slot(stage, member, sheet, &mut prompt);
        self.wrap(stage, member, prompt, sheet)
    }

    /// Runs over the documents of the corpus that fall to a member on a day.
    pub(crate) fn handed(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        let Some(shelves) = &stage.library.shelves else { return };
        for place in due(member.documents, member.account, stage.first_day(member)..stage.days, day) {
            let offset = sheet.moment();
            let script = self.wrap(stage, member, shelves.documents[place].prompt.clone(), sheet);
            sheet.note(offset, script);
        }
    }

    fn slot(&self, stage: &Stage, member: &Member, sheet: &mut Sheet<'_>, prompt: &mut String) {
        let speaker = stage.speaker(member.voice);
        let length = (sheet.random.lognormal(self.slot, 0.7) as usize).min(6_000);
        if sheet.random.chance(self.repeats) {
            let which = sheet.random.zipf(400) as u64;
            let owner = if self.shared { u64::from(member.group) << 32 } else { u64::from(member.account) };
            let mut own = stage.random(purpose::TEXT, &[owner, key(&[which])]);
            speaker.document(self.slot as usize, &mut own, prompt);
        } else {
            speaker.document(length, &mut sheet.random, prompt);
        }
    }

    /// Puts the template around a slot.
    fn wrap(&self, stage: &Stage, member: &Member, slot: String, sheet: &mut Sheet<'_>) -> Script {
        let speaker = stage.speaker(member.voice);
        let prompt = format!("{}{slot}{}", self.head, self.tail);
        let mut response = String::new();
        let length = sheet.random.lognormal(self.answer, 0.4) as usize;
        speaker.answer(length, false, &mut sheet.random, &mut response);
        Script { prompt, system: self.system.clone(), response, ..Script::default() }
    }
}

impl Behaviour for Pipeline {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        self.handed(stage, member, day, sheet);
        for _ in 0..clock::volume(stage, member, day) {
            let offset = sheet.moment();
            let script = self.run(stage, member, sheet);
            let failed = sheet.random.chance(0.01);
            if failed {
                let again = Script {
                    prompt: script.prompt.clone(),
                    system: script.system.clone(),
                    failed,
                    ..Script::default()
                };
                sheet.note(offset - 3_000_000, again);
            }
            sheet.note(offset, script);
        }
    }
}

/// Casts `count` ordinary accounts.
pub(crate) fn cast(cast: &mut Cast<'_>, count: usize) {
    let mut random = cast.random(&[0xba5e]);
    let (mut chats, mut developers, mut left) = (Vec::new(), Vec::new(), count);
    while left > 0 {
        match random.below(1_000) {
            0..=779 => {
                chats.push(cast.person(&mut random));
                left -= 1;
            }
            780..=899 => {
                developers.push(cast.developer(&mut random));
                left -= 1;
            }
            900..=979 => {
                pipeline(cast, &mut random);
                left -= 1;
            }
            _ => left -= company(cast, left, &mut random),
        }
    }
    cast.add("chat", chats, Box::new(Talk::default()));
    cast.add("developer", developers, Box::new(Talk::default()));
}

fn pipeline(cast: &mut Cast<'_>, random: &mut Random) {
    let mut person = cast.machine(random);
    person.member.rate = random.lognormal(cast.stage.rate * 5.0, 1.3).min(cast.stage.rate * 600.0);
    let behaviour = Pipeline::new(cast.stage, &person.member, random);
    cast.add("pipeline", vec![person], Box::new(behaviour));
}

/// A company: people with accounts of one payment, and one product with its instruction.
fn company(cast: &mut Cast<'_>, most: usize, random: &mut Random) -> usize {
    let count = random.between(2, 20).min(most);
    let mut people: Vec<Person> = (0..count).map(|_| cast.person(random)).collect();
    cast.organise(&mut people, random);
    let share = people.first().map(|person| person.member.voice);
    for person in &mut people {
        if let Some(voice) = share.filter(|_| random.chance(0.7)) {
            person.member.voice.topics[0] = voice.topics[0];
        }
    }
    let product = random.chance(0.5);
    if product {
        for person in &mut people {
            to_program(person, random);
        }
        let member = people[0].member;
        let length = random.lognormal(600.0, 0.8) as usize;
        let system = cast.stage.library.instruction(cast.stage.speaker(member.voice), length.min(3_000), random);
        cast.add("company", people, Box::new(Talk { system: Some(system), steps: false }));
    } else {
        cast.add("company", people, Box::new(Talk::default()));
    }
    count
}
