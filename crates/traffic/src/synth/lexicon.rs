//! Words that nobody uses: content words built of syllables, topics as subsets of them, and a few small languages.
//!
//! Real word lists carry licences and real topics; generated words do neither, and a vocabulary can be as wide as a
//! test needs. Frequencies fall as one over the rank, as in real text. Invariant: equal seeds give equal words, and no
//! two words of one language are equal.

use std::collections::HashSet;

use super::random::Random;

const STEMS: usize = 30_000;
const TOPICS: usize = 800;
/// Stems in one topic.
pub(crate) const TOPIC_STEMS: usize = 160;
const RANKS: usize = 4_096;

/// Pieces from which the words of one language are built.
struct Syllables {
    onsets: &'static [&'static str],
    nuclei: &'static [&'static str],
    codas: &'static [&'static str],
    endings: &'static [&'static str],
}

const COMMON: Syllables = Syllables {
    onsets: &[
        "b", "br", "c", "cl", "cr", "d", "dr", "f", "fl", "g", "gr", "h", "j", "k", "l", "m", "n", "p", "pl", "pr",
        "qu", "r", "s", "sc", "sk", "sl", "sp", "st", "str", "t", "tr", "v", "w", "z",
    ],
    nuclei: &["a", "e", "i", "o", "u", "ai", "ea", "ou", "io", "oa"],
    codas: &["", "", "l", "n", "r", "s", "t", "m", "ck", "nd", "rt", "st", "x", "p", "rn"],
    endings: &[],
};

const SMALL: [Syllables; 6] = [
    Syllables {
        onsets: &["þ", "hr", "kv", "s", "l", "m", "fj", "g", "v", "bl", "ð", "n", "sk", "t"],
        nuclei: &["á", "æ", "ö", "ei", "í", "u", "a", "ó", "é", "y"],
        codas: &["", "r", "nn", "gt", "ð", "m", "ll", "ng"],
        endings: &["ur", "inn", "um", "ar", "a", "ið"],
    },
    Syllables {
        onsets: &["б", "в", "г", "д", "ж", "к", "л", "м", "н", "п", "с", "т", "ц", "ч", "ш", "зр", "кл"],
        nuclei: &["а", "е", "и", "о", "у", "ы", "ю", "я"],
        codas: &["", "", "н", "р", "ст", "к", "л", "м"],
        endings: &["ек", "ому", "ала", "ить", "ня", "ове"],
    },
    Syllables {
        onsets: &["კ", "მ", "ნ", "გ", "ს", "ტ", "რ", "ლ", "დ", "ბ", "ვ", "ც", "ქ", "შ", "ხ"],
        nuclei: &["ა", "ე", "ი", "ო", "უ"],
        codas: &["", "", "რ", "ნ", "ს", "ლ", "ბ"],
        endings: &["ის", "ში", "ება", "ობა", "მა", "ით"],
    },
    Syllables {
        onsets: &[
            "가", "나", "다", "라", "마", "바", "사", "자", "하", "고", "노", "도", "모", "보", "소", "주", "기", "니",
        ],
        nuclei: &["", "리", "미", "시", "지", "산", "론", "문"],
        codas: &["", "", "람", "동", "원", "석", "림"],
        endings: &["에서", "하다", "는", "의", "과", "으로"],
    },
    Syllables {
        onsets: &["ξ", "κ", "λ", "μ", "ν", "π", "ρ", "σ", "τ", "φ", "χ", "θ", "γ", "δ"],
        nuclei: &["α", "ε", "ή", "ί", "ο", "ου", "ω", "αι", "ά"],
        codas: &["", "ς", "ν", "ρ", "λ", "κτ"],
        endings: &["ος", "ία", "ων", "εί", "μα", "ικά"],
    },
    Syllables {
        onsets: &["ng", "k", "m", "tl", "w", "h", "p", "t", "mb", "nd", "ch", "l", "ts"],
        nuclei: &["ā", "ē", "ī", "ō", "ū", "a", "i", "ae", "ua"],
        codas: &["", "", "ʻ", "n", "k"],
        endings: &["nga", "tia", "ana", "tli", "we", "hia"],
    },
];

/// How many small languages there are.
pub(crate) const LANGUAGES: usize = SMALL.len();

/// A list of words in one allocation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words {
    text: String,
    /// Offset in the upper 24 bits, length in the lower 8.
    spans: Vec<u32>,
}

impl Words {
    fn build(count: usize, syllables: &Syllables, random: &mut Random) -> Self {
        let mut words = Self::default();
        let mut seen = HashSet::with_capacity(count);
        let mut word = String::new();
        while words.len() < count {
            word.clear();
            let parts =
                1 + random.weighted(&[3.0, 6.0, 1.0]) + usize::from(words.len() > count / 4 && random.chance(0.3));
            for _ in 0..parts {
                word.push_str(random.pick::<&str>(syllables.onsets));
                word.push_str(random.pick::<&str>(syllables.nuclei));
                if random.chance(0.4) {
                    word.push_str(random.pick::<&str>(syllables.codas));
                }
            }
            if (3..256).contains(&word.len()) && seen.insert(word.clone()) {
                words.spans.push((words.text.len() as u32) << 8 | word.len() as u32);
                words.text.push_str(&word);
            }
        }
        words
    }

    /// How many words.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// One word.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> &str {
        let span = self.spans[index] as usize;
        &self.text[span >> 8..(span >> 8) + (span & 255)]
    }
}

/// One small language.
#[derive(Debug, Clone)]
pub(crate) struct Language {
    /// Words that carry the sentence, the commonest first.
    pub(crate) function: Words,
    /// Words that carry the matter.
    pub(crate) content: Words,
    /// What content words end in.
    pub(crate) endings: &'static [&'static str],
}

/// All words of a world.
#[derive(Debug, Clone)]
pub(crate) struct Lexicon {
    /// Content stems of the common language, the commonest first.
    pub(crate) stems: Words,
    /// Small languages.
    pub(crate) languages: Vec<Language>,
    topics: Vec<[u16; TOPIC_STEMS]>,
    topic_ranks: Vec<u16>,
    stem_ranks: Vec<u16>,
}

impl Lexicon {
    /// Makes the words of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::open(&[seed, 0x1e1]);
        let stems = Words::build(STEMS, &COMMON, &mut random);
        let languages = SMALL
            .iter()
            .map(|syllables| Language {
                function: Words::build(45, syllables, &mut random),
                content: Words::build(5_000, syllables, &mut random),
                endings: syllables.endings,
            })
            .collect();
        let topics = (0..TOPICS).map(|_| std::array::from_fn(|_| random.below(STEMS) as u16)).collect();
        Self { stems, languages, topics, topic_ranks: ranks(TOPIC_STEMS), stem_ranks: ranks(STEMS) }
    }

    /// How many topics there are.
    pub(crate) fn topics(&self) -> usize {
        self.topics.len()
    }

    /// A stem of a topic, by frequency; of the bits those above the lowest eight count.
    #[inline]
    pub(crate) fn topical(&self, topic: usize, bits: u64) -> u16 {
        self.topics[topic][self.topic_ranks[(bits >> 8) as usize % RANKS] as usize]
    }

    /// A stem of the whole language, by frequency; of the bits those above the lowest eight count.
    #[inline]
    pub(crate) fn general(&self, bits: u64) -> u16 {
        let rank = self.stem_ranks[(bits >> 8) as usize % RANKS] as usize;
        // Neighbours in rank share a table entry at the rare end; the offset spreads them.
        (rank + (bits >> 24) as usize % (1 + rank / 200)).min(STEMS - 1) as u16
    }

    /// One of three words that mean about the same.
    pub(crate) fn synonym(stem: u16, random: &mut Random) -> u16 {
        let group = stem - stem % 3;
        (group + random.below(3) as u16).min(STEMS as u16 - 1)
    }
}

/// Ranks below `count` as a table to be indexed uniformly, with frequencies falling as one over the rank.
fn ranks(count: usize) -> Vec<u16> {
    let top = (count as f64 + 1.0).ln();
    (0..RANKS)
        .map(|index| {
            let rank = (top * (index as f64 + 0.5) / RANKS as f64).exp() - 1.0;
            (rank as usize).min(count - 1) as u16
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_distinct_and_equal_for_equal_seeds() {
        let lexicon = Lexicon::new(3);
        let all = |words: &Words| (0..words.len()).map(|index| words.get(index).to_owned()).collect::<HashSet<_>>();
        assert_eq!(all(&lexicon.stems).len(), STEMS);
        assert_eq!(lexicon.languages.len(), LANGUAGES);
        for language in &lexicon.languages {
            assert_eq!(all(&language.content).len(), 5_000);
        }
        assert_eq!(all(&lexicon.stems), all(&Lexicon::new(3).stems));
        assert_ne!(all(&lexicon.stems), all(&Lexicon::new(4).stems));
    }

    #[test]
    fn frequent_words_are_frequent() {
        let lexicon = Lexicon::new(1);
        let mut random = Random::open(&[1]);
        let common = (0..10_000).filter(|_| lexicon.general(random.bits()) < 100).count();
        assert!((3_500..5_500).contains(&common), "found {common}");
    }
}
