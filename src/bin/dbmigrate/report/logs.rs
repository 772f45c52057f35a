//! The logs: traces of the library and the program, as text or as JSON.

use dbmigrate::{Error, Event, Problem};
use tracing_subscriber::EnvFilter;

use super::hints;
use super::progress::sentence;
use crate::args::{Global, LogFormat};

/// Installs the subscriber. With JSON, progress and errors are log lines, too.
pub(super) fn start(global: &Global) {
    let own = match (global.log_format, global.verbose) {
        (LogFormat::Text, 0) => "off",
        (LogFormat::Json, 0) if global.quiet => "dbmigrate=warn",
        (_, 0 | 1) => "dbmigrate=info",
        (_, _) => "dbmigrate=debug",
    };
    let builder = tracing_subscriber::fmt().with_env_filter(EnvFilter::new(own)).with_writer(std::io::stderr);
    // only tests try to install a second subscriber in one process
    let _ = match global.log_format {
        LogFormat::Json => builder.json().flatten_event(true).with_target(false).try_init(),
        LogFormat::Text => builder.with_ansi(false).with_target(false).try_init(),
    };
}

/// Writes an event as a log line.
pub(super) fn event(event: &Event<'_>) {
    match event {
        Event::Planned { plan } => {
            tracing::info!(pending = plan.steps().count(), objects = plan.objects().count(), guarantee = %plan.guarantee(), "planned");
        }
        Event::Started { script } => tracing::info!(script = script.name(), title = script.title(), "started"),
        Event::Progress { script, statements, .. } => tracing::debug!(script = script.name(), statements, "progress"),
        Event::Ran { script, duration } => {
            tracing::info!(
                script = script.name(),
                duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
                "ran"
            );
        }
        Event::Recorded { script } => tracing::info!(script = script.name(), "recorded"),
        Event::Committed { scripts } => {
            let scripts = scripts.iter().map(|script| script.name()).collect::<Vec<_>>().join(" ");
            tracing::info!(scripts, "committed");
        }
        Event::ObjectRan { object } => tracing::debug!(object = object.relative(), "ran"),
        Event::ObjectsCommitted { objects } => {
            for object in *objects {
                tracing::info!(object = object.path, why = object.why.as_str(), "applied");
            }
        }
        Event::Copied { template } => tracing::info!(template = %template, "copied"),
        Event::Kept { template } => tracing::info!(template = %template, "kept"),
        Event::Notice { severity, message } => tracing::info!(severity, notice = message, "notice"),
        event => {
            if let Some(text) = sentence(event) {
                tracing::warn!("{text}");
            }
        }
    }
}

pub(super) fn problems(problems: &[Problem]) {
    for problem in problems {
        let location = problem.location().map(ToString::to_string);
        tracing::error!(code = problem.code(), location, hint = hints::of_problem(problem), "{problem}");
    }
}

/// Writes an error as log lines: one for each problem, and one for the error itself.
pub(super) fn failure(error: &anyhow::Error) {
    let Some(typed) = error.downcast_ref::<Error>() else {
        tracing::error!("{}", super::failure::title(error, ""));
        return;
    };
    problems(typed.problems());
    let (location, notes) = (typed.location().map(ToString::to_string), typed.notes().join("; "));
    tracing::error!(code = typed.code(), location, notes, hint = hints::of(typed), "{typed}");
}

/// Writes what happens to a worker as a log line.
#[cfg(feature = "sqs")]
pub(super) fn of_worker(event: &dbmigrate::worker::WorkerEvent<'_>) {
    use dbmigrate::worker::{Verdict, WorkerEvent};
    match event {
        WorkerEvent::Ended { message, job, handled, receives, duration } => {
            let (fleet, database) = (job.map(|job| &*job.fleet), job.map(|job| &*job.database));
            let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
            let (outcome, note) = (handled.verdict.as_str(), &*handled.note);
            if handled.verdict == Verdict::Done {
                tracing::info!(message_id = message, fleet, database, outcome, note, receives, duration_ms, "message");
            } else {
                tracing::warn!(message_id = message, fleet, database, outcome, note, receives, duration_ms, "message");
            }
        }
        event => {
            if let Some(text) = super::worker::line(event, true) {
                tracing::warn!("{text}");
            }
        }
    }
}
