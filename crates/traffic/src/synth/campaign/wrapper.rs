//! The instruction that a harvester puts around every item, in as many forms as his strength affords.
//!
//! Strength 1–2: one form. 3–4: dozens of forms that keep some sentences. 5: written anew for every request, with the
//! same matter (a bag of stems) and nothing else in common. Invariant: a form is a function of its number.

use super::super::grammar::{Speaker, Voice};
use super::super::library::Item;
use super::super::random::{Random, key};
use super::super::shelves::Shelves;
use super::super::stage::{Script, Stage};

/// Where the instruction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    System,
    Head,
    HeadTail,
    SystemTail,
}

/// What the instruction asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// Reasoning before the answer.
    Reasoning,
    /// A grade by rubric.
    Grade,
    /// Just the task, in a given format.
    Task,
}

/// An instruction around items.
#[derive(Debug)]
pub(crate) struct Wrapper {
    place: Place,
    aim: Aim,
    voice: Voice,
    bag: Vec<u16>,
    /// Sentences of a real instruction, which the first form quotes and others reuse.
    quoted: Vec<String>,
    key: u64,
    /// How many forms; none = a new one for every request.
    forms: Option<u64>,
}

impl Wrapper {
    /// An instruction for a strength.
    pub(crate) fn new(voice: Voice, aim: Aim, strength: u8, stage: &Stage, random: &mut Random) -> Self {
        let place = *random.pick(&[Place::System, Place::Head, Place::HeadTail, Place::SystemTail]);
        let voice = Voice { casual: false, typos: 0.0, habit: 0.0, language: 0, ..voice };
        let bag = stage.speaker(voice).draw_bag(9, random);
        let forms = match strength {
            0..=2 => Some(1),
            3 | 4 => Some(random.between(24, 60) as u64),
            _ => None,
        };
        let quoted = stage.library.shelves.as_ref().and_then(Shelves::wrapper).map(sentences).unwrap_or_default();
        Self { place, aim, voice, bag, quoted, key: random.bits(), forms }
    }

    /// Puts the instruction around an item.
    pub(crate) fn wrap(&self, stage: &Stage, item: &Item, random: &mut Random) -> Script {
        let form = match self.forms {
            Some(forms) => random.below(forms as usize) as u64,
            None => random.bits(),
        };
        let speaker = stage.speaker(self.voice).with(&self.bag, 0.6);
        let head = self.part(speaker, form, 1);
        let tail = if matches!(self.place, Place::HeadTail | Place::SystemTail) {
            self.part(speaker, form, 2)
        } else {
            String::new()
        };
        let task = if self.forms.is_none() {
            rephrase(speaker, stage.library.shelves.as_ref(), &item.prompt, random)
        } else {
            item.prompt.clone()
        };
        match self.place {
            Place::System | Place::SystemTail => Script {
                prompt: if tail.is_empty() { task } else { format!("{task}\n\n{tail}") },
                system: Some(head),
                ..Script::default()
            },
            Place::Head => {
                Script { prompt: format!("{head}\n\n{task}"), system: item.system.clone(), ..Script::default() }
            }
            Place::HeadTail => Script {
                prompt: format!("{head}\n\n{task}\n\n{tail}"),
                system: item.system.clone(),
                ..Script::default()
            },
        }
    }

    /// A real instruction: whole in the first form, about half of it in others.
    fn quote(&self, form: u64, layout: &mut Random, out: &mut String) {
        for sentence in &self.quoted {
            if form == 0 || layout.chance(0.5) {
                out.push_str(sentence);
            }
        }
    }

    /// The instruction in a form: part 1 opens, part 2 (one or two sentences) closes.
    fn part(&self, speaker: Speaker<'_>, form: u64, part: u64) -> String {
        let mut layout = Random::open(&[self.key, form, part]);
        let rules: &[&str] = match (self.aim, part) {
            (_, 1) if self.aim == Aim::Reasoning => &["role", "elicit", "elicit", "rule", "elicit", "rule", "rule"],
            (Aim::Grade, 1) => &["role", "rubric", "rubric", "rubric", "rule", "rubric"],
            (_, 1) => &["role", "rule", "rule", "rule", "rule"],
            (Aim::Reasoning, _) => &["elicit", "rule"],
            (Aim::Grade, _) => &["rubric"],
            _ => &["constraint"],
        };
        let mut out = String::with_capacity(600);
        if part == 1 && self.forms.is_some() && !self.quoted.is_empty() {
            self.quote(form, &mut layout, &mut out);
            if form == 0 {
                return out;
            }
        }
        let join = *layout.pick(&["\n", " ", "\n- "]);
        for (place, rule) in rules.iter().enumerate() {
            // A form keeps about a third of the sentences of the first form, in place; others it writes anew.
            let kept = form == 0 || (self.forms.is_some() && layout.chance(0.35));
            if !kept && layout.chance(0.15) {
                continue;
            }
            let own = if kept { 0 } else { form };
            if !out.is_empty() {
                out.push_str(join);
            }
            speaker.sentence(rule, &mut Random::open(&[self.key, own, part, place as u64, key(&[7])]), &mut out);
        }
        out
    }
}

/// The sentences of a real instruction; the places of its slots are left out.
fn sentences(text: &str) -> Vec<String> {
    text.split_inclusive(". ")
        .flat_map(|part| part.split_inclusive('\n'))
        .filter(|part| !part.contains('{'))
        .map(str::to_owned)
        .collect()
}

/// Says a task in other words: a lead-in or an afterthought, and other words here and there.
fn rephrase(speaker: Speaker<'_>, shelves: Option<&Shelves>, task: &str, random: &mut Random) -> String {
    let lexicon = &speaker.grammar.lexicon;
    let mut out = String::with_capacity(task.len() + 120);
    if random.chance(0.5) {
        speaker.sentence("opener", random, &mut out);
    }
    for (place, word) in task.split(' ').enumerate() {
        if place > 0 {
            out.push(' ');
        }
        let plain = word.len() > 4 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        if plain && random.chance(0.45) {
            match shelves.and_then(|shelves| shelves.word(random)) {
                Some(other) => out.push_str(other),
                None => out.push_str(lexicon.stems.get(usize::from(lexicon.general(random.bits())))),
            }
        } else {
            out.push_str(word);
        }
    }
    if random.chance(0.6) {
        out.push(' ');
        speaker.sentence(if random.chance(0.5) { "constraint" } else { "closer" }, random, &mut out);
    }
    out
}
