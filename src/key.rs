//! The member's fingerprint secret: made at first run, kept in his configuration folder, never printed.
//!
//! The file is `fingerprint.key`, mode 0600, one line `stillwatch-fingerprint-key-v1 <key id> <64 hex digits>`; during
//! a change of key a second line holds the older key. Scans use the first line.
//! Invariant: no message of this module holds anything of a line but its key id.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use stillwatch_feature::key::Key;

const NAME: &str = "fingerprint.key";
const TAG: &str = "stillwatch-fingerprint-key-v1";
const LINES_MAX: usize = 2;

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No place to look.
    #[error("find a configuration folder: neither --config, STILLWATCH_CONFIG, XDG_CONFIG_HOME nor HOME is set")]
    NoFolder,
    /// The operating system refused.
    #[error("{doing} {path}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Others may read the secret.
    #[error(
        "use the key in {path}: its mode {mode:04o} lets others read it; if nobody has, run `chmod 600 {path}`, else \
         move it away and let a new one be made"
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A line is not what it should be.
    #[error("use the key in {path}: line {line} {problem}")]
    Line {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong with it, never its contents.
        problem: &'static str,
    },
    /// No line, or too many.
    #[error("use the key in {path}: it holds {found} keys, and 1 or {LINES_MAX} are allowed")]
    Count {
        /// The file.
        path: PathBuf,
        /// How many lines.
        found: usize,
    },
    /// The operating system gave no randomness.
    #[error("make a key: {0}")]
    Random(getrandom::Error),
}

/// Where the configuration is: the folder given, else `$STILLWATCH_CONFIG`, `$XDG_CONFIG_HOME/stillwatch`,
/// `~/.config/stillwatch`.
///
/// # Errors
/// When none of them is set.
pub fn folder(given: Option<&Path>) -> Result<PathBuf, Error> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    given
        .map(PathBuf::from)
        .or_else(|| variable("STILLWATCH_CONFIG"))
        .or_else(|| variable("XDG_CONFIG_HOME").map(|home| home.join("stillwatch")))
        .or_else(|| variable("HOME").map(|home| home.join(".config").join("stillwatch")))
        .ok_or(Error::NoFolder)
}

/// Reads the key in `folder`; makes one, and the folder, at the first run.
///
/// # Errors
/// When the file is readable by others, damaged, or cannot be read or made.
pub fn read_or_make(folder: &Path) -> Result<Key, Error> {
    let path = folder.join(NAME);
    match File::open(&path) {
        Ok(file) => read(&path, file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(folder, &path)?;
            read(&path, File::open(&path).map_err(failed("read the key in", &path))?)
        }
        Err(error) => Err(failed("read the key in", &path)(error)),
    }
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_path_buf();
    move |source| Error::Io { doing, path, source }
}

fn read(path: &Path, file: File) -> Result<Key, Error> {
    let doing = "read the key in";
    let mode = file.metadata().map_err(failed(doing, path))?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(Error::Open { path: path.into(), mode });
    }
    let text = io::read_to_string(file).map_err(failed(doing, path))?;
    parse(&text, path)
}

/// Makes the file whole under another name first, so that two first runs at once agree on one key.
fn make(folder: &Path, path: &Path) -> Result<(), Error> {
    let doing = "make the key in";
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed("make the folder", folder))?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(Error::Random)?;
    let draft = folder.join(format!(".{NAME}.{}", std::process::id()));
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(line(&secret).as_bytes())?;
        file.sync_all()?;
        match std::fs::hard_link(&draft, path) {
            // Another first run was quicker; its key holds.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            other => other,
        }
    };
    let written = write();
    // Ignored: the draft may never have been made, and a draft left behind is as well protected as the key.
    let _ = std::fs::remove_file(&draft);
    written.map_err(failed(doing, path))
}

fn line(secret: &[u8; 32]) -> String {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{TAG} {:016x} {hex}\n", Key::from_bytes(*secret).id())
}

fn parse(text: &str, path: &Path) -> Result<Key, Error> {
    let lines: Vec<&str> = text.lines().collect();
    if lines.is_empty() || lines.len() > LINES_MAX {
        return Err(Error::Count { path: path.into(), found: lines.len() });
    }
    let mut keys = Vec::new();
    for (number, text) in (1..).zip(&lines) {
        keys.push(parse_line(text).map_err(|problem| Error::Line { path: path.into(), line: number, problem })?);
    }
    Ok(keys.swap_remove(0))
}

fn parse_line(text: &str) -> Result<Key, &'static str> {
    let fields: Vec<&str> = text.split(' ').collect();
    let [tag, id, hex] = fields[..] else { return Err("does not hold three words") };
    if tag != TAG {
        return Err("is of an unknown version");
    }
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("does not hold 64 hexadecimal digits");
    }
    let mut secret = [0; 32];
    for (place, byte) in secret.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * place..2 * place + 2], 16).map_err(|_| "is not hexadecimal")?;
    }
    let key = Key::from_bytes(secret);
    if id == format!("{:016x}", key.id()) { Ok(key) } else { Err("is damaged: its key id does not match") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<u64, &str>) {
        match (parse(text, Path::new("k")), expect) {
            (Ok(key), Ok(id)) => assert_eq!(key.id(), id),
            (Err(error), Err(part)) => {
                assert!(error.to_string().contains(part), "{error}");
                assert!(!error.to_string().contains("0101"), "a message shows the secret: {error}");
            }
            (outcome, _) => panic!("{text}: {outcome:?}"),
        }
    }

    #[test]
    fn a_key_file_is_read_strictly() {
        let (first, second) = (line(&[1; 32]), line(&[2; 32]));
        check(&first, Ok(Key::from_bytes([1; 32]).id()));
        check(&format!("{second}{first}"), Ok(Key::from_bytes([2; 32]).id()));
        check(&format!("{second}{first}{first}"), Err("holds 3 keys"));
        check("", Err("holds 0 keys"));
        check(&first.replace("-v1", "-v2"), Err("line 1 is of an unknown version"));
        check(&first.replace("0101", "0102"), Err("its key id does not match"));
        check(&first.replace("0101", "01"), Err("64 hexadecimal digits"));
        check(&first.replace(" 01", " zz"), Err("64 hexadecimal digits"));
        check("\u{e9}", Err("three words"));
    }

    #[test]
    fn the_first_run_makes_a_private_key_and_later_runs_find_it() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/stillwatch");
        let made = read_or_make(&folder).unwrap();
        assert_eq!(read_or_make(&folder).unwrap().id(), made.id());
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join(NAME))), (0o700, 0o600));
        assert_eq!(folder.read_dir().unwrap().count(), 1);
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let home = tempfile::tempdir().unwrap();
        read_or_make(home.path()).unwrap();
        let path = home.path().join(NAME);
        for mode in [0o640, 0o604, 0o666] {
            std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let message = read_or_make(home.path()).unwrap_err().to_string();
            assert!(message.contains("chmod 600"), "{message}");
        }
    }
}
