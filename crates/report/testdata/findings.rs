//! Made-up findings for the sample page and the tests: three campaigns, look-alikes, bad rows.
//!
//! Every number comes from a fixed formula, so that the snapshots stay the same.

use std::collections::BTreeMap;

use stillwatch_detect::campaign::{
    Campaign, Cost, DayCount, Evidence, Exemplar, Grade, Impact, Member, OriginCount, Question, SharedFeature,
    Technique, Verdict,
};
use stillwatch_report::{GroupNote, Summary};
use stillwatch_traffic::exchange::Timestamp;

/// 1 June 2026, 00:17 UTC.
pub const START: Timestamp = Timestamp(1_780_273_020_000_000);
const DAYS: u64 = 30;

/// What a made-up scan did.
pub fn summary() -> Summary {
    let group = |what: &str, accounts, exchanges, why: &str| GroupNote {
        what: what.to_string(),
        accounts,
        exchanges,
        reason_cleared: why.to_string(),
    };
    Summary {
        title: "Platform logs of June 2026".to_string(),
        version: "0.1.0".to_string(),
        scanned_from: START,
        scanned_to: Timestamp(START.0 + DAYS as i64 * Timestamp::DAY - Timestamp::HOUR),
        accounts: 23_412,
        exchanges: 3_104_988,
        rows_rejected: 1_204,
        duplicates: 388,
        rejected_reasons: vec![("time before the year 2000".to_string(), 1_140), ("line cut in half".to_string(), 64)],
        columns_missing: vec![(
            "reasoning_signature".to_string(),
            "Replay of reasoning blocks across accounts cannot be seen".to_string(),
        )],
        groups_examined: vec![
            group(
                "accounts that share a system prompt",
                412,
                88_120,
                "The prompt belongs to an agent framework: the accounts come from 398 independent payments, hold conversations \
                 of many turns and repeat themselves.",
            ),
            group(
                "accounts behind one network",
                64,
                9_214,
                "Their questions repeat each other within minutes, and they stop at night: a classroom.",
            ),
            group(
                "accounts that ask the same questions",
                9,
                41_300,
                "Each of them runs the whole list: a public benchmark, and no work is split.",
            ),
        ],
        blind_spots: vec!["Accounts with fewer than three exchanges a month are too thin to be linked.".to_string()],
        command:
            "stillwatch scan --exchanges logs/2026-06/ --accounts accounts.parquet --prices prices.toml --out june"
                .to_string(),
        seconds: 41.27,
    }
}

/// Three campaigns: one to block, one fainter, one under an agreement.
pub fn campaigns() -> Vec<Campaign> {
    let mut fixed = campaign("cmp-7f3a91c2", 300, 26, 4);
    fixed.impact.cost = Some(Cost { currency: "USD".to_string(), low: 3_120.4, high: 9_870.0 });
    let mut drip = campaign("cmp-c04e55d8", 121, 9, 11);
    drip.targets = vec!["grading".to_string()];
    drip.techniques[0].name = "rubric grading over a pool".to_string();
    drip.confidence = 93;
    drip.verdict = Verdict::Challenge;
    drip.impact.cost = Some(Cost { currency: "USD".to_string(), low: 402.0, high: 1_260.0 });
    drip.accounts.iter_mut().for_each(|member| member.verdict = member.verdict.min(Verdict::Challenge));
    let mut agreed = campaign("cmp-19b7e0fa", 24, 110, 2);
    agreed.verdict = Verdict::Watch;
    agreed.held_back = Some(
        "An agreement for distillation covers all of its accounts, so nothing above watch is asked for".to_string(),
    );
    for member in &mut agreed.accounts {
        member.verdict = Verdict::Watch;
        member.flagged_at = None;
    }
    agreed.timeline.iter_mut().for_each(|day| day.flagged = 0);
    agreed.impact.exchanges_before_flag = agreed.impact.exchanges;
    vec![fixed, drip, agreed]
}

/// Texts of the first campaign, with hostile content.
pub fn exemplars() -> BTreeMap<String, Vec<Exemplar>> {
    let row = |index: i64, prompt: &str| Exemplar {
        id: format!("req-{index}"),
        account: format!("acct-{index:05}"),
        time: Timestamp(START.0 + index * Timestamp::HOUR),
        system: Some("You are a careful tutor. Think step by step inside <reasoning> tags, then answer.".to_string()),
        prompt: Some(prompt.to_string()),
    };
    let rows = vec![
        row(1, "Task 48,112\nProve that the sum of two odd numbers is even."),
        row(2, "Task 48,113\n<script>alert(1)</script> What does this snippet do?"),
    ];
    BTreeMap::from([("cmp-7f3a91c2".to_string(), rows)])
}

/// A campaign of `size` accounts at `rate` exchanges a day from `first_day` on.
pub fn campaign(id: &str, size: u64, rate: u64, first_day: u64) -> Campaign {
    let timeline = timeline(size, rate, first_day);
    let exchanges: u64 = timeline.iter().map(|day| day.campaign).sum();
    let each = exchanges / size;
    let accounts: Vec<Member> = (0..size).map(|index| member(index, each, first_day)).collect();
    Campaign {
        id: id.to_string(),
        exchanges: each * size,
        first_seen: Timestamp(START.0 + first_day as i64 * Timestamp::DAY + 2 * Timestamp::HOUR),
        last_seen: Timestamp(START.0 + DAYS as i64 * Timestamp::DAY - 3 * Timestamp::HOUR),
        techniques: vec![Technique {
            name: "fixed instruction over a pool".to_string(),
            atlas: "AML.T0024.002".to_string(),
            atlas_release: "2026.05".to_string(),
        }],
        targets: vec!["reasoning".to_string(), "mathematics".to_string()],
        grade: Grade::Inferred,
        confidence: 99,
        evidence: evidence(size, each * size),
        impact: Impact {
            exchanges: each * size,
            exchanges_before_flag: each * size / 31,
            input_tokens: each * size * 214,
            output_tokens: each * size * 1_120,
            models: vec![
                ("aurora-large-2".to_string(), each * size * 7 / 10),
                ("aurora-small".to_string(), each * size - each * size * 7 / 10),
            ],
            cost: None,
        },
        verdict: Verdict::Block,
        held_back: None,
        shared: shared(size),
        origins: origins(size),
        timeline,
        hours: (0..24u64).map(|hour| exchanges / 24 + (hour * 37 + size) % 29).collect(),
        hours_platform: (0..24u64).map(|hour| 40_000 + 9_000 * (12 - hour.abs_diff(13).min(12))).collect(),
        accounts,
    }
}

fn timeline(size: u64, rate: u64, first_day: u64) -> Vec<DayCount> {
    let day = |day: u64| {
        let weekend = day % 7 >= 5;
        let active = if day < first_day { 0 } else { size - (day * 7) % (size / 8 + 1) };
        DayCount {
            start: Timestamp(START.0 + day as i64 * Timestamp::DAY),
            campaign: active * rate + (day * 613) % 97 * u64::from(active > 0),
            platform: if weekend { 78_000 } else { 108_000 } + (day * 7_919) % 6_000,
            accounts: active,
            flagged: size.min((day.saturating_sub(first_day)).pow(2) * size / 12),
        }
    };
    (0..DAYS).map(day).collect()
}

fn member(index: u64, each: u64, first_day: u64) -> Member {
    let verdict = match index % 20 {
        0 => Verdict::Watch,
        1 => Verdict::Challenge,
        _ => Verdict::Block,
    };
    let flagged = START.0 + (first_day as i64 + 1) * Timestamp::DAY + (index as i64 % 60) * Timestamp::HOUR;
    Member {
        account: format!("acct-{:05}", (index * 7_919 + first_day * 104_729) % 100_000),
        confidence: (99 - index.is_multiple_of(20) as u8 * 40 - (index % 7) as u8).min(99),
        verdict,
        flagged_at: (verdict > Verdict::Watch).then_some(Timestamp(flagged)),
        exchanges: each - index % 5,
        exchanges_all: each,
    }
}

fn evidence(size: u64, exchanges: u64) -> Vec<Evidence> {
    let make = |signal: &str, question, (p_value, e_value), (effect, expected), words: [&str; 3]| Evidence {
        signal: signal.to_string(),
        question,
        null: words[1].to_string(),
        p_value,
        e_value,
        effect,
        expected,
        counted: p_value.unwrap_or(0.0) < 0.01,
        sentence: words[0].to_string(),
        clears: words[2].to_string(),
    };
    let split = format!(
        "The {size} accounts asked {} different items and repeated one another 3 times, where groups of customers with a \
         common template repeat one another in 31 of 100 items.",
        crate_count(exchanges)
    );
    let linked = size - size / 16;
    let shares = format!("{linked} accounts share a system prompt that 9 of 22,967 other accounts have");
    vec![
        make(
            "work split without repeats",
            Question::Purpose,
            (Some(1e-24), None),
            (0.0003, 0.31),
            [
                &split,
                "Accounts draw their questions independently of one another from what such customers ask.",
                "A list of the items from the customer that shows that they belong to one product with its own users.",
            ],
        ),
        make(
            "elicitation of reasoning",
            Question::Purpose,
            (None, Some(2.4e9)),
            (0.97, 0.021),
            [
                "97 of 100 requests ask for the steps behind the answer inside tags, 2 of 100 among comparable customers.",
                "The group asks for reasoning as often as comparable customers do.",
                "A product in which the reasoning is shown to its users, and users who come back to it.",
            ],
        ),
        make(
            "round the clock",
            Question::Purpose,
            (Some(0.4), None),
            (0.041, 0.0405),
            [
                "The share of requests at night is that of other automated customers.",
                "The group's hours are those of automated customers.",
                "Nothing: it did not count.",
            ],
        ),
        make(
            "shared rare features",
            Question::Coordination,
            (Some(3.1e-210), None),
            (linked as f64, 0.4),
            [
                &shares,
                "Accounts choose their texts independently, at the rates of the platform.",
                "A public source of the text: a framework, a tutorial, a prompt hub.",
            ],
        ),
    ]
}

fn crate_count(value: u64) -> String {
    if value >= 1_000 { format!("{},{:03}", value / 1_000, value % 1_000) } else { value.to_string() }
}

fn shared(size: u64) -> Vec<SharedFeature> {
    let kinds =
        ["system prompt", "prompt head", "prompt head", "prompt tail", "skeleton", "shape", "skeleton", "user agent"];
    let feature = |(index, kind): (usize, &&str)| {
        let index = index as u64;
        let seen = size - size * index / 11;
        SharedFeature {
            kind: kind.to_string(),
            feature: format!("{:016x}", (index + 3).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            accounts_seen: seen,
            accounts_expected: 0.02 * 3.0f64.powi(index as i32) * size as f64 / 300.0,
            accounts_platform: seen + index * index * 5,
        }
    };
    kinds.iter().enumerate().map(feature).collect()
}

fn origins(size: u64) -> Vec<OriginCount> {
    let share = size as f64;
    let origin = |kind: &str, distinct, distinct_expected| OriginCount {
        kind: kind.to_string(),
        accounts: size,
        distinct,
        distinct_expected,
    };
    vec![
        origin("payment", size / 25 + 1, share * 0.99),
        origin("network", size / 8, share * 0.87),
        origin("device", size * 9 / 10, share * 0.96),
        origin("JA4", 2, share * 0.12),
    ]
}
