//! Simulated worlds: who is found, who is left alone, and how that is scored.

use std::collections::BTreeSet;
use std::path::Path;

use stillwatch_detect::campaign::{Campaign, Verdict};

use crate::bench::Bench;
use crate::worlds::sloppy;

fn flagged(bench: &Bench, out: &str) -> BTreeSet<String> {
    let lines = bench.read(&format!("{out}/flags.jsonl"));
    let account =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["account"].as_str().unwrap().to_owned();
    lines.lines().map(account).collect()
}

#[test]
fn a_sloppy_campaign_is_found_and_nobody_else() {
    let bench = Bench::new();
    let world = sloppy(3);
    world.write(&bench);
    let prices = include_str!("../../docs/samples/prices.toml");
    bench.write("prices.toml", prices);
    let arguments =
        ["scan", "--quiet", "--exchanges", "exchanges.jsonl", "--accounts", "accounts.jsonl", "--out", "out"];
    let answer = bench.run(&[&arguments[..], &["--prices", "prices.toml"]].concat()).expect(1);
    assert!(answer.stdout.contains("Report: "), "{}", answer.stdout);
    let flagged = flagged(&bench, "out");
    assert!(flagged.is_subset(world.guilty()), "innocents: {:?}", flagged.difference(world.guilty()));
    assert!(flagged.len() * 100 >= world.guilty().len() * 95, "{} of {}", flagged.len(), world.guilty().len());
    let campaigns: Vec<Campaign> = serde_json::from_str(&bench.read("out/campaigns.json")).unwrap();
    let cost = campaigns[0].impact.cost.as_ref().unwrap();
    assert!(cost.currency == "USD" && 0.0 < cost.low && cost.low <= cost.high, "{cost:?}");
}

#[test]
fn an_agreement_keeps_an_account_at_watch() {
    let bench = Bench::new();
    let mut world = sloppy(3);
    let guilty = world.guilty().clone();
    for account in world.accounts.iter_mut().filter(|account| guilty.contains(&account.account)) {
        account.agreement = Some("distillation".into());
    }
    world.write(&bench);
    let answer = bench.scan("exchanges.jsonl", "out");
    assert!(matches!(answer.code, Some(0 | 1)), "{answer:?}");
    assert_eq!(flagged(&bench, "out"), BTreeSet::new());
    let campaigns: Vec<Campaign> = serde_json::from_str(&bench.read("out/campaigns.json")).unwrap();
    let members = campaigns.iter().flat_map(|campaign| &campaign.accounts);
    assert!(members.into_iter().all(|member| member.verdict <= Verdict::Watch && member.flagged_at.is_none()));
    assert!(campaigns.iter().all(|campaign| campaign.held_back.is_some()));
}

const SMALL: [&str; 9] =
    ["--quiet", "--accounts", "900", "--days", "6", "--campaign", "fixed-instruction:1:40:15", "--seed", "5"];

#[test]
fn a_world_is_simulated_scanned_and_scored() {
    let bench = Bench::new();
    for world in ["one", "two"] {
        let answer = bench.run(&[&["simulate", "--out", world][..], &SMALL].concat()).expect(0);
        assert!(answer.stdout.contains("fixed-instruction") && answer.stdout.contains("repeats"), "{}", answer.stdout);
    }
    assert_eq!(bench.names("one"), ["traffic", "truth.parquet"]);
    for file in ["truth.parquet", "traffic/accounts.parquet", "traffic/exchanges/day-000.parquet"] {
        let bytes = |world: &str| std::fs::read(bench.path(world).join(file)).unwrap();
        assert!(bytes("one") == bytes("two"), "the same seed gave another {file}");
    }
    let tables = ["--exchanges", "one/traffic/exchanges", "--accounts", "one/traffic/accounts.parquet"];
    bench.run(&[&["scan", "--quiet", "--out", "scan"][..], &tables].concat()).expect(1);
    let score = bench.run(&["evaluate", "--world", "one", "--scan", "scan", "--json", "--write", "score.md"]).expect(0);
    let score: serde_json::Value = serde_json::from_str(&score.stdout).unwrap();
    assert_eq!(score["passes"], true);
    assert_eq!(score["total"]["campaigns"][0]["accounts"], 40);
    assert!(bench.read("score.md").contains("| fixed-instruction |"));
    // A scan that flags an innocent, or nobody, misses the bars.
    bench.write("scan/flags.jsonl", "");
    let answer = bench.run(&["evaluate", "--world", "one", "--scan", "scan"]).expect(1);
    assert!(answer.stdout.contains("A bar was missed"), "{}", answer.stdout);
}

#[test]
fn evaluation_makes_its_own_worlds_and_removes_them() {
    let bench = Bench::new();
    let arguments = ["evaluate", "--seeds", "5", "--null", "1"];
    let answer = bench.run(&[&arguments[..], &SMALL[..7]].concat()).expect(0);
    assert!(
        answer.stdout.contains("0 of 1 with a flag") && answer.stdout.contains("All bars held."),
        "{}",
        answer.stdout
    );
    assert_eq!(bench.names("temporary"), Vec::<String>::new());
}

#[test]
fn the_demo_finds_what_it_planted_and_needs_no_key() {
    let bench = Bench::new();
    let answer = bench.run(&["demo", "--quiet"]).expect(0);
    assert!(answer.stdout.contains("Every planted campaign was found, and nobody else was flagged."), "{answer:?}");
    assert_eq!(bench.names("."), ["stillwatch-demo", "temporary"]);
    let expected = ["campaigns.json", "flags.jsonl", "report.html", "scan.json", "world"];
    assert_eq!(bench.names("stillwatch-demo"), expected);
    let file = bench.json("stillwatch-demo/scan.json")["read"]["files"][0]["path"].as_str().unwrap().to_owned();
    assert!(Path::new(&file).exists(), "{file}");
    bench.write("stillwatch-demo/thesis.tex", "mine");
    bench.run(&["demo", "--quiet"]).expect_error("thesis.tex");
}
