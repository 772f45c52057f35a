//! What the tests, benches and fuzz targets of this project use besides the public API. Nothing here is stable.

#[cfg(feature = "embed")]
pub use crate::script::embedded;
pub use crate::sql::{
    Context, Finding, FindingKind, Inspection, Marker, MarkerRole, Mode, Repeat, Role, Split, SplitError,
    SplitErrorKind, Statement, Words,
};
use crate::sql::{DIALECTS, Dialect};
#[cfg(feature = "embed")]
pub use dbmigrate_macros::embed_files;

/// Returns the dialect of this name.
fn dialect(name: &str) -> &'static dyn Dialect {
    DIALECTS.into_iter().find(|dialect| dialect.name() == name).unwrap_or_else(|| panic!("no dialect is called {name}"))
}

/// Returns what is known about any database of a dialect, by its name.
#[must_use]
pub fn context(name: &str) -> Context {
    Context::new(dialect(name))
}

/// Splits a text into statements, as the client of the database would.
#[must_use]
pub fn split<'a>(name: &str, text: &'a str) -> Split<'a> {
    crate::sql::split(dialect(name), text)
}

/// Returns the statements of a script that are sent.
pub fn sendable(name: &str, text: &str, role: Role) -> impl Iterator<Item = Result<Statement, SplitError>> {
    crate::sql::sendable(dialect(name), text, role)
}

/// Checks a script before anything runs.
#[must_use]
pub fn inspect(context: &Context, text: &str, role: Role, mode: Mode) -> Inspection {
    crate::sql::inspect(context, text, role, mode)
}

/// Whether some of the statement's work may remain if it fails.
#[must_use]
pub fn may_commit(name: &str, statement: &Statement) -> bool {
    dialect(name).may_commit(statement)
}

/// Whether the statement must be the only one of its message.
#[must_use]
pub fn stands_alone(name: &str, statement: &Statement) -> bool {
    dialect(name).stands_alone(statement)
}

/// Asks everything about a statement that has an answer for every text.
pub fn ask(name: &str, statement: &Statement, text: &str) {
    let dialect = dialect(name);
    let _ = (dialect.stands_alone(statement), dialect.may_commit(statement), statement.is_conditional());
    let _ = (dialect.locks_tables(statement), dialect.unlocks_tables(statement), dialect.commits_before(statement));
    let _ = (dialect.leaves_nothing(statement, text), dialect.hides(statement, text), dialect.undo(statement, text));
    let _ = (dialect.makes(statement, text), dialect.ends(statement, text), dialect.asks_back(statement, text));
    let _ = (dialect.given(statement, text), dialect.uses(statement, text, "t"), dialect.defers(statement, text));
    let _ = (dialect.repeats(statement, text, &|_| false), dialect.changes_reading(statement));
    let _ = (dialect.commits_at_once(statement, text), dialect.suspending(&statement.words, text));
}
