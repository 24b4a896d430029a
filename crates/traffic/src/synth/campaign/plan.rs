//! The work list of a campaign and who asks which item when.
//!
//! Each item is asked exactly `times` times over the whole pool. Every account-day has its share of one long sequence;
//! a permutation scatters the items over it. Invariant: the share of an account-day is fixed when the plan is made, so
//! days can be asked for in any order and no item is asked more often.

use crate::exchange::Timestamp;

use super::super::random::{Random, key};
use super::super::stage::Stage;

/// When an account is at work.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shift {
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
    /// Mean items a day.
    pub(crate) rate: f64,
    /// Share of days on which it is used.
    pub(crate) duty: f64,
    /// Hours ahead of UTC, and whether it works round the clock all the same.
    pub(crate) hours: (i8, bool),
}

/// Who asks what.
#[derive(Debug)]
pub(crate) struct Plan {
    members: usize,
    first_day: u32,
    /// Where the share of (day, member) begins; one entry more than there are shares.
    bounds: Vec<u64>,
    /// Key of the permutation.
    scatter: u64,
    times: u64,
    shifts: Vec<Shift>,
}

impl Plan {
    /// Deals the work; `times` is how often each item is asked.
    pub(crate) fn new(stage: &Stage, shifts: Vec<Shift>, times: u64, random: &mut Random) -> Self {
        let first = shifts.iter().map(|shift| shift.from.0).min().unwrap_or(stage.start.0);
        let last = shifts.iter().map(|shift| shift.until.0).max().unwrap_or(stage.start.0);
        let day_of = |time: i64| ((time - stage.start.0).max(0) / Timestamp::DAY) as u32;
        let (first_day, end_day) = (day_of(first), (day_of(last - 1) + 1).min(stage.days));
        let mut bounds = vec![0];
        let mut total = 0;
        for day in first_day..end_day {
            let start = stage.day_start(day).0;
            let swing = random.lognormal(1.0, 0.12);
            for shift in &shifts {
                let overlap = (shift.until.0.min(start + Timestamp::DAY) - shift.from.0.max(start)).max(0);
                let share = overlap as f64 / Timestamp::DAY as f64;
                if random.chance(shift.duty) {
                    total += random.poisson(shift.rate / shift.duty * share * swing) as u64;
                }
                bounds.push(total);
            }
        }
        Self { members: shifts.len(), first_day, bounds, scatter: random.bits(), times: times.max(1), shifts }
    }

    /// The part of the sequence that a member does on a day.
    pub(crate) fn share(&self, member: usize, day: u32) -> std::ops::Range<u64> {
        let Some(row) = day.checked_sub(self.first_day) else { return 0..0 };
        let at = row as usize * self.members + member;
        if at + 1 < self.bounds.len() { self.bounds[at]..self.bounds[at + 1] } else { 0..0 }
    }

    /// The item at a place of the sequence.
    pub(crate) fn item(&self, place: u64) -> u64 {
        let total = self.bounds.last().copied().unwrap_or(0).max(1);
        scatter(place, total, self.scatter) / self.times
    }

    /// How many members.
    pub(crate) fn members(&self) -> usize {
        self.members
    }

    /// When a member works.
    pub(crate) fn shift(&self, member: usize) -> Shift {
        self.shifts[member]
    }
}

/// A permutation of the numbers below `total`: four rounds of a Feistel network over the next even power of two, walked
/// until it comes back below. A fixed step would tie the copies of an item to a fixed distance.
fn scatter(place: u64, total: u64, secret: u64) -> u64 {
    let half = total.max(2).next_power_of_two().trailing_zeros().div_ceil(2);
    let mask = (1u64 << half) - 1;
    let mut value = place;
    loop {
        let (mut left, mut right) = (value >> half, value & mask);
        for round in 0..4 {
            (left, right) = (right, left ^ (key(&[secret, round, right]) & mask));
        }
        value = left << half | right;
        if value < total {
            return value;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::synth::corpus::Texts;
    use crate::synth::{WorldConfig, world};

    fn check(times: u64, shifts: usize, seed: u64) {
        let config = WorldConfig { days: 5, ..WorldConfig::standard(seed, Timestamp(1_760_000_000_000_000)) };
        let stage = world::stage(&config, Texts::Grammar);
        let (from, until) = (Timestamp(stage.start.0 + 7 * Timestamp::HOUR), stage.day_start(4));
        let shift = Shift { from, until, rate: 9.0, duty: 0.8, hours: (0, true) };
        let plan = Plan::new(&stage, vec![shift; shifts], times, &mut Random::open(&[seed]));
        let mut items: BTreeMap<u64, u64> = BTreeMap::new();
        let mut places = Vec::new();
        for day in 0..6 {
            for member in 0..shifts {
                for place in plan.share(member, day) {
                    places.push(place);
                    *items.entry(plan.item(place)).or_default() += 1;
                }
            }
        }
        assert!(places.len() > shifts * 15);
        assert!(places.iter().enumerate().all(|(index, place)| index as u64 == *place));
        let last = items.keys().next_back().copied().unwrap();
        assert!(items.iter().all(|(item, count)| *count == times || *item == last));
    }

    #[test]
    fn scattering_is_one_to_one() {
        for total in [1, 2, 3, 10, 1_000, 4_097] {
            let found: std::collections::BTreeSet<u64> = (0..total).map(|place| scatter(place, total, 7)).collect();
            assert_eq!((found.len() as u64, found.last().copied()), (total, Some(total - 1)));
        }
    }

    #[test]
    fn every_place_is_done_once_and_every_item_as_often_as_planned() {
        for seed in 0..5 {
            check(1, 10, seed);
            check(3, 40, seed);
        }
    }
}
