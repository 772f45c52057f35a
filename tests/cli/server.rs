//! A database of its own on the PostgreSQL test server.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::project::{Project, client, encoded};

/// An empty database, dropped at the end.
pub(crate) struct Database {
    admin: url::Url,
    pub(crate) name: String,
}

impl Database {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let admin = std::env::var("DBMIGRATE_TEST_POSTGRES_URL").expect(
            "DBMIGRATE_TEST_POSTGRES_URL must name a superuser on a test server, \
             such as postgres://postgres:password@127.0.0.1:5432/postgres",
        );
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dbmigrate_cli_{}_{count}", std::process::id());
        let database = Self { admin: admin.parse().expect("a URL"), name };
        database.admin(&format!("CREATE DATABASE {}", database.name));
        database
    }

    pub(crate) fn url(&self) -> String {
        let mut url = self.admin.clone();
        url.set_path(&self.name);
        url.into()
    }

    /// Returns the URL for another user, percent-encoded.
    pub(crate) fn url_of(&self, user: &str, password: &str) -> String {
        let (user, password) = (encoded(user), encoded(password));
        format!("postgres://{user}:{password}@{}/{}", self.server(), self.name)
    }

    /// Returns `host:port`.
    pub(crate) fn server(&self) -> String {
        let port = self.admin.port().unwrap_or(5432);
        format!("{}:{port}", self.admin.host_str().expect("a host"))
    }

    /// A folder with scripts for this database, which `DBMIGRATE_URL` names and which is shown as `shop`.
    pub(crate) fn project(&self, texts: &[&str]) -> Project {
        let password = self.admin.password().unwrap_or("no password is set");
        assert!(password.len() > 3, "the test server's password can be told from other words");
        Project::scripts(texts).env("DBMIGRATE_URL", &self.url()).hide(&self.name, "shop").hide(password, "[LEAKED]")
    }

    /// Returns the tables of the schema `public`.
    pub(crate) fn tables(&self) -> String {
        self.psql("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    }

    pub(crate) fn psql(&self, sql: &str) -> String {
        client("psql", &["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.url()], sql)
    }

    pub(crate) fn admin(&self, sql: &str) {
        client("psql", &["-X", "-q", "-d", self.admin.as_str()], sql);
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.admin(&format!("SET client_min_messages = warning; DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}
