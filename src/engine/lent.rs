//! A connection of the application that a run uses instead of one of its own.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::engine::Target;
use crate::error::Error;

/// A connection of the application, lent to the runs of a [`Target`]. They use it, one after the other, instead of opening
/// connections of their own. [`Lent::take_back`] returns it.
///
/// What needs a second connection cannot be done on a connection that is lent: a rebuild, and a comparison with a database
/// that is built for it, are refused. What else differs is said where a connection is lent: at each `From` below.
pub struct Lent<C> {
    slot: Arc<Slot<C>>,
    target: Target,
}

/// The error for a connection that a run has lost: it broke, or its run was dropped while an answer was due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection that was lent is lost")]
pub struct LostConnection;

impl<C> Lent<C> {
    pub(super) const fn new(slot: Arc<Slot<C>>, target: Target) -> Self {
        Self { slot, target }
    }

    /// The database of the connection, for [`Migrator::new`](crate::Migrator::new).
    #[must_use]
    pub fn target(&self) -> Target {
        self.target.clone()
    }

    /// Returns the connection, once no run uses it. Its settings are those that it had, as far as the engine can tell them.
    ///
    /// # Errors
    ///
    /// If a run has lost it.
    pub async fn take_back(self) -> Result<C, LostConnection> {
        loop {
            let changed = self.slot.changed.notified();
            match self.slot.take() {
                Ok(connection) => return Ok(connection),
                Err(Place::Lost) => return Err(LostConnection),
                Err(_) => changed.await,
            }
        }
    }
}

impl<C> fmt::Debug for Lent<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lent").field(&self.target).finish()
    }
}

/// Where a connection is while no run uses it.
pub(super) struct Slot<C> {
    place: Mutex<Place<C>>,
    changed: Notify,
}

/// Where a connection is.
pub(super) enum Place<C> {
    Here(C),
    /// A run uses it.
    Away,
    Lost,
}

impl<C> Slot<C> {
    pub(super) fn new(connection: C) -> Arc<Self> {
        Arc::new(Self { place: Mutex::new(Place::Here(connection)), changed: Notify::new() })
    }

    /// Takes the connection for a run, or says where it is instead.
    pub(super) fn take(&self) -> Result<C, Place<C>> {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *place, Place::Away) {
            Place::Here(connection) => Ok(connection),
            Place::Away => Err(Place::Away),
            Place::Lost => {
                *place = Place::Lost;
                Err(Place::Lost)
            }
        }
    }

    /// Puts the connection back; `None` if it is lost.
    pub(super) fn put(&self, connection: Option<C>) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = connection.map_or(Place::Lost, Place::Here);
        self.changed.notify_waiters();
    }
}

impl<C> Place<C> {
    /// Why there is no connection.
    pub(super) const fn why(&self) -> &'static str {
        match self {
            Self::Lost => "the connection that was lent is lost",
            Self::Here(_) | Self::Away => "the connection that was lent is in use, or was taken back",
        }
    }
}

/// Returns the error for a database that would have to be built beside the one of the connection.
pub(super) fn not_beside() -> Error {
    Error::Guarded {
        why: "no other database can take the place of that of a connection that is lent".into(),
        remedy: "name the database by its URL".into(),
    }
}
