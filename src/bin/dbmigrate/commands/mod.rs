//! The commands of the program.

mod adopt;
mod consent;
mod fleet;
mod offline;
mod project;
#[cfg(feature = "sqs")]
mod worker;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use dbmigrate::adopt::AdoptError;
use dbmigrate::error::ErrorClass;
use dbmigrate::fleet::{FleetError, SourceError};
use dbmigrate::{
    BaselineOptions, CancellationToken, Error, ForeignJournal, Migrator, Scripts, Start, Status, UpgradeOptions,
    WaitOptions,
};

use self::consent::{Question, consent};
use crate::args::{Acceptance, Args, Command, FleetCommand, Imported, Source, Verify};
use crate::dotenv::Dotenv;
use crate::report::{Report, counted};
use crate::settings::{Settings, Usage};
use crate::signals;

/// Runs the command.
pub(crate) async fn run(args: &Args, dotenv: Dotenv, report: &Arc<Report>) -> Result<ExitCode> {
    if let Some(done) = offline::run(args, &dotenv, report).await? {
        return Ok(done);
    }
    #[cfg(feature = "sqs")]
    if let Command::Worker(options) = &args.command {
        return worker::run(options, &args.global, &dotenv, report).await;
    }
    let settings = Settings::new(&args.global, &dotenv)?;
    match &args.command {
        #[cfg(feature = "sqs")]
        Command::Fleet(FleetCommand::Enqueue(options)) => {
            return worker::enqueue(options, &args.global, settings, report).await;
        }
        Command::Adopt(options) => return adopt::run(options, &args.global, settings, report).await,
        Command::Fleet(FleetCommand::Run(command)) => return fleet::run(command, &args.global, settings, report).await,
        _ => {}
    }
    let mut settings = taken(&args.command, settings)?;
    let cancel = signals::listen();
    let migrator = migrator(&args.command, &mut settings, report, &cancel).await?;
    announce(&args.command, report, &settings);
    match &args.command {
        Command::Status { exit_code, .. } => {
            let status = migrator.status().await?;
            report.status(&status);
            return Ok(if *exit_code { standing(&status) } else { ExitCode::SUCCESS });
        }
        Command::Wait { to, timeout, .. } => {
            return match migrator.wait(&WaitOptions::new().to(*to).timeout(*timeout)).await? {
                Start::Refused { problems } => {
                    // a number that does not exist cannot be reached either
                    report.failure("wait", &Error::Refused { problems }.into());
                    Ok(4.into())
                }
                start => {
                    report.waited(&start, *timeout);
                    Ok(if start.is_ready() { ExitCode::SUCCESS } else { 3.into() })
                }
            };
        }
        Command::Upgrade(args) => {
            let options =
                UpgradeOptions::new().to(args.to).transaction(args.transaction.into()).resume_at(args.resume_at);
            match args {
                _ if args.dry_run => report.preview(async |write| migrator.dry_run(&options, write).await).await?,
                _ if args.rehearse => report.rehearsed(&migrator.rehearse_with(&options).await?),
                _ => {
                    let options = options.create_database(args.create_database);
                    report.done("upgrade", &migrator.upgrade_with(&options).await?);
                }
            }
        }
        Command::Rebuild(args) => {
            consent(args, &settings.target()?, settings.environment, &migrator, report, &cancel).await?;
            report.done("rebuild", &migrator.rebuild_with(&UpgradeOptions::new().to(args.to)).await?);
        }
        Command::Clean { yes, .. } => {
            let question = Question::about_templates(*yes, &mut settings, report)?;
            question.ask("clean drops the templates of rebuilds", report, &cancel).await?;
            report.cleaned(&migrator.clean_templates().await?);
        }
        Command::Baseline { yes, verify, .. } => {
            let (wanted, question) = (wanted(&args.command), Question::new("baseline", *yes, &mut settings, report)?);
            let recording = migrator.recording(&wanted).await?;
            report.trusts(&recording, *verify);
            let what = format!("baseline records {} as applied", counted(recording.scripts.len()));
            question.ask(&what, report, &cancel).await?;
            report.done("baseline", &migrator.baseline_with(&wanted).await?);
        }
        Command::Repair { number, reason, yes, .. } => {
            let question = Question::new("repair", *yes, &mut settings, report)?;
            question.ask(&format!("repair changes what the journal says about {number}"), report, &cancel).await?;
            report.repaired(&migrator.repair(*number, reason).await?);
        }
        Command::Verify(args) => return verify(args, &mut settings, &migrator, report, &cancel).await,
        Command::Squash { to, .. } => report.squashed(&migrator.squash(*to).await?),
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares the schema, or accepts it.
async fn verify(
    args: &Verify,
    settings: &mut Settings,
    migrator: &Migrator,
    report: &Report,
    cancel: &CancellationToken,
) -> Result<ExitCode> {
    let Acceptance { accept, reason, yes } = &args.acceptance;
    if let Some(reason) = reason.as_ref().filter(|_| *accept) {
        let question = Question::new("verify --accept", *yes, settings, report)?;
        question.ask("verify --accept takes the schema as it is for what it should be", report, cancel).await?;
        report.accepted(&migrator.accept(reason).await?);
        return Ok(ExitCode::SUCCESS);
    }
    let verification = migrator.verify(&settings.reference(args)?).await?;
    report.verified(&verification);
    Ok(if verification.comparison.is_equal() { ExitCode::SUCCESS } else { ExitCode::from(6) })
}

/// Returns the settings with the options of the command.
fn taken(command: &Command, settings: Settings) -> Result<Settings> {
    Ok(match command {
        Command::Status { source, connect, .. } => settings.taking(source)?.waiting(connect),
        Command::Wait { source, .. } => settings.taking(source)?,
        Command::Upgrade(args) => settings.taking(&args.source)?.limited(&args.limits).drifting(args.drift),
        Command::Verify(args) => settings.verifying(args)?,
        Command::Rebuild(args) => settings.taking(&args.source)?.limited(&args.limits).copying(!args.no_template),
        Command::Clean { connect, .. } => settings.waiting(connect),
        Command::Baseline { variables, connect, lock_timeout, .. } => {
            let source = Source { at: None, variables: variables.clone(), strict: false };
            settings.taking(&source)?.waiting(connect).locking(*lock_timeout)
        }
        Command::Repair { source, connect, lock_timeout, .. } => {
            settings.taking(source)?.waiting(connect).locking(*lock_timeout)
        }
        Command::Squash { variables, connect, .. } => {
            let source = Source { at: None, variables: variables.clone(), strict: false };
            settings.taking(&source)?.waiting(connect)
        }
        _ => settings,
    })
}

async fn migrator(
    command: &Command,
    settings: &mut Settings,
    report: &Report,
    cancel: &CancellationToken,
) -> Result<Migrator> {
    let target = settings.target()?;
    report.begin(settings);
    let source = settings.script_source();
    let scripts = match command {
        Command::Clean { .. } => Scripts::default(),
        // Git can take long, and signals must be handled meanwhile
        _ => aside(move || source.scripts()).await?,
    };
    let migrator = Migrator::new(target, scripts).options(settings.options.clone());
    Ok(migrator.on_event(report.watcher()).cancel_token(cancel.clone()))
}

/// Runs blocking work on another thread, so that signals are handled meanwhile.
pub(crate) async fn aside<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(act).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // the runtime is ending
            Err(_) => std::future::pending().await,
        },
    }
}

/// Announces a command that is about to change the database.
fn announce(command: &Command, report: &Report, settings: &Settings) {
    match command {
        Command::Status { .. } | Command::Wait { .. } | Command::Clean { .. } => {}
        Command::Verify(args) if !args.acceptance.accept => {}
        Command::Upgrade(args) if args.dry_run => {}
        Command::Upgrade(args) if args.rehearse => report.announce("rehearse", settings),
        command => report.announce(command.name(), settings),
    }
}

/// Returns the exit code of `status --exit-code`.
fn standing(status: &Status) -> ExitCode {
    match status {
        Status { problems, .. } if !problems.is_empty() => 4.into(),
        Status { pending: 1.., .. } | Status { pending_objects: 1.., .. } => 3.into(),
        _ => ExitCode::SUCCESS,
    }
}

/// Returns what `baseline` is to record.
fn wanted(command: &Command) -> BaselineOptions {
    let Command::Baseline { to, import, import_table, ignore_journal, verify, .. } = command else {
        return BaselineOptions::new();
    };
    let wanted = ignore_journal.iter().fold(BaselineOptions::new().to(*to).verify(*verify), BaselineOptions::ignoring);
    let from = import.map(|imported| match imported {
        Imported::Auto => ForeignJournal::auto(),
        Imported::Of(tool) => ForeignJournal::of(tool),
    });
    let from = from.map(|from| match import_table.clone() {
        Some(table) => from.in_table(table),
        None => from,
    });
    from.into_iter().fold(wanted, BaselineOptions::import)
}

/// Returns the class of an error of the library or of the program.
pub(crate) fn class(error: &anyhow::Error) -> ErrorClass {
    match error.downcast_ref::<Error>() {
        Some(error) => error.class(),
        None if error.downcast_ref::<Usage>().is_some() => ErrorClass::Usage,
        #[cfg(feature = "sqs")]
        None if error.downcast_ref::<dbmigrate::worker::QueueError>().is_some_and(|error| !error.may_pass()) => {
            ErrorClass::Usage
        }
        None if let Some(error) = error.downcast_ref::<AdoptError>() => match error {
            AdoptError::Dirty { .. }
            | AdoptError::Untracked { .. }
            | AdoptError::Ignored { .. }
            | AdoptError::OtherRepository { .. }
            | AdoptError::Twice { .. }
            | AdoptError::Taken { .. }
            | AdoptError::Unreadable { .. }
            | AdoptError::Undecodable { .. } => ErrorClass::Refused,
            AdoptError::Io { .. } | AdoptError::Git(_) => ErrorClass::Failed,
            _ => ErrorClass::Usage,
        },
        None if error.downcast_ref::<FleetError>().is_some() => ErrorClass::Usage,
        None if error.downcast_ref::<SourceError>().is_some() => ErrorClass::Usage,
        None => ErrorClass::Failed,
    }
}
