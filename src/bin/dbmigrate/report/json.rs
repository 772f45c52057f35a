//! Results for programs to read: `docs/json.md` describes them.

use std::time::Duration;

use dbmigrate::adopt::AdoptError;
use dbmigrate::outcome::{Accepted, Cleaned, Repaired, Squashed};
use dbmigrate::schema::{Comparison, Difference, NotCompared};
use dbmigrate::script::Location;
use dbmigrate::{
    Applied, AppliedObject, Error, Number, ObjectFile, ObjectStatus, Plan, Problem, Rehearsal, Report, Script,
    ScriptStatus, Scripts, Start, Status, Verification, Warning,
};
use serde_json::{Value, json};

use super::hints;
use crate::settings::Settings;

/// The database and the scripts that a document is about.
#[derive(Debug, Default)]
pub(super) struct Subject {
    target: Option<String>,
    database: Option<String>,
    dir: Option<String>,
    revision: Option<String>,
    /// Whether it is known which kind of database the scripts are for.
    context: bool,
}

impl Subject {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            target: settings.known_target().map(ToString::to_string),
            database: settings.known_target().map(dbmigrate::Target::database),
            dir: Some(settings.dir.display().to_string()),
            revision: settings.at.clone(),
            context: settings.engine.is_some(),
        }
    }
}

pub(super) fn document(command: &str, subject: &Subject, rest: Value) -> String {
    let mut document = json!({
        "command": command,
        "version": dbmigrate::VERSION,
        "target": subject.target,
        "database": subject.database,
        "dir": subject.dir,
    });
    if let (Value::Object(document), Value::Object(rest)) = (&mut document, rest) {
        document.extend(subject.revision.as_deref().map(|revision| ("revision".to_owned(), revision.into())));
        document.extend(rest);
    }
    format!("{document:#}\n")
}

pub(super) fn status(status: &Status, subject: &Subject) -> String {
    let rest = json!({
        "product": status.product,
        "scripts": status.scripts.iter().map(script).collect::<Value>(),
        "objects": status.objects.iter().map(object).collect::<Value>(),
        "applied": status.applied,
        "pending": status.pending,
        "pending_objects": status.pending_objects,
        "at": status.at.map(dbmigrate::Number::get),
        "problems": status.problems.iter().map(problem).collect::<Value>(),
        "warnings": status.warnings.iter().map(hints::warning).collect::<Value>(),
        "guarantee": status.guarantee.as_ref().map(ToString::to_string),
    });
    document("status", subject, rest)
}

pub(super) fn waited(start: &Start, subject: &Subject) -> String {
    let number = |number: &Number| number.get();
    let (mut scripts, mut objects, mut running) = (&[] as &[Number], &[] as &[String], None);
    if let Start::Pending { scripts: numbers, objects: paths, run } = start {
        (scripts, objects, running) = (numbers, paths, run.as_deref());
    }
    let (state, at) = match start {
        Start::UpToDate { at } => ("up-to-date", at.as_ref().map(number)),
        Start::Ahead { at, .. } => ("ahead", Some(number(at))),
        _ => ("pending", None),
    };
    let scripts = scripts.iter().map(number).collect::<Vec<_>>();
    let rest = json!({ "state": state, "at": at, "scripts": scripts, "objects": objects, "run": running });
    document("wait", subject, rest)
}

fn object(object: &ObjectStatus) -> Value {
    json!({
        "path": object.path,
        "title": object.title,
        "state": object.state.as_str(),
        "names": object.names,
        "checksum": object.checksum.map(|checksum| checksum.to_string()),
        "commit": object.commit,
        "applied_at": object.applied_at.as_ref().map(ToString::to_string),
        "applied_by": object.applied_by,
    })
}

fn applied_object(object: &AppliedObject) -> Value {
    json!({ "path": object.path, "why": object.why.as_str(), "names": object.names })
}

fn script(script: &ScriptStatus) -> Value {
    json!({
        "number": script.number.get(),
        "script": script.script,
        "title": script.title,
        "state": script.state.as_str(),
        "checksum": script.checksum.map(|checksum| checksum.to_string()),
        "commit": script.commit,
        "applied_at": script.applied_at.as_ref().map(ToString::to_string),
        "duration_ms": script.duration.map(millis),
        "applied_by": script.applied_by,
    })
}

pub(super) fn rehearsed(rehearsal: &Rehearsal, subject: &Subject) -> String {
    let lock = |lock: &dbmigrate::outcome::HeldLock| json!({ "relation": lock.relation, "mode": lock.mode });
    let script = |script: &dbmigrate::outcome::Rehearsed| {
        let mut value = applied(&script.applied);
        value["rows"] = script.rows.into();
        value["locks"] = script.locks.iter().map(lock).collect();
        value
    };
    let rest = json!({
        "rehearsal": true,
        "product": rehearsal.product,
        "rehearsed": rehearsal.scripts.iter().map(script).collect::<Value>(),
        "objects": rehearsal.objects.iter().map(applied_object).collect::<Value>(),
        "at": rehearsal.plan.at().map(Number::get),
        "guarantee": rehearsal.plan.guarantee().to_string(),
        "warnings": rehearsal.plan.warnings().iter().map(hints::warning).collect::<Value>(),
        "duration_ms": millis(rehearsal.duration),
    });
    document("upgrade", subject, rest)
}

pub(super) fn verified(verification: &Verification, subject: &Subject) -> String {
    let mut rest = compared(&verification.comparison);
    rest["product"] = verification.product.clone().into();
    rest["at"] = verification.at.map(Number::get).into();
    rest["reference"] = verification.reference.clone().into();
    rest["run"] = verification.run.as_ref().map(|(run, _)| run.to_string()).into();
    rest["recorded_at"] = verification.run.as_ref().map(|(_, at)| at.to_string()).into();
    rest["notes"] = verification.notes.clone().into();
    rest["only_here"] = verification.only_here.rows.clone().into();
    rest["rights_only_here"] = verification.only_here.rights.clone().into();
    rest["duration_ms"] = millis(verification.duration).into();
    document("verify", subject, rest)
}

pub(super) fn accepted(accepted: &Accepted, subject: &Subject) -> String {
    let mut rest = compared(&accepted.comparison);
    rest["accepted"] = true.into();
    rest["reference"] = accepted.reference.clone().into();
    document("verify", subject, rest)
}

pub(super) fn compared(comparison: &Comparison) -> Value {
    let missing = |missing: &NotCompared| json!({ "kind": missing.kind, "name": missing.name, "why": missing.why });
    let differs = |difference: &Difference| {
        json!({
            "kind": difference.kind,
            "name": difference.name,
            "change": difference.change.as_str(),
            "recorded": difference.recorded,
            "found": difference.found,
            "diff": difference.diff(),
        })
    };
    json!({
        "equal": comparison.is_equal(),
        "compared": comparison.compared,
        "not_compared": comparison.not_compared.iter().map(missing).collect::<Value>(),
        "differences": comparison.differences.iter().map(differs).collect::<Value>(),
    })
}

pub(super) fn squashed(squashed: &Squashed, subject: &Subject) -> String {
    let shown = |path: &std::path::PathBuf| path.display().to_string();
    let rest = json!({
        "path": shown(&squashed.path),
        "number": squashed.number.get(),
        "superseded": squashed.superseded.iter().map(shown).collect::<Value>(),
    });
    document("squash", subject, rest)
}

pub(super) fn repaired(repaired: &Repaired, subject: &Subject) -> String {
    let rest = match repaired {
        Repaired::Accepted { script, old, new } => json!({
            "action": "accepted",
            "script": script,
            "old_checksum": old.to_string(),
            "new_checksum": new.to_string(),
        }),
        Repaired::Cleared { script, done } => json!({ "action": "cleared", "script": script, "statements_done": done }),
        Repaired::Unchanged { script } => json!({ "action": null, "script": script }),
        _ => json!({}),
    };
    document("repair", subject, rest)
}

pub(super) fn renumbered(moves: &[(&Script, Number)], subject: &Subject) -> String {
    let row = |(script, number): &(&Script, Number)| json!({ "path": script.path().display().to_string(), "from": script.name(), "to": number.script_name() });
    document("renumber", subject, json!({ "renumbered": moves.iter().map(row).collect::<Value>() }))
}

pub(super) fn checked(scripts: &Scripts, warnings: &[Warning], subject: &Subject) -> String {
    let rest = json!({
        "baselines": scripts.baselines().len(),
        "scripts": scripts.scripts().len(),
        "objects": scripts.objects().len(),
        "statements_checked": subject.context,
        "problems": [],
        "warnings": warnings.iter().map(hints::warning).collect::<Value>(),
    });
    document("check", subject, rest)
}

pub(super) fn done(command: &str, report: &Report, subject: &Subject) -> String {
    let mut rest = json!({
        "product": report.product,
        "applied": report.applied.iter().map(applied).collect::<Value>(),
        "objects": report.objects.iter().map(applied_object).collect::<Value>(),
        "from": report.from.map(dbmigrate::Number::get),
        "at": report.to.map(dbmigrate::Number::get),
        "guarantee": report.guarantee.to_string(),
        "warnings": report.warnings.iter().map(hints::warning).collect::<Value>(),
        "run": report.run.to_string(),
        "duration_ms": millis(report.duration),
    });
    if command == "rebuild" {
        let template = report.template.map(|template| json!({ "at": template.at.get(), "objects": template.objects }));
        rest["template"] = template.into();
    }
    document(command, subject, rest)
}

pub(super) fn cleaned(cleaned: &Cleaned, subject: &Subject) -> String {
    document("clean", subject, json!({ "templates": cleaned.templates, "bytes": cleaned.bytes }))
}

fn applied(applied: &Applied) -> Value {
    json!({
        "number": applied.number.get(),
        "script": applied.script,
        "title": applied.title,
        "duration_ms": millis(applied.duration),
    })
}

pub(super) fn preview(plan: &Plan, sql: &str, subject: &Subject) -> String {
    let step = |step: &dbmigrate::plan::Step| {
        let script = step.script();
        json!({ "number": script.number().get(), "script": script.name(), "title": script.title() })
    };
    let rest = json!({
        "dry_run": true,
        "pending": plan.steps().map(step).collect::<Value>(),
        "objects": plan.objects().map(ObjectFile::relative).collect::<Value>(),
        "at": plan.at().map(dbmigrate::Number::get),
        "guarantee": plan.guarantee().to_string(),
        "warnings": plan.warnings().iter().map(hints::warning).collect::<Value>(),
        "sql": sql,
    });
    document("upgrade", subject, rest)
}

pub(super) fn failure(command: &str, error: &anyhow::Error, subject: &Subject) -> String {
    let typed = error.downcast_ref::<Error>();
    let mut rest = json!({ "error": typed.map_or_else(|| plain(error), failed) });
    if let Some(Error::Differs { comparison, only_here, .. }) = typed {
        rest["verification"] = compared(comparison);
        rest["verification"]["only_here"] = only_here.rows.clone().into();
        rest["verification"]["rights_only_here"] = only_here.rights.clone().into();
    }
    document(command, subject, rest)
}

fn plain(error: &anyhow::Error) -> Value {
    let code = match () {
        () if error.downcast_ref::<crate::settings::Usage>().is_some() => "usage",
        () if error.downcast_ref::<AdoptError>().is_some() => "adopt",
        () => "program",
    };
    json!({
        "code": code,
        "message": super::failure::title(error, ""),
        "hint": hints::of_other(error),
        "notes": [],
        "location": null,
        "server": null,
        "problems": [],
        "state": null,
    })
}

pub(super) fn failed(error: &Error) -> Value {
    let numbers = |numbers: &[dbmigrate::Number]| numbers.iter().map(|number| number.get()).collect::<Value>();
    json!({
        "code": error.code(),
        "message": error.to_string(),
        "hint": hints::of(error),
        "notes": error.notes(),
        "location": error.location().map(location),
        "server": error.server().map(|server| json!({
            "product": server.product,
            "code": server.code,
            "message": server.message,
            "detail": server.detail,
            "hint": server.hint,
            "constraint": server.constraint,
            "context": server.context,
            "also": server.also,
        })),
        "problems": error.problems().iter().map(problem).collect::<Value>(),
        "state": error.state().map(|state| json!({
            "committed": numbers(&state.committed),
            "not_applied": numbers(&state.not_applied),
            "objects": state.objects,
            "stopped": state.stopped,
            "at": state.at.map(dbmigrate::Number::get),
            "unknown": state.unknown,
            "kept": state.beside,
            "dropped": state.dropped,
            "remains": state.remains,
            "unrecorded": state.unrecorded,
            "unfinished": state.partial.as_ref().map(|partial| json!({
                "script": partial.script,
                "statements_done": partial.done,
                "statements": partial.statements,
                "unknown": partial.next != dbmigrate::error::Next::Open,
                "at_least": partial.at_least,
            })),
        })),
    })
}

fn problem(problem: &Problem) -> Value {
    json!({
        "code": problem.code(),
        "message": problem.to_string(),
        "hint": hints::of_problem(problem),
        "notes": problem.notes(),
        "location": problem.location().map(location),
        "path": problem.path().map(|path| path.display().to_string()),
        "diff": problem.diff(),
    })
}

fn location(location: &Location) -> Value {
    json!({
        "path": location.path().display().to_string(),
        "line": location.line(),
        "column": location.column(),
        "excerpt": location.excerpt(),
    })
}

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
