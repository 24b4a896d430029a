//! `stillwatch demo`: the whole job on a small simulated platform, in plain words.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use stillwatch_traffic::exchange::Timestamp;
use stillwatch_traffic::synth::{CampaignKind, LOOKALIKE_CLASSES, Texts};

use crate::answer::{self, CAMPAIGNS, Exemplars, FLAGS, RECORD, REPORT, Run};
use crate::out::{Kind, Staged};
use crate::pipeline::Outcome;
use crate::print;
use crate::scan::Work;
use crate::score::{CampaignScore, RECALL_LEAST, Score};
use crate::simulate::{CampaignArgument, TRAFFIC, WorldArguments};
use crate::table::{Table, count, percent};
use crate::trial::{self, Setup, Trial};

const WORLD: &str = "world";
const KIND: Kind = Kind { name: "demo", holds: &[CAMPAIGNS, FLAGS, RECORD, REPORT, WORLD], may_hold: &[] };

const EXAMPLES: &str = "\
Examples:
  Simulate, scan, and open the report:
      stillwatch demo
      xdg-open stillwatch-demo/report.html

  Look at what was scanned:
      stillwatch inspect stillwatch-demo/world/traffic

Exit codes: 0 every planted campaign was found and nobody else was flagged, 1 not so, 2 could not run, 130 interrupted.";

/// Simulates a platform with hidden campaigns and innocent look-alikes, scans it, and says what was found.
///
/// Needs no data, no key and no network, and takes less than a minute. The platform has some 100,000 exchanges in two
/// weeks; the scan is the one that reads real logs.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Folder for the report and the simulated world; made, or replaced if it holds a former demo
    #[arg(long, value_name = "DIR", default_value = "stillwatch-demo")]
    out: PathBuf,
    /// Everything random follows from it
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    work: Work,
}

/// The platform of the demo: small, but with every look-alike, and campaigns that are thin next to it.
fn world() -> WorldArguments {
    let campaigns = [
        (CampaignKind::FixedInstruction, 2, 60, 12.0),
        (CampaignKind::RubricGrading, 2, 50, 10.0),
        (CampaignKind::TwoPools, 1, 80, 8.0),
        (CampaignKind::Mixed, 1, 60, 12.0),
        (CampaignKind::SignatureReplay, 2, 40, 10.0),
    ];
    WorldArguments {
        accounts: 2_500,
        days: 14,
        rate: 0.6,
        lookalikes: 1,
        campaigns: campaigns
            .map(|(kind, strength, accounts, rate)| CampaignArgument::sized(kind, strength, accounts, rate))
            .to_vec(),
        corpus: None,
        without: Vec::new(),
    }
}

/// Runs the demo; exit code 0 where every planted campaign was found and nobody else was flagged.
///
/// # Errors
/// When the output folder holds something else, or there is no room.
pub fn run(arguments: &Arguments, now: Timestamp) -> anyhow::Result<ExitCode> {
    let staged = Staged::begin(&arguments.out, KIND)?;
    let world = world();
    let setup = Setup { config: world.config(arguments.seed), texts: Texts::Grammar, work: &arguments.work };
    let (trial, mut outcome, stages) = trial::run(setup, &staged.folder().join(WORLD))?;
    let target = staged.target().to_path_buf();
    rename_files(&mut outcome, staged.folder(), &target);
    let run = Run {
        now,
        title: "Demo: a simulated platform".into(),
        command: format!("stillwatch demo --seed {}", arguments.seed),
        seed: Some(arguments.seed),
        stages,
    };
    answer::write(&staged, &outcome, &run, &Exemplars::new())?;
    staged.publish()?;
    let holds = holds(&trial.score);
    print::text(&story(&trial, world.days, &target, holds))?;
    Ok(ExitCode::from(u8::from(!holds)))
}

/// Every planted campaign found, whatever its strength, and nobody else flagged.
fn holds(score: &Score) -> bool {
    score.innocents_flagged() == 0 && score.campaigns.iter().all(|campaign| campaign.recall() >= RECALL_LEAST)
}

/// Names the files by where they will be, not by the hidden folder in which they were read.
fn rename_files(outcome: &mut Outcome, from: &Path, to: &Path) {
    for file in &mut outcome.read.files {
        if let Ok(rest) = Path::new(&file.path).strip_prefix(from) {
            file.path = to.join(rest).display().to_string();
        }
    }
}

fn story(trial: &Trial, days: u32, target: &Path, holds: bool) -> String {
    let score = &trial.score;
    let mut text = format!(
        "Simulated a platform: {} exchanges of {} accounts over {days} days. Hidden in it: {} campaigns that harvest\n\
         answers, and {} kinds of innocent customers who look like one. Scanned in {:.1} seconds, without the truth.\n\n",
        count(trial.exchanges),
        count(trial.accounts),
        score.campaigns.len(),
        LOOKALIKE_CLASSES.len(),
        trial.scan_seconds,
    );
    text.push_str("What was planted, and what the scan found of it:\n\n");
    text.push_str(&planted(&score.campaigns).plain());
    let lookalikes = score.classes.iter().filter(|class| LOOKALIKE_CLASSES.contains(&class.class.as_str()));
    let lookalike_accounts: u64 = lookalikes.map(|class| class.accounts).sum();
    text.push_str(&format!(
        "\nEverybody else: {} innocent accounts, {} of them look-alikes; {} flagged.\n",
        count(score.innocents()),
        count(lookalike_accounts),
        count(score.innocents_flagged()),
    ));
    for class in score.classes.iter().filter(|class| class.flagged > 0) {
        text.push_str(&format!("  wrongly flagged: {} of {} {}\n", class.flagged, class.accounts, class.class));
    }
    text.push_str(if holds {
        "\nEvery planted campaign was found, and nobody else was flagged.\n"
    } else {
        "\nThis is not as it should be: a campaign was missed, or an innocent was flagged.\n"
    });
    let path = |name: &str| target.join(name).display().to_string();
    text.push_str(&format!("Report: {}\nTraffic: {}/{TRAFFIC}\n", path(REPORT), path(WORLD)));
    text
}

fn planted(campaigns: &[CampaignScore]) -> Table {
    let heading =
        ["campaign", "strength", "accounts", "flagged", "served before", "first flag after", "found group is pure"];
    let mut table = Table::new(&heading);
    for campaign in campaigns {
        let after = campaign.days_to_flag.map_or("never".into(), |days| format!("{days:.1} days"));
        table.row(vec![
            campaign.kind.replace('-', " "),
            campaign.strength.to_string(),
            count(campaign.accounts),
            count(campaign.flagged),
            percent(campaign.served_ratio()),
            after,
            percent(campaign.purity()),
        ]);
    }
    table
}
