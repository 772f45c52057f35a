//! The URL of a file.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use async_trait::async_trait;

use super::parameters::PARAMETERS;
use super::templates::Cache;
use super::test_host::test_host;
use super::{PRODUCT, connect, dump, replacement};
use crate::engine::Target;
use crate::engine::parameters::{Meaning, is_plain, meaning};
use crate::engine::{self, Connection, Engine, OtherForms, Replacement, Settings, TestHost};
use crate::error::Error;
use crate::sql::SQLITE;
use crate::target::{Found, Parts};
use crate::target::{TargetError, decode, query_pairs};

pub(in crate::engine) static ENGINE: Engine = Engine {
    name: PRODUCT,
    schemes: &["sqlite", "sqlite3"],
    forms: &["sqlite:path/to/file.db"],
    dialect: SQLITE,
    takes_charset: false,
    takes_collation: false,
    keeps_templates: true,
    default_url: Some("sqlite:app.db"),
    parse,
    reads: |_| false,
    other_forms: OtherForms {
        jdbc: &["sqlite"],
        from_jdbc: |rest| Some(Parts::new([("database".to_owned(), rest.to_owned())])),
        odbc: &["sqlite"],
        names: |_| None,
        url,
        find,
    },
};

impl Target {
    /// Returns a `SQLite` database in a file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::new(&ENGINE, Arc::new(Address { path: path.into(), read_only: false, ignored: Vec::new() }))
    }
}

const IN_MEMORY: TargetError = TargetError::InMemory { hint: "name a file, such as sqlite:app.db" };

#[derive(Debug, Clone)]
pub(super) struct Address {
    pub(super) path: PathBuf,
    pub(super) read_only: bool,
    ignored: Vec<String>,
}

pub(super) fn parse(text: &str) -> Result<Arc<dyn engine::Address>, TargetError> {
    let (scheme, rest) = (ENGINE.schemes()[0], text.split_once(':').map_or(text, |(_, rest)| rest));
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let (path, query) = rest.split_once('?').map_or((rest, ""), |(path, query)| (path, query));
    let (mut read_only, mut ignored) = (false, Vec::new());
    for (i, (name, value)) in query_pairs(query).into_iter().enumerate() {
        match meaning(PARAMETERS, &name) {
            Some((name, Meaning::Kept)) => match &*value {
                "ro" => read_only = true,
                "rw" | "rwc" => {}
                "memory" => return Err(IN_MEMORY),
                _ => return Err(TargetError::InvalidParameter { name, expected: "it is ro, rw or rwc" }),
            },
            Some((name, Meaning::Refused(expected))) => return Err(TargetError::InvalidParameter { name, expected }),
            Some((name, _)) => ignored.push(name.to_owned()),
            None => {
                let (name, known) = (Some(name).filter(|name| is_plain(name)), "known is mode: ro, rw or rwc");
                return Err(TargetError::UnknownParameter { scheme, name, position: i + 1, known });
            }
        }
    }
    let path = decode(path);
    if path == ":memory:" {
        return Err(IN_MEMORY);
    }
    if path.is_empty() || path.ends_with(['/', '\\']) {
        return Err(TargetError::NoDatabase { scheme, hint: "name a file, such as sqlite:path/to/file.db" });
    }
    Ok(Arc::new(Address { path: path.into(), read_only, ignored }))
}

/// Returns the URL for the file that another program's form names.
pub(super) fn url(parts: &Parts) -> Option<String> {
    parts.get("database").map(|file| format!("sqlite:{file}"))
}

/// Recognizes the URI that `SQLite`'s own programs take, and the plain name of a file.
pub(super) fn find(text: &str) -> Option<Found> {
    let starts = |start: &str| text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start));
    if starts("file:") {
        let path = &text["file:".len()..];
        let path = path.strip_prefix("//").unwrap_or(path).split('?').next().unwrap_or_default();
        return Some(("a file URI", Some(format!("sqlite:{path}"))));
    }
    // C:\shop.db
    let drive = text.get(1..2) == Some(":") && text.starts_with(|c: char| c.is_ascii_alphabetic());
    let path = if drive { &text[2..] } else { text };
    let (name, extension) = path.rsplit_once('.')?;
    let belongs = |c: char| c.is_alphanumeric() || "_ ./\\-".contains(c);
    let is_file = ["db", "db3", "sqlite", "sqlite3"].iter().any(|known| extension.eq_ignore_ascii_case(known));
    (is_file && !name.is_empty() && name.chars().all(belongs))
        .then(|| ("the name of a file", Some(format!("sqlite:{text}"))))
}

pub(super) fn resolved(path: &Path) -> PathBuf {
    path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.into())
}

#[async_trait]
impl engine::Address for Address {
    fn database(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    fn identity(&self) -> String {
        resolved(&self.path).to_string_lossy().into_owned()
    }

    fn is_local(&self) -> bool {
        true
    }

    fn file(&self) -> Option<&Path> {
        Some(&self.path)
    }

    fn is_read_only(&self) -> bool {
        self.read_only
    }

    fn ignored(&self) -> &[String] {
        &self.ignored
    }

    fn relative_to(&self, base: &Path) -> Option<Arc<dyn engine::Address>> {
        Some(Arc::new(Self { path: base.join(&self.path), ..self.clone() }))
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.path.display().to_string().replace('%', "%25").replace('?', "%3F"))
    }

    fn test_base(&self, settings: &Settings) -> Option<Arc<dyn engine::Address>> {
        let path = Cache::of(settings)?.test_base().ok()?;
        Some(Arc::new(Self { path, ..self.clone() }))
    }

    async fn test_host(&self, settings: &Settings) -> Result<Box<dyn TestHost>, Error> {
        Ok(test_host(settings))
    }

    async fn connect(&self, settings: &Settings) -> Result<Box<dyn Connection>, Error> {
        connect(self, settings).await
    }

    async fn replacement(&self, settings: &Settings) -> Result<Box<dyn Replacement>, Error> {
        replacement(&self.path, settings).await
    }

    fn dump_tools(&self) -> Vec<Command> {
        dump::dump_tools(&self.path)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sqlite:{}", self.path.display())
    }
}
