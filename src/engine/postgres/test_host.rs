//! Databases for tests, each with a session that holds an advisory lock for it.

use async_trait::async_trait;

use super::address::Address;
use super::maintenance::{DUPLICATE_DATABASE, Maintenance, drop_sql};
use crate::engine::{Settings, Target, TestHost, literal, quote, test_name};
use crate::error::{Error, ServerError};
use crate::template::Template;

/// The first key of the locks of databases for tests: the word `dbmt`. The second is the number in the name.
const LOCKS: i32 = 0x6462_6d74;

struct Host {
    maintenance: Maintenance,
    address: Address,
    owner: String,
    /// The database, once it exists.
    name: Option<String>,
}

pub(super) async fn test_host(address: &Address, settings: &Settings) -> Result<Box<dyn TestHost>, Error> {
    let maintenance = Maintenance::open(address, settings).await?;
    Ok(Box::new(Host { maintenance, address: address.clone(), owner: String::new(), name: None }))
}

#[async_trait]
impl TestHost for Host {
    async fn sweep(&mut self) -> Result<(), ServerError> {
        let left = include_str!("left_tests.sql").replace("{locks}", &LOCKS.to_string());
        for name in self.maintenance.texts(&left).await? {
            // another test may be dropping it
            let _ = self.maintenance.execute(&drop_sql(&name)).await;
        }
        Ok(())
    }

    async fn ground(&mut self) -> Result<Option<String>, ServerError> {
        let (ground, owner) = self.maintenance.ground(&self.address.database()).await?;
        self.owner = owner;
        Ok(Some(ground))
    }

    async fn template(&mut self, name: &str) -> Result<Option<Template>, ServerError> {
        Ok(self.maintenance.templates(&format!("datname = {}", literal(name))).await?.pop())
    }

    async fn note(&mut self, template: &Template) -> Result<(), ServerError> {
        self.maintenance.note(template).await
    }

    async fn create(&mut self, template: Option<&Template>) -> Result<Option<Target>, ServerError> {
        let mut tries = 3;
        loop {
            let (number, name) = test_name();
            self.maintenance
                .texts(&format!("SELECT pg_advisory_lock({LOCKS}, {})::text", number.cast_signed()))
                .await?;
            let created = match template {
                Some(template) => self.maintenance.create_from(template, &name, &self.owner).await,
                None => self.maintenance.execute(&format!("CREATE DATABASE {}", quote(&name))).await.map(|()| true),
            };
            match created {
                Err(error) if tries > 0 && error.code.as_deref() == Some(DUPLICATE_DATABASE) => tries -= 1,
                Ok(false) => return Ok(None),
                created => {
                    created?;
                    let target = self.address.with_database(&name).target();
                    self.name = Some(name);
                    return Ok(Some(target));
                }
            }
        }
    }

    async fn drop_database(mut self: Box<Self>) -> Result<(), ServerError> {
        let Some(name) = self.name.take() else { return Ok(()) };
        self.maintenance.execute_alone(&[&name], &drop_sql(&name)).await
    }
}
