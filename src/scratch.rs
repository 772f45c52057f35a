//! Scratch databases: built from scripts, looked at, and dropped.

use std::time::Instant;

use crate::engine::{Access, Connection, Replacement, Target};
use crate::error::Error;
use crate::event::Watcher;
use crate::migrator::{Migrator, Options};
use crate::plan::UpgradeOptions;
use crate::rebuild::kept;
use crate::script::Scripts;
use crate::sql::Context;

/// A scratch database.
pub(crate) struct Scratch {
    migrator: Migrator,
    replacement: Box<dyn Replacement>,
}

impl Migrator {
    /// Builds a scratch database beside a target's own.
    pub(crate) async fn scratch(
        &self,
        target: &Target,
        scripts: Scripts,
        options: &UpgradeOptions,
        context: &Context,
    ) -> Result<Scratch, Error> {
        let own = Options { store_text: false, schema_snapshot: false, ..self.options.clone() };
        let migrator = Self {
            target: target.scratch(),
            scripts,
            options: own,
            watcher: Watcher::default(),
            tenants: self.tenants.clone(),
            cancel: self.cancel.clone(),
        };
        let plan = migrator.fresh_plan(options, context).await?;
        let mut replacement = migrator.replacement().await?;
        let built = migrator.build(&mut *replacement, plan, Instant::now()).await;
        let scratch = Scratch { migrator, replacement };
        match built {
            Ok(_) => Ok(scratch),
            Err(error) => {
                scratch.discard().await;
                Err(kept(error))
            }
        }
    }
}

impl Scratch {
    /// Returns the database.
    pub(crate) fn target(&self) -> Target {
        self.replacement.target()
    }

    /// Connects to the database. The future does not borrow the scratch database, so that it can move between threads.
    pub(crate) fn connect(
        &self,
        access: Access,
    ) -> impl Future<Output = Result<Box<dyn Connection>, Error>> + Send + use<> {
        let (migrator, target) = (self.migrator.clone(), self.target());
        async move { migrator.connect_to(&target, access).await }
    }

    /// Drops the database.
    pub(crate) async fn discard(self) {
        if let Some(sql) = self.replacement.drop_sql()
            && let Ok(mut connection) = self.connect(Access::Write).await
        {
            let _ = connection.query(&sql).await;
            connection.close().await;
        }
        self.replacement.discard().await;
    }
}
