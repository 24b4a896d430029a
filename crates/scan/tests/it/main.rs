//! Reads generated traffic from temporary folders, good and bad, and compares what comes out.

mod bad;
mod duplicates;
mod formats;
mod invariance;
mod side;

use std::fs;
use std::path::{Path, PathBuf};

use stillwatch_detect::history::History;
use stillwatch_detect::profile::Extractor;
use stillwatch_feature::key::Key;
use stillwatch_scan::{Error, Inputs, NoProgress, Options, ReadReport, read_history};
use stillwatch_sketch::Sketch;
use stillwatch_traffic::exchange::{Exchange, Timestamp};

/// 2026-06-01T00:00:00Z.
pub(crate) const START: i64 = 1_780_272_000_000_000;

/// A folder that is removed again.
pub(crate) struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().expect("below the scratch folder")).expect("folders can be made");
        path
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).expect("a file can be written");
        path
    }

    pub(crate) fn options(&self) -> Options {
        Options {
            threads: 2,
            now: Timestamp(START + 40 * Timestamp::DAY),
            temporary: self.folder.path().to_owned(),
            ..Options::default()
        }
    }
}

pub(crate) fn inputs(path: &Path) -> Inputs {
    Inputs { exchanges: vec![path.display().to_string()], ..Inputs::default() }
}

pub(crate) fn extractor() -> Extractor {
    Extractor::new(&Key::from_bytes([7; 32]))
}

pub(crate) fn read(inputs: &Inputs, options: &Options) -> Result<(History, ReadReport), Error> {
    let result = read_history(inputs, &extractor(), options, &NoProgress);
    let left: Vec<_> = fs::read_dir(&options.temporary)
        .expect("the folder for temporary files exists")
        .filter_map(Result::ok)
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("stillwatch-"))
        .collect();
    assert!(left.is_empty(), "temporary files are left behind: {left:?}");
    result
}

/// A history as bytes, so that two can be compared whole.
pub(crate) fn bytes(history: &History) -> Vec<u8> {
    let mut bytes = history.origin.0.to_le_bytes().to_vec();
    for day in &history.profiles {
        bytes.extend_from_slice(day.account.as_bytes());
        bytes.extend_from_slice(&day.day.to_le_bytes());
        day.profile.encode(&mut bytes);
    }
    bytes.extend_from_slice(
        format!("{:?}{:?}{:?}", history.accounts, history.enforcements, history.releases).as_bytes(),
    );
    bytes
}

/// Exchange number `index` of a small made-up lab: every column is used by some rows and null in others.
pub(crate) fn exchange(index: u64) -> Exchange {
    let mix =
        |salt: u64| (index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ salt.wrapping_mul(0xff51_afd7_ed55_8ccd)) >> 33;
    let some = |salt: u64| mix(salt) % 3 != 0;
    let number = |salt: u64, below: u64| i32::try_from(mix(salt) % below).expect("small");
    let text = |salt: u64, what: &str| some(salt).then(|| format!("{what} {} \"é\\\n", mix(salt) % 50));
    Exchange {
        id: format!("x-{index:08}"),
        time: Timestamp(START + i64::try_from(mix(1) % (5 * Timestamp::DAY as u64)).expect("five days")),
        account: format!("account-{}", mix(2) % 40),
        model: format!("model-{}", mix(3) % 3),
        prompt: some(4)
            .then(|| format!("please tell me about item {} of the list, at some length, number {index}", mix(4) % 90)),
        system: text(5, "you are helper"),
        response: text(6, "an answer"),
        conversation: text(7, "conversation"),
        turn: some(8).then(|| number(8, 5)),
        credential: text(9, "key"),
        channel: some(10).then(|| "api".to_owned()),
        reasoning_signature: text(11, "signature"),
        input_tokens: some(12).then(|| number(12, 5000)),
        output_tokens: some(13).then(|| number(13, 5000)),
        temperature: some(14).then(|| number(14, 20) as f32 / 10.0),
        top_p: some(15).then_some(0.95),
        max_tokens: some(16).then(|| number(16, 4096)),
        n: some(17).then_some(1),
        tools: some(18).then(|| number(18, 4)),
        logprobs: some(19).then_some(mix(19) % 2 == 0),
        stream: some(20).then_some(mix(20) % 2 == 0),
        seed: some(21).then(|| i64::from(number(21, 9))),
        finish_reason: some(22).then(|| "stop".to_owned()),
        status: some(23).then_some(200),
        ip: some(24).then(|| format!("10.0.{}.{}", mix(24) % 9, mix(24) % 200)),
        asn: some(25).then(|| i64::from(number(25, 900))),
        user_agent: text(26, "agent"),
        ja4: text(27, "t13d"),
    }
}

pub(crate) fn exchanges(count: u64) -> Vec<Exchange> {
    (0..count).map(exchange).collect()
}
