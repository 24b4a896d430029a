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
use stillwatch_detect::campaign::{Campaign, Flag, Verdict};
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassScore {
    /// Its name in the truth.
    pub class: String,
    /// Accounts seen.
    pub accounts: u64,
    /// Of these, flagged.
    pub flagged: u64,
    /// Found campaigns with a verdict above watch most of whose accounts are of this class.
    pub communities_flagged: u64,
    /// Found campaigns left at watch most of whose accounts are of this class.
    pub communities_watched: u64,
}

impl ClassScore {
    /// Clopper–Pearson interval of the share flagged, at 95 %.
    pub fn interval(&self) -> Interval {
        clopper_pearson(self.flagged, self.accounts, LEVEL)
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
                    known.communities_flagged += class.communities_flagged;
                    known.communities_watched += class.communities_watched;
                }
                Err(place) => self.classes.insert(place, class),
            }
        }
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[derive(Debug)]
struct Planted {
    name: String,
    kind: String,
    strength: i32,
    accounts: BTreeSet<String>,
    exchanges: u64,
    served: u64,
    first: Option<Timestamp>,
}

/// The truth of a world and what became of its exchanges, folded row by row.
///
/// Memory: one entry an account, and 16 bytes for each exchange of a campaign.
#[derive(Debug, Default)]
pub struct Ledger {
    planted: Vec<Planted>,
    exchange_campaign: HashMap<u64, u32>,
    classes: BTreeMap<String, BTreeSet<String>>,
    guilty: BTreeSet<String>,
    flagged_at: BTreeMap<String, Timestamp>,
}

fn name_of(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

impl Ledger {
    /// Starts with what the scan flagged.
    pub fn new(flags: &[Flag]) -> Self {
        let mut ledger = Self::default();
        for flag in flags {
            let earliest = ledger.flagged_at.entry(flag.account.clone()).or_insert(flag.flagged_at);
            *earliest = flag.flagged_at.min(*earliest);
        }
        ledger
    }

    /// Takes the truth of one exchange. All truth comes before any time.
    pub fn truth(&mut self, truth: &Truth) {
        let Some(campaign) = &truth.campaign else {
            let accounts = self.classes.entry(truth.kind.clone()).or_default();
            if !accounts.contains(&truth.account) {
                accounts.insert(truth.account.clone());
            }
            return;
        };
        let place = self.planted.iter().position(|planted| planted.name == *campaign).unwrap_or_else(|| {
            self.planted.push(Planted {
                name: campaign.clone(),
                kind: truth.kind.clone(),
                strength: truth.strength,
                accounts: BTreeSet::new(),
                exchanges: 0,
                served: 0,
                first: None,
            });
            self.planted.len() - 1
        });
        let planted = &mut self.planted[place];
        if !planted.accounts.contains(&truth.account) {
            planted.accounts.insert(truth.account.clone());
            self.guilty.insert(truth.account.clone());
        }
        self.exchange_campaign.insert(name_of(&truth.id), place as u32);
    }

    /// Takes the time of one exchange.
    pub fn time(&mut self, id: &str, account: &str, time: Timestamp) {
        let Some(&place) = self.exchange_campaign.get(&name_of(id)) else { return };
        let planted = &mut self.planted[place as usize];
        planted.exchanges += 1;
        planted.first = Some(planted.first.map_or(time, |first| first.min(time)));
        if self.flagged_at.get(account).is_none_or(|flagged_at| time < *flagged_at) {
            planted.served += 1;
        }
    }

    /// The score, given the campaigns that the scan found.
    pub fn score(&self, found: &[Campaign]) -> Score {
        let mut campaigns: Vec<_> = self.planted.iter().map(|planted| self.campaign(planted, found)).collect();
        campaigns.sort_by(|a, b| a.campaign.cmp(&b.campaign));
        let mut classes: Vec<_> =
            self.classes.iter().map(|(class, accounts)| self.class(class, accounts, found)).collect();
        classes.retain(|class| class.accounts > 0);
        Score { campaigns, classes }
    }

    fn campaign(&self, planted: &Planted, found: &[Campaign]) -> CampaignScore {
        let common = |campaign: &Campaign| {
            campaign.accounts.iter().filter(|member| planted.accounts.contains(&member.account)).count() as u64
        };
        // Among equals the smaller (purer) one, then the first by id: found campaigns come in a stable order.
        let best = found
            .iter()
            .map(|campaign| (common(campaign), campaign))
            .filter(|(common, _)| *common > 0)
            .min_by_key(|(common, campaign)| (u64::MAX - common, campaign.accounts.len()));
        let flags: Vec<Timestamp> =
            planted.accounts.iter().filter_map(|account| self.flagged_at.get(account)).copied().collect();
        let days = |from: Timestamp, to: Timestamp| (to.0 - from.0) as f64 / Timestamp::DAY as f64;
        CampaignScore {
            campaign: planted.name.clone(),
            kind: planted.kind.clone(),
            strength: planted.strength,
            accounts: planted.accounts.len() as u64,
            flagged: flags.len() as u64,
            exchanges: planted.exchanges,
            served: planted.served,
            found: best.map(|(_, campaign)| campaign.id.clone()),
            found_accounts: best.map_or(0, |(_, campaign)| campaign.accounts.len() as u64),
            common: best.map_or(0, |(common, _)| common),
            days_to_flag: planted.first.zip(flags.iter().min()).map(|(first, flag)| days(first, *flag)),
        }
    }

    fn class(&self, class: &str, accounts: &BTreeSet<String>, found: &[Campaign]) -> ClassScore {
        let innocent: BTreeSet<&String> = accounts.difference(&self.guilty).collect();
        let mostly = |campaign: &&Campaign| {
            let inside = campaign.accounts.iter().filter(|member| innocent.contains(&member.account)).count();
            2 * inside > campaign.accounts.len()
        };
        let communities: Vec<&Campaign> = found.iter().filter(mostly).collect();
        let flagged_communities = communities.iter().filter(|campaign| campaign.verdict > Verdict::Watch).count();
        ClassScore {
            class: class.to_owned(),
            accounts: innocent.len() as u64,
            flagged: innocent.iter().filter(|account| self.flagged_at.contains_key(**account)).count() as u64,
            communities_flagged: flagged_communities as u64,
            communities_watched: (communities.len() - flagged_communities) as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use stillwatch_detect::campaign::{Grade, Impact, Member};

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

    /// A campaign of a, b, c, d with one exchange a day on days 0 to 9, and innocents x, y.
    fn ledger(flags: &[Flag]) -> Ledger {
        let mut ledger = Ledger::new(flags);
        let accounts = [("a", true), ("b", true), ("c", true), ("d", true), ("x", false), ("y", false)];
        let truth = |account: &str, guilty: bool, day: i64| Truth {
            id: format!("{account}{day}"),
            account: account.into(),
            campaign: guilty.then(|| "planted".into()),
            kind: if guilty { "drip" } else { "office" }.into(),
            strength: i32::from(guilty),
        };
        for (account, guilty) in accounts {
            (0..10).for_each(|day| ledger.truth(&truth(account, guilty, day)));
        }
        for (account, _) in accounts {
            for day in 0..10 {
                ledger.time(&format!("{account}{day}"), account, Timestamp(day * Timestamp::DAY));
            }
        }
        ledger
    }

    #[test]
    fn the_definitions_hold_on_an_example_worked_by_hand() {
        let score = ledger(&[flag("a", 2), flag("b", 5), flag("c", 5), flag("x", 9)])
            .score(&[found("half", &["a", "b"]), found("best", &["a", "b", "c", "x"])]);
        let [campaign] = &score.campaigns[..] else { panic!("{score:?}") };
        assert_eq!((campaign.accounts, campaign.flagged, campaign.recall()), (4, 3, 0.75));
        // a is served on 2 days, b and c on 5 each, d on all 10: a flag's own instant is no longer served.
        assert_eq!((campaign.exchanges, campaign.served), (40, 22));
        assert_eq!(campaign.found.as_deref(), Some("best"));
        assert_eq!((campaign.purity(), campaign.completeness()), (0.75, 0.75));
        assert_eq!(campaign.days_to_flag, Some(2.0));
        let [class] = &score.classes[..] else { panic!("{score:?}") };
        assert_eq!((class.accounts, class.flagged, class.communities_flagged), (2, 1, 0));
        assert!(!score.passes());
    }

    #[test]
    fn nothing_found_is_served_in_full_and_fails() {
        let score = ledger(&[]).score(&[]);
        let [campaign] = &score.campaigns[..] else { panic!("{score:?}") };
        assert_eq!((campaign.recall(), campaign.served_ratio(), campaign.purity()), (0.0, 1.0, 0.0));
        assert_eq!((campaign.found.as_deref(), campaign.days_to_flag), (None, None));
        assert!(!score.passes());
        assert_eq!(score.innocents_flagged(), 0);
    }

    #[test]
    fn the_bars_pass_when_all_are_found_and_nobody_else() {
        let all = ["a", "b", "c", "d"];
        let mut score = ledger(&all.map(|account| flag(account, 1))).score(&[found("best", &all)]);
        assert!(score.passes());
        score.add(ledger(&[flag("x", 1)]).score(&[found("wrong", &["x", "y"])]));
        assert!(!score.passes());
        assert_eq!((score.campaigns.len(), score.innocents(), score.innocents_flagged()), (2, 4, 1));
        assert_eq!(score.classes[0].communities_flagged, 1);
    }
}
