//! The options of `fleet`.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Subcommand;
use dbmigrate::Number;
use dbmigrate::fleet::{Canary, Shard};

use super::{Connect, Drift, Limits, Source, Transaction, duration};

/// What is done with a fleet.
#[derive(Debug, Subcommand)]
pub(crate) enum FleetCommand {
    #[command(flatten)]
    Run(Fleet),
    /// Send a message to a queue for each database; `dbmigrate worker` takes them
    #[cfg(feature = "sqs")]
    Enqueue(super::EnqueueArgs),
}

impl FleetCommand {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Run(fleet) => fleet.name(),
            #[cfg(feature = "sqs")]
            Self::Enqueue(_) => "fleet enqueue",
        }
    }
}

/// What is done on each database.
#[derive(Debug, Subcommand)]
pub(crate) enum Fleet {
    /// Show how many databases are at which number, and what is wrong with the others
    Status {
        /// Exit with status 3 if anything is pending, 4 if any upgrade would be refused
        #[arg(long)]
        exit_code: bool,
        #[command(flatten)]
        selected: Selected,
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        connect: Connect,
    },
    /// Apply what is pending on each database
    Upgrade {
        /// First rehearse on every database, and begin only if all would succeed
        #[arg(long)]
        rehearse_first: bool,
        /// Create a database first if it does not exist
        #[arg(long)]
        create_database: bool,
        /// What to do if a schema was changed since the last run [default: warn]
        #[arg(long, value_enum, value_name = "MODE")]
        drift: Option<Drift>,
        #[command(flatten)]
        run: FleetRun,
    },
    /// Compare the schema of each database with what the last run has left, or with what the scripts build
    Verify {
        /// Compare with what the scripts build in a scratch database on its own server
        #[arg(long)]
        rebuild: bool,
        #[command(flatten)]
        selected: Selected,
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        connect: Connect,
    },
    /// Record the baseline as applied to each database, without running anything
    Baseline {
        /// Also record the scripts up to this number; 0 without a Baseline.sql takes each database as it is
        #[arg(long, value_name = "N")]
        to: Option<Number>,
        /// Record without asking, even if a database is not on this machine
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        selected: Selected,
        #[command(flatten)]
        connect: Connect,
    },
    /// Wait until another process has brought each database to where the scripts are
    Wait {
        /// Wait only until each database is at this number or a higher one
        #[arg(long, visible_alias = "number", value_name = "N")]
        to: Option<Number>,
        /// How long to wait for all of them; 0s looks once
        #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5m")]
        timeout: Duration,
        #[command(flatten)]
        selected: Selected,
        #[command(flatten)]
        source: Source,
    },
    /// Run what is pending on each database, and roll it back
    Rehearse {
        #[command(flatten)]
        run: FleetRun,
    },
}

/// The options of what changes the databases, or tries to.
#[derive(Debug, clap::Args)]
pub(crate) struct FleetRun {
    #[command(flatten)]
    pub(crate) selected: Selected,
    /// Apply the scripts only up to this number
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<Number>,
    /// Use one transaction for everything pending, or one per script [default: single]
    #[arg(long, value_enum, value_name = "MODE")]
    pub(crate) transaction: Option<Transaction>,
    /// The first databases, a number or a share, which must succeed before the others are begun
    #[arg(long, value_name = "N or N%")]
    pub(crate) canary: Option<Canary>,
    /// Begin no more databases after so many failures [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) max_failures: Option<NonZeroUsize>,
    /// Begin no more databases after so long [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) time_limit: Option<Duration>,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

/// Which databases, and how many at a time.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Selected {
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    /// How many databases at a time [default: 8]
    #[arg(long, value_name = "N")]
    pub(crate) parallel: Option<NonZeroUsize>,
    /// How many databases of one server at a time [default: 4]
    #[arg(long, value_name = "N")]
    pub(crate) parallel_per_server: Option<NonZeroUsize>,
}

/// Which databases of which fleet.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Chosen {
    /// The fleet: [fleet.NAME] in the configuration [default: the only one]
    pub(crate) name: Option<String>,
    /// Only databases with such names: *, ? and [a-z] as in a shell
    #[arg(long, value_name = "GLOB")]
    pub(crate) only: Vec<String>,
    /// Only a share of the databases, by their names: 0/4 to 3/4; auto/4 takes the number from `JOB_COMPLETION_INDEX`
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub(crate) shard: Option<Shard>,
}

impl Fleet {
    pub(crate) const fn selected(&self) -> &Selected {
        match self {
            Self::Status { selected, .. }
            | Self::Verify { selected, .. }
            | Self::Baseline { selected, .. }
            | Self::Wait { selected, .. } => selected,
            Self::Upgrade { run, .. } | Self::Rehearse { run } => &run.selected,
        }
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "fleet status",
            Self::Upgrade { .. } => "fleet upgrade",
            Self::Rehearse { .. } => "fleet rehearse",
            Self::Verify { .. } => "fleet verify",
            Self::Baseline { .. } => "fleet baseline",
            Self::Wait { .. } => "fleet wait",
        }
    }
}

/// Parses `0/4`, or `auto/4` with the number from the variable of an Indexed Job:
/// <https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode>.
fn shard(text: &str) -> Result<Shard, String> {
    const INDEX: &str = "JOB_COMPLETION_INDEX";
    let text = match text.strip_prefix("auto/") {
        Some(of) => {
            let index = std::env::var(INDEX).map_err(|_| format!("{INDEX} is not set"))?;
            format!("{index}/{of}")
        }
        None => text.to_owned(),
    };
    text.parse::<Shard>().map_err(|error| error.to_string())
}
