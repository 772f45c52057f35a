//! The options of `worker` and of `fleet enqueue`.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use clap::ValueEnum;
use dbmigrate::Number;
use dbmigrate::worker::JobCommand;

use super::{Chosen, duration};

/// The queue.
#[derive(Debug, clap::Args)]
pub(crate) struct QueueArgs {
    /// The URL of the queue; region and credentials come from the environment, a profile or a role, as for the AWS CLI
    #[arg(long, value_name = "URL", env = "DBMIGRATE_QUEUE_URL")]
    pub(crate) queue_url: String,
    /// Another server that speaks the protocol of SQS
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
}

/// The options of `worker`.
#[derive(Debug, clap::Args)]
pub(crate) struct WorkerArgs {
    #[command(flatten)]
    pub(crate) queue: QueueArgs,
    /// How many databases at a time
    #[arg(long, value_name = "N", default_value = "4")]
    pub(crate) workers: NonZeroUsize,
    /// How long a message is hidden at first; that is extended while its command runs, and doubled after each failure
    #[arg(long, value_name = "DURATION", value_parser = visibility, default_value = "30s")]
    pub(crate) visibility: Duration,
    /// How long commands may take to end after SIGTERM or Ctrl-C
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "30s")]
    pub(crate) grace: Duration,
    /// End when the queue is empty
    #[arg(long)]
    pub(crate) drain: bool,
    /// Serve /live, /ready and /metrics; a port alone is one of 127.0.0.1
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) health: Option<SocketAddr>,
}

/// The options of `fleet enqueue`.
#[derive(Debug, clap::Args)]
pub(crate) struct EnqueueArgs {
    /// What each message asks for
    #[arg(long, value_enum, default_value_t, value_name = "COMMAND")]
    pub(crate) command: Asked,
    /// The commit, tag or branch that the worker takes the scripts from
    #[arg(long, value_name = "REV")]
    pub(crate) at: Option<String>,
    /// Apply the scripts only up to this number
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<Number>,
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    #[command(flatten)]
    pub(crate) queue: QueueArgs,
}

/// What a message asks for.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum Asked {
    /// Apply what is pending
    #[default]
    Upgrade,
    /// Run what is pending, and roll it back
    Rehearse,
    /// Compare the schema with what the last run has left
    Verify,
}

impl From<Asked> for JobCommand {
    fn from(asked: Asked) -> Self {
        match asked {
            Asked::Upgrade => Self::Upgrade,
            Asked::Rehearse => Self::Rehearse,
            Asked::Verify => Self::Verify,
        }
    }
}

/// Parses a duration of whole seconds, as the queue counts them: from one second to twelve hours.
fn visibility(text: &str) -> Result<Duration, String> {
    let duration = duration(text)?;
    let is_allowed = duration.subsec_nanos() == 0 && (1..=12 * 60 * 60).contains(&duration.as_secs());
    is_allowed.then_some(duration).ok_or_else(|| "expected whole seconds, from 1s to 12h".to_owned())
}

/// Parses an address with a port, or a port of this machine.
fn address(text: &str) -> Result<SocketAddr, String> {
    match text.parse::<u16>() {
        Ok(port) => Ok((Ipv4Addr::LOCALHOST, port).into()),
        Err(_) => text.parse().map_err(|_| format!("{text:?} is not an address with a port, such as 127.0.0.1:8080")),
    }
}
