//! Writes an output folder whole or not at all.
//!
//! Files are first written to a hidden sibling of the target, synced to disk, and the folder is then moved into
//! place. A folder that this program did not write is never replaced: its kind is told by the names in it.
//! Invariant: a reader of the target sees the former answer or the new one, never a mixture.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::interrupt::Temporary;

/// What kind of folder is written, and by which names a former one is recognised.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// How it is called in a message, e.g. `scan`.
    pub name: &'static str,
    /// Names that a former one holds.
    pub holds: &'static [&'static str],
    /// Further names that it may hold.
    pub may_hold: &'static [&'static str],
}

/// Why an output folder could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder holds something else than a former answer.
    #[error(
        "write {folder}: it holds {found:?}, which is no part of a former {kind}; choose a new --out, or empty it first"
    )]
    Foreign {
        /// The folder.
        folder: String,
        /// One of the names found there.
        found: String,
        /// The kind that would be written.
        kind: &'static str,
    },
    /// The path ends in no name, e.g. `/` or `..`.
    #[error("write {0}: an output folder needs a name of its own")]
    Nameless(String),
    /// The path is a file.
    #[error("write {0}: it is a file, and --out must be a folder")]
    NotAFolder(String),
    /// The folder that should hold it is missing.
    #[error("write {folder}: the folder {parent} does not exist; make it first")]
    NoParent {
        /// The folder.
        folder: String,
        /// What is missing.
        parent: String,
    },
    /// The disk is full.
    #[error("write {0}: no space is left there; free some or choose another --out (nothing was left behind)")]
    Full(String),
    /// Anything else that the operating system says.
    #[error("write {folder}")]
    Io {
        /// The folder.
        folder: String,
        /// The reason.
        source: io::Error,
    },
}

/// Whether the device, the quota or the process limit leaves no room for a file.
pub fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

/// An output folder that is being written and not yet visible.
#[derive(Debug)]
pub struct Staged {
    target: PathBuf,
    temporary: Temporary,
    kind: Kind,
}

impl Staged {
    /// Checks that `target` may be written, and makes the hidden folder beside it.
    ///
    /// # Errors
    /// When the target holds something foreign, has no parent, or cannot be written.
    pub fn begin(target: &Path, kind: Kind) -> Result<Self, Error> {
        let target = resolve(target)?;
        check(&target, kind)?;
        let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(Error::Nameless(show(&target)));
        };
        if !parent.is_dir() {
            return Err(Error::NoParent { folder: show(&target), parent: show(parent) });
        }
        let temporary = Temporary::create(parent, &name.to_string_lossy()).map_err(|error| failed(&target, error))?;
        Ok(Self { target, temporary, kind })
    }

    /// Where files are to be written until the folder is published.
    pub fn folder(&self) -> &Path {
        self.temporary.path()
    }

    /// Where the folder will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Writes one file.
    ///
    /// # Errors
    /// When there is no room, or the operating system refuses.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let write = || -> io::Result<()> {
            let mut file = File::create(self.folder().join(name))?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|error| failed(&self.target, error))
    }

    /// Syncs everything to disk and puts the folder in place of the target.
    ///
    /// # Errors
    /// When there is no room, or when the target has become something foreign meanwhile.
    pub fn publish(self) -> Result<(), Error> {
        let Self { target, temporary, kind } = self;
        let finish = |temporary: Temporary| -> io::Result<()> {
            sync_tree(temporary.path())?;
            temporary.publish(&target)?;
            target.parent().map_or(Ok(()), sync)
        };
        check(&target, kind)?;
        finish(temporary).map_err(|error| failed(&target, error))
    }
}

fn show(path: &Path) -> String {
    path.display().to_string()
}

fn failed(target: &Path, source: io::Error) -> Error {
    if is_full(&source) { Error::Full(show(target)) } else { Error::Io { folder: show(target), source } }
}

/// The path without dots and links, so that a link to a folder stays a link and the folder behind it is replaced.
fn resolve(target: &Path) -> Result<PathBuf, Error> {
    match target.canonicalize() {
        Ok(path) => Ok(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            std::path::absolute(target).map_err(|error| failed(target, error))
        }
        Err(error) => Err(failed(target, error)),
    }
}

/// Refuses a target that holds anything but a former answer of the same kind.
fn check(target: &Path, kind: Kind) -> Result<(), Error> {
    let entries = match target.read_dir() {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
            return Err(Error::NotAFolder(show(target)));
        }
        Err(error) => return Err(failed(target, error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| failed(target, error))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let known = |name: &str| kind.holds.contains(&name) || kind.may_hold.contains(&name);
    let foreign = |found: &str| Error::Foreign { folder: show(target), found: found.into(), kind: kind.name };
    if let Some(found) = names.iter().find(|name| !known(name)) {
        return Err(foreign(found));
    }
    let complete = kind.holds.iter().all(|wanted| names.iter().any(|name| name == wanted));
    match names.first() {
        Some(found) if !complete => Err(foreign(found)),
        _ => Ok(()),
    }
}

fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() { sync_tree(&entry.path())? } else { sync(&entry.path())? }
    }
    sync(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind { name: "scan", holds: &["scan.json"], may_hold: &["report.html"] };

    /// Writes into a folder that held `before`; returns the names afterwards, or the message.
    fn check_write(before: &[&str], expect: Result<&[&str], &str>) {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("out");
        if !before.is_empty() {
            std::fs::create_dir(&target).unwrap();
        }
        for name in before {
            std::fs::write(target.join(name), "before").unwrap();
        }
        let outcome = Staged::begin(&target, KIND).and_then(|staged| {
            staged.write("scan.json", b"after")?;
            staged.publish()
        });
        match (outcome, expect) {
            (Ok(()), Ok(names)) => {
                let found: Vec<_> = target.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
                assert_eq!(found, names);
                assert_eq!(std::fs::read(target.join("scan.json")).unwrap(), b"after");
            }
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (outcome, _) => panic!("{before:?}: {outcome:?}"),
        }
        assert_eq!(home.path().read_dir().unwrap().filter(|e| e.as_ref().unwrap().path() != target).count(), 0);
    }

    #[test]
    fn only_an_absent_folder_or_a_former_answer_is_written() {
        check_write(&[], Ok(&["scan.json"]));
        check_write(&["scan.json"], Ok(&["scan.json"]));
        check_write(&["scan.json", "report.html"], Ok(&["scan.json"]));
        check_write(&["scan.json", "thesis.txt"], Err("thesis.txt"));
        check_write(&["report.html"], Err("report.html"));
    }

    #[test]
    fn a_missing_parent_a_file_and_the_root_are_refused() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        std::fs::write(&file, "").unwrap();
        for (target, part) in [
            (home.path().join("no/out"), "make it first"),
            (file, "it is a file"),
            (PathBuf::from("/"), "no part of a former scan"),
        ] {
            let error = Staged::begin(&target, KIND).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
