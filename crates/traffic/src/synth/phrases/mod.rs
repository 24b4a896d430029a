//! The patterns of the text grammar: rules by name, each a list of alternatives.
//!
//! `[rule]` expands a rule, `{a|b}` takes one of several, and `#x` is a generated word or number: `n` noun, `s` plural,
//! `a` adjective, `v` verb, `g` its -ing form, `d` its past, `y` adverb, `N` name, `i` identifier, `1` small number,
//! `2` larger number, `3` decimal number. Function words are English; content words exist in the lexicon only.
//! Invariant: `request`, `question`, `sentence` and the other rules that the simulator names are present (a test).

mod matter;
mod speech;

/// All rules: what people say, then what products, documents and answers say.
pub(crate) const RULES: [&[(&str, &[&str])]; 2] = [speech::RULES, matter::RULES];
