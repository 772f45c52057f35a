//! The leading comment block of a script: its title and its directives.

use std::ops::Range;

use crate::sql::Marker;

/// The title and directives in the leading comment block of a script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The first comment line that contains a letter or a digit.
    pub(crate) title: Option<String>,
    /// Whether the block contains `-- dbmigrate: no-transaction`.
    pub(crate) no_transaction: bool,
    /// Whether the block contains `-- dbmigrate: no-variables`.
    pub(crate) no_variables: bool,
    /// Unknown directives, with their places in the text.
    pub(crate) unknown: Vec<(Range<usize>, String)>,
}

/// The maximum length of a title, in characters. A longer title is cut off.
const TITLE: usize = 120;

impl Header {
    /// Whether the leading comments may continue after this beginning of a text.
    pub(crate) fn goes_on(text: &str) -> bool {
        let mut at = 0;
        while let Some((_, end, _)) = next_comment(text, at) {
            at = end;
        }
        // an open comment, or the first character of one
        let rest = text[at..].trim_start();
        rest.len() < 2 || rest.starts_with("/*") || at == text.len()
    }

    pub(crate) fn parse(text: &str) -> Self {
        let mut header = Self::default();
        let mut at = 0;
        while let Some((start, end, comment)) = next_comment(text, at) {
            header.read(start..end, comment);
            at = end;
        }
        header
    }

    fn read(&mut self, span: Range<usize>, comment: &str) {
        match directive(comment) {
            Some(word) if word.eq_ignore_ascii_case("no-transaction") => self.no_transaction = true,
            Some(word) if word.eq_ignore_ascii_case("no-variables") => self.no_variables = true,
            Some(unknown) => self.unknown.push((span, unknown.to_owned())),
            None if self.title.is_none() && !is_marker(comment) => self.title = title(comment),
            None => {}
        }
    }
}

/// Returns the directive in a comment's text: what follows `dbmigrate:`.
fn directive(comment: &str) -> Option<&str> {
    let (word, rest) = comment.trim().split_once(':')?;
    word.trim_end().eq_ignore_ascii_case("dbmigrate").then(|| rest.trim())
}

/// Whether another tool acts on the comment, whatever else the script contains.
fn is_marker(comment: &str) -> bool {
    Marker::of(comment).is_some_and(|marker| marker.is_certain())
}

fn title(comment: &str) -> Option<String> {
    // `/*!40101 ... */` and `/*M!999999 ... */` are instructions to a server
    if comment.starts_with('!') || comment.starts_with("M!") {
        return None;
    }
    let line = comment.split(['\r', '\n']).map(|line| line.trim_matches(|c: char| c.is_whitespace() || c == '*'));
    let line = line.into_iter().find(|line| line.contains(char::is_alphanumeric))?;
    Some(line.chars().filter(|c| !c.is_control()).take(TITLE).collect())
}

/// Returns the next comment from `at` on, if only white space precedes it: its start, its end and its text.
fn next_comment(text: &str, at: usize) -> Option<(usize, usize, &str)> {
    let start = at + text[at..].find(|c: char| !c.is_whitespace())?;
    let rest = &text[start..];
    // `#` begins a comment in some dialects, and begins a statement in none
    let line = [("--", 2), ("#", 1)].into_iter().find_map(|(mark, width)| Some((rest.strip_prefix(mark)?, width)));
    if let Some((comment, width)) = line {
        let end = comment.find(['\r', '\n']).unwrap_or(comment.len());
        Some((start, start + width + end, &comment[..end]))
    } else {
        let comment = rest.strip_prefix("/*")?;
        let end = comment.find("*/")?;
        Some((start, start + 2 + end + 2, &comment[..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_comment_line_is_the_title() {
        for (text, title) in [
            ("-- Add email\nSELECT 1;", Some("Add email")),
            ("/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump\n", Some("MariaDB dump")),
            ("\r\n-----\r\n--Add email\r\n", Some("Add email")),
            ("/*\n * Add email\n * for all\n */ SELECT 1;", Some("Add email")),
            ("-- dbmigrate: no-transaction\n-- Add email\n", Some("Add email")),
            ("SELECT 1; -- Add email", None),
            ("# Add email\nSELECT 1;", Some("Add email")),
            ("-- Rollback the discount\nSELECT 1;", Some("Rollback the discount")),
            ("-- Property tax per customer\nSELECT 1;", Some("Property tax per customer")),
            ("-- migrate:up\n-- Add email\nSELECT 1;", Some("Add email")),
            ("-- +goose Up\n-- +goose StatementBegin\nSELECT 1;", None),
            ("--liquibase formatted sql\n--changeset ann:1\nSELECT 1;", None),
            ("", None),
            ("/* open", None),
        ] {
            assert_eq!(Header::parse(text).title.as_deref(), title, "{text}");
        }
    }

    #[test]
    fn directives_stand_in_the_leading_comments() {
        assert!(Header::parse("-- Index\n\n--dbmigrate:no-transaction\nSELECT 1").no_transaction);
        assert!(!Header::parse("SELECT 1; -- dbmigrate: no-transaction").no_transaction);
        assert!(Header::parse("# Index\n# dbmigrate: no-transaction\nSELECT 1").no_transaction);
        let both = Header::parse("-- dbmigrate: no-variables\n-- dbmigrate: no-transaction\nSELECT 1");
        assert!(both.no_variables && both.no_transaction);
        assert!(!Header::parse("-- dbmigrate: no-transaction").no_variables);
        let header = Header::parse("-- x\n-- dbmigrate: no-transactions\n");
        assert_eq!(header.unknown, [(5..34, "no-transactions".to_owned())]);
    }
}
