//! `stillwatch evaluate`: how well a scan does on worlds whose truth is known.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use stillwatch_scan::{read_exchange_times, read_truth};
use stillwatch_stats::interval::Interval;
use stillwatch_traffic::synth::CampaignKind;

use crate::interrupt::Temporary;
use crate::out::{Kind, Staged};
use crate::scan::Work;
use crate::score::{CampaignScore, ClassScore, Ledger, PURITY_LEAST, RECALL_LEAST, STRENGTH_BARRED, Score, interval};
use crate::simulate::{self, CampaignArgument, TRAFFIC, TRUTH, WorldArguments};
use crate::table::{Table, count, percent};
use crate::trial::{self, Setup, Trial};
use crate::{answer, print};

/// Kinds that are planted where none is named.
const KINDS: [CampaignKind; 6] = [
    CampaignKind::FixedInstruction,
    CampaignKind::SlowDrip,
    CampaignKind::Mixed,
    CampaignKind::TwoPools,
    CampaignKind::SignatureReplay,
    CampaignKind::RubricGrading,
];

/// Seeds of worlds without a campaign start here, away from those that people pick.
const NULL_SEED_FIRST: u64 = 900_001;

const KIND: Kind = Kind { name: "kept world", holds: &[TRAFFIC, TRUTH], may_hold: &[] };

const EXAMPLES: &str = "\
Examples:
  Score a finished scan of a simulated world:
      stillwatch evaluate --world world/ --scan scan/

  Simulate, scan and score five worlds with the standard campaigns, and keep a table:
      stillwatch evaluate --seeds 1,2,3,4,5 --write bench.md

  One kind of campaign in a small world:
      stillwatch evaluate --accounts 4000 --days 10 --campaign mixed:2:100:20

  Twenty worlds with every look-alike and no campaign: nothing may be flagged:
      stillwatch evaluate --null 20

Bars: of every campaign of strength 1 or 2 at least 95 % of the accounts are flagged and the best match is at least
98 % pure; no innocent account is flagged. Served is what a campaign got before its accounts were flagged.

Exit codes: 0 all bars held, 1 a bar was missed, 2 could not run, 130 interrupted.";

/// Scores scans against the truth of simulated worlds.
///
/// Without --world it simulates, scans and scores one world for each seed: by default 20,000 innocent accounts over 30
/// days with one campaign of each main kind at strengths 1 and 2. Worlds lie in the temporary folder and are removed
/// one by one. Keys are made from the seed, so that the same command gives the same figures everywhere.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// A simulated world (the --out of simulate) that was scanned
    #[arg(long, value_name = "DIR", requires = "scan", conflicts_with_all = ["seeds", "null", "keep"])]
    world: Option<PathBuf>,
    /// The scan of it (the --out of scan)
    #[arg(long, value_name = "DIR", requires = "world")]
    scan: Option<PathBuf>,
    /// Seeds of the worlds with campaigns [default: 1, or none with --null]
    #[arg(long, value_name = "S1,S2…", value_delimiter = ',')]
    seeds: Vec<u64>,
    /// Also try N worlds without a campaign
    #[arg(long, value_name = "N", default_value_t = 0)]
    null: u32,
    #[command(flatten)]
    options: WorldArguments,
    #[command(flatten)]
    work: Work,
    /// Keep each world as a folder of DIR named by its seed
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Also write the tables as Markdown
    #[arg(long, value_name = "FILE.md")]
    write: Option<PathBuf>,
    /// Print one JSON object instead of tables
    #[arg(long)]
    json: bool,
}

/// All trials of one evaluation.
#[derive(Debug, Serialize)]
struct Evaluation {
    version: &'static str,
    passes: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trials: Vec<Trial>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    null_trials: Vec<Trial>,
    /// Campaigns of all worlds, and innocents summed over them.
    total: Score,
}

/// Evaluates; exit code 1 where a bar was missed.
///
/// # Errors
/// When a world cannot be made, read or scanned.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let evaluation = match (&arguments.world, &arguments.scan) {
        (Some(world), Some(scan)) => finished(world, scan)?,
        _ => trials(arguments)?,
    };
    if let Some(path) = &arguments.write {
        std::fs::write(path, text(&evaluation, Table::markdown))
            .with_context(|| format!("write {}", path.display()))?;
    }
    if arguments.json {
        print::json(&evaluation)?;
    } else {
        print::text(&text(&evaluation, Table::plain))?;
    }
    Ok(ExitCode::from(u8::from(!evaluation.passes)))
}

/// Scores a scan that was made before.
fn finished(world: &Path, scan: &Path) -> anyhow::Result<Evaluation> {
    let (found, flags) = answer::read(scan)?;
    let mut ledger = Ledger::default();
    for truth in &read_truth(world.join(TRUTH)).context("read the truth")? {
        ledger.truth(truth);
    }
    read_exchange_times(&trial::inputs(world), &mut |id, account, time| ledger.time(id, account, time))?;
    let total = ledger.score(&found, &flags);
    let (trials, null_trials) = (Vec::new(), Vec::new());
    Ok(Evaluation { version: env!("CARGO_PKG_VERSION"), passes: total.passes(), trials, null_trials, total })
}

/// Simulates, scans and scores one world after the other.
fn trials(arguments: &Arguments) -> anyhow::Result<Evaluation> {
    let mut planted = arguments.options.clone();
    if planted.campaigns.is_empty() {
        let both = |kind| [1, 2].map(|strength| CampaignArgument::standard(kind, strength));
        planted.campaigns = KINDS.into_iter().flat_map(both).collect();
    }
    let bare = WorldArguments { campaigns: Vec::new(), ..arguments.options.clone() };
    let default_seeds: &[u64] = if arguments.null == 0 { &[1] } else { &[] };
    let seeds = if arguments.seeds.is_empty() { default_seeds } else { &arguments.seeds };
    let corpus = arguments.options.read_corpus()?;
    let one = |options: &WorldArguments, seed: u64| {
        let texts = simulate::texts(corpus.as_ref());
        one_trial(Setup { config: options.config(seed), texts, work: &arguments.work }, arguments.keep.as_deref())
    };
    let mut total = Score::default();
    let mut all = |options: &WorldArguments, seeds: &mut dyn Iterator<Item = u64>| {
        let mut trials = Vec::new();
        for seed in seeds {
            let trial = one(options, seed)?;
            total.add(trial.score.clone());
            trials.push(trial);
        }
        anyhow::Ok(trials)
    };
    let trials = all(&planted, &mut seeds.iter().copied())?;
    let null_trials = all(&bare, &mut (0..u64::from(arguments.null)).map(|number| NULL_SEED_FIRST + number))?;
    Ok(Evaluation { version: env!("CARGO_PKG_VERSION"), passes: total.passes(), trials, null_trials, total })
}

fn one_trial(setup: Setup<'_>, keep: Option<&Path>) -> anyhow::Result<Trial> {
    let seed = setup.config.seed;
    if let Some(keep) = keep {
        std::fs::create_dir_all(keep).with_context(|| format!("make {}", keep.display()))?;
        let staged = Staged::begin(&keep.join(format!("seed-{seed}")), KIND)?;
        let (trial, ..) = trial::run(setup, staged.folder())?;
        staged.publish()?;
        Ok(trial)
    } else {
        let folder = Temporary::create(&std::env::temp_dir(), "stillwatch-world").context("make a temporary folder")?;
        let (trial, ..) = trial::run(setup, folder.path())?;
        Ok(trial)
    }
}

/// Everything in words and tables; `draw` makes text of a table.
fn text(evaluation: &Evaluation, draw: fn(&Table) -> String) -> String {
    let mut text = String::new();
    let mut part = |heading: String, body: String| text.push_str(&format!("{heading}\n\n{body}\n"));
    if !evaluation.trials.is_empty() || !evaluation.null_trials.is_empty() {
        part("Worlds:".into(), draw(&worlds(evaluation)));
    }
    if !evaluation.total.campaigns.is_empty() {
        part("Campaigns (served: share of their exchanges before the flag):".into(), draw(&campaigns(evaluation)));
    }
    part("Innocents (intervals of Clopper and Pearson, 95 %):".into(), draw(&innocents(&evaluation.total)));
    if !evaluation.null_trials.is_empty() {
        let worlds = evaluation.null_trials.len() as u64;
        let with_flag =
            evaluation.null_trials.iter().filter(|trial| trial.score.innocents_flagged() > 0).count() as u64;
        let interval = interval(with_flag, worlds);
        let (low, high) = (percent(interval.low), percent(interval.high));
        part(
            format!("Worlds without a campaign: {with_flag} of {worlds} with a flag ({low} to {high})."),
            String::new(),
        );
    }
    text.push_str(&verdict(evaluation));
    text
}

fn verdict(evaluation: &Evaluation) -> String {
    if evaluation.passes {
        return "All bars held.\n".into();
    }
    let total = &evaluation.total;
    let missed: Vec<String> = total.campaigns.iter().filter(|campaign| !campaign.passes()).map(short).collect();
    let mut text = String::from("A bar was missed:\n");
    for campaign in missed {
        text.push_str(&format!("- {campaign}\n"));
    }
    if total.innocents_flagged() > 0 {
        text.push_str(&format!("- {} innocent accounts flagged; none may be\n", total.innocents_flagged()));
    }
    text
}

fn short(campaign: &CampaignScore) -> String {
    format!(
        "{} of strength {}: recall {} (least {}), purity {} (least {})",
        campaign.kind,
        campaign.strength,
        percent(campaign.recall()),
        percent(RECALL_LEAST),
        percent(campaign.purity()),
        percent(PURITY_LEAST)
    )
}

fn worlds(evaluation: &Evaluation) -> Table {
    let heading = ["seed", "planted", "accounts", "exchanges", "found", "scan s", "peak MB"];
    let mut table = Table::new(&heading);
    for trial in evaluation.trials.iter().chain(&evaluation.null_trials) {
        table.row(vec![
            trial.seed.to_string(),
            trial.score.campaigns.len().to_string(),
            count(trial.accounts),
            count(trial.exchanges),
            trial.found.to_string(),
            format!("{:.1}", trial.scan_seconds),
            trial.memory_bytes_peak.map(|bytes| count(bytes >> 20)).unwrap_or_default(),
        ]);
    }
    table
}

fn campaigns(evaluation: &Evaluation) -> Table {
    let heading = [
        "kind",
        "strength",
        "seed",
        "accounts",
        "recall",
        "served",
        "share",
        "purity",
        "complete",
        "flag after",
        "bars",
    ];
    let mut table = Table::new(&heading);
    let seeds = evaluation.trials.iter().flat_map(|trial| {
        let seed = trial.seed.to_string();
        std::iter::repeat_n(seed, trial.score.campaigns.len())
    });
    let mut rows: Vec<_> =
        evaluation.total.campaigns.iter().zip(seeds.map(Some).chain(std::iter::repeat(None))).collect();
    rows.sort_by_key(|(campaign, seed)| (&campaign.kind, campaign.strength, seed.clone()));
    for (campaign, seed) in rows {
        let bars = match campaign.passes() {
            _ if campaign.strength > STRENGTH_BARRED => "none",
            true => "held",
            false => "missed",
        };
        table.row(vec![
            campaign.kind.clone(),
            campaign.strength.to_string(),
            seed.unwrap_or_default(),
            count(campaign.accounts),
            percent(campaign.recall()),
            count(campaign.served),
            percent(campaign.served_ratio()),
            percent(campaign.purity()),
            percent(campaign.completeness()),
            campaign.days_to_flag.map_or("never".into(), |days| format!("{days:.1} d")),
            bars.into(),
        ]);
    }
    table
}

fn innocents(total: &Score) -> Table {
    let mut table = Table::new(&["class", "accounts", "flagged", "at most", "communities", "with a flag", "at most"]);
    let mut sum = ClassScore { class: "all innocents".into(), ..ClassScore::default() };
    for class in &total.classes {
        sum.accounts += class.accounts;
        sum.flagged += class.flagged;
        sum.communities += class.communities;
        sum.communities_flagged += class.communities_flagged;
        table.row(innocent_row(class));
    }
    table.row(innocent_row(&sum));
    table
}

fn innocent_row(class: &ClassScore) -> Vec<String> {
    let known = class.communities > 0;
    let bound = |interval: Interval| percent(interval.high);
    let communities = [count(class.communities), count(class.communities_flagged), bound(class.communities_interval())];
    let accounts = [count(class.accounts), count(class.flagged), bound(class.interval())];
    std::iter::once(class.class.clone())
        .chain(accounts)
        .chain(communities.map(|cell| if known { cell } else { String::new() }))
        .collect()
}
