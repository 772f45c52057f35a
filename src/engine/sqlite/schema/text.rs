//! The canonical text of SQL: one spelling for what SQLite reads alike.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::sql::{SQLITE, Token, tokens};

/// The keywords of definitions. Source: <https://www.sqlite.org/lang_keywords.html>.
static KEYWORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "ABORT ACTION ADD AFTER ALL ALTER ALWAYS AND AS ASC AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE CASE CAST CHECK \
     COLLATE CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DEFAULT DEFERRABLE \
     DEFERRED DELETE DESC DISTINCT DO EACH ELSE END ESCAPE EXCEPT EXCLUDE EXISTS FAIL FILTER FIRST FOLLOWING FOR \
     FOREIGN FROM FULL GENERATED GLOB GROUP GROUPS HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT \
     INSTEAD INTERSECT INTO IS ISNULL JOIN KEY LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL \
     NULL NULLS OF OFFSET ON OR ORDER OTHERS OUTER OVER PARTITION PRECEDING PRIMARY RAISE RANGE RECURSIVE REFERENCES \
     REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SELECT SET TABLE THEN TIES TO TRIGGER UNBOUNDED UNION UNIQUE \
     UPDATE USING VALUES VIEW WHEN WHERE WINDOW WITH"
        .split(' ')
        .collect()
});

/// Operators of several characters, the longest first. Source: <https://www.sqlite.org/lang_expr.html>.
const OPERATORS: [&str; 10] = ["->>", "->", "||", "<<", ">>", "<=", ">=", "<>", "!=", "=="];

/// Keywords that begin a line of a view or a trigger.
const LINES: [&str; 15] = [
    "FROM",
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "ORDER",
    "LIMIT",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "BEGIN",
    "END",
    "JOIN",
    "SET",
    "VALUES",
];

/// A token in its canonical spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) text: String,
    pub(super) kind: TermKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TermKind {
    /// An unquoted keyword, in upper case.
    Keyword,
    /// A name, without quotes where it needs none.
    Name,
    /// A string, a number or an operator.
    Other,
}

impl Term {
    fn new(kind: TermKind, text: impl Into<String>) -> Self {
        Self { text: text.into(), kind }
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.kind != TermKind::Name && self.text == text
    }
}

/// Returns the tokens of a definition. Comments and white space are not among them.
pub(super) fn terms(sql: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut rest = 0;
    for (token, at) in tokens(SQLITE, sql) {
        if at.start < rest {
            continue;
        }
        rest = at.end;
        let text = &sql[at.clone()];
        terms.push(match token {
            Token::Blank => continue,
            // x'00'
            Token::Word if text.eq_ignore_ascii_case("x") && sql[at.end..].starts_with('\'') => {
                Term::new(TermKind::Other, "x")
            }
            Token::Word => word(text),
            Token::Name => Term::new(TermKind::Name, name(text)),
            Token::Symbol(_) => {
                let operator = OPERATORS.iter().find(|operator| sql[at.start..].starts_with(**operator));
                let text = operator.copied().unwrap_or(text);
                rest = at.start + text.len();
                Term::new(TermKind::Other, text)
            }
            _ => Term::new(TermKind::Other, text),
        });
    }
    terms
}

fn word(text: &str) -> Term {
    let upper = text.to_ascii_uppercase();
    if KEYWORDS.contains(upper.as_str()) {
        Term::new(TermKind::Keyword, upper)
    } else {
        Term::new(TermKind::Name, text)
    }
}

/// Returns a name as it is written, in quotes only if it needs them.
pub(super) fn name(quoted: &str) -> String {
    let bare = bare(quoted);
    let is_plain = bare.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric())
        && !bare.starts_with(|first: char| first.is_ascii_digit())
        && !bare.is_empty()
        && !KEYWORDS.contains(bare.to_ascii_uppercase().as_str());
    if is_plain { bare } else { format!("\"{}\"", bare.replace('"', "\"\"")) }
}

/// Returns a name without its quotes.
pub(super) fn bare(name: &str) -> String {
    let inner = |quote: char, end: char| name.strip_prefix(quote).and_then(|rest| rest.strip_suffix(end));
    if let Some(inner) = inner('[', ']') {
        return inner.into();
    }
    for quote in ['"', '`', '\''] {
        if let Some(inner) = inner(quote, quote) {
            return inner.replace(&format!("{quote}{quote}"), &quote.to_string());
        }
    }
    name.into()
}

/// Joins tokens on one line.
pub(super) fn line(terms: &[Term]) -> String {
    join(terms, |_, _| false)
}

/// Joins tokens on several lines, so that a difference of two texts shows the changed part.
pub(super) fn lines(terms: &[Term]) -> String {
    join(terms, |before, term| before.is(";") || term.kind == TermKind::Keyword && LINES.contains(&term.text.as_str()))
}

fn join(terms: &[Term], breaks: impl Fn(&Term, &Term) -> bool) -> String {
    let mut joined = String::new();
    let (mut depth, mut before, mut unary) = (0, None::<&Term>, false);
    for term in terms {
        if let Some(before) = before {
            let is_break = depth == 0 && breaks(before, term);
            joined.push_str(if is_break {
                "\n"
            } else if unary || joins(before, term) {
                ""
            } else {
                " "
            });
        }
        let ends_operand = |term: &Term| term.is(")") || term.kind == TermKind::Name || !is_operator(term);
        unary = ["-", "+", "~"].iter().any(|sign| term.is(sign))
            && !before.is_some_and(|before| before.kind != TermKind::Keyword && ends_operand(before));
        depth += i32::from(term.is("(")) - i32::from(term.is(")"));
        joined.push_str(&term.text);
        before = Some(term);
    }
    joined
}

fn is_operator(term: &Term) -> bool {
    let is_string = term.text.starts_with('\'');
    term.kind == TermKind::Other && !is_string && term.text.bytes().all(|byte| byte.is_ascii_punctuation())
}

/// Whether no space separates two tokens.
fn joins(before: &Term, term: &Term) -> bool {
    let is_call = term.is("(") && before.kind == TermKind::Name;
    let closes = [",", ")", ";", "."].iter().any(|text| term.is(text));
    is_call || closes || ["(", ".", "x"].iter().any(|text| before.is(text))
}
