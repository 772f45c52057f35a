//! Databases for tests, each with a session that holds the application lock of its name. A copy of a database would take
//! a backup.

use async_trait::async_trait;

use super::address::Address;
use super::maintenance::Maintenance;
use super::replacement::fresh;
use crate::engine::{Connection as _, NoLock, Settings, Target, TestHost, is_test_name, test_name};
use crate::error::{Error, ServerError};
use crate::template::Template;

struct Host {
    maintenance: Maintenance,
    server: Address,
    settings: Settings,
    /// The database, once it exists.
    name: Option<String>,
}

pub(super) async fn test_host(server: &Address, settings: &Settings) -> Result<Box<dyn TestHost>, Error> {
    let maintenance = Maintenance::open(server, settings).await?;
    Ok(Box::new(Host { maintenance, server: server.clone(), settings: settings.clone(), name: None }))
}

#[async_trait]
impl TestHost for Host {
    async fn sweep(&mut self) -> Result<(), ServerError> {
        for name in self.maintenance.names().await?.into_iter().filter(|name| is_test_name(name)) {
            if self.maintenance.mssql.is_free(&name).await? {
                // another test may be dropping it
                let _ = self.maintenance.drop(&name).await;
            }
        }
        Ok(())
    }

    async fn create(&mut self, _template: Option<&Template>) -> Result<Option<Target>, ServerError> {
        let (_, name) = test_name();
        match self.maintenance.mssql.take_lock(&name).await {
            // no other test has a database of this name
            Ok(()) | Err(NoLock::Held(_)) => {}
            Err(NoLock::Failed(error)) => return Err(error),
        }
        self.maintenance.create(&name, &fresh(&self.settings)).await?;
        let target = self.server.with_database(&name).target();
        self.name = Some(name);
        Ok(Some(target))
    }

    async fn drop_database(mut self: Box<Self>) -> Result<(), ServerError> {
        let Some(name) = self.name.take() else { return Ok(()) };
        let dropped = self.maintenance.drop(&name).await;
        Box::new(self.maintenance.mssql).close().await;
        dropped
    }
}
