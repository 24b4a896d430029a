//! `stillwatch scan`: from a lab's logs to the campaigns in them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use stillwatch_detect::campaign::{Campaign, Exemplar};
use stillwatch_scan::{Inputs, Options, reread};
use stillwatch_traffic::exchange::{Exchange, Timestamp};

use crate::answer::{self, Exemplars, Run};
use crate::interrupt::Temporary;
use crate::out::Staged;
use crate::prices::Prices;
use crate::progress::Progress;
use crate::{key, memory, pipeline, print};

/// Accounts of a campaign of which rows are shown.
const EXEMPLAR_ACCOUNTS: usize = 3;
/// Rows shown of each.
const EXEMPLAR_ROWS: usize = 2;
/// Characters shown of each text.
const EXEMPLAR_CHARACTERS: usize = 400;

const EXAMPLES: &str = "\
Examples:
  Scan a folder of Parquet or JSON Lines files (plain, gzip, zstd; files, folders and globs):
      stillwatch scan --exchanges logs/ --out june/

  Give it what you know of accounts: who owns them, how they pay, which have an agreement:
      stillwatch scan --exchanges 'logs/2026-06-*.parquet' --accounts accounts.parquet --out june/

  Read logs that have other column names, through one SELECT over your own files:
      stillwatch scan --mapping ours.sql --out june/

  Read what the OpenTelemetry Collector's file exporter or LiteLLM's loggers wrote, as it is:
      stillwatch scan --exchanges traces.jsonl --account-field tenant.id --out june/

  Put a cost range on what was taken, and show a few prompts (they stay on this machine):
      stillwatch scan --exchanges logs/ --prices prices.toml --show-content --out june/

What --out holds afterwards:
  report.html     for people: campaigns, evidence in sentences, what would clear it, blind spots
  campaigns.json  the same for programs
  flags.jsonl     one line for each account with a verdict of challenge or more
  scan.json       rows read and rejected, seconds, memory, parameters

Exit codes: 0 no campaign, 1 at least one campaign, 2 could not run, 130 interrupted.";

/// Finds campaigns in a lab's API logs.
///
/// Reads the exchanges once, folds them into one profile for each account and day, links accounts by what they share
/// beyond chance, and tests each group for harvesting. Look-alikes (evaluation harnesses, support bots, classrooms,
/// agent frameworks) are examined and left alone; the report says why. The folder --out is written whole or not at
/// all; one that holds a former scan is replaced.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Exchanges: files, folders or globs of Parquet or JSON Lines (plain, gzip, zstd), OpenTelemetry or LiteLLM logs
    #[arg(long, value_name = "PATH", num_args = 1.., required_unless_present = "mapping")]
    exchanges: Vec<String>,
    /// What is known of accounts: owner, payment, sign-up, agreements
    #[arg(long, value_name = "PATH", num_args = 1..)]
    accounts: Vec<String>,
    /// What was done against accounts before
    #[arg(long, value_name = "PATH", num_args = 1..)]
    enforcements: Vec<String>,
    /// When models became available
    #[arg(long, value_name = "PATH", num_args = 1..)]
    releases: Vec<String>,
    /// One SQL SELECT over your own files that yields the columns of the exchanges
    #[arg(long, value_name = "FILE.sql")]
    mapping: Option<PathBuf>,
    /// Where other producers' logs hold the account: an attribute of OpenTelemetry [default: enduser.id], or the path of
    /// a LiteLLM field [default: metadata.user_api_key_hash]
    #[arg(long, value_name = "NAME")]
    account_field: Option<String>,
    /// Folder for the answer; made, or replaced if it holds a former scan
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Greatest share of rows that may be unusable, 0 to 1
    #[arg(long, value_name = "RATIO", default_value_t = 0.01, value_parser = parse_ratio)]
    max_rejected: f64,
    /// Prices of tokens, for a cost range (a sample is docs/samples/prices.toml)
    #[arg(long, value_name = "FILE.toml")]
    prices: Option<PathBuf>,
    /// Show the beginning of a few prompts of each campaign in the report
    #[arg(long)]
    show_content: bool,
    /// Print the answer as one JSON object instead of the summary
    #[arg(long)]
    json: bool,
    /// Folder with the fingerprint key [default: $STILLWATCH_CONFIG, else ~/.config/stillwatch]
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
    #[command(flatten)]
    work: Work,
}

/// How hard the machine may work, and how much is told of it.
#[derive(Debug, Clone, Default, Args)]
pub struct Work {
    /// Threads [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Memory for the fold, e.g. 4G; beyond it temporary files are used [default: half of what is free]
    #[arg(long, value_name = "SIZE", value_parser = memory::parse_size)]
    pub memory: Option<usize>,
    /// Show no progress
    #[arg(long)]
    pub quiet: bool,
}

impl Work {
    /// Options of a read whose temporary files go to `temporary`.
    pub fn options(&self, max_rejected: f64, now: Timestamp, temporary: &Path) -> Options {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Options {
            max_rejected,
            threads: self.threads.map_or(cores, usize::from),
            memory_bytes_max: self.memory,
            now,
            temporary: temporary.to_path_buf(),
        }
    }
}

fn parse_ratio(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(ratio),
        _ => Err("a share between 0 and 1 is needed, e.g. 0.05".into()),
    }
}

/// Scans; exit code 1 where a campaign was found.
///
/// # Errors
/// When the input cannot be read, the key cannot be used, or the answer cannot be written.
pub fn run(arguments: &Arguments, now: Timestamp) -> anyhow::Result<ExitCode> {
    let prices = arguments.prices.as_deref().map(Prices::read).transpose()?;
    let staged = Staged::begin(&arguments.out, answer::KIND)?;
    let key = key::read_or_make(&key::folder(arguments.config.as_deref())?)?;
    let temporary = Temporary::create(&std::env::temp_dir(), "stillwatch-scan").context("make a temporary folder")?;
    let inputs = inputs(arguments);
    let options = arguments.work.options(arguments.max_rejected, now, temporary.path());
    let progress = Progress::new(arguments.work.quiet);
    let mut outcome = pipeline::run(&inputs, &options, &key, &progress)?;
    if let Some(prices) = &prices {
        answer::price(&mut outcome, prices);
    }
    let exemplars = if arguments.show_content {
        progress.begin("read exemplars");
        exemplars(&inputs, &options, &outcome.findings.campaigns)?
    } else {
        Exemplars::new()
    };
    let stages = pipeline::stages(&outcome, progress);
    let run = Run { now, title: "Scan".into(), command: command_line(), seed: None, stages };
    answer::write(&staged, &outcome, &run, &exemplars)?;
    let target = staged.target().to_path_buf();
    staged.publish()?;
    if arguments.json {
        print::json(&answer::json(&outcome, &run)?)?;
    } else {
        let summary = answer::summary(&outcome, &run);
        print::text(&stillwatch_report::terminal(
            &summary,
            &outcome.findings.campaigns,
            print::width(),
            print::colours(),
        ))?;
        print::text(&format!("\nReport: {}\n", target.join(answer::REPORT).display()))?;
    }
    Ok(ExitCode::from(u8::from(!outcome.findings.campaigns.is_empty())))
}

fn inputs(arguments: &Arguments) -> Inputs {
    Inputs {
        exchanges: arguments.exchanges.clone(),
        accounts: arguments.accounts.clone(),
        enforcements: arguments.enforcements.clone(),
        releases: arguments.releases.clone(),
        mapping: arguments.mapping.clone(),
        account_field: arguments.account_field.clone(),
    }
}

/// The command line as a shell would take it again.
fn command_line() -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    let quote = |argument: String| {
        if !argument.is_empty() && argument.chars().all(plain) {
            argument
        } else {
            format!("'{}'", argument.replace('\'', r"'\''"))
        }
    };
    let arguments = std::env::args_os().skip(1).map(|argument| quote(argument.to_string_lossy().into_owned()));
    std::iter::once("stillwatch".to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// The first rows of the surest accounts of each campaign.
fn exemplars(inputs: &Inputs, options: &Options, campaigns: &[Campaign]) -> anyhow::Result<Exemplars> {
    let mut campaigns_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for campaign in campaigns {
        let mut members: Vec<_> = campaign.accounts.iter().collect();
        members.sort_by_key(|member| (u8::MAX - member.confidence, &member.account));
        for member in members.into_iter().take(EXEMPLAR_ACCOUNTS) {
            campaigns_of.entry(&member.account).or_default().push(&campaign.id);
        }
    }
    let wanted: BTreeSet<String> = campaigns_of.keys().map(|account| (*account).to_owned()).collect();
    let mut first: BTreeMap<String, BTreeMap<(Timestamp, String), Exemplar>> = BTreeMap::new();
    reread(inputs, options, &wanted, &mut |exchange: &Exchange| {
        let rows = first.entry(exchange.account.clone()).or_default();
        rows.insert((exchange.time, exchange.id.clone()), exemplar(exchange));
        if rows.len() > EXEMPLAR_ROWS {
            rows.pop_last();
        }
    })
    .context("read exemplars")?;
    let mut exemplars = Exemplars::new();
    for (account, rows) in &first {
        for campaign in campaigns_of.get(account.as_str()).into_iter().flatten() {
            exemplars.entry((*campaign).to_owned()).or_default().extend(rows.values().cloned());
        }
    }
    Ok(exemplars)
}

fn exemplar(exchange: &Exchange) -> Exemplar {
    let opening = |text: &Option<String>| text.as_ref().map(|text| text.chars().take(EXEMPLAR_CHARACTERS).collect());
    Exemplar {
        id: exchange.id.clone(),
        account: exchange.account.clone(),
        time: exchange.time,
        system: opening(&exchange.system),
        prompt: opening(&exchange.prompt),
    }
}
