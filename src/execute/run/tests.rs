//! What a run reports after its connection has failed.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::*;
use crate::Options;
use crate::engine::Target;
use crate::engine::{Access, Cells, Failure, Fate, Message, OnRow, Rows, Server, Table};
use crate::error::ServerError;
use crate::plan::{Proof, TransactionMode};
use crate::script::{Scripts, opened};

/// A connection that records the statements that change something, and fails once: at a commit, which the server
/// performs or not, or at the lock.
struct Frail {
    inner: Box<dyn Connection>,
    fails: Fails,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Frail {
    fn note(&self, sql: &str) {
        self.sent.lock().expect("no thread panicked").push(sql.to_owned());
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fails {
    Never,
    /// At the commit after this many successful ones.
    Commit(usize),
    /// The same, but the server has performed the commit.
    Answer(usize),
    /// At the lock.
    Lock,
}

fn lost() -> ServerError {
    ServerError::new("Frail", "the connection was lost", ErrorKind::ConnectionLost)
}

#[async_trait]
impl Connection for Frail {
    fn server(&self) -> &Server {
        self.inner.server()
    }

    async fn try_lock(&mut self) -> Result<(), NoLock> {
        if self.fails == Fails::Lock { Err(lost().into()) } else { self.inner.try_lock().await }
    }

    async fn run_holder(&mut self) -> Result<Option<String>, ServerError> {
        self.inner.run_holder().await
    }

    async fn has_journal(&mut self) -> Result<bool, ServerError> {
        self.inner.has_journal().await
    }

    async fn is_occupied(&mut self) -> Result<bool, ServerError> {
        self.inner.is_occupied().await
    }

    async fn begin(&mut self) -> Result<(), ServerError> {
        self.note(&self.server().session.begin.join(";\n"));
        self.inner.begin().await
    }

    async fn send(
        &mut self,
        message: &Message,
        rows: Option<&mut dyn Rows>,
        on_row: OnRow<'_>,
    ) -> Result<Answer, Failure> {
        self.note(message.sql());
        self.inner.send(message, rows, on_row).await
    }

    async fn table(&mut self, sql: &str) -> Result<Table, ServerError> {
        self.inner.table(sql).await
    }

    async fn query(&mut self, sql: &str) -> Result<Vec<Cells>, ServerError> {
        if !sql.starts_with("SELECT") {
            self.note(sql);
        }
        self.inner.query(sql).await
    }

    async fn prove(&mut self, proof: Proof) -> Result<Option<u64>, ProofError> {
        self.inner.prove(proof).await
    }

    async fn commit(&mut self) -> Result<(), ServerError> {
        self.note(self.server().session.commit);
        let before = self.fails;
        match before {
            Fails::Commit(0) => self.inner.rollback().await?,
            Fails::Answer(0) => self.inner.commit().await?,
            Fails::Commit(left) => self.fails = Fails::Commit(left - 1),
            Fails::Answer(left) => self.fails = Fails::Answer(left - 1),
            Fails::Lock | Fails::Never => {}
        }
        if matches!(before, Fails::Commit(0) | Fails::Answer(0)) { Err(lost()) } else { self.inner.commit().await }
    }

    async fn rollback(&mut self) -> Result<(), ServerError> {
        self.inner.rollback().await
    }

    fn ignore_interrupts(&mut self) {
        self.inner.ignore_interrupts();
    }

    async fn fate(&mut self) -> Option<Fate> {
        self.inner.fate().await
    }

    async fn close(self: Box<Self>) {
        self.inner.close().await;
    }
}

fn migrator(dir: &tempfile::TempDir) -> Migrator {
    let scripts =
        [("Script-0001.sql", b"CREATE TABLE one (id)".as_slice()), ("Script-0002.sql", b"CREATE TABLE two (id)")];
    Migrator::new(Target::sqlite(dir.path().join("app.db")), Scripts::from_files(scripts))
}

async fn frail(migrator: &Migrator, fails: Fails) -> Run<'_> {
    let inner = migrator.connect(Access::Create).await.expect("a database");
    Run::new(migrator, Box::new(Frail { inner, fails, sent: Arc::default() }))
}

/// An upgrade on a connection that fails.
async fn upgrade(migrator: &Migrator, mode: TransactionMode, fails: Fails) -> Error {
    let mut run = frail(migrator, fails).await;
    let options = UpgradeOptions::new().transaction(mode);
    match run.settled_plan(&options).await {
        Ok(plan) => run.apply(&plan).await.expect_err("the connection fails"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_lost_commit_that_the_server_did_not_keep_is_not_applied() {
    for (mode, committed, state) in [
        (
            TransactionMode::Single,
            0,
            "rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied",
        ),
        (
            TransactionMode::PerScript,
            0,
            "rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied",
        ),
        (
            TransactionMode::PerScript,
            1,
            "rolled back: 0002 was not applied, 0001 is applied and stays, the database is at 0001",
        ),
    ] {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let error = upgrade(&migrator(&dir), mode, Fails::Commit(committed)).await;
        assert_eq!(error.state().map(ToString::to_string).as_deref(), Some(state), "{mode:?}");
    }
}

#[tokio::test]
async fn a_lost_commit_that_the_server_kept_is_applied() {
    for (mode, committed) in [(TransactionMode::Single, 0), (TransactionMode::PerScript, 1)] {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let migrator = migrator(&dir);
        let mut run = frail(&migrator, Fails::Answer(committed)).await;
        let plan = run.settled_plan(&UpgradeOptions::new().transaction(mode)).await.expect("a plan");
        run.apply(&plan).await.expect("the journal has it");
        let error = run.error(Error::interrupted(None));
        assert_eq!(error.state().and_then(|state| state.at), Number::new(2).ok(), "{mode:?}");
    }
}

#[tokio::test]
async fn a_lock_that_cannot_be_taken_says_nothing_false_about_the_database() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let migrator = migrator(&dir);
    let first = UpgradeOptions::new().to(Number::new(1).ok());
    migrator.upgrade_with(&first.create_database(true)).await.expect("applied");
    let error = upgrade(&migrator, TransactionMode::Single, Fails::Lock).await;
    assert_eq!(error.to_string(), "taking the lock failed: the connection was lost");
    assert_eq!(error.notes(), ["nothing was applied"]);
}

/// Returns a text without comments and whitespace, and without values that are known only at run time.
fn bare(text: &str) -> String {
    let text = text.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>().join("\n");
    let masks = [
        ("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "RUN"),
        (r"(strftime\('%Y-%m-%dT%H:%M:%fZ', 'now'\)), (\d+|dbmigrate_lap\(\)),", "DURATION"),
        (r"duration_ms = \d+", "duration_ms = DURATION"),
    ];
    let mask = |text: String, (pattern, mask): (&str, &str)| {
        regex::Regex::new(pattern).expect("a constant").replace_all(&text, mask).into_owned()
    };
    masks.into_iter().fold(text, mask).split(|c: char| c.is_whitespace() || c == ';').collect()
}

#[tokio::test]
async fn a_dry_run_prints_what_is_sent() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let scripts = Scripts::from_files([
        ("Script-0001.sql", b"-- Items\nCREATE TABLE item (id);\nINSERT INTO item VALUES (';');".as_slice()),
        ("Script-0002.sql", b"DELETE FROM item;\n"),
        ("Script-0003.sql", b"-- dbmigrate: no-transaction\nVACUUM;\nINSERT INTO item VALUES (3);\n"),
        ("Script-0004.sql", b"SELECT 1"),
    ]);
    // what is recorded of the schema depends on it
    let options = Options { schema_snapshot: false, ..Options::default() };
    let migrator = Migrator::new(Target::sqlite(dir.path().join("app.db")), scripts).options(options);
    let inner = migrator.connect(Access::Create).await.expect("a database");
    let mut printed = String::new();
    migrator.dry_run(&UpgradeOptions::new(), &mut |part| printed.push_str(part)).await.expect("nothing is wrong");
    let sent = Arc::new(Mutex::new(Vec::new()));
    let mut run = Run::new(&migrator, Box::new(Frail { inner, fails: Fails::Never, sent: Arc::clone(&sent) }));
    let plan = run.settled_plan(&UpgradeOptions::new()).await.expect("a plan");
    run.apply(&plan).await.expect("nothing is wrong");
    let sent = sent.lock().expect("no thread panicked").join(";\n");
    assert_eq!(bare(&printed), bare(&sent));
}

/// A folder with a short script and a long one.
fn folder(dir: &tempfile::TempDir) -> std::path::PathBuf {
    let folder = dir.path().join("scripts");
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("Script-0001.sql"), "-- A title\nCREATE TABLE item (id);\n").expect("written");
    let long = "-- Much data\n".to_owned() + &"INSERT INTO item VALUES (1);\n".repeat(50_000);
    std::fs::write(folder.join("Script-0002.sql"), long).expect("written");
    folder
}

#[tokio::test]
async fn a_fresh_upgrade_opens_a_script_once_to_know_it_and_once_to_send_it() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = folder(&dir);
    let migrator = || {
        let scripts = Scripts::from_dir(&folder).expect("readable");
        Migrator::new(Target::sqlite(dir.path().join("app.db")), scripts)
    };
    let fresh = migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await.expect("applied");
    assert_eq!((fresh.applied.len(), opened::in_folder(&folder)), (2, vec![2, 2]));
    migrator().status().await.expect("a status");
    assert_eq!(opened::in_folder(&folder), [1, 1], "what is applied is compared with the journal");
    migrator().rebuild().await.expect("rebuilt");
    assert_eq!(opened::in_folder(&folder), [2, 2]);
}

#[tokio::test]
async fn a_resume_opens_a_script_three_times() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = folder(&dir);
    let upgrade = async || {
        let scripts = Scripts::from_dir(&folder).expect("readable");
        let migrator = Migrator::new(Target::sqlite(dir.path().join("app.db")), scripts);
        migrator.upgrade_with(&UpgradeOptions::new().create_database(true)).await
    };
    upgrade().await.expect("applied");
    let write = |last: &str| {
        let text = format!("-- dbmigrate: no-transaction\nINSERT INTO item VALUES (2);\n{last};\n");
        std::fs::write(folder.join("Script-0003.sql"), text).expect("written");
    };
    write("INSERT INTO item VALUES (2, 3)");
    upgrade().await.expect_err("a value too many");
    write("INSERT INTO item VALUES (3)");
    opened::in_folder(&folder);
    upgrade().await.expect("it resumes");
    assert_eq!(opened::in_folder(&folder), [1, 1, 3]);
}
