//! Records what an existing database already has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use crate::engine::{Access, Connection, read_journal};
use crate::error::Error;
use crate::execute::{Report, Run};
use crate::import::{ForeignJournal, ForeignOrigin};
use crate::journal::Journal;
use crate::migrator::Migrator;
use crate::objects::compare;
use crate::old_journal::{self, OldJournal};
use crate::plan::{Disagreement, HeldObject, History, Operation, Plan, Problem, Step, UpgradeOptions, Warning};
use crate::script::{Number, Script, Scripts};
use crate::verify::Verification;

/// What to record on an existing database.
///
/// ```
/// use dbmigrate::{BaselineOptions, Number};
///
/// let through_42 = BaselineOptions::new().to(Number::new(42)?);
/// assert_ne!(through_42, BaselineOptions::new());
/// # Ok::<(), dbmigrate::error::NumberError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BaselineOptions {
    to: Option<Number>,
    import: Option<ForeignJournal>,
    ignored: Vec<String>,
    verify: bool,
}

impl BaselineOptions {
    /// Records the baseline of the folder, and no scripts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also records the scripts through this number. 0 without a `Baseline.sql` records that the database stays as it
    /// is and that all scripts are pending.
    #[must_use]
    pub fn to(mut self, number: impl Into<Option<Number>>) -> Self {
        self.to = number.into();
        self
    }

    /// Records the scripts that another tool has applied according to its own journal.
    #[must_use]
    pub fn import(mut self, from: ForeignJournal) -> Self {
        self.import = Some(from);
        self
    }

    /// First builds a scratch database from what is to be recorded, and records nothing if the schema of the database is
    /// another.
    #[must_use]
    pub const fn verify(mut self, verify: bool) -> Self {
        self.verify = verify;
        self
    }

    /// Ignores what another tool has recorded in this table (`table` or `schema.table`).
    #[must_use]
    pub fn ignoring(mut self, table: impl Into<String>) -> Self {
        self.ignored.push(table.into());
        self
    }
}

/// What [`Migrator::baseline`] would record. It compares none of it with the database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recording {
    /// Name and version of the database product.
    pub product: String,
    /// The names of the scripts that would be recorded as applied, in order; or a text that says that the database is
    /// taken as it is.
    pub scripts: Vec<String>,
    /// The names of the tables that the database has, without journals.
    pub tables: Vec<String>,
    /// The journals of other tools in the database.
    pub old_journals: Vec<OldJournal>,
}

/// What is ready to be recorded.
struct Prepared {
    journal: Journal,
    plan: Plan,
    /// Who applied which script, if another tool has recorded that.
    origins: Option<BTreeMap<Number, ForeignOrigin>>,
    /// The paths of the object files that another tool has applied as they are.
    objects: BTreeSet<String>,
    old_journals: Vec<OldJournal>,
}

impl Migrator {
    /// Records the baseline and scripts as applied on an existing database. Runs none of them.
    ///
    /// dbmigrate matches the names that another tool has recorded by the number in them. It cannot compare what that
    /// tool ran with the scripts on disk, because the tool keeps no text or checksum: their checksums are taken as they
    /// are, and the state says so.
    ///
    /// # Errors
    ///
    /// [`Error::Baseline`] if the journal already has what is to be recorded, if the database is empty, or if there is
    /// neither a baseline nor a number; [`Error::Differs`] if the schema is not what the scripts build;
    /// [`Error::Refused`] if the folder is wrong, if the journal of another tool disagrees, or if names
    /// and scripts do not match one to one.
    pub async fn baseline(&self) -> Result<Report, Error> {
        self.baseline_with(&BaselineOptions::new()).await
    }

    /// Records what the options say as applied on an existing database.
    ///
    /// # Errors
    ///
    /// As for [`Migrator::baseline`].
    pub async fn baseline_with(&self, baseline: &BaselineOptions) -> Result<Report, Error> {
        let started = Instant::now();
        let (equal, found) =
            if baseline.verify { self.verify_baseline(baseline).await? } else { (Vec::new(), Vec::new()) };
        let mut run = Run::new(self, self.connect(Access::Write).await?);
        run.lock().await?;
        let prepared = self.prepare(&mut *run.connection, baseline).await;
        let Prepared { journal, plan, origins, objects, .. } = self.or_interrupted(prepared)?;
        run.take_journal(&journal);
        let imported = self.scripts.objects().iter().filter(|object| objects.contains(object.relative()));
        let imported = self.created_in(&mut *run.connection, &imported.collect::<Vec<_>>()).await?;
        let mut run = run.doing(Operation::Record(origins.unwrap_or_default()));
        run.apply(&plan).await?;
        let compared = compare(self.scripts.objects(), &journal.objects, &self.options.variables);
        let pending = compared.files.iter().filter(|(_, state, _)| state.is_pending());
        let pending = pending.map(|(file, ..)| file.relative()).collect::<BTreeSet<_>>();
        let is_pending = |held: &HeldObject| pending.contains(held.file.relative());
        let mut equal = equal.into_iter().filter(is_pending).collect::<Vec<_>>();
        for held in imported.into_iter().filter(is_pending) {
            if !equal.iter().any(|other| other.file.relative() == held.file.relative()) {
                equal.push(held);
            }
        }
        run.record_baselined(&equal, &journal.objects).await?;
        let count = pending.len() - equal.len();
        let pending = (count > 0).then_some(Warning::ObjectsPending { count });
        let mut report = run.report(plan, started).await;
        report.warnings.extend(pending.into_iter().chain(found));
        Ok(report)
    }

    /// Returns what [`Migrator::baseline`] would record, and on what database. Writes nothing.
    ///
    /// # Errors
    ///
    /// As for [`Migrator::baseline`].
    pub async fn recording(&self, baseline: &BaselineOptions) -> Result<Recording, Error> {
        let mut connection = self.connect(Access::Read).await?;
        let prepared = self.or_interrupted(self.prepare(&mut *connection, baseline).await);
        let Prepared { plan, old_journals, .. } = prepared?;
        let tables = old_journal::tables(&mut *connection, &self.options.journal).await;
        let tables = self.or_interrupted(tables.map_err(|error| Error::reading("looking at the tables", error)))?;
        let product = connection.server().product.clone();
        connection.close().await;
        let named = |script: &Script| if script.is_stand_in() { "the database as it is".into() } else { script.name() };
        let scripts = plan.steps().map(|step| named(step.script())).collect();
        Ok(Recording { product, scripts, tables, old_journals })
    }

    /// Returns the journals of other tools in the database. Only reads.
    ///
    /// # Errors
    ///
    /// If the database cannot be reached or a query fails.
    pub async fn old_journals(&self) -> Result<Vec<OldJournal>, Error> {
        let mut connection = self.connect(Access::Read).await?;
        let found = old_journal::old_journals(&mut *connection, &[]).await;
        connection.close().await;
        self.or_interrupted(found.map_err(|error| Error::reading("reading the journals of other tools", error)))
    }

    /// Compares the database with what the scripts to be recorded build. Returns the object files whose objects it has, and what
    /// only it has although the schemas are equal.
    async fn verify_baseline(&self, baseline: &BaselineOptions) -> Result<(Vec<HeldObject>, Vec<Warning>), Error> {
        let mut connection = self.connect(Access::Read).await?;
        let compared = match self.prepare(&mut *connection, baseline).await {
            Ok(Prepared { plan, .. }) if plan.steps().all(|step| step.script().is_stand_in()) => {
                let remedy = "record the number that the database is at, or do not verify";
                refuse("no script says what the database should be", remedy)
            }
            Ok(Prepared { plan, .. }) => {
                let to = plan.steps().map(|step| step.script().number()).max().unwrap_or(Number::BASELINE);
                let old = baseline.import.iter().filter_map(ForeignJournal::named).collect();
                self.with_scripts(&mut *connection, &self.target, to, self.all_objects(to), old).await
            }
            Err(error) => Err(error),
        };
        connection.close().await;
        let (verification, equal) = self.or_interrupted(compared)?;
        let Verification { reference, comparison, only_here, notes, .. } = verification;
        if comparison.is_equal() {
            let settings = notes.into_iter().map(|note| Warning::Setting { note });
            let others = only_here.lines().into_iter().map(|what| Warning::NotCompared { what });
            return Ok((equal, settings.chain(others).collect()));
        }
        Err(Error::Differs { reference, comparison: comparison.into(), only_here })
    }

    async fn prepare(&self, connection: &mut dyn Connection, baseline: &BaselineOptions) -> Result<Prepared, Error> {
        let journal = read_journal(connection).await?;
        let imported = match &baseline.import {
            Some(from) => Some(self.imported(connection, from).await?),
            None => None,
        };
        let (known, imported, to, compares) = (journal.clone(), imported.map(Arc::new), baseline.to, baseline.verify);
        let theirs = imported.clone();
        let plan = self.aside(move |this| match theirs {
            Some(imported) => this.plan_of(&known, &imported, compares),
            None => this.baseline_plan(&known, to),
        });
        let mut plan = plan.await?;
        let old_journals = old_journal::old_journals(connection, &baseline.ignored).await;
        let mut old_journals =
            old_journals.map_err(|error| Error::reading("reading the journals of other tools", error))?;
        // the journal that is imported needs no warning
        old_journals.retain(|old| imported.as_ref().is_none_or(|imported| !old.may_be_of(imported.tool())));
        let counted = baseline.to.filter(|_| imported.is_none() && !records_a_dump(&plan));
        let problems = old_journals.iter().flat_map(|old| disagreements(old, counted)).collect::<Vec<_>>();
        if !problems.is_empty() {
            return Err(Error::Refused { problems });
        }
        plan.warnings
            .extend(old_journals.iter().map(|old| Warning::OldJournal { tool: old.tool, table: old.table.clone() }));
        plan.warnings.extend(unlike_new(connection).await?);
        let objects = imported.as_ref().map(|imported| imported.objects()).unwrap_or_default();
        let origins = imported.map(|imported| imported.origins());
        Ok(Prepared { journal, plan, origins, objects, old_journals })
    }

    fn baseline_plan(&self, journal: &Journal, to: Option<Number>) -> Result<Plan, Error> {
        // scripts beyond those that the journal has can be recorded, too
        let further = to.filter(|to| !journal.is_unfinished() && journal.at().is_some_and(|at| at < *to));
        let journal = if further.is_some() { journal.clone() } else { Self::recordable(journal)? };
        let Some(to) = to.or_else(|| self.scripts.baselines().last().map(Script::number)) else {
            let remedy = "pass `BaselineOptions::to` with the number of the last script that the database already has, or 0 if it \
                          has none of them";
            return refuse("there is no Baseline.sql", remedy);
        };
        let mut history = History::new(&self.scripts, &journal, &UpgradeOptions::new().to(Some(to)));
        history.problems.extend(self.scripts.unreadable(|_| true).into_iter().map(Problem::from));
        if !history.problems.is_empty() {
            return Err(Error::Refused { problems: history.problems });
        }
        if history.pending.is_empty() && journal.entries.is_empty() {
            history.pending.extend(as_it_was().map(|script| Step::new(script, None)));
        }
        Ok(Plan::recording(history))
    }

    /// Checks that scripts can be recorded: the database is not empty, and nothing is recorded yet.
    pub(crate) fn recordable(journal: &Journal) -> Result<Journal, Error> {
        if !journal.entries.is_empty() {
            return refuse("the database already has a journal with rows", "`Migrator::status` shows what it says");
        }
        if !journal.occupied {
            return refuse("the database is empty", "`Migrator::upgrade` builds it");
        }
        // the database's content is what is being recorded, so it is not a problem
        Ok(Journal { occupied: false, ..journal.clone() })
    }
}

/// Whether the plan records a real baseline with number 0: then the scripts' numbers start from it and not from the
/// first migration of another tool.
fn records_a_dump(plan: &Plan) -> bool {
    plan.steps().any(|step| step.script().number() == Number::BASELINE && !step.script().is_stand_in())
}

/// Returns the stand-in for a baseline of a database that is taken as it is.
fn as_it_was() -> Option<Script> {
    let scripts = Scripts::from_files([("Baseline.sql", crate::script::AS_IT_WAS.as_bytes())]);
    scripts.baselines().first().cloned()
}

/// Returns the contradictions between the journal of another tool and the recording of scripts through a number, if the
/// user passed one.
fn disagreements(old: &OldJournal, to: Option<Number>) -> Vec<Problem> {
    let problem = |why| Problem::OldJournal { tool: old.tool, table: old.table.clone(), why };
    let failed = old.failed.iter().cloned().map(Disagreement::Failed);
    let counts = old.applied.zip(to).filter(|(applied, to)| *applied != u64::from(to.get()));
    let counts = counts.map(|(applied, to)| Disagreement::Count { applied, to });
    failed.chain(counts).map(problem).collect()
}

fn refuse<T>(why: &str, remedy: &str) -> Result<T, Error> {
    Err(Error::Baseline { why: why.into(), remedy: remedy.into() })
}

/// Returns how a new database of this name would differ from this one although all scripts were applied.
async fn unlike_new(connection: &mut dyn Connection) -> Result<Option<Warning>, Error> {
    let Some(sql) = connection.server().unlike_new.clone() else { return Ok(None) };
    let rows = connection.query(&sql).await;
    let rows = rows.map_err(|error| Error::reading("looking at the database's settings", error))?;
    let row = rows.into_iter().next().unwrap_or_default();
    let [charset, collation, new] = row.try_into().unwrap_or_default();
    Ok(new.map(|new| Warning::Unlike { charset, collation, new }))
}
