//! Finds statements that change the journal, which only dbmigrate writes. Statements may read the journal.

use std::ops::Range;

use super::Rule;
use crate::sql::cursor::Token;
use crate::sql::dialect::Changes;
use crate::sql::tokens::tokens;
use crate::sql::{Context, Words};

/// Returns the place in a statement that changes the journal or drops its schema. A statement that defines a routine or
/// a trigger changes nothing by itself: its body runs later.
pub(super) fn find(context: &Context, words: &Words, statement: &str) -> Option<(Range<usize>, Rule)> {
    if let Some(at) = schema(context, words, statement) {
        return Some((at, Rule::JournalSchema));
    }
    if !mentions(statement, &context.journal) {
        return None;
    }
    let list = List::new(context, statement, 0);
    let at = if list.defines() { list.hung_on() } else { list.changed() };
    let at =
        at.or_else(|| Some(words).filter(|words| words.starts(&["DO"])).and_then(|_| in_block(context, statement)));
    at.map(|at| (at, Rule::Journal))
}

/// Whether a text contains a name, in any case.
pub(super) fn mentions(text: &str, name: &str) -> bool {
    let (text, name) = (text.as_bytes(), name.as_bytes());
    // a character other than a letter has only one case, and is rare
    let pivot = name.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(0);
    let Some(byte) = name.get(pivot) else { return false };
    let is_here = |at: usize| {
        let start = at.checked_sub(pivot);
        let here = start.and_then(|start| text.get(start..start + name.len()));
        here.is_some_and(|here| here.eq_ignore_ascii_case(name))
    };
    memchr::memchr2_iter(byte.to_ascii_lowercase(), byte.to_ascii_uppercase(), text).any(is_here)
}

/// Returns the journal's schema in a statement that drops or renames it: `DROP SCHEMA a, public CASCADE`.
fn schema(context: &Context, words: &Words, statement: &str) -> Option<Range<usize>> {
    let drops = words.starts(&["DROP", "SCHEMA"]);
    // where a database has no schemas, the words are about the database
    let has_schemas = context.dialect.default_schema().is_some();
    if !has_schemas || !(drops || words.starts(&["ALTER", "SCHEMA"]) && words.contains("RENAME")) {
        return None;
    }
    let schema = context.journal_schema.as_deref()?;
    let list = List::new(context, statement, 0);
    let names = list.parts.iter().skip(2).take_while(|part| drops || !part.is("RENAME"));
    names.into_iter().find(|part| part.names(schema)).map(|part| part.at.clone())
}

/// Returns the place that changes the journal in the block of a `DO`, which runs at once.
fn in_block(context: &Context, statement: &str) -> Option<Range<usize>> {
    let body = tokens(context.dialect, statement).find_map(|(token, at)| {
        let body = context.dialect.quoted_body(token, &statement[at.clone()])?;
        Some(at.start + body.start..at.start + body.end)
    })?;
    List::new(context, &statement[body.clone()], body.start).changed()
}

/// The tokens of a statement, without comments and white space.
struct List<'a> {
    context: &'a Context,
    parts: Vec<Part<'a>>,
}

struct Part<'a> {
    token: Token,
    text: &'a str,
    at: Range<usize>,
    /// The number of open parentheses before it.
    depth: usize,
}

impl Part<'_> {
    /// Whether it is this word or symbol, given in upper case.
    fn is(&self, word: &str) -> bool {
        matches!(self.token, Token::Word | Token::Symbol(_)) && self.text.eq_ignore_ascii_case(word)
    }

    fn is_one_of(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    /// Whether it is this name, quoted or not.
    fn names(&self, name: &str) -> bool {
        self.name().is_some_and(|own| own.eq_ignore_ascii_case(name))
    }

    fn name(&self) -> Option<&str> {
        let inner = |open: char, close: char| self.text.strip_prefix(open)?.strip_suffix(close);
        match self.token {
            Token::Word => Some(self.text),
            Token::Name => inner('"', '"').or_else(|| inner('`', '`')).or_else(|| inner('[', ']')),
            _ => None,
        }
    }
}

/// A name of one or several parts.
struct Name {
    /// The index of its last part.
    last: usize,
    /// The index after it.
    end: usize,
    is_journal: bool,
}

/// Words that may be between a verb and the name of what it changes.
const NOISE: [&str; 24] = [
    "IF",
    "NOT",
    "EXISTS",
    "ONLY",
    "LOW_PRIORITY",
    "HIGH_PRIORITY",
    "DELAYED",
    "CONCURRENT",
    "QUICK",
    "IGNORE",
    "OR",
    "ABORT",
    "FAIL",
    "REPLACE",
    "ROLLBACK",
    "ONLINE",
    "OFFLINE",
    "UNLOGGED",
    "FOREIGN",
    "EXTERNAL",
    "VIRTUAL",
    "OVERWRITE",
    "INTO",
    "FROM",
];

/// The kinds of things that a statement creates or alters. The first of these words in the statement is its kind.
const KINDS: [&str; 9] = ["PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "EVENT", "RULE", "TABLE", "INDEX", "VIEW"];

impl<'a> List<'a> {
    fn new(context: &'a Context, text: &'a str, base: usize) -> Self {
        let parts = tokens(context.dialect, text).filter(|(token, _)| !matches!(token, Token::Blank | Token::Mark));
        let mut depth = 0_usize;
        let part = |(token, at): (Token, Range<usize>)| {
            let text = &text[at.clone()];
            let part = Part { token, text, at: base + at.start..base + at.end, depth };
            match token {
                Token::Symbol(b'(') => depth += 1,
                Token::Symbol(b')') => depth = depth.saturating_sub(1),
                _ => (),
            }
            part
        };
        Self { context, parts: parts.map(part).collect() }
    }

    /// Whether the statement defines something that has a body.
    fn defines(&self) -> bool {
        let kind = || self.parts.iter().position(|part| part.is_one_of(&KINDS));
        self.is(0, &["CREATE", "ALTER"]) && kind().is_some_and(|at| !self.is(at, &["TABLE", "INDEX", "VIEW"]))
    }

    /// Returns the journal if a trigger, a rule or the like is attached to it.
    fn hung_on(&self) -> Option<Range<usize>> {
        let body = self.parts.iter().position(|part| part.is_one_of(&["BEGIN", "EXECUTE", "DO"]));
        (0..body.unwrap_or(self.parts.len()))
            .filter(|at| self.is(*at, &["ON", "TO"]))
            .find_map(|at| self.journal(self.name(at + 1)))
    }

    /// Returns the journal if the statement changes it.
    fn changed(&self) -> Option<Range<usize>> {
        if self.is(0, &["ALTER"]) && self.is(1, &["PUBLICATION"]) || self.is(0, &["SHOW"]) {
            return None;
        }
        (0..self.parts.len()).filter(|at| self.parts[*at].token == Token::Word).find_map(|at| self.done_by(at))
    }

    /// Returns the journal if there is a verb at this place that changes it.
    fn done_by(&self, at: usize) -> Option<Range<usize>> {
        let next = self.after_noise(at + 1);
        match self.parts[at].text.to_ascii_uppercase().as_str() {
            "INSERT" | "REPLACE" | "MERGE" | "INTO" => {
                self.journal(self.name(next + usize::from(self.is(next, &["TABLE"]))))
            }
            "TRUNCATE" => self.among(if self.is(next, &["TABLE"]) { self.after_noise(next + 1) } else { next }),
            "CREATE" | "ALTER" if self.is(next, &["TABLE"]) => self.journal(self.name(self.after_noise(next + 1))),
            "DROP" if self.is(next, &["TABLE", "TABLES"]) => self.among(self.after_noise(next + 1)),
            "CREATE" | "DROP" => self.indexed(at),
            "RENAME" => self.renamed(next),
            "SP_RENAME" => self.renamed_by_procedure(at),
            "TRANSFER" => {
                let is_typed = self.is(at + 2, &[":"]);
                self.journal(self.name(if is_typed { at + 4 } else { at + 1 }))
            }
            "COPY" => {
                let name = self.name(next)?;
                let way = self.parts[name.end..].iter().find(|part| part.is_one_of(&["FROM", "TO"]))?;
                way.is("FROM").then(|| self.journal(Some(name)))?
            }
            "UPDATE" => self.updated(next),
            "DELETE" => self.deleted(next),
            _ => None,
        }
    }

    fn is(&self, at: usize, words: &[&str]) -> bool {
        self.parts.get(at).is_some_and(|part| part.is_one_of(words))
    }

    /// Returns the first place from here on that is not a noise word; `TOP (5)` is noise too.
    fn after_noise(&self, from: usize) -> usize {
        let mut at = from;
        loop {
            if self.is(at, &["TOP"]) && self.is(at + 1, &["("]) {
                at += self.parts[at..].iter().position(|part| part.is(")")).unwrap_or(0);
            } else if !self.is(at, &NOISE) {
                return at;
            }
            at += 1;
        }
    }

    /// Returns the name that starts here: `[shop]..[dbmigrate_journal]`.
    fn name(&self, from: usize) -> Option<Name> {
        let mut parts = vec![self.parts.get(from)?.name()?];
        let mut end = from + 1;
        while self.is(end, &["."]) {
            let part = self.parts.get(end + 1).and_then(Part::name);
            // `shop..x` omits the schema
            if part.is_none() && !self.is(end + 1, &["."]) {
                break;
            }
            end += if part.is_some() { 2 } else { 1 };
            parts.push(part.unwrap_or_default());
        }
        Some(Name { last: end - 1, end, is_journal: self.are_of_journal(&parts) })
    }

    /// Whether the parts are the name of the journal, or of a table beside it.
    fn are_of_journal(&self, parts: &[&str]) -> bool {
        let context = self.context;
        let own =
            |own: Option<&str>, part: &str| part.is_empty() || own.is_none_or(|own| own.eq_ignore_ascii_case(part));
        let [qualifiers @ .., last] = parts else { return false };
        let is_ours = context.journal_tables().iter().any(|name| name.eq_ignore_ascii_case(last));
        let database = context.database.as_deref();
        let schema = context.journal_schema.as_deref();
        is_ours
            && match qualifiers {
                [] => true,
                [only] => own(schema.or(database), only),
                [first, second] => own(database, first) && own(schema, second),
                // a table on another server
                _ => false,
            }
    }

    fn journal(&self, name: Option<Name>) -> Option<Range<usize>> {
        name.filter(|name| name.is_journal).map(|name| self.parts[name.last].at.clone())
    }

    /// Returns the journal in a list of tables: `a, ONLY b`.
    fn among(&self, from: usize) -> Option<Range<usize>> {
        let name = self.name(self.after_noise(from))?;
        let end = name.end;
        self.journal(Some(name)).or_else(|| self.is(end, &[","]).then(|| self.among(end + 1))?)
    }

    /// Returns the journal if an index, a policy or statistics are created on it or dropped from it.
    fn indexed(&self, verb: usize) -> Option<Range<usize>> {
        let on = verb + self.parts[verb..].iter().position(|part| part.is_one_of(&["ON", ",", ";", "("]))?;
        let has_kind = self.parts[verb..on].iter().any(|part| part.is_one_of(&["INDEX", "POLICY", "STATISTICS"]));
        (has_kind && self.is(on, &["ON"])).then(|| self.journal(self.name(self.after_noise(on + 1))))?
    }

    /// Returns the journal as an old or a new name: `TABLE a TO b, c TO d`, or what follows `ALTER TABLE a RENAME`.
    fn renamed(&self, next: usize) -> Option<Range<usize>> {
        if !self.is(next, &["TABLE", "TABLES"]) {
            return self.journal(self.name(next + usize::from(self.is(next, &["TO", "AS"]))));
        }
        let mut at = self.after_noise(next + 1);
        loop {
            let name = self.name(at)?;
            at = name.end + 1;
            if name.is_journal || !self.is(name.end, &["TO", ","]) {
                return self.journal(Some(name));
            }
        }
    }

    /// Returns the journal in the arguments of the server's rename procedure, which renames the table or one of its
    /// columns: `sp_rename 'dbo.dbmigrate_journal', 'old'`.
    fn renamed_by_procedure(&self, verb: usize) -> Option<Range<usize>> {
        let texts = self.parts[verb..].iter().take_while(|part| !part.is(";"));
        let texts = texts.filter(|part| part.token == Token::Text).take(2);
        let is_it = |text: &str| {
            let text = text.split_once('\'').map_or(text, |(_, inner)| inner.trim_end_matches('\''));
            let bare = |part: &'_ str| part.trim_matches(['[', ']', '"']).to_owned();
            let names = text.rsplit('.').take(2).map(bare);
            names.into_iter().any(|name| self.are_of_journal(&[&name]))
        };
        texts.into_iter().find(|part| is_it(part.text)).map(|part| part.at.clone())
    }

    /// Returns the journal if an `UPDATE` changes it.
    fn updated(&self, from: usize) -> Option<Range<usize>> {
        let first = self.name(from)?;
        let set = self.until(from, &["SET"])?;
        match self.context.dialect.changes() {
            Changes::First => self.journal(Some(first)),
            Changes::Alias => self.target(first),
            Changes::Assigned => {
                let named = self.tables(from).find(|(name, _)| name.is_journal).map(|(name, alias)| {
                    let at = self.parts[name.last].at.clone();
                    (at, alias.unwrap_or(self.parts[name.last].text).to_owned())
                });
                let (at, alias) = named?;
                let sets = (set..self.parts.len()).filter(|at| self.is(*at, &["SET", ","])).any(|at| {
                    let Some(column) = self.name(at + 1).filter(|column| self.is(column.end, &["="])) else {
                        return false;
                    };
                    match column.last.checked_sub(2).filter(|table| *table > at) {
                        Some(table) => self.parts[table].names(alias.trim_matches('`')),
                        None => first.is_journal,
                    }
                });
                sets.then_some(at)
            }
        }
    }

    /// Returns the journal if a `DELETE` deletes rows from it: `a, b.* FROM a JOIN b ...`.
    fn deleted(&self, from: usize) -> Option<Range<usize>> {
        let name = self.name(from)?;
        let starred = if self.is(name.end, &["."]) && self.is(name.end + 1, &["*"]) { 2 } else { 0 };
        let next = name.end + starred;
        self.target(name).or_else(|| self.is(next, &[","]).then(|| self.deleted(next + 1))?)
    }

    /// Returns the journal if a name means it. The name may be an alias in dialects in which the tables follow it.
    fn target(&self, name: Name) -> Option<Range<usize>> {
        let by_alias = || {
            let alias = self.parts[name.last].name()?;
            let mut tables = self.tables(name.end).filter(|(table, _)| table.is_journal);
            tables.find(|(_, own)| own.is_some_and(|own| own.eq_ignore_ascii_case(alias)))
        };
        if name.is_journal || self.context.dialect.changes() == Changes::First {
            return self.journal(Some(name));
        }
        by_alias().and_then(|(name, _)| self.journal(Some(name)))
    }

    /// Returns the tables that a statement joins from here on, with their aliases, but not those in parentheses.
    fn tables(&self, from: usize) -> impl Iterator<Item = (Name, Option<&str>)> {
        let starts = move |at: &usize| *at == from || self.is(at - 1, &["FROM", "JOIN", "USING", ","]);
        let table = move |at: usize| {
            let name = self.name(at)?;
            let alias = name.end + usize::from(self.is(name.end, &["AS"]));
            let alias = self.parts.get(alias).and_then(Part::name);
            Some((name, alias.filter(|alias| !AFTER_TABLES.iter().any(|word| word.eq_ignore_ascii_case(alias)))))
        };
        let end = self.until(from, &[";", "INSERT", "UPDATE", "DELETE", "MERGE"]).unwrap_or(self.parts.len());
        self.beside(from).take_while(move |at| *at < end).filter(starts).filter_map(table)
    }

    /// Returns the next place, outside further parentheses, that has one of these words.
    fn until(&self, from: usize, words: &[&str]) -> Option<usize> {
        self.beside(from).find(|at| self.is(*at, words))
    }

    /// Returns the places from here on that are not in further parentheses.
    fn beside(&self, from: usize) -> impl Iterator<Item = usize> {
        let depth = self.parts.get(from).map_or(0, |part| part.depth);
        (from..self.parts.len()).filter(move |at| self.parts[*at].depth == depth)
    }
}

/// Words that may follow a table's name and are not its alias.
const AFTER_TABLES: [&str; 14] = [
    "CROSS",
    "FULL",
    "INNER",
    "JOIN",
    "LEFT",
    "NATURAL",
    "ON",
    "ORDER",
    "RIGHT",
    "SET",
    "STRAIGHT_JOIN",
    "USING",
    "WHERE",
    "WITH",
];

#[cfg(test)]
mod tests;
