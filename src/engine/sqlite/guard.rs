//! Hooks inside SQLite: nobody but us ends the transaction, and a running statement can be stopped.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::engine::Cells;
use crate::engine::supervisor::Side;
use crate::error::ServerError;

/// Shared with the hooks that SQLite calls on its own thread.
#[derive(Clone, Default)]
pub(super) struct Guard(Arc<State>);

#[derive(Default)]
struct State {
    /// A transaction of ours is open: a COMMIT that is not ours is turned into a rollback.
    closed: AtomicBool,
    /// That transaction has been rolled back.
    rolled_back: AtomicBool,
    cancelled: AtomicBool,
    timed_out: AtomicBool,
    deadline: Mutex<Option<Instant>>,
    /// A statement may have written into the schema's own table since it was read.
    wrote_schema: AtomicBool,
    /// When the last lap ended.
    lap: Mutex<Option<Instant>>,
}

/// The milliseconds since it was called before, or since the transaction began.
pub(super) const LAP: &str = "dbmigrate_lap()";

/// How many steps of SQLite's virtual machine lie between two looks at the flags.
const STEPS: i32 = 10_000;

impl Guard {
    pub(super) fn install(&self, connection: &mut Connection) -> rusqlite::Result<()> {
        let state = Arc::clone(&self.0);
        connection.commit_hook(Some(move || state.closed.load(Ordering::SeqCst)))?;
        let state = Arc::clone(&self.0);
        connection.rollback_hook(Some(move || state.rolled_back.store(true, Ordering::SeqCst)))?;
        let state = Arc::clone(&self.0);
        connection.progress_handler(STEPS, Some(move || !state.may_continue()))?;
        let state = Arc::clone(&self.0);
        let name = LAP.trim_end_matches("()");
        connection.create_scalar_function(name, 0, FunctionFlags::SQLITE_UTF8, move |_| Ok(state.lap()))
    }

    /// A transaction has begun.
    pub(super) fn begin(&self) {
        self.0.rolled_back.store(false, Ordering::SeqCst);
        self.0.lap();
        self.0.closed.store(true, Ordering::SeqCst);
    }

    /// The next COMMIT is ours.
    pub(super) fn allow(&self) {
        self.0.closed.store(false, Ordering::SeqCst);
    }

    /// The transaction that was begun is still open.
    pub(super) fn is_intact(&self) -> bool {
        !self.0.rolled_back.load(Ordering::SeqCst)
    }

    /// A statement may have written into the schema's own table since this was asked.
    pub(super) fn wrote_schema(&self) -> bool {
        self.0.wrote_schema.swap(false, Ordering::SeqCst)
    }

    /// A statement starts that may take so long, and may let others write into the schema's own table.
    pub(super) fn start(&self, limit: Option<Duration>, writes_schema: bool) {
        self.0.wrote_schema.fetch_or(writes_schema, Ordering::SeqCst);
        self.0.timed_out.store(false, Ordering::SeqCst);
        *self.0.deadline.lock().unwrap_or_else(PoisonError::into_inner) = limit.map(|limit| Instant::now() + limit);
    }

    /// The statement has ended.
    pub(super) fn stop(&self) {
        *self.0.deadline.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The last statement was stopped because of its time.
    pub(super) fn is_late(&self) -> bool {
        self.0.timed_out.load(Ordering::SeqCst)
    }
}

impl State {
    /// Ends a lap: how many milliseconds it took.
    fn lap(&self) -> i64 {
        let mut lap = self.lap.lock().unwrap_or_else(PoisonError::into_inner);
        let begun = lap.replace(Instant::now());
        begun.map_or(0, |begun| i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    fn may_continue(&self) -> bool {
        let deadline = *self.deadline.lock().unwrap_or_else(PoisonError::into_inner);
        if deadline.is_some_and(|deadline| Instant::now() > deadline) {
            self.timed_out.store(true, Ordering::SeqCst);
            return false;
        }
        !self.cancelled.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Side for Guard {
    async fn cancel(&mut self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
    }

    /// There is no server: nothing is known that the file does not tell.
    async fn ask(&mut self, _: &str) -> Result<Vec<Cells>, ServerError> {
        Ok(Vec::new())
    }

    fn forget(&mut self) {
        self.0.cancelled.store(false, Ordering::SeqCst);
    }
}
