//! The command-line program: a thin shell over the library.

mod args;
mod commands;
mod config;
mod defect;
mod dotenv;
mod guard;
#[cfg(feature = "sqs")]
mod health;
mod report;
mod settings;
mod signals;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;

use crate::args::Args;
use crate::dotenv::Dotenv;
use crate::report::Report;

fn main() -> ExitCode {
    defect::listen();
    let ended = defect::caught(|| {
        let args = Args::parse();
        // this is still the only thread, so changing the environment of the process is safe
        let dotenv = Dotenv::load(&args.global);
        let report = Arc::new(Report::new(&args.global));
        let outcome = defect::caught(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let outcome = runtime.block_on(commands::run(&args, dotenv, &report));
            // do not wait for a thread that waits for an answer
            runtime.shutdown_background();
            outcome
        });
        if let Some(defect) = defect::aside(&outcome) {
            report.note("warning", &defect.to_string());
        }
        Ok(match outcome {
            Ok(code) => report.ending(code),
            Err(error) => report.failure(args.command.name(), &error),
        })
    });
    ended.unwrap_or_else(|defect| report::last_words(&defect))
}
