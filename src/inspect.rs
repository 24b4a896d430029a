//! `stillwatch inspect`: what is recognised in some files, what is missing, and what that costs.
//!
//! Invariant: a text of a customer is printed only with `--show-content`; else its length is.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use stillwatch_detect::blind::cost_of_missing;
use stillwatch_scan::{Inputs, Inspected, InspectedColumn, Options, inspect};
use stillwatch_traffic::exchange::{Exchange, Timestamp};

use crate::interrupt::Temporary;
use crate::print;
use crate::progress::Progress;
use crate::table::{Table, count, percent};

/// The table without which nothing can be scanned.
const EXCHANGES: &str = "exchanges";
/// Fields that hold what people wrote or what was answered.
const TEXTS: [&str; 3] = ["prompt", "system", "response"];
/// Characters shown of one value.
const CHARACTERS_MAX: usize = 200;
/// Columns or reasons named in one line.
const NAMES_MAX: usize = 12;
/// Share of unusable rows beyond which a scan refuses unless told otherwise.
const MAX_REJECTED: f64 = 0.01;
/// Files listed of each table.
const FILES_MAX: usize = 20;

const EXAMPLES: &str = "\
Examples:
  Look at a folder of logs:
      stillwatch inspect logs/

  Look at what a mapping makes of your own files, texts included:
      stillwatch inspect --mapping ours.sql --show-content

  For a program:
      stillwatch inspect logs/ --json

Exit codes: 0 a scan would accept the exchanges, and every file can be read, 2 not so, 130 interrupted.";

/// Says what is recognised in files, which columns are missing, what that costs in detection, and shows three rows.
///
/// Reads the beginning of every file through the same checks as a scan. Texts are hidden unless --show-content.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Arguments {
    /// Files, folders or globs of Parquet or JSON Lines (plain, gzip, zstd), OpenTelemetry or LiteLLM logs
    #[arg(value_name = "PATH", required_unless_present = "mapping")]
    paths: Vec<String>,
    /// One SQL SELECT over your own files; PATHs are then what FROM exchanges reads in it
    #[arg(long, value_name = "FILE.sql")]
    mapping: Option<PathBuf>,
    /// Where other producers' logs hold the account, as for scan
    #[arg(long, value_name = "NAME")]
    account_field: Option<String>,
    /// Rows looked at in each file
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    rows: u64,
    /// Show what people wrote and what was answered
    #[arg(long)]
    show_content: bool,
    /// Print one JSON object instead of tables (never with texts)
    #[arg(long)]
    json: bool,
    /// Show no progress
    #[arg(long)]
    quiet: bool,
}

/// A column that no row fills.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Missing {
    column: &'static str,
    needed: bool,
    costs: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    files: &'a [Inspected],
    missing: &'a [Missing],
    ready: bool,
}

/// Inspects; exit code 2 where nothing could be scanned or a file cannot be read.
///
/// # Errors
/// When a path leads nowhere or a mapping does not run.
pub fn run(arguments: &Arguments, now: Timestamp) -> anyhow::Result<ExitCode> {
    let progress = Progress::new(arguments.quiet);
    progress.begin("inspect");
    let temporary =
        Temporary::create(&std::env::temp_dir(), "stillwatch-inspect").context("make a temporary folder")?;
    let options = Options { now, temporary: temporary.path().to_path_buf(), ..Options::default() };
    let inputs = Inputs {
        exchanges: arguments.paths.clone(),
        mapping: arguments.mapping.clone(),
        account_field: arguments.account_field.clone(),
        ..Inputs::default()
    };
    let files = inspect(&inputs, &options, arguments.rows).context("inspect")?;
    progress.finish();
    let missing = missing(&files);
    let ready = is_ready(&files);
    if arguments.json {
        print::json(&Answer { files: &files, missing: &missing, ready })?;
    } else {
        print::text(&text(&files, &missing, arguments.show_content))?;
    }
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::from(crate::COULD_NOT_RUN) })
}

fn is_ready(files: &[Inspected]) -> bool {
    let rejected = |file: &Inspected| file.rejected.iter().map(|rejection| rejection.count).sum::<u64>();
    let usable = |file: &Inspected| file.rows > 0 && rejected(file) as f64 <= MAX_REJECTED * file.rows as f64;
    let mut exchanges = files.iter().filter(|file| file.table == Some(EXCHANGES)).peekable();
    exchanges.peek().is_some() && exchanges.all(usable) && files.iter().all(|file| file.error.is_none())
}

fn of_table<'a>(files: &'a [Inspected], table: &'a str) -> impl Iterator<Item = &'a Inspected> {
    files.iter().filter(move |file| file.table == Some(table))
}

/// Columns of the exchanges that no row of any file fills.
fn missing(files: &[Inspected]) -> Vec<Missing> {
    let empty = |column: &InspectedColumn| filled(files, EXCHANGES, column.name).0 == 0;
    let columns = of_table(files, EXCHANGES).next().map(|file| &file.columns[..]).unwrap_or_default();
    let of = |column: &InspectedColumn| Missing {
        column: column.name,
        needed: column.needed,
        costs: cost_of_missing(column.name),
    };
    columns.iter().filter(|column| empty(column)).map(of).collect()
}

/// Rows that fill a column, and all rows, over the files of a table.
fn filled(files: &[Inspected], table: &str, name: &str) -> (u64, u64) {
    let columns = of_table(files, table).flat_map(|file| file.columns.iter().map(move |column| (column, file.rows)));
    let of_name = columns.filter(|(column, _)| column.name == name);
    of_name.fold((0, 0), |(filled, rows), (column, of_file)| (filled + column.filled, rows + of_file))
}

fn text(files: &[Inspected], missing: &[Missing], show_content: bool) -> String {
    let mut out = String::new();
    for table in [EXCHANGES, "accounts", "enforcements", "releases", "truth"] {
        if of_table(files, table).next().is_some() {
            of_one_table(files, table, &mut out);
        }
    }
    strangers(files, &mut out);
    if of_table(files, EXCHANGES).next().is_none() {
        out.push_str(
            "No file has the columns of exchanges: id, time, account, model. Where yours have other names, select them\n\
             in a mapping and inspect that:\n\n  SELECT your_id AS id, your_time AS time, your_account AS account, your_model AS model FROM 'your-file'\n",
        );
        return out;
    }
    costs(missing, &mut out);
    rows(files, show_content, &mut out);
    out
}

fn of_one_table(files: &[Inspected], table: &str, out: &mut String) {
    let list: Vec<&Inspected> = of_table(files, table).collect();
    let apart = if table == "truth" { " (of a simulated world; a scan never reads it)" } else { "" };
    out.push_str(&format!("{table}{apart}: {} file{}\n\n", list.len(), if list.len() == 1 { "" } else { "s" }));
    let mut names = Table::new(&["rows", "format", "bytes", "file"]);
    for file in list.iter().take(FILES_MAX) {
        let more = if file.whole { "" } else { " or more" };
        let path = file.path.clone();
        names.row(vec![format!("{}{more}", count(file.rows)), file.format.clone(), count(file.bytes), path]);
    }
    out.push_str(&names.plain());
    if list.len() > FILES_MAX {
        out.push_str(&format!("… and {} more\n", list.len() - FILES_MAX));
    }
    let mut columns = Table::new(&["column", "filled", "type"]);
    for column in list.first().map(|file| &file.columns[..]).unwrap_or_default() {
        let (filled, rows) = filled(files, table, column.name);
        let share = if filled == 0 { "—".to_owned() } else { percent(filled as f64 / rows.max(1) as f64) };
        let needed = if column.needed { ", needed" } else { "" };
        columns.row(vec![column.name.into(), share, format!("{}{needed}", column.wanted)]);
    }
    out.push_str(&format!("\n{}\n", columns.plain()));
    let mut ignored: Vec<&str> = list.iter().flat_map(|file| file.ignored.iter().map(String::as_str)).collect();
    ignored.sort_unstable();
    ignored.dedup();
    if !ignored.is_empty() {
        out.push_str(&format!("Not read: {}.\n\n", some(&ignored)));
    }
    for file in list {
        for rejection in &file.rejected {
            let field = rejection.field.as_deref().map(|field| format!("{field}: ")).unwrap_or_default();
            let place =
                rejection.examples.first().map(|place| format!(", first in row {}", place.row)).unwrap_or_default();
            out.push_str(&format!(
                "Cannot be used: {} rows of {} ({field}{}{place}).\n\n",
                count(rejection.count),
                file.path,
                rejection.reason
            ));
        }
    }
}

/// Files that hold no table, and files that cannot be read.
fn strangers(files: &[Inspected], out: &mut String) {
    for file in files {
        if let Some(error) = &file.error {
            out.push_str(&format!("{}: cannot be read: {error}\n\n", file.path));
        } else if file.table.is_none() {
            let names: Vec<&str> = file.ignored.iter().map(String::as_str).collect();
            let has = if names.is_empty() { "no columns".to_owned() } else { some(&names) };
            out.push_str(&format!("{}: {}, not recognised; it has {has}\n\n", file.path, file.format));
        }
    }
}

fn some(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMES_MAX);
    let shown = names[..names.len().min(NAMES_MAX)].join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

fn costs(missing: &[Missing], out: &mut String) {
    let costly: Vec<&Missing> = missing.iter().filter(|missing| missing.costs.is_some()).collect();
    if costly.is_empty() {
        out.push_str("Nothing that detection reads is missing.\n\n");
        return;
    }
    out.push_str("Missing, and what that costs:\n\n");
    let mut table = Table::new(&["column", "without it"]);
    for missing in costly {
        table.row(vec![missing.column.into(), missing.costs.unwrap_or_default().into()]);
    }
    out.push_str(&format!("{}\n", table.plain()));
}

/// Three exchanges, field by field.
fn rows(files: &[Inspected], show_content: bool, out: &mut String) {
    let first: Vec<&Exchange> = of_table(files, EXCHANGES).flat_map(|file| &file.first).take(3).collect();
    if first.is_empty() {
        out.push_str("No exchange can be used.\n");
        return;
    }
    let hidden = if show_content { "" } else { " (texts hidden; --show-content shows them)" };
    out.push_str(&format!("The first exchanges{hidden}:\n"));
    for exchange in first {
        out.push('\n');
        let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(exchange) else { continue };
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
            out.push_str(&format!("  {name:<20} {}\n", shown(name, value, show_content)));
        }
    }
}

/// A value as it may be printed: on one line, without control characters, not too long.
fn shown(name: &str, value: &serde_json::Value, show_content: bool) -> String {
    let Some(text) = value.as_str() else { return value.to_string() };
    let length = text.chars().count();
    if TEXTS.contains(&name) && !show_content {
        return format!("({} characters)", count(length as u64));
    }
    let clean = |letter: char| if letter.is_control() { ' ' } else { letter };
    let opening: String = text.chars().take(CHARACTERS_MAX).map(clean).collect();
    if length > CHARACTERS_MAX { format!("{opening}… ({} characters)", count(length as u64)) } else { opening }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_hidden_and_nothing_reaches_the_terminal_raw() {
        let check = |name, text: &str, show, expect: &str| {
            assert_eq!(shown(name, &serde_json::Value::from(text), show), expect);
        };
        check("prompt", "a secret", false, "(8 characters)");
        check("prompt", "a secret", true, "a secret");
        check("model", "m\u{1b}[31m\n", false, "m [31m ");
        check("response", &"é".repeat(300), true, &format!("{}… (300 characters)", "é".repeat(200)));
    }

    #[test]
    fn a_column_that_is_empty_everywhere_is_missing() {
        let file = |filled| Inspected {
            table: Some(EXCHANGES),
            rows: 10,
            columns: vec![InspectedColumn { name: "prompt", wanted: "text", needed: false, filled }],
            ..Inspected::default()
        };
        assert_eq!(missing(&[file(0), file(3)]), []);
        assert_eq!(missing(&[file(0), file(0)]).len(), 1);
        assert!(is_ready(&[file(0)]));
        assert!(!is_ready(&[file(0), Inspected { error: Some("cut".into()), ..Inspected::default() }]));
        assert!(!is_ready(&[]));
    }
}
