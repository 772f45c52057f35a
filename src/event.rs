//! The events of a run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::objects::AppliedObject;
use crate::plan::{Plan, Warning};
use crate::script::{ObjectFile, Script};
use crate::sql::Variables;
use crate::template::Copied;

/// Something that happened during a run, in the order in which it happened.
#[derive(Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the variant's own line names")]
pub enum Event<'a> {
    /// The server does not answer yet, and dbmigrate tries again.
    Connecting { reason: &'a str },
    /// So many scripts and object files are pending, and dbmigrate waits until another process has applied them.
    WaitingForUpgrade { scripts: usize, objects: usize },
    /// Another run holds the lock; `holder` is who that is, as far as the server reports it.
    WaitingForRun { holder: &'a str },
    /// A statement waits for a lock that other sessions hold.
    WaitingForLock { blockers: &'a str },
    /// A lock could not be acquired in time: what was open was rolled back and is retried after a pause.
    Retrying { blockers: Option<&'a str>, pause: Duration, attempt: u32, attempts: u32 },
    /// Something that the user should know before anything is done.
    Warned { warning: &'a Warning },
    /// The plan is made and about to run.
    Planned { plan: &'a Plan },
    /// A script begins.
    Started { script: &'a Script },
    /// This many statements of the running script are done, and this many bytes of its file have been read. While the
    /// rows after a statement are sent, `statements` is 0.
    Progress { script: &'a Script, statements: usize, bytes: u64 },
    /// All statements of a script ran. Nothing is committed yet.
    Ran { script: &'a Script, duration: Duration },
    /// The server sent a notice while a script ran.
    Notice { severity: &'a str, message: &'a str },
    /// A script was recorded as applied without running. Nothing is committed yet.
    Recorded { script: &'a Script },
    /// Scripts are committed: from now on they are applied.
    Committed { scripts: &'a [&'a Script] },
    /// All statements of an object file ran. Nothing is committed yet, and the file may be tried again.
    ObjectRan { object: &'a ObjectFile },
    /// Object files are committed: from now on they are applied.
    ObjectsCommitted { objects: &'a [AppliedObject] },
    /// The new database is a copy of a template: what it holds does not run again.
    Copied { template: &'a Copied },
    /// What the new database holds now is a template for the next rebuild.
    Kept { template: &'a Copied },
    /// The new database is complete and now replaces the old one.
    Swapping,
}

/// Receives the events of a run.
#[derive(Clone)]
pub(crate) struct Watcher(Arc<dyn Fn(&Event<'_>) + Send + Sync>);

impl Watcher {
    /// Returns a watcher that calls `watch` for every event, from the thread that drives the run. `watch` should return
    /// soon.
    pub(crate) fn new(watch: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        Self(Arc::new(watch))
    }

    /// Returns a watcher that masks the values of secret variables.
    pub(crate) fn masking(&self, variables: &Variables) -> Self {
        if !variables.has_secrets() {
            return self.clone();
        }
        let (inner, variables) = (self.clone(), variables.clone());
        Self::new(move |event| match event {
            Event::Notice { severity, message } => {
                inner.tell(&Event::Notice { severity, message: &variables.mask(message) });
            }
            Event::WaitingForLock { blockers } => {
                inner.tell(&Event::WaitingForLock { blockers: &variables.mask(blockers) });
            }
            event => inner.tell(event),
        })
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        (self.0)(event);
    }
}

impl Default for Watcher {
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}
