//! What never leaves: the secret, the texts, the networks.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

use crate::bench::{Bench, people};
use crate::worlds::{self, World};

#[test]
fn the_key_is_made_once_private_and_never_shown() {
    let bench = Bench::new();
    bench.write_rows("rows.jsonl", &people(10, 10));
    let first = bench.scan("rows.jsonl", "out").expect(0);
    let mode = |name: &str| bench.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("config"), mode("config/fingerprint.key")), (0o700, 0o600));
    let key = bench.read("config/fingerprint.key");
    let [tag, id, secret] = key.trim().split(' ').collect::<Vec<_>>()[..] else { panic!("not three words") };
    assert_eq!((tag, secret.len()), ("stillwatch-fingerprint-key-v1", 64));
    assert_eq!(bench.json("out/scan.json")["key_id"], id);
    let second = bench.scan("rows.jsonl", "out").expect(0);
    assert_eq!(bench.read("config/fingerprint.key"), key);
    let shown = [first.stdout, first.stderr, second.stdout, second.stderr].concat();
    assert!(!shown.contains(secret));
    for name in bench.names("out") {
        assert!(!bench.read(&format!("out/{name}")).contains(secret), "{name}");
    }
}

#[test]
fn a_key_that_others_may_read_or_that_is_damaged_is_refused() {
    let bench = Bench::new();
    bench.write_rows("rows.jsonl", &people(10, 10));
    bench.scan("rows.jsonl", "out").expect(0);
    let path = bench.path("config/fingerprint.key");
    let key = bench.read("config/fingerprint.key");
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    bench.scan("rows.jsonl", "other").expect_error("chmod 600");
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&path, &key[..key.len() / 2]).unwrap();
    let answer = bench.scan("rows.jsonl", "other").expect_error("line 1");
    assert!(!answer.stderr.contains(key[..key.len() / 2].rsplit(' ').next().unwrap()));
    assert!(!bench.path("other").exists());
}

#[test]
fn texts_and_networks_are_hidden_unless_asked_for() {
    let bench = Bench::new();
    let world: World = worlds::sloppy(7);
    let row = world.exchanges.iter().find(|row| world.is_guilty(&row.account)).unwrap();
    let prompt = row.prompt.clone().unwrap();
    // A stretch from within the prompt, free of characters that JSON or HTML write otherwise.
    let plain = |c: char| c.is_ascii_alphanumeric() || c == ' ';
    let stretch = prompt.split(|c| !plain(c)).max_by_key(|part| part.len()).unwrap().trim();
    assert!(stretch.len() >= 12, "{stretch:?}");
    let hidden = [stretch, row.ip.as_deref().unwrap(), row.system.as_deref().unwrap_or(stretch)];
    world.write(&bench);

    let answer = bench.scan("exchanges.jsonl", "out").expect(1);
    let mut shown = answer.stdout + &answer.stderr;
    for name in bench.names("out") {
        shown += &bench.read(&format!("out/{name}"));
    }
    for text in hidden {
        assert!(!shown.contains(text), "shown without being asked for: {text:?}");
    }

    let arguments = ["scan", "--quiet", "--show-content", "--exchanges", "exchanges.jsonl", "--out", "open"];
    bench.run(&arguments).expect(1);
    let report = bench.read("open/report.html");
    let openings =
        world.exchanges.iter().filter(|row| world.is_guilty(&row.account)).filter_map(|row| row.prompt.as_ref());
    let found = openings.into_iter().filter(|prompt| {
        let part = prompt.split(|c| !plain(c)).max_by_key(|part| part.len()).unwrap().trim();
        part.len() >= 12 && report.contains(part)
    });
    assert!(found.count() > 0, "no exemplar in the report");

    for (flag, visible) in [(None, false), (Some("--show-content"), true)] {
        let arguments: Vec<&str> = ["inspect", "exchanges.jsonl"].into_iter().chain(flag).collect();
        let answer = bench.run(&arguments).expect(0);
        let first_rows = &world.exchanges[..3];
        let shows = |text: &Option<String>| {
            text.as_ref().is_some_and(|text| answer.stdout.contains(&text[..text.len().min(20)]))
        };
        assert_eq!(first_rows.iter().any(|row| shows(&row.prompt)), visible, "{}", answer.stdout);
    }
}
