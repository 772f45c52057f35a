//! `worker` and `fleet enqueue`, on a server that speaks the protocol of SQS: `scripts/test.sh --worker` starts it.
#![cfg(all(feature = "cli", feature = "postgres", feature = "sqlite", feature = "sqs", unix))]

mod queue;
mod stub;
#[allow(dead_code, reason = "each test program uses a part of it")]
#[path = "../support/mod.rs"]
mod support;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::queue::{Queue, endpoint, until};

const ONE: &str = "CREATE TABLE item (id integer PRIMARY KEY);\n";
const TWO: &str = "INSERT INTO item VALUES (1);\n";

/// A statement that takes some seconds on SQLite.
const SLOW: &str =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000000) SELECT count(*) FROM n;\n";

/// A folder with a configuration, scripts and databases.
struct Project {
    folder: tempfile::TempDir,
    queue: Queue,
}

/// A worker that runs.
struct Running(Child);

impl Project {
    /// Files as databases, and a queue whose messages are taken away after so many receives.
    fn new(databases: &[&str], scripts: &[&str], queue: Queue) -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a folder"), queue };
        project.file("dbmigrate.toml", "[fleet.tenants]\nfiles = \"data/*.db\"\n[worker]\nrefs = [\"v*\"]\n");
        for name in databases {
            project.file(&format!("data/{name}.db"), "");
        }
        for (number, text) in (1..).zip(scripts) {
            project.file(&format!("migrations/Script-{number:04}.sql"), text);
        }
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        std::fs::write(path, text).expect("written");
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dbmigrate"));
        command.args(arguments.split(' ')).current_dir(self.folder.path()).env_clear();
        let kept = ["PATH", "HOME"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command.envs(kept).envs([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "hush-hush"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_ENDPOINT_URL", &endpoint()),
            ("DBMIGRATE_QUEUE_URL", &self.queue.url),
        ]);
        command
    }

    fn output(&self, arguments: &str) -> Output {
        self.command(arguments).output().expect("it runs")
    }

    /// Runs a command, and returns its exit status and what it writes.
    fn run(&self, arguments: &str) -> String {
        let Output { status, stdout, stderr } = self.output(arguments);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        format!("{} {}{}", status.code().unwrap_or(-1), text(stdout), text(stderr))
    }

    fn start(&self, arguments: &str) -> Running {
        let log = std::fs::File::options().create(true).append(true).open(self.path("log")).expect("a log");
        let mut command = self.command(arguments);
        Running(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn().expect("it starts"))
    }

    /// What the workers have logged.
    fn log(&self) -> String {
        std::fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    fn ask(&self, database: &str, sql: &str) -> String {
        let output = Command::new("sqlite3").arg(self.path(&format!("data/{database}.db"))).arg(sql).output();
        String::from_utf8(output.expect("it runs").stdout).expect("UTF-8").trim().to_owned()
    }
}

impl Running {
    fn signal(&self, name: &str) {
        let signal = format!("-{name}");
        assert!(Command::new("kill").args([&signal, &self.0.id().to_string()]).status().expect("it runs").success());
    }

    /// Waits for the end, and returns the exit status.
    fn end(mut self) -> Option<i32> {
        self.0.wait().expect("it ends").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn message(database: &str) -> String {
    format!(r#"{{"fleet": "tenants", "database": "{database}"}}"#)
}

#[test]
fn a_fleet_is_enqueued_and_upgraded() {
    let names = (0..23).map(|number| format!("t{number:02}")).collect::<Vec<_>>();
    let project = Project::new(&names.iter().map(String::as_str).collect::<Vec<_>>(), &[ONE, TWO], Queue::new(3, ""));
    assert_eq!(project.run("fleet enqueue"), "0 23 messages sent\n");
    assert_eq!(project.queue.counts(), [23, 0, 0]);
    let said = project.run("worker --drain --workers 8");
    assert!(said.starts_with("0 note: worker: 8 at a time"), "{said}");
    assert!(said.contains("tenants/t00 upgraded: at 0002 ("), "{said}");
    assert_eq!(project.queue.counts(), [0, 0, 0]);
    for name in &names {
        assert_eq!(project.ask(name, "SELECT count(*) FROM item"), "1", "{name}");
    }
    assert_eq!(project.run("fleet enqueue --only t0* --command verify"), "0 10 messages sent\n");
    let said = project.run("worker --drain --log-format json");
    let lines =
        said[2..].lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("each line is JSON"));
    let outcomes = lines.filter(|line| line["message"] == "message").map(|line| line["note"].clone());
    assert_eq!(outcomes.collect::<Vec<_>>(), vec!["current: at 0002"; 10]);
}

#[test]
fn what_can_never_succeed_goes_to_the_dead_letter_queue() {
    let project = Project::new(&["acme"], &[ONE], Queue::new(2, ""));
    let bodies = [
        "not JSON".to_owned(),
        message("nobody"),
        r#"{"fleet": "others", "database": "acme"}"#.into(),
        r#"{"fleet": "tenants", "database": "acme", "command": "rebuild"}"#.into(),
        r#"{"fleet": "tenants", "database": "acme", "url": "sqlite:x"}"#.into(),
        r#"{"fleet": "tenants", "database": "acme", "to": "1"}"#.into(),
        r#"{"fleet": "tenants", "database": "acme", "at": "main"}"#.into(),
        r#"{"fleet": "tenants", "database": "acme", "at": "--upload-pack=x"}"#.into(),
    ];
    for body in &bodies {
        project.queue.send(body);
    }
    project.queue.send(&message("acme"));
    let said = project.run("worker --drain --visibility 1s");
    assert!(said.starts_with("0 "), "{said}");
    let mut expected = bodies.to_vec();
    expected.sort();
    assert_eq!(project.queue.dead(), expected);
    for why in [
        "cannot succeed: the message is no job: expected ident at line 1 column 2",
        "tenants/nobody cannot succeed: the fleet has no database \"nobody\"",
        "others/acme cannot succeed: the configuration has no fleet \"others\"",
        "unknown field `url`",
        "unknown variant `rebuild`",
        "[worker] refs does not allow \"main\"",
    ] {
        assert!(said.contains(why), "{why}: {said}");
    }
    assert_eq!(project.ask("acme", "SELECT count(*) FROM dbmigrate_journal"), "1");
}

#[test]
fn a_database_that_fails_again_and_again_goes_to_the_dead_letter_queue() {
    let project = Project::new(&["acme", "bolt"], &["INSERT INTO nope VALUES (1);\n"], Queue::new(3, ""));
    project.ask("bolt", "CREATE TABLE nope (id integer)");
    project.queue.send(&message("acme"));
    let started = Instant::now();
    let said = project.run("worker --drain --visibility 1s");
    assert!(said.starts_with("0 "), "{said}");
    let times = |text: &str| said.matches(text).count();
    assert_eq!(times("tenants/acme will be tried again: failed: "), 3, "{said}");
    assert!(said.contains("Script-0001.sql:1:"), "where it failed: {said}");
    assert!(said.contains("no such table: nope") && said.contains("received 3 times"), "{said}");
    assert!(started.elapsed() >= Duration::from_secs(3), "a second, then two");
    assert_eq!(project.queue.dead(), [message("acme")]);
}

#[test]
fn a_message_stays_hidden_while_its_upgrade_runs() {
    let project = Project::new(&["acme"], &[SLOW, ONE], Queue::new(5, ""));
    project.queue.send(&message("acme"));
    let workers = [0, 1].map(|_| project.start("worker --visibility 1s --workers 2"));
    until("the upgrade", || project.log().contains("upgraded: at 0002"));
    std::thread::sleep(Duration::from_millis(1500));
    let [first, second] = workers;
    for worker in [first, second] {
        worker.signal("TERM");
        assert_eq!(worker.end(), Some(0));
    }
    assert_eq!(project.log().matches("tenants/acme").count(), 1, "one worker saw it once: {}", project.log());
    assert_eq!(project.queue.counts(), [0, 0, 0]);
}

#[test]
fn a_worker_that_is_told_to_stop_hands_its_message_back() {
    let slow = SLOW.replace("12000000", "1200000000");
    let project = Project::new(&["acme"], &[ONE, &slow], Queue::new(5, ""));
    project.queue.send(&message("acme"));
    let worker = project.start("worker --visibility 60s");
    until("the message is taken", || project.queue.counts() == [0, 1, 0]);
    std::thread::sleep(Duration::from_millis(500));
    let stopped = Instant::now();
    worker.signal("TERM");
    assert_eq!(worker.end(), Some(0));
    assert!(stopped.elapsed() < Duration::from_secs(3), "{:?}", stopped.elapsed());
    assert_eq!(project.queue.counts(), [1, 0, 0], "it is visible at once");
    assert_eq!(project.ask("acme", "SELECT count(*) FROM sqlite_master"), "0", "rolled back");
    let log = project.log();
    assert!(log.contains("stopping: 1 still running") && log.contains("interrupted"), "{log}");
}

#[test]
fn messages_of_one_group_are_handled_in_their_order() {
    let project =
        Project::new(&["acme", "bolt"], &[ONE, TWO, "INSERT INTO item VALUES (2);\n"], Queue::new(3, ".fifo"));
    for to in 1..4 {
        for database in ["acme", "bolt"] {
            let body = format!(r#"{{"fleet": "tenants", "database": "{database}", "to": {to}}}"#);
            project.queue.send_in_group(database, &body);
        }
    }
    let said = project.run("worker --drain --workers 4");
    for database in ["acme", "bolt"] {
        let lines = said.lines().filter(|line| line.contains(database)).collect::<Vec<_>>();
        let ends = lines.iter().map(|line| line.split(" (").next().unwrap_or_default().rsplit(' ').next());
        assert_eq!(ends.collect::<Vec<_>>(), [Some("0001"), Some("0002"), Some("0003")], "{said}");
    }
    assert_eq!(project.run("fleet enqueue"), "0 2 messages sent\n");
    let said = project.run("worker --drain");
    assert_eq!(said.matches("current: at 0003").count(), 2, "{said}");
}

#[test]
fn a_message_names_a_commit_that_the_configuration_allows() {
    let project = Project::new(&["acme", "bolt"], &[ONE], Queue::new(5, ""));
    let git = |folder: &str, arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false"];
        let mut git = Command::new("git");
        git.arg("-C").arg(project.path(folder)).args(identity).args(arguments);
        let output = git.output().expect("it runs");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let commit = |subject: &str| {
        git("origin", &["add", "-A"]);
        git("origin", &["commit", "--quiet", "-m", subject]);
    };
    project.file("origin/migrations/Script-0001.sql", ONE);
    git("origin", &["init", "--quiet", "--initial-branch", "main"]);
    commit("one");
    git("origin", &["tag", "v1"]);
    git(".", &["clone", "--quiet", "origin", "clone"]);
    let config = |fetch: bool| {
        let text = format!(
            "[fleet.tenants]\ndir = \"clone/migrations\"\nfiles = \"data/*.db\"\n[worker]\nrefs = [\"main\", \"v*\"]\nfetch = {fetch}\n"
        );
        project.file("dbmigrate.toml", &text);
    };
    project.file("origin/migrations/Script-0002.sql", TWO);
    commit("two");
    git("origin", &["tag", "v2"]);
    let asked = |database: &str, at: &str| {
        project.queue.send(&format!(r#"{{"fleet": "tenants", "database": "{database}", "at": "{at}"}}"#));
        project.run("worker --drain --visibility 1s")
    };
    config(true);
    let said = asked("acme", "v1");
    assert!(said.contains("tenants/acme upgraded: at 0001"), "{said}");
    let said = asked("acme", "main");
    assert!(said.contains("tenants/acme upgraded: at 0002"), "the origin's: {said}");
    config(false);
    let said = asked("bolt", "main");
    assert!(said.contains("tenants/bolt upgraded: at 0001"), "the clone's own: {said}");
}

#[test]
fn a_queue_that_cannot_be_reached_is_asked_again() {
    let project = Project::new(&["acme"], &[ONE], Queue::new(3, ""));
    project.queue.send(&message("acme"));
    let port =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let health =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let worker = project.start(&format!("worker --endpoint-url http://127.0.0.1:{port} --health {health}"));
    until("the warning", || project.log().contains("warning: the queue does not answer"));
    let asked = |path: &str| {
        let mut stream = TcpStream::connect(("127.0.0.1", health)).expect("it answers");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    };
    assert!(asked("/live").starts_with("HTTP/1.1 200"));
    assert!(asked("/ready").starts_with("HTTP/1.1 503"));
    // from now on, what is sent there reaches the server
    let server = std::net::TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    std::thread::spawn(move || {
        for client in server.incoming().flatten() {
            let server = TcpStream::connect(endpoint().trim_start_matches("http://")).expect("it answers");
            let halves = (client.try_clone().expect("cloned"), server.try_clone().expect("cloned"));
            std::thread::spawn(move || std::io::copy(&mut { halves.0 }, &mut { halves.1 }));
            std::thread::spawn(move || std::io::copy(&mut { server }, &mut { client }));
        }
    });
    until("the upgrade", || project.log().contains("upgraded: at 0001"));
    assert!(asked("/ready").starts_with("HTTP/1.1 200"));
    let metrics = asked("/metrics");
    for line in [
        "# TYPE dbmigrate_messages counter",
        "dbmigrate_messages_total{outcome=\"done\"} 1",
        "dbmigrate_messages_in_flight 0",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    worker.signal("INT");
    assert_eq!(worker.end(), Some(0));
    assert!(!project.log().contains("hush-hush"), "no secret is logged");
}

#[test]
fn a_worker_that_cannot_use_its_queue_ends_with_2() {
    let project = Project::new(&["acme"], &[ONE], Queue::new(3, ""));
    let mut command = project.command("worker --drain");
    let output = command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").output().expect("it runs");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("the credentials for the queue cannot be used"), "{said}");
    assert!(said.contains("AWS_ACCESS_KEY_ID"), "the remedy: {said}");
    let said = project.run(&format!("worker --drain --queue-url {}x", project.queue.url));
    assert!(said.starts_with("2 ") && said.contains("the queue does not exist"), "{said}");
    for (config, why) in [
        ("[fleet.tenants]\nfiles = 1\n", "expected a string"),
        ("[fleet.tenants]\ncommand = [\"false\"]\n", "the program false failed"),
        ("[fleet.tenants]\nfiles = \"data/*.db\"\n[worker]\nrefs = [\"[\"]\n", "[worker] refs"),
    ] {
        project.file("dbmigrate.toml", config);
        let said = project.run("worker --drain");
        assert!(said.starts_with("2 ") && said.contains(why), "{why}: {said}");
    }
}

#[test]
fn credentials_that_the_queue_does_not_accept_end_the_worker() {
    let project = Project::new(&["acme"], &[ONE], Queue::new(3, ""));
    let url = stub::start(|_, _| {
        let message = "The security token included in the request is invalid.";
        (403, json!({ "__type": "com.amazon.coral.service#UnrecognizedClientException", "message": message }))
    });
    for command in ["worker", "fleet enqueue"] {
        let said = project.run(&format!("{command} --endpoint-url {url}"));
        assert!(said.starts_with("2 "), "{said}");
        assert!(said.contains("the credentials for the queue cannot be used: The security token"), "{said}");
        assert!(!said.contains("hush-hush"), "{said}");
    }
}

#[test]
fn entries_of_a_batch_that_failed_are_sent_again() {
    let project = Project::new(&["acme", "bolt", "coil"], &[ONE], Queue::new(3, ""));
    let batches = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&batches);
    let url = stub::start(move |action, body| {
        assert_eq!(action, "SendMessageBatch");
        let entries = body["Entries"].as_array().expect("entries");
        let ids = entries.iter().map(|entry| entry["Id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>();
        let mut seen = seen.lock().expect("no panic");
        let is_first = seen.is_empty();
        seen.push(ids.join(" "));
        let (failed, sent) = ids.iter().partition::<Vec<_>, _>(|id| is_first && **id == "1");
        let sent = sent.iter().map(|id| json!({ "Id": id, "MessageId": "m", "MD5OfMessageBody": "x" }));
        let failed = failed.iter().map(|id| json!({ "Id": id, "SenderFault": false, "Code": "InternalError" }));
        (200, json!({ "Successful": sent.collect::<Value>(), "Failed": failed.collect::<Value>() }))
    });
    assert_eq!(project.run(&format!("fleet enqueue --endpoint-url {url}")), "0 3 messages sent\n");
    assert_eq!(*batches.lock().expect("no panic"), ["0 1 2", "1"]);
}

#[test]
fn every_script_runs_once_although_workers_are_killed() {
    let database = support::Database::new(&support::postgres::PRODUCT);
    let files = (0..30).map(|number| format!("t{number:02}")).collect::<Vec<_>>();
    let project = Project::new(&files.iter().map(String::as_str).collect::<Vec<_>>(), &[ONE, TWO], Queue::new(50, ""));
    let schemas = (0..10).map(|number| format!("s{number:02}")).collect::<Vec<_>>();
    database.ask(&schemas.iter().map(|name| format!("CREATE SCHEMA {name}")).collect::<Vec<_>>().join(";"));
    let config = format!(
        "[fleet.tenants]\nfiles = \"data/*.db\"\n[fleet.schemas]\nschemas = {{ target = \"app\", like = \"s__\" }}\n[target.app]\nurl = \"{}\"\n",
        database.url()
    );
    project.file("dbmigrate.toml", &config);
    for _ in 0..5 {
        assert!(project.run("fleet enqueue tenants").starts_with("0 30 "));
        assert!(project.run("fleet enqueue schemas").starts_with("0 10 "));
    }
    project.queue.send("poison");
    let node = "worker --workers 8 --visibility 2s";
    let other = project.start(node);
    let mut killed = 0;
    while project.queue.counts() != [0, 0, 0] && project.queue.counts()[0] > 1 || killed < 3 {
        let worker = project.start(node);
        std::thread::sleep(Duration::from_millis(300 + 150 * killed));
        worker.signal("KILL");
        drop(worker);
        killed += 1;
        assert!(killed < 60, "{:?}", project.queue.counts());
    }
    until("the last messages", || project.queue.counts().iter().sum::<u32>() <= 1);
    other.signal("TERM");
    assert_eq!(other.end(), Some(0));
    for name in &files {
        let found = "SELECT (SELECT count(*) FROM item) || ' ' || (SELECT count(*) FROM dbmigrate_journal)";
        assert_eq!(project.ask(name, found), "1 2", "{name}");
    }
    for name in &schemas {
        let found =
            format!("SELECT (SELECT count(*) FROM {name}.item), (SELECT count(*) FROM {name}.dbmigrate_journal)");
        assert_eq!(database.ask(&found), "1|2", "{name}");
    }
    assert!(!project.log().contains(&database.password()), "no secret is logged");
}
