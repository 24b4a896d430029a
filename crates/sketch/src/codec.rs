//! Reads and writes the integers of a sketch's bytes.
//!
//! Unsigned integers are LEB128 varints of at most ten bytes in their shortest form; hashes are eight bytes, little
//! endian. Every reader takes from a cursor and refuses left-over bytes, so that one value has one encoding.

/// Why bytes are not a sketch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes end in the middle of a value.
    #[error("read sketch: bytes end at {at} in the middle of {field}")]
    Truncated {
        /// What was being read.
        field: &'static str,
        /// Offset.
        at: usize,
    },
    /// A value is not what an encoder writes.
    #[error("read sketch: {field} at {at} is {value}, which no encoder writes")]
    NotCanonical {
        /// What was being read.
        field: &'static str,
        /// Offset.
        at: usize,
        /// The value.
        value: u64,
    },
    /// The version byte is unknown.
    #[error("read sketch: version {found}, this program reads {known}")]
    Version {
        /// As found.
        found: u8,
        /// As known.
        known: u8,
    },
    /// Bytes are left over.
    #[error("read sketch: {count} bytes left over at {at}")]
    Trailing {
        /// How many.
        count: usize,
        /// Offset.
        at: usize,
    },
}

/// A cursor over the bytes of one sketch.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Reads one byte.
    ///
    /// # Errors
    /// [`Error::Truncated`] at the end.
    pub fn byte(&mut self, field: &'static str) -> Result<u8, Error> {
        let value = *self.bytes.get(self.at).ok_or(Error::Truncated { field, at: self.at })?;
        self.at += 1;
        Ok(value)
    }

    /// Reads eight bytes, little endian.
    ///
    /// # Errors
    /// [`Error::Truncated`] at the end.
    pub fn hash(&mut self, field: &'static str) -> Result<u64, Error> {
        let end = self.at + 8;
        let slice = self.bytes.get(self.at..end).ok_or(Error::Truncated { field, at: self.at })?;
        self.at = end;
        let mut word = [0; 8];
        word.copy_from_slice(slice);
        Ok(u64::from_le_bytes(word))
    }

    /// Reads a varint in its shortest form.
    ///
    /// # Errors
    /// [`Error::Truncated`] at the end; [`Error::NotCanonical`] for a longer form than needed or more than 64 bits.
    pub fn varint(&mut self, field: &'static str) -> Result<u64, Error> {
        let start = self.at;
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte(field)?;
            let bits = u64::from(byte & 0x7f);
            if (shift == 63 && bits > 1) || (shift > 0 && byte == 0) {
                return Err(Error::NotCanonical { field, at: start, value: u64::from(byte) });
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Error::NotCanonical { field, at: start, value })
    }

    /// Fails when a value is outside of what an encoder writes.
    ///
    /// # Errors
    /// [`Error::NotCanonical`] when `holds` is false.
    pub fn require(&self, holds: bool, field: &'static str, value: u64) -> Result<(), Error> {
        if holds { Ok(()) } else { Err(Error::NotCanonical { field, at: self.at, value }) }
    }

    /// Bytes not yet read.
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Error::Trailing`] when bytes are left.
    pub fn finish(self) -> Result<(), Error> {
        let count = self.remaining();
        if count == 0 { Ok(()) } else { Err(Error::Trailing { count, at: self.at }) }
    }
}

/// Appends a varint in its shortest form.
pub fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value as u8) | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed integer, zigzag first.
pub fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_varint(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Undoes the zigzag of [`put_signed`].
pub fn signed(value: u64) -> i64 {
    ((value >> 1) as i64) ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn varint_round_trips(value: u64, small in 0u64..300) {
            for value in [value, small] {
                let mut bytes = Vec::new();
                put_varint(&mut bytes, value);
                let mut reader = Reader::new(&bytes);
                prop_assert_eq!(reader.varint("value").unwrap(), value);
                prop_assert!(reader.finish().is_ok());
            }
        }

        #[test]
        fn signed_round_trips(value: i64) {
            let mut bytes = Vec::new();
            put_signed(&mut bytes, value);
            prop_assert_eq!(signed(Reader::new(&bytes).varint("value").unwrap()), value);
        }

        #[test]
        fn reader_never_panics(bytes: Vec<u8>) {
            let mut reader = Reader::new(&bytes);
            while reader.varint("value").is_ok() {}
            let _ = reader.hash("hash");
        }
    }

    #[test]
    fn longer_forms_are_refused() {
        for bytes in [&[0x80u8, 0x00][..], &[0xff; 10], &[0x80, 0x80, 0x00], &[0xff]] {
            assert!(Reader::new(bytes).varint("value").is_err(), "{bytes:?}");
        }
    }
}
