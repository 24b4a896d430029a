//! Checks that every crate takes its lints, edition and versions from the workspace.

use crate::repository::{Breach, line_of, manifests, none};

/// What a manifest decides by itself although the workspace decides it.
fn own_ways(file: &str, text: &str) -> Vec<Breach> {
    let manifest: toml::Table = text.parse().expect("manifests are TOML, cargo has read them");
    let inherits = |value: Option<&toml::Value>| {
        value.and_then(|value| value.get("workspace")).and_then(toml::Value::as_bool) == Some(true)
    };
    let mut breaches = Vec::new();
    if !inherits(manifest.get("lints")) {
        breaches.push(Breach::new(file, line_of(text, "[lints"), "write `[lints]` and `workspace = true`"));
    }
    let package = manifest.get("package");
    for key in ["version", "edition", "rust-version", "license"] {
        if !inherits(package.and_then(|package| package.get(key))) {
            breaches.push(Breach::new(file, line_of(text, key), format!("write `{key}.workspace = true`")));
        }
    }
    for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(dependencies) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
        for (name, value) in dependencies.iter().filter(|(_, value)| !inherits(Some(value))) {
            let remedy = format!("write `{name}.workspace = true` instead of {value}, and the version in the root");
            breaches.push(Breach::new(file, line_of(text, name), remedy));
        }
    }
    breaches
}

#[test]
fn every_crate_follows_the_workspace() {
    none(manifests().iter().flat_map(|(_, file, text)| own_ways(file, text)).collect());
}

#[test]
fn each_own_way_is_told() {
    let right = "[package]\nname = \"x\"\nversion.workspace = true\nedition.workspace = true\n\
        rust-version.workspace = true\nlicense.workspace = true\n[lints]\nworkspace = true\n";
    assert_eq!(own_ways("x", right), vec![]);
    let check = |text: String, line: usize, remedy: &str| {
        let told = own_ways("x", &text);
        assert_eq!((told.len(), told[0].line), (1, line), "{told:?}");
        assert!(told[0].remedy.contains(remedy), "{told:?}");
    };
    check(right.replace("edition.workspace = true", "edition = \"2021\""), 4, "edition.workspace");
    check(right.replace("[lints]\nworkspace = true\n", ""), 1, "[lints]");
    check(format!("{right}[dependencies]\nserde = \"1\"\n"), 10, "serde.workspace");
}
