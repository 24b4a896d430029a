//! Customers who harvest or evaluate with the lab's consent.
//!
//! What they do is what a campaign does; the agreement is the only difference. Invariant: every account of these
//! classes carries its agreement.

use super::super::campaign::Harvest;
use super::super::campaign::plan::{Plan, Shift};
use super::super::campaign::wrapper::{Aim, Wrapper};
use super::super::library::List;
use super::super::population::{Cast, Person};
use super::super::random::key;
use super::bulk;
use super::public::{Benchmark, Pass, at_most, heads};

pub(super) fn distillation(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[19, instance]);
    let stage = cast.stage;
    let count = random.between(5, 30).min(stage.crowd(30, 30, 5, &mut random));
    let mut people: Vec<Person> = (0..count).map(|_| cast.machine(&mut random)).collect();
    cast.organise(&mut people, &mut random);
    let settings = people[0].member.settings;
    let rate = random.lognormal(40.0, 0.5) * bulk(stage);
    for person in &mut people {
        person.account.agreement = Some("distillation".to_owned());
        person.member.settings = settings;
    }
    let shifts = people
        .iter()
        .map(|person| Shift {
            from: stage.start.max(person.member.born),
            until: stage.day_start(stage.days),
            rate: random.lognormal(rate, 0.3),
            duty: 0.95,
            hours: (0, true),
        })
        .collect();
    let plan = Plan::new(stage, shifts, 1, &mut random);
    let aim = *random.pick(&[Aim::Reasoning, Aim::Task, Aim::Grade]);
    let voice = cast.voice(&mut random);
    let wrapper = Some(Wrapper::new(voice, aim, 1, stage, &mut random));
    let list = random.bits();
    cast.add(
        "authorised-distillation",
        people,
        Box::new(Harvest {
            plan,
            wrapper,
            aim,
            cover: 0.0,
            list,
            items: List::Harvest(list),
            replay: false,
            failures: 0.02,
        }),
    );
}

/// An evaluator with a contract: deals a long list over its accounts, again for each model.
pub(super) fn evaluation(cast: &mut Cast<'_>, instance: u64) {
    let mut random = cast.random(&[20, instance]);
    let stage = cast.stage;
    let count = random.between(2, 8);
    let mut people: Vec<Person> = (0..count).map(|_| cast.machine(&mut random)).collect();
    cast.organise(&mut people, &mut random);
    for person in &mut people {
        person.account.agreement = Some("evaluation".to_owned());
    }
    let items = (random.between(800, 3_000) as f64 * bulk(stage)).max(60.0) as u64;
    let runs: Vec<Pass> = (0..random.between(1, 4))
        .map(|_| Pass {
            day: random.below(stage.days as usize) as u32,
            offset: random.below(12) as i64 * crate::exchange::Timestamp::HOUR,
            part: 1.0,
            model: Some(random.below(5) as u8),
            pace: 4.0,
        })
        .collect();
    let head = heads(cast, &people[..1], &mut random).swap_remove(0);
    let (heads, passes) = (vec![head; count], vec![runs; count]);
    let list = key(&[stage.seed, 0xe7a, instance]);
    let items = at_most(cast, list, items);
    cast.add(
        "authorised-evaluation",
        people,
        Box::new(Benchmark { list, items, heads, passes, dealt: true, answer: 300.0 }),
    );
}
