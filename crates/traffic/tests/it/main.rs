//! Simulated worlds, seen from outside: determinism, truth, classes, repeats, times.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use stillwatch_traffic::exchange::{Exchange, Timestamp, Truth};
use stillwatch_traffic::synth::repeat::{RepeatCounter, corpus_rates};
use stillwatch_traffic::synth::{
    CampaignConfig, CampaignKind, Corpus, Error, LOOKALIKE_CLASSES, Texts, World, WorldConfig,
};

const START: Timestamp = Timestamp(1_760_000_000_000_000);

fn config(seed: u64, strengths: &[u8]) -> WorldConfig {
    let campaign = |(kind, strength): (&CampaignKind, &u8)| CampaignConfig {
        accounts: 24,
        per_account_per_day: 8.0,
        days: 6,
        start_day: 1,
        ..CampaignConfig::standard(*kind, *strength)
    };
    let campaigns = CampaignKind::ALL.iter().zip(strengths.iter().cycle()).filter(|_| !strengths.is_empty());
    let campaigns = campaigns.map(campaign).collect();
    WorldConfig {
        days: 8,
        innocent_accounts: 1_500,
        rate_per_day: 0.6,
        campaigns,
        ..WorldConfig::standard(seed, START)
    }
}

fn world(seed: u64, strengths: &[u8]) -> World {
    World::new(config(seed, strengths), Texts::Grammar).unwrap()
}

fn all(world: &World) -> Vec<(Exchange, Truth)> {
    (0..world.days()).flat_map(|day| world.day(day)).collect()
}

/// Every text of a row, as it would be stored.
fn bytes(rows: &[(Exchange, Truth)]) -> Vec<u8> {
    serde_json::to_vec(rows).unwrap()
}

#[test]
fn equal_seeds_give_equal_bytes_whatever_the_order_of_days() {
    let (left, right) = (world(5, &[1, 4]), world(5, &[1, 4]));
    assert_eq!(left.accounts, right.accounts);
    assert_eq!(left.enforcements, right.enforcements);
    let forward: Vec<_> = (0..8).map(|day| bytes(&left.day(day))).collect();
    let mut backward: Vec<_> = (0..8).rev().map(|day| bytes(&right.day(day))).collect();
    backward.reverse();
    assert!(forward == backward);
    assert!(bytes(&world(6, &[1, 4]).day(3)) != forward[3]);
    assert!(left.day(8).is_empty());
}

#[test]
fn rows_are_whole_and_truth_agrees_with_the_accounts() {
    let world = world(7, &[1, 2, 3, 4, 5]);
    let rows = all(&world);
    let accounts: BTreeMap<_, _> = world.accounts.iter().map(|account| (account.account.as_str(), account)).collect();
    assert_eq!(accounts.len(), world.accounts.len());
    assert_eq!(world.accounts.len(), 1_500 + 8 * 24);
    let ids: BTreeSet<_> = rows.iter().map(|(exchange, _)| exchange.id.as_str()).collect();
    assert_eq!(ids.len(), rows.len());
    for (exchange, truth) in &rows {
        assert_eq!((&exchange.id, &exchange.account), (&truth.id, &truth.account));
        assert_eq!(world.class_of(&truth.account), Some(truth.kind.as_str()));
        assert_eq!(world.campaign_of(&truth.account), truth.campaign.as_deref());
        assert_eq!(truth.strength > 0, truth.campaign.is_some());
        assert_eq!(world.lookalike_of(&truth.account).is_some(), LOOKALIKE_CLASSES.contains(&truth.kind.as_str()));
        let created = accounts[truth.account.as_str()].created.unwrap();
        assert!(created <= exchange.time, "{} acts before it is made", truth.kind);
        assert_eq!(exchange.status == Some(200), exchange.finish_reason.is_some());
        assert_eq!(exchange.ip.is_some(), exchange.asn.is_some());
        assert_eq!(exchange.conversation.is_some(), exchange.turn.is_some());
    }
}

#[test]
fn times_lie_in_their_day_and_are_sorted() {
    // A start in the middle of an hour, so that days are not those of the calendar.
    let config = WorldConfig { start: Timestamp(START.0 + 1_234_567_890), ..config(3, &[4]) };
    let start = config.start.0;
    let world = World::new(config, Texts::Grammar).unwrap();
    for day in 0..world.days() {
        let rows = world.day(day);
        let low = start + i64::from(day) * Timestamp::DAY;
        assert!(!rows.is_empty());
        assert!(rows.iter().all(|(exchange, _)| (low..low + Timestamp::DAY).contains(&exchange.time.0)));
        assert!(rows.is_sorted_by_key(|(exchange, _)| exchange.time));
    }
}

#[test]
fn every_class_and_kind_is_present_at_every_strength() {
    for strength in 1..=5 {
        let world = world(11, &[strength]);
        let found: BTreeSet<String> = all(&world).into_iter().map(|(_, truth)| truth.kind).collect();
        for class in LOOKALIKE_CLASSES {
            assert!(found.contains(class), "{class} is missing");
        }
        for kind in CampaignKind::ALL {
            assert!(found.contains(kind.name()), "{} is missing at strength {strength}", kind.name());
            assert_eq!(CampaignKind::parse(kind.name()), Some(kind));
        }
    }
    let quiet = World::new(WorldConfig { lookalike_groups: 0, ..config(1, &[]) }, Texts::Grammar).unwrap();
    let found: BTreeSet<String> = all(&quiet).into_iter().map(|(_, truth)| truth.kind).collect();
    assert_eq!(found, ["chat", "company", "developer", "pipeline"].map(str::to_owned).into());
}

#[test]
fn a_harvester_asks_each_item_once_or_a_fixed_number_of_times() {
    for seed in 0..4 {
        let world = world(seed, &[1]);
        let mut asked: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        let mut counts: BTreeMap<(String, Option<String>, Option<String>), usize> = BTreeMap::new();
        for (exchange, truth) in all(&world) {
            let bare = ["fixed-instruction", "slow-drip", "two-pools", "rubric-grading", "no-template"];
            if bare.contains(&truth.kind.as_str()) && exchange.status == Some(200) {
                *counts.entry((truth.kind, exchange.system, exchange.prompt)).or_default() += 1;
            }
        }
        for ((kind, _, _), count) in counts {
            asked.entry((kind, String::new())).or_default().push(count);
        }
        assert_eq!(asked.len(), 5);
        for ((kind, _), mut counts) in asked {
            counts.sort_unstable();
            let usual = counts[counts.len() / 2];
            // Failures of the platform itself take a few askings away; short items of a list may be equal by chance.
            let others = counts.iter().filter(|count| **count != usual).count();
            assert!(
                usual <= 4 && others * 20 <= counts.len(),
                "{kind}: {others} of {} not asked {usual} times",
                counts.len()
            );
        }
    }
}

#[test]
fn a_banned_pool_stops_and_another_resumes_within_hours() {
    let world = world(2, &[2]);
    let banned: BTreeMap<_, _> = world.enforcements.iter().map(|row| (row.account.as_str(), row.time)).collect();
    assert_eq!(banned.len(), 12);
    let rows: Vec<_> = all(&world).into_iter().filter(|(_, truth)| truth.kind == "two-pools").collect();
    let last_ban = banned.values().max().unwrap().0;
    let before = |exchange: &Exchange| {
        banned.get(exchange.account.as_str()).is_none_or(|ban| exchange.time.0 <= ban.0 + 1_800_000_000)
    };
    assert!(rows.iter().all(|(exchange, _)| before(exchange)));
    let first_of_second = rows.iter().find(|(exchange, _)| !banned.contains_key(exchange.account.as_str())).unwrap();
    assert!((first_of_second.0.time.0 - last_ban).abs() < 12 * Timestamp::HOUR);
}

#[test]
fn replayed_signatures_cross_accounts_in_the_campaign_that_does_so() {
    let world = world(4, &[2]);
    let mut holders: BTreeMap<(&str, String), BTreeSet<String>> = BTreeMap::new();
    for (exchange, truth) in all(&world) {
        if let Some(signature) = exchange.reasoning_signature {
            let kind = if truth.campaign.is_some() { "campaign" } else { "chat" };
            if kind == "campaign" || truth.kind == "chat" {
                holders.entry((kind, signature)).or_default().insert(exchange.account);
            }
        }
    }
    let spread = |kind: &str| -> Vec<usize> {
        holders.iter().filter(|((of, _), _)| *of == kind).map(|(_, accounts)| accounts.len()).collect()
    };
    let (chat, campaign) = (spread("chat"), spread("campaign"));
    assert!(chat.len() > 20 && chat.iter().all(|accounts| *accounts == 1));
    assert!(
        campaign.len() > 100 && campaign.iter().filter(|accounts| **accounts > 1).count() * 10 > campaign.len() * 8
    );
}

#[test]
fn agreements_belong_to_those_who_have_one() {
    let world = world(9, &[1]);
    for account in &world.accounts {
        let class = world.class_of(&account.account).unwrap();
        let expected = match class {
            "authorised-distillation" => Some("distillation"),
            "authorised-evaluation" => Some("evaluation"),
            "gateway" => continue,
            _ => None,
        };
        assert_eq!(account.agreement.as_deref(), expected, "{class}");
    }
}

#[test]
fn people_repeat_themselves_and_others_as_people_do() {
    let world = world(13, &[]);
    let mut counter = RepeatCounter::default();
    for (exchange, truth) in all(&world) {
        counter.observe(&truth.kind, &truth.account, exchange.prompt.as_deref().unwrap_or_default());
    }
    let check = |class: &str, within: std::ops::Range<f64>, across: std::ops::Range<f64>| {
        let rate = counter.rates().into_iter().find(|rate| rate.class == class).unwrap();
        assert!(within.contains(&rate.within_ratio()), "{class}: {} within", rate.within_ratio());
        assert!(across.contains(&rate.across_ratio()), "{class}: {} across", rate.across_ratio());
    };
    // Files of real chat: up to 0.19 within a person, 0.06 to 0.13 across people.
    check("chat", 0.01..0.12, 0.01..0.10);
    check("developer", 0.01..0.12, 0.01..0.12);
    check("minority", 0.01..0.12, 0.0..0.10);
    check("vendor-template", 0.0..0.05, 0.0..0.01);
    check("support-bot", 0.08..0.5, 0.0..0.2);
    check("public-benchmark", 0.0..0.8, 0.1..1.0);
}

#[test]
fn a_class_stays_with_its_account_and_a_minority_has_its_share() {
    let world = world(17, &[3]);
    let mut groups: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    for account in &world.accounts {
        let class = world.class_of(&account.account).unwrap();
        groups.entry(world.group_of(&account.account).unwrap()).or_default().insert(class);
    }
    assert!(groups.values().all(|classes| classes.len() == 1));
    let minority = world.accounts.iter().filter(|row| world.lookalike_of(&row.account) == Some("minority")).count();
    assert_eq!(minority, 150);
    assert_eq!(world.class_of("nobody"), None);
}

#[test]
fn numbers_out_of_range_are_refused() {
    let check = |change: &dyn Fn(&mut WorldConfig), expected: Error| {
        let mut wrong = config(1, &[1]);
        change(&mut wrong);
        assert_eq!(World::new(wrong, Texts::Grammar).unwrap_err(), expected);
    };
    check(&|config| config.days = 0, Error::Days { days: 0 });
    check(&|config| config.rate_per_day = -1.0, Error::Rate { rate: -1.0 });
    check(&|config| config.campaigns[2].strength = 6, Error::Strength { campaign: 3, strength: 6 });
    check(&|config| config.campaigns[0].accounts = 0, Error::EmptyCampaign { campaign: 1 });
    check(&|config| config.campaigns[1].start_day = 8, Error::EmptyCampaign { campaign: 2 });
    let crowded = World::new(WorldConfig { innocent_accounts: 100, ..config(1, &[]) }, Texts::Grammar);
    assert!(matches!(crowded.unwrap_err(), Error::TooFewAccounts { given: 100, needed } if needed > 100));
}

/// A small corpus with each role, of texts made for this test.
fn corpus() -> Corpus {
    let mut corpus = Corpus::default();
    let mut take = |folder: &str, file: &str, line: String| corpus.parse_line(folder, file, &line).unwrap();
    for number in 0..60 {
        let talk = format!(
            r#"[{{"role":"user","content":"talk {number} opens"}},{{"role":"assistant","content":"so it does"}},{{"role":"user","content":"talk {number} goes on"}}]"#
        );
        take("benign", "chats", format!(r#"{{"kind":"chat","user":null,"messages":{talk}}}"#));
        let one = |text: &str| format!(r#"[{{"role":"user","content":"{text} {number}"}}]"#);
        take(
            "benign",
            "lists",
            format!(r#"{{"kind":"eval_harness","user":null,"messages":{}}}"#, one("exam question")),
        );
        take("benign", "batches", format!(r#"{{"kind":"batch_headline","user":null,"messages":{}}}"#, one("report")));
        take(
            "distill",
            "tasks",
            format!(r#"{{"system":null,"prompt":"{number} is the number of a task","response":"done"}}"#),
        );
    }
    corpus
}

#[test]
fn a_corpus_is_handed_out_once_and_lists_are_run() {
    let world = World::new(config(3, &[2]), Texts::Corpus(corpus())).unwrap();
    let mut counts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for (exchange, truth) in all(&world) {
        let prompt = exchange.prompt.unwrap_or_default();
        if prompt.ends_with("goes on") && truth.campaign.is_none() {
            counts.entry(prompt.clone()).or_default().insert(truth.account);
        }
        for (role, part) in [("list", "exam question"), ("batch", "report "), ("task", "is the number of a task")] {
            *seen.entry(role).or_default() += usize::from(prompt.contains(part));
        }
    }
    assert!(counts.len() > 40 && counts.values().all(|accounts| accounts.len() == 1));
    assert!(seen["list"] > 100 && seen["batch"] > 20 && seen["task"] > 500, "{seen:?}");
}

#[test]
fn a_corpus_without_a_file_does_not_speak_of_it() {
    let mut part = corpus();
    part.without("tasks").without("chats");
    assert_eq!(part.files().collect::<Vec<_>>(), ["batches", "lists"]);
    let rates = corpus_rates(&part);
    assert!(rates.iter().all(|rate| rate.exchanges == 60 && rate.within + rate.across == 0));
    let world = World::new(config(3, &[2]), Texts::Corpus(part)).unwrap();
    assert!(
        all(&world)
            .iter()
            .all(|(exchange, _)| exchange.prompt.as_ref().is_none_or(|prompt| !prompt.contains("is the number of")))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn any_seed_and_strength_makes_a_consistent_day(seed in any::<u64>(), strength in 1u8..=5, day in 0u32..8) {
        let world = world(seed, &[strength]);
        let rows = world.day(day);
        let ids: BTreeSet<_> = rows.iter().map(|(exchange, _)| &exchange.id).collect();
        prop_assert_eq!(ids.len(), rows.len());
        prop_assert!(rows.iter().all(|(exchange, truth)| world.campaign_of(&exchange.account) == truth.campaign.as_deref()));
    }
}
