//! The configuration file.

mod fleet;
#[cfg(feature = "sqs")]
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use dbmigrate::{Target, Variables};
use regex::{Captures, Regex};
use serde::Deserialize;

pub(crate) use self::fleet::{FleetConfig, Listed};
use crate::args::Drift;

/// `dbmigrate.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The folder that contains the file: relative paths start there.
    #[serde(skip)]
    pub(crate) base: PathBuf,
    /// The file; without one, every setting has its default.
    #[serde(skip)]
    file: Option<PathBuf>,
    pub(crate) dir: Option<PathBuf>,
    pub(crate) objects: Option<PathBuf>,
    pub(crate) default_target: Option<String>,
    pub(crate) drift: Option<Drift>,
    #[serde(default)]
    pub(crate) journal: Journal,
    #[serde(default)]
    pub(crate) verify: Verify,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
    #[serde(default, rename = "target")]
    pub(crate) targets: BTreeMap<String, TargetConfig>,
    #[serde(default, rename = "fleet")]
    fleets: BTreeMap<String, FleetConfig>,
    #[cfg(feature = "sqs")]
    #[serde(default)]
    pub(crate) worker: worker::WorkerConfig,
    /// This build has no worker: a configuration that several builds share may still have its settings.
    #[cfg(not(feature = "sqs"))]
    #[serde(default)]
    #[expect(dead_code, reason = "only a build with a worker reads it")]
    worker: toml::Table,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Journal {
    pub(crate) table: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) store_text: Option<bool>,
    pub(crate) schema_snapshot: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verify {
    #[serde(default)]
    pub(crate) ignore: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetConfig {
    pub(crate) url: String,
    pub(crate) dir: Option<PathBuf>,
    pub(crate) objects: Option<PathBuf>,
    #[serde(default)]
    pub(crate) development: bool,
    #[serde(default)]
    pub(crate) protected: bool,
    #[serde(default, deserialize_with = "duration")]
    pub(crate) lock_timeout: Option<Duration>,
    #[serde(default, deserialize_with = "duration")]
    pub(crate) statement_timeout: Option<Duration>,
    #[serde(default, deserialize_with = "duration")]
    pub(crate) wait: Option<Duration>,
    pub(crate) charset: Option<String>,
    pub(crate) collation: Option<String>,
    pub(crate) drift: Option<Drift>,
    #[serde(default)]
    pub(crate) templates: Templates,
    #[serde(default)]
    pub(crate) journal: Journal,
    #[serde(default)]
    variables: BTreeMap<String, Variable>,
}

/// What rebuilds of a target keep.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Templates {
    max: Option<usize>,
    max_size: Option<bytesize::ByteSize>,
}

impl Templates {
    pub(crate) fn limits(self) -> dbmigrate::Templates {
        let mut limits = dbmigrate::Templates::new();
        if let Some(max) = self.max {
            limits = limits.max(max);
        }
        if let Some(size) = self.max_size {
            limits = limits.max_bytes(size.as_u64());
        }
        limits
    }
}

/// The value of a variable, or a table with its value and whether it is secret.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string, or { value = \"...\", secret = true }")]
enum Variable {
    Value(String),
    Declared(DeclaredVariable),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeclaredVariable {
    value: String,
    #[serde(default)]
    secret: bool,
}

impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // the value can be a secret
        f.debug_struct("Variable").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for TargetConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // the URL can hold a password
        f.debug_struct("TargetConfig").finish_non_exhaustive()
    }
}

fn duration<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Duration>, D::Error> {
    let text = match Text::deserialize(value)? {
        Text::Text(text) => text,
        Text::Seconds(seconds) => seconds.to_string(),
    };
    crate::args::duration(&text).map(Some).map_err(serde::de::Error::custom)
}

/// A duration as text, or as a plain number of seconds.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a duration like \"30s\", or a number of seconds")]
enum Text {
    Text(String),
    Seconds(u64),
}

pub(crate) const NAME: &str = "dbmigrate.toml";

impl Config {
    /// Reads the named file, or the nearest one here or in a folder above; without one, the configuration is empty.
    pub(crate) fn find(named: Option<&Path>) -> Result<Self> {
        if let Some(path) = named {
            return Self::read(path);
        }
        let here = std::env::current_dir().context("the current folder cannot be read")?;
        let mut base = PathBuf::new();
        for folder in here.ancestors() {
            if folder.join(NAME).is_file() {
                return Self::read(&base.join(NAME));
            }
            base.push("..");
        }
        Ok(Self::default())
    }

    fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the configuration file {} cannot be read", path.display()))?;
        let config = toml::from_str(&text).map_err(|error| anyhow::anyhow!("{}", explain(path, &text, &error)))?;
        let base = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok(Self { base, file: Some(path.into()), ..config })
    }

    /// Returns the target to use when none is named: `default_target`, or the only one.
    pub(crate) fn default_target(&self) -> Result<Option<&str>> {
        match &self.default_target {
            Some(name) if !self.targets.contains_key(name) => {
                bail!("default_target {name:?} is not one of the configuration's targets: {}", self.names())
            }
            Some(name) => Ok(Some(name)),
            None => Ok(self.targets.keys().next().filter(|_| self.targets.len() == 1).map(String::as_str)),
        }
    }

    /// Explains why there is no database when neither an option nor the environment names one.
    pub(crate) fn no_target(&self) -> String {
        if self.targets.len() > 1 {
            let names = self.names();
            return format!(
                "the configuration has several targets: choose one with --target or default_target ({names})"
            );
        }
        "no database given: pass --url URL, add [target.NAME] to dbmigrate.toml, or set DBMIGRATE_URL or DATABASE_URL \
         (.env is read, too)"
            .into()
    }

    /// Returns the variables for all targets and those of one target, which override them. `${NAME}` in a value is
    /// replaced by the environment variable.
    pub(crate) fn variables(
        &self,
        target: Option<&TargetConfig>,
        environment: impl Fn(&str) -> Option<String> + Copy,
    ) -> Result<Variables> {
        self.with_own(target.map(|target| &target.variables), environment)
    }

    /// Returns the names of the variables for all targets, and of those for one.
    pub(crate) fn variable_names(&self) -> BTreeSet<&str> {
        let own = self.targets.values().flat_map(|target| target.variables.keys());
        self.variables.keys().chain(own).map(String::as_str).collect()
    }

    /// Returns the variables for all fleets and targets and those of one fleet, in the same way.
    pub(crate) fn variables_of_fleet(
        &self,
        fleet: &FleetConfig,
        environment: impl Fn(&str) -> Option<String> + Copy,
    ) -> Result<Variables> {
        self.with_own(Some(&fleet.variables), environment)
    }

    fn with_own(
        &self,
        own: Option<&BTreeMap<String, Variable>>,
        environment: impl Fn(&str) -> Option<String> + Copy,
    ) -> Result<Variables> {
        let mut variables = Variables::default();
        for (name, variable) in self.variables.iter().chain(own.into_iter().flatten()) {
            let (value, secret) = match variable {
                Variable::Value(value) => (value, false),
                Variable::Declared(DeclaredVariable { value, secret }) => (value, *secret),
            };
            let value = expand(value, environment).with_context(|| format!("variable {name}"))?;
            if secret { variables.declare_secret(name, value)? } else { variables.declare(name, value)? }
        }
        Ok(variables)
    }

    /// Returns a target with its name.
    pub(crate) fn target(&self, name: &str) -> Result<(&str, &TargetConfig)> {
        let found = self.targets.get_key_value(name).map(|(name, target)| (name.as_str(), target));
        found.with_context(|| match &self.file {
            None => format!("there is no dbmigrate.toml in this folder or above it, so there is no target {name:?}"),
            Some(file) => format!("{} has no target {name:?}: it has {}", file.display(), self.names()),
        })
    }

    fn names(&self) -> String {
        let names = self.targets.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        if names.is_empty() { "none".into() } else { names }
    }
}

/// Returns the parser's message without the source line, which can contain a password.
fn explain(path: &Path, text: &str, error: &toml::de::Error) -> String {
    let before = &text[..error.span().map_or(0, |span| span.start.min(text.len()))];
    let line = before.matches('\n').count() + 1;
    let message = error.message().lines().next().unwrap_or_default();
    format!("{}:{line}: {}", path.display(), QUOTED.replace_all(message, "(...)"))
}

/// A value that the parser quotes, or a URL used as a name.
static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r#""[^"]*"|`[^`]*://[^`]*`"#));

fn pattern(pattern: &'static str) -> Regex {
    Regex::new(pattern).expect("the pattern is a constant that the tests compile")
}

static VARIABLE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\$(\$?)\{([A-Za-z_][A-Za-z0-9_]*)\}"));

/// The text before a password, or before a part of one: `//user:` or `password=`.
static BEFORE_PASSWORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:://[^/?#@]*:[^/?#@]*|[?&]password=[^&]*)$"));

/// The text before a password in a .NET connection string.
static PASSWORD_KEY: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i:^|;) *(?i:password|pwd) *= *$"));

/// Replaces `${NAME}` with the environment variable; `$${NAME}` becomes a literal `${NAME}`. A value that is the
/// password is taken literally: it is percent-encoded in a URL, and quoted in a connection string.
pub(crate) fn expand(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<String> {
    let mut missing = None;
    let expanded = VARIABLE.replace_all(text, |found: &Captures<'_>| {
        let (Some(whole), name) = (found.get(0), &found[2]) else { return String::new() };
        if !found[1].is_empty() {
            return whole.as_str()[1..].to_owned();
        }
        let Some(value) = variable(name) else {
            missing.get_or_insert_with(|| name.to_owned());
            return String::new();
        };
        let (before, after) = (&text[..whole.start()], &text[whole.end()..]);
        if Target::is_connection_string(text) {
            // a connection string has no percent-encoding: a quoted value is taken literally
            let whole = PASSWORD_KEY.is_match(before) && (after.is_empty() || after.starts_with(';'));
            return if whole { format!("\"{}\"", value.replace('"', "\"\"")) } else { value };
        }
        if BEFORE_PASSWORD.is_match(before) && (after.contains('@') || text.contains("password=")) {
            return percent_encode(&value);
        }
        value
    });
    match missing {
        Some(name) => Err(Unset(name).into()),
        None => Ok(expanded.into_owned()),
    }
}

/// An environment variable that the configuration needs is not set.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {0} is not set, or empty")]
pub(crate) struct Unset(String);

fn percent_encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> String {
        let variable = |name: &str| match name {
            "PW" => Some("p@ss/w#rd".to_owned()),
            "PORT" => Some("5433".to_owned()),
            "ODD" => Some("a;b\"c".to_owned()),
            "URL" => Some("postgres://u:p@h/d".to_owned()),
            _ => None,
        };
        expand(text, variable).unwrap_or_else(|error| format!("error: {error}"))
    }

    #[test]
    fn variables_are_expanded() {
        for (text, result) in [
            ("${URL}", "postgres://u:p@h/d"),
            ("postgres://u:${PW}@h/d", "postgres://u:p%40ss%2Fw%23rd@h/d"),
            ("$${URL}", "${URL}"),
            ("$URL", "$URL"),
            ("${NO}", "error: the environment variable NO is not set, or empty"),
            ("postgres://u:pre${PW}@h/d", "postgres://u:prep%40ss%2Fw%23rd@h/d"),
            ("postgres://u@h/d?password=${PW}", "postgres://u@h/d?password=p%40ss%2Fw%23rd"),
            ("postgres://h:${PORT}/d", "postgres://h:5433/d"),
            ("sqlserver://u:${ODD}@h/d", "sqlserver://u:a%3Bb%22c@h/d"),
            ("Server=h;Password=${ODD};Database=d", "Server=h;Password=\"a;b\"\"c\";Database=d"),
            ("Server=h;PWD = ${ODD}", "Server=h;PWD = \"a;b\"\"c\""),
            ("Server=h,${PORT};Database=d", "Server=h,5433;Database=d"),
        ] {
            assert_eq!(expanded(text), result);
        }
    }

    #[test]
    fn a_broken_file_is_named_by_its_line_and_shows_no_secret() {
        let text = "[target.prod]\nurl = \"postgres://u:s3cret@h/d\" oops\n";
        let error = toml::from_str::<Config>(text).expect_err("broken");
        let shown = explain(Path::new("dbmigrate.toml"), text, &error);
        assert!(shown.starts_with("dbmigrate.toml:2: ") && !shown.contains("s3cret"), "{shown}");
    }
}
