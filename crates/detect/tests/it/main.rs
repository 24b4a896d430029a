//! Holds the stored bytes of a profile to the vector of `spec/state.md`.

use stillwatch_detect::profile::{Extractor, Profile};
use stillwatch_feature::key::Key;
use stillwatch_sketch::Sketch;
use stillwatch_traffic::exchange::{Row, Timestamp};

/// The rows of the vector, under the key whose bytes are 0, 1, … 31.
fn profile() -> Profile {
    let mut secret = [0; 32];
    secret.iter_mut().zip(0u8..).for_each(|(byte, value)| *byte = value);
    let mut extractor = Extractor::new(&Key::from_bytes(secret));
    let first = Row {
        time: Timestamp(1_790_000_000_000_000),
        model: "m-large",
        prompt: Some("Why does the moon cause tides?"),
        system: Some("Answer in one sentence."),
        response: Some("Its gravity pulls the water."),
        turn: Some(1),
        channel: Some("api"),
        input_tokens: Some(12),
        output_tokens: Some(9),
        temperature: Some(0.5),
        status: Some(200),
        ip: Some("192.0.2.9"),
        asn: Some(64_500),
        ..Row::default()
    };
    let second = Row {
        time: Timestamp(1_790_003_600_000_000),
        model: "m-small",
        prompt: Some("And the sun?"),
        turn: Some(2),
        ..first
    };
    let mut profile = Profile::default();
    profile.observe(&mut extractor, &first, 3);
    profile.observe(&mut extractor, &second, 4);
    profile
}

#[test]
fn bytes_are_the_published_ones() {
    let path = "testdata/profile.hex";
    let mut bytes = Vec::new();
    profile().encode(&mut bytes);
    let found: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(path, format!("{found}\n")).unwrap();
    }
    let published = std::fs::read_to_string(path).unwrap();
    assert_eq!(found, published.trim(), "the state changed: that needs a new version byte");
    assert_eq!(Profile::decode(&bytes).unwrap(), profile());
}
