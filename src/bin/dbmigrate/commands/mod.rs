//! One function for each command.

mod project;
mod runs;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::CommandFactory;
use dbmigrate::{Error, ErrorClass, Migrator};

use crate::args::{Args, Command};
use crate::dotenv::Dotenv;
use crate::report::Report;
use crate::settings::{Settings, Usage, usage};
use crate::signals::Signals;

/// Runs what was asked for.
pub(crate) async fn run(args: &Args, dotenv: Dotenv, report: &Report) -> Result<ExitCode> {
    match &args.command {
        Command::Init => project::init(&args.global, &dotenv, report).await,
        Command::New { title, since } => {
            project::new(&Settings::new(&args.global, &dotenv)?, &title.join(" "), since.as_deref(), report)
        }
        Command::Renumber { since } => project::renumber(&Settings::new(&args.global, &dotenv)?, since, report),
        Command::Check { since, source } => {
            check(Settings::new(&args.global, &dotenv)?.taking(source)?, since.as_deref(), report)
        }
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Args::command(), "dbmigrate", &mut text);
            report.text(&String::from_utf8_lossy(&text));
            Ok(ExitCode::SUCCESS)
        }
        Command::Down { .. } => Err(usage(anyhow::anyhow!(
            "scripts only go up: to undo what is applied, write a new script (dbmigrate new); rebuild starts a database over"
        ))),
        Command::Man { command } => man(command.as_deref(), report),
        command => {
            let signals = Signals::listen();
            let settings = Settings::new(&args.global, &dotenv)?;
            let outcome = runs::run(command, settings, report, &signals).await;
            match outcome {
                Err(error) if class(&error) == ErrorClass::Interrupted => {
                    report.failure(command.name(), &error);
                    Ok(signals.exit_code())
                }
                outcome => outcome,
            }
        }
    }
}

/// The kind of an error, whoever reported it.
pub(crate) fn class(error: &anyhow::Error) -> ErrorClass {
    match error.downcast_ref::<Error>() {
        Some(error) => error.class(),
        None if error.downcast_ref::<Usage>().is_some() => ErrorClass::Usage,
        None => ErrorClass::Failed,
    }
}

fn check(mut settings: Settings, since: Option<&str>, report: &Report) -> Result<ExitCode> {
    settings.understood()?;
    report.begin(&settings);
    let scripts = settings.script_source().scripts()?;
    let since = since.map(|revision| settings.since(revision)).transpose()?;
    let warnings = Migrator::check(&scripts, settings.context.as_ref(), since.as_ref())?;
    report.checked(&scripts, &warnings, &settings);
    Ok(ExitCode::SUCCESS)
}

fn man(command: Option<&str>, report: &Report) -> Result<ExitCode> {
    let mut program = Args::command();
    program.build();
    let page = match command {
        None => program,
        Some(name) => program
            .find_subcommand(name)
            .cloned()
            .with_context(|| format!("there is no command {name:?}"))
            .map_err(usage)?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    report.text(&String::from_utf8_lossy(&text));
    Ok(ExitCode::SUCCESS)
}
