//! Writes the tables of the contract: simulated worlds, and what is true of them.
//!
//! The truth goes to a path of its own, so that a scan of the world's folder cannot meet it by accident.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Float32Array, Int32Array, Int64Array, RecordBatch, StringViewArray,
    TimestampMicrosecondArray,
};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::ArrowWriterOptions;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::errors::ParquetError;
use datafusion::parquet::file::properties::WriterProperties;
use serde::Serialize;
use stillwatch_traffic::exchange::{Account, Enforcement, Exchange, Release, Timestamp, Truth};

use crate::column::{ACCOUNTS, ENFORCEMENTS, EXCHANGES, RELEASES, TRUTH, Table};
use crate::error::Error;

/// Rows of a row group: the unit of work of one reader.
const ROW_GROUP_ROWS: usize = 65_536;
/// Rows that are turned into one batch.
const CHUNK_ROWS: usize = 8_192;

/// Writes a world: `exchanges/day-NNN.parquet`, `accounts.parquet`, `enforcements.parquet`, `releases.parquet`.
#[derive(Debug)]
pub struct WorldWriter {
    folder: PathBuf,
    truth: TableWriter,
}

impl WorldWriter {
    /// Makes the folder and its `exchanges` folder, and begins the truth at its own path.
    ///
    /// # Errors
    /// When a folder or file cannot be made.
    pub fn create(folder: &Path, truth: &Path) -> Result<Self, Error> {
        let exchanges = folder.join("exchanges");
        std::fs::create_dir_all(&exchanges).map_err(|source| Error::write(&exchanges, source))?;
        Ok(Self { folder: folder.to_owned(), truth: TableWriter::create(&TRUTH, truth)? })
    }

    /// Writes the exchanges of one day as a file of its own.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn day(&mut self, day: u32, exchanges: &[Exchange]) -> Result<(), Error> {
        self.exchanges(&format!("day-{day:03}"), exchanges)
    }

    /// Writes exchanges as the file `exchanges/<name>.parquet`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn exchanges(&mut self, name: &str, exchanges: &[Exchange]) -> Result<(), Error> {
        let path = self.folder.join("exchanges").join(format!("{name}.parquet"));
        write_exchanges(&path, exchanges)
    }

    /// Adds truth; may be called day by day.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn truth(&mut self, truth: &[Truth]) -> Result<(), Error> {
        self.truth.rows(truth, truth_arrays)
    }

    /// Writes the accounts.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn accounts(&mut self, accounts: &[Account]) -> Result<(), Error> {
        whole(&ACCOUNTS, &self.folder.join("accounts.parquet"), accounts, account_arrays)
    }

    /// Writes the enforcements.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn enforcements(&mut self, enforcements: &[Enforcement]) -> Result<(), Error> {
        whole(&ENFORCEMENTS, &self.folder.join("enforcements.parquet"), enforcements, enforcement_arrays)
    }

    /// Writes the releases.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn releases(&mut self, releases: &[Release]) -> Result<(), Error> {
        whole(&RELEASES, &self.folder.join("releases.parquet"), releases, release_arrays)
    }

    /// Ends the truth; without this the file has no footer and cannot be read.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        self.truth.finish()
    }
}

/// Writes exchanges as one Parquet file.
///
/// # Errors
/// When the file cannot be written.
pub fn write_exchanges(path: &Path, exchanges: &[Exchange]) -> Result<(), Error> {
    whole(&EXCHANGES, path, exchanges, exchange_arrays)
}

/// Writes rows as one file of JSON Lines; absent values are written as null.
///
/// # Errors
/// When the file cannot be written.
pub fn write_lines<T: Serialize>(path: &Path, rows: &[T]) -> Result<(), Error> {
    let file = File::create(path).map_err(|source| Error::write(path, source))?;
    let mut file = BufWriter::new(file);
    for row in rows {
        serde_json::to_writer(&mut file, row).map_err(|error| Error::write(path, error.into()))?;
        file.write_all(b"\n").map_err(|source| Error::write(path, source))?;
    }
    file.flush().map_err(|source| Error::write(path, source))
}

fn whole<T>(table: &'static Table, path: &Path, rows: &[T], arrays: fn(&[T]) -> Vec<ArrayRef>) -> Result<(), Error> {
    let mut writer = TableWriter::create(table, path)?;
    writer.rows(rows, arrays)?;
    writer.finish()
}

/// Writes one table.
#[derive(Debug)]
struct TableWriter {
    table: &'static Table,
    path: PathBuf,
    writer: ArrowWriter<File>,
}

impl TableWriter {
    fn create(table: &'static Table, path: &Path) -> Result<Self, Error> {
        let file = File::create(path).map_err(|source| Error::write(path, source))?;
        let writer = parquet_writer(file, table.schema(&table.all())).map_err(|error| Error::encode(path, &error))?;
        Ok(Self { table, path: path.to_owned(), writer })
    }

    fn rows<T>(&mut self, rows: &[T], arrays: fn(&[T]) -> Vec<ArrayRef>) -> Result<(), Error> {
        let schema = self.table.schema(&self.table.all());
        for chunk in rows.chunks(CHUNK_ROWS) {
            let batch = RecordBatch::try_new(Arc::clone(&schema), arrays(chunk))
                .expect("arrays are made in the table's order and types");
            self.writer.write(&batch).map_err(|error| Error::encode(&self.path, &error))?;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Error> {
        let path = self.path;
        self.writer.close().map(drop).map_err(|error| Error::encode(&path, &error))
    }
}

/// A writer whose files every reader knows: plain UTF-8 and timestamps, no Arrow schema embedded.
pub(crate) fn parquet_writer<W: Write + Send>(
    file: W,
    schema: datafusion::arrow::datatypes::SchemaRef,
) -> Result<ArrowWriter<W>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .build();
    let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
    ArrowWriter::try_new_with_options(file, schema, options)
}

fn text<'a, T: 'a>(rows: &'a [T], value: impl Fn(&'a T) -> Option<&'a str>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<StringViewArray>())
}

fn time<T>(rows: &[T], value: impl Fn(&T) -> Option<Timestamp>) -> ArrayRef {
    let times = rows.iter().map(|row| value(row).map(|time| time.0)).collect::<TimestampMicrosecondArray>();
    Arc::new(times.with_timezone("UTC"))
}

fn int32<T>(rows: &[T], value: impl Fn(&T) -> Option<i32>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<Int32Array>())
}

fn int64<T>(rows: &[T], value: impl Fn(&T) -> Option<i64>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<Int64Array>())
}

fn float<T>(rows: &[T], value: impl Fn(&T) -> Option<f32>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<Float32Array>())
}

fn boolean<T>(rows: &[T], value: impl Fn(&T) -> Option<bool>) -> ArrayRef {
    Arc::new(rows.iter().map(value).collect::<BooleanArray>())
}

fn exchange_arrays(rows: &[Exchange]) -> Vec<ArrayRef> {
    vec![
        text(rows, |row| Some(&row.id)),
        time(rows, |row| Some(row.time)),
        text(rows, |row| Some(&row.account)),
        text(rows, |row| Some(&row.model)),
        text(rows, |row| row.prompt.as_deref()),
        text(rows, |row| row.system.as_deref()),
        text(rows, |row| row.response.as_deref()),
        text(rows, |row| row.conversation.as_deref()),
        int32(rows, |row| row.turn),
        text(rows, |row| row.credential.as_deref()),
        text(rows, |row| row.channel.as_deref()),
        text(rows, |row| row.reasoning_signature.as_deref()),
        int32(rows, |row| row.input_tokens),
        int32(rows, |row| row.output_tokens),
        float(rows, |row| row.temperature),
        float(rows, |row| row.top_p),
        int32(rows, |row| row.max_tokens),
        int32(rows, |row| row.n),
        int32(rows, |row| row.tools),
        boolean(rows, |row| row.logprobs),
        boolean(rows, |row| row.stream),
        int64(rows, |row| row.seed),
        text(rows, |row| row.finish_reason.as_deref()),
        int32(rows, |row| row.status),
        text(rows, |row| row.ip.as_deref()),
        int64(rows, |row| row.asn),
        text(rows, |row| row.user_agent.as_deref()),
        text(rows, |row| row.ja4.as_deref()),
    ]
}

fn account_arrays(rows: &[Account]) -> Vec<ArrayRef> {
    vec![
        text(rows, |row| Some(&row.account)),
        text(rows, |row| row.organization.as_deref()),
        time(rows, |row| row.created),
        text(rows, |row| row.plan.as_deref()),
        text(rows, |row| row.payment.as_deref()),
        text(rows, |row| row.email_domain.as_deref()),
        text(rows, |row| row.device.as_deref()),
        boolean(rows, |row| row.verified),
        text(rows, |row| row.agreement.as_deref()),
    ]
}

fn enforcement_arrays(rows: &[Enforcement]) -> Vec<ArrayRef> {
    vec![text(rows, |row| Some(&row.account)), time(rows, |row| Some(row.time)), text(rows, |row| Some(&row.action))]
}

fn release_arrays(rows: &[Release]) -> Vec<ArrayRef> {
    vec![text(rows, |row| Some(&row.model)), time(rows, |row| Some(row.time))]
}

fn truth_arrays(rows: &[Truth]) -> Vec<ArrayRef> {
    vec![
        text(rows, |row| Some(&row.id)),
        text(rows, |row| Some(&row.account)),
        text(rows, |row| row.campaign.as_deref()),
        text(rows, |row| Some(&row.kind)),
        int32(rows, |row| Some(row.strength)),
    ]
}
