//! Walks the days, judges what is linked on each, and remembers what was convicted.
//!
//! Each day is decided from its own and earlier rows; a flag, once given, stays with its time. So what a scan of a
//! month says of its tenth day is what a running system would have said that evening.

use std::collections::BTreeMap;

use crate::findings::{ClearedGroup, Parameters};
use crate::group::Group;
use crate::history::History;
use crate::incidence::{FeatureIndex, Incidence};
use crate::judge::{self, Day, Judgement};
use crate::link;
use crate::part;
use crate::population::{AccountIndex, Population};
use crate::posterior;
use crate::signal::origin::{self, Origins};
use crate::signal::reference::Reference;

/// Overlap (of the smaller) from which two groups are one campaign.
const SAME_OVERLAP_MIN: f64 = 0.5;
/// Cleared groups that are reported.
const CLEARED_MAX: usize = 50;

/// When and how surely an account was flagged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// Highest posterior so far.
    pub posterior: f64,
    /// Day at whose end it was flagged, with ln of the campaign's e-value then.
    pub flagged: Option<(u32, f64)>,
    /// Exchanges that carry the shared features, as last counted.
    pub carried: u32,
}

/// A convicted group, over the days.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its oldest defining feature when it was first convicted; none when it is linked without text.
    pub founding: Option<FeatureIndex>,
    /// The group as last convicted.
    pub group: Group,
    /// The judgement that convicted it last.
    pub judgement: Judgement,
    /// Day of the first conviction.
    pub first_day: u32,
    /// Its accounts.
    pub standings: BTreeMap<AccountIndex, Standing>,
}

/// All that the walk leaves behind.
#[derive(Debug)]
pub struct Walk<'h> {
    /// The accounts at the end.
    pub population: Population<'h>,
    /// What they share at the end.
    pub incidence: Incidence,
    /// What customers are like at the end.
    pub reference: Reference,
    /// Origins at the end.
    pub origins: Vec<Origins>,
    /// Campaigns in the order in which they were found.
    pub records: Vec<Record>,
    /// Groups of the last day that were left alone.
    pub cleared: Vec<(Group, Judgement)>,
}

/// Walks all days of a history.
pub fn walk<'h>(history: &'h History, parameters: &Parameters) -> Walk<'h> {
    let mut population = Population::new(history);
    let mut incidence = Incidence::new(&population);
    let mut records: Vec<Record> = Vec::new();
    let mut cleared = Vec::new();
    let mut reference = Reference::new(&population, &[]);
    let mut origins = Vec::new();
    for day in 0..population.days() {
        population.advance();
        incidence.advance();
        let groups = groups(&population, &incidence, parameters);
        reference = Reference::new(&population, &linked(&groups));
        origins = origin::origins(&population, &incidence, history.origin.0);
        let today = Day { population: &population, incidence: &incidence, reference: &reference, origins: &origins };
        cleared = judge_day(day, groups, &today, parameters, &mut records);
    }
    // A campaign that today's evidence alone would not convict was not left alone.
    cleared.retain(|(group, _)| same(group, &records, &[]).is_none());
    Walk { population, incidence, reference, origins, records, cleared }
}

/// The candidate groups of a day, each in its parts.
fn groups(population: &Population<'_>, incidence: &Incidence, parameters: &Parameters) -> Vec<Vec<Group>> {
    let mut threads = link::threads(population, incidence, parameters);
    threads.extend(link::by_origin(population, incidence, parameters));
    let groups = threads.iter().filter_map(|thread| Group::of_thread(thread, population, incidence, parameters));
    groups.map(|group| part::parts(group, population, incidence, parameters)).collect()
}

/// The accounts of all groups, in order.
fn linked(groups: &[Vec<Group>]) -> Vec<AccountIndex> {
    let mut linked: Vec<AccountIndex> = groups.iter().flatten().flat_map(Group::accounts).collect();
    linked.sort_unstable();
    linked.dedup();
    linked
}

fn judge_day(
    day: u32,
    groups: Vec<Vec<Group>>,
    today: &Day<'_, '_>,
    parameters: &Parameters,
    records: &mut Vec<Record>,
) -> Vec<(Group, Judgement)> {
    let threshold = judge::threshold(parameters, day, groups.iter().map(Vec::len).sum());
    let mut cleared = Vec::new();
    for parts in groups {
        let mut taken = Vec::new();
        for group in parts {
            let judgement = judge::judge(&group, today, threshold);
            if judgement.cleared.is_some() {
                cleared.push((group, judgement));
            } else {
                taken.push(convict(day, (group, judgement), today, parameters, records, &taken));
            }
        }
    }
    cleared.sort_by(|(one, _), (two, _)| {
        two.carriers.len().cmp(&one.carriers.len()).then_with(|| two.carried().cmp(&one.carried()))
    });
    cleared.truncate(CLEARED_MAX);
    cleared
}

/// A cleared group as it is reported.
pub fn describe_cleared((group, judgement): &(Group, Judgement), incidence: &Incidence) -> ClearedGroup {
    ClearedGroup {
        what: what(group, incidence),
        accounts: group.carriers.len() as u64,
        exchanges: group.carried(),
        reason: judgement.cleared.clone().unwrap_or_default(),
    }
}

/// What the accounts share, in words.
fn what(group: &Group, incidence: &Incidence) -> String {
    if group.features.is_empty() {
        return "accounts that share payments, devices or signatures".to_owned();
    }
    let mut kinds: Vec<&str> = group.features.iter().map(|&feature| incidence.feature(feature).kind.name()).collect();
    kinds.dedup();
    kinds.truncate(3);
    format!("accounts that share: {}", kinds.join(", "))
}

/// Enters a convicted group into the records and flags its accounts; returns the record. Those of its sister parts are
/// `taken`: parts of one group are different operators, also where an earlier day could not tell.
fn convict(
    day: u32,
    (group, judgement): (Group, Judgement),
    today: &Day<'_, '_>,
    parameters: &Parameters,
    records: &mut Vec<Record>,
    taken: &[usize],
) -> usize {
    let of_group = posterior::of_group(judgement.ln_e, parameters);
    let posteriors = posterior::of_carriers(&group, today.population, of_group);
    let ln_e = judgement.ln_e;
    let index = match same(&group, records, taken) {
        Some(index) => index,
        None => {
            records.push(Record {
                founding: founding(&group, today.incidence),
                group: group.clone(),
                judgement: judgement.clone(),
                first_day: day,
                standings: BTreeMap::new(),
            });
            records.len() - 1
        }
    };
    for (carrier, posterior) in group.carriers.iter().zip(posteriors) {
        let Some(mut standing) = claim(carrier.account, index, records) else { continue };
        standing.posterior = standing.posterior.max(posterior);
        standing.carried = standing.carried.max(carrier.carried);
        if standing.flagged.is_none() && standing.posterior >= parameters.posterior_min {
            standing.flagged = Some((day, ln_e));
        }
        records[index].standings.insert(carrier.account, standing);
    }
    let record = &mut records[index];
    if group.carriers.len() >= record.group.carriers.len() || record.group.features == group.features {
        record.group = group;
        record.judgement = judgement;
    }
    index
}

/// The standing of an account that a campaign may have: its own; or that of another campaign whose group the account
/// has left, taken over with its flag, since an account is flagged once; none when another one holds it flagged.
fn claim(account: AccountIndex, index: usize, records: &mut [Record]) -> Option<Standing> {
    if let Some(&own) = records[index].standings.get(&account) {
        return Some(own);
    }
    for (other, record) in records.iter_mut().enumerate() {
        let Some(standing) = record.standings.get(&account).filter(|_| other != index) else { continue };
        let flagged = standing.flagged.is_some();
        if !record.group.has(account) {
            return record.standings.remove(&account);
        }
        if flagged {
            return None;
        }
    }
    Some(Standing { posterior: 0.0, flagged: None, carried: 0 })
}

/// The record that a group continues.
fn same(group: &Group, records: &[Record], taken: &[usize]) -> Option<usize> {
    let overlap = |record: &Record| {
        let both = group.accounts().filter(|account| record.standings.contains_key(account)).count() as f64;
        both / group.carriers.len().min(record.standings.len()).max(1) as f64
    };
    let best = records.iter().map(overlap).enumerate().filter(|(index, _)| !taken.contains(index));
    let best = best.max_by(|one, two| one.1.total_cmp(&two.1).then(two.0.cmp(&one.0)))?;
    (best.1 >= SAME_OVERLAP_MIN).then_some(best.0)
}

/// The oldest feature of a group; of several the one with the smallest hash, text before anything else.
fn founding(group: &Group, incidence: &Incidence) -> Option<FeatureIndex> {
    let order = |&feature: &FeatureIndex| {
        let of = incidence.feature(feature);
        (!of.kind.is_text(), incidence.first_day(feature), of.hash)
    };
    group.features.iter().copied().min_by_key(order)
}
