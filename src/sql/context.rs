use super::{Dialect, Tenants, Variables};

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
    /// The schemas that each belong to one tenant.
    pub(crate) tenants: Tenants,
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
            tenants: Tenants::default(),
        }
    }

    /// The names of the journal and of the tables beside it.
    pub(super) fn journal_tables(&self) -> [String; 4] {
        let [repairs, schema, objects] = tables_beside(&self.journal);
        [self.journal.clone(), repairs, schema, objects]
    }
}

/// Returns the names of the tables beside a journal of this name: its repairs, the schema that runs have left, and the
/// objects.
pub(crate) fn tables_beside(journal: &str) -> [String; 3] {
    ["repairs", "schema", "objects"].map(|table| format!("{journal}_{table}"))
}
