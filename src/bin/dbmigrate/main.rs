//! The command-line program: a thin shell over the library.

mod args;
mod commands;
mod config;
mod report;
mod settings;
mod signals;

use std::process::ExitCode;

use clap::Parser;

use crate::args::Args;
use crate::report::Report;

fn main() -> ExitCode {
    let args = Args::parse();
    let report = Report::new(&args.global);
    let outcome = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(commands::run(&args, &report)));
    match outcome {
        Ok(code) => report.ending(code),
        Err(error) => report.failure(args.command.name(), &error),
    }
}
