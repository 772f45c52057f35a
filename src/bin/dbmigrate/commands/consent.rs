//! The questions before a command makes a change that cannot be undone.

use anyhow::Result;
use dbmigrate::{CancellationToken, Error, Migrator, Target};

use crate::args::Rebuild;
use crate::guard::{Consent, Environment, Guard};
use crate::report::Report;
use crate::settings::Settings;

/// Fails unless the user agrees to dropping the database, with an option or at the prompt.
pub(super) async fn consent(
    args: &Rebuild,
    target: &Target,
    environment: Environment,
    migrator: &Migrator,
    report: &Report,
    cancel: &CancellationToken,
) -> Result<()> {
    let guard = Guard::of(target, environment);
    let consent = match &args.allow_drop {
        Some(name) => Consent::Drop(name.clone()),
        None if args.yes => Consent::Yes,
        None if guard == Guard::Confirm && report.can_ask() => {
            let others = migrator.other_histories().await.unwrap_or_default();
            report.ask_for_name(target, &others, cancel).await?.map_or(Consent::None, Consent::Drop)
        }
        None => Consent::None,
    };
    Ok(guard.pass(target, environment, &consent)?)
}

/// The question before a command writes the journal of a database without running anything.
pub(super) struct Question {
    /// The database, or `None` if the user has agreed with an option or there is no terminal.
    about: Option<Target>,
}

impl Question {
    /// Fails if there is no terminal and the database is not on this machine, or is protected, unless `yes` is given.
    pub(super) fn new(command: &str, yes: bool, settings: &mut Settings, report: &Report) -> Result<Self> {
        let target = settings.target()?;
        let guard = Guard::of_journal(&target, settings.environment);
        if yes || report.can_ask() || guard == Guard::Open {
            return Ok(Self { about: Some(target).filter(|_| !yes && report.can_ask()) });
        }
        let place = if target.is_local() { "protected by the configuration" } else { "not on this machine" };
        let why = format!("{command} writes the journal of {target}, which is {place}");
        Err(Error::Guarded { why, remedy: "if this is the right database, pass --yes".into() }.into())
    }

    /// The question before templates are dropped: they cost time and no data, so that nothing is asked without a terminal.
    pub(super) fn about_templates(yes: bool, settings: &mut Settings, report: &Report) -> Result<Self> {
        let target = settings.target()?;
        Ok(Self { about: Some(target).filter(|_| !yes && report.can_ask()) })
    }

    pub(super) async fn ask(self, what: &str, report: &Report, cancel: &CancellationToken) -> Result<()> {
        let Some(target) = self.about else { return Ok(()) };
        if report.ask_to_go_on(what, &target, cancel).await? {
            return Ok(());
        }
        let (why, remedy) = ("not confirmed: nothing was written".into(), "type yes, or pass --yes".into());
        Err(Error::Guarded { why, remedy }.into())
    }
}
