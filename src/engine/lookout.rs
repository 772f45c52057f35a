//! Looking after a statement that takes long: who blocks it, and whether an answer can come at all. A network that has
//! silently dropped the connection would leave us waiting for ever.

use std::io;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::time::sleep;

use crate::engine::Settings;
use crate::error::{ServerError, Trouble};
use crate::event::{Event, Watcher};

/// Somebody who can see the statement from another connection.
#[async_trait]
pub(super) trait Witness: Send {
    async fn look(&mut self) -> Result<Seen, ServerError>;

    /// Keeps up what must not lapse in the meantime. An error means that waiting any longer is in vain.
    async fn keep_up(&mut self) -> Result<(), &'static str> {
        Ok(())
    }

    /// What was seen last is not to be relied on: the server has refused.
    fn forget(&mut self);
}

/// What a look has seen.
pub(super) struct Seen {
    pub(super) blockers: Option<String>,
    /// The session is known to run nothing.
    pub(super) idle: bool,
}

/// How long a statement may take before somebody looks. A lock timeout ends the wait: the question must come before.
pub(super) fn patience(settings: &Settings) -> Duration {
    settings.lock_timeout.map_or(PATIENCE, |limit| (limit / 3).clamp(HASTE, PATIENCE))
}

const PATIENCE: Duration = Duration::from_secs(1);

/// The shortest time between two looks.
const HASTE: Duration = Duration::from_millis(100);

/// So many looks in a row, and at least so long, must have found that no answer can come.
const SILENT: (u32, Duration) = (3, Duration::from_secs(10));

/// Looks after a running statement.
pub(super) struct Lookout<W> {
    witness: W,
    patience: Duration,
    watcher: Watcher,
    blockers: Option<String>,
    /// How often in a row, and since when, no answer can be expected.
    silent: u32,
    since: Instant,
}

impl<W: Witness> Lookout<W> {
    pub(super) fn new(witness: W, patience: Duration, watcher: Watcher) -> Self {
        Self { witness, patience, watcher, blockers: None, silent: 0, since: Instant::now() }
    }

    /// Waits for the answer to a statement; `lost` makes an error of one that cannot come any more. Also tells who was
    /// last seen to block it.
    pub(super) async fn watch<T, E>(
        mut self,
        answer: impl Future<Output = Result<T, E>>,
        lost: impl FnOnce(io::Error) -> E,
    ) -> (Result<T, E>, Option<String>) {
        let mut answer = std::pin::pin!(answer);
        loop {
            let looked = tokio::select! {
                answer = &mut answer => return (answer, self.blockers),
                looked = self.next() => looked,
            };
            if let Err(why) = looked {
                return (Err(lost(io::Error::new(io::ErrorKind::TimedOut, why))), self.blockers);
            }
        }
    }

    /// Waits until it is time to look, and looks. An error means that waiting any longer is in vain.
    async fn next(&mut self) -> Result<(), &'static str> {
        sleep(self.patience).await;
        self.witness.keep_up().await?;
        match self.witness.look().await {
            Ok(Seen { blockers: Some(blockers), .. }) if self.blockers.as_ref() != Some(&blockers) => {
                self.watcher.tell(&Event::WaitingForLock { blockers: &blockers });
                self.blockers = Some(blockers);
                self.silent = 0;
            }
            // the server has answered long ago, and nothing has arrived
            Ok(Seen { idle: true, .. }) => self.count_silence(),
            Ok(_) => self.silent = 0,
            Err(error) if error.trouble == Trouble::Unreachable && error.code.is_none() => self.count_silence(),
            // a server that refuses is there
            Err(_) => self.witness.forget(),
        }
        let lost = self.silent >= SILENT.0 && self.since.elapsed() >= SILENT.1;
        if lost { Err("the server's answer never came") } else { Ok(()) }
    }

    fn count_silence(&mut self) {
        if self.silent == 0 {
            self.since = Instant::now();
        }
        self.silent += 1;
    }
}
