//! What a request wants to see of the model, told from structure alone, in any language.
//!
//! No word list: lines that count up, numbers at the end, tags, braces, and the ratio of answer to prompt. Each class
//! is a weak sign that many honest products show too; only its rate over a group, against all customers, is evidence.

/// Number of classes.
pub const CLASSES: usize = 6;

/// Names of the classes, in the order of their bits.
pub const NAMES: [&str; CLASSES] = [
    "text in tags",
    "a numbered rubric",
    "a score at the end of the answer",
    "a data format",
    "an answer many times longer than the prompt",
    "an answer in numbered steps",
];

/// Bytes of a text that are looked at from either end: structure shows early.
const LOOK_BYTES: usize = 4096;

/// The classes of one exchange, as bits in the order of [`NAMES`].
pub fn classes(system: Option<&str>, prompt: Option<&str>, response: Option<&str>) -> u8 {
    let asked = [system.unwrap_or(""), prompt.unwrap_or("")].map(|text| opening(text.as_bytes()));
    let answer = opening(response.unwrap_or("").as_bytes());
    let prompt_bytes = prompt.map_or(0, str::len);
    let answer_bytes = response.map_or(0, str::len);
    let bits = [
        asked.iter().any(|text| tags(text) >= 2) || tags(answer) >= 1,
        asked.iter().any(|text| counted_lines(text) >= 3 && has_range(text)),
        answer_bytes > 0 && ends_with_score(response.unwrap_or("").as_bytes()),
        asked.iter().any(|text| quoted_keys(text) >= 2) || looks_like_data(answer),
        prompt_bytes > 0 && answer_bytes >= 800 && answer_bytes >= 8 * prompt_bytes,
        counted_lines(answer) >= 3,
    ];
    bits.into_iter().enumerate().fold(0, |mask, (index, is)| mask | (u8::from(is) << index))
}

fn opening(text: &[u8]) -> &[u8] {
    &text[..text.len().min(LOOK_BYTES)]
}

/// Closing tags: `</` and a letter.
fn tags(text: &[u8]) -> usize {
    let letter = |at: usize| text.get(at + 2).is_some_and(u8::is_ascii_alphabetic);
    memchr::memchr_iter(b'<', text).filter(|&at| text.get(at + 1) == Some(&b'/') && letter(at)).count()
}

/// Lines that open with the number that comes next: 1, 2, 3 …
fn counted_lines(text: &[u8]) -> u64 {
    let mut next = 1u64;
    let mut from = 0;
    loop {
        let line = &text[from..];
        let start = line.iter().take(13).take_while(|&&byte| byte != b'\n').position(u8::is_ascii_digit);
        if let Some(at) = start {
            let digits = line[at..].iter().take_while(|byte| byte.is_ascii_digit()).take(6);
            next += u64::from(digits.fold(0u64, |value, byte| value * 10 + u64::from(byte - b'0')) == next);
        }
        match memchr::memchr(b'\n', line) {
            Some(length) => from += length + 1,
            None => return next - 1,
        }
    }
}

/// A range such as 1-5, 0–10 or 1/10 between short numbers.
fn has_range(text: &[u8]) -> bool {
    text.windows(3).enumerate().any(|(at, three)| {
        let joins = matches!(three[1], b'-' | b'/') || (three[1] == 0xe2 && text.get(at + 2) == Some(&0x80));
        let after = if three[1] == 0xe2 { at + 4 } else { at + 2 };
        three[0].is_ascii_digit() && joins && text.get(after).is_some_and(u8::is_ascii_digit)
    })
}

/// The last line is short and ends in a number, brackets aside.
fn ends_with_score(text: &[u8]) -> bool {
    let end = text.len() - text.iter().rev().take_while(|byte| byte.is_ascii_whitespace()).count();
    let line_at = text[..end].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = &text[line_at..end];
    let tail = line.iter().rev().find(|byte| !matches!(byte, b']' | b')' | b'*' | b'.' | b'"' | b'}'));
    line.len() <= 40 && end > line.len() && tail.is_some_and(u8::is_ascii_digit)
}

/// Keys of a data format: a closing quote and a colon.
fn quoted_keys(text: &[u8]) -> usize {
    memchr::memchr_iter(b'"', text).filter(|&at| text.get(at + 1) == Some(&b':')).count()
}

fn looks_like_data(text: &[u8]) -> bool {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'[')) && quoted_keys(text) >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(system: &str, prompt: &str, response: &str, expected: &[usize]) {
        let found = classes(Some(system), Some(prompt), Some(response));
        let bits: Vec<usize> = (0..CLASSES).filter(|bit| found & (1 << bit) != 0).collect();
        assert_eq!(bits, expected, "{system:?} {prompt:?}");
    }

    #[test]
    fn structure_is_found() {
        check("", "hello there", "hi, how are you?", &[]);
        check("", "think in <t>…</t> then <a>…</a>", "ok", &[0]);
        check("", "grade it:\n1. truth\n2. style\n3. length\neach 1-5", "good\nScore: 4", &[1, 2]);
        check("", "note:\n1. wahr\n2. schön\n3. kurz\nje 1–5", "gut\n[[4]]", &[1, 2]);
        check("", "give {\"question\": \"…\", \"answer\": \"…\"}", "{\"question\": 1, \"answer\": 2}", &[3]);
        check("", "why?", &"because ".repeat(200), &[4]);
        check(
            "",
            "how do I bake bread with all the things I have here at home in the kitchen?",
            "1. a\n2. b\n3. c",
            &[5],
        );
        check("", "the meeting is on 3-4 may", "fine, see you in 2026", &[]);
    }

    #[test]
    fn absent_texts_have_no_class() {
        assert_eq!(classes(None, None, None), 0);
        assert_eq!(classes(None, Some(""), Some("")), 0);
    }
}
