//! Checks the source files: first line, size, nothing left over, no machine's paths.

use crate::repository::{Breach, files, none};

/// Lines of code beyond which a file holds two nouns; files of tests alone are not counted.
const LINES_MAX: usize = 500;

/// What nobody leaves in a finished file, and what to do instead. Written in halves, so that this file passes.
const LEFTOVERS: [(&str, &str); 7] = [
    (concat!("todo", "!("), "write the code or strike the path"),
    (concat!("unimplemented", "!("), "write the code or strike the path"),
    (concat!("dbg", "!("), "strike the debugging output"),
    (concat!("TO", "DO"), "do it, or file an issue and strike the note"),
    (concat!("FIX", "ME"), "fix it, or file an issue and strike the note"),
    (concat!("X", "XX"), "say what is wrong in a sentence, or strike the note"),
    (concat!("/wo", "rk/"), "name the file relative to the repository; other machines do not have this path"),
];

/// A file must begin with `//!` and a sentence that ends within the first paragraph.
fn first_line(file: &str, text: &str) -> Option<Breach> {
    let remedy = "begin with `//! ` and one sentence that says what the file is, ended by a full stop";
    let paragraph: Vec<&str> =
        text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim).take_while(|l| !l.is_empty()).collect();
    let sentence = paragraph.join(" ");
    let right = text.starts_with("//! ") && sentence.len() > 12 && sentence.ends_with(['.', '?', ':']);
    (!right).then(|| Breach::new(file, 1, remedy))
}

fn size(file: &str, text: &str) -> Option<Breach> {
    let only_tests = file.ends_with("tests.rs") || file.contains("/tests/") || file.starts_with("tests/");
    let lines = text.lines().count();
    (lines > LINES_MAX && !only_tests)
        .then(|| Breach::new(file, lines, format!("split it: {lines} lines, {LINES_MAX} are enough for one noun")))
}

fn leftovers(file: &str, text: &str) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for (word, remedy) in LEFTOVERS.iter().filter(|(word, _)| line.contains(word)) {
            breaches.push(Breach::new(file, index + 1, format!("found `{word}`: {remedy}")));
        }
    }
    breaches
}

#[test]
fn every_source_file_says_what_it_is() {
    none(files(&[".rs"]).iter().filter_map(|(file, text)| first_line(file, text)).collect());
}

#[test]
fn no_source_file_is_too_long() {
    none(files(&[".rs"]).iter().filter_map(|(file, text)| size(file, text)).collect());
}

#[test]
fn nothing_is_left_over() {
    let kinds = [".rs", ".md", ".toml", ".py", ".sql", ".sh", ".json", ".css", ".yml", "scripts/test", ".ci/run"];
    let written = files(&kinds);
    assert!(written.len() > 50, "only {} files were looked at", written.len());
    none(written.iter().flat_map(|(file, text)| leftovers(file, text)).collect());
}

#[test]
fn each_breach_is_told() {
    assert!(first_line("a.rs", "//! Merges two summaries.\n").is_none());
    assert!(first_line("a.rs", "//! Merges two summaries, whatever\n//! their order.\n").is_none());
    for wrong in ["use std::fs;\n", "//! Merges two summaries\n", "\n//! Merges two summaries.\n", "//! Ok.\n"] {
        assert!(first_line("a.rs", wrong).is_some(), "{wrong:?}");
    }
    let long = "x\n".repeat(LINES_MAX + 1);
    assert_eq!(size("a.rs", &long).map(|breach| breach.line), Some(LINES_MAX + 1));
    assert!(size("a/tests.rs", &long).is_none() && size("a.rs", &long[2..]).is_none());
    let found = leftovers("a.rs", &format!("fn f() {{\n    {}x);\n}}\n", LEFTOVERS[2].0));
    assert_eq!(found.iter().map(|breach| breach.line).collect::<Vec<_>>(), vec![2]);
}
