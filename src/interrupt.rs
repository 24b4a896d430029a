//! Removes what must not outlive the process: temporary folders, on every way out, Ctrl-C included.
//!
//! A scan may be stopped at any moment, and a folder half-written would be taken for an answer. Every folder that is
//! not yet an answer is therefore a [`Temporary`]: dropped, or interrupted, it is gone.
//! Invariant: a folder becomes visible under its final name only inside [`Temporary::publish`], which holds the same
//! lock that the interrupt handler needs, so an interrupt falls before or after it and never between.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a shell reports for a process that Ctrl-C ended.
const EXIT_INTERRUPTED: i32 = 130;

static FOLDERS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// Installs the handler of Ctrl-C and of the polite signals to end.
///
/// # Errors
/// When the operating system refuses a handler.
pub fn install() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        // Held until the process ends: nothing is registered or published from here on.
        let folders = folders();
        for folder in folders.iter() {
            remove_while_others_write(folder);
        }
        eprintln!("interrupted; nothing was left behind");
        std::process::exit(EXIT_INTERRUPTED);
    })
}

/// Lets the handler end the process if it is at work; returns at once otherwise.
///
/// Work that fails because the handler took its folder away must not report that failure as its own.
pub fn wait_if_interrupted() {
    while INTERRUPTED.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

fn folders() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Other threads may still be writing, even making the folder anew; they fail once it is gone.
fn remove_while_others_write(folder: &Path) {
    const ATTEMPTS: u32 = 40;
    const BETWEEN: Duration = Duration::from_millis(10);
    let mut absent = 0;
    for _ in 0..ATTEMPTS {
        match std::fs::remove_dir_all(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => absent += 1,
            _ => absent = 0,
        }
        if absent == 3 {
            return;
        }
        std::thread::sleep(BETWEEN);
    }
}

/// A folder that is removed when this value is dropped or the process is interrupted.
#[derive(Debug)]
pub struct Temporary {
    path: PathBuf,
}

impl Temporary {
    /// Makes a new folder in `parent` with a hidden name that begins with `name`.
    ///
    /// # Errors
    /// When `parent` is missing or not writable.
    pub fn create(parent: &Path, name: &str) -> io::Result<Self> {
        loop {
            let number = COUNTER.fetch_add(1, Ordering::Relaxed);
            let path = parent.join(format!(".{name}.{}-{number}", std::process::id()));
            let mut folders = folders();
            match std::fs::create_dir(&path) {
                Ok(()) => {
                    folders.insert(path.clone());
                    return Ok(Self { path });
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps the folder: moves it to `target`, which must be absent, an empty folder, or a folder to replace.
    ///
    /// A folder that is replaced is moved aside first and comes back if the second move fails.
    ///
    /// # Errors
    /// When a move fails; then `target` is as it was.
    pub fn publish(self, target: &Path) -> io::Result<()> {
        let mut folders = folders();
        let aside = self.path.with_extension("former");
        let replaces = target.read_dir().is_ok_and(|mut entries| entries.next().is_some());
        if replaces {
            std::fs::rename(target, &aside)?;
        }
        if let Err(error) = std::fs::rename(&self.path, target) {
            if replaces {
                std::fs::rename(&aside, target)?;
            }
            return Err(error);
        }
        folders.remove(&self.path);
        let former = replaces.then(|| {
            folders.insert(aside.clone());
            Self { path: aside }
        });
        drop(folders);
        drop(former);
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let mut folders = folders();
        if folders.remove(&self.path)
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            eprintln!("warning: could not remove {}: {error}", self.path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_dropped_folder_is_gone_with_its_contents() {
        let home = tempfile::tempdir().unwrap();
        let temporary = Temporary::create(home.path(), "x").unwrap();
        std::fs::write(temporary.path().join("half"), "written").unwrap();
        drop(temporary);
        assert_eq!(names(home.path()), Vec::<String>::new());
    }

    #[test]
    fn publishing_replaces_the_former_folder_and_leaves_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("out");
        for text in ["first", "second"] {
            let temporary = Temporary::create(home.path(), "out").unwrap();
            std::fs::write(temporary.path().join(text), text).unwrap();
            temporary.publish(&target).unwrap();
            assert_eq!(names(home.path()), ["out"]);
            assert_eq!(names(&target), [text]);
        }
    }

    #[test]
    fn a_failed_publication_leaves_the_target_as_it_was() {
        let home = tempfile::tempdir().unwrap();
        let target = home.path().join("file");
        std::fs::write(&target, "mine").unwrap();
        let temporary = Temporary::create(home.path(), "out").unwrap();
        assert!(temporary.publish(&target).is_err());
        assert_eq!(names(home.path()), ["file"]);
        assert_eq!(std::fs::read_to_string(target).unwrap(), "mine");
    }
}
