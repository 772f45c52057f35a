//! The characters that a database's encoding has. The server converts each message as a whole before it parses it, so a
//! character that the encoding lacks would keep every statement from running, even if it is only in a comment.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use super::Postgres;
use crate::engine::{Message, Part};
use crate::event::Event;
use crate::sql::{POSTGRES, blanks};

/// The characters that a server can store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Repertoire {
    /// All of them, or the server converts nothing (`SQL_ASCII`).
    #[default]
    Whole,
    Latin1,
    /// ASCII. Other encodings have more characters, which dbmigrate does not know.
    Ascii,
}

/// Replaces each character that the encoding lacks. Positions count characters, so this is exactly one.
const LACKING: char = '?';

impl Repertoire {
    /// Returns the repertoire of an encoding, by its name in `server_encoding`.
    pub(super) fn of(encoding: &str) -> Self {
        match encoding {
            "UTF8" | "SQL_ASCII" | "" => Self::Whole,
            "LATIN1" => Self::Latin1,
            _ => Self::Ascii,
        }
    }

    fn has(self, character: char) -> bool {
        match self {
            Self::Whole => true,
            Self::Latin1 => u32::from(character) <= 0xFF,
            Self::Ascii => character.is_ascii(),
        }
    }

    fn has_all(self, text: &str) -> bool {
        self == Self::Whole || text.is_ascii() || text.chars().all(|character| self.has(character))
    }

    /// Returns a text of dbmigrate's own with the lacking characters replaced.
    pub(super) fn fit(self, text: &str) -> String {
        text.chars().map(|character| if self.has(character) { character } else { LACKING }).collect()
    }

    /// Returns a message with the lacking characters replaced in comments and in dbmigrate's own statements, and
    /// whether dbmigrate's own have any. Returns nothing if no characters are lacking.
    pub(super) fn message(self, message: &Message) -> Option<(String, bool)> {
        if self.has_all(message.sql()) {
            return None;
        }
        let (mut sent, mut end, mut ours) = (String::with_capacity(message.sql().len()), 0, false);
        for part in message.parts() {
            sent.push_str(&message.sql()[end..part.at.start]);
            end = part.at.end;
            let text = message.text(part);
            match &part.statement {
                None => {
                    ours |= !self.has_all(text);
                    sent.push_str(&self.fit(text));
                }
                Some(_) => self.comments(text, &mut sent),
            }
        }
        sent.push_str(&message.sql()[end..]);
        Some((sent, ours))
    }

    fn comments(self, text: &str, sent: &mut String) {
        let mut end = 0;
        for blank in blanks(POSTGRES, text) {
            sent.push_str(&text[end..blank.start]);
            sent.push_str(&self.fit(&text[blank.clone()]));
            end = blank.end;
        }
        sent.push_str(&text[end..]);
    }
}

impl Postgres {
    /// Warns once that the journal lacks characters.
    pub(super) fn say_what_is_lacking(&mut self) {
        if let Some(encoding) = self.encoding.take() {
            let message = remark(&encoding);
            self.settings.watcher.tell(&Event::Notice { severity: "warning", message: &message });
        }
    }

    /// Returns one of dbmigrate's own statements as the server can store it.
    pub(super) fn fitted<'a>(&mut self, sql: &'a str) -> Cow<'a, str> {
        if self.repertoire.has_all(sql) {
            return sql.into();
        }
        self.say_what_is_lacking();
        self.repertoire.fit(sql).into()
    }
}

/// Returns where the character is that the server means: `character with byte sequence 0xe2 0x82 0xbd in encoding
/// "UTF8" ...`. It is in the first statement that has it outside of comments.
pub(super) fn place(message: &Message, said: &str) -> Option<(usize, Range<usize>)> {
    let bytes = said.split("0x").skip(1).filter_map(|part| u8::from_str_radix(part.get(..2)?, 16).ok());
    let character = String::from_utf8(bytes.collect()).ok().filter(|character| !character.is_empty())?;
    let find = |(number, part): (usize, &Part)| {
        part.statement.as_ref()?;
        let text = message.text(part);
        let comments = blanks(POSTGRES, text).collect::<Vec<_>>();
        let mut found = text.match_indices(&character).map(|(at, _)| at);
        let at = part.at.start + found.find(|at| !comments.iter().any(|comment| comment.contains(at)))?;
        Some((number, at..at + character.len()))
    };
    message.parts().iter().enumerate().find_map(find)
}

/// Returns the warning that the journal lacks characters of a script.
fn remark(encoding: &str) -> String {
    let mut text = format!("the database's encoding {encoding} lacks characters of a script: ");
    let _ = write!(text, "in the journal, {LACKING} replaces each");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_encoding_has_is_left_alone() {
        for (encoding, text, fitted) in
            [("LATIN1", "é – ₽", "é ? ?"), ("UTF8", "é – ₽", "é – ₽"), ("SQL_ASCII", "–", "–"), ("KOI8R", "д –", "? ?")]
        {
            assert_eq!(Repertoire::of(encoding).fit(text), fitted, "{encoding}");
        }
    }

    #[test]
    fn comments_and_our_own_statements_are_fitted_and_literals_are_not() {
        let mut message = Message::default();
        let statement = crate::sql::split(POSTGRES, "SELECT 1").next().and_then(Result::ok).expect("a statement");
        message.push("SELECT '–' -- –\n/* ₽ */", Some(statement));
        message.push("INSERT INTO journal VALUES ('–')", None);
        let (sent, ours) = Repertoire::Latin1.message(&message).expect("something is lacking");
        assert_eq!(sent, "SELECT '–' -- ?\n/* ? */;\nINSERT INTO journal VALUES ('?')");
        assert!(ours);
        let said =
            "character with byte sequence 0xe2 0x80 0x93 in encoding \"UTF8\" has no equivalent in encoding \"LATIN1\"";
        assert_eq!(place(&message, said), Some((0, 8..11)));
    }
}
