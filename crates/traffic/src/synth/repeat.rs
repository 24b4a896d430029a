//! Counts how often whole prompts come again, within an account and across accounts, by class.
//!
//! A simulated world in which innocents repeat each other more, or less, than people do would flatter a detector; the
//! rate of each class is printed beside that of a corpus. Invariant: an exchange counts once, as seen before in its
//! own account if that is so, else as seen before in another.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::random::mix;

/// Repeats of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatRate {
    /// The class.
    pub class: String,
    /// Exchanges with a prompt.
    pub exchanges: u64,
    /// Those whose prompt the same account had sent before.
    pub within: u64,
    /// Those whose prompt only other accounts, of any class, had sent before.
    pub across: u64,
}

impl RepeatRate {
    /// Share of exchanges that repeat their own account, 0 to 1.
    pub fn within_ratio(&self) -> f64 {
        self.within as f64 / self.exchanges.max(1) as f64
    }

    /// Share of exchanges that repeat another account only, 0 to 1.
    pub fn across_ratio(&self) -> f64 {
        self.across as f64 / self.exchanges.max(1) as f64
    }
}

/// Counts repeats over exchanges in the order in which they are observed.
///
/// Holds 64-bit hashes, about 40 bytes an exchange; at 10 million prompts the chance of one false repeat is below 10⁻⁵.
#[derive(Debug, Default)]
pub struct RepeatCounter {
    classes: BTreeMap<String, (u64, u64, u64)>,
    prompts: HashSet<u64>,
    own: HashSet<u64>,
    accounts: HashMap<String, u64>,
}

impl RepeatCounter {
    /// Counts one exchange.
    pub fn observe(&mut self, class: &str, account: &str, prompt: &str) {
        let number = self.accounts.len() as u64 + 1;
        let account = match self.accounts.get(account) {
            Some(known) => *known,
            None => *self.accounts.entry(account.to_owned()).or_insert(number),
        };
        let hash = hash(prompt);
        let seen = !self.prompts.insert(hash);
        let seen_here = !self.own.insert(mix(hash ^ mix(account)));
        if !self.classes.contains_key(class) {
            self.classes.insert(class.to_owned(), (0, 0, 0));
        }
        if let Some((exchanges, within, across)) = self.classes.get_mut(class) {
            *exchanges += 1;
            *within += u64::from(seen_here);
            *across += u64::from(seen && !seen_here);
        }
    }

    /// The rates, by class.
    pub fn rates(&self) -> Vec<RepeatRate> {
        let rate = |(class, (exchanges, within, across)): (&String, &(u64, u64, u64))| RepeatRate {
            class: class.clone(),
            exchanges: *exchanges,
            within: *within,
            across: *across,
        };
        self.classes.iter().map(rate).collect()
    }
}

/// The repeat rates of a corpus, by file; rows without a user count as sent by accounts of their own.
pub fn corpus_rates(corpus: &super::Corpus) -> Vec<RepeatRate> {
    let mut counter = RepeatCounter::default();
    for (number, (file, user, prompt)) in corpus.prompts().enumerate() {
        if user.is_empty() {
            counter.observe(file, &format!("row {number}"), prompt);
        } else {
            counter.observe(file, user, prompt);
        }
    }
    counter.rates()
}

fn hash(text: &str) -> u64 {
    let mut chunks = text.as_bytes().chunks_exact(8);
    let mut state = mix(text.len() as u64);
    for chunk in &mut chunks {
        let word = chunk.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        state = mix(state.rotate_left(5) ^ word);
    }
    chunks.remainder().iter().fold(state, |state, byte| mix(state.rotate_left(5) ^ u64::from(*byte) ^ 1 << 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeat_counts_once_and_its_own_account_first() {
        let mut counter = RepeatCounter::default();
        for (class, account, prompt) in
            [("chat", "a", "x"), ("chat", "a", "x"), ("bot", "b", "x"), ("bot", "b", "x"), ("bot", "b", "y")]
        {
            counter.observe(class, account, prompt);
        }
        let found: Vec<_> =
            counter.rates().into_iter().map(|rate| (rate.class, rate.exchanges, rate.within, rate.across)).collect();
        assert_eq!(found, [("bot".to_owned(), 3, 1, 1), ("chat".to_owned(), 2, 1, 0)]);
    }

    #[test]
    fn different_texts_have_different_hashes() {
        let texts: HashSet<u64> = (0..20_000).map(|number| hash(&format!("text {number} tail"))).collect();
        assert_eq!(texts.len(), 20_000);
        assert_ne!(hash("a"), hash("a\0"));
    }
}
