//! Places in a script, each with its source line.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::{ReadError, Reader};

/// A place in a script's file, with its source line so that a message can show it.
///
/// ```
/// use dbmigrate::script::Location;
///
/// let text = "SELECT 1;\nSELCT 2;\n";
/// let place = Location::new("migrations/Script-0007.sql", text, 10..15);
/// assert_eq!(place.to_string(), "migrations/Script-0007.sql:2:1");
/// assert_eq!(place.excerpt(), "SELCT 2;");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    path: PathBuf,
    line: usize,
    column: usize,
    excerpt: String,
    mark: Range<usize>,
}

/// The maximum length of an excerpt, in bytes: a line of a dump can be megabytes long.
const EXCERPT: usize = 160;

impl Location {
    /// Returns the place of the bytes `span` of `text`, which is the text of the file `path`.
    #[must_use]
    pub fn new(path: impl AsRef<Path>, text: &str, span: Range<usize>) -> Self {
        let at = floor(text, span.start);
        let start = text[..at].rfind(['\n', '\r']).map_or(0, |end| end + 1);
        let end = text[at..].find(['\n', '\r']).map_or(text.len(), |end| at + end);
        let before = &text[..start];
        let crlf = before.matches("\r\n").count();
        let window = window(text, start..end, at);
        let mark_end = floor(text, span.end).clamp(at, window.end);
        let (before_cut, behind_cut) = (cut(window.start > start), cut(window.end < end));
        let offset = window.start - before_cut.len().min(window.start);
        Self {
            path: path.as_ref().to_owned(),
            line: before.matches(['\n', '\r']).count() - crlf + 1,
            column: text[start..at].chars().count() + 1,
            mark: at - offset..mark_end - offset,
            excerpt: format!("{before_cut}{}{behind_cut}", text[window].replace('\t', " ")),
        }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line, from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, from 1.
    #[must_use]
    pub const fn column(&self) -> usize {
        self.column
    }

    /// The source line, or the part around the place if the line is very long.
    #[must_use]
    pub fn excerpt(&self) -> &str {
        &self.excerpt
    }

    /// The bytes of the excerpt that the place covers; empty at the end of a line.
    #[must_use]
    pub fn mark(&self) -> Range<usize> {
        self.mark.clone()
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

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
        let column = place.column + if place.line == 1 { self.passed.characters } else { 0 };
        Ok(Location { line: place.line + self.passed.lines, column, ..place })
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
        let end = floor(text, text.len().saturating_sub(AROUND));
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

/// Returns the mark for an omitted part of a line.
const fn cut(is_cut: bool) -> &'static str {
    if is_cut { "..." } else { "" }
}

/// Returns the part of a line to show: all of it, or the part around `at`.
fn window(text: &str, line: Range<usize>, at: usize) -> Range<usize> {
    if line.len() <= EXCERPT {
        return line;
    }
    let start = floor(text, at.saturating_sub(EXCERPT / 2)).max(line.start);
    start..floor(text, start + EXCERPT).min(line.end)
}

/// Returns the last character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at.min(text.len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_end_with_lf_crlf_or_cr() {
        for text in ["a\nb\nçdx", "a\r\nb\r\nçdx", "a\rb\rçdx"] {
            let at = text.find('d').expect("it is there");
            let place = Location::new("f.sql", text, at..at + 1);
            assert_eq!(
                (place.to_string().as_str(), place.excerpt(), place.mark()),
                ("f.sql:3:2", "çdx", 2..3),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_very_long_line_is_cut_around_the_place() {
        let text = format!("{}HERE{}", "é".repeat(4000), "z".repeat(4000));
        let at = text.find("HERE").expect("it is there");
        let place = Location::new("f.sql", &text, at..at + 4);
        assert!(place.excerpt().len() <= EXCERPT + 6 && place.excerpt().starts_with("..."));
        assert_eq!(&place.excerpt()[place.mark()], "HERE");
        assert_eq!(place.column(), 4001);
    }

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

    proptest! {
        #[test]
        fn any_span_has_a_place(text in "[aé\r\n\t]{0,20}", start in 0_usize..40, length in 0_usize..10) {
            let place = Location::new("f.sql", &text, start..start + length);
            prop_assert!(place.excerpt().get(place.mark()).is_some());
        }
    }
}
