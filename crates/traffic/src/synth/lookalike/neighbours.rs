//! People who share a place: a classroom, a carrier's address, a course, a family, a small language.
//!
//! Invariant: they share where they are or what they speak of, not who they are: devices and rhythms are their own.

use crate::exchange::Timestamp;

use super::super::benign::{Pipeline, Session, Talk, conversation};
use super::super::clock::{self, at_local_hour};
use super::super::infrastructure::{Access, token};
use super::super::lexicon::LANGUAGES;
use super::super::library::List;
use super::super::population::{Cast, Person};
use super::super::random::{Random, key};
use super::super::stage::{APP, Behaviour, Member, Script, Sheet, Stage, purpose};
use super::Template;
use super::crowd::public_voice;

fn people(cast: &Cast<'_>, count: usize, random: &mut Random) -> Vec<Person> {
    (0..count).map(|_| cast.person(random)).collect()
}

/// Lessons in school hours: the exercises of the day, copied by some, reworded by others.
#[derive(Debug)]
struct Classroom {
    list: u64,
    /// Days of the week (0 to 6, counted from the start of the world) with a lesson, and its hour.
    lessons: Vec<(u32, i64)>,
}

impl Behaviour for Classroom {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        Talk::default().day(stage, &Member { rate: member.rate * 0.5, ..*member }, day, sheet);
        let Some((_, hour)) = self.lessons.iter().find(|(weekday, _)| *weekday == day % 7) else { return };
        if sheet.random.chance(0.12) {
            return;
        }
        for exercise in 0..sheet.random.between(1, 5) as u64 {
            let number = u64::from(day) * 8 + exercise;
            let mut prompt = stage.library.item(List::Own(self.list), number).prompt;
            match sheet.random.below(10) {
                0..=3 => {}
                4..=6 => prompt = prompt.to_lowercase(),
                _ => {
                    prompt.push(' ');
                    stage.speaker(member.voice).sentence("constraint", &mut sheet.random, &mut prompt);
                }
            }
            let mut response = String::new();
            stage.speaker(member.voice).answer(300, true, &mut sheet.random, &mut response);
            let offset = at_local_hour(stage, member.zone, *hour, &mut sheet.random);
            let conversation = Some(sheet.random.bits());
            sheet.note(
                offset,
                Script {
                    prompt,
                    response,
                    conversation,
                    turn: 1,
                    network: Some(member.networks[0]),
                    ..Script::default()
                },
            );
        }
    }
}

pub(super) fn classroom(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[8, instance]);
    let count = cast.stage.crowd(25, 60, 14, &mut random);
    let mut pupils = people(cast, count, &mut random);
    let school = cast.stage.infrastructure.network(Access::Fixed, &mut random);
    let zone = pupils[0].member.zone;
    let domain = format!("{}.edu", super::super::grammar::name(&cast.stage.library.grammar.lexicon.stems, &mut random));
    for pupil in &mut pupils {
        pupil.member.networks[0] = school;
        pupil.member.zone = zone;
        if random.chance(0.6) {
            pupil.account.email_domain = Some(domain.clone());
        }
    }
    let lessons = (0..random.between(2, 4)).map(|_| (random.below(7) as u32, random.between(8, 15) as i64)).collect();
    let list = key(&[cast.stage.seed, 0xc1a, instance]);
    cast.add("classroom", pupils, Box::new(Classroom { list, lessons }));
}

/// Strangers behind one address block of a carrier or a tunnel.
pub(super) fn shared_network(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[9, instance]);
    let count = cast.stage.crowd(40, 120, 15, &mut random);
    let mut strangers = people(cast, count, &mut random);
    let access = if random.chance(0.5) { Access::Mobile } else { Access::Hosting };
    let exit = cast.stage.infrastructure.network(access, &mut random);
    for stranger in &mut strangers {
        stranger.member.networks = [exit, exit, stranger.member.networks[0]];
    }
    cast.add("shared-network", strangers, Box::new(Talk::default()));
}

/// A course or a hackathon: accounts made within an hour or two, one starter template, own projects.
pub(super) fn cohort(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[10, instance]);
    let count = cast.stage.crowd(40, 90, 14, &mut random);
    let days = cast.stage.days;
    let day = random.below((days as usize / 2).max(1)) as u32;
    let opened = cast.stage.day_start(day).0 + random.below(20) as i64 * Timestamp::HOUR;
    let mut students: Vec<Person> = (0..count).map(|_| cast.developer(&mut random)).collect();
    let hall = cast.stage.infrastructure.network(Access::Fixed, &mut random);
    let voice = public_voice(cast, &mut random);
    let shared = students[0].member.settings;
    for student in &mut students {
        let born = Timestamp(opened + (random.exponential(0.6) * Timestamp::HOUR as f64) as i64);
        student.member.born = born;
        student.account.created = Some(born);
        student.member.networks[0] = if random.chance(0.7) { hall } else { student.member.networks[0] };
        student.member.settings = if random.chance(0.8) { shared } else { student.member.settings };
        student.member.client = (true, if random.chance(0.8) { 0 } else { student.member.client.1 });
    }
    let speaker = cast.stage.speaker(voice);
    let length = random.between(200, 900);
    let system = cast.stage.library.instruction(speaker, length, &mut random);
    let mut head = String::new();
    speaker.prose("rule", 90, &mut random, &mut head);
    head.push('\n');
    let pipeline = Pipeline {
        system: Some(system),
        head,
        tail: String::new(),
        slot: 130.0,
        answer: 350.0,
        shared: false,
        repeats: 0.15,
    };
    let uses = students.iter().map(|_| random.lognormal(1.2, 1.2).min(40.0) * cast.stage.rate.min(1.0)).collect();
    let since = vec![day; count];
    cast.add("cohort", students, Box::new(Template { talk: Talk::default(), pipeline, uses, since, altered: 0.3 }));
}

/// A family or a small team: one payment, one home, shared devices.
pub(super) fn family(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[11, instance]);
    let count = random.between(3, 6);
    let mut members = people(cast, count, &mut random);
    let home = members[0].member.networks;
    let (payment, device) = (token("pay", random.bits()), token("dev", random.bits()));
    for person in &mut members {
        person.account.payment = Some(payment.clone());
        person.account.plan = Some("family".to_owned());
        if random.chance(0.6) {
            person.account.device = Some(device.clone());
        }
        person.member.networks = home;
    }
    cast.add("family-plan", members, Box::new(Talk::default()));
}

/// Customers of a small language on one provider, some of them through one small product.
#[derive(Debug)]
struct Minority {
    product: Option<String>,
    /// Questions that many of them ask: local news, forms, holidays.
    common: u64,
}

impl Behaviour for Minority {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        let talk = Talk { system: self.product.clone(), steps: false };
        let mut left = clock::volume(stage, member, day);
        while left > 0 {
            let offset = sheet.moment();
            if sheet.random.chance(0.04) {
                let which = sheet.random.zipf(150) as u64;
                let mut own = stage.random(purpose::TEXT, &[self.common, which]);
                let voice = super::super::grammar::Voice { topics: [7, 8, 9], casual: false, ..member.voice };
                let (mut prompt, mut response) = (String::new(), String::new());
                stage.speaker(voice).sentence("question", &mut own, &mut prompt);
                stage.speaker(member.voice).answer(250, false, &mut sheet.random, &mut response);
                let conversation = Some(sheet.random.bits());
                sheet.note(
                    offset,
                    Script {
                        prompt,
                        response,
                        conversation,
                        turn: 1,
                        system: self.product.clone(),
                        ..Script::default()
                    },
                );
                left -= 1;
                continue;
            }
            let turns = (1 + sheet.random.exponential(1.6) as usize).min(left);
            left -= turns;
            conversation(stage, member, sheet, Session { turns, offset, talk: &talk });
        }
    }
}

/// A tenth of the platform, at least 2,000 accounts on a large one, over the groups of a world.
pub(super) fn minority(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[12, instance]);
    let stage = cast.stage;
    let language = 1 + (instance as usize % LANGUAGES) as u8;
    let provider = random.between(40, 590);
    let zone = random.between(0, 12) as i8;
    let count = stage.minority;
    let mut all = people(cast, count, &mut random);
    for person in &mut all {
        person.member.voice.language = language;
        person.member.zone = zone;
        person.member.networks =
            std::array::from_fn(|_| stage.infrastructure.within(Access::Fixed, provider, &mut random));
    }
    let through: Vec<Person> = all.split_off(count - count / 8);
    let mut users = through;
    for person in &mut users {
        person.member.channel = if random.chance(0.5) { APP } else { 4 };
    }
    let voice = super::super::grammar::Voice { language, ..public_voice(cast, &mut random) };
    let length = random.between(200, 600);
    let system = stage.library.instruction(stage.speaker(voice), length, &mut random);
    let common = random.bits();
    cast.add("minority", all, Box::new(Minority { product: None, common }));
    cast.add("minority", users, Box::new(Minority { product: Some(system), common }));
}
