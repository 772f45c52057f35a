//! Builds a new database from the template that holds the most of it, and keeps what it has built.

use std::collections::BTreeSet;
use std::time::Instant;

use super::recipe::{available, stops};
use super::{Card, Part, Recipe, Template, Templates, name_of};
use crate::engine::{Access, Replacement, Target, read_schema};
use crate::error::{Error, ErrorKind, ServerError};
use crate::event::{Event, Watcher};
use crate::execute::{Report, Run};
use crate::migrator::Migrator;
use crate::plan::{Drift, History, NewDatabase, Plan, TransactionMode, UpgradeOptions, Warning};
use crate::rebuild::{in_parts, kept};
use crate::schema::Schema;

impl Migrator {
    /// Returns what a rebuild applies, if it may copy templates and the folder is as it should be.
    pub(crate) async fn recipe(&self, options: &UpgradeOptions) -> Option<Recipe> {
        self.options
            .templates
            .as_ref()
            .filter(|templates| templates.max > 0 && self.target.engine().keeps_templates)?;
        let options = *options;
        let recipe = move |this: &Self| {
            // no script names a file
            let name = Some(this.target.database()).filter(|_| this.target.file().is_none());
            Recipe::new(&this.scripts, &options, name.as_deref(), &this.options)
        };
        // what cannot be read is refused where the plan is made
        self.aside(recipe).await.unwrap_or_default()
    }

    /// Makes a template of everything, unless there is one by the time when no other rebuild of this name is under way.
    pub(crate) async fn make_template(&self, recipe: &Recipe) -> Result<(), Error> {
        let options = UpgradeOptions::new();
        let mut replacement = self.replacement().await?;
        let mut building = Building::new(self, &mut *replacement, options, Instant::now());
        building.look(recipe).await?;
        let is_made = building.parts.last().is_some_and(|whole| building.is_template(whole));
        let built = if is_made { Ok(()) } else { building.build().await };
        replacement.discard().await;
        built.map_err(kept)
    }

    /// Builds the new database, and stops wherever a template is kept. Nothing that is wrong with templates is an error: at
    /// worst, every script runs.
    pub(crate) async fn build_by_template(
        &self,
        replacement: &mut dyn Replacement,
        recipe: &Recipe,
        options: &UpgradeOptions,
        started: Instant,
    ) -> Result<Report, Error> {
        let mut building = Building::new(self, replacement, *options, started);
        building.look(recipe).await?;
        building.build().await?;
        building.end().await
    }
}

/// A database that is being built.
struct Building<'a> {
    migrator: &'a Migrator,
    replacement: &'a mut dyn Replacement,
    options: UpgradeOptions,
    limits: Templates,
    started: Instant,
    parts: Vec<Part>,
    templates: Vec<Template>,
    /// The place of the part that was copied, and its template.
    copied: Option<(usize, Template)>,
    /// What is left to do in all.
    plan: Option<Plan>,
    /// What was done so far.
    report: Option<Report>,
    /// Whether the new database has a record of its schema.
    recorded: bool,
}

impl<'a> Building<'a> {
    fn new(
        migrator: &'a Migrator,
        replacement: &'a mut dyn Replacement,
        options: UpgradeOptions,
        started: Instant,
    ) -> Self {
        let limits = migrator.options.templates.clone().unwrap_or_default();
        let (parts, templates) = (Vec::new(), Vec::new());
        Self {
            migrator,
            replacement,
            options,
            limits,
            started,
            parts,
            templates,
            copied: None,
            plan: None,
            report: None,
            recorded: false,
        }
    }

    fn is_template(&self, part: &Part) -> bool {
        let name = name_of(&part.key);
        self.templates.iter().any(|template| template.name == name)
    }

    /// Finds out what there are templates of.
    async fn look(&mut self, recipe: &Recipe) -> Result<(), Error> {
        let Some(store) = self.replacement.templates() else { return Ok(()) };
        let looked = async { Ok::<_, ServerError>((store.ground().await?, store.list().await?)) }.await;
        match looked {
            Ok((ground, templates)) => (self.parts, self.templates) = (recipe.parts(&ground), templates),
            Err(error) => self.warn_unless_kept(Err(error))?,
        }
        Ok(())
    }

    async fn build(&mut self) -> Result<(), Error> {
        self.copy_longest().await?;
        if self.copied.is_none() {
            let plan = self.migrator.fresh_plan(&self.options, &self.migrator.target.context()).await?;
            self.announce(plan);
        }
        let copied = self.copied.as_ref().map(|(place, _)| *place);
        for part in stops(&self.parts, copied, self.limits.keeps_two()) {
            let new = part.filter(|part| !self.is_template(part));
            let schema = self.advance(part, new.is_some()).await?;
            if let Some(part) = new {
                let kept = self.keep(part, schema).await;
                self.warn_unless_kept(kept)?;
            }
        }
        Ok(())
    }

    /// Makes the new database a copy of the template that holds the most of it.
    async fn copy_longest(&mut self) -> Result<(), Error> {
        let templates =
            available(&self.parts, &self.templates).into_iter().map(|(place, found)| (place, found.clone()));
        for (place, template) in templates.collect::<Vec<_>>() {
            let Some(store) = self.replacement.templates() else { return Ok(()) };
            match store.copy(&template).await {
                Ok(true) => {
                    self.migrator.watcher.tell(&Event::Copied { template: &template.copied() });
                    self.copied = Some((place, template));
                    // a database without a record that it should have becomes no template
                    self.recorded = self.migrator.options.schema_snapshot;
                    return Ok(());
                }
                // another process has dropped it
                Ok(false) => {}
                Err(error) => {
                    self.warn(&format!("the template at {} could not be copied: {error}", template.copied()))?;
                }
            }
        }
        Ok(())
    }

    /// Makes known what is to be done.
    fn announce(&mut self, plan: Plan) {
        let plan = plan.in_new_database(NewDatabase::SideConnections);
        self.migrator.watcher.tell(&Event::Planned { plan: &plan });
        self.plan = Some(plan);
    }

    /// Applies what the new database lacks through a part. Returns the schema that it has then, if that is wanted and can be
    /// described.
    async fn advance(&mut self, part: Option<Part>, describes: bool) -> Result<Option<Schema>, Error> {
        let (migrator, options) = self.through(part);
        let is_empty = self.report.is_none() && self.copied.is_none();
        let plan =
            if is_empty { Some(migrator.fresh_plan(&options, &self.migrator.target.context()).await?) } else { None };
        self.migrator.stop_if_cancelled()?;
        let mut run = Run::new(&migrator, migrator.enter(self.replacement).await?).in_new_database();
        let applied = async {
            let plan = match plan {
                Some(plan) => plan,
                None if self.is_complete() => self.taken_over(&mut run).await?,
                None => self.continued(&mut run, &options).await?,
            };
            run.apply(&plan).await?;
            Ok(plan)
        };
        match applied.await {
            Ok(plan) => {
                self.recorded = run.has_recorded();
                let schema = if describes { read_schema(&mut *run.connection).await.ok().flatten() } else { None };
                let report = run.report(plan, self.started).await;
                self.report = Some(match self.report.take() {
                    Some(before) => joined(before, report),
                    None => report,
                });
                Ok(schema)
            }
            Err(error) => {
                // the new database cannot be dropped while this connection is open
                run.connection.close().await;
                Err(error)
            }
        }
    }

    /// Whether the template has everything, and nothing is held.
    fn is_complete(&self) -> bool {
        let is_whole = self.copied.as_ref().is_some_and(|(place, _)| place + 1 == self.parts.len());
        let has_objects = self.parts.last().is_some_and(|part| part.objects);
        is_whole && (has_objects || self.migrator.scripts.objects().is_empty())
    }

    /// Takes over a new database that lacks nothing, and returns the plan to do nothing. Its journal holds what the key says.
    async fn taken_over(&mut self, run: &mut Run<'_>) -> Result<Plan, Error> {
        let copied = self.copied.as_ref().map(|(_, template)| template.copied());
        run.take_over(copied.is_some_and(|copied| copied.objects), self.recorded).await?;
        let warnings = Warning::unrecognized(&self.migrator.scripts);
        let history = History { at: copied.map(|copied| copied.at), warnings, ..History::default() };
        let plan = Plan::new(history, TransactionMode::PerScript);
        Ok(plan.in_new_database(NewDatabase::SideConnections))
    }

    /// Takes over what the new database has, and returns the plan for what it lacks.
    async fn continued(&mut self, run: &mut Run<'_>, options: &UpgradeOptions) -> Result<Plan, Error> {
        let journal = run.read_journal().await?;
        run.take_over(journal.objects.exists, self.recorded).await?;
        if self.plan.is_none() {
            let options = in_parts(&self.options, &self.migrator.target.context());
            let plan = self.migrator.plan(&mut *run.connection, &journal, &options).await?;
            self.announce(plan);
        }
        let options = in_parts(options, &self.migrator.target.context());
        run.migrator.plan(&mut *run.connection, &journal, &options).await
    }

    /// Returns a migrator and options that end with this part.
    fn through(&self, part: Option<Part>) -> (Migrator, UpgradeOptions) {
        let (mut migrator, mut options) = (self.migrator.clone(), self.options);
        // nothing but this rebuild has been in the database
        migrator.options.drift = Drift::Off;
        let all = self.migrator.watcher.clone();
        migrator.watcher = Watcher::new(move |event| match event {
            Event::Planned { .. } => {}
            event => all.tell(event),
        });
        if let Some(part) = part.filter(|part| Some(part) != self.parts.last()) {
            migrator.scripts = self.migrator.scripts.through(part.at, |_| false);
            options = options.to(part.at);
        }
        (migrator, options)
    }

    /// Makes a copy of the new database a template, once it has proven to be the same.
    async fn keep(&mut self, part: Part, schema: Option<Schema>) -> Result<(), ServerError> {
        let is_complete = self.recorded == self.migrator.options.schema_snapshot;
        let schema = schema.filter(|_| is_complete && !self.migrator.cancel.is_cancelled());
        let (Some(store), Some(schema)) = (self.replacement.templates(), schema) else { return Ok(()) };
        let name = name_of(&part.key);
        let (user, bytes) = (self.migrator.target.user(), store.size().await?);
        // a template that the next one would displace is not worth a copy
        let is_followed = self.parts.last().is_some_and(|last| last.at > part.at);
        if bytes.saturating_mul(if is_followed { 2 } else { 1 }) > self.limits.max_bytes {
            return Ok(());
        }
        let draft = store.draft().await?;
        let mut card = Card {
            key: part.key,
            at: part.at,
            objects: part.objects,
            fingerprint: schema.fingerprint().to_string(),
            bytes,
            used: String::new(),
            users: BTreeSet::new(),
            comment: draft.comment,
        };
        card.use_for(&user);
        let published = match prove(self.migrator, &draft.target, &schema).await {
            Ok(()) => store.publish(&name, &card).await,
            Err(error) => Err(error),
        };
        if let Err(error) = published {
            store.reject().await;
            return Err(error);
        }
        let template = Template { name, card };
        self.migrator.watcher.tell(&Event::Kept { template: &template.copied() });
        self.templates.push(template);
        for template in self.limits.surplus(&self.templates, &user) {
            let mut template = template.clone();
            template.card.users.remove(&user);
            if template.card.users.is_empty() {
                store.remove(&template.name).await?;
            } else {
                store.note(&template).await?;
            }
        }
        Ok(())
    }

    /// Warns that a template could not be kept, which is no reason to fail.
    fn warn_unless_kept(&self, kept: Result<(), ServerError>) -> Result<(), Error> {
        match kept {
            Ok(()) => Ok(()),
            Err(error) => self.warn(&format!("no template was kept, so that the next rebuild takes longer: {error}")),
        }
    }

    /// Warns of what is no reason to fail, unless the run is stopped.
    fn warn(&self, message: &str) -> Result<(), Error> {
        self.migrator.stop_if_cancelled()?;
        self.migrator.watcher.tell(&Event::Notice { severity: "warning", message });
        Ok(())
    }

    /// Notes that the template was used, and returns what was done.
    async fn end(mut self) -> Result<Report, Error> {
        if let (Some((_, template)), Some(store)) = (&self.copied, self.replacement.templates())
            && let Some(used) = template.used_by(&self.migrator.target.user(), MINUTE)
        {
            // another rebuild may be copying it at this moment: whether this can be written does not matter
            let _ = store.note(&used).await;
        }
        let template = self.copied.take().map(|(_, template)| template.copied());
        let report = self.report.ok_or(Error::Interrupted { during: None, state: None })?;
        let guarantee = self.plan.map_or_else(|| report.guarantee.clone(), |plan| plan.guarantee);
        Ok(Report { template, guarantee, duration: self.started.elapsed(), ..report })
    }
}

/// Fails unless a copy has this schema.
async fn prove(migrator: &Migrator, copy: &Target, schema: &Schema) -> Result<(), ServerError> {
    let failed = |error: Error| {
        let server = error.server().cloned();
        server.unwrap_or_else(|| ServerError::new("", error.to_string(), ErrorKind::Plain))
    };
    let mut connection = migrator.connect_to(copy, Access::Read).await.map_err(failed)?;
    let found = read_schema(&mut *connection).await;
    connection.close().await;
    if found?.is_some_and(|found| found.fingerprint() == schema.fingerprint()) {
        return Ok(());
    }
    Err(ServerError::new("", "the copy's schema differs from that of the database", ErrorKind::Plain))
}

/// Joins what two parts of a rebuild report.
fn joined(mut before: Report, after: Report) -> Report {
    before.applied.extend(after.applied);
    before.objects.extend(after.objects);
    before.warnings.retain(|warning| !after.warnings.contains(warning));
    before.warnings.extend(after.warnings);
    Report { from: before.from, applied: before.applied, objects: before.objects, warnings: before.warnings, ..after }
}

/// The part of a time of use that tells its minute.
const MINUTE: &str = "2026-01-31T23:59";
