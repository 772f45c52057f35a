//! A scenario's database with its scripts.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dbmigrate::{
    BaselineOptions, CancellationToken, Error, Event, Migrator, Number, Options, Report, Scripts, Target,
    UpgradeOptions,
};
use tempfile::TempDir;

use crate::engine::{Engine, Session, Texts};
use crate::outcome::{self, Lines};

/// A database of its own, and a folder of scripts.
pub(crate) struct Database {
    engine: Box<dyn Engine>,
    folder: TempDir,
    /// The URL that dbmigrate gets.
    pub(crate) url: String,
    pub(crate) options: Options,
    pub(crate) interrupt: CancellationToken,
    events: Arc<Mutex<Lines>>,
}

impl Database {
    /// An empty database and an empty folder.
    pub(crate) fn new<E: Engine + 'static>() -> Self {
        Self::of(|folder| Box::new(E::create(folder)))
    }

    /// The database that an engine has made in this folder.
    pub(crate) fn of(engine: impl FnOnce(&Path) -> Box<dyn Engine>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("migrations")).expect("a folder");
        let engine = engine(folder.path());
        let url = engine.url();
        let (options, interrupt, events) = (Options::default(), CancellationToken::new(), Arc::default());
        Self { engine, folder, url, options, interrupt, events }
    }

    /// Another empty database of the same engine, with an empty folder.
    pub(crate) fn another(&self) -> Self {
        Self::of(|folder| self.engine.another(folder))
    }

    /// A new database that equals this one, if the engine makes one quicker than by running the SQL again.
    pub(crate) fn copy(&self) -> Option<Self> {
        self.engine.copy().map(|engine| Self::of(|_| engine))
    }

    pub(crate) fn texts(&self) -> &'static Texts {
        self.engine.texts()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("migrations").join(name)
    }

    /// Writes `Script-0001.sql`, `Script-0002.sql` and so on.
    pub(crate) fn scripts<const N: usize>(&self, texts: [&str; N]) {
        for (text, number) in texts.into_iter().zip(1..) {
            self.script(number, text);
        }
    }

    pub(crate) fn script(&self, number: u32, text: &str) {
        self.file(&format!("Script-{number:04}.sql"), text);
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).expect("the folder can be written");
    }

    /// What git answers in the folder of the scripts.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]).args(arguments);
        let output = command.current_dir(self.path("")).output().expect("git is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).expect("the file is there");
    }

    /// A script of these statements, each sent for itself.
    pub(crate) fn joined(&self, statements: &[&str]) -> String {
        let separator = self.texts().separator;
        statements.iter().flat_map(|statement| [*statement, separator]).collect()
    }

    /// The line of one of those statements, from 1, when each has one line.
    pub(crate) fn line_of(&self, statement: usize) -> usize {
        (statement - 1) * self.texts().separator.matches('\n').count() + 1
    }

    /// An upgrade of these scripts that succeeds.
    pub(crate) async fn upgraded<const N: usize>(&self, texts: [&str; N]) {
        self.scripts(texts);
        self.try_upgrade(UpgradeOptions::new()).await.unwrap_or_else(|error| panic!("{:?}", outcome::error(&error)));
    }

    /// Writes an object file.
    pub(crate) fn object(&self, path: &str, text: &str) {
        let file = self.path("objects").join(path);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, text).expect("written");
    }

    pub(crate) fn target(&self) -> Target {
        self.url.parse().expect("a URL")
    }

    pub(crate) fn migrator(&self) -> Migrator {
        self.migrator_of(self.target())
    }

    /// A run of these scripts on another target.
    pub(crate) fn migrator_of(&self, target: Target) -> Migrator {
        let scripts = Scripts::from_dir(self.folder.path().join("migrations")).expect("the folder is there");
        let events = Arc::clone(&self.events);
        let watcher = move |event: &Event<'_>| {
            events.lock().expect("no thread has panicked").extend(outcome::event(event));
        };
        let migrator = Migrator::new(target, scripts).options(self.options.clone());
        migrator.on_event(watcher).cancel_token(self.interrupt.clone())
    }

    /// The events so far.
    pub(crate) fn events(&self) -> Lines {
        self.events.lock().expect("no thread has panicked").clone()
    }

    pub(crate) async fn try_upgrade(&self, options: UpgradeOptions) -> Result<Report, Error> {
        self.migrator().upgrade_with(&options).await
    }

    pub(crate) async fn upgrade(&self) -> Lines {
        self.upgrade_with(UpgradeOptions::new()).await
    }

    pub(crate) async fn upgrade_with(&self, options: UpgradeOptions) -> Lines {
        self.outcome(&self.try_upgrade(options).await)
    }

    pub(crate) async fn upgrade_to(&self, number: u64) -> Lines {
        self.upgrade_with(UpgradeOptions::new().to(Some(number_of(number)))).await
    }

    pub(crate) async fn baseline(&self, to: Option<u64>) -> Lines {
        self.record(&BaselineOptions::new().to(to.map(number_of))).await
    }

    pub(crate) async fn record(&self, baseline: &BaselineOptions) -> Lines {
        self.outcome(&self.migrator().baseline_with(baseline).await)
    }

    pub(crate) async fn rebuild(&self) -> Lines {
        self.outcome(&self.migrator().rebuild().await)
    }

    pub(crate) async fn status(&self) -> Lines {
        let status = self.migrator().status().await;
        self.bare(status.map_or_else(|error| outcome::error(&error), |status| outcome::status(&status)))
    }

    /// An outcome in words, the folder left out.
    pub(crate) fn outcome(&self, answer: &Result<Report, Error>) -> Lines {
        self.bare(match answer {
            Ok(report) => outcome::report(report),
            Err(error) => outcome::error(error),
        })
    }

    fn bare(&self, lines: Lines) -> Lines {
        let folder = format!("{}/", self.folder.path().display());
        let bare = |line: String| self.engine.bare(&line.replace(&folder, "").replace("migrations/", ""));
        lines.into_iter().map(bare).collect()
    }

    /// A text without what is this database's alone.
    pub(crate) fn bare_text(&self, text: &str) -> String {
        self.engine.bare(text)
    }

    /// What is promised of scripts that create something: where the engine commits at once, that is less.
    pub(crate) fn promised(&self, where_it_commits: &'static str) -> &'static str {
        if self.texts().transactional_ddl { "atomic (one transaction)" } else { where_it_commits }
    }

    /// A name in the engine's quotes.
    pub(crate) fn quoted(&self, name: &str) -> String {
        let [open, close] = self.texts().quotes;
        format!("{open}{}{close}", name.replace(close, &[close; 2].iter().collect::<String>()))
    }

    /// The statement of an old tool as it writes it for this engine: `{time}`, `{bool}`, `{blob}`, `{true}`, `{false}`, and
    /// `{x1}` for the bytes of the checksum `{1}`.
    pub(crate) fn in_dialect(&self, sql: &str) -> String {
        let types = self.texts().old_types;
        let places = ["{time}", "{bool}", "{blob}", "{true}", "{false}", "{x1}", "{x2}"];
        places.iter().zip(types).fold(sql.to_owned(), |sql, (place, text)| sql.replace(place, text))
    }

    /// What the engine's own client says.
    pub(crate) fn query(&self, sql: &str) -> String {
        self.engine.client(sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The journal's rows: number, script, state, statements done.
    pub(crate) fn journal(&self) -> Lines {
        let rows = self.query("SELECT number, script, state, statements_done FROM dbmigrate_journal ORDER BY number");
        rows.lines().map(|row| row.trim_end_matches('|').replace('|', " ")).collect()
    }

    /// The journal's rows without the number of statements.
    pub(crate) fn states(&self) -> Lines {
        let rows = self.query("SELECT number, script, state FROM dbmigrate_journal ORDER BY number");
        rows.lines().map(|row| row.replace('|', " ")).collect()
    }

    /// Everything in the database as text.
    pub(crate) fn dump(&self) -> String {
        self.engine.dump()
    }

    pub(crate) async fn session(&self) -> Box<dyn Session> {
        self.engine.session().await
    }

    /// Ends every session: a server may not have noticed yet that a program is gone.
    pub(crate) fn end_sessions(&self) {
        self.engine.end_sessions();
    }

    pub(crate) fn drop_database(&self) {
        self.engine.drop_database();
    }

    /// What is left beside the database and should not be.
    pub(crate) fn left_beside(&self) -> Lines {
        self.engine.left_beside()
    }

    pub(crate) fn exists(&self) -> bool {
        self.engine.exists()
    }

    /// The program with the options that name this database and its scripts.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dbmigrate"));
        command.args(arguments).args(["--url", &self.url]).current_dir(self.folder.path());
        command.env_remove("DBMIGRATE_URL").env_remove("DATABASE_URL");
        command
    }
}

pub(crate) fn number_of(number: u64) -> Number {
    Number::new(number).expect("a small number")
}

/// Longer than anything takes that happens at all.
const LONG: Duration = Duration::from_mins(1);

/// Waits for something that another program does.
pub(crate) async fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let started = Instant::now();
    while !happened() {
        assert!(started.elapsed() < LONG, "a minute has passed without this: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How a program ended: its exit code and what it said on standard error.
pub(crate) fn ended(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}
