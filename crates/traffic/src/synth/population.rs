//! Casts accounts: ordinary people and companies, each with a life of its own.
//!
//! Every group, innocent or not, takes its accounts from the same hat and changes only what it has in common, so that
//! no class is marked by a default. Invariant: accounts are numbered in the order of casting, and their names are
//! opaque and sort in no order.

use crate::exchange::{Account, Timestamp};

use super::grammar::{Voice, name};
use super::infrastructure::{Access, Network, token};
use super::lexicon::LANGUAGES;
use super::random::{Random, key};
use super::shelves::Stretch;
use super::stage::{API, APP, Behaviour, Member, Settings, Stage, purpose};

/// A person before he is cast.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) member: Member,
}

/// A set of accounts with one behaviour.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) behaviour: Box<dyn Behaviour>,
    /// Campaign id and strength.
    pub(crate) campaign: Option<(String, u8)>,
}

/// Collects the accounts and groups of a world.
pub(crate) struct Cast<'a> {
    pub(crate) stage: &'a Stage,
    pub(crate) accounts: Vec<Account>,
    pub(crate) members: Vec<Member>,
    pub(crate) groups: Vec<Group>,
}

impl<'a> Cast<'a> {
    pub(crate) fn new(stage: &'a Stage) -> Self {
        Self { stage, accounts: Vec::new(), members: Vec::new(), groups: Vec::new() }
    }

    /// A stream for the making of a group.
    pub(crate) fn random(&self, parts: &[u64]) -> Random {
        self.stage.random(purpose::GROUP, parts)
    }

    /// Casts persons as one group; `behaviour` is what they do.
    pub(crate) fn add(&mut self, class: &'static str, people: Vec<Person>, behaviour: Box<dyn Behaviour>) {
        let group = self.groups.len() as u32;
        for (place, person) in people.into_iter().enumerate() {
            let number = self.members.len() as u32;
            let account = token("acct", key(&[self.stage.seed, 0xacc, u64::from(number)]));
            self.accounts.push(Account { account, ..person.account });
            self.members.push(Member { account: number, place: place as u32, group, class, ..person.member });
        }
        self.groups.push(Group { behaviour, campaign: None });
    }

    /// Marks the newest group as a campaign.
    pub(crate) fn convict(&mut self, id: String, strength: u8) {
        if let Some(group) = self.groups.last_mut() {
            group.campaign = Some((id, strength));
        }
    }

    /// An ordinary person.
    pub(crate) fn person(&self, random: &mut Random) -> Person {
        let member = self.life(random);
        let created = member.born;
        let account = Account {
            account: String::new(),
            organization: None,
            created: Some(created),
            plan: Some(
                if member.channel == APP {
                    *random.pick(&["free", "free", "plus", "plus", "pro"])
                } else {
                    *random.pick(&["payg", "payg", "payg", "scale"])
                }
                .to_owned(),
            ),
            payment: random.chance(0.85).then(|| token("pay", random.bits())),
            email_domain: Some(self.email(random)),
            device: random.chance(0.8).then(|| token("dev", random.bits())),
            verified: Some(random.chance(0.4)),
            agreement: None,
        };
        Person { account, member }
    }

    /// A developer: own keys, the interface for programs.
    pub(crate) fn developer(&self, random: &mut Random) -> Person {
        let mut person = self.person(random);
        to_program(&mut person, random);
        person
    }

    /// A machine of a company: round the clock from a data centre.
    pub(crate) fn machine(&self, random: &mut Random) -> Person {
        let mut person = self.developer(random);
        person.member.machine = true;
        person.member.active = 0.97;
        let home = self.stage.infrastructure.network(Access::Hosting, random);
        person.member.networks = [home, home, self.stage.infrastructure.network(Access::Hosting, random)];
        person
    }

    /// Makes persons one organisation: payment, name, domain, and mostly one office network.
    pub(crate) fn organise(&self, people: &mut [Person], random: &mut Random) {
        let words = &self.stage.library.grammar.lexicon.stems;
        let organization = token("org", random.bits());
        let domain =
            format!("{}{}.{}", name(words, random), name(words, random), random.pick(&["com", "io", "net", "org"]));
        let payment = token("pay", random.bits());
        let Some(office) = people.first().map(|first| first.member.networks[0]) else { return };
        for person in people {
            person.account.organization = Some(organization.clone());
            person.account.email_domain = Some(domain.clone());
            person.account.payment = Some(payment.clone());
            person.account.verified = Some(true);
            if random.chance(0.8) {
                person.member.networks[0] = office;
            }
        }
    }

    fn email(&self, random: &mut Random) -> String {
        let words = &self.stage.library.grammar.lexicon.stems;
        if random.chance(0.72) {
            return (*random.pick(&[
                "mailpost.example",
                "mailpost.example",
                "mailpost.example",
                "inboxly.example",
                "inboxly.example",
                "postal.example",
                "quickmail.example",
            ]))
            .to_owned();
        }
        let first = name(words, random);
        format!("{first}{}.{}", name(words, random), random.pick(&["com", "net", "org", "io", "dev", "edu"]))
    }

    fn life(&self, random: &mut Random) -> Member {
        let stage = self.stage;
        let access = if random.chance(0.3) { Access::Mobile } else { Access::Fixed };
        let home = stage.infrastructure.network(access, random);
        let second =
            if access == Access::Mobile || random.chance(0.5) { self.beside(home, access, random) } else { home };
        let third = if random.chance(0.3) { stage.infrastructure.network(Access::Mobile, random) } else { home };
        let rate = random.lognormal(stage.rate, 1.3).min(stage.rate * 600.0);
        Member {
            account: 0,
            place: 0,
            group: 0,
            class: "chat",
            rate,
            active: (0.12 + 0.25 * random.unit() + 0.1 * (rate / stage.rate).ln().max(0.0)).min(0.9),
            zone: *random.pick(&[-8, -7, -6, -5, -5, -3, 0, 0, 1, 1, 1, 2, 3, 5, 8, 8, 9, 10]),
            machine: false,
            born: self.birth(random),
            voice: self.voice(random),
            networks: [home, second, third],
            client: (false, random.zipf(stage.infrastructure.people.len()) as u16),
            channel: APP,
            keys: 1,
            model: random.weighted(&[2.0, 3.0, 4.0, 3.0, 0.7]) as u8,
            upgrade: (f64::from(stage.days) * 0.3 + random.exponential(25.0)) as u32,
            settings: Settings { stream: Some(true), ..Settings::default() },
            talks: Stretch::default(),
            documents: Stretch::default(),
            silent: random.chance(0.02),
        }
    }

    /// Another block of the same provider.
    fn beside(&self, home: Network, access: Access, random: &mut Random) -> Network {
        (0..40)
            .map(|_| self.stage.infrastructure.network(access, random))
            .find(|network| network.asn == home.asn)
            .unwrap_or(home)
    }

    /// Most accounts are years old, a sixth are made during the world.
    fn birth(&self, random: &mut Random) -> Timestamp {
        let stage = self.stage;
        let age_days =
            if random.chance(0.16) { -(random.unit() * f64::from(stage.days)) } else { random.exponential(400.0) };
        Timestamp(stage.start.0 - (age_days * Timestamp::DAY as f64) as i64)
    }

    pub(crate) fn voice(&self, random: &mut Random) -> Voice {
        let topics = self.stage.library.grammar.lexicon.topics();
        Voice {
            topics: std::array::from_fn(|_| random.below(topics) as u16),
            language: if random.chance(0.02) { random.between(1, LANGUAGES) as u8 } else { 0 },
            casual: random.chance(0.45),
            typos: if random.chance(0.4) { random.unit() as f32 } else { 0.05 },
            habit: if random.chance(0.3) { 0.35 } else { 0.05 },
            key: random.bits(),
        }
    }
}

/// Moves a person to the interface for programs.
pub(crate) fn to_program(person: &mut Person, random: &mut Random) {
    let member = &mut person.member;
    member.channel = if random.chance(0.8) { API } else { random.between(2, 6) as u8 };
    member.client = (true, random.zipf(60) as u16);
    member.keys = 1 + random.weighted(&[6.0, 2.0, 1.0]) as u8;
    member.settings = settings(random);
    person.account.plan = Some((*random.pick(&["payg", "payg", "payg", "scale"])).to_owned());
}

/// Parameters as programs set them: popular values, mostly none.
pub(crate) fn settings(random: &mut Random) -> Settings {
    Settings {
        temperature: *random.pick(&[
            None,
            None,
            None,
            Some(0.0),
            Some(0.0),
            Some(0.7),
            Some(0.7),
            Some(1.0),
            Some(0.2),
            Some(0.3),
            Some(0.5),
        ]),
        top_p: *random.pick(&[None, None, None, None, None, Some(1.0), Some(0.95), Some(0.9)]),
        max_tokens: *random.pick(&[
            None,
            None,
            Some(256),
            Some(512),
            Some(1_000),
            Some(1_024),
            Some(1_024),
            Some(2_048),
            Some(4_096),
            Some(4_096),
            Some(8_192),
        ]),
        tools: None,
        logprobs: random.chance(0.02).then_some(true),
        stream: *random.pick(&[None, Some(false), Some(true)]),
        seed: random.chance(0.04).then_some(42),
    }
}
