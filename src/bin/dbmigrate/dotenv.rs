//! `.env`: environment variables for this program only, as sqlx, dbmate and Prisma read them.

use std::path::{Path, PathBuf};

use crate::args::Global;
use crate::config::NAME;
use crate::settings::{ENVIRONMENT, variable};

/// The `.env` that was read, and what it added to the environment.
#[derive(Debug, Default)]
pub(crate) struct Dotenv {
    /// The file that was read.
    file: Option<PathBuf>,
    /// The variables with a URL that were set before the file was read: they override it.
    set_before: Vec<&'static str>,
    /// The file's defect: the numbers of ignored lines, or why the file cannot be read.
    defect: Option<String>,
}

impl Dotenv {
    /// Adds variables that are not set to the environment of this process, which also supplies the drivers' own variables and
    /// those of the configuration.
    pub(crate) fn load(global: &Global) -> Self {
        let set_before = ENVIRONMENT.into_iter().filter(|name| variable(name).is_some()).collect();
        let Some(file) = Some(global).filter(|global| !global.no_dotenv).and_then(find) else {
            return Self { set_before, ..Self::default() };
        };
        let defect = std::fs::read_to_string(&file)
            .map_err(|error| format!("{} cannot be read: {error}", file.display()))
            .and_then(|text| add(&text, &file));
        Self { file: Some(file), set_before, defect: defect.err() }
    }

    /// Returns the URL from the environment.
    pub(crate) fn url(&self) -> Option<Given> {
        let (before, after): (Vec<_>, Vec<_>) =
            ENVIRONMENT.into_iter().partition(|name| self.set_before.contains(name));
        let (name, url) = before.iter().chain(&after).find_map(|name| Some((*name, variable(name)?)))?;
        let Some(file) = self.file.as_ref().filter(|_| after.contains(&name)) else {
            return Some(Given { source: name.into(), url, remark: None });
        };
        let source = format!("{name} from {}", file.display());
        let remark = Some(format!("using {source}"));
        Some(Given { source, url, remark })
    }

    /// Returns what is wrong with the file.
    pub(crate) fn defect(&self) -> Option<&str> {
        self.defect.as_deref()
    }
}

/// A URL that an option or the environment gives.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) source: String,
    pub(crate) url: String,
    /// The source of the URL, if it may surprise the user.
    pub(crate) remark: Option<String>,
}

impl Given {
    pub(crate) fn option(url: &str) -> Self {
        Self { source: "--url".into(), url: url.into(), remark: None }
    }

    /// Returns the environment variable that contained the URL.
    pub(crate) fn variable(&self) -> Option<&str> {
        self.source.split(' ').next().filter(|name| ENVIRONMENT.contains(name))
    }
}

/// Finds the nearest `.env`, from the current folder up to the one with the configuration or the top of the Git
/// checkout. Without either, only the current folder is searched. The folder of `--config` comes last.
fn find(global: &Global) -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let is_top = |folder: &Path| folder.join(NAME).is_file() || folder.join(".git").exists();
    let last = here.ancestors().position(is_top).unwrap_or(0);
    let above = (0..=last).map(|level| (0..level).map(|_| "..").collect::<PathBuf>());
    let named = global.config.as_ref().and_then(|config| Some(config.parent()?.to_path_buf()));
    above.chain(named).map(|folder| folder.join(".env")).find(|file| file.is_file())
}

/// Adds the readable lines. The error gives only the number of an unreadable line, whose text can be a secret.
fn add(text: &str, file: &Path) -> Result<(), String> {
    let mut unreadable = Vec::new();
    let mut readable = Vec::new();
    for pair in dotenvy::from_read_iter(text.as_bytes()) {
        match pair {
            // an empty environment variable counts as not set
            Ok((name, value)) if std::env::var_os(&name).is_none_or(|value| value.is_empty()) => {
                let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$").replace('\n', "\\n");
                readable.push(format!("{name}=\"{escaped}\"\n"));
            }
            Ok(_) => {}
            // the error quotes the line or its value
            Err(dotenvy::Error::LineParse(part, _)) => {
                let number = text.lines().position(|line| line.trim_end().ends_with(part.trim_end()));
                unreadable.push(number.map_or_else(|| "?".to_owned(), |number| (number + 1).to_string()));
            }
            Err(_) => unreadable.push("?".into()),
        }
    }
    dotenvy::from_read_override(readable.concat().as_bytes())
        .map_err(|_| format!("{} cannot be read", file.display()))?;
    if unreadable.is_empty() {
        return Ok(());
    }
    let lines = if unreadable.len() == 1 { "line" } else { "lines" };
    let numbers = unreadable.join(", ");
    Err(format!("{}: ignored {lines} {numbers}: not NAME=VALUE (put a value with spaces in quotes)", file.display()))
}
