//! What a read did: rows, rejections, files, seconds, memory.

use std::sync::atomic::Ordering;

use serde::Serialize;

use crate::rejection::Rejection;
use crate::source::Pass;

/// One file as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The file.
    pub path: String,
    /// `Parquet`, `JSON Lines`, `JSON Lines, gzip`, `JSON Lines, zstd`, after the name of another producer where the
    /// lines are his; or `not traffic` for a file that was left alone.
    pub format: String,
    /// Rows, rejected ones included.
    pub rows: u64,
    /// Size of the file.
    pub bytes: u64,
}

/// How long one stage took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stage {
    /// The stage.
    pub name: String,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// What reading a history did. `rows_read = rows_used + duplicates + conflicts + rows_rejected`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ReadReport {
    /// Exchanges read, rejected ones included.
    pub rows_read: u64,
    /// Exchanges that went into profiles.
    pub rows_used: u64,
    /// Exchanges that repeat another one in full.
    pub duplicates: u64,
    /// Exchanges that have the id of another one and other content.
    pub conflicts: u64,
    /// Exchanges that cannot be used.
    pub rows_rejected: u64,
    /// Accounts, enforcements and releases left out because another row says the same or stays in their place.
    pub side_rows_repeated: u64,
    /// Size of all files.
    pub bytes_read: u64,
    /// Why rows of any table cannot be used.
    pub rejected: Vec<Rejection>,
    /// Every file, and those in the given folders that are no traffic.
    pub files: Vec<FileReport>,
    /// Columns of the exchanges that hold no value in any row.
    pub columns_missing: Vec<String>,
    /// Seconds by stage.
    pub stages: Vec<Stage>,
    /// Most memory that the process has held so far; 0 where the system does not tell.
    pub memory_peak_bytes: u64,
}

/// The files of a finished pass.
pub(crate) fn files(pass: &Pass) -> Vec<FileReport> {
    let read = pass.source.files.iter().zip(&pass.rows).enumerate().map(|(index, (file, rows))| FileReport {
        path: file.name.clone(),
        format: pass.source.words(index),
        rows: rows.load(Ordering::Relaxed),
        bytes: file.bytes,
    });
    let skipped = pass.source.skipped.iter().map(|(path, bytes)| FileReport {
        path: path.display().to_string(),
        format: "not traffic".to_owned(),
        rows: 0,
        bytes: *bytes,
    });
    read.chain(skipped).collect()
}

/// A line `name: 123 kB` of a Linux status file, in bytes.
fn kilobytes(path: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(number * 1024)
}

/// Most memory that this process has held.
pub(crate) fn memory_peak_bytes() -> u64 {
    kilobytes("/proc/self/status", "VmHWM:").unwrap_or(0)
}

/// Half of the memory that the machine has free; the other half is for the results and for others.
pub(crate) fn memory_bytes_default() -> usize {
    kilobytes("/proc/meminfo", "MemAvailable:")
        .and_then(|bytes| usize::try_from(bytes / 2).ok())
        .unwrap_or(crate::limits::MEMORY_BYTES_DEFAULT)
}
