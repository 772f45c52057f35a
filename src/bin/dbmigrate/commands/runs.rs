//! The commands that talk to a database.

use std::process::ExitCode;

use anyhow::Result;
use dbmigrate::{
    Baseline, Consent, Environment, Error, ForeignJournal, Goal, Guard, JournalTable, Migrator, Missing, Number, Target,
};

use crate::args::{Command, Rebuild, Source, Tool, Upgrade};
use crate::report::{Report, counted};
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
        Command::Baseline { to, import, import_table, ignore_journal, yes, connect, lock_timeout } => {
            let mut settings = settings.waiting(connect);
            settings.options.lock_timeout = lock_timeout.or(settings.options.lock_timeout);
            let wanted = ignore_journal.iter().fold(Baseline::new().to(*to), Baseline::ignoring);
            let from = import.map(|Tool::Dbup| import_table.clone().map_or_else(ForeignJournal::dbup, in_table));
            let wanted = from.into_iter().fold(wanted, Baseline::import);
            baseline(&wanted, *yes, settings, report, signals).await
        }
        Command::Repair { number, reason, yes, source, connect, lock_timeout } => {
            let mut settings = settings.taking(source)?.waiting(connect);
            settings.options.lock_timeout = lock_timeout.or(settings.options.lock_timeout);
            repair(*number, reason, *yes, settings, report, signals).await
        }
        Command::Squash { to, variables, connect } => {
            let source = Source { at: None, variables: variables.clone(), strict: false };
            let mut settings = settings.taking(&source)?.waiting(connect);
            let migrator = migrator(&mut settings, report, signals).await?;
            report.announce("squash", &settings);
            report.squashed(&migrator.squash(*to).await?);
            Ok(ExitCode::SUCCESS)
        }
        _ => unreachable!("the other commands need no database"),
    }
}

async fn migrator(settings: &mut Settings, report: &Report, signals: &Signals) -> Result<Migrator> {
    let target = settings.target()?;
    report.begin(settings);
    let source = settings.script_source();
    // Git may take long, and signals do not wait for it
    let scripts = tokio::task::spawn_blocking(move || source.scripts()).await??;
    let migrator = Migrator::new(target, scripts).options(settings.options.clone());
    Ok(migrator.watched_by(report.watcher()).stopped_by(signals.cancel.clone()))
}

/// `status --exit-code`: something is pending.
const PENDING: u8 = 3;
/// `status --exit-code`: an upgrade would refuse.
const REFUSED: u8 = 4;

async fn status(exit_code: bool, mut settings: Settings, report: &Report, signals: &Signals) -> Result<ExitCode> {
    let status = migrator(&mut settings, report, signals).await?.status(&Goal::new()).await?;
    report.status(&status);
    Ok(match exit_code {
        true if !status.problems.is_empty() => REFUSED.into(),
        true if status.pending > 0 => PENDING.into(),
        _ => ExitCode::SUCCESS,
    })
}

async fn upgrade(args: &Upgrade, mut settings: Settings, report: &Report, signals: &Signals) -> Result<ExitCode> {
    let migrator = migrator(&mut settings, report, signals).await?;
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
    let migrator = migrator(&mut settings, report, signals).await?;
    report.announce("rebuild", &settings);
    let (environment, target) = (settings.environment, settings.target()?);
    let consent = consent(args, &target, environment, &migrator, report).await;
    let done = migrator.rebuild(&Goal::new().to(args.to), environment, &consent).await?;
    report.done("rebuild", &done);
    Ok(ExitCode::SUCCESS)
}

/// What was agreed to, by an option or at the prompt.
async fn consent(
    args: &Rebuild,
    target: &Target,
    environment: Environment,
    migrator: &Migrator,
    report: &Report,
) -> Consent {
    match &args.allow_drop {
        Some(name) => Consent::Drop(name.clone()),
        None if args.yes => Consent::Yes,
        None if Guard::of(target, environment) == Guard::Confirm && report.can_ask() => {
            let others = migrator.other_histories().await.unwrap_or_default();
            report.ask_for_name(target, &others).map_or(Consent::None, Consent::Drop)
        }
        None => Consent::None,
    }
}

fn in_table(table: JournalTable) -> ForeignJournal {
    ForeignJournal::dbup().in_table(table)
}

async fn baseline(
    wanted: &Baseline,
    yes: bool,
    mut settings: Settings,
    report: &Report,
    signals: &Signals,
) -> Result<ExitCode> {
    let migrator = migrator(&mut settings, report, signals).await?;
    report.announce("baseline", &settings);
    let question = Question::new("baseline", yes, &mut settings, report)?;
    let recording = migrator.recording(wanted).await?;
    report.trusts(&recording);
    question.ask(&format!("baseline records {} as applied", counted(recording.scripts.len())), report)?;
    report.done("baseline", &migrator.baseline(wanted).await?);
    Ok(ExitCode::SUCCESS)
}

async fn repair(
    number: Number,
    reason: &str,
    yes: bool,
    mut settings: Settings,
    report: &Report,
    signals: &Signals,
) -> Result<ExitCode> {
    let migrator = migrator(&mut settings, report, signals).await?;
    report.announce("repair", &settings);
    let question = Question::new("repair", yes, &mut settings, report)?;
    question.ask(&format!("repair changes what the journal says of {number}"), report)?;
    report.repaired(&migrator.repair(number, reason).await?);
    Ok(ExitCode::SUCCESS)
}

/// What is asked before a command writes the journal of a database without running anything.
struct Question {
    /// The database; nobody is asked where somebody has agreed, or where there is no terminal.
    about: Option<Target>,
}

impl Question {
    /// Where nobody can be asked, a database that is not on this machine needs an option.
    fn new(command: &str, yes: bool, settings: &mut Settings, report: &Report) -> Result<Self> {
        let target = settings.target()?;
        let guard = Guard::of_journal(&target, settings.environment);
        if yes || report.can_ask() || guard == Guard::Open {
            return Ok(Self { about: Some(target).filter(|_| !yes && report.can_ask()) });
        }
        let place = if target.is_local() { "protected by the configuration" } else { "not on this machine" };
        let why = format!("{command} writes the journal of {target}, which is {place}");
        Err(Error::Guarded { why, remedy: "if that is the database, pass --yes".into() }.into())
    }

    fn ask(self, what: &str, report: &Report) -> Result<()> {
        let Some(target) = self.about else { return Ok(()) };
        if report.ask_to_go_on(what, &target) {
            return Ok(());
        }
        let (why, remedy) = ("nothing was written: it was not confirmed".into(), "type yes, or pass --yes".into());
        Err(Error::Guarded { why, remedy }.into())
    }
}
