//! Why traffic could not be read or written.
//!
//! Every text names the file and the remedy, and never a value of a row.

use std::path::PathBuf;

/// Why traffic could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A path cannot be opened, listed or read.
    #[error("read {path}: {source}")]
    Io {
        /// The file or folder.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file or folder cannot be written.
    #[error("write {path}: {source}")]
    Write {
        /// The file or folder.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A URL of a store that is not read yet.
    #[error("read {path}: {scheme}:// is not read yet; copy the files to a local folder and name that")]
    ObjectStore {
        /// As given.
        path: String,
        /// The part before `://`.
        scheme: String,
    },
    /// A glob pattern is malformed.
    #[error("read {path}: not a valid glob pattern: {reason}")]
    Pattern {
        /// As given.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A path holds no file that is recognised.
    #[error(
        "read {table} from {path}: no Parquet or JSON Lines file there; name a file, a folder or a glob that holds some"
    )]
    NothingFound {
        /// The table.
        table: &'static str,
        /// As given.
        path: String,
    },
    /// No path was given for the exchanges.
    #[error("read exchanges: no path and no mapping given; name a file, a folder or a glob")]
    NoExchanges,
    /// A file is neither Parquet nor JSON Lines.
    #[error("read {path}: {found}; {remedy}")]
    Format {
        /// The file.
        path: String,
        /// What it looks like.
        found: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A Parquet file cannot be decoded.
    #[error(
        "read {path}: not a whole Parquet file ({reason}); it is cut short, damaged or still being written: write it again or leave it out"
    )]
    Parquet {
        /// The file.
        path: String,
        /// What the decoder says.
        reason: String,
    },
    /// A column that every row needs is not in a file.
    #[error(
        "read {table} from {path}: column {column} is missing; the file has: {found}; rename it there, or give a --mapping that selects it AS {column}"
    )]
    ColumnMissing {
        /// The table.
        table: &'static str,
        /// The file.
        path: String,
        /// The column.
        column: &'static str,
        /// Columns of the file, at most twenty.
        found: String,
    },
    /// A column has a type that cannot be read as the contract's.
    #[error(
        "read {table} from {path}: column {column} is {found}, wanted {wanted}; convert it there, or give a --mapping that casts it"
    )]
    ColumnType {
        /// The table.
        table: &'static str,
        /// The file.
        path: String,
        /// The column.
        column: &'static str,
        /// Type found.
        found: String,
        /// Type wanted.
        wanted: &'static str,
    },
    /// Files were read and held no row that can be used.
    #[error("read {table}: {rows} rows read and none can be used{reasons}")]
    NoRows {
        /// The table.
        table: &'static str,
        /// Rows read.
        rows: u64,
        /// Reasons, where rows were rejected.
        reasons: String,
    },
    /// More rows were rejected than is allowed.
    #[error(
        "read {table}: {rejected} of {rows} rows cannot be used, more than the {allowed} allowed{reasons}; mend them, or raise --max-rejected (a share between 0 and 1)"
    )]
    Rejected {
        /// The table.
        table: &'static str,
        /// Rows rejected.
        rejected: u64,
        /// Rows read.
        rows: u64,
        /// Share allowed.
        allowed: f64,
        /// Reasons with counts and one place each.
        reasons: String,
    },
    /// A mapping is not one SELECT, or it does not run.
    #[error("read mapping {path}: {reason}")]
    Mapping {
        /// The SQL file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The fold ran out of memory although it may use temporary files.
    #[error(
        "fold exchanges within {bytes_max} bytes of memory: {reason}; allow more memory, use fewer threads, or scan fewer days at once"
    )]
    Memory {
        /// Memory allowed.
        bytes_max: usize,
        /// What the engine says.
        reason: String,
    },
    /// The engine failed.
    #[error("{doing}: {source}")]
    Engine {
        /// What was being done.
        doing: &'static str,
        /// What the engine says.
        source: Box<datafusion::error::DataFusionError>,
    },
    /// Days since the first row do not fit a profile.
    #[error("count the day of a row: {days} days after the first row")]
    Day {
        /// Days.
        days: i64,
    },
    /// A Parquet file cannot be encoded or written.
    #[error("write {}: {reason}", path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// What the encoder says.
        reason: String,
    },
}

impl Error {
    /// Names the path that the system refused to read.
    pub(crate) fn io(path: impl std::fmt::Display, source: std::io::Error) -> Self {
        Self::Io { path: path.to_string(), source }
    }

    /// Names the path that the system refused to write.
    pub(crate) fn write(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::Write { path: path.display().to_string(), source }
    }

    /// Names the file that could not be encoded; where the system refused to write, says so.
    pub(crate) fn encode(path: &std::path::Path, error: &datafusion::parquet::errors::ParquetError) -> Self {
        Self::Encode { path: path.to_owned(), reason: error.to_string() }
    }

    /// Names what the engine was doing.
    pub(crate) fn engine(doing: &'static str, source: datafusion::error::DataFusionError) -> Self {
        Self::Engine { doing, source: Box::new(source) }
    }
}
