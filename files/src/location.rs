//! Places in a script, each with its source line.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

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

    /// Returns the place for a text that begins this many lines later, and on the first line this many characters later.
    #[doc(hidden)]
    #[must_use]
    pub fn shifted(self, lines: usize, characters: usize) -> Self {
        let column = self.column + if self.line == 1 { characters } else { 0 };
        Self { line: self.line + lines, column, ..self }
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

    proptest! {
        #[test]
        fn any_span_has_a_place(text in "[aé\r\n\t]{0,20}", start in 0_usize..40, length in 0_usize..10) {
            let place = Location::new("f.sql", &text, start..start + length);
            prop_assert!(place.excerpt().get(place.mark()).is_some());
        }
    }
}
