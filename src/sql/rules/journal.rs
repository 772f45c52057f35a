//! Whether a statement changes the journal, which only dbmigrate writes. Reading it is fine.

use std::ops::Range;

use super::Rule;
use crate::sql::cursor::Token;
use crate::sql::tokens::{dollar_quoted, tokens};
use crate::sql::{Context, Dialect, Words};

/// What in a statement changes the journal, or drops what it is in. A statement that defines a routine or a trigger changes
/// nothing by itself: what is in its body runs another time.
pub(super) fn find(context: &Context, words: &Words, statement: &str) -> Option<(Range<usize>, Rule)> {
    if let Some(at) = schema(context, words, statement) {
        return Some((at, Rule::JournalSchema));
    }
    if !mentions(statement, &context.journal) {
        return None;
    }
    let list = List::new(context.dialect, statement, 0);
    let defines = words.starts(&["CREATE"]) || words.starts(&["ALTER"]);
    let defines = defines
        && ["PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "EVENT", "RULE"].iter().any(|kind| words.contains(kind));
    let at = if defines { list.hung_on(context) } else { list.changed(context) };
    let at =
        at.or_else(|| Some(words).filter(|words| words.starts(&["DO"])).and_then(|_| in_block(context, statement)));
    at.map(|at| (at, Rule::Journal))
}

/// A name may be somewhere in a text, in whatever case.
fn mentions(text: &str, name: &str) -> bool {
    let (text, name) = (text.as_bytes(), name.as_bytes());
    // what is no letter has one case, and is rare
    let pivot = name.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(0);
    let Some(byte) = name.get(pivot) else { return false };
    let is_here = |at: usize| {
        let start = at.checked_sub(pivot);
        let here = start.and_then(|start| text.get(start..start + name.len()));
        here.is_some_and(|here| here.eq_ignore_ascii_case(name))
    };
    memchr::memchr2_iter(byte.to_ascii_lowercase(), byte.to_ascii_uppercase(), text).any(is_here)
}

/// The schema of the journal in a statement that drops or renames it: `DROP SCHEMA a, public CASCADE`.
fn schema(context: &Context, words: &Words, statement: &str) -> Option<Range<usize>> {
    let drops = words.starts(&["DROP", "SCHEMA"]);
    if !(drops || words.starts(&["ALTER", "SCHEMA"]) && words.contains("RENAME")) || context.dialect == Dialect::Mysql {
        return None;
    }
    let schema = context.journal_schema.as_deref()?;
    let list = List::new(context.dialect, statement, 0);
    let names = list.0.iter().skip(2).take_while(|part| drops || !part.is("RENAME"));
    names.into_iter().find(|part| part.names(schema)).map(|part| part.at.clone())
}

/// The same in the block of a `DO`, which runs at once.
fn in_block(context: &Context, statement: &str) -> Option<Range<usize>> {
    let body = tokens(context.dialect, statement).find_map(|(token, at)| {
        let body = dollar_quoted(context.dialect, token, &statement[at.clone()])?;
        Some(at.start + body.start..at.start + body.end)
    })?;
    List::new(context.dialect, &statement[body.clone()], body.start).changed(context)
}

/// The tokens of a statement, without comments and white space.
struct List<'a>(Vec<Part<'a>>);

struct Part<'a> {
    token: Token,
    text: &'a str,
    at: Range<usize>,
}

impl Part<'_> {
    /// It is this word, given in upper case.
    fn is(&self, word: &str) -> bool {
        matches!(self.token, Token::Word | Token::Symbol(_)) && self.text.eq_ignore_ascii_case(word)
    }

    /// It is this name, in quotes or without.
    fn names(&self, name: &str) -> bool {
        let inner = |open: char, close: char| self.text.strip_prefix(open)?.strip_suffix(close);
        let text = match self.token {
            Token::Word => Some(self.text),
            Token::Name => inner('"', '"').or_else(|| inner('`', '`')).or_else(|| inner('[', ']')),
            _ => None,
        };
        text.is_some_and(|text| text.eq_ignore_ascii_case(name))
    }
}

/// What may stand between a verb and the table that it changes.
const NOISE: [&str; 22] = [
    "IF",
    "NOT",
    "EXISTS",
    "ONLY",
    "LOW_PRIORITY",
    "HIGH_PRIORITY",
    "DELAYED",
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
    "OVERWRITE",
    "CONCURRENTLY",
    "(",
];

/// The words that say what is done to the tables behind them.
const VERBS: [&str; 20] = [
    "ALTER", "ANALYZE", "CHECK", "COMMENT", "COPY", "CREATE", "DELETE", "DENY", "DROP", "GRANT", "INSERT", "LOAD",
    "LOCK", "MERGE", "OPTIMIZE", "RENAME", "REVOKE", "SELECT", "TRUNCATE", "UPDATE",
];

impl<'a> List<'a> {
    fn new(dialect: Dialect, text: &'a str, base: usize) -> Self {
        let parts = tokens(dialect, text).filter(|(token, _)| !matches!(token, Token::Blank | Token::Mark));
        let part = |(token, at): (Token, Range<usize>)| Part {
            token,
            text: &text[at.clone()],
            at: base + at.start..base + at.end,
        };
        Self(parts.map(part).collect())
    }

    /// The journal where something is done to it.
    fn changed(&self, context: &Context) -> Option<Range<usize>> {
        let places = (0..self.0.len()).filter_map(|at| self.journal(context, at).map(|start| (start, at)));
        let renamed = || self.renamed(context);
        places
            .into_iter()
            .find(|(start, end)| self.is_changed(*start, *end))
            .map(|(_, at)| self.0[at].at.clone())
            .or_else(renamed)
    }

    /// The journal where a trigger, a rule or the like is hung on it.
    fn hung_on(&self, context: &Context) -> Option<Range<usize>> {
        let hung = |at: &usize| {
            self.journal(context, *at)
                .is_some_and(|start| self.before(start, 1).is_some_and(|on| on.is("ON") || on.is("TO")))
        };
        let body = self.0.iter().position(|part| part.is("BEGIN") || part.is("EXECUTE")).unwrap_or(self.0.len());
        (0..body).find(hung).map(|at| self.0[at].at.clone())
    }

    /// The name that ends here is that of the journal, or of the table of repairs beside it: where it starts, its schema
    /// included.
    fn journal(&self, context: &Context, at: usize) -> Option<usize> {
        let part = &self.0[at];
        let is_ours = part.names(&context.journal) || part.names(&context.repairs());
        if !is_ours || self.0.get(at + 1).is_some_and(|next| next.is(".")) {
            return None;
        }
        let is_dot = |back: usize| at.checked_sub(back).is_some_and(|dot| self.0[dot].is("."));
        let Some(schema) = at.checked_sub(2).filter(|_| is_dot(1)) else { return Some(at) };
        let own = context.journal_schema.as_deref().or(context.database.as_deref());
        let start = if is_dot(3) && at >= 4 { at - 4 } else { schema };
        own.is_none_or(|own| self.0[schema].names(own)).then_some(start)
    }

    fn before(&self, at: usize, back: usize) -> Option<&Part<'a>> {
        at.checked_sub(back).map(|at| &self.0[at])
    }

    /// The last word before a place that is no noise, and where it is.
    fn last(&self, at: usize) -> Option<(&Part<'a>, usize)> {
        let last = (0..at).rev().find(|at| !NOISE.iter().any(|noise| self.0[*at].is(noise)))?;
        // `DELETE TOP (5) FROM`
        if self.0[last].is(")") {
            let top = (0..last).rev().find(|at| self.0[*at].is("TOP"))?;
            return self.last(top);
        }
        Some((&self.0[last], last))
    }

    /// What is done here, by the nearest verb before a place.
    fn verb(&self, at: usize) -> Option<&Part<'a>> {
        self.0[..at].iter().rev().find(|part| VERBS.iter().any(|verb| part.is(verb)))
    }

    fn is_changed(&self, start: usize, end: usize) -> bool {
        // `INSERT OR REPLACE INTO` has it among the noise, `REPLACE x` has not
        if self.before(start, 1).is_some_and(|part| part.is("REPLACE")) {
            return true;
        }
        let Some((last, at)) = self.last(start).filter(|_| !self.0[0].is("SHOW")) else { return false };
        let verb = |verbs: &[&str]| self.verb(at).is_some_and(|verb| verbs.iter().any(|one| verb.is(one)));
        match last.text.to_ascii_uppercase().as_str() {
            "INTO" | "INSERT" | "MERGE" | "TRUNCATE" | "DELETE" | "TRANSFER" => true,
            "UPDATE" => !self.before(at, 1).is_some_and(|before| before.is("FOR") || before.is("ON")),
            "FROM" => self.last(at).is_some_and(|(verb, _)| verb.is("DELETE")),
            "TABLE" => {
                let temporary = self.before(at, 1).is_some_and(|before| before.is("TEMPORARY") || before.is("TEMP"));
                verb(&["CREATE", "DROP", "ALTER", "TRUNCATE", "RENAME", "LOAD"]) && !temporary
            }
            "TO" => verb(&["RENAME", "ALTER"]) || self.0[..at].iter().any(|part| part.is("RENAME")),
            "ON" => {
                self.0.first().is_some_and(|first| first.is("CREATE") || first.is("DROP")) && verb(&["CREATE", "DROP"])
            }
            "," => verb(&["DROP", "TRUNCATE", "RENAME"]),
            "COPY" => {
                self.0[end + 1..].iter().find(|part| part.is("FROM") || part.is("TO")).is_some_and(|way| way.is("FROM"))
            }
            _ => false,
        }
    }

    /// The journal in the text that a procedure of the server renames it by: `EXEC sp_rename 'dbo.dbmigrate_journal', ...`.
    fn renamed(&self, context: &Context) -> Option<Range<usize>> {
        let pairs = self.0.windows(2).filter(|pair| pair[0].is("SP_RENAME") && pair[1].token == Token::Text);
        pairs.into_iter().find(|pair| mentions(pair[1].text, &context.journal)).map(|pair| pair[1].at.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Piece, split};

    /// What is found in each statement of a text.
    fn found(dialect: Dialect, text: &str) -> Vec<String> {
        let context = Context { database: Some("shop".into()), ..dialect.into() };
        let pieces = split(dialect, text).filter_map(Result::ok).filter(|piece| !piece.statement.is_empty());
        let look = |piece: Piece| {
            let statement = &text[piece.statement.clone()];
            find(&context, &piece.words, statement).map(|(at, _)| statement[at].to_owned())
        };
        pieces.filter_map(look).collect()
    }

    const ALL: [Dialect; 4] = [Dialect::Mysql, Dialect::Postgres, Dialect::Sqlite, Dialect::SqlServer];

    #[test]
    fn what_changes_the_journal_is_found() {
        for dialect in ALL {
            for statement in [
                "DROP TABLE dbmigrate_journal",
                "drop table if exists DBMIGRATE_JOURNAL",
                "DROP TABLE a, /* and */ dbmigrate_journal",
                "ALTER TABLE dbmigrate_journal ADD x int",
                "ALTER TABLE other RENAME TO dbmigrate_journal",
                "CREATE TABLE dbmigrate_journal (a int)",
                "CREATE TABLE IF NOT EXISTS dbmigrate_journal (a int)",
                "INSERT INTO dbmigrate_journal (number) VALUES (1)",
                "INSERT INTO dbmigrate_journal SELECT * FROM t",
                "UPDATE dbmigrate_journal SET checksum = 'x'",
                "DELETE FROM dbmigrate_journal WHERE number > 3",
                "DELETE FROM dbmigrate_journal_repairs",
                "CREATE INDEX i ON dbmigrate_journal (script)",
                "WITH x AS (SELECT 1) DELETE FROM dbmigrate_journal",
            ] {
                assert_eq!(found(dialect, statement).len(), 1, "{dialect:?}: {statement}");
            }
        }
    }

    #[test]
    fn each_dialect_has_ways_of_its_own() {
        for (dialect, statement) in [
            (Dialect::Mysql, "DROP TABLE IF EXISTS `dbmigrate_journal`"),
            (Dialect::Mysql, "DROP TABLE shop.dbmigrate_journal"),
            (Dialect::Mysql, "RENAME TABLE dbmigrate_journal TO old"),
            (Dialect::Mysql, "RENAME TABLE a TO b, dbmigrate_journal TO old"),
            (Dialect::Mysql, "TRUNCATE dbmigrate_journal"),
            (Dialect::Mysql, "REPLACE INTO dbmigrate_journal VALUES (1)"),
            (Dialect::Mysql, "REPLACE dbmigrate_journal VALUES (1)"),
            (Dialect::Mysql, "INSERT IGNORE dbmigrate_journal VALUES (1)"),
            (Dialect::Mysql, "LOAD DATA INFILE 'x' INTO TABLE dbmigrate_journal"),
            (Dialect::Mysql, "CREATE TRIGGER t BEFORE INSERT ON dbmigrate_journal FOR EACH ROW SET @a = 1"),
            (Dialect::Postgres, "TRUNCATE a, ONLY public.dbmigrate_journal"),
            (Dialect::Postgres, "DELETE FROM ONLY \"public\".\"dbmigrate_journal\""),
            (Dialect::Postgres, "COPY public.dbmigrate_journal (number) FROM '/tmp/x'"),
            (Dialect::Postgres, "ALTER TABLE ONLY public.dbmigrate_journal DROP CONSTRAINT x"),
            (Dialect::Postgres, "DO $$ BEGIN DELETE FROM dbmigrate_journal; END $$"),
            (Dialect::Postgres, "DROP SCHEMA public CASCADE"),
            (Dialect::Postgres, "DROP SCHEMA IF EXISTS a, \"public\""),
            (Dialect::Postgres, "ALTER SCHEMA public RENAME TO old"),
            (Dialect::Postgres, "CREATE RULE r AS ON INSERT TO dbmigrate_journal DO INSTEAD NOTHING"),
            (Dialect::Sqlite, "REPLACE INTO main.dbmigrate_journal VALUES (1)"),
            (Dialect::Sqlite, "UPDATE OR IGNORE [dbmigrate_journal] SET number = 1"),
            (Dialect::Sqlite, "CREATE TRIGGER t AFTER INSERT ON dbmigrate_journal BEGIN SELECT 1; END;"),
            (Dialect::SqlServer, "SELECT 1; DELETE TOP (5) FROM dbo.dbmigrate_journal"),
            (Dialect::SqlServer, "DELETE [dbo].[dbmigrate_journal]"),
            (Dialect::SqlServer, "MERGE dbmigrate_journal AS j USING x ON 1 = 1 WHEN MATCHED THEN DELETE;"),
            (Dialect::SqlServer, "EXEC sp_rename 'dbo.dbmigrate_journal', 'old'"),
            (Dialect::SqlServer, "ALTER SCHEMA old TRANSFER dbo.dbmigrate_journal"),
            (Dialect::SqlServer, "SELECT * INTO dbmigrate_journal FROM x"),
            (Dialect::SqlServer, "DELETE shop.dbo.dbmigrate_journal"),
        ] {
            assert_eq!(found(dialect, statement).len(), 1, "{dialect:?}: {statement}");
        }
    }

    #[test]
    fn reading_it_and_talking_of_it_is_fine() {
        for dialect in ALL {
            for statement in [
                "SELECT * FROM dbmigrate_journal",
                "INSERT INTO audit SELECT number FROM dbmigrate_journal",
                "CREATE VIEW v AS SELECT script FROM dbmigrate_journal",
                "DELETE FROM t WHERE id IN (SELECT number FROM dbmigrate_journal)",
                "UPDATE t SET a = (SELECT max(dbmigrate_journal.number) FROM dbmigrate_journal)",
                "GRANT SELECT ON dbmigrate_journal TO report",
                "INSERT INTO docs VALUES ('DROP TABLE dbmigrate_journal')",
                "SELECT 1 -- DELETE FROM dbmigrate_journal",
                "DROP TABLE dbmigrate_journal_of_the_shop",
                "DROP TABLE my_dbmigrate_journal",
                "SELECT dbmigrate_journal.number FROM t JOIN dbmigrate_journal ON t.id = dbmigrate_journal.number",
            ] {
                assert_eq!(found(dialect, statement), [""; 0], "{dialect:?}: {statement}");
            }
        }
        for (dialect, statement) in [
            (Dialect::Postgres, "COPY dbmigrate_journal TO '/tmp/x'"),
            (Dialect::Postgres, "COMMENT ON TABLE dbmigrate_journal IS 'x'"),
            (Dialect::Postgres, "ANALYZE dbmigrate_journal"),
            (Dialect::Postgres, "LOCK TABLE dbmigrate_journal"),
            (Dialect::Postgres, "SELECT * FROM dbmigrate_journal FOR UPDATE"),
            (Dialect::Postgres, "DROP SCHEMA audit CASCADE"),
            (Dialect::Postgres, "DROP TABLE archive.dbmigrate_journal"),
            (
                Dialect::Postgres,
                "CREATE FUNCTION f() RETURNS void LANGUAGE sql BEGIN ATOMIC DELETE FROM dbmigrate_journal; END",
            ),
            (Dialect::Postgres, "CREATE TEMPORARY TABLE dbmigrate_journal (a int)"),
            (Dialect::Mysql, "DROP TABLE crm.dbmigrate_journal"),
            (Dialect::Mysql, "SHOW CREATE TABLE dbmigrate_journal"),
            (Dialect::Mysql, "OPTIMIZE TABLE dbmigrate_journal"),
            (Dialect::Sqlite, "CREATE TRIGGER t AFTER INSERT ON x BEGIN DELETE FROM dbmigrate_journal; END;"),
            (Dialect::SqlServer, "CREATE PROCEDURE p AS DELETE FROM dbmigrate_journal"),
            (Dialect::SqlServer, "DROP TABLE #dbmigrate_journal"),
        ] {
            assert_eq!(found(dialect, statement), [""; 0], "{dialect:?}: {statement}");
        }
    }
}
