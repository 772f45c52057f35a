//! A throwaway engine for tests: it keeps names in memory. It shows what a further engine consists of.

mod connection;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

use async_trait::async_trait;

use self::connection::Memory;
use super::{Connection, Engine, OtherForms, Replacement, Settings};
use crate::error::Error;
use crate::sql::SQLITE;

pub(super) static ENGINE: Engine = Engine {
    name: "Toy",
    schemes: &["toy"],
    forms: &["toy:NAME"],
    dialect: SQLITE,
    takes_charset: false,
    takes_collation: false,
    keeps_templates: false,
    default_url: None,
    parse: |text| Ok(Arc::new(Address(text.split_once(':').map(|(_, name)| name.into()).unwrap_or_default()))),
    reads: |_| false,
    other_forms: OtherForms {
        jdbc: &[],
        from_jdbc: |_| None,
        odbc: &[],
        names: |_| None,
        url: |_| None,
        find: |_| None,
    },
};

/// What a database contains.
#[derive(Debug, Clone, Default)]
pub(super) struct Contents {
    names: BTreeSet<String>,
    /// The journal's rows by the number of their script, if the journal exists.
    journal: Option<BTreeMap<u64, HashMap<String, Option<String>>>>,
}

/// Returns the databases by name.
fn databases() -> MutexGuard<'static, HashMap<String, Contents>> {
    static DATABASES: LazyLock<Mutex<HashMap<String, Contents>>> = LazyLock::new(Mutex::default);
    DATABASES.lock().expect("no test panics while it holds them")
}

struct Address(String);

#[async_trait]
impl super::Address for Address {
    fn database(&self) -> String {
        self.0.clone()
    }

    fn identity(&self) -> String {
        self.0.clone()
    }

    fn is_local(&self) -> bool {
        true
    }

    async fn connect(&self, settings: &Settings) -> Result<Box<dyn Connection>, Error> {
        Ok(Box::new(Memory::new(&self.0, settings)))
    }

    async fn replacement(&self, _settings: &Settings) -> Result<Box<dyn Replacement>, Error> {
        databases().remove(&self.0);
        Ok(Box::new(connection::InPlace(self.0.clone())))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "toy:{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::databases;
    use crate::migrator::Migrator;
    use crate::script::Scripts;

    fn names(database: &str) -> Vec<String> {
        databases()[database].names.iter().cloned().collect()
    }

    #[tokio::test]
    async fn a_further_engine_upgrades_rolls_back_and_rebuilds() {
        let files = [("Script-0001.sql", "ADD one; ADD two;"), ("Script-0002.sql", "REMOVE one; ADD three;")];
        let migrator = |files: &[(&'static str, &'static str)]| {
            let scripts = Scripts::from_files(files.iter().map(|(name, text)| (*name, text.as_bytes())));
            Migrator::new("toy:shop".parse().expect("a URL of the engine"), scripts)
        };
        let report = migrator(&files[..1]).upgrade().await.expect("it is applied");
        assert_eq!((report.product.as_str(), names("shop")), ("Toy 1.0", vec!["one".to_owned(), "two".to_owned()]));

        let failing = [files[0], ("Script-0002.sql", "ADD three; ADD two;")];
        let error = migrator(&failing).upgrade().await.expect_err("there is a two");
        assert!(error.to_string().contains("Script-0002.sql"), "{error}");
        assert_eq!(names("shop"), ["one", "two"], "the transaction is rolled back");

        migrator(&files).upgrade().await.expect("it is applied");
        assert_eq!(names("shop"), ["three", "two"]);
        let status = migrator(&files).status().await.expect("it can be read");
        assert_eq!((status.pending, status.problems.len()), (0, 0));

        let changed = [("Script-0001.sql", "ADD four;")];
        migrator(&changed).upgrade().await.expect_err("an applied script changed");

        migrator(&changed).rebuild().await.expect("it is rebuilt");
        assert_eq!(names("shop"), ["four"]);
    }
}
