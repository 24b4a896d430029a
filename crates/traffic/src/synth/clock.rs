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
