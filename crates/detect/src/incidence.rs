//! Which accounts share which features, up to a day.
//!
//! Only features of at least [`SHARED_MIN`] accounts can link, so everything else is left out of memory: a first pass
//! counts accounts per feature in a table of small counters (which may count too many, never too few), a second keeps
//! what passed and counts it exactly. Which features pass depends on the whole history, but what is *said* of a
//! feature on a day comes from the days before it alone.

use stillwatch_feature::kind::{Feature, Kind};

use crate::counted::Entry;
use crate::population::{AccountIndex, Population};

/// Accounts that must share a feature.
pub const SHARED_MIN: u32 = 5;
/// Two accounts with one reasoning signature are already remarkable.
const SIGNATURE_SHARED_MIN: u32 = 2;
/// Counters of the first pass, a power of two.
const COUNTERS: usize = 1 << 26;

/// One account's use of one feature up to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// The account.
    pub account: AccountIndex,
    /// Exchanges that have the feature.
    pub count: u32,
    /// Those in a later turn.
    pub followups: u32,
    /// Hours of the day, one bit each.
    pub hours: u32,
}

/// Number of a feature: its place in the order of kinds and hashes.
pub type FeatureIndex = u32;

/// The shared features with their cells.
#[derive(Debug)]
pub struct Incidence {
    features: Vec<Feature>,
    /// First cell by feature, with one more at the end.
    starts: Vec<u32>,
    cells: Vec<Cell>,
    /// First day on which an account had the feature.
    first_day: Vec<u32>,
    /// What each day adds: cell and entry.
    by_day: Vec<Vec<(u32, Entry)>>,
    days_done: u32,
}

impl Incidence {
    /// Collects the shared features of a population; no day is added yet.
    pub fn new(population: &Population<'_>) -> Self {
        let counters = count(population);
        let mut postings = Vec::new();
        for account in 0..population.len() as u32 {
            for row in population.all_rows_of(account) {
                for entry in row.profile.features.settled().iter() {
                    let passes = counters[counter(entry.feature)] >= shared_min(entry.feature.kind) as u8;
                    if links(entry.feature.kind) && passes {
                        postings.push((entry.feature, account, row.day, *entry));
                    }
                }
            }
        }
        drop(counters);
        postings.sort_unstable_by_key(|&(feature, account, day, _)| (feature, account, day));
        Self::from_sorted(&postings, population.days())
    }

    fn from_sorted(postings: &[(Feature, AccountIndex, u32, Entry)], days: u32) -> Self {
        let mut incidence = Self {
            features: Vec::new(),
            starts: Vec::new(),
            cells: Vec::new(),
            first_day: Vec::new(),
            by_day: vec![Vec::new(); days as usize],
            days_done: 0,
        };
        for of_feature in postings.chunk_by(|one, two| one.0 == two.0) {
            let accounts = of_feature.chunk_by(|one, two| one.1 == two.1).count() as u32;
            if accounts < shared_min(of_feature[0].0.kind) {
                continue;
            }
            incidence.features.push(of_feature[0].0);
            incidence.starts.push(incidence.cells.len() as u32);
            incidence.first_day.push(of_feature.iter().map(|posting| posting.2).min().unwrap_or(0));
            for of_account in of_feature.chunk_by(|one, two| one.1 == two.1) {
                let cell = incidence.cells.len() as u32;
                incidence.cells.push(Cell { account: of_account[0].1, count: 0, followups: 0, hours: 0 });
                for &(_, _, day, entry) in of_account {
                    incidence.by_day[day as usize].push((cell, entry));
                }
            }
        }
        incidence.starts.push(incidence.cells.len() as u32);
        incidence
    }

    /// Adds the next day.
    pub fn advance(&mut self) {
        for (cell, entry) in std::mem::take(&mut self.by_day[self.days_done as usize]) {
            let cell = &mut self.cells[cell as usize];
            cell.count = cell.count.saturating_add(entry.count);
            cell.followups = cell.followups.saturating_add(entry.followups);
            cell.hours |= entry.hours;
        }
        self.days_done += 1;
    }

    /// Number of shared features.
    pub fn len(&self) -> usize {
        self.features.len()
    }

    /// Whether nothing is shared.
    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// The number of a feature, when it is shared.
    pub fn find(&self, feature: Feature) -> Option<FeatureIndex> {
        self.features.binary_search(&feature).ok().map(|index| index as FeatureIndex)
    }

    /// A feature by number.
    pub fn feature(&self, feature: FeatureIndex) -> Feature {
        self.features[feature as usize]
    }

    /// First day on which an account had the feature.
    pub fn first_day(&self, feature: FeatureIndex) -> u32 {
        self.first_day[feature as usize]
    }

    /// The accounts that have had a feature up to now, by account.
    pub fn cells(&self, feature: FeatureIndex) -> impl Iterator<Item = &Cell> {
        let (from, to) = (self.starts[feature as usize], self.starts[feature as usize + 1]);
        self.cells[from as usize..to as usize].iter().filter(|cell| cell.count > 0)
    }
}

/// Kinds that are looked at from the features' side.
fn links(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Skeleton | Kind::Shape | Kind::AutonomousSystem | Kind::UserAgent | Kind::Ja4 | Kind::Conversation
    )
}

fn shared_min(kind: Kind) -> u32 {
    if kind == Kind::Signature { SIGNATURE_SHARED_MIN } else { SHARED_MIN }
}

fn counter(feature: Feature) -> usize {
    (feature.hash ^ (feature.kind as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)) as usize & (COUNTERS - 1)
}

/// Accounts per feature, at least; capped at 255.
fn count(population: &Population<'_>) -> Vec<u8> {
    let mut counters = vec![0u8; COUNTERS];
    let mut of_account: Vec<Feature> = Vec::new();
    for account in 0..population.len() as u32 {
        of_account.clear();
        for row in population.all_rows_of(account) {
            let settled = row.profile.features.settled();
            of_account.extend(settled.iter().map(|entry| entry.feature).filter(|feature| links(feature.kind)));
        }
        of_account.sort_unstable();
        of_account.dedup();
        for &feature in &of_account {
            let counter = &mut counters[counter(feature)];
            *counter = counter.saturating_add(1);
        }
    }
    counters
}
