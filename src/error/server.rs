//! The errors that database servers report.

use crate::sql::Variables;
use std::fmt;

/// An error that a database reported, in its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerError {
    /// The database product.
    pub product: &'static str,
    /// The message.
    pub message: String,
    /// The product's code for it: SQLSTATE, result code, error number.
    pub code: Option<String>,
    /// Details.
    pub detail: Option<String>,
    /// What the server suggests.
    pub hint: Option<String>,
    /// The constraint that was violated.
    pub constraint: Option<String>,
    /// What the server was doing: function, line, inner statement.
    pub context: Option<String>,
    /// Further errors in the same answer.
    pub also: Vec<String>,
    /// What to do about it, if that depends on the product.
    pub remedy: Option<&'static str>,
    /// What to do about it, if that depends on the run.
    pub(crate) run_remedy: Option<Box<str>>,
    /// The kind of error, as far as dbmigrate distinguishes it.
    pub kind: ErrorKind,
}

/// The kinds of errors that dbmigrate treats differently.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Nothing special.
    #[default]
    Plain,
    /// The connection is gone.
    ConnectionLost,
    /// The server does not answer, or not yet.
    Unreachable,
    /// The user or the password is wrong.
    Login,
    /// The database does not exist.
    NoDatabase,
    /// A statement could not acquire a lock in time.
    LockTimeout,
    /// The statement cannot run in a transaction.
    NotInTransaction,
    /// The certificate of the server is not trusted.
    Certificate,
    /// There is no access token to log in with.
    NoToken,
    /// A statement took longer than allowed.
    StatementTimeout,
    /// The statement was cancelled from outside.
    Cancelled,
    /// The server has no room for more locks.
    OutOfLocks,
    /// A table cannot be altered while its triggers are due at the end of the transaction.
    PendingTriggers,
    /// The file is not a database, or it is encrypted.
    NotADatabase,
    /// The file cannot be opened.
    CannotOpen,
    /// The database or the file system is read-only.
    ReadOnly,
    /// The disk is full.
    Full,
    /// The user lacks a privilege.
    Denied,
    /// The user may not create databases.
    CannotCreateDatabase,
    /// A failed build left an invalid index.
    InvalidIndex,
    /// Writes to tables without transactions cannot be rolled back.
    NotRolledBack,
    /// A script has committed the transaction of the run: what ran before stays.
    CommittedByScript,
    /// The statement refers to something that does not exist.
    DoesNotExist,
    /// An object cannot be replaced as the statement says, or others depend on it.
    CannotReplace,
}

/// The hint when not everything could be rolled back.
pub(super) const NOT_ROLLED_BACK: &str =
    "tables whose storage engine has no transactions keep what was written to them: correct them before the next run";

/// The hint when a script has ended the transaction of the run.
pub(super) const ENDED: &str = "find what ended the transaction, and check the database with `Migrator::status`";

/// The hint when a script has changed the journal and everything was rolled back.
pub(super) const JOURNAL_CHANGED: &str = "only dbmigrate writes the journal: remove that from the script; with several \
                                          scripts, `TransactionMode::PerScript` shows which one it is";

/// The hint when a script has changed the journal and the change was committed.
pub(super) const UNRECORDED: &str = "restore the journal's table from a backup, or drop it and record what is applied with \
                                     `BaselineOptions::to` N; then remove that from the script";

impl ServerError {
    /// Masks the values of secret variables.
    pub(crate) fn mask(&mut self, variables: &Variables) {
        let Self { message, detail, hint, constraint, context, also, .. } = self;
        for text in [detail, hint, constraint, context].into_iter().flatten().chain(also).chain([message]) {
            *text = variables.mask(text);
        }
    }

    pub(crate) fn new(product: &'static str, message: impl Into<String>, kind: ErrorKind) -> Self {
        Self { product, message: message.into(), kind, ..Self::default() }
    }

    /// Returns what else the server said, one per line.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let code = self.code.as_ref().map(|code| format!("{} {code}", self.product));
        let named = |name: &str, text: &Option<String>| text.as_ref().map(|text| format!("{name}: {text}"));
        let notes = [
            code,
            named("detail", &self.detail),
            named("server's hint", &self.hint),
            named("constraint", &self.constraint),
            named("in", &self.context),
        ];
        let also = self.also.iter().map(|error| format!("also {error}"));
        notes.into_iter().flatten().chain(also).collect()
    }

    /// Returns what to do about it, if that is known.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let advice = match self.kind {
            _ if self.run_remedy.is_some() => return self.run_remedy.as_deref().map(Into::into),
            _ if self.remedy.is_some() => return self.remedy.map(Into::into),
            ErrorKind::Plain | ErrorKind::Cancelled | ErrorKind::DoesNotExist | ErrorKind::CannotReplace => {
                return None;
            }
            ErrorKind::CannotCreateDatabase => {
                "give the user the right to create databases, or create it as another user"
            }
            ErrorKind::NotInTransaction => {
                "move the statement to a script of its own that starts with the line: -- dbmigrate: no-transaction"
            }
            ErrorKind::Certificate => "check the certificates: the server's, and those that the URL names",
            ErrorKind::NoToken => "get a token and put it into that variable",
            ErrorKind::ConnectionLost => "run it again when the server is back: what was not committed is gone",
            ErrorKind::Unreachable => "check the host and port; `Options::wait` waits for a server that is starting",
            ErrorKind::Login => "check the user and password in the URL",
            ErrorKind::NoDatabase => "check the name; `UpgradeOptions::create_database` creates it",
            ErrorKind::LockTimeout => "end the session that blocks, or wait longer with `Options::lock_timeout`",
            ErrorKind::StatementTimeout => {
                "allow more time with `Options::statement_timeout`, or make the statement faster; without that option, the limit is the script's or the server's"
            }
            ErrorKind::NotADatabase => "check the path: the file is something else, or it is encrypted",
            ErrorKind::CannotOpen => "check the path: the folder must exist, and the path must name a file",
            ErrorKind::OutOfLocks => {
                "run with `TransactionMode::PerScript`: each script then needs only its own locks; \
                 or raise max_locks_per_transaction"
            }
            ErrorKind::PendingTriggers => {
                "end the script that changed the rows with SET CONSTRAINTS ALL IMMEDIATE, \
                 or run with `TransactionMode::PerScript`"
            }
            ErrorKind::ReadOnly => {
                "it is read-only here: check the permissions on a file and its folder, or connect to a server's primary"
            }
            ErrorKind::Full => "free some disk space and run it again",
            ErrorKind::Denied => "grant the user what it lacks, or connect as the owner",
            ErrorKind::NotRolledBack => NOT_ROLLED_BACK,
            ErrorKind::CommittedByScript => ENDED,
            ErrorKind::InvalidIndex => {
                "an index that failed to build remains as INVALID: drop it before you run `Migrator::upgrade` again"
            }
        };
        Some(advice.into())
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ServerError {}
