//! Sources of statements: a whole text, or a window of a text that is read in parts.

use std::convert::Infallible;
use std::ops::Range;
use std::sync::Arc;

use super::cursor::Comments;
use super::dialect::Reader;
use super::{Dialect, Split, SplitError, SplitErrorKind, Statement};

/// Returns the statements of a text, in order.
pub(crate) trait Source {
    /// Why more of the text cannot be read.
    type Failure;

    fn next(&mut self) -> Option<Result<Statement, SourceError<Self::Failure>>>;

    /// Returns part of the text that is held.
    fn text(&self, range: &Range<usize>) -> &str;

    /// Releases the text before the next statement, which is no longer needed.
    fn release(&mut self);
}

/// Why no further statement can be returned.
#[derive(Debug)]
pub(crate) enum SourceError<F> {
    /// The text cannot be split.
    Split(SplitError),
    /// The text cannot be read.
    Read(F),
}

impl<F> From<SplitError> for SourceError<F> {
    fn from(error: SplitError) -> Self {
        Self::Split(error)
    }
}

impl Source for Split<'_> {
    type Failure = Infallible;

    fn next(&mut self) -> Option<Result<Statement, SourceError<Infallible>>> {
        Iterator::next(self).map(|statement| statement.map_err(SourceError::Split))
    }

    fn text(&self, range: &Range<usize>) -> &str {
        self.whole().get(range.clone()).unwrap_or_default()
    }

    fn release(&mut self) {}
}

/// Supplies a text in parts.
pub(crate) trait TextSource {
    /// Why it cannot supply more.
    type Failure;

    /// Appends more of the text; returns `false` after the last part.
    fn supply(&mut self, text: &mut String) -> Result<bool, Self::Failure>;
}

/// Splits a text of which only a part is held at a time: one statement, and what is read along with it.
///
/// A statement is returned when more text would not change it: it is split again with more text until it ends well
/// before the end of what is held.
#[derive(Debug)]
pub(crate) struct SlidingBuffer<S> {
    supply: S,
    text: String,
    /// The offset of the held text in the whole text.
    base: usize,
    /// The offset of the next statement in the held text.
    at: usize,
    /// The offset in the held text from which it is still needed.
    keep: usize,
    /// The state after the last statement.
    reader: Box<dyn Reader>,
    comments: Comments,
    /// Whether the held text reaches the end of the whole text.
    ended: bool,
    failed: bool,
    data: Option<Rows>,
}

/// The data after a `COPY`.
#[derive(Debug)]
struct Rows {
    /// The offset of the statement.
    copy: usize,
    /// Whether the next byte starts a line.
    line: bool,
}

/// More bytes than the lexers look at after the end of a statement.
const MARGIN: usize = 64;

/// The distance from the end of the held text at which an error remains an error with more text.
const FAR: usize = 64 * 1024;

/// The maximum length of the end of a `COPY`'s data, with its line breaks.
const DATA_END: usize = "\n\\.\r\n".len();

impl<S: TextSource> SlidingBuffer<S> {
    /// `own` is the database to which a dump may connect.
    pub(crate) fn new(dialect: &dyn Dialect, own: Option<Arc<str>>, supply: S) -> Self {
        Self {
            supply,
            text: String::new(),
            base: 0,
            at: 0,
            keep: 0,
            reader: dialect.reader(own),
            comments: Comments::default(),
            ended: false,
            failed: false,
            data: None,
        }
    }

    /// Reads the beginning of the text, and returns the whole text if it is short enough.
    pub(crate) fn whole(&mut self) -> Result<Option<&str>, S::Failure> {
        if !self.ended && self.text.len() < FAR {
            self.more()?;
        }
        Ok((self.ended && self.base == 0).then_some(&self.text))
    }

    pub(crate) const fn supply(&self) -> &S {
        &self.supply
    }

    /// The comments so far that dbmigrate or another tool acts on.
    pub(crate) const fn comments(&self) -> &Comments {
        &self.comments
    }

    /// Releases the text before this place, which is no longer needed.
    pub(crate) fn keep_from(&mut self, at: usize) {
        self.keep = at.saturating_sub(self.base).max(self.keep);
    }

    /// The start of the text that is still needed: the end of the last statement, or data, that was released.
    pub(crate) const fn lead(&self) -> usize {
        self.base + self.keep
    }

    /// Returns what is held from a place on.
    pub(crate) fn rest(&self, from: usize) -> &str {
        from.checked_sub(self.base).and_then(|from| self.text.get(from..)).unwrap_or_default()
    }

    /// Whether the data lines of a `COPY` come next.
    pub(crate) const fn has_rows(&self) -> bool {
        self.data.is_some()
    }

    /// Returns the next data lines of a `COPY`; `None` after the last.
    pub(crate) fn rows(&mut self) -> Result<Option<&str>, SourceError<S::Failure>> {
        let Some(Rows { copy, line }) = self.data.take() else { return Ok(None) };
        self.keep = self.at;
        loop {
            let start = self.at;
            let (lines, behind) = self.next_rows(line);
            let at = lines.end;
            self.at = behind.unwrap_or(at);
            if behind.is_none() && !lines.is_empty() {
                let line = self.text[lines.clone()].ends_with('\n');
                self.data = Some(Rows { copy, line });
            }
            match behind {
                _ if !lines.is_empty() => return Ok(Some(&self.text[start..at])),
                Some(_) => return Ok(None),
                None if self.ended => {
                    self.failed = true;
                    return Err(SourceError::Split(SplitError { at: copy, kind: SplitErrorKind::UnterminatedCopy }));
                }
                None => self.more().map_err(SourceError::Read)?,
            }
        }
    }

    /// Returns the held lines, and the offset after the end of the data if that is held too.
    fn next_rows(&self, line: bool) -> (Range<usize>, Option<usize>) {
        let held = &self.text.as_bytes()[self.at..];
        let first = line.then_some(0).into_iter();
        let ends = first.chain(memchr::memmem::find_iter(held, "\n\\.").map(|at| at + 1));
        for at in ends {
            let mark = held[at..].split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default();
            if matches!(mark, b"\\.\n" | b"\\.\r\n") || self.ended && matches!(mark, b"\\." | b"\\.\r") {
                return (self.at..self.at + at, Some(self.at + at + mark.len()));
            }
        }
        // hold back what may be the beginning of the end mark
        let end = if self.ended { held.len() } else { held.len().saturating_sub(DATA_END) };
        (self.at..self.text.floor_char_boundary(self.at + end), None)
    }

    /// Reads at least as much text as is held and not split yet, so that a long statement is not scanned too often.
    fn more(&mut self) -> Result<(), S::Failure> {
        // keep the character before: it shows whether a line starts here
        let forget = self.text.floor_char_boundary(self.keep.saturating_sub(1));
        self.text.drain(..forget);
        self.base += forget;
        self.at -= forget;
        self.keep -= forget;
        let wanted = self.text.len() + (self.text.len() - self.at).max(1);
        while !self.ended && self.text.len() < wanted {
            self.ended = !self.supply.supply(&mut self.text)?;
        }
        Ok(())
    }

    /// Whether more text would not change the result.
    fn is_settled(&self, statement: Option<&Result<Statement, SplitError>>) -> bool {
        let held = self.text.len();
        match statement {
            _ if self.ended => true,
            None => false,
            Some(Ok(statement)) => statement.span.end + MARGIN <= held,
            Some(Err(error)) => error.at + FAR <= held && !error.kind.may_pass(),
        }
    }

    fn cut(&mut self) -> Result<Option<Result<Statement, SplitError>>, S::Failure> {
        loop {
            let mut statements = Split::resume(&self.text, self.at, self.reader.clone());
            let statement = Iterator::next(&mut statements);
            if self.is_settled(statement.as_ref()) {
                let (reader, comments) = statements.stop();
                self.reader = reader;
                self.comments.extend(comments, self.base);
                return Ok(statement);
            }
            self.more()?;
        }
    }
}

impl<S: TextSource> Source for SlidingBuffer<S> {
    type Failure = S::Failure;

    fn next(&mut self) -> Option<Result<Statement, SourceError<S::Failure>>> {
        // skip data that the caller did not read
        while self.data.is_some() {
            if let Err(error) = self.rows() {
                return Some(Err(error));
            }
            self.keep = self.at;
        }
        if self.failed {
            return None;
        }
        let statement = match self.cut() {
            Ok(statement) => statement?,
            Err(failure) => {
                self.failed = true;
                return Some(Err(SourceError::Read(failure)));
            }
        };
        Some(match statement {
            Ok(statement) => {
                self.at = statement.span.end;
                let copy = statement.data.as_ref().map(|_| statement.range.start + self.base);
                self.data = copy.map(|copy| Rows { copy, line: true });
                Ok(statement.behind(self.base))
            }
            Err(SplitError { at, kind }) => {
                self.failed = true;
                Err(SourceError::Split(SplitError { at: at + self.base, kind }))
            }
        })
    }

    fn text(&self, range: &Range<usize>) -> &str {
        let held = |at: usize| at.checked_sub(self.base);
        let range = held(range.start).zip(held(range.end)).map(|(start, end)| start..end);
        range.and_then(|range| self.text.get(range)).unwrap_or_default()
    }

    fn release(&mut self) {
        self.keep = self.at;
    }
}

#[cfg(test)]
mod tests;
