//! The three small tables beside the exchanges: accounts, enforcements, releases; and the truth of a simulated world.
//!
//! They fit in memory and detection wants them whole. Invariant: sorted, and of several rows about one account the one
//! with the smaller canonical form stays, so that neither order nor file split matters.

use std::sync::{Arc, Mutex};

use datafusion::arrow::array::{Array, ArrayRef, AsArray};
use datafusion::arrow::datatypes::{Int32Type, TimestampMicrosecondType};
use stillwatch_traffic::exchange::{Account, Enforcement, Release, Timestamp, Truth};

use crate::column::{ACCOUNTS, ENFORCEMENTS, RELEASES, TRUTH, Table};
use crate::error::Error;
use crate::rejection::{self, Rejection};
use crate::source::{Pass, Source};

/// What a small table was made of.
#[derive(Debug, Default)]
pub(crate) struct SideReport {
    /// Rows that could not be used.
    pub(crate) rejected: Vec<Rejection>,
    /// Format, rows and bytes of each file.
    pub(crate) files: Vec<crate::report::FileReport>,
    /// Rows left out because another row of the same key stays.
    pub(crate) repeated: u64,
    /// Bytes of the files.
    pub(crate) bytes: u64,
}

/// How a small table is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SideOptions {
    /// Latest time of a row is one day after this.
    pub(crate) now: Timestamp,
    /// Share of rows that may be rejected.
    pub(crate) max_rejected: f64,
    /// Threads.
    pub(crate) threads: usize,
}

/// Accounts, sorted, one row each.
pub(crate) fn accounts(paths: &[String], options: SideOptions) -> Result<(Vec<Account>, SideReport), Error> {
    let (mut rows, mut report) = read(&ACCOUNTS, paths, options, account)?;
    let canonical = |row: &Account| serde_json::to_vec(row).expect("a row is plain data");
    rows.sort_by_cached_key(|row| (row.account.clone(), canonical(row)));
    let before = rows.len();
    rows.dedup_by(|later, earlier| later.account == earlier.account);
    report.repeated = (before - rows.len()) as u64;
    Ok((rows, report))
}

/// Enforcements, sorted by time, account, action, without repeats.
pub(crate) fn enforcements(paths: &[String], options: SideOptions) -> Result<(Vec<Enforcement>, SideReport), Error> {
    let (mut rows, mut report) = read(&ENFORCEMENTS, paths, options, |columns, row| Enforcement {
        account: required(&columns[0], row),
        time: time(&columns[1], row).unwrap_or_default(),
        action: required(&columns[2], row),
    })?;
    rows.sort_by(|a, b| (a.time, &a.account, &a.action).cmp(&(b.time, &b.account, &b.action)));
    let before = rows.len();
    rows.dedup();
    report.repeated = (before - rows.len()) as u64;
    Ok((rows, report))
}

/// Releases, sorted by time and model, without repeats.
pub(crate) fn releases(paths: &[String], options: SideOptions) -> Result<(Vec<Release>, SideReport), Error> {
    let (mut rows, mut report) = read(&RELEASES, paths, options, |columns, row| Release {
        model: required(&columns[0], row),
        time: time(&columns[1], row).unwrap_or_default(),
    })?;
    rows.sort_by(|a, b| (a.time, &a.model).cmp(&(b.time, &b.model)));
    let before = rows.len();
    rows.dedup();
    report.repeated = (before - rows.len()) as u64;
    Ok((rows, report))
}

/// Reads the truth of a simulated world, sorted by exchange id.
///
/// # Errors
/// When the file cannot be read or any row of it cannot be used.
pub fn read_truth(path: impl AsRef<std::path::Path>) -> Result<Vec<Truth>, Error> {
    let options = SideOptions { now: Timestamp(i64::MAX / 2), max_rejected: 0.0, threads: 1 };
    let paths = [path.as_ref().to_string_lossy().into_owned()];
    let (mut rows, _) = read(&TRUTH, &paths, options, |columns, row| Truth {
        id: required(&columns[0], row),
        account: required(&columns[1], row),
        campaign: text(&columns[2], row),
        kind: required(&columns[3], row),
        strength: columns[4].as_primitive::<Int32Type>().value(row),
    })?;
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(rows)
}

fn account(columns: &[ArrayRef], row: usize) -> Account {
    let verified = columns[7].as_boolean();
    Account {
        account: required(&columns[0], row),
        organization: text(&columns[1], row),
        created: time(&columns[2], row),
        plan: text(&columns[3], row),
        payment: text(&columns[4], row),
        email_domain: text(&columns[5], row),
        device: text(&columns[6], row),
        verified: verified.is_valid(row).then(|| verified.value(row)),
        agreement: text(&columns[8], row),
    }
}

fn text(array: &ArrayRef, row: usize) -> Option<String> {
    let array = array.as_string_view();
    array.is_valid(row).then(|| array.value(row).to_owned())
}

fn required(array: &ArrayRef, row: usize) -> String {
    text(array, row).unwrap_or_default()
}

fn time(array: &ArrayRef, row: usize) -> Option<Timestamp> {
    let array = array.as_primitive::<TimestampMicrosecondType>();
    array.is_valid(row).then(|| Timestamp(array.value(row)))
}

/// Reads every usable row of a table; no paths, no rows.
fn read<T: Send>(
    table: &'static Table,
    paths: &[String],
    options: SideOptions,
    row: impl Fn(&[ArrayRef], usize) -> T + Sync,
) -> Result<(Vec<T>, SideReport), Error> {
    if paths.is_empty() {
        return Ok((Vec::new(), SideReport::default()));
    }
    let source = Arc::new(Source::open(table, paths, options.now.0)?);
    let pass = Arc::new(Pass::new(&source, table.all()));
    let rows = Mutex::new(Vec::new());
    pass.run(options.threads, |worker| {
        while let Some(batch) = worker.next_batch()? {
            let usable = (0..batch.rows).filter(|&at| !batch.faults.contains(at));
            let some: Vec<T> = usable.map(|at| row(&batch.columns, at)).collect();
            rows.lock().expect("no worker panics while it holds the rows").extend(some);
        }
        Ok(())
    })?;
    let rejected = pass.rejected();
    check_rejected(table, pass.rejections.count(), pass.rows_read(), options.max_rejected, &rejected)?;
    let rows = rows.into_inner().expect("no worker panics while it holds the rows");
    let files = crate::report::files(&pass);
    Ok((rows, SideReport { rejected, files, repeated: 0, bytes: source.bytes() }))
}

/// Refuses a table of which too many rows cannot be used.
pub(crate) fn check_rejected(
    table: &'static Table,
    rejected: u64,
    rows: u64,
    allowed: f64,
    rejections: &[Rejection],
) -> Result<(), Error> {
    if rejected as f64 <= allowed * rows as f64 {
        return Ok(());
    }
    let reasons = rejection::reasons(rejections);
    Err(Error::Rejected { table: table.name, rejected, rows, allowed, reasons })
}
