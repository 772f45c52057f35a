//! The commands that write or rename files: `init`, `new` and `renumber`.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use dbmigrate::error::HistoryViolation;
use dbmigrate::script::Kind;
use dbmigrate::{Engine, ErrorKind, Migrator, Number, Problem, Scripts, Target};

use crate::args::Global;
use crate::dotenv::{Dotenv, Given};
use crate::report::{Report, hints};
use crate::settings::{DIR, OBJECTS, Settings, usage};

const CONFIG: &str = include_str!("init/dbmigrate.toml");
const BASELINE: &str = include_str!("init/Baseline.sql");
const SCRIPT: &str = include_str!("init/Script-0001.sql");

/// Writes the files that a project starts with. Existing files are not changed.
pub(super) async fn init(global: &Global, dotenv: &Dotenv, report: &Report) -> Result<ExitCode> {
    let config = global.config.clone().unwrap_or_else(|| "dbmigrate.toml".into());
    let dir = global.dir.clone().unwrap_or_else(|| DIR.into());
    if config.exists() {
        return Err(usage(anyhow::anyhow!("{} already exists: nothing was written", config.display())));
    }
    let given = match &global.url {
        Some(url) => Some(Given::option(url)),
        None => dotenv.url(),
    };
    let target = project_target(given.as_ref())?;
    let has_files = dir.exists() && holds_sql(&Scripts::from_dir(&dir).map_err(dbmigrate::Error::from)?);
    let state = if has_files { State::Unknown } else { look(&target).await };
    write_new(&config, &configuration(&target, given.as_ref(), &dir))?;
    let mut written = vec![config];
    if !has_files {
        std::fs::create_dir_all(&dir).with_context(|| format!("the folder {} cannot be created", dir.display()))?;
        let sample = (state == State::Empty).then_some(("Script-0001.sql", SCRIPT));
        for (name, text) in [("Baseline.sql", BASELINE)].into_iter().chain(sample) {
            write_new(&dir.join(name), text)?;
            written.push(dir.join(name));
        }
    }
    written.extend(create_file(&target)?);
    report.written(&written);
    match &given {
        None => report.note(
            "note",
            &format!(
                "no database was given, so the project is for {}, in {}; to choose another, pass --url or set DATABASE_URL",
                target.engine().name(),
                target.database()
            ),
        ),
        Some(Given { source, .. }) if source == "--url" && has_password(&target) => {
            report.note("note", "the URL has a password: set DBMIGRATE_URL to the URL before the next command; dbmigrate.toml takes it from there");
        }
        Some(Given { source, .. }) if source != "--url" => {
            report.note("note", &format!("the project is for {target} ({source})"));
        }
        Some(_) => {}
    }
    report.note("next", &next(&state, has_files, &dir));
    Ok(ExitCode::SUCCESS)
}

/// Returns the database of a new project: the one that was given, or a file.
fn project_target(given: Option<&Given>) -> Result<Target> {
    let default = || Engine::all().iter().find_map(|engine| engine.default_url()).unwrap_or_default();
    let parsed = given.map_or_else(default, |given| &given.url).parse().map_err(dbmigrate::Error::from);
    match given {
        Some(given) => Ok(parsed.context(given.source.clone())?),
        None => parsed.map_err(|_| usage(anyhow::anyhow!("no database was given: pass --url or set DATABASE_URL"))),
    }
}

fn holds_sql(scripts: &Scripts) -> bool {
    !scripts.is_empty() || !scripts.unrecognized().is_empty()
}

/// The contents of a new project's database.
#[derive(Debug, PartialEq, Eq)]
enum State {
    /// The database is empty, or does not exist yet.
    Empty,
    Occupied,
    /// The database does not answer.
    Unknown,
}

/// Finds out whether the database is empty. If it does not answer, the project gets no sample script.
async fn look(target: &Target) -> State {
    let status = Migrator::new(target.clone(), Scripts::default()).status().await;
    match status {
        Ok(status)
            if status.applied == 0
                && !status
                    .problems
                    .iter()
                    .any(|problem| matches!(problem, Problem::NoJournal | Problem::EmptyJournal)) =>
        {
            State::Empty
        }
        Ok(_) => State::Occupied,
        Err(dbmigrate::Error::NoFile { .. }) => State::Empty,
        Err(dbmigrate::Error::Connect { error, .. }) if error.kind == ErrorKind::NoDatabase => State::Empty,
        Err(_) => State::Unknown,
    }
}

/// Returns what to do next.
fn next(state: &State, has_files: bool, dir: &Path) -> String {
    let dir = dir.display();
    match state {
        _ if has_files => "run dbmigrate check to see what it makes of the existing files".into(),
        State::Empty => format!("write your first change into {dir}/Script-0001.sql, then run dbmigrate upgrade"),
        State::Occupied => format!(
            "the database has tables: write its schema into {dir}/Baseline.sql (README.md says how), then record it with dbmigrate baseline"
        ),
        State::Unknown => format!(
            "the database does not answer: if it has tables, write its schema into {dir}/Baseline.sql and record it with dbmigrate baseline; \
             dbmigrate new writes the first script"
        ),
    }
}

fn has_password(target: &Target) -> bool {
    target.to_string().contains(":***@")
}

/// Returns the configuration for a target. A URL from the environment, or one with a password, is not written into it:
/// the configuration names the variable.
fn configuration(target: &Target, given: Option<&Given>, dir: &Path) -> String {
    let shown = target.to_string();
    let variable = given.and_then(Given::variable).map(|name| format!("${{{name}}}"));
    let url = match (&variable, given) {
        (Some(variable), _) => variable,
        _ if has_password(target) => "${DBMIGRATE_URL}",
        (None, given) => given.map_or(&*shown, |given| &given.url),
    };
    let string = |text: &str| toml::Value::from(text).to_string();
    let scheme = target.engine().schemes()[0];
    let example = match target.file() {
        Some(_) => format!("{scheme}:/srv/shop/shop.db"),
        None => format!("{scheme}://deploy:${{DEPLOY_PASSWORD}}@db.example.org/shop"),
    };
    CONFIG
        .replace("{url}", &string(url))
        .replace("{dir}", &string(&dir.to_string_lossy()))
        .replace("{example}", &string(&example))
}

/// Creates the file of a database that does not exist: an empty file is an empty database.
fn create_file(target: &Target) -> Result<Option<PathBuf>> {
    match target.file() {
        Some(path) if !path.exists() => {
            write_new(path, "")?;
            Ok(Some(path.into()))
        }
        _ => Ok(None),
    }
}

/// Creates the next script.
pub(super) fn new(settings: &Settings, title: &str, since: Option<&str>, report: &Report) -> Result<ExitCode> {
    let scripts = Scripts::from_dir(&settings.dir).map_err(dbmigrate::Error::from)?;
    let since = since.map(|revision| settings.since(revision)).transpose()?;
    let highest = scripts.highest().max(since.as_ref().and_then(|since| since.scripts().highest()));
    let number = highest.unwrap_or(Number::BASELINE).next();
    if number > Number::MAX {
        bail!("there is no number after {}", Number::MAX);
    }
    check_title(title)?;
    if let Some(since) = &since {
        let unknown = since.unknown();
        if !unknown.is_empty() {
            return Err(dbmigrate::Error::Refused { problems: unknown }.into());
        }
        for problem in since.violations(&scripts) {
            report.note("warning", &format!("{problem}; {}", hints::of_problem(&problem)));
        }
    }
    let path = settings.dir.join(number.script_name());
    let text = if title.is_empty() { String::new() } else { format!("-- {title}\n\n") };
    write_new(&path, &text)?;
    report.text(&format!("{}\n", path.display()));
    Ok(ExitCode::SUCCESS)
}

fn check_title(title: &str) -> Result<()> {
    if title.chars().any(char::is_control) {
        return Err(usage(anyhow::anyhow!("the title must be one line of text")));
    }
    if title.trim_start().to_ascii_lowercase().starts_with("dbmigrate:") {
        return Err(usage(anyhow::anyhow!("a title that starts with dbmigrate: would be read as a directive")));
    }
    Ok(())
}

/// Creates the file of an object.
pub(super) fn new_object(settings: &Settings, path: &str, title: &str, report: &Report) -> Result<ExitCode> {
    check_title(title)?;
    let below = Path::new(path);
    let refuse = |why: &str| Err(usage(anyhow::anyhow!("{path:?} {why}")));
    let is_plain = below.components().all(|part| matches!(part, Component::Normal(_)));
    let is_text = !path.contains(|c: char| c.is_control() || c == '\\');
    if !is_plain || !is_text || below.file_name().is_none() || path.ends_with('/') {
        return refuse("is not a path in the folder of objects, such as views/totals.sql");
    }
    if below.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b".")) {
        return refuse("is hidden: dbmigrate does not read files whose names start with a dot");
    }
    if below.starts_with(settings.objects()) || below.starts_with(OBJECTS) {
        return refuse("begins with the folder of objects: leave that out");
    }
    let is_sql = below.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("sql"));
    let below = if is_sql { below.to_owned() } else { PathBuf::from(format!("{path}.sql")) };
    let path = settings.objects().join(&below);
    let text = if title.is_empty() { String::new() } else { format!("-- {title}\n\n") };
    let problem = Scripts::from_files([(Path::new(OBJECTS).join(&below), text.clone().into_bytes())]);
    if !problem.problems().is_empty() {
        let problems = problem.problems().iter().cloned().map(Problem::from).collect();
        return Err(dbmigrate::Error::Refused { problems }.into());
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} cannot be created", folder.display()))?;
    }
    write_new(&path, &text)?;
    report.text(&format!("{}\n", path.display()));
    Ok(ExitCode::SUCCESS)
}

/// Renumbers this branch's scripts to follow those of a revision.
pub(super) fn renumber(settings: &Settings, revision: &str, report: &Report) -> Result<ExitCode> {
    report.begin(settings);
    let scripts = Scripts::from_dir(&settings.dir).map_err(dbmigrate::Error::from)?;
    let since = settings.since(revision)?;
    let moves = since.moves(&scripts);
    if let Some((_, last)) = moves.last().filter(|(_, last)| *last > Number::MAX) {
        bail!("there is no number {last}: the highest is {}", Number::MAX);
    }
    // only this branch's scripts can be renumbered, not the revision's, and not a file with a problem
    let violations = since.violations(&scripts).into_iter().filter(|problem| !is_moved(problem));
    let problems = scripts.problems().iter().cloned().map(Problem::from).chain(violations).collect::<Vec<_>>();
    if !problems.is_empty() {
        return Err(dbmigrate::Error::Refused { problems }.into());
    }
    let repository = settings.repository().map_err(dbmigrate::Error::from)?;
    // the highest first when numbers go up, the lowest first when they go down: each new name is free
    let (up, down): (Vec<_>, Vec<_>) = moves.iter().partition(|(script, number)| script.number() < *number);
    for (script, number) in up.into_iter().rev().chain(down) {
        let to = script.path().with_file_name(number.script_name());
        repository.rename(script.path(), &to).map_err(dbmigrate::Error::from)?;
    }
    report.renumbered(&moves);
    Ok(ExitCode::SUCCESS)
}

/// Whether renumbering resolves the problem.
fn is_moved(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::Since {
            kind: Kind::Script,
            why: HistoryViolation::Collided { .. } | HistoryViolation::Below { .. },
            ..
        } | Problem::Since { why: HistoryViolation::NotMerged, .. }
    )
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    if file.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists) {
        bail!("{} already exists: it was not changed", path.display());
    }
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("{} cannot be written", path.display()))
}
