//! Networks, clients and names of means: what accounts come from, with the skew of the real internet.
//!
//! A few providers and a few clients carry most of the traffic, so sharing one of them says nothing. Invariant: no
//! address block belongs to two providers, and names are opaque.

use super::random::{Random, key, mix};

const PROVIDERS: usize = 600;
const BLOCKS: usize = 1 << 20;

/// What kind of provider a network belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Homes and offices.
    Fixed,
    /// Telephones: one user moves over several blocks, many users share each.
    Mobile,
    /// Data centres.
    Hosting,
}

/// One address block: a /24, or a /48 of version 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Network {
    /// Autonomous system.
    pub(crate) asn: u32,
    /// Number of the block, below 2²⁰ for version 4.
    pub(crate) block: u32,
    /// Version 6.
    pub(crate) wide: bool,
}

impl Network {
    /// An address of the block.
    pub(crate) fn address(self, host: u8) -> String {
        if self.wide {
            let block = self.block;
            return format!(
                "2a{:02x}:{:x}:{:x}::{:x}",
                block >> 20 & 15,
                block >> 8 & 0xfff,
                block & 0xff,
                u32::from(host) + 1
            );
        }
        let spread = (u64::from(self.block).wrapping_mul(0x9e_3779) % BLOCKS as u64) as u32;
        format!("{}.{}.{}.{}", 23 + (spread >> 16) * 11, spread >> 8 & 255, spread & 255, host.max(1))
    }
}

/// One client program: what it calls itself, and its TLS fingerprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// User agent.
    pub(crate) user_agent: String,
    /// TLS fingerprint.
    pub(crate) ja4: String,
}

#[derive(Debug, Clone, Copy)]
struct Provider {
    asn: u32,
    first: u32,
    blocks: u32,
    popular: u32,
}

/// All networks and clients of a world.
#[derive(Debug)]
pub(crate) struct Infrastructure {
    fixed: Vec<Provider>,
    mobile: Vec<Provider>,
    hosting: Vec<Provider>,
    /// Programs of people, the commonest first.
    pub(crate) people: Vec<Client>,
    /// Programs of developers, the commonest first.
    pub(crate) developers: Vec<Client>,
}

impl Infrastructure {
    /// Lays out the networks of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::open(&[seed, 0x1f2a]);
        let mut next = 0;
        let mut lay = |count: usize, largest: f64, popular: f64| -> Vec<Provider> {
            (0..count)
                .map(|rank| {
                    let blocks = ((largest / (rank as f64 + 1.0)) as u32).max(3);
                    let first = next;
                    next += blocks;
                    Provider {
                        asn: 1_000 + random.below(390_000) as u32,
                        first,
                        blocks,
                        popular: (f64::from(blocks) * popular) as u32 + 1,
                    }
                })
                .collect()
        };
        let fixed = lay(PROVIDERS, 60_000.0, 0.02);
        let mobile = lay(PROVIDERS / 4, 4_000.0, 0.05);
        let hosting = lay(PROVIDERS / 4, 20_000.0, 0.03);
        debug_assert!((next as usize) < BLOCKS, "{next} blocks are laid out");
        Self { fixed, mobile, hosting, people: people(), developers: developers() }
    }

    /// A network as customers have it: popular providers often, and in them popular blocks.
    pub(crate) fn network(&self, access: Access, random: &mut Random) -> Network {
        let providers = self.providers(access);
        self.within(access, random.zipf(providers.len()), random)
    }

    /// A network of the provider of a rank, 0 the largest.
    pub(crate) fn within(&self, access: Access, rank: usize, random: &mut Random) -> Network {
        let providers = self.providers(access);
        let provider = providers[rank % providers.len()];
        let block = if random.chance(0.4) {
            random.below(provider.popular as usize)
        } else {
            random.below(provider.blocks as usize)
        };
        if access != Access::Hosting && random.chance(0.25) {
            let own = mix(u64::from(provider.asn) << 32 | random.below(40_000) as u64) as u32 & 0xff_ffff;
            return Network { asn: provider.asn, block: own, wide: true };
        }
        Network { asn: provider.asn, block: provider.first + block as u32, wide: false }
    }

    fn providers(&self, access: Access) -> &[Provider] {
        match access {
            Access::Fixed => &self.fixed,
            Access::Mobile => &self.mobile,
            Access::Hosting => &self.hosting,
        }
    }
}

fn fingerprint(name: &str, kind: &str) -> String {
    let hash = name.bytes().fold(17, |state, byte| key(&[state, u64::from(byte)]));
    format!("{kind}_{:012x}_{:012x}", hash & 0xffff_ffff_ffff, mix(hash) & 0xffff_ffff_ffff)
}

fn client(user_agent: String, library: &str, kind: &str) -> Client {
    Client { user_agent, ja4: fingerprint(library, kind) }
}

/// Browsers and apps: a handful of fingerprints, more versions.
fn people() -> Vec<Client> {
    let mut clients = Vec::new();
    for version in (118..=131).rev() {
        clients.push(client(
            format!(
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/{version}.0.0.0 Safari/537.36"
            ),
            if version > 123 { "chrome new" } else { "chrome old" },
            "t13d1516h2",
        ));
    }
    for version in 0..5 {
        clients.push(client(format!("StratusApp/4.{version} (iPhone; iOS 18)"), "ios", "t13d2014h2"));
        clients.push(client(format!("StratusApp/4.{version} (Android 15)"), "android", "t13d1312h2"));
        clients.push(client(
            format!(
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/1{}.1 Safari/605.1.15",
                version + 4
            ),
            "safari",
            "t13d2013h2",
        ));
        clients.push(client(
            format!("Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0", 120 + version),
            "firefox",
            "t13d1715h2",
        ));
    }
    clients
}

/// Libraries: versions of a few, and the TLS stack below them.
fn developers() -> Vec<Client> {
    let mut clients = Vec::new();
    for version in (0..16).rev() {
        clients.push(client(
            format!("stratus-python/1.{}.{}", 20 + version, version * 7 % 4),
            if version > 7 { "python httpx new" } else { "python httpx" },
            "t13d1812h1",
        ));
        clients.push(client(
            format!("stratus-node/4.{}.0", 50 + version),
            if version % 2 == 0 { "node 22" } else { "node 20" },
            "t13d5911h1",
        ));
        if version % 2 == 0 {
            clients.push(client(
                format!("python-requests/2.{}.{}", 26 + version / 3, version % 3),
                "python requests",
                "t13d4312h1",
            ));
            clients.push(client(format!("openai-python/1.{}.0", 30 + version * 2), "python httpx new", "t13d1812h1"));
        }
        if version % 4 == 0 {
            clients.push(client(format!("Go-http-client/{}.1", 1 + version / 8), "go", "t13d1911h2"));
            clients.push(client(format!("okhttp/4.{version}.0"), "java", "t13d1613h2"));
            clients.push(client(format!("curl/8.{version}.0"), "curl", "t13d3112h2"));
            clients.push(client(format!("litellm/1.{}.3", 40 + version), "python httpx", "t13d1812h1"));
        }
    }
    clients
}

/// An opaque name with a prefix, one-to-one in the key.
pub(crate) fn token(prefix: &str, key: u64) -> String {
    format!("{prefix}_{:016x}", mix(key))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    #[test]
    fn a_block_belongs_to_one_provider() {
        let infrastructure = Infrastructure::new(2);
        let mut random = Random::open(&[1]);
        let mut owners: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
        for access in [Access::Fixed, Access::Mobile, Access::Hosting] {
            for _ in 0..20_000 {
                let network = infrastructure.network(access, &mut random);
                if !network.wide {
                    let address = network.address(1);
                    owners.entry(address).or_default().insert(network.asn);
                }
            }
        }
        assert!(owners.len() > 10_000);
        assert!(owners.values().all(|owners| owners.len() == 1));
    }

    #[test]
    fn a_few_fingerprints_hold_most_clients() {
        let infrastructure = Infrastructure::new(2);
        let all = infrastructure.developers.iter().chain(&infrastructure.people);
        let distinct: BTreeSet<_> = all.clone().map(|client| &client.ja4).collect();
        assert!(distinct.len() < 20 && all.count() > 60);
    }
}
