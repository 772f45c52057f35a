//! Hooks inside SQLite: only dbmigrate ends the transaction, and a running statement can be stopped.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::hooks::{AuthContext, Authorization};

use super::PRODUCT;
use super::foreign_keys::Touched;
use crate::engine::Cells;
use crate::engine::supervisor::SideConnection;
use crate::error::{ErrorKind, ServerError};

/// State that is shared with the hooks, which SQLite calls on its own thread.
#[derive(Clone, Default)]
pub(super) struct Guard(Arc<State>);

#[derive(Default)]
struct State {
    /// The run's transaction is open: any other COMMIT is turned into a rollback.
    closed: AtomicBool,
    /// That transaction has been rolled back.
    rolled_back: AtomicBool,
    cancelled: AtomicBool,
    timed_out: AtomicBool,
    deadline: Mutex<Option<Instant>>,
    /// A statement may have written into the schema's own table since this was last read.
    wrote_schema: AtomicBool,
    /// When the last lap ended.
    lap: Mutex<Option<Instant>>,
    /// What was touched since the transaction began, or since this was last read.
    touched: Mutex<Touched>,
    /// The number of the running statement in its message.
    part: AtomicUsize,
}

/// An SQL function that returns the milliseconds since its last call, or since the transaction began.
pub(super) const LAP: &str = "dbmigrate_lap()";

/// How many steps of SQLite's virtual machine lie between two checks of the flags.
const STEPS: i32 = 10_000;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Guard {
    pub(super) fn install(&self, connection: &mut Connection, journal: String) -> rusqlite::Result<()> {
        let state = Arc::clone(&self.0);
        connection.commit_hook(Some(move || state.closed.load(Ordering::SeqCst)))?;
        let state = Arc::clone(&self.0);
        connection.rollback_hook(Some(move || state.rolled_back.store(true, Ordering::SeqCst)))?;
        let state = Arc::clone(&self.0);
        connection.progress_handler(STEPS, Some(move || !state.may_continue()))?;
        let state = Arc::clone(&self.0);
        connection.authorizer(Some(move |context: AuthContext<'_>| {
            locked(&state.touched).note(&context, &journal);
            Authorization::Allow
        }))?;
        let state = Arc::clone(&self.0);
        let name = LAP.trim_end_matches("()");
        connection.create_scalar_function(name, 0, FunctionFlags::SQLITE_UTF8, move |_| Ok(state.lap()))
    }

    /// Removes the hooks and the function of a run.
    pub(super) fn remove(connection: &mut Connection) -> rusqlite::Result<()> {
        connection.commit_hook(None::<fn() -> bool>)?;
        connection.rollback_hook(None::<fn()>)?;
        connection.progress_handler(0, None::<fn() -> bool>)?;
        connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        connection.remove_function(LAP.trim_end_matches("()"), 0)
    }

    /// Records that the run's transaction has begun.
    pub(super) fn begin(&self) {
        self.0.rolled_back.store(false, Ordering::SeqCst);
        self.0.lap();
        self.0.closed.store(true, Ordering::SeqCst);
    }

    /// Stops what runs, and what would run next.
    pub(super) fn stop_all(&self) {
        self.0.cancelled.store(true, Ordering::SeqCst);
    }

    /// Records that nothing runs: what was cancelled before has ended.
    pub(super) fn rest(&self) {
        self.0.cancelled.store(false, Ordering::SeqCst);
    }

    /// Returns whether the run's transaction is open.
    pub(super) fn is_open(&self) -> bool {
        self.0.closed.load(Ordering::SeqCst)
    }

    /// Fails if the run is to stop.
    pub(super) fn stop_if_cancelled(&self) -> Result<(), ServerError> {
        let stopped = self.0.cancelled.load(Ordering::SeqCst);
        let interrupted = || ServerError::new(PRODUCT, "interrupted", ErrorKind::Cancelled);
        if stopped { Err(interrupted()) } else { Ok(()) }
    }

    /// Records which statement of a message runs.
    pub(super) fn begin_part(&self, part: usize) {
        self.0.part.store(part, Ordering::SeqCst);
    }

    /// Returns the statement of a message that runs, or ran last.
    pub(super) fn part(&self) -> usize {
        self.0.part.load(Ordering::SeqCst)
    }

    /// Returns what was touched since the last call.
    pub(super) fn touched(&self) -> Touched {
        std::mem::take(&mut locked(&self.0.touched))
    }

    /// Lets the next COMMIT pass: it is dbmigrate's own.
    pub(super) fn allow(&self) {
        self.0.closed.store(false, Ordering::SeqCst);
    }

    /// Returns whether the transaction that was begun is still open.
    pub(super) fn is_intact(&self) -> bool {
        !self.0.rolled_back.load(Ordering::SeqCst)
    }

    /// Returns whether a statement may have written into the schema's own table since the last call.
    pub(super) fn wrote_schema(&self) -> bool {
        self.0.wrote_schema.swap(false, Ordering::SeqCst)
    }

    /// Records that a statement starts, how long it may take, and whether it allows writes to the schema's own table.
    pub(super) fn start(&self, limit: Option<Duration>, writes_schema: bool) {
        self.0.wrote_schema.fetch_or(writes_schema, Ordering::SeqCst);
        self.0.timed_out.store(false, Ordering::SeqCst);
        *locked(&self.0.deadline) = limit.map(|limit| Instant::now() + limit);
    }

    /// Records that the statement has ended.
    pub(super) fn stop(&self) {
        *locked(&self.0.deadline) = None;
    }

    /// Returns whether the last statement was stopped because it took too long.
    pub(super) fn is_late(&self) -> bool {
        self.0.timed_out.load(Ordering::SeqCst)
    }
}

impl State {
    /// Ends a lap and returns how many milliseconds it took.
    fn lap(&self) -> i64 {
        let mut lap = locked(&self.lap);
        let begun = lap.replace(Instant::now());
        begun.map_or(0, |begun| i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX))
    }

    fn may_continue(&self) -> bool {
        let deadline = *locked(&self.deadline);
        if deadline.is_some_and(|deadline| Instant::now() > deadline) {
            self.timed_out.store(true, Ordering::SeqCst);
            return false;
        }
        !self.cancelled.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl SideConnection for Guard {
    async fn cancel(&mut self) -> bool {
        self.0.cancelled.store(true, Ordering::SeqCst);
        true
    }

    /// Returns nothing: there is no server, and the file itself holds everything that can be known.
    async fn ask(&mut self, _: &str) -> Result<Vec<Cells>, ServerError> {
        Ok(Vec::new())
    }
}
