//! An id counts once; which row stays does not depend on order or files.

use std::collections::BTreeSet;

use stillwatch_scan::reread;
use stillwatch_scan::write::{write_exchanges, write_lines};
use stillwatch_traffic::exchange::Exchange;

use super::{Scratch, bytes, exchanges, inputs, read};

fn rows_with_conflicts() -> Vec<Exchange> {
    let mut rows = exchanges(400);
    let repeated: Vec<Exchange> = rows[..50].to_vec();
    let conflicting = rows[30..60].iter().map(|row| Exchange { account: "other".to_owned(), ..row.clone() });
    let conflicting: Vec<Exchange> = conflicting.collect();
    rows.extend(repeated);
    rows.extend(conflicting);
    rows
}

#[test]
fn duplicates_count_once_and_conflicts_are_settled_by_content() {
    let scratch = Scratch::new();
    let clean = scratch.path("clean.parquet");
    write_exchanges(&clean, &exchanges(400)).expect("written");
    let doubled = scratch.path("doubled.jsonl");
    write_lines(&doubled, &[exchanges(400), exchanges(400), exchanges(1)].concat()).expect("written");
    let (once, _) = read(&inputs(&clean), &scratch.options()).expect("read");
    let (twice, report) = read(&inputs(&doubled), &scratch.options()).expect("read");
    assert_eq!(bytes(&once), bytes(&twice));
    assert_eq!((report.rows_used, report.duplicates, report.conflicts), (400, 401, 0));
}

#[test]
fn order_and_files_do_not_choose_the_row_that_stays() {
    let scratch = Scratch::new();
    let rows = rows_with_conflicts();
    let forward = scratch.path("forward.parquet");
    write_exchanges(&forward, &rows).expect("written");
    let mut reversed = rows.clone();
    reversed.reverse();
    write_lines(&scratch.path("backward/b.jsonl"), &reversed[..77]).expect("written");
    write_exchanges(&scratch.path("backward/a.parquet"), &reversed[77..]).expect("written");
    let (one, first) = read(&inputs(&forward), &scratch.options()).expect("read");
    let (two, second) = read(&inputs(&scratch.path("backward")), &scratch.options()).expect("read");
    assert_eq!(bytes(&one), bytes(&two));
    assert_eq!((first.rows_used, first.rows_read), (400, 480));
    assert_eq!((first.duplicates, first.conflicts), (second.duplicates, second.conflicts));
    assert_eq!(first.duplicates + first.conflicts, 80);
    assert!(first.conflicts >= 30);
}

#[test]
fn a_second_look_sees_the_rows_that_stayed_in_one_order() {
    let scratch = Scratch::new();
    let rows = rows_with_conflicts();
    write_exchanges(&scratch.path("a/1.parquet"), &rows).expect("written");
    write_lines(&scratch.path("b/1.jsonl"), &rows[200..]).expect("written");
    write_lines(&scratch.path("b/2.jsonl"), &rows[..200]).expect("written");
    let accounts: BTreeSet<String> = ["account-3".to_owned(), "other".to_owned()].into();
    let look = |folder: &str| {
        let mut seen = Vec::new();
        let visit = &mut |exchange: &Exchange| seen.push(exchange.clone());
        reread(&inputs(&scratch.path(folder)), &scratch.options(), &accounts, visit).expect("read");
        seen
    };
    let seen = look("a");
    assert_eq!(seen, look("b"));
    assert!(seen.iter().all(|row| accounts.contains(&row.account)));
    assert!(seen.is_sorted_by_key(|row| (row.time, row.id.clone())));
    let (history, _) = read(&inputs(&scratch.path("a")), &scratch.options()).expect("read");
    let expect: u64 =
        history.profiles.iter().filter(|day| accounts.contains(&day.account)).map(|day| day.profile.exchanges).sum();
    assert_eq!(seen.len() as u64, expect);
}
