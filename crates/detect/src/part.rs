//! Keeps operators apart who work with the same template.
//!
//! A published wrapper makes one thread of several pools. A pool does not ask an item twice, so two accounts of a group
//! that ask the same item work for different operators, or the group works off no list at all. Accounts are coloured
//! so that those who share an item differ: where that succeeds almost everywhere, colours are operators. It fails on
//! common interests, on benchmarks and on lists handed out several times, whose graph of shared items is as good as
//! random; then the group stays whole.
//!
//! Parts that follow each other are one operator's pools and stay together. Invariant: the outcome depends on who shares
//! which item, and on when each is at work; accounts are taken in their order.

use std::collections::{BTreeMap, BinaryHeap};

use crate::findings::Parameters;
use crate::group::Group;
use crate::incidence::Incidence;
use crate::population::{Behaviour, Population};
use crate::signal::split;

/// Operators that are told apart in one group.
const OPERATORS_MAX: usize = 4;
/// Items of more accounts than this are common property and say nothing.
const ACCOUNTS_PER_ITEM_MAX: usize = 6;
/// Shared items per account and further operator. A random graph of this degree can be coloured so that some 81 % of
/// its edges join different colours (0.5 + 0.763 / √degree for two), far from what is demanded.
const DEGREE_MIN: f64 = 6.0;
/// Share of shared items that may stay within one colour.
const WITHIN_MAX: f64 = 0.03;
/// Share of the shorter part's time in which another one must be at work too.
const OVERLAP_MIN: f64 = 0.5;
/// Rounds of improvement; each is linear in the shared items.
const ROUNDS_MAX: usize = 30;

/// Who shares items with whom: for each account by place in the group, its neighbours with the number of items.
struct Shared(Vec<Vec<(usize, u64)>>);

/// The group, or its parts where several operators work with one template; the largest first.
pub fn parts(group: Group, population: &Population<'_>, incidence: &Incidence, parameters: &Parameters) -> Vec<Group> {
    let Some(colours) = Shared::of(&group, population, incidence).colours() else { return vec![group] };
    let mut parts: BTreeMap<usize, Group> = BTreeMap::new();
    for (carrier, colour) in group.carriers.iter().zip(colours) {
        let empty = || Group { features: group.features.clone(), carriers: Vec::new() };
        parts.entry(colour).or_insert_with(empty).carriers.push(*carrier);
    }
    let mut parts: Vec<Group> = parts.into_values().collect();
    if parts.iter().any(|part| part.units(population) < parameters.accounts_min) || !concurrent(&parts, population) {
        return vec![group];
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.carriers.len()));
    parts
}

/// Whether the parts work at the same time. One operator may have a list worked off again by the pool that follows a
/// banned one.
fn concurrent(parts: &[Group], population: &Population<'_>) -> bool {
    let middle = |part: &Group, time: fn(&Behaviour) -> i64| {
        let mut times: Vec<i64> = part.accounts().map(|account| time(population.behaviour(account))).collect();
        times.sort_unstable();
        times[times.len() / 2]
    };
    let spans: Vec<(i64, i64)> =
        parts.iter().map(|part| (middle(part, |of| of.first), middle(part, |of| of.last))).collect();
    let overlap = |one: &(i64, i64), two: &(i64, i64)| {
        let shorter = (one.1 - one.0).min(two.1 - two.0) as f64;
        (one.1.min(two.1) - one.0.max(two.0)) as f64 >= OVERLAP_MIN * shorter
    };
    spans.iter().enumerate().all(|(at, one)| spans[at + 1..].iter().all(|two| overlap(one, two)))
}

impl Shared {
    fn of(group: &Group, population: &Population<'_>, incidence: &Incidence) -> Self {
        let mut pairs: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        let place = |account| group.carriers.binary_search_by_key(&account, |carrier| carrier.account).ok();
        for item in split::asked(group, population).chunk_by(|one, two| one.0 == two.0) {
            let mut places: Vec<usize> = item.iter().filter_map(|&(_, account, _)| place(account)).collect();
            places.dedup();
            let several = (2..=ACCOUNTS_PER_ITEM_MAX).contains(&places.len());
            if !several || split::outside(item[0].0, group, incidence) > places.len() as u64 {
                continue;
            }
            for (at, &one) in places.iter().enumerate() {
                for &two in &places[at + 1..] {
                    *pairs.entry((one, two)).or_default() += 1;
                }
            }
        }
        Self::from_pairs(group.carriers.len(), pairs)
    }

    fn from_pairs(accounts: usize, pairs: impl IntoIterator<Item = ((usize, usize), u64)>) -> Self {
        let mut neighbours = vec![Vec::new(); accounts];
        for ((one, two), items) in pairs {
            neighbours[one].push((two, items));
            neighbours[two].push((one, items));
        }
        Self(neighbours)
    }

    fn degree(&self, place: usize) -> u64 {
        self.0[place].iter().map(|&(_, items)| items).sum()
    }

    /// An operator for each account; none where one operator, or no operator, explains the group.
    fn colours(&self) -> Option<Vec<usize>> {
        let connected = self.connected();
        let items: u64 = connected.iter().map(|&place| self.degree(place)).sum();
        let degree = items as f64 / connected.len().max(1) as f64;
        // Whoever shares nothing with the bulk says nothing: half of the accounts must be in it.
        if 2 * connected.len() < self.0.len() {
            return None;
        }
        let enough = |operators: &usize| degree >= DEGREE_MIN * (*operators as f64 - 1.0);
        (2..=OPERATORS_MAX).take_while(enough).find_map(|operators| {
            let mut colours = self.greedy(connected[0], operators);
            self.improve(&connected, &mut colours, operators);
            let within: u64 = connected.iter().map(|&place| self.with(place, &colours, colours[place])).sum();
            (within as f64 <= WITHIN_MAX * items as f64).then(|| self.complete(&connected, colours, operators))
        })
    }

    /// The largest connected part, the account with the most shared items first.
    fn connected(&self) -> Vec<usize> {
        let mut seen = vec![false; self.0.len()];
        let mut largest: Vec<usize> = Vec::new();
        for start in 0..self.0.len() {
            let mut part = Vec::new();
            let mut waiting = vec![start];
            while let Some(place) = waiting.pop() {
                if !std::mem::replace(&mut seen[place], true) {
                    part.push(place);
                    waiting.extend(self.0[place].iter().map(|&(other, _)| other).filter(|&other| !seen[other]));
                }
            }
            if part.len() > largest.len() {
                largest = part;
            }
        }
        largest.sort_unstable_by_key(|&place| (std::cmp::Reverse(self.degree(place)), place));
        largest
    }

    /// Items that an account shares with those of a colour.
    fn with(&self, place: usize, colours: &[usize], colour: usize) -> u64 {
        self.0[place].iter().filter(|&&(other, _)| colours[other] == colour).map(|&(_, items)| items).sum()
    }

    fn least(&self, place: usize, colours: &[usize], operators: usize) -> usize {
        (0..operators).min_by_key(|&colour| (self.with(place, colours, colour), colour)).unwrap_or(0)
    }

    /// Colours from `start` on, always the account next whose coloured neighbours say most.
    fn greedy(&self, start: usize, operators: usize) -> Vec<usize> {
        let mut colours = vec![usize::MAX; self.0.len()];
        let mut told = vec![0u64; self.0.len()];
        let mut waiting = BinaryHeap::from([(u64::MAX, std::cmp::Reverse(start))]);
        while let Some((_, std::cmp::Reverse(place))) = waiting.pop() {
            if colours[place] != usize::MAX {
                continue;
            }
            colours[place] = self.least(place, &colours, operators);
            for &(other, items) in self.0[place].iter().filter(|&&(other, _)| colours[other] == usize::MAX) {
                told[other] += items;
                waiting.push((told[other], std::cmp::Reverse(other)));
            }
        }
        colours
    }

    fn improve(&self, connected: &[usize], colours: &mut [usize], operators: usize) {
        for _ in 0..ROUNDS_MAX {
            let mut moved = false;
            for &place in connected {
                let best = self.least(place, colours, operators);
                if self.with(place, colours, best) < self.with(place, colours, colours[place]) {
                    colours[place] = best;
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Accounts outside of the connected part go with the largest operator.
    fn complete(&self, connected: &[usize], colours: Vec<usize>, operators: usize) -> Vec<usize> {
        let mut sizes = vec![0usize; operators];
        connected.iter().for_each(|&place| sizes[colours[place]] += 1);
        let largest = (0..operators).max_by_key(|&colour| (sizes[colour], std::cmp::Reverse(colour))).unwrap_or(0);
        let mut all = vec![largest; colours.len()];
        connected.iter().for_each(|&place| all[place] = colours[place]);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pools that draw `asked` items each from a common list, `times` accounts of a pool an item, the accounts at random.
    fn shared(pools: &[usize], asked: u64, times: usize, seed: u64) -> (Shared, Vec<usize>) {
        let mut state = seed;
        let mut below = |bound: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % bound
        };
        let owner: Vec<usize> =
            pools.iter().enumerate().flat_map(|(pool, &size)| std::iter::repeat_n(pool, size)).collect();
        let mut pairs: BTreeMap<(usize, usize), u64> = BTreeMap::new();
        for _ in 0..asked {
            let mut places: Vec<usize> = Vec::new();
            let mut from = 0;
            for &size in pools {
                places.extend((0..times).map(|_| from + below(size)));
                from += size;
            }
            places.sort_unstable();
            places.dedup();
            for (at, &one) in places.iter().enumerate() {
                for &two in &places[at + 1..] {
                    *pairs.entry((one, two)).or_default() += 1;
                }
            }
        }
        (Shared::from_pairs(owner.len(), pairs), owner)
    }

    /// Whether the colours say exactly who belongs to whom.
    fn agrees(colours: &[usize], owner: &[usize]) -> bool {
        (0..owner.len()).all(|one| (0..one).all(|two| (colours[one] == colours[two]) == (owner[one] == owner[two])))
    }

    #[test]
    fn operators_of_one_list_are_told_apart() {
        for seed in 1..6 {
            let (two, owner) = shared(&[300, 200], 3_000, 1, seed);
            assert!(two.colours().is_some_and(|colours| agrees(&colours, &owner)), "{seed}");
            let (three, owner) = shared(&[60, 50, 40], 2_000, 1, seed);
            assert!(three.colours().is_some_and(|colours| agrees(&colours, &owner)), "{seed}");
        }
    }

    #[test]
    fn one_operator_stays_whole() {
        for seed in 1..6 {
            // nothing shared, too little shared, a list handed out twice, and four times
            for (asked, times) in [(0, 1), (150, 2), (3_000, 2), (3_000, 4)] {
                let (one, _) = shared(&[300], asked, times, seed);
                assert_eq!(one.colours(), None, "{asked} items, {times} times");
            }
        }
    }

    #[test]
    fn strangers_with_common_interests_stay_whole() {
        // any two of forty share some of a thousand items
        let (strangers, _) = shared(&[40], 1_000, 3, 9);
        assert_eq!(strangers.colours(), None);
    }
}
