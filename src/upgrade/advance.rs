//! A script outside a transaction: statement by statement, the journal keeping up with each.

use std::time::Instant;

use super::stop::Stop;
use super::{Message, Run};
use crate::error::Partial;
use crate::event::Event;
use crate::journal::{Progress, Record, State};
use crate::plan::{Group, Step};
use crate::preflight::{prefix, statements};
use crate::script::Text;
use crate::sql::Piece;

/// A script on its way.
struct Advance<'a> {
    step: &'a Step,
    text: &'a Text,
    pieces: &'a [Piece],
    started: Instant,
}

impl Advance<'_> {
    fn progress(&self, statements: usize) -> Option<Progress> {
        prefix(self.text.as_str(), self.pieces, statements).map(|checksum| Progress { statements, checksum })
    }
}

impl Run<'_> {
    /// Runs scripts outside a transaction.
    pub(super) async fn advance(&mut self, group: &Group) -> Result<(), Stop> {
        for step in group.steps() {
            self.create_journal().await?;
            self.has_journal = true;
            let (script, started) = (step.script(), Instant::now());
            let text = script.read().map_err(Stop::Read)?;
            let pieces = statements(script, text.as_str(), self.connection.server().dialect);
            let pieces = pieces.collect::<Result<Vec<_>, _>>();
            let pieces = pieces.map_err(|error| Stop::unsplittable(script, text.as_str(), error))?;
            self.tell(&Event::Started { script });
            let advance = Advance { step, text: &text, pieces: &pieces, started };
            let mut done = step.skip();
            if let Err(stop) = self.advance_step(&advance, &mut done).await {
                return Err(self.stopped(stop, &advance, done).await);
            }
            self.ran(script, started.elapsed());
            self.committed = self.applied.len();
            self.tell(&Event::Committed { scripts: &[script] });
        }
        Ok(())
    }

    /// `done` is how many statements are known to have run.
    async fn advance_step(&mut self, advance: &Advance<'_>, done: &mut usize) -> Result<(), Stop> {
        let (script, of) = (advance.step.script(), advance.pieces.len());
        self.mark(advance, State::Started, advance.step.skip()).await?;
        self.tidy().await?;
        for (i, piece) in advance.pieces.iter().enumerate().skip(advance.step.skip()) {
            let message = Message { text: advance.text.as_str(), pieces: std::slice::from_ref(piece) };
            self.send(script, message).await?;
            *done = i + 1;
            self.keep_up(advance, *done).await?;
            self.tell(&Event::Progress { script, statements: *done, of: Some(of) });
        }
        self.tidy().await?;
        self.mark(advance, State::Applied, of).await
    }

    /// Writes the script's row: at the start, at the end.
    async fn mark(&mut self, advance: &Advance<'_>, state: State, statements: usize) -> Result<(), Stop> {
        let Advance { step, text, started, .. } = advance;
        let body = self.body(text);
        let record = Record {
            script: step.script(),
            state,
            duration: started.elapsed(),
            progress: advance.progress(statements),
            body: body.as_deref(),
            author: &self.author,
        };
        let journal = self.connection.journal_sql();
        let sql = if state == State::Applied { journal.update(&record) } else { journal.write(step, &record) };
        self.note_down(&sql).await
    }

    async fn keep_up(&mut self, advance: &Advance<'_>, statements: usize) -> Result<(), Stop> {
        let Some(progress) = advance.progress(statements) else { return Ok(()) };
        let sql = self.connection.journal_sql().progress(advance.step.script().number(), progress);
        self.note_down(&sql).await
    }

    /// Writes the journal while the script's settings are in force.
    async fn note_down(&mut self, sql: &str) -> Result<(), Stop> {
        self.connection.execute_apart(sql).await.map_err(|error| Stop::database("writing the journal", error))
    }

    /// It did not end well: the journal learns it if the server has answered and still listens.
    async fn stopped(&mut self, stop: Stop, advance: &Advance<'_>, done: usize) -> Stop {
        let script = advance.step.script();
        let failed = self.connection.journal_sql().failed(script.number(), advance.progress(done), &stop.message());
        // what a procedure or a VACUUM has committed before it failed, nobody counts
        let dialect = self.connection.server().dialect;
        let whole = advance.pieces.get(done).is_none_or(|piece| !piece.may_commit(dialect));
        let known = whole && stop.is_answered() && self.connection.execute_apart(&failed).await.is_ok();
        let partial = Partial { script: script.name(), done, statements: advance.pieces.len(), unknown: !known };
        Stop::Partial { stop: Box::new(stop), partial }
    }
}
