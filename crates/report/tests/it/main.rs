//! The page and the terminal text as a reader gets them: snapshots, and what must never be in them.

#[path = "../../testdata/findings.rs"]
mod findings;

use std::{collections::BTreeMap, env, fs, path::PathBuf};

use stillwatch_detect::campaign::Campaign;
use stillwatch_report::{BLIND_SPOT, GroupNote, Summary, page, terminal};
use stillwatch_traffic::exchange::Timestamp;

/// Compares with the stored text, or stores it where `UPDATE_SNAPSHOTS=1` is set.
fn check(name: &str, text: &str) {
    let path = PathBuf::from("testdata").join(name);
    if env::var_os("UPDATE_SNAPSHOTS").is_some_and(|value| value == "1") {
        fs::write(&path, text).expect("testdata can be written");
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    let first = stored.lines().zip(text.lines()).position(|(a, b)| a != b);
    assert!(stored == text, "{name} differs (first in line {first:?}); UPDATE_SNAPSHOTS=1 stores the new one");
}

/// One tag a line, so that a difference can be read.
fn broken_into_lines(page: &str) -> String {
    page.replace("><", ">\n<") + "\n"
}

#[test]
fn pages_match_their_snapshots() {
    let campaigns = findings::campaigns();
    check("report.html", &broken_into_lines(&page(&findings::summary(), &campaigns[1..], &BTreeMap::new())));
    check("nothing.html", &broken_into_lines(&page(&findings::summary(), &[], &BTreeMap::new())));
}

#[test]
fn terminal_texts_match_their_snapshots() {
    let campaigns = findings::campaigns();
    check("terminal-160.txt", &terminal(&findings::summary(), &campaigns, 160, false));
    check("terminal-60.txt", &terminal(&findings::summary(), &campaigns, 60, false));
    check("terminal-nothing.txt", &terminal(&findings::summary(), &[], 80, false));
}

const HOSTILE: &str = "</title><script>alert('x')</script>\"onload=\"x\u{1b}[2J\u{202e}";

/// Findings in which everything that can come from traffic is hostile.
fn hostile() -> (Summary, Vec<Campaign>) {
    let text = || HOSTILE.to_string();
    let mut campaign = findings::campaign(HOSTILE, 20, 3, 2);
    campaign.accounts.iter_mut().for_each(|member| member.account = text());
    campaign.impact.models = vec![(text(), 7)];
    campaign.targets = vec![text()];
    campaign.held_back = Some(text());
    campaign.techniques.iter_mut().for_each(|technique| {
        technique.name = text();
        technique.atlas = text();
    });
    campaign.shared.iter_mut().for_each(|shared| {
        shared.kind = text();
        shared.feature = text();
    });
    campaign.origins.iter_mut().for_each(|origin| origin.kind = text());
    for evidence in &mut campaign.evidence {
        (evidence.signal, evidence.null, evidence.sentence, evidence.clears) = (text(), text(), text(), text());
    }
    let group = GroupNote { what: text(), accounts: 3, exchanges: 4, reason_cleared: text() };
    let summary = Summary {
        title: text(),
        version: text(),
        command: text(),
        rejected_reasons: vec![(text(), 1)],
        columns_missing: vec![(text(), text())],
        groups_examined: vec![group],
        blind_spots: vec![text()],
        ..findings::summary()
    };
    (summary, vec![campaign])
}

#[test]
fn hostile_text_is_harmless_on_the_page() {
    let (summary, campaigns) = hostile();
    let mut exemplars = findings::exemplars();
    let rows = exemplars.remove("cmp-7f3a91c2").expect("the sample has texts");
    let page = page(&summary, &campaigns, &BTreeMap::from([(HOSTILE.to_string(), rows)]));
    assert!(!page.contains("<script"), "markup from traffic came through");
    assert!(!page.contains("\"onload"), "a quotation mark from traffic came through");
    assert!(!page.contains(['\u{1b}', '\u{202e}']), "a control character came through");
    assert!(page.contains("&lt;script&gt;") && page.contains("\\u{202e}"), "what was escaped must still be visible");
}

#[test]
fn hostile_text_is_harmless_on_a_terminal() {
    let (summary, campaigns) = hostile();
    for width in [60, 160] {
        let text = terminal(&summary, &campaigns, width, false);
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'));
    }
}

#[test]
fn texts_appear_only_where_they_are_given() {
    let campaigns = findings::campaigns();
    let without = page(&findings::summary(), &campaigns, &BTreeMap::new());
    assert!(!without.contains("sum of two odd numbers") && !without.contains("careful tutor"));
    assert_eq!(without.matches("Texts stay hidden.").count(), 3);
    assert!(!without.contains("This copy shows texts of customers."));
    let with = page(&findings::summary(), &campaigns, &findings::exemplars());
    assert!(with.contains("sum of two odd numbers") && with.contains("careful tutor"));
    assert_eq!(with.matches("Texts stay hidden.").count(), 2);
    assert!(with.contains("This copy shows texts of customers."));
}

#[test]
fn nothing_outside_the_file_is_asked_for() {
    let page = page(&findings::summary(), &findings::campaigns(), &findings::exemplars());
    for outside in ["http:", "https:", "//", "url(", "@import", "src=", "<link", "<script", "<iframe", "<object"] {
        assert!(!page.contains(outside), "the page contains {outside}");
    }
    let targets = page.split("href=\"").skip(1);
    assert!(targets.clone().count() > 5 && targets.clone().all(|target| target.starts_with('#')));
}

#[test]
fn every_link_and_label_has_its_target_and_ids_are_unique() {
    let page = page(&findings::summary(), &findings::campaigns(), &BTreeMap::new());
    let values = |attribute: &str| -> Vec<String> {
        page.split(&format!(" {attribute}=\""))
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(String::from)
            .collect()
    };
    let ids = values("id");
    let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "an id stands twice");
    let labels = values("aria-labelledby");
    let wanted = labels.iter().flat_map(|ids| ids.split(' ').map(String::from));
    let anchors = values("href").into_iter().map(|href| href.trim_start_matches('#').to_string());
    for id in wanted.chain(anchors) {
        assert!(unique.contains(&id), "nothing has the id {id}");
    }
}

#[test]
fn finding_nothing_is_said_with_care() {
    let summary = findings::summary();
    let page = page(&summary, &[], &BTreeMap::new());
    let text = terminal(&summary, &[], 1_000, false);
    for place in [&page, &text] {
        assert!(place.contains("found no campaign among 23,412 accounts and 3,104,988 exchanges"));
        assert!(place.contains("it does not mean that nobody harvests"));
    }
    assert!(page.contains(BLIND_SPOT));
}

#[test]
fn a_campaign_without_any_detail_still_makes_a_page() {
    let mut bare = findings::campaign("bare", 1, 1, 0);
    bare.accounts.clear();
    bare.evidence.clear();
    bare.shared.clear();
    bare.origins.clear();
    bare.timeline.clear();
    bare.hours.clear();
    bare.techniques.clear();
    bare.targets.clear();
    bare.impact = Default::default();
    bare.first_seen = Timestamp(i64::MIN);
    bare.last_seen = Timestamp(i64::MAX);
    let page = page(&Summary { exchanges: 1, ..Summary::default() }, &[bare.clone()], &BTreeMap::new());
    assert!(page.contains("No evidence is recorded.") && !page.contains("NaN"));
    assert!(terminal(&Summary { exchanges: 1, ..Summary::default() }, &[bare], 0, true).contains("bare"));
}

#[test]
fn a_campaign_of_ten_thousand_accounts_stays_small() {
    let campaign = findings::campaign("large", 10_000, 26, 3);
    let page = page(&findings::summary(), &[campaign], &BTreeMap::new());
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert!(page.contains("The 50 surest of 10,000 accounts") && page.contains("campaigns.json"));
}

#[test]
fn terminal_lines_keep_the_width() {
    let campaigns = findings::campaigns();
    for width in [40, 60, 80, 100, 120, 160, 200] {
        let text = terminal(&findings::summary(), &campaigns, width, false);
        let longest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(longest <= width, "{longest} columns on a terminal of {width}");
        assert!(!text.contains('\u{1b}'));
    }
    assert!(terminal(&findings::summary(), &campaigns, 160, true).contains("\u{1b}[1m"));
}
