use std::ops::Range;

use super::cursor::{Cursor, Token};
use super::statement::StatementFacts;
use super::{SplitError, SplitErrorKind, Statement, Words};

/// The part of a statement that can contain further statements, as one dialect reads it.
pub(super) trait Body: Sized {
    /// Takes a token that is not blank, and returns whether it ends the statement. `parentheses` is the number of open
    /// ones.
    fn take(&mut self, at: usize, token: Token, text: &[u8], parentheses: usize) -> bool;

    /// The start of a block that is still open.
    fn open(&self) -> Option<usize>;

    /// Whether the last token was a `;` within the statement.
    fn after_semicolon(&self) -> bool {
        false
    }

    /// Whether the tokens that follow no longer matter, except for the end of the statement.
    fn skip(_open: &mut Open<Self>, _cursor: &mut Cursor<'_>) {}

    fn facts(&self) -> StatementFacts {
        StatementFacts::default()
    }
}

/// The statement that is being read.
pub(super) struct Open<B> {
    start: usize,
    pub(super) range: Range<usize>,
    pub(super) words: Words,
    pub(super) parentheses: usize,
    /// The outermost parenthesis that is open.
    parenthesis: usize,
    pub(super) body: B,
}

/// Why no further token is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Statement,
    Text,
    /// A command of the database's shell is next.
    Command,
}

impl<B: Body> Open<B> {
    /// Reads to the end of a statement with the dialect's lexer.
    pub(super) fn read(
        cursor: &mut Cursor<'_>,
        body: B,
        mut lexer: impl FnMut(&mut Cursor<'_>, &Self) -> Result<Token, SplitError>,
    ) -> Result<(Self, End), SplitError> {
        let at = cursor.at;
        let mut open = Self { start: at, range: at..at, words: Words::new(), parentheses: 0, parenthesis: 0, body };
        loop {
            B::skip(&mut open, cursor);
            let start = cursor.at;
            match lexer(cursor, &open)? {
                Token::Blank => {}
                Token::End => return Ok((open, End::Text)),
                Token::Command => return Ok((open, End::Command)),
                token if open.take(token, start, cursor.slice(&(start..cursor.at))) => {
                    return Ok((open, End::Statement));
                }
                _ => {}
            }
        }
    }

    /// Takes a token that is not blank, and returns whether it ends the statement.
    fn take(&mut self, token: Token, start: usize, text: &[u8]) -> bool {
        let ends = self.body.take(start, token, text, self.parentheses);
        if !ends && (self.range.is_empty() || !self.body.after_semicolon()) {
            self.extend(token, start, text);
        }
        ends
    }

    fn extend(&mut self, token: Token, start: usize, text: &[u8]) {
        if self.range.is_empty() {
            self.range.start = start;
        }
        self.range.end = start + text.len();
        if self.parentheses == 0 && !self.words.is_full() && token != Token::Symbol(b')') {
            self.words.push(token, text);
        }
        match token {
            Token::Symbol(b'(') => {
                if self.parentheses == 0 {
                    self.parenthesis = start;
                }
                self.parentheses += 1;
            }
            Token::Symbol(b')') => self.parentheses = self.parentheses.saturating_sub(1),
            _ => {}
        }
    }

    /// Fails for a block that is open at the end of the text.
    pub(super) fn closed(self) -> Result<Self, SplitError> {
        let error = |at| Err(SplitError { at, kind: SplitErrorKind::UnterminatedBlock });
        self.body.open().map_or(Ok(self), error)
    }

    /// Fails for a parenthesis that is open at the end of the text.
    pub(super) fn balanced(self) -> Result<Self, SplitError> {
        let error = SplitError { at: self.parenthesis, kind: SplitErrorKind::UnterminatedParenthesis };
        if self.parentheses > 0 { Err(error) } else { Ok(self) }
    }

    /// Returns the statement, which ends here.
    pub(super) fn statement(self, cursor: &Cursor<'_>, data: Option<Range<usize>>) -> Statement {
        let facts = if self.range.is_empty() { StatementFacts::default() } else { self.body.facts() };
        let (span, range) = (self.start..cursor.at, self.range);
        Statement { span, range, data, words: self.words, times: 1, facts, sent: None }
    }
}
