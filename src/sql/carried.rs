//! What a session has kept from the statements of a script that ran before: it is gone when another session goes on.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::cursor::Token;
use super::units::asks_back;
use super::{Dialect, Piece, mysql};

/// Something of the earlier session that the rest of a script uses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    /// The name under which it is used, or what it is.
    pub(crate) what: String,
    /// The statement that made it.
    pub(crate) made: usize,
    /// The first statement that uses it.
    pub(crate) used: usize,
    /// Where that stands.
    pub(crate) at: Range<usize>,
}

/// Goes through a script whose first statements ran in another session, for what one that goes on has to know of them.
pub(crate) struct Carried {
    done: usize,
    seen: usize,
    session: Session,
    lost: Option<Lost>,
}

impl Carried {
    /// `done`: how many statements ran.
    pub(crate) fn new(dialect: Dialect, done: usize) -> Self {
        Self { done, seen: 0, session: Session { dialect, made: BTreeMap::new() }, lost: None }
    }

    /// The next statement. Whether it ran, and sets the session up, and can run again.
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
            self.lost = lost.map(|(what, made)| Lost { what, made, used: i, at: piece.statement.clone() });
        }
        false
    }

    /// What cannot be had again, where the rest needs it.
    pub(crate) fn lost(self) -> Option<Lost> {
        self.lost
    }
}

/// What a session is known to have.
struct Session {
    dialect: Dialect,
    /// What cannot be had again, with the statement that made it.
    made: BTreeMap<String, usize>,
}

impl Session {
    /// Takes note of a statement that ran: whether it can run again.
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

    /// A setting without a question to the database: it has the same effect again.
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

    /// What the statement, which is still to run, uses and cannot have, and which one made it. What it makes itself is
    /// there for those behind it.
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

/// `pg_dump` sets `search_path` by a function.
fn sets_config(piece: &Piece) -> bool {
    piece.words.starts(&["SELECT", "SET_CONFIG"])
}

/// The user variables that a `SET` gives a value.
pub(super) fn given(dialect: Dialect, piece: &Piece, text: &str) -> Vec<String> {
    if dialect == Dialect::Mysql && piece.words.starts(&["SET"]) {
        mysql::session_assignments(text).into_iter().map(|set| set.name.to_lowercase()).collect()
    } else {
        Vec::new()
    }
}

/// The things that a statement leaves in its session, by the names under which they are used.
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

/// The things of the session that a statement brings to their end.
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

/// Tables of the session, by SQL Server's names for them.
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

/// Whatever runs behind `LOCK TABLES` runs under it.
const LOCKS: &str = "LOCK TABLES";

const LAST_INSERT: &str = "last_insert_id";

/// It may give a user variable a value.
pub(super) fn assigns(piece: &Piece, text: &str) -> bool {
    static INTO: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)INTO[ \t\r\n]*@"));
    let words = &piece.words;
    let calls = ["CALL", "GET", "EXECUTE"].iter().any(|word| words.starts(&[word]));
    calls || text.contains(":=") || INTO.is_match(text)
}

/// The user variables that a statement names: `@id`, also in quotes.
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

/// The statement needs what goes by this name. A `SET` that only gives a variable its value does not.
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
