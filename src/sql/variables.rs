//! Variables: `$(name)` in a script is replaced with a value.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::cursor::Token;
use super::edits::Edits;
use super::tokens::tokens;
use super::{Context, Dialect, SplitError, SplitErrorKind, Statement, split};

/// The values that replace `$(name)` in scripts.
///
/// An undeclared variable is an error, even if no variable is declared; `$$(name)` means the text `$(name)`. Comments
/// stay as they are, and so does everything that is hashed: the checksum of a script is that of its text as written.
///
/// ```
/// use dbmigrate::Variables;
///
/// let mut variables = Variables::default();
/// variables.declare("schema", "shop")?;
/// variables.declare_secret("password", "hush")?;
/// assert_eq!(format!("{variables:?}"), r#"{"password": "***", "schema": "shop"}"#);
/// assert!(variables.declare("not a name", "x").is_err());
/// # Ok::<(), dbmigrate::error::VariableError>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Variables {
    declared: Arc<BTreeMap<String, Variable>>,
    /// Whether texts are sent as written.
    off: bool,
}

#[derive(Clone, PartialEq, Eq)]
struct Variable {
    value: String,
    secret: bool,
}

/// The error for an invalid variable name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a variable name: use letters, digits and underscores, and do not begin with a digit")]
pub struct VariableError(String);

impl Variables {
    /// Declares a variable, or gives it another value. A secret variable stays secret.
    ///
    /// # Errors
    ///
    /// If the name is not a valid variable name.
    pub fn declare(&mut self, name: &str, value: impl Into<String>) -> Result<(), VariableError> {
        let secret = self.declared.get(name).is_some_and(|variable| variable.secret);
        self.set(name, Variable { value: value.into(), secret })
    }

    /// Declares a variable whose value no output, journal or log may show.
    ///
    /// # Errors
    ///
    /// If the name is not a valid variable name.
    pub fn declare_secret(&mut self, name: &str, value: impl Into<String>) -> Result<(), VariableError> {
        self.set(name, Variable { value: value.into(), secret: true })
    }

    fn set(&mut self, name: &str, variable: Variable) -> Result<(), VariableError> {
        static NAME: LazyLock<Regex> = LazyLock::new(|| pattern("^[A-Za-z_][A-Za-z0-9_]*$"));
        if !NAME.is_match(name) {
            return Err(VariableError(name.into()));
        }
        Arc::make_mut(&mut self.declared).insert(name.into(), variable);
        Ok(())
    }

    /// Whether no variable is declared.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.declared.is_empty()
    }

    /// Returns variables for a text that is sent as written, including `$(name)`.
    #[must_use]
    pub fn off() -> Self {
        Self { off: true, ..Self::default() }
    }

    fn secrets(&self) -> impl Iterator<Item = &str> {
        self.declared
            .values()
            .filter(|variable| variable.secret && !variable.value.is_empty())
            .map(|variable| &*variable.value)
    }

    /// Masks the values of secret variables in a text, and parts of them, because servers shorten what they quote.
    pub(crate) fn mask(&self, text: &str) -> String {
        let (mut masked, mut rest) = (String::with_capacity(text.len()), text);
        while let Some(first) = rest.chars().next() {
            let hidden = self.secrets().map(|secret| hidden(secret, rest)).max().unwrap_or(0);
            if hidden == 0 {
                masked.push(first);
            } else if !masked.ends_with("***") {
                masked.push_str("***");
            }
            rest = &rest[hidden.max(first.len_utf8())..];
        }
        masked
    }

    /// Returns what other tools read as variables in a statement: `${name}`, and `$name$` in a literal or a name.
    pub(crate) fn foreign(&self, dialect: &dyn Dialect, statement: &str) -> Vec<(Range<usize>, String)> {
        static FOREIGN: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"\$(?:\{[A-Za-z_][A-Za-z0-9_.:-]*\}|[A-Za-z_][A-Za-z0-9_]*\$)"));
        if self.off || memchr::memchr(b'$', statement.as_bytes()).is_none() || !FOREIGN.is_match(statement) {
            return Vec::new();
        }
        let segments = segments(dialect, statement);
        let is_meant = |found: &Range<usize>| {
            let behind = segments.partition_point(|(_, at)| at.end <= found.start);
            let Some((segment, at)) = segments.get(behind) else { return false };
            let whole = found.end <= at.end;
            match segment {
                Segment::Apart => false,
                _ if statement[found.start..].starts_with("${") => true,
                Segment::Name => whole || dialect.leaves_dollars(),
                // `$argon2id$v=19$...` is a password hash
                Segment::Literal => {
                    let behind = &statement[found.end.min(at.end)..at.end];
                    let is_hash = found.start == at.start + 1 && !behind.starts_with(' ') && behind.contains('$');
                    whole && !is_hash
                }
                Segment::Body => false,
            }
        };
        let found = FOREIGN.find_iter(statement).map(|found| found.range()).filter(is_meant);
        found.map(|at| (at.clone(), statement[at].to_owned())).collect()
    }

    /// Returns the names of the variables that a statement uses.
    pub(crate) fn used(&self, dialect: &dyn Dialect, statement: &str) -> Vec<String> {
        if self.off || !statement.contains("$(") {
            return Vec::new();
        }
        let used = references(dialect, statement).into_iter().filter(|reference| !reference.escaped);
        used.map(|reference| reference.name.to_owned()).collect()
    }

    /// Whether two sets say the same about some variables.
    pub(crate) fn agree<'a>(&self, other: &Self, names: impl IntoIterator<Item = &'a String>) -> bool {
        self.off == other.off && names.into_iter().all(|name| self.declared.get(name) == other.declared.get(name))
    }

    /// Returns the names of the declared variables.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.declared.keys().map(String::as_str)
    }

    /// Returns the value of a variable, if it is declared.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.declared.get(name).map(|variable| &*variable.value)
    }

    /// Whether there are secret values to hide.
    pub(crate) fn has_secrets(&self) -> bool {
        self.secrets().next().is_some()
    }

    /// Returns what is sent for a statement; `None` if that is what is written. The error has the place and the name of
    /// an undeclared variable.
    pub(crate) fn apply(&self, dialect: &dyn Dialect, statement: &str) -> Result<Option<Sent>, (Range<usize>, String)> {
        self.apply_first(usize::MAX, dialect, statement)
    }

    /// Applies only the first `count` variables of the statement.
    fn apply_first(
        &self,
        count: usize,
        dialect: &dyn Dialect,
        statement: &str,
    ) -> Result<Option<Sent>, (Range<usize>, String)> {
        if self.off || !statement.contains("$(") {
            return Ok(None);
        }
        let mut sent = Sent { sql: String::new(), shown: String::new(), edits: Edits::default() };
        let mut end = 0;
        for Reference { at, name, escaped } in references(dialect, statement).into_iter().take(count) {
            let written = &statement[at.clone()];
            let (value, shown) = match self.declared.get(name) {
                _ if escaped => (&written[1..], &written[1..]),
                Some(Variable { value, secret: true }) => (&**value, written),
                Some(Variable { value, .. }) => (&**value, &**value),
                None => return Err((at, name.to_owned())),
            };
            for text in [&mut sent.sql, &mut sent.shown] {
                text.push_str(&statement[end..at.start]);
            }
            sent.sql.push_str(value);
            sent.shown.push_str(shown);
            sent.edits.push(at.clone(), value.len());
            end = at.end;
        }
        for text in [&mut sent.sql, &mut sent.shown] {
            text.push_str(&statement[end..]);
        }
        Ok((!sent.edits.is_empty()).then_some(sent))
    }
}

/// Returns how many bytes at the beginning of a text are a secret, or a revealing part of it.
fn hidden(secret: &str, text: &str) -> usize {
    const TELLING: usize = 5;
    let least = TELLING.min(secret.chars().count());
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.skip(least - 1).take_while(|end| secret.contains(&text[..*end])).last().unwrap_or(0)
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |variable: &Variable| if variable.secret { "***".to_owned() } else { variable.value.clone() };
        f.debug_map().entries(self.declared.iter().map(|(name, variable)| (name, shown(variable)))).finish()
    }
}

/// A statement with the values of its variables.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) sql: String,
    /// The SQL with the names of secret variables instead of their values.
    pub(crate) shown: String,
    edits: Edits,
}

impl Sent {
    /// Returns the offset in the written text for an offset in the sent text.
    pub(crate) fn written(&self, at: usize) -> usize {
        self.edits.written(at)
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Statement {
    /// Replaces the variables of the statement. What is sent must also be one statement.
    pub(crate) fn with_variables(self, context: &Context, written: &str) -> Result<Self, SplitError> {
        let start = self.range.start;
        let sent = context.variables.apply(context.dialect, written);
        let sent =
            sent.map_err(|(at, name)| SplitError { at: start + at.start, kind: SplitErrorKind::Undeclared { name } })?;
        let Some(sent) = sent else { return Ok(self) };
        let mut statements =
            split(context.dialect, &sent.sql).filter(|statement| !statement.as_ref().is_ok_and(Statement::is_blank));
        match (statements.next(), statements.next()) {
            (Some(Ok(one)), None) if one.is_all_of(&sent) => {
                Ok(Self { words: one.words, facts: one.facts, sent: Some(Arc::new(sent)), ..self })
            }
            // the rows of a COPY follow the written statement
            (Some(Err(SplitError { kind: SplitErrorKind::UnterminatedCopy, .. })), None) if self.data.is_some() => {
                Ok(Self { sent: Some(Arc::new(sent)), ..self })
            }
            _ => {
                let (at, name) = breaking(context, written);
                Err(SplitError { at: start + at, kind: SplitErrorKind::Several { name } })
            }
        }
    }

    fn is_all_of(&self, sent: &Sent) -> bool {
        self.data.is_none() && self.times == 1 && self.range.end == sent.sql.len()
    }

    fn is_blank(&self) -> bool {
        self.range.is_empty()
    }

    /// What is sent, if it differs from what is written.
    pub(crate) fn sent(&self) -> Option<&Sent> {
        self.sent.as_deref()
    }

    /// The number of bytes that are sent.
    pub(crate) fn bytes(&self) -> usize {
        self.sent().map_or(self.range.len(), |sent| sent.sql.len())
    }

    /// Returns the span in the script's text for a span in the sent text.
    pub(crate) fn written(&self, sent: Range<usize>) -> Range<usize> {
        let place = |at: usize| self.range.start + self.sent().map_or(at, |sent| sent.written(at));
        place(sent.start)..place(sent.end)
    }
}

/// Returns the first variable whose value makes a statement no longer a single one, after its place in the statement.
fn breaking(context: &Context, written: &str) -> (usize, String) {
    let references = references(context.dialect, written);
    let breaks = |count: &usize| {
        let Ok(Some(sent)) = context.variables.apply_first(*count, context.dialect, written) else { return false };
        let mut statements =
            split(context.dialect, &sent.sql).filter(|statement| !statement.as_ref().is_ok_and(Statement::is_blank));
        !matches!((statements.next(), statements.next()), (Some(Ok(one)), None) if one.is_all_of(&sent))
    };
    let first = (1..=references.len()).find(breaks).unwrap_or(references.len());
    let found = first.checked_sub(1).and_then(|at| references.get(at));
    found.map_or_else(Default::default, |found| (found.at.start, found.name.to_owned()))
}

/// A variable in a statement.
struct Reference<'a> {
    at: Range<usize>,
    name: &'a str,
    /// Whether it is written `$$(name)`.
    escaped: bool,
}

fn references<'a>(dialect: &dyn Dialect, statement: &'a str) -> Vec<Reference<'a>> {
    static REFERENCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\$?\$\(([A-Za-z_][A-Za-z0-9_]*)\)"));
    let segments = segments(dialect, statement);
    let is_apart = |place: &Range<usize>| {
        let behind = segments.partition_point(|(_, at)| at.end <= place.start);
        let met = segments[behind..].iter().take_while(|(_, at)| at.start < place.end);
        met.into_iter().any(|(segment, _)| *segment == Segment::Apart)
    };
    let reference = |found: regex::Captures<'_>| {
        let (at, name) = (found.get(0)?.range(), found.get(1)?.range());
        Some((at.clone(), name.clone(), at.len() > name.len() + 3))
    };
    let found = REFERENCE.captures_iter(statement).filter_map(reference);
    let found = found.filter(|(at, ..)| !is_apart(at));
    found.map(|(at, name, escaped)| Reference { at, name: &statement[name], escaped }).collect()
}

/// The kind of a segment of a statement, as far as variables are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment {
    /// A comment, or the delimiter of a dollar quote: it cannot contain a variable.
    Apart,
    Literal,
    /// The contents of a dollar quote.
    Body,
    /// A name, and anything else that is not a literal.
    Name,
}

/// Returns the segments of a statement, in order.
fn segments(dialect: &dyn Dialect, statement: &str) -> Vec<(Segment, Range<usize>)> {
    let mut segments = Vec::new();
    for (token, at) in tokens(dialect, statement) {
        match (token, dialect.quoted_body(token, &statement[at.clone()])) {
            (_, Some(body)) => {
                let body = at.start + body.start..at.start + body.end;
                let (opening, closing) = (at.start..body.start, body.end..at.end);
                segments.extend([(Segment::Apart, opening), (Segment::Body, body), (Segment::Apart, closing)]);
            }
            (Token::Blank, None) => segments.push((Segment::Apart, at)),
            (Token::Text, None) => segments.push((Segment::Literal, at)),
            (_, None) => segments.push((Segment::Name, at)),
        }
    }
    segments
}

fn pattern(pattern: &'static str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

#[cfg(test)]
mod tests;
