//! One trial: a world is simulated, scanned as a lab's logs would be, and scored against its truth.
//!
//! Invariant: the scan is given the traffic's files and nothing else; the truth goes to the score alone.

use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use stillwatch_feature::key::Key;
use stillwatch_scan::{Inputs, Stage};
use stillwatch_traffic::exchange::Timestamp;
use stillwatch_traffic::synth::{Texts, World, WorldConfig};

use crate::interrupt::Temporary;
use crate::memory;
use crate::pipeline::{self, Outcome};
use crate::progress::Progress;
use crate::scan::Work;
use crate::score::{Ledger, Score};
use crate::simulate::{self, START, TRAFFIC};

/// What one trial gave.
#[derive(Debug, Clone, Serialize)]
pub struct Trial {
    /// Seed of the world.
    pub seed: u64,
    /// Accounts, those of campaigns included.
    pub accounts: u64,
    /// Exchanges.
    pub exchanges: u64,
    /// Campaigns that the scan found.
    pub found: u64,
    /// Wall-clock seconds of the scan alone.
    pub scan_seconds: f64,
    /// Most memory that the process had held when the trial ended, in bytes.
    pub memory_bytes_peak: Option<u64>,
    /// How the scan fared.
    pub score: Score,
}

/// What a trial is made of.
#[derive(Debug)]
pub struct Setup<'a> {
    /// The world.
    pub config: WorldConfig,
    /// Its texts.
    pub texts: Texts,
    /// How hard the machine may work.
    pub work: &'a Work,
}

/// Where a scan finds the tables of a world.
pub fn inputs(folder: &Path) -> Inputs {
    let path = |name: &str| vec![folder.join(TRAFFIC).join(name).display().to_string()];
    Inputs {
        exchanges: path("exchanges"),
        accounts: path("accounts.parquet"),
        enforcements: path("enforcements.parquet"),
        releases: path("releases.parquet"),
        ..Inputs::default()
    }
}

/// A key for one world: nobody's secret, so that the same seed gives the same answer on every machine.
fn throw_away_key(seed: u64) -> Key {
    let mut secret = *b"stillwatch: a key for simulation";
    for (place, byte) in seed.to_le_bytes().into_iter().enumerate() {
        secret[4 * place] ^= byte;
    }
    Key::from_bytes(secret)
}

/// The community that an innocent account acts in: its company, or its group of look-alikes. Other customers share
/// nothing but a way of working.
fn community(world: &World, account: &str) -> Option<u32> {
    const COMPANY: &str = "company";
    let acts_together = world.lookalike_of(account).is_some() || world.class_of(account) == Some(COMPANY);
    world.group_of(account).filter(|_| acts_together)
}

/// Makes the world in `folder`, scans it and scores the scan.
///
/// # Errors
/// When the configuration makes no world, or there is no room for it, or it cannot be scanned.
pub fn run(setup: Setup<'_>, folder: &Path) -> anyhow::Result<(Trial, Outcome, Vec<Stage>)> {
    let seed = setup.config.seed;
    let days = i64::from(setup.config.days);
    let progress = Progress::new(setup.work.quiet);
    progress.begin("simulate");
    let world = World::new(setup.config, setup.texts).context("simulate")?;
    let mut ledger = Ledger::default();
    let exchanges = simulate::write(&world, folder, &mut |exchange, truth| {
        ledger.exchange(truth, exchange.time, community(&world, &exchange.account));
    })?;
    let accounts = world.accounts.len() as u64;
    drop(world);
    let temporary = Temporary::create(&std::env::temp_dir(), "stillwatch-scan").context("make a temporary folder")?;
    // The world's own present, whatever the machine's clock says.
    let now = Timestamp(START.0 + (days + 1) * Timestamp::DAY);
    let options = setup.work.options(0.0, now, temporary.path());
    let outcome = pipeline::run(&inputs(folder), &options, &throw_away_key(seed), &progress)?;
    progress.begin("score");
    let score = ledger.score(&outcome.findings.campaigns, &outcome.findings.flags);
    let stages = pipeline::stages(&outcome, progress);
    let of_scan = stages.iter().filter(|stage| !["simulate", "score"].contains(&stage.name.as_str()));
    let trial = Trial {
        seed,
        accounts,
        exchanges,
        found: outcome.findings.campaigns.len() as u64,
        scan_seconds: of_scan.map(|stage| stage.seconds).sum(),
        memory_bytes_peak: memory::peak_bytes(),
        score,
    };
    Ok((trial, outcome, stages))
}
