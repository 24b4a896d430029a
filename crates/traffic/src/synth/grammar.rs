//! Writes text from the patterns: prompts, follow-ups, answers, documents and instructions of any width.
//!
//! One voice has its topics, its register and its habits, so that two people hardly ever write the same line, while
//! everyone shares the language's frequent words and a few greetings. A `bag` of stems ties several texts together: the
//! turns of one conversation, or the rephrasings of one instruction. Invariant: the text depends on the arguments and
//! on the draws of the given stream alone.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::lexicon::{Lexicon, Words};
use super::phrases::RULES;
use super::random::Random;

/// How one account writes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Voice {
    /// Topics it writes about, the favourite first.
    pub(crate) topics: [u16; 3],
    /// 0 = the common language, else a small language.
    pub(crate) language: u8,
    /// Writes without capitals.
    pub(crate) casual: bool,
    /// Mistyped letters per prompt.
    pub(crate) typos: f32,
    /// Share of prompts with its habitual opening or closing.
    pub(crate) habit: f32,
    /// Selects the habitual phrases.
    pub(crate) key: u64,
}

#[derive(Debug, Clone, Copy)]
enum Piece {
    Text(u32, u32),
    Word(u8),
    Rule(u16),
}

/// The compiled patterns and the words they draw from.
#[derive(Debug)]
pub(crate) struct Grammar {
    /// The words.
    pub(crate) lexicon: Lexicon,
    text: String,
    rules: Vec<Vec<Vec<Piece>>>,
    names: HashMap<&'static str, u16>,
}

/// A voice while it writes, with the stems that its texts have in common.
#[derive(Clone, Copy)]
pub(crate) struct Speaker<'a> {
    /// Patterns and words.
    pub(crate) grammar: &'a Grammar,
    /// Who writes.
    pub(crate) voice: Voice,
    /// Stems in common; may be empty.
    pub(crate) bag: &'a [u16],
    /// Share of content words that come from the bag.
    pub(crate) loyalty: f32,
}

impl Grammar {
    /// Compiles the patterns and makes the words of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let table: Vec<_> = RULES.concat();
        let names = table.iter().enumerate().map(|(index, (name, _))| (*name, index as u16)).collect();
        let mut grammar =
            Self { lexicon: Lexicon::new(seed), text: String::new(), rules: vec![Vec::new(); table.len()], names };
        for (index, (_, alternatives)) in table.iter().enumerate() {
            grammar.rules[index] = alternatives.iter().map(|pattern| grammar.compile(pattern)).collect();
        }
        grammar
    }

    /// The rule of a name; the names used are constants of this crate, held against the table by a test.
    fn rule(&self, name: &str) -> u16 {
        *self.names.get(name).expect("every rule that is named stands in the table")
    }

    fn compile(&mut self, pattern: &str) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            match first {
                '#' if rest.as_bytes().get(1).is_some_and(u8::is_ascii_alphanumeric) => {
                    pieces.push(Piece::Word(rest.as_bytes()[1]));
                    rest = &rest[2..];
                }
                '[' if rest[1..].starts_with(|next: char| next.is_ascii_lowercase()) => {
                    let end = rest.find(']').unwrap_or(rest.len() - 1);
                    pieces.push(Piece::Rule(self.rule(&rest[1..end])));
                    rest = &rest[end + 1..];
                }
                '{' if is_choice(rest) => {
                    let end = closing(rest).unwrap_or(rest.len() - 1);
                    let choices = split(&rest[1..end]).into_iter().map(|choice| self.compile(choice)).collect();
                    self.rules.push(choices);
                    pieces.push(Piece::Rule((self.rules.len() - 1) as u16));
                    rest = &rest[end + 1..];
                }
                _ => {
                    let width = first.len_utf8();
                    let more = rest[width..].find(['#', '[', '{']).map_or(rest.len(), |at| at + width);
                    let from = self.text.len() as u32;
                    self.text.push_str(&rest[..more]);
                    pieces.push(Piece::Text(from, self.text.len() as u32));
                    rest = &rest[more..];
                }
            }
        }
        pieces
    }
}

/// Whether the brace that opens `text` holds alternatives; a brace before white space is code.
fn is_choice(text: &str) -> bool {
    !text[1..].starts_with(char::is_whitespace) && closing(text).is_some_and(|end| text[..end].contains('|'))
}

/// Where the brace that opens `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().find_map(|(at, letter)| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        (depth == 0).then_some(at)
    })
}

/// Splits at the bars that stand in no inner brace.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0;
    text.split(|letter| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        letter == '|' && depth == 0
    })
    .collect()
}

impl<'a> Speaker<'a> {
    /// A voice without a bag.
    pub(crate) fn new(grammar: &'a Grammar, voice: Voice) -> Self {
        Self { grammar, voice, bag: &[], loyalty: 0.0 }
    }

    /// The same voice, with stems in common.
    pub(crate) fn with(self, bag: &'a [u16], loyalty: f32) -> Self {
        Self { bag, loyalty, ..self }
    }

    /// Stems of the voice's topics, to tie texts together.
    pub(crate) fn draw_bag(&self, count: usize, random: &mut Random) -> Vec<u16> {
        (0..count).map(|_| self.own_stem(random)).collect()
    }

    /// Expands a rule by name.
    pub(crate) fn rule(&self, name: &str, random: &mut Random, out: &mut String) {
        if self.voice.language == 0 {
            self.expand(self.grammar.rule(name), random, out);
        } else {
            let ends = if name == "question" { "?" } else { "" };
            self.foreign(ends, random, out);
        }
    }

    fn expand(&self, rule: u16, random: &mut Random, out: &mut String) {
        let alternatives = &self.grammar.rules[rule as usize];
        for piece in &alternatives[random.below(alternatives.len())] {
            match *piece {
                Piece::Text(from, to) => out.push_str(&self.grammar.text[from as usize..to as usize]),
                Piece::Rule(inner) => self.expand(inner, random, out),
                Piece::Word(kind) => self.word(kind, random, out),
            }
        }
    }

    #[inline]
    fn own_stem(&self, random: &mut Random) -> u16 {
        let lexicon = &self.grammar.lexicon;
        let bits = random.bits();
        match bits % 16 {
            0..=6 => lexicon.topical(self.voice.topics[0] as usize, bits),
            7..=9 => lexicon.topical(self.voice.topics[1] as usize, bits),
            10 => lexicon.topical(self.voice.topics[2] as usize, bits),
            _ => lexicon.general(bits),
        }
    }

    #[inline]
    fn stem(&self, random: &mut Random) -> usize {
        if !self.bag.is_empty() && random.chance(f64::from(self.loyalty)) {
            return Lexicon::synonym(*random.pick(self.bag), random) as usize;
        }
        self.own_stem(random) as usize
    }

    fn word(&self, kind: u8, random: &mut Random, out: &mut String) {
        match kind {
            b'1' => return number(random.between(2, 12), out),
            b'2' => return number(random.lognormal(60.0, 1.6) as usize + 11, out),
            b'3' => {
                number(random.lognormal(20.0, 1.2) as usize, out);
                out.push('.');
                return number(random.between(10, 99), out);
            }
            _ => {}
        }
        let stem = self.stem(random);
        let start = out.len();
        out.push_str(self.grammar.lexicon.stems.get(stem));
        match kind {
            b's' => out.push('s'),
            b'a' => out.push_str(["al", "ive", "ous", "ish", "y", "ic", "ed", ""][stem % 8]),
            b'v' => out.push_str(["", "ate", "ise", "en"][stem % 4]),
            b'g' => out.push_str("ing"),
            b'd' => out.push_str("ed"),
            b'y' => out.push_str("ily"),
            b'N' => capitalise(out, start),
            b'i' => {
                out.push('_');
                out.push_str(self.grammar.lexicon.stems.get(self.stem(random)));
            }
            _ => {}
        }
    }

    /// A clause of a small language.
    fn foreign(&self, ends: &str, random: &mut Random, out: &mut String) {
        let languages = &self.grammar.lexicon.languages;
        let language = &languages[(usize::from(self.voice.language) - 1) % languages.len()];
        let start = out.len();
        let count = random.between(3, 11);
        for place in 0..count {
            if place > 0 {
                out.push_str(if random.chance(0.07) { ", " } else { " " });
            }
            if random.chance(0.42) {
                out.push_str(language.function.get(random.zipf(language.function.len())));
            } else {
                let stem = self.stem(random) % language.content.len();
                out.push_str(language.content.get(stem));
                if random.chance(0.5) {
                    out.push_str(language.endings[(stem + random.below(2)) % language.endings.len()]);
                }
            }
        }
        if !self.voice.casual {
            capitalise(out, start);
        }
        out.push_str(ends);
    }

    /// One sentence, capitalised and stopped unless the voice is casual.
    pub(crate) fn sentence(&self, rule: &str, random: &mut Random, out: &mut String) {
        let start = out.len();
        self.rule(rule, random, out);
        if self.voice.language > 0 && !out.ends_with('?') {
            out.push('.');
        }
        if !self.voice.casual {
            capitalise(out, start);
        }
    }

    /// Sentences until at least `length` bytes are written, in paragraphs.
    pub(crate) fn prose(&self, rule: &str, length: usize, random: &mut Random, out: &mut String) {
        let target = out.len() + length;
        loop {
            self.sentence(rule, random, out);
            if out.len() >= target {
                return;
            }
            out.push_str(if random.chance(0.12) { "\n\n" } else { " " });
        }
    }

    /// The prompt with which a person begins: short questions mostly, now and then a long text.
    pub(crate) fn prompt(&self, random: &mut Random, out: &mut String) {
        let start = out.len();
        let form = random.below(100);
        let habit = f64::from(self.voice.habit);
        if random.chance(habit) {
            self.habit("opener", 4, random, out);
        }
        match form {
            0..=25 => self.sentence("question", random, out),
            26..=48 => self.sentence("request", random, out),
            49..=67 => {
                self.sentence("request", random, out);
                out.push(' ');
                self.prose("constraint", random.between(1, 150), random, out);
            }
            68..=74 => self.rule("codeask", random, out),
            75..=78 => self.sentence("math", random, out),
            79..=88 => {
                self.prose("sentence", random.between(30, 260), random, out);
                out.push(' ');
                self.sentence("question", random, out);
            }
            _ => self.with_material(random, out),
        }
        if random.chance(habit) {
            self.habit("closer", 3, random, out);
        }
        typos(out, start, self.voice.typos, random);
    }

    fn with_material(&self, random: &mut Random, out: &mut String) {
        self.rule("bring", random, out);
        let target = out.len() + (random.lognormal(700.0, 0.75) as usize).min(6_000);
        while out.len() < target {
            match random.below(10) {
                0 => self.rule("list", random, out),
                1 => self.rule("table", random, out),
                2 => self.rule("dialogue", random, out),
                3 => self.rule("letter", random, out),
                4 => self.rule("code", random, out),
                _ => self.prose("sentence", 350, random, out),
            }
            out.push('\n');
        }
    }

    /// A habitual phrase: the same few for one voice.
    fn habit(&self, rule: &str, habits: usize, random: &mut Random, out: &mut String) {
        let choice = random.below(habits) as u64;
        let mut own = Random::open(&[self.voice.key, choice, rule.len() as u64]);
        if self.voice.language == 0 {
            self.expand(self.grammar.rule(rule), &mut own, out);
        } else {
            out.push(' ');
            self.foreign(" ", &mut own, out);
        }
    }

    /// A document of about `length` bytes.
    pub(crate) fn document(&self, length: usize, random: &mut Random, out: &mut String) {
        let target = out.len() + length;
        self.sentence("sentence", random, out);
        while out.len() < target {
            match random.below(14) {
                0 => {
                    out.push('\n');
                    self.rule("list", random, out);
                }
                1 => {
                    out.push('\n');
                    self.rule("table", random, out);
                }
                2 => out.push_str("\n\n"),
                _ => out.push(' '),
            }
            self.sentence("sentence", random, out);
        }
    }

    /// An answer of about `length` bytes; `steps` makes it a chain of reasoning.
    pub(crate) fn answer(&self, length: usize, steps: bool, random: &mut Random, out: &mut String) {
        if random.chance(0.08) {
            self.rule("code", random, out);
        }
        self.prose(if steps { "step" } else { "sentence" }, length, random, out);
    }
}

fn number(value: usize, out: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(out, "{value}");
}

/// Makes the letter at `start` a capital, if it is ASCII.
pub(crate) fn capitalise(out: &mut String, start: usize) {
    let first = out[start..].chars().next();
    if let Some(letter) = first.filter(char::is_ascii_lowercase) {
        out.replace_range(start..=start, letter.to_ascii_uppercase().encode_utf8(&mut [0; 4]));
    }
}

/// Swaps or drops neighbouring letters, `expected` times on average.
fn typos(out: &mut String, start: usize, expected: f32, random: &mut Random) {
    if expected <= 0.0 || out.len() < start + 8 {
        return;
    }
    for _ in 0..random.poisson(f64::from(expected)) {
        let at = start + random.below(out.len() - start - 2);
        let bytes = out.as_bytes();
        if bytes[at].is_ascii_lowercase() && bytes[at + 1].is_ascii_lowercase() {
            let (first, second) = (bytes[at] as char, bytes[at + 1] as char);
            let swapped = if random.chance(0.6) { format!("{second}{first}") } else { second.to_string() };
            out.replace_range(at..at + 2, &swapped);
        }
    }
}

/// A name built of one stem, for organisations, products and domains.
pub(crate) fn name(words: &Words, random: &mut Random) -> String {
    words.get(random.below(words.len())).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(language: u8) -> Voice {
        Voice { topics: [1, 2, 3], language, casual: false, typos: 0.3, habit: 0.1, key: 5 }
    }

    fn prompts(grammar: &Grammar, language: u8, count: u64) -> Vec<String> {
        (0..count)
            .map(|seed| {
                let mut out = String::new();
                Speaker::new(grammar, voice(language)).prompt(&mut Random::open(&[seed]), &mut out);
                out
            })
            .collect()
    }

    #[test]
    fn every_rule_that_is_named_exists_and_leaves_no_mark() {
        let grammar = Grammar::new(1);
        let speaker = Speaker::new(&grammar, voice(0));
        for (name, _) in RULES.concat() {
            for seed in 0..200 {
                let mut out = String::new();
                speaker.rule(name, &mut Random::open(&[seed]), &mut out);
                let marks =
                    out.matches(['#', '{']).count() + usize::from(out.contains("[np") || out.contains("[clause"));
                assert!(marks == 0 || name.starts_with("code"), "{name}: {out}");
            }
        }
    }

    #[test]
    fn prompts_are_as_long_as_those_of_people() {
        let grammar = Grammar::new(1);
        let mut lengths: Vec<usize> = prompts(&grammar, 0, 4_000).iter().map(String::len).collect();
        lengths.sort_unstable();
        let (median, high) = (lengths[2_000], lengths[3_800]);
        assert!((70..=150).contains(&median), "median {median}");
        assert!((900..=2_200).contains(&high), "95th percentile {high}");
    }

    #[test]
    fn people_hardly_write_the_same_line() {
        let grammar = Grammar::new(1);
        for language in [0, 1, 4] {
            let mut all = prompts(&grammar, language, 4_000);
            all.sort();
            all.dedup();
            assert!(all.len() > 3_960, "language {language}: {} distinct", all.len());
        }
    }
}
