//! The same rows give the same history in every format, packing, file split and number of threads.

use std::io::Write;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Int64Array, LargeStringArray, RecordBatch, StringArray,
    TimestampMillisecondArray, TimestampNanosecondArray,
};
use datafusion::arrow::datatypes::Int32Type;
use datafusion::parquet::arrow::ArrowWriter;
use stillwatch_scan::write::{write_exchanges, write_lines};
use stillwatch_traffic::exchange::Exchange;

use super::{Scratch, bytes, exchanges, inputs, read};

fn lines(rows: &[Exchange]) -> Vec<u8> {
    let mut text = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut text, row).expect("rows are plain data");
        text.push(b'\n');
    }
    text
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory takes all");
    encoder.finish().expect("memory takes all")
}

#[test]
fn every_format_and_packing_gives_the_same_history() {
    let scratch = Scratch::new();
    let rows = exchanges(20_000);
    let text = lines(&rows);
    let parquet = scratch.path("parquet/a.parquet");
    write_exchanges(&parquet, &rows).expect("written");
    let plain = scratch.path("plain/a.jsonl");
    write_lines(&plain, &rows).expect("written");
    let (first, second) = text.split_at(text.len() / 3);
    let files = [
        plain,
        scratch.write("gzip/a.jsonl.gz", gzip(&text)),
        scratch.write("members/a.jsonl.gz", [gzip(first), gzip(second)].concat()),
        scratch.write("zstd/a.jsonl.zst", zstd::encode_all(text.as_slice(), 3).expect("packed")),
        scratch.write("other-name/a.data", &text),
    ];
    let (history, report) = read(&inputs(&parquet), &scratch.options()).expect("read");
    assert_eq!((report.rows_read, report.rows_used), (20_000, 20_000));
    assert_eq!(report.rejected, []);
    assert_eq!(report.columns_missing, Vec::<String>::new());
    let expect = bytes(&history);
    for file in files {
        let (history, report) = read(&inputs(&file), &scratch.options()).expect("read");
        assert_eq!(bytes(&history), expect, "{}", file.display());
        assert_eq!((report.rows_used, report.rejected.len()), (20_000, 0), "{}", file.display());
    }
}

#[test]
fn threads_and_memory_change_nothing() {
    let scratch = Scratch::new();
    let parquet = scratch.path("a.parquet");
    write_exchanges(&parquet, &exchanges(30_000)).expect("written");
    let (history, _) = read(&inputs(&parquet), &scratch.options()).expect("read");
    let expect = bytes(&history);
    for (threads, memory_bytes_max) in [(1, None), (4, None), (1, Some(6 << 20)), (2, Some(12 << 20))] {
        let options = stillwatch_scan::Options { threads, memory_bytes_max, ..scratch.options() };
        let (history, _) =
            read(&inputs(&parquet), &options).unwrap_or_else(|error| panic!("{threads} threads: {error}"));
        assert_eq!(bytes(&history), expect, "{threads} threads, {memory_bytes_max:?} bytes");
    }
}

#[test]
fn compatible_parquet_types_are_cast() {
    let scratch = Scratch::new();
    let times = [super::START, super::START + 3_600_000_000, super::START + 90_000_000_000];
    let dictionary: DictionaryArray<Int32Type> = vec!["a", "b", "a"].into_iter().collect();
    let variants: [[(&str, ArrayRef); 5]; 2] = [
        [
            ("model", Arc::new(StringArray::from(vec!["m", "m", "m"]))),
            ("time", Arc::new(TimestampMillisecondArray::from(times.map(|time| time / 1000).to_vec()))),
            ("account", Arc::new(dictionary)),
            ("id", Arc::new(LargeStringArray::from(vec!["1", "2", "3"]))),
            ("turn", Arc::new(Int64Array::from(vec![Some(1), None, Some(2)]))),
        ],
        [
            ("id", Arc::new(StringArray::from(vec!["1", "2", "3"]))),
            ("account", Arc::new(StringArray::from(vec!["a", "b", "a"]))),
            ("turn", Arc::new(Float64Array::from(vec![1.0, f64::NAN, 2.0]))),
            (
                "time",
                Arc::new(
                    TimestampNanosecondArray::from(times.map(|time| time * 1000).to_vec()).with_timezone("+02:00"),
                ),
            ),
            ("model", Arc::new(LargeStringArray::from(vec!["m", "m", "m"]))),
        ],
    ];
    let mut results = Vec::new();
    for (index, variant) in variants.into_iter().enumerate() {
        let path = scratch.path(&format!("{index}.parquet"));
        let batch = RecordBatch::try_from_iter(variant).expect("columns of one length");
        let file = std::fs::File::create(&path).expect("a file can be made");
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("written");
        writer.close().expect("written");
        let (history, report) = read(&inputs(&path), &scratch.options()).expect("read");
        assert_eq!(report.rejected, []);
        assert!(report.columns_missing.contains(&"prompt".to_owned()));
        assert!(!report.columns_missing.contains(&"turn".to_owned()));
        results.push(bytes(&history));
    }
    assert_eq!(results[0], results[1]);
}

#[test]
fn globs_folders_and_urls_name_the_same_files() {
    let scratch = Scratch::new();
    let rows = exchanges(300);
    write_exchanges(&scratch.path("logs/a/1.parquet"), &rows[..100]).expect("written");
    write_lines(&scratch.path("logs/b/2.jsonl"), &rows[100..200]).expect("written");
    write_lines(&scratch.path("logs/b/c/3.jsonl"), &rows[200..]).expect("written");
    scratch.write("logs/README.txt", "not traffic");
    scratch.write("logs/_SUCCESS", "");
    let folder = scratch.path("logs").display().to_string();
    let names = [
        vec![folder.clone()],
        vec![format!("{folder}/*/*"), folder.clone()],
        vec![format!("file://{folder}/b"), format!("{folder}/**/*.parquet")],
    ];
    for exchanges in names {
        let inputs = stillwatch_scan::Inputs { exchanges: exchanges.clone(), ..Default::default() };
        let (_, report) = read(&inputs, &scratch.options()).expect("read");
        assert_eq!((report.rows_used, report.duplicates), (300, 0), "{exchanges:?}");
    }
    let (_, report) = read(&inputs(&scratch.path("logs")), &scratch.options()).expect("read");
    let skipped: Vec<&str> =
        report.files.iter().filter(|file| file.format == "not traffic").map(|file| file.path.as_str()).collect();
    assert_eq!(skipped.len(), 1);
    assert!(skipped[0].ends_with("README.txt"));
}
