//! `adopt`: takes over the migrations of another tool.

use std::process::ExitCode;

use anyhow::Result;
use dbmigrate::adopt::{AdoptError, AdoptOptions, Adoption, Tool};
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
    // a database is asked only if the command names it; where the files are enough, it need not be there
    let is_asked = args.from.is_none() && (global.url.is_some() || global.target.is_some());
    let journals = if is_asked { journals(&mut settings).await } else { Ok(Vec::new()) };
    options = options.unclean(args.dry_run).journals(journals.as_ref().map_or(&[][..], Vec::as_slice).iter().copied());
    let adoption = match (Adoption::plan(&settings.dir, &options), journals) {
        (Err(AdoptError::Ambiguous { .. } | AdoptError::NoFiles { tool: None, .. }), Err(error)) => return Err(error),
        (planned, _) => planned?,
    };
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
            // variables without a value, and what was not taken over, are on the list of what is left to do
            problems.retain(|problem| !["undeclared-variable", "late"].contains(&problem.code()));
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
