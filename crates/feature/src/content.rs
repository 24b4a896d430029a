//! What a prompt is about, as a short signed vector whose sums can be compared.
//!
//! Every word of at least four bytes adds or takes one unit at a keyed place of 64 (a count sketch): the inner product
//! of two such vectors estimates how many words the texts share, and the inner product of two *sums* is the sum over
//! all pairs. So a group can be asked whether what one account wrote resembles itself more than it resembles the
//! others, from one vector an account and without any text.
//!
//! Invariant: one text contributes entries whose absolute values add up to at most [`UNITS`], whatever its length.

/// Entries of a vector.
pub const PLACES: usize = 64;
/// Units that one text spreads over the places.
pub const UNITS: i32 = 256;
/// Bytes of a normalised text that are looked at.
const TEXT_BYTES_MAX: usize = 4096;
/// Bytes of the shortest word that counts.
const WORD_BYTES_MIN: usize = 4;

/// The vector of one normalised text; all zero when it has no word.
pub fn vector(table: &[u64; 256], normal: &[u8]) -> [i32; PLACES] {
    let mut places = [0i32; PLACES];
    let mut words = 0;
    let text = &normal[..normal.len().min(TEXT_BYTES_MAX)];
    for word in text.split(|byte| !(byte.is_ascii_alphanumeric() || *byte >= 0x80)) {
        if word.len() < WORD_BYTES_MIN {
            continue;
        }
        let mut state = 0u64;
        for &byte in word {
            state = (state.rotate_left(7) ^ table[usize::from(byte)]).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        let sign = if state >> 63 == 1 { 1 } else { -1 };
        places[(state >> 40) as usize % PLACES] += sign;
        words += 1;
    }
    if words > 0 {
        for place in &mut places {
            *place = *place * UNITS / words;
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;
    use proptest::prelude::*;

    fn of(text: &str) -> [i32; PLACES] {
        vector(&Key::from_bytes([6; 32]).rolling_table(), text.as_bytes())
    }

    fn inner(one: &[i32; PLACES], two: &[i32; PLACES]) -> i64 {
        one.iter().zip(two).map(|(&a, &b)| i64::from(a) * i64::from(b)).sum()
    }

    #[test]
    fn alike_texts_are_nearer() {
        let tides = of("why does the moon cause tides twice every day on the coast");
        let moon = of("does the moon also cause tides on the coast of lakes twice");
        let code = of("write python function parsing nested lists into flat tuples");
        assert!(inner(&tides, &moon) > 3 * inner(&tides, &code).abs());
        assert_eq!(of("a of to"), [0; PLACES]);
    }

    proptest! {
        #[test]
        fn bounded_whatever_the_text(text in "[a-zäöü0-9 ]{0,600}") {
            let total: i64 = of(&text).iter().map(|&place| i64::from(place.abs())).sum();
            prop_assert!(total <= i64::from(UNITS));
        }
    }
}
