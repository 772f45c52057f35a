//! The tests that run on several engines, and what differs between these.
//!
//! Such a test is a function of a `Server`, of which `on_servers!` makes one test for each server, such as
//! `servers::upgrade::postgres::a_missing_database_is_created_on_demand`. `on_engines!` does the same with a function of an
//! `Engine`, also for SQLite. What an engine says in its own words is a placeholder in the snapshots.

#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
pub(crate) mod sqlite;

use crate::project::Project;
use crate::support::{Database, Product};

/// What differs from engine to engine.
pub(crate) struct Engine {
    /// The server. Without one, the database is a file.
    pub(crate) product: Option<&'static Product>,
    /// Its folder in `migrations-example/`.
    pub(crate) example: &'static str,
    /// Patterns of what the engine says in its own words, and the placeholders for that.
    pub(crate) words: &'static [(&'static str, &'static str)],
    /// What is hidden even where the engine's own words are compared.
    pub(crate) hidden: &'static [(&'static str, &'static str)],
    /// The second line of a script that creates something and runs outside a transaction.
    pub(crate) outside: &'static str,
    /// Scripts that are hard to split, and what a dump has of what they create.
    pub(crate) awkward: &'static [&'static str],
    pub(crate) awkward_object: &'static str,
    /// Returns everything in the database but the journal.
    pub(crate) dump: fn(&Stage) -> String,
}

/// What else differs from server to server.
pub(crate) struct Server {
    pub(crate) engine: Engine,
    /// The scheme of its URLs.
    pub(crate) scheme: &'static str,
    /// The parameter of the URL that says when to encrypt.
    pub(crate) ssl_mode: &'static str,
    /// The parameter of the URL that names a socket, or its folder.
    pub(crate) socket: &'static str,
    /// Statements such as `CREATE TABLE` commit.
    pub(crate) commits_definitions: bool,
    /// A statement on two lines that takes ten minutes and fails when it is cancelled.
    pub(crate) endless: &'static str,
    /// Keeps other sessions from writing to the table customers until the end of the transaction.
    pub(crate) hold: &'static str,
    /// A script that creates objects of the server's own kinds.
    pub(crate) rich: &'static str,
    /// Rights of a user who may do everything in the database.
    pub(crate) all_rights: &'static str,
    /// Rights of a user who may not create tables, after the statement `revoke` in the database.
    pub(crate) few_rights: &'static str,
    pub(crate) revoke: &'static str,
    /// Lets {user} see databases that do not exist yet.
    pub(crate) may_look: &'static str,
}

impl Engine {
    /// Creates an empty database and a folder with these scripts.
    pub(crate) fn stage(&'static self, texts: &[&str]) -> Stage {
        self.stage_of(self.product.map(Database::new), texts)
    }

    fn stage_of(&'static self, database: Option<Database>, texts: &[&str]) -> Stage {
        let project = match &database {
            Some(database) => self.project(database, texts),
            None => Project::sqlite(texts),
        };
        Stage { database, project: project.neutral(self.words) }
    }

    /// A folder with scripts for this database, which `DBMIGRATE_URL` names. It shows the engine's own words.
    pub(crate) fn project(&self, database: &Database, texts: &[&str]) -> Project {
        self.shown(database, Project::scripts(texts).env("DBMIGRATE_URL", database.url().as_str()))
    }

    /// Shows the database as `shop`.
    pub(crate) fn shown(&self, database: &Database, project: Project) -> Project {
        let password = database.password();
        assert!(password.len() > 3, "the test server's password can be told from other words");
        let project = project.hide(&database.name, "shop").hide(&password, "[LEAKED]");
        self.hidden.iter().fold(project, |project, (text, name)| project.hide(text, name))
    }
}

impl Server {
    /// Creates an empty database and a folder with these scripts.
    pub(crate) fn stage(&'static self, texts: &[&str]) -> Stage {
        self.engine.stage(texts)
    }

    /// Reserves the name of a database that does not exist.
    pub(crate) fn missing(&'static self, texts: &[&str]) -> Stage {
        self.engine.stage_of(self.engine.product.map(Database::missing), texts)
    }

    /// Returns the guarantee for scripts that create something, if this is what it says where that commits.
    pub(crate) fn promised(&self, where_it_commits: &str) -> String {
        if self.commits_definitions {
            format!("resumable, not atomic: {where_it_commits}")
        } else {
            "atomic (one transaction)".into()
        }
    }
}

/// A project with a database on one engine.
pub(crate) struct Stage {
    pub(crate) database: Option<Database>,
    pub(crate) project: Project,
}

impl Stage {
    /// The database on a server.
    pub(crate) fn database(&self) -> &Database {
        self.database.as_ref().expect("it is on a server")
    }

    /// Returns what the engine's own client answers: a line for each row, `|` between the cells.
    pub(crate) fn ask(&self, sql: &str) -> String {
        match &self.database {
            Some(database) => database.ask(sql),
            None => self.project.sqlite3(sql).trim_end().to_owned(),
        }
    }

    /// Shows this text as that placeholder.
    pub(crate) fn hide(mut self, text: &str, name: &str) -> Self {
        self.project = self.project.hide(text, name);
        self
    }
}

/// One test for each of these functions of a `Server` and each server.
macro_rules! on_servers {
    ($($test:ident),+ $(,)?) => {
        #[cfg(feature = "postgres")]
        mod postgres {
            $crate::engine::tests! { $crate::engine::postgres::POSTGRES; $($test),+ }
        }
        #[cfg(feature = "mysql")]
        mod mysql {
            $crate::engine::tests! { $crate::engine::mysql::MYSQL; $($test),+ }
        }
    };
}
pub(crate) use on_servers;

/// One test for each of these functions of an `Engine` and each engine.
macro_rules! on_engines {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $crate::engine::tests! { $crate::engine::sqlite::SQLITE; $($test),+ }
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $crate::engine::tests! { $crate::engine::postgres::POSTGRES.engine; $($test),+ }
        }
        #[cfg(feature = "mysql")]
        mod mysql {
            $crate::engine::tests! { $crate::engine::mysql::MYSQL.engine; $($test),+ }
        }
    };
}
pub(crate) use on_engines;

/// One test for each of these functions.
macro_rules! tests {
    ($engine:expr; $($test:ident),+) => {
        $(
            #[test]
            fn $test() {
                super::$test(&$engine);
            }
        )+
    };
}
pub(crate) use tests;
