//! When people and machines work: hours of the day, days of the week, sessions.
//!
//! Invariant: a moment lies within the day of the world that it was asked for, whatever hour the world starts at.

use crate::exchange::Timestamp;

use super::random::Random;
use super::stage::{Member, Stage, purpose};

/// Share of a person's activity in each local hour, in percent.
const HOURS: [f64; 24] = [
    1.5, 0.8, 0.4, 0.3, 0.3, 0.5, 1.2, 2.5, 4.5, 6.5, 7.2, 7.0, 5.8, 6.2, 7.0, 7.0, 6.4, 5.6, 4.8, 5.0, 5.6, 5.8, 4.8,
    3.0,
];

/// Microseconds into a day of the world: by the member's own hours, or uniform for a machine.
pub(crate) fn moment(stage: &Stage, member: &Member, random: &mut Random) -> i64 {
    if member.machine {
        return random.below(86_400) as i64 * Timestamp::SECOND + random.below(1_000_000) as i64;
    }
    let hour = random.weighted(&HOURS) as i64;
    at_local_hour(stage, member.zone, hour, random)
}

/// Microseconds into a day of the world at which a local hour falls, and some moment within that hour.
pub(crate) fn at_local_hour(stage: &Stage, zone: i8, hour: i64, random: &mut Random) -> i64 {
    let local =
        hour * Timestamp::HOUR + random.below(3_600) as i64 * Timestamp::SECOND + random.below(1_000_000) as i64;
    (local - i64::from(zone) * Timestamp::HOUR - stage.start.0).rem_euclid(Timestamp::DAY)
}

/// How many exchanges an ordinary member makes on a day: nothing on most days, heavy tails on others.
pub(crate) fn volume(stage: &Stage, member: &Member, day: u32) -> usize {
    if member.rate <= 1e-9 {
        return 0;
    }
    let mut random = stage.random(purpose::COUNT, &[u64::from(member.account), u64::from(day)]);
    let rest = if !member.machine && stage.weekend(day) { 0.6 } else { 1.0 };
    if !random.chance(member.active * rest) {
        return 0;
    }
    let mean = member.rate / member.active;
    let today = if member.machine { mean * random.lognormal(0.95, 0.3) } else { random.exponential(mean) };
    if today < 1.0 { usize::from(random.chance(today.max(0.35))) } else { random.poisson(today) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synth::corpus::Texts;
    use crate::synth::{WorldConfig, world};

    #[test]
    fn an_hour_of_a_place_falls_where_it_should_whatever_the_start() {
        let check = |start_hours: i64, zone: i8, hour: i64, expected: i64| {
            let config = WorldConfig::standard(1, Timestamp(start_hours * Timestamp::HOUR));
            let stage = world::stage(&config, Texts::Grammar);
            let offset = at_local_hour(&stage, zone, hour, &mut Random::open(&[1]));
            assert_eq!(offset / Timestamp::HOUR, expected, "start {start_hours}, zone {zone}, hour {hour}");
        };
        check(0, 0, 9, 9);
        check(0, 2, 9, 7);
        check(0, -8, 20, 4);
        check(5, 0, 9, 4);
        check(5, 0, 3, 22);
    }

    #[test]
    fn volumes_have_the_rate_that_was_asked_for() {
        let config = WorldConfig { days: 30, ..WorldConfig::standard(1, Timestamp(0)) };
        let stage = world::stage(&config, Texts::Grammar);
        let cast = crate::synth::population::Cast::new(&stage);
        let person = cast.person(&mut Random::open(&[1]));
        let check = |rate: f64, machine: bool, low: f64, high: f64| {
            let days = (0..400u32).flat_map(|account| (0..30).map(move |day| (account, day)));
            let total: usize = days
                .map(|(account, day)| {
                    let member = Member { account, rate, machine, active: 0.5, ..person.member };
                    volume(&stage, &member, day)
                })
                .sum();
            let found = total as f64 / 12_000.0;
            assert!((low..high).contains(&found), "rate {rate}: {found}");
        };
        check(20.0, true, 18.0, 22.0);
        check(20.0, false, 15.0, 20.0);
        check(0.5, false, 0.3, 0.6);
        check(0.0, true, -0.1, 0.1);
    }
}
