//! PostgreSQL, against `psql`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Stage, clean, command_of, free_port, hand_over, is_root, rows, succeeds};

const USERS: &str = "CREATE ROLE certuser LOGIN; CREATE ROLE sslonly LOGIN; CREATE ROLE nossl LOGIN; CREATE ROLE \"both\" LOGIN; \
                     CREATE ROLE pw LOGIN PASSWORD 'x'";

const RULES: &str = "local all all trust
hostssl all certuser 127.0.0.1/32 cert
hostssl all sslonly 127.0.0.1/32 trust
hostnossl all nossl 127.0.0.1/32 trust
host all both 127.0.0.1/32 trust
host all pw 127.0.0.1/32 scram-sha-256
";

/// A server with a certificate, or without TLS.
struct Server {
    folder: PathBuf,
    port: u16,
}

/// The folder of a server's programs: the one that has them all.
fn programs() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = installed.map(|version| version.path().join("bin"));
    let mut folders = installed.chain(std::env::split_paths(&path));
    folders.find(|folder| folder.join("initdb").is_file()).expect("PostgreSQL's server is installed")
}

fn ours(program: &str) -> Command {
    command_of("postgres", &programs().join(program))
}

impl Server {
    fn new(stage: &Stage) -> Self {
        let folder = stage.path("postgres");
        fs::create_dir(&folder).expect("a folder");
        if is_root() {
            succeeds(Command::new("chown").arg("postgres").arg(&folder));
        }
        let data = folder.join("data");
        succeeds(ours("initdb").args(["-U", "postgres", "-A", "trust", "-N", "-D"]).arg(&data).current_dir(&folder));
        let settings = format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nlog_connections = on\nfsync = off\n\
             shared_buffers = '16MB'\nssl_ca_file = 'ca.crt'\n",
            folder.display()
        );
        fs::write(data.join("postgresql.auto.conf"), settings).expect("it can be written");
        fs::write(data.join("pg_hba.conf"), RULES).expect("it can be written");
        hand_over("postgres", &stage.file("A.crt"), &data.join("ca.crt"));
        let server = Self { folder, port: free_port() };
        server.start("");
        let socket = server.folder.display().to_string();
        let port = server.port.to_string();
        for sql in [USERS, "CREATE DATABASE appdb"] {
            succeeds(Command::new("psql").args(["-qX", "-h", &socket, "-p", &port, "-U", "postgres", "-c", sql]));
        }
        server.stop();
        server
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn start(&self, options: &str) {
        let options = format!("-p {} {options}", self.port);
        let mut start = ours("pg_ctl");
        start.args(["start", "-s", "-w", "-o", &options, "-D"]).arg(self.data()).arg("-l").arg(self.log());
        succeeds(start.current_dir(&self.folder));
    }

    fn stop(&self) {
        succeeds(
            ours("pg_ctl").args(["stop", "-s", "-w", "-m", "fast", "-D"]).arg(self.data()).current_dir(&self.folder),
        );
    }

    /// Starts with a certificate: `a`, `a12` for TLS 1.2 at most, `-` without TLS.
    fn start_with(&self, stage: &Stage, certificate: &str) {
        if certificate == "-" {
            return self.start("-c ssl=off");
        }
        let name = certificate.trim_end_matches("12");
        for kind in ["crt", "key"] {
            hand_over("postgres", &stage.file(&format!("{name}.{kind}")), &self.data().join(format!("server.{kind}")));
        }
        let version = if name == certificate { "" } else { " -c ssl_max_protocol_version=TLSv1.2" };
        self.start(&format!("-c ssl=on{version}"));
    }

    /// What the server has noted of connections since its log had this length.
    fn authorized_since(&self, length: usize) -> Option<&'static str> {
        let log = fs::read_to_string(self.log()).expect("there is a log");
        let mut lines = log[length..].lines();
        let line = lines.rfind(|line| line.contains("connection authorized") && line.contains("database=appdb"))?;
        Some(if line.contains("SSL enabled") { "tls" } else { "plain" })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = ours("pg_ctl").args(["stop", "-s", "-m", "immediate", "-D"]).arg(self.data()).status();
    }
}

/// The files of `~/.postgresql` that a name stands for.
fn home(stage: &Stage, name: &str) -> String {
    let folder = stage.path("homes").join(name);
    let own = folder.join(".postgresql");
    if !own.exists() {
        fs::create_dir_all(&own).expect("a folder");
        let put = |from: &str, to: &str| fs::copy(stage.file(from), own.join(to)).expect("it is there");
        for part in name.split('+') {
            let (certificate, key) = match part {
                "rootA" => (put("A.crt", "root.crt"), None),
                "rootB" => (put("B.crt", "root.crt"), None),
                "rootbad" => (put("nopem.pem", "root.crt"), None),
                "client" => (put("client-good.crt", "postgresql.crt"), Some(("client-good.key", "600"))),
                "clientopen" => (put("client-good.crt", "postgresql.crt"), Some(("client-good.key", "644"))),
                "client640" => (put("client-good.crt", "postgresql.crt"), Some(("client-good.key", "640"))),
                "clientB" => (put("client-b.crt", "postgresql.crt"), Some(("client-b.key", "600"))),
                "certonly" => (put("client-good.crt", "postgresql.crt"), None),
                "keyonly" => (0, Some(("client-good.key", "600"))),
                "none" => (0, None),
                other => panic!("{other} is no home"),
            };
            let _ = certificate;
            if let Some((key, mode)) = key {
                put(key, "postgresql.key");
                succeeds(Command::new("chmod").arg(mode).arg(own.join("postgresql.key")));
            }
        }
    }
    folder.display().to_string()
}

fn environment(stage: &Stage, text: &str) -> Vec<(String, String)> {
    let pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
    let value = |name: &str, value: &str| match name {
        "HOME" => home(stage, value),
        "SSL_CERT_FILE" => stage.file(value).display().to_string(),
        "PGSSLROOTCERT" if value != "system" => stage.file(value).display().to_string(),
        _ => value.to_owned(),
    };
    let given = pairs.map(|(name, text)| (name.to_owned(), value(name, text)));
    [("HOME".to_owned(), home(stage, "none"))].into_iter().chain(given).collect()
}

/// The URL with the paths of its files.
fn url(stage: &Stage, server: &Server, text: &str) -> String {
    let socket = server.folder.display().to_string();
    let text = text.replace("PORT", &server.port.to_string());
    let text = text.replace("@SOCKET", &format!("@{}", socket.replace('/', "%2F"))).replace("SOCKET", &socket);
    let Some((before, query)) = text.split_once('?') else { return text };
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name @ ("sslrootcert" | "sslcert" | "sslkey"), file)) if file != "system" => {
            format!("{name}={}", stage.file(file).display())
        }
        _ => pair.to_owned(),
    };
    format!("{before}?{}", query.split('&').map(pair).collect::<Vec<_>>().join("&"))
}

/// What this `psql` can be compared in: all, all but `sslrootcert=system` (which came with 16), nothing without TLS.
#[derive(PartialEq)]
enum Psql {
    Whole,
    WithoutSystem,
    WithoutTls,
}

fn psql(server: &Server) -> Psql {
    let port = server.port.to_string();
    let url = format!("postgres://both@localhost:{port}/appdb?sslmode=require");
    let output = Command::new("psql").args(["-X", "-w", "-c", "SELECT 1", &url]).output().expect("psql is installed");
    if String::from_utf8_lossy(&output.stderr).contains("not compiled in") {
        return Psql::WithoutTls;
    }
    let version = String::from_utf8(succeeds(Command::new("psql").arg("--version")).stdout).expect("UTF-8");
    let major = version.split(' ').find_map(|word| word.split('.').next()?.parse::<u32>().ok()).expect("a version");
    if major >= 16 { Psql::Whole } else { Psql::WithoutSystem }
}

fn run_psql(url: &str, environment: &[(String, String)], folder: &Path) -> &'static str {
    let mut command = Command::new("psql");
    command.args(["-X", "-w", "-At", "-c", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", url]);
    let output = clean(command.current_dir(folder), environment).output().expect("psql is installed");
    match String::from_utf8_lossy(&output.stdout).trim() {
        "t" => "tls",
        "f" => "plain",
        _ => "error",
    }
}

#[test]
fn every_sslmode_means_what_it_means_to_psql() {
    let stage = Stage::new();
    let server = Server::new(&stage);
    let (mut running, mut psql_is) = ("", Psql::WithoutTls);
    let mut wrong = Vec::new();
    for [certificate, text, variables, expected] in rows(include_str!("postgres.tsv")) {
        if running != certificate {
            if !running.is_empty() {
                server.stop();
            }
            server.start_with(&stage, certificate);
            if running.is_empty() {
                psql_is = psql(&server);
            }
            running = certificate;
        }
        let (url, environment) = (url(&stage, &server, text), environment(&stage, variables));
        let is_system = text.contains("=system") || variables.contains("=system");
        if psql_is == Psql::Whole || psql_is == Psql::WithoutSystem && !is_system {
            let theirs = run_psql(&url, &environment, &stage.path("project"));
            if theirs != expected.split(':').next().unwrap_or_default() {
                wrong.push(format!("psql: {theirs}: {certificate} {text} {variables} {expected}"));
            }
        }
        let length = fs::read_to_string(server.log()).expect("there is a log").len();
        let shown = stage.dbmigrate(&url, &environment);
        let met = match expected.strip_prefix("error: ") {
            Some(reason) => shown.starts_with("error: ") && shown.contains(reason),
            None => shown.is_empty() && server.authorized_since(length) == Some(expected),
        };
        if !met {
            wrong.push(format!("{certificate} {text} {variables} {expected}: {shown}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
