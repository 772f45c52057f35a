//! Databases on the test servers, and the programs that come with the servers. All test programs share this.
//!
//! `DBMIGRATE_TEST_POSTGRES_URL` and `DBMIGRATE_TEST_MYSQL_URL` name the servers; `scripts/test.sh` starts them. If a
//! server is missing, its tests fail.

#[cfg(feature = "mysql")]
pub(crate) mod mysql;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;

use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use url::Url;

/// What differs from server to server.
pub(crate) struct Product {
    /// Returns the URL of a user with all privileges on the test server.
    pub(crate) server: fn() -> Url,
    /// The port, where the URL names none.
    pub(crate) port: u16,
    /// Runs SQL in the server's own client. Returns the rows, with `|` between the cells, or what the client says.
    pub(crate) ask: fn(&Url, &str) -> Result<String, String>,
    /// Returns what the server's own dump program writes with these options.
    pub(crate) dump: fn(&Url, &[&str]) -> Vec<u8>,
    /// Creates the database {name}.
    pub(crate) create: &'static str,
    /// Creates the user {user} with {password}, who has these {rights} on the database {name}.
    pub(crate) create_user: fn(name: &str, user: &str, password: &str, rights: &str) -> String,
    /// Drops the databases and the users whose names begin like this.
    pub(crate) remove: fn(&Url, &str),
    /// Selects the names of all databases.
    pub(crate) databases: &'static str,
    /// Selects the other sessions of the current database that run {statement}.
    pub(crate) running: &'static str,
    /// Ends {session}.
    pub(crate) kill: &'static str,
    /// A statement that takes ten minutes.
    pub(crate) sleep: &'static str,
}

/// A database for one test, dropped at the end together with the users and the databases whose names begin with its name.
pub(crate) struct Database {
    pub(crate) product: &'static Product,
    server: Url,
    pub(crate) name: String,
}

impl Database {
    /// Creates an empty database on the test server.
    pub(crate) fn new(product: &'static Product) -> Self {
        let database = Self::missing(product);
        database.create();
        database
    }

    /// A database that does not exist: only its name is reserved.
    pub(crate) fn missing(product: &'static Product) -> Self {
        Self::on(product, (product.server)())
    }

    /// A database that does not exist, on another server than the test server.
    pub(crate) fn on(product: &'static Product, server: Url) -> Self {
        Self { product, server, name: unique() }
    }

    pub(crate) fn create(&self) {
        self.admin(&self.product.create.replace("{name}", &self.name));
    }

    pub(crate) fn url(&self) -> Url {
        let mut url = self.server.clone();
        url.set_path(&self.name);
        url
    }

    /// Returns the URL for another user, percent-encoded.
    pub(crate) fn url_of(&self, user: &str, password: &str) -> String {
        format!("{}://{}:{}@{}/{}", self.server.scheme(), encoded(user), encoded(password), self.host(), self.name)
    }

    /// Returns the password of the user with all privileges.
    pub(crate) fn password(&self) -> String {
        decoded(self.server.password().unwrap_or("no password is set"))
    }

    /// Returns `host:port`.
    pub(crate) fn host(&self) -> String {
        let port = self.server.port().unwrap_or(self.product.port);
        format!("{}:{port}", self.server.host_str().expect("a host"))
    }

    /// Creates a user with these rights on this database, and returns the name.
    pub(crate) fn user(&self, password: &str, rights: &str) -> String {
        let user = format!("{}_user", self.name);
        self.admin(&(self.product.create_user)(&self.name, &user, password, rights));
        user
    }

    /// Returns what the server's own client answers in this database: a line for each row, `|` between the cells.
    pub(crate) fn ask(&self, sql: &str) -> String {
        (self.product.ask)(&self.url(), sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Runs SQL outside the tests' databases.
    pub(crate) fn admin(&self, sql: &str) -> String {
        (self.product.ask)(&self.server, sql).unwrap_or_else(|error| panic!("the test server refuses {sql}: {error}"))
    }

    pub(crate) fn dump(&self, options: &[&str]) -> String {
        String::from_utf8((self.product.dump)(&self.url(), options)).expect("UTF-8")
    }

    /// Returns the names of the other databases whose names begin with this one's.
    pub(crate) fn left_beside(&self) -> Vec<String> {
        let own = format!("{}_", self.name);
        self.admin(self.product.databases)
            .lines()
            .filter(|name| name.starts_with(&own))
            .map(ToOwned::to_owned)
            .collect()
    }

    pub(crate) fn exists(&self) -> bool {
        self.admin(self.product.databases).lines().any(|name| name == self.name)
    }

    /// Returns the numbers of the other sessions of this database that run a statement which begins like this.
    pub(crate) fn running(&self, statement: &str) -> String {
        self.ask(&self.product.running.replace("{statement}", statement))
    }

    /// Waits until another session of this database runs a statement that begins like this, and returns its number.
    pub(crate) fn wait_for(&self, statement: &str) -> String {
        let started = Instant::now();
        loop {
            let found = self.running(statement);
            if !found.is_empty() {
                return found;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "no session runs {statement}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Starts a session that has run this SQL and stays open until it is dropped.
    pub(crate) fn holder(&self, sql: &str) -> Holder<'_> {
        let (ask, url, sleep) = (self.product.ask, self.url(), self.product.sleep);
        let sql = format!("{sql};\n{sleep};\n");
        // it fails in the end, because its session is killed
        let client = std::thread::spawn(move || drop(ask(&url, &sql)));
        Holder { database: self, session: self.wait_for(sleep), client: Some(client) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        (self.product.remove)(&self.server, &self.name);
    }
}

/// Another user's session, which ends when this value is dropped.
pub(crate) struct Holder<'a> {
    database: &'a Database,
    session: String,
    client: Option<JoinHandle<()>>,
}

impl Drop for Holder<'_> {
    fn drop(&mut self) {
        self.database.admin(&self.database.product.kill.replace("{session}", &self.session));
        if let Some(client) = self.client.take() {
            client.join().expect("the client ends");
        }
    }
}

/// Returns the URL that a variable has.
fn server(variable: &str, example: &str) -> Url {
    let url = std::env::var(variable).unwrap_or_default();
    url.parse().unwrap_or_else(|_| {
        panic!("{variable} must name a user with all privileges on a test server, such as {example}; scripts/test.sh starts one")
    })
}

/// Returns a name that no other test uses, always of the same length. The name of a user of MySQL may have 32 characters.
fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.subsec_nanos());
    format!("dbm_{:07}_{now:09}_{:02}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Runs a program with this input.
pub(crate) fn run(command: &mut Command, input: &[u8]) -> Output {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{command:?} does not run: {error}"));
    // a program that fails may end before it has read everything
    let _ = child.stdin.take().expect("it is piped").write_all(input);
    child.wait_with_output().expect("the program ends")
}

/// Runs a program with this input, and returns what it writes to standard output, or to standard error if it fails.
pub(crate) fn answer(command: &mut Command, input: &str) -> Result<String, String> {
    let output = run(command, input.as_bytes());
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Runs a program that must succeed, and returns what it writes to standard output.
pub(crate) fn written(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let output = run(command, input);
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Percent-encodes a user name, a password or a parameter for a URL.
pub(crate) fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}
