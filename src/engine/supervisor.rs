//! Supervises what is sent: an interrupt or a time limit cancels it, the watcher learns who blocks it, and the wait
//! ends when the answer can no longer come. Otherwise, a run whose network has silently dropped the connection would
//! wait indefinitely.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::engine::{Cells, Fate, Settings};
use crate::error::{ErrorKind, ServerError};
use crate::event::{Event, Watcher};

/// What can be done about a connection from outside it.
#[async_trait]
pub(super) trait SideConnection: Send {
    /// Cancels what the connection runs; `false` if the connection does not seem to run it. The answer shows whether
    /// the cancellation worked.
    async fn cancel(&mut self) -> bool;

    /// Sends the server a query on another connection.
    async fn ask(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError>;

    /// Observes what the connection runs.
    async fn look(&mut self) -> Result<Observation, ServerError> {
        Ok(Observation::default())
    }

    /// Keeps alive what must not end in the meantime. An error means that waiting any longer is pointless.
    async fn keep_alive(&mut self) -> Result<(), &'static str> {
        Ok(())
    }

    /// Discards what an observation has opened: it is no longer needed, or no longer reliable.
    fn forget(&mut self) {}
}

/// The result of an observation.
#[derive(Default)]
pub(super) struct Observation {
    pub(super) blockers: Option<String>,
    /// The session is known to run nothing.
    pub(super) idle: bool,
}

/// The kinds of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// Statements of a script: they have a time limit.
    Script,
    /// A statement of dbmigrate's own.
    Own,
    /// The end of a transaction: it is not cancelled.
    End,
}

/// The outcome of a call.
pub(super) struct Called<T, E> {
    pub(super) answer: Result<T, E>,
    /// Who was last seen blocking it.
    pub(super) blockers: Option<String>,
    /// It took longer than allowed and was cancelled.
    pub(super) is_late: bool,
}

/// Supervises the calls of one connection, and acts on it from outside.
pub(super) struct Supervisor<S> {
    pub(super) side: S,
    cancel: CancellationToken,
    watcher: Watcher,
    patience: Duration,
    /// How long statements of a script may take, if the client must enforce that.
    limit: Option<Duration>,
}

/// How long to wait before a statement that had not begun is cancelled again.
const AGAIN: Duration = Duration::from_millis(300);

/// How long a cancelled statement may take to answer.
const GRACE: Duration = Duration::from_secs(10);

/// Connects within the time limit; an interrupt ends the attempt, too.
pub(super) async fn connecting<C>(
    product: &'static str,
    settings: &Settings,
    connecting: impl Future<Output = Result<C, ServerError>>,
) -> Result<C, ServerError> {
    let is_stopped = settings.cancel.is_cancelled();
    let connecting = Box::pin(connecting);
    tokio::select! {
        connected = within(product, settings.connect_timeout, connecting) => connected,
        () = settings.cancel.cancelled(), if !is_stopped => {
            Err(ServerError::new(product, "connecting was interrupted", ErrorKind::Cancelled))
        }
    }
}

/// Waits for a connection, within a time limit.
pub(super) async fn within<C>(
    product: &'static str,
    limit: Duration,
    connecting: impl Future<Output = Result<C, ServerError>>,
) -> Result<C, ServerError> {
    timeout(limit, connecting).await.unwrap_or_else(|_| {
        let message = format!("no answer within {}", humantime::format_duration(limit));
        Err(ServerError::new(product, message, ErrorKind::Unreachable))
    })
}

/// Returns how long a statement may take before it is observed. A lock timeout ends the wait: the observation must come
/// first.
fn patience(settings: &Settings) -> Duration {
    settings.lock_timeout.map_or(PATIENCE, |limit| (limit / 3).clamp(HASTE, PATIENCE))
}

const PATIENCE: Duration = Duration::from_secs(1);

/// The shortest time between two observations.
const HASTE: Duration = Duration::from_millis(100);

/// How many observations in a row, and for how long at least, must have found that no answer can come.
const SILENT: (u32, Duration) = (3, Duration::from_secs(10));

impl<S: SideConnection> Supervisor<S> {
    /// Returns a supervisor; `limit` is how long statements of a script may take, if the server does not enforce that.
    pub(super) fn new(side: S, settings: &Settings, limit: Option<Duration>) -> Self {
        let (cancel, watcher) = (settings.cancel.clone(), settings.watcher.clone());
        Self { side, cancel, watcher, patience: patience(settings), limit }
    }

    /// Returns whether the run is to stop.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Fails if the run is to stop: call this before a step that cannot be undone.
    pub(super) fn stop_if_cancelled(&self) -> Result<(), ServerError> {
        let stopped = || ServerError::new("", "interrupted", ErrorKind::Cancelled);
        if self.is_cancelled() { Err(stopped()) } else { Ok(()) }
    }

    /// Shields all later calls from interrupts, because they clean up.
    pub(super) fn ignore_interrupts(&mut self) {
        self.cancel = CancellationToken::new();
    }

    /// Returns what became of the last transaction or message, once it has ended; `None` when that cannot be found out
    /// in time. The query returns `committed`, `aborted`, `in progress` or `ended`.
    pub(super) async fn fate(&mut self, sql: &str) -> Option<Fate> {
        let asked = Instant::now();
        while asked.elapsed() < GRACE {
            match self.side.ask(sql).await.ok()?.into_iter().flatten().next().flatten()?.as_str() {
                "in progress" => sleep(Duration::from_millis(200)).await,
                "committed" => return Some(Fate::Committed),
                "aborted" => return Some(Fate::RolledBack),
                "ended" => return Some(Fate::Ended),
                _ => return None,
            }
        }
        None
    }

    /// Waits for an answer; `lost` makes the error when the answer can no longer come. An interrupt cancels what runs.
    /// What dbmigrate sends after an interrupt cleans up and is not cancelled.
    pub(super) async fn call<T, E>(
        &mut self,
        call: Call,
        answer: impl Future<Output = Result<T, E>>,
        lost: impl FnOnce(io::Error) -> E,
    ) -> Called<T, E> {
        let mut answer = std::pin::pin!(answer);
        let never = Instant::now() + Duration::from_secs(u64::from(u32::MAX));
        let mut interruptible = match call {
            Call::Script => true,
            Call::Own => !self.cancel.is_cancelled(),
            Call::End => false,
        };
        let limit = self.limit.filter(|_| call == Call::Script).map(|limit| Instant::now() + limit);
        let (mut is_late, mut deadline, mut again, mut looks) = (false, None, None, Looks::default());
        let cancel = self.cancel.clone();
        let answer = loop {
            tokio::select! {
                answer = &mut answer => break answer,
                looked = looks.next(&mut self.side, self.patience, &self.watcher) => {
                    if let Err(why) = looked {
                        break Err(lost(io::Error::new(io::ErrorKind::TimedOut, why)));
                    }
                }
                () = cancel.cancelled(), if interruptible => {
                    interruptible = false;
                    again = (!self.side.cancel().await).then(|| Instant::now() + AGAIN);
                    deadline = Some(if again.is_some() && call == Call::Own { Instant::now() } else { Instant::now() + GRACE });
                }
                () = sleep_until(again.unwrap_or(never)), if again.is_some() => {
                    again = (!self.side.cancel().await).then(|| Instant::now() + AGAIN);
                }
                () = sleep_until(limit.unwrap_or(never)), if limit.is_some() && !is_late => {
                    is_late = true;
                    self.side.cancel().await;
                }
                () = sleep_until(deadline.unwrap_or(never)), if deadline.is_some() => {
                    break Err(lost(io::Error::new(io::ErrorKind::TimedOut, "no answer came after the cancellation")));
                }
            }
        };
        self.side.forget();
        Called { answer, blockers: looks.blockers, is_late }
    }
}

/// What the observations of a running statement have found so far.
#[derive(Default)]
struct Looks {
    blockers: Option<String>,
    /// How many observations in a row found that no answer can come, and since when.
    silent: u32,
    since: Option<Instant>,
}

impl Looks {
    /// Waits until the next observation is due, and makes it. An error means that waiting any longer is pointless.
    async fn next(
        &mut self,
        side: &mut impl SideConnection,
        patience: Duration,
        watcher: &Watcher,
    ) -> Result<(), &'static str> {
        sleep(patience).await;
        side.keep_alive().await?;
        match side.look().await {
            Ok(Observation { blockers: Some(blockers), .. }) if self.blockers.as_ref() != Some(&blockers) => {
                watcher.tell(&Event::WaitingForLock { blockers: &blockers });
                self.blockers = Some(blockers);
                self.silent = 0;
            }
            // the server answered long ago, but nothing has arrived
            Ok(Observation { idle: true, .. }) => self.count_silence(),
            Ok(_) => self.silent = 0,
            Err(error) if error.kind == ErrorKind::Unreachable && error.code.is_none() => self.count_silence(),
            // a server that refuses the query can be reached
            Err(_) => side.forget(),
        }
        let lost = self.silent >= SILENT.0 && self.since.is_some_and(|since| since.elapsed() >= SILENT.1);
        if lost { Err("the server's answer never came") } else { Ok(()) }
    }

    fn count_silence(&mut self) {
        if self.silent == 0 {
            self.since = Some(Instant::now());
        }
        self.silent += 1;
    }
}
