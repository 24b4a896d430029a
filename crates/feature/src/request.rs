//! Features of a request's parameters and of where it came from.
//!
//! Only equality can be read from them: a network or a client is a keyed value like any other, so that no score can
//! depend on which network it is.

use std::net::IpAddr;

use crate::key::Key;
use crate::kind::{Feature, Kind};

/// The parameters of a request that form its shape.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shape<'a> {
    /// Model asked for.
    pub model: &'a str,
    /// Limit on output tokens.
    pub max_tokens: Option<i32>,
    /// Sampling temperature.
    pub temperature: Option<f32>,
    /// Nucleus mass.
    pub top_p: Option<f32>,
    /// Answers asked for.
    pub n: Option<i32>,
    /// Tools offered.
    pub tools: Option<i32>,
    /// Log-probabilities asked for.
    pub logprobs: Option<bool>,
    /// Streamed.
    pub stream: Option<bool>,
}

/// The shape as one feature: 5 bytes a number (presence, then little-endian bits), then the model's name.
pub fn shape(key: &Key, shape: &Shape<'_>, scratch: &mut Vec<u8>) -> Feature {
    scratch.clear();
    let numbers = [
        shape.max_tokens.map(|value| value as u32),
        shape.temperature.map(f32::to_bits),
        shape.top_p.map(f32::to_bits),
        shape.n.map(|value| value as u32),
        shape.tools.map(|value| value as u32),
        shape.logprobs.map(u32::from),
        shape.stream.map(u32::from),
    ];
    for number in numbers {
        scratch.push(u8::from(number.is_some()));
        scratch.extend_from_slice(&number.unwrap_or(0).to_le_bytes());
    }
    scratch.extend_from_slice(shape.model.as_bytes());
    key.feature(Kind::Shape, scratch)
}

/// The client's /24 or /48; none when the text is no address. A v4 address inside v6 counts as v4.
pub fn network(key: &Key, ip: &str) -> Option<Feature> {
    let content = match ip.trim().parse::<IpAddr>().ok()?.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            key.feature(Kind::Network, &[4, a, b, c])
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, e, f, ..] = address.octets();
            key.feature(Kind::Network, &[6, a, b, c, d, e, f])
        }
    };
    Some(content)
}

/// An autonomous system as a feature.
pub fn autonomous_system(key: &Key, number: i64) -> Feature {
    key.feature(Kind::AutonomousSystem, &number.to_le_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_by_prefix() {
        let key = Key::from_bytes([5; 32]);
        let same = |one: &str, two: &str| network(&key, one) == network(&key, two);
        assert!(same("192.0.2.1", "192.0.2.254"));
        assert!(!same("192.0.2.1", "192.0.3.1"));
        assert!(same("2001:db8:1::1", "2001:db8:1:ffff::9"));
        assert!(!same("2001:db8:1::1", "2001:db8:2::1"));
        assert!(same("::ffff:192.0.2.7", "192.0.2.1"));
        assert_eq!(network(&key, "not an address"), None);
        assert_eq!(network(&key, ""), None);
    }

    #[test]
    fn unset_is_not_zero() {
        let key = Key::from_bytes([5; 32]);
        let mut scratch = Vec::new();
        let unset = Shape { model: "m", ..Shape::default() };
        let zero = Shape { temperature: Some(0.0), ..unset };
        assert_ne!(shape(&key, &unset, &mut scratch), shape(&key, &zero, &mut scratch));
    }
}
