use super::{Dialect, Variables};

/// What the checks know about the database that a text is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// How the text is split into statements.
    pub(crate) dialect: &'static dyn Dialect,
    /// The name of the run's own database. Without it, no statement counts as one that leaves the database.
    pub database: Option<String>,
    /// A name that the database does not have yet. Scripts may use it only in `USE`.
    pub alias: Option<String>,
    /// The server's limit on the length of a statement in bytes. Without it, any length is accepted.
    pub longest: Option<usize>,
    /// The values for `$(name)`.
    pub variables: Variables,
    /// The name of the journal's table, which no script may change.
    pub journal: String,
    /// The journal's schema. Without it, the database itself is the schema.
    pub journal_schema: Option<String>,
}

impl Context {
    /// Returns what is known about any database of a dialect.
    pub(crate) fn new(dialect: &'static dyn Dialect) -> Self {
        Self {
            dialect,
            database: None,
            alias: None,
            longest: None,
            variables: Variables::default(),
            journal: "dbmigrate_journal".into(),
            journal_schema: dialect.default_schema().map(Into::into),
        }
    }

    /// The name of the table of repairs beside the journal.
    pub(super) fn repairs(&self) -> String {
        repairs_name(&self.journal)
    }
}

/// Returns the name of the table of repairs that belongs to a journal of this name.
pub(crate) fn repairs_name(journal: &str) -> String {
    format!("{journal}_repairs")
}
