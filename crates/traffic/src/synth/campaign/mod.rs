//! Campaigns: pools of accounts that work through a list.
//!
//! A kind says what the operator does, a strength how well he hides. Invariant: each item is asked once over the pool
//! (or a fixed number of times), whatever the kind; only attempts that failed are repeated.

mod harvest;
pub(crate) mod plan;
pub(crate) mod pool;
mod relay;
pub(crate) mod wrapper;

pub(crate) use harvest::Harvest;

use crate::exchange::{Enforcement, Timestamp};

use self::plan::{Plan, Shift};
use self::pool::{Order, recruit};
use self::wrapper::{Aim, Wrapper};
use super::library::List;
use super::population::{Cast, Person};
use super::random::Random;
use super::stage::Stage;
use super::world::{CampaignConfig, CampaignKind};

/// Casts the accounts of one campaign; what the lab did against it is appended to `enforcements`.
pub(crate) fn cast(cast: &mut Cast<'_>, number: usize, config: &CampaignConfig, enforcements: &mut Vec<Enforcement>) {
    let mut random = cast.random(&[0xca, number as u64]);
    let start = cast.stage.day_start(config.start_day);
    let start = Timestamp(start.0 + random.below(8) as i64 * Timestamp::HOUR);
    let end = cast.stage.day_start((config.start_day + config.days).min(cast.stage.days));
    let waves = if config.kind == CampaignKind::TwoPools { 2 } else { 1 };
    // The ban falls in the middle third of the campaign's life, the second pool starts within hours.
    let ban = Timestamp(start.0 + ((end.0 - start.0) as f64 * (0.33 + 0.33 * random.unit())) as i64);
    let mut people = Vec::new();
    let mut shifts = Vec::new();
    for wave in 0..waves {
        let from = if wave == 0 { start } else { Timestamp(ban.0 + random.between(1, 5) as i64 * Timestamp::HOUR) };
        let order =
            Order { accounts: share_of(config.accounts as usize, wave, waves), strength: config.strength, start: from };
        for person in recruit(cast, order, &mut random) {
            let until =
                if wave + 1 < waves { Timestamp(ban.0 + random.below(1_800) as i64 * Timestamp::SECOND) } else { end };
            let hours = (person.member.zone, person.member.machine);
            shifts.push(Shift { from: from.max(person.member.born), until, hours, ..shift(config, &mut random) });
            people.push(person);
        }
    }
    let first_wave = people.len() / waves;
    let numbers = cast.members.len();
    enact(cast, config, people, shifts, &mut random);
    cast.convict(format!("campaign-{}", number + 1), config.strength);
    if waves == 2 {
        for number in numbers..numbers + first_wave {
            let group = &cast.members[number];
            let time = Timestamp(ban.0 + (u64::from(group.account) % 1_800) as i64 * Timestamp::SECOND);
            enforcements.push(Enforcement {
                account: cast.accounts[number].account.clone(),
                time,
                action: "block".to_owned(),
            });
        }
    }
}

fn share_of(accounts: usize, wave: usize, waves: usize) -> usize {
    (accounts / waves + usize::from(wave < accounts % waves)).max(1)
}

/// How much one account works: moderately unequal; thin and with days off from strength 3 on.
fn shift(config: &CampaignConfig, random: &mut Random) -> Shift {
    let sneaky = config.strength >= 3;
    let factor = random.lognormal(if sneaky { 0.75 } else { 0.95 }, if sneaky { 0.7 } else { 0.35 });
    let cover = if config.kind == CampaignKind::Relay { 0.0 } else { cover(config, random) };
    let never = Timestamp::default();
    let duty = if sneaky { 0.6 } else { 0.97 };
    Shift {
        from: never,
        until: never,
        hours: (0, true),
        duty,
        rate: config.per_account_per_day * factor * (1.0 - cover),
    }
}

/// Share of an account's traffic that is cover.
fn cover(config: &CampaignConfig, random: &mut Random) -> f64 {
    match (config.kind, config.strength) {
        (CampaignKind::Mixed, _) => 0.4 + 0.2 * random.unit(),
        (_, 4..) => 0.5,
        _ => 0.0,
    }
}

/// What is asked: where a corpus has whole requests, half of the plain harvesters of strength 1 and 2 send those, each
/// pool a list of its own.
fn items(stage: &Stage, config: &CampaignConfig, aim: Aim, list: u64) -> List {
    let plain =
        matches!(config.kind, CampaignKind::FixedInstruction | CampaignKind::RubricGrading | CampaignKind::TwoPools);
    let shelves = stage.library.shelves.as_ref().filter(|_| plain && config.strength <= 2 && list.is_multiple_of(2));
    match shelves.and_then(|shelves| shelves.reserve_requests(aim == Aim::Grade)) {
        Some(place) if aim == Aim::Grade => List::Gradings(place),
        Some(place) => List::Requests(place),
        None => List::Harvest(list),
    }
}

/// Gives the pool its behaviour.
fn enact(cast: &mut Cast<'_>, config: &CampaignConfig, people: Vec<Person>, shifts: Vec<Shift>, random: &mut Random) {
    let stage = cast.stage;
    let voice = cast.voice(random);
    let times = if random.chance(0.75) { 1 } else { random.between(2, 4) as u64 };
    let times = if matches!(config.kind, CampaignKind::Relay | CampaignKind::NoTemplate | CampaignKind::SignatureReplay)
    {
        1
    } else {
        times
    };
    let plan = Plan::new(stage, shifts, times, random);
    let aim = match config.kind {
        CampaignKind::RubricGrading => Aim::Grade,
        CampaignKind::SignatureReplay => Aim::Reasoning,
        _ if random.chance(0.7) => Aim::Reasoning,
        _ => Aim::Task,
    };
    let list = random.bits();
    let items = items(stage, config, aim, list);
    let wrapper = match config.kind {
        _ if !matches!(items, List::Harvest(_)) => None,
        CampaignKind::NoTemplate => None,
        CampaignKind::Relay if config.strength >= 3 => None,
        _ => Some(Wrapper::new(voice, aim, config.strength, stage, random)),
    };
    let name = config.kind.name();
    if config.kind == CampaignKind::Relay {
        let talks = stage
            .library
            .shelves
            .as_ref()
            .map(|shelves| shelves.reserve_talks(shelves.talks.len() / 8))
            .unwrap_or_default();
        cast.add(name, people, Box::new(relay::Relay { plan, wrapper, key: random.bits(), talks }));
        return;
    }
    let cover = cover(config, random);
    let replay = config.kind == CampaignKind::SignatureReplay;
    cast.add(name, people, Box::new(Harvest { plan, wrapper, aim, cover, list, items, replay, failures: 0.03 }));
}
