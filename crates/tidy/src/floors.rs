//! Compares the floors table of ARCHITECTURE.md with every manifest.
//!
//! The table says exactly which of our crates a crate imports, and which of the heavy crates of others it links itself.
//! Heavy is what stands in that column anywhere: what one row names, no other crate may depend on.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::{Breach, line_of, manifests, none, read, table};

const DRAWING: &str = "ARCHITECTURE.md";
/// The row of the root package.
const ROOT: &str = "stillwatch";

/// One row of the table.
struct Floor {
    line: usize,
    number: u32,
    ours: BTreeSet<String>,
    heavy: BTreeSet<String>,
}

/// The names between backticks.
fn quoted(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn floors(drawing: &str) -> Result<BTreeMap<String, Floor>, Breach> {
    let mut rows = BTreeMap::new();
    for (line, cells) in table(drawing, "floor") {
        let [number, name, ours, heavy, _] = cells.as_slice() else {
            return Err(Breach::new(DRAWING, line, "give the row five cells"));
        };
        let number = number.parse().map_err(|_| Breach::new(DRAWING, line, "begin the row with the floor's number"))?;
        let Some(name) = quoted(name).pop_first() else {
            return Err(Breach::new(DRAWING, line, "put the crate's name between backticks"));
        };
        rows.insert(name, Floor { line, number, ours: quoted(ours), heavy: quoted(heavy) });
    }
    if rows.is_empty() { Err(Breach::new(DRAWING, 1, "add the table with the head `| floor | …`")) } else { Ok(rows) }
}

/// Names of all dependencies of a manifest, of the given sections.
fn dependencies(manifest: &str, sections: &[&str]) -> BTreeSet<String> {
    let parsed: toml::Table = manifest.parse().expect("manifests are TOML, cargo has read them");
    let of = |section: &&str| parsed.get(*section).and_then(toml::Value::as_table).cloned().unwrap_or_default();
    sections.iter().flat_map(of).map(|(name, _)| name).collect()
}

/// Everything in which the table and the manifests (name, path, text) differ.
fn differences(drawing: &str, manifests: &[(String, String, String)]) -> Vec<Breach> {
    let rows = match floors(drawing) {
        Ok(rows) => rows,
        Err(breach) => return vec![breach],
    };
    let heavy: BTreeSet<&String> = rows.values().flat_map(|row| &row.heavy).collect();
    let mut breaches = Vec::new();
    let mut seen = BTreeSet::new();
    for (package, file, text) in manifests {
        let name = package.strip_prefix("stillwatch-").unwrap_or(package);
        let Some(row) = rows.get(name) else {
            breaches.push(Breach::new(file, 1, format!("add a row for `{name}` to the floors table of {DRAWING}")));
            continue;
        };
        seen.insert(name);
        breaches.extend(ours(name, row, &rows, (file, text)));
        let used = dependencies(text, &["dependencies", "build-dependencies"]);
        for other in used.iter().filter(|other| heavy.contains(other) && !row.heavy.contains(*other)) {
            let remedy = format!("do without `{other}`, or allow it to `{name}` in the floors table of {DRAWING}");
            breaches.push(Breach::new(file, line_of(text, other), remedy));
        }
        for idle in row.heavy.iter().filter(|allowed| !used.contains(*allowed)) {
            breaches.push(Breach::new(DRAWING, row.line, format!("strike `{idle}`: `{name}` does not use it")));
        }
    }
    for (name, row) in rows.iter().filter(|(name, _)| !seen.contains(name.as_str())) {
        breaches.push(Breach::new(DRAWING, row.line, format!("strike the row: there is no crate `{name}`")));
    }
    breaches
}

/// Differences in imports of our own crates. Tests may use any crate of a lower floor.
fn ours(name: &str, row: &Floor, rows: &BTreeMap<String, Floor>, (file, text): (&str, &str)) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let own = |sections: &[&str]| -> BTreeSet<String> {
        dependencies(text, sections).iter().filter_map(|d| d.strip_prefix("stillwatch-")).map(str::to_owned).collect()
    };
    let used = own(&["dependencies", "build-dependencies"]);
    for other in used.difference(&row.ours) {
        let remedy = format!("do without `{other}`, or allow it to `{name}` in the floors table of {DRAWING}");
        breaches.push(Breach::new(file, line_of(text, &format!("stillwatch-{other}")), remedy));
    }
    for idle in row.ours.difference(&used) {
        breaches.push(Breach::new(DRAWING, row.line, format!("strike `{idle}`: `{name}` does not import it")));
    }
    let lower = |other: &String| rows.get(other).is_some_and(|below| below.number < row.number);
    for other in row.ours.iter().filter(|other| !lower(other)) {
        breaches.push(Breach::new(DRAWING, row.line, format!("put `{other}` on a floor below `{name}`")));
    }
    for other in own(&["dev-dependencies"]).iter().filter(|other| !lower(other)) {
        let remedy = format!("test `{name}` without `{other}`, which is not on a lower floor");
        breaches.push(Breach::new(file, line_of(text, &format!("stillwatch-{other}")), remedy));
    }
    breaches
}

#[test]
fn floors_table_is_what_the_manifests_say() {
    assert!(manifests().iter().any(|(package, ..)| package == ROOT), "the root's manifest is read too");
    none(differences(&read(DRAWING), &manifests()));
}

#[test]
fn each_difference_is_told() {
    let drawing = "| floor | crate | ours | heavy | never |\n|---|---|---|---|---|\n\
        | 1 | `low` | — | — | — |\n| 2 | `scan` | `low` | `datafusion` | — |\n| 3 | `gone` | `scan` | — | — |\n";
    let manifest = |name: &str, rest: &str| {
        let text = format!("[package]\nname = \"stillwatch-{name}\"\n{rest}\n");
        (format!("stillwatch-{name}"), format!("crates/{name}/Cargo.toml"), text)
    };
    let check = |low: &str, scan: &str, expected: &[&str]| {
        let told = differences(drawing, &[manifest("low", low), manifest("scan", scan)]);
        let mut told: Vec<String> = told.iter().map(Breach::to_string).collect();
        let gone = told.pop().expect("the row without a crate is always told");
        assert_eq!(gone, "ARCHITECTURE.md:5: strike the row: there is no crate `gone`");
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for (found, expected) in told.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found}");
        }
    };
    let right = "[dependencies]\nstillwatch-low.workspace = true\ndatafusion.workspace = true";
    check("", right, &[]);
    check("[dependencies]\ndatafusion = \"1\"", right, &["crates/low/Cargo.toml:4: do without `datafusion`"]);
    check("[dependencies]\nstillwatch-scan = \"1\"", right, &["crates/low/Cargo.toml:4: do without `scan`"]);
    check(
        "[dev-dependencies]\nstillwatch-scan = \"1\"",
        right,
        &["crates/low/Cargo.toml:4: test `low` without `scan`"],
    );
    check("", "[dependencies]\nstillwatch-low = \"1\"", &["ARCHITECTURE.md:4: strike `datafusion`"]);
    check("", "[dependencies]\ndatafusion = \"1\"", &["ARCHITECTURE.md:4: strike `low`"]);
}
