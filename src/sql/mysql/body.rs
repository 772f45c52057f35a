use super::blocks::Blocks;
use crate::sql::cursor::Token;

/// How far a statement has been read, and whether a `;` belongs to it. It does in the compound body of a procedure,
/// function, trigger or event, and in one of MariaDB's compound statements.
#[derive(Debug, Clone)]
pub(super) enum Body {
    /// Before the word that determines the kind of statement.
    Head(Head),
    /// In a compound statement that starts at this offset.
    Compound(usize, Blocks),
    /// In any other statement.
    Plain,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// Before the first word.
    Start,
    /// After a word that may be a label.
    Label,
    /// After `BEGIN`, which starts a transaction unless `NOT ATOMIC` follows.
    Begin(usize),
    /// Before the word that determines what is created.
    Create,
    /// In `DEFINER = user`: the next token is not such a word.
    Definer,
    /// Before the parameters of a procedure.
    Procedure,
    /// Before the parameters of a function.
    Function,
    /// Between the parameters and the type of a function.
    Returns,
    Trigger,
    /// After `FOR EACH`.
    Each,
    Event,
    /// Where a body may start, among the characteristics of a routine.
    Body,
    /// The next token is part of a type.
    Type,
    /// After `SET`, which is a type before `(` and otherwise a statement.
    Set,
    /// After `AS` or `IS`: a body in another language or in Oracle's syntax.
    As,
}

/// The words that start a compound statement.
const COMPOUND: [&str; 7] = ["BEGIN", "IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR"];

/// The words that start a body of one statement; none of them is among a routine's characteristics.
const SIMPLE: &str = "ALTER ANALYZE BINLOG CACHE CALL CHANGE CHECK CHECKSUM COMMIT CREATE DEALLOCATE DELETE DESC DESCRIBE \
    DO DROP EXECUTE EXPLAIN FLUSH GET GRANT HANDLER INSERT INSTALL KILL LOAD LOCK OPTIMIZE PREPARE PURGE RELEASE RENAME \
    REPAIR REPLACE RESET RESIGNAL RETURN REVOKE ROLLBACK SAVEPOINT SELECT SHOW SIGNAL START TABLE TRUNCATE UNINSTALL \
    UNLOCK UPDATE VALUES WITH XA";

impl Body {
    pub(super) fn new() -> Self {
        Self::Head(Head::Start)
    }

    /// The start of a compound statement that is not complete yet.
    pub(super) fn open(&self) -> Option<usize> {
        match self {
            Self::Compound(start, blocks) if blocks.are_open() => Some(*start),
            _ => None,
        }
    }

    /// Whether the statement is a compound one, or defines one.
    pub(super) fn is_compound(&self) -> bool {
        matches!(self, Self::Compound(..))
    }

    /// Takes a token that is neither blank nor the end of the statement.
    pub(super) fn take(&mut self, at: usize, token: Token, text: &[u8], parentheses: usize) {
        match self {
            Self::Plain => {}
            Self::Compound(_, blocks) => blocks.take(token, text),
            Self::Head(head) => {
                let next = match token {
                    Token::Word => head.word(at, text, parentheses),
                    _ => head.other(token, parentheses),
                };
                *self = next;
            }
        }
    }

    /// Returns the body of a compound statement that starts with this word.
    fn compound(at: usize, word: &[u8]) -> Self {
        let mut blocks = Blocks::new();
        blocks.take(Token::Word, word);
        Self::Compound(at, blocks)
    }
}

impl Head {
    fn word(self, at: usize, word: &[u8], parentheses: usize) -> Body {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        let next = match self {
            Self::Start if is("BEGIN") => Self::Begin(at),
            Self::Start if is("DECLARE") => return Body::Compound(at, Blocks::unknown()),
            Self::Start if COMPOUND.iter().any(|word| is(word)) => return Body::compound(at, word),
            Self::Start if is("CREATE") || is("ALTER") => Self::Create,
            Self::Start => Self::Label,
            Self::Begin(_) if is("WORK") => return Body::Plain,
            Self::Begin(start) => {
                let mut body = Body::compound(start, b"BEGIN");
                body.take(at, Token::Word, word, parentheses);
                return body;
            }
            Self::Create if is("PACKAGE") => return Body::Compound(at, Blocks::unknown()),
            Self::Create => return self.created(word),
            Self::Definer => Self::Create,
            Self::Procedure | Self::Function if is("AS") || is("IS") => Self::As,
            // Oracle's syntax; RETURNS without parameters is a function in a library
            Self::Function | Self::Returns if parentheses == 0 && is("RETURN") => Self::Body,
            Self::Returns if is("RETURNS") => Self::Body,
            Self::Trigger if is("EACH") => Self::Each,
            Self::Each if is("ROW") => Self::Body,
            Self::Event if parentheses == 0 && is("DO") => Self::Body,
            Self::Body if parentheses == 0 => return Self::body(at, word),
            Self::Type => Self::Body,
            Self::Label | Self::Set => return Body::Plain,
            Self::As => return Body::Compound(at, Blocks::unknown()),
            _ => self,
        };
        Body::Head(next)
    }

    fn created(self, word: &[u8]) -> Body {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        Body::Head(match () {
            () if is("DEFINER") => Self::Definer,
            () if ["OR", "REPLACE", "AGGREGATE"].iter().any(|word| is(word)) => self,
            () if is("PROCEDURE") => Self::Procedure,
            () if is("FUNCTION") => Self::Function,
            () if is("TRIGGER") => Self::Trigger,
            () if is("EVENT") => Self::Event,
            () => return Body::Plain,
        })
    }

    /// Takes a word where a body may start.
    fn body(at: usize, word: &[u8]) -> Body {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        if COMPOUND.iter().any(|word| is(word)) {
            return Body::compound(at, word);
        }
        if SIMPLE.split(' ').any(is) {
            return Body::Plain;
        }
        Body::Head(match () {
            () if is("SET") => Self::Set,
            () if is("CHARACTER") => Self::Type,
            () if is("AS") || is("IS") => Self::As,
            () => Self::Body,
        })
    }

    fn other(self, token: Token, parentheses: usize) -> Body {
        Body::Head(match (self, token) {
            (Self::Start, Token::Name) => Self::Label,
            (Self::Label, Token::Symbol(b':')) => Self::Start,
            (Self::Create, Token::Symbol(b'@' | b'.')) => Self::Definer,
            (Self::Definer, Token::Symbol(b'=')) => self,
            (Self::Definer, _) => Self::Create,
            (Self::Procedure, Token::Symbol(b')')) if parentheses == 1 => Self::Body,
            (Self::Function, Token::Symbol(b')')) if parentheses == 1 => Self::Returns,
            (Self::Set, Token::Symbol(b'(')) | (Self::Type, _) => Self::Body,
            (Self::Start | Self::Label | Self::Begin(_) | Self::Set | Self::As, _) => return Body::Plain,
            _ => self,
        })
    }
}

#[cfg(test)]
mod tests;
