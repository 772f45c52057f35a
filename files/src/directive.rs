//! The leading comments of a script, and the directives in them.

use std::ops::Range;

use crate::Role;

/// A comment before the first statement of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment<'a> {
    /// Its bytes, with the marks that begin and end it.
    pub span: Range<usize>,
    /// What it says, without those marks.
    pub text: &'a str,
}

/// A line such as `-- dbmigrate: no-transaction`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directive<'a> {
    /// `no-transaction`.
    NoTransaction,
    /// `no-variables`.
    NoVariables,
    /// `drop-first`.
    DropFirst,
    /// `always`.
    Always,
    /// `after PATH`.
    After(&'a str),
    /// One that a file of this role cannot have.
    Unknown(&'a str),
}

impl<'a> Directive<'a> {
    /// Reads a comment of a file of this role; `None` for one that is not a directive.
    #[must_use]
    pub fn of(comment: &Comment<'a>, role: Role) -> Option<Self> {
        let (word, rest) = comment.text.trim().split_once(':')?;
        let directive = word.trim_end().eq_ignore_ascii_case("dbmigrate").then(|| rest.trim())?;
        let (word, value) = directive.split_once(char::is_whitespace).unwrap_or((directive, ""));
        Some(match (role, word.to_ascii_lowercase().as_str(), value.trim()) {
            (Role::Script | Role::Baseline, "no-transaction", "") => Self::NoTransaction,
            (_, "no-variables", "") => Self::NoVariables,
            (Role::Object, "drop-first", "") => Self::DropFirst,
            (Role::Object, "always", "") => Self::Always,
            (Role::Object, "after", path) if !path.is_empty() => Self::After(path),
            _ => Self::Unknown(directive),
        })
    }
}

/// Returns the directives that a file of this role may have, as a hint names them.
#[must_use]
pub const fn known_directives(role: Role) -> &'static str {
    match role {
        Role::Script | Role::Baseline => "-- dbmigrate: no-transaction and -- dbmigrate: no-variables",
        Role::Object => {
            "-- dbmigrate: after PATH, -- dbmigrate: always, -- dbmigrate: drop-first and -- dbmigrate: no-variables"
        }
    }
}

/// Returns the comments before the first statement of a text.
pub fn comments(text: &str) -> impl Iterator<Item = Comment<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let comment = next(text, at)?;
        at = comment.span.end;
        Some(comment)
    })
}

/// Whether the leading comments may continue after this beginning of a text.
#[must_use]
pub fn comments_go_on(text: &str) -> bool {
    let at = comments(text).last().map_or(0, |comment| comment.span.end);
    // an open comment, or the first character of one
    let rest = text[at..].trim_start();
    rest.len() < 2 || rest.starts_with("/*") || at == text.len()
}

/// Returns the next comment from `at` on, if only white space precedes it.
fn next(text: &str, at: usize) -> Option<Comment<'_>> {
    let start = at + text[at..].find(|c: char| !c.is_whitespace())?;
    let rest = &text[start..];
    // `#` begins a comment in some dialects, and begins a statement in none
    let line = [("--", 2), ("#", 1)].into_iter().find_map(|(mark, width)| Some((rest.strip_prefix(mark)?, width)));
    if let Some((comment, width)) = line {
        let end = comment.find(['\r', '\n']).unwrap_or(comment.len());
        Some(Comment { span: start..start + width + end, text: &comment[..end] })
    } else {
        let comment = rest.strip_prefix("/*")?;
        let end = comment.find("*/")?;
        Some(Comment { span: start..start + 2 + end + 2, text: &comment[..end] })
    }
}
