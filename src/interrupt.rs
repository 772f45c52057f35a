//! Stopping a run from outside.

use std::sync::Arc;

use tokio::sync::watch;

/// A handle that stops a run: the running statement is cancelled and everything uncommitted is rolled back.
///
/// ```
/// use dbmigrate::Interrupt;
///
/// let interrupt = Interrupt::new();
/// let handle = interrupt.clone();
/// handle.raise();
/// assert!(interrupt.is_raised());
/// ```
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<watch::Sender<bool>>);

impl Interrupt {
    /// A handle that nobody has raised.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Stops the run; calling it again does nothing.
    pub fn raise(&self) {
        self.0.send_replace(true);
    }

    /// It was raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it is raised.
    pub(crate) async fn raised(&self) {
        // the sender is `self`: it cannot be gone
        let _ = self.0.subscribe().wait_for(|raised| *raised).await;
    }
}

impl Default for Interrupt {
    fn default() -> Self {
        Self::new()
    }
}
