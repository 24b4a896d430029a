//! The accounts of a campaign: made in bursts or bought, with means shared or not, by strength.
//!
//! Invariant: every account exists before its first request.

use crate::exchange::Timestamp;

use super::super::infrastructure::{Access, token};
use super::super::population::{Cast, Person, settings, to_program};
use super::super::random::Random;
use super::super::stage::{API, APP, Member, Settings};

/// A pool to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) accounts: usize,
    pub(crate) strength: u8,
    /// When the pool begins to work.
    pub(crate) start: Timestamp,
}

/// Makes the accounts of a pool.
pub(crate) fn recruit(cast: &Cast<'_>, order: Order, random: &mut Random) -> Vec<Person> {
    let mut people: Vec<Person> = (0..order.accounts).map(|_| cast.person(random)).collect();
    let style = settings(random);
    let target = random.weighted(&[3.0, 0.5, 4.0, 0.5]) as u8;
    let release_day = ((cast.stage.release.0 - cast.stage.start.0) / Timestamp::DAY) as u32;
    let common =
        Member { settings: Settings { stream: Some(false), max_tokens: Some(4_096), ..style }, ..people[0].member };
    for person in &mut people {
        dress(person, order.strength, common, random);
        person.member.model = if order.strength < 4 || random.chance(0.6) { target } else { person.member.model };
        // Half of the pool moves to a new model within a day.
        person.member.upgrade = if random.chance(0.5) { release_day } else { release_day + random.below(30) as u32 };
        person.member.silent = false;
    }
    births(&mut people, order, random);
    if order.strength == 1 {
        share_means(cast, &mut people, random);
    } else {
        proxies(cast, &mut people, random);
    }
    people
}

/// Client, hours and parameters.
fn dress(person: &mut Person, strength: u8, common: Member, random: &mut Random) {
    person.member.machine = strength < 4;
    if strength >= 4 {
        // Part of the pool drives the app; the rest looks like any developer.
        if random.chance(0.7) {
            to_program(person, random);
        }
        return;
    }
    to_program(person, random);
    let member = &mut person.member;
    member.channel = if strength > 1 && random.chance(0.15) { member.channel } else { API };
    member.keys = 1;
    if strength < 3 {
        member.settings = common.settings;
        member.client = (true, if strength == 1 { 3 } else { random.zipf(3) as u16 });
    } else {
        member.client = (true, random.zipf(12) as u16);
        if random.chance(0.5) {
            member.settings = common.settings;
        }
    }
    debug_assert!(member.channel != APP);
}

/// Bursts of new accounts, and aged ones that were bought.
fn births(people: &mut [Person], order: Order, random: &mut Random) {
    let (bursts, aged) = match order.strength {
        1 => (2, 0.0),
        2 => (8, 0.3),
        3 => (15, 0.6),
        _ => (25, 0.75),
    };
    let moments: Vec<i64> = (0..bursts)
        .map(|_| order.start.0 - (random.exponential(5.0) * Timestamp::DAY as f64) as i64 - 2 * Timestamp::HOUR)
        .collect();
    for person in people {
        let created = if random.chance(aged) {
            order.start.0 - ((30.0 + random.exponential(300.0)) * Timestamp::DAY as f64) as i64
        } else {
            random.pick(&moments) - (random.unit() * 2.0 * Timestamp::HOUR as f64) as i64
        };
        person.member.born = Timestamp(created);
        person.account.created = Some(Timestamp(created));
    }
}

/// A few payments, devices, domains and networks for all.
fn share_means(cast: &Cast<'_>, people: &mut [Person], random: &mut Random) {
    let infrastructure = &cast.stage.infrastructure;
    let count = people.len();
    let tokens = |prefix: &str, each: usize, random: &mut Random| -> Vec<String> {
        (0..count.div_ceil(each)).map(|_| token(prefix, random.bits())).collect()
    };
    let (payments, devices) = (tokens("pay", 25, random), tokens("dev", 15, random));
    let rank = random.between(3, 30);
    let networks: Vec<_> =
        (0..random.between(4, 8)).map(|_| infrastructure.within(Access::Hosting, rank, random)).collect();
    let domain = format!("{}.com", super::super::grammar::name(&cast.stage.library.grammar.lexicon.stems, random));
    for person in people {
        person.account.payment = Some(random.pick(&payments).clone());
        person.account.device = Some(random.pick(&devices).clone());
        if random.chance(0.6) {
            person.account.email_domain = Some(domain.clone());
        }
        person.account.verified = Some(false);
        person.member.networks = std::array::from_fn(|_| *random.pick(&networks));
    }
}

/// Own payments and devices; addresses of homes, rented one by one.
fn proxies(cast: &Cast<'_>, people: &mut [Person], random: &mut Random) {
    let infrastructure = &cast.stage.infrastructure;
    for person in people {
        person.account.payment = Some(token("pay", random.bits()));
        person.account.device = random.chance(0.8).then(|| token("dev", random.bits()));
        person.account.verified = Some(random.chance(0.3));
        let access = if random.chance(0.3) { Access::Mobile } else { Access::Fixed };
        person.member.networks = std::array::from_fn(|_| infrastructure.network(access, random));
    }
}
