//! Turns the paths a user names into files with a known format.
//!
//! The format is what the first bytes say; the name only helps where they say nothing (an empty file, a first line
//! that is broken). Invariant: the list is sorted and free of repeats, so that the order of arguments cannot matter.

use std::collections::BTreeSet;
use std::fs::File as OsFile;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::limits::FOLDER_DEPTH_MAX;

/// What to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inputs {
    /// Files, folders (read with all folders below), globs or `file://` URLs that hold exchanges.
    pub exchanges: Vec<String>,
    /// The same for accounts; may be empty.
    pub accounts: Vec<String>,
    /// The same for enforcements; may be empty.
    pub enforcements: Vec<String>,
    /// The same for releases; may be empty.
    pub releases: Vec<String>,
    /// A file with one SELECT that yields exchanges; relative paths in it are relative to its folder.
    pub mapping: Option<PathBuf>,
    /// Attribute (OpenTelemetry) or path of the field (LiteLLM) that holds the account; none: the producer's usual one.
    pub account_field: Option<String>,
}

/// How the bytes of a line file are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// As they are.
    Plain,
    /// gzip, any number of members.
    Gzip,
    /// Zstandard, any number of frames.
    Zstd,
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Apache Parquet.
    Parquet,
    /// One JSON object per line.
    Lines(Packing),
}

impl Format {
    /// The format in a person's words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Parquet => "Parquet",
            Self::Lines(Packing::Plain) => "JSON Lines",
            Self::Lines(Packing::Gzip) => "JSON Lines, gzip",
            Self::Lines(Packing::Zstd) => "JSON Lines, zstd",
        }
    }
}

/// One file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InputFile {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// How it is named to people.
    pub(crate) name: String,
    /// What it is.
    pub(crate) format: Format,
    /// Its size.
    pub(crate) bytes: u64,
}

/// The files of one table, and the names of files in folders that are no traffic.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// To be read, sorted by path.
    pub(crate) files: Vec<InputFile>,
    /// Left alone.
    pub(crate) skipped: Vec<(PathBuf, u64)>,
}

/// Finds the files that `paths` name.
pub(crate) fn find(table: &'static str, paths: &[String]) -> Result<Files, Error> {
    let mut found = Files::default();
    let mut seen = BTreeSet::new();
    for given in paths {
        let before = seen.len();
        for (path, named) in expand(given)? {
            if !seen.insert(path.clone()) {
                continue;
            }
            match recognise(&path, named)? {
                Some(file) => found.files.push(file),
                None => {
                    let bytes = path.metadata().map(|data| data.len()).unwrap_or_default();
                    found.skipped.push((path, bytes));
                }
            }
        }
        if seen.len() == before && !seen.iter().any(|path| path.starts_with(local(given).unwrap_or_default())) {
            return Err(Error::NothingFound { table, path: given.clone() });
        }
    }
    if found.files.is_empty() && !paths.is_empty() {
        return Err(Error::NothingFound { table, path: paths.join(", ") });
    }
    found.files.sort_by(|a, b| a.path.cmp(&b.path));
    found.skipped.sort();
    Ok(found)
}

/// The local path that a user means.
fn local(given: &str) -> Result<PathBuf, Error> {
    match given.split_once("://") {
        None => Ok(PathBuf::from(given)),
        Some(("file", path)) => Ok(PathBuf::from(path)),
        Some((scheme, _)) => Err(Error::ObjectStore { path: given.to_owned(), scheme: scheme.to_owned() }),
    }
}

/// The files behind one argument; the flag says that the user named this very file.
fn expand(given: &str) -> Result<Vec<(PathBuf, bool)>, Error> {
    let path = local(given)?;
    if path.exists() {
        return below(&path);
    }
    if !given.contains(['*', '?', '[']) {
        let source = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Error::io(path.display(), source));
    }
    let pattern = |reason: &glob::PatternError| Error::Pattern { path: given.to_owned(), reason: reason.to_string() };
    let mut paths = Vec::new();
    for entry in glob::glob(&path.to_string_lossy()).map_err(|error| pattern(&error))? {
        let entry =
            entry.map_err(|error| Error::io(error.path().display(), std::io::Error::from(error.error().kind())))?;
        paths.extend(below(&entry)?);
    }
    paths.sort();
    Ok(paths)
}

fn below(path: &Path) -> Result<Vec<(PathBuf, bool)>, Error> {
    if !path.is_dir() {
        return Ok(vec![(path.to_owned(), true)]);
    }
    let mut paths = Vec::new();
    walk(path, 0, &mut paths)?;
    paths.sort();
    Ok(paths)
}

/// Collects the files of a folder; names that begin with `.` or `_` are markers of other tools.
fn walk(folder: &Path, depth: usize, paths: &mut Vec<(PathBuf, bool)>) -> Result<(), Error> {
    if depth > FOLDER_DEPTH_MAX {
        let source = std::io::Error::other("folders are nested too deeply; is there a loop of links?");
        return Err(Error::io(folder.display(), source));
    }
    let io = |source| Error::io(folder.display(), source);
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        if entry.file_name().to_string_lossy().starts_with(['.', '_']) {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            walk(&path, depth + 1, paths)?;
        } else {
            paths.push((path, false));
        }
    }
    Ok(())
}

/// Says what a file is; none where it lies in a folder and is no traffic.
fn recognise(path: &Path, named: bool) -> Result<Option<InputFile>, Error> {
    let name = path.display().to_string();
    let mut head = Vec::new();
    let mut file = OsFile::open(path).map_err(|source| Error::io(&name, source))?;
    let bytes = file.metadata().map_err(|source| Error::io(&name, source))?.len();
    file.by_ref().take(4096).read_to_end(&mut head).map_err(|source| Error::io(&name, source))?;
    match format(path, &head) {
        Ok(format) => Ok(Some(InputFile { path: path.to_owned(), name, format, bytes })),
        Err(_) if !named => Ok(None),
        Err((found, remedy)) => Err(Error::Format { path: name, found: found.to_owned(), remedy }),
    }
}

/// The format by content, then by name.
fn format(path: &Path, head: &[u8]) -> Result<Format, (&'static str, &'static str)> {
    let name = path.to_string_lossy().to_lowercase();
    let lines_by_name = [".jsonl", ".ndjson", ".json"].iter().any(|end| name.ends_with(end));
    if head.starts_with(b"PAR1") {
        return Ok(Format::Parquet);
    }
    if head.starts_with(&[0x1f, 0x8b]) {
        return Ok(Format::Lines(Packing::Gzip));
    }
    // A zstd file may begin with a skippable frame (0x184D2A50 to 0x184D2A5F).
    if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
        || (head.len() >= 4 && head[0] & 0xf0 == 0x50 && head[1..4] == [0x2a, 0x4d, 0x18])
    {
        return Ok(Format::Lines(Packing::Zstd));
    }
    if name.ends_with(".parquet") {
        return Err(("it does not begin like a Parquet file", "write it again or leave it out"));
    }
    let text = head.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(head);
    match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Ok(Format::Lines(Packing::Plain)),
        Some(b'[') => {
            Err(("it is one JSON array, not JSON Lines", "write one object per line, for example with `jq -c '.[]'`"))
        }
        _ if lines_by_name => Ok(Format::Lines(Packing::Plain)),
        None => Err(("it is empty", "leave it out")),
        Some(_) => Err((
            "it is neither Parquet nor JSON Lines (plain, gzip or zstd)",
            "convert it, or read it with a --mapping",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, head: &[u8], expect: Option<Format>) {
        assert_eq!(format(Path::new(name), head).ok(), expect, "{name}");
    }

    #[test]
    fn content_decides_and_the_name_only_helps() {
        check("a.parquet", b"PAR1....", Some(Format::Parquet));
        check("a.bin", b"PAR1....", Some(Format::Parquet));
        check("a.parquet", b"{}", None);
        check("a.jsonl", &[0x1f, 0x8b, 8], Some(Format::Lines(Packing::Gzip)));
        check("a", &[0x28, 0xb5, 0x2f, 0xfd], Some(Format::Lines(Packing::Zstd)));
        check("a.txt", b"  \n{\"id\":1}", Some(Format::Lines(Packing::Plain)));
        check("a.txt", b"\xef\xbb\xbf{", Some(Format::Lines(Packing::Plain)));
        check("a.jsonl", b"broken", Some(Format::Lines(Packing::Plain)));
        check("a.jsonl", b"", Some(Format::Lines(Packing::Plain)));
        check("a.json", b"[{}]", None);
        check("a.csv", b"id,time", None);
        check("a.txt", b"", None);
    }

    #[test]
    fn object_stores_are_refused_by_name() {
        let error = find("exchanges", &["s3://bucket/x".to_owned()]).expect_err("not read yet");
        assert!(matches!(error, Error::ObjectStore { ref scheme, .. } if scheme == "s3"), "{error}");
        assert!(matches!(local("file:///tmp/x"), Ok(path) if path == Path::new("/tmp/x")));
    }
}
