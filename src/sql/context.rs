use super::{Dialect, Variables};

/// What the checks know of the database that a text is meant for.
///
/// ```
/// use dbmigrate::sql::{Context, Dialect};
///
/// let context = Context { database: Some("shop".into()), ..Context::from(Dialect::Mysql) };
/// assert_eq!(context.longest, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// How the text is cut into statements.
    pub dialect: Dialect,
    /// The name of the run's own database. Without it, no statement is taken for one that leaves it.
    pub database: Option<String>,
    /// A name that the database has not yet: under it, scripts may only say that they use it.
    pub alias: Option<String>,
    /// How many bytes a statement may have. Without it, any number.
    pub longest: Option<usize>,
    /// What stands for `$(name)`.
    pub variables: Variables,
    /// The name of the journal's table, which no script may change.
    pub journal: String,
    /// The journal's schema. Without it, that is the database itself.
    pub journal_schema: Option<String>,
}

impl Context {
    /// The table of repairs, which is beside the journal.
    pub(super) fn repairs(&self) -> String {
        repairs_name(&self.journal)
    }
}

/// The name of the table of repairs that belongs to a journal of this name.
pub(crate) fn repairs_name(journal: &str) -> String {
    format!("{journal}_repairs")
}

impl From<Dialect> for Context {
    fn from(dialect: Dialect) -> Self {
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
}
