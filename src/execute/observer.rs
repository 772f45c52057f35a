//! Reports progress while the server answers a message.

use std::time::Duration;

use super::Applied;
use super::sender::ScriptProgress;
use super::source::ScriptSource;
use crate::engine::{Cells, Rows, RowsError};
use crate::event::{Event, Watcher};
use crate::plan::Step;
use crate::script::Script;
use crate::statements::Unreadable;

/// Reports what happens to the scripts of a message as the server answers: one row for each complete script.
pub(super) struct Observer<'o, 'p> {
    pub(super) watcher: Watcher,
    pub(super) steps: &'o [&'p Step],
    pub(super) progress: &'o mut [ScriptProgress],
    /// The scripts that the message has parts of, in order.
    pub(super) order: Vec<usize>,
    /// Whether the scripts run; otherwise they are only recorded.
    pub(super) runs: bool,
    pub(super) applied: Vec<Applied>,
}

impl Observer<'_, '_> {
    /// Reports that the next script begins.
    pub(super) fn begin(&mut self) {
        let Some(step) = self.order.get(self.applied.len()).copied().filter(|_| self.runs) else { return };
        if !std::mem::replace(&mut self.progress[step].told, true) {
            self.watcher.tell(&Event::Started { script: self.steps[step].script() });
        }
    }

    /// Handles a row with which one of dbmigrate's own statements has answered.
    pub(super) fn hear(&mut self, row: &Cells) {
        // a session reset may answer as well
        let Some(duration) = millis(row) else { return };
        let Some(step) = self.order.get(self.applied.len()).copied() else { return };
        let script = self.steps[step].script();
        self.applied.push(Applied::new(script, duration));
        self.watcher.tell(&if self.runs { Event::Ran { script, duration } } else { Event::Recorded { script } });
        self.begin();
    }
}

fn millis(cells: &Cells) -> Option<Duration> {
    cells.first()?.as_ref()?.parse().ok().map(Duration::from_millis)
}

/// The rows after a statement, as the engine asks for them.
pub(super) struct Lines<'a> {
    pub(super) source: &'a mut ScriptSource,
    pub(super) script: &'a Script,
    pub(super) watcher: Watcher,
    /// Why the rows cannot be read to their end.
    pub(super) torn: Option<Unreadable>,
}

impl Rows for Lines<'_> {
    fn next(&mut self) -> Result<Option<&str>, RowsError> {
        let progress = Event::Progress { script: self.script, statements: 0, bytes: self.source.bytes() };
        self.watcher.tell(&progress);
        self.source.rows().map_err(|error| {
            self.torn = Some(error);
            RowsError
        })
    }
}
