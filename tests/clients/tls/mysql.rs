//! MySQL and MariaDB, against their client.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Stage, clean, free_port, hand_over, is_root, rows, succeeds};

const USERS: &str = "CREATE DATABASE IF NOT EXISTS appdb;
CREATE USER IF NOT EXISTS any@'%' IDENTIFIED BY 'x';
CREATE USER IF NOT EXISTS rssl@'%' IDENTIFIED BY 'x' REQUIRE SSL;
CREATE USER IF NOT EXISTS rx509@'%' IDENTIFIED BY 'x' REQUIRE X509;
CREATE USER IF NOT EXISTS rsubj@'%' IDENTIFIED BY 'x' REQUIRE SUBJECT '/CN=certuser';
GRANT ALL ON appdb.* TO any@'%', rssl@'%', rx509@'%', rsubj@'%';
DROP USER IF EXISTS ''@'localhost';
";

struct Server {
    folder: PathBuf,
    port: u16,
    process: Option<Child>,
}

fn program(names: &[&str]) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin", "/usr/bin"].map(PathBuf::from)).collect::<Vec<_>>();
    let mut found = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    found.find(|path| path.is_file()).unwrap_or_else(|| panic!("{} is missing", names.join(" or ")))
}

/// The client that fits the server of the tests.
fn client() -> PathBuf {
    program(&["mariadb", "mysql"])
}

impl Server {
    fn new(stage: &Stage) -> Self {
        let folder = stage.path("mysql");
        fs::create_dir(&folder).expect("a folder");
        fs::write(folder.join("users.sql"), USERS).expect("it can be written");
        if is_root() {
            succeeds(Command::new("chown").arg("-R").arg("mysql").arg(&folder));
        }
        let data = folder.join("data");
        // at its start a server clears its temporary files away, and those of other servers with them
        let [data, temporary] = ["datadir", "tmpdir"].map(|option| format!("--{option}={}", data.display()));
        let user = is_root().then_some("--user=mysql");
        let mut install = Command::new(program(&["mariadb-install-db"]));
        succeeds(
            install.args(["--no-defaults", "--skip-test-db", "--skip-name-resolve", &data, &temporary]).args(user),
        );
        Self { folder, port: free_port(), process: None }
    }

    /// Starts with a certificate, or without TLS.
    fn start_with(&mut self, stage: &Stage, certificate: &str) {
        self.stop();
        let at = |option: &str, name: &str| format!("--{option}={}", self.folder.join(name).display());
        let mut arguments = vec![
            at("datadir", "data"),
            at("tmpdir", "data"),
            at("socket", "data/socket"),
            at("pid-file", "data/pid"),
            at("init-file", "users.sql"),
            at("general-log-file", "general"),
            format!("--port={}", self.port),
            "--bind-address=127.0.0.1".into(),
            "--general-log=1".into(),
            "--skip-name-resolve".into(),
            "--innodb-buffer-pool-size=32M".into(),
            "--innodb-flush-log-at-trx-commit=0".into(),
        ];
        if certificate != "-" {
            for (kind, option) in [("crt", "ssl-cert"), ("key", "ssl-key")] {
                let name = format!("server.{kind}");
                hand_over("mysql", &stage.file(&format!("{certificate}.{kind}")), &self.folder.join(&name));
                arguments.push(at(option, &name));
            }
            hand_over("mysql", &stage.file("A.crt"), &self.folder.join("ca.crt"));
            arguments.push(at("ssl-ca", "ca.crt"));
        }
        let mut command = Command::new(program(&["mariadbd"]));
        command.arg("--no-defaults").args(is_root().then_some("--user=mysql")).args(arguments);
        let log = fs::File::create(self.folder.join("log")).expect("it can be written");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.process = Some(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")));
        let started = Instant::now();
        while self.ask(&["-uany", "-px", "--skip-ssl"], &[], Path::new("/")) == "error" {
            let log = || fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(started.elapsed() < Duration::from_mins(1), "the server does not start: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// How the client is connected.
    fn ask(&self, options: &[&str], environment: &[(String, String)], folder: &Path) -> &'static str {
        let port = format!("-P{}", self.port);
        let mut command = Command::new(client());
        command.args(["--no-defaults", "--connect-timeout=20", &port, "-Ns"]).args(options);
        command.args(["-e", "SHOW SESSION STATUS LIKE 'Ssl_cipher'"]).current_dir(folder);
        if !options.iter().any(|option| option.starts_with("-h")) {
            command.arg("-h127.0.0.1");
        }
        let output = clean(&mut command, environment).output().expect("the client is installed");
        let cipher = String::from_utf8_lossy(&output.stdout).into_owned();
        match cipher.split_whitespace().count() {
            _ if !output.status.success() => "error",
            2 => "tls",
            _ => "plain",
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The options of the client with the paths of its files.
fn options(stage: &Stage, url: &str, text: &str) -> Vec<String> {
    let user = url.trim_start_matches("mysql://").split(':').next().unwrap_or_default();
    let host = url.split(['@', ':']).nth(3).unwrap_or_default();
    let path = |option: &str| match option.split_once('=') {
        Some((name, file)) => format!("{name}={}", stage.file(file).display()),
        None => option.to_owned(),
    };
    let given = text.split(' ').filter(|option| *option != "--").map(path);
    // over a socket, nothing is compared
    let host = if host == "localhost" { "127.0.0.1" } else { host };
    let verifies_name = text.contains("verify-server-cert");
    let host = if verifies_name { url.split(['@', ':']).nth(3).unwrap_or_default() } else { host };
    let login = [format!("-u{user}"), "-px".into(), format!("-h{host}"), "--protocol=tcp".into()];
    login.into_iter().chain(given).collect()
}

fn url(stage: &Stage, server: &Server, text: &str) -> String {
    let text = text.replace(":PASS@", ":x@").replace(":PORT", &format!(":{}", server.port));
    let Some((before, query)) = text.split_once('?') else { return text };
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name @ ("ssl-ca" | "ssl-cert" | "ssl-key"), file)) => format!("{name}={}", stage.file(file).display()),
        _ => pair.to_owned(),
    };
    format!("{before}?{}", query.split('&').map(pair).collect::<Vec<_>>().join("&"))
}

#[test]
fn every_ssl_mode_means_what_it_means_to_the_client() {
    let stage = Stage::new();
    let mut server = Server::new(&stage);
    let mut running = "";
    let mut wrong = Vec::new();
    for [certificate, text, arguments, expected] in rows(include_str!("mysql.tsv")) {
        if running != certificate {
            server.start_with(&stage, certificate);
            running = certificate;
        }
        let url = url(&stage, &server, text);
        if arguments != "-" {
            let options = options(&stage, text, arguments);
            let options = options.iter().map(String::as_str).collect::<Vec<_>>();
            let theirs = server.ask(&options, &[], &stage.path("project"));
            if theirs != expected.split(':').next().unwrap_or_default() {
                wrong.push(format!("client: {theirs}: {certificate} {text} {arguments} {expected}"));
            }
        }
        let length = fs::read_to_string(server.folder.join("general")).expect("there is a log").len();
        let shown = stage.dbmigrate(&url, &[]);
        let log = fs::read_to_string(server.folder.join("general")).expect("there is a log");
        let using = log[length..].lines().rfind(|line| line.contains("Connect") && line.contains("on appdb using"));
        let ours = using.map(|line| if line.contains("SSL/TLS") { "tls" } else { "plain" });
        let met = match expected.strip_prefix("error: ") {
            Some(reason) => shown.starts_with("error: ") && shown.contains(reason),
            None => shown.is_empty() && ours == Some(expected),
        };
        if !met {
            wrong.push(format!("{certificate} {text} {arguments} {expected}: {ours:?} {shown}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
