//! What the statements of a script leave in their session. It is lost when the script resumes in another session.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::{Dialect, Statement};

/// Says whether a name of an earlier session has no value in this one.
pub(super) type IsLost<'a> = &'a dyn Fn(&str) -> bool;

/// Something of the earlier session that the rest of the script uses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MissingState {
    /// Its name, or a description.
    pub(crate) what: String,
    /// The index of the statement that made it.
    pub(crate) made: usize,
    /// The index of the first statement that uses it.
    pub(crate) used: usize,
    /// The span of the statement that uses it.
    pub(crate) at: Range<usize>,
}

/// Goes through a script whose first statements ran in another session, and finds what the rest needs from it.
pub(crate) struct SessionState {
    done: usize,
    seen: usize,
    session: Session,
    lost: Option<MissingState>,
}

impl SessionState {
    /// `done` is the number of statements that ran.
    pub(crate) fn new(dialect: &'static dyn Dialect, done: usize) -> Self {
        Self { done, seen: 0, session: Session { dialect, made: BTreeMap::new() }, lost: None }
    }

    /// Takes the next statement. Returns whether it ran, sets up the session and can be repeated.
    pub(crate) fn statement(&mut self, statement: &Statement, text: &str) -> bool {
        let i = self.seen;
        self.seen += 1;
        if i < self.done {
            return self.session.take(i, statement, text);
        }
        if self.lost.is_none() {
            let first = i == self.done && i > 0 && self.session.dialect.asks_back(statement, text);
            let asked = first.then(|| ("what the statement before it did".to_owned(), i - 1));
            let lost = asked.or_else(|| self.session.lacks(statement, text));
            self.lost = lost.map(|(what, made)| MissingState { what, made, used: i, at: statement.range.clone() });
        }
        false
    }

    /// What the rest of the script needs and cannot be restored.
    pub(crate) fn lost(self) -> Option<MissingState> {
        self.lost
    }
}

/// The known state of a session.
struct Session {
    dialect: &'static dyn Dialect,
    /// What cannot be restored, with the index of the statement that made it.
    made: BTreeMap<String, usize>,
}

impl Session {
    /// Records a statement that ran. Returns whether it can be repeated.
    fn take(&mut self, i: usize, statement: &Statement, text: &str) -> bool {
        if self.dialect.repeats(statement, text, &|name| self.made.contains_key(name)) {
            let given = self.dialect.given(statement, text);
            self.made.retain(|name, _| !given.contains(name));
            return true;
        }
        for name in self.dialect.ends(statement, text) {
            self.made.remove(&name);
        }
        for name in self.dialect.makes(statement, text) {
            self.made.insert(name, i);
        }
        false
    }

    /// Returns what a statement that is still to run uses and the session lacks, with the index of the statement that
    /// made it. What the statement itself makes exists for the statements after it.
    fn lacks(&mut self, statement: &Statement, text: &str) -> Option<(String, usize)> {
        if self.made.is_empty() {
            return None;
        }
        let used = self.made.iter().find(|(name, _)| self.dialect.uses(statement, text, name));
        let lost = used.map(|(name, made)| (name.clone(), *made));
        let own = self.dialect.makes(statement, text).into_iter().chain(self.dialect.given(statement, text));
        for name in own {
            self.made.remove(&name);
        }
        lost
    }
}

/// Returns the temporary table or the prepared statement that a statement creates.
pub(super) fn makes(statement: &Statement, text: &str) -> Vec<String> {
    match () {
        () if statement.makes_temporary() => table(text),
        () if statement.words.starts(&["PREPARE"]) => prepared(text),
        () => Vec::new(),
    }
}

/// Returns the temporary table or the prepared statement that a statement drops.
pub(super) fn ends(statement: &Statement, text: &str) -> Vec<String> {
    match (statement.words.get(0), statement.words.get(1)) {
        (Some("DROP"), Some("TEMPORARY" | "TABLE")) => table(text),
        (Some("DEALLOCATE" | "DROP"), Some("PREPARE")) => prepared(text),
        _ => Vec::new(),
    }
}

/// Whether a text contains a name as a whole word.
pub(super) fn names(text: &str, name: &str) -> bool {
    let text = text.to_lowercase();
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let whole = |at: usize| !text[..at].ends_with(inside) && !text[at + name.len()..].starts_with(inside);
    text.match_indices(name).any(|(at, _)| whole(at))
}

fn table(text: &str) -> Vec<String> {
    static TABLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)TABLE[ \t\r\n]+(?:IF[ \t\r\n]+(?:NOT[ \t\r\n]+)?EXISTS[ \t\r\n]+)?([^ \t\r\n(;]+)")
    });
    named(&TABLE, text)
}

fn prepared(text: &str) -> Vec<String> {
    static STATEMENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)PREPARE[ \t\r\n]+([^ \t\r\n(;]+)"));
    named(&STATEMENT, text)
}

fn named(pattern: &Regex, text: &str) -> Vec<String> {
    let name = pattern.captures(text).and_then(|found| Some(found.get(1)?.as_str().to_lowercase()));
    name.map(|name| name.trim_matches(['`', '"']).to_owned()).into_iter().collect()
}

/// Compiles a constant pattern.
pub(super) fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

#[cfg(test)]
mod tests;
