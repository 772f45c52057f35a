//! Reads a statement to the end that `sqlite3_complete()` sees (`src/complete.c`).

use super::lexer::{skip_plain, token};
use crate::sql::cursor::{Cursor, Token};
use crate::sql::dialect;
use crate::sql::open::{self, End, Open};
use crate::sql::statement::Data;
use crate::sql::{SplitError, Statement};

/// Splits a script. No statement changes how the next one is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader;

impl dialect::Reader for Reader {
    fn statement(&mut self, cursor: &mut Cursor<'_>, _data: Data) -> Result<Statement, SplitError> {
        let (open, end) = Open::read(cursor, Body::Start, |cursor, open| {
            let start = cursor.at;
            let token = token(cursor)?;
            // .tables and the like
            if token == Token::Symbol(b'.') && open.range.is_empty() {
                cursor.at = start;
                return Err(cursor.command());
            }
            Ok(token)
        })?;
        let open = if end == End::Text { open.closed()? } else { open };
        Ok(open.statement(cursor, None))
    }

    fn boxed(&self) -> Box<dyn dialect::Reader> {
        Box::new(*self)
    }
}

/// How far a statement has been read. The body of a trigger ends only with `; END ;`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Start,
    Explain,
    Create,
    /// In the definition of a trigger that starts at this offset.
    Trigger(usize),
    /// After a semicolon in a trigger.
    TriggerSemicolon(usize),
    /// After `; END` in a trigger.
    TriggerEnd(usize),
    /// In any other statement.
    Plain,
}

impl Body {
    fn semicolon(self) -> (Self, bool) {
        match self {
            Self::Trigger(start) | Self::TriggerSemicolon(start) => (Self::TriggerSemicolon(start), false),
            _ => (Self::Start, true),
        }
    }

    fn word(self, at: usize, word: &[u8]) -> Self {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        match self {
            Self::Start if is("explain") => Self::Explain,
            Self::Start | Self::Explain if is("create") => Self::Create,
            Self::Explain if ["explain", "temp", "temporary", "trigger", "end"].iter().any(|word| is(word)) => {
                Self::Plain
            }
            Self::Create if is("temp") || is("temporary") => Self::Create,
            Self::Create if is("trigger") => Self::Trigger(at),
            Self::TriggerSemicolon(start) if is("end") => Self::TriggerEnd(start),
            _ => self.other(),
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Explain => Self::Explain,
            Self::Trigger(start) | Self::TriggerSemicolon(start) | Self::TriggerEnd(start) => Self::Trigger(start),
            Self::Start | Self::Create | Self::Plain => Self::Plain,
        }
    }
}

impl open::Body for Body {
    fn take(&mut self, at: usize, token: Token, text: &[u8], _parentheses: usize) -> bool {
        if *self == Self::Plain {
            return token == Token::Symbol(b';');
        }
        let (next, ends) = match token {
            Token::Symbol(b';') => self.semicolon(),
            Token::Word => (self.word(at, text), false),
            _ => (self.other(), false),
        };
        *self = next;
        ends
    }

    fn open(&self) -> Option<usize> {
        match *self {
            Self::Trigger(start) | Self::TriggerSemicolon(start) | Self::TriggerEnd(start) => Some(start),
            _ => None,
        }
    }

    fn skip(open: &mut Open<Self>, cursor: &mut Cursor<'_>) {
        if open.body == Self::Plain && (open.parentheses > 0 || open.words.is_full()) {
            open.range.end = skip_plain(cursor).unwrap_or(open.range.end);
        }
    }
}
