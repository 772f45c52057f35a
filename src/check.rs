//! Checks scripts without any database.

use crate::engine::Engine;
use crate::engine::Target;
use crate::error::Error;
use crate::journal::{Journal, JournalTable};
use crate::plan::{History, Problem, Since, UpgradeOptions, Warning};
use crate::preflight;
use crate::script::Scripts;
use crate::sql::{Context, Variables};

/// What [`Scripts::check`] takes into account. By default, it looks at names, numbers and texts, but not at statements:
/// for those it must know the engine.
#[derive(Debug, Clone, Default)]
pub struct CheckOptions {
    engine: Option<&'static Engine>,
    database: Option<String>,
    journal: JournalTable,
    variables: Variables,
    since: Option<Since>,
}

impl CheckOptions {
    /// Returns the default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks the statements for this database, as far as its URL tells.
    #[must_use]
    pub fn target(mut self, target: &Target) -> Self {
        self.database = Some(target.database());
        self.engine(target.engine())
    }

    /// Checks the statements for any database of this engine.
    #[must_use]
    pub const fn engine(mut self, engine: &'static Engine) -> Self {
        self.engine = Some(engine);
        self
    }

    /// Sets the journal's table, which no script may change.
    #[must_use]
    pub fn journal(mut self, journal: JournalTable) -> Self {
        self.journal = journal;
        self
    }

    /// Sets the values for `$(name)`.
    #[must_use]
    pub fn variables(mut self, variables: Variables) -> Self {
        self.variables = variables;
        self
    }

    /// Also requires what others have: every script of a commit must be present and unchanged, and new ones come last.
    #[must_use]
    pub fn since(mut self, since: impl Into<Option<Since>>) -> Self {
        self.since = since.into();
        self
    }
}

impl Scripts {
    /// Checks the scripts without any database. Returns the warnings about a folder without problems.
    ///
    /// ```
    /// use dbmigrate::{CheckOptions, Engine, Scripts};
    ///
    /// let scripts = Scripts::from_files([("Script-0001.sql", b"BEGIN; DROP TABLE t; COMMIT;")]);
    /// assert!(scripts.check(&CheckOptions::new()).is_ok(), "without an engine, statements are not looked at");
    /// let options = CheckOptions::new().engine(Engine::all()[0]);
    /// assert!(scripts.check(&options).is_err(), "a script has no transaction of its own");
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with all problems.
    pub fn check(&self, options: &CheckOptions) -> Result<Vec<Warning>, Error> {
        let CheckOptions { engine, database, journal, variables, since } = options;
        let context = engine.map(|engine| {
            let (database, variables) = (database.clone(), variables.clone());
            Context { database, variables, ..Context::new(engine.dialect) }.with_journal(journal)
        });
        let mut problems = History::new(self, &Journal::default(), &UpgradeOptions::new()).problems;
        let (found, warnings) = preflight::inspect(self, context.as_ref())?;
        problems.extend(found);
        #[cfg(feature = "adopt")]
        problems.extend(crate::adopt::late_in_old_folders(self.dir()).into_iter().map(Problem::from));
        problems.extend(since.iter().flat_map(|since| since.violations(self)));
        if problems.is_empty() { Ok(warnings) } else { Err(Error::Refused { problems }) }
    }
}
