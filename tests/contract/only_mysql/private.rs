//! A server of a scenario's own, which may be killed and has options of its own.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use url::Url;

use crate::database::Database;
use crate::engine::mysql::{Mysql, ask};

pub(super) struct Server {
    folder: TempDir,
    port: u16,
    options: Vec<&'static str>,
    process: Child,
}

const USERS: &str = "CREATE USER IF NOT EXISTS dbm@'%' IDENTIFIED BY 'secret';\n\
                     GRANT ALL PRIVILEGES ON *.* TO dbm@'%' WITH GRANT OPTION;\n";

impl Server {
    /// Creates and starts one.
    pub(super) fn new(options: &[&'static str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        open_to_all(folder.path());
        fs::write(folder.path().join("users.sql"), USERS).expect("the folder can be written");
        initialize(&folder.path().join("data"));
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let process = start(folder.path(), port, options);
        let server = Self { folder, port, options: options.to_vec(), process };
        server.wait();
        server
    }

    /// A database on it.
    pub(super) fn database(&self) -> Database {
        Database::of(|_| Box::new(Mysql::on(self.url())))
    }

    pub(super) fn url(&self) -> Url {
        format!("mysql://dbm:secret@127.0.0.1:{}/mysql", self.port).parse().expect("a URL")
    }

    /// Kills it, as a power cut would, and starts it again.
    pub(super) fn kill_and_restart(&mut self) {
        self.kill();
        self.process = start(self.folder.path(), self.port, &self.options);
        self.wait();
    }

    pub(super) fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }

    fn wait(&self) {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() || ask(&self.url(), "DO 0").is_err() {
            assert!(started.elapsed() < Duration::from_mins(1), "the server does not start: {}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The server writes below the folder as another user when this runs as root.
#[cfg(unix)]
fn open_to_all(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o711)).expect("it is ours");
}

#[cfg(not(unix))]
fn open_to_all(_: &Path) {}

/// A program from the usual places, or a sentence that says what is missing.
fn program(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/bin"].map(PathBuf::from)).collect::<Vec<_>>();
    let mut found = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    found.find(|path| path.is_file()).unwrap_or_else(|| {
        panic!("{} is missing: these tests start a MariaDB or MySQL server of their own", names.join(" or "))
    })
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn server(arguments: &[String]) -> Command {
    let mut command = Command::new(program(&["mariadbd", "mysqld"]));
    command.arg("--no-defaults").args(is_root().then_some("--user=mysql")).args(arguments).stdin(Stdio::null());
    command
}

fn initialize(data: &Path) {
    // at its start a server clears its temporary files away, and those of other servers with them
    let [data, temporary] = ["datadir", "tmpdir"].map(|option| format!("--{option}={}", data.display()));
    let server = program(&["mariadbd", "mysqld"]);
    let mut command = if server.ends_with("mariadbd") {
        let mut command = Command::new(program(&["mariadb-install-db"]));
        command.args(["--no-defaults", "--skip-test-db", &data, &temporary]).args(is_root().then_some("--user=mysql"));
        command
    } else {
        self::server(&["--initialize-insecure".into(), data])
    };
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not run: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
}

fn start(folder: &Path, port: u16, options: &[&str]) -> Child {
    let data = folder.join("data");
    let at = |option: &str, path: &Path| format!("--{option}={}", path.display());
    let mut arguments = vec![
        at("datadir", &data),
        at("tmpdir", &data),
        at("socket", &data.join("socket")),
        at("pid-file", &data.join("pid")),
        at("init-file", &folder.join("users.sql")),
        format!("--port={port}"),
        "--bind-address=127.0.0.1".into(),
        "--character-set-server=utf8mb4".into(),
        "--loose-mysqlx=OFF".into(),
        "--innodb-buffer-pool-size=32M".into(),
        // only a power cut would lose something
        "--innodb-flush-log-at-trx-commit=2".into(),
    ];
    arguments.extend(options.iter().map(|option| (*option).to_owned()));
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.join("log")).expect("it can be written");
    let mut command = server(&arguments);
    command.stdout(log.try_clone().expect("a file")).stderr(log);
    command.spawn().unwrap_or_else(|error| panic!("{command:?} does not run: {error}"))
}
