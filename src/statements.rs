//! The statements of a script, read from its file as they are needed.

use std::collections::VecDeque;
use std::ops::Range;

use crate::script::{Checksum, Hasher, ReadError, Reader, SqlFile, Text};
use crate::sql::{
    Comments, Context, Role, Sendable, SlidingBuffer, Source, SourceError, Statement, TextSource, Variables, own,
};

/// Why the next statement cannot be read.
pub(crate) type Unreadable = SourceError<ReadError>;

/// The statements of a script as they are sent: in order, each as often as it is sent. It holds one statement of the
/// text at a time, with what is read along with it.
pub(crate) struct Statements {
    source: Sendable<SlidingBuffer<Proved>>,
    context: Context,
    /// The last statement, and how often it is still to be returned.
    again: Option<(Statement, u32)>,
    /// Statements that have already been read ahead.
    ahead: VecDeque<Result<Statement, Unreadable>>,
}

impl Statements {
    /// Begins to read a script, and verifies that it is the one that the plan knows: a short script at once, a long
    /// script at its end. If the checksum of a long script is not known yet, the first reading to its end sets it.
    pub(crate) fn open(script: &SqlFile, context: &Context) -> Result<Self, ReadError> {
        Self::read(script.reopened()?, script, context)
    }

    /// Begins to read a script for inspection only. It trusts what was kept when the folder was read, and a file that
    /// has not been written to since.
    pub(crate) fn open_trusted(script: &SqlFile, context: &Context) -> Result<Self, ReadError> {
        Self::read(script.reader()?.trusting(script), script, context)
    }

    fn read(reader: Reader, script: &SqlFile, context: &Context) -> Result<Self, ReadError> {
        let context = &context_of(script, context);
        let supply = Proved { reader: reader.ahead(), script: script.clone() };
        let mut window = SlidingBuffer::new(context.dialect, own(context, script.role()), supply);
        window.whole()?;
        let source = Sendable::new(context, window, script.role());
        Ok(Self { source, context: context.clone(), again: None, ahead: VecDeque::new() })
    }

    /// Returns the next statement. The texts of earlier statements are no longer held.
    pub(crate) fn next(&mut self) -> Option<Result<Statement, Unreadable>> {
        if let Some((statement, times)) = self.again.take_if(|(_, times)| *times > 0) {
            self.again = Some((statement.clone(), times - 1));
            return Some(Ok(statement));
        }
        let statement = self.distinct()?;
        if let Ok(statement) = &statement {
            self.again = (statement.times > 1).then(|| (statement.clone(), statement.times - 1));
        }
        Some(statement)
    }

    /// Returns the next statement, each only once.
    pub(crate) fn distinct(&mut self) -> Option<Result<Statement, Unreadable>> {
        let next = match self.ahead.pop_front() {
            None => self.source.next()?,
            Some(next) => {
                if let Ok(statement) = &next {
                    self.source.source_mut().keep_from(statement.span.start);
                }
                next
            }
        };
        Some(next.and_then(|statement| {
            let written = self.source.source().text(&statement.range);
            statement.with_variables(&self.context, written).map_err(SourceError::Split)
        }))
    }

    /// Returns the SQL that is sent for a statement that was returned.
    pub(crate) fn sql<'a>(&'a self, statement: &'a Statement) -> &'a str {
        statement.sent().map_or_else(|| self.text(&statement.range), |sent| &sent.sql)
    }

    /// Reads statements ahead, up to this number of bytes, while the server works. The last returned statement stays
    /// held.
    pub(crate) fn look_ahead(&mut self, bytes: usize) {
        // rows must be read before the statement that follows them
        while self.bytes_ahead() < bytes && !self.source.source().has_rows() {
            let Some(next) = self.source.following() else { return };
            let goes_on = next.is_ok();
            self.ahead.push_back(next);
            if !goes_on {
                return;
            }
        }
    }

    fn bytes_ahead(&self) -> usize {
        match (self.ahead.front(), self.ahead.back()) {
            (Some(Ok(first)), Some(Ok(last))) => last.span.end - first.span.start,
            (None, None) => 0,
            // nothing follows an error
            _ => usize::MAX,
        }
    }

    /// Returns part of the text that is held.
    pub(crate) fn text(&self, range: &Range<usize>) -> &str {
        self.source.source().text(range)
    }

    /// The start of the white space and comments before the last returned statement, or at the end after the last one.
    pub(crate) fn lead(&self) -> usize {
        self.source.source().lead()
    }

    /// Returns what is held of the text from a place on.
    pub(crate) fn rest(&self, from: usize) -> &str {
        self.source.source().rest(from)
    }

    /// Returns the next rows of a statement that has data; `None` after the last.
    pub(crate) fn rows(&mut self) -> Result<Option<&str>, Unreadable> {
        self.source.source_mut().rows()
    }

    /// Returns the canonical text if it is not longer than `limit`. Call this only before the first statement.
    pub(crate) fn body(&mut self, limit: usize) -> Result<Option<String>, ReadError> {
        let whole = self.source.source_mut().whole()?.map(|text| Text::from(text.to_owned()));
        let canonical = whole.as_ref().map(|text| text.canonical().into_owned());
        Ok(canonical.filter(|text| text.len() <= limit))
    }

    /// The number of bytes of the file that have been read.
    pub(crate) fn bytes(&self) -> u64 {
        self.source.source().supply().reader.bytes()
    }

    /// A transaction of a dump that begins but does not end.
    pub(crate) fn unclosed(&self) -> Option<(Range<usize>, &'static str)> {
        self.source.unclosed()
    }

    /// The comments so far that dbmigrate or another tool acts on.
    pub(crate) const fn comments(&self) -> &Comments {
        self.source.source().comments()
    }
}

/// The text of a script up to the end of one of its statements.
#[derive(Clone, Default)]
pub(crate) struct Prefix {
    hasher: Hasher,
    end: usize,
}

impl Prefix {
    /// Extends the prefix through a statement that was just returned.
    pub(crate) fn extend(&mut self, statements: &Statements, statement: &Statement) {
        self.hasher.update(statements.text(&(self.end..statement.span.end)));
        self.end = self.end.max(statement.span.end);
    }

    pub(crate) fn checksum(&self) -> Checksum {
        self.hasher.checksum()
    }

    /// Returns the hasher of the prefix.
    pub(crate) fn hasher(&self) -> Hasher {
        self.hasher.clone()
    }
}

/// Supplies a script's text, and at its end verifies that it is the text that the plan knows.
struct Proved {
    reader: Reader,
    script: SqlFile,
}

impl TextSource for Proved {
    type Failure = ReadError;

    fn supply(&mut self, text: &mut String) -> Result<bool, ReadError> {
        let more = self.reader.read(text)?;
        if !more {
            self.reader.prove(&self.script)?;
        }
        Ok(more)
    }
}

/// Returns the context for one script. Variables are off if the script's directive says so, and in a dump as long as no
/// variable is declared.
pub(crate) fn context_of(script: &SqlFile, context: &Context) -> Context {
    let dumped = script.role() == Role::Baseline && script.is_dump() && context.variables.is_empty();
    let variables = if script.no_variables() || dumped { Variables::off() } else { context.variables.clone() };
    Context { variables, ..context.clone() }
}

#[cfg(test)]
mod tests;
