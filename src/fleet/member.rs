//! One database of a fleet.

use std::fmt;

use crate::engine::Target;
use crate::sql::Variables;

/// One database of a fleet.
#[derive(Clone)]
pub struct Member {
    /// Its name in messages, by which it is selected.
    pub name: String,
    /// The database.
    pub target: Target,
    /// Values for `$(name)` in scripts, in addition to those for all databases.
    variables: Vec<(String, String)>,
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
        Self { name: name.into(), target, variables: Vec::new() }
    }

    /// Adds a value for `$(name)` in scripts. A name that no variable can have is left out.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Declares its variables, which override those for all databases.
    pub(super) fn declare(&self, variables: &mut Variables) {
        for (name, value) in &self.variables {
            // a column of a query may have any name
            let _ = variables.declare(name, value);
        }
    }
}
