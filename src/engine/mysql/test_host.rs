//! Databases for tests, each with a session that holds the lock of its name. The server cannot copy a database.

use async_trait::async_trait;

use super::address::Address;
use super::replacement::{connect, create_sql};
use super::{Mysql, literal, quote};
use crate::engine::supervisor::Call;
use crate::engine::{Connection as _, Settings, Target, TestHost, test_name};
use crate::error::{Error, ServerError};
use crate::template::Template;

struct Host {
    mysql: Mysql,
    address: Address,
    settings: Settings,
    /// The database, once it exists.
    name: Option<String>,
}

pub(super) async fn test_host(address: &Address, settings: &Settings) -> Result<Box<dyn TestHost>, Error> {
    let mysql = connect(address, settings).await?;
    Ok(Box::new(Host { mysql, address: address.clone(), settings: settings.clone(), name: None }))
}

fn drop_sql(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {}", quote(name))
}

#[async_trait]
impl TestHost for Host {
    async fn sweep(&mut self) -> Result<(), ServerError> {
        let left = self.mysql.call(Call::Own, include_str!("left_tests.sql")).await?;
        for name in left.into_iter().flatten().flatten() {
            // another test may be dropping it
            let _ = self.mysql.execute_sql(&drop_sql(&name)).await;
        }
        Ok(())
    }

    async fn create(&mut self, _template: Option<&Template>) -> Result<Option<Target>, ServerError> {
        let (_, name) = test_name();
        self.mysql.call(Call::Own, &format!("SELECT GET_LOCK({}, 10)", literal(&name))).await?;
        self.mysql.execute_sql(&create_sql(&name, &self.settings)).await?;
        let target = self.address.with_database(&name).target();
        self.name = Some(name);
        Ok(Some(target))
    }

    async fn drop_database(mut self: Box<Self>) -> Result<(), ServerError> {
        let Some(name) = self.name.take() else { return Ok(()) };
        let dropped = self.mysql.execute_sql(&drop_sql(&name)).await;
        Box::new(self.mysql).close().await;
        dropped
    }
}
