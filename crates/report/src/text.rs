//! Text from traffic, made safe to look at.
//!
//! Escaping markup is not enough: an account id may carry terminal escapes, turn the reading direction, or hide
//! characters so that two ids look alike. Such characters are written out as `\u{…}`. Invariant: what leaves this
//! module holds no control character (but the line feeds of a passage) and no character that reorders its neighbours.

/// Longest name shown, in characters.
const NAME_CHARS_MAX: usize = 80;
/// Longest sentence shown, in characters: far above any that detection writes.
const SENTENCE_CHARS_MAX: usize = 1_500;
/// Longest passage of a prompt shown, in characters.
const PASSAGE_CHARS_MAX: usize = 900;

/// An identifier on one line.
pub fn name(text: &str) -> String {
    shown(text, NAME_CHARS_MAX, |character| is_hidden(character) || is_joiner(character))
}

/// An identifier on one line that has room for `limit` characters only.
pub fn short_name(text: &str, limit: usize) -> String {
    shorten(&name(text), limit)
}

/// A sentence on one line.
pub fn sentence(text: &str) -> String {
    shown(text.trim(), SENTENCE_CHARS_MAX, is_hidden)
}

/// The opening of a text with its line feeds.
pub fn passage(text: &str) -> String {
    shown(text, PASSAGE_CHARS_MAX, |character| character != '\n' && is_hidden(character))
}

/// A text of at most `limit` characters; what is cut is marked by an ellipsis.
pub fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_string();
    }
    let mut cut: String = text.chars().take(limit.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

fn shown(text: &str, limit: usize, is_bad: impl Fn(char) -> bool) -> String {
    let mut out = String::new();
    for character in text.chars().take(limit) {
        match character {
            '\t' => out.push(' '),
            bad if is_bad(bad) => out.push_str(&format!("\\u{{{:04x}}}", u32::from(bad))),
            good => out.push(good),
        }
    }
    let length = text.chars().count();
    if length > limit {
        out.push_str(&format!("… ({} characters)", crate::number::count(length as u64)));
    }
    out
}

/// Characters that move the cursor, turn the direction, or cannot be seen.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Joiners belong to ordinary words of several scripts, but to no identifier.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hidden_characters_of_a_name_are_written_out() {
        let check = |given: &str, expect: &str| assert_eq!(name(given), expect);
        check("acct-1", "acct-1");
        check("клиент 客户", "клиент 客户");
        check("a\u{1b}[31mb", "a\\u{001b}[31mb");
        check("a\nb\tc", "a\\u{000a}b c");
        check("evil\u{202e}gpj.exe", "evil\\u{202e}gpj.exe");
        check("a\u{200d}b", "a\\u{200d}b");
        check(&"x".repeat(4_096), &format!("{}… (4,096 characters)", "x".repeat(80)));
    }

    #[test]
    fn a_passage_keeps_its_lines_and_its_joiners() {
        assert_eq!(passage("one\ntwo می\u{200c}خواهم\u{7}"), "one\ntwo می\u{200c}خواهم\\u{0007}");
    }

    #[test]
    fn shortening_counts_characters() {
        let check = |given: &str, limit, expect: &str| assert_eq!(shorten(given, limit), expect);
        check("abc", 3, "abc");
        check("abcd", 3, "ab…");
        check("äöüß", 3, "äö…");
    }

    proptest! {
        #[test]
        fn nothing_hidden_passes(text in any::<String>()) {
            prop_assert!(!name(&text).chars().any(|c| is_hidden(c) || is_joiner(c)));
            prop_assert!(!sentence(&text).chars().any(is_hidden));
            prop_assert!(!passage(&text).chars().any(|c| c != '\n' && is_hidden(c)));
        }
    }
}
