//! Small worlds with known truth, written as a lab's tables.

use std::collections::BTreeSet;

use stillwatch_traffic::exchange::{Account, Exchange};
use stillwatch_traffic::synth::{CampaignConfig, CampaignKind, Texts, World as Simulated, WorldConfig};

use crate::bench::{Bench, START};

/// All rows of a simulated world, and which accounts belong to a campaign.
#[derive(Clone)]
pub struct World {
    pub exchanges: Vec<Exchange>,
    pub accounts: Vec<Account>,
    guilty: BTreeSet<String>,
}

impl World {
    pub fn is_guilty(&self, account: &str) -> bool {
        self.guilty.contains(account)
    }

    pub fn guilty(&self) -> &BTreeSet<String> {
        &self.guilty
    }

    /// Writes `exchanges.jsonl` and `accounts.jsonl`.
    pub fn write(&self, bench: &Bench) {
        bench.write_rows("exchanges.jsonl", &self.exchanges);
        bench.write_rows("accounts.jsonl", &self.accounts);
    }
}

/// Ten thousand exchanges of 400 ordinary customers, and a campaign of 40 accounts with one instruction.
pub fn sloppy(seed: u64) -> World {
    let campaign = CampaignConfig {
        accounts: 40,
        per_account_per_day: 12.0,
        days: 8,
        ..CampaignConfig::standard(CampaignKind::FixedInstruction, 1)
    };
    let config = WorldConfig {
        days: 8,
        innocent_accounts: 400,
        lookalike_groups: 0,
        campaigns: vec![campaign],
        ..WorldConfig::standard(seed, START)
    };
    let simulated = Simulated::new(config, Texts::Grammar).unwrap();
    let days = (0..simulated.days()).flat_map(|day| simulated.day(day));
    let exchanges: Vec<Exchange> = days.map(|(exchange, _)| exchange).collect();
    let guilty = simulated.accounts.iter().map(|account| account.account.clone());
    let guilty = guilty.filter(|account| simulated.campaign_of(account).is_some()).collect();
    World { exchanges, accounts: simulated.accounts.clone(), guilty }
}
