//! What a database server answers when it refuses.

use crate::sql::Variables;
use std::fmt;

/// An error of a database, in the database's own words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerError {
    /// The product: `PostgreSQL`.
    pub product: &'static str,
    /// The message.
    pub message: String,
    /// The product's code for it: SQLSTATE, result code, error number.
    pub code: Option<String>,
    /// More about it.
    pub detail: Option<String>,
    /// What the server proposes.
    pub hint: Option<String>,
    /// The constraint that was violated.
    pub constraint: Option<String>,
    /// What the server was doing: function, line, inner statement.
    pub context: Option<String>,
    /// The errors that came behind it in the same answer.
    pub also: Vec<String>,
    /// What to do about it, where the product decides that.
    pub remedy: Option<&'static str>,
    /// What kind of trouble it is, as far as that matters.
    pub trouble: Trouble,
}

/// Kinds of trouble that call for something of their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trouble {
    /// Nothing special.
    #[default]
    Plain,
    /// The connection is gone.
    ConnectionLost,
    /// The server does not answer (yet).
    Unreachable,
    /// User or password are wrong.
    Login,
    /// There is no such database.
    NoDatabase,
    /// A lock was not to be had in time.
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
    /// A table cannot be altered while triggers on it are due at the end of the transaction.
    PendingTriggers,
    /// The file is something else, or encrypted.
    NotADatabase,
    /// The file cannot be opened.
    CannotOpen,
    /// The database or the file system can only be read.
    ReadOnly,
    /// The disk is full.
    Full,
    /// The user lacks a right.
    Denied,
    /// The user may not create databases.
    CannotCreateDatabase,
    /// An index is left behind that is not valid.
    InvalidIndex,
    /// Tables without transactions were written to, which stays.
    NotRolledBack,
    /// A script has committed the transaction of the run: what ran before stays.
    CommittedByScript,
}

/// What to do when not everything could be rolled back.
pub(super) const NOT_ROLLED_BACK: &str =
    "tables whose storage engine has no transactions keep what was written to them: put them right before the next run";

/// What to do when a script has ended the transaction of the run.
pub(super) const ENDED: &str = "find what ended the transaction, and look into the database: dbmigrate status";

/// What to do when a script has changed the journal and everything was rolled back.
pub(super) const JOURNAL_CHANGED: &str = "only dbmigrate writes the journal: take that out of the script; of several scripts, \
                                          --transaction per-script tells which it is";

/// What to do when a script has changed the journal and that stays.
pub(super) const UNRECORDED: &str = "restore the journal's table from a backup, or drop it and record what is applied with \
                                     dbmigrate baseline --to N; then take that out of the script";

impl ServerError {
    /// Takes the values of secret variables out of it.
    pub(crate) fn mask(&mut self, variables: &Variables) {
        let Self { message, detail, hint, constraint, context, also, .. } = self;
        for text in [detail, hint, constraint, context].into_iter().flatten().chain(also).chain([message]) {
            *text = variables.mask(text);
        }
    }

    pub(crate) fn new(product: &'static str, message: impl Into<String>, trouble: Trouble) -> Self {
        Self { product, message: message.into(), trouble, ..Self::default() }
    }

    /// What else the server said, a line each.
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

    /// What to do about it, where that is known.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        let advice = match self.trouble {
            _ if self.remedy.is_some() => return self.remedy.map(Into::into),
            Trouble::Plain | Trouble::Cancelled => return None,
            Trouble::CannotCreateDatabase => "give the user the right to create databases, or create it as another",
            Trouble::NotInTransaction => {
                "move the statement to a script of its own that starts with the line: -- dbmigrate: no-transaction"
            }
            Trouble::Certificate => "check the certificates: the server's, and those that the URL names",
            Trouble::NoToken => "get a token and put it into that variable",
            Trouble::ConnectionLost => "run it again when the server is back: what was not committed is gone",
            Trouble::Unreachable => "check host and port; --wait 30s waits for a server that is starting",
            Trouble::Login => "check user and password of the URL",
            Trouble::NoDatabase => "check the name; upgrade --create-database creates it",
            Trouble::LockTimeout => "end the session that blocks, or wait longer with --lock-timeout",
            Trouble::StatementTimeout => {
                "allow more with --statement-timeout, or make the statement faster; without that option, the limit is the script's or the server's"
            }
            Trouble::NotADatabase => "check the path: the file is something else, or it is encrypted",
            Trouble::CannotOpen => "check the path: the folder must be there, and a file in it",
            Trouble::OutOfLocks => {
                "run with --transaction per-script: each script then needs its own locks only; \
                 or raise max_locks_per_transaction"
            }
            Trouble::PendingTriggers => {
                "end the script that changed the rows with SET CONSTRAINTS ALL IMMEDIATE, \
                 or run with --transaction per-script"
            }
            Trouble::ReadOnly => {
                "it can only be read here: check the rights on a file and its folder, connect to a server's primary"
            }
            Trouble::Full => "make room on the disk and run it again",
            Trouble::Denied => "grant the user what it lacks, or connect as the owner",
            Trouble::NotRolledBack => NOT_ROLLED_BACK,
            Trouble::CommittedByScript => ENDED,
            Trouble::InvalidIndex => {
                "an index that failed to build stays behind as INVALID: drop it before you run upgrade again"
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
