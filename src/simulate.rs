//! `stillwatch simulate`: writes a lab's traffic of which everything is known.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

use anyhow::{Context, bail};
use clap::Args;
use stillwatch_scan::write::WorldWriter;
use stillwatch_traffic::exchange::{Exchange, Timestamp, Truth};
use stillwatch_traffic::synth::repeat::{RepeatCounter, RepeatRate, corpus_rates};
use stillwatch_traffic::synth::{CampaignConfig, CampaignKind, Corpus, Texts, World, WorldConfig};

use crate::out::{Kind, Staged};
use crate::print;
use crate::progress::Progress;
use crate::table::{Table, count, percent};

/// Start of every simulated world: 2026-03-02T00:00:00Z, a Monday.
pub const START: Timestamp = Timestamp(1_772_409_600_000_000);
/// The tables that a scan may see, below the world's folder.
pub const TRAFFIC: &str = "traffic";
/// What is true, apart from them.
pub const TRUTH: &str = "truth.parquet";

const KIND: Kind = Kind { name: "simulated world", holds: &[TRAFFIC, TRUTH], may_hold: &[] };

const EXAMPLES: &str = "\
Examples:
  A month of 20,000 innocent customers, every look-alike once, no campaign:
      stillwatch simulate --out world/

  The same with two campaigns: 300 accounts with one instruction, and a slow drip that hides well:
      stillwatch simulate --out world/ --campaign fixed-instruction:1 --campaign slow-drip:3:1500:4

  Then find them, and compare with the truth:
      stillwatch scan --exchanges world/traffic/exchanges --accounts world/traffic/accounts.parquet --out scan/
      stillwatch evaluate --world world/ --scan scan/

What --out holds afterwards:
  traffic/exchanges/*.parquet  one file a day
  traffic/accounts.parquet     traffic/enforcements.parquet  traffic/releases.parquet
  truth.parquet                which exchange belongs to which campaign; never given to a scan

Kinds of campaign: fixed-instruction, slow-drip, mixed, two-pools, relay, signature-replay, rubric-grading,
no-template. Strengths: 1 sloppy (shared networks and payments) · 2 own networks and payments · 3 many templates, thin
accounts · 4 half cover traffic, human hours · 5 every prompt rephrased.

Exit codes: 0 written, 2 could not run, 130 interrupted.";

/// Writes simulated traffic with planted campaigns and innocent look-alikes, and apart from it the truth.
///
/// The same options and seed give the same bytes. Texts come from a grammar, or from a corpus of your own.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Folder for the world; made, or replaced if it holds a former one
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Everything random follows from it
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    world: WorldArguments,
    /// Show no progress
    #[arg(long)]
    quiet: bool,
}

/// What a world is like, besides its seed.
#[derive(Debug, Clone, Args)]
pub struct WorldArguments {
    /// Accounts that belong to no campaign, look-alikes included
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    pub accounts: u32,
    /// Days of 24 hours
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub days: u32,
    /// Median over innocent accounts of the mean exchanges a day
    #[arg(long, value_name = "R", default_value_t = 0.7)]
    pub rate: f64,
    /// How often each class of look-alike occurs
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub lookalikes: u32,
    /// A campaign to plant: kind:strength[:accounts[:exchanges a day and account]]
    #[arg(long = "campaign", value_name = "SPEC")]
    pub campaigns: Vec<CampaignArgument>,
    /// Take texts from DIR/benign/*.jsonl.zst and DIR/distill/*.jsonl.zst
    #[arg(long, value_name = "DIR")]
    pub corpus: Option<PathBuf>,
    /// Leave out a file of the corpus, by its name without endings
    #[arg(long, value_name = "FILE_STEM", requires = "corpus")]
    pub without: Vec<String>,
}

impl WorldArguments {
    /// The configuration for a seed.
    pub fn config(&self, seed: u64) -> WorldConfig {
        let campaigns = self.campaigns.iter().map(|argument| argument.over(self.days)).collect();
        WorldConfig {
            seed,
            start: START,
            days: self.days,
            innocent_accounts: self.accounts,
            lookalike_groups: self.lookalikes,
            campaigns,
            rate_per_day: self.rate,
        }
    }

    /// The corpus, if one is named.
    ///
    /// # Errors
    /// When a folder or file is missing or holds something else.
    pub fn read_corpus(&self) -> anyhow::Result<Option<Corpus>> {
        let Some(folder) = &self.corpus else { return Ok(None) };
        let mut corpus = Corpus::default();
        for part in ["benign", "distill"] {
            read_part(&mut corpus, &folder.join(part), part, &self.without)?;
        }
        Ok(Some(corpus))
    }
}

/// Texts of a world, given the corpus where there is one.
pub fn texts(corpus: Option<&Corpus>) -> Texts {
    corpus.map_or(Texts::Grammar, |corpus| Texts::Corpus(corpus.clone()))
}

/// `kind:strength[:accounts[:per_day]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct CampaignArgument {
    config: CampaignConfig,
}

impl CampaignArgument {
    /// The standard campaign of a kind.
    pub fn standard(kind: CampaignKind, strength: u8) -> Self {
        Self { config: CampaignConfig::standard(kind, strength) }
    }

    /// The same with another size.
    pub fn sized(kind: CampaignKind, strength: u8, accounts: u32, per_account_per_day: f64) -> Self {
        Self { config: CampaignConfig { accounts, per_account_per_day, ..CampaignConfig::standard(kind, strength) } }
    }

    /// Working on every day of a world.
    fn over(&self, days: u32) -> CampaignConfig {
        CampaignConfig { days, ..self.config.clone() }
    }
}

impl FromStr for CampaignArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "write kind:strength[:accounts[:per_day]], e.g. fixed-instruction:2:300:26";
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let kind = CampaignKind::parse(name).ok_or_else(|| {
            let names: Vec<&str> = CampaignKind::ALL.into_iter().map(CampaignKind::name).collect();
            format!("there is no kind {name:?}; kinds: {}", names.join(", "))
        })?;
        let strength = match parts.next().map(str::parse) {
            Some(Ok(strength)) if (1..=5).contains(&strength) => strength,
            _ => return Err(format!("a strength of 1 to 5 is needed; {FORM}")),
        };
        let mut config = CampaignConfig::standard(kind, strength);
        if let Some(accounts) = parts.next() {
            config.accounts = accounts.parse().map_err(|_| FORM)?;
        }
        if let Some(per_day) = parts.next() {
            config.per_account_per_day = per_day.parse().map_err(|_| FORM)?;
        }
        if parts.next().is_some() { Err(FORM.into()) } else { Ok(Self { config }) }
    }
}

/// Reads the rows of every `*.jsonl.zst` in a folder, but for the files left out.
fn read_part(corpus: &mut Corpus, folder: &Path, part: &str, without: &[String]) -> anyhow::Result<()> {
    let reading = || format!("read corpus {}", folder.display());
    let entries = folder.read_dir().with_context(reading)?;
    let mut paths =
        entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>().with_context(reading)?;
    paths.sort();
    let mut files = 0;
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(stem) = name.strip_suffix(".jsonl.zst") else { continue };
        files += 1;
        if without.iter().any(|file| file == stem) {
            continue;
        }
        let reading = || format!("read corpus {}", path.display());
        let mut decoder = zstd::Decoder::new(File::open(&path).with_context(reading)?).with_context(reading)?;
        // What `zstd --long=31` writes.
        decoder.window_log_max(31).with_context(reading)?;
        for line in BufReader::new(decoder).lines() {
            corpus.parse_line(part, stem, &line.with_context(reading)?)?;
        }
    }
    if files == 0 {
        bail!("read corpus {}: no *.jsonl.zst file there", folder.display());
    }
    Ok(())
}

/// Told of every exchange that is written, with its class and what is true of it.
pub type Visit<'a> = dyn FnMut(&Exchange, &Truth) + 'a;

/// Writes a world into `folder`, day by day; returns how many exchanges it has.
///
/// # Errors
/// When there is no room, or a file cannot be written.
pub fn write(world: &World, folder: &Path, visit: &mut Visit<'_>) -> anyhow::Result<u64> {
    let mut writer = WorldWriter::create(&folder.join(TRAFFIC), &folder.join(TRUTH))?;
    writer.accounts(&world.accounts)?;
    writer.enforcements(&world.enforcements)?;
    writer.releases(&world.releases)?;
    let mut written = 0;
    for day in 0..world.days() {
        let (exchanges, truths): (Vec<Exchange>, Vec<Truth>) = world.day(day).into_iter().unzip();
        exchanges.iter().zip(&truths).for_each(|(exchange, truth)| visit(exchange, truth));
        writer.day(day, &exchanges)?;
        writer.truth(&truths)?;
        written += exchanges.len() as u64;
    }
    writer.finish()?;
    Ok(written)
}

/// Simulates and prints what was written.
///
/// # Errors
/// When the options make no world, the corpus cannot be read, or the world cannot be written.
pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let staged = Staged::begin(&arguments.out, KIND)?;
    let progress = Progress::new(arguments.quiet);
    progress.begin("make the world");
    let corpus = arguments.world.read_corpus()?;
    let world = World::new(arguments.world.config(arguments.seed), texts(corpus.as_ref())).context("simulate")?;
    progress.begin("write the world");
    let mut repeats = RepeatCounter::default();
    let written = write(&world, staged.folder(), &mut |exchange, truth| {
        repeats.observe(&truth.kind, &exchange.account, exchange.prompt.as_deref().unwrap_or_default());
    })?;
    progress.finish();
    let target = staged.target().to_path_buf();
    staged.publish()?;
    let mut text = format!(
        "{} exchanges of {} accounts over {} days, seed {}.\n\n",
        count(written),
        count(world.accounts.len() as u64),
        world.days(),
        arguments.seed
    );
    text.push_str(&class_table(&world, &repeats.rates()).plain());
    if let Some(corpus) = &corpus {
        text.push_str("\nThe corpus's own, by file:\n\n");
        text.push_str(&corpus_table(&corpus_rates(corpus)).plain());
    }
    text.push_str(&format!("\nWorld: {}\n", target.display()));
    print::text(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn class_table(world: &World, rates: &[RepeatRate]) -> Table {
    let mut accounts = std::collections::BTreeMap::<&str, u64>::new();
    for class in world.accounts.iter().filter_map(|account| world.class_of(&account.account)) {
        *accounts.entry(class).or_default() += 1;
    }
    let mut table = Table::new(&["class", "accounts", "exchanges", "repeats its own", "repeats others"]);
    for rate in rates {
        table.row(vec![
            rate.class.clone(),
            count(accounts.get(rate.class.as_str()).copied().unwrap_or_default()),
            count(rate.exchanges),
            percent(rate.within_ratio()),
            percent(rate.across_ratio()),
        ]);
    }
    table
}

fn corpus_table(rates: &[RepeatRate]) -> Table {
    let mut table = Table::new(&["file", "prompts", "repeats its own", "repeats others"]);
    for rate in rates {
        let cells = [count(rate.exchanges), percent(rate.within_ratio()), percent(rate.across_ratio())];
        table.row(std::iter::once(rate.class.clone()).chain(cells).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_campaign_is_written_as_a_short_text() {
        let check = |text: &str, expect: Result<(u8, u32, f64), &str>| match (text.parse::<CampaignArgument>(), expect)
        {
            (Ok(CampaignArgument { config }), Ok(expect)) => {
                assert_eq!((config.strength, config.accounts, config.per_account_per_day), expect, "{text}");
            }
            (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
            (outcome, _) => panic!("{text}: {outcome:?}"),
        };
        check("fixed-instruction:1", Ok((1, 300, 26.0)));
        check("slow-drip:2", Ok((2, 1_500, 4.0)));
        check("mixed:5:40", Ok((5, 40, 26.0)));
        check("mixed:5:40:2.5", Ok((5, 40, 2.5)));
        check("theft:1", Err("kinds: fixed-instruction"));
        check("mixed", Err("strength of 1 to 5"));
        check("mixed:6", Err("strength of 1 to 5"));
        check("mixed:1:many", Err("kind:strength"));
        check("mixed:1:2:3:4", Err("kind:strength"));
    }

    #[test]
    fn a_corpus_is_read_from_two_folders_without_what_is_left_out() {
        let home = tempfile::tempdir().unwrap();
        let row = r#"{"system":null,"prompt":"x","response":null}"#;
        for (part, file) in [("benign", "kept"), ("distill", "list"), ("distill", "left")] {
            let folder = home.path().join(part);
            std::fs::create_dir_all(&folder).unwrap();
            let line = if part == "benign" { r#"{"kind":"chat","messages":[]}"# } else { row };
            std::fs::write(folder.join(format!("{file}.jsonl.zst")), zstd::encode_all(line.as_bytes(), 1).unwrap())
                .unwrap();
        }
        let mut arguments = WorldArguments {
            accounts: 1,
            days: 1,
            rate: 1.0,
            lookalikes: 0,
            campaigns: vec![],
            corpus: Some(home.path().into()),
            without: vec!["left".into()],
        };
        let corpus = arguments.read_corpus().unwrap().unwrap();
        assert_eq!(corpus.files().collect::<Vec<_>>(), ["kept", "list"]);
        arguments.corpus = Some(home.path().join("benign"));
        assert!(format!("{:#}", arguments.read_corpus().unwrap_err()).contains("read corpus"));
    }
}
