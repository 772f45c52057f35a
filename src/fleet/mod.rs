//! One run over many databases.

mod ended;
mod member;
mod program;
mod queue;
mod selection;
mod source;
mod summary;
mod warnings;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub use self::ended::{Ended, Outcome};
pub use self::member::Member;
use self::queue::Queue;
pub use self::selection::{Canary, CanaryError, FleetError, Selection, Shard, ShardError};
pub use self::source::{Source, SourceError, Template};
pub use self::summary::{DriftGroup, FailureGroup, FleetSummary, SchemaGroup, WarningGroup};
use self::warnings::Warnings;
use crate::baseline::BaselineOptions;
use crate::migrator::{Migrator, Options};
use crate::plan::UpgradeOptions;
use crate::script::Scripts;
use crate::start::WaitOptions;
use crate::verify::Reference;

/// Does the same on many databases, some of them at a time. Scripts are read and inspected once for all.
///
/// The journal of each database is all that is known about it: after a run that was killed, the next one does only what is
/// missing.
///
/// ```
/// use dbmigrate::fleet::{Fleet, Member, Outcome};
/// use dbmigrate::{Scripts, Target, UpgradeOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dir = tempfile::tempdir()?;
/// let scripts = Scripts::from_files([("Script-0001.sql", b"CREATE TABLE item (id integer PRIMARY KEY);")]);
/// let members = ["acme", "bolt"].map(|name| Member::new(name, Target::sqlite(dir.path().join(name))));
/// let create = UpgradeOptions::new().create_database(true);
/// let summary = Fleet::new(scripts).upgrade_with(members.into(), &create).await;
/// assert_eq!(summary.outcomes[&Outcome::Upgraded], 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Fleet {
    scripts: Scripts,
    options: Options,
    limits: FleetLimits,
    watcher: FleetWatcher,
    cancel: CancellationToken,
}

/// How much a [`Fleet`] does at once, and when it stops to begin more.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FleetLimits {
    /// How many databases at a time: 8 by default.
    pub parallel: NonZeroUsize,
    /// How many databases of one server, which is a host with a port, at a time: 4 by default. Files have no server.
    pub parallel_per_server: NonZeroUsize,
    /// The first databases, which must all succeed before the others are begun.
    pub canary: Option<Canary>,
    /// After so many failures nothing more is begun.
    pub max_failures: Option<NonZeroUsize>,
    /// After so long nothing more is begun.
    pub time_limit: Option<Duration>,
}

impl Default for FleetLimits {
    fn default() -> Self {
        let number = |number| NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN);
        Self { parallel: number(8), parallel_per_server: number(4), canary: None, max_failures: None, time_limit: None }
    }
}

/// What happens during a run over a fleet.
#[derive(Debug)]
#[non_exhaustive]
pub enum FleetEvent<'a> {
    /// It is known how many databases there are.
    Started {
        /// How many.
        databases: usize,
    },
    /// A database is begun.
    Begun {
        /// Its name.
        name: &'a str,
    },
    /// A database is done, well or not.
    Ended(&'a Ended),
}

/// The function that receives the events.
type FleetWatcher = Arc<dyn Fn(&FleetEvent<'_>) + Send + Sync>;

impl Fleet {
    /// Returns a fleet with default options and limits.
    #[must_use]
    pub fn new(scripts: Scripts) -> Self {
        let (options, limits, cancel) = (Options::default(), FleetLimits::default(), CancellationToken::new());
        Self { scripts, options, limits, watcher: Arc::new(|_| ()), cancel }
    }

    /// Sets the options of each run.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Sets how much is done at once, and when nothing more is begun.
    #[must_use]
    pub fn limits(mut self, limits: FleetLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Calls a function with each event. It must return soon: the others wait for it.
    #[must_use]
    pub fn on_event(mut self, tell: impl Fn(&FleetEvent<'_>) + Send + Sync + 'static) -> Self {
        self.watcher = Arc::new(tell);
        self
    }

    /// Sets a token that ends the run when it is cancelled: what runs is rolled back, and nothing more is begun.
    #[must_use]
    pub fn cancel_token(mut self, cancel: CancellationToken) -> Self {
        self.cancel = cancel;
        self
    }

    /// Looks where the databases are. Changes nothing.
    pub async fn status(&self, members: Vec<Member>) -> FleetSummary {
        self.run(members, &self.looking(), |migrator| async move { ended::of_status(&migrator).await }).await
    }

    /// Upgrades the databases, each as [`Migrator::upgrade_with`] does.
    pub async fn upgrade_with(&self, members: Vec<Member>, options: &UpgradeOptions) -> FleetSummary {
        let options = *options;
        let upgrade = move |migrator: Migrator| async move { ended::of_upgrade(&migrator, &options).await };
        self.run(members, &self.limits, upgrade).await
    }

    /// Rehearses an upgrade on the databases, each as [`Migrator::rehearse_with`] does.
    pub async fn rehearse_with(&self, members: Vec<Member>, options: &UpgradeOptions) -> FleetSummary {
        let options = *options;
        let rehearse = move |migrator: Migrator| async move { ended::of_rehearsal(&migrator, &options).await };
        self.run(members, &self.limits, rehearse).await
    }

    /// Records on the databases what they have already, each as [`Migrator::baseline_with`] does.
    pub async fn baseline_with(&self, members: Vec<Member>, options: &BaselineOptions) -> FleetSummary {
        let options = Arc::new(options.clone());
        let baseline = move |migrator: Migrator| {
            let options = Arc::clone(&options);
            async move { ended::of_baseline(&migrator, &options).await }
        };
        self.run(members, &self.limits, baseline).await
    }

    /// Compares the schemas of the databases, each as [`Migrator::verify`] does. Changes nothing, unless a database is built for
    /// the comparison.
    pub async fn verify(&self, members: Vec<Member>, reference: &Reference) -> FleetSummary {
        let reference = Arc::new(reference.clone());
        let verify = move |migrator: Migrator| {
            let reference = Arc::clone(&reference);
            async move { ended::of_verification(&migrator, &reference).await }
        };
        self.run(members, &self.looking(), verify).await
    }

    /// Waits until another process has upgraded the databases, each as [`Migrator::wait`] does: all of them until the same time.
    pub async fn wait(&self, members: Vec<Member>, options: &WaitOptions) -> FleetSummary {
        let (options, began) = (*options, Instant::now());
        let wait = move |migrator: Migrator| async move {
            ended::of_wait(&migrator, &options.shortened(began.elapsed())).await
        };
        self.run(members, &self.looking(), wait).await
    }

    /// Returns the limits of what changes nothing: to look is never too much.
    fn looking(&self) -> FleetLimits {
        FleetLimits { canary: None, max_failures: None, ..self.limits.clone() }
    }

    async fn run<F>(
        &self,
        members: Vec<Member>,
        limits: &FleetLimits,
        act: impl Fn(Migrator) -> F + Send + Sync,
    ) -> FleetSummary
    where
        F: Future<Output = Ended> + Send + 'static,
    {
        let mut run = Run::new(self, limits, members.len());
        let mut first = members;
        let rest = limits.canary.map_or_else(Vec::new, |canary| first.split_off(canary.of(first.len())));
        for members in [first, rest] {
            run.go_through(members, &act).await;
            // every one of the first must succeed
            run.is_stopped |= limits.canary.is_some() && run.summary.is_bad();
        }
        run.summary.compare();
        run.summary
    }

    /// Returns what runs on a database, and where its warnings are gathered.
    fn migrator(&self, member: &Member) -> (Migrator, Warnings) {
        let migrator = member.migrator(self.scripts.clone(), self.options.clone()).cancel_token(self.cancel.clone());
        let warnings = Warnings::default();
        let gathered = warnings.clone();
        (migrator.on_event(move |event| gathered.take_from(event)), warnings)
    }
}

/// A run over a fleet.
struct Run<'a> {
    fleet: &'a Fleet,
    limits: &'a FleetLimits,
    summary: FleetSummary,
    deadline: Option<Instant>,
    /// Nothing more is begun.
    is_stopped: bool,
}

impl<'a> Run<'a> {
    fn new(fleet: &'a Fleet, limits: &'a FleetLimits, databases: usize) -> Self {
        (fleet.watcher)(&FleetEvent::Started { databases });
        let deadline = limits.time_limit.map(|limit| Instant::now() + limit);
        Self { fleet, limits, summary: FleetSummary::new(databases), deadline, is_stopped: false }
    }

    /// Begins the databases in their order, as many at a time as the limits allow, and waits for all of them.
    async fn go_through<F>(&mut self, members: Vec<Member>, act: &(impl Fn(Migrator) -> F + Sync))
    where
        F: Future<Output = Ended> + Send + 'static,
    {
        let mut queue = Queue::new(members, self.limits.parallel_per_server.get());
        let mut running = JoinSet::new();
        loop {
            while running.len() < self.limits.parallel.get() && !self.is_over() {
                let Some(member) = queue.next() else { break };
                (self.fleet.watcher)(&FleetEvent::Begun { name: &member.name });
                let (migrator, warnings) = self.fleet.migrator(&member);
                let (acting, begun) = (act(migrator), Instant::now());
                running.spawn(async move {
                    let mut ended = acting.await;
                    ended.warnings.extend(warnings.into_inner());
                    (member.target.server(), Ended { name: member.name, duration: begun.elapsed(), ..ended })
                });
            }
            let Some(ended) = running.join_next().await else { break };
            let (server, ended) = ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
            queue.release(server.as_deref());
            (self.fleet.watcher)(&FleetEvent::Ended(&ended));
            self.summary.take(ended);
        }
        self.summary.not_begun(queue.len());
    }

    /// Whether nothing more is begun.
    fn is_over(&self) -> bool {
        let too_many = self.limits.max_failures.is_some_and(|limit| self.summary.failures() >= limit.get());
        let is_late = self.deadline.is_some_and(|deadline| Instant::now() >= deadline);
        self.is_stopped || too_many || is_late || self.fleet.cancel.is_cancelled()
    }
}
