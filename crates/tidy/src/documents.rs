//! Checks the pages: every stored format is written down, every link leads to a file.

use std::path::{Component, Path, PathBuf};

use crate::repository::{Breach, exists, files, none, read, table};

const DRAWING: &str = "ARCHITECTURE.md";

/// Pages named in the table of stored formats that do not exist, and pages of `spec/` that are not named there.
fn unwritten(drawing: &str, pages: &[String]) -> Vec<Breach> {
    let rows = table(drawing, "format");
    if rows.is_empty() {
        return vec![Breach::new(DRAWING, 1, "add the table of stored formats with the head `| format | …`")];
    }
    let mut named = Vec::new();
    let mut breaches = Vec::new();
    for (line, cells) in &rows {
        let page = cells.get(1).map_or("", |cell| cell.trim_matches('`'));
        if !pages.iter().any(|known| known == page) {
            breaches.push(Breach::new(DRAWING, *line, format!("write the page `{page}`, or strike the format")));
        }
        named.push(page.to_owned());
    }
    for page in pages.iter().filter(|page| !named.contains(page)) {
        breaches.push(Breach::new(page, 1, format!("name this page in the table of stored formats of {DRAWING}")));
    }
    breaches
}

/// Links to files of the repository, as line and target without its fragment.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for part in line.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or("").split('#').next().unwrap_or("");
            let elsewhere = target.contains("://") || target.starts_with("mailto:") || target.is_empty();
            if !elsewhere && part.contains(')') {
                found.push((index + 1, target.to_owned()));
            }
        }
    }
    found
}

/// The target of a link as a path from the root.
fn resolve(file: &str, target: &str) -> String {
    let mut path = PathBuf::from(file);
    path.pop();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path.to_string_lossy().into_owned()
}

#[test]
fn every_stored_format_has_its_page() {
    let pages: Vec<String> = files(&[".md", ".schema.json"])
        .into_iter()
        .map(|(file, _)| file)
        .filter(|file| file.starts_with("spec/") && file.matches('/').count() == 1)
        .collect();
    none(unwritten(&read(DRAWING), &pages));
}

#[test]
fn every_link_leads_to_a_file() {
    let mut breaches = Vec::new();
    for (file, text) in files(&[".md"]) {
        for (line, target) in links(&text) {
            let path = resolve(&file, &target);
            if !exists(&path) {
                breaches.push(Breach::new(&file, line, format!("write `{path}`, or mend the link")));
            }
        }
    }
    none(breaches);
}

#[test]
fn each_breach_is_told() {
    let drawing = "| format | page |\n|---|---|\n| state | `spec/state.md` |\n| gone | `spec/gone.md` |\n";
    let told = unwritten(drawing, &["spec/state.md".to_owned(), "spec/new.md".to_owned()]);
    let told: Vec<(&str, usize)> = told.iter().map(|breach| (breach.file.as_str(), breach.line)).collect();
    assert_eq!(told, vec![(DRAWING, 4), ("spec/new.md", 1)]);
    assert_eq!(unwritten("no table", &[]).len(), 1);

    let text = "see [a](docs/a.md#part) and [b](https://example.org)\n[c](../c.md)";
    assert_eq!(links(text), vec![(1, "docs/a.md".to_owned()), (2, "../c.md".to_owned())]);
    assert_eq!(resolve("docs/x/y.md", "../c.md"), "docs/c.md");
}
