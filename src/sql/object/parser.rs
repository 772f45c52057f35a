//! Reads the statements that create and drop objects.

use std::ops::Range;

use super::{Created, Dropped, Manner, Repeat, class};
use crate::sql::cursor::Token;
use crate::sql::dialect::Dialect;
use crate::sql::tokens::tokens;

/// The tokens of a statement, without white space and comments.
pub(super) struct Parser<'a> {
    dialect: &'a dyn Dialect,
    sql: &'a str,
    tokens: Vec<(Token, Range<usize>)>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(dialect: &'a dyn Dialect, sql: &'a str) -> Self {
        let tokens = tokens(dialect, sql).filter(|(token, _)| *token != Token::Blank).collect();
        Self { dialect, sql, tokens }
    }

    fn text(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |(_, at)| &self.sql[at.clone()])
    }

    fn is(&self, at: usize, word: &str) -> bool {
        self.text(at).eq_ignore_ascii_case(word)
    }

    fn are(&self, at: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(i, word)| self.is(at + i, word))
    }

    /// Returns the kind of object whose words begin here, and how many there are.
    fn kind(&self, at: usize) -> Option<(&'static str, usize)> {
        const KINDS: [(&str, &str); 12] = [
            ("VIEW", "view"),
            ("FUNCTION", "function"),
            ("PROCEDURE", "procedure"),
            ("PROC", "procedure"),
            ("TRIGGER", "trigger"),
            ("AGGREGATE", "aggregate"),
            ("RULE", "rule"),
            ("POLICY", "policy"),
            ("SYNONYM", "synonym"),
            ("TYPE", "type"),
            ("DOMAIN", "domain"),
            ("EVENT", "event"),
        ];
        if self.are(at, &["MATERIALIZED", "VIEW"]) {
            return Some(("materialized view", 2));
        }
        if self.are(at, &["EVENT", "TRIGGER"]) {
            return Some(("event trigger", 2));
        }
        // an aggregate function of MariaDB is a function
        let at = if self.are(at, &["AGGREGATE", "FUNCTION"]) { (at + 1, 2) } else { (at, 1) };
        KINDS.iter().find(|(word, _)| self.is(at.0, word)).map(|(_, kind)| (*kind, at.1))
    }

    /// Returns the name of a table that the statement creates, and why it cannot run again.
    pub(super) fn table_created(&self) -> Option<(String, Range<usize>, Repeat)> {
        let at = 1 + ["UNLOGGED", "FOREIGN"].iter().filter(|word| self.is(1, word)).count();
        if !self.is(0, "CREATE") || !self.is(at, "TABLE") {
            return None;
        }
        let skips = self.are(at + 1, &["IF", "NOT", "EXISTS"]);
        let (at, repeat) = if skips { (at + 4, Repeat::Skips) } else { (at + 1, Repeat::Fails) };
        let (_, name, next) = self.name(at)?;
        Some((name, self.tokens[at].1.start..self.tokens[next - 1].1.end, repeat))
    }

    /// Returns the object that the statement creates.
    pub(super) fn created(&self) -> Option<Created> {
        if !self.is(0, "CREATE") {
            return None;
        }
        let (mut at, mut manner, mut has_definer) = (1, Manner::Fails, false);
        let (kind, words) = loop {
            if let Some(kind) = self.kind(at) {
                break kind;
            }
            match self.text(at).to_ascii_uppercase().as_str() {
                "REPLACE" | "ALTER" => manner = Manner::Replaces,
                "DEFINER" => has_definer = true,
                "OR" | "RECURSIVE" | "CONSTRAINT" | "ALGORITHM" | "=" | "UNDEFINED" | "MERGE" | "TEMPTABLE" | "SQL"
                | "SECURITY" | "INVOKER" => {}
                "" => return None,
                _ if has_definer => {}
                _ => return None,
            }
            at += 1;
        };
        at += words;
        if self.are(at, &["IF", "NOT", "EXISTS"]) {
            (at, manner) = (at + 3, Manner::Skips);
        }
        let (schema, name, next) = self.name(at)?;
        let place = self.tokens[at].1.start..self.tokens[next - 1].1.end;
        let table = self.table(kind, next);
        if table.is_some_and(|at| self.is(at, "DATABASE") || self.is(at, "ALL")) {
            // a trigger of the database or of the server
            return None;
        }
        let table = table.and_then(|at| self.name(at));
        let (schema_of_table, on) = table.map_or((None, None), |(schema, name, _)| (schema, Some(name)));
        let schema = if on.is_some() { schema_of_table.or(schema) } else { schema };
        let arguments = match kind {
            "function" | "procedure" | "aggregate" => self.arguments(next),
            _ => None,
        };
        let arguments = arguments.filter(|_| self.dialect.overloads());
        Some(Created { kind, schema, name, on, arguments, at: place, manner })
    }

    /// Returns a name that may be qualified, and the place after it.
    fn name(&self, mut at: usize) -> Option<(Option<String>, String, usize)> {
        let mut parts = Vec::new();
        loop {
            let (token @ (Token::Word | Token::Name), text) = (self.tokens.get(at)?.0, self.text(at)) else {
                return None;
            };
            parts.push(self.dialect.folded(token, text));
            at += 1;
            if !self.is(at, ".") {
                break;
            }
            at += 1;
        }
        let name = parts.pop()?;
        Some((parts.pop(), name, at))
    }

    /// Returns the place of the table's name of a trigger, a rule or a policy.
    fn table(&self, kind: &str, from: usize) -> Option<usize> {
        let word = match kind {
            "trigger" | "policy" => "ON",
            "rule" => "TO",
            _ => return None,
        };
        (from..self.tokens.len()).find(|at| self.is(*at, word)).map(|at| at + 1)
    }

    /// Returns the text between the parentheses that begin here.
    fn arguments(&self, at: usize) -> Option<String> {
        let mut depth = 0;
        if !self.is(at, "(") {
            return None;
        }
        for end in at..self.tokens.len() {
            match self.text(end) {
                "(" => depth += 1,
                ")" => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let text = &self.sql[self.tokens[at].1.end..self.tokens[end].1.start];
                return Some(text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
        None
    }

    /// Returns what the statement drops.
    pub(super) fn dropped(&self) -> Vec<Dropped> {
        let mut dropped = Vec::new();
        let checks = self.is(0, "IF");
        if !self.is(0, "DROP") && !checks {
            return dropped;
        }
        for drop in (0..self.tokens.len()).filter(|at| self.is(*at, "DROP")) {
            let routine = self.is(drop + 1, "ROUTINE").then_some(("function", 1));
            let Some((kind, words)) = routine.or_else(|| self.kind(drop + 1)) else { continue };
            let mut at = drop + 1 + words;
            let asks = self.are(at, &["IF", "EXISTS"]);
            at += if asks { 2 } else { 0 };
            while let Some((_, name, next)) = self.name(at) {
                let place = self.tokens[at].1.start..self.tokens[next - 1].1.end;
                dropped.push(Dropped { class: class(kind), name, at: place, if_exists: asks || checks });
                at = next + 1;
                if !self.is(next, ",") {
                    break;
                }
            }
        }
        dropped
    }
}
