//! Folds what people vary without meaning to: case, white space, Unicode compatibility forms.
//!
//! NFKC, then lower case, then every run of white space becomes one space, control characters vanish, ends are
//! trimmed. Digits and punctuation stay: two arithmetic tasks differ by their numbers only.
//! Invariant: `normalise(normalise(x)) == normalise(x)` for ASCII; the ASCII path gives what the general path gives.

use unicode_normalization::UnicodeNormalization;

/// Appends the normalised form of `text` to `out`, which is cleared first. Linear in the text.
pub fn normalise(text: &str, out: &mut Vec<u8>) {
    out.clear();
    out.reserve(text.len());
    if text.is_ascii() {
        ascii(text.as_bytes(), out)
    } else {
        unicode(text, out)
    }
    if out.last() == Some(&b' ') {
        out.pop();
    }
}

/// What becomes of an ASCII byte: 0 = dropped, otherwise its normal form.
const ASCII: [u8; 128] = {
    let mut table = [0u8; 128];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = match byte {
            b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | b' ' => b' ',
            0..=31 | 127 => 0,
            _ => byte.to_ascii_lowercase(),
        };
        byte += 1;
    }
    table
};

fn ascii(text: &[u8], out: &mut Vec<u8>) {
    let mut space = true;
    for &byte in text {
        let normal = ASCII[usize::from(byte & 0x7f)];
        if normal == b' ' {
            if !space {
                out.push(b' ');
            }
            space = true;
        } else if normal != 0 {
            out.push(normal);
            space = false;
        }
    }
}

fn unicode(text: &str, out: &mut Vec<u8>) {
    let mut space = true;
    let mut bytes = [0u8; 4];
    for letter in text.nfkc().flat_map(char::to_lowercase) {
        if letter.is_whitespace() {
            if !space {
                out.push(b' ');
            }
            space = true;
        } else if !letter.is_control() {
            out.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
            space = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normal(text: &str) -> String {
        let mut out = Vec::new();
        normalise(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn folds() {
        let check = |input: &str, expected: &str| assert_eq!(normal(input), expected, "{input:?}");
        check("", "");
        check(" \n\t ", "");
        check("  Hello,\r\n\tWORLD 42! ", "hello, world 42!");
        check("a\u{0}b\u{7f}c", "abc");
        check("ＦＵＬＬ　width", "full width");
        check("Ünïcode ﬁne", "ünïcode fine");
        check("日本語　テスト", "日本語 テスト");
    }

    proptest! {
        #[test]
        fn ascii_path_equals_unicode_path(text in "[\\x00-\\x7f]{0,200}") {
            let mut general = Vec::new();
            unicode(&text, &mut general);
            if general.last() == Some(&b' ') {
                general.pop();
            }
            let mut fast = Vec::new();
            normalise(&text, &mut fast);
            prop_assert_eq!(&fast, &general);
            let again = normal(std::str::from_utf8(&fast).unwrap());
            prop_assert_eq!(again.as_bytes(), &fast[..]);
        }

        #[test]
        fn any_text_normalises(text: String) {
            let _ = normal(&text);
        }
    }
}
