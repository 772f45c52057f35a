//! What the text of an object file says: what it creates and drops, what it mentions, which variables it uses.

mod parser;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use self::parser::Parser;
use super::cursor::Token;
use super::tokens::tokens;
use super::{Context, Dialect, Finding, FindingKind, Statement};

/// An object that a statement creates, by the statement's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Created {
    /// What it is, in the words of SQL: `view`.
    pub(crate) kind: &'static str,
    /// Its schema, if the text names one; of a trigger, that of its table.
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
    /// The table or view that it is on: a trigger, a rule, a policy.
    pub(crate) on: Option<String>,
    /// The text between the parentheses after the name of a routine.
    pub(crate) arguments: Option<String>,
    /// Where the name is in the file.
    pub(crate) at: Range<usize>,
    manner: Manner,
}

/// What a statement does if the object already exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It fails.
    Fails,
    /// It replaces the object.
    Replaces,
    /// It does nothing.
    Skips,
}

/// Why a statement cannot run again whenever its file changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// It fails if the object already exists.
    Fails,
    /// It does nothing if the object already exists, so that a change to the file would have no effect.
    Skips,
}

impl fmt::Display for Created {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, schema, name, on, arguments, .. } = self;
        let schema = schema.as_ref().map_or_else(String::new, |schema| format!("{schema}."));
        match on {
            Some(on) => write!(f, "{kind} {name} on {schema}{on}"),
            None => write!(f, "{kind} {schema}{name}"),
        }?;
        arguments.as_ref().map_or(Ok(()), |arguments| write!(f, "({arguments})"))
    }
}

impl Created {
    /// Returns a table, which no file should create.
    fn table(name: String, at: Range<usize>) -> Self {
        let (schema, on, arguments) = (None, None, None);
        Self { kind: "table", schema, name, on, arguments, at, manner: Manner::Fails }
    }

    /// Whether other objects may mention it by its name.
    pub(crate) fn has_users(&self) -> bool {
        !matches!(self.kind, "trigger" | "rule" | "policy" | "event" | "event trigger")
    }

    /// Whether a statement that creates one of them may replace the other, as far as the texts tell.
    pub(crate) fn may_replace(&self, other: &Self) -> bool {
        let is_elsewhere = self.schema.as_ref().zip(other.schema.as_ref()).is_some_and(|(one, other)| one != other);
        same_class(self.kind, other.kind) && self.name == other.name && self.on == other.on && !is_elsewhere
    }

    /// Whether both are the same object, as far as the texts tell.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let bare = |arguments: &Option<String>| {
            let words = arguments.iter().flat_map(|text| text.split_whitespace()).map(str::to_lowercase);
            words.collect::<Vec<_>>()
        };
        self.kind == other.kind
            && self.name == other.name
            && self.on == other.on
            && bare(&self.arguments) == bare(&other.arguments)
            && self.schema == other.schema
    }
}

/// Whether objects of these kinds share their names.
pub(crate) fn same_class(one: &str, other: &str) -> bool {
    class(one) == class(other)
}

/// Returns a kind that stands for all kinds that share their names.
fn class(kind: &str) -> &str {
    match kind {
        "materialized view" => "view",
        "aggregate" | "procedure" => "function",
        "domain" => "type",
        kind => kind,
    }
}

/// An object that a statement drops, by the statement's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dropped {
    /// The kind by which it is compared: view and materialized view have the same.
    class: &'static str,
    pub(crate) name: String,
    /// Where the name is in the file.
    pub(crate) at: Range<usize>,
    /// Whether the statement succeeds if the object does not exist.
    pub(crate) if_exists: bool,
}

impl Dropped {
    /// Whether it may be this object, as far as the texts tell.
    pub(crate) fn may_be(&self, created: &Created) -> bool {
        self.class == class(created.kind) && self.name == created.name
    }

    /// Whether the statement fails if this object does not exist.
    pub(crate) fn fails_without(&self, created: &Created) -> bool {
        !self.if_exists && self.may_be(created)
    }
}

/// What the text of an object file says. Of a script, only what it creates and drops is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ObjectText {
    /// What it creates, in order.
    pub(crate) created: Vec<Created>,
    /// What it drops, in order.
    pub(crate) dropped: Vec<Dropped>,
    /// The names and words that occur in it.
    pub(crate) mentioned: BTreeSet<String>,
    /// The variables that it uses.
    pub(crate) variables: BTreeSet<String>,
    /// The creations that cannot run again.
    fixed: Vec<(Created, Repeat)>,
}

impl ObjectText {
    /// Takes the next statement; `written` is its text in the file, `sql` what is sent.
    pub(crate) fn take(&mut self, context: &Context, statement: &Statement, written: &str, sql: &str) {
        let dialect = context.dialect;
        self.variables.extend(context.variables.used(dialect, written));
        self.mention(dialect, sql);
        let words = Parser::new(dialect, sql);
        if let Some((name, at, repeat)) = words.table_created() {
            self.fixed.push((Created::table(name, statement.written(at)), repeat));
        }
        let created = self.created.len();
        self.take_changes(&words, statement);
        for created in &self.created[created..] {
            let is_dropped = self.dropped.iter().any(|dropped| dropped.if_exists && dropped.may_be(created));
            match created.manner {
                Manner::Fails if !is_dropped => self.fixed.push((created.clone(), Repeat::Fails)),
                Manner::Skips if !is_dropped => self.fixed.push((created.clone(), Repeat::Skips)),
                Manner::Fails | Manner::Skips | Manner::Replaces => {}
            }
        }
    }

    /// Takes the next statement of a script.
    pub(crate) fn take_script(&mut self, context: &Context, statement: &Statement, sql: &str) {
        let words = &statement.words;
        let changes = ["CREATE", "DROP", "IF"].iter().any(|word| words.starts(&[word]));
        if changes && !words.starts(&["CREATE", "TABLE"]) && !words.starts(&["CREATE", "INDEX"]) {
            self.take_changes(&Parser::new(context.dialect, sql), statement);
        }
    }

    fn take_changes(&mut self, words: &Parser<'_>, statement: &Statement) {
        let dropped = words.dropped().into_iter();
        self.dropped.extend(dropped.map(|dropped| Dropped { at: statement.written(dropped.at), ..dropped }));
        let created = words.created().into_iter();
        self.created.extend(created.map(|created| Created { at: statement.written(created.at.clone()), ..created }));
    }

    /// Whether it drops an object before it creates it.
    pub(crate) fn drops(&self, kind: &str, name: &str, dialect: &dyn Dialect) -> bool {
        let is_same = |dropped: &Dropped| same_class(dropped.class, kind) && dialect.is_same_name(name, &dropped.name);
        self.dropped.iter().any(|dropped| dropped.if_exists && is_same(dropped))
    }

    fn mention(&mut self, dialect: &dyn Dialect, sql: &str) {
        for (token, at) in tokens(dialect, sql) {
            let text = &sql[at];
            match (token, dialect.quoted_body(token, text)) {
                (_, Some(body)) => self.mention(dialect, &text[body]),
                (Token::Word | Token::Name, None) => {
                    self.mentioned.insert(dialect.folded(token, text));
                }
                _ => {}
            }
        }
    }

    /// Returns a finding for each statement that cannot run again whenever the file changes.
    pub(crate) fn findings(&self, dialect: &dyn Dialect) -> impl Iterator<Item = Finding> {
        self.fixed.iter().map(|(created, repeat)| {
            let schema = created.schema.as_ref().map_or_else(String::new, |schema| format!("{schema}."));
            let on = created.on.as_ref().filter(|_| dialect.drops_on_table());
            let (upper, name) = (created.kind.to_uppercase(), &created.name);
            let what = match on {
                Some(on) => format!("{name} ON {schema}{on}"),
                // the server knows no aggregate by its name alone
                None if created.kind == "aggregate" => {
                    format!("{schema}{name}({})", created.arguments.as_deref().unwrap_or("*"))
                }
                None => format!("{schema}{name}"),
            };
            let drop = format!("put DROP {upper} IF EXISTS {what} before it");
            let remedy = match dialect.replaces(created.kind) {
                _ if created.kind == "table" => "move it to a script: a table is changed by scripts".into(),
                Some(form) => format!("write {form}, or {drop}"),
                None => drop,
            };
            let kind = FindingKind::NotRepeatable { object: created.to_string(), repeat: *repeat, remedy };
            Finding { at: created.at.clone(), kind }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES, SQLITE, SQLSERVER, split};

    fn read(dialect: &'static dyn Dialect, text: &str) -> ObjectText {
        let (context, mut object) = (Context::new(dialect), ObjectText::default());
        for statement in split(dialect, text) {
            let statement = statement.expect("it can be split");
            let written = &text[statement.range.clone()];
            object.take(&context, &statement, written, written);
        }
        object
    }

    fn created(dialect: &'static dyn Dialect, text: &str) -> Vec<String> {
        read(dialect, text).created.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_text_creates_is_read_from_it() {
        for (dialect, text, expected) in [
            (POSTGRES, "CREATE OR REPLACE VIEW Shop.Totals AS SELECT 1;", "view shop.totals"),
            (POSTGRES, "CREATE OR REPLACE VIEW \"Shop\".\"To.\"\"tals\" AS SELECT 1", "view Shop.To.\"tals"),
            (POSTGRES, "create recursive view v (n) as select 1", "view v"),
            (POSTGRES, "CREATE MATERIALIZED VIEW IF NOT EXISTS m AS SELECT 1", "materialized view m"),
            (
                POSTGRES,
                "CREATE FUNCTION f(a int,\n  b text DEFAULT ')') RETURNS int AS $$x$$",
                "function f(a int, b text DEFAULT ')')",
            ),
            (POSTGRES, "CREATE OR REPLACE PROCEDURE p() LANGUAGE sql AS ''", "procedure p()"),
            (POSTGRES, "CREATE AGGREGATE agg(int) (SFUNC = f, STYPE = int)", "aggregate agg(int)"),
            (
                POSTGRES,
                "CREATE CONSTRAINT TRIGGER t AFTER UPDATE OF a, b ON s.items FOR EACH ROW EXECUTE FUNCTION f()",
                "trigger t on s.items",
            ),
            (POSTGRES, "CREATE RULE r AS ON INSERT TO v DO INSTEAD NOTHING", "rule r on v"),
            (POSTGRES, "CREATE POLICY p ON t USING (true)", "policy p on t"),
            (POSTGRES, "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()", "event trigger e"),
            (
                MYSQL,
                "CREATE ALGORITHM=MERGE DEFINER=`root`@`localhost` SQL SECURITY INVOKER VIEW `V` AS SELECT 1",
                "view v",
            ),
            (MYSQL, "CREATE DEFINER = CURRENT_USER() AGGREGATE FUNCTION f(x INT) RETURNS INT RETURN 1", "function f"),
            (MYSQL, "CREATE OR REPLACE PROCEDURE shop.p() SELECT 1", "procedure shop.p"),
            (MYSQL, "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1", "event e"),
            (MYSQL, "CREATE TRIGGER t BEFORE INSERT ON items FOR EACH ROW SET @x = 1", "trigger t on items"),
            (
                SQLITE,
                "CREATE TRIGGER IF NOT EXISTS t AFTER UPDATE OF a ON [Items] BEGIN SELECT 1; END;",
                "trigger t on items",
            ),
            (SQLSERVER, "-- totals\nCREATE OR ALTER PROC [dbo].[Totals] @a int AS SELECT 1", "procedure dbo.totals"),
            (SQLSERVER, "CREATE SYNONYM s FOR dbo.t", "synonym s"),
        ] {
            assert_eq!(created(dialect, text), [expected], "{text}");
        }
        for text in
            ["CREATE TABLE view (a int)", "CREATE TEMP VIEW v AS SELECT 1", "CREATE INDEX i ON t (a)", "SELECT 1"]
        {
            assert_eq!(created(POSTGRES, text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_statement_that_cannot_run_again_is_found() {
        let found = |dialect, text| {
            let findings = read(dialect, text).findings(dialect).collect::<Vec<_>>();
            findings.into_iter().map(|finding| finding.kind.hint()).collect::<Vec<_>>()
        };
        let drop = "put DROP VIEW IF EXISTS v before it";
        assert_eq!(found(SQLITE, "CREATE VIEW v AS SELECT 1"), [drop]);
        assert_eq!(found(SQLITE, "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 1"), [""; 0]);
        assert_eq!(found(SQLITE, "DROP VIEW IF EXISTS w; CREATE VIEW IF NOT EXISTS v AS SELECT 1"), [drop]);
        assert_eq!(found(POSTGRES, "CREATE VIEW v AS SELECT 1"), [format!("write CREATE OR REPLACE VIEW, or {drop}")]);
        let aggregate = "write CREATE OR REPLACE AGGREGATE, or put DROP AGGREGATE IF EXISTS a(int) before it";
        assert_eq!(found(POSTGRES, "CREATE AGGREGATE a(int) (SFUNC = f, STYPE = int)"), [aggregate]);
        let table = "move it to a script: a table is changed by scripts";
        for text in [
            "CREATE TABLE t (a int)",
            "CREATE UNLOGGED TABLE IF NOT EXISTS t (a int)",
            "CREATE FOREIGN TABLE t (a int)",
        ] {
            assert_eq!(found(POSTGRES, text), [table], "{text}");
        }
        assert_eq!(found(POSTGRES, "CREATE TEMP TABLE t (a int)"), [""; 0]);
        assert_eq!(found(POSTGRES, "DROP VIEW IF EXISTS w, s.v CASCADE; CREATE VIEW s.v AS SELECT 1"), [""; 0]);
        assert_eq!(found(POSTGRES, "DROP ROUTINE IF EXISTS f; CREATE FUNCTION f() RETURNS int RETURN 1"), [""; 0]);
        let checked = "IF OBJECT_ID('v') IS NOT NULL DROP VIEW v\nGO\nCREATE VIEW v AS SELECT 1";
        assert_eq!(found(SQLSERVER, checked), [""; 0]);
    }

    #[test]
    fn names_are_mentioned_wherever_they_are_code() {
        let text = "CREATE FUNCTION f() RETURNS int AS $$ SELECT n FROM \"Base\".Totals -- orders\n $$; SELECT 'items'";
        let mentioned = read(POSTGRES, text).mentioned;
        for (name, expected) in [("totals", true), ("Base", true), ("orders", false), ("items", false), ("f", true)] {
            assert_eq!(mentioned.contains(name), expected, "{name}");
        }
    }
}
