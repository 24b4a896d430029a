//! The same rows in any order, sharding and file split give the same history, to the byte.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::Config;
use stillwatch_scan::Options;
use stillwatch_scan::write::{write_exchanges, write_lines};
use stillwatch_traffic::exchange::Exchange;

use super::{Scratch, bytes, exchanges, inputs, read};

fn rows() -> Vec<Exchange> {
    let mut rows = exchanges(600);
    let twins: Vec<Exchange> = rows[..20].iter().map(|row| Exchange { turn: Some(9), ..row.clone() }).collect();
    rows.extend(twins);
    rows
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_order_sharding_and_split_gives_the_same_history(
        order in Just((0..620usize).collect::<Vec<_>>()).prop_shuffle(),
        cuts in proptest::collection::btree_set(1..619usize, 0..6),
        lines in any::<u8>(),
        threads in 1..4usize,
    ) {
        check(&order, cuts, lines, threads);
    }
}

/// Writes the rows in this order, cut here, a file as JSON Lines where its bit is set.
fn check(order: &[usize], cuts: BTreeSet<usize>, lines: u8, threads: usize) {
    let scratch = Scratch::new();
    let all = rows();
    write_exchanges(&scratch.path("whole.parquet"), &all).expect("written");
    let shuffled: Vec<Exchange> = order.iter().map(|&index| all[index].clone()).collect();
    let mut start = 0;
    for (index, end) in cuts.into_iter().chain([shuffled.len()]).enumerate() {
        let part = &shuffled[start..end];
        start = end;
        let path = scratch.path(&format!("split/{index}.data"));
        if lines >> index & 1 == 0 {
            write_exchanges(&path, part).expect("written");
        } else {
            write_lines(&path, part).expect("written");
        }
    }
    let (expect, _) = read(&inputs(&scratch.path("whole.parquet")), &scratch.options()).expect("read");
    let options = Options { threads, ..scratch.options() };
    let (found, report) = read(&inputs(&scratch.path("split")), &options).expect("read");
    assert_eq!(bytes(&found), bytes(&expect));
    assert_eq!((report.rows_used, report.conflicts), (600, 20));
}
