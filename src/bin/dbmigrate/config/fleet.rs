//! `[fleet.NAME]`: many databases under one name.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use dbmigrate::Number;
use dbmigrate::fleet::{Canary, FleetLimits, Selection, Shard};
use serde::{Deserialize, Deserializer};

use super::{Config, Variable, duration};
use crate::args::{Drift, Transaction};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FleetConfig {
    query: Option<Query>,
    databases: Option<Like>,
    schemas: Option<Like>,
    files: Option<String>,
    targets: Option<Vec<String>>,
    command: Option<Vec<String>>,
    /// The URL of a database, with `{column}` in it.
    pub(crate) url: Option<String>,
    pub(crate) dir: Option<PathBuf>,
    pub(crate) objects: Option<PathBuf>,
    parallel: Option<NonZeroUsize>,
    parallel_per_server: Option<NonZeroUsize>,
    #[serde(default, deserialize_with = "parsed")]
    canary: Option<Canary>,
    max_failures: Option<NonZeroUsize>,
    #[serde(default, deserialize_with = "duration")]
    time_limit: Option<Duration>,
    #[serde(default, deserialize_with = "parsed")]
    shard: Option<Shard>,
    only: Option<OneOrMore>,
    #[serde(default, deserialize_with = "parsed")]
    pub(crate) to: Option<Number>,
    pub(crate) at: Option<String>,
    pub(crate) transaction: Option<Transaction>,
    #[serde(default)]
    pub(crate) rehearse_first: bool,
    pub(crate) drift: Option<Drift>,
    #[serde(default, deserialize_with = "duration")]
    pub(crate) lock_timeout: Option<Duration>,
    #[serde(default, deserialize_with = "duration")]
    pub(crate) statement_timeout: Option<Duration>,
    #[serde(default, deserialize_with = "duration")]
    pub(crate) wait: Option<Duration>,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, Variable>,
}

/// The keys of which one says where the databases are listed.
const SOURCES: &str = "query, databases, schemas, files, targets or command";

/// Where the databases are listed, as the configuration says.
pub(crate) enum Listed<'a> {
    Query { target: &'a str, sql: &'a str },
    Databases { target: &'a str, like: &'a str },
    Schemas { target: &'a str, like: &'a str },
    Files(&'a str),
    Targets(&'a [String]),
    Command(&'a [String]),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    target: String,
    sql: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Like {
    target: String,
    like: String,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a pattern, or a list of patterns")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// A text, or a number that is taken for one.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text or a number")]
enum Text {
    Text(String),
    Number(u64),
}

fn parsed<'de, D: Deserializer<'de>, T>(value: D) -> Result<Option<T>, D::Error>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    let text = match Text::deserialize(value)? {
        Text::Text(text) => text,
        Text::Number(number) => number.to_string(),
    };
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

/// Shows nothing: the URL can hold a password.
impl std::fmt::Debug for FleetConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FleetConfig").finish_non_exhaustive()
    }
}

impl FleetConfig {
    /// Returns the one place where the databases are listed.
    pub(crate) fn listed(&self) -> Result<Listed<'_>> {
        let query = self.query.as_ref().map(|Query { target, sql }| Listed::Query { target, sql });
        let databases = self.databases.as_ref().map(|Like { target, like }| Listed::Databases { target, like });
        let schemas = self.schemas.as_ref().map(|Like { target, like }| Listed::Schemas { target, like });
        let files = self.files.as_deref().map(Listed::Files);
        let targets = self.targets.as_deref().map(Listed::Targets);
        let command = self.command.as_deref().map(Listed::Command);
        let mut given = [query, databases, schemas, files, targets, command].into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(listed), None) => Ok(listed),
            (None, _) => bail!("it names no databases: give one of {SOURCES}"),
            (Some(_), Some(_)) => bail!("its databases are in two places: give one of {SOURCES}"),
        }
    }

    pub(crate) fn limits(&self) -> FleetLimits {
        let mut limits = FleetLimits::default();
        limits.parallel = self.parallel.unwrap_or(limits.parallel);
        limits.parallel_per_server = self.parallel_per_server.unwrap_or(limits.parallel_per_server);
        (limits.canary, limits.max_failures, limits.time_limit) = (self.canary, self.max_failures, self.time_limit);
        limits
    }

    /// Returns the databases that are selected; the options override the configuration.
    pub(crate) fn selection(&self, only: &[String], shard: Option<Shard>) -> Result<Selection> {
        let configured = match &self.only {
            Some(OneOrMore::One(pattern)) => std::slice::from_ref(pattern),
            Some(OneOrMore::More(patterns)) => patterns,
            None => &[],
        };
        let patterns = if only.is_empty() { configured } else { only };
        let selection = patterns.iter().try_fold(Selection::new(), |selection, pattern| selection.only(pattern))?;
        Ok(selection.shard(shard.or(self.shard)))
    }
}

impl Config {
    /// Returns the names of the fleets.
    #[cfg(feature = "sqs")]
    pub(crate) fn fleet_names(&self) -> impl Iterator<Item = &str> {
        self.fleets.keys().map(String::as_str)
    }

    /// Returns a fleet with its name: the named one, or the only one.
    pub(crate) fn fleet(&self, name: Option<&str>) -> Result<(&str, &FleetConfig)> {
        let names = || match self.fleets.keys().map(String::as_str).collect::<Vec<_>>().join(", ") {
            names if names.is_empty() => "none".into(),
            names => names,
        };
        let found = match name {
            Some(name) => self.fleets.get_key_value(name),
            None => self.fleets.iter().next().filter(|_| self.fleets.len() == 1),
        };
        let found = found.map(|(name, fleet)| (name.as_str(), fleet));
        found.with_context(|| match name {
            Some(name) => format!("there is no fleet {name:?} in the configuration: it has {}", names()),
            None if self.fleets.is_empty() => "no fleet given: add [fleet.NAME] to dbmigrate.toml".to_owned(),
            None => format!("the configuration has several fleets: name one ({})", names()),
        })
    }
}
