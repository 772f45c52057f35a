//! One command on many databases.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use dbmigrate::fleet::{Fleet, FleetEvent, FleetSummary, Member, Outcome};
use dbmigrate::{BaselineOptions, CancellationToken, Error, Problem, Reference, UpgradeOptions, WaitOptions};

use super::aside;
use crate::args::{self, FleetRun, Global, Source};
use crate::report::Report;
use crate::settings::Settings;
use crate::signals;

/// Runs a command on the databases of a fleet.
pub(super) async fn run(
    command: &args::Fleet,
    global: &Global,
    settings: Settings,
    report: &Arc<Report>,
) -> Result<ExitCode> {
    let selected = command.selected();
    let (mut settings, config) = settings.of_fleet(global, selected)?;
    settings = match command {
        args::Fleet::Status { source, connect, .. } | args::Fleet::Verify { source, connect, .. } => {
            settings.taking(source)?.waiting(connect)
        }
        args::Fleet::Upgrade { run, drift, .. } => settings.taking(&run.source)?.limited(&run.limits).drifting(*drift),
        args::Fleet::Rehearse { run } => settings.taking(&run.source)?.limited(&run.limits),
        args::Fleet::Wait { source, .. } => settings.taking(source)?,
        args::Fleet::Baseline { connect, .. } => settings.taking(&Source::default())?.waiting(connect),
    };
    settings.at = settings.at.or_else(|| config.at.clone());
    report.begin(&settings);
    let cancel = signals::listen();
    let source = settings.script_source();
    let scripts = aside(move || source.scripts()).await?;
    // what is wrong with the folder is wrong for all
    if !scripts.problems().is_empty() {
        let problems = scripts.problems().iter().cloned().map(Problem::from).collect();
        return Err(Error::Refused { problems }.into());
    }
    let members = tokio::select! {
        members = config.members(&settings.options) => members?,
        () = cancel.cancelled() => return Err(Error::Interrupted { during: None, state: None }.into()),
    };
    let members = config.selection.of(members)?;
    if matches!(command, args::Fleet::Baseline { yes: false, .. }) && members.iter().any(|one| !one.target.is_local()) {
        let why = format!("fleet baseline records what {} databases have, without running anything", members.len());
        return Err(Error::Guarded { why, remedy: "if these are the right databases, pass --yes".into() }.into());
    }

    if !matches!(command, args::Fleet::Status { .. } | args::Fleet::Verify { .. } | args::Fleet::Wait { .. }) {
        report.announce_fleet(command.name(), members.len(), &settings);
    }
    let mut limits = config.limits;
    if let args::Fleet::Upgrade { run, .. } | args::Fleet::Rehearse { run } = command {
        limits.canary = run.canary.or(limits.canary);
        limits.max_failures = run.max_failures.or(limits.max_failures);
        limits.time_limit = run.time_limit.or(limits.time_limit);
    }
    let watcher = Arc::clone(report);
    let fleet = Fleet::new(scripts).options(settings.options.clone()).limits(limits).cancel_token(cancel.clone());
    let fleet = fleet.on_event(move |event: &FleetEvent<'_>| watcher.of_fleet(event));
    let upgrading = Upgrading { options: config.upgrade, rehearses_first: config.rehearses_first };
    let summary = acted(command, &fleet, members, upgrading, report).await;
    let code = match command {
        args::Fleet::Status { exit_code, .. } => standing(&summary, *exit_code, &cancel),
        _ => ended(&summary, &cancel),
    };
    report.fleet(command.name(), summary);
    Ok(code)
}

/// What the configuration says about an upgrade.
struct Upgrading {
    options: UpgradeOptions,
    rehearses_first: bool,
}

impl Upgrading {
    /// Returns the options for a run; those of the command line override the configuration's.
    fn of(&self, run: &FleetRun) -> UpgradeOptions {
        let options = if run.to.is_some() { self.options.to(run.to) } else { self.options };
        run.transaction.map_or(options, |transaction| options.transaction(transaction.into()))
    }
}

async fn acted(
    command: &args::Fleet,
    fleet: &Fleet,
    members: Vec<Member>,
    upgrading: Upgrading,
    report: &Arc<Report>,
) -> FleetSummary {
    match command {
        args::Fleet::Status { .. } => fleet.status(members).await,
        args::Fleet::Upgrade { rehearse_first, create_database, run, .. } => {
            let options = upgrading.of(run).create_database(*create_database);
            if *rehearse_first || upgrading.rehearses_first {
                // a database has one line, of its rehearsal or of its upgrade
                let held = Arc::new(Mutex::new(String::new()));
                let (watcher, lines) = (Arc::clone(report), Arc::clone(&held));
                let take = move |event: &FleetEvent<'_>| watcher.hold_fleet(event, &lines);
                let rehearsal = fleet.clone().on_event(take).rehearse_with(members.clone(), &options).await;
                // a database that was not rehearsed could fail
                if rehearsal.is_bad() || rehearsal.count(Outcome::NotBegun) > 0 {
                    report.text(&held.lock().unwrap_or_else(PoisonError::into_inner));
                    return rehearsal;
                }
                report.note("note", "every database would succeed: now for real");
            }
            fleet.upgrade_with(members, &options).await
        }
        args::Fleet::Rehearse { run } => fleet.rehearse_with(members, &upgrading.of(run)).await,
        args::Fleet::Verify { rebuild: false, .. } => fleet.verify(members, &Reference::LastRun).await,
        args::Fleet::Verify { rebuild: true, .. } => fleet.verify(members, &Reference::Rebuild { scratch: None }).await,
        args::Fleet::Baseline { to, .. } => fleet.baseline_with(members, &BaselineOptions::new().to(*to)).await,
        args::Fleet::Wait { to, timeout, .. } => {
            fleet.wait(members, &WaitOptions::new().to(*to).timeout(*timeout)).await
        }
    }
}

/// Returns the exit code of a status.
fn standing(summary: &FleetSummary, asked: bool, cancel: &CancellationToken) -> ExitCode {
    let count = |outcome| summary.count(outcome);
    let is_missed = |outcome: &Outcome| count(*outcome) > 0;
    match () {
        () if cancel.is_cancelled() => signals::exit_code().into(),
        () if [Outcome::Unreachable, Outcome::Failed, Outcome::NotBegun].iter().any(is_missed) => 1.into(),
        () if !asked => ExitCode::SUCCESS,
        () if count(Outcome::Refused) > 0 => 4.into(),
        () if count(Outcome::Pending) > 0 => 3.into(),
        () => ExitCode::SUCCESS,
    }
}

/// Returns the exit code of a run that changes the databases, or tries to.
fn ended(summary: &FleetSummary, cancel: &CancellationToken) -> ExitCode {
    let count = |outcome| summary.count(outcome);
    match () {
        () if cancel.is_cancelled() => signals::exit_code().into(),
        () if summary.databases > 0 && count(Outcome::Refused) == summary.databases => 4.into(),
        () if summary.failures() > 0 => 1.into(),
        () if count(Outcome::Locked) > 0 => 5.into(),
        () if count(Outcome::Drift) > 0 => 6.into(),
        () if count(Outcome::Pending) > 0 => 3.into(),
        // the time was over
        () if count(Outcome::NotBegun) > 0 => 1.into(),
        () => ExitCode::SUCCESS,
    }
}
