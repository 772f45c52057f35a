use std::ops::Range;

use super::cursor::Token;
use super::mysql::Place;
use super::piece::Traits;
use super::{Dialect, Piece, SplitError, SplitErrorKind, Words, mysql, postgres, sqlite};

/// The statement that is being read.
pub(super) struct Open {
    start: usize,
    pub(super) statement: Range<usize>,
    pub(super) words: Words,
    parentheses: usize,
    /// The outermost parenthesis that is open.
    parenthesis: usize,
    body: Body,
}

enum Body {
    Mysql(mysql::Statement),
    Postgres(postgres::Body),
    Sqlite(sqlite::Body),
}

impl Open {
    pub(super) fn new(dialect: Dialect, start: usize) -> Self {
        let body = match dialect {
            Dialect::Mysql => Body::Mysql(mysql::Statement::new()),
            Dialect::Postgres => Body::Postgres(postgres::Body::new()),
            Dialect::Sqlite | Dialect::SqlServer => Body::Sqlite(sqlite::Body::Start),
        };
        Self { start, statement: start..start, words: Words::new(), parentheses: 0, parenthesis: 0, body }
    }

    /// The place of the next token of a MySQL script.
    pub(super) fn place(&self) -> Place {
        match &self.body {
            _ if self.statement.is_empty() => Place::Start,
            Body::Mysql(statement) if statement.behind_semicolon => Place::Semicolon,
            _ => Place::Inside,
        }
    }

    /// Takes a token that is not blank, and returns whether it ends the statement.
    pub(super) fn take(&mut self, token: Token, start: usize, text: &[u8]) -> bool {
        let ends = match &mut self.body {
            Body::Mysql(statement) => statement.take(start, token, text, self.parentheses),
            Body::Postgres(body) => {
                if token == Token::Word {
                    body.word(start, text, self.parentheses);
                }
                token == Token::Symbol(b';') && self.parentheses == 0 && body.open().is_none()
            }
            Body::Sqlite(body) => body.take(start, token, text),
        };
        if !ends && self.place() != Place::Semicolon {
            self.extend(token, start, text);
        }
        ends
    }

    /// Whether the words that follow in a statement of `SQLite` no longer matter.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.body, Body::Sqlite(sqlite::Body::Plain)) && (self.parentheses > 0 || self.words.is_full())
    }

    fn extend(&mut self, token: Token, start: usize, text: &[u8]) {
        if self.statement.is_empty() {
            self.statement.start = start;
        }
        self.statement.end = start + text.len();
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

    /// Returns the error for a block or parenthesis that is open at the end of the text.
    pub(super) fn unclosed(&self) -> Option<SplitError> {
        let (block, parenthesis) = match &self.body {
            Body::Mysql(_) => (None, None),
            Body::Postgres(body) => (body.open(), (self.parentheses > 0).then_some(self.parenthesis)),
            Body::Sqlite(body) => (body.open(), None),
        };
        block
            .map(|at| SplitError { at, kind: SplitErrorKind::UnterminatedBlock })
            .or(parenthesis.map(|at| SplitError { at, kind: SplitErrorKind::UnterminatedParenthesis }))
    }

    /// The start of a MySQL compound statement that is not complete.
    pub(super) fn compound(&self) -> Option<usize> {
        match &self.body {
            Body::Mysql(statement) => statement.body.open(),
            _ => None,
        }
    }

    /// Returns the statement that ends at this offset.
    pub(super) fn piece(self, end: usize, data: Option<Range<usize>>) -> Piece {
        let traits = match self.body {
            Body::Mysql(statement) if !self.statement.is_empty() => statement.traits(),
            _ => Traits::default(),
        };
        Piece {
            span: self.start..end,
            statement: self.statement,
            data,
            words: self.words,
            times: 1,
            traits,
            sent: None,
        }
    }
}
