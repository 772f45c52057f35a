//! The library's front door: a target, its scripts, and what can be done with them.

use std::time::Duration;

use crate::engine::{self, Access, Connection, Settings, read_bodies, read_journal};
use crate::error::{Error, Trouble};
use crate::event::{Event, Watcher};
use crate::interrupt::Interrupt;
use crate::journal::{Journal, JournalTable};
use crate::plan::{Goal, History, Plan, Problem, Since, Warning, difference};
use crate::preflight;
use crate::script::{FileName, Number, Scripts};
use crate::sql::{Context, Variables};
use crate::status::Status;
use crate::target::Target;

/// Brings one database to what the scripts describe.
///
/// ```
/// use dbmigrate::{Goal, Migrator, Missing, Scripts, Target};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dir = tempfile::tempdir()?;
/// let scripts = Scripts::from_files([("Script-0001.sql", b"CREATE TABLE item (id integer PRIMARY KEY);")]);
/// let migrator = Migrator::new(Target::sqlite(dir.path().join("shop.db")), scripts);
/// let report = migrator.upgrade(&Goal::new(), Missing::Create).await?;
/// assert_eq!(report.applied.len(), 1);
/// assert_eq!(migrator.status(&Goal::new()).await?.pending, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Migrator {
    pub(crate) target: Target,
    pub(crate) scripts: Scripts,
    pub(crate) options: Options,
    pub(crate) watcher: Watcher,
    pub(crate) interrupt: Interrupt,
}

/// How a [`Migrator`] behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The journal's table.
    pub journal: JournalTable,
    /// Keep the scripts' texts in the journal, so that a later change can be shown. On by default.
    pub store_text: StoreText,
    /// How long to wait for another run, and for locks that other sessions hold. Without it: five minutes for another
    /// run, the server's own default for locks.
    pub lock_timeout: Option<Duration>,
    /// How long a statement may take; `None` is without limit.
    pub statement_timeout: Option<Duration>,
    /// How long one attempt to connect may take: 10 seconds by default.
    pub connect_timeout: Duration,
    /// The character set of a database that is created, where it can be chosen: `utf8mb4` by default.
    pub charset: Option<String>,
    /// The collation of a database that is created, where it can be chosen: the character set's by default.
    pub collation: Option<String>,
    /// How long to try again while the server does not answer. Not at all by default.
    pub wait: Duration,
    /// What stands for `$(name)` in scripts. Nothing by default.
    pub variables: Variables,
}

/// Whether the journal keeps the texts of scripts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StoreText {
    /// Up to [`crate::BODY_LIMIT`] bytes of each.
    #[default]
    Yes,
    /// Not at all.
    No,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            journal: JournalTable::default(),
            store_text: StoreText::default(),
            lock_timeout: None,
            statement_timeout: None,
            connect_timeout: Duration::from_secs(10),
            charset: None,
            collation: None,
            wait: Duration::ZERO,
            variables: Variables::default(),
        }
    }
}

/// What to do when the database does not exist.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Missing {
    /// It is an error.
    #[default]
    Fail,
    /// Create it, empty.
    Create,
}

impl Migrator {
    /// A migrator with default options.
    #[must_use]
    pub fn new(target: Target, scripts: Scripts) -> Self {
        let (options, watcher, interrupt) = (Options::default(), Watcher::default(), Interrupt::default());
        Self { target, scripts, options, watcher, interrupt }
    }

    /// With these options.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// With somebody who watches.
    #[must_use]
    pub fn watched_by(mut self, watcher: Watcher) -> Self {
        self.watcher = watcher;
        self
    }

    /// With a handle that stops its runs.
    #[must_use]
    pub fn stopped_by(mut self, interrupt: Interrupt) -> Self {
        self.interrupt = interrupt;
        self
    }

    /// Says what is applied, what is pending and what is wrong. Changes nothing and creates nothing.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached or its journal cannot be read. What is wrong with folder or history is no
    /// error but part of the answer.
    pub async fn status(&self, goal: &Goal) -> Result<Status, Error> {
        let mut connection = self.connect(Access::Read).await?;
        let journal = tokio::select! {
            journal = read_journal(&mut *connection) => journal?,
            () = self.interrupt.raised() => return Err(Error::Interrupted { during: None, aftermath: None }),
        };
        let (plan, mut problems) = match self.plan(&mut *connection, &journal, goal).await {
            Ok(plan) => (Some(plan), Vec::new()),
            Err(Error::Refused { problems }) => (None, problems),
            Err(error) => return Err(error),
        };
        let mut running = None;
        if journal.is_unfinished() {
            let failed = |error| Error::Database { doing: "looking for another run".into(), error, aftermath: None };
            running = connection.run_holder().await.map_err(failed)?;
        }
        // what another run is doing right now is nothing that is wrong
        problems.retain(|problem| running.is_none() || !problem.may_pass());
        let mut status = Status::new(&self.scripts, &journal, plan, problems, connection.server());
        status.warnings.retain(|warning| running.is_none() || !matches!(warning, Warning::Resumable { .. }));
        status.warnings.extend(running.map(|holder| Warning::Running { holder }));
        connection.close().await;
        Ok(status)
    }

    /// Checks the folder alone, without any database: its names and numbers, its texts and, when it is known what they
    /// are for ([`Target::context`]), its statements. Gives what a person should know of scripts that are right.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with everything that is wrong, `since` included: what others have must stay as it is.
    pub fn check(scripts: &Scripts, context: Option<&Context>, since: Option<&Since>) -> Result<Vec<Warning>, Error> {
        let mut problems = History::new(scripts, &Journal::default(), &Goal::new()).problems;
        let (found, warnings) = preflight::inspect(scripts, context)?;
        problems.extend(found);
        problems.extend(since.iter().flat_map(|since| since.offences(scripts)));
        if problems.is_empty() { Ok(warnings) } else { Err(Error::Refused { problems }) }
    }

    /// The plan for a database in this state, or every problem there is.
    pub(crate) async fn plan(
        &self,
        connection: &mut dyn Connection,
        journal: &Journal,
        goal: &Goal,
    ) -> Result<Plan, Error> {
        match preflight::plan(&self.scripts, journal, goal, &self.context(&connection.server().context)) {
            Err(Error::Refused { mut problems }) => {
                show_differences(connection, &self.scripts, &mut problems).await?;
                for problem in &mut problems {
                    if let Problem::BehindBaseline { last, commit, .. } = problem {
                        *commit = self.scripts.last_with(*last);
                    }
                }
                Err(Error::Refused { problems })
            }
            answer => answer,
        }
    }

    /// What the checks know of the database: what it has said itself, and what we are told to do with it.
    pub(crate) fn context(&self, said: &Context) -> Context {
        let database = said.database.clone().or_else(|| Some(self.target.database()));
        let variables = self.options.variables.clone();
        Context { database, variables, ..said.clone() }.with_journal(&self.options.journal)
    }

    pub(crate) fn settings(&self, access: Access) -> Settings {
        Settings {
            journal: self.options.journal.clone(),
            lock_timeout: self.options.lock_timeout,
            statement_timeout: self.options.statement_timeout,
            connect_timeout: self.target.connect_timeout().unwrap_or(self.options.connect_timeout),
            access,
            charset: self.options.charset.clone(),
            collation: self.options.collation.clone(),
            watcher: self.watcher.masking(&self.options.variables),
        }
    }

    pub(crate) async fn connect(&self, access: Access) -> Result<Box<dyn Connection>, Error> {
        self.connect_to(&self.target, access).await
    }

    /// Connects, and tries again for as long as the options say while the server does not answer.
    pub(crate) async fn connect_to(&self, target: &Target, access: Access) -> Result<Box<dyn Connection>, Error> {
        let settings = self.settings(access);
        let deadline = tokio::time::Instant::now() + self.options.wait;
        let mut told = None;
        loop {
            match engine::connect(target, &settings).await {
                Err(Error::Connect { error, .. })
                    if error.trouble == Trouble::Unreachable && tokio::time::Instant::now() < deadline =>
                {
                    // once for each reason: refused, then starting up
                    if told.as_ref() != Some(&error.message) {
                        self.watcher.tell(&Event::Connecting { reason: &error.message });
                        told = Some(error.message);
                    }
                    self.pause(RECONNECT).await?;
                }
                answer => return answer,
            }
        }
    }

    /// Waits, unless somebody stops the run.
    pub(crate) async fn pause(&self, pause: Duration) -> Result<(), Error> {
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.interrupt.raised() => Err(Error::Interrupted { during: None, aftermath: None }),
        }
    }
}

const RECONNECT: Duration = Duration::from_millis(500);

/// Fills in what changed in changed scripts, where the journal has the text that was applied.
async fn show_differences(
    connection: &mut dyn Connection,
    scripts: &Scripts,
    problems: &mut [Problem],
) -> Result<(), Error> {
    let changed = problems.iter().filter_map(changed_number).collect::<Vec<_>>();
    if changed.is_empty() {
        return Ok(());
    }
    let failed = |error| Error::Database { doing: "reading the journal's texts".into(), error, aftermath: None };
    let bodies = read_bodies(connection, &changed).await.map_err(failed)?;
    for problem in problems {
        let body = changed_number(problem).and_then(|number| bodies.get(&number));
        let Problem::Changed { path, diff, by, .. } = problem else { continue };
        let Some(script) = scripts.all().find(|script| script.path() == path) else { continue };
        match body {
            Some(body) => *diff = Some(difference(("applied", body), ("on disk", &script.read()?.canonical()))),
            None => *by = scripts.last_change(script),
        }
    }
    Ok(())
}

fn changed_number(problem: &Problem) -> Option<Number> {
    let Problem::Changed { path, .. } = problem else { return None };
    match FileName::parse(path.file_name()?.to_str()?) {
        FileName::Named(_, number) => Some(number),
        _ => None,
    }
}
