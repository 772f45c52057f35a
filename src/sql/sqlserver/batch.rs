//! Reads a batch: the text up to the next separator.

use super::defines_module;
use super::lexer::token;
use super::separator::{self, Line};
use crate::sql::cursor::{Cursor, Token};
use crate::sql::dialect;
use crate::sql::statement::{self, Data, StatementFacts};
use crate::sql::{SplitError, SplitErrorKind, Statement, Words};

/// Splits a script. No batch changes how the next one is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader;

impl dialect::Reader for Reader {
    fn statement(&mut self, cursor: &mut Cursor<'_>, _data: Data) -> Result<Statement, SplitError> {
        batch(cursor)
    }

    fn boxed(&self) -> Box<dyn dialect::Reader> {
        Box::new(*self)
    }
}

/// Reads up to the next separator or the end of the text.
fn batch(cursor: &mut Cursor<'_>) -> Result<Statement, SplitError> {
    let start = cursor.at;
    let mut batch = Batch::new();
    loop {
        let at = cursor.at;
        let starts_line = at == 0 || matches!(cursor.bytes().get(at - 1), Some(b'\r' | b'\n'));
        if starts_line && let Line::Separator(times) = separator::line(cursor)? {
            token(cursor)?; // the line break
            return Ok(batch.statement(cursor, start..at, times));
        }
        match token(cursor)? {
            Token::End => return Ok(batch.statement(cursor, start..at, 1)),
            Token::Blank => batch.blank(cursor.slice(&(at..cursor.at))),
            token => {
                let text = cursor.slice(&(at..cursor.at));
                if batch.first_of_line && token == Token::Word && separator::is_meant(&Cursor::at(cursor.text, at)) {
                    return Err(SplitError { at, kind: SplitErrorKind::BadSeparator });
                }
                batch.take(token, at, text);
            }
        }
    }
}

/// Words that a statement can start with. Some of them can also occur within a statement.
pub(super) const STARTERS: [&str; 40] = [
    "ALTER",
    "BACKUP",
    "BEGIN",
    "BULK",
    "CHECKPOINT",
    "CLOSE",
    "COMMIT",
    "CREATE",
    "DBCC",
    "DEALLOCATE",
    "DECLARE",
    "DELETE",
    "DENY",
    "DISABLE",
    "DROP",
    "ENABLE",
    "EXEC",
    "EXECUTE",
    "FETCH",
    "GOTO",
    "GRANT",
    "IF",
    "INSERT",
    "KILL",
    "MERGE",
    "OPEN",
    "PRINT",
    "RAISERROR",
    "RECONFIGURE",
    "RESTORE",
    "RETURN",
    "REVOKE",
    "SELECT",
    "SET",
    "THROW",
    "TRUNCATE",
    "UPDATE",
    "USE",
    "WAITFOR",
    "WHILE",
];

struct Batch {
    words: Words,
    /// The offset of the first token.
    first: Option<usize>,
    parentheses: usize,
    /// Whether only blanks and comments precede the next token on its line.
    first_of_line: bool,
    starters: usize,
    /// The previous word, if it matters.
    before: &'static str,
    /// Whether the batch contains only settings of the session.
    settings: bool,
    /// Whether the batch calls a procedure, or begins without a keyword.
    calls: bool,
}

impl Batch {
    fn new() -> Self {
        Self {
            words: Words::new(),
            first: None,
            parentheses: 0,
            first_of_line: true,
            starters: 0,
            before: "",
            settings: true,
            calls: false,
        }
    }

    fn blank(&mut self, text: &[u8]) {
        self.first_of_line |= text.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
    }

    fn take(&mut self, token: Token, at: usize, text: &[u8]) {
        self.first_of_line = false;
        let is_first = self.first.is_none();
        self.first.get_or_insert(at);
        if self.parentheses == 0 && !self.words.is_full() && token != Token::Symbol(b')') {
            self.words.push(token, text);
        }
        match token {
            Token::Symbol(b'(') => self.parentheses += 1,
            Token::Symbol(b')') => self.parentheses = self.parentheses.saturating_sub(1),
            Token::Word => self.word(text, is_first),
            _ => self.calls |= is_first,
        }
    }

    fn word(&mut self, text: &[u8], is_first: bool) {
        let find = |words: &'static [&str]| words.iter().find(|word| text.eq_ignore_ascii_case(word.as_bytes()));
        let starter = find(&STARTERS).copied();
        match (self.before, starter) {
            // ON DELETE CASCADE, ALTER DATABASE x SET
            ("ON", Some("DELETE" | "UPDATE")) => {}
            (_, Some("SET")) if self.words.starts(&["ALTER", "DATABASE"]) => {}
            (_, Some(_)) => self.starters += 1,
            // ALTER COLUMN, DROP CONSTRAINT
            ("ALTER" | "DROP", None) if find(&["COLUMN", "CONSTRAINT"]).is_some() => self.starters -= 1,
            (_, None) => {}
        }
        self.before = find(&["ALTER", "DROP", "ON"]).copied().unwrap_or_default();
        self.settings &= matches!(starter, None | Some("SET" | "USE")) && !text.starts_with(b"@");
        self.calls |= matches!(starter, Some("EXEC" | "EXECUTE")) || is_first && starter.is_none();
    }

    fn statement(self, cursor: &Cursor<'_>, text: std::ops::Range<usize>, times: u32) -> Statement {
        let batch = &cursor.text[text.clone()];
        let start = text.start + batch.len() - batch.trim_start().len();
        let statement = match self.first {
            // the server stores a comment before a procedure with the procedure
            Some(_) => start..text.start + batch.trim_end().len(),
            None => text.start..text.start,
        };
        let facts = StatementFacts {
            lead: self.first.map_or(0, |first| first - start),
            batch: match () {
                () if defines_module(&self.words) => statement::Batch::Single,
                () if self.settings && self.starters > 0 => statement::Batch::Settings,
                () if self.starters == 1 && !self.calls => statement::Batch::Single,
                () => statement::Batch::Several,
            },
            ..StatementFacts::default()
        };
        Statement {
            span: text.start..cursor.at,
            range: statement,
            data: None,
            words: self.words,
            times,
            facts,
            sent: None,
        }
    }
}
