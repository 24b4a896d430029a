//! Input that a lab will have sooner or later: each gets a clear error or a counted rejection, never a panic.

use stillwatch_traffic::exchange::Timestamp;

use crate::bench::{Bench, START, people};

/// Fifty people's rows and `bad` appended as it is.
fn with_bad_lines(bad: &[u8]) -> Bench {
    let bench = Bench::new();
    let mut text: Vec<u8> = Vec::new();
    for row in people(50, 20) {
        serde_json::to_writer(&mut text, &row).unwrap();
        text.push(b'\n');
    }
    text.extend_from_slice(bad);
    bench.write("rows.jsonl", text);
    bench
}

/// One bad row among a thousand is counted by its reason, and the other thousand are used.
#[track_caller]
fn check_rejected(bad: impl AsRef<[u8]>, reason: &str) {
    let bench = with_bad_lines(bad.as_ref());
    bench.scan("rows.jsonl", "out").expect(0);
    let record = bench.json("out/scan.json");
    let read = &record["read"];
    assert_eq!((read["rows_used"].as_u64(), read["rows_rejected"].as_u64()), (Some(1000), Some(1)), "{read}");
    let told = read["rejected"][0].to_string();
    assert!(told.contains(reason), "{told}");
}

fn row(changes: &[(&str, serde_json::Value)]) -> Vec<u8> {
    let mut value = serde_json::json!({"id": "bad", "time": START.0, "account": "a", "model": "m"});
    for (name, change) in changes {
        value[name] = change.clone();
    }
    serde_json::to_vec(&value).unwrap()
}

#[test]
fn a_bad_row_is_counted_and_costs_no_other() {
    check_rejected(b"{\"id\": \"cut", "cut");
    check_rejected(b"half a line\n", "JSON");
    check_rejected(b"{\"id\":\"\xff\xfe\",\"time\":1772409600000000,\"account\":\"a\",\"model\":\"m\"}\n", "UTF-8");
    check_rejected(row(&[("time", 86_400_000_000i64.into())]), "time out of range");
    check_rejected(row(&[("time", "2999-01-01T00:00:00Z".into())]), "time out of range");
    check_rejected(row(&[("time", "yesterday".into())]), "RFC 3339");
    check_rejected(row(&[("account", serde_json::Value::Null)]), "missing");
    check_rejected(row(&[("prompt", 5.into())]), "wrong type");
    check_rejected(row(&[("prompt", "x".repeat(50 << 20).into())]), "text too long");
}

#[test]
fn too_many_bad_rows_are_an_error_unless_allowed() {
    let bench = with_bad_lines("half a line\n".repeat(30).as_bytes());
    bench.scan("rows.jsonl", "out").expect_error("--max-rejected");
    assert!(!bench.path("out").exists());
    let allowed = ["scan", "--quiet", "--exchanges", "rows.jsonl", "--out", "out", "--max-rejected", "0.1"];
    bench.run(&allowed).expect(0);
    assert_eq!(bench.json("out/scan.json")["read"]["rows_rejected"], 30);
}

#[test]
fn a_value_never_appears_in_an_error() {
    let bench = Bench::new();
    bench.write("rows.jsonl", "{\"id\": \"1\", \"account\": \"somebody\", \"prompt\": \"a secret plan\"}\n".repeat(20));
    let answer = bench.scan("rows.jsonl", "out").expect(2);
    assert!(!answer.stderr.contains("secret plan") && !answer.stderr.contains("somebody"), "{answer:?}");
}

#[test]
fn what_cannot_be_read_says_why() {
    let bench = with_bad_lines(b"");
    std::fs::create_dir(bench.path("empty")).unwrap();
    bench.scan("empty", "out").expect_error("empty");
    bench.scan("absent.jsonl", "out").expect_error("absent.jsonl");
    bench.scan("s3://bucket/logs", "out").expect_error("s3://");
    bench.write("cut.parquet", b"PAR1 and then nothing of use");
    bench.scan("cut.parquet", "out").expect_error("cut.parquet");
    bench.write("array.json", "[{}]");
    bench.scan("array.json", "out").expect_error("array.json");
    bench.write("empty.sql", "");
    bench.run(&["scan", "--quiet", "--mapping", "empty.sql", "--out", "out"]).expect_error("empty.sql");
    assert!(!bench.path("out").exists());
    assert_eq!(bench.names("temporary"), Vec::<String>::new());
}

#[test]
fn a_row_that_is_there_twice_counts_once() {
    let bench = Bench::new();
    let rows = people(50, 20);
    bench.write_rows("rows/a.jsonl", &rows);
    bench.write_rows("rows/b.jsonl", &rows[..300]);
    bench.scan("rows", "out").expect(0);
    let record = bench.json("out/scan.json");
    assert_eq!((&record["read"]["rows_used"], &record["read"]["duplicates"]), (&1000.into(), &300.into()));
}

#[test]
fn lopsided_worlds_are_scanned_and_nobody_is_flagged() {
    let one = people(1, 500);
    let mut identical = people(200, 1);
    for row in &mut identical {
        row.prompt = Some("What is the capital of this country?".into());
        row.time = Timestamp(START.0);
    }
    let mut half = people(100, 20);
    half.extend(people(1, 2000).into_iter().map(|mut row| {
        row.id = format!("big-{}", row.id);
        row.account = "big".into();
        row
    }));
    for (name, rows) in [("one", one), ("identical", identical), ("half", half)] {
        let bench = Bench::new();
        bench.write_rows("rows.jsonl", &rows);
        bench.scan("rows.jsonl", "out").expect(0);
        assert_eq!(bench.read("out/flags.jsonl"), "", "{name}");
        assert_eq!(bench.json("out/scan.json")["read"]["rows_used"], rows.len(), "{name}");
    }
}
