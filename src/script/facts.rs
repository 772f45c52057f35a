//! What an inspection has found out about a script's text: once, for every plan and every database.

use std::sync::{Arc, Mutex, PoisonError};

use super::{DecodeError, Location};
use crate::sql::{Context, Defers, FindingKind};

/// What a plan needs to know of a script's text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Facts {
    /// How many statements it has.
    pub(crate) statements: usize,
    /// The statement behind which the engine needs a commit before other scripts run.
    pub(crate) commit_after: Option<String>,
    /// The first statement that the engine commits at once and cannot roll back.
    pub(crate) commits: Option<String>,
    /// The statements that have to be sent before the transaction begins.
    pub(crate) early: Vec<String>,
    /// A statement makes a temporary table.
    pub(crate) makes_temporary: bool,
    /// It may leave in its session what is not seen in its text.
    pub(crate) hides: bool,
    /// What of it the commit may have to check.
    pub(crate) defers: Defers,
    /// What takes back by name what it leaves in its session; `None` where it is sure to leave that as it was.
    pub(crate) undo: Option<Vec<String>>,
    /// All that speaks against running it.
    pub(crate) findings: Vec<(FindingKind, Location)>,
    /// What may be meant otherwise.
    pub(crate) warnings: Vec<(FindingKind, Location)>,
    /// Its text ends where its bytes are none any more.
    pub(crate) undecodable: Option<DecodeError>,
    /// How many bytes its longest statement has.
    pub(crate) longest: usize,
    /// It names a database, and what that means depends on which one it is for.
    pub(crate) names_database: bool,
}

impl Facts {
    /// They were found for one database. Are they the same for another?
    fn hold(&self, found: &Context, context: &Context) -> bool {
        let of_texts = |context: &Context| (context.dialect, context.variables.clone());
        let of_journal = |context: &Context| (context.journal.clone(), context.journal_schema.clone());
        let of_database = |context: &Context| (context.database.clone(), context.alias.clone());
        let fits = |context: &Context| context.longest.is_none_or(|limit| self.longest + 1 < limit);
        of_texts(found) == of_texts(context)
            // without a name, no statement is taken for one that leaves the database
            && found.database.is_some() == context.database.is_some()
            && of_journal(found) == of_journal(context)
            && (!self.names_database || of_database(found) == of_database(context))
            && (found.longest == context.longest || fits(found) && fits(context))
    }
}

/// The facts of a script, with what they were found for. All clones of a script share them.
#[derive(Clone, Default)]
pub(super) struct Known(Arc<Mutex<Vec<Found>>>);

type Found = (Context, Arc<Facts>);

impl Known {
    /// The facts for a database, which are found out now if nobody has done so.
    pub(super) fn get<E>(&self, context: &Context, find: impl FnOnce() -> Result<Facts, E>) -> Result<Arc<Facts>, E> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, facts)) = known.iter().find(|(found, facts)| facts.hold(found, context)) {
            return Ok(Arc::clone(facts));
        }
        let facts = Arc::new(find()?);
        known.push((context.clone(), Arc::clone(&facts)));
        Ok(facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::Dialect;

    #[test]
    fn facts_are_found_once_for_all_databases_for_which_they_hold() {
        let context = |database: &str, longest| {
            let database = Some(database.to_owned());
            Context { database, longest, ..Context::from(Dialect::Mysql) }
        };
        let mut count = 0;
        let mut found = |known: &Known, facts: &Facts, context: &Context| {
            let facts = known.get(context, || {
                count += 1;
                Ok::<_, ()>(facts.clone())
            });
            facts.expect("it cannot fail");
            count
        };
        let (plain, named) = (Known::default(), Known::default());
        let facts = Facts { longest: 100, ..Facts::default() };
        assert_eq!(found(&plain, &facts, &context("one", None)), 1);
        assert_eq!(found(&plain, &facts, &context("two", Some(102))), 1, "neither name nor limit matters");
        assert_eq!(found(&plain, &facts, &context("two", Some(101))), 2, "a statement is too long");
        assert_eq!(found(&plain, &facts, &Context { journal: "other".into(), ..context("one", None) }), 3);
        assert_eq!(found(&plain, &facts, &Context { database: None, ..context("one", None) }), 4, "nothing leaves it");
        let facts = Facts { names_database: true, ..facts };
        assert_eq!(found(&named, &facts, &context("one", None)), 5);
        assert_eq!(found(&named, &facts, &context("one", Some(1000))), 5);
        assert_eq!(found(&named, &facts, &context("two", None)), 6, "it may name one of them");
    }
}
