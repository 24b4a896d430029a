//! Where texts come from: the grammar, or a corpus that was handed in.
//!
//! Callers ask by role (a product's instruction, one item of a list) and need not know the source. Invariant: an item
//! of a list is the same whenever it is asked for.

use super::corpus::{Texts, Turn};
use super::grammar::{Grammar, Speaker, Voice};
use super::random::{Random, key};
use super::shelves::{Shelves, clip};

/// One task of a list, and a plausible answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Item {
    pub(crate) system: Option<String>,
    pub(crate) prompt: String,
    pub(crate) response: Option<String>,
}

/// A list of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    /// Known to its owner only.
    Own(u64),
    /// Run by many.
    Public(u64),
    /// Bare tasks, worked through by a harvester.
    Harvest(u64),
    /// Whole requests of a harvester, wrapper included: the place of a list of the corpus.
    Requests(u64),
    /// Whole grading requests of a harvester: the place of a list of the corpus.
    Gradings(u64),
}

/// The texts of a world.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) grammar: Grammar,
    pub(crate) shelves: Option<Shelves>,
}

/// Longest item in bytes.
const ITEM_BYTES: usize = 8_000;

impl Library {
    /// Opens the texts of a world.
    pub(crate) fn new(seed: u64, texts: Texts) -> Self {
        let shelves = match texts {
            Texts::Grammar => None,
            Texts::Corpus(corpus) => Some(Shelves::new(corpus, seed)),
        };
        Self { grammar: Grammar::new(seed), shelves }
    }

    /// A product's instruction of about `length` bytes: a role, then rules. For the casting of groups.
    pub(crate) fn instruction(&self, speaker: Speaker<'_>, length: usize, random: &mut Random) -> String {
        if speaker.voice.language == 0
            && let Some(text) = self.shelves.as_ref().and_then(Shelves::instruction)
        {
            return text.to_owned();
        }
        let mut out = String::with_capacity(length + 200);
        speaker.sentence("role", random, &mut out);
        let layout = random.below(3);
        while out.len() < length {
            out.push_str(["\n- ", " ", "\n\n"][if random.chance(0.1) { 2 } else { layout }]);
            speaker.sentence("rule", random, &mut out);
        }
        out
    }

    /// How many items a public list has at most.
    pub(crate) fn items_max(&self, list: List) -> Option<u64> {
        match list {
            List::Public(number) => self.public(number).map(|rows| rows.len() as u64),
            _ => None,
        }
    }

    fn public(&self, number: u64) -> Option<&[Turn]> {
        let lists = &self.shelves.as_ref()?.benchmarks;
        let choice = (number % lists.len().max(1) as u64) as usize;
        lists.get(choice).map(Vec::as_slice)
    }

    /// One item of a list.
    pub(crate) fn item(&self, list: List, index: u64) -> Item {
        match list {
            List::Own(number) => self.written(number, index),
            List::Public(number) => match self.public(number) {
                Some(rows) => take(&rows[(index % rows.len() as u64) as usize]),
                None => self.written(number, index),
            },
            List::Harvest(number) => {
                self.harvested(self.shelves.as_ref().map(|shelves| &shelves.harvest), number, index)
            }
            List::Requests(number) | List::Gradings(number) => self.harvested(self.whole(list), number, index),
        }
    }

    /// The whole requests of a list.
    fn whole(&self, list: List) -> Option<&Vec<Turn>> {
        let shelves = self.shelves.as_ref()?;
        let (lists, number) = match list {
            List::Requests(number) => (&shelves.requests, number),
            List::Gradings(number) => (&shelves.gradings, number),
            _ => return None,
        };
        lists.get(number as usize)
    }

    /// Real rows first, from a place of the shelf that depends on the list; once round, rows with a twist.
    fn harvested(&self, rows: Option<&Vec<Turn>>, number: u64, index: u64) -> Item {
        let Some(rows) = rows.filter(|rows| !rows.is_empty()) else {
            return self.written(number, index);
        };
        let count = rows.len() as u64;
        let mut item = take(&rows[((key(&[number]) % count + index) % count) as usize]);
        if index >= count {
            let mut random = Random::open(&[number, index, 3]);
            let speaker = Speaker::new(&self.grammar, self.writer(number, &mut random));
            item.prompt.push('\n');
            speaker.sentence("constraint", &mut random, &mut item.prompt);
            item.response = None;
        }
        item
    }

    fn writer(&self, number: u64, random: &mut Random) -> Voice {
        let topics = self.grammar.lexicon.topics();
        let mut own = Random::open(&[number]);
        let field: [u16; 24] = std::array::from_fn(|_| own.below(topics) as u16);
        let topics = [*random.pick(&field), *random.pick(&field), random.below(topics) as u16];
        Voice { topics, language: 0, casual: false, typos: 0.0, habit: 0.0, key: number }
    }

    /// An item made by the grammar: word problems, questions on a passage, tasks, or anything, by list.
    fn written(&self, number: u64, index: u64) -> Item {
        let mut random = Random::open(&[number, index]);
        let speaker = Speaker::new(&self.grammar, self.writer(number, &mut random));
        let mut prompt = String::with_capacity(256);
        match key(&[number, 1]) % 5 {
            0 => {
                speaker.prose("sentence", 60, &mut random, &mut prompt);
                prompt.push(' ');
                speaker.sentence("math", &mut random, &mut prompt);
            }
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
            3 => speaker.rule("codeask", &mut random, &mut prompt),
            _ => speaker.prompt(&mut random, &mut prompt),
        }
        Item { system: None, prompt, response: None }
    }
}

fn take(turn: &Turn) -> Item {
    let (mut prompt, mut response) = (turn.prompt.clone(), turn.response.clone());
    clip(&mut prompt, ITEM_BYTES);
    clip(&mut response, ITEM_BYTES);
    Item { system: turn.system.clone(), prompt, response: Some(response).filter(|response| !response.is_empty()) }
}
