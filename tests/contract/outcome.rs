//! What a run says, as lines of text. Times and process ids are masked.

use std::sync::LazyLock;

use dbmigrate::outcome::ScriptState;
use dbmigrate::{Error, Event, Problem, Report, Status};
use regex::Regex;

pub(crate) type Lines = Vec<String>;

/// `0001 -> 0003: Script-0002.sql, Script-0003.sql; atomic (one transaction)`, and the warnings.
pub(crate) fn report(report: &Report) -> Lines {
    let at = |number: Option<dbmigrate::Number>| number.map_or_else(|| "nothing".into(), |number| number.to_string());
    let scripts = report.applied.iter().map(|applied| applied.script.as_str()).collect::<Vec<_>>().join(", ");
    let line = format!("{} -> {}: {scripts}; {}", at(report.from), at(report.to), report.guarantee);
    std::iter::once(line).chain(report.warnings.iter().map(|warning| format!("warning: {warning}"))).collect()
}

/// The error with its place, its problems, its notes and its hint.
pub(crate) fn error(error: &Error) -> Lines {
    let mut lines = vec![format!("error: {error}")];
    lines.extend(error.location().map(|location| format!("at {location}: {}", marked(location))));
    if let [only] = error.problems() {
        lines.extend(problem(only).into_iter().skip(1));
    } else {
        lines.extend(error.problems().iter().flat_map(problem));
    }
    lines.extend(error.notes().into_iter().flat_map(|note| prefixed("note: ", &note)));
    lines.extend(error.hint().map(|hint| format!("hint: {hint}")));
    lines.iter().map(|line| mask(line)).collect()
}

fn problem(problem: &Problem) -> Lines {
    let mut lines = vec![format!("{}: {problem}", problem.code())];
    lines.extend(problem.location().map(|location| format!("at {location}: {}", marked(location))));
    lines.extend(problem.diff().into_iter().flat_map(|diff| prefixed("", diff)));
    lines.push(format!("hint: {}", problem.hint()));
    lines
}

fn prefixed(prefix: &str, text: &str) -> Lines {
    text.lines().map(|line| format!("{prefix}{line}")).collect()
}

fn marked(location: &dbmigrate::script::Location) -> &str {
    &location.excerpt()[location.mark()]
}

/// The scripts with their states, what would be promised, what is wrong.
pub(crate) fn status(status: &Status) -> Lines {
    let script = |script: &dbmigrate::ScriptStatus| format!("{} {}", script.script, state(script.state));
    let mut lines = status.scripts.iter().map(script).collect::<Lines>();
    lines.push(format!("{} applied, {} pending", status.applied, status.pending));
    lines.extend(status.guarantee.iter().map(ToString::to_string));
    lines.extend(status.warnings.iter().map(|warning| format!("warning: {warning}")));
    lines.extend(status.problems.iter().flat_map(problem));
    lines.iter().map(|line| mask(line)).collect()
}

fn state(state: ScriptState) -> &'static str {
    state.as_str()
}

/// An event, if it says more than that the run continues.
pub(crate) fn event(event: &Event<'_>) -> Option<String> {
    let line = match event {
        Event::WaitingForUpgrade { scripts, objects } => {
            format!("waiting for {scripts} scripts and {objects} objects")
        }
        Event::WaitingForRun { holder } => format!("waiting for the run of {holder}"),
        Event::WaitingForLock { blockers } => format!("waiting for {blockers}"),
        Event::Retrying { attempt, attempts, blockers, .. } => {
            format!("retrying after attempt {attempt} of {attempts}, blocked by {}", blockers.unwrap_or("no session"))
        }
        Event::Started { script } => format!("started {}", script.name()),
        Event::Ran { script, .. } => format!("ran {}", script.name()),
        Event::Notice { severity, message } => format!("{severity}: {message}"),
        Event::Committed { scripts } => {
            format!("committed {}", scripts.iter().map(|script| script.name()).collect::<Vec<_>>().join(", "))
        }
        Event::Swapping => "swapping".into(),
        _ => return None,
    };
    Some(mask(&line))
}

/// Times and process ids differ from run to run.
pub(crate) fn mask(text: &str) -> String {
    static TIME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?Z").expect("a pattern"));
    static PID: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(pid|Process|PID|connection|session) [0-9]+").expect("a pattern"));
    PID.replace_all(&TIME.replace_all(text, "<time>"), "$1 <n>").into_owned()
}
