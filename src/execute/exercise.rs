//! Proves that objects can run, on engines that do not check them when they are created.

use std::collections::BTreeMap;
use std::ops::Range;

use super::objects::together;
use super::run::Run;
use crate::engine::{Exercise, ObjectsSql};
use crate::error::{Error, ServerError};
use crate::objects::{Catalog, Existing};
use crate::plan::ObjectPlan;

/// The most statements that prove objects in one message.
const TOGETHER: usize = 50;

/// Where a file creates an object: the place of the file in the plan, and that of the name in the file.
type Place = (usize, Range<usize>);

/// The place of an object, the object, and the statement that proves that it can run.
type Exercised = (Place, String, String);

/// The same with the reason why it cannot.
type Refused = (Place, String, ServerError);

impl Run<'_> {
    /// Proves that objects can run that the engine does not check when they are created, or when something that they need
    /// changes. Where nothing can be rolled back, it returns the files of those that cannot.
    pub(super) async fn exercise(
        &mut self,
        plan: &ObjectPlan,
        order: &[usize],
        now: &[Existing],
        sql: &ObjectsSql,
    ) -> Result<Vec<usize>, Error> {
        // what was just created is as good as it was, and scripts can break what is unchanged
        let is_late = self.commits_at_ddl();
        let Some(exercise) = sql.exercise.filter(|_| !is_late || plan.follows_scripts) else {
            return Ok(Vec::new());
        };
        let steps = plan.steps.iter().enumerate().filter(|(at, _)| !is_late || !order.contains(at));
        let now = &Catalog::new(now, self.connection.server().context.dialect);
        let places = steps.flat_map(|(at, step)| {
            let created = step.facts.object.created.iter();
            created.flat_map(move |created| {
                let found = now.created_by(created).0.into_iter();
                found.map(move |object| (object.to_string(), (at, created.at.clone())))
            })
        });
        let places = places.collect::<BTreeMap<_, _>>();
        let mut broken = Vec::new();
        for query in exercise.queries {
            let rows = self.connection.query(query).await;
            let rows = rows.map_err(|error| self.failed("looking for objects to check", error))?;
            let mut failed = Vec::new();
            let due = rows.into_iter().filter_map(exercise.statement);
            let due = due.filter_map(|(object, sql)| Some((places.get(&object).cloned()?, object, sql)));
            for ((at, name), object, error) in self.refused(plan, due.collect(), exercise).await? {
                if is_late {
                    broken.push(at);
                } else {
                    failed.push(Error::cannot_run(&plan.steps[at].file, name, &object, error));
                }
            }
            if !failed.is_empty() {
                return Err(together(failed.into_iter()));
            }
        }
        broken.sort_unstable();
        broken.dedup();
        Ok(broken)
    }

    /// Sends statements, many at once, and returns those that are refused, with the reasons.
    async fn refused(
        &mut self,
        plan: &ObjectPlan,
        statements: Vec<Exercised>,
        exercise: Exercise,
    ) -> Result<Vec<Refused>, Error> {
        let mut refused = Vec::new();
        let mut statements = statements.into_iter().peekable();
        while statements.peek().is_some() {
            let some = statements.by_ref().take(TOGETHER).collect::<Vec<_>>();
            let all = some.iter().map(|(_, _, sql)| sql.as_str()).collect::<Vec<_>>();
            if let Some(reason) = exercise.reason {
                let answers = self.connection.query_each(&all).await;
                let answers = answers.map_err(|error| self.failed("checking objects", error))?;
                let found = some.into_iter().zip(answers);
                refused.extend(found.filter_map(|((place, object, _), rows)| Some((place, object, reason(rows)?))));
                continue;
            }
            if self.connection.query(&all.join("; ")).await.is_ok() {
                continue;
            }
            for (place, object, sql) in some {
                match self.connection.query(&sql).await {
                    Err(error) if self.is_interrupt(&error) => {
                        return Err(Error::interrupted(Some(plan.steps[place.0].file.name())));
                    }
                    Err(error) if !(exercise.is_excused)(&error) => refused.push((place, object, error)),
                    _ => {}
                }
            }
        }
        Ok(refused)
    }
}
