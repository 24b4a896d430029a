//! The signals: each measures one thing of a group, against a stated null hypothesis.
//!
//! *Coordination* signals ask whether a group is one operation, *purpose* signals whether it harvests. No signal reads
//! a prompt, a language, a country or which network it was. A signal counts towards a decision only when it is both
//! improbable under its null and large (`least effect`): with many accounts everything is improbable.

pub mod content;
pub mod elicitation;
pub mod even;
pub mod human;
pub mod origin;
pub mod reference;
pub mod signature;
pub mod split;

use crate::campaign::{Evidence, Question};

/// Level at which a single signal may count: strict, since several groups are asked every day.
pub const LN_P_COUNTS: f64 = -11.512_925_464_970_229; // ln 1e-5

/// Signals that are told and decide nothing: the customers of a hosted product have one way out for all of them, and one
/// onboarding, as a pool has.
const TOLD_ONLY: [&str; 2] = ["shared networks", "sign-up bursts"];

/// What a signal found.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// Its name.
    pub name: &'static str,
    /// What it speaks for.
    pub question: Question,
    /// The null hypothesis, as a sentence.
    pub null: &'static str,
    /// ln of the p-value; 0 when nothing could be measured.
    pub ln_p: f64,
    /// Size, in the sentence's unit.
    pub effect: f64,
    /// Size among comparable customers.
    pub expected: f64,
    /// Whether the size is at least what the signal demands.
    pub large: bool,
    /// One sentence that a person can check.
    pub sentence: String,
    /// What would clear it.
    pub clears: &'static str,
}

impl Signal {
    /// Whether it counts towards a decision.
    pub fn counts(&self) -> bool {
        self.large && self.ln_p <= LN_P_COUNTS && !TOLD_ONLY.contains(&self.name)
    }

    /// As it is written and shown.
    pub fn evidence(&self) -> Evidence {
        Evidence {
            signal: self.name.to_owned(),
            question: self.question,
            null: self.null.to_owned(),
            p_value: Some(self.ln_p.exp().max(f64::MIN_POSITIVE)),
            e_value: None,
            effect: self.effect,
            expected: self.expected,
            counted: self.counts(),
            sentence: self.sentence.clone(),
            clears: self.clears.to_owned(),
        }
    }
}

/// A whole number for a sentence, its digits in groups of three.
pub(crate) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share as a percentage for a sentence.
pub(crate) fn percent(share: f64) -> String {
    let value = 100.0 * share;
    if value == 0.0 || (9.95..=90.0).contains(&value) || value == 100.0 {
        format!("{value:.0} %")
    } else if value < 0.1 {
        "less than 0.1 %".to_owned()
    } else if value > 99.9 {
        "more than 99.9 %".to_owned()
    } else {
        format!("{value:.1} %")
    }
}
