//! A folder of scripts, a server that plays its part, and what came of a run.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use dbmigrate::{CancellationToken, Error, Event, Migrator, Options, Report, Scripts, Target};

use crate::outcome;
use crate::recorder::{Login, Recorder, Reply};

/// A run's stage.
pub(crate) struct Stage {
    pub(crate) recorder: Recorder,
    pub(crate) options: Options,
    pub(crate) interrupt: CancellationToken,
    scripts: Vec<(String, String)>,
    said: Arc<Mutex<Vec<String>>>,
}

/// What the server says of itself.
pub(crate) fn greeting() -> Vec<Reply> {
    greeting_of("16.0.4135.4")
}

/// The same of a server of this version.
pub(crate) fn greeting_of(version: &str) -> Vec<Reply> {
    let cells = ["57", "deployer", version, "3", "us_english"].map(|cell| Some(cell.to_owned()));
    let mark = Reply::Info { number: 0, message: "dbmigrate listens".into() };
    vec![mark, Reply::Rows { columns: &["", "", "", "", ""], rows: vec![cells.into()] }]
}

/// One row of one cell.
pub(crate) fn cell(text: &str) -> Vec<Reply> {
    cells(&[text])
}

/// Rows of one cell each.
pub(crate) fn cells(texts: &[&str]) -> Vec<Reply> {
    vec![Reply::Rows { columns: &["x"], rows: texts.iter().map(|text| vec![Some((*text).to_owned())]).collect() }]
}

pub(crate) fn error(number: u32, message: &str, line: u32) -> Reply {
    error_in("", number, message, line)
}

pub(crate) fn error_in(procedure: &str, number: u32, message: &str, line: u32) -> Reply {
    let (message, procedure) = (message.to_owned(), procedure.to_owned());
    Reply::Error { number, state: 1, class: 16, message, procedure, line }
}

/// What a server says of a session: its transactions, its database.
pub(crate) fn whole(state: &str, database: &str) -> Vec<Reply> {
    whole_of(state, database, "4711")
}

/// The same with what tells the transaction from others.
pub(crate) fn whole_of(state: &str, database: &str, transaction: &str) -> Vec<Reply> {
    let row = [state, database, "deployer", transaction].map(|cell| Some(cell.to_owned()));
    vec![Reply::Rows { columns: &["", "", "", ""], rows: vec![row.into()] }]
}

/// A server on which everything is as it should be, in an empty database.
pub(crate) fn plays(batch: &str, database: &str) -> Vec<Reply> {
    match batch {
        _ if batch.contains("@@SPID") => greeting(),
        _ if batch.contains("CAST(@@TRANCOUNT AS") => {
            let row = [database, "0"].map(|cell| Some(cell.to_owned()));
            vec![Reply::Rows { columns: &["", ""], rows: vec![row.into()] }]
        }
        _ if batch.contains("OBJECT_ID(N'[dbo].[dbmigrate_journal]', 'U')") => cell("0"),
        _ if batch.starts_with("SELECT TOP (0)") => {
            vec![error(208, "Invalid object name 'dbo.dbmigrate_journal'.", 1)]
        }
        _ if batch.starts_with("SELECT CAST(CURRENT_TRANSACTION_ID()") => cell("4711"),
        _ if batch.contains("sys.types") => cell("0"),
        _ if batch.contains("sp_getapplock") => cell("0"),
        _ if batch.starts_with("SELECT CASE (SELECT APPLOCK_TEST") => cell("ended"),
        _ if batch.contains("APPLOCK_TEST") => cell("1"),
        _ if batch.contains("XACT_STATE()") && batch.ends_with("(SELECT NULL)") => whole("0 0", database),
        _ if batch.contains("XACT_STATE()") => whole("1 1", database),
        _ if batch.contains("BEGIN TRANSACTION") => vec![Reply::Begin],
        _ if batch.starts_with("COMMIT") => vec![Reply::Commit],
        _ if batch.contains("ROLLBACK TRANSACTION") => vec![Reply::Rollback],
        _ => Vec::new(),
    }
}

/// How many rows the journal has: committed, and in the transaction that is open.
#[derive(Default)]
struct Rows {
    committed: usize,
    open: usize,
}

impl Rows {
    /// After this batch.
    fn after(&mut self, batch: &str) -> usize {
        match batch {
            _ if batch.contains("INSERT INTO [") && batch.contains(" (number, script, ") => self.open += 1,
            _ if batch.contains("ROLLBACK TRANSACTION") => self.open = 0,
            _ if batch.starts_with("COMMIT") => self.committed += std::mem::take(&mut self.open),
            _ => {}
        }
        self.committed + self.open
    }
}

/// What a server says when it is asked for the number of rows.
fn counts(batch: &str, rows: usize) -> Option<Vec<Reply>> {
    let row = |cells: &[&str]| vec![cells.iter().map(|cell| Some((*cell).to_owned())).collect()];
    let (columns, rows): (&[&str], _) = match rows.to_string() {
        rows if batch.contains("APPLOCK_MODE") => (&["", ""], row(&["Exclusive", &rows])),
        rows if batch.starts_with("SELECT count(*) FROM") => (&[""], row(&[&rows])),
        _ => return None,
    };
    Some(vec![Reply::Rows { columns, rows }])
}

impl Stage {
    /// The scripts from number 1 on, and a server that answers as `plays` does where `answer` says nothing.
    pub(crate) async fn set(
        scripts: &[&str],
        answer: impl Fn(usize, &str) -> Option<Vec<Reply>> + Send + Sync + 'static,
    ) -> Self {
        Self::set_greeting(scripts, |_, _| Ok(()), answer).await
    }

    /// The same with a say at the login.
    pub(crate) async fn set_greeting(
        scripts: &[&str],
        greet: impl Fn(usize, &Login) -> Result<(), Vec<Reply>> + Send + Sync + 'static,
        answer: impl Fn(usize, &str) -> Option<Vec<Reply>> + Send + Sync + 'static,
    ) -> Self {
        let databases = Arc::new(Mutex::new(BTreeMap::new()));
        let opened = Arc::clone(&databases);
        let greet = move |connection: usize, login: &Login| {
            opened.lock().expect("no thread has panicked").insert(connection, login.database.clone());
            greet(connection, login)
        };
        let journal = Mutex::new(Rows::default());
        let answer = move |connection: usize, batch: &str| {
            let rows = journal.lock().expect("no thread has panicked").after(batch);
            let database = databases.lock().expect("no thread has panicked")[&connection].clone();
            // a row of the journal has the script's text in it
            let own = batch.contains("INTO [dbo].[dbmigrate_journal]") || batch.starts_with("UPDATE [dbo]");
            let answer = if own { None } else { answer(connection, batch) };
            if let (true, Some([_, Reply::Rows { rows: known, .. }, _])) =
                (batch.contains("SELECT number, script"), answer.as_deref())
            {
                journal.lock().expect("no thread has panicked").committed = known.len();
            }
            answer.unwrap_or_else(|| counts(batch, rows).unwrap_or_else(|| plays(batch, &database)))
        };
        let recorder = Recorder::start(greet, answer).await;
        let named = |(text, number): (&&str, usize)| (format!("Script-{number:04}.sql"), (*text).to_owned());
        let scripts = scripts.iter().zip(1..).map(named).collect();
        let (interrupt, said) = (CancellationToken::new(), Arc::default());
        let mut options = Options::default();
        options.schema_snapshot = false;
        Self { recorder, options, interrupt, scripts, said }
    }

    /// The stage with an object file.
    pub(crate) fn with_object(mut self, path: &str, text: &str) -> Self {
        self.scripts.push((format!("objects/{path}"), text.to_owned()));
        self
    }

    /// The URL that the recorder can be reached by: it cannot encrypt.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("sqlserver://deployer:secret@127.0.0.1:{}/{database}?encrypt=optional", self.recorder.port())
    }

    pub(crate) fn migrator(&self) -> Migrator {
        self.migrator_to(&self.url("shop"))
    }

    pub(crate) fn migrator_to(&self, url: &str) -> Migrator {
        self.migrator_of(url.parse().expect("a URL"))
    }

    pub(crate) fn migrator_of(&self, target: Target) -> Migrator {
        let scripts = Scripts::from_files(self.scripts.iter().map(|(name, text)| (name, text.clone().into_bytes())));
        let said = Arc::clone(&self.said);
        let watcher = move |event: &Event<'_>| {
            said.lock().expect("no thread has panicked").extend(outcome::event(event));
        };
        let migrator = Migrator::new(target, scripts).options(self.options.clone());
        migrator.on_event(watcher).cancel_token(self.interrupt.clone())
    }

    pub(crate) async fn upgrade(&self) -> String {
        let answer = self.migrator().upgrade().await;
        self.transcript(&answer)
    }

    /// What was said, what came of it, and every batch that was sent.
    pub(crate) fn transcript(&self, answer: &Result<Report, Error>) -> String {
        let outcome = match answer {
            Ok(report) => outcome::report(report),
            Err(error) => outcome::error(error),
        };
        let said = self.said.lock().expect("no thread has panicked").clone();
        let sections = [("said", said), ("outcome", outcome), ("sent", self.sent())];
        let sections = sections.map(|(name, lines)| format!("--- {name}\n{}\n", lines.join("\n")));
        self.masked(&sections.concat())
    }

    /// The logins, and the batches of each connection in the order of their arrival.
    pub(crate) fn sent(&self) -> Vec<String> {
        let mut logins = self.recorder.logins();
        logins.sort_by_key(|(number, _)| *number);
        let logins = logins.into_iter().map(|(number, login)| {
            let Login { user, application, database, .. } = login;
            format!("{number}: login of {user} to {database:?} by {application}")
        });
        let mut batches = self.recorder.batches();
        batches.sort_by_key(|(number, _)| *number);
        let batches = batches.iter().map(|(number, batch)| format!("{number}: {}", batch.replace('\n', "\n   | ")));
        logins.chain(batches).collect()
    }

    /// Without what differs from run to run.
    pub(crate) fn masked(&self, text: &str) -> String {
        let patterns = [
            ("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[run]"),
            ("_dbmigrate_[0-9a-f]{8}", "_dbmigrate_[hex]"),
            ("dbmigrate [0-9a-f]{22}", "dbmigrate [lock]"),
            (r"deployer \([^)]*\)", "deployer ([user]@[host])"),
            (r"SYSUTCDATETIME\(\), \d+", "SYSUTCDATETIME(), [ms]"),
            (
                r"applied_at = SYSUTCDATETIME\(\), duration_ms = \d+",
                "applied_at = SYSUTCDATETIME(), duration_ms = [ms]",
            ),
        ];
        let text = text.replace(&format!("'{}'", dbmigrate::VERSION), "'[version]'");
        let text = text.replace(&format!("dbmigrate {}", dbmigrate::VERSION), "dbmigrate [version]");
        let text = patterns.iter().fold(text, |text, (pattern, mask)| {
            regex::Regex::new(pattern).expect("it is a constant").replace_all(&text, *mask).into_owned()
        });
        // after the others: its digits can occur in a number that they mask
        text.replace(&self.recorder.port().to_string(), "[port]")
    }
}
