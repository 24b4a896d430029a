//! A pool that resells access: the conversations of many real users, spread over its accounts.
//!
//! At strengths 1–2 the reseller puts one instruction into every request; from 3 on nothing is added. Invariant: the
//! turns of a conversation are dealt by a function of the conversation and the turn.

use crate::exchange::Timestamp;

use super::super::benign::reply;
use super::super::clock;
use super::super::corpus::Turn;
use super::super::grammar::Voice;
use super::super::library::Item;
use super::super::random::Random;
use super::super::shelves::Stretch;
use super::super::stage::{Behaviour, Member, Script, Sheet, Stage, purpose};
use super::plan::Plan;
use super::wrapper::Wrapper;

/// One turn of a user's conversation.
struct Moment<'a> {
    conversation: u64,
    turn: usize,
    offset: i64,
    day: u32,
    /// What the corpus has him say.
    said: Option<&'a Turn>,
}

/// A reselling pool.
#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) plan: Plan,
    pub(crate) wrapper: Option<Wrapper>,
    pub(crate) key: u64,
    /// Conversations of the corpus that its users hold.
    pub(crate) talks: Stretch,
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
            let talk = self.talk(stage, day, conversation);
            let turns = talk.map_or_else(|| 1 + random.exponential(1.6) as usize, <[Turn]>::len);
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
                    let said = talk.map(|talk| &talk[turn]);
                    self.turn(stage, &person, Moment { conversation, turn, offset, day, said }, sheet);
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
    /// The conversation of the corpus that has a number on a day.
    fn talk<'a>(&self, stage: &'a Stage, day: u32, conversation: u64) -> Option<&'a [Turn]> {
        let place = conversation * u64::from(stage.days) + u64::from(day);
        let talks = &stage.library.shelves.as_ref()?.talks;
        let place = u32::try_from(place).ok().filter(|place| *place < self.talks.count)?;
        talks.get((self.talks.from + place) as usize).map(Vec::as_slice)
    }

    fn turn(&self, stage: &Stage, person: &Member, at: Moment<'_>, sheet: &mut Sheet<'_>) {
        let Moment { conversation, turn, offset, day, said } = at;
        let number = conversation << 8 | turn as u64;
        let shift = self.plan.shift(person.place as usize);
        let time = Timestamp(stage.day_start(day).0 + offset);
        if time < shift.from || time >= shift.until {
            return;
        }
        let mut random = stage.random(purpose::ITEM, &[self.key, u64::from(day), number, 2]);
        let speaker = stage.speaker(person.voice);
        let mut prompt = said.map(|said| said.prompt.clone()).unwrap_or_default();
        if said.is_some() {
        } else if turn == 0 && random.chance(0.025) {
            speaker.sentence("greeting", &mut random, &mut prompt);
        } else if turn == 0 {
            speaker.prompt(&mut random, &mut prompt);
        } else if random.chance(0.06) {
            speaker.rule("onward", &mut random, &mut prompt);
        } else {
            speaker.sentence(if random.chance(0.7) { "follow" } else { "question" }, &mut random, &mut prompt);
        }
        let turn_said = Turn {
            prompt: prompt.clone(),
            response: said.map(|said| said.response.clone()).unwrap_or_default(),
            system: None,
        };
        let response = reply(stage, person, &turn_said, &mut random);
        let history = turn * 500;
        let script = match &self.wrapper {
            Some(wrapper) => wrapper.wrap(stage, &Item { prompt, ..Item::default() }, &mut random),
            None => Script { prompt, ..Script::default() },
        };
        sheet.note(offset, Script { response, history, ..script });
    }
}
