//! The statements of a script, read from its file as they are needed.

use std::collections::VecDeque;
use std::ops::Range;

use crate::script::{Checksum, Hasher, Kind, ReadError, Reader, Script, Text};
use crate::sql::{Comments, Context, Cut, Piece, Role, Sendable, Source, Supply, Variables, Window, own};

/// Why the next statement is not to be had.
pub(crate) type Unreadable = Cut<ReadError>;

/// What is sent of a script, in order, each statement as often as it is sent. Of the text, one statement is held at a
/// time and what is read with it.
pub(crate) struct Statements {
    pieces: Sendable<Window<Proved>>,
    context: Context,
    /// The last statement, and how often it is still to come.
    again: Option<(Piece, u32)>,
    /// Statements that have been looked for already.
    ahead: VecDeque<Result<Piece, Unreadable>>,
}

impl Statements {
    /// Begins to read a script. One that is short is known to be the script that the plan knows from the beginning, a
    /// long one at its end: whoever is the first to read that makes it known.
    pub(crate) fn open(script: &Script, context: &Context) -> Result<Self, ReadError> {
        Self::read(script.reopened()?, script, context)
    }

    /// The same for a look only: what the folder's reading has kept, or a file that nobody has written to since, is the script
    /// that the plan knows.
    pub(crate) fn peruse(script: &Script, context: &Context) -> Result<Self, ReadError> {
        Self::read(script.reader()?.trusting(script), script, context)
    }

    fn read(reader: Reader, script: &Script, context: &Context) -> Result<Self, ReadError> {
        let context = &context_of(script, context);
        let supply = Proved { reader: reader.ahead(), script: script.clone() };
        let mut window = Window::new(context.dialect, own(context, role(script)), supply);
        window.whole()?;
        let pieces = Sendable::new(context, window, role(script));
        Ok(Self { pieces, context: context.clone(), again: None, ahead: VecDeque::new() })
    }

    /// The next statement. The texts of those before are not held any more.
    pub(crate) fn next(&mut self) -> Option<Result<Piece, Unreadable>> {
        if let Some((piece, times)) = self.again.take_if(|(_, times)| *times > 0) {
            self.again = Some((piece.clone(), times - 1));
            return Some(Ok(piece));
        }
        let piece = self.distinct()?;
        if let Ok(piece) = &piece {
            self.again = (piece.times > 1).then(|| (piece.clone(), piece.times - 1));
        }
        Some(piece)
    }

    /// The same, each statement once.
    pub(crate) fn distinct(&mut self) -> Option<Result<Piece, Unreadable>> {
        let next = match self.ahead.pop_front() {
            None => self.pieces.next()?,
            Some(next) => {
                if let Ok(piece) = &next {
                    self.pieces.source_mut().keep_from(piece.span.start);
                }
                next
            }
        };
        Some(next.and_then(|piece| {
            let written = self.pieces.source().text(&piece.statement);
            piece.with_variables(&self.context, written).map_err(Cut::Split)
        }))
    }

    /// What is sent for a statement that was given.
    pub(crate) fn sql<'a>(&'a self, piece: &'a Piece) -> &'a str {
        piece.sent().map_or_else(|| self.text(&piece.statement), |sent| &sent.sql)
    }

    /// Looks for statements until so many bytes are ahead, while somebody else is busy. The last one that was given stays held.
    pub(crate) fn look_ahead(&mut self, bytes: usize) {
        // rows come before what follows them
        while self.bytes_ahead() < bytes && !self.pieces.source().has_rows() {
            let Some(next) = self.pieces.following() else { return };
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
            // nothing comes behind an error
            _ => usize::MAX,
        }
    }

    /// Some of the text that is held.
    pub(crate) fn text(&self, range: &Range<usize>) -> &str {
        self.pieces.source().text(range)
    }

    /// Where the blanks and comments begin that stand before the last statement, or behind it when there was none any more.
    pub(crate) fn lead(&self) -> usize {
        self.pieces.source().lead()
    }

    /// What is held of the text from a place on.
    pub(crate) fn rest(&self, from: usize) -> &str {
        self.pieces.source().rest(from)
    }

    /// The next rows behind a statement that has any; `None` behind the last.
    pub(crate) fn rows(&mut self) -> Result<Option<&str>, Unreadable> {
        self.pieces.source_mut().rows()
    }

    /// The canonical text, when it is no longer than that. Before the first statement only.
    pub(crate) fn body(&mut self, limit: usize) -> Result<Option<String>, ReadError> {
        let whole = self.pieces.source_mut().whole()?.map(|text| Text::from(text.to_owned()));
        let canonical = whole.as_ref().map(|text| text.canonical().into_owned());
        Ok(canonical.filter(|text| text.len() <= limit))
    }

    /// How many bytes of the file have been read.
    pub(crate) fn bytes(&self) -> u64 {
        self.pieces.source().supply().reader.bytes()
    }

    /// A transaction that the script begins and does not end, as dumps do.
    pub(crate) fn unclosed(&self) -> Option<(Range<usize>, &'static str)> {
        self.pieces.unclosed()
    }

    /// The comments so far that somebody acts on.
    pub(crate) const fn comments(&self) -> &Comments {
        self.pieces.source().comments()
    }
}

/// The text of a script through one of its statements.
#[derive(Clone, Default)]
pub(crate) struct Prefix {
    hasher: Hasher,
    end: usize,
}

impl Prefix {
    /// Goes on through the last statement that was given.
    pub(crate) fn extend(&mut self, statements: &Statements, piece: &Piece) {
        self.hasher.update(statements.text(&(self.end..piece.span.end)));
        self.end = self.end.max(piece.span.end);
    }

    pub(crate) fn checksum(&self) -> Checksum {
        self.hasher.checksum()
    }

    /// What makes the checksum of it.
    pub(crate) fn hasher(&self) -> Hasher {
        self.hasher.clone()
    }
}

/// Gives a script's text, and at its end makes sure that it is the one that the plan knows.
struct Proved {
    reader: Reader,
    script: Script,
}

impl Supply for Proved {
    type Failure = ReadError;

    fn supply(&mut self, text: &mut String) -> Result<bool, ReadError> {
        let more = self.reader.read(text)?;
        if !more {
            self.reader.prove(&self.script)?;
        }
        Ok(more)
    }
}

/// What the checks know of the database, for one script: some say that their text is sent as it is written, and of a dump
/// that is known as long as no variable is declared.
pub(crate) fn context_of(script: &Script, context: &Context) -> Context {
    let dumped = role(script) == Role::Baseline && script.is_dump() && context.variables.is_empty();
    let variables = if script.no_variables() || dumped { Variables::off() } else { context.variables.clone() };
    Context { variables, ..context.clone() }
}

pub(crate) const fn role(script: &Script) -> Role {
    match script.kind() {
        Kind::Baseline => Role::Baseline,
        Kind::Script => Role::Script,
    }
}

#[cfg(test)]
mod tests;
