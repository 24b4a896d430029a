//! Scores what a scan found against the truth of a simulated world.
//!
//! Definitions are those of the input contract: *recall* is the share of a campaign's accounts that are flagged; an
//! exchange is *served* if its time is before its account's flag, or the account was never flagged; *purity* is the
//! share of the best-matching found campaign's accounts that truly belong, *completeness* the share of the true
//! campaign's accounts in it.
//! Invariant: an account with any exchange of a campaign is no innocent; every other account is one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Serialize;
use stillwatch_detect::campaign::{Campaign, Flag};
use stillwatch_stats::interval::{Interval, clopper_pearson};
use stillwatch_traffic::exchange::{Timestamp, Truth};

/// Confidence of every interval.
const LEVEL: f64 = 0.95;

/// Least share of a campaign's accounts that must be flagged, at strengths 1 and 2.
pub const RECALL_LEAST: f64 = 0.95;
/// Least purity of the best match, at strengths 1 and 2.
pub const PURITY_LEAST: f64 = 0.98;
/// The greatest strength for which the bars hold.
pub const STRENGTH_BARRED: i32 = 2;

/// How one planted campaign fared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignScore {
    /// Its name in the truth.
    pub campaign: String,
    /// Its kind.
    pub kind: String,
    /// Strength of the attacker, 1 to 5.
    pub strength: i32,
    /// Its accounts.
    pub accounts: u64,
    /// Of these, flagged.
    pub flagged: u64,
    /// Its exchanges.
    pub exchanges: u64,
    /// Of these, served before the flag.
    pub served: u64,
    /// The found campaign that shares most accounts with it.
    pub found: Option<String>,
    /// Accounts of the found campaign.
    pub found_accounts: u64,
    /// Accounts in both.
    pub common: u64,
    /// Days from its first exchange to its first flag.
    pub days_to_flag: Option<f64>,
}

impl CampaignScore {
    /// Share of its accounts that are flagged, 0 to 1.
    pub fn recall(&self) -> f64 {
        ratio(self.flagged, self.accounts)
    }

    /// Share of its exchanges that were served before the flag, 0 to 1.
    pub fn served_ratio(&self) -> f64 {
        ratio(self.served, self.exchanges)
    }

    /// Share of the found campaign's accounts that belong, 0 to 1; 0 when none was found.
    pub fn purity(&self) -> f64 {
        ratio(self.common, self.found_accounts)
    }

    /// Share of its accounts that are in the found campaign, 0 to 1.
    pub fn completeness(&self) -> f64 {
        ratio(self.common, self.accounts)
    }

    /// Whether it meets the bars, or is too strong for them to apply.
    pub fn passes(&self) -> bool {
        self.strength > STRENGTH_BARRED || (self.recall() >= RECALL_LEAST && self.purity() >= PURITY_LEAST)
    }
}

/// How one class of innocents fared.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ClassScore {
    /// Its name in the truth.
    pub class: String,
    /// Accounts seen.
    pub accounts: u64,
    /// Of these, flagged.
    pub flagged: u64,
    /// Communities of two accounts or more, where the world tells who acts together; else 0.
    pub communities: u64,
    /// Of these, with an account that is flagged.
    pub communities_flagged: u64,
}

impl ClassScore {
    /// Interval of the share of accounts flagged.
    pub fn interval(&self) -> Interval {
        interval(self.flagged, self.accounts)
    }

    /// Interval of the share of communities with a flag.
    pub fn communities_interval(&self) -> Interval {
        interval(self.communities_flagged, self.communities)
    }
}

/// How a scan fared.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Score {
    /// Planted campaigns, by name.
    pub campaigns: Vec<CampaignScore>,
    /// Innocent classes, by name.
    pub classes: Vec<ClassScore>,
}

impl Score {
    /// Whether every bar holds.
    pub fn passes(&self) -> bool {
        self.campaigns.iter().all(CampaignScore::passes) && self.innocents_flagged() == 0
    }

    /// Innocent accounts flagged.
    pub fn innocents_flagged(&self) -> u64 {
        self.classes.iter().map(|class| class.flagged).sum()
    }

    /// Innocent accounts seen.
    pub fn innocents(&self) -> u64 {
        self.classes.iter().map(|class| class.accounts).sum()
    }

    /// Adds the innocents of another world; campaigns are kept side by side.
    pub fn add(&mut self, other: Self) {
        self.campaigns.extend(other.campaigns);
        for class in other.classes {
            match self.classes.binary_search_by(|known| known.class.cmp(&class.class)) {
                Ok(place) => {
                    let known = &mut self.classes[place];
                    known.accounts += class.accounts;
                    known.flagged += class.flagged;
                    known.communities += class.communities;
                    known.communities_flagged += class.communities_flagged;
                }
                Err(place) => self.classes.insert(place, class),
            }
        }
    }
}

/// Clopper and Pearson's exact interval of a share, two-sided at 95 %.
pub fn interval(part: u64, whole: u64) -> Interval {
    clopper_pearson(part, whole, LEVEL)
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A campaign as it was planted: the times of its exchanges, by account.
#[derive(Debug)]
struct Planted {
    name: String,
    kind: String,
    strength: i32,
    times: BTreeMap<String, Vec<Timestamp>>,
}

impl Planted {
    fn count(&self, wanted: impl Fn(&str, Timestamp) -> bool) -> u64 {
        let of =
            |(account, times): (&String, &Vec<Timestamp>)| times.iter().filter(|time| wanted(account, **time)).count();
        self.times.iter().map(of).sum::<usize>() as u64
    }
}

/// The truth of a world, folded row by row.
///
/// Memory: one entry an account, 8 bytes for each exchange of a campaign, and 16 more where truth and time come apart.
#[derive(Debug, Default)]
pub struct Ledger {
    planted: Vec<Planted>,
    /// Innocent accounts by class, and the number of their community where that is known.
    classes: BTreeMap<String, BTreeMap<String, Option<u32>>>,
    guilty: BTreeSet<String>,
    campaign_of: HashMap<u64, u32>,
}

fn name_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

impl Ledger {
    /// Takes an exchange of which truth, time and the account's innocent community are known at once.
    pub fn exchange(&mut self, truth: &Truth, time: Timestamp, community: Option<u32>) {
        match &truth.campaign {
            None => self.innocent(truth, community),
            Some(campaign) => {
                let place = self.place(truth, campaign);
                self.guilty_times(place, &truth.account).push(time);
            }
        }
    }

    /// Takes the truth of an exchange whose time follows in [`Ledger::time`].
    pub fn truth(&mut self, truth: &Truth) {
        match &truth.campaign {
            None => self.innocent(truth, None),
            Some(campaign) => {
                let place = self.place(truth, campaign);
                self.guilty_times(place, &truth.account);
                self.campaign_of.insert(name_of(&truth.id), place as u32);
            }
        }
    }

    /// Takes the time of an exchange whose truth is known.
    pub fn time(&mut self, id: &str, account: &str, time: Timestamp) {
        if let Some(&place) = self.campaign_of.get(&name_of(id)) {
            self.guilty_times(place as usize, account).push(time);
        }
    }

    fn innocent(&mut self, truth: &Truth, community: Option<u32>) {
        if !self.classes.contains_key(&truth.kind) {
            self.classes.insert(truth.kind.clone(), BTreeMap::new());
        }
        if let Some(accounts) = self.classes.get_mut(&truth.kind)
            && !accounts.contains_key(&truth.account)
        {
            accounts.insert(truth.account.clone(), community);
        }
    }

    fn place(&mut self, truth: &Truth, campaign: &str) -> usize {
        let known = self.planted.iter().position(|planted| planted.name == campaign);
        known.unwrap_or_else(|| {
            let (name, kind) = (campaign.to_owned(), truth.kind.clone());
            self.planted.push(Planted { name, kind, strength: truth.strength, times: BTreeMap::new() });
            self.planted.len() - 1
        })
    }

    fn guilty_times(&mut self, place: usize, account: &str) -> &mut Vec<Timestamp> {
        if !self.guilty.contains(account) {
            self.guilty.insert(account.to_owned());
        }
        self.planted[place].times.entry(account.to_owned()).or_default()
    }

    /// The score of what a scan found.
    pub fn score(&self, found: &[Campaign], flags: &[Flag]) -> Score {
        let mut flagged_at: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for flag in flags {
            let earliest = flagged_at.entry(&flag.account).or_insert(flag.flagged_at);
            *earliest = flag.flagged_at.min(*earliest);
        }
        let mut campaigns: Vec<_> =
            self.planted.iter().map(|planted| score_campaign(planted, found, &flagged_at)).collect();
        campaigns.sort_by(|a, b| a.campaign.cmp(&b.campaign));
        let mut classes: Vec<_> =
            self.classes.iter().map(|(class, accounts)| self.class(class, accounts, &flagged_at)).collect();
        classes.retain(|class| class.accounts > 0);
        Score { campaigns, classes }
    }

    fn class(
        &self,
        class: &str,
        accounts: &BTreeMap<String, Option<u32>>,
        flagged_at: &BTreeMap<&str, Timestamp>,
    ) -> ClassScore {
        let mut score = ClassScore { class: class.to_owned(), ..ClassScore::default() };
        // Of each community: its accounts, and how many of them are flagged.
        let mut communities: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
        for (account, community) in accounts.iter().filter(|(account, _)| !self.guilty.contains(*account)) {
            let flagged = u64::from(flagged_at.contains_key(account.as_str()));
            score.accounts += 1;
            score.flagged += flagged;
            if let Some(community) = community {
                let (all, bad) = communities.entry(*community).or_default();
                *all += 1;
                *bad += flagged;
            }
        }
        // One account alone is no community.
        communities.retain(|_, (accounts, _)| *accounts > 1);
        score.communities = communities.len() as u64;
        score.communities_flagged = communities.values().filter(|(_, flagged)| *flagged > 0).count() as u64;
        score
    }
}

fn score_campaign(planted: &Planted, found: &[Campaign], flagged_at: &BTreeMap<&str, Timestamp>) -> CampaignScore {
    let common = |campaign: &Campaign| {
        campaign.accounts.iter().filter(|member| planted.times.contains_key(&member.account)).count() as u64
    };
    // Among equals the smaller (purer) one, then the first: found campaigns come in a stable order.
    let best = found
        .iter()
        .map(|campaign| (common(campaign), campaign))
        .filter(|(common, _)| *common > 0)
        .min_by_key(|(common, campaign)| (u64::MAX - common, campaign.accounts.len()));
    let flags: Vec<Timestamp> =
        planted.times.keys().filter_map(|account| flagged_at.get(account.as_str())).copied().collect();
    let first = planted.times.values().flatten().min();
    let days = |from: Timestamp, to: Timestamp| (to.0 - from.0) as f64 / Timestamp::DAY as f64;
    CampaignScore {
        campaign: planted.name.clone(),
        kind: planted.kind.clone(),
        strength: planted.strength,
        accounts: planted.times.len() as u64,
        flagged: flags.len() as u64,
        exchanges: planted.count(|_, _| true),
        served: planted.count(|account, time| flagged_at.get(account).is_none_or(|flag| time < *flag)),
        found: best.map(|(_, campaign)| campaign.id.clone()),
        found_accounts: best.map_or(0, |(_, campaign)| campaign.accounts.len() as u64),
        common: best.map_or(0, |(common, _)| common),
        days_to_flag: first.zip(flags.iter().min()).map(|(first, flag)| days(*first, *flag)),
    }
}

#[cfg(test)]
mod tests {
    use stillwatch_detect::campaign::{Grade, Impact, Member, Verdict};

    use super::*;

    fn flag(account: &str, day: i64) -> Flag {
        Flag {
            account: account.into(),
            campaign: "found".into(),
            verdict: Verdict::Block,
            grade: Grade::Inferred,
            confidence: 99,
            flagged_at: Timestamp(day * Timestamp::DAY),
            e_value: 1e6,
        }
    }

    fn found(id: &str, accounts: &[&str]) -> Campaign {
        let member = |account: &&str| Member {
            account: (*account).into(),
            confidence: 99,
            verdict: Verdict::Block,
            flagged_at: None,
            exchanges: 1,
            exchanges_all: 1,
        };
        Campaign {
            id: id.into(),
            accounts: accounts.iter().map(member).collect(),
            exchanges: 0,
            first_seen: Timestamp(0),
            last_seen: Timestamp(0),
            techniques: vec![],
            targets: vec![],
            grade: Grade::Inferred,
            confidence: 99,
            evidence: vec![],
            impact: Impact::default(),
            verdict: Verdict::Block,
            held_back: None,
            shared: vec![],
            origins: vec![],
            timeline: vec![],
            hours: vec![],
            hours_platform: vec![],
        }
    }

    /// A campaign of a, b, c, d with one exchange a day on days 0 to 9, and an innocent community of x, y.
    fn ledger(apart: bool) -> Ledger {
        let mut ledger = Ledger::default();
        let accounts = [("a", true), ("b", true), ("c", true), ("d", true), ("x", false), ("y", false)];
        let mut times = Vec::new();
        for (account, guilty) in accounts {
            for day in 0..10 {
                let truth = Truth {
                    id: format!("{account}{day}"),
                    account: account.into(),
                    campaign: guilty.then(|| "planted".into()),
                    kind: if guilty { "drip" } else { "office" }.into(),
                    strength: i32::from(guilty),
                };
                let time = Timestamp(day * Timestamp::DAY);
                if apart {
                    ledger.truth(&truth)
                } else {
                    ledger.exchange(&truth, time, (!guilty).then_some(1))
                }
                times.push((truth, time));
            }
        }
        if apart {
            times.iter().for_each(|(truth, time)| ledger.time(&truth.id, &truth.account, *time));
        }
        ledger
    }

    #[test]
    fn the_definitions_hold_on_an_example_worked_by_hand() {
        for apart in [false, true] {
            let flags = [flag("a", 2), flag("b", 5), flag("c", 5), flag("x", 9)];
            let found = [found("half", &["a", "b"]), found("best", &["a", "b", "c", "x"])];
            let score = ledger(apart).score(&found, &flags);
            let [campaign] = &score.campaigns[..] else { panic!("{score:?}") };
            assert_eq!((campaign.accounts, campaign.flagged, campaign.recall()), (4, 3, 0.75));
            // a is served on 2 days, b and c on 5 each, d on all 10: a flag's own instant is no longer served.
            assert_eq!((campaign.exchanges, campaign.served), (40, 22));
            assert_eq!(campaign.found.as_deref(), Some("best"));
            assert_eq!((campaign.purity(), campaign.completeness()), (0.75, 0.75));
            assert_eq!(campaign.days_to_flag, Some(2.0));
            let [class] = &score.classes[..] else { panic!("{score:?}") };
            let communities = u64::from(!apart);
            assert_eq!((class.accounts, class.flagged), (2, 1));
            assert_eq!((class.communities, class.communities_flagged), (communities, communities));
            assert!(!score.passes());
        }
    }

    #[test]
    fn nothing_found_is_served_in_full_and_fails() {
        let score = ledger(false).score(&[], &[]);
        let [campaign] = &score.campaigns[..] else { panic!("{score:?}") };
        assert_eq!((campaign.recall(), campaign.served_ratio(), campaign.purity()), (0.0, 1.0, 0.0));
        assert_eq!((campaign.found.as_deref(), campaign.days_to_flag), (None, None));
        assert!(!score.passes());
        assert_eq!(score.innocents_flagged(), 0);
    }

    #[test]
    fn the_bars_pass_when_all_are_found_and_nobody_else() {
        let all = ["a", "b", "c", "d"];
        let mut score = ledger(false).score(&[found("best", &all)], &all.map(|account| flag(account, 1)));
        assert!(score.passes());
        score.add(ledger(false).score(&[found("wrong", &["x", "y"])], &[flag("x", 1)]));
        assert!(!score.passes());
        assert_eq!((score.campaigns.len(), score.innocents(), score.innocents_flagged()), (2, 4, 1));
        assert_eq!((score.classes[0].communities, score.classes[0].communities_flagged), (2, 1));
    }
}
