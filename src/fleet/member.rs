//! One database of a fleet.

use std::fmt;

use crate::engine::Target;
use crate::migrator::{Migrator, Options};
use crate::script::Scripts;
use crate::sql::Tenants;

/// One database of a fleet, or one schema of a database ([`Target::with_schema`]).
#[derive(Clone)]
pub struct Member {
    /// Its name in messages, by which it is selected.
    pub name: String,
    /// The database.
    pub target: Target,
    /// Values for `$(name)` in scripts, in addition to those for all databases.
    variables: Vec<(String, String)>,
    /// The schemas that each belong to one tenant, if it is one of them.
    tenants: Tenants,
}

/// Shows no values: they can be secrets.
impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("name", &self.name).field("target", &self.target).finish_non_exhaustive()
    }
}

impl Member {
    /// Returns a database with a name.
    pub fn new(name: impl Into<String>, target: Target) -> Self {
        Self { name: name.into(), target, variables: Vec::new(), tenants: Tenants::default() }
    }

    /// Adds a value for `$(name)` in scripts. A name that no variable can have is left out.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Returns what runs on it. Its variables override those for all databases.
    pub(super) fn migrator(&self, scripts: Scripts, mut options: Options) -> Migrator {
        for (name, value) in &self.variables {
            // a column of a query may have any name
            let _ = options.variables.declare(name, value);
        }
        let migrator = Migrator::new(self.target.clone(), scripts).options(options);
        Migrator { tenants: self.tenants.clone(), ..migrator }
    }

    /// Tells the schemas of databases which others there are.
    pub(super) fn know_each_other(members: &mut [Self]) {
        let schemas = members.iter().filter_map(|member| member.target.schema()).map(ToOwned::to_owned);
        let tenants = schemas.collect::<Tenants>();
        for member in members.iter_mut().filter(|member| member.target.schema().is_some()) {
            member.tenants = tenants.clone();
        }
    }
}
