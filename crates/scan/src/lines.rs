//! Cuts a line file, packed or not, into blocks of whole lines.
//!
//! Own splitter, because one bad line must not lose the file: a line over the limit is skipped and told, a packed file
//! that ends early gives what was readable. Several workers share one reader under a lock and parse their blocks
//! outside it, so that one large file keeps every core busy. Invariant: blocks carry the number of their first line,
//! so that each rejection has its true place however the work was shared.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::Error;
use crate::input::{InputFile, Packing};
use crate::limits::{BLOCK_BYTES, LINE_BYTES_MAX, ZSTD_WINDOW_LOG_MAX};
use crate::rejection::Reason;

/// Whole lines of one file.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// Number of the first line, from 1.
    pub(crate) first_row: u64,
    /// The lines with their ends; the last line of a file may lack its end.
    pub(crate) bytes: Vec<u8>,
    /// Lines that could not be delivered.
    pub(crate) lost: Vec<(u64, Reason)>,
    /// Bytes taken from the file since the block before.
    pub(crate) bytes_read: u64,
}

/// Reads one line file from start to end.
pub(crate) struct LineReader {
    name: String,
    packed: bool,
    inner: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
    told: u64,
    carry: Vec<u8>,
    row: u64,
    skipping: bool,
    done: bool,
    line_bytes_max: usize,
}

/// Counts what passes through.
struct Counted<R> {
    inner: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

impl LineReader {
    /// Opens a file.
    pub(crate) fn open(file: &InputFile, packing: Packing) -> Result<Self, Error> {
        let io = |source| Error::io(&file.name, source);
        let taken = Arc::new(AtomicU64::new(0));
        let plain = Counted { inner: File::open(&file.path).map_err(io)?, taken: Arc::clone(&taken) };
        let inner: Box<dyn Read + Send> = match packing {
            Packing::Plain => Box::new(plain),
            Packing::Gzip => {
                Box::new(flate2::read::MultiGzDecoder::new(std::io::BufReader::with_capacity(1 << 16, plain)))
            }
            Packing::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::new(plain).map_err(io)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(io)?;
                Box::new(decoder)
            }
        };
        let packed = packing != Packing::Plain;
        Ok(Self::over(file.name.clone(), packed, inner, taken))
    }

    fn over(name: String, packed: bool, inner: Box<dyn Read + Send>, taken: Arc<AtomicU64>) -> Self {
        Self {
            name,
            packed,
            inner,
            taken,
            told: 0,
            carry: Vec::new(),
            row: 1,
            skipping: false,
            done: false,
            line_bytes_max: LINE_BYTES_MAX,
        }
    }

    /// The next lines; none at the end of the file.
    ///
    /// # Errors
    /// When the system cannot read the file. Damage inside a packed file is not an error but a lost line.
    pub(crate) fn next_block(&mut self) -> Result<Option<Block>, Error> {
        if self.done {
            return Ok(None);
        }
        let mut block = Block { first_row: self.row, ..Block::default() };
        let mut buffer = std::mem::take(&mut self.carry);
        loop {
            let cut = self.fill(&mut buffer)?;
            if self.skipping {
                self.skip_line(&mut buffer);
            }
            if cut {
                // The line that was being read is lost with the rest of the file.
                let kept = memchr::memrchr(b'\n', &buffer).map_or(0, |at| at + 1);
                buffer.truncate(kept);
                let lines = memchr::memchr_iter(b'\n', &buffer).count() as u64;
                block.lost.push((block.first_row + lines, Reason::FileCut));
            }
            if self.done {
                break;
            }
            if buffer.len() >= BLOCK_BYTES {
                if let Some(end) = memchr::memrchr(b'\n', &buffer) {
                    self.carry.extend_from_slice(&buffer[end + 1..]);
                    buffer.truncate(end + 1);
                    break;
                }
                if buffer.len() > self.line_bytes_max {
                    block.lost.push((block.first_row, Reason::LineTooLong));
                    block.first_row += 1;
                    self.skipping = true;
                    buffer.clear();
                }
            }
        }
        self.row = block.first_row + memchr::memchr_iter(b'\n', &buffer).count() as u64;
        block.bytes = buffer;
        let taken = self.taken.load(Ordering::Relaxed);
        block.bytes_read = taken - self.told;
        self.told = taken;
        Ok(Some(block))
    }

    /// Reads on into `buffer`; true where a packed file ends early or is damaged.
    fn fill(&mut self, buffer: &mut Vec<u8>) -> Result<bool, Error> {
        let wanted = (buffer.len() + (BLOCK_BYTES / 4)).max(BLOCK_BYTES);
        let mut filled = buffer.len();
        buffer.resize(wanted, 0);
        while filled < wanted {
            match self.inner.read(&mut buffer[filled..]) {
                Ok(0) => {
                    self.done = true;
                    break;
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                // Decoders report damage without an error number of the system.
                Err(error) if self.packed && error.raw_os_error().is_none() => {
                    self.done = true;
                    buffer.truncate(filled);
                    return Ok(true);
                }
                Err(source) => return Err(Error::io(&self.name, source)),
            }
        }
        buffer.truncate(filled);
        Ok(false)
    }

    /// Drops bytes up to the end of a line that is too long.
    fn skip_line(&mut self, buffer: &mut Vec<u8>) {
        match memchr::memchr(b'\n', buffer) {
            Some(end) => {
                buffer.drain(..=end);
                self.skipping = false;
            }
            None => buffer.clear(),
        }
    }
}

/// The lines of a block with their numbers, without line ends; blank lines are passed over.
pub(crate) fn lines(block: &Block) -> impl Iterator<Item = (u64, &[u8])> {
    let mut rest = block.bytes.as_slice();
    let mut row = block.first_row;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let (line, next) = match memchr::memchr(b'\n', rest) {
                Some(end) => (&rest[..end], &rest[end + 1..]),
                None => (rest, &rest[rest.len()..]),
            };
            rest = next;
            let number = row;
            row += 1;
            let line = if number == 1 { line.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(line) } else { line };
            if !line.trim_ascii().is_empty() {
                return Some((number, line));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time, then ends or breaks.
    struct Slow {
        bytes: Vec<u8>,
        at: usize,
        step: usize,
        breaks: bool,
    }

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.at == self.bytes.len() && self.breaks {
                return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "cut"));
            }
            let count = self.step.min(buffer.len()).min(self.bytes.len() - self.at);
            buffer[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
            self.at += count;
            Ok(count)
        }
    }

    type Numbered<T> = Vec<(u64, T)>;

    fn read(bytes: &[u8], breaks: bool, line_bytes_max: usize) -> (Numbered<Vec<u8>>, Numbered<Reason>) {
        let slow = Slow { bytes: bytes.to_vec(), at: 0, step: 700_001, breaks };
        let mut reader = LineReader::over("x".to_owned(), true, Box::new(slow), Arc::new(AtomicU64::new(0)));
        reader.line_bytes_max = line_bytes_max;
        let (mut whole, mut lost) = (Vec::new(), Vec::new());
        while let Some(block) = reader.next_block().expect("no system error") {
            whole.extend(lines(&block).map(|(row, line)| (row, line.to_vec())));
            lost.extend(block.lost);
        }
        (whole, lost)
    }

    fn rows(whole: &[(u64, Vec<u8>)]) -> Vec<u64> {
        whole.iter().map(|(row, _)| *row).collect()
    }

    #[test]
    fn blank_lines_count_as_lines_and_are_passed_over() {
        let (whole, lost) = read(b"\xef\xbb\xbfone\n\n  \r\nfour", false, 100);
        assert_eq!(whole, [(1, b"one".to_vec()), (4, b"four".to_vec())]);
        assert_eq!(lost, []);
    }

    #[test]
    fn a_cut_file_gives_its_whole_lines() {
        let (whole, lost) = read(b"one\ntwo\nthr", true, 100);
        assert_eq!(rows(&whole), [1, 2]);
        assert_eq!(lost, [(3, Reason::FileCut)]);
    }

    #[test]
    fn a_line_over_the_limit_is_skipped_alone() {
        let long = vec![b'x'; 3 * BLOCK_BYTES];
        let bytes = [b"one\n".as_slice(), &long, b"\nthree\n", &long, b"\nfive\n", &long].concat();
        let (whole, lost) = read(&bytes, false, 2 * BLOCK_BYTES);
        assert_eq!(rows(&whole), [1, 3, 5]);
        assert_eq!(lost, [(2, Reason::LineTooLong), (4, Reason::LineTooLong), (6, Reason::LineTooLong)]);
    }

    #[test]
    fn numbers_hold_over_many_blocks() {
        let bytes: Vec<u8> = (1..=500_000).flat_map(|row| format!("{row} and some more\n").into_bytes()).collect();
        let (whole, lost) = read(&bytes, false, LINE_BYTES_MAX);
        assert_eq!(lost, []);
        assert_eq!(whole.len(), 500_000);
        assert!(whole.iter().all(|(row, line)| line.starts_with(format!("{row} ").as_bytes())));
    }
}
