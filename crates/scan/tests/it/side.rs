//! Accounts, enforcements, releases and truth.

use stillwatch_scan::write::{WorldWriter, write_lines};
use stillwatch_scan::{Inputs, read_exchange_times, read_truth};
use stillwatch_traffic::exchange::{Account, Enforcement, Release, Timestamp, Truth};

use super::{START, Scratch, exchanges, read};

fn account(index: u32) -> Account {
    Account {
        account: format!("account-{index:03}"),
        organization: Some("lab".to_owned()),
        created: Some(Timestamp(START - i64::from(index) * Timestamp::DAY)),
        verified: index.is_multiple_of(2).then_some(true),
        agreement: (index == 3).then(|| "evaluation".to_owned()),
        ..Account::default()
    }
}

#[test]
fn a_world_comes_back_as_it_was_written() {
    let scratch = Scratch::new();
    let folder = scratch.path("world");
    let truth: Vec<Truth> = exchanges(9)
        .into_iter()
        .map(|row| Truth { id: row.id, account: row.account, campaign: None, kind: "benign".to_owned(), strength: 0 })
        .collect();
    let accounts: Vec<Account> = (0..9).map(account).collect();
    let enforcements =
        vec![Enforcement { account: "a".to_owned(), time: Timestamp(START), action: "block".to_owned() }];
    let releases = vec![Release { model: "m".to_owned(), time: Timestamp(START) }];
    let mut writer = WorldWriter::create(&folder, &scratch.path("truth.parquet")).expect("made");
    writer.day(0, &exchanges(5)).expect("written");
    writer.day(1, &exchanges(9)[5..]).expect("written");
    writer.truth(&truth[..5]).expect("written");
    writer.truth(&truth[5..]).expect("written");
    writer.accounts(&accounts).expect("written");
    writer.enforcements(&enforcements).expect("written");
    writer.releases(&releases).expect("written");
    writer.finish().expect("written");

    let at = |name: &str| vec![folder.join(name).display().to_string()];
    let inputs = Inputs {
        exchanges: at("exchanges"),
        accounts: at("accounts.parquet"),
        enforcements: at("enforcements.parquet"),
        releases: at("releases.parquet"),
        ..Inputs::default()
    };
    let (history, report) = read(&inputs, &scratch.options()).expect("read");
    assert_eq!((history.accounts, history.enforcements, history.releases), (accounts, enforcements, releases));
    assert_eq!((report.rows_used, report.files.len()), (9, 5));
    assert_eq!(read_truth(scratch.path("truth.parquet")).expect("read"), truth);
    let mut seen = Vec::new();
    read_exchange_times(&inputs, &mut |id, account, time| seen.push((id.to_owned(), account.to_owned(), time)))
        .expect("read");
    let expect: Vec<_> = exchanges(9).into_iter().map(|row| (row.id, row.account, row.time)).collect();
    assert_eq!(seen, expect);
}

#[test]
fn of_two_rows_of_an_account_the_smaller_stays() {
    let scratch = Scratch::new();
    write_lines(&scratch.path("exchanges.jsonl"), &exchanges(3)).expect("written");
    let one = Account { plan: Some("a".to_owned()), ..account(1) };
    let two = Account { plan: Some("b".to_owned()), ..account(1) };
    let mut results = Vec::new();
    for (name, rows) in [("x", [one.clone(), two.clone(), one.clone()]), ("y", [two.clone(), one.clone(), two])] {
        let path = scratch.path(&format!("{name}.jsonl"));
        write_lines(&path, &rows).expect("written");
        let inputs = Inputs {
            exchanges: vec![scratch.path("exchanges.jsonl").display().to_string()],
            accounts: vec![path.display().to_string()],
            ..Inputs::default()
        };
        let (history, report) = read(&inputs, &scratch.options()).expect("read");
        assert_eq!(report.side_rows_repeated, 2);
        results.push(history.accounts);
    }
    assert_eq!(results[0], [one]);
    assert_eq!(results[0], results[1]);
}
