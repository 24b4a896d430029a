//! Counts an exchange once however often its id occurs, and finds the time of the first row.
//!
//! A first pass over `id` and `time` alone keeps eight bytes a row, the hash of its id, and sorts them: equal hashes are
//! candidates. Only where there are candidates are their rows read in full, and what is kept of each id is the digest of
//! the row that stays: the smallest SHA-256 over the row's canonical form, so neither order nor sharding matters.
//! Invariant: of the rows with one id exactly one passes [`Duplicates::keep`] in each pass over all rows.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hasher};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use datafusion::arrow::array::{AsArray, BooleanArray};
use datafusion::arrow::datatypes::TimestampMicrosecondType;
use sha2::{Digest, Sha256};
use stillwatch_traffic::exchange::Exchange;

use crate::batch::Batch;
use crate::column::{EXCHANGES, ID, TIME};
use crate::error::Error;
use crate::row::ExchangeColumns;
use crate::source::{Pass, Source, Worker};

/// What the first pass learns.
#[derive(Debug)]
pub(crate) struct Census {
    /// Time of the first row whose id and time can be used.
    pub(crate) origin: Option<i64>,
    /// Hashes that occur more than once.
    candidates: HashSet<u64>,
}

/// Hash of an id. Equal hashes are only candidates, so its quality costs time, never truth.
fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(id.as_bytes());
    hasher.finish()
}

/// The pass that [`census`] runs; made apart so that its progress can be watched.
pub(crate) fn census_pass(source: &Arc<Source>) -> Arc<Pass> {
    Arc::new(Pass::new(source, vec![ID, TIME]))
}

/// Reads `id` and `time` of every row. Memory: 8 bytes a row.
pub(crate) fn census(pass: &Arc<Pass>, threads: usize) -> Result<Census, Error> {
    let parts = pass.run(threads, |worker| {
        let (mut hashes, mut origin) = (Vec::new(), None::<i64>);
        while let Some(batch) = worker.next_batch()? {
            let ids = batch.columns[0].as_string_view();
            let times = batch.columns[1].as_primitive::<TimestampMicrosecondType>().values();
            for row in 0..batch.rows {
                if !batch.faults.contains(row) {
                    hashes.push(hash(ids.value(row)));
                    origin = Some(origin.map_or(times[row], |known| known.min(times[row])));
                }
            }
        }
        Ok((hashes, origin))
    })?;
    let origin = parts.iter().filter_map(|(_, origin)| *origin).min();
    let mut hashes = Vec::with_capacity(parts.iter().map(|(hashes, _)| hashes.len()).sum());
    for (part, _) in parts {
        hashes.extend_from_slice(&part);
    }
    hashes.sort_unstable();
    let candidates = hashes.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
    Ok(Census { origin, candidates })
}

/// The row that stays for one id.
#[derive(Debug)]
struct Winner {
    id: Box<str>,
    /// Without content, and then the digest: the smallest stays. Of two records that another producer keeps of one call
    /// (a span and its event) the one with content stays; else the digest alone decides.
    rank: (bool, [u8; 32]),
    /// Another producer's.
    foreign: bool,
    passed: AtomicBool,
}

/// Says which rows stay; made anew for each pass over all rows.
#[derive(Debug, Default)]
pub(crate) struct Duplicates {
    winners: HashMap<u64, Vec<Winner>>,
    /// Further rows with the same content.
    pub(crate) duplicates: AtomicU64,
    /// Rows with the same id and other content.
    pub(crate) conflicts: AtomicU64,
}

impl Duplicates {
    /// Reads the candidates' rows and decides which stay. Free where there are no candidates.
    pub(crate) fn decide(source: &Arc<Source>, census: &Census, threads: usize) -> Result<Self, Error> {
        if census.candidates.is_empty() {
            return Ok(Self::default());
        }
        let candidates = Arc::new(census.candidates.clone());
        let pass = Pass::new(source, EXCHANGES.all()).only(Arc::new(move |id| candidates.contains(&hash(id))));
        let winners = Mutex::new(HashMap::<u64, Vec<Winner>>::new());
        Arc::new(pass).run(threads, |worker| note_winners(worker, &winners))?;
        let winners = winners.into_inner().expect("no worker panics while it holds the winners");
        Ok(Self { winners, ..Self::default() })
    }

    /// Whether a row stays; counts it where not.
    pub(crate) fn keep(&self, columns: &ExchangeColumns<'_>, row: usize) -> bool {
        let id = columns.id(row);
        let Some(winners) = self.winners.get(&hash(id)) else { return true };
        let Some(winner) = winners.iter().find(|winner| *winner.id == *id) else { return true };
        let stays = winner.rank.1 == digest(&columns.exchange(row));
        // Of another producer's two records of one call the one that is left out is a repeat, not a conflict.
        if !stays && !winner.foreign {
            self.conflicts.fetch_add(1, Ordering::Relaxed);
            return false;
        }
        let first = stays && !winner.passed.swap(true, Ordering::Relaxed);
        if !first {
            self.duplicates.fetch_add(1, Ordering::Relaxed);
        }
        first
    }

    /// The rows of a checked batch that stay; none where all do.
    pub(crate) fn mask(&self, batch: &Batch) -> Option<BooleanArray> {
        if batch.faults.is_empty() && self.winners.is_empty() {
            return None;
        }
        let columns = ExchangeColumns::of(&batch.columns);
        let stays = |row| !batch.faults.contains(row) && (self.winners.is_empty() || self.keep(&columns, row));
        Some((0..batch.rows).map(|row| Some(stays(row))).collect())
    }
}

fn note_winners(worker: &mut Worker, winners: &Mutex<HashMap<u64, Vec<Winner>>>) -> Result<(), Error> {
    while let Some(batch) = worker.next_batch()? {
        let columns = ExchangeColumns::of(&batch.columns);
        for row in (0..batch.rows).filter(|&row| !batch.faults.contains(row)) {
            let (id, exchange) = (columns.id(row), columns.exchange(row));
            let foreign = worker.is_foreign(batch.file);
            let bare = foreign && exchange.prompt.is_none() && exchange.response.is_none();
            let rank = (bare, digest(&exchange));
            let mut winners = winners.lock().expect("no worker panics while it holds the winners");
            let same_hash = winners.entry(hash(id)).or_default();
            match same_hash.iter_mut().find(|winner| *winner.id == *id) {
                Some(winner) => winner.rank = winner.rank.min(rank),
                None => same_hash.push(Winner { id: id.into(), rank, foreign, passed: AtomicBool::new(false) }),
            }
        }
    }
    Ok(())
}

/// SHA-256 over the canonical form of a row: its JSON with every column in the contract's order, time in microseconds.
fn digest(exchange: &Exchange) -> [u8; 32] {
    struct Into(Sha256);
    impl std::io::Write for Into {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut sha = Into(Sha256::new());
    serde_json::to_writer(&mut sha, exchange).expect("a row is plain data and the digest takes every byte");
    sha.0.finalize().into()
}
