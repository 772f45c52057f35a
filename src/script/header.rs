//! The leading comment block of a script: its title and its directives.

use std::ops::Range;

use dbmigrate_files::{Directive, comments};

use crate::sql::{Marker, Role};

/// The title and directives in the leading comment block of a script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The first comment line that contains a letter or a digit.
    pub(crate) title: Option<String>,
    /// Whether the block contains `-- dbmigrate: no-transaction`.
    pub(crate) no_transaction: bool,
    /// Whether the block contains `-- dbmigrate: no-variables`.
    pub(crate) no_variables: bool,
    /// The object files that must be applied before this one (`-- dbmigrate: after PATH`), with their places in the text.
    pub(crate) after: Vec<(Range<usize>, String)>,
    /// Where the block contains `-- dbmigrate: drop-first`.
    pub(crate) drop_first: Option<Range<usize>>,
    /// Whether the block contains `-- dbmigrate: always`.
    pub(crate) always: bool,
    /// Unknown directives, with their places in the text.
    pub(crate) unknown: Vec<(Range<usize>, String)>,
}

/// The maximum length of a title, in characters. A longer title is cut off.
const TITLE: usize = 120;

impl Header {
    pub(crate) fn parse(text: &str, role: Role) -> Self {
        let mut header = Self::default();
        for comment in comments(text) {
            match Directive::of(&comment, role) {
                Some(directive) => header.set(directive, comment.span),
                None if header.title.is_none() && !is_marker(comment.text) => header.title = title(comment.text),
                None => {}
            }
        }
        header
    }

    fn set(&mut self, directive: Directive<'_>, span: Range<usize>) {
        match directive {
            Directive::NoTransaction => self.no_transaction = true,
            Directive::NoVariables => self.no_variables = true,
            Directive::DropFirst => self.drop_first = Some(span),
            Directive::Always => self.always = true,
            Directive::After(path) => self.after.push((span, path.to_owned())),
            Directive::Unknown(directive) => self.unknown.push((span, directive.to_owned())),
        }
    }
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
            assert_eq!(Header::parse(text, Role::Script).title.as_deref(), title, "{text}");
        }
    }

    #[test]
    fn directives_stand_in_the_leading_comments() {
        assert!(Header::parse("-- Index\n\n--dbmigrate:no-transaction\nSELECT 1", Role::Script).no_transaction);
        assert!(!Header::parse("SELECT 1; -- dbmigrate: no-transaction", Role::Script).no_transaction);
        assert!(Header::parse("# Index\n# dbmigrate: no-transaction\nSELECT 1", Role::Script).no_transaction);
        let both = Header::parse("-- dbmigrate: no-variables\n-- dbmigrate: no-transaction\nSELECT 1", Role::Script);
        assert!(both.no_variables && both.no_transaction);
        assert!(!Header::parse("-- dbmigrate: no-transaction", Role::Script).no_variables);
        let header = Header::parse("-- x\n-- dbmigrate: no-transactions\n", Role::Script);
        assert_eq!(header.unknown, [(5..34, "no-transactions".to_owned())]);
    }

    #[test]
    fn objects_have_directives_of_their_own() {
        let text = "-- Totals\n-- dbmigrate: after views/base.sql\n-- dbmigrate: drop-first\n-- dbmigrate: always\n";
        let header = Header::parse(text, Role::Object);
        assert_eq!(header.after, [(10..44, "views/base.sql".to_owned())]);
        assert!(header.drop_first.is_some() && header.always && header.unknown.is_empty());
        assert_eq!(Header::parse(text, Role::Script).unknown.len(), 3);
        assert_eq!(Header::parse("-- dbmigrate: no-transaction", Role::Object).unknown.len(), 1);
        assert_eq!(Header::parse("-- dbmigrate: after", Role::Object).unknown.len(), 1);
    }
}
