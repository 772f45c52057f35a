//! Builds a new database beside the old one and replaces the old one at the end.

use std::time::{Duration, Instant};

use crate::engine::{Access, Connection, Replacement};
use crate::error::{DatabaseState, Error, ErrorKind};
use crate::event::Event;
use crate::execute::{LOCK_WAIT, Report, Run};
use crate::journal::Journal;
use crate::migrator::Migrator;
use crate::old_journal::{self, OtherHistory};
use crate::plan::{NewDatabase, Plan, TransactionMode, UpgradeOptions, Warning};
use crate::preflight;
use crate::sql::Context;
use crate::template::Recipe;

/// What a new database is built from.
enum Source {
    /// All scripts.
    Scripts(Plan),
    /// The template that holds the most, if there is one, and what it lacks, which is planned once it is copied.
    Templates(Recipe),
}

impl Migrator {
    /// Builds the database anew from the baseline and all scripts, and drops the old one. It asks no one: a program that
    /// lets users do this asks them first.
    ///
    /// It checks the scripts first. It builds the new database beside the old one, which it replaces at the end, so
    /// that a rebuild that fails leaves the old one unchanged. If the server cannot do that, it drops the old one
    /// first: the plan's guarantee says so.
    ///
    /// # Errors
    ///
    /// [`Error::Guarded`] if the target may only be read; otherwise as for [`Migrator::upgrade`].
    pub async fn rebuild(&self) -> Result<Report, Error> {
        self.rebuild_with(&UpgradeOptions::new()).await
    }

    /// Rebuilds the database as far as the options say. It has one transaction for each script, whatever they say.
    ///
    /// # Errors
    ///
    /// As for [`Migrator::rebuild`].
    pub async fn rebuild_with(&self, options: &UpgradeOptions) -> Result<Report, Error> {
        let started = Instant::now();
        if self.target.is_read_only() {
            let why = "rebuild replaces the file, which the URL opens for reading only".into();
            return Err(Error::Guarded { why, remedy: "leave mode=ro out of the URL".into() });
        }
        self.need_a_database("rebuild replaces")?;
        // the server answers while the scripts are read
        let (warnings, recipe) = tokio::join!(self.dropped_histories(), self.recipe(options));
        for warning in &warnings {
            self.watcher.tell(&Event::Warned { warning });
        }
        let mut report = self.build_and_swap(recipe, options, started).await?;
        report.warnings.extend(warnings);
        Ok(report)
    }

    /// Refuses a command that is about a whole database when the target is a schema of one.
    pub(crate) fn need_a_database(&self, doing: &str) -> Result<(), Error> {
        let Some(schema) = self.target.schema() else { return Ok(()) };
        let why = format!("{doing} a whole database, and the target is the schema {schema} alone");
        Err(Error::Guarded { why, remedy: "drop the schema, create it again, and upgrade it".into() })
    }

    /// Warns about the histories that are lost with the old database. If they cannot be read, the rebuild itself will
    /// report why.
    async fn dropped_histories(&self) -> Vec<Warning> {
        let found = self.other_histories().await.unwrap_or_default().into_iter();
        found.map(|other| Warning::OtherHistory { table: other.table, rows: other.rows }).collect()
    }

    async fn build_and_swap(
        &self,
        recipe: Option<Recipe>,
        options: &UpgradeOptions,
        started: Instant,
    ) -> Result<Report, Error> {
        self.stop_if_cancelled()?;
        let source = match recipe {
            Some(recipe) => Source::Templates(recipe),
            None => Source::Scripts(self.fresh_plan(options, &self.target.context()).await?),
        };
        let mut replacement = self.replacement().await?;
        let built = match source {
            Source::Templates(recipe) => self.build_by_template(&mut *replacement, &recipe, options, started).await,
            Source::Scripts(plan) => self.build(&mut *replacement, plan, started).await,
        };
        let report = match built {
            Ok(report) if replacement.is_in_place() => return Ok(report),
            Ok(_) if self.cancel.is_cancelled() => Err(kept(Error::Interrupted { during: None, state: None })),
            Err(error) if !replacement.is_in_place() => Err(kept(error)),
            built => built,
        };
        match report {
            Ok(report) => self.swap(replacement, report, started).await,
            Err(error) => {
                replacement.discard().await;
                Err(error)
            }
        }
    }

    /// Returns the journals of other histories in the database, which a rebuild drops with everything else. Only reads.
    /// A database that does not exist has none.
    ///
    /// # Errors
    ///
    /// If the database cannot be reached or a query fails.
    pub async fn other_histories(&self) -> Result<Vec<OtherHistory>, Error> {
        let mut connection = match self.connect(Access::Read).await {
            Err(Error::NoFile { .. }) => return Ok(Vec::new()),
            Err(Error::Connect { error, .. }) if error.kind == ErrorKind::NoDatabase => return Ok(Vec::new()),
            connection => connection?,
        };
        let found = old_journal::other_histories(&mut *connection, &self.options.journal).await;
        connection.close().await;
        found.map_err(|error| Error::reading("looking for the journals of other histories", error))
    }

    async fn swap(&self, replacement: Box<dyn Replacement>, report: Report, started: Instant) -> Result<Report, Error> {
        self.watcher.tell(&Event::Swapping);
        match replacement.swap().await {
            Ok(warning) => {
                let warnings = report.warnings.into_iter().chain(warning).collect();
                Ok(Report { duration: started.elapsed(), warnings, ..report })
            }
            Err(error) => Err(Error::Swap { database: self.target.database(), error }),
        }
    }

    /// Returns the plan for an empty database.
    pub(crate) async fn fresh_plan(&self, options: &UpgradeOptions, context: &Context) -> Result<Plan, Error> {
        let (options, context) = (in_parts(options, context), self.context(context));
        self.aside(move |this| preflight::plan(&this.scripts, &Journal::default(), &options, &context)).await
    }

    /// Prepares the new database. Waits for another run on the old one to end.
    pub(crate) async fn replacement(&self) -> Result<Box<dyn Replacement>, Error> {
        let settings = self.settings(Access::Write);
        let limit = self.options.lock_timeout.unwrap_or(LOCK_WAIT);
        let started = Instant::now();
        let mut told = false;
        loop {
            match self.target.replacement(&settings).await {
                Err(Error::Locked { holder, .. }) if started.elapsed() < limit => {
                    if !std::mem::replace(&mut told, true) {
                        self.watcher.tell(&Event::WaitingForRun { holder: &holder });
                    }
                }
                Err(Error::Locked { holder, .. }) => return Err(Error::Locked { holder, waited: limit }),
                answer => return self.or_interrupted(answer),
            }
            self.pause(Duration::from_millis(500).min(limit.saturating_sub(started.elapsed()))).await?;
        }
    }

    /// Returns the connection that builds the new database.
    pub(crate) async fn enter(&self, replacement: &mut dyn Replacement) -> Result<Box<dyn Connection>, Error> {
        match self.or_interrupted(replacement.connection().await)? {
            Some(connection) => Ok(connection),
            None => self.connect_to(&replacement.target(), Access::Create).await,
        }
    }

    pub(crate) async fn build(
        &self,
        replacement: &mut dyn Replacement,
        plan: Plan,
        started: Instant,
    ) -> Result<Report, Error> {
        let plan = match replacement.context() {
            // the server has said more about what it accepts
            Some(context) => {
                let context = self.context(context);
                self.aside(move |_| preflight::replanned(plan, &context)).await?
            }
            None => plan,
        };
        let place = if replacement.is_in_place() { NewDatabase::InPlace } else { NewDatabase::SideConnections };
        let plan = plan.in_new_database(place);
        self.stop_if_cancelled()?;
        let mut run = Run::new(self, self.enter(replacement).await?).in_new_database();
        match run.apply(&plan).await {
            Ok(()) => Ok(run.report(plan, started).await),
            Err(error) => {
                // the new database cannot be dropped while this connection is open
                run.connection.close().await;
                Err(if replacement.is_in_place() { in_place(error) } else { error })
            }
        }
    }
}

/// Returns the options for a new database: no one uses it before it is complete, so each script may commit on its own.
pub(crate) fn in_parts(options: &UpgradeOptions, context: &Context) -> UpgradeOptions {
    let long = context.dialect.favours_long_transactions();
    options.transaction(if long { TransactionMode::Single } else { TransactionMode::PerScript })
}

/// Adds to an error that the old database was dropped first.
fn in_place(mut error: Error) -> Error {
    if let Some(state) = error.state_mut() {
        state.dropped = true;
    }
    error
}

/// Adds to an error that the old database is unchanged, whatever happened to the new one.
pub(crate) fn kept(mut error: Error) -> Error {
    if let Some(state) = error.state_mut() {
        *state = DatabaseState { beside: true, ..DatabaseState::default() };
    }
    error
}
