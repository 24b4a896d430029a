//! An account of a harvesting pool: its share of the work list, wrapped, retried on errors, hidden among cover.
//!
//! Invariant: what is asked at a place of the sequence, and when, is a function of that place, so that a replay in
//! another account finds the moment at which the first account asked.

use crate::exchange::Timestamp;

use super::super::benign::{Session, Talk, conversation};
use super::super::clock;
use super::super::library::{Item, List};
use super::super::random::{Random, key};
use super::super::stage::{Behaviour, Member, Script, Sheet, Stage, purpose};
use super::plan::Plan;
use super::wrapper::{Aim, Wrapper};

/// A pool that works through a list.
#[derive(Debug)]
pub(crate) struct Harvest {
    pub(crate) plan: Plan,
    /// None: items are asked as they are.
    pub(crate) wrapper: Option<Wrapper>,
    pub(crate) aim: Aim,
    /// Share of each account's traffic that is ordinary conversation.
    pub(crate) cover: f64,
    /// The number of the work list.
    pub(crate) list: u64,
    /// What stands on it.
    pub(crate) items: List,
    /// Reasoning signatures are handed back in by other accounts.
    pub(crate) replay: bool,
    /// Share of requests that fail and are sent again.
    pub(crate) failures: f64,
}

impl Behaviour for Harvest {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        let share = self.plan.share(member.place as usize, day);
        let work = (share.end - share.start) as f64;
        for place in share {
            if self.replay && !opens(place) {
                continue;
            }
            let offset = self.moment(stage, member, place, day);
            let script = self.script(stage, place);
            self.send(offset, script, sheet);
        }
        if self.replay {
            self.replays(stage, member, day, sheet);
        }
        self.hide(stage, member, (work * self.cover / (1.0 - self.cover)).round() as usize, sheet);
    }
}

impl Harvest {
    fn send(&self, offset: i64, script: Script, sheet: &mut Sheet<'_>) {
        if sheet.random.chance(self.failures) {
            let before = offset - sheet.random.between(2, 40) as i64 * Timestamp::SECOND;
            let again = Script {
                prompt: script.prompt.clone(),
                system: script.system.clone(),
                signature: script.signature,
                failed: true,
                ..Script::default()
            };
            sheet.note(before, again);
        }
        sheet.note(offset, script);
    }

    /// When the request at a place of the sequence is sent, within the account's shift.
    fn moment(&self, stage: &Stage, member: &Member, place: u64, day: u32) -> i64 {
        let shift = self.plan.shift(member.place as usize);
        let member = &Member { zone: shift.hours.0, machine: shift.hours.1, ..*member };
        let start = stage.day_start(day).0;
        let mut random = stage.random(purpose::ITEM, &[self.list, place, 1]);
        let mut offset = clock::moment(stage, member, &mut random);
        for _ in 0..200 {
            if (shift.from.0..shift.until.0).contains(&(start + offset)) {
                break;
            }
            offset = clock::moment(stage, member, &mut random);
        }
        offset
    }

    /// What is asked at a place of the sequence.
    fn script(&self, stage: &Stage, place: u64) -> Script {
        let number = self.plan.item(place);
        let mut random = stage.random(purpose::ITEM, &[self.list, place, 2]);
        let item = self.item(stage, number);
        let mut script = match &self.wrapper {
            Some(wrapper) => wrapper.wrap(stage, &item, &mut random),
            None => Script { prompt: item.prompt.clone(), system: item.system.clone(), ..Script::default() },
        };
        let mut response = item.response.unwrap_or_default();
        if response.is_empty() {
            self.answer(stage, number, &mut random, &mut response);
        }
        script.response = response;
        script
    }

    fn item(&self, stage: &Stage, number: u64) -> Item {
        let item = stage.library.item(self.items, number);
        if self.aim != Aim::Grade || matches!(self.items, List::Gradings(_)) {
            return item;
        }
        let mut random = stage.random(purpose::ITEM, &[self.list, number, 3]);
        let speaker = stage.speaker(self.voice(stage, number));
        let mut candidate = String::new();
        speaker.answer(random.lognormal(350.0, 0.6) as usize, false, &mut random, &mut candidate);
        Item { prompt: format!("{}\n\n{candidate}", item.prompt), ..item }
    }

    fn answer(&self, stage: &Stage, number: u64, random: &mut Random, out: &mut String) {
        let speaker = stage.speaker(self.voice(stage, number));
        match self.aim {
            Aim::Reasoning => speaker.answer((random.lognormal(900.0, 0.5) as usize).min(5_000), true, random, out),
            Aim::Task => speaker.answer((random.lognormal(420.0, 0.7) as usize).min(5_000), false, random, out),
            Aim::Grade => {
                speaker.prose("verdict", random.between(60, 240), random, out);
                out.push_str(&format!("\nScore: {}", random.between(1, 10)));
            }
        }
    }

    fn voice(&self, stage: &Stage, number: u64) -> super::super::grammar::Voice {
        let topics = stage.library.grammar.lexicon.topics();
        let mut random = Random::open(&[self.list, number, 9]);
        let topics = std::array::from_fn(|_| random.below(topics) as u16);
        super::super::grammar::Voice { topics, language: 0, casual: false, typos: 0.0, habit: 0.0, key: 0 }
    }

    /// Second steps: the signature that an account obtained is handed back in by a few accounts of the pool.
    fn replays(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        let members = self.plan.members();
        for first in 0..members {
            for place in self.plan.share(first, day).filter(|place| opens(*place)) {
                let mut random = stage.random(purpose::ITEM, &[self.list, place, 4]);
                for repeat in 0..random.between(2, 4) {
                    if random.below(members) == member.place as usize {
                        let asker = Member { place: first as u32, ..*member };
                        let asked = self.moment(stage, &asker, place, day);
                        self.second(stage, member, (place, asked, repeat as u64), sheet);
                    }
                }
            }
        }
    }

    /// Hands the signature of a place back in, some minutes after it was asked for.
    fn second(&self, stage: &Stage, member: &Member, step: (u64, i64, u64), sheet: &mut Sheet<'_>) {
        let (place, asked, repeat) = step;
        let mut random = stage.random(purpose::ITEM, &[self.list, place, 6, repeat]);
        let mut script = self.script(stage, place);
        script.prompt.push_str("\n\n");
        stage.speaker(member.voice).sentence("elicit", &mut random, &mut script.prompt);
        script.signature = Some(key(&[self.list, place, 5]));
        self.send(asked + (random.lognormal(240.0, 1.0) * 1e6) as i64, script, sheet);
    }

    /// Ordinary conversation of the account.
    fn hide(&self, stage: &Stage, member: &Member, count: usize, sheet: &mut Sheet<'_>) {
        let mut left = count;
        while left > 0 {
            let turns = (1 + sheet.random.exponential(1.6) as usize).min(left);
            left -= turns;
            let offset = sheet.moment();
            conversation(stage, member, sheet, Session { turns, offset, talk: &Talk::default() });
        }
    }
}

/// Whether a place of a replaying pool's sequence is a first step; each is followed by about three second steps.
fn opens(place: u64) -> bool {
    place.is_multiple_of(4)
}
