//! Bad input: a clear error that names the file and the remedy, or a counted rejection with its place.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BinaryArray, RecordBatch, StringArray, TimestampMicrosecondArray};
use datafusion::parquet::arrow::ArrowWriter;
use stillwatch_scan::write::{write_exchanges, write_lines};
use stillwatch_scan::{Error, Inputs, Options};
use stillwatch_traffic::exchange::{Exchange, Timestamp};

use super::{START, Scratch, exchanges, inputs, read};

/// Checks that reading fails with a text that holds every part.
fn refused(path: &Path, options: &Options, parts: &[&str]) -> Error {
    let error = read(&inputs(path), options).expect_err("this input is bad");
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{text:?} lacks {part:?}");
    }
    error
}

/// Checks that one bad row among a thousand good ones is counted under a reason and a field at its place.
fn rejected(row: &Exchange, reason: &str, field: Option<&str>) {
    let scratch = Scratch::new();
    let mut rows = exchanges(1000);
    rows.insert(500, row.clone());
    write_lines(&scratch.path("a.jsonl"), &rows).expect("written");
    write_exchanges(&scratch.path("a.parquet"), &rows).expect("written");
    for name in ["a.jsonl", "a.parquet"] {
        counted(&scratch, name, reason, field, 501);
    }
}

fn counted(scratch: &Scratch, name: &str, reason: &str, field: Option<&str>, row: u64) {
    let (history, report) = read(&inputs(&scratch.path(name)), &scratch.options()).expect("one bad row is allowed");
    assert_eq!((report.rows_used, report.rows_rejected), (1000, 1), "{name}: {reason}");
    let rejection = &report.rejected[0];
    assert_eq!((rejection.reason.as_str(), rejection.field.as_deref()), (reason, field), "{name}");
    assert_eq!((rejection.count, rejection.examples[0].row), (1, row), "{name}: {reason}");
    assert!(rejection.examples[0].file.ends_with(name));
    assert_eq!(history.profiles.iter().map(|day| day.profile.exchanges).sum::<u64>(), 1000);
}

fn good_lines(count: u64) -> String {
    let line = |row: Exchange| serde_json::to_string(&row).expect("rows are plain data") + "\n";
    exchanges(count).into_iter().map(line).collect()
}

#[test]
fn rows_out_of_bounds_are_counted() {
    let good = super::exchange(5000);
    let with = |change: fn(&mut Exchange)| {
        let mut row = good.clone();
        change(&mut row);
        row
    };
    rejected(&with(|row| row.id.clear()), "missing", Some("id"));
    rejected(&with(|row| row.account.clear()), "missing", Some("account"));
    rejected(&with(|row| row.model.clear()), "missing", Some("model"));
    rejected(&with(|row| row.time = Timestamp(0)), "time out of range", Some("time"));
    rejected(&with(|row| row.time = Timestamp(32_472_144_000_000_000)), "time out of range", Some("time"));
    rejected(&with(|row| row.account = "a".repeat(1025)), "key too long", Some("account"));
    rejected(&with(|row| row.input_tokens = Some(-1)), "negative", Some("input_tokens"));
    rejected(&with(|row| row.prompt = Some("p".repeat(50_000_000))), "text too long", Some("prompt"));
}

#[test]
fn bad_lines_are_counted_alone() {
    let check = |line: &[u8], reason: &str, field: Option<&str>| {
        let scratch = Scratch::new();
        let good = good_lines(1000);
        let (head, tail) = good.split_at(good.match_indices('\n').nth(499).expect("a thousand lines").0 + 1);
        scratch.write("a.jsonl", [head.as_bytes(), line, b"\n", tail.as_bytes()].concat());
        counted(&scratch, "a.jsonl", reason, field, 501);
    };
    check(b"{\"id\":\"x\",\"time\":17802720000", "line cut in half", None);
    check(b"not json at all", "not a JSON object", None);
    check(b"{\"id\":\"\xff\xfe\"}", "invalid UTF-8", None);
    check(b"[1,2]", "not a JSON object", None);
    check(b"{\"id\":\"x\",\"time\":1780272000000000,\"account\":\"a\"}", "missing", Some("model"));
    check(b"{\"id\":\"x\",\"time\":1780272000000000,\"account\":7,\"model\":\"m\"}", "wrong type", Some("account"));
    check(b"{\"id\":\"x\",\"time\":\"June\",\"account\":\"a\",\"model\":\"m\"}", "time not in RFC 3339", Some("time"));
    check(
        b"{\"id\":\"x\",\"time\":1780272000000000,\"account\":\"a\",\"model\":\"m\",\"turn\":99999999999}",
        "number out of range",
        Some("turn"),
    );
    check(&vec![b'x'; 70 << 20], "line too long", None);
}

#[test]
fn a_file_without_its_last_line_end_is_whole_and_a_cut_one_loses_a_line() {
    let scratch = Scratch::new();
    let good = good_lines(1001);
    scratch.write("whole.jsonl", good.trim_end());
    let (_, report) = read(&inputs(&scratch.path("whole.jsonl")), &scratch.options()).expect("read");
    assert_eq!((report.rows_used, report.rows_rejected), (1001, 0));
    scratch.write("cut.jsonl", &good[..good.len() - 10]);
    counted(&scratch, "cut.jsonl", "line cut in half", None, 1001);
}

#[test]
fn a_cut_or_damaged_packed_file_gives_what_was_readable() {
    use std::io::Write;
    let scratch = Scratch::new();
    let good = good_lines(3000);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(good.as_bytes()).expect("memory takes all");
    let gzip = gzip.finish().expect("memory takes all");
    let zstd = zstd::encode_all(good.as_bytes(), 1).expect("memory takes all");
    let mut damaged = gzip.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 64].fill(0xff);
    let files = [("a.gz", &gzip[..gzip.len() / 2]), ("b.zst", &zstd[..zstd.len() - 20]), ("c.gz", &damaged)];
    for (name, bytes) in files {
        let path = scratch.write(name, bytes);
        let options = Options { max_rejected: 0.5, ..scratch.options() };
        let (_, report) = read(&inputs(&path), &options).expect("a part can be read");
        assert!(report.rows_used < 3000, "{name}");
        let cut: Vec<_> = report
            .rejected
            .iter()
            .filter(|rejection| rejection.reason == "compressed file cut short or damaged")
            .collect();
        assert_eq!((cut.len(), cut[0].count), (1, 1), "{name}");
        assert!(cut[0].examples[0].file.ends_with(name));
    }
}

#[test]
fn a_truncated_or_damaged_parquet_file_is_an_error() {
    let scratch = Scratch::new();
    let whole = scratch.path("whole.parquet");
    write_exchanges(&whole, &exchanges(5000)).expect("written");
    let bytes = std::fs::read(&whole).expect("readable");
    let cut = scratch.write("cut.parquet", &bytes[..bytes.len() / 2]);
    refused(&cut, &scratch.options(), &["cut.parquet", "not a whole Parquet file", "write it again"]);
    let mut damaged = bytes.clone();
    damaged[200..2000].fill(0xa5);
    let damaged = scratch.write("damaged.parquet", damaged);
    refused(&damaged, &scratch.options(), &["damaged.parquet", "not a whole Parquet file"]);
    let empty = scratch.write("empty.parquet", "");
    refused(&empty, &scratch.options(), &["empty.parquet", "does not begin like a Parquet file"]);
}

fn parquet(path: PathBuf, columns: Vec<(&str, ArrayRef)>) -> PathBuf {
    let batch = RecordBatch::try_from_iter(columns).expect("columns of one length");
    let file = std::fs::File::create(&path).expect("a file can be made");
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("written");
    path
}

fn text(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

#[test]
fn a_wrong_or_missing_parquet_column_is_an_error_that_names_it() {
    let scratch = Scratch::new();
    let time: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![START]));
    let columns = vec![("id", text(&["1"])), ("time", time), ("model", text(&["m"]))];
    let path = parquet(scratch.path("missing.parquet"), columns.clone());
    refused(
        &path,
        &scratch.options(),
        &["missing.parquet", "column account is missing", "id, time, model", "--mapping"],
    );
    let wrong = columns.into_iter().chain([("account", text(&["a"])), ("turn", text(&["first"]))]).collect();
    let path = parquet(scratch.path("wrong.parquet"), wrong);
    refused(&path, &scratch.options(), &["wrong.parquet", "column turn is text", "wanted 32-bit integer", "--mapping"]);
}

#[test]
fn invalid_utf8_in_parquet_spoils_its_row_only() {
    let scratch = Scratch::new();
    let count = 200;
    let ids: Vec<String> = (0..count).map(|index| format!("x{index}")).collect();
    let same = |value: &'static str| -> ArrayRef { Arc::new(StringArray::from(vec![value; count])) };
    let prompts: Vec<&[u8]> =
        (0..count).map(|index| if index == 7 { b"\xc3\x28".as_slice() } else { b"fine" }).collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(StringArray::from(ids))),
        ("time", Arc::new(TimestampMicrosecondArray::from(vec![START; count]))),
        ("account", same("a")),
        ("model", same("m")),
        ("prompt", Arc::new(BinaryArray::from(prompts))),
    ];
    let path = parquet(scratch.path("a.parquet"), columns);
    let (_, report) = read(&inputs(&path), &scratch.options()).expect("one bad row is allowed");
    assert_eq!((report.rows_used, report.rows_rejected), (199, 1));
    assert_eq!((report.rejected[0].reason.as_str(), report.rejected[0].examples[0].row), ("invalid UTF-8", 8));
}

#[test]
fn too_many_rejected_rows_are_an_error_that_lists_the_reasons() {
    let scratch = Scratch::new();
    let mut rows = exchanges(100);
    for row in &mut rows[10..20] {
        row.time = Timestamp(1_780_272_000);
    }
    rows[3].account.clear();
    let path = scratch.path("a.jsonl");
    write_lines(&path, &rows).expect("written");
    let parts =
        ["11 of 100 rows", "time: time out of range (10 rows, first ", "row 11)", "account: missing", "--max-rejected"];
    refused(&path, &scratch.options(), &parts);
    let options = Options { max_rejected: 0.2, ..scratch.options() };
    let (_, report) = read(&inputs(&path), &options).expect("allowed");
    assert_eq!((report.rows_used, report.rows_rejected), (89, 11));
}

#[test]
fn nothing_to_read_is_an_error() {
    let scratch = Scratch::new();
    let folder = scratch.path("empty");
    std::fs::create_dir(&folder).expect("made");
    refused(&folder, &scratch.options(), &["empty", "no Parquet or JSON Lines file"]);
    refused(&scratch.path("absent.parquet"), &scratch.options(), &["absent.parquet"]);
    refused(&scratch.path("empty/*.parquet"), &scratch.options(), &["*.parquet", "no Parquet or JSON Lines file"]);
    refused(&scratch.write("a.jsonl", "\n\n"), &scratch.options(), &["0 rows read and none can be used"]);
    refused(&scratch.write("array.json", "[\n{}]"), &scratch.options(), &["array.json", "JSON array", "jq"]);
    refused(
        &scratch.write("a.csv", "id,time\n"),
        &scratch.options(),
        &["a.csv", "neither Parquet nor JSON Lines", "--mapping"],
    );
    refused(Path::new("s3://bucket/logs"), &scratch.options(), &["s3://", "not read yet"]);
    let error = read(&Inputs::default(), &scratch.options()).expect_err("no path");
    assert!(error.to_string().contains("no path"), "{error}");
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_an_error_that_names_it() {
    let scratch = Scratch::new();
    let path = scratch.path("loop.parquet");
    std::os::unix::fs::symlink(&path, &path).expect("a link can be made");
    refused(&path, &scratch.options(), &["loop.parquet"]);
    let folder = scratch.path("logs");
    std::fs::create_dir(&folder).expect("made");
    std::os::unix::fs::symlink("nowhere", folder.join("gone.parquet")).expect("a link can be made");
    refused(&folder, &scratch.options(), &["gone.parquet"]);
}

#[test]
fn no_error_and_no_report_holds_a_value() {
    let scratch = Scratch::new();
    let mut rows = exchanges(10);
    for row in &mut rows {
        row.prompt = Some("SECRET".to_owned());
        row.account = "SECRET".repeat(300);
    }
    let path = scratch.path("a.jsonl");
    write_lines(&path, &rows).expect("written");
    let error = refused(&path, &scratch.options(), &["key too long"]);
    assert!(!format!("{error} {error:?}").contains("SECRET"));
}

#[test]
fn one_account_with_half_of_all_traffic_and_accounts_all_alike_are_read() {
    let scratch = Scratch::new();
    let mut rows = exchanges(20_000);
    for row in &mut rows[..10_000] {
        row.account = "whale".to_owned();
    }
    write_exchanges(&scratch.path("whale.parquet"), &rows).expect("written");
    let (history, _) = read(&inputs(&scratch.path("whale.parquet")), &scratch.options()).expect("read");
    let whale = history.profiles.iter().filter(|day| day.account == "whale");
    assert!(whale.map(|day| day.profile.exchanges).sum::<u64>() >= 10_000);

    let alike = |index: usize| Exchange {
        id: format!("{index}"),
        account: format!("a{}", index % 500),
        time: Timestamp(START),
        model: "m".to_owned(),
        prompt: Some("the same".to_owned()),
        ..Exchange::default()
    };
    let rows: Vec<Exchange> = (0..5_000).map(alike).collect();
    write_exchanges(&scratch.path("alike.parquet"), &rows).expect("written");
    let (history, _) = read(&inputs(&scratch.path("alike.parquet")), &scratch.options()).expect("read");
    assert_eq!(history.profiles.len(), 500);
    assert!(history.profiles.windows(2).all(|pair| pair[0].profile == pair[1].profile));
}
