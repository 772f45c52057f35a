//! A database of its own on the MySQL or MariaDB test server.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;

use crate::project::{Project, client, encoded};

/// An empty database, dropped at the end.
pub(crate) struct Database {
    admin: url::Url,
    pub(crate) name: String,
}

impl Database {
    pub(crate) fn new() -> Self {
        let database = Self::missing();
        admin(&format!("CREATE DATABASE {} CHARACTER SET utf8mb4", database.name));
        database
    }

    /// A database that does not exist: only its name is reserved.
    pub(crate) fn missing() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let admin = std::env::var("DBMIGRATE_TEST_MYSQL_URL").expect(
            "DBMIGRATE_TEST_MYSQL_URL must name a user with all privileges on a MySQL or MariaDB test server, \
             such as mysql://root:password@127.0.0.1:3306/mysql; scripts/test.sh starts one",
        );
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dbmigrate_cli_{:08}_{count:02}", std::process::id());
        Self { admin: admin.parse().expect("a URL"), name }
    }

    pub(crate) fn url(&self) -> String {
        let mut url = self.admin.clone();
        url.set_path(&self.name);
        url.into()
    }

    /// Returns the URL for another user, percent-encoded.
    pub(crate) fn url_of(&self, user: &str, password: &str) -> String {
        format!("mysql://{}:{}@{}/{}", encoded(user), encoded(password), self.server(), self.name)
    }

    /// Returns `host:port`.
    pub(crate) fn server(&self) -> String {
        let port = self.admin.port().unwrap_or(3306);
        format!("{}:{port}", self.admin.host_str().expect("a host"))
    }

    /// A folder with scripts for this database, which `DBMIGRATE_URL` names.
    pub(crate) fn project(&self, texts: &[&str]) -> Project {
        self.shown(Project::scripts(texts).env("DBMIGRATE_URL", &self.url()))
    }

    /// Shows the database as `shop`, and the server as `MySQL`, even if it is MariaDB.
    pub(crate) fn shown(&self, project: Project) -> Project {
        let password = percent_decode_str(self.admin.password().unwrap_or("no password is set")).decode_utf8_lossy();
        assert!(password.len() > 3, "the test server's password can be told from other words");
        let project = project
            .hide(&self.name, "shop")
            .hide(&password, "[LEAKED]")
            .hide("MySQL or MariaDB", "MySQL")
            .hide("MariaDB", "MySQL");
        // MySQL also names the table of the key
        project.hide("for key 'customers.", "for key '")
    }

    /// Returns its tables, without the journal.
    pub(crate) fn tables(&self) -> String {
        self.ask(
            "SELECT table_name FROM information_schema.tables \
             WHERE table_schema = DATABASE() AND table_name <> 'dbmigrate_journal' ORDER BY 1",
        )
    }

    /// Returns how far the scripts came, according to the journal.
    pub(crate) fn journal(&self) -> String {
        self.ask("SELECT number, state, statements_done FROM dbmigrate_journal ORDER BY number")
    }

    /// Returns what the server's own client answers: a line for each row, with tabs between the cells.
    pub(crate) fn ask(&self, sql: &str) -> String {
        ask(self.client(), sql)
    }

    /// The server's own client in this database, ready to read SQL.
    fn client(&self) -> (String, Vec<String>) {
        let (program, mut arguments) = administration();
        arguments.push(format!("--database={}", self.name));
        (program, arguments)
    }

    /// Starts a session that runs this SQL and stays open until it is dropped, and waits until it has begun.
    pub(crate) fn holder(&self, sql: &str) -> Holder {
        let (program, arguments) = self.client();
        let sql = format!("{sql}; SELECT SLEEP(600)");
        let mut command = Command::new(program);
        command.args(arguments).arg(format!("--execute={sql}"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("the client starts");
        let mut holder = Holder { child, connection: String::new() };
        holder.connection = self.wait_for("SELECT SLEEP(600)");
        holder
    }

    /// Waits until a session of this database runs a statement that begins like this, and returns the session's number.
    pub(crate) fn wait_for(&self, statement: &str) -> String {
        let like =
            format!("SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '{statement}%'");
        let started = Instant::now();
        loop {
            let found = self.ask(&like);
            if !found.is_empty() {
                return found;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "nobody runs {statement}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Returns a dump of everything but the journal.
    pub(crate) fn dump(&self) -> String {
        let program = std::env::var("DBMIGRATE_TEST_MYSQL_DUMP").unwrap_or_else(|_| "mariadb-dump".into());
        let (_, arguments) = administration();
        let ignore = format!("--ignore-table={}.dbmigrate_journal", self.name);
        let options = ["--single-transaction", "--no-tablespaces", "--skip-comments", "--routines", "--events"];
        let arguments = [&[arguments[0].as_str()], &options[..], &[&ignore, &self.name]].concat();
        client(&program, &arguments, "")
    }
}

fn ask((program, arguments): (String, Vec<String>), sql: &str) -> String {
    client(&program, &arguments.iter().map(String::as_str).collect::<Vec<_>>(), sql)
}

/// Runs SQL outside the tests' databases.
pub(crate) fn admin(sql: &str) {
    ask(administration(), sql);
}

/// Returns the server's own client, as a user with all privileges. Without `--comments`, some clients drop comments.
fn administration() -> (String, Vec<String>) {
    let program = std::env::var("DBMIGRATE_TEST_MYSQL_CLIENT").unwrap_or_else(|_| "mariadb".into());
    let defaults = std::env::var("DBMIGRATE_TEST_MYSQL_DEFAULTS_FILE").expect(
        "DBMIGRATE_TEST_MYSQL_DEFAULTS_FILE must name an option file with which the server's own client connects; \
         scripts/test.sh writes one",
    );
    let options = ["--batch", "--skip-column-names", "--comments", "--database=mysql"];
    let options = options.iter().map(ToString::to_string);
    (program, [format!("--defaults-file={defaults}")].into_iter().chain(options).collect())
}

impl Drop for Database {
    fn drop(&mut self) {
        admin(&format!("DROP DATABASE IF EXISTS {}", self.name));
    }
}

/// Another user's session, which ends when this value is dropped.
pub(crate) struct Holder {
    child: Child,
    connection: String,
}

impl Drop for Holder {
    fn drop(&mut self) {
        admin(&format!("KILL {}", self.connection));
        // the client may still wait for input
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A user with this password and these rights on the database, dropped at the end.
pub(crate) struct User {
    pub(crate) name: String,
}

impl User {
    pub(crate) fn new(database: &Database, password: &str, rights: &str) -> Self {
        let name = format!("{}_user", database.name);
        // in the name of a grant, an underscore stands for any character
        let pattern = database.name.replace('_', "\\_");
        admin(&format!("CREATE USER '{name}' IDENTIFIED BY '{password}'; GRANT {rights} ON `{pattern}`.* TO '{name}'"));
        Self { name }
    }
}

impl Drop for User {
    fn drop(&mut self) {
        admin(&format!("DROP USER '{}'", self.name));
    }
}
