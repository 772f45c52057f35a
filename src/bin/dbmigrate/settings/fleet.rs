//! The settings for a fleet.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use dbmigrate::fleet::{FleetLimits, Member, Selection, Source, SourceError, Template};
use dbmigrate::{Options, UpgradeOptions};

use super::{DIR, Settings, expand, options, parse, usage, variable};
use crate::args::{Global, Selected};
use crate::config::{FleetConfig, Listed};

/// What the configuration and the options say about a fleet.
pub(crate) struct OfFleet {
    pub(crate) source: Source,
    /// Where relative paths in the URLs begin that the source gives.
    pub(crate) base: Option<PathBuf>,
    pub(crate) selection: Selection,
    pub(crate) limits: FleetLimits,
    /// What an upgrade does, unless an option says otherwise.
    pub(crate) upgrade: UpgradeOptions,
    pub(crate) rehearses_first: bool,
    /// The commit that the scripts are taken from, unless an option names another.
    pub(crate) at: Option<String>,
}

impl OfFleet {
    /// Returns all databases.
    pub(crate) async fn members(&self, options: &Options) -> Result<Vec<Member>, SourceError> {
        let mut members = self.source.clone().members(options).await?;
        if let Some(base) = &self.base {
            for member in &mut members {
                member.target = member.target.clone().relative_to(base);
            }
        }
        Ok(members)
    }
}

impl Settings {
    /// Returns the settings for the databases of a fleet, and what is configured about these.
    pub(crate) fn of_fleet(self, global: &Global, selected: &Selected) -> Result<(Self, OfFleet)> {
        let (name, fleet) = self.config.fleet(selected.chosen.name.as_deref()).map_err(usage)?;
        let in_fleet = |error: anyhow::Error| usage(error.context(format!("fleet {name:?}")));
        let source = self.fleet_source(fleet).map_err(in_fleet)?;
        let selection = fleet.selection(&selected.chosen.only, selected.chosen.shard).map_err(in_fleet)?;
        let mut limits = fleet.limits();
        limits.parallel = selected.parallel.unwrap_or(limits.parallel);
        limits.parallel_per_server = selected.parallel_per_server.unwrap_or(limits.parallel_per_server);
        let variables = self.config.variables_of_fleet(fleet, variable).map_err(in_fleet);
        let dir = fleet.dir.as_ref().or(self.config.dir.as_ref());
        let dir =
            global.dir.clone().unwrap_or_else(|| self.config.base.join(dir.map_or(DIR.as_ref(), PathBuf::as_path)));
        let objects = fleet.objects.as_ref().or(self.config.objects.as_ref());
        let objects = objects.map(|objects| self.config.base.join(objects));
        let mut options = options(&self.config, None).map_err(usage)?;
        (options.lock_timeout, options.statement_timeout) = (fleet.lock_timeout, fleet.statement_timeout);
        options.wait = fleet.wait.unwrap_or(options.wait);
        let has_paths = !matches!(source, Source::Files { .. } | Source::Members(_));
        let base = has_paths.then(|| self.config.base.clone());
        options.drift = fleet.drift.map_or(options.drift, Into::into);
        let upgrade = UpgradeOptions::new().to(fleet.to).transaction(fleet.transaction.unwrap_or_default().into());
        let (rehearses_first, at) = (fleet.rehearse_first, fleet.at.clone());
        let configured = OfFleet { source, base, selection, limits, upgrade, rehearses_first, at };
        let (target, remarks) = (Ok(None), Vec::new());
        Ok((Self { target, dir, objects, options, variables, remarks, ..self }, configured))
    }

    /// Returns where the databases of a fleet are listed.
    fn fleet_source(&self, fleet: &FleetConfig) -> Result<Source> {
        let template = fleet.url.as_ref().map(|url| expand(url, variable)).transpose()?.map(Template::new);
        let target = |name: &str| {
            let (_, target) = self.config.target(name)?;
            parse(target, &self.config).with_context(|| format!("target {name:?}"))
        };
        let base = self.config.base.clone();
        Ok(match fleet.listed()? {
            Listed::Query { target: name, sql } => {
                Source::Query { target: target(name)?, sql: sql.to_owned(), template }
            }
            Listed::Databases { target: name, like } => {
                Source::Databases { target: target(name)?, like: like.to_owned(), template }
            }
            Listed::Schemas { target: name, like } => {
                Source::Schemas { target: target(name)?, like: like.to_owned(), template }
            }
            Listed::Files(pattern) => Source::Files { base, pattern: pattern.to_owned() },
            Listed::Command(command) => Source::Command { base, command: command.to_vec() },
            Listed::Targets(names) => {
                let member = |name: &String| Ok(Member::new(name, target(name)?));
                Source::Members(names.iter().map(member).collect::<Result<_>>()?)
            }
        })
    }
}
