//! Parts of SQL texts and of messages that several engines share.

use std::ops::Range;

/// Returns the one place in a text where a word is a whole word; `None` when there is none or more than one.
pub(super) fn only_place(text: &str, word: &str) -> Option<Range<usize>> {
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let whole = |(at, _): &(usize, &str)| {
        let (before, after) = (&text[..*at], &text[at + word.len()..]);
        let joined = |left: &str, right: &str| left.ends_with(inside) && right.starts_with(inside);
        !joined(before, word) && !joined(word, after)
    };
    let mut places = text.match_indices(word).filter(whole);
    let (at, _) = places.next().filter(|_| !word.is_empty())?;
    places.next().is_none().then_some(at..at + word.len())
}

/// Returns the length of what a text starts with: a word, a name in one of the quotes, or a single character.
pub(super) fn token(text: &str, quotes: &[char]) -> usize {
    let word = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let through = |quote: &char| text.strip_prefix(*quote).and_then(|rest| rest.find(*quote)).map(|end| end + 2);
    let name = quotes.iter().find_map(through);
    name.unwrap_or_else(|| word.max(text.chars().next().map_or(0, char::len_utf8)))
}

/// Quotes an identifier as the SQL standard does.
pub(super) fn quote(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// Returns a literal of the SQL standard: only the quote is doubled.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
