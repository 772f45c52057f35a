//! A project folder for each test, in which the real program runs.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

use regex::Regex;
use tempfile::TempDir;

use crate::support::run;

pub(crate) const ONE: &str = "-- Customers\nCREATE TABLE customers (id integer PRIMARY KEY, name text);\n";
pub(crate) const TWO: &str = "-- Orders\nCREATE TABLE orders (id integer PRIMARY KEY, customer integer);\n";
/// A statement that never ends by itself.
pub(crate) const ENDLESS: &str =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;\n";

/// An empty folder with a clean environment.
pub(crate) struct Project {
    dir: TempDir,
    /// The user's cache.
    cache: TempDir,
    environment: Vec<(String, String)>,
    hidden: Vec<(String, String)>,
    words: &'static [(&'static str, &'static str)],
}

impl Project {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        let [dir, cache] = [(); 2].map(|()| tempfile::tempdir().expect("a temporary folder"));
        Self { dir, cache, environment: Vec::new(), hidden: Vec::new(), words: &[] }
    }

    /// Scripts `Script-0001.sql`, ... with these texts, and no database.
    pub(crate) fn scripts(texts: &[&str]) -> Self {
        let project = Self::empty();
        for (i, text) in texts.iter().enumerate() {
            project.script(i + 1, text);
        }
        project
    }

    /// Scripts with these texts, and an empty SQLite database `app.db` that `DBMIGRATE_URL` names.
    pub(crate) fn sqlite(texts: &[&str]) -> Self {
        let project = Self::scripts(texts).env("DBMIGRATE_URL", "sqlite:app.db");
        project.file("app.db", "");
        project
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Shows `text` as `name` in the program's output.
    pub(crate) fn hide(mut self, text: &str, name: &str) -> Self {
        self.hidden.push((text.into(), name.into()));
        self
    }

    /// Shows what matches a pattern as its placeholder.
    pub(crate) fn neutral(mut self, words: &'static [(&'static str, &'static str)]) -> Self {
        self.words = words;
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, content).expect("a file");
    }

    pub(crate) fn script(&self, number: usize, text: &str) {
        self.file(&format!("migrations/Script-{number:04}.sql"), text);
    }

    pub(crate) fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).expect("it was there");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("it is there")
    }

    /// Returns the program with arguments, ready to run in a folder below the project's folder.
    pub(crate) fn command(&self, folder: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dbmigrate"));
        command.args(arguments).current_dir(self.path(folder)).stdin(Stdio::null()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.dir.path());
        command.env("XDG_CACHE_HOME", self.cache.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program. The arguments contain no blanks.
    pub(crate) fn run(&self, arguments: &str) -> String {
        self.run_with(&arguments.split_whitespace().collect::<Vec<_>>())
    }

    pub(crate) fn run_with(&self, arguments: &[&str]) -> String {
        self.run_in("", arguments)
    }

    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> String {
        self.shown(self.command(folder, arguments).output().expect("the program runs"))
    }

    /// Upgrades and makes sure that nothing happened to `app.db`.
    pub(crate) fn refused(&self) -> String {
        let before = self.sqlite3(".dump");
        let shown = self.run("upgrade");
        assert_eq!(self.sqlite3(".dump"), before, "something was applied: {shown}");
        shown
    }

    /// Runs the program several times, one after the other.
    pub(crate) fn runs(&self, all: &[&str]) -> String {
        let run = |arguments: &&str| format!("$ dbmigrate {arguments}\n{}\n", self.run(arguments));
        all.iter().map(run).collect::<Vec<_>>().concat()
    }

    /// Returns what the program writes to standard output, unchanged.
    pub(crate) fn stdout(&self, arguments: &str) -> String {
        let arguments = arguments.split_whitespace().collect::<Vec<_>>();
        let output = self.command("", &arguments).output().expect("the program runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    pub(crate) fn stderr(&self, arguments: &str) -> String {
        let arguments = arguments.split_whitespace().collect::<Vec<_>>();
        let output = self.command("", &arguments).output().expect("the program runs");
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    /// Returns the JSON document on standard output, and its text without what differs from run to run.
    pub(crate) fn json(&self, arguments: &str) -> (serde_json::Value, String) {
        let stdout = self.stdout(arguments);
        let value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"));
        (value, self.normal(&stdout))
    }

    /// Starts the program and leaves it running.
    pub(crate) fn start(&self, arguments: &str) -> Running<'_> {
        let arguments = arguments.split_whitespace().collect::<Vec<_>>();
        let mut command = self.command("", &arguments);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        Running { project: self, child: Some(child) }
    }

    /// Returns exit code, standard output and standard error, without what differs from run to run.
    pub(crate) fn shown(&self, output: std::process::Output) -> String {
        let code = output.status.code().map_or_else(|| output.status.to_string(), |code| format!("exit {code}"));
        let mut text = code + "\n";
        for (name, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
            let written = String::from_utf8(bytes).expect("UTF-8");
            assert!(!written.contains("panicked"), "{written}");
            if !written.is_empty() {
                text = format!("{text}--- {name}\n{written}");
            }
        }
        self.normal(&text)
    }

    pub(crate) fn normal(&self, text: &str) -> String {
        let dir = self.dir.path().display().to_string();
        let text = self.hidden.iter().fold(text.replace(&dir, "[dir]"), |text, (from, to)| text.replace(from, to));
        self.words.iter().fold(normal(&text), |text, (pattern, name)| {
            Regex::new(pattern).expect("a pattern").replace_all(&text, *name).into_owned()
        })
    }

    /// Returns what git answers in the project's repository. The arguments contain no blanks; `[root]` is the folder.
    pub(crate) fn git(&self, arguments: &str) -> String {
        let root = self.root().display().to_string();
        let mut command = Command::new("git");
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.root());
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ann").env(format!("GIT_{who}_EMAIL"), "ann@example.org");
            command.env(format!("GIT_{who}_DATE"), "2026-01-31T12:00:00Z");
        }
        let arguments = arguments.split_whitespace().map(|argument| argument.replace("[root]", &root));
        let output = command.current_dir(self.root()).args(arguments).output().expect("git is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// Commits everything but the database.
    pub(crate) fn commit(&self, subject: &str) {
        self.git("add --all -- :!app.db*");
        self.git(&format!("commit --quiet -m {subject}"));
    }

    /// Returns what the SQLite shell answers for `app.db`.
    pub(crate) fn sqlite3(&self, sql: &str) -> String {
        client("sqlite3", &["-batch", &self.path("app.db").display().to_string()], sql)
    }

    pub(crate) fn root(&self) -> &Path {
        self.dir.path()
    }
}

/// Runs a program, such as a database's own client, with an input and returns its output.
pub(crate) fn client(program: &str, arguments: &[&str], input: &str) -> String {
    let output = run(Command::new(program).args(arguments), input.as_bytes());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && stderr.is_empty(), "{program}: {stderr}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A run in progress, which is killed if the test fails.
pub(crate) struct Running<'a> {
    project: &'a Project,
    child: Option<Child>,
}

impl Running<'_> {
    /// Waits for a line of standard error that begins like this, and returns that line.
    pub(crate) fn says(&mut self, start: &str) -> String {
        use std::io::Read;
        let stderr = self.child.as_mut().and_then(|child| child.stderr.as_mut()).expect("piped");
        let (mut line, mut byte) = (Vec::new(), [0]);
        while stderr.read(&mut byte).expect("readable") == 1 {
            match byte[0] {
                b'\n' if line.starts_with(start.as_bytes()) => return String::from_utf8(line).expect("UTF-8"),
                b'\n' => line.clear(),
                byte => line.push(byte),
            }
        }
        panic!("it ended without saying {start:?}");
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.child.as_ref().expect("running").id().to_string();
        client("kill", &[&format!("-{signal}"), &pid], "");
    }

    /// Waits for the end, and returns the exit code and what the program wrote after the lines that were waited for.
    pub(crate) fn end(mut self) -> String {
        let child = self.child.take().expect("running");
        self.project.shown(child.wait_with_output().expect("it ends"))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
        }
    }
}

/// The parts of the output that differ from run to run and from machine to machine.
static VARYING: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let user = whoami::username().unwrap_or_default();
    let host = whoami::hostname().unwrap_or_default();
    let author = regex::escape(&format!("{user}@{host}"));
    let version = regex::escape(env!("CARGO_PKG_VERSION"));
    let list = [
        ("[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?Z?", "[time]"),
        (" *(?-u:\\b)[0-9]+ ms(?-u:\\b)", " [n] ms"),
        ("run [0-9a-f]{4} left on [0-9-]{10}", "run [id] left on [date]"),
        (r#"("duration_ms": ?"?|duration_ms=)[0-9]+"#, "${1}[n]"),
        ("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[uuid]"),
        ("127[.]0[.]0[.]1:[0-9]+", "127.0.0.1:[port]"),
        ("(?-u:\\b)pid [0-9]+", "pid [n]"),
        ("(?-u:\\b)connection [0-9]+", "connection [n]"),
        (" for [0-9]+ s(?-u:\\b)", " for [n] s"),
        ("'@'[^']*'", "'@'[host]'"),
        ("(SQLite|PostgreSQL|MySQL) [0-9]+[.][0-9.]+", "${1} [version]"),
        // the session reset after every script: servers have different settings and values
        ("(?-u:\\b)SET [a-z_]+ = [^;]*, timestamp = DEFAULT", "SET [settings], timestamp = DEFAULT"),
        (author.as_str(), "[user@host]"),
        (version.as_str(), "[version]"),
    ];
    list.into_iter().map(|(pattern, name)| (Regex::new(pattern).expect("a pattern"), name)).collect()
});

fn normal(text: &str) -> String {
    VARYING.iter().fold(text.to_owned(), |text, (pattern, name)| pattern.replace_all(&text, *name).into_owned())
}
