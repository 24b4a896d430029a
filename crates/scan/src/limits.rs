//! Bounds on what is read, each with its reason.

/// Longest `id`, `account`, `model` or other required text: longer keys are garbage, and keys are held in memory.
pub const KEY_BYTES_MAX: usize = 1024;

/// Longest text of one field: ten times the largest context window sold, in bytes.
pub const TEXT_BYTES_MAX: usize = 16 << 20;

/// Longest line of a JSON Lines file: a few of the longest texts; a file without line ends must not fill memory.
pub const LINE_BYTES_MAX: usize = 64 << 20;

/// Text handed to one worker at a time: large enough to hide the lock, small enough to spread one file over cores.
pub(crate) const BLOCK_BYTES: usize = 2 << 20;

/// Rows of a Parquet batch where they are short.
pub(crate) const BATCH_ROWS_MAX: usize = 8192;

/// Bytes of a Parquet batch that is aimed at; rows per batch shrink where texts are long.
pub(crate) const BATCH_BYTES: u64 = 16 << 20;

/// Earliest time accepted, 2015-01-01: no model was sold before; 1970 is a unit mistake.
pub(crate) const TIME_MIN: i64 = 1_420_070_400_000_000;

/// How far past `now` a time may lie: clocks and time zones differ, data from the future is a unit mistake.
pub(crate) const TIME_AHEAD: i64 = 24 * 3_600 * 1_000_000;

/// Examples kept of each kind of rejection.
pub(crate) const EXAMPLES_MAX: usize = 5;

/// Folders within folders that are followed: a loop of links must end.
pub(crate) const FOLDER_DEPTH_MAX: usize = 64;

/// Largest window of zstd files, as a power of two: what `zstd --long=31` writes.
pub(crate) const ZSTD_WINDOW_LOG_MAX: u32 = 31;

/// Memory for the fold where the machine does not tell how much it has.
pub(crate) const MEMORY_BYTES_DEFAULT: usize = 2 << 30;
