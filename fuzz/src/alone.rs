//! A statement reads the same when it stands alone.
//!
//! Where a client or a server remembers something from one statement to the next, what made it do so comes before the
//! statement again: what sets `standard_conforming_strings`, `sql_mode`, or the delimiter.

use dbmigrate::internals::{Statement, may_commit, split, stands_alone};

use crate::Split;

pub(crate) fn check(dialect: &str, text: &str, statements: &Split) {
    let mut memory = Memory::default();
    for statement in statements.iter().flatten() {
        match dialect {
            "mysql" => memory.mysql(text, statement),
            "postgres" => memory.postgres(text, statement),
            // a trigger has no end without its `;`
            "sqlite" => same(dialect, "", statement, &text[statement.range.clone()], ";"),
            "sqlserver" => same(dialect, odd_blanks(text, statement), statement, &text[statement.range.clone()], ""),
            _ => {}
        }
    }
}

/// The blanks before a batch on its first line, if they are such as hide a command or a separator.
fn odd_blanks<'a>(text: &'a str, statement: &Statement) -> &'a str {
    let line = text[statement.span.start..statement.range.start].rsplit(['\r', '\n']).next().unwrap_or_default();
    if line.trim_matches([' ', '\t']).is_empty() { "" } else { line }
}

/// The statement is the only one after `before`.
fn same(dialect: &str, before: &str, parsed: &Statement, statement: &str, after: &str) {
    if statement.is_empty() {
        return;
    }
    let alone = format!("{before}{statement}{after}");
    let mut found = split(dialect, &alone)
        .filter(|own| own.as_ref().map_or(true, |own| !own.range.is_empty() && own.span.end > before.len()));
    let own = match found.next() {
        Some(Ok(own)) => own,
        other => panic!("there is no statement in {alone:?}: {other:?}"),
    };
    assert_eq!(&alone[own.range.clone()], statement, "a statement reads the same alone: {alone:?}");
    assert_eq!(own.words, parsed.words, "its words are the same: {alone:?}");
    assert_eq!(own.data.is_some(), parsed.data.is_some(), "it has data or none: {alone:?}");
    assert_eq!(own.is_conditional(), parsed.is_conditional(), "it is conditional or not: {alone:?}");
    assert_eq!(may_commit(dialect, &own), may_commit(dialect, parsed), "it may commit or not: {alone:?}");
    if let Some(more) = found.next() {
        panic!("there is more than one statement in {alone:?}: {more:?}");
    }
}

#[derive(Default)]
struct Memory {
    /// What changes how strings are read.
    settings: String,
    /// MySQL's, where it is not `;`.
    delimiter: Delimiter,
    /// The client of MySQL keeps what comes before a `;` up to its delimiter, and understands no command there.
    holds: bool,
}

#[derive(Default)]
enum Delimiter {
    #[default]
    Semicolon,
    Chosen(String),
    /// One that this module does not try to read.
    Odd,
}

impl Memory {
    fn postgres(&mut self, text: &str, parsed: &Statement) {
        let statement = &text[parsed.range.clone()];
        let after = if parsed.data.is_some() { ";\n\\.\n" } else { ";\n" };
        same("postgres", &self.settings, parsed, statement, after);
        if parsed.data.is_none() && stands_alone("postgres", parsed) {
            self.settings.extend([statement, ";\n"]);
        }
    }

    fn mysql(&mut self, text: &str, parsed: &Statement) {
        let statement = &text[parsed.range.clone()];
        let starts_line = text[..parsed.range.start].rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
        let is_use = parsed.words.starts(&["USE"]);
        let (before, end) = match &self.delimiter {
            Delimiter::Semicolon => (String::new(), ";"),
            Delimiter::Chosen(delimiter) => (format!("DELIMITER {delimiter}\n"), delimiter.as_str()),
            Delimiter::Odd => (String::new(), ""),
        };
        // what is a command before a blank (`quit`) is a word before a comment
        let comment = ["/**/\n", "#\n"].into_iter().find(|comment| !makes(statement, comment, end));
        if let Some(comment) = comment
            && !self.holds
            && !end.is_empty()
            && (starts_line || !is_use)
        {
            let before = format!("{}{before}", self.settings);
            same("mysql", &before, parsed, statement, &format!("{comment}{end}"));
        }
        if parsed.words.starts(&["SET"]) && statement.to_ascii_lowercase().contains("sql_mode") {
            self.settings.extend([statement, "/**/;\n"]);
        }
        let span = &text[parsed.span.clone()];
        match chosen(span).filter(|_| statement.is_empty()) {
            Some(delimiter) => (self.delimiter, self.holds) = (delimiter, false),
            None => self.holds = !is_use && matches!(&self.delimiter, Delimiter::Chosen(end) if !span.ends_with(end)),
        }
    }
}

/// A comment makes a delimiter with the end of the statement before it, or has one: `catu/**/` with `u/`.
fn makes(statement: &str, comment: &str, delimiter: &str) -> bool {
    let across = (1..delimiter.len()).filter(|at| delimiter.is_char_boundary(*at)).any(|at| {
        let (first, second) = delimiter.split_at(at);
        statement.ends_with(first) && (comment.starts_with(second) || second.starts_with(comment))
    });
    across || !delimiter.is_empty() && comment.contains(delimiter)
}

/// What a `DELIMITER` line chooses.
fn chosen(span: &str) -> Option<Delimiter> {
    let line = span.rsplit('\n').next().unwrap_or_default().trim();
    let keyword = line.get(.."delimiter".len()).filter(|word| word.eq_ignore_ascii_case("delimiter"))?;
    let delimiter = line[keyword.len()..].trim().split(' ').next().unwrap_or_default();
    let in_a_comment = ["/*", "#", "--"].iter().any(|comment| span.contains(comment));
    Some(match delimiter {
        _ if in_a_comment => Delimiter::Odd,
        ";" => Delimiter::Semicolon,
        delimiter if delimiter.contains([';', '\'', '"', '`']) => Delimiter::Odd,
        delimiter => Delimiter::Chosen(delimiter.to_owned()),
    })
}
