//! Windows over the skeleton of a text: short words, punctuation and layout stay, content is masked.
//!
//! A paraphrase changes the content words of a template and keeps much of its build. Language-free: a run of letters
//! of at most three bytes stays, a longer one becomes `w`, a run of digits becomes `0`, a line break stays a line
//! break, other white space vanishes, every other character stays.

use crate::key::Key;
use crate::kind::{Feature, Kind};
use crate::window::{self, Kept, WIDTH};

/// Windows kept of one skeleton.
pub const WINDOWS: usize = 2;
/// Bytes of text looked at: a template shows its build at the start.
const TEXT_BYTES_MAX: usize = 1024;
/// Letters of a word that stays, in bytes: "the" stays, "tree" is content.
const WORD_BYTES_MAX: usize = 3;

/// Scratch space for skeletons.
#[derive(Debug, Clone, Default)]
pub struct Skeleton {
    masked: Vec<u8>,
    kept: Vec<Kept>,
}

impl Skeleton {
    /// Appends the smallest windows of the text's skeleton.
    pub fn features(&mut self, key: &Key, table: &[u64; 256], text: &str, out: &mut Vec<Feature>) {
        mask(text, &mut self.masked);
        window::smallest(table, &self.masked, WINDOWS, &mut self.kept);
        for kept in &self.kept {
            let start = kept.start as usize;
            out.push(key.feature(Kind::Skeleton, &self.masked[start..start + WIDTH]));
        }
    }
}

/// Writes the skeleton of the first [`TEXT_BYTES_MAX`] bytes.
fn mask(text: &str, out: &mut Vec<u8>) {
    out.clear();
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let bytes = &text.as_bytes()[..end];
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let run = |is: fn(u8) -> bool| bytes[at..].iter().take_while(|&&other| is(other)).count();
        if is_letter(byte) {
            let length = run(is_letter);
            if length <= WORD_BYTES_MAX {
                out.extend(bytes[at..at + length].iter().map(u8::to_ascii_lowercase));
            } else {
                out.push(b'w');
            }
            out.push(b' ');
            at += length;
        } else if byte.is_ascii_digit() {
            out.extend_from_slice(b"0 ");
            at += run(|other| other.is_ascii_digit());
        } else {
            if byte == b'\n' || !(byte.is_ascii_whitespace() || byte.is_ascii_control()) {
                out.push(byte);
            }
            at += 1;
        }
    }
}

/// Every byte of a letter outside of ASCII counts as one: scripts need no tables.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_content() {
        let check = |input: &str, expected: &str| {
            let mut out = Vec::new();
            mask(input, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{input:?}");
        };
        check("What is the capital of France?", "w is the w of w ?");
        check("What is the currency of Norway?", "w is the w of w ?");
        check("1. Apples\n2. 30 pears", "0 .w \n0 .0 w ");
        check("日本語のテスト。", "w ");
        check("", "");
    }
}
