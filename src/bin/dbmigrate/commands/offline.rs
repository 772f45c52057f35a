//! The commands that need no database.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::CommandFactory;

use super::project;
use crate::args::{Args, Command};
use crate::dotenv::Dotenv;
use crate::report::Report;
use crate::settings::{Settings, usage};

/// Runs the command if it needs no database, and returns `None` otherwise.
pub(super) async fn run(args: &Args, dotenv: &Dotenv, report: &Report) -> Result<Option<ExitCode>> {
    let settings = || Settings::new(&args.global, dotenv);
    let code = match &args.command {
        Command::Init => project::init(&args.global, dotenv, report).await?,
        Command::New { title, object: Some(path), .. } => {
            project::new_object(&settings()?, path, &title.join(" "), report)?
        }
        Command::New { title, since, .. } => project::new(&settings()?, &title.join(" "), since.as_deref(), report)?,
        Command::Renumber { since } => project::renumber(&settings()?, since, report)?,
        Command::Check { since, source } => check(settings()?.taking(source)?, since.as_deref(), report)?,
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(*shell, &mut Args::command(), "dbmigrate", &mut text);
            report.text(&String::from_utf8_lossy(&text));
            ExitCode::SUCCESS
        }
        Command::Down { .. } => {
            return Err(usage(anyhow::anyhow!(
                "scripts only go up: to undo a change, write a new script (dbmigrate new); to start a database over, \
                 use rebuild"
            )));
        }
        #[cfg(not(feature = "sqs"))]
        Command::Worker { .. } => {
            return Err(usage(anyhow::anyhow!(
                "this build has no worker: install dbmigrate with the cargo feature sqs (docs/worker.md)"
            )));
        }
        Command::Man { command } => man(command.as_deref(), report)?,
        _ => return Ok(None),
    };
    Ok(Some(code))
}

fn check(mut settings: Settings, since: Option<&str>, report: &Report) -> Result<ExitCode> {
    settings.understood()?;
    report.begin(&settings);
    let scripts = settings.script_source().scripts()?;
    let since = since.map(|revision| settings.since(revision)).transpose()?;
    let warnings = scripts.check(&settings.check_options().since(since))?;
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
