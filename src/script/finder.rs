//! Finds places in a script whose text is read part by part.

use std::ops::Range;
use std::path::Path;

use super::{Location, ReadError, Reader};

/// Finds places in a text that is read once. No place may begin before the previous one.
pub(super) struct Finder {
    reader: Reader,
    text: String,
    passed: Passed,
    more: bool,
}

impl Finder {
    pub(super) fn new(reader: Reader) -> Self {
        Self { reader, text: String::new(), passed: Passed::default(), more: true }
    }

    /// Returns the place of these bytes.
    pub(super) fn find(&mut self, path: &Path, span: &Range<usize>) -> Result<Location, ReadError> {
        while self.more && self.passed.bytes + self.text.len() < span.start + AROUND {
            self.passed.pass(&mut self.text);
            self.more = self.reader.read(&mut self.text)?;
        }
        let at = |offset: usize| offset.saturating_sub(self.passed.bytes);
        let place = Location::new(path, &self.text, at(span.start)..at(span.end));
        Ok(place.shifted(self.passed.lines, self.passed.characters))
    }
}

/// Returns the bytes of a line of a text: the line that is `lines` lines after the one that starts at `from`.
pub(super) fn line(mut reader: Reader, from: usize, lines: usize) -> Result<Range<usize>, ReadError> {
    let (mut base, mut start, mut left, mut text) = (0, from, lines, String::new());
    loop {
        text.clear();
        let more = reader.read(&mut text)?;
        let behind = text.as_bytes().get(start.saturating_sub(base)..).unwrap_or_default();
        let first = base + text.len() - behind.len();
        for end in memchr::memchr_iter(b'\n', behind) {
            if left == 0 {
                return Ok(start..first + end);
            }
            left -= 1;
            start = first + end + 1;
        }
        base += text.len();
        if !more {
            return Ok(start..base.max(start));
        }
    }
}

/// The number of bytes that are held around a place: more than an excerpt shows.
const AROUND: usize = 4096;

/// The size of the text before a window.
#[derive(Default)]
struct Passed {
    bytes: usize,
    lines: usize,
    /// The number of characters of the last line.
    characters: usize,
}

impl Passed {
    /// Removes all but the end of a text, and counts what it removes.
    fn pass(&mut self, text: &mut String) {
        let end = text.floor_char_boundary(text.len().saturating_sub(AROUND));
        let end = end - usize::from(text[..end].ends_with('\r'));
        let before = &text[..end];
        let line = before.rfind(['\n', '\r']).map(|end| end + 1);
        self.lines += before.matches(['\n', '\r']).count() - before.matches("\r\n").count();
        let earlier = if line.is_some() { 0 } else { self.characters };
        self.characters = earlier + before[line.unwrap_or(0)..].chars().count();
        self.bytes += end;
        text.drain(..end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_far_behind_is_the_same_as_in_the_whole_text() {
        for end in ["\n", "\r\n", "\r"] {
            let text = format!("{}{end}", "aé😀\tx".repeat(200)).repeat(400) + &"é".repeat(400_000);
            let bytes = text.clone().into_bytes();
            let scripts = crate::Scripts::from_files([("Script-0001.sql", bytes)]);
            let mut spans = Vec::new();
            for at in [0, 5, 262_144, 262_145, 500_000, 700_001, text.len() - 2, text.len(), text.len() + 9] {
                let span = at..at + 3;
                let place = Location::new("Script-0001.sql", &text, span.clone());
                assert_eq!(scripts.scripts()[0].locate(span.clone()), place, "{at}");
                spans.push((span, place));
            }
            let (spans, places): (Vec<_>, Vec<_>) = spans.into_iter().unzip();
            assert_eq!(scripts.scripts()[0].locate_all(&spans), places, "in one reading");
        }
    }

    #[test]
    fn a_line_is_counted_from_a_place() {
        let text = "a\nbc\nd\n".repeat(100_000) + "end";
        let scripts = crate::Scripts::from_files([("Script-0001.sql", text.clone().into_bytes())]);
        let line = |from, lines| text[scripts.scripts()[0].line(from, lines).expect("in memory")].to_owned();
        assert_eq!(
            [line(0, 0), line(0, 1), line(5, 3), line(0, 299_998), line(0, 300_000)],
            ["a", "bc", "d", "bc", "end"]
        );
    }
}
