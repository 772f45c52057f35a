//! Drops the objects of files that ask for it, with what depends on them, so that all of it is created again.

use super::run::Run;
use crate::engine::{Dependent, DropFirst, Kept, KeptRow};
use crate::error::{Error, ErrorKind, ServerError};
use crate::objects::{Existing, ObjectState};
use crate::plan::{ObjectPlan, ObjectStep, Problem};
use crate::sql::Dialect;

impl Run<'_> {
    /// Drops what due files create that have the directive, and what depends on it. Returns the files that are due now.
    pub(super) async fn drop_first(
        &mut self,
        plan: &ObjectPlan,
        due: Vec<usize>,
        before: &[Existing],
        sql: Option<DropFirst>,
    ) -> Result<Vec<usize>, Error> {
        (self.kept, self.late) = (Vec::new(), Vec::new());
        let dialect = self.connection.server().context.dialect;
        let asking = due.iter().map(|at| &plan.steps[*at]).filter(|step| step.file.drops_first()).collect::<Vec<_>>();
        let created = |object: &&Existing| asking.iter().any(|step| creates(step, object, dialect));
        let objects = before.iter().filter(created).cloned().collect::<Vec<_>>();
        let (Some(sql), false) = (sql, objects.is_empty()) else { return Ok(due) };
        let dropped = self.ask(sql, &(sql.dependents)(&objects)).await?;
        let mut dropped = dropped.into_iter().filter_map(sql.dependent).collect::<Vec<_>>();
        for existing in dropped.iter_mut().filter_map(|dependent| dependent.existing.as_mut()) {
            // the list also says which schema is that of unqualified names
            let known = before.iter().find(|known| known.to_string() == existing.to_string());
            *existing = known.unwrap_or(existing).clone();
        }
        let owner = |dependent: &Dependent| {
            let existing = dependent.existing.as_ref()?;
            let asks = |step: &ObjectStep| step.file.drops_first();
            // what a changed file no longer says would not come back
            let brings_back = |step: &&ObjectStep| {
                asks(step) || step.state != ObjectState::Changed || writes(step, existing, dialect)
            };
            plan.steps.iter().position(|step| brings_back(&step) && creates(step, existing, dialect))
        };
        let strangers = dropped.iter().filter(|dependent| owner(dependent).is_none());
        let dependents = strangers.map(|dependent| dependent.shown.clone()).collect::<Vec<_>>();
        if !dependents.is_empty() {
            let file = asking.iter().map(|step| step.file.name()).collect::<Vec<_>>().join(" and ");
            return Err(Error::Refused { problems: vec![Problem::ObjectNeeded { file, dependents }] });
        }
        let mut due = due.into_iter().chain(dropped.iter().filter_map(owner)).collect::<Vec<_>>();
        due.sort_unstable();
        due.dedup();
        self.keep_rows(plan, sql, &dropped).await?;
        for statement in dropped.iter().filter_map(|dependent| dependent.statement.as_ref()) {
            self.ours(format!("dropping what is created again ({statement})"), statement).await?;
        }
        Ok(due)
    }

    /// Keeps what objects have beside their definitions.
    async fn keep_rows(&mut self, plan: &ObjectPlan, sql: DropFirst, dropped: &[Dependent]) -> Result<(), Error> {
        let objects = dropped.iter().filter_map(|dependent| dependent.existing.clone()).collect::<Vec<_>>();
        let dialect = self.connection.server().context.dialect;
        let created = || plan.steps.iter().flat_map(|step| &step.facts.object.created);
        let (objects, others) = objects.into_iter().partition::<Vec<_>, _>(|object| {
            let mut own = created().filter(|created| object.is_created_by(created, dialect));
            own.all(|created| created.kind == object.kind())
        });
        for object in others {
            self.warn(format!(
                "{object} becomes an object of another kind, which does not get its owner, grants and comments"
            ));
        }
        if objects.is_empty() {
            return Ok(());
        }
        let rows = self.ask(sql, &(sql.keep)(&objects)).await?;
        let rows = rows.into_iter().filter_map(sql.kept).collect::<Vec<_>>();
        if let Some(KeptRow { object, problem: Some(problem), .. }) = rows.iter().find(|row| row.problem.is_some()) {
            let product = self.connection.server().product.clone();
            let message = format!("{object} would not be as it was ({product}): {problem}");
            return Err(Error::database("drop-first", ServerError::new("", message, ErrorKind::Denied)));
        }
        for object in objects {
            let own = rows.iter().filter(|row| row.view.is_none() && row.object.to_string() == object.to_string());
            let statements = own.map(sql.guarded).collect::<Vec<_>>();
            let after = if statements.is_empty() { statements } else { sql.framed(statements) };
            self.kept.push((object, Kept { after, ..Kept::default() }));
        }
        let parts = rows.iter().filter(|row| row.view.is_some());
        let (create, complete) = parts.partition::<Vec<_>, _>(|row| row.creates);
        self.late = create.into_iter().chain(complete).map(sql.late).collect();
        Ok(())
    }

    /// Creates the parts of objects that no file has created, such as the indexes of a materialized view.
    pub(super) async fn complete_parts(&mut self, sql: Option<DropFirst>) -> Result<(), Error> {
        let late = std::mem::take(&mut self.late);
        let (Some(sql), false) = (sql, late.is_empty()) else { return Ok(()) };
        for message in self.messages(sql.framed(late)) {
            self.ours("giving objects back what they had", &message).await?;
        }
        Ok(())
    }

    async fn ask(&mut self, sql: DropFirst, query: &str) -> Result<Vec<crate::engine::Cells>, Error> {
        self.stop_if_interrupted(None)?;
        let queries = sql.framed(vec![query.to_owned()]);
        let answers = self.connection.query_each(&queries.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let answers = answers.map_err(|error| self.failed("looking for what depends on objects", error))?;
        Ok(answers.into_iter().nth(usize::from(sql.enter.is_some())).unwrap_or_default())
    }
}

/// Whether a file creates an object, or did when it was applied last.
fn creates(step: &ObjectStep, object: &Existing, dialect: &dyn Dialect) -> bool {
    let name = object.to_string();
    let recorded = step.entry.iter().flat_map(|entry| &entry.names).any(|recorded| *recorded == name);
    recorded || writes(step, object, dialect)
}

/// Whether the text of a file creates an object.
fn writes(step: &ObjectStep, object: &Existing, dialect: &dyn Dialect) -> bool {
    step.facts.object.created.iter().any(|created| object.is_created_by(created, dialect))
}
