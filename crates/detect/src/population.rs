//! The accounts of a history, and what each has done up to a day.
//!
//! Accounts are numbered in the order of their names, so that every loop over them is canonical. What each did is a
//! running sum that [`Population::advance`] moves forward by one day: nothing later can be seen.

use std::collections::BTreeMap;

use stillwatch_feature::content::PLACES;
use stillwatch_feature::elicitation;
use stillwatch_feature::kind::Kind;
use stillwatch_traffic::exchange::Account;

use crate::history::{DayProfile, History};
use crate::profile::{HOURS, Profile};

/// Consecutive hours in which a person rests.
pub const REST_HOURS: usize = 8;

/// Agreements that permit bulk use. Any other word permits nothing: "none" must not protect a campaign.
const AGREEMENTS: [&str; 3] = ["evaluation", "distillation", "batch"];

/// Number of an account: its place in the order of names.
pub type AccountIndex = u32;

/// What the lab knows of an account, values numbered so that only equality can be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Customer: accounts of one organisation are one.
    pub unit: u32,
    /// Means of payment.
    pub payment: Option<u32>,
    /// Sign-up device.
    pub device: Option<u32>,
    /// Time of creation, microseconds.
    pub created: Option<i64>,
    /// Whether an agreement permits bulk use.
    pub agreement: bool,
}

/// What an account has done up to now.
#[derive(Debug, Clone)]
pub struct Behaviour {
    /// Exchanges.
    pub exchanges: u64,
    /// Days with at least one.
    pub active_days: u32,
    /// First exchange, microseconds.
    pub first: i64,
    /// Last exchange, microseconds.
    pub last: i64,
    /// Exchanges whose prompt is known.
    pub prompts: u64,
    /// Exchanges whose turn is logged.
    pub turns_logged: u64,
    /// Exchanges whose turn is known, from the log or from the conversation.
    pub turns: u64,
    /// Later turns among them.
    pub followups: u64,
    /// Billed input tokens.
    pub input_tokens: u64,
    /// Billed output tokens.
    pub output_tokens: u64,
    /// By hour of the day.
    pub hours: [u64; HOURS],
    /// By what the exchange wants to see.
    pub elicitation: [u64; elicitation::CLASSES],
    /// Sum of the prompts' content vectors.
    pub content: [i64; PLACES],
    /// Sum of their squared lengths.
    pub content_square: u64,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            exchanges: 0,
            active_days: 0,
            first: i64::MAX,
            last: i64::MIN,
            prompts: 0,
            turns_logged: 0,
            turns: 0,
            followups: 0,
            input_tokens: 0,
            output_tokens: 0,
            hours: [0; HOURS],
            elicitation: [0; elicitation::CLASSES],
            content: [0; PLACES],
            content_square: 0,
        }
    }
}

impl Behaviour {
    /// Share of the exchanges that came in the account's quietest [`REST_HOURS`] consecutive hours of the day: a third
    /// for a machine, next to nothing for a person, wherever he lives.
    pub fn rest_share(&self) -> f64 {
        let window = |from: usize| (from..from + REST_HOURS).map(|hour| self.hours[hour % HOURS]).sum::<u64>();
        let quietest = (0..HOURS).map(window).min().unwrap_or(0);
        quietest as f64 / self.exchanges.max(1) as f64
    }

    /// Exchanges on an active day.
    pub fn rate_per_day(&self) -> f64 {
        self.exchanges as f64 / f64::from(self.active_days.max(1))
    }

    /// Share of later turns; none when no turn is known.
    pub fn talk_share(&self) -> Option<f64> {
        (self.turns > 0).then(|| self.followups as f64 / self.turns as f64)
    }

    fn add(&mut self, row: &DayProfile) {
        let profile = &row.profile;
        if profile.exchanges == 0 {
            return;
        }
        self.exchanges += profile.exchanges;
        self.active_days += 1;
        self.first = self.first.min(profile.span.0);
        self.last = self.last.max(profile.span.1);
        self.prompts += profile.prompts;
        let (turns, followups) = talk(profile);
        self.turns_logged += profile.turns;
        self.turns += turns;
        self.followups += followups;
        self.input_tokens += profile.input_tokens;
        self.output_tokens += profile.output_tokens;
        self.content_square += profile.content_square;
        add_all(&mut self.hours, &profile.hours);
        add_all(&mut self.elicitation, &profile.elicitation);
        for (sum, place) in self.content.iter_mut().zip(profile.content) {
            *sum += place;
        }
    }
}

/// Exchanges whose turn is known and the later turns among them. Where the turn is not logged but the conversation is,
/// every exchange but the first of a conversation on that day is a later turn; of the conversations a profile keeps a
/// sample, whose mean length stands for all.
fn talk(profile: &Profile) -> (u64, u64) {
    if profile.turns > 0 {
        return (profile.turns, profile.followups);
    }
    let settled = profile.features.settled();
    let conversations = settled.iter().filter(|entry| entry.feature.kind == Kind::Conversation);
    let (count, exchanges) =
        conversations.fold((0u64, 0u64), |(count, sum), entry| (count + 1, sum + u64::from(entry.count)));
    (exchanges, exchanges - count)
}

fn add_all<const N: usize>(sums: &mut [u64; N], more: &[u64; N]) {
    for (sum, value) in sums.iter_mut().zip(more) {
        *sum += value;
    }
}

/// The accounts up to the current day.
#[derive(Debug)]
pub struct Population<'h> {
    /// The rows of the history.
    rows: &'h [DayProfile],
    /// Name by number.
    names: Vec<&'h str>,
    /// First row by number, with one more at the end.
    starts: Vec<usize>,
    facts: Vec<Facts>,
    behaviour: Vec<Behaviour>,
    /// Rows by day.
    by_day: Vec<Vec<u32>>,
    /// Days that have been added.
    days_done: u32,
    account_of_row: Vec<AccountIndex>,
}

impl<'h> Population<'h> {
    /// Numbers the accounts of a history; no day is added yet.
    pub fn new(history: &'h History) -> Self {
        let rows = &history.profiles[..];
        let mut names: Vec<&str> = Vec::new();
        let mut starts = Vec::new();
        let mut account_of_row = Vec::with_capacity(rows.len());
        let days = rows.iter().map(|row| row.day + 1).max().unwrap_or(0);
        let mut by_day = vec![Vec::new(); days as usize];
        for (index, row) in rows.iter().enumerate() {
            if names.last() != Some(&row.account.as_str()) {
                names.push(&row.account);
                starts.push(index);
            }
            account_of_row.push(names.len() as u32 - 1);
            by_day[row.day as usize].push(index as u32);
        }
        starts.push(rows.len());
        let facts = facts(&names, &history.accounts);
        let behaviour = vec![Behaviour::default(); names.len()];
        Self { rows, names, starts, facts, behaviour, by_day, days_done: 0, account_of_row }
    }

    /// Days in the history.
    pub fn days(&self) -> u32 {
        self.by_day.len() as u32
    }

    /// Days that have been added: rows of earlier days may be looked at.
    pub fn days_done(&self) -> u32 {
        self.days_done
    }

    /// Adds the next day.
    pub fn advance(&mut self) {
        for &row in &self.by_day[self.days_done as usize] {
            let row = row as usize;
            self.behaviour[self.account_of_row[row] as usize].add(&self.rows[row]);
        }
        self.days_done += 1;
    }

    /// Number of accounts in the whole history.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no account.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Name of an account.
    pub fn name(&self, account: AccountIndex) -> &'h str {
        self.names[account as usize]
    }

    /// What the lab knows of an account.
    pub fn facts(&self, account: AccountIndex) -> &Facts {
        &self.facts[account as usize]
    }

    /// What an account has done up to now.
    pub fn behaviour(&self, account: AccountIndex) -> &Behaviour {
        &self.behaviour[account as usize]
    }

    /// Accounts that have been active up to now, in order.
    pub fn active(&self) -> impl Iterator<Item = AccountIndex> {
        (0..self.names.len() as u32).filter(|&account| self.behaviour[account as usize].exchanges > 0)
    }

    /// The days of an account up to now.
    pub fn days_of(&self, account: AccountIndex) -> impl Iterator<Item = &'h DayProfile> {
        let (from, to) = (self.starts[account as usize], self.starts[account as usize + 1]);
        let days_done = self.days_done;
        self.rows[from..to].iter().filter(move |row| row.day < days_done)
    }

    /// All rows of one day, with the number of the account.
    pub fn rows_of_day(&self, day: u32) -> impl Iterator<Item = (AccountIndex, &'h DayProfile)> {
        self.by_day[day as usize].iter().map(|&row| (self.account_of_row[row as usize], &self.rows[row as usize]))
    }

    /// All rows of an account, later days included: only for counting what can be left out of memory.
    pub(crate) fn all_rows_of(&self, account: AccountIndex) -> &'h [DayProfile] {
        &self.rows[self.starts[account as usize]..self.starts[account as usize + 1]]
    }
}

fn facts(names: &[&str], accounts: &[Account]) -> Vec<Facts> {
    let known: BTreeMap<&str, &Account> = accounts.iter().map(|row| (row.account.as_str(), row)).collect();
    let (mut organizations, mut payments, mut devices) = (Numbers::default(), Numbers::default(), Numbers::default());
    let mut units = names.len() as u32;
    let mut facts = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let mut of = Facts { unit: index as u32, ..Facts::default() };
        if let Some(row) = known.get(name) {
            if let Some(organization) = organizations.number(row.organization.as_deref()) {
                of.unit = units + organization;
            }
            of.payment = payments.number(row.payment.as_deref());
            of.device = devices.number(row.device.as_deref());
            of.created = row.created.map(|time| time.0);
            of.agreement = row.agreement.as_deref().is_some_and(|agreement| AGREEMENTS.contains(&agreement));
        }
        facts.push(of);
    }
    units += organizations.next;
    debug_assert!(facts.iter().all(|of| of.unit < units));
    facts
}

/// Numbers values in the order in which they come.
#[derive(Default)]
struct Numbers<'a> {
    of: BTreeMap<&'a str, u32>,
    next: u32,
}

impl<'a> Numbers<'a> {
    fn number(&mut self, value: Option<&'a str>) -> Option<u32> {
        let value = value.filter(|value| !value.is_empty())?;
        Some(*self.of.entry(value).or_insert_with(|| {
            self.next += 1;
            self.next - 1
        }))
    }
}
