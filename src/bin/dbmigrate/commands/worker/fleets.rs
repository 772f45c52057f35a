//! What messages may name: the fleets of the configuration, their databases, and the commits that it allows.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Result;
use dbmigrate::fleet::{Member, SourceError};
use dbmigrate::worker::Job;
use dbmigrate::{Options, Repository, Scripts, UpgradeOptions};
use glob::Pattern;
use tokio::sync::Mutex;

use super::super::aside;
use crate::args::{Chosen, Global, Selected, Source};
use crate::dotenv::Dotenv;
use crate::settings::{OfFleet, ScriptSource, Settings, usage};

/// How often databases, the folder of scripts and the clone are looked at again.
const FRESH: Duration = Duration::from_secs(10);

/// The scripts of so many commits are kept.
const COMMITS: usize = 8;

/// The fleets of the configuration.
pub(super) struct Fleets {
    by_name: BTreeMap<String, OneFleet>,
    refs: Vec<Pattern>,
    fetches: bool,
    fetched: Mutex<Option<Instant>>,
}

/// A fleet, with what is known of it so far.
struct OneFleet {
    config: OfFleet,
    options: Options,
    source: ScriptSource,
    repository: Result<Repository, String>,
    members: Mutex<Option<(Instant, BTreeMap<String, Member>)>>,
    scripts: Mutex<Vec<Kept>>,
}

/// Scripts that were read.
struct Kept {
    /// The commit; without one, the folder as it was.
    commit: Option<String>,
    at: Instant,
    scripts: Scripts,
}

/// What a job is done with.
pub(super) struct Found {
    pub(super) member: Member,
    pub(super) scripts: Scripts,
    pub(super) options: Options,
    pub(super) upgrade: UpgradeOptions,
}

/// Why a job cannot be done.
pub(super) enum Unusable {
    /// It never can: the configuration does not allow it.
    Forever(String),
    /// It may be possible later.
    Now(String),
}

impl Fleets {
    /// Reads the fleets of the configuration. A lock is waited for no longer than `patience`, unless the fleet says how long.
    pub(super) fn new(global: &Global, dotenv: &Dotenv, patience: Duration) -> Result<Self> {
        let first = Settings::new(global, dotenv)?;
        let names = first.config.fleet_names().map(ToOwned::to_owned).collect::<Vec<_>>();
        if names.is_empty() {
            return Err(usage(anyhow::anyhow!("no fleet given: add [fleet.NAME] to dbmigrate.toml")));
        }
        let (refs, fetches) = (first.config.worker.refs().map_err(usage)?, first.config.worker.fetch);
        let fleet = |name: String| {
            let chosen = Chosen { name: Some(name.clone()), ..Chosen::default() };
            let selected = Selected { chosen, ..Selected::default() };
            let (settings, config) = Settings::new(global, dotenv)?.of_fleet(global, &selected)?;
            let settings = settings.taking(&Source::default())?;
            let mut options = settings.options.clone();
            options.lock_timeout = options.lock_timeout.or(Some(patience));
            let repository = settings.repository().map_err(|error| error.to_string());
            let (members, scripts) = (Mutex::default(), Mutex::default());
            let source = settings.script_source();
            Ok((name, OneFleet { config, options, source, repository, members, scripts }))
        };
        let by_name = names.into_iter().map(fleet).collect::<Result<_>>()?;
        Ok(Self { by_name, refs, fetches, fetched: Mutex::default() })
    }

    /// Reads the databases of all fleets, so that a wrong configuration is found before a message comes. A database that lists
    /// others may not be reachable yet: returns why.
    pub(super) async fn read(&self) -> Result<Vec<String>, SourceError> {
        let mut later = Vec::new();
        for (name, fleet) in &self.by_name {
            match fleet.list(&mut *fleet.members.lock().await).await {
                Err(SourceError::Database(error)) => later.push(format!("fleet {name:?}: {error}")),
                listed => listed?,
            }
        }
        Ok(later)
    }

    /// Returns what a job is done with.
    pub(super) async fn find(&self, job: &Job) -> Result<Found, Unusable> {
        let Some(fleet) = self.by_name.get(&job.fleet) else {
            return Err(Unusable::Forever(format!("the configuration has no fleet {:?}", job.fleet)));
        };
        let at = match (&job.at, &fleet.config.at) {
            (Some(at), _) => {
                let is_allowed = !at.starts_with('-') && self.refs.iter().any(|pattern| pattern.matches(at));
                if !is_allowed {
                    return Err(Unusable::Forever(format!("[worker] refs does not allow {at:?}")));
                }
                Some(at)
            }
            (None, at) => at.as_ref(),
        };
        let commit = match at {
            Some(at) => Some(self.commit(fleet, at).await?),
            None => None,
        };
        let member = fleet.member(&job.database).await?;
        let scripts = fleet.scripts(commit).await?;
        let upgrade = if job.to.is_some() { fleet.config.upgrade.to(job.to) } else { fleet.config.upgrade };
        Ok(Found { member, scripts, options: fleet.options.clone(), upgrade })
    }

    /// Returns the commit of a name. In a clone that is fetched, the names of its origin come first.
    async fn commit(&self, fleet: &OneFleet, at: &str) -> Result<String, Unusable> {
        let repository = fleet.repository.clone().map_err(Unusable::Now)?;
        if self.fetches {
            let mut fetched = self.fetched.lock().await;
            if fetched.is_none_or(|at| at.elapsed() >= FRESH) {
                let folder = fleet.source.dir().to_owned();
                aside(move || fetch(&folder)).await.map_err(Unusable::Now)?;
                *fetched = Some(Instant::now());
            }
        }
        let (at, fetches) = (at.to_owned(), self.fetches);
        let found = aside(move || {
            let of_origin = fetches.then(|| repository.commit(&format!("origin/{at}"))).and_then(Result::ok);
            of_origin.map_or_else(|| repository.commit(&at), Ok)
        });
        let found = found.await;
        found.map_err(|error| Unusable::Now(error.to_string()))
    }
}

/// Brings the clone of a folder up to date.
fn fetch(folder: &std::path::Path) -> Result<(), String> {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(["fetch", "--quiet", "--tags", "origin"]).env("GIT_TERMINAL_PROMPT", "0");
    let output = git.stdin(Stdio::null()).output().map_err(|error| format!("git fetch cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    // the text can name a URL, but no password: git hides it
    let said = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
    Err(format!("git fetch failed: {said}"))
}

impl OneFleet {
    async fn list(&self, known: &mut Option<(Instant, BTreeMap<String, Member>)>) -> Result<(), SourceError> {
        let members = self.config.members(&self.options).await?;
        let members = members.into_iter().map(|member| (member.name.clone(), member)).collect();
        *known = Some((Instant::now(), members));
        Ok(())
    }

    /// Returns a database. One that is not known may be new.
    async fn member(&self, name: &str) -> Result<Member, Unusable> {
        let mut known = self.members.lock().await;
        if let Some(member) = known.as_ref().and_then(|(_, members)| members.get(name)) {
            return Ok(member.clone());
        }
        if known.as_ref().is_none_or(|(at, _)| at.elapsed() >= FRESH) {
            let unlisted = |error: SourceError| Unusable::Now(format!("the databases cannot be listed: {error}"));
            self.list(&mut known).await.map_err(unlisted)?;
        }
        let found = known.as_ref().and_then(|(_, members)| members.get(name)).cloned();
        found.ok_or_else(|| Unusable::Forever(format!("the fleet has no database {name:?}")))
    }

    /// Returns the scripts of a commit, or of the folder as it is: those that were read before, if they are the same.
    async fn scripts(&self, commit: Option<String>) -> Result<Scripts, Unusable> {
        let mut all = self.scripts.lock().await;
        let is_fresh = |kept: &&Kept| kept.commit == commit && (commit.is_some() || kept.at.elapsed() < FRESH);
        if let Some(kept) = all.iter().find(is_fresh) {
            return Ok(kept.scripts.clone());
        }
        let source = commit.as_ref().map_or_else(|| self.source.clone(), |commit| self.source.at_commit(commit));
        let scripts = aside(move || source.scripts()).await.map_err(|error| Unusable::Now(error.to_string()))?;
        all.retain(|kept| kept.commit.is_some() && kept.commit != commit);
        if all.len() >= COMMITS {
            all.remove(0);
        }
        all.push(Kept { commit, at: Instant::now(), scripts: scripts.clone() });
        Ok(scripts)
    }
}
