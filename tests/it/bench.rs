//! A folder for one test, with rows written the way a lab would and the program run on them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Serialize;
use stillwatch_traffic::exchange::{Exchange, Timestamp};

/// 2026-03-02T00:00:00Z.
pub const START: Timestamp = Timestamp(1_772_409_600_000_000);

/// A temporary folder, a configuration folder in it, and the program.
pub struct Bench {
    home: tempfile::TempDir,
}

impl Bench {
    pub fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub fn config(&self) -> PathBuf {
        self.path("config")
    }

    /// The program, with an environment in which it can find no configuration but this bench's.
    pub fn program(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stillwatch"));
        command.current_dir(self.home.path()).env("STILLWATCH_CONFIG", self.config()).env("TMPDIR", self.temporary());
        command
    }

    /// Where the program keeps temporary files, so that a test can see whether any stay.
    pub fn temporary(&self) -> PathBuf {
        let path = self.path("temporary");
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    pub fn run(&self, arguments: &[&str]) -> Answer {
        Answer::from(self.program().args(arguments).output().unwrap())
    }

    /// Scans `exchanges` (and `accounts.jsonl` if it is there) into `out`.
    pub fn scan(&self, exchanges: &str, out: &str) -> Answer {
        let mut arguments = vec!["scan", "--quiet", "--exchanges", exchanges, "--out", out];
        if self.path("accounts.jsonl").exists() {
            arguments.extend(["--accounts", "accounts.jsonl"]);
        }
        self.run(&arguments)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn write_rows<Row: Serialize>(&self, name: &str, rows: &[Row]) {
        let lines: String = rows.iter().map(|row| serde_json::to_string(row).unwrap() + "\n").collect();
        self.write(name, lines);
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// Names in a folder of the bench, sorted, hidden ones included.
    pub fn names(&self, folder: &str) -> Vec<String> {
        names(&self.path(folder))
    }
}

pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What the program said.
#[derive(Debug)]
pub struct Answer {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Answer {
    /// Fails the test with all that was said unless the exit code is as expected.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// Expects that it could not run, and that it said why in one line.
    #[track_caller]
    pub fn expect_error(self, part: &str) -> Self {
        let answer = self.expect(2);
        let says = answer.stderr.lines().any(|line| line.starts_with("error: failed to ") && line.contains(part));
        assert!(says, "wanted {part:?} in {answer:#?}");
        answer
    }
}

/// Rows of unrelated people, one each hour or so, with nothing in common.
pub fn people(accounts: usize, rows_each: usize) -> Vec<Exchange> {
    let mut rows = Vec::new();
    for account in 0..accounts {
        for row in 0..rows_each {
            let number = account * rows_each + row;
            rows.push(Exchange {
                id: format!("row-{number}"),
                time: Timestamp(START.0 + (number as i64 * 977 % (10 * 86_400)) * Timestamp::SECOND),
                account: format!("account-{account}"),
                model: "stratus-2".into(),
                prompt: Some(format!("What does the number {} mean to collector {account}?", number * number + 7)),
                response: Some("It depends on the collection.".into()),
                input_tokens: Some(12),
                output_tokens: Some(6),
                status: Some(200),
                ..Exchange::default()
            });
        }
    }
    rows
}
