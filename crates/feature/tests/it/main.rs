//! Holds the features of fixed inputs under a fixed key to the vectors of `spec/features.md`.
//!
//! `UPDATE_VECTORS=1` writes them anew: only together with the page and a new version of the stored state.

use stillwatch_feature::elicitation;
use stillwatch_feature::key::Key;
use stillwatch_feature::kind::Feature;
use stillwatch_feature::request::{self, Shape};
use stillwatch_feature::text::Fingerprinter;

/// Key of the vectors: the bytes 0 to 31.
fn key() -> Key {
    let mut secret = [0; 32];
    secret.iter_mut().zip(0u8..).for_each(|(byte, value)| *byte = value);
    Key::from_bytes(secret)
}

fn print(lines: &mut String, name: &str, features: &[Feature]) {
    for feature in features {
        lines.push_str(&format!("{name}\t{}\t{:016x}\n", feature.kind as u8, feature.hash));
    }
}

fn vectors() -> String {
    let mut lines = String::new();
    let key = key();
    let mut fingerprinter = Fingerprinter::new(&key);
    lines.push_str(&(format!("key id\t\t{:016x}", key.id()) + "\n"));
    let long = "Solve the task below. Think step by step and put every thought into tags.\n\nTask 17: a train leaves \
                at 9:40 and arrives at 12:05; how long does it take, and what changes when it stops for 7 minutes at \
                each of 4 stations?\n\n<thoughts>…</thoughts>\n<result>a single number of minutes</result>\n\nDo not add \
                anything else; the format is checked by a program and a wrong one is thrown away.";
    for (name, text) in
        [("short prompt", "Hello,\tWORLD 42!"), ("long prompt", long), ("other script", "日本語の　ＴＥＳＴ")]
    {
        let mut out = Vec::new();
        fingerprinter.prompt(text, &mut out);
        print(&mut lines, name, &out);
        let content: Vec<String> = fingerprinter.content().iter().map(i32::to_string).collect();
        lines.push_str(&(format!("{name} content\t\t{}", content.join(" ")) + "\n"));
    }
    let mut out = Vec::new();
    fingerprinter.system("You are a helpful assistant.", &mut out);
    print(&mut lines, "system", &out);
    let shape =
        Shape { model: "m-1", max_tokens: Some(512), temperature: Some(0.7), stream: Some(true), ..Shape::default() };
    print(&mut lines, "shape", &[request::shape(&key, &shape, &mut Vec::new())]);
    for (name, ip) in
        [("network v4", "192.0.2.77"), ("network v6", "2001:db8:7::1"), ("network mapped", "::ffff:192.0.2.1")]
    {
        out.clear();
        out.extend(request::network(&key, ip));
        print(&mut lines, name, &out);
    }
    print(&mut lines, "autonomous system", &[request::autonomous_system(&key, 64_500)]);
    let classes = elicitation::classes(None, Some(long), Some("<thoughts>x</thoughts>\n<result>145</result>"));
    lines.push_str(&(format!("long prompt classes\t\t{classes:06b}") + "\n"));
    lines
}

#[test]
fn features_are_the_published_ones() {
    let path = "testdata/vectors.tsv";
    let found = vectors();
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(path, &found).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap();
    assert_eq!(found, published, "features changed: that needs a new state version");
}
