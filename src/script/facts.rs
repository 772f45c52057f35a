//! The facts that an inspection finds in a script's text, kept for every plan and every database.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::{DecodeError, Location};
use crate::sql::{Context, Defers, FindingKind, Names, ObjectText};

/// The facts about a script's text that a plan needs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ScriptFacts {
    /// The number of statements.
    pub(crate) statements: usize,
    /// The statement after which the engine needs a commit before other scripts run.
    pub(crate) commit_after: Option<String>,
    /// The first statement that the engine commits at once and cannot roll back.
    pub(crate) commits: Option<String>,
    /// The statements that must be sent before the transaction begins.
    pub(crate) early: Vec<String>,
    /// Whether a statement creates a temporary table.
    pub(crate) makes_temporary: bool,
    /// Whether the script may leave something in its session that its text does not show.
    pub(crate) hides: bool,
    /// What the commit may have to check because of this script.
    pub(crate) defers: Defers,
    /// The statements that undo, by name, what the script leaves in its session; `None` if it certainly leaves nothing.
    pub(crate) undo: Option<Vec<String>>,
    /// The reasons not to run the script.
    pub(crate) findings: Vec<(FindingKind, Location)>,
    /// Text that may not mean what its author intended.
    pub(crate) warnings: Vec<(FindingKind, Location)>,
    /// The place from which the bytes are not text.
    pub(crate) undecodable: Option<DecodeError>,
    /// The length of the longest statement in bytes.
    pub(crate) longest: usize,
    /// What the script names: the facts depend on what that is for a database.
    pub(crate) names: Names,
    /// The variables that the script uses.
    pub(crate) variables: BTreeSet<String>,
    /// What the text says about objects.
    pub(crate) object: ObjectText,
}

impl ScriptFacts {
    /// Whether facts that were found for one database hold for another.
    fn hold(&self, found: &Context, context: &Context) -> bool {
        let fits = |context: &Context| context.longest.is_none_or(|limit| self.longest + 1 < limit);
        found.dialect == context.dialect
            && found.variables.agree(&context.variables, &self.variables)
            // without a database name, no statement counts as one that leaves the database
            && found.database.is_some() == context.database.is_some()
            && found.journal == context.journal
            && found.tenants == context.tenants
            && (!self.names.journal || found.journal_schema == context.journal_schema)
            && (!self.names.database || (&found.database, &found.alias) == (&context.database, &context.alias))
            && (found.longest == context.longest || fits(found) && fits(context))
    }
}

/// The facts of a script, each with the context in which they were found. All clones of a script share them.
#[derive(Clone, Default)]
pub(super) struct Known(Arc<Mutex<Vec<Found>>>);

type Found = (Context, Arc<ScriptFacts>);

/// For how many kinds of databases facts are kept: there can be as many kinds as databases.
const KNOWN: usize = 32;

impl Known {
    /// Returns the facts for a database, and finds them first if they are not known yet.
    pub(super) fn get<E>(
        &self,
        context: &Context,
        find: impl FnOnce() -> Result<ScriptFacts, E>,
    ) -> Result<Arc<ScriptFacts>, E> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, facts)) = known.iter().find(|(found, facts)| facts.hold(found, context)) {
            return Ok(Arc::clone(facts));
        }
        let facts = Arc::new(find()?);
        if known.len() >= KNOWN {
            known.remove(0);
        }
        known.push((context.clone(), Arc::clone(&facts)));
        Ok(facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES, Variables};

    #[test]
    fn facts_are_found_once_for_all_databases_for_which_they_hold() {
        let context = |database: &str, longest| {
            let database = Some(database.to_owned());
            Context { database, longest, ..Context::new(MYSQL) }
        };
        let mut count = 0;
        let mut found = |known: &Known, facts: &ScriptFacts, context: &Context| {
            let facts = known.get(context, || {
                count += 1;
                Ok::<_, ()>(facts.clone())
            });
            facts.expect("it cannot fail");
            count
        };
        let (plain, named) = (Known::default(), Known::default());
        let facts = ScriptFacts { longest: 100, ..ScriptFacts::default() };
        assert_eq!(found(&plain, &facts, &context("one", None)), 1);
        assert_eq!(found(&plain, &facts, &context("two", Some(102))), 1, "neither name nor limit matters");
        assert_eq!(found(&plain, &facts, &context("two", Some(101))), 2, "a statement is too long");
        assert_eq!(found(&plain, &facts, &Context { journal: "other".into(), ..context("one", None) }), 3);
        assert_eq!(found(&plain, &facts, &Context { database: None, ..context("one", None) }), 4, "none can leave it");
        let facts = ScriptFacts { names: Names { database: true, ..Names::default() }, ..facts };
        assert_eq!(found(&named, &facts, &context("one", None)), 5);
        assert_eq!(found(&named, &facts, &context("one", Some(1000))), 5);
        assert_eq!(found(&named, &facts, &context("two", None)), 6, "it may name one of them");
    }

    #[test]
    fn facts_depend_on_the_variables_that_the_script_uses_and_on_the_schema_of_a_journal_that_it_names() {
        let context = |tenant: &str, secret: bool| {
            let mut variables = Variables::default();
            variables.declare("tenant", tenant).expect("it is a name");
            if secret { variables.declare_secret("size", "1") } else { variables.declare("size", "1") }
                .expect("a name");
            Context { variables, journal_schema: Some(tenant.into()), ..Context::new(POSTGRES) }
        };
        let holds = |facts: &ScriptFacts, one: &Context, other: &Context| facts.hold(one, other);
        let (acme, bolt) = (context("acme", false), context("bolt", false));
        let using = |name: &str| ScriptFacts { variables: [name.to_owned()].into(), ..ScriptFacts::default() };
        assert!(holds(&ScriptFacts::default(), &acme, &bolt), "it uses none");
        assert!(holds(&using("size"), &acme, &bolt), "it has the same value in both");
        assert!(!holds(&using("size"), &acme, &context("acme", true)), "one of them is secret");
        assert!(!holds(&using("tenant"), &acme, &bolt));
        assert!(!holds(&ScriptFacts::default(), &acme, &Context { variables: Variables::off(), ..acme.clone() }));
        let facts = ScriptFacts { names: Names { journal: true, ..Names::default() }, ..ScriptFacts::default() };
        assert!(!holds(&facts, &acme, &bolt) && holds(&facts, &acme, &acme));
    }
}
