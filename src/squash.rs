//! Squashes many scripts into one baseline.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::engine::{Access, Target};
use crate::error::{Error, ServerError};
use crate::journal::JournalTable;
use crate::migrator::{Migrator, Options};
use crate::plan::UpgradeOptions;
use crate::scratch::Scratch;
use crate::script::{Kind, Number, Scripts};

/// A baseline that contains what scripts have done.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Squashed {
    /// Its file.
    pub path: PathBuf,
    /// Its number.
    pub number: Number,
    /// The files that no database at this number or beyond needs.
    pub superseded: Vec<PathBuf>,
}

impl Migrator {
    /// Writes `Baseline-NNNN.sql`: the dump, by the database's own tool, of a scratch database built from the scripts
    /// through a number. Then it builds a second database from that file; if the two dumps differ, it writes no file.
    /// The target's own database is not changed, and other runs on it wait meanwhile.
    ///
    /// # Errors
    ///
    /// [`Error::Squash`] if the tool is missing or fails, or if the two dumps differ; otherwise as for
    /// [`Migrator::rebuild`].
    pub async fn squash(&self, to: Option<Number>) -> Result<Squashed, Error> {
        let Some(number) = to.or_else(|| self.scripts.scripts().last().map(crate::Script::number)) else {
            return refuse("there are no scripts", "write the first one");
        };
        self.need_a_database("squash dumps")?;
        let path = self.scripts.dir().join(number.baseline_name());
        if path.exists() {
            return refuse(format!("{} already exists", path.display()), "pass another number");
        }
        let tool = self.aside(|this| tool(&this.target)).await?;
        let files = Files { written: hidden(&path, "new"), again: hidden(&path, "again") };
        // objects follow the scripts of a rebuild, and are no part of its baseline
        let scripts = self.scripts.through(number, |_| false);
        self.dump(scripts, &UpgradeOptions::new().to(Some(number)), tool, &files.written).await?;
        let baseline = Scripts::of_file(Kind::Baseline, number, &files.written);
        self.dump(baseline, &UpgradeOptions::new(), tool, &files.again).await?;
        let (first, second) = (files.written.clone(), files.again.clone());
        let differing = self.aside(move |_| difference(&first, &second)).await;
        if let Some((one, other)) = differing.map_err(|error| failed(&path, &error))? {
            let why = format!(
                "a database built from the dump differs from the one that the scripts build: it has {other:?} instead of {one:?}"
            );
            return refuse(why, "let the scripts build only what the tool can dump, or write the baseline by hand");
        }
        fs::rename(&files.written, &path).map_err(|error| failed(&path, &error))?;
        let held = |script: &&crate::Script| script.number() <= number;
        let superseded = self.scripts.all().filter(held).map(|script| script.path().to_owned()).collect();
        Ok(Squashed { path, number, superseded })
    }

    /// Builds a scratch database, dumps it without the journal, and drops it.
    async fn dump(&self, scripts: Scripts, through: &UpgradeOptions, tool: usize, into: &Path) -> Result<(), Error> {
        // a schema of the journal's own would be in the dump
        let options = Options { journal: JournalTable::default(), ..self.options.clone() };
        let plain = Self { options, ..self.clone() };
        let scratch = plain.scratch(&self.target, scripts, through, &self.target.context()).await?;
        let dumped = self.write_dump(&scratch, tool, into).await;
        scratch.discard().await;
        dumped
    }

    async fn write_dump(&self, scratch: &Scratch, tool: usize, into: &Path) -> Result<(), Error> {
        let mut connection = scratch.connect(Access::Write).await?;
        let drop = format!("DROP TABLE {}", connection.server().journal.table);
        let dropped = connection.query(&drop).await;
        connection.close().await;
        let doing = "leaving the journal out of the dump".to_owned();
        let failed_drop = |error: ServerError| Error::Database { doing, error, state: None };
        self.or_interrupted(dropped.map_err(failed_drop))?;
        let tool = scratch.target().dump_tools().into_iter().nth(tool);
        let Some(mut tool) = tool else { return refuse("there is no dump tool for this database", DUMP_BY_HAND) };
        let (program, into) = (PathBuf::from(tool.get_program()), into.to_owned());
        let dumped = self.aside(move |_| run(&mut tool, &into)).await;
        dumped.map_err(|error| failed(&program, &error))
    }
}

const DUMP_BY_HAND: &str = "write the baseline with the database's own tools: docs/baselines.md says how";

/// Returns which of the programs that could dump the database is installed.
fn tool(target: &Target) -> Result<usize, Error> {
    let tools = target.dump_tools();
    if tools.is_empty() {
        return refuse("there is no dump tool for this database", DUMP_BY_HAND);
    }
    let is_there = |tool: &Command| {
        let version = Command::new(tool.get_program()).arg("--version").stdin(Stdio::null()).output();
        version.is_ok_and(|output| output.status.success())
    };
    let names = tools.iter().map(|tool| tool.get_program().to_string_lossy()).collect::<Vec<_>>().join(" or ");
    let missing =
        || refuse(format!("{names} is not installed, or not in PATH"), "install the database's own client programs");
    tools.iter().position(is_there).map_or_else(missing, Ok)
}

/// The files of the two dumps, which are deleted at the end.
struct Files {
    written: PathBuf,
    again: PathBuf,
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.written);
        let _ = fs::remove_file(&self.again);
    }
}

/// Returns a file beside the baseline that does not count as a script.
fn hidden(path: &Path, role: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{role}"))
}

fn run(tool: &mut Command, into: &Path) -> io::Result<()> {
    let output = tool.stdin(Stdio::null()).stdout(File::create(into)?).stderr(Stdio::piped()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(said.lines().next().unwrap_or("it printed no message").to_owned()))
}

/// Returns the first lines that differ; what a dump says about itself does not count.
fn difference(one: &Path, other: &Path) -> io::Result<Option<(String, String)>> {
    let lines = |path: &Path| -> io::Result<_> {
        let own = |line: &io::Result<Vec<u8>>| {
            line.as_ref().is_ok_and(|line| {
                ["--", "\\restrict", "\\unrestrict"].iter().any(|own| line.starts_with(own.as_bytes()))
            })
        };
        Ok(BufReader::new(File::open(path)?).split(b'\n').filter(move |line| !own(line)))
    };
    let (mut one, mut other) = (lines(one)?, lines(other)?);
    loop {
        let pair = (one.next().transpose()?, other.next().transpose()?);
        match pair {
            (None, None) => return Ok(None),
            (one, other) if one != other => {
                let shown = |line: Option<Vec<u8>>| {
                    line.map_or_else(
                        || "the end".into(),
                        |line| String::from_utf8_lossy(&line).chars().take(100).collect(),
                    )
                };
                return Ok(Some((shown(one), shown(other))));
            }
            _ => {}
        }
    }
}

fn refuse<T>(why: impl Into<String>, remedy: &str) -> Result<T, Error> {
    Err(Error::Squash { why: why.into(), remedy: remedy.into() })
}

fn failed(what: &Path, error: &io::Error) -> Error {
    let why = format!("{}: {error}", what.display());
    Error::Squash { why, remedy: "nothing was written: fix the problem and run it again".into() }
}
