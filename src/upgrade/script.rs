//! One script of a transaction, and sending statements.

use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::batch::Batches;
use super::stop::{Halt, Stop};
use super::{Applied, Deed, GRACE, Message, Run};
use crate::engine::Cancel;
use crate::error::Trouble;
use crate::event::Event;
use crate::interrupt::Interrupt;
use crate::journal::{Author, BODY_LIMIT, Record, State};
use crate::migrator::StoreText;
use crate::plan::Step;
use crate::preflight::statements;
use crate::script::{Script, Text};
use crate::sql::{Mode, carried};

impl Run<'_> {
    /// Runs and records one script of a transaction.
    pub(super) async fn apply_step(&mut self, step: &Step) -> Result<(), Stop> {
        let script = step.script();
        let text = script.read().map_err(Stop::Read)?;
        let started = Instant::now();
        let state = match &self.deed {
            Deed::Apply => self.run_script(step, &text).await?,
            Deed::Import(origins) if origins.contains_key(&script.number()) => State::Imported,
            Deed::Record | Deed::Import(_) => State::Baselined,
        };
        let duration = started.elapsed();
        self.record(step, &text, state, duration).await?;
        self.ran(script, duration);
        Ok(())
    }

    async fn run_script(&mut self, step: &Step, text: &Text) -> Result<State, Stop> {
        let (script, text) = (step.script(), text.as_str());
        self.tell(&Event::Started { script });
        let mut done = step.skip();
        if done > 0 {
            self.set_up_again(script, text, done).await?;
        }
        let dialect = self.connection.server().context.dialect;
        let pieces = statements(script, text, dialect).skip(done);
        for batch in Batches::new(pieces, self.connection.message_limit(), dialect) {
            let batch = batch.map_err(|error| Stop::unsplittable(script, text, error))?;
            self.send(script, Message { text, pieces: &batch, ours: &[] }).await?;
            done += batch.len();
            self.tell(&Event::Progress { script, statements: done, of: None });
        }
        self.tidy(Mode::InTransaction).await?;
        let broken = |doubt| Stop::doubt(script.name(), doubt);
        self.connection.prove_script().await.map_err(broken)?;
        Ok(State::Applied)
    }

    /// Brings the session to where an earlier run had it behind a script's first statements.
    pub(super) async fn set_up_again(&mut self, script: &Script, text: &str, done: usize) -> Result<(), Stop> {
        let dialect = self.connection.server().context.dialect;
        let pieces = statements(script, text, dialect).collect::<Result<Vec<_>, _>>();
        let pieces = pieces.map_err(|error| Stop::unsplittable(script, text, error))?;
        for piece in carried(dialect, text, &pieces, done).again {
            self.send(script, Message { text, pieces: &pieces[piece..=piece], ours: &[] }).await?;
        }
        Ok(())
    }

    /// Takes back what a script may have set for the session, so that neither the journal nor the next script sees it.
    pub(super) async fn tidy(&mut self, mode: Mode) -> Result<(), Stop> {
        let session = self.connection.session_sql(mode).to_owned();
        self.ours("resetting the session", &session).await
    }

    async fn record(&mut self, step: &Step, text: &Text, state: State, duration: Duration) -> Result<(), Stop> {
        let (script, body) = (step.script(), self.body(text));
        let author = &self.author_of(script);
        let record = Record { script, state, duration, progress: None, body: body.as_deref(), author };
        // a script that failed outside a transaction may have given its directive up: then there is a row
        let sql = self.connection.journal_sql().write(step, &record);
        self.ours("writing the journal", &sql).await
    }

    /// Who applied a script: this run, or whoever another tool has noted.
    fn author_of(&self, script: &Script) -> Author {
        let origin = match &self.deed {
            Deed::Import(origins) => origins.get(&script.number()).cloned(),
            Deed::Apply | Deed::Record => None,
        };
        let Author { applied_by, run } = self.author.clone();
        Author { applied_by: origin.unwrap_or(applied_by), run }
    }

    /// The text that the journal keeps.
    pub(super) fn body(&self, text: &Text) -> Option<String> {
        let canonical = text.canonical();
        // as a literal it can be twice as long, and the row has more
        let longest = self.connection.server().context.longest.map_or(BODY_LIMIT, |longest| longest / 4);
        let wanted = self.migrator.options.store_text == StoreText::Yes;
        let keep = wanted && canonical.len() <= BODY_LIMIT.min(longest);
        keep.then(|| canonical.into_owned())
    }

    pub(super) fn ran(&mut self, script: &Script, duration: Duration) {
        self.applied.push(Applied {
            number: script.number(),
            script: script.name(),
            title: script.title().map(ToOwned::to_owned),
            duration,
        });
        self.tell(&match self.deed {
            Deed::Apply => Event::Ran { script, duration },
            Deed::Record | Deed::Import(_) => Event::Recorded { script },
        });
    }

    /// Sends statements of a script; an interrupt cancels them on the server.
    pub(super) async fn send(&mut self, script: &Script, message: Message<'_>) -> Result<(), Halt> {
        self.stop_if_interrupted(Some(script))?;
        let (canceller, interrupt) = (self.connection.canceller(), self.migrator.interrupt.clone());
        let sent = or_cancelled(self.connection.send(message), &*canceller, &interrupt).await;
        let Some(answer) = sent else { return Err(Stop::Unanswered { during: script.name() }.into()) };
        answer.map_err(|failure| {
            let (piece, ours) = (failure.piece, failure.ours);
            let stop = match failure.error.trouble {
                Trouble::Cancelled if interrupt.is_raised() => Stop::Interrupted { during: Some(script.name()) },
                Trouble::ConnectionLost if interrupt.is_raised() => Stop::Unanswered { during: script.name() },
                _ => Stop::script(script, message, failure),
            };
            Halt { stop, piece, ours }
        })
    }

    pub(super) fn stop_if_interrupted(&self, during: Option<&Script>) -> Result<(), Stop> {
        let raised = self.migrator.interrupt.is_raised();
        if raised { Err(Stop::Interrupted { during: during.map(Script::name) }) } else { Ok(()) }
    }

    /// Sends a statement of our own.
    pub(super) async fn ours(&mut self, doing: &'static str, sql: &str) -> Result<(), Stop> {
        let (canceller, interrupt) = (self.connection.canceller(), self.migrator.interrupt.clone());
        match or_cancelled(self.connection.execute(sql), &*canceller, &interrupt).await {
            None => Err(Stop::Interrupted { during: None }),
            Some(Err(error)) if error.trouble == Trouble::Cancelled && interrupt.is_raised() => {
                Err(Stop::Interrupted { during: None })
            }
            Some(answer) => answer.map_err(|error| Stop::database(doing, error)),
        }
    }
}

/// Waits for an answer. An interrupt cancels what is running, whose answer is then still waited for; `None` when it does
/// not come.
pub(crate) async fn or_cancelled<T>(
    answer: impl Future<Output = T>,
    canceller: &dyn Cancel,
    interrupt: &Interrupt,
) -> Option<T> {
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        answer = &mut answer => Some(answer),
        () = interrupt.raised() => {
            canceller.cancel().await;
            timeout(GRACE, answer).await.ok()
        }
    }
}
