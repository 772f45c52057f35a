//! The lines between batches.

use super::lexer::looks_blank;
use crate::sql::cursor::Cursor;
use crate::sql::{SplitError, SplitErrorKind};

/// What a line is, as far as its start shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// It ends the batch, which runs this number of times.
    Separator(u32),
    /// It belongs to the batch.
    Text,
}

/// The commands of `sqlcmd` that its lexer knows after a colon.
const COMMANDS: [&str; 17] = [
    "!!",
    "connect",
    "ed",
    "error",
    "exit",
    "help",
    "list",
    "listvar",
    "on error",
    "out",
    "perftrace",
    "quit",
    "r",
    "reset",
    "serverlist",
    "setvar",
    "xml",
];

/// Reads the line that starts at the cursor.
pub(super) fn line(cursor: &mut Cursor<'_>) -> Result<Line, SplitError> {
    let line = rest_of_line(cursor);
    let text = line.trim_start_matches([' ', '\t']);
    let at = cursor.at + line.len() - text.len();
    if is_command(text) {
        cursor.at = at;
        return Err(cursor.command());
    }
    let shown = text.trim_start_matches(looks_blank);
    match behind_go(shown).map(count) {
        Some(Ok(times)) if shown.len() == text.len() => {
            cursor.at += line.len();
            Ok(Line::Separator(times))
        }
        // a character that only looks blank precedes it
        Some(Ok(_)) => Err(SplitError { at, kind: SplitErrorKind::BadSeparator }),
        Some(Err(Some(kind))) => Err(SplitError { at: at + text.len() - shown.len(), kind }),
        Some(Err(None)) | None => Ok(Line::Text),
    }
}

/// Whether the `GO` at the cursor, the first word of its line after a comment, was meant to be a separator.
pub(super) fn is_meant(cursor: &Cursor<'_>) -> bool {
    let rest = rest_of_line(cursor);
    let behind = behind_go(rest).map(|rest| rest.split("/*").next().unwrap_or_default());
    behind.is_some_and(|rest| !matches!(count(rest), Err(None)))
}

fn rest_of_line<'a>(cursor: &Cursor<'a>) -> &'a str {
    let rest = cursor.text.get(cursor.at..).unwrap_or_default();
    &rest[..rest.find(['\r', '\n']).unwrap_or(rest.len())]
}

pub(super) fn is_command(text: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let named = |rest: &str| {
        let names = COMMANDS.iter().filter_map(|name| Some((*name, rest.get(..name.len())?)));
        let mut found = names.filter(|(name, text)| name.eq_ignore_ascii_case(text));
        found.any(|(name, _)| name == "!!" || ends(&rest[name.len()..]))
    };
    text.starts_with("!!") || text.strip_prefix(':').is_some_and(named)
}

/// Returns what follows the word `GO` at the start of a text.
fn behind_go(text: &str) -> Option<&str> {
    let word = text.get(..2).filter(|word| word.eq_ignore_ascii_case("go"))?;
    let rest = &text[word.len()..];
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '@' | '#');
    (!rest.starts_with(goes_on)).then_some(rest)
}

/// Returns how often the batch runs, from the text after `GO`. An error without a kind means: not a separator.
fn count(rest: &str) -> Result<u32, Option<SplitErrorKind>> {
    let apart = rest.starts_with([' ', '\t']);
    let text = rest.trim_matches([' ', '\t']);
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, behind) = text.split_at(digits);
    let behind = behind.trim_start_matches([' ', '\t']);
    let ends = |text: &str| text.is_empty() || text.starts_with("--");
    let semicolon = text.strip_prefix(';').is_some_and(|rest| ends(rest.trim_start_matches([' ', '\t'])));
    match number {
        "" if ends(text) || semicolon => Ok(1),
        number if apart && !number.is_empty() && ends(behind) => {
            let times = number.parse::<u32>().ok().filter(|times| (1..=MOST).contains(times));
            times.ok_or(Some(SplitErrorKind::BadCount))
        }
        // up to here, the tools read a separator; then they stop
        _ if apart || text.starts_with(['$', '/', '-', '\'', '"', '(', '[', '!', ';']) => {
            Err(Some(SplitErrorKind::BadSeparator))
        }
        _ if text.starts_with(looks_blank) => Err(Some(SplitErrorKind::BadSeparator)),
        _ => Err(None),
    }
}

/// The highest count that the tools accept.
const MOST: u32 = i32::MAX.unsigned_abs();
