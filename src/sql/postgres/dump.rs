//! What `pg_dump` writes for itself: a transaction around large objects, and the creation of the database.

use std::sync::Arc;

use crate::sql::Statement;
use crate::sql::dump_wrapper::{DumpWrapper, Taken, is_begin, is_commit};

#[derive(Debug, Clone)]
pub(super) struct Wrapper {
    /// The database that a dump may create.
    own: Option<Arc<str>>,
    in_large_objects: bool,
}

impl Wrapper {
    pub(super) fn new(own: Option<Arc<str>>) -> Self {
        Self { own, in_large_objects: false }
    }

    /// Whether the statement creates the database, as `pg_dump --create --clean` writes it.
    fn creates_own(&self, statement: &Statement, text: &str) -> bool {
        let words = &statement.words;
        let Some(own) = self.own.as_deref() else { return false };
        let quoted = format!("\"{}\"", own.replace('"', "\"\""));
        let names = |start: &str| {
            let rest = text.strip_prefix(start).unwrap_or_default();
            let name =
                |name: &str| rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
            name(own) || name(&quoted)
        };
        match words.get(0) {
            Some("CREATE") => names("CREATE DATABASE "),
            Some("DROP") => names("DROP DATABASE ") || names("DROP DATABASE IF EXISTS "),
            Some("ALTER") => names("ALTER DATABASE ") && words.get(3) == Some("OWNER"),
            _ => false,
        }
    }
}

impl DumpWrapper for Wrapper {
    fn looks_ahead(&self, statement: &Statement) -> bool {
        !self.in_large_objects && is_begin(&statement.words)
    }

    fn take(&mut self, statement: &Statement, text: &str, next: Option<&Statement>) -> Taken {
        let words = &statement.words;
        if self.in_large_objects {
            self.in_large_objects = !is_commit(words);
            return if self.in_large_objects { Taken::Statement } else { Taken::Closes };
        }
        self.in_large_objects =
            is_begin(words) && next.is_some_and(|next| next.words.starts(&["SELECT", "LO_OPEN", "("]));
        // PostgreSQL 17's pg_dump writes the SET, which earlier servers refuse
        match () {
            () if self.in_large_objects => Taken::Opens("BEGIN"),
            () if words.are(&["SET", "TRANSACTION_TIMEOUT", "=", "0"]) => Taken::Omitted,
            () if self.creates_own(statement, text) => Taken::Omitted,
            () => Taken::Statement,
        }
    }
}

/// Whether a line connects to this database, as `pg_dump --create` writes it: `\connect shop`, `\connect "my shop"`,
/// `\connect -reuse-previous=on "dbname='my shop'"`.
pub(super) fn connects_to(line: &[u8], own: &str) -> bool {
    let line = line.split(|&byte| byte == b'\n').next().and_then(|line| std::str::from_utf8(line).ok());
    let Some(name) = line.and_then(|line| line.trim_end().strip_prefix("\\connect ")) else { return false };
    let quoted = format!("\"{}\"", own.replace('"', "\"\""));
    let again = format!("-reuse-previous=on \"dbname='{}'\"", own.replace('\\', "\\\\").replace('\'', "\\'"));
    name == own || name == quoted || name == again
}
