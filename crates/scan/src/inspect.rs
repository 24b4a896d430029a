//! A first look at files: which table each holds, which columns are filled, which rows could not be used.
//!
//! Reads the beginning of every file and no more, through the same readers and checks as a scan, so that what is told
//! here is what a scan will meet. Invariant: a file that cannot be read does not hide the others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use datafusion::arrow::array::Array;
use datafusion::parquet::file::reader::{FileReader, SerializedFileReader};
use serde::Serialize;
use serde::de::IgnoredAny;
use stillwatch_traffic::exchange::Exchange;

use crate::column::{ACCOUNTS, Check, ENFORCEMENTS, EXCHANGES, RELEASES, TRUTH, Table};
use crate::error::Error;
use crate::foreign::Dialect;
use crate::history::Options;
use crate::input::{self, Files, Format, InputFile, Inputs, Packing};
use crate::lines::{self, LineReader};
use crate::mapping;
use crate::rejection::Rejection;
use crate::row::ExchangeColumns;
use crate::source::{self, Pass, Source, Worker};

/// Usable rows of each file that are kept to be shown.
const ROWS_SHOWN: usize = 3;
/// Lines from which the names of a line file's columns are told.
const LINES_LOOKED_AT: usize = 200;

/// One column of the contract in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InspectedColumn {
    /// Its name.
    pub name: &'static str,
    /// Its type in words.
    pub wanted: &'static str,
    /// Whether a row without it is rejected.
    pub needed: bool,
    /// Rows looked at that have a value.
    pub filled: u64,
}

/// What one file is.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Inspected {
    /// The file.
    pub path: String,
    /// What it is, as in [`FileReport`](crate::FileReport); empty where it is nothing that can be read.
    pub format: String,
    /// Its size.
    pub bytes: u64,
    /// `exchanges`, `accounts`, `enforcements`, `releases` or `truth`; none where its columns fit no table.
    pub table: Option<&'static str>,
    /// Rows looked at, rejected ones included.
    pub rows: u64,
    /// Whether the end of the file was reached.
    pub whole: bool,
    /// The table's columns.
    pub columns: Vec<InspectedColumn>,
    /// Columns of the file that the table does not have.
    pub ignored: Vec<String>,
    /// Why rows could not be used.
    pub rejected: Vec<Rejection>,
    /// The first usable exchanges.
    #[serde(skip)]
    pub first: Vec<Exchange>,
    /// Why the file cannot be read.
    pub error: Option<String>,
}

/// Looks at `rows_max` rows of every file that `inputs` name as exchanges, whatever they hold, or of what a mapping
/// makes of them.
///
/// # Errors
/// When a path leads nowhere or the mapping does not run. What is wrong with a single file stands in its entry.
pub fn inspect(inputs: &Inputs, options: &Options, rows_max: u64) -> Result<Vec<Inspected>, Error> {
    let temporary = options.temporary()?;
    let look = |file: InputFile| {
        let mut seen = Inspected { path: file.name.clone(), bytes: file.bytes, ..Inspected::default() };
        let account = inputs.account_field.as_deref();
        if let Err(error) = look_inside(file, account, options.now.0, rows_max, &mut seen) {
            seen.error = Some(error.to_string());
        }
        seen
    };
    if let Some(sql) = &inputs.mapping {
        return Ok(vec![look(mapping::spool(sql, &inputs.exchanges, options.resources(&temporary))?)]);
    }
    let found = input::find("traffic", &inputs.exchanges)?;
    let strangers = found.skipped.into_iter().map(|(path, bytes)| Inspected {
        path: path.display().to_string(),
        bytes,
        error: Some("it is neither Parquet nor JSON Lines".to_owned()),
        ..Inspected::default()
    });
    Ok(found.files.into_iter().map(look).chain(strangers).collect())
}

fn look_inside(
    file: InputFile,
    account: Option<&str>,
    now: i64,
    rows_max: u64,
    seen: &mut Inspected,
) -> Result<(), Error> {
    seen.format = file.format.words().to_owned();
    let table = match file.format {
        Format::Lines(packing) if source::dialect(&file, packing)? != Dialect::Contract => &EXCHANGES,
        _ => {
            let names = names(&file)?;
            let Some(table) = table_of(&names) else {
                seen.ignored = names.into_iter().collect();
                return Ok(());
            };
            let known: BTreeSet<&str> = table.columns.iter().map(|column| column.name).collect();
            seen.ignored = names.into_iter().filter(|name| !known.contains(name.as_str())).collect();
            table
        }
    };
    seen.table = Some(table.name);
    let source = Source::of(table, Files { files: vec![file], skipped: Vec::new() }, now)?.account_from(account);
    seen.format = source.words(0);
    let pass = Arc::new(Pass::new(&Arc::new(source), table.all()));
    let mut worker = Worker::new(&pass);
    let mut filled = vec![0; table.columns.len()];
    seen.whole = true;
    while let Some(batch) = worker.next_batch()? {
        for (count, array) in filled.iter_mut().zip(&batch.columns) {
            *count += (array.len() - array.null_count()) as u64;
        }
        if table.name == EXCHANGES.name {
            let columns = ExchangeColumns::of(&batch.columns);
            let usable = (0..batch.rows).filter(|&row| !batch.faults.contains(row));
            seen.first.extend(usable.take(ROWS_SHOWN - seen.first.len()).map(|row| columns.exchange(row)));
        }
        seen.rows = pass.rows_read();
        if seen.rows >= rows_max {
            seen.whole = false;
            break;
        }
    }
    if seen.whole {
        seen.rows = pass.rows_read();
    }
    seen.rejected = pass.rejected();
    let columns = table.columns.iter().zip(filled).map(|(column, filled)| InspectedColumn {
        name: column.name,
        wanted: column.kind.words(),
        needed: column.check == Check::Required,
        filled,
    });
    seen.columns = columns.collect();
    Ok(())
}

/// The names of a file's columns.
fn names(file: &InputFile) -> Result<BTreeSet<String>, Error> {
    match file.format {
        Format::Parquet => {
            let opened = std::fs::File::open(&file.path).map_err(|source| Error::io(&file.name, source))?;
            let reader = SerializedFileReader::new(opened)
                .map_err(|error| Error::Parquet { path: file.name.clone(), reason: error.to_string() })?;
            let root = reader.metadata().file_metadata().schema().get_fields();
            Ok(root.iter().map(|field| field.name().to_owned()).collect())
        }
        Format::Lines(packing) => keys(file, packing),
    }
}

fn keys(file: &InputFile, packing: Packing) -> Result<BTreeSet<String>, Error> {
    let mut reader = LineReader::open(file, packing)?;
    let mut names = BTreeSet::new();
    if let Some(block) = reader.next_block()? {
        for (_, line) in lines::lines(&block).take(LINES_LOOKED_AT) {
            if let Ok(object) = serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(line) {
                names.extend(object.into_keys());
            }
        }
    }
    Ok(names)
}

/// The table whose required columns are all there; of several the one with the most columns in common.
fn table_of(names: &BTreeSet<String>) -> Option<&'static Table> {
    let has = |table: &&&Table| {
        let mut needed = table.columns.iter().filter(|column| column.check == Check::Required);
        needed.all(|column| names.contains(column.name))
    };
    let common = |table: &&&Table| table.columns.iter().filter(|column| names.contains(column.name)).count();
    let tables: [&'static Table; 5] = [&RELEASES, &ACCOUNTS, &ENFORCEMENTS, &TRUTH, &EXCHANGES];
    tables.iter().filter(has).max_by_key(common).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_tell_the_table() {
        let check = |names: &[&str], expect: Option<&str>| {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(table_of(&names).map(|table| table.name), expect, "{names:?}");
        };
        check(&["id", "time", "account", "model"], Some("exchanges"));
        check(&["id", "time", "account", "model", "prompt", "country"], Some("exchanges"));
        check(&["account", "payment", "plan"], Some("accounts"));
        check(&["account", "time", "action"], Some("enforcements"));
        check(&["model", "time"], Some("releases"));
        check(&["id", "account", "campaign", "kind", "strength"], Some("truth"));
        check(&["request_id", "when", "who"], None);
        check(&[], None);
    }
}
