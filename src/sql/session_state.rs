//! What the statements of a script leave in their session. It is lost when the script resumes in another session.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::cursor::Token;
use super::units::asks_back;
use super::{Dialect, Piece, mysql};

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
    pub(crate) fn new(dialect: Dialect, done: usize) -> Self {
        Self { done, seen: 0, session: Session { dialect, made: BTreeMap::new() }, lost: None }
    }

    /// Takes the next statement. Returns whether it ran, sets up the session and can be repeated.
    pub(crate) fn statement(&mut self, piece: &Piece, text: &str) -> bool {
        let i = self.seen;
        self.seen += 1;
        if i < self.done {
            return self.session.take(i, piece, text);
        }
        if self.lost.is_none() {
            let first = i == self.done && i > 0 && asks_back(self.session.dialect, piece, text);
            let asked = first.then(|| ("what the statement before it did".to_owned(), i - 1));
            let lost = asked.or_else(|| self.session.lacks(piece, text));
            self.lost = lost.map(|(what, made)| MissingState { what, made, used: i, at: piece.statement.clone() });
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
    dialect: Dialect,
    /// What cannot be restored, with the index of the statement that made it.
    made: BTreeMap<String, usize>,
}

impl Session {
    /// Records a statement that ran. Returns whether it can be repeated.
    fn take(&mut self, i: usize, piece: &Piece, text: &str) -> bool {
        if self.can_run_again(piece, text) {
            self.made.retain(|name, _| !given(self.dialect, piece, text).contains(name));
            return true;
        }
        for name in ends(self.dialect, piece, text) {
            self.made.remove(&name);
        }
        for name in makes(self.dialect, piece, text) {
            self.made.insert(name, i);
        }
        false
    }

    /// Whether the statement is a setting that does not query the database, so that repeating it has the same effect.
    fn can_run_again(&self, piece: &Piece, text: &str) -> bool {
        let words = &piece.words;
        match self.dialect {
            Dialect::Sqlite => words.starts(&["PRAGMA"]) && words.contains("="),
            Dialect::SqlServer => piece.is_settings(),
            Dialect::Postgres => ["SET", "RESET"].iter().any(|word| words.starts(&[word])) || sets_config(piece),
            Dialect::Mysql => {
                let names = |name: &str| self.made.contains_key(&name.to_lowercase());
                words.starts(&["SET"]) && mysql::repeats(text, names)
            }
        }
    }

    /// Returns what a statement that is still to run uses and the session lacks, with the index of the statement that
    /// made it. What the statement itself makes exists for the statements after it.
    fn lacks(&mut self, piece: &Piece, text: &str) -> Option<(String, usize)> {
        if self.made.is_empty() {
            return None;
        }
        let used = self.made.iter().find(|(name, _)| uses(piece, text, name));
        let lost = used.map(|(name, made)| (name.clone(), *made));
        let own = makes(self.dialect, piece, text).into_iter().chain(given(self.dialect, piece, text));
        for name in own {
            self.made.remove(&name);
        }
        lost
    }
}

/// Whether the statement calls `set_config`, with which `pg_dump` sets `search_path`.
fn sets_config(piece: &Piece) -> bool {
    piece.words.starts(&["SELECT", "SET_CONFIG"])
}

/// Returns the user variables to which a `SET` assigns a value.
pub(super) fn given(dialect: Dialect, piece: &Piece, text: &str) -> Vec<String> {
    if dialect == Dialect::Mysql && piece.words.starts(&["SET"]) {
        mysql::session_assignments(text).into_iter().map(|set| set.name.to_lowercase()).collect()
    } else {
        Vec::new()
    }
}

/// Returns the names of the things that a statement leaves in its session.
fn makes(dialect: Dialect, piece: &Piece, text: &str) -> Vec<String> {
    let words = &piece.words;
    match dialect {
        Dialect::SqlServer => temporary_tables(text),
        _ if piece.makes_temporary() => table(text),
        _ if words.starts(&["PREPARE"]) => prepared(text),
        Dialect::Mysql if piece.locks_tables(dialect) => vec![LOCKS.into()],
        Dialect::Mysql if words.starts(&["SET"]) => given(dialect, piece, text),
        Dialect::Mysql if assigns(piece, text) => variables(text),
        Dialect::Mysql if words.starts(&["INSERT"]) || words.starts(&["REPLACE"]) => vec![LAST_INSERT.into()],
        _ => Vec::new(),
    }
}

/// Returns the names of the session's things that a statement ends.
fn ends(dialect: Dialect, piece: &Piece, text: &str) -> Vec<String> {
    let words = &piece.words;
    match (words.get(0), words.get(1)) {
        _ if piece.unlocks_tables(dialect) => vec![LOCKS.into()],
        (Some("DROP"), Some("TEMPORARY" | "TABLE")) => table(text),
        (Some("DEALLOCATE" | "DROP"), Some("PREPARE")) => prepared(text),
        _ => Vec::new(),
    }
}

fn table(text: &str) -> Vec<String> {
    static TABLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)TABLE[ \t\r\n]+(?:IF[ \t\r\n]+(?:NOT[ \t\r\n]+)?EXISTS[ \t\r\n]+)?([^ \t\r\n(;]+)")
    });
    named(&TABLE, text)
}

/// Returns the names of temporary tables of SQL Server.
fn temporary_tables(text: &str) -> Vec<String> {
    static TABLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)(?:TABLE|INTO)[ \t\r\n]+\[?(#[0-9A-Za-z_$@#]+)"));
    TABLE.captures_iter(text).map(|found| found[1].to_lowercase()).collect()
}

fn prepared(text: &str) -> Vec<String> {
    static STATEMENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)PREPARE[ \t\r\n]+([^ \t\r\n(;]+)"));
    named(&STATEMENT, text)
}

fn named(pattern: &Regex, text: &str) -> Vec<String> {
    let name = pattern.captures(text).and_then(|found| Some(found.get(1)?.as_str().to_lowercase()));
    name.map(|name| name.trim_matches(['`', '"']).to_owned()).into_iter().collect()
}

/// Every statement after `LOCK TABLES` uses the locks.
const LOCKS: &str = "LOCK TABLES";

const LAST_INSERT: &str = "last_insert_id";

/// Whether the statement may assign a value to a user variable.
pub(super) fn assigns(piece: &Piece, text: &str) -> bool {
    static INTO: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)INTO[ \t\r\n]*@"));
    let words = &piece.words;
    let calls = ["CALL", "GET", "EXECUTE"].iter().any(|word| words.starts(&[word]));
    calls || text.contains(":=") || INTO.is_match(text)
}

/// Returns the user variables that a statement names: `@id`, also in quotes.
pub(super) fn variables(text: &str) -> Vec<String> {
    let tokens = mysql::tokens(text);
    let (mut names, mut at) = (Vec::new(), 0);
    while let Some((token, _)) = tokens.get(at) {
        at += 1;
        if *token != Token::Symbol(b'@') {
            continue;
        }
        let is_of_server = matches!(tokens.get(at), Some((Token::Symbol(b'@'), _)));
        at += usize::from(is_of_server);
        let mut name = String::from("@");
        while let Some((Token::Word | Token::Name | Token::Text | Token::Number | Token::Symbol(b'.'), part)) =
            tokens.get(at)
        {
            name.extend(part.chars().filter(|c| !['`', '\'', '"'].contains(c)).flat_map(char::to_lowercase));
            at += 1;
            if !matches!(tokens.get(at), Some((Token::Symbol(b'.'), _))) && !part.starts_with('.') {
                break;
            }
        }
        names.extend((!is_of_server && name.len() > 1).then_some(name));
    }
    names
}

/// Whether the statement needs the thing of this name. A `SET` that only assigns to a variable does not need it.
fn uses(piece: &Piece, text: &str, name: &str) -> bool {
    if name == LOCKS {
        return true;
    }
    if name.starts_with('@') {
        let named = variables(text).iter().filter(|other| *other == name).count();
        let given = usize::from(given(Dialect::Mysql, piece, text).iter().any(|other| other == name));
        return named > given;
    }
    let text = text.to_lowercase();
    let inside = |c: char| c.is_alphanumeric() || c == '_';
    let whole = |at: usize| !text[..at].ends_with(inside) && !text[at + name.len()..].starts_with(inside);
    text.match_indices(name).any(|(at, _)| whole(at))
}

pub(super) fn pattern(pattern: &'static str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

#[cfg(test)]
mod tests;
