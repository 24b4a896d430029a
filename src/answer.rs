//! The four files of a scan's answer: campaigns, flags, the record of the scan, and the report for people.
//!
//! Invariant: `campaigns.json` and `flags.jsonl` depend on the rows and the key alone; whatever differs from run to
//! run (seconds, memory, paths) stands in `scan.json`.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Serialize;
use stillwatch_detect::blind::cost_of_missing;
use stillwatch_detect::campaign::{Campaign, Exemplar, Flag};
use stillwatch_detect::{ClearedGroup, Parameters};
use stillwatch_report::{GroupNote, Summary};
use stillwatch_scan::{ReadReport, Stage};
use stillwatch_traffic::exchange::Timestamp;

use crate::memory;
use crate::out::{Kind, Staged};
use crate::pipeline::Outcome;
use crate::prices::Prices;

/// Campaigns, pretty JSON.
pub const CAMPAIGNS: &str = "campaigns.json";
/// Flags, one JSON object a line.
pub const FLAGS: &str = "flags.jsonl";
/// The record of the scan.
pub const RECORD: &str = "scan.json";
/// The report.
pub const REPORT: &str = "report.html";

/// How a folder with a former scan is recognised.
pub const KIND: Kind = Kind { name: "scan", holds: &[CAMPAIGNS, FLAGS, RECORD, REPORT], may_hold: &[] };

/// Texts shown with `--show-content`, by campaign.
pub type Exemplars = BTreeMap<String, Vec<Exemplar>>;

/// What differs from run to run.
#[derive(Debug, Clone)]
pub struct Run {
    /// When it was started.
    pub now: Timestamp,
    /// Heading of the report.
    pub title: String,
    /// Command line that repeats it.
    pub command: String,
    /// Seed of the simulated world, where there is one.
    pub seed: Option<u64>,
    /// Seconds by stage.
    pub stages: Vec<Stage>,
}

/// `scan.json`.
#[derive(Debug, Serialize)]
struct Record<'a> {
    program: &'static str,
    version: &'static str,
    scanned_at: String,
    command: &'a str,
    key_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    campaigns: usize,
    flags: usize,
    read: &'a ReadReport,
    stages: &'a [Stage],
    seconds: f64,
    memory_bytes_peak: Option<u64>,
    parameters: &'a Parameters,
    cleared: &'a [ClearedGroup],
    blind_spots: &'a [String],
}

/// Puts a cost range on every campaign that the price file covers.
pub fn price(outcome: &mut Outcome, prices: &Prices) {
    for campaign in &mut outcome.findings.campaigns {
        campaign.impact.cost = prices.cost(&campaign.impact);
    }
}

/// Writes the four files into the staged folder.
///
/// # Errors
/// When there is no room, or the operating system refuses.
pub fn write(staged: &Staged, outcome: &Outcome, run: &Run, exemplars: &Exemplars) -> anyhow::Result<()> {
    let findings = &outcome.findings;
    staged.write(CAMPAIGNS, &pretty(&findings.campaigns)?)?;
    staged.write(FLAGS, &lines(&findings.flags)?)?;
    let page = stillwatch_report::page(&summary(outcome, run), &findings.campaigns, exemplars);
    staged.write(REPORT, page.as_bytes())?;
    staged.write(RECORD, &pretty(&record(outcome, run))?)?;
    Ok(())
}

/// The whole answer as one JSON object, for `--json`.
///
/// # Errors
/// When a number cannot be written as JSON.
pub fn json(outcome: &Outcome, run: &Run) -> anyhow::Result<serde_json::Value> {
    let findings = &outcome.findings;
    let value = serde_json::json!({
        "scan": record(outcome, run), "campaigns": findings.campaigns, "flags": findings.flags,
    });
    Ok(value)
}

fn record<'a>(outcome: &'a Outcome, run: &'a Run) -> Record<'a> {
    Record {
        program: "stillwatch",
        version: env!("CARGO_PKG_VERSION"),
        scanned_at: run.now.to_rfc3339(),
        command: &run.command,
        key_id: format!("{:016x}", outcome.key_id),
        seed: run.seed,
        campaigns: outcome.findings.campaigns.len(),
        flags: outcome.findings.flags.len(),
        read: &outcome.read,
        stages: &run.stages,
        seconds: seconds(run),
        memory_bytes_peak: memory::peak_bytes(),
        parameters: &outcome.parameters,
        cleared: &outcome.findings.cleared,
        blind_spots: &outcome.findings.blind_spots,
    }
}

fn seconds(run: &Run) -> f64 {
    run.stages.iter().map(|stage| stage.seconds).sum()
}

/// What the report says besides the campaigns.
pub fn summary(outcome: &Outcome, run: &Run) -> Summary {
    let read = &outcome.read;
    let note = |group: &ClearedGroup| GroupNote {
        what: group.what.clone(),
        accounts: group.accounts,
        exchanges: group.exchanges,
        reason_cleared: group.reason.clone(),
    };
    let rejected = read.rejected.iter().map(|rejection| {
        let field = rejection.field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default();
        let place = rejection.examples.first();
        let place = place.map(|place| format!(" (first: {}, row {})", place.file, place.row)).unwrap_or_default();
        (format!("{field}{}{place}", rejection.reason), rejection.count)
    });
    let conflicts = (read.conflicts > 0)
        .then(|| ("the id of another exchange with other content; one of them was read".to_owned(), read.conflicts));
    Summary {
        title: run.title.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scanned_from: outcome.extent.first,
        scanned_to: outcome.extent.last,
        accounts: outcome.extent.accounts,
        exchanges: read.rows_used,
        rows_rejected: read.rows_rejected,
        duplicates: read.duplicates + read.conflicts,
        rejected_reasons: rejected.chain(conflicts).collect(),
        columns_missing: costly(&read.columns_missing),
        groups_examined: outcome.findings.cleared.iter().map(note).collect(),
        blind_spots: outcome.findings.blind_spots.clone(),
        command: run.command.clone(),
        seconds: seconds(run),
    }
}

/// Columns without which a decision saw less, with what that costs.
fn costly(columns: &[String]) -> Vec<(String, String)> {
    let cost = |column: &String| Some((column.clone(), cost_of_missing(column)?.to_owned()));
    columns.iter().filter_map(cost).collect()
}

fn pretty(value: &impl Serialize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(value).context("write JSON")?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn lines(flags: &[Flag]) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for flag in flags {
        serde_json::to_writer(&mut bytes, flag).context("write JSON")?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// Reads the campaigns and flags of a finished scan.
///
/// # Errors
/// When the folder holds no scan, or one of another version.
pub fn read(folder: &std::path::Path) -> anyhow::Result<(Vec<Campaign>, Vec<Flag>)> {
    let text = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    };
    let understand = |name: &str| format!("understand {}", folder.join(name).display());
    let campaigns = serde_json::from_str(&text(CAMPAIGNS)?).with_context(|| understand(CAMPAIGNS))?;
    let flags =
        text(FLAGS)?.lines().map(serde_json::from_str).collect::<Result<_, _>>().with_context(|| understand(FLAGS))?;
    Ok((campaigns, flags))
}
