//! A simulated lab: its accounts, what they do day by day, and what is true of it.
//!
//! Invariant: [`World::day`] is a function of the configuration, the texts and the day; the order of calls is
//! irrelevant, and only the day asked for is in memory.

use std::collections::BTreeMap;

use crate::exchange::{Account, Enforcement, Exchange, Release, Timestamp, Truth};

use super::benign;
use super::campaign;
use super::corpus::Texts;
use super::infrastructure::Infrastructure;
use super::library::Library;
use super::lookalike;
use super::population::{Cast, Group};
use super::stage::{MODELS, Member, NEW_MODEL, Sheet, Stage, purpose};

/// Why a world cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// There are no days, or more than a simulation is meant for.
    #[error("make world: {days} days, must be 1 to 4000")]
    Days {
        /// As configured.
        days: u32,
    },
    /// The rate is not a positive number.
    #[error("make world: {rate} exchanges per account and day, must be above 0 and at most 10000")]
    Rate {
        /// As configured.
        rate: f64,
    },
    /// The look-alikes alone need more accounts than the world has.
    #[error("make world: {given} innocent accounts, the look-alikes alone need {needed}")]
    TooFewAccounts {
        /// As configured.
        given: u32,
        /// At least.
        needed: usize,
    },
    /// A campaign's strength is none of 1 to 5.
    #[error("make world: campaign {campaign} has strength {strength}, must be 1 to 5")]
    Strength {
        /// Number of the campaign, from 1.
        campaign: usize,
        /// As configured.
        strength: u8,
    },
    /// A campaign has no account, no day inside the world, or no traffic.
    #[error("make world: campaign {campaign} has no accounts, no traffic or no day within the world")]
    EmptyCampaign {
        /// Number of the campaign, from 1.
        campaign: usize,
    },
}

/// What the operator of a campaign does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CampaignKind {
    /// One instruction around every item.
    FixedInstruction,
    /// The same with a few requests a day over many accounts.
    SlowDrip,
    /// Items among ordinary conversation of the same accounts.
    Mixed,
    /// A pool is banned and a second one resumes its list.
    TwoPools,
    /// Resold traffic of real users.
    Relay,
    /// Reasoning signatures handed back in by other accounts.
    SignatureReplay,
    /// Grading of answers by rubric.
    RubricGrading,
    /// Items as they are.
    NoTemplate,
}

impl CampaignKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::FixedInstruction,
        Self::SlowDrip,
        Self::Mixed,
        Self::TwoPools,
        Self::Relay,
        Self::SignatureReplay,
        Self::RubricGrading,
        Self::NoTemplate,
    ];

    /// The name, as it stands in the truth and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::FixedInstruction => "fixed-instruction",
            Self::SlowDrip => "slow-drip",
            Self::Mixed => "mixed",
            Self::TwoPools => "two-pools",
            Self::Relay => "relay",
            Self::SignatureReplay => "signature-replay",
            Self::RubricGrading => "rubric-grading",
            Self::NoTemplate => "no-template",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// One campaign to plant.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignConfig {
    /// What the operator does.
    pub kind: CampaignKind,
    /// How well he hides, 1 to 5.
    pub strength: u8,
    /// Accounts of all his pools together.
    pub accounts: u32,
    /// Mean exchanges per account and day, cover included.
    pub per_account_per_day: f64,
    /// First day of the world on which it works.
    pub start_day: u32,
    /// How many days it works.
    pub days: u32,
}

impl CampaignConfig {
    /// The standard campaign of a kind: 300 accounts × 26 a day (slow drip: 1,500 × 4) over 30 days.
    pub fn standard(kind: CampaignKind, strength: u8) -> Self {
        let slow = kind == CampaignKind::SlowDrip;
        let (accounts, per_account_per_day) = if slow { (1_500, 4.0) } else { (300, 26.0) };
        Self { kind, strength, accounts, per_account_per_day, start_day: 0, days: 30 }
    }
}

/// A world to make.
#[derive(Debug, Clone, PartialEq)]
pub struct WorldConfig {
    /// Everything random follows from it.
    pub seed: u64,
    /// Start of the first day.
    pub start: Timestamp,
    /// Days of 24 hours.
    pub days: u32,
    /// Accounts that belong to no campaign, look-alikes included.
    pub innocent_accounts: u32,
    /// How often each class of look-alike occurs; 0 for none.
    pub lookalike_groups: u32,
    /// Campaigns to plant.
    pub campaigns: Vec<CampaignConfig>,
    /// Median over innocent accounts of the mean exchanges a day (log-normal, log standard deviation 1.3).
    pub rate_per_day: f64,
}

impl WorldConfig {
    /// 30 days, 20,000 innocent accounts, each look-alike once, no campaign.
    pub fn standard(seed: u64, start: Timestamp) -> Self {
        let campaigns = Vec::new();
        Self { seed, start, days: 30, innocent_accounts: 20_000, lookalike_groups: 1, campaigns, rate_per_day: 0.7 }
    }
}

/// A simulated lab.
#[derive(Debug)]
pub struct World {
    /// What the lab knows of its accounts, by account.
    pub accounts: Vec<Account>,
    /// What the lab did, by time.
    pub enforcements: Vec<Enforcement>,
    /// When models became available, by time.
    pub releases: Vec<Release>,
    stage: Stage,
    members: Vec<Member>,
    names: Vec<String>,
    groups: Vec<Group>,
    numbers: BTreeMap<String, usize>,
}

impl World {
    /// Casts a world.
    ///
    /// # Errors
    /// When a number of the configuration is out of range, or the look-alikes need more accounts than it grants.
    pub fn new(config: WorldConfig, texts: Texts) -> Result<Self, Error> {
        check(&config)?;
        let stage = stage(&config, texts);
        let mut cast = Cast::new(&stage);
        for instance in 0..config.lookalike_groups {
            lookalike::cast(&mut cast, u64::from(instance));
        }
        let needed = cast.members.len();
        let rest = (config.innocent_accounts as usize)
            .checked_sub(needed)
            .ok_or(Error::TooFewAccounts { given: config.innocent_accounts, needed })?;
        benign::cast(&mut cast, rest);
        let mut enforcements = Vec::new();
        for (number, planted) in config.campaigns.iter().enumerate() {
            campaign::cast(&mut cast, number, planted, &mut enforcements);
        }
        let Cast { mut accounts, mut members, groups, .. } = cast;
        deal(&stage, &mut members);
        let names: Vec<String> = accounts.iter().map(|account| account.account.clone()).collect();
        let numbers = names.iter().cloned().zip(0..).collect();
        accounts.sort_by(|left, right| left.account.cmp(&right.account));
        enforcements.sort_by(|left, right| (left.time, &left.account).cmp(&(right.time, &right.account)));
        let releases = releases(&stage);
        Ok(Self { accounts, enforcements, releases, stage, members, names, groups, numbers })
    }

    /// The exchanges of a day with what is true of them, by time, then id.
    pub fn day(&self, day: u32) -> Vec<(Exchange, Truth)> {
        let mut rows = Vec::new();
        if day >= self.stage.days {
            return rows;
        }
        let end = self.stage.day_start(day + 1);
        for (member, name) in self.members.iter().zip(&self.names) {
            if member.born < end {
                let group = &self.groups[member.group as usize];
                let campaign = group.campaign.as_ref().map(|(id, strength)| (id.as_str(), *strength));
                let mut sheet = Sheet::new(&self.stage, member, name, campaign, day, &mut rows);
                group.behaviour.day(&self.stage, member, day, &mut sheet);
            }
        }
        rows.sort_unstable_by(|(left, _), (right, _)| (left.time, &left.id).cmp(&(right.time, &right.id)));
        rows
    }

    /// How many days the world has.
    pub fn days(&self) -> u32 {
        self.stage.days
    }

    /// The class of an innocent account, or the kind of the campaign that it belongs to; none for a stranger.
    pub fn class_of(&self, account: &str) -> Option<&'static str> {
        self.numbers.get(account).map(|number| self.members[*number].class)
    }

    /// The class of look-alike that an account belongs to; none for others.
    pub fn lookalike_of(&self, account: &str) -> Option<&'static str> {
        self.class_of(account).filter(|class| lookalike::CLASSES.contains(class))
    }

    /// The number of the account's innocent community or pool: accounts with one number act together.
    pub fn group_of(&self, account: &str) -> Option<u32> {
        self.numbers.get(account).map(|number| self.members[*number].group)
    }

    /// The campaign that an account belongs to; none for innocents.
    pub fn campaign_of(&self, account: &str) -> Option<&str> {
        let member = &self.members[*self.numbers.get(account)?];
        self.groups[member.group as usize].campaign.as_ref().map(|(id, _)| id.as_str())
    }
}

fn check(config: &WorldConfig) -> Result<(), Error> {
    if !(1..=4_000).contains(&config.days) {
        return Err(Error::Days { days: config.days });
    }
    if !(config.rate_per_day > 0.0 && config.rate_per_day <= 10_000.0) {
        return Err(Error::Rate { rate: config.rate_per_day });
    }
    for (number, campaign) in config.campaigns.iter().enumerate() {
        if !(1..=5).contains(&campaign.strength) {
            return Err(Error::Strength { campaign: number + 1, strength: campaign.strength });
        }
        let works = campaign.days > 0 && campaign.start_day < config.days && campaign.per_account_per_day > 0.0;
        if campaign.accounts == 0 || !works {
            return Err(Error::EmptyCampaign { campaign: number + 1 });
        }
    }
    Ok(())
}

/// The fixed parts of a world.
pub(crate) fn stage(config: &WorldConfig, texts: Texts) -> Stage {
    let innocents = f64::from(config.innocent_accounts);
    let groups = f64::from(config.lookalike_groups.max(1));
    // Several groups of each class must leave room for ordinary customers.
    let crowd = (innocents / groups.max(1.0) / 10_000.0).min(1.0);
    let minority = if config.innocent_accounts >= 20_000 { (innocents * 0.1).max(2_000.0) } else { innocents * 0.1 };
    let release_hour = (f64::from(config.days) * 24.0 * 0.45) as i64 + 5;
    Stage {
        seed: config.seed,
        start: config.start,
        days: config.days,
        rate: config.rate_per_day,
        crowd,
        minority: (minority / groups).ceil() as usize,
        release: Timestamp(config.start.0 + release_hour * Timestamp::HOUR),
        library: Library::new(config.seed, texts),
        infrastructure: Infrastructure::new(config.seed),
    }
}

/// Hands the corpus out: to each account about as much as it would say, as long as there is any.
fn deal(stage: &Stage, members: &mut [Member]) {
    let Some(shelves) = &stage.library.shelves else { return };
    let mut random = stage.random(purpose::GROUP, &[0xdea1]);
    let mut order: Vec<usize> = (0..members.len()).collect();
    random.shuffle(&mut order);
    for number in order {
        let member = &mut members[number];
        let expected = member.rate * f64::from(stage.days.saturating_sub(stage.first_day(member)));
        if expected <= 0.0 || member.voice.language > 0 {
            continue;
        }
        let said = match member.class {
            "pipeline" | "vendor-template" | "rag-batch" | "translation-batch" => {
                member.documents = shelves.reserve_documents(random.poisson(expected).min(400));
                f64::from(member.documents.count)
            }
            "chat" | "developer" | "company" | "sdk-default" | "shared-network" | "family-plan" | "classroom"
            | "viral-prompt" | "hub-template" => {
                // A conversation has 2.6 turns on average.
                member.talks = shelves.reserve_talks(random.poisson(expected / 2.6).min(30));
                if member.talks.count > 0 { f64::from(member.talks.count) * 2.6 } else { 0.0 }
            }
            _ => continue,
        };
        // Who says little and drew nothing stays silent while there is more, others say more than expected.
        let silent = said == 0.0 && expected < 8.0 && !shelves.are_empty();
        member.rate *= if silent { 0.0 } else { (1.0 - said / expected).max(0.0) };
    }
}

fn releases(stage: &Stage) -> Vec<Release> {
    let mut releases: Vec<Release> = MODELS
        .iter()
        .enumerate()
        .map(|(index, model)| {
            let age = (MODELS.len() - index) as i64 * 70 * Timestamp::DAY;
            let time = if index == usize::from(NEW_MODEL) { stage.release } else { Timestamp(stage.start.0 - age) };
            Release { model: (*model).to_owned(), time }
        })
        .collect();
    releases.sort_by_key(|release| release.time);
    releases
}
