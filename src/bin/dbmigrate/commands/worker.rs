//! Jobs from a queue: each is a command on one database of a fleet of the configuration.

mod fleets;

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use dbmigrate::fleet::{Ended, Fleet, FleetEvent, Member, Outcome};
use dbmigrate::worker::{Handled, Job, JobCommand, Queue, Verdict, Worker, WorkerEvent};
use dbmigrate::{CancellationToken, Error, Reference};

use self::fleets::{Fleets, Unusable};
use crate::args::{EnqueueArgs, Global, Selected, WorkerArgs};
use crate::dotenv::Dotenv;
use crate::health::{self, Health};
use crate::report::{Report, hints};
use crate::settings::{Settings, usage};
use crate::signals;

/// Takes messages from a queue until someone stops it.
pub(super) async fn run(
    options: &WorkerArgs,
    global: &Global,
    dotenv: &Dotenv,
    report: &Arc<Report>,
) -> Result<ExitCode> {
    let cancel = signals::listen();
    let fleets = Arc::new(Fleets::new(global, dotenv, options.visibility)?);
    let later = tokio::select! {
        read = fleets.read() => read?,
        () = cancel.cancelled() => return Ok(ExitCode::SUCCESS),
    };
    for why in later {
        report.note("warning", &format!("{why}; it is tried again when a message comes"));
    }
    let health = Arc::new(Health::new());
    if let Some(address) = options.health {
        health::serve(Arc::clone(&health), address).await?;
    }
    let queue = Queue::new(&options.queue.queue_url, options.queue.endpoint_url.as_deref()).await?;
    report.note("note", &format!("worker: {} at a time from {}", options.workers, options.queue.queue_url));
    let watcher = Arc::clone(report);
    let tell = move |event: &WorkerEvent<'_>| {
        health.take(event);
        watcher.of_worker(event);
    };
    let worker = Worker::new().workers(options.workers).visibility(options.visibility).grace(options.grace);
    let worker = worker.drain(options.drain).cancel_token(cancel.clone()).on_event(tell);
    let handle = move |job: Job| {
        let (fleets, cancel) = (Arc::clone(&fleets), cancel.clone());
        async move { handled(&fleets, job, cancel).await }
    };
    // to be stopped is how a worker ends
    worker.run(&queue, handle).await?;
    Ok(ExitCode::SUCCESS)
}

/// Does what a message asks for.
async fn handled(fleets: &Fleets, job: Job, cancel: CancellationToken) -> Handled {
    let found = tokio::select! {
        found = fleets.find(&job) => found,
        () = cancel.cancelled() => return Handled::new(Verdict::Interrupted, "stopped"),
    };
    let found = match found {
        Ok(found) => found,
        Err(Unusable::Forever(why)) => return Handled::new(Verdict::Hopeless, why),
        Err(Unusable::Now(why)) => return Handled::new(Verdict::Failed, why),
    };
    let details = Arc::new(Mutex::new(String::new()));
    let noted = Arc::clone(&details);
    let note = move |event: &FleetEvent<'_>| {
        if let FleetEvent::Ended(ended) = event {
            *noted.lock().unwrap_or_else(PoisonError::into_inner) = said(ended);
        }
    };
    let fleet = Fleet::new(found.scripts).options(found.options).cancel_token(cancel).on_event(note);
    let (members, options) = (vec![found.member], found.upgrade);
    let summary = match job.command {
        JobCommand::Rehearse => fleet.rehearse_with(members, &options).await,
        JobCommand::Verify => fleet.verify(members, &Reference::LastRun).await,
        _ => fleet.upgrade_with(members, &options).await,
    };
    let outcome = summary.outcomes.keys().next().copied().unwrap_or(Outcome::NotBegun);
    let details = details.lock().unwrap_or_else(PoisonError::into_inner);
    let note = if details.is_empty() { String::new() } else { format!(": {details}") };
    Handled::new(verdict(outcome), format!("{}{note}", outcome.as_str()))
}

/// Returns what a log says about a database: where it is, or what is wrong, and its warnings.
fn said(ended: &Ended) -> String {
    let what = match (&ended.error, &ended.comparison, ended.at) {
        (Some(error), ..) => Some(failure(error)),
        (None, Some(comparison), _) => Some(comparison.summary("what it should be")),
        (None, None, at) => at.map(|at| format!("at {at}")),
    };
    let warnings = ended.warnings.iter().map(|warning| format!("warning: {}", hints::warning(warning)));
    what.into_iter().chain(warnings).collect::<Vec<_>>().join("; ").replace('\n', " ")
}

/// Returns an error in one line: what failed, where, and what the server says about it.
fn failure(error: &Error) -> String {
    let place = error.location().map_or_else(String::new, |location| format!("{location}: "));
    let problems = error.problems().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let text = if problems.is_empty() { error.to_string() } else { problems };
    format!("{place}{text}")
}

const fn verdict(outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Upgraded | Outcome::Current | Outcome::Rehearsed => Verdict::Done,
        Outcome::Locked => Verdict::Locked,
        Outcome::Interrupted | Outcome::NotBegun => Verdict::Interrupted,
        _ => Verdict::Failed,
    }
}

/// Sends a message for each database of a fleet.
pub(super) async fn enqueue(
    options: &EnqueueArgs,
    global: &Global,
    settings: Settings,
    report: &Arc<Report>,
) -> Result<ExitCode> {
    let cancel = signals::listen();
    let chosen = options.chosen.clone();
    let name = settings.config.fleet(chosen.name.as_deref()).map_err(usage)?.0.to_owned();
    let (settings, config) = settings.of_fleet(global, &Selected { chosen, ..Selected::default() })?;
    report.begin(&settings);
    let sending = async {
        let members = config.selection.clone().of(config.members(&settings.options).await?)?;
        let job = |member: &Member| {
            let mut job = Job::new(&name, &member.name);
            (job.command, job.at, job.to) = (options.command.into(), options.at.clone(), options.to);
            job
        };
        let jobs = members.iter().map(job).collect::<Vec<_>>();
        let queue = Queue::new(&options.queue.queue_url, options.queue.endpoint_url.as_deref()).await?;
        Ok::<_, anyhow::Error>(queue.send(&jobs).await?)
    };
    let sent = tokio::select! {
        sent = sending => sent?,
        () = cancel.cancelled() => return Err(Error::Interrupted { during: None, state: None }.into()),
    };
    report.enqueued(sent);
    Ok(ExitCode::SUCCESS)
}
