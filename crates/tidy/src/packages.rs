//! Asks cargo what is really linked, under which licence, and from where.
//!
//! The policy is deny.toml, as cargo-deny reads it; its three sections that need no download are held here, since
//! compiling cargo-deny takes as long as half of the engine.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::repository::{Breach, line_of, none, read, root};

/// The crates that carry the engine; all others must build without it.
const HEAVY: [&str; 2] = ["stillwatch", "stillwatch-scan"];
/// How cargo's name of the public registry begins and ends.
const REGISTRY: (&str, &str) = ("registry+", "/crates.io-index");
/// How the engine's packages begin.
const ENGINE: [&str; 3] = ["datafusion", "arrow", "parquet"];

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo runs, it runs these tests");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

/// The packages of `cargo tree` that belong to the engine.
fn engine_packages(tree: &str) -> BTreeSet<&str> {
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| ENGINE.iter().any(|engine| name.split('-').next() == Some(engine))).collect()
}

/// Whether an SPDX expression can be met with allowed licences alone.
fn allowed(expression: &str, licences: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = any_of(&words, &mut at, licences);
    met && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize, licences: &BTreeSet<String>) -> bool {
    let mut met = all_of(words, at, licences);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        met |= all_of(words, at, licences);
    }
    met
}

fn all_of(words: &[&str], at: &mut usize, licences: &BTreeSet<String>) -> bool {
    let mut met = one(words, at, licences);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(words, at, licences);
    }
    met
}

fn one(words: &[&str], at: &mut usize, licences: &BTreeSet<String>) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let met = any_of(words, at, licences);
        *at += 1;
        return met;
    }
    let mut licence = (*word).to_owned();
    if words.get(*at) == Some(&"WITH") {
        licence = format!("{licence} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    licences.contains(&licence)
}

#[test]
fn light_crates_do_not_reach_the_engine() {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--locked", "--no-deps", "--format-version", "1"]))
        .expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("metadata lists packages");
    let names: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    assert!(names.contains(&"stillwatch-detect"), "{names:?}");
    let mut breaches = Vec::new();
    for name in names.iter().filter(|name| !HEAVY.contains(name)) {
        let tree = cargo(&["tree", "--locked", "--package", name, "--prefix", "none", "--edges", "all"]);
        for engine in engine_packages(&tree) {
            let file = format!("crates/{}/Cargo.toml", name.trim_start_matches("stillwatch-"));
            breaches.push(Breach::new(
                &file,
                1,
                format!("cut the path to `{engine}`: `cargo tree -p {name} -i {engine}`"),
            ));
        }
    }
    none(breaches);
    let scan = cargo(&["tree", "--locked", "--package", "stillwatch-scan", "--prefix", "none"]);
    assert!(engine_packages(&scan).contains("datafusion"), "this test would see the engine if it were there");
}

/// Every package of the lock file, for all platforms, as cargo tells it.
fn packages() -> Vec<Value> {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--locked", "--format-version", "1"]))
        .expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("metadata lists packages").clone();
    assert!(packages.len() > 100, "only {} packages were looked at", packages.len());
    packages
}

fn public(source: &str) -> bool {
    source.starts_with(REGISTRY.0) && source.ends_with(REGISTRY.1)
}

/// Packages whose licence, name or source the policy does not allow.
fn refused(policy: &str, packages: &[Value]) -> Vec<Breach> {
    let parsed: toml::Table = policy.parse().expect("deny.toml is TOML");
    let list = |section: &str, key: &str| parsed[section][key].as_array().cloned().unwrap_or_default();
    let licences: BTreeSet<String> =
        list("licenses", "allow").iter().filter_map(|value| value.as_str()).map(str::to_owned).collect();
    let banned: BTreeSet<String> =
        list("bans", "deny").iter().filter_map(|ban| ban["crate"].as_str()).map(str::to_owned).collect();
    let mut breaches = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let licence = package["license"].as_str().unwrap_or("none stated");
        if !allowed(licence, &licences) {
            let remedy = format!("do without {name} (licence {licence}), or allow the licence");
            breaches.push(Breach::new("deny.toml", line_of(policy, "allow ="), remedy));
        }
        if banned.contains(name) {
            let remedy = format!("find out who wants {name}: `cargo tree --target all -i {name}`");
            breaches.push(Breach::new("deny.toml", line_of(policy, &format!("\"{name}\"")), remedy));
        }
        // No source: a crate of this workspace.
        if package["source"].as_str().is_some_and(|source| !public(source)) {
            let remedy = format!("take {name} from the registry, not from {}", package["source"]);
            breaches.push(Breach::new("deny.toml", line_of(policy, "unknown-registry"), remedy));
        }
    }
    breaches
}

#[test]
fn packages_are_those_that_deny_toml_allows() {
    none(refused(&read("deny.toml"), &packages()));
}

#[test]
fn each_refusal_is_told() {
    let policy =
        "[licenses]\nallow = [\"MIT\"]\n[bans]\ndeny = [{ crate = \"bad\" }]\n[sources]\nunknown-registry = \"deny\"\n";
    let package = |name: &str, license: &str, source: Value| serde_json::json!({ "name": name, "license": license, "source": source });
    let registry = Value::from("registry+https://example.org/crates.io-index");
    let check = |package: Value, line: Option<usize>| {
        assert_eq!(refused(policy, &[package]).first().map(|breach| breach.line), line);
    };
    check(package("good", "MIT", registry.clone()), None);
    check(package("own", "MIT", Value::Null), None);
    check(package("good", "GPL-3.0", registry.clone()), Some(2));
    check(package("bad", "MIT", registry.clone()), Some(4));
    check(package("good", "MIT", "git+https://example.org/good".into()), Some(6));
}

#[test]
fn licence_expressions_are_understood() {
    let licences: BTreeSet<String> = ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for met in ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "(GPL-3.0 OR MIT) AND Zlib", "Apache-2.0 WITH LLVM-exception"] {
        assert!(allowed(met, &licences), "{met}");
    }
    for unmet in ["GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "", "MIT MIT", "(MIT OR Zlib) AND GPL-3.0"] {
        assert!(!allowed(unmet, &licences), "{unmet}");
    }
}

#[test]
fn the_engine_is_recognised() {
    let tree = "stillwatch-x v0.1.0\ndatafusion-common v55.2.0\narrow v58.0.0 (*)\nparquet v58.0.0\narrowhead v1.0.0\n";
    assert_eq!(engine_packages(tree), BTreeSet::from(["arrow", "datafusion-common", "parquet"]));
}
