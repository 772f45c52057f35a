//! All output: results go to standard output, everything else goes to standard error.

mod adopt;
mod annotations;
mod failure;
mod fleet;
pub(crate) mod hints;
mod json;
mod logs;
mod progress;
mod prompt;
mod table;
#[cfg(feature = "sqs")]
mod worker;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use dbmigrate::fleet::{FleetEvent, FleetSummary};
use dbmigrate::outcome::{Accepted, Cleaned, Recording, Repaired, Squashed};
#[cfg(feature = "sqs")]
use dbmigrate::worker::WorkerEvent;
use dbmigrate::{Error, Event, Number, Plan, Rehearsal, Script, Scripts, Start, Status, Verification, Warning};

use self::json::Subject;
use self::progress::Progress;
pub(crate) use self::table::scripts as counted;
use crate::args::{Color, Format, Global, LogFormat};
use crate::commands::class;
use crate::settings::Settings;

/// Where and how the program writes its output.
#[derive(Debug)]
pub(crate) struct Report {
    format: Format,
    log_format: LogFormat,
    verbosity: Verbosity,
    /// Whether standard error is coloured.
    colored: bool,
    /// Whether standard output is coloured.
    colored_result: bool,
    progress: Arc<Progress>,
    subject: OnceLock<Subject>,
    /// Why the result did not reach standard output.
    unwritten: OnceLock<std::io::Error>,
}

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verbosity {
    /// Results and errors.
    Results,
    /// Everything, with repetitions summed up.
    Summary,
    All,
}

impl Report {
    fn is_quiet(&self) -> bool {
        self.verbosity == Verbosity::Results
    }

    fn shows_all(&self) -> bool {
        self.verbosity == Verbosity::All
    }

    pub(crate) fn new(global: &Global) -> Self {
        let colored = |terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        logs::start(global);
        let json_logs = global.log_format == LogFormat::Json;
        Self {
            format: global.format,
            log_format: global.log_format,
            verbosity: match global {
                Global { quiet: true, .. } => Verbosity::Results,
                Global { verbose: 0, .. } => Verbosity::Summary,
                _ => Verbosity::All,
            },
            colored: colored(std::io::stderr().is_terminal()),
            colored_result: colored(std::io::stdout().is_terminal()),
            progress: Arc::new(Progress::new(
                global.quiet || json_logs,
                global.verbose > 0,
                std::io::stderr().is_terminal(),
            )),
            subject: OnceLock::new(),
            unwritten: OnceLock::new(),
        }
    }

    /// Announces which database is about to be changed, from which scripts.
    pub(crate) fn announce(&self, command: &str, settings: &Settings) {
        // a commit in the new database means nothing until it replaces the old one
        if command == "rebuild" && !self.shows_all() {
            self.progress.sum_up();
        }
        if let Some(target) = settings.known_target().filter(|_| !self.is_quiet() && self.log_format == LogFormat::Text)
        {
            let at = settings.at.as_ref().map_or_else(String::new, |revision| format!(" at {revision}"));
            self.progress.line(&format!("{command} {target} from {}{at}", settings.dir.display()));
        }
    }

    /// Announces how many databases are about to be changed, from which scripts.
    pub(crate) fn announce_fleet(&self, command: &str, databases: usize, settings: &Settings) {
        if !self.is_quiet() && self.log_format == LogFormat::Text {
            let at = settings.at.as_ref().map_or_else(String::new, |revision| format!(" at {revision}"));
            let databases = fleet::databases(databases);
            self.progress.line(&format!("{command}: {databases} from {}{at}", settings.dir.display()));
        }
    }

    /// Shows what `baseline` is about to trust.
    pub(crate) fn trusts(&self, recording: &Recording, verifies: bool) {
        match self.log_format {
            LogFormat::Json => recording.old_journals.iter().for_each(|old| self.note("warning", &old.to_string())),
            LogFormat::Text if self.is_quiet() => {}
            LogFormat::Text => self.progress.text(&table::trusts(recording, verifies)),
        }
    }

    /// Takes note of the settings and shows the remarks about them, before anything is done.
    pub(crate) fn begin(&self, settings: &Settings) {
        let database = settings.known_target().map(ToString::to_string);
        tracing::info!(database, dir = %settings.dir.display(), "starting");
        // a program runs one command
        let _ = self.subject.set(Subject::new(settings));
        for (kind, remark) in &settings.remarks {
            self.note(kind, remark);
        }
    }

    fn subject(&self) -> &Subject {
        self.subject.get_or_init(Subject::default)
    }

    /// Returns a function that shows the events of a run.
    pub(crate) fn watcher(&self) -> impl Fn(&Event<'_>) + Send + Sync + 'static {
        let (progress, format) = (Arc::clone(&self.progress), self.log_format);
        move |event| match format {
            LogFormat::Json => logs::event(event),
            LogFormat::Text => progress.show(event),
        }
    }

    /// Writes text to standard output, unchanged.
    pub(crate) fn text(&self, text: &str) {
        self.progress.finish();
        let mut stdout = std::io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            // the reader has closed the pipe: `dbmigrate status | head -1`
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                let _ = self.unwritten.set(error);
            }
            _ => {}
        }
    }

    /// Writes a remark to standard error.
    pub(crate) fn note(&self, kind: &str, text: &str) {
        match self.log_format {
            LogFormat::Json => tracing::warn!("{text}"),
            LogFormat::Text if self.is_quiet() => {}
            LogFormat::Text => self.progress.line(&format!("{kind}: {text}")),
        }
    }

    pub(crate) fn written(&self, files: &[PathBuf]) {
        for file in files.iter().filter(|_| !self.is_quiet()) {
            self.text(&format!("wrote {}\n", file.display()));
        }
    }

    pub(crate) fn checked(&self, scripts: &Scripts, warnings: &[Warning], settings: &Settings) {
        if self.format == Format::Json {
            return self.text(&json::checked(scripts, warnings, self.subject()));
        }
        for warning in warnings {
            self.note("warning", &hints::warning(warning));
        }
        if settings.engine.is_none() {
            let unnamed = || "neither --url nor a target says which kind of database they are for".to_owned();
            let why = settings.misunderstood().map_or_else(unnamed, |error| failure::title(error, ""));
            self.note("note", &format!("the statements were not checked: {why}"));
        }
        self.text(&table::checked(scripts));
    }

    pub(crate) fn status(&self, status: &Status) {
        if self.format == Format::Json {
            return self.text(&json::status(status, self.subject()));
        }
        for warning in &status.warnings {
            self.note("warning", &hints::warning(warning));
        }
        self.text(&table::status(status, self.colored_result));
        match self.log_format {
            LogFormat::Json => logs::problems(&status.problems),
            LogFormat::Text => self.progress.text(&failure::problems(&status.problems, self.colored, self.shows_all())),
        }
    }

    /// Writes what a wait has found.
    pub(crate) fn waited(&self, start: &Start, waited: Duration) {
        match self.format {
            Format::Json => self.text(&json::waited(start, self.subject())),
            Format::Table if start.is_ready() && self.is_quiet() => {}
            Format::Table if start.is_ready() => self.text(&table::waited(start)),
            Format::Table => self.note("error", table::waited_in_vain(start, waited).trim_end()),
        }
    }

    /// Writes the SQL of a preview, which `make` delivers part by part.
    pub(crate) async fn preview<E>(
        &self,
        make: impl AsyncFnOnce(&mut (dyn FnMut(&str) + Send)) -> Result<Plan, E>,
    ) -> Result<(), E> {
        const PAGE: usize = 64 * 1024;
        let mut sql = String::new();
        let mut take = |part: &str| {
            sql.push_str(part);
            if self.format == Format::Table && sql.len() > PAGE {
                self.text(&std::mem::take(&mut sql));
            }
        };
        let plan = make(&mut take).await?;
        match self.format {
            Format::Json => self.text(&json::preview(&plan, &sql, self.subject())),
            Format::Table if plan.is_empty() => self.text(&format!("-- {}", table::nothing(plan.at()))),
            Format::Table => self.text(&sql),
        }
        Ok(())
    }

    pub(crate) fn done(&self, command: &'static str, report: &dbmigrate::Report) {
        // the other warnings were shown before anything ran
        let late = |warning: &&Warning| {
            let told = matches!(warning, Warning::OldJournal { .. } | Warning::OtherHistory { .. });
            !told
                && (report.applied.is_empty() && report.objects.is_empty()
                    || matches!(
                        warning,
                        Warning::LeftBehind { .. }
                            | Warning::Unverified
                            | Warning::Repeated { .. }
                            | Warning::Unlike { .. }
                            | Warning::Setting { .. }
                            | Warning::NotCompared { .. }
                            | Warning::ObjectLeft { .. }
                            | Warning::ObjectUnnamed { .. }
                            | Warning::ObjectDropped { .. }
                            | Warning::ObjectsPending { .. }
                    ))
        };
        for warning in report.warnings.iter().filter(late) {
            self.note("warning", &hints::warning(warning));
        }
        match self.format {
            Format::Json => self.text(&json::done(command, report, self.subject())),
            Format::Table if self.is_quiet() => {}
            Format::Table => self.text(&table::done(command, report)),
        }
    }

    /// Writes the result of `clean`.
    pub(crate) fn cleaned(&self, cleaned: &Cleaned) {
        match self.format {
            Format::Json => self.text(&json::cleaned(cleaned, self.subject())),
            Format::Table => self.text(&table::cleaned(cleaned)),
        }
    }

    /// Returns the exit code of a command that succeeded: it fails if its result could not be written.
    pub(crate) fn ending(&self, code: ExitCode) -> ExitCode {
        let Some(error) = self.unwritten.get() else { return code };
        let error = anyhow::anyhow!("cannot write to standard output: {error}");
        self.progress.text(&failure::render("", &error, self.colored, true));
        exit_code(&error)
    }

    /// Writes the result of `upgrade --rehearse`.
    pub(crate) fn rehearsed(&self, rehearsal: &Rehearsal) {
        match self.format {
            Format::Json => self.text(&json::rehearsed(rehearsal, self.subject())),
            Format::Table => self.text(&table::rehearsed(rehearsal, self.colored_result)),
        }
    }

    /// Writes the result of `verify`.
    pub(crate) fn verified(&self, verification: &Verification) {
        for note in &verification.notes {
            self.note("note", note);
        }
        match self.format {
            Format::Json => self.text(&json::verified(verification, self.subject())),
            Format::Table => {
                let Verification { reference, comparison, only_here, .. } = verification;
                self.text(&table::compared(reference, comparison, only_here));
            }
        }
    }

    /// Writes the result of `verify --accept`.
    pub(crate) fn accepted(&self, accepted: &Accepted) {
        match self.format {
            Format::Json => self.text(&json::accepted(accepted, self.subject())),
            Format::Table if self.is_quiet() => {}
            Format::Table => self.text(&table::accepted(accepted)),
        }
    }

    /// Writes the result of `squash`.
    pub(crate) fn squashed(&self, squashed: &Squashed) {
        match self.format {
            Format::Json => self.text(&json::squashed(squashed, self.subject())),
            Format::Table => self.text(&table::squashed(squashed)),
        }
    }

    /// Writes the result of `repair`.
    pub(crate) fn repaired(&self, repaired: &Repaired) {
        match self.format {
            Format::Json => self.text(&json::repaired(repaired, self.subject())),
            Format::Table if self.is_quiet() => {}
            Format::Table => self.text(&table::repaired(repaired)),
        }
    }

    /// Writes which scripts have got which numbers.
    pub(crate) fn renumbered(&self, moves: &[(&Script, Number)]) {
        match self.format {
            Format::Json => self.text(&json::renumbered(moves, self.subject())),
            Format::Table => self.text(&table::renumbered(moves)),
        }
        if !moves.is_empty() {
            self.note("note", "a database that has these scripts under their old numbers must be rebuilt");
        }
    }

    /// Writes what happens in a fleet: a line for each database, or a bar.
    pub(crate) fn of_fleet(&self, event: &FleetEvent<'_>) {
        match (event, self.format) {
            (FleetEvent::Started { databases }, Format::Table) => self.progress.begin_fleet(*databases),
            (FleetEvent::Ended(ended), Format::Json) => self.text(&fleet::ended(ended)),
            (FleetEvent::Ended(ended), Format::Table) => self.progress.follow_fleet(ended),
            _ => {}
        }
    }

    /// Keeps the lines of what happens in a fleet instead of writing them.
    pub(crate) fn hold_fleet(&self, event: &FleetEvent<'_>, held: &Mutex<String>) {
        match (event, self.format) {
            (FleetEvent::Ended(ended), Format::Json) => {
                held.lock().unwrap_or_else(PoisonError::into_inner).push_str(&fleet::ended(ended));
            }
            _ => self.of_fleet(event),
        }
    }

    /// Writes what has come of a fleet: each error once, with the databases that have it.
    pub(crate) fn fleet(&self, command: &str, mut summary: FleetSummary) {
        self.progress.finish();
        let failures = std::mem::take(&mut summary.failures);
        for group in &summary.warnings {
            self.note("warning", &fleet::warned(group, self.shows_all()));
        }
        if self.format == Format::Table {
            for group in &summary.drifts {
                self.text(&fleet::differing(group, self.shows_all()));
            }
            for group in failures {
                let affected = fleet::affected(&group, self.shows_all());
                let error = anyhow::Error::from(group.error);
                match self.log_format {
                    LogFormat::Json => logs::failure(&error),
                    LogFormat::Text => {
                        let error = failure::render(command, &error, self.colored, self.shows_all());
                        self.progress.text(&format!("{error}{affected}\n"));
                    }
                }
            }
        }
        match self.format {
            Format::Json => self.text(&fleet::summary(command, &summary)),
            Format::Table if command == "fleet status" => self.text(&fleet::standing(&summary, self.colored_result)),
            Format::Table if self.is_quiet() => {}
            Format::Table => self.text(&format!("{}\n", fleet::counted(command, &summary))),
        }
    }

    /// Writes how many messages were sent.
    #[cfg(feature = "sqs")]
    pub(crate) fn enqueued(&self, count: usize) {
        self.text(&match self.format {
            Format::Json => format!("{}\n", serde_json::json!({ "command": "fleet enqueue", "messages": count })),
            Format::Table => format!("{count} {} sent\n", if count == 1 { "message" } else { "messages" }),
        });
    }

    /// Writes what happens to a worker: a line for each message.
    #[cfg(feature = "sqs")]
    pub(crate) fn of_worker(&self, event: &WorkerEvent<'_>) {
        match self.log_format {
            LogFormat::Json => logs::of_worker(event),
            LogFormat::Text => {
                if let Some(line) = worker::line(event, self.verbosity == Verbosity::Results) {
                    self.progress.line(&line);
                }
            }
        }
    }

    /// Reports an error and returns the exit code.
    pub(crate) fn failure(&self, command: &str, error: &anyhow::Error) -> ExitCode {
        if self.format == Format::Json && !matches!(command, "init" | "new" | "completions" | "man") {
            self.text(&json::failure(command, error, self.subject()));
        }
        if let Some(Error::Differs { reference, comparison, only_here }) = error.downcast_ref()
            && self.format == Format::Table
        {
            self.text(&table::compared(reference, comparison, only_here));
        }
        match self.log_format {
            LogFormat::Json => logs::failure(error),
            LogFormat::Text => self.progress.text(&failure::render(command, error, self.colored, self.shows_all())),
        }
        if command == "check" && std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true") {
            self.progress.text(&annotations::of(error));
        }
        exit_code(error)
    }
}

/// Reports that reporting itself failed.
pub(crate) fn last_words(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {error}");
    exit_code(error)
}

fn exit_code(error: &anyhow::Error) -> ExitCode {
    use dbmigrate::error::ErrorClass as Class;
    let code = match class(error) {
        Class::Failed => 1,
        Class::Usage => 2,
        Class::Refused => 4,
        Class::Locked => 5,
        Class::Drift => 6,
        Class::Interrupted => crate::signals::exit_code(),
    };
    code.into()
}
