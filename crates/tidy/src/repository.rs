//! The files of this repository, and how a breach of a rule is told.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold what was built, fetched or lent, never what was written.
const NOT_OURS: [&str; 6] = ["target", ".git", ".venv", "node_modules", "shared", "__pycache__"];

/// A rule broken at one place.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Breach {
    /// Path from the repository's root.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What to do about it.
    pub remedy: String,
}

impl Breach {
    pub fn new(file: &str, line: usize, remedy: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, remedy: remedy.into() }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.remedy)
    }
}

/// Fails with every breach on its own line.
pub fn none(mut breaches: Vec<Breach>) {
    breaches.sort();
    let told: Vec<String> = breaches.iter().map(Breach::to_string).collect();
    assert!(told.is_empty(), "{} breaches\n{}", told.len(), told.join("\n"));
}

/// The repository's root.
pub fn root() -> PathBuf {
    // Asked when the test runs: a build that is kept outside of the clone may stem from another one.
    let here = std::env::current_dir().expect("cargo runs tests in the folder of their crate");
    here.ancestors().nth(2).expect("this crate lies in crates/tidy").to_owned()
}

/// A file's text, by its path from the root.
pub fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}:1: make this file readable: {error}"))
}

/// Whether a file exists, by its path from the root.
pub fn exists(file: &str) -> bool {
    root().join(file).exists()
}

/// All files written by people whose name ends with one of `endings`, as path from the root and text, in path order.
pub fn files(endings: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&root(), &mut found);
    found.sort();
    let root = root();
    let wanted = |name: &str| endings.iter().any(|ending| name.ends_with(ending));
    found
        .iter()
        .filter_map(|path| Some((path.strip_prefix(&root).ok()?.to_str()?.to_owned(), path)))
        .filter(|(name, _)| wanted(name))
        .filter_map(|(name, path)| Some((name, fs::read_to_string(path).ok()?)))
        .collect()
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("folder of the repository is readable").flatten() {
        let name = entry.file_name();
        let path = entry.path();
        let kind = entry.file_type().expect("entry has a type");
        if kind.is_dir() && !NOT_OURS.contains(&name.to_string_lossy().as_ref()) {
            walk(&path, found);
        } else if kind.is_file() {
            found.push(path);
        }
    }
}

/// The manifests of the workspace: package name, path, text. The root's comes first.
pub fn manifests() -> Vec<(String, String, String)> {
    let mut crates: Vec<(String, String)> = files(&["Cargo.toml"]);
    crates.retain(|(file, _)| file == "Cargo.toml" || (file.starts_with("crates/") && file.matches('/').count() == 2));
    crates.into_iter().map(|(file, text)| (package_name(&file, &text), file, text)).collect()
}

fn package_name(file: &str, text: &str) -> String {
    let manifest: toml::Table = text.parse().unwrap_or_else(|error| panic!("{file}:1: {error}"));
    let name = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
    name.unwrap_or_else(|| panic!("{file}:1: give the package a name")).to_owned()
}

/// The number, from 1, of the first line that contains `text`; 1 where none does.
pub fn line_of(haystack: &str, text: &str) -> usize {
    haystack.lines().position(|line| line.contains(text)).map_or(1, |position| position + 1)
}

/// The rows of the first markdown table whose head begins with `first_heading`, each with its line number.
pub fn table(text: &str, first_heading: &str) -> Vec<(usize, Vec<String>)> {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .skip_while(|(_, line)| !line.trim_start().starts_with(&format!("| {first_heading} |")))
        .skip(2)
        .take_while(|(_, line)| line.trim_start().starts_with('|'))
        .map(|(number, line)| (number, cells(line)))
        .collect()
}

#[test]
fn a_table_is_read_with_its_line_numbers() {
    let text = "words\n\n| floor | crate |\n|---|---|\n| 1 | stats |\n| 2 | detect |\n\n| floor | crate |\n|---|---|\n| 9 | no |\n";
    let row = |a: &str, b: &str| vec![a.to_owned(), b.to_owned()];
    assert_eq!(table(text, "floor"), vec![(5, row("1", "stats")), (6, row("2", "detect"))]);
    assert!(table(text, "format").is_empty());
}
