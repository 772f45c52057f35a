//! Where an engine keeps templates.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{Card, Template};
use crate::engine::Target;
use crate::error::ServerError;

/// A copy of the new database, which becomes a template.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The copy, which can still be connected to.
    pub(crate) target: Target,
    /// The comment of the database.
    pub(crate) comment: Option<String>,
}

/// The templates that a replacement can be copied from and to.
#[async_trait]
pub(crate) trait TemplateStore: Send {
    /// Returns what the new database is, apart from what scripts put into it: a template of another kind cannot be copied.
    async fn ground(&mut self) -> Result<String, ServerError>;

    /// Returns the templates that the user may copy.
    async fn list(&mut self) -> Result<Vec<Template>, ServerError>;

    /// Makes the new database a copy of a template; `false` if the template is gone.
    async fn copy(&mut self, template: &Template) -> Result<bool, ServerError>;

    /// Returns how many bytes the new database has.
    async fn size(&mut self) -> Result<u64, ServerError>;

    /// Copies the new database, to which nothing may be connected.
    async fn draft(&mut self) -> Result<Draft, ServerError>;

    /// Makes the draft a template, unless there is one of this name.
    async fn publish(&mut self, name: &str, card: &Card) -> Result<(), ServerError>;

    /// Removes the draft.
    async fn reject(&mut self);

    /// Returns those of the databases that exist.
    async fn existing(&mut self, users: &BTreeSet<String>) -> Result<BTreeSet<String>, ServerError>;

    /// Writes what has changed about a template.
    async fn note(&mut self, template: &Template) -> Result<(), ServerError>;

    /// Removes a template, if it is still there.
    async fn remove(&mut self, name: &str) -> Result<(), ServerError>;

    /// Removes the drafts that killed rebuilds have left.
    async fn sweep(&mut self) -> Result<(), ServerError>;
}
