//! Applies object files: finds the order in which they succeed, proves what they have created, and records them.

use std::collections::BTreeSet;
use std::ops::Range;

use super::run::Run;
use super::source::{ScriptSource, body};
use crate::engine::{Message, ObjectsSql, Part};
use crate::error::{Error, ErrorKind};
use crate::event::Event;
use crate::objects::{Catalog, Existing};
use crate::plan::{Batching, Creation, ObjectPlan, ObjectStep, Packing, Problem, Proof, Source};
use crate::script::{ObjectFile, ScriptFacts};
use crate::sql::{Created, Defers, Mode};

/// Makes what follows undone if it fails.
const SAVEPOINT: &str = "SAVEPOINT dbmigrate_objects";
const RELEASE: &str = "RELEASE SAVEPOINT dbmigrate_objects";
const UNDO: &str = "ROLLBACK TO SAVEPOINT dbmigrate_objects";

/// The hint when an object cannot be replaced.
const DROP_FIRST: &str = "with the line -- dbmigrate: drop-first, dbmigrate drops what the file creates, and what depends on it, \
                          and creates it again";

/// The most errors that are shown beside the first.
const SHOWN: usize = 10;

/// What was sent of object files, and where it comes from.
struct Sending<'p> {
    plan: &'p ObjectPlan,
    message: Message,
    /// The file of each part of the message.
    owners: Vec<usize>,
    packing: Packing,
    packs: bool,
    /// Whether something of the file that was sent before is more than a DROP, which can be put back.
    lasting: bool,
}

impl Run<'_> {
    /// Applies the object files that are due: those of the plan, and those of which something is missing, which a script or
    /// one of the files may have dropped. Where the engine can roll back, that is in the transaction of the run.
    pub(super) async fn apply_objects(&mut self, plan: &ObjectPlan) -> Result<(), Error> {
        self.objects.clear();
        self.unnamed.clear();
        self.texts.clear();
        let sql = self.objects_sql()?;
        let before = self.existing(&sql).await?;
        let (mut now, mut order, mut again) = (before.clone(), Vec::new(), BTreeSet::new());
        loop {
            let names = now.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
            let mut due = plan.due(|name| names.contains(name));
            due.retain(|at| !order.contains(at));
            // another file can drop what a file creates, once
            let undone = self.undone(plan, &order, &now).into_iter().filter(|at| again.insert(*at)).collect::<Vec<_>>();
            order.retain(|at| !undone.contains(at));
            due.extend(undone);
            due.sort_unstable();
            if due.is_empty() {
                break;
            }
            order.extend(if self.commits_at_ddl() {
                self.one_by_one(plan, due, &now, &sql).await?
            } else {
                let due = self.drop_first(plan, due, &now, sql.drop_first).await?;
                let applied = self.in_some_order(plan, due, &sql).await?;
                self.complete_parts(sql.drop_first).await?;
                applied
            });
            now = self.existing(&sql).await?;
        }
        let broken = self.exercise(plan, &order, &now, &sql).await?;
        if !broken.is_empty() {
            order.extend(self.apply_again(plan, broken, &now, &sql).await?);
            now = self.existing(&sql).await?;
        }
        self.record_objects(plan, &order, &before, &now).await
    }

    /// Returns the files of which something does not exist although they were applied.
    fn undone(&self, plan: &ObjectPlan, order: &[usize], now: &[Existing]) -> Vec<usize> {
        let now = Catalog::new(now, self.connection.server().context.dialect);
        let is_gone = |created: &Created| now.created_by(created).0.is_empty();
        order.iter().copied().filter(|at| plan.steps[*at].facts.object.created.iter().any(is_gone)).collect()
    }

    fn objects_sql(&self) -> Result<ObjectsSql, Error> {
        let unsupported = || {
            let why = "object files, which this engine does not have,".into();
            Error::Refused { problems: vec![Problem::Lasting { script: None, why }] }
        };
        self.connection.server().objects.clone().ok_or_else(unsupported)
    }

    /// Returns the objects that the database has.
    async fn existing(&mut self, sql: &ObjectsSql) -> Result<Vec<Existing>, Error> {
        self.stop_if_interrupted(None)?;
        let rows = self.connection.query(&sql.existing).await;
        rows.map(ObjectsSql::read).map_err(|error| self.failed("looking for objects", error))
    }

    /// Applies files in one pass. If one needs another that follows it, applies them in the order in which they succeed.
    /// Returns that order.
    async fn in_some_order(
        &mut self,
        plan: &ObjectPlan,
        due: Vec<usize>,
        sql: &ObjectsSql,
    ) -> Result<Vec<usize>, Error> {
        if !sql.retries {
            self.apply_files(plan, &due).await?;
            return Ok(due);
        }
        self.ours("setting a savepoint", SAVEPOINT).await?;
        match self.apply_files(plan, &due).await {
            Ok(()) => {
                self.ours("releasing a savepoint", RELEASE).await?;
                return Ok(due);
            }
            Err(error) if is_missing(&error) && due.len() > 1 => self.ours("rolling back", UNDO).await?,
            Err(error) => return Err(error),
        }
        let (mut left, mut order) = (due, Vec::new());
        while !left.is_empty() {
            let (mut failed, done) = (Vec::new(), order.len());
            for at in std::mem::take(&mut left) {
                match self.apply_files(plan, &[at]).await {
                    Ok(()) => {
                        order.push(at);
                        self.ours("setting a savepoint", &format!("{RELEASE}; {SAVEPOINT}")).await?;
                    }
                    Err(error) if is_missing(&error) => {
                        self.ours("rolling back", UNDO).await?;
                        failed.push((at, error));
                    }
                    Err(error) => return Err(error),
                }
            }
            left = remaining(failed, order.len() > done)?;
        }
        self.ours("releasing a savepoint", RELEASE).await?;
        Ok(order)
    }

    /// Sends the statements of files, as many at once as a message can hold.
    pub(super) async fn apply_files(&mut self, plan: &ObjectPlan, files: &[usize]) -> Result<(), Error> {
        let capabilities = self.connection.server().capabilities();
        let (dialect, opening) = (capabilities.dialect, self.opening(false, false));
        let packs = capabilities.batching != Batching::Statement;
        let (message, owners, packing) = (Message::default(), Vec::new(), Packing::new(&capabilities));
        let mut sending = Sending { plan, message, owners, packing, packs, lasting: false };
        for at in files {
            let file = &plan.steps[*at].file;
            let mut source = ScriptSource::open(file, &opening)?;
            if let Some(text) = body(source.statements(), self.body_limit())? {
                self.texts.insert(file.name(), text);
            }
            while let Some(statement) = source.next()? {
                if !sending.packing.has_room_for(&statement.parsed) {
                    self.send_objects(&mut sending).await?;
                }
                sending.packing.add(&statement.parsed);
                let bare = capabilities.stores_to_the_end && statement.parsed.defines_routine();
                let ends = bare || dialect.changes_reading(&statement.parsed);
                let after = self.after_creation(&plan.steps[*at], &statement.parsed.range);
                sending.message.push(&statement.sql, Some(statement.parsed));
                sending.owners.push(*at);
                if ends {
                    self.send_objects(&mut sending).await?;
                }
                if !after.is_empty() && !sending.packs {
                    self.send_objects(&mut sending).await?;
                }
                for sql in &after {
                    if sending.packs {
                        sending.message.push(sql, None);
                        sending.owners.push(*at);
                    } else {
                        self.ours(format!("giving back what an object of {} had", file.name()), sql).await?;
                    }
                }
            }
            self.end_object(&mut sending, *at).await?;
            self.tell(&Event::ObjectRan { object: file });
        }
        self.send_objects(&mut sending).await
    }

    /// Returns the statements after those of an object file: they reset what it has set in the session, and check what would
    /// wait for the commit.
    pub(super) fn after_object(&self, facts: &ScriptFacts) -> Vec<String> {
        let session = &self.connection.server().session;
        let mode = if self.commits_at_ddl() { Mode::NoTransaction } else { Mode::InTransaction };
        let reset = facts.undo.iter().flat_map(|undo| session.reset(mode).iter().chain(undo));
        let settle = session.settle.iter().filter(|_| facts.defers != Defers::Nothing);
        reset.chain(settle).cloned().collect()
    }

    /// Ends an object file.
    async fn end_object(&mut self, sending: &mut Sending<'_>, at: usize) -> Result<(), Error> {
        let own = self.after_object(&sending.plan.steps[at].facts);
        if sending.packs {
            for sql in own {
                sending.packing.add_bytes(sql.len());
                sending.message.push(&sql, None);
                sending.owners.push(at);
            }
            return Ok(());
        }
        self.send_objects(sending).await?;
        let file = &sending.plan.steps[at].file;
        let proven = self.connection.prove(Proof::Script).await;
        proven.map_err(|proof_error| self.unproven(file.name(), proof_error))?;
        if own.is_empty() { Ok(()) } else { self.ours("resetting the session", &own.join("; ")).await }
    }

    /// Sends what was packed so far.
    async fn send_objects(&mut self, sending: &mut Sending<'_>) -> Result<(), Error> {
        let Some(first) = sending.owners.first() else { return Ok(()) };
        let file = |at: usize| -> &ObjectFile { &sending.plan.steps[at].file };
        self.stop_if_interrupted(Some(file(*first)))?;
        let sent = self.connection.send(&sending.message, None, &mut |_| ()).await;
        if let Err(mut failure) = sent {
            let at = sending.owners.get(failure.part).or(sending.owners.last()).copied().unwrap_or(*first);
            let is_own = sending.message.parts().get(failure.part).is_some_and(|part| part.statement.is_none());
            self.stays_of(sending, failure.part);
            if failure.error.kind == ErrorKind::CannotReplace {
                failure.error.remedy = Some(DROP_FIRST);
            }
            return Err(match () {
                () if self.is_interrupt(&failure.error) => Error::interrupted(Some(file(at).name())),
                () if is_own => Error::database(super::error::checking(file(at)), failure.error),
                () => Error::failed(Some(file(at)), &sending.message, failure),
            });
        }
        sending.lasting |= lasting(sending.message.parts());
        sending.message.clear();
        sending.owners.clear();
        sending.packing.clear();
        Ok(())
    }

    /// Takes note that a part of a file stays although the rest failed, where each statement commits.
    fn stays_of(&mut self, sending: &Sending<'_>, failed: usize) {
        let before = sending.message.parts().get(..failed).unwrap_or_default();
        let stays = self.commits_at_ddl() && (sending.lasting || lasting(before));
        let file = sending.owners.get(failed).map(|at| sending.plan.steps[*at].file.name());
        self.stopped = file.filter(|_| stays);
    }

    pub(super) fn commits_at_ddl(&self) -> bool {
        self.connection.server().context.dialect.commits_at_ddl()
    }

    /// Returns the statements that follow the creation of an object that was dropped: they give it what the old one had.
    fn after_creation(&self, step: &ObjectStep, statement: &Range<usize>) -> Vec<String> {
        let dialect = self.connection.server().context.dialect;
        let here = step.facts.object.created.iter().filter(|created| statement.contains(&created.at.start));
        let kept = |created: &Created| {
            let old = self.kept.iter().filter(|(object, _)| object.is_created_by(created, dialect));
            old.flat_map(|(_, kept)| kept.after.clone()).collect::<Vec<_>>()
        };
        here.flat_map(kept).collect()
    }

    /// Returns the object files that are committed whatever happens to the rest.
    pub(super) fn objects_committed(&self) -> Vec<String> {
        let stay = if self.commits_at_ddl() { self.objects.as_slice() } else { &[] };
        stay.iter().map(|object| object.path.clone()).collect()
    }

    /// Adds to the error of a script what it has to do with an object of a file: the object is created after all scripts, or
    /// it needs what the script changes.
    pub(super) fn about_object(&self, error: &mut Error) {
        let Error::Script { script, error, .. } = error else { return };
        if self.creations.iter().any(|creation| creation.file == *script) {
            return;
        }
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let said = format!("{} {}", error.message, error.detail.as_deref().unwrap_or_default());
        let words = said.split(|c| !is_word(c)).collect::<Vec<_>>();
        let place = |creation: &Creation| words.iter().position(|word| word.eq_ignore_ascii_case(&creation.name));
        let named = self.creations.iter().filter_map(|creation| Some((place(creation)?, creation)));
        // the first that the server names is the one that fails
        let Some((_, Creation { name, file, exists, dropped_in })) = named.min_by_key(|(place, _)| *place) else {
            return;
        };
        let remedy = match (exists, error.kind) {
            (true, ErrorKind::CannotReplace | ErrorKind::DoesNotExist) => {
                format!(
                    "drop {name} in the script first (DROP ... IF EXISTS): {file} creates it again after all scripts"
                )
            }
            (false, ErrorKind::DoesNotExist) if dropped_in.contains(script) => {
                format!(
                    "write DROP ... IF EXISTS: a new database has no {name} before {file} creates it after all scripts"
                )
            }
            (false, ErrorKind::DoesNotExist) => format!(
                "{file} creates {name} after all scripts: create it in the script itself, or move what needs it into an \
                 object file"
            ),
            _ => return,
        };
        error.run_remedy = Some(remedy.into());
    }
}

/// Whether one of these statements does more than drop something.
fn lasting(parts: &[Part]) -> bool {
    let statements = parts.iter().filter_map(|part| part.statement.as_ref());
    statements.into_iter().any(|statement| !statement.words.starts(&["DROP"]))
}

/// Returns the files that are tried again; or, if the last round has made no progress, all their errors.
pub(super) fn remaining(failed: Vec<(usize, Error)>, progress: bool) -> Result<Vec<usize>, Error> {
    if progress || failed.is_empty() {
        return Ok(failed.into_iter().map(|(at, _)| at).collect());
    }
    Err(together(failed.into_iter().map(|(_, error)| error)))
}

/// Whether the error says that something does not exist, which another file may create.
pub(super) fn is_missing(error: &Error) -> bool {
    matches!(error, Error::Script { error, .. } if error.kind == ErrorKind::DoesNotExist)
}

/// Returns the first of several errors, which names the others.
pub(super) fn together(mut errors: impl Iterator<Item = Error>) -> Error {
    let mut first = errors.next().unwrap_or_else(|| Error::interrupted(None));
    let others = errors.map(|error| match &error {
        Error::Script { location: Some(location), error, .. } => format!("{location}: {error}"),
        error => error.to_string(),
    });
    let others = others.collect::<Vec<_>>();
    if let Error::Script { error, .. } = &mut first {
        let more = others.len().saturating_sub(SHOWN);
        error.also.extend(others.into_iter().take(SHOWN));
        error.also.extend((more > 0).then(|| format!("{more} more files fail like this")));
    }
    first
}
