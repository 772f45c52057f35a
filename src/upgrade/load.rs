//! Statements that travel together: of one script or of several, with the journal's among them.

use std::time::Duration;

use super::run::Deed;
use super::stop::{Halt, Stop};
use super::{Applied, Run, or_cancelled};
use crate::engine::{Cells, Failure, Message, Rows, Torn};
use crate::error::Trouble;
use crate::event::{Event, Watcher};
use crate::journal::Progress;
use crate::script::Script;
use crate::sql::{Dialect, Piece};
use crate::statements::{Statements, Unreadable};

/// What is to be sent next.
pub(super) struct Load<'a> {
    pub(super) message: Message,
    /// The scripts that it is of, in order.
    pub(super) scripts: Vec<Aboard<'a>>,
    /// Where the units of some parts begin: there it may begin again when such a part gets no lock.
    units: Vec<(usize, usize)>,
    /// Each script commits for itself.
    commits: bool,
    /// A script has come to its end, and its settings were taken back.
    tidy: bool,
    /// How many rows the journal has, where that was asked behind the scripts.
    pub(super) rows: Option<u64>,
    dialect: Dialect,
    limit: usize,
}

/// A script that a message is of.
pub(super) struct Aboard<'a> {
    pub(super) script: &'a Script,
    /// Where its part of the message begins.
    first: usize,
    /// How many of its statements have been sent when the message is done, and how many bytes of it are read.
    statements: usize,
    bytes: u64,
    /// Somebody has been told that it begins.
    told: bool,
    /// All of it is in this message or those before, the journal's row included.
    whole: bool,
    /// The journal knows of it.
    pub(super) known: bool,
    /// How many of its statements stay, whatever follows.
    pub(super) progress: Option<Progress>,
    /// What the parts of the message do.
    effects: Vec<(usize, Effect)>,
}

/// What has happened once a part of a message is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// The journal knows of the script.
    Known,
    /// So many of its statements stay, whatever follows.
    Stays(Progress),
}

impl Aboard<'_> {
    /// The parts of the message before this one are done.
    fn settle(&mut self, part: usize) {
        for (_, effect) in self.effects.extract_if(.., |(at, _)| *at < part) {
            match effect {
                Effect::Known => self.known = true,
                Effect::Stays(progress) => self.progress = Some(progress),
            }
        }
    }
}

impl<'a> Load<'a> {
    pub(super) fn new(dialect: Dialect, limit: usize) -> Self {
        Self {
            message: Message::default(),
            scripts: Vec::new(),
            units: Vec::new(),
            commits: false,
            tidy: false,
            rows: None,
            dialect,
            limit,
        }
    }

    /// For scripts each of which commits for itself.
    pub(super) fn of_commits(self) -> Self {
        Self { commits: true, ..self }
    }

    /// What follows is of this script, of which some statements were sent before. `known`: the journal has its row already,
    /// and that it begins has been told.
    pub(super) fn board(&mut self, script: &'a Script, progress: Option<Progress>, known: bool) {
        let first = self.message.parts().len();
        let statements = progress.map_or(0, |progress| progress.statements);
        let (told, whole, effects) = (known, false, Vec::new());
        let aboard = Aboard { script, first, statements, bytes: 0, told, whole, known, progress, effects };
        self.scripts.push(aboard);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.message.is_empty()
    }

    /// Another script has come to its end in the session: there are no settings to take back.
    pub(super) const fn is_tidy(&self) -> bool {
        self.tidy
    }

    /// How many bytes it has.
    pub(super) fn bytes(&self) -> usize {
        self.message.sql().len()
    }

    /// The statement may share the message.
    pub(super) fn has_room(&self, piece: &Piece) -> bool {
        let alone = |piece: &Piece| piece.stands_alone(self.dialect) || piece.is_conditional();
        let last = self.message.parts().last().and_then(|part| part.piece.as_ref());
        self.is_empty()
            || !piece.stands_alone(self.dialect)
                && !last.is_some_and(alone)
                && self.bytes() + piece.bytes() <= self.limit
    }

    /// Adds a statement of the script, of which so many bytes are read.
    pub(super) fn take(&mut self, piece: Piece, sql: &str, bytes: u64) {
        self.message.push(sql, Some(piece));
        if let Some(aboard) = self.scripts.last_mut() {
            aboard.statements += 1;
            aboard.bytes = bytes;
        }
    }

    /// Adds a statement of our own.
    pub(super) fn ours(&mut self, sql: &str) {
        self.message.push(sql, None);
    }

    /// The part that was added last is of a unit that begins with this statement and may begin again there.
    pub(super) fn may_begin_again(&mut self, unit: usize) {
        self.units.push((self.message.parts().len().saturating_sub(1), unit));
    }

    /// Where the unit of a part begins, if it may begin again.
    pub(super) fn again(&self, part: usize) -> Option<usize> {
        self.units.iter().find(|(at, _)| *at == part).map(|(_, unit)| *unit)
    }

    /// The part that was added last does this.
    pub(super) fn does(&mut self, effect: Effect) {
        let part = self.message.parts().len().saturating_sub(1);
        if let Some(aboard) = self.scripts.last_mut() {
            aboard.effects.push((part, effect));
        }
    }

    /// Nothing more comes of the script.
    pub(super) fn complete(&mut self) {
        self.tidy = true;
        if let Some(aboard) = self.scripts.last_mut() {
            aboard.whole = true;
        }
    }

    /// It has been sent. A script that goes on stays aboard.
    fn unload(&mut self, watcher: &Watcher) {
        self.message.clear();
        self.units.clear();
        self.scripts.retain(|aboard| !aboard.whole);
        for aboard in &mut self.scripts {
            aboard.settle(usize::MAX);
            aboard.first = 0;
            let Aboard { script, statements, bytes, .. } = *aboard;
            watcher.tell(&Event::Progress { script, statements, bytes });
        }
    }

    /// It stopped at a part: the scripts before that one are done. Gives the one that stopped.
    pub(super) fn settle(&mut self, part: usize) -> Option<&Aboard<'a>> {
        let owner = self.owner(part)?;
        self.scripts.drain(..owner);
        let stopped = self.scripts.first_mut()?;
        stopped.settle(part);
        Some(stopped)
    }

    /// Which of the scripts a part is of.
    fn owner(&self, part: usize) -> Option<usize> {
        self.scripts.partition_point(|aboard| aboard.first <= part).checked_sub(1)
    }
}

impl Run<'_> {
    pub(super) fn load<'s>(&self) -> Load<'s> {
        Load::new(self.connection.server().context.dialect, self.connection.message_limit())
    }

    /// Sends what is loaded. What has run then is told, and noted in `applied`.
    pub(super) async fn flush(&mut self, load: &mut Load<'_>) -> Result<(), Halt> {
        self.dispatch(load, None).await
    }

    /// Adds statements of our own that stay together.
    pub(super) async fn load_ours(&mut self, load: &mut Load<'_>, ours: &[String]) -> Result<(), Halt> {
        let bytes = ours.iter().map(|sql| sql.len() + 2).sum::<usize>();
        if load.bytes() + bytes > load.limit {
            self.flush(load).await?;
        }
        for sql in ours {
            load.ours(sql);
        }
        Ok(())
    }

    /// Sends a statement with the rows behind it.
    pub(super) async fn flush_rows(&mut self, load: &mut Load<'_>, statements: &mut Statements) -> Result<(), Halt> {
        let script = load.scripts.last().map(|aboard| aboard.script);
        let Some(script) = script else { return Ok(()) };
        let mut rows = Lines { statements, script, watcher: self.migrator.watcher.clone(), torn: None };
        let sent = self.dispatch(load, Some(&mut rows)).await;
        match rows.torn.take() {
            None => sent,
            Some(error) => Err(Stop::unreadable(script, error).into()),
        }
    }

    async fn dispatch(&mut self, load: &mut Load<'_>, rows: Option<&mut Lines<'_>>) -> Result<(), Halt> {
        let Some(first) = load.scripts.first().map(|aboard| aboard.script).filter(|_| !load.message.is_empty()) else {
            return Ok(());
        };
        self.stop_if_interrupted(Some(first))?;
        let Load { message, scripts, commits, .. } = load;
        let mut tale = Tale {
            watcher: self.migrator.watcher.clone(),
            scripts,
            commits: *commits,
            runs: self.deed == Deed::Apply,
            applied: Vec::new(),
            rows: None,
        };
        tale.begin();
        let (canceller, interrupt) = (self.connection.canceller(), self.migrator.interrupt.clone());
        let sending = async {
            match rows {
                Some(rows) => self.connection.send_rows(message, rows).await,
                None => self.connection.send(message, &mut |cells| tale.heard(&cells)).await,
            }
        };
        let sent = or_cancelled(sending, &*canceller, &interrupt).await;
        self.applied.append(&mut tale.applied);
        load.rows = tale.rows;
        if *commits {
            self.committed = self.applied.len();
        }
        match sent {
            None => Err(Stop::Unanswered { during: first.name() }.into()),
            Some(Ok(())) => {
                self.rows = load.message.rows().map(|rows| rows + self.rows.unwrap_or(0)).or(self.rows);
                load.unload(&self.migrator.watcher);
                Ok(())
            }
            Some(Err(failure)) => Err(self.halted(load, failure)),
        }
    }

    /// A message has stopped at one of its statements.
    fn halted(&self, load: &Load<'_>, failure: Failure) -> Halt {
        let script = load.owner(failure.part).and_then(|owner| Some(load.scripts.get(owner)?.script));
        let part = failure.part;
        let ours = load.message.parts().get(part).is_none_or(|part| part.piece.is_none());
        let raised = self.migrator.interrupt.is_raised();
        let during = script.map_or_else(String::new, Script::name);
        let stop = match failure.error.trouble {
            Trouble::Cancelled if raised => Stop::Interrupted { during: Some(during) },
            Trouble::ConnectionLost if raised => Stop::Unanswered { during },
            _ => Stop::failed(script, &load.message, failure),
        };
        Halt { stop, part: Some(part), ours }
    }
}

/// Tells what becomes of the scripts of a message, as the server says it: one row for each that is complete.
struct Tale<'t, 'a> {
    watcher: Watcher,
    scripts: &'t mut [Aboard<'a>],
    commits: bool,
    /// The scripts run, and are not only recorded.
    runs: bool,
    applied: Vec<Applied>,
    /// How many rows the journal has behind them.
    rows: Option<u64>,
}

impl Tale<'_, '_> {
    /// The next script begins.
    fn begin(&mut self) {
        let next = self.scripts.get_mut(self.applied.len()).filter(|next| self.runs && !next.told);
        if let Some(next) = next {
            next.told = true;
            self.watcher.tell(&Event::Started { script: next.script });
        }
    }

    /// It is complete.
    fn heard(&mut self, row: &Cells) {
        if let [Some(rows), Some(_)] = row.as_slice() {
            self.rows = rows.parse().ok();
            return;
        }
        let Some(aboard) = self.scripts.get(self.applied.len()) else { return };
        let (script, duration) = (aboard.script, millis(row).unwrap_or_default());
        self.applied.push(Applied::new(script, duration));
        self.watcher.tell(&if self.runs { Event::Ran { script, duration } } else { Event::Recorded { script } });
        if self.commits {
            self.watcher.tell(&Event::Committed { scripts: &[script] });
        }
        self.begin();
    }
}

fn millis(cells: &Cells) -> Option<Duration> {
    cells.first()?.as_ref()?.parse().ok().map(Duration::from_millis)
}

/// The rows behind a statement, as the engine asks for them.
struct Lines<'a> {
    statements: &'a mut Statements,
    script: &'a Script,
    watcher: Watcher,
    torn: Option<Unreadable>,
}

impl Rows for Lines<'_> {
    fn next(&mut self) -> Result<Option<&str>, Torn> {
        let progress = Event::Progress { script: self.script, statements: 0, bytes: self.statements.bytes() };
        self.watcher.tell(&progress);
        self.statements.rows().map_err(|error| {
            self.torn = Some(error);
            Torn
        })
    }
}
