//! `.env`: variables of the environment for the program alone, as sqlx, dbmate and Prisma read them.

use std::path::{Path, PathBuf};

use crate::args::Global;
use crate::config::NAME;
use crate::settings::{ENVIRONMENT, variable};

/// What a `.env` has added to the environment.
#[derive(Debug, Default)]
pub(crate) struct Dotenv {
    /// The file that was read.
    file: Option<PathBuf>,
    /// The variables with a URL that were set before it was read: they win.
    set_before: Vec<&'static str>,
    /// What is wrong with the file: the numbers of lines that are ignored, or why it cannot be read.
    defect: Option<String>,
}

impl Dotenv {
    /// Adds the variables that are not set to the environment of this process, in which `libpq`'s and those of the
    /// configuration are looked for.
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

    /// The URL of the environment.
    pub(crate) fn url(&self) -> Option<Given> {
        let (before, after): (Vec<_>, Vec<_>) =
            ENVIRONMENT.into_iter().partition(|name| self.set_before.contains(name));
        let (name, url) = before.iter().chain(&after).find_map(|name| Some((*name, variable(name)?)))?;
        let Some(file) = self.file.as_ref().filter(|_| after.contains(&name)) else {
            return Some(Given { source: name.into(), url, remark: None });
        };
        let source = format!("{name} from {}", file.display());
        let remark = Some(format!("{source} names the database"));
        Some(Given { source, url, remark })
    }

    /// What is wrong with the file.
    pub(crate) fn defect(&self) -> Option<&str> {
        self.defect.as_deref()
    }
}

/// A URL that an option or the environment gives.
#[derive(Debug)]
pub(crate) struct Given {
    pub(crate) source: String,
    pub(crate) url: String,
    /// Where it is from, where that may come as a surprise.
    pub(crate) remark: Option<String>,
}

impl Given {
    pub(crate) fn option(url: &str) -> Self {
        Self { source: "--url".into(), url: url.into(), remark: None }
    }

    /// The variable of the environment that it is from.
    pub(crate) fn variable(&self) -> Option<&str> {
        self.source.split(' ').next().filter(|name| ENVIRONMENT.contains(name))
    }
}

/// The nearest `.env`, here or in a folder above, up to the one with the configuration or the top of the Git checkout.
/// Without either, nothing above is ours.
fn find(global: &Global) -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let is_top = |folder: &Path| folder.join(NAME).is_file() || folder.join(".git").exists();
    let last = here.ancestors().position(is_top).unwrap_or(0);
    let above = (0..=last).map(|level| (0..level).map(|_| "..").collect::<PathBuf>());
    let named = global.config.as_ref().and_then(|config| Some(config.parent()?.to_path_buf()));
    above.chain(named).map(|folder| folder.join(".env")).find(|file| file.is_file())
}

/// Adds what can be read; a line that cannot is left out, and its text, which can be a secret, is not shown.
fn add(text: &str, file: &Path) -> Result<(), String> {
    let mut unreadable = Vec::new();
    let mut readable = Vec::new();
    for pair in dotenvy::from_read_iter(text.as_bytes()) {
        match pair {
            // an empty variable of the environment is one that is not set
            Ok((name, value)) if std::env::var_os(&name).is_none_or(|value| value.is_empty()) => {
                let escaped = value.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$").replace('\n', "\\n");
                readable.push(format!("{name}=\"{escaped}\"\n"));
            }
            Ok(_) => {}
            // what is quoted is the line, or its value
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
    Err(format!(
        "{}: not NAME=VALUE, and ignored: {lines} {numbers} (put a value with blanks in quotes)",
        file.display()
    ))
}
