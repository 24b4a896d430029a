//! Where texts come from: the grammar, or a corpus that was handed in.
//!
//! Callers ask by role (what a person says, a product's instruction, one item of a list) and need not know the source.
//! Invariant: an item of a list is the same whenever it is asked for.

use super::grammar::{Grammar, Speaker, Voice};
use super::random::{Random, key};

/// One task of a list, and a plausible answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub(crate) system: Option<String>,
    pub(crate) prompt: String,
    pub(crate) response: Option<String>,
}

/// The texts of a world.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) grammar: Grammar,
}

impl Library {
    /// Opens the texts of a world.
    pub(crate) fn new(seed: u64, _texts: super::corpus::Texts) -> Self {
        Self { grammar: Grammar::new(seed) }
    }

    /// A product's instruction of about `length` bytes: a role, then rules.
    pub(crate) fn instruction(&self, speaker: Speaker<'_>, length: usize, random: &mut Random) -> String {
        let mut out = String::with_capacity(length + 200);
        speaker.sentence("role", random, &mut out);
        let layout = random.below(3);
        while out.len() < length {
            out.push_str(["\n- ", " ", "\n\n"][if random.chance(0.1) { 2 } else { layout }]);
            speaker.sentence("rule", random, &mut out);
        }
        out
    }

    /// One item of a list of tasks: the same list and index give the same item.
    pub(crate) fn item(&self, list: u64, index: u64) -> Item {
        let mut random = Random::open(&[list, index]);
        let topics = self.grammar.lexicon.topics();
        let mut own = Random::open(&[list]);
        let field: Vec<u16> = (0..24).map(|_| own.below(topics) as u16).collect();
        let voice = Voice {
            topics: [*random.pick(&field), *random.pick(&field), random.below(topics) as u16],
            language: 0,
            casual: false,
            typos: 0.0,
            habit: 0.0,
            key: key(&[list]),
        };
        let speaker = Speaker::new(&self.grammar, voice);
        let mut prompt = String::new();
        match own.below(4) {
            0 => speaker.sentence("math", &mut random, &mut prompt),
            1 => {
                speaker.prose("sentence", 120, &mut random, &mut prompt);
                prompt.push('\n');
                speaker.sentence("question", &mut random, &mut prompt);
            }
            2 => {
                speaker.sentence("request", &mut random, &mut prompt);
                prompt.push(' ');
                speaker.sentence("constraint", &mut random, &mut prompt);
            }
            _ => speaker.prompt(&mut random, &mut prompt),
        }
        Item { system: None, prompt, response: None }
    }
}
