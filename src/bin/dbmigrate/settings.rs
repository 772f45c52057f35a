//! The settings: from options, then the configuration, then the environment.

mod fleet;

#[cfg(feature = "sqs")]
pub(crate) use self::fleet::OfFleet;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use dbmigrate::error::GitError;
use dbmigrate::{
    CheckOptions, Engine, Error, JournalTable, Options, Reference, Repository, Scripts, Since, Target, Variables,
};

use crate::args::{Connect, Drift, Global, Include, Limits, Source, Verify};
use crate::config::{Config, Journal, TargetConfig, Unset, expand};
use crate::dotenv::{Dotenv, Given};
use crate::guard::{Environment, Guard};

/// The default folder of the scripts.
pub(crate) const DIR: &str = "migrations";

/// The folder of object files in that of the scripts.
pub(crate) const OBJECTS: &str = "objects";

/// The environment variables that can contain the URL, the first one first.
pub(crate) const ENVIRONMENT: [&str; 2] = ["DBMIGRATE_URL", "DATABASE_URL"];

/// A target of the configuration with its name.
type Chosen<'a> = (&'a str, &'a TargetConfig);

/// Returns the URL that is used when no target of the configuration is.
fn given(global: &Global, configured: Option<Chosen<'_>>, dotenv: &Dotenv) -> Option<Given> {
    let option = global.url.as_deref().map(Given::option);
    option.or_else(|| dotenv.url()).filter(|_| configured.is_none())
}

pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The database, the scripts and the options of a command.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) config: Config,
    /// The database, or why there is none: some commands do not need one.
    target: Result<Option<Target>>,
    /// The error when there is no database.
    missing: String,
    /// The engine that the scripts are for, as far as it is known without the whole URL.
    pub(crate) engine: Option<&'static Engine>,
    pub(crate) dir: PathBuf,
    /// The folder of object files, unless it is `objects/` in that of the scripts.
    objects: Option<PathBuf>,
    /// The commit that the scripts are taken from, instead of the work tree.
    pub(crate) at: Option<String>,
    /// Whether a SQL file that is not run is a problem.
    strict: bool,
    pub(crate) environment: Environment,
    pub(crate) options: Options,
    /// The variables of the configuration, or what is wrong with them: some commands do not need them.
    variables: Result<Variables>,
    /// Remarks to show before anything is done: a kind and a text.
    pub(crate) remarks: Vec<(&'static str, String)>,
}

impl Settings {
    pub(crate) fn new(global: &Global, dotenv: &Dotenv) -> Result<Self> {
        let config = Config::find(global.config.as_deref()).map_err(usage)?;
        let configured = Self::configured(global, &config).map_err(usage);
        let chosen = configured.as_ref().ok().copied().flatten();
        let found = given(global, chosen, dotenv);
        let target = configured.and_then(|configured| Self::find(configured, found.as_ref(), &config));
        let dir = chosen.and_then(|(_, target)| target.dir.as_ref()).or(config.dir.as_ref());
        let dir = global.dir.clone().unwrap_or_else(|| config.base.join(dir.map_or(DIR.as_ref(), PathBuf::as_path)));
        let objects = chosen.and_then(|(_, target)| target.objects.as_ref()).or(config.objects.as_ref());
        let objects = objects.map(|objects| config.base.join(objects));
        let known = target.as_ref().ok().and_then(Option::as_ref);
        let options = options(&config, chosen.map(|(_, target)| target)).map_err(usage)?;
        let warnings = [remark(chosen, global), known.and_then(ignored), dotenv.defect().map(ToOwned::to_owned)];
        let origin = found.as_ref().and_then(|given| given.remark.clone());
        let warnings = warnings.into_iter().flatten().map(|text| ("warning", text));
        let remarks = warnings.chain(origin.map(|text| ("note", text))).collect();
        let engine = known.map(Target::engine).or_else(|| engine(chosen, &config));
        let variables = config.variables(chosen.map(|(_, target)| target), variable).map_err(usage);
        let environment = environment(chosen, known, &config);
        let missing = config.no_target();
        Ok(Self {
            engine,
            environment,
            target,
            missing,
            dir,
            objects,
            at: None,
            strict: false,
            variables,
            options,
            remarks,
            config,
        })
    }

    /// Returns the target of the configuration to use: the named one, or the default one unless a URL is given.
    fn configured<'a>(global: &Global, config: &'a Config) -> Result<Option<Chosen<'a>>> {
        let name = match (&global.target, &global.url) {
            (Some(name), _) => Some(name.as_str()),
            (None, Some(_)) => None,
            (None, None) => config.default_target()?,
        };
        name.map(|name| config.target(name)).transpose()
    }

    fn find(configured: Option<Chosen<'_>>, given: Option<&Given>, config: &Config) -> Result<Option<Target>> {
        if let Some((name, target)) = configured {
            return parse(target, config).with_context(|| format!("target {name:?}")).map(Some);
        }
        let Some(Given { source, url, .. }) = given else { return Ok(None) };
        url.parse::<Target>().map_err(Error::from).context(source.clone()).map(Some)
    }

    /// Returns the database, or an error if there is none.
    pub(crate) fn target(&mut self) -> Result<Target> {
        let missing = || usage(anyhow::anyhow!(self.missing.clone()));
        let target = std::mem::replace(&mut self.target, Ok(None))?.ok_or_else(missing)?;
        self.target = Ok(Some(target.clone()));
        Ok(target)
    }

    /// Fails if a database is given but not understood. The scripts can be checked even if no database is given or only
    /// an environment variable is missing.
    pub(crate) fn understood(&mut self) -> Result<()> {
        match std::mem::replace(&mut self.target, Ok(None)) {
            Err(error) if error.downcast_ref::<Unset>().is_none() => Err(error),
            target => {
                self.target = target;
                Ok(())
            }
        }
    }

    /// Returns why the given database is not known.
    pub(crate) fn misunderstood(&self) -> Option<&anyhow::Error> {
        self.target.as_ref().err()
    }

    /// Returns the database, if it is known.
    pub(crate) fn known_target(&self) -> Option<&Target> {
        self.target.as_ref().ok().and_then(Option::as_ref)
    }

    /// Takes over the commit, `--strict` and the variables of the options.
    pub(crate) fn taking(mut self, source: &Source) -> Result<Self> {
        self.at.clone_from(&source.at);
        self.strict = source.strict;
        let mut variables = std::mem::replace(&mut self.variables, Ok(Variables::default()))?;
        for (name, value) in &source.variables {
            variables.declare(name, value)?;
        }
        self.options.variables = variables;
        Ok(self)
    }

    /// Returns where the scripts are.
    pub(crate) fn script_source(&self) -> ScriptSource {
        let (dir, objects) = (self.dir.clone(), self.objects.clone());
        ScriptSource { dir, objects, at: self.at.clone(), strict: self.strict }
    }

    /// Returns what a check of the scripts takes into account.
    pub(crate) fn check_options(&self) -> CheckOptions {
        let options =
            CheckOptions::new().journal(self.options.journal.clone()).variables(self.options.variables.clone());
        match (self.known_target(), self.engine) {
            (Some(target), _) => options.target(target),
            (None, Some(engine)) => options.engine(engine),
            (None, None) => options,
        }
    }

    /// Returns what a revision requires of these scripts.
    pub(crate) fn since(&self, revision: &str) -> Result<Since> {
        let head = self.at.as_deref().unwrap_or("HEAD");
        Ok(self.repository().and_then(|repository| repository.since(revision, head)).map_err(Error::from)?)
    }

    pub(crate) fn repository(&self) -> Result<Repository, GitError> {
        repository(&self.dir, self.objects.as_deref())
    }

    /// Returns the folder of object files.
    pub(crate) fn objects(&self) -> PathBuf {
        self.objects.clone().unwrap_or_else(|| self.dir.join(OBJECTS))
    }

    /// Takes over what an upgrade does about drift.
    pub(crate) fn drifting(mut self, drift: Option<Drift>) -> Self {
        self.options.drift = drift.map_or(self.options.drift, Into::into);
        self
    }

    /// Takes over the options of a comparison.
    pub(crate) fn verifying(mut self, verify: &Verify) -> Result<Self> {
        let includes = |what| verify.include.contains(&what);
        let comparison = std::mem::take(&mut self.options.comparison);
        let mut comparison =
            comparison.owners(includes(Include::Owners)).grants(includes(Include::Grants)).strict(verify.strict);
        for pattern in &verify.ignore {
            comparison = comparison.ignoring(pattern).map_err(|error| usage(error.into()))?;
        }
        self.options.comparison = comparison;
        let source = Source { at: verify.at.clone(), variables: verify.variables.clone(), strict: false };
        Ok(self.taking(&source)?.waiting(&verify.connect))
    }

    /// Returns what the schema is compared with.
    pub(crate) fn reference(&self, verify: &Verify) -> Result<Reference> {
        let url = |url: &String| url.parse::<Target>().map_err(Error::from);
        Ok(match &verify.against {
            Some(name) => Reference::Database(self.other(name)?),
            None if verify.rebuild => Reference::Rebuild { scratch: verify.scratch.as_ref().map(url).transpose()? },
            None => Reference::LastRun,
        })
    }

    /// Returns a target of the configuration, or the one of a URL.
    fn other(&self, name: &str) -> Result<Target> {
        if Engine::of(name).is_some() || Target::is_connection_string(name) {
            return Ok(name.parse::<Target>().map_err(Error::from)?);
        }
        let (_, target) = self.config.target(name).map_err(usage)?;
        parse(target, &self.config).with_context(|| format!("target {name:?}"))
    }

    pub(crate) fn limited(mut self, limits: &Limits) -> Self {
        self.options.statement_timeout = limits.statement_timeout.or(self.options.statement_timeout);
        self.locking(limits.lock_timeout).waiting(&limits.connect)
    }

    /// Takes over whether a rebuild copies templates: only where it needs no consent.
    pub(crate) fn copying(mut self, copies: bool) -> Self {
        let is_open = self.known_target().is_some_and(|target| Guard::of(target, self.environment) == Guard::Open);
        self.options.templates = self.options.templates.take().filter(|_| copies && is_open);
        self
    }

    pub(crate) fn locking(mut self, lock_timeout: Option<Duration>) -> Self {
        self.options.lock_timeout = lock_timeout.or(self.options.lock_timeout);
        self
    }

    pub(crate) fn waiting(mut self, connect: &Connect) -> Self {
        self.options.wait = connect.wait.unwrap_or(self.options.wait);
        self
    }
}

/// Where the scripts are, and whether every SQL file there must be one.
#[derive(Debug, Clone)]
pub(crate) struct ScriptSource {
    dir: PathBuf,
    objects: Option<PathBuf>,
    at: Option<String>,
    strict: bool,
}

/// Returns the repository of a folder of scripts.
fn repository(dir: &Path, objects: Option<&Path>) -> Result<Repository, GitError> {
    let repository = Repository::of(dir)?;
    objects.map_or(Ok(repository.clone()), |objects| repository.clone().with_objects(objects))
}

impl ScriptSource {
    #[cfg(feature = "sqs")]
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Returns the same for a commit.
    #[cfg(feature = "sqs")]
    pub(crate) fn at_commit(&self, commit: &str) -> Self {
        let (dir, objects) = (self.dir.clone(), self.objects.clone());
        Self { dir, objects, at: Some(commit.to_owned()), strict: self.strict }
    }

    /// Reads the scripts.
    pub(crate) fn scripts(&self) -> Result<Scripts> {
        let scripts = match &self.at {
            Some(revision) => repository(&self.dir, self.objects.as_deref())
                .and_then(|repository| repository.scripts(revision))
                .map_err(Error::from)?,
            None => match &self.objects {
                Some(objects) => Scripts::from_dirs(&self.dir, objects).map_err(Error::from)?,
                None => Scripts::from_dir(&self.dir).map_err(Error::from)?,
            },
        };
        Ok(if self.strict { scripts.strict() } else { scripts })
    }
}

/// Parses a target of the configuration, with the variables in its URL replaced.
fn parse(target: &TargetConfig, config: &Config) -> Result<Target> {
    let url = expand(&target.url, variable).map_err(usage)?;
    let parsed = url.parse::<Target>().map_err(Error::from)?;
    let refused = [
        ("charset", target.charset.is_some() && !parsed.takes_charset()),
        ("collation", target.collation.is_some() && !parsed.takes_collation()),
    ];
    if let Some((name, _)) = refused.iter().find(|(_, refused)| *refused) {
        return Err(usage(anyhow::anyhow!("{name} does not apply to this kind of database")));
    }
    Ok(parsed.relative_to(&config.base))
}

/// Returns the engine of the chosen target, by its scheme, or the engine that all targets have in common.
fn engine(chosen: Option<Chosen<'_>>, config: &Config) -> Option<&'static Engine> {
    if let Some((_, target)) = chosen {
        return Engine::of(&target.url);
    }
    let mut engines = config.targets.values().map(|target| Engine::of(&target.url));
    let first = engines.next()?;
    engines.all(|engine| engine == first).then_some(first)?
}

/// Returns the environment of the target. A URL of a protected target's database is protected, too.
fn environment(chosen: Option<Chosen<'_>>, known: Option<&Target>, config: &Config) -> Environment {
    let same = |target: &TargetConfig| {
        let other = parse(target, config).ok();
        known.zip(other).is_some_and(|(known, other)| known.is_same_database(&other))
    };
    match chosen {
        Some((_, target)) if target.protected => Environment::Protected,
        _ if config.targets.values().any(|target| target.protected && same(target)) => Environment::Protected,
        Some((_, target)) if target.development => Environment::Development,
        _ => Environment::Unknown,
    }
}

fn options(config: &Config, target: Option<&TargetConfig>) -> Result<Options> {
    let mut options = Options::default();
    // a target's own journal settings override those for all targets
    let own = target.map(|target| &target.journal);
    let said = |of: fn(&Journal) -> Option<&String>| own.and_then(of).or_else(|| of(&config.journal)).cloned();
    options.journal = JournalTable {
        schema: said(|journal| journal.schema.as_ref()),
        name: said(|journal| journal.table.as_ref()).unwrap_or(JournalTable::default().name),
    };
    let store_text = own.and_then(|journal| journal.store_text).or(config.journal.store_text);
    options.store_text = store_text != Some(false);
    let schema_snapshot = own.and_then(|journal| journal.schema_snapshot).or(config.journal.schema_snapshot);
    options.schema_snapshot = schema_snapshot != Some(false);
    options.templates = Some(target.map(|target| target.templates).unwrap_or_default().limits());
    options.drift = target.and_then(|target| target.drift).or(config.drift).map(Into::into).unwrap_or_default();
    for pattern in &config.verify.ignore {
        options.comparison = options.comparison.ignoring(pattern).context("[verify] ignore")?;
    }
    if let Some(target) = target {
        options.lock_timeout = target.lock_timeout;
        options.statement_timeout = target.statement_timeout;
        options.wait = target.wait.unwrap_or(Duration::ZERO);
        options.charset.clone_from(&target.charset);
        options.collation.clone_from(&target.collation);
    }
    Ok(options)
}

/// Warns that the default target overrides the environment, which may surprise the user.
fn remark(configured: Option<Chosen<'_>>, global: &Global) -> Option<String> {
    let (name, target) = configured.filter(|_| global.target.is_none())?;
    let ignored = ENVIRONMENT[0];
    variable(ignored).filter(|_| !target.url.contains(ignored))?;
    Some(format!("{ignored} is set, but the configuration's target {name:?} is used; choose with --url or --target"))
}

/// Warns that settings of other programs in the URL have no effect, which may surprise the user.
fn ignored(target: &Target) -> Option<String> {
    let names = target.ignored().join(", ");
    (!names.is_empty()).then(|| format!("ignored in the URL, because dbmigrate has no such setting: {names}"))
}

/// Marks an error as a usage or configuration error.
pub(crate) fn usage(error: anyhow::Error) -> anyhow::Error {
    error.context(Usage)
}

/// The request or the configuration is wrong.
#[derive(Debug)]
pub(crate) struct Usage;

impl std::fmt::Display for Usage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("usage")
    }
}
