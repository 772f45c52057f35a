//! What a run is asked to do.

use crate::script::Number;

/// How an upgrade, a rehearsal or a rebuild is done. By default, everything that is pending is applied in one
/// transaction, and the database must exist.
///
/// ```
/// use dbmigrate::{Number, TransactionMode, UpgradeOptions};
///
/// let options = UpgradeOptions::new().to(Number::new(42)?).transaction(TransactionMode::PerScript);
/// assert_ne!(options, UpgradeOptions::new());
/// # Ok::<(), dbmigrate::error::NumberError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UpgradeOptions {
    /// The number to upgrade to; `None` is the highest.
    pub(crate) to: Option<Number>,
    pub(crate) transaction: TransactionMode,
    /// The statement at which an unfinished script resumes, counted from 1.
    pub(crate) resume_at: Option<usize>,
    pub(crate) create_database: bool,
    /// Whether the objects of a build that is older than the database are left alone.
    pub(crate) keeps_newer_objects: bool,
}

impl UpgradeOptions {
    /// Returns the default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops at the script with this number; without one, all scripts are applied.
    #[must_use]
    pub fn to(mut self, number: impl Into<Option<Number>>) -> Self {
        self.to = number.into();
        self
    }

    /// Chooses one transaction, or one for each script.
    #[must_use]
    pub const fn transaction(mut self, transaction: TransactionMode) -> Self {
        self.transaction = transaction;
        self
    }

    /// Resumes the unfinished script at this statement, counted from 1.
    #[must_use]
    pub fn resume_at(mut self, statement: impl Into<Option<usize>>) -> Self {
        self.resume_at = statement.into();
        self
    }

    /// Returns these options for an application that starts.
    pub(crate) const fn at_start(mut self) -> Self {
        self.keeps_newer_objects = true;
        self
    }

    /// Creates the database, empty, if it does not exist. A rebuild always does.
    #[must_use]
    pub const fn create_database(mut self, create: bool) -> Self {
        self.create_database = create;
        self
    }
}

/// What an upgrade does if the schema is no longer as the last run has left it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Drift {
    /// It warns, and runs.
    #[default]
    Warn,
    /// It refuses to run, unless it resumes an unfinished script.
    Refuse,
    /// It does not look.
    Off,
}

/// How scripts are grouped into transactions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransactionMode {
    /// One transaction for everything pending: all or nothing.
    #[default]
    Single,
    /// A transaction for each script: the scripts before the failing one stay applied.
    PerScript,
}
