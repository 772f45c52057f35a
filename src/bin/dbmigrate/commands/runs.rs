//! The commands that talk to a database.

use std::process::ExitCode;

use anyhow::Result;
use dbmigrate::{Consent, Environment, ForeignJournal, Goal, Guard, JournalTable, Migrator, Missing, Number, Target};

use crate::args::{Command, Rebuild, Source, Tool, Upgrade};
use crate::report::Report;
use crate::settings::Settings;
use crate::signals::Signals;

/// Runs one of them.
pub(super) async fn run(command: &Command, settings: Settings, report: &Report, signals: &Signals) -> Result<ExitCode> {
    match command {
        Command::Status { exit_code, source, connect } => {
            status(*exit_code, settings.taking(source)?.waiting(connect), report, signals).await
        }
        Command::Upgrade(args) => {
            upgrade(args, settings.taking(&args.source)?.limited(&args.limits), report, signals).await
        }
        Command::Rebuild(args) => {
            rebuild(args, settings.taking(&args.source)?.limited(&args.limits), report, signals).await
        }
        Command::Baseline { to, import, import_table, connect, lock_timeout } => {
            let mut settings = settings.waiting(connect);
            settings.options.lock_timeout = lock_timeout.or(settings.options.lock_timeout);
            let from = import.map(|Tool::Dbup| import_table.clone().map_or_else(ForeignJournal::dbup, in_table));
            baseline(*to, from.as_ref(), &mut settings, report, signals).await
        }
        Command::Repair { number, reason, source, connect, lock_timeout } => {
            let mut settings = settings.taking(source)?.waiting(connect);
            settings.options.lock_timeout = lock_timeout.or(settings.options.lock_timeout);
            repair(*number, reason, settings, report, signals).await
        }
        Command::Squash { to, variables, connect } => {
            let source = Source { at: None, variables: variables.clone() };
            let mut settings = settings.taking(&source)?.waiting(connect);
            let migrator = migrator(&mut settings, report, signals)?;
            report.announce("squash", &settings);
            report.squashed(&migrator.squash(*to).await?);
            Ok(ExitCode::SUCCESS)
        }
        _ => unreachable!("the other commands need no database"),
    }
}

fn migrator(settings: &mut Settings, report: &Report, signals: &Signals) -> Result<Migrator> {
    let target = settings.target()?;
    report.begin(settings);
    let scripts = settings.scripts()?;
    let migrator = Migrator::new(target, scripts).options(settings.options.clone());
    Ok(migrator.watched_by(report.watcher()).stopped_by(signals.interrupt.clone()))
}

/// `status --exit-code`: something is pending.
const PENDING: u8 = 3;
/// `status --exit-code`: an upgrade would refuse.
const REFUSED: u8 = 4;

async fn status(exit_code: bool, mut settings: Settings, report: &Report, signals: &Signals) -> Result<ExitCode> {
    let status = migrator(&mut settings, report, signals)?.status(&Goal::new()).await?;
    report.status(&status);
    Ok(match exit_code {
        true if !status.problems.is_empty() => REFUSED.into(),
        true if status.pending > 0 => PENDING.into(),
        _ => ExitCode::SUCCESS,
    })
}

async fn upgrade(args: &Upgrade, mut settings: Settings, report: &Report, signals: &Signals) -> Result<ExitCode> {
    let migrator = migrator(&mut settings, report, signals)?;
    if !args.dry_run {
        report.announce(if args.rehearse { "rehearse" } else { "upgrade" }, &settings);
    }
    let goal = Goal::new().to(args.to).transaction(args.transaction.into()).resume_at(args.resume_at);
    if args.dry_run {
        report.preview(async |write| migrator.preview(&goal, write).await).await?;
    } else if args.rehearse {
        report.rehearsed(&migrator.rehearse(&goal).await?);
    } else {
        let missing = if args.create_database { Missing::Create } else { Missing::Fail };
        report.done("upgrade", &migrator.upgrade(&goal, missing).await?);
    }
    Ok(ExitCode::SUCCESS)
}

async fn rebuild(args: &Rebuild, mut settings: Settings, report: &Report, signals: &Signals) -> Result<ExitCode> {
    let migrator = migrator(&mut settings, report, signals)?;
    report.announce("rebuild", &settings);
    let environment = settings.environment;
    let consent = consent(args, &settings.target()?, environment, report);
    let done = migrator.rebuild(&Goal::new().to(args.to), environment, &consent).await?;
    report.done("rebuild", &done);
    Ok(ExitCode::SUCCESS)
}

/// What was agreed to, by an option or at the prompt.
fn consent(args: &Rebuild, target: &Target, environment: Environment, report: &Report) -> Consent {
    match &args.allow_drop {
        Some(name) => Consent::Drop(name.clone()),
        None if args.yes => Consent::Yes,
        None if Guard::of(target, environment) == Guard::Confirm => {
            report.ask_for_name(target).map_or(Consent::None, Consent::Drop)
        }
        None => Consent::None,
    }
}

fn in_table(table: JournalTable) -> ForeignJournal {
    ForeignJournal::dbup().in_table(table)
}

async fn baseline(
    to: Option<Number>,
    from: Option<&ForeignJournal>,
    settings: &mut Settings,
    report: &Report,
    signals: &Signals,
) -> Result<ExitCode> {
    let migrator = migrator(settings, report, signals)?;
    report.announce("baseline", settings);
    let done = match from {
        Some(journal) => migrator.import(journal).await?,
        None => migrator.baseline(to).await?,
    };
    report.done("baseline", &done);
    Ok(ExitCode::SUCCESS)
}

async fn repair(
    number: Number,
    reason: &str,
    mut settings: Settings,
    report: &Report,
    signals: &Signals,
) -> Result<ExitCode> {
    let migrator = migrator(&mut settings, report, signals)?;
    report.announce("repair", &settings);
    report.repaired(&migrator.repair(number, reason).await?);
    Ok(ExitCode::SUCCESS)
}
