//! Where tests get databases of their own.

use async_trait::async_trait;

use super::Target;
use crate::error::ServerError;
use crate::template::Template;

/// The database in whose name templates for tests are built. It never exists.
pub(crate) const BUILT: &str = "dbmigrate_test";

/// The beginning of the names of databases for tests.
const TEST: &str = "dbmigrate_test_";

/// Returns a new number for a database, and the name that ends with it in 8 hexadecimal digits.
pub(crate) fn test_name() -> (u32, String) {
    let number = uuid::Uuid::new_v4().as_fields().0;
    (number, format!("{TEST}{number:08x}"))
}

/// Whether a database, or a folder, has such a name.
pub(crate) fn is_test_name(name: &str) -> bool {
    let digits = name.strip_prefix(TEST).unwrap_or_default();
    digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
}

/// A session on a server, or a folder, for one test. While it lasts, no other test's session drops its database.
#[async_trait]
pub(crate) trait TestHost: Send {
    /// Drops the databases of tests that have ended without dropping theirs. What cannot be dropped stays.
    async fn sweep(&mut self) -> Result<(), ServerError>;

    /// What a new database is, apart from what scripts put into it; `None` if templates cannot be copied.
    async fn ground(&mut self) -> Result<Option<String>, ServerError> {
        Ok(None)
    }

    /// Returns the template of this name.
    async fn template(&mut self, _name: &str) -> Result<Option<Template>, ServerError> {
        Ok(None)
    }

    /// Writes what has changed about a template.
    async fn note(&mut self, _template: &Template) -> Result<(), ServerError> {
        Ok(())
    }

    /// Creates the database: a copy of a template, or empty. Returns `None` if the template is gone.
    async fn create(&mut self, template: Option<&Template>) -> Result<Option<Target>, ServerError>;

    /// Drops the database, with the sessions that are connected to it.
    async fn drop_database(self: Box<Self>) -> Result<(), ServerError>;
}
