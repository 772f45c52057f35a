//! Supervising what is sent: an interrupt or a time limit cancels it, somebody is told who blocks it, and one whose answer
//! cannot come any more ends. A network that has silently dropped the connection would leave the run waiting for ever.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::engine::{Cells, Fate, Settings};
use crate::error::{ServerError, Trouble};
use crate::event::{Event, Watcher};

/// What can be done about a connection from beside it.
#[async_trait]
pub(super) trait Side: Send {
    /// Cancels what the connection runs; `false` when it does not run that, as far as can be seen. Whether it worked is seen by
    /// the answer.
    async fn cancel(&mut self) -> bool;

    /// Asks the server something on another connection.
    async fn ask(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError>;

    /// Looks at what the connection runs.
    async fn look(&mut self) -> Result<Seen, ServerError> {
        Ok(Seen::default())
    }

    /// Keeps up what must not lapse in the meantime. An error means that waiting any longer is in vain.
    async fn keep_alive(&mut self) -> Result<(), &'static str> {
        Ok(())
    }

    /// What a look has opened is not needed any more, or not to be relied on.
    fn forget(&mut self) {}
}

/// What a look has seen.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) blockers: Option<String>,
    /// The session is known to run nothing.
    pub(super) idle: bool,
}

/// What is supervised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Call {
    /// Statements of a script: they have a time limit.
    Script,
    /// A statement of the tool's own.
    Own,
    /// The end of a transaction: it is not cancelled.
    End,
}

/// What came of a call.
pub(super) struct Called<T, E> {
    pub(super) answer: Result<T, E>,
    /// Who was last seen to block it.
    pub(super) blockers: Option<String>,
    /// It took longer than allowed and was cancelled.
    pub(super) is_late: bool,
}

/// Supervises the calls of one connection, and has what is beside it.
pub(super) struct Supervisor<S> {
    pub(super) side: S,
    cancel: CancellationToken,
    watcher: Watcher,
    patience: Duration,
    /// How long statements of a script may take, where the client has to see to that.
    limit: Option<Duration>,
}

/// When a statement is cancelled again that had not begun.
const AGAIN: Duration = Duration::from_millis(300);

/// How long a cancelled statement may take to answer.
const GRACE: Duration = Duration::from_secs(10);

/// Connects, within the time that is allowed for it; an interrupt ends that, too.
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
            Err(ServerError::new(product, "connecting was interrupted", Trouble::Cancelled))
        }
    }
}

/// Waits for a connection, within a time.
pub(super) async fn within<C>(
    product: &'static str,
    limit: Duration,
    connecting: impl Future<Output = Result<C, ServerError>>,
) -> Result<C, ServerError> {
    timeout(limit, connecting).await.unwrap_or_else(|_| {
        let message = format!("no answer within {}", humantime::format_duration(limit));
        Err(ServerError::new(product, message, Trouble::Unreachable))
    })
}

/// How long a statement may take before somebody looks. A lock timeout ends the wait: the question must come before.
fn patience(settings: &Settings) -> Duration {
    settings.lock_timeout.map_or(PATIENCE, |limit| (limit / 3).clamp(HASTE, PATIENCE))
}

const PATIENCE: Duration = Duration::from_secs(1);

/// The shortest time between two looks.
const HASTE: Duration = Duration::from_millis(100);

/// So many looks in a row, and at least so long, must have found that no answer can come.
const SILENT: (u32, Duration) = (3, Duration::from_secs(10));

impl<S: Side> Supervisor<S> {
    /// `limit`: how long statements of a script may take, where the server does not see to that.
    pub(super) fn new(side: S, settings: &Settings, limit: Option<Duration>) -> Self {
        let (cancel, watcher) = (settings.cancel.clone(), settings.watcher.clone());
        Self { side, cancel, watcher, patience: patience(settings), limit }
    }

    /// The run is to stop.
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }

    /// Nothing is begun that cannot be taken back once the run is to stop.
    pub(super) fn stop_if_cancelled(&self) -> Result<(), ServerError> {
        let stopped = || ServerError::new("", "interrupted", Trouble::Cancelled);
        if self.is_cancelled() { Err(stopped()) } else { Ok(()) }
    }

    /// From here on, things are put in order: no interrupt reaches that.
    pub(super) fn tidy(&mut self) {
        self.cancel = CancellationToken::new();
    }

    /// What became of the last transaction or message, once it has ended; `None` when that cannot be told in time. The query
    /// answers `committed`, `aborted`, `in progress` or `ended`.
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

    /// Waits for an answer; `lost` makes an error of one that cannot come any more. An interrupt cancels what runs. What the
    /// tool sends after an interrupt puts things in order and is left alone.
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
                    break Err(lost(io::Error::new(io::ErrorKind::TimedOut, "it was cancelled and has not answered")));
                }
            }
        };
        self.side.forget();
        Called { answer, blockers: looks.blockers, is_late }
    }
}

/// What the looks at a running statement have seen so far.
#[derive(Default)]
struct Looks {
    blockers: Option<String>,
    /// How often in a row no answer could be expected, and since when.
    silent: u32,
    since: Option<Instant>,
}

impl Looks {
    /// Waits until it is time to look, and looks. An error means that waiting any longer is in vain.
    async fn next(&mut self, side: &mut impl Side, patience: Duration, watcher: &Watcher) -> Result<(), &'static str> {
        sleep(patience).await;
        side.keep_alive().await?;
        match side.look().await {
            Ok(Seen { blockers: Some(blockers), .. }) if self.blockers.as_ref() != Some(&blockers) => {
                watcher.tell(&Event::WaitingForLock { blockers: &blockers });
                self.blockers = Some(blockers);
                self.silent = 0;
            }
            // the server has answered long ago, and nothing has arrived
            Ok(Seen { idle: true, .. }) => self.count_silence(),
            Ok(_) => self.silent = 0,
            Err(error) if error.trouble == Trouble::Unreachable && error.code.is_none() => self.count_silence(),
            // a server that refuses is there
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
