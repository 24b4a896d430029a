//! A pool that resells access: the conversations of many real users, spread over its accounts.
//!
//! At strengths 1–2 the reseller puts one instruction into every request; from 3 on nothing is added. Invariant: the
//! turns of a conversation are dealt by a function of the conversation and the turn.

use crate::exchange::Timestamp;

use super::super::benign::answer_length;
use super::super::clock;
use super::super::grammar::Voice;
use super::super::library::Item;
use super::super::random::Random;
use super::super::stage::{Behaviour, Member, Script, Sheet, Stage, purpose};
use super::plan::Plan;
use super::wrapper::Wrapper;

/// A reselling pool.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) plan: Plan,
    pub(crate) wrapper: Option<Wrapper>,
    pub(crate) key: u64,
}

impl Behaviour for Relay {
    fn day(&self, stage: &Stage, member: &Member, day: u32, sheet: &mut Sheet<'_>) {
        let members = self.plan.members();
        let (first, last) = (self.plan.share(0, day), self.plan.share(members - 1, day));
        let volume = last.end.saturating_sub(first.start);
        // About 2.6 turns a conversation.
        for conversation in 0..(volume as f64 / 2.6) as u64 {
            let mut random = stage.random(purpose::ITEM, &[self.key, u64::from(day), conversation]);
            let user = random.below((members * 4).max(1)) as u64;
            let turns = 1 + random.exponential(1.6) as usize;
            let mut own = stage.random(purpose::ITEM, &[self.key, user]);
            let person = Member {
                voice: voice(stage, &mut own),
                zone: *own.pick(&[-8, -5, 0, 1, 3, 8]),
                machine: false,
                ..*member
            };
            let mut offset = clock::moment(stage, &person, &mut random);
            for turn in 0..turns {
                if random.below(members) == member.place as usize {
                    self.turn(stage, &person, (conversation << 8 | turn as u64, turn, offset, day), sheet);
                }
                offset += (random.lognormal(70.0, 0.9) * 1e6) as i64;
            }
        }
    }
}

fn voice(stage: &Stage, random: &mut Random) -> Voice {
    let topics = stage.library.grammar.lexicon.topics();
    Voice {
        topics: std::array::from_fn(|_| random.below(topics) as u16),
        language: 0,
        casual: random.chance(0.45),
        typos: 0.1,
        habit: 0.1,
        key: random.bits(),
    }
}

impl Relay {
    fn turn(&self, stage: &Stage, person: &Member, at: (u64, usize, i64, u32), sheet: &mut Sheet<'_>) {
        let (number, turn, offset, day) = at;
        let shift = self.plan.shift(person.place as usize);
        let time = Timestamp(stage.day_start(day).0 + offset);
        if time < shift.from || time >= shift.until {
            return;
        }
        let mut random = stage.random(purpose::ITEM, &[self.key, u64::from(day), number, 2]);
        let speaker = stage.speaker(person.voice);
        let mut prompt = String::new();
        if turn == 0 {
            speaker.prompt(&mut random, &mut prompt);
        } else {
            speaker.sentence(if random.chance(0.7) { "follow" } else { "question" }, &mut random, &mut prompt);
        }
        let mut response = String::new();
        let length = answer_length(&prompt, &mut random);
        speaker.answer(length, false, &mut random, &mut response);
        let history = turn * 500;
        let script = match &self.wrapper {
            Some(wrapper) => wrapper.wrap(stage, &Item { prompt, ..Item::default() }, &mut random),
            None => Script { prompt, ..Script::default() },
        };
        sheet.note(offset, Script { response, history, ..script });
    }
}
