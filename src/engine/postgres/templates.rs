//! Templates: databases to which nothing connects. `CREATE DATABASE` copies them.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::PRODUCT;
use super::maintenance::{DRAFT, DUPLICATE_DATABASE, Maintenance, beside, drop_sql};
use super::replacement::Swap;
use super::server::escaped;
use crate::engine::{literal, quote};
use crate::error::{ErrorKind, ServerError};
use crate::template::{Card, Draft, PREFIX, Template, TemplateStore};

/// The size from which the server copies files instead of logging pages, in bytes. Measured on version 15: both take
/// as long for a database of 100 MB; for 400 MB, copying files takes half the time, for 1,500 MB a quarter. For small
/// databases the checkpoints that copying files needs cost more.
const COPY_FILES: u64 = 128 * 1024 * 1024;

/// The first version that lets one choose: before, files are always copied.
const STRATEGIES: u32 = 15;

/// SQLSTATE: there is no such database.
const NO_DATABASE: &str = "3D000";

impl Maintenance {
    /// Returns what a database that replaces the one of this name is, apart from what scripts put into it, and its owner.
    pub(super) async fn ground(&mut self, name: &str) -> Result<(String, String), ServerError> {
        let sql = include_str!("ground.sql").replace("{name}", &literal(name));
        let said = self.rows(&sql).await?.pop().unwrap_or_default();
        let Ok([Some(ground), Some(owner)]) = <[Option<String>; 2]>::try_from(said) else {
            return Err(ServerError::new(PRODUCT, "the server does not describe template1", ErrorKind::Plain));
        };
        Ok((format!("{PRODUCT} {ground}"), owner))
    }

    /// Returns the templates that the user may copy and for which a condition holds.
    pub(super) async fn templates(&mut self, condition: &str) -> Result<Vec<Template>, ServerError> {
        let sql = format!(
            "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database \
             WHERE {condition} AND NOT datallowconn AND pg_has_role(datdba, 'MEMBER')"
        );
        let template = |cells| match <[Option<String>; 2]>::try_from(cells) {
            Ok([Some(name), Some(comment)]) => Card::read(&comment).map(|card| Template { name, card }),
            _ => None,
        };
        Ok(self.rows(&sql).await?.into_iter().filter_map(template).collect())
    }

    /// Creates a database as a copy of a template; `false` if the template is gone.
    pub(super) async fn create_from(
        &mut self,
        template: &Template,
        new: &str,
        owner: &str,
    ) -> Result<bool, ServerError> {
        let Template { name, card } = template;
        match self.copy(name, new, owner, card.bytes).await {
            Err(error) if error.code.as_deref() == Some(NO_DATABASE) => return Ok(false),
            answer => answer?,
        }
        let comment = card.comment.as_ref().map_or_else(|| "NULL::text".into(), |comment| escaped(comment));
        let inherited = self.inherit(name, new, &comment).await?;
        if !inherited.is_empty() {
            self.execute(&inherited.join("; ")).await?;
        }
        Ok(true)
    }

    async fn copy(&mut self, from: &str, to: &str, owner: &str, bytes: u64) -> Result<(), ServerError> {
        let strategy = match self.version().await? {
            STRATEGIES.. if bytes >= COPY_FILES => " STRATEGY FILE_COPY",
            _ => "",
        };
        let (from, to, owner) = (quote(from), quote(to), quote(owner));
        self.execute(&format!("CREATE DATABASE {to} TEMPLATE {from} OWNER {owner}{strategy}")).await
    }

    async fn version(&mut self) -> Result<u32, ServerError> {
        let version = self.texts("SELECT current_setting('server_version_num')").await?;
        Ok(version.first().and_then(|version| version.parse::<u32>().ok()).unwrap_or_default() / 10_000)
    }

    pub(super) async fn note(&mut self, template: &Template) -> Result<(), ServerError> {
        self.execute(&comment_sql(&template.name, &template.card)).await
    }
}

fn comment_sql(name: &str, card: &Card) -> String {
    format!("COMMENT ON DATABASE {} IS {}", quote(name), escaped(&card.text()))
}

#[async_trait]
impl TemplateStore for Swap {
    async fn ground(&mut self) -> Result<String, ServerError> {
        let (ground, owner) = self.maintenance.ground(&self.name).await?;
        self.owner = owner;
        Ok(ground)
    }

    async fn list(&mut self) -> Result<Vec<Template>, ServerError> {
        self.maintenance.templates(&format!("starts_with(datname, '{PREFIX}')")).await
    }

    async fn copy(&mut self, template: &Template) -> Result<bool, ServerError> {
        let copied = self.maintenance.create_from(template, &self.new, &self.owner).await;
        if copied.is_err() {
            // the copy may be without its settings
            let _ = self.maintenance.execute(&drop_sql(&self.new)).await;
        }
        self.oid = self.maintenance.oid(&self.new).await?;
        copied
    }

    async fn size(&mut self) -> Result<u64, ServerError> {
        let size = self.maintenance.texts(&format!("SELECT pg_database_size({})::text", literal(&self.new))).await?;
        Ok(size.first().and_then(|size| size.parse().ok()).unwrap_or_default())
    }

    async fn draft(&mut self) -> Result<Draft, ServerError> {
        let draft = beside(&self.name, DRAFT);
        let bytes = self.size().await?;
        self.maintenance.end_sessions(&[&self.new]).await?;
        self.maintenance.copy(&self.new, &draft, &self.owner, bytes).await?;
        self.draft = Some(draft.clone());
        let comment = format!(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {}",
            literal(&self.new)
        );
        let comment = self.maintenance.texts(&comment).await?.pop();
        let inherited = self.maintenance.inherit(&self.new, &draft, "NULL::text").await?;
        if !inherited.is_empty() {
            self.maintenance.execute(&inherited.join("; ")).await?;
        }
        Ok(Draft { target: self.address.with_database(&draft).target(), comment })
    }

    async fn publish(&mut self, name: &str, card: &Card) -> Result<(), ServerError> {
        let Some(draft) = self.draft.clone() else { return Ok(()) };
        let (quoted, new) = (quote(&draft), quote(name));
        let sql = format!(
            "{}; ALTER DATABASE {quoted} ALLOW_CONNECTIONS false; ALTER DATABASE {quoted} RENAME TO {new}",
            comment_sql(&draft, card)
        );
        match self.maintenance.execute_alone(&[&draft], &sql).await {
            Ok(()) => self.draft = None,
            // another rebuild was faster
            Err(error) if error.code.as_deref() == Some(DUPLICATE_DATABASE) => self.reject().await,
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn reject(&mut self) {
        let Some(draft) = self.draft.take() else { return };
        // what is left is dropped by the next rebuild
        let _ = self.maintenance.execute_alone(&[&draft], &drop_sql(&draft)).await;
    }

    async fn existing(&mut self, users: &BTreeSet<String>) -> Result<BTreeSet<String>, ServerError> {
        let databases = self.maintenance.texts("SELECT datname FROM pg_database").await?;
        Ok(databases.into_iter().filter(|name| users.contains(name)).collect())
    }

    async fn note(&mut self, template: &Template) -> Result<(), ServerError> {
        self.maintenance.note(template).await
    }

    async fn remove(&mut self, name: &str) -> Result<(), ServerError> {
        self.maintenance.execute(&drop_sql(name)).await
    }

    async fn sweep(&mut self) -> Result<(), ServerError> {
        // a rebuild drops them before it begins
        Ok(())
    }
}
