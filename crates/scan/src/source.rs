//! The files of one table, and passes over them by several workers.
//!
//! A pass is a list of units (a row group, a line file). Each worker takes the next unit; when none is left it helps
//! with the line files that are still being read, block by block. Invariant: which worker reads what is left to
//! chance, so nothing above may depend on the order of batches.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::batch::Batch;
use crate::clean;
use crate::column::{EXCHANGES, Table};
use crate::error::Error;
use crate::foreign::{self, Dialect};
use crate::input::{self, Files, Format, InputFile, Packing};
use crate::json::JsonDecoder;
use crate::lines::{self, Block, LineReader};
use crate::parquet::{ParquetFile, Part, PartReader};
use crate::rejection::{Reason, Rejections};

/// The files of one table.
#[derive(Debug)]
pub(crate) struct Source {
    /// The table.
    pub(crate) table: &'static Table,
    /// Latest time of a row is one day after this.
    pub(crate) now: i64,
    /// The files, sorted by path.
    pub(crate) files: Vec<InputFile>,
    /// Files in folders that are no traffic, with their sizes.
    pub(crate) skipped: Vec<(PathBuf, u64)>,
    /// What of each file is known before it is read.
    opened: Vec<Opened>,
    /// Attribute or field that holds the account in the logs of other producers, where the user names one.
    account_field: Option<String>,
}

/// A file of which the beginning or the end was read.
#[derive(Debug)]
enum Opened {
    /// The footer of a Parquet file.
    Parquet(Box<ParquetFile>),
    /// Whose lines they are.
    Lines(Dialect),
}

impl Source {
    /// Finds the files and checks the columns of those that declare them.
    ///
    /// # Errors
    /// When a path leads nowhere, or a file cannot hold this table.
    pub(crate) fn open(table: &'static Table, paths: &[String], now: i64) -> Result<Self, Error> {
        Self::of(table, input::find(table.name, paths)?, now)
    }

    /// Checks the columns of files already found.
    pub(crate) fn of(table: &'static Table, found: Files, now: i64) -> Result<Self, Error> {
        let open = |file: &InputFile| match file.format {
            Format::Parquet => ParquetFile::open(table, file).map(|file| Opened::Parquet(Box::new(file))),
            Format::Lines(packing) if table.name == EXCHANGES.name => dialect(file, packing).map(Opened::Lines),
            Format::Lines(_) => Ok(Opened::Lines(Dialect::Contract)),
        };
        let opened = found.files.iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { table, now, files: found.files, skipped: found.skipped, opened, account_field: None })
    }

    /// Takes the account from another attribute or field of other producers' logs than the usual one.
    pub(crate) fn account_from(mut self, field: Option<&str>) -> Self {
        self.account_field = field.map(str::to_owned);
        self
    }

    /// What a file is, in a person's words.
    pub(crate) fn words(&self, file: usize) -> String {
        let format = self.files[file].format.words();
        match self.dialect(file).words() {
            Some(producer) => format!("{producer}, {format}"),
            None => format.to_owned(),
        }
    }

    fn dialect(&self, file: usize) -> Dialect {
        match self.opened[file] {
            Opened::Lines(dialect) => dialect,
            Opened::Parquet(_) => Dialect::Contract,
        }
    }

    /// The lines of a block of a file as lines of the contract.
    fn contract_lines<'b>(
        &self,
        file: usize,
        block: &'b Block,
        lost: &mut Vec<(u64, Reason)>,
    ) -> Vec<(u64, Cow<'b, [u8]>)> {
        match self.dialect(file) {
            Dialect::Contract => lines::lines(block).map(|(number, line)| (number, Cow::Borrowed(line))).collect(),
            dialect => {
                let translated = foreign::translate(dialect, block, self.account_field.as_deref(), lost);
                translated.into_iter().map(|(number, line)| (number, Cow::Owned(line))).collect()
            }
        }
    }

    /// Bytes of all files.
    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// The footer of a Parquet file.
    pub(crate) fn parquet(&self, file: usize) -> Option<&ParquetFile> {
        match &self.opened[file] {
            Opened::Parquet(parquet) => Some(parquet),
            Opened::Lines(_) => None,
        }
    }

    /// Whether rows of a file are another producer's, of which two may tell of one call.
    pub(crate) fn is_foreign(&self, file: usize) -> bool {
        self.dialect(file) != Dialect::Contract
    }

    fn units(&self) -> Vec<Unit> {
        let mut units = Vec::new();
        for (file, opened) in self.opened.iter().enumerate() {
            match opened {
                Opened::Parquet(parquet) => {
                    units.extend(parquet.parts().into_iter().map(|part| Unit::Part(file, part)))
                }
                Opened::Lines(_) => units.push(Unit::Lines(file)),
            }
        }
        units
    }
}

/// Work that one worker takes at a time.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Part(usize, Part),
    Lines(usize),
}

/// A line file that is being read by one or more workers.
struct OpenLines {
    file: usize,
    reader: Mutex<LineReader>,
    done: AtomicBool,
}

/// Says of ids by their hash whether their rows are wanted.
pub(crate) type IdFilter = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// One pass over a source.
pub(crate) struct Pass {
    /// What is read.
    pub(crate) source: Arc<Source>,
    /// Which columns, as positions in the table.
    pub(crate) selection: Vec<usize>,
    /// Rows that could not be used.
    pub(crate) rejections: Rejections,
    /// Rows seen, rejected ones included, of each file.
    pub(crate) rows: Vec<AtomicU64>,
    /// Columns that hold a value in some usable row, one bit each.
    pub(crate) present: AtomicU64,
    /// Only rows with these ids, where given; the first selected column must be the id.
    only: Option<IdFilter>,
    units: Vec<Unit>,
    next: AtomicUsize,
    open: Mutex<Vec<Arc<OpenLines>>>,
    /// Bytes of the files done.
    pub(crate) bytes_done: Arc<AtomicU64>,
}

impl Pass {
    /// A pass that reads the columns of `selection`.
    pub(crate) fn new(source: &Arc<Source>, selection: Vec<usize>) -> Self {
        Self {
            source: Arc::clone(source),
            selection,
            rejections: Rejections::default(),
            rows: source.files.iter().map(|_| AtomicU64::new(0)).collect(),
            present: AtomicU64::new(0),
            only: None,
            units: source.units(),
            next: AtomicUsize::new(0),
            open: Mutex::new(Vec::new()),
            bytes_done: Arc::new(AtomicU64::new(0)),
        }
    }

    /// Restricts the pass to some ids.
    pub(crate) fn only(mut self, ids: IdFilter) -> Self {
        self.only = Some(ids);
        self
    }

    /// Rows seen, rejected ones included.
    pub(crate) fn rows_read(&self) -> u64 {
        self.rows.iter().map(|rows| rows.load(Ordering::Relaxed)).sum()
    }

    /// What was rejected, with the names of the files.
    pub(crate) fn rejected(&self) -> Vec<crate::rejection::Rejection> {
        self.rejections.report(|file| self.source.files[file].name.clone())
    }

    /// Runs `work` on `threads` threads and returns what each gives.
    ///
    /// # Errors
    /// The first error of any worker; the others end at their next unit.
    pub(crate) fn run<T: Send>(
        self: &Arc<Self>,
        threads: usize,
        work: impl Fn(&mut Worker) -> Result<T, Error> + Sync,
    ) -> Result<Vec<T>, Error> {
        let one = |_| {
            let result = work(&mut Worker::new(self));
            if result.is_err() {
                self.next.store(usize::MAX / 2, Ordering::Relaxed);
            }
            result
        };
        if threads <= 1 || self.units.is_empty() {
            return Ok(vec![one(0)?]);
        }
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|index| scope.spawn(move || one(index))).collect();
            workers.into_iter().map(|worker| worker.join().expect("a worker returns its errors")).collect()
        })
    }
}

/// What a worker is reading.
enum Current {
    Part(usize, Box<PartReader>),
    Lines(Arc<OpenLines>),
}

/// Reads batches for one thread.
pub(crate) struct Worker {
    pass: Arc<Pass>,
    current: Option<Current>,
    decoder: JsonDecoder,
    ids: JsonDecoder,
}

impl Worker {
    /// A worker of a pass.
    pub(crate) fn new(pass: &Arc<Pass>) -> Self {
        let table = pass.source.table;
        Self {
            pass: Arc::clone(pass),
            current: None,
            decoder: JsonDecoder::new(table, &pass.selection),
            ids: JsonDecoder::new(table, &pass.selection[..1]),
        }
    }

    /// The next batch of usable and unusable rows, checked; faults and lost lines are counted already.
    pub(crate) fn next_batch(&mut self) -> Result<Option<Batch>, Error> {
        let pass = Arc::clone(&self.pass);
        let Some(mut batch) = self.next_raw()? else { return Ok(None) };
        clean::check(pass.source.table, &pass.selection, pass.source.now, &mut batch);
        pass.rows[batch.file].fetch_add(batch.rows as u64, Ordering::Relaxed);
        for (row, column, reason) in batch.faults.iter() {
            let field = pass.source.table.columns[column].name;
            pass.rejections.add(reason, Some(field), batch.file, batch.numbers.of(row));
        }
        let mut present = 0;
        for (array, &index) in batch.columns.iter().zip(&pass.selection) {
            present |= u64::from(array.null_count() < array.len()) << index;
        }
        pass.present.fetch_or(present, Ordering::Relaxed);
        Ok(Some(batch))
    }

    /// Whether rows of a file are another producer's.
    pub(crate) fn is_foreign(&self, file: usize) -> bool {
        self.pass.source.is_foreign(file)
    }

    fn next_raw(&mut self) -> Result<Option<Batch>, Error> {
        loop {
            let batch = match &mut self.current {
                None => None,
                Some(Current::Part(file, reader)) => reader.next_batch(*file)?,
                Some(Current::Lines(open)) => {
                    let open = Arc::clone(open);
                    self.next_lines(&open)?
                }
            };
            if batch.is_some() {
                return Ok(batch);
            }
            self.current = self.take()?;
            if self.current.is_none() {
                return Ok(None);
            }
        }
    }

    /// The next unit, or a line file that another worker is reading.
    fn take(&self) -> Result<Option<Current>, Error> {
        let pass = &self.pass;
        while let Some(&unit) = pass.units.get(pass.next.fetch_add(1, Ordering::Relaxed)) {
            match unit {
                Unit::Lines(file) => {
                    let input = &pass.source.files[file];
                    let Format::Lines(packing) = input.format else { continue };
                    let reader = Mutex::new(LineReader::open(input, packing)?);
                    let open = Arc::new(OpenLines { file, reader, done: AtomicBool::new(false) });
                    pass.open.lock().expect("no worker panics while it holds the list").push(Arc::clone(&open));
                    return Ok(Some(Current::Lines(open)));
                }
                Unit::Part(file, part) => {
                    pass.bytes_done.fetch_add(part.bytes, Ordering::Relaxed);
                    if let Some(reader) = self.part(file, part)? {
                        return Ok(Some(Current::Part(file, Box::new(reader))));
                    }
                }
            }
        }
        let mut open = pass.open.lock().expect("no worker panics while it holds the list");
        open.retain(|open| !open.done.load(Ordering::Relaxed));
        Ok(open.first().map(|open| Current::Lines(Arc::clone(open))))
    }

    fn next_lines(&mut self, open: &OpenLines) -> Result<Option<Batch>, Error> {
        let block = open.reader.lock().expect("no worker panics while it reads").next_block()?;
        let Some(block) = block else {
            open.done.store(true, Ordering::Relaxed);
            return Ok(None);
        };
        self.pass.bytes_done.fetch_add(block.bytes_read, Ordering::Relaxed);
        let mut lost = block.lost.clone();
        let mut lines = self.pass.source.contract_lines(open.file, &block, &mut lost);
        if let Some(only) = &self.pass.only {
            let wanted = wanted_lines(&mut self.ids, only, open.file, &lines);
            lines.retain(|(number, _)| wanted.contains(number));
        }
        let batch = self.decoder.decode(open.file, &lines, &mut lost);
        self.pass.rows[open.file].fetch_add(lost.len() as u64, Ordering::Relaxed);
        for (row, reason) in lost {
            self.pass.rejections.add(reason, None, open.file, row);
        }
        Ok(Some(batch))
    }

    /// A reader of a row group; none where a filter leaves no row of it.
    fn part(&self, file: usize, part: Part) -> Result<Option<PartReader>, Error> {
        let Some(parquet) = self.pass.source.parquet(file) else { return Ok(None) };
        let Some(only) = &self.pass.only else {
            return parquet.read(part, &self.pass.selection, None).map(Some);
        };
        let mut wanted = Vec::new();
        let mut reader = parquet.read(part, &self.pass.selection[..1], None)?;
        while let Some(batch) = reader.next_batch(file)? {
            for (row, id) in texts(&batch, 0).enumerate() {
                if id.is_some_and(|id| only(id)) {
                    wanted.push(usize::try_from(batch.numbers.of(row) - part.first_row).unwrap_or(usize::MAX));
                }
            }
        }
        if wanted.is_empty() {
            return Ok(None);
        }
        parquet.read(part, &self.pass.selection, Some(&wanted)).map(Some)
    }
}

/// The texts of a column of a batch.
pub(crate) fn texts(batch: &Batch, at: usize) -> impl Iterator<Item = Option<&str>> {
    use datafusion::arrow::array::AsArray;
    batch.columns[at].as_string_view().iter()
}

/// The numbers of the lines whose id is wanted.
fn wanted_lines(ids: &mut JsonDecoder, only: &IdFilter, file: usize, lines: &[(u64, Cow<'_, [u8]>)]) -> BTreeSet<u64> {
    let found = ids.decode(file, lines, &mut Vec::new());
    let wanted = texts(&found, 0).enumerate().filter(|(_, id)| id.is_some_and(|id| only(id)));
    wanted.map(|(row, _)| found.numbers.of(row)).collect()
}

/// Whose lines a file holds, by its first line.
pub(crate) fn dialect(file: &InputFile, packing: Packing) -> Result<Dialect, Error> {
    // A pipe cannot be read twice; what comes through one is the contract's.
    if !file.path.is_file() {
        return Ok(Dialect::Contract);
    }
    let block = LineReader::open(file, packing)?.next_block()?.unwrap_or_default();
    Ok(lines::lines(&block).next().map_or(Dialect::Contract, |(_, line)| Dialect::of(line)))
}
