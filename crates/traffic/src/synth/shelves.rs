//! A corpus laid out for one world: every text stands on one shelf and is handed out once.
//!
//! Real texts are few, customers are many. Handing a conversation to one account only keeps innocents from repeating
//! each other more than people do; what lies beyond the shelves is generated. Invariant: what is handed out depends on
//! the seed and on the order of casting alone.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::corpus::{Corpus, Turn};
use super::random::{Random, key, mix};

/// A stretch of a shelf that one account owns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) from: u32,
    pub(crate) count: u32,
}

/// A corpus in the order in which a world hands it out.
#[derive(Debug, Default)]
pub(crate) struct Shelves {
    pub(crate) talks: Vec<Vec<Turn>>,
    pub(crate) agents: Vec<Vec<Turn>>,
    pub(crate) documents: Vec<Turn>,
    /// Where the documents of one template stand: the work of one customer.
    jobs: Vec<Stretch>,
    pub(crate) questions: Vec<String>,
    pub(crate) benchmarks: Vec<Vec<Turn>>,
    /// Bare tasks.
    pub(crate) harvest: Vec<Turn>,
    /// Requests with the wrapper with which they were sent, by file.
    pub(crate) requests: Vec<Vec<Turn>>,
    /// The same for requests that grade answers.
    pub(crate) gradings: Vec<Vec<Turn>>,
    wrappers: Vec<String>,
    instructions: Vec<String>,
    personas: Vec<String>,
    words: Vec<String>,
    next_instruction: AtomicUsize,
    next_persona: AtomicUsize,
    next_wrapper: AtomicUsize,
    next_requests: AtomicUsize,
    next_gradings: AtomicUsize,
    next_talk: AtomicUsize,
    next_job: AtomicUsize,
}

/// Prompts that may go round; the rest of the personas are the first words of people.
const PUBLIC_PROMPTS: usize = 150;
/// Longest instruction in bytes.
const INSTRUCTION_BYTES: usize = 5_000;

impl Shelves {
    /// Lays a corpus out.
    pub(crate) fn new(corpus: Corpus, seed: u64) -> Self {
        let mut random = Random::open(&[seed, 0x5e1f]);
        let mut shelves = Self::default();
        for (file, rows) in corpus.files {
            shelves.talks.extend(rows.talks);
            // One person's conversations follow each other on one shelf place, so that they stay together.
            shelves.talks.extend(rows.people.into_values().map(|talks| talks.into_iter().flatten().collect()));
            shelves.agents.extend(rows.agents.into_values());
            shelves.instructions.extend(rows.instructions);
            shelves.personas.extend(rows.personas);
            for documents in rows.documents.into_values() {
                shelves.jobs.push(Stretch { from: shelves.documents.len() as u32, count: documents.len() as u32 });
                shelves.documents.extend(documents);
            }
            shelves.questions.extend(rows.questions);
            if !rows.benchmark.is_empty() {
                shelves.benchmarks.push(rows.benchmark);
            }
            shelves.take_list(&file, rows.harvest);
            shelves.wrappers.extend(rows.wrappers);
        }
        shelves.order(&mut random);
        shelves
    }

    /// A list whose rows open alike, or share one instruction, carries its wrapper; else its rows are bare tasks.
    fn take_list(&mut self, file: &str, rows: Vec<Turn>) {
        let heads: Vec<&[u8]> = rows.iter().map(|turn| &turn.prompt.as_bytes()[..turn.prompt.len().min(40)]).collect();
        let systems: Vec<&[u8]> = rows.iter().filter_map(|turn| turn.system.as_deref().map(str::as_bytes)).collect();
        let wrapped = commonest(heads) * 5 > rows.len() || commonest(systems) * 2 > rows.len();
        if wrapped && (file.contains("judge") || file.contains("rating")) {
            self.gradings.push(rows);
        } else if wrapped {
            self.requests.push(rows);
        } else {
            self.harvest.extend(rows.into_iter().map(|turn| Turn { system: None, ..turn }));
        }
    }

    fn order(&mut self, random: &mut Random) {
        random.shuffle(&mut self.personas);
        self.personas.sort_by_key(|persona| !(80..1_500).contains(&persona.len()));
        let first_words = self.personas.split_off(self.personas.len().min(PUBLIC_PROMPTS));
        self.talks.extend(first_words.into_iter().map(|prompt| vec![Turn { prompt, ..Turn::default() }]));
        random.shuffle(&mut self.talks);
        random.shuffle(&mut self.jobs);
        random.shuffle(&mut self.questions);
        random.shuffle(&mut self.harvest);
        self.instructions = self.instructions.iter().map(|text| body(text)).filter(|text| text.len() > 20).collect();
        self.instructions.sort();
        self.instructions.dedup();
        random.shuffle(&mut self.instructions);
        random.shuffle(&mut self.wrappers);
        for list in self.requests.iter_mut().chain(&mut self.gradings) {
            random.shuffle(list);
        }
        for text in &mut self.instructions {
            clip(text, INSTRUCTION_BYTES);
        }
        let plain = |word: &&str| word.len() > 4 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        let harvest = self.harvest.iter().flat_map(|turn| turn.prompt.split(' '));
        let mut words: Vec<String> = harvest.filter(plain).take(400_000).map(str::to_owned).collect();
        words.sort();
        words.dedup();
        self.words = words;
    }

    fn hand<'a>(shelf: &'a [String], next: &AtomicUsize) -> Option<&'a str> {
        shelf.get(next.fetch_add(1, Ordering::Relaxed)).map(String::as_str)
    }

    /// An instruction that nobody else was handed.
    pub(crate) fn instruction(&self) -> Option<&str> {
        Self::hand(&self.instructions, &self.next_instruction)
    }

    /// A prompt that goes round.
    pub(crate) fn persona(&self) -> Option<&str> {
        Self::hand(&self.personas, &self.next_persona)
    }

    /// An instruction of harvesters.
    pub(crate) fn wrapper(&self) -> Option<&str> {
        Self::hand(&self.wrappers, &self.next_wrapper)
    }

    /// A list of whole requests that no other pool was handed, as its place.
    pub(crate) fn reserve_requests(&self, gradings: bool) -> Option<u64> {
        let (lists, next) = match gradings {
            true => (&self.gradings, &self.next_gradings),
            false => (&self.requests, &self.next_requests),
        };
        let place = next.fetch_add(1, Ordering::Relaxed);
        (place < lists.len()).then_some(place as u64)
    }

    /// Conversations for one account or pool, fewer where the shelf ends.
    pub(crate) fn reserve_talks(&self, count: usize) -> Stretch {
        reserve(&self.next_talk, self.talks.len(), count)
    }

    /// Whether all conversations are handed out.
    pub(crate) fn are_empty(&self) -> bool {
        self.next_talk.load(Ordering::Relaxed) >= self.talks.len()
    }

    /// Documents for one account, all of one template that nobody else uses.
    pub(crate) fn reserve_documents(&self, count: usize) -> Stretch {
        if count == 0 {
            return Stretch::default();
        }
        let job = self.jobs.get(self.next_job.fetch_add(1, Ordering::Relaxed)).copied().unwrap_or_default();
        Stretch { count: job.count.min(count as u32), ..job }
    }

    /// A question to a help desk, by any number.
    pub(crate) fn question(&self, number: u64) -> Option<&str> {
        let at = number % self.questions.len().max(1) as u64;
        self.questions.get(at as usize).map(String::as_str)
    }

    /// Some word of the corpus.
    pub(crate) fn word(&self, random: &mut Random) -> Option<&str> {
        if self.words.is_empty() { None } else { Some(random.pick::<String>(&self.words)) }
    }
}

/// How often the commonest value occurs.
fn commonest(mut values: Vec<&[u8]>) -> usize {
    values.sort_unstable();
    values.chunk_by(|left, right| left == right).map(<[&[u8]]>::len).max().unwrap_or(0)
}

/// An instruction without the collector's notes above it (`GPT URL: …`), which no product sends.
fn body(text: &str) -> String {
    let note = |line: &&str| line.trim().is_empty() || line.starts_with("GPT ") || line.starts_with("```");
    text.lines().skip_while(note).collect::<Vec<_>>().join("\n")
}

fn reserve(next: &AtomicUsize, length: usize, count: usize) -> Stretch {
    let from = next.fetch_add(count, Ordering::Relaxed).min(length);
    Stretch { from: from as u32, count: count.min(length - from) as u32 }
}

/// The places of a stretch that fall on a day: every place falls on one of the days, the same for a few neighbours.
pub(crate) fn due(stretch: Stretch, account: u32, days: std::ops::Range<u32>, day: u32) -> impl Iterator<Item = usize> {
    let span = u64::from(days.end.saturating_sub(days.start).max(1));
    (0..stretch.count)
        .filter(move |place| {
            let session = key(&[u64::from(account), u64::from(place / 3), mix(span)]);
            days.start + (session % span) as u32 == day
        })
        .map(move |place| (stretch.from + place) as usize)
}

/// Cuts a text to at most `length` bytes, between letters.
pub(crate) fn clip(text: &mut String, length: usize) {
    if text.len() > length {
        let end = (0..=length).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_stretch_falls_due_on_one_day() {
        let check = |from: u32, count: u32, days: std::ops::Range<u32>| {
            let stretch = Stretch { from, count };
            let mut places: Vec<usize> = (0..60).flat_map(|day| due(stretch, 3, days.clone(), day)).collect();
            places.sort_unstable();
            assert_eq!(places, (from as usize..(from + count) as usize).collect::<Vec<_>>());
            let early = (0..days.start).flat_map(|day| due(stretch, 3, days.clone(), day)).count();
            assert_eq!(early, 0);
        };
        check(0, 100, 0..30);
        check(50, 7, 29..30);
        check(8, 40, 10..55);
        check(8, 0, 0..30);
    }

    #[test]
    fn shelves_end() {
        let next = AtomicUsize::new(0);
        let taken: Vec<_> = [4, 4, 4].map(|count| reserve(&next, 6, count)).into();
        assert_eq!(taken.iter().map(|stretch| stretch.count).collect::<Vec<_>>(), [4, 2, 0]);
    }

    #[test]
    fn lists_with_a_wrapper_are_told_from_bare_tasks() {
        let list = |prompt: &dyn Fn(usize) -> String| -> Vec<Turn> {
            (0..50).map(|number| Turn { prompt: prompt(number), ..Turn::default() }).collect()
        };
        let mut shelves = Shelves::default();
        let wrapped = |number| format!("I want you to act as a rewriter of prompts, as I said: {number}");
        shelves.take_list("tasks", list(&|number| format!("{number} is the task")));
        shelves.take_list("evolve", list(&wrapped));
        shelves.take_list("a_judge", list(&wrapped));
        assert_eq!((shelves.harvest.len(), shelves.requests.len(), shelves.gradings.len()), (50, 1, 1));
        assert_eq!(body("GPT URL: x\n\nGPT Title: y\nBe brief.\nGPT is a word"), "Be brief.\nGPT is a word");
    }

    #[test]
    fn texts_are_cut_between_letters() {
        let mut text = "aþþ".to_owned();
        clip(&mut text, 2);
        assert_eq!(text, "a");
    }
}
