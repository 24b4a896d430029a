//! Reads a lab's tables into the history that detection is given.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use stillwatch_detect::history::History;
use stillwatch_detect::profile::Extractor;
use stillwatch_traffic::exchange::Timestamp;
use tempfile::TempDir;

use crate::column::EXCHANGES;
use crate::duplicate::{self, Census, Duplicates};
use crate::error::Error;
use crate::fold::{self, Resources};
use crate::input::{Files, Inputs};
use crate::mapping;
use crate::progress::{self, Progress};
use crate::rejection;
use crate::report::{self, ReadReport, Stage};
use crate::side::{self, SideOptions, SideReport};
use crate::source::{Pass, Source};
use crate::table::ExchangePass;

/// How to read.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Share of the rows of a table, 0 to 1, that may be rejected before it is an error.
    pub max_rejected: f64,
    /// Threads that work at once, at least 1.
    pub threads: usize,
    /// Bytes of memory for the fold, past which it writes temporary files; none: half of what the machine has free.
    pub memory_bytes_max: Option<usize>,
    /// The present; rows more than a day after it are rejected.
    pub now: Timestamp,
    /// A folder for temporary files; a folder of its own is made in it and removed again.
    pub temporary: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            // One row in a hundred: the contract's bound.
            max_rejected: 0.01,
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_bytes_max: None,
            // No limit: the caller knows the time, this crate does not.
            now: Timestamp(i64::MAX / 2),
            temporary: std::env::temp_dir(),
        }
    }
}

impl Options {
    pub(crate) fn side(&self) -> SideOptions {
        SideOptions { now: self.now, max_rejected: self.max_rejected, threads: self.threads }
    }

    pub(crate) fn temporary(&self) -> Result<TempDir, Error> {
        let made = tempfile::Builder::new().prefix("stillwatch-").tempdir_in(&self.temporary);
        made.map_err(|source| Error::Write { path: self.temporary.display().to_string(), source })
    }

    pub(crate) fn resources<'a>(&self, temporary: &'a TempDir) -> Resources<'a> {
        let memory_bytes_max = self.memory_bytes_max.unwrap_or_else(report::memory_bytes_default);
        Resources { threads: self.threads.max(1), memory_bytes_max, temporary: temporary.path() }
    }
}

/// Seconds by stage.
#[derive(Debug, Default)]
struct Stages(Vec<Stage>);

impl Stages {
    fn time<T>(&mut self, name: &str, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let start = Instant::now();
        let result = work();
        self.0.push(Stage { name: name.to_owned(), seconds: start.elapsed().as_secs_f64() });
        result
    }
}

/// The exchanges of some inputs.
pub(crate) fn open_exchanges(inputs: &Inputs, options: &Options, temporary: &TempDir) -> Result<Arc<Source>, Error> {
    if let Some(sql) = &inputs.mapping {
        let file = mapping::spool(sql, &inputs.exchanges, options.resources(temporary))?;
        let found = Files { files: vec![file], skipped: Vec::new() };
        return Source::of(&EXCHANGES, found, options.now.0).map(Arc::new);
    }
    if inputs.exchanges.is_empty() {
        return Err(Error::NoExchanges);
    }
    let source = Source::open(&EXCHANGES, &inputs.exchanges, options.now.0)?;
    Ok(Arc::new(source.account_from(inputs.account_field.as_deref())))
}

/// Reads `inputs` into a history. Blocks; uses `options.threads` threads.
///
/// # Errors
/// When a path leads nowhere, a file is damaged or lacks a required column, no row can be used, or more rows are
/// rejected than `options.max_rejected` allows. Rows that cannot be used are otherwise counted in the report.
pub fn read_history(
    inputs: &Inputs,
    extractor: &Extractor,
    options: &Options,
    progress: &dyn Progress,
) -> Result<(History, ReadReport), Error> {
    let temporary = options.temporary()?;
    let mut stages = Stages::default();
    let mut read = ReadReport::default();
    let mut history = stages.time("side tables", || read_side(inputs, options, &mut read))?;
    let source = stages.time("open", || open_exchanges(inputs, options, &temporary))?;
    let census = stages.time("census", || take_census(&source, options, progress))?;
    let duplicates = stages.time("duplicates", || Duplicates::decide(&source, &census, options.threads))?;
    history.origin = Timestamp(census.origin.unwrap_or_default());
    let pass = Arc::new(exchange_pass(&source, &census, duplicates, None));
    history.profiles = stages.time("fold", || {
        let bytes_done = Arc::clone(&pass.pass.bytes_done);
        let work = || fold::fold(&pass, extractor, options.resources(&temporary));
        progress::stage(progress, "fold", Some(source.bytes()), &bytes_done, work)
    })?;
    finish(&pass, options, &mut read)?;
    read.stages = stages.0;
    read.memory_peak_bytes = report::memory_peak_bytes();
    Ok((history, read))
}

fn read_side(inputs: &Inputs, options: &Options, read: &mut ReadReport) -> Result<History, Error> {
    let (accounts, first) = side::accounts(&inputs.accounts, options.side())?;
    let (enforcements, second) = side::enforcements(&inputs.enforcements, options.side())?;
    let (releases, third) = side::releases(&inputs.releases, options.side())?;
    for SideReport { rejected, files, repeated, bytes } in [first, second, third] {
        read.rejected.extend(rejected);
        read.files.extend(files);
        read.side_rows_repeated += repeated;
        read.bytes_read += bytes;
    }
    Ok(History { accounts, enforcements, releases, ..History::default() })
}

pub(crate) fn take_census(source: &Arc<Source>, options: &Options, progress: &dyn Progress) -> Result<Census, Error> {
    let pass = duplicate::census_pass(source);
    let work = || duplicate::census(&pass, options.threads);
    progress::stage(progress, "census", Some(source.bytes()), &pass.bytes_done, work)
}

pub(crate) fn exchange_pass(
    source: &Arc<Source>,
    census: &Census,
    duplicates: Duplicates,
    accounts: Option<BTreeSet<String>>,
) -> ExchangePass {
    ExchangePass {
        pass: Arc::new(Pass::new(source, EXCHANGES.all())),
        duplicates,
        origin: census.origin.unwrap_or_default(),
        accounts,
        failed: Mutex::new(None),
    }
}

/// Adds what the pass over the exchanges did, and refuses it where too little was usable.
fn finish(pass: &ExchangePass, options: &Options, read: &mut ReadReport) -> Result<(), Error> {
    let mut rejected = pass.pass.rejected();
    let (rows, count) = (pass.pass.rows_read(), pass.pass.rejections.count());
    if rows == count {
        let mut reasons = rejection::reasons(&rejected);
        let without_account = rejected.iter().any(|of| of.field.as_deref() == Some("account"));
        if without_account && (0..pass.pass.source.files.len()).any(|file| pass.pass.source.is_foreign(file)) {
            reasons.push_str("; name the attribute or field that holds the account with --account-field");
        }
        return Err(Error::NoRows { table: EXCHANGES.name, rows, reasons });
    }
    side::check_rejected(&EXCHANGES, count, rows, options.max_rejected, &rejected)?;
    read.rows_read = rows;
    read.rows_rejected = count;
    read.duplicates = pass.duplicates.duplicates.load(Ordering::Relaxed);
    read.conflicts = pass.duplicates.conflicts.load(Ordering::Relaxed);
    read.rows_used = rows - count - read.duplicates - read.conflicts;
    read.bytes_read += pass.pass.source.bytes();
    rejected.append(&mut read.rejected);
    read.rejected = rejected;
    let mut files = report::files(&pass.pass);
    files.append(&mut read.files);
    read.files = files;
    let present = pass.pass.present.load(Ordering::Relaxed);
    let missing = EXCHANGES.columns.iter().enumerate().filter(|(index, _)| present >> index & 1 == 0);
    read.columns_missing = missing.map(|(_, column)| column.name.to_owned()).collect();
    Ok(())
}
