use super::lexer::unquoted;
use super::set::{Assignment, assignments};
use crate::sql::Words;
use crate::sql::cursor::Token;

/// The two modes of a session (`sql_mode`) that change how quotes are read. Neither is set when a script starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Modes {
    /// `"..."` is a name.
    pub(super) ansi_quotes: bool,
    /// A backslash in a string is an ordinary character.
    pub(super) no_backslash_escapes: bool,
}

/// Modes that imply `ANSI_QUOTES`; all but the first two are MariaDB's.
const ANSI_QUOTES: [&str; 7] = ["ANSI_QUOTES", "ANSI", "ORACLE", "MSSQL", "DB2", "MAXDB", "POSTGRESQL"];

impl Modes {
    /// Returns the modes after a statement.
    pub(super) fn after(self, words: &Words, statement: &str) -> Self {
        if !words.starts(&["SET"]) {
            return self;
        }
        let set = assignments(statement, self);
        set.iter().filter(|set| set.name == "SQL_MODE" && !set.global).fold(self, Self::set)
    }

    fn set(self, assignment: &Assignment<'_>) -> Self {
        let texts = || assignment.value.iter().filter(|(token, _)| *token == Token::Text);
        let named = || texts().fold(Self::default(), |modes, (_, text)| modes.or(Self::named(&unquoted(text))));
        match assignment.value.as_slice() {
            [(Token::Number, bits)] => Self::numbered(bits),
            [(Token::Word | Token::Name | Token::Text, name)] => Self::named(&unquoted(name)),
            // 'a' 'b' is one string, and so is _utf8'a'
            [(Token::Word, introducer), rest @ ..] if introducer.starts_with('_') && are_texts(rest) => named(),
            value if are_texts(value) => named(),
            _ if !assignment.mentions("SQL_MODE") => Self::default(),
            _ if assignment.mentions("REPLACE") => self.without(named()),
            _ => self.or(named()),
        }
    }

    fn named(names: &str) -> Self {
        let has = |wanted: &str| names.split(',').any(|name| name.trim().eq_ignore_ascii_case(wanted));
        Self {
            ansi_quotes: ANSI_QUOTES.iter().any(|name| has(name)),
            no_backslash_escapes: has("NO_BACKSLASH_ESCAPES"),
        }
    }

    fn numbered(bits: &str) -> Self {
        let bits: u64 = bits.parse().unwrap_or_default();
        Self { ansi_quotes: bits & (1 << 2) != 0, no_backslash_escapes: bits & (1 << 20) != 0 }
    }

    const fn or(self, other: Self) -> Self {
        Self {
            ansi_quotes: self.ansi_quotes || other.ansi_quotes,
            no_backslash_escapes: self.no_backslash_escapes || other.no_backslash_escapes,
        }
    }

    const fn without(self, other: Self) -> Self {
        Self {
            ansi_quotes: self.ansi_quotes && !other.ansi_quotes,
            no_backslash_escapes: self.no_backslash_escapes && !other.no_backslash_escapes,
        }
    }
}

fn are_texts(value: &[(Token, &str)]) -> bool {
    !value.is_empty() && value.iter().all(|(token, _)| *token == Token::Text)
}
