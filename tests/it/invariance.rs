//! What must not change the answer: order, files, formats, threads, memory; which network it was, and which hour.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use proptest::prelude::*;
use stillwatch_detect::campaign::Flag;
use stillwatch_feature::key::Key;
use stillwatch_scan::write::{write_exchanges, write_lines};
use stillwatch_traffic::exchange::{Exchange, Timestamp};

use crate::bench::Bench;
use crate::worlds::{World, sloppy};

/// One number after the other, from a seed: enough to shuffle with.
struct Shuffle(u64);

impl Shuffle {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn rows<T>(&mut self, rows: &mut [T]) {
        for last in (1..rows.len()).rev() {
            rows.swap(last, self.below(last + 1));
        }
    }
}

fn answer(bench: &Bench, out: &str) -> (String, String) {
    (bench.read(&format!("{out}/campaigns.json")), bench.read(&format!("{out}/flags.jsonl")))
}

/// Writes rows as a file of one of four formats.
fn write_file(folder: &Path, number: usize, format: usize, rows: &[Exchange]) {
    std::fs::create_dir_all(folder).unwrap();
    let path = |ending: &str| folder.join(format!("part-{number}.{ending}"));
    match format {
        0 => write_exchanges(&path("parquet"), rows).unwrap(),
        1 => write_lines(&path("jsonl"), rows).unwrap(),
        _ => {
            let lines: String = rows.iter().map(|row| serde_json::to_string(row).unwrap() + "\n").collect();
            std::fs::write(path("jsonl.zst"), zstd::encode_all(lines.as_bytes(), 1).unwrap()).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_files_formats_threads_and_memory_do_not_matter(
        seed in any::<u64>(), files in 1usize..7, threads in 1usize..5, repeats in 0usize..300,
    ) {
        let bench = Bench::new();
        let world = sloppy(11);
        world.write(&bench);
        bench.scan("exchanges.jsonl", "plain").expect(1);
        let mut shuffle = Shuffle(seed);
        let mut rows = world.exchanges.clone();
        // Some rows come twice: an id counts once.
        rows.extend_from_within(..repeats);
        shuffle.rows(&mut rows);
        let mut shards = vec![Vec::new(); files];
        for row in rows {
            shards[shuffle.below(files)].push(row);
        }
        for (number, shard) in shards.iter().enumerate() {
            let folder = bench.path("split").join(format!("shard-{}", shuffle.below(3)));
            write_file(&folder, number, shuffle.below(3), shard);
        }
        let mut accounts = world.accounts.clone();
        shuffle.rows(&mut accounts);
        bench.write_rows("accounts.jsonl", &accounts);
        let threads = threads.to_string();
        let arguments = ["scan", "--quiet", "--exchanges", "split", "--accounts", "accounts.jsonl", "--out", "other"];
        bench.run(&[&arguments[..], &["--threads", &threads, "--memory", "64M"]].concat()).expect(1);
        prop_assert!(answer(&bench, "plain") == answer(&bench, "other"), "the answers differ");
    }
}

/// Flags without what the names of keyed features decide: account, and when and how surely it was flagged.
fn flags(world: &World) -> Vec<(String, i64, u8)> {
    let bench = Bench::new();
    world.write(&bench);
    // One key for all benches, so that the same rows have the same features.
    let id = Key::from_bytes([7; 32]).id();
    bench.write("config/fingerprint.key", format!("stillwatch-fingerprint-key-v1 {id:016x} {}\n", "07".repeat(32)));
    std::fs::set_permissions(bench.path("config/fingerprint.key"), Permissions::from_mode(0o600)).unwrap();
    bench.scan("exchanges.jsonl", "out").expect(1);
    let flag = |line: &str| {
        let flag: Flag = serde_json::from_str(line).unwrap();
        (flag.account, flag.flagged_at.0, flag.confidence)
    };
    bench.read("out/flags.jsonl").lines().map(flag).collect()
}

#[test]
fn which_network_it_was_does_not_matter() {
    let world = sloppy(12);
    let mut other = world.clone();
    let mut autonomous = BTreeMap::new();
    let mut prefixes = BTreeMap::new();
    for row in &mut other.exchanges {
        let next = 64_512 + 7 * autonomous.len() as i64;
        row.asn = row.asn.map(|asn| *autonomous.entry(asn).or_insert(next));
        row.ip = row.ip.take().map(|ip| relabel(&ip, &mut prefixes));
    }
    assert!(autonomous.len() > 5 && prefixes.len() > 20, "{} and {}", autonomous.len(), prefixes.len());
    let expected = flags(&world);
    assert!(expected.len() >= 38, "{}", expected.len());
    assert_eq!(flags(&other), expected);
}

/// Gives each /24 or /48 another one, one to one, and keeps the rest of the address.
fn relabel(ip: &str, prefixes: &mut BTreeMap<String, usize>) -> String {
    let separator = if ip.contains(':') { ':' } else { '.' };
    let parts: Vec<&str> = ip.splitn(4, separator).collect();
    let [a, b, c, rest] = parts[..] else { panic!("an address of another form: {ip}") };
    let count = prefixes.len();
    let number = *prefixes.entry([a, b, c].join("/")).or_insert(count);
    let (high, low) = (number / 200, number % 200);
    if separator == ':' { format!("2a0f:{high:x}:{low:x}:{rest}") } else { format!("93.{high}.{low}.{rest}") }
}

#[test]
fn shifting_all_times_by_whole_hours_does_not_matter() {
    let world = sloppy(13);
    let expected = flags(&world);
    assert!(expected.len() >= 38, "{}", expected.len());
    for hours in [-5, 1, 13, 24] {
        let shift = |time: Timestamp| Timestamp(time.0 + hours * Timestamp::HOUR);
        let mut other = world.clone();
        other.exchanges.iter_mut().for_each(|row| row.time = shift(row.time));
        other.accounts.iter_mut().for_each(|account| account.created = account.created.map(shift));
        let shifted: Vec<_> = flags(&other)
            .into_iter()
            .map(|(account, time, sure)| (account, time - hours * Timestamp::HOUR, sure))
            .collect();
        assert_eq!(shifted, expected, "{hours} hours");
    }
}
