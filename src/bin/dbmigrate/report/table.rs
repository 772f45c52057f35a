//! Results for people to read.

use std::time::Duration;

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, Color, Table};
use dbmigrate::journal::State;
use dbmigrate::outcome::{Accepted, Cleaned, Recording, Rehearsed, Repaired, ScriptState, Squashed};
use dbmigrate::schema::{Comparison, Difference, NotCompared};
use dbmigrate::{
    AppliedObject, Number, ObjectState, OnlyHere, Rehearsal, Report, Script, ScriptStatus, Scripts, Start, Status,
    Timestamp,
};

/// Returns the table of `status` and the line below it.
pub(super) fn status(status: &Status, colored: bool) -> String {
    let commits = status.scripts.iter().any(|script| script.commit.is_some());
    let header = ["number", "state", "applied at (UTC)", "duration", "commit", "title"];
    let mut table = columns(header.into_iter().filter(|name| commits || *name != "commit"), colored);
    table.add_rows(status.scripts.iter().map(|script| row(script, commits)));
    if let Some(duration) = table.column_mut(3) {
        duration.set_cell_alignment(CellAlignment::Right);
    }
    let table = if status.scripts.is_empty() { String::new() } else { trimmed(&table.to_string()) + "\n" };
    table + &objects(status, colored) + &summary(status)
}

/// Returns the table of the object files that are not applied as they are.
fn objects(status: &Status, colored: bool) -> String {
    let mut table = columns(["object", "state", "applied at (UTC)", "title"], colored);
    let others = status.objects.iter().filter(|object| object.state != ObjectState::Applied).collect::<Vec<_>>();
    table.add_rows(others.iter().map(|object| {
        let state = Cell::new(object.state.as_str()).fg(Color::Yellow);
        // a deleted file has no title: what it has left says more
        let title = object.title.clone().unwrap_or_else(|| match object.state {
            ObjectState::Deleted => format!("drop {}", object.names.join(", ")),
            _ => String::new(),
        });
        [Cell::new(&object.path), state, Cell::new(seconds(object.applied_at.as_ref())), Cell::new(title)]
    }));
    if others.is_empty() { String::new() } else { trimmed(&table.to_string()) + "\n" }
}

/// Returns a time without the fraction of its seconds.
fn seconds(at: Option<&Timestamp>) -> String {
    at.map_or_else(String::new, |at| at.to_string().replace('T', " ").chars().take(19).collect())
}

/// Counts what is due or was applied: `2`, `2 scripts and 1 object`.
fn scripts_and_objects(number: usize, objects: usize) -> String {
    let objects_counted = if objects == 1 { "1 object".to_owned() } else { format!("{objects} objects") };
    match (number, objects) {
        (number, 0) => scripts(number),
        (0, _) => objects_counted,
        (number, _) => format!("{} and {objects_counted}", scripts(number)),
    }
}

/// Counts what is pending: `2`, `2 scripts and 1 object`.
pub(super) fn pending(scripts: usize, objects: usize) -> String {
    if objects == 0 { scripts.to_string() } else { scripts_and_objects(scripts, objects) }
}

pub(super) fn columns<'a>(header: impl IntoIterator<Item = &'a str>, colored: bool) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(header);
    if colored {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

/// Returns the table of a rehearsal and the line below it.
pub(super) fn rehearsed(rehearsal: &Rehearsal, colored: bool) -> String {
    if rehearsal.scripts.is_empty() && rehearsal.objects.is_empty() {
        return nothing(rehearsal.plan.at());
    }
    let locked = rehearsal.scripts.iter().any(|script| !script.locks.is_empty());
    let header = ["number", "duration", "rows", "title", "locks"];
    let mut table = columns(header.into_iter().filter(|name| locked || *name != "locks"), colored);
    for Rehearsed { applied, rows, locks, .. } in &rehearsal.scripts {
        let locks = locks.iter().map(|lock| format!("{} {}", lock.relation, lock.mode)).collect::<Vec<_>>().join("\n");
        let rows = rows.map_or_else(String::new, |rows| rows.to_string());
        let duration = format!("{} ms", applied.duration.as_millis());
        let mut row = vec![applied.number.to_string(), duration, rows, applied.title.clone().unwrap_or_default()];
        row.extend(locked.then_some(locks));
        table.add_row(row);
    }
    for number in [1, 2] {
        if let Some(column) = table.column_mut(number) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let count = scripts_and_objects(rehearsal.scripts.len(), rehearsal.objects.len());
    let table = if rehearsal.scripts.is_empty() { String::new() } else { trimmed(&table.to_string()) + "\n" };
    let mut objects = columns(["object", "state", "creates"], colored);
    objects.add_rows(rehearsal.objects.iter().map(|object| {
        let AppliedObject { path, why, names, .. } = object;
        [path.clone(), reason(*why).into(), names.join(", ")]
    }));
    let objects = if rehearsal.objects.is_empty() { String::new() } else { trimmed(&objects.to_string()) + "\n" };
    let (guarantee, time) = (rehearsal.plan.guarantee(), rehearsal.duration.as_millis());
    format!("{table}{objects}rehearsed {count} in {time} ms and rolled back; the upgrade: {guarantee}\n")
}

/// Says why an object file was applied.
pub(super) const fn reason(why: ObjectState) -> &'static str {
    match why {
        ObjectState::Applied => "always",
        why => why.as_str(),
    }
}

fn row(script: &ScriptStatus, commits: bool) -> Vec<Cell> {
    let state = Cell::new(script.state.as_str());
    let state = match script.state {
        ScriptState::Pending | ScriptState::Held => state.fg(Color::Yellow),
        ScriptState::Recorded(State::Failed | State::Started | State::Paused) => {
            state.fg(Color::Red).add_attribute(Attribute::Bold)
        }
        _ => state,
    };
    let time = seconds(script.applied_at.as_ref());
    let baseline = if script.script.starts_with("Baseline") { "baseline" } else { "" };
    let number = format!("{} {baseline}", script.number);
    let duration = script.duration.map_or(String::new(), |duration| format!("{} ms", duration.as_millis()));
    let mut row = vec![Cell::new(number.trim_end()), state, Cell::new(time), Cell::new(duration)];
    row.extend(commits.then(|| Cell::new(script.commit.as_deref().map_or_else(String::new, commit))));
    row.push(Cell::new(script.title.as_deref().unwrap_or_default()));
    row
}

/// Abbreviates a commit's name as Git does, and keeps the mark after the name.
fn commit(commit: &str) -> String {
    let (name, mark) = commit.split_once('-').map_or((commit, None), |(name, mark)| (name, Some(mark)));
    let mark = mark.map_or_else(String::new, |mark| format!("-{mark}"));
    format!("{}{mark}", name.get(..10).unwrap_or(name))
}

/// Removes the blanks that fill the last column.
pub(super) fn trimmed(table: &str) -> String {
    table.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn summary(status: &Status) -> String {
    let at = status.at.map_or_else(String::new, |at| format!(", at {at}"));
    let due = pending(status.pending, status.pending_objects);
    let pending = match &status.guarantee {
        Some(_) if status.pending + status.pending_objects == 0 => "nothing pending".to_owned(),
        Some(guarantee) => format!("{due} pending: {guarantee}"),
        None => format!("{due} pending, but an upgrade would be refused ({})", problems(status.problems.len())),
    };
    format!("{} applied{at}; {pending}\n", status.applied)
}

/// The number of tables that are named.
const NAMED: usize = 5;

/// Returns what `baseline` is about to trust.
pub(super) fn trusts(recording: &Recording, verifies: bool) -> String {
    let Recording { product, scripts, tables, old_journals, .. } = recording;
    let named = tables.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let tables = match tables.len() {
        0 => "no tables of its own".to_owned(),
        1 => format!("1 table: {named}"),
        count if count <= NAMED => format!("{count} tables: {named}"),
        count => format!("{count} tables: {named} and {} more", count - NAMED),
    };
    let recorded = match scripts.as_slice() {
        [first, .., last] if scripts.len() > 2 => format!("{first} to {last}"),
        few => few.join(", "),
    };
    let journals =
        old_journals.iter().map(|old| format!("{old}; from here on, keep {} away from this database\n", old.tool));
    let how = if verifies { "if the schema is what they build" } else { "without running or comparing anything" };
    format!(
        "the database ({product}) has {tables}\n{}baseline will record as applied, {how}: {recorded}\n",
        journals.collect::<String>()
    )
}

fn at(at: Option<Number>) -> String {
    at.map_or_else(String::new, |at| format!("at {at}"))
}

fn problems(count: usize) -> String {
    if count == 1 { "1 problem".into() } else { format!("{count} problems") }
}

pub(crate) fn scripts(count: usize) -> String {
    if count == 1 { "1 script".into() } else { format!("{count} scripts") }
}

/// Returns what `upgrade` says when there is nothing to do.
pub(super) fn nothing(number: Option<Number>) -> String {
    number.map_or_else(
        || "nothing to do: no script is applied\n".into(),
        |at| format!("nothing to do: the database is at {at}\n"),
    )
}

/// Returns where a database is that was waited for.
pub(super) fn waited(start: &Start) -> String {
    match start {
        Start::Ahead { at, highest } => format!("the database is at {at}; the highest script is {highest}\n"),
        Start::UpToDate { at: Some(at) } => format!("the database is at {at}\n"),
        _ => "the database has every script\n".into(),
    }
}

/// Returns what is still pending when the time to wait is over.
pub(super) fn waited_in_vain(start: &Start, waited: Duration) -> String {
    let Start::Pending { scripts, objects, run } = start else { return String::new() };
    let numbers = match scripts.as_slice() {
        [] => String::new(),
        [only] => format!(" ({only})"),
        [first, .., last] => format!(" ({first} to {last})"),
    };
    let run = run.as_ref().map_or_else(String::new, |run| format!("; a run is under way: {run}"));
    let waited = humantime::format_duration(waited);
    let are = if scripts.len() + objects.len() == 1 { "is" } else { "are" };
    format!("after {waited}, {}{numbers} {are} still pending{run}\n", scripts_and_objects(scripts.len(), objects.len()))
}

/// Returns the result of a run.
pub(super) fn done(command: &str, report: &Report) -> String {
    let at = at(report.to);
    let is_idle = report.applied.is_empty() && report.objects.is_empty();
    let count = scripts_and_objects(report.applied.len(), report.objects.len());
    if let Some(template) = &report.template {
        let rest = if is_idle { String::new() } else { format!(" with {count}") };
        let millis = report.duration.as_millis();
        return format!("rebuilt from the template at {template}{rest} in {millis} ms: the database is {at}\n");
    }
    match command {
        _ if is_idle => nothing(report.to),
        "baseline" => format!("recorded {count} as applied without running anything: the database is {at}\n"),
        "rebuild" => format!("rebuilt with {count} in {} ms: the database is {at}\n", report.duration.as_millis()),
        _ => format!("applied {count} in {} ms: the database is {at}\n", report.duration.as_millis()),
    }
}

/// Returns the result of `clean`.
pub(super) fn cleaned(cleaned: &Cleaned) -> String {
    match cleaned.templates.len() {
        0 => "there is no template to drop\n".into(),
        1 => format!("dropped 1 template of {}\n", size(cleaned.bytes)),
        count => format!("dropped {count} templates of {}\n", size(cleaned.bytes)),
    }
}

fn size(bytes: u64) -> String {
    bytesize::ByteSize(bytes).display().si().to_string()
}

/// Returns the result of `verify`: the sentence, the differences, and what was compared.
pub(super) fn compared(reference: &str, comparison: &Comparison, only_here: &OnlyHere) -> String {
    let sentence =
        if comparison.is_equal() { format!("the schema is {reference}") } else { comparison.summary(reference) };
    let others = only_here.lines().into_iter().map(|line| format!("not compared: {line}\n"));
    let others = others.collect::<Vec<_>>().concat();
    format!("{sentence}\n{}{}{others}", differences(comparison), extent(comparison))
}

/// Returns the result of `verify --accept`.
pub(super) fn accepted(accepted: &Accepted) -> String {
    let Accepted { reference, comparison, .. } = accepted;
    if comparison.differences.is_empty() {
        return format!("nothing to accept: the schema is {reference}\n");
    }
    let what = if comparison.is_equal() { "the order of columns".into() } else { comparison.summary(reference) };
    format!("accepted: {what}\n{}", differences(comparison))
}

/// Returns each difference as a unified diff.
pub(super) fn differences(comparison: &Comparison) -> String {
    let shown = |difference: &Difference| {
        let Difference { kind, name, .. } = difference;
        let (from, to) = (format!("--- {kind} {name}, expected"), format!("+++ {kind} {name}, found"));
        let diff = difference.diff();
        let body = diff.lines().skip(2).collect::<Vec<_>>().join("\n");
        format!("\n{from}\n{to}\n{body}\n")
    };
    let shown = comparison.differences.iter().map(shown).collect::<String>();
    if shown.is_empty() { shown } else { shown + "\n" }
}

/// Returns what was compared and what was not.
fn extent(comparison: &Comparison) -> String {
    let counts = comparison.compared.iter().map(|(kind, count)| format!("{count} {}", plural(kind, *count)));
    let compared = format!("compared: {}\n", counts.collect::<Vec<_>>().join(", "));
    let missing = |missing: &NotCompared| {
        let what =
            missing.name.as_ref().map_or_else(|| plural(&missing.kind, 2), |name| format!("{} {name}", missing.kind));
        format!("not compared: {what} ({})\n", missing.why)
    };
    compared + &comparison.not_compared.iter().map(missing).collect::<String>()
}

/// Returns a kind of objects as a count has it: `1 index`, `2 indexes`, `2 policies`.
fn plural(kind: &str, count: usize) -> String {
    if count == 1 || kind.ends_with("statistics") {
        return kind.to_owned();
    }
    match kind.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o']) => format!("{stem}ies"),
        _ if ["x", "ss", "ch"].iter().any(|end| kind.ends_with(end)) => format!("{kind}es"),
        _ => format!("{kind}s"),
    }
}

/// Returns the result of `squash`.
pub(super) fn squashed(squashed: &Squashed) -> String {
    let Squashed { path, number, superseded, .. } = squashed;
    let files = superseded.iter().map(|path| format!("  {}\n", path.display())).collect::<Vec<_>>().concat();
    format!(
        "wrote {}: it builds the same database as the scripts\n\
         once no database is below {number}, these files may be deleted:\n{files}",
        path.display()
    )
}

/// Returns the result of `repair`.
pub(super) fn repaired(repaired: &Repaired) -> String {
    match repaired {
        Repaired::Accepted { script, .. } => {
            format!("accepted {script} in its current form: the journal has its new checksum, and nothing was run\n")
        }
        Repaired::Cleared { script, done } => {
            let ran = match done {
                0 => "none of its statements ran".to_owned(),
                1 => "1 of its statements ran, and its effect stays".into(),
                done => format!("{done} of its statements ran, and their effects stay"),
            };
            format!("cleared {script}: the next upgrade runs it from the beginning; {ran}\n")
        }
        Repaired::Unchanged { script } => format!("nothing to do: {script} has not changed since it was applied\n"),
        _ => String::new(),
    }
}

/// Returns the result of `renumber`.
pub(super) fn renumbered(moves: &[(&Script, Number)]) -> String {
    if moves.is_empty() {
        return "nothing to do: no script needs another number\n".into();
    }
    let line =
        |(script, number): &(&Script, Number)| format!("{} -> {}", script.path().display(), number.script_name());
    moves.iter().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

/// Returns the result of `check`.
pub(super) fn checked(scripts: &Scripts) -> String {
    let baselines = match scripts.baselines().len() {
        0 => "no baseline".to_owned(),
        1 => "1 baseline".to_owned(),
        count => format!("{count} baselines"),
    };
    let (scripts, objects) = (scripts.scripts().len(), scripts.objects().len());
    match objects {
        0 => format!("{baselines} and {}: no problems\n", self::scripts(scripts)),
        _ => format!("{baselines}, {}: no problems\n", scripts_and_objects(scripts, objects)),
    }
}
