//! The warnings of a run on one database.

use std::sync::{Arc, Mutex, PoisonError};

use crate::event::Event;
use crate::plan::Warning;

/// The warnings of a run on one database, each once.
#[derive(Clone, Default)]
pub(super) struct Warnings(Arc<Mutex<Vec<Warning>>>);

impl Warnings {
    /// Takes what an event says about warnings.
    pub(super) fn take_from(&self, event: &Event<'_>) {
        match event {
            Event::Warned { warning } => self.take(warning),
            Event::Planned { plan } => plan.warnings().iter().for_each(|warning| self.take(warning)),
            _ => {}
        }
    }

    fn take(&self, warning: &Warning) {
        let mut warnings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // a plan is made again for a retry
        if !warnings.contains(warning) {
            warnings.push(warning.clone());
        }
    }

    pub(super) fn into_inner(self) -> Vec<Warning> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
