//! What an application does at its start: it checks whether the database is where its scripts are, or brings it there, or
//! waits until another process has.

use std::time::Duration;

use tokio::time::Instant;

use crate::error::{Error, ErrorKind, ServerError};
use crate::event::Event;
use crate::execute::Report;
use crate::migrator::Migrator;
use crate::plan::{Problem, UpgradeOptions, Warning};
use crate::script::Number;
use crate::status::{ScriptState, Status};

/// What an application does about the database when it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtStart {
    /// It looks, and changes nothing: in production, where a deployment upgrades the database.
    Check,
    /// It applies what is pending: in development, or where the database belongs to this program alone.
    Upgrade,
}

/// What an application finds when it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Start {
    /// The database has every script and every object.
    UpToDate {
        /// The highest number that is applied.
        at: Option<Number>,
    },
    /// This process has upgraded the database.
    Upgraded(Box<Report>),
    /// A newer build has been here: the database has scripts that this one does not have, and all that this one has. During a
    /// rolling deployment that is as it should be.
    Ahead {
        /// The highest number that is applied.
        at: Number,
        /// The highest script of this build.
        highest: Number,
    },
    /// Scripts or objects are not applied yet.
    Pending {
        /// The numbers of the scripts.
        scripts: Vec<Number>,
        /// The paths of the object files.
        objects: Vec<String>,
        /// Who applies them at this moment, if another run is known to be under way.
        run: Option<String>,
    },
    /// An upgrade would be refused.
    Refused {
        /// Why.
        problems: Vec<Problem>,
    },
}

impl Start {
    /// Whether the application can work with the database: it has all that this build needs.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        matches!(self, Self::UpToDate { .. } | Self::Upgraded(_) | Self::Ahead { .. })
    }

    fn of(status: Status) -> Self {
        // a database that has passed the number is where it should be
        let (passed, problems) =
            status.problems.into_iter().partition::<Vec<_>, _>(|problem| matches!(problem, Problem::GoalBelow { .. }));
        if !problems.is_empty() {
            return Self::Refused { problems };
        }
        let is_pending =
            |state: ScriptState| state.is_pending() && (passed.is_empty() || state != ScriptState::Pending);
        let scripts = status.scripts.iter().filter(|script| is_pending(script.state));
        let scripts = scripts.map(|script| script.number).collect::<Vec<_>>();
        let mut run = None;
        for warning in &status.warnings {
            match warning {
                // a newer build decides about the objects
                Warning::Ahead { last, highest, .. } if scripts.is_empty() => {
                    return Self::Ahead { at: *last, highest: *highest };
                }
                Warning::Running { holder } => run = Some(holder.clone()),
                _ => {}
            }
        }
        let objects = status.objects.iter().filter(|object| passed.is_empty() && object.state.is_pending());
        let objects = objects.map(|object| object.path.clone()).collect::<Vec<_>>();
        if scripts.is_empty() && objects.is_empty() && run.is_none() {
            return Self::UpToDate { at: status.at };
        }
        Self::Pending { scripts, objects, run }
    }
}

/// How long a [`Migrator::wait`] waits, and what for.
///
/// ```
/// use std::time::Duration;
///
/// let options = dbmigrate::WaitOptions::new().timeout(Duration::from_secs(30));
/// assert_ne!(options, dbmigrate::WaitOptions::new());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaitOptions {
    to: Option<Number>,
    timeout: Duration,
}

impl Default for WaitOptions {
    fn default() -> Self {
        Self { to: None, timeout: Duration::from_mins(5) }
    }
}

impl WaitOptions {
    /// Returns the default options: it waits for every script and every object, for five minutes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until the database is at this number or a higher one.
    #[must_use]
    pub fn to(mut self, number: impl Into<Option<Number>>) -> Self {
        self.to = number.into();
        self
    }

    /// Returns the options for a wait that begins later and ends at the same time.
    pub(crate) const fn shortened(mut self, by: Duration) -> Self {
        self.timeout = self.timeout.saturating_sub(by);
        self
    }

    /// Sets how long to wait; zero looks once.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }
}

/// The first and the longest pause between two looks at the database.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(2));

impl Migrator {
    /// Checks the database when an application starts, or brings it up to date. Of many processes that start at once, one
    /// upgrades and the others wait for it, for at most [`Options::lock_timeout`](crate::Options::lock_timeout).
    ///
    /// An upgrade applies what [`Migrator::upgrade`] applies, but not the objects of an older build than the one that the
    /// database has.
    ///
    /// ```
    /// use dbmigrate::{AtStart, Migrator, Scripts, Start, Target, UpgradeOptions};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let dir = tempfile::tempdir()?;
    /// let scripts = Scripts::from_files([("Script-0001.sql", b"CREATE TABLE item (id integer PRIMARY KEY);")]);
    /// let migrator = Migrator::new(Target::sqlite(dir.path().join("shop.db")), scripts);
    /// let create = UpgradeOptions::new().create_database(true);
    /// match migrator.at_start_with(AtStart::Upgrade, &create).await? {
    ///     Start::Refused { problems } => panic!("{problems:?}"),
    ///     start => assert!(start.is_ready()),
    /// }
    /// assert!(migrator.at_start(AtStart::Check).await?.is_ready());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the database does not exist or cannot be reached, a script fails, or the lock is not free in time. A history that
    /// is refused is not an error but [`Start::Refused`].
    pub async fn at_start(&self, at_start: AtStart) -> Result<Start, Error> {
        self.at_start_with(at_start, &UpgradeOptions::new()).await
    }

    /// The same with options for the upgrade.
    ///
    /// # Errors
    ///
    /// As for [`Migrator::at_start`].
    pub async fn at_start_with(&self, at_start: AtStart, options: &UpgradeOptions) -> Result<Start, Error> {
        let found = self.found(options).await;
        match (at_start, found) {
            (AtStart::Upgrade, Ok(Start::Pending { .. })) => {}
            (AtStart::Upgrade, Err(error)) if options.create_database && has_no_database(&error) => {}
            (_, found) => return found,
        }
        match self.upgrade_with(&options.at_start()).await {
            // another process was faster: it may be of a newer build
            Ok(report) if report.applied.is_empty() && report.objects.is_empty() => self.found(options).await,
            Ok(report) => Ok(Start::Upgraded(Box::new(report))),
            Err(Error::Refused { problems }) => Ok(Start::Refused { problems }),
            Err(error) => Err(error),
        }
    }

    /// Waits until another process has brought the database to where the scripts are, and for the server and the database, too.
    /// It creates and changes nothing, and keeps no connection between two looks.
    ///
    /// Returns at once if an upgrade would be refused. When the time is over, returns what is pending.
    ///
    /// # Errors
    ///
    /// If the server or the database never answered, or the login is refused.
    pub async fn wait(&self, options: &WaitOptions) -> Result<Start, Error> {
        let deadline = Instant::now() + options.timeout;
        let upgrade = UpgradeOptions::new().to(options.to);
        let (mut pause, mut told, mut last) = (PAUSES.0, None, None);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let hurried = self.connecting_within(left);
            match hurried.found(&upgrade).await {
                Ok(Start::Pending { scripts, objects, run }) => {
                    let count = (scripts.len(), objects.len());
                    if told.as_ref() != Some(&Ok(count)) {
                        self.watcher.tell(&Event::WaitingForUpgrade { scripts: count.0, objects: count.1 });
                        told = Some(Ok(count));
                    }
                    last = Some(Start::Pending { scripts, objects, run });
                }
                Ok(start) => return Ok(start),
                Err(error) if is_not_yet(&error) => {
                    if Instant::now() >= deadline {
                        return last.ok_or_else(|| waited_in_vain(error));
                    }
                    let reason = error.server().map_or_else(|| error.to_string(), |server| server.message.clone());
                    if told.as_ref() != Some(&Err(reason.clone())) {
                        self.watcher.tell(&Event::Connecting { reason: &reason });
                        told = Some(Err(reason));
                    }
                }
                Err(error) => return Err(error),
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match last {
                Some(pending) if left.is_zero() => return Ok(pending),
                _ => self.pause(pause.min(left)).await?,
            }
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    async fn found(&self, options: &UpgradeOptions) -> Result<Start, Error> {
        let start = Start::of(self.status_with(options).await?);
        match &start {
            // the run that left this in the journal may have ended before it was looked for
            Start::Refused { problems } if problems.iter().all(Problem::may_pass) => {
                Ok(Start::of(self.status_with(options).await?))
            }
            _ => Ok(start),
        }
    }

    /// Returns this migrator with less time to connect, if less is left.
    fn connecting_within(&self, left: Duration) -> Self {
        let mut hurried = self.clone();
        let shortest = Duration::from_secs(1);
        hurried.options.connect_timeout = hurried.options.connect_timeout.min(left.max(shortest));
        hurried.options.wait = Duration::ZERO;
        hurried
    }
}

fn has_no_database(error: &Error) -> bool {
    matches!(error, Error::NoFile { .. }) || error.server().is_some_and(|server| server.kind == ErrorKind::NoDatabase)
}

/// Returns the error of a server that was waited for, with the advice to wait longer.
fn waited_in_vain(error: Error) -> Error {
    match error {
        Error::Connect { target, error } if error.kind == ErrorKind::Unreachable => {
            let remedy = Some("check the host and port; `WaitOptions::timeout` waits longer");
            Error::Connect { target, error: ServerError { remedy, ..error } }
        }
        error => error,
    }
}

/// Whether another process can still bring what is missing.
fn is_not_yet(error: &Error) -> bool {
    let is_away = |kind| matches!(kind, ErrorKind::Unreachable | ErrorKind::ConnectionLost);
    has_no_database(error) || error.server().is_some_and(|server| is_away(server.kind))
}
