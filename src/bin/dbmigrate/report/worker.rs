//! What happens to a worker, for people.

use dbmigrate::worker::{Verdict, WorkerEvent};

/// Returns the line for an event, if it has one; `quiet` leaves out what went well.
pub(super) fn line(event: &WorkerEvent<'_>, quiet: bool) -> Option<String> {
    Some(match event {
        WorkerEvent::Ended { handled, .. } if quiet && handled.verdict == Verdict::Done => return None,
        WorkerEvent::Ended { message, job, handled, receives, duration } => {
            let what = job.map_or_else(|| "message".to_owned(), |job| format!("{}/{}", job.fleet, job.database));
            let kind = match handled.verdict {
                Verdict::Done => "",
                Verdict::Hopeless => "cannot succeed: ",
                _ => "will be tried again: ",
            };
            let times = if *receives == 1 { String::new() } else { format!(", received {receives} times") };
            format!("{what} {kind}{} ({} ms, message {message}{times})", handled.note, duration.as_millis())
        }
        WorkerEvent::Unreachable { error, pause } => {
            format!("warning: {error}; trying again in {} s", pause.as_secs_f32())
        }
        WorkerEvent::Unsettled { message, error } => {
            format!("warning: message {message} may be delivered again: {error}")
        }
        WorkerEvent::Outlasted { message } => {
            format!("warning: message {message} can be hidden no longer; another worker may get it, too")
        }
        WorkerEvent::Stopping { running: 0 } => "stopping".to_owned(),
        WorkerEvent::Stopping { running } => format!("stopping: {running} still running"),
        _ => return None,
    })
}
