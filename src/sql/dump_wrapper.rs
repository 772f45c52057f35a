use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::{Context, Dialect, Role, Source, SourceError, SplitError, Statement, Words, split};

/// Returns the statements of a script that are sent: those of [`split`], without the empty ones.
///
/// A baseline comes from a dump tool. The transactions that the tool wrote are left out because the run has its own:
/// `PRAGMA foreign_keys=OFF; BEGIN TRANSACTION; ... COMMIT;` around a whole `.dump` of `sqlite3`, and `BEGIN; ...
/// COMMIT;` around the large objects of `pg_dump`, `SET autocommit=0; ... COMMIT;` around a table's rows of `mysqldump`
/// (and `SET autocommit=...;` after them).
pub(crate) fn sendable(
    dialect: &'static dyn Dialect,
    text: &str,
    role: Role,
) -> impl Iterator<Item = Result<Statement, SplitError>> {
    let mut statements = Sendable::new(&Context::new(dialect), split(dialect, text), role);
    std::iter::from_fn(move || statements.next()).map(|statement| statement.map_err(|SourceError::Split(error)| error))
}

/// Recognizes the statements that a dump tool wrote for itself. It is asked for each statement, in order.
pub(crate) trait DumpWrapper: fmt::Debug + Send + Sync {
    /// Whether the statement after this one shows what this one is.
    fn looks_ahead(&self, _statement: &Statement) -> bool {
        false
    }

    /// Takes the next statement and its text. `next` is the one after it, if [`DumpWrapper::looks_ahead`] asked for it
    /// and there is one.
    fn take(&mut self, statement: &Statement, text: &str, next: Option<&Statement>) -> Taken;
}

/// What a statement of a dump is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// A statement to send.
    Statement,
    /// One that the tool wrote for itself.
    Omitted,
    /// One that begins a transaction of the tool, with its name.
    Opens(&'static str),
    /// One that ends such a transaction.
    Closes,
}

/// The statements to send, in order.
#[derive(Debug)]
pub(crate) struct Sendable<S> {
    source: S,
    /// A statement that was read ahead to judge the one before it.
    ahead: Option<Statement>,
    wrapper: Option<Box<dyn DumpWrapper>>,
    /// The `BEGIN` that was left out and whose `COMMIT` was not found yet, with its name.
    opened: Option<(Range<usize>, &'static str)>,
}

/// Returns the database that a dump may create and connect to: the run's own, which already exists.
pub(crate) fn own(context: &Context, role: Role) -> Option<Arc<str>> {
    context.database.as_deref().filter(|_| role == Role::Baseline).map(Arc::from)
}

impl<S: Source> Sendable<S> {
    pub(crate) fn new(context: &Context, source: S, role: Role) -> Self {
        let wrapper = match role {
            Role::Script | Role::Object => None,
            Role::Baseline => context.dialect.dump_wrapper(own(context, role)),
        };
        Self { source, ahead: None, wrapper, opened: None }
    }

    /// Returns the next statement to send. The text before it may be discarded.
    pub(crate) fn next(&mut self) -> Option<Result<Statement, SourceError<S::Failure>>> {
        if self.ahead.is_none() {
            self.source.release();
        }
        self.following()
    }

    /// Returns the next statement to send, while the text of those before it is still needed.
    pub(crate) fn following(&mut self) -> Option<Result<Statement, SourceError<S::Failure>>> {
        loop {
            let statement = match self.statement()? {
                Ok(statement) => statement,
                Err(error) => return Some(Err(error)),
            };
            match self.is_of_wrapper(&statement) {
                Ok(true) => {}
                Ok(false) => return Some(Ok(statement)),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Returns the `BEGIN` that was left out and has no `COMMIT` so far, with its name.
    pub(crate) fn unclosed(&self) -> Option<(Range<usize>, &'static str)> {
        self.opened.clone()
    }

    pub(crate) const fn source(&self) -> &S {
        &self.source
    }

    pub(crate) const fn source_mut(&mut self) -> &mut S {
        &mut self.source
    }

    /// Returns the next statement that is not empty.
    fn statement(&mut self) -> Option<Result<Statement, SourceError<S::Failure>>> {
        if let Some(statement) = self.ahead.take() {
            return Some(Ok(statement));
        }
        loop {
            match self.source.next()? {
                Ok(statement) if statement.range.is_empty() => {}
                other => return Some(other),
            }
        }
    }

    /// Whether the statement belongs to the dump tool, and not to the dump.
    fn is_of_wrapper(&mut self, statement: &Statement) -> Result<bool, SourceError<S::Failure>> {
        if self.wrapper.as_ref().is_some_and(|wrapper| wrapper.looks_ahead(statement)) {
            self.ahead = self.statement().transpose()?;
        }
        let Some(wrapper) = &mut self.wrapper else { return Ok(false) };
        let taken = wrapper.take(statement, self.source.text(&statement.range), self.ahead.as_ref());
        match taken {
            Taken::Opens(name) => self.opened = Some((statement.range.clone(), name)),
            Taken::Closes => self.opened = None,
            Taken::Statement | Taken::Omitted => {}
        }
        Ok(taken != Taken::Statement)
    }
}

pub(super) fn is_begin(words: &Words) -> bool {
    words.are(&["BEGIN"]) || words.are(&["BEGIN", "TRANSACTION"])
}

pub(super) fn is_commit(words: &Words) -> bool {
    words.are(&["COMMIT"])
}
