//! Jobs that are taken from a queue.

mod chain;
mod job;
mod queue;
mod run;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

pub use self::job::{Job, JobCommand, JobError};
pub use self::queue::{Queue, QueueError};

/// Takes jobs from a queue and has them done, some at a time. Several workers can take from one queue, on several machines.
///
/// A message is deleted when its job is done. Otherwise it is left in the queue, hidden for a time that grows with each
/// attempt, so that the queue's redrive policy counts the attempts and takes it away at last. While a job runs, its message
/// stays hidden. A worker that is killed leaves its messages in the queue, where they are visible again after a while: what is
/// done twice must do nothing the second time, as an upgrade does.
///
/// ```no_run
/// use dbmigrate::worker::{Handled, Job, Queue, Verdict, Worker};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let queue = Queue::new("https://sqs.eu-west-1.amazonaws.com/123456789012/upgrades", None).await?;
/// let handle = |job: Job| async move {
///     println!("{} of {}", job.database, job.fleet);
///     Handled::new(Verdict::Done, "")
/// };
/// Worker::new().run(&queue, handle).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Worker {
    workers: NonZeroUsize,
    visibility: Duration,
    grace: Duration,
    drains: bool,
    cancel: CancellationToken,
    watcher: Arc<dyn Fn(&WorkerEvent<'_>) + Send + Sync>,
}

/// What has come of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It is done, or there was nothing to do: its message is deleted.
    Done,
    /// It failed: its message comes back, later each time.
    Failed,
    /// Another run has the database's lock: its message comes back after the visibility.
    Locked,
    /// It can never succeed: its message comes back until the queue takes it away.
    Hopeless,
    /// It was stopped: its message comes back at once.
    Interrupted,
}

impl Verdict {
    /// A word for programs: lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Locked => "locked",
            Self::Hopeless => "hopeless",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What has come of a job, and what a log says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handled {
    /// What has come of it.
    pub verdict: Verdict,
    /// What a log says: how far it came, or why it failed.
    pub note: String,
}

impl Handled {
    /// Returns what has come of a job.
    pub fn new(verdict: Verdict, note: impl Into<String>) -> Self {
        Self { verdict, note: note.into() }
    }
}

/// What happens to a worker.
#[derive(Debug)]
#[non_exhaustive]
pub enum WorkerEvent<'a> {
    /// The queue has answered.
    Polled,
    /// The queue does not answer; it is asked again after a pause.
    Unreachable {
        /// Why.
        error: &'a QueueError,
        /// How long it waits before it asks again.
        pause: Duration,
    },
    /// A job begins.
    Begun {
        /// The message's identifier.
        message: &'a str,
        /// How often the message was received.
        receives: u32,
    },
    /// A job has ended, well or not.
    Ended {
        /// The message's identifier.
        message: &'a str,
        /// What it asks for; `None` if it is no job.
        job: Option<&'a Job>,
        /// What has come of it, and why.
        handled: &'a Handled,
        /// How often the message was received.
        receives: u32,
        /// How long it took.
        duration: Duration,
    },
    /// What the queue was told about a message did not reach it: the message may be delivered again.
    Unsettled {
        /// The message's identifier.
        message: &'a str,
        /// Why.
        error: &'a QueueError,
    },
    /// A job runs for longer than a message can be hidden: another worker may get it, too.
    Outlasted {
        /// The message's identifier.
        message: &'a str,
    },
    /// No more messages are taken, and so many jobs still run.
    Stopping {
        /// How many.
        running: usize,
    },
}

impl Default for Worker {
    fn default() -> Self {
        Self::new()
    }
}

impl Worker {
    /// Returns a worker that does one job at a time, hides messages for 30 seconds, and runs until it is cancelled.
    #[must_use]
    pub fn new() -> Self {
        let (visibility, grace) = (Duration::from_secs(30), Duration::from_secs(30));
        let (workers, cancel) = (NonZeroUsize::MIN, CancellationToken::new());
        Self { workers, visibility, grace, drains: false, cancel, watcher: Arc::new(|_| ()) }
    }

    /// Sets how many jobs run at a time.
    #[must_use]
    pub const fn workers(mut self, workers: NonZeroUsize) -> Self {
        self.workers = workers;
        self
    }

    /// Sets how long a message is hidden, in whole seconds. While its job runs, that is extended again and again.
    #[must_use]
    pub const fn visibility(mut self, visibility: Duration) -> Self {
        self.visibility = visibility;
        self
    }

    /// Sets how long jobs may take to end after the worker was cancelled.
    #[must_use]
    pub const fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Ends when nothing is visible, in flight or delayed.
    #[must_use]
    pub const fn drain(mut self, drains: bool) -> Self {
        self.drains = drains;
        self
    }

    /// Sets the token that ends the worker: it takes no more messages, hands those back that have not begun, and waits for
    /// the jobs that run. The jobs should end with the token, too.
    #[must_use]
    pub fn cancel_token(mut self, cancel: CancellationToken) -> Self {
        self.cancel = cancel;
        self
    }

    /// Calls a function with each event. It must return soon: the others wait for it.
    #[must_use]
    pub fn on_event(mut self, tell: impl Fn(&WorkerEvent<'_>) + Send + Sync + 'static) -> Self {
        self.watcher = Arc::new(tell);
        self
    }

    /// Takes jobs from a queue until the worker is cancelled, or until the queue is empty if it drains it. A queue that cannot
    /// be reached is asked again and again.
    ///
    /// # Errors
    ///
    /// If the queue does not exist, or does not accept the credentials.
    pub async fn run<F>(
        &self,
        queue: &Queue,
        handle: impl Fn(Job) -> F + Send + Sync + 'static,
    ) -> Result<(), QueueError>
    where
        F: Future<Output = Handled> + Send + 'static,
    {
        run::Run::new(self, queue, Arc::new(handle)).run().await
    }
}
