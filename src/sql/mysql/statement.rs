//! Reads a statement of a script.

use super::body::Body;
use super::client::Client;
use super::lexer::{Place, token};
use crate::sql::cursor::{Cursor, Token};
use crate::sql::dialect;
use crate::sql::open::{self, End, Open};
use crate::sql::statement::{Data, StatementFacts};
use crate::sql::{SplitError, Statement};

/// Splits a script as the client and then the server do.
#[derive(Debug, Clone)]
pub(super) struct Reader(Client);

impl Reader {
    pub(super) fn new() -> Self {
        Self(Client::new())
    }
}

impl dialect::Reader for Reader {
    fn statement(&mut self, cursor: &mut Cursor<'_>, _data: Data) -> Result<Statement, SplitError> {
        let client = &mut self.0;
        let (open, end) =
            Open::read(cursor, Unfinished::new(), |cursor, open| token(cursor, client, Unfinished::place(open)))?;
        if end == End::Command {
            return Err(cursor.command());
        }
        let statement = cursor.text.get(open.range.clone()).unwrap_or_default();
        self.0.finish(open.body.body.open(), &open.words, statement)?;
        Ok(open.statement(cursor, None))
    }

    fn boxed(&self) -> Box<dyn dialect::Reader> {
        Box::new(self.clone())
    }
}

/// A statement as far as it has been read.
struct Unfinished {
    body: Body,
    /// Whether the last token was a `;` of a compound statement.
    after_semicolon: bool,
    /// Whether the place is in a comment whose contents are executed.
    executed: bool,
    /// Whether there is a token outside such comments.
    unconditional: bool,
}

impl Unfinished {
    fn new() -> Self {
        Self { body: Body::new(), after_semicolon: false, executed: false, unconditional: false }
    }

    /// The place of the next token.
    fn place(open: &Open<Self>) -> Place {
        match open.body.after_semicolon {
            _ if open.range.is_empty() => Place::Start,
            true => Place::Semicolon,
            false => Place::Inside,
        }
    }
}

impl open::Body for Unfinished {
    fn take(&mut self, at: usize, token: Token, text: &[u8], parentheses: usize) -> bool {
        self.after_semicolon = token == Token::Symbol(b';') && self.body.open().is_some();
        match token {
            Token::Delimiter => return true,
            Token::Symbol(b';') if !self.after_semicolon => return true,
            Token::Mark => self.executed = text.starts_with(b"/*"),
            _ => {
                self.unconditional |= !self.executed;
                self.body.take(at, token, text, parentheses);
            }
        }
        false
    }

    fn open(&self) -> Option<usize> {
        self.body.open()
    }

    fn after_semicolon(&self) -> bool {
        self.after_semicolon
    }

    fn facts(&self) -> StatementFacts {
        StatementFacts {
            compound: self.body.is_compound(),
            conditional: !self.unconditional,
            ..StatementFacts::default()
        }
    }
}
