//! Records what was applied of object files, and what they have created.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::run::Run;
use super::source::{ScriptSource, body};
use crate::error::Error;
use crate::journal::{ObjectJournal, ObjectRecord, State};
use crate::objects::{AppliedObject, Catalog, Existing, ObjectState, hash};
use crate::plan::{HeldObject, ObjectPlan, ObjectStep, Problem, Warning};
use crate::script::ObjectFile;

impl Run<'_> {
    /// Creates the table of objects, with a key if a file uses variables.
    pub(super) async fn create_object_table(&mut self, plan: &ObjectPlan) -> Result<(), Error> {
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
    pub(super) fn values(&self, plan: &ObjectPlan, step: &ObjectStep) -> Option<String> {
        let key = self.key.as_ref().or(plan.key.as_ref())?;
        hash(key, &step.facts.object.variables, &self.migrator.options.variables)
    }

    pub(super) fn record<'r>(
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
    pub(super) async fn record_objects(
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
        self.unnamed.extend(self.dropped(plan, order, before, after));
        let statements = self.object_statements(plan, order, &names, after).await?;
        self.write_objects(statements).await?;
        if !self.commits_at_ddl() {
            self.objects = order.iter().map(|at| applied(&plan.steps[*at], names[*at].clone())).collect();
        }
        Ok(())
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

    /// Records object files as applied although they have not run.
    pub(crate) async fn record_baselined(
        &mut self,
        files: &[HeldObject],
        journal: &ObjectJournal,
    ) -> Result<(), Error> {
        let recorded = if files.is_empty() { Ok(()) } else { self.try_record_baselined(files, journal).await };
        recorded.map_err(|error| self.error(error))
    }

    async fn try_record_baselined(&mut self, files: &[HeldObject], journal: &ObjectJournal) -> Result<(), Error> {
        let step = |created: &HeldObject| ObjectStep {
            file: created.file.clone(),
            facts: Arc::clone(&created.facts),
            state: ObjectState::New,
            entry: None,
            is_replaced: false,
        };
        let (key, has_table) = (journal.key.clone(), journal.exists);
        let plan = ObjectPlan { steps: files.iter().map(step).collect(), key, has_table, ..ObjectPlan::default() };
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
        self.write_objects(statements).await?;
        let recorded = |held: &HeldObject| {
            let (path, names) = (held.file.name(), held.names.clone());
            AppliedObject { path, why: ObjectState::Applied, names }
        };
        self.objects = files.iter().map(recorded).collect();
        Ok(())
    }

    /// Writes the journal of objects: all of it or nothing.
    pub(super) async fn write_objects(&mut self, statements: Vec<String>) -> Result<(), Error> {
        if statements.is_empty() {
            return Ok(());
        }
        let apart = self.commits_at_ddl();
        let begin = apart.then(|| self.connection.server().journal.dialect.begin.to_owned());
        let end = apart.then(|| "COMMIT".to_owned());
        self.stop_if_interrupted(None)?;
        for message in self.messages(begin.into_iter().chain(statements).chain(end)) {
            let written = self.connection.query(&message).await;
            written.map_err(|error| self.failed("writing the journal of objects", error))?;
        }
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
        let (mut gone, renamed) = (gone.collect::<Vec<_>>(), renamed.collect::<Vec<_>>());
        if order.is_empty() && gone.is_empty() && renamed.is_empty() {
            return Ok(Vec::new());
        }
        if !self.commits_at_ddl() {
            self.create_object_table(plan).await?;
        }
        // the row of a file that was applied is written anew
        let paths = order.iter().map(|at| plan.steps[*at].file.relative()).collect::<BTreeSet<_>>();
        let (anew, renamed) = renamed.into_iter().partition::<Vec<_>, _>(|(_, to)| paths.contains(to));
        gone.extend(anew.into_iter().map(|(from, _)| from));
        let (places, due) = (places(plan, order), order.iter().copied().collect::<BTreeSet<_>>());
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
        // where each file has committed its row, only what is known better now is written again
        let is_written = |at: &&usize| {
            let own = plan.steps[**at].file.relative();
            let written = self.objects.iter().any(|object| object.path == own && object.names == names[**at]);
            written && left[**at].is_empty() && places[*at] == place_of(**at)
        };
        let commits = self.commits_at_ddl();
        let records = order.iter().filter(|at| !commits || !is_written(at)).map(record).collect::<Vec<_>>();
        let moved = places.iter().filter(|(at, place)| {
            let before = plan.steps[**at].entry.as_ref().map(|entry| entry.place);
            !due.contains(at) && before != Some(**place)
        });
        let moved = moved.map(|(at, place)| (plan.steps[*at].file.relative(), *place)).collect::<Vec<_>>();
        let journal = &self.connection.server().journal;
        let new_names = renamed.iter().map(|(from, to)| journal.rename_object(from, to)).collect::<Vec<_>>();
        let statements = new_names.into_iter().chain(journal.forget_objects(&gone));
        Ok(statements.chain(journal.record_objects(&records)).chain(journal.place_objects(&moved)).collect())
    }

    /// Returns warnings about objects that the files have dropped in passing.
    fn dropped(&self, plan: &ObjectPlan, order: &[usize], before: &[Existing], after: &[Existing]) -> Vec<Warning> {
        let dialect = self.connection.server().context.dialect;
        let exist = after.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        // a file may drop what it has created before; what a file creates is looked at below
        let is_meant = |(object, name): &(&Existing, String)| {
            let mut steps = order.iter().map(|at| &plan.steps[*at]);
            steps.any(|step| {
                step.facts.object.drops(object.kind(), object.name(), dialect)
                    || step.entry.iter().any(|entry| entry.names.contains(name))
                    || step.facts.object.created.iter().any(|created| object.is_created_by(created, dialect))
            })
        };
        let gone = before.iter().map(|object| (object, object.to_string())).filter(|(_, name)| !exist.contains(name));
        let gone = gone.filter(|object| !is_meant(object)).map(|(_, name)| name);
        let now = Catalog::new(after, dialect);
        let created = order.iter().flat_map(|at| &plan.steps[*at].facts.object.created);
        let undone = created.filter(|created| now.created_by(created).0.is_empty()).map(ToString::to_string);
        let objects = gone.chain(undone).collect::<BTreeSet<_>>();
        objects.into_iter().map(|object| Warning::ObjectDropped { object }).collect()
    }

    /// Returns the names of what each file has created: for files that were not applied, those of the journal.
    fn created(&self, plan: &ObjectPlan, order: &[usize], after: &[Existing]) -> Result<Vec<Vec<String>>, Error> {
        let after = Catalog::new(after, self.connection.server().context.dialect);
        let applied = order.iter().collect::<BTreeSet<_>>();
        let mut owners = BTreeMap::<String, &ObjectFile>::new();
        let mut names = Vec::new();
        for (at, step) in plan.steps.iter().enumerate() {
            let mut own = BTreeSet::new();
            if applied.contains(&at) {
                for created in &step.facts.object.created {
                    let (found, is_exact) = after.created_by(created);
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

pub(super) fn applied(step: &ObjectStep, names: Vec<String>) -> AppliedObject {
    // an unchanged file is applied because of what another has done, or always
    let why = match step.state {
        ObjectState::Applied if !step.file.is_always_applied() => ObjectState::Affected,
        state => state,
    };
    AppliedObject { path: step.file.name(), why, names }
}

/// Returns the place of a file in the order of the plan, from 1.
pub(super) fn place_of(at: usize) -> u64 {
    u64::try_from(at).unwrap_or_default() + 1
}

/// Returns the places of the files, from 1: those that were applied take each other's places in the order that worked.
fn places(plan: &ObjectPlan, order: &[usize]) -> BTreeMap<usize, u64> {
    let (mut applied, due) = (order.iter().copied(), order.iter().copied().collect::<BTreeSet<_>>());
    let turns = (0..plan.steps.len()).map(|at| if due.contains(&at) { applied.next().unwrap_or(at) } else { at });
    turns.zip(1..).collect()
}
