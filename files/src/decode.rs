//! Decodes bytes that arrive in parts.

use crate::DecodeError;

/// Decodes UTF-8 with or without a byte order mark, and UTF-16 with one. The input may be split at any byte.
#[derive(Debug, Default)]
pub struct Decoder {
    encoding: Option<Encoding>,
    /// The bytes of an incomplete character.
    rest: Vec<u8>,
    /// The file offset of the next byte to decode.
    at: u64,
}

#[derive(Debug, Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
}

const NUL: &str = "a NUL character (UTF-16 without a byte order mark?)";

impl Decoder {
    /// Decodes the next bytes and appends the text. An incomplete character waits for its remaining bytes.
    ///
    /// # Errors
    ///
    /// If the bytes are not text.
    pub fn decode(&mut self, bytes: &[u8], text: &mut String) -> Result<(), DecodeError> {
        if self.encoding.is_some() && self.rest.is_empty() {
            return self.append(bytes, text);
        }
        self.rest.extend_from_slice(bytes);
        // three bytes are enough to detect the encoding
        if self.encoding.is_some() || self.rest.len() >= 3 {
            self.rest_of(text)?;
        }
        Ok(())
    }

    /// Finishes decoding after the last bytes.
    ///
    /// # Errors
    ///
    /// If the text ends in the middle of a character.
    pub fn finish(&mut self, text: &mut String) -> Result<(), DecodeError> {
        if self.encoding.is_none() {
            self.rest_of(text)?;
        }
        match (self.rest.is_empty(), self.encoding) {
            (true, _) => Ok(()),
            (false, Some(Encoding::Utf16(_))) if self.rest.len() > 1 => {
                Err(self.error("invalid UTF-16 (an unpaired surrogate)"))
            }
            (false, Some(Encoding::Utf16(_))) => Err(self.error("invalid UTF-16 (half a character)")),
            (false, _) => Err(self.error("invalid UTF-8")),
        }
    }

    fn rest_of(&mut self, text: &mut String) -> Result<(), DecodeError> {
        let mut bytes = std::mem::take(&mut self.rest);
        if self.encoding.is_none() {
            let (encoding, mark) = Encoding::of(&bytes);
            self.encoding = Some(encoding);
            self.at = mark as u64;
            bytes.drain(..mark);
        }
        self.append(&bytes, text)
    }

    fn append(&mut self, bytes: &[u8], text: &mut String) -> Result<(), DecodeError> {
        let start = text.len();
        let (from, answer) = (
            self.at,
            match self.encoding {
                Some(Encoding::Utf16(unit)) => self.utf16(bytes, unit, text),
                _ => self.utf8(bytes, text),
            },
        );
        // a NUL before an invalid byte is the first error
        if let Some(nul) = memchr::memchr(0, &text.as_bytes()[start..]) {
            let before = &text[start..start + nul];
            let before = match self.encoding {
                Some(Encoding::Utf16(_)) => before.encode_utf16().count() * 2,
                _ => before.len(),
            };
            return Err(DecodeError { at: from + before as u64, reason: NUL });
        }
        answer
    }

    fn utf8(&mut self, bytes: &[u8], text: &mut String) -> Result<(), DecodeError> {
        let (valid, error_len) = match std::str::from_utf8(bytes) {
            Ok(valid) => (valid, None),
            Err(error) => {
                let valid = &bytes[..error.valid_up_to()];
                (std::str::from_utf8(valid).unwrap_or_default(), error.error_len())
            }
        };
        text.push_str(valid);
        self.at += valid.len() as u64;
        if error_len.is_some() {
            return Err(self.error("invalid UTF-8"));
        }
        self.rest.extend_from_slice(&bytes[valid.len()..]);
        Ok(())
    }

    fn utf16(&mut self, bytes: &[u8], unit: fn([u8; 2]) -> u16, text: &mut String) -> Result<(), DecodeError> {
        let (units, _) = bytes.as_chunks::<2>();
        let high = |pair: &[u8; 2]| (0xd800..0xdc00).contains(&unit(*pair));
        // the second half of a surrogate pair may be in the next part
        let whole = units.len() - usize::from(units.last().is_some_and(high));
        text.reserve(whole);
        for char in char::decode_utf16(units[..whole].iter().map(|pair| unit(*pair))) {
            let char = char.map_err(|_| self.error("invalid UTF-16 (an unpaired surrogate)"))?;
            self.at += char.len_utf16() as u64 * 2;
            text.push(char);
        }
        self.rest.extend_from_slice(&bytes[whole * 2..]);
        Ok(())
    }

    const fn error(&self, reason: &'static str) -> DecodeError {
        DecodeError { at: self.at, reason }
    }
}

impl Encoding {
    /// Returns the encoding of a file that begins with these bytes, and the length of its byte order mark.
    fn of(bytes: &[u8]) -> (Self, usize) {
        match bytes {
            [0xff, 0xfe, ..] => (Self::Utf16(u16::from_le_bytes), 2),
            [0xfe, 0xff, ..] => (Self::Utf16(u16::from_be_bytes), 2),
            [0xef, 0xbb, 0xbf, ..] => (Self::Utf8, 3),
            _ => (Self::Utf8, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Text;

    fn in_parts(bytes: &[u8], width: usize) -> Result<String, DecodeError> {
        let (mut decoder, mut text) = (Decoder::default(), String::new());
        bytes.chunks(width).try_for_each(|part| decoder.decode(part, &mut text))?;
        decoder.finish(&mut text).map(|()| text)
    }

    fn same_in_parts(bytes: &[u8]) {
        let whole = Text::decode(bytes).map(|text| text.as_str().to_owned());
        for width in 1..=bytes.len().max(1) {
            assert_eq!(in_parts(bytes, width), whole, "{bytes:?} by {width}");
        }
    }

    #[test]
    fn a_text_is_the_same_however_it_is_cut() {
        let utf16 = |unit: fn(u16) -> [u8; 2]| "\u{feff}é😀\r\nx".encode_utf16().flat_map(unit).collect::<Vec<_>>();
        for bytes in [utf16(u16::to_le_bytes), utf16(u16::to_be_bytes), "\u{feff}é😀\rx".into(), "é😀\r\nx".into()]
        {
            same_in_parts(&bytes);
            same_in_parts(&bytes[..bytes.len() - 1]);
        }
        same_in_parts(b"");
        same_in_parts(b"a\0b\xff");
    }

    proptest! {
        #[test]
        fn any_bytes_mean_the_same_however_they_are_cut(mark in 0..3_usize, bytes in proptest::collection::vec(any::<u8>(), 0..16)) {
            let mark: &[u8] = [b"".as_slice(), b"\xff\xfe", b"\xfe\xff"][mark];
            same_in_parts(&[mark, &bytes].concat());
        }
    }
}
