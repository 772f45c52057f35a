//! Applies object files: finds the order in which they succeed, proves what they have created, and records them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use super::run::Run;
use super::source::{ScriptSource, body};
use crate::engine::{Kept, Message, ObjectsSql};
use crate::error::{Error, ErrorKind, ServerError};
use crate::event::Event;
use crate::journal::{ObjectRecord, State};
use crate::objects::{AppliedObject, Existing, ObjectState, hash};
use crate::plan::{Batching, Creation, HeldObject, ObjectPlan, ObjectStep, Packing, Problem, Proof, Source, Warning};
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
}

impl Run<'_> {
    /// Applies the object files that are due, in the transaction of the run.
    pub(super) async fn apply_objects(&mut self, plan: &ObjectPlan) -> Result<(), Error> {
        self.objects.clear();
        self.unnamed.clear();
        self.texts.clear();
        let sql = self.objects_sql()?;
        let before = self.existing(sql).await?;
        let names = before.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let due = plan.due(|name| names.contains(name));
        let due = self.drop_first(plan, due, &before, sql.drop_first).await?;
        let order = if due.is_empty() { due } else { self.in_some_order(plan, due, sql).await? };
        self.complete_parts(sql.drop_first).await?;
        self.exercise(plan, &order, sql).await?;
        let after = if order.is_empty() { before.clone() } else { self.existing(sql).await? };
        self.record_objects(plan, &order, &before, &after).await
    }

    /// Applies the object files that are due one by one, on an engine that commits each statement that creates something.
    pub(super) async fn apply_objects_apart(&mut self, plan: &ObjectPlan) -> Result<(), Error> {
        let sql = self.objects_sql()?;
        let before = self.existing(sql).await?;
        let names = before.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let (mut left, mut order) = (plan.due(|name| names.contains(name)), Vec::new());
        if !left.is_empty() {
            self.create_object_table(plan).await?;
        }
        while !left.is_empty() {
            let (mut failed, done) = (Vec::new(), order.len());
            for at in std::mem::take(&mut left) {
                match self.apply_apart(plan, at, &before, sql).await {
                    Ok(()) => order.push(at),
                    Err(error) if is_missing(&error) => failed.push((at, error)),
                    Err(error) => return Err(error),
                }
            }
            left = remaining(failed, order.len() > done)?;
        }
        self.exercise(plan, &order, sql).await?;
        let after = if order.is_empty() { before.clone() } else { self.existing(sql).await? };
        self.record_objects(plan, &order, &before, &after).await
    }

    fn objects_sql(&self) -> Result<ObjectsSql, Error> {
        let unsupported = || {
            let why = "object files, which this engine does not have,".into();
            Error::Refused { problems: vec![Problem::Lasting { script: None, why }] }
        };
        self.connection.server().objects.ok_or_else(unsupported)
    }

    /// Returns the objects that the database has.
    async fn existing(&mut self, sql: ObjectsSql) -> Result<Vec<Existing>, Error> {
        self.stop_if_interrupted(None)?;
        let rows = self.connection.query(sql.existing).await;
        rows.map(ObjectsSql::read).map_err(|error| self.failed("looking for objects", error))
    }

    /// Applies files in one pass. If one needs another that follows it, applies them in the order in which they succeed.
    /// Returns that order.
    async fn in_some_order(
        &mut self,
        plan: &ObjectPlan,
        due: Vec<usize>,
        sql: ObjectsSql,
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
    async fn apply_files(&mut self, plan: &ObjectPlan, files: &[usize]) -> Result<(), Error> {
        let capabilities = self.connection.server().capabilities();
        let (dialect, opening) = (capabilities.dialect, self.opening(false, false));
        let packs = capabilities.batching != Batching::Statement;
        let (message, owners, packing) = (Message::default(), Vec::new(), Packing::new(&capabilities));
        let mut sending = Sending { plan, message, owners, packing, packs };
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

    /// Returns the statements that record these files as far as that is known before they are applied: without the values
    /// of variables.
    pub(super) fn planned_objects(&self, plan: &ObjectPlan, due: &[usize]) -> Result<Vec<String>, Error> {
        let places = places(plan, due);
        let opening = self.opening(false, false);
        let mut rows = Vec::new();
        for at in due {
            let step = &plan.steps[*at];
            let names = step.facts.object.created.iter().map(ToString::to_string).collect::<Vec<_>>();
            let text = body(ScriptSource::open(&step.file, &opening)?.statements(), self.body_limit())?;
            let record = self.record(step, (&names, &[]), None, places[at]);
            let records = [ObjectRecord { body: text.as_deref(), ..record }];
            rows.extend(self.connection.server().journal.record_objects(&records));
        }
        Ok(rows)
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
            if failure.error.kind == ErrorKind::CannotReplace {
                failure.error.remedy = Some(DROP_FIRST);
            }
            return Err(match () {
                () if self.is_interrupt(&failure.error) => Error::interrupted(Some(file(at).name())),
                () if is_own => Error::database(super::error::checking(file(at)), failure.error),
                () => Error::failed(Some(file(at)), &sending.message, failure),
            });
        }
        sending.message.clear();
        sending.owners.clear();
        sending.packing.clear();
        Ok(())
    }

    fn commits_at_ddl(&self) -> bool {
        self.connection.server().context.dialect.commits_at_ddl()
    }

    /// Applies one file that commits as it runs, and records it.
    async fn apply_apart(
        &mut self,
        plan: &ObjectPlan,
        at: usize,
        before: &[Existing],
        sql: ObjectsSql,
    ) -> Result<(), Error> {
        let step = &plan.steps[at];
        self.keep_what_is_dropped(step, before, sql).await?;
        if let Err(error) = self.apply_files(plan, &[at]).await {
            return Err(self.put_back(error, sql).await);
        }
        let names = step.facts.object.created.iter().map(ToString::to_string).collect::<Vec<_>>();
        let values = self.values(plan, step);
        let place = u64::try_from(at).unwrap_or_default() + 1;
        let left = step.entry.iter().flat_map(|entry| entry.names.iter().chain(&entry.left));
        let left = left.filter(|name| !names.contains(*name)).cloned().collect::<Vec<_>>();
        let records = [self.record(step, (&names, &left), values.as_deref(), place)];
        let sql = self.connection.server().journal.record_objects(&records);
        let dialect = &self.connection.server().journal.dialect;
        let all = [dialect.begin.to_owned()].into_iter().chain(sql).chain(["COMMIT".to_owned()]);
        let all = all.collect::<Vec<_>>().join("; ");
        self.ours(format!("writing {} into the journal", step.file.name()), &all).await?;
        let applied = applied(step, names);
        self.tell(&Event::ObjectsCommitted { objects: std::slice::from_ref(&applied) });
        self.objects.push(applied);
        Ok(())
    }

    /// Keeps what a file drops: its definition, for the case that the file fails, and what a new definition does not have.
    async fn keep_what_is_dropped(
        &mut self,
        step: &ObjectStep,
        before: &[Existing],
        sql: ObjectsSql,
    ) -> Result<(), Error> {
        self.kept.clear();
        let Some(keep) = sql.keep else { return Ok(()) };
        let dialect = self.connection.server().context.dialect;
        let drops = |object: &&Existing| step.facts.object.drops(object.kind(), object.name(), dialect);
        let dropped = before.iter().filter(drops).cloned().collect::<Vec<_>>();
        for object in &dropped {
            self.stop_if_interrupted(Some(&step.file))?;
            let mut answers = Vec::new();
            for query in (keep.queries)(object) {
                answers.push(self.connection.query(&query).await.ok());
            }
            let kept = (keep.kept)(object, answers);
            if kept.restore.is_none() {
                let object = object.to_string();
                self.warn(format!(
                    "the definition of {object} cannot be read: if {} fails, it is gone",
                    step.file.name()
                ));
            }
            self.kept.push((object.clone(), kept));
        }
        if dropped.is_empty() { Ok(()) } else { self.reset_apart().await }
    }

    async fn reset_apart(&mut self) -> Result<(), Error> {
        let reset = self.connection.server().session.apart.join("; ");
        let reset = self.connection.query(&reset).await;
        reset.map(drop).map_err(|error| self.failed("resetting the session", error))
    }

    /// Puts back what a file that failed has dropped.
    async fn put_back(&mut self, mut error: Error, sql: ObjectsSql) -> Error {
        if !is_missing(&error) {
            self.connection.ignore_interrupts();
        }
        let kept = std::mem::take(&mut self.kept);
        if kept.is_empty() {
            return error;
        }
        let Ok(rows) = self.connection.query(sql.existing).await else { return error };
        let existing = ObjectsSql::read(rows);
        for (object, Kept { restore, after }) in kept.into_iter().filter(|(object, _)| !existing.contains(object)) {
            for statement in restore.into_iter().flatten().chain(after) {
                if let Err(why) = self.connection.query(&statement).await {
                    let message = format!("the old {object} could not be put back: {why}");
                    error = error.not_rolled_back(ServerError { message, ..why });
                    break;
                }
            }
        }
        match self.reset_apart().await {
            Err(reset) => reset,
            Ok(()) => error,
        }
    }

    /// Returns the statements that follow the creation of an object that was dropped: they give it what the old one had.
    fn after_creation(&self, step: &ObjectStep, statement: &Range<usize>) -> Vec<String> {
        let dialect = self.connection.server().context.dialect;
        let here = step.facts.object.created.iter().filter(|created| statement.contains(&created.at.start));
        let kept = |created: &Created| {
            let old = self.kept.iter().filter(|(object, _)| {
                let (found, is_certain) = Existing::created_by(std::slice::from_ref(object), created, dialect);
                is_certain && !found.is_empty()
            });
            old.flat_map(|(_, kept)| kept.after.clone()).collect::<Vec<_>>()
        };
        here.flat_map(kept).collect()
    }

    /// Proves that objects can run that the engine does not check when they are created, or when something that they need
    /// changes. Where nothing can be rolled back, one that cannot is a warning.
    async fn exercise(&mut self, plan: &ObjectPlan, order: &[usize], sql: ObjectsSql) -> Result<(), Error> {
        // what was just created is as good as it was, and scripts can break what is unchanged
        let is_late = self.commits_at_ddl();
        let Some(exercise) = sql.exercise.filter(|_| !is_late || plan.follows_scripts) else { return Ok(()) };
        let of_file = |name: &str| {
            let place = |step: &ObjectStep| {
                let created = step.facts.object.created.iter().find(|created| created.to_string() == name);
                created.map(|created| created.at.clone())
            };
            let steps = plan.steps.iter().enumerate().filter(|(at, _)| !is_late || !order.contains(at));
            steps.into_iter().find_map(|(_, step)| Some((&step.file, place(step)?)))
        };
        for query in exercise.queries {
            let rows = self.connection.query(query).await;
            let rows = rows.map_err(|error| self.failed("looking for objects to check", error))?;
            let mut failed = Vec::new();
            for (object, statement) in rows.into_iter().filter_map(exercise.statement) {
                let Some((file, at)) = of_file(&object) else { continue };
                let error = match self.connection.query(&statement).await {
                    Err(error) if self.is_interrupt(&error) => return Err(Error::interrupted(Some(file.name()))),
                    Err(error) if !(exercise.is_excused)(&error) => error,
                    _ => continue,
                };
                if is_late {
                    let (file, reason) = (file.name(), error.message);
                    self.unnamed.push(Warning::ObjectBroken { object, file, reason });
                    continue;
                }
                failed.push(Error::cannot_run(file, at, &object, error));
            }
            if !failed.is_empty() {
                return Err(together(failed.into_iter()));
            }
        }
        Ok(())
    }

    /// Creates the table of objects, with a key if a file uses variables.
    async fn create_object_table(&mut self, plan: &ObjectPlan) -> Result<(), Error> {
        let journal = self.connection.server().journal.clone();
        if !plan.has_table {
            self.ours("creating the journal of objects", &journal.create_object_table()).await?;
        }
        self.key.clone_from(&plan.key);
        if self.key.is_none() && plan.steps.iter().any(|step| !step.facts.object.variables.is_empty()) {
            let key = uuid::Uuid::new_v4().simple().to_string();
            self.ours("writing the journal of objects", &journal.object_key(&key)).await?;
            self.key = Some(key);
        }
        Ok(())
    }

    /// Returns the hash of the values of the variables that a file uses.
    fn values(&self, plan: &ObjectPlan, step: &ObjectStep) -> Option<String> {
        let key = self.key.as_ref().or(plan.key.as_ref())?;
        hash(key, &step.facts.object.variables, &self.migrator.options.variables)
    }

    fn record<'r>(
        &'r self,
        step: &'r ObjectStep,
        (names, left): (&'r [String], &'r [String]),
        variables: Option<&'r str>,
        place: u64,
    ) -> ObjectRecord<'r> {
        let path = step.file.relative();
        ObjectRecord {
            path,
            checksum: step.file.known_checksum(),
            variables,
            names,
            left,
            place,
            state: State::Applied,
            body: self.texts.get(path).map(String::as_str),
            author: self.author_for(path),
        }
    }

    /// Records what was applied: the names of what each file has created, and the order that worked.
    async fn record_objects(
        &mut self,
        plan: &ObjectPlan,
        order: &[usize],
        before: &[Existing],
        after: &[Existing],
    ) -> Result<(), Error> {
        let names = self.created(plan, order, after)?;
        let claimed = names.iter().flatten().map(String::as_str).collect::<BTreeSet<_>>();
        let known = before.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let gained = after.iter().map(ToString::to_string).filter(|name| !known.contains(name));
        self.unnamed.extend(
            gained.filter(|name| !claimed.contains(name.as_str())).map(|object| Warning::ObjectUnnamed { object }),
        );
        let statements = self.object_statements(plan, order, &names, after).await?;
        for message in self.messages(statements) {
            self.ours("writing the journal of objects", &message).await?;
        }
        if !self.commits_at_ddl() {
            self.objects = order.iter().map(|at| applied(&plan.steps[*at], names[*at].clone())).collect();
        }
        Ok(())
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
        let is_named =
            |creation: &&Creation| said.split(|c| !is_word(c)).any(|word| word.eq_ignore_ascii_case(&creation.name));
        let Some(Creation { name, file, exists }) = self.creations.iter().find(is_named) else { return };
        let remedy = match (exists, error.kind) {
            (true, ErrorKind::CannotReplace | ErrorKind::DoesNotExist) => {
                format!("drop {name} in the script first: {file} creates it again after all scripts")
            }
            (false, ErrorKind::DoesNotExist) => format!(
                "{file} creates {name} after all scripts: create it in the script itself, or move what needs it into an \
                 object file"
            ),
            _ => return,
        };
        error.run_remedy = Some(remedy.into());
    }

    /// Records object files as applied although they have not run.
    pub(crate) async fn record_baselined(&mut self, files: &[HeldObject]) -> Result<(), Error> {
        let recorded = if files.is_empty() { Ok(()) } else { self.try_record_baselined(files).await };
        recorded.map_err(|error| self.error(error))
    }

    async fn try_record_baselined(&mut self, files: &[HeldObject]) -> Result<(), Error> {
        let step = |created: &HeldObject| ObjectStep {
            file: created.file.clone(),
            facts: Arc::clone(&created.facts),
            state: ObjectState::New,
            entry: None,
        };
        let plan = ObjectPlan { steps: files.iter().map(step).collect(), ..ObjectPlan::default() };
        self.name_commits(files.iter().map(|created| &*created.file)).await;
        self.create_object_table(&plan).await?;
        let values = plan.steps.iter().map(|step| self.values(&plan, step)).collect::<Vec<_>>();
        let record = |((step, created), (values, place))| {
            let (created, values): (&HeldObject, &Option<String>) = (created, values);
            let record = self.record(step, (&created.names, &[]), values.as_deref(), place);
            ObjectRecord { state: State::Baselined, ..record }
        };
        let records = plan.steps.iter().zip(files).zip(values.iter().zip(1..)).map(record).collect::<Vec<_>>();
        let statements = self.connection.server().journal.record_objects(&records);
        for message in self.messages(statements) {
            self.ours("writing the journal of objects", &message).await?;
        }
        let recorded = |held: &HeldObject| {
            let (path, names) = (held.file.name(), held.names.clone());
            AppliedObject { path, why: ObjectState::Applied, names }
        };
        self.objects = files.iter().map(recorded).collect();
        Ok(())
    }

    /// Returns the statements that bring the journal of objects to what is applied now.
    async fn object_statements(
        &mut self,
        plan: &ObjectPlan,
        order: &[usize],
        names: &[Vec<String>],
        after: &[Existing],
    ) -> Result<Vec<String>, Error> {
        let exist = after.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        let claimed = names.iter().flatten().collect::<BTreeSet<_>>();
        let is_gone = |name: &String| !exist.contains(name) || claimed.contains(name);
        let gone = plan.gone.iter().filter(|entry| entry.names.iter().all(is_gone)).map(|entry| &*entry.path);
        let renamed = plan.steps.iter().filter_map(|step| {
            let entry = step.entry.as_ref().filter(|entry| entry.path != step.file.relative())?;
            Some((&*entry.path, step.file.relative()))
        });
        let (gone, renamed) = (gone.collect::<Vec<_>>(), renamed.collect::<Vec<_>>());
        if order.is_empty() && gone.is_empty() && renamed.is_empty() {
            return Ok(Vec::new());
        }
        if !self.commits_at_ddl() {
            self.create_object_table(plan).await?;
        }
        let places = places(plan, order);
        let values = plan.steps.iter().map(|step| self.values(plan, step)).collect::<Vec<_>>();
        let left = plan.steps.iter().map(|step| {
            let known = step.entry.iter().flat_map(|entry| entry.names.iter().chain(&entry.left));
            known.filter(|name| exist.contains(*name) && !claimed.contains(name)).cloned().collect::<Vec<_>>()
        });
        let left = left.collect::<Vec<_>>();
        for at in order {
            let file = plan.steps[*at].file.name();
            let known = plan.steps[*at].entry.iter().flat_map(|entry| &entry.left).collect::<Vec<_>>();
            let new = left[*at].iter().filter(|name| !known.contains(name)).cloned();
            self.unnamed.extend(new.map(|object| Warning::ObjectLeft { object, file: file.clone() }));
        }
        let record =
            |at: &usize| self.record(&plan.steps[*at], (&names[*at], &left[*at]), values[*at].as_deref(), places[at]);
        let records = order.iter().map(record).collect::<Vec<_>>();
        let moved = places.iter().filter(|(at, place)| {
            let before = plan.steps[**at].entry.as_ref().map(|entry| entry.place);
            !order.contains(at) && before != Some(**place)
        });
        let moved = moved.map(|(at, place)| (plan.steps[*at].file.relative(), *place)).collect::<Vec<_>>();
        let journal = &self.connection.server().journal;
        let new_names = renamed.iter().map(|(from, to)| journal.rename_object(from, to)).collect::<Vec<_>>();
        let statements = new_names.into_iter().chain(journal.forget_objects(&gone));
        Ok(statements.chain(journal.record_objects(&records)).chain(journal.place_objects(&moved)).collect())
    }

    /// Returns the names of what each file has created: for files that were not applied, those of the journal.
    fn created(&self, plan: &ObjectPlan, order: &[usize], after: &[Existing]) -> Result<Vec<Vec<String>>, Error> {
        let dialect = self.connection.server().context.dialect;
        let mut owners = BTreeMap::<String, &ObjectFile>::new();
        let mut names = Vec::new();
        for (at, step) in plan.steps.iter().enumerate() {
            let mut own = BTreeSet::new();
            if order.contains(&at) {
                for created in &step.facts.object.created {
                    let (found, is_exact) = Existing::created_by(after, created, dialect);
                    for object in found.iter().map(ToString::to_string) {
                        let other = owners.insert(object.clone(), &step.file).filter(|_| is_exact);
                        if let Some(other) = other.filter(|other| other.name() != step.file.name()) {
                            let (first, second) = (other.name(), step.file.name());
                            let location = step.file.locate(created.at.clone());
                            let problem = Problem::ObjectTwice { object, first, second, location };
                            return Err(Error::Refused { problems: vec![problem] });
                        }
                        own.insert(object);
                    }
                }
            } else {
                own.extend(step.entry.iter().flat_map(|entry| entry.names.iter().cloned()));
            }
            names.push(own.into_iter().collect());
        }
        Ok(names)
    }
}

fn applied(step: &ObjectStep, names: Vec<String>) -> AppliedObject {
    // an unchanged file is applied because something that it created is missing, or always
    let why = match step.state {
        ObjectState::Applied if !step.file.is_always_applied() => ObjectState::Missing,
        state => state,
    };
    AppliedObject { path: step.file.name(), why, names }
}

/// Returns the places of the files, from 1: those that were applied take each other's places in the order that worked.
fn places(plan: &ObjectPlan, order: &[usize]) -> BTreeMap<usize, u64> {
    let mut applied = order.iter().copied();
    let turns = (0..plan.steps.len()).map(|at| if order.contains(&at) { applied.next().unwrap_or(at) } else { at });
    turns.zip(1..).collect()
}

/// Returns the files that are tried again; or, if the last round has made no progress, all their errors.
fn remaining(failed: Vec<(usize, Error)>, progress: bool) -> Result<Vec<usize>, Error> {
    if progress || failed.is_empty() {
        return Ok(failed.into_iter().map(|(at, _)| at).collect());
    }
    Err(together(failed.into_iter().map(|(_, error)| error)))
}

/// Whether the error says that something does not exist, which another file may create.
fn is_missing(error: &Error) -> bool {
    matches!(error, Error::Script { error, .. } if error.kind == ErrorKind::DoesNotExist)
}

/// Returns the first of several errors, which names the others.
fn together(mut errors: impl Iterator<Item = Error>) -> Error {
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
