//! What is written, when, and with which exit code: whole, or not at all.

use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Stdio};

use crate::bench::{Answer, Bench, people};

const FILES: [&str; 4] = ["campaigns.json", "flags.jsonl", "report.html", "scan.json"];

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write_rows("rows.jsonl", &people(30, 20));
    bench
}

#[test]
fn nothing_found_is_exit_code_0_and_four_whole_files() {
    let bench = bench();
    let answer = bench.scan("rows.jsonl", "out").expect(0);
    assert!(answer.stdout.contains("report.html"), "{answer:?}");
    assert_eq!(bench.names("out"), FILES);
    assert_eq!(bench.read("campaigns.json".replace("campaigns", "out/campaigns").as_str()), "[]\n");
    assert_eq!(bench.read("out/flags.jsonl"), "");
    let record = bench.json("out/scan.json");
    assert_eq!(record["read"]["rows_used"], 600, "{record}");
    assert_eq!(record["flags"], 0);
    assert!(record["stages"].as_array().unwrap().iter().any(|stage| stage["name"] == "detect"), "{record}");
    assert!(record["memory_bytes_peak"].as_u64().unwrap() > 1 << 20);
    assert_eq!(bench.names("."), ["config", "out", "rows.jsonl", "temporary"]);
    assert_eq!(bench.names("temporary"), Vec::<String>::new());
}

#[test]
fn json_is_one_object_and_nothing_else() {
    let bench = bench();
    let answer = bench.run(&["scan", "--json", "--quiet", "--exchanges", "rows.jsonl", "--out", "out"]).expect(0);
    let value: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(value["campaigns"], serde_json::json!([]));
    assert_eq!(value["scan"]["key_id"], bench.json("out/scan.json")["key_id"]);
    assert_eq!(answer.stdout.lines().count(), 1);
}

#[test]
fn a_former_scan_is_replaced() {
    let bench = bench();
    bench.scan("rows.jsonl", "out").expect(0);
    bench.write("out/campaigns.json", "stale");
    bench.scan("rows.jsonl", "out").expect(0);
    assert_eq!(bench.read("out/campaigns.json"), "[]\n");
    assert_eq!(bench.names("out"), FILES);
    assert_eq!(bench.names("."), ["config", "out", "rows.jsonl", "temporary"]);
}

#[test]
fn a_failed_scan_leaves_the_former_one() {
    let bench = bench();
    bench.scan("rows.jsonl", "out").expect(0);
    bench.write("out/campaigns.json", "former");
    bench.write("rows.jsonl", "not traffic\n");
    bench.scan("rows.jsonl", "out").expect_error("rows.jsonl");
    assert_eq!(bench.read("out/campaigns.json"), "former");
    assert_eq!(bench.names("."), ["config", "out", "rows.jsonl", "temporary"]);
}

#[test]
fn a_folder_with_anything_else_is_refused_and_untouched() {
    let bench = bench();
    for (place, files) in [("a", &["thesis.tex"][..]), ("b", &["scan.json"]), ("c", &["scan.json", "thesis.tex"])] {
        for file in files {
            bench.write(&format!("{place}/{file}"), "mine");
        }
        bench.scan("rows.jsonl", place).expect_error("choose a new --out");
        assert_eq!(bench.names(place), files);
    }
    bench.write("file", "mine");
    bench.scan("rows.jsonl", "file").expect_error("it is a file");
    bench.scan("rows.jsonl", "no/such/folder").expect_error("make it first");
    bench.scan("rows.jsonl", "/proc/out").expect_error("write /proc/out");
    assert_eq!(bench.names("."), ["a", "b", "c", "file", "rows.jsonl", "temporary"]);
}

#[test]
fn an_empty_folder_and_a_link_to_a_folder_are_used() {
    let bench = bench();
    std::fs::create_dir(bench.path("real")).unwrap();
    std::os::unix::fs::symlink("real", bench.path("link")).unwrap();
    bench.scan("rows.jsonl", "link").expect(0);
    assert_eq!(bench.names("real"), FILES);
    assert!(bench.path("link").symlink_metadata().unwrap().is_symlink());
}

#[test]
fn no_room_is_told_and_nothing_stays() {
    let bench = bench();
    // A limit on file size stands for a full disk; the signal is ignored so that writing reports it as an error.
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec '{}' scan --quiet --exchanges rows.jsonl --out out",
        env!("CARGO_BIN_EXE_stillwatch")
    );
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).current_dir(bench.path(".")).env("STILLWATCH_CONFIG", bench.config());
    shell.env("TMPDIR", bench.temporary());
    Answer::from(shell.output().unwrap()).expect_error("no space is left");
    assert_eq!(bench.names("."), ["config", "rows.jsonl", "temporary"]);
    assert_eq!(bench.names("temporary"), Vec::<String>::new());
}

/// Starts a scan that cannot end, since nobody writes into its pipe, and waits until it has begun to write.
fn endless(bench: &Bench) -> Child {
    let made = std::process::Command::new("mkfifo").arg(bench.path("pipe.jsonl")).status().unwrap();
    assert!(made.success());
    let mut command = bench.program();
    command.args(["scan", "--exchanges", "pipe.jsonl", "--out", "out"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = || bench.names(".").iter().any(|name| name.starts_with(".out"));
    while !begun() || bench.names("temporary").is_empty() {
        assert_eq!(child.try_wait().unwrap(), None, "the scan ended by itself");
        std::thread::yield_now();
    }
    child
}

#[test]
fn an_interrupt_leaves_nothing_behind() {
    for signal in ["-INT", "-TERM"] {
        let bench = bench();
        let mut child = endless(&bench);
        let sent = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(said.contains("interrupted"), "{said}");
        assert_eq!(bench.names("."), ["config", "pipe.jsonl", "rows.jsonl", "temporary"]);
        assert_eq!(bench.names("temporary"), Vec::<String>::new());
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let bench = bench();
    let mut command = bench.program();
    command.args(["scan", "--quiet", "--exchanges", "rows.jsonl", "--out", "out"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let answer = Answer::from(child.wait_with_output().unwrap()).expect(0);
    assert_eq!(answer.stderr, "");
}

#[test]
fn the_answer_is_readable_as_other_files_are() {
    let bench = bench();
    bench.scan("rows.jsonl", "out").expect(0);
    std::fs::create_dir(bench.path("other")).unwrap();
    let mode = |name: &str| bench.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("out"), mode("other"));
}

#[test]
fn a_wrong_command_line_is_exit_code_2() {
    let bench = bench();
    for arguments in [
        &["scan", "--out", "out"][..],
        &["scan", "--exchanges", "rows.jsonl"],
        &["scan", "--exchanges", "rows.jsonl", "--out", "out", "--max-rejected", "2"],
        &["scan", "--exchanges", "rows.jsonl", "--out", "out", "--memory", "1K"],
        &["guess"],
    ] {
        bench.run(arguments).expect(2);
    }
    bench.run(&["--version"]).expect(0);
    for command in ["scan", "inspect", "simulate", "evaluate", "demo"] {
        let answer = bench.run(&[command, "--help"]).expect(0);
        assert!(answer.stdout.contains("Examples:") && answer.stdout.contains("Exit codes:"), "{command}");
    }
}

#[test]
fn prices_are_checked_before_anything_is_read() {
    let bench = bench();
    let scan = ["scan", "--quiet", "--exchanges", "rows.jsonl", "--out", "out", "--prices", "prices.toml"];
    bench.run(&scan).expect_error("prices.toml");
    bench.write("prices.toml", "currency = \"EUR\"\nprice = 1\n");
    bench.run(&scan).expect_error("price");
    bench.write("prices.toml", include_str!("../../docs/samples/prices.toml"));
    bench.run(&scan).expect(0);
}
