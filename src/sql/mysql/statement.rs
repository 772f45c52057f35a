use super::super::cursor::Token;
use super::super::piece::Traits;
use super::Body;

/// A statement as far as it has been read.
#[derive(Debug, Clone)]
pub(in crate::sql) struct Statement {
    pub(in crate::sql) body: Body,
    /// Whether the last token was a `;` of a compound statement.
    pub(in crate::sql) behind_semicolon: bool,
    /// Whether the place is in a comment whose contents are executed.
    executed: bool,
    /// Whether there is a token outside such comments.
    unconditional: bool,
}

impl Statement {
    pub(in crate::sql) fn new() -> Self {
        Self { body: Body::new(), behind_semicolon: false, executed: false, unconditional: false }
    }

    /// Takes a token that is not blank, and returns whether it ends the statement.
    pub(in crate::sql) fn take(&mut self, at: usize, token: Token, text: &[u8], parentheses: usize) -> bool {
        self.behind_semicolon = token == Token::Symbol(b';') && self.body.open().is_some();
        match token {
            Token::Delimiter => return true,
            Token::Symbol(b';') if !self.behind_semicolon => return true,
            Token::Mark => self.executed = text.starts_with(b"/*"),
            _ => {
                self.unconditional |= !self.executed;
                self.body.take(at, token, text, parentheses);
            }
        }
        false
    }

    pub(in crate::sql) fn traits(&self) -> Traits {
        Traits { compound: self.body.is_compound(), conditional: !self.unconditional, ..Traits::default() }
    }
}
