//! `adopt`: takes over the migrations of another tool.

use std::process::ExitCode;

use anyhow::Result;
use dbmigrate::adopt::{AdoptOptions, Adoption, Tool};
use dbmigrate::{Error, Migrator, Scripts};

use crate::args::{Adopt, Global};
use crate::report::Report;
use crate::settings::Settings;

/// Moves the files, or shows how it would, and checks the scripts.
pub(super) async fn run(args: &Adopt, global: &Global, mut settings: Settings, report: &Report) -> Result<ExitCode> {
    settings.understood()?;
    report.begin(&settings);
    let mut options = AdoptOptions::new(args.folders.iter().cloned()).from(args.from).objects(settings.objects());
    if let Some(engine) = settings.engine {
        options = options.engine(engine);
    }
    // a database is asked only if the command names it
    if args.from.is_none() && (global.url.is_some() || global.target.is_some()) {
        options = options.journals(journals(&mut settings).await?);
    }
    let adoption = Adoption::plan(&settings.dir, &options)?;
    if args.dry_run {
        report.would_adopt(&adoption, &settings);
        return Ok(ExitCode::SUCCESS);
    }
    adoption.write()?;
    report.adopted(&adoption, &settings);
    let scripts = settings.script_source().scripts()?;
    match scripts.check(&settings.check_options()) {
        Ok(warnings) => report.checked_adoption(&warnings),
        Err(Error::Refused { mut problems }) => {
            // variables without a value are on the list of what is left to do
            problems.retain(|problem| problem.code() != "undeclared-variable");
            if !problems.is_empty() {
                report.failure("adopt", &Error::Refused { problems }.into());
                return Ok(4.into());
            }
        }
        Err(error) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the tools that have a journal in the database.
async fn journals(settings: &mut Settings) -> Result<Vec<Tool>> {
    let migrator = Migrator::new(settings.target()?, Scripts::default()).options(settings.options.clone());
    let journals = migrator.old_journals().await?;
    Ok(journals.iter().flat_map(|journal| Tool::titled(journal.tool)).collect())
}
