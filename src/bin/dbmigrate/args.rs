//! The command line.

mod adopt;
mod fleet;
#[cfg(feature = "sqs")]
mod worker;

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use dbmigrate::{Engine, JournalTable, Number, TransactionMode, Variables};
use regex::Regex;
use serde::Deserialize;

pub(crate) use self::adopt::{Adopt, Imported};
#[cfg(feature = "sqs")]
pub(crate) use self::fleet::Chosen;
pub(crate) use self::fleet::{Fleet, FleetCommand, FleetRun, Selected};
#[cfg(feature = "sqs")]
pub(crate) use self::worker::{EnqueueArgs, WorkerArgs};

/// Brings a database to the state that the SQL scripts in a Git checkout describe.
///
/// Forward only, all or nothing, exactly once: Baseline.sql and Script-0001.sql, Script-0002.sql, ...
#[derive(Debug, Parser)]
#[command(name = "dbmigrate", version, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The upstream of the current branch.
const UPSTREAM: &str = "@{upstream}";

const EXIT_CODES: &str = "\
Exit codes: 0 done or up to date, 1 a script or the database failed, 2 usage or configuration error,
3 something is pending (status --exit-code, wait), 4 refused: the history or the folder is wrong,
or the target is guarded, 5 another run holds the lock, 6 the schema differs, 130 and 143 stopped by
Ctrl-C or SIGTERM.
A DURATION is 500ms, 30s, 5m, 1h 30m, or seconds as a number.";

fn url_help() -> String {
    format!("The database: {}", Engine::urls())
}

fn url_long_help() -> String {
    let order = "Without it, dbmigrate uses --target, the configuration's default target, DBMIGRATE_URL or DATABASE_URL, in this order.";
    format!("{}\n\n{order}", url_help())
}

/// Options that every command takes, before or after its name.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    #[arg(long, global = true, value_name = "URL", conflicts_with = "target", help = url_help(), long_help = url_long_help())]
    pub(crate) url: Option<String>,
    /// The target: [target.NAME] in the configuration file
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) target: Option<String>,
    /// The folder with the scripts [default: migrations]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// The configuration file [default: dbmigrate.toml in this folder or one above it]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Do not read .env
    ///
    /// Without it, dbmigrate reads the nearest .env, from the current folder up to the one with the configuration or to the top of the Git checkout, and takes from it the variables that are not set.
    #[arg(long, global = true)]
    pub(crate) no_dotenv: bool,
    /// The format of the result on standard output
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Print only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Log what dbmigrate does; -vv logs the details
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// The format of progress, errors and logs on standard error
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people to read
    #[default]
    Table,
    /// One JSON document, even if the command fails: docs/json.md
    Json,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Even when output is not a terminal
    Always,
    /// No colours
    Never,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people to read
    #[default]
    Text,
    /// One JSON object per line
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a project: write dbmigrate.toml, Baseline.sql and Script-0001.sql
    Init,
    /// Create the next Script-NNNN.sql, or an object file, and print its path
    New {
        /// What the script does; becomes its first comment line
        title: Vec<String>,
        /// Create the file of an object instead, such as views/totals.sql
        #[arg(long, value_name = "PATH", conflicts_with = "since")]
        object: Option<String>,
        /// Take a number that is also unused in this commit, tag or branch
        #[arg(long, value_name = "REV")]
        since: Option<String>,
    },
    /// Renumber this branch's scripts to follow REV's
    Renumber {
        /// The commit, tag or branch whose scripts keep their numbers
        #[arg(long, value_name = "REV", default_value = UPSTREAM)]
        since: String,
    },
    /// Show what is applied, what is pending and what is wrong
    Status {
        /// Exit with status 3 if scripts or objects are pending, 4 if an upgrade would be refused
        #[arg(long)]
        exit_code: bool,
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        connect: Connect,
    },
    /// Wait until another process has brought the database to where the scripts are
    ///
    /// dbmigrate only reads. It also waits for the server and the database. A database that is ahead of the scripts is where it should be. If the time is over, it ends with exit status 3 if something is pending, 1 if the server never answered; with 4 at once if an upgrade would be refused.
    Wait {
        /// Wait only until the database is at this number or a higher one
        #[arg(long, visible_alias = "number", value_name = "N")]
        to: Option<Number>,
        /// How long to wait; 0s looks once
        #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5m")]
        timeout: Duration,
        #[command(flatten)]
        source: Source,
    },
    /// Check the scripts without a database
    Check {
        /// Fail if a script of REV was changed or removed, or a new one is not numbered after REV's last; REV is a commit, tag or branch
        #[arg(long, value_name = "REV")]
        since: Option<String>,
        #[command(flatten)]
        source: Source,
    },
    /// Apply the pending scripts
    Upgrade(Upgrade),
    /// Build a new database from the baseline and the scripts, and drop the old one
    Rebuild(Rebuild),
    /// Take over the migrations of another tool: rename and translate its files
    ///
    /// dbmigrate recognizes the tool by its files; with --url, the journal in the database decides. It moves the files to Script-0001.sql and so on, leaves out what undoes them, translates what the tool marks, and writes adopted.toml, which baseline --import reads. In a Git repository the changes are staged, not committed. Later, it takes over what a colleague's branch still brings.
    Adopt(Adopt),
    /// Drop what rebuilds have kept: --templates
    Clean {
        /// Drop the templates that only this database and tests are copied from, and what killed rebuilds have left
        #[arg(long, required = true)]
        templates: bool,
        /// Drop without asking, even on a terminal
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        connect: Connect,
    },
    /// Record the baseline as applied to an existing database, without running anything
    Baseline {
        /// Also record the scripts up to this number; 0 without a Baseline.sql takes the database as it is
        #[arg(long, value_name = "N")]
        to: Option<Number>,
        /// Record the scripts that another tool has applied, according to its journal: auto, or the tool's name
        #[arg(long, value_name = "TOOL", conflicts_with = "to", value_parser = adopt::imported())]
        import: Option<Imported>,
        /// The table that holds the tool's journal [default: the tool's own default]
        #[arg(long, value_name = "[SCHEMA.]TABLE", requires = "import", value_parser = table)]
        import_table: Option<JournalTable>,
        /// Ignore the journal of another tool in this table
        #[arg(long, value_name = "[SCHEMA.]TABLE")]
        ignore_journal: Vec<String>,
        /// First compare the schema with a scratch database, built from what is to be recorded; record nothing if it differs
        #[arg(long)]
        verify: bool,
        /// The value of $(NAME) in scripts, for --verify; the configuration can set it under [variables]
        #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable, requires = "verify")]
        variables: Vec<(String, String)>,
        /// Record without asking, even if the database is not on this machine
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        connect: Connect,
        /// How long to wait for another run [default: 5m]
        #[arg(long, value_name = "DURATION", value_parser = duration)]
        lock_timeout: Option<Duration>,
    },
    /// Accept the changed text of an applied script, or clear one that stopped in the middle; runs nothing
    Repair {
        /// The script's number
        #[arg(value_name = "N")]
        number: Number,
        /// The reason; the journal keeps it, with what it held before
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Repair without asking, even if the database is not on this machine
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        connect: Connect,
        /// How long to wait for another run [default: 5m]
        #[arg(long, value_name = "DURATION", value_parser = duration)]
        lock_timeout: Option<Duration>,
    },
    /// Compare the schema with what the last run has left, with what the scripts build, or with another database
    ///
    /// dbmigrate only reads the database. It ends with exit status 6 if something differs.
    Verify(Verify),
    /// Write a Baseline-NNNN.sql that replaces many scripts, and verify it with scratch databases
    Squash {
        /// The last script that the baseline holds [default: the highest]
        #[arg(long, value_name = "N")]
        to: Option<Number>,
        /// The value of $(NAME) in scripts; the configuration can set it under [variables]
        #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
        variables: Vec<(String, String)>,
        #[command(flatten)]
        connect: Connect,
    },
    /// Do the same on many databases: [fleet.NAME] in the configuration
    #[command(subcommand)]
    Fleet(FleetCommand),
    /// Take messages from a queue, and do what they ask for: upgrade a database of a fleet
    #[cfg(feature = "sqs")]
    Worker(WorkerArgs),
    /// Explain which build takes messages from a queue
    #[cfg(not(feature = "sqs"))]
    #[command(hide = true)]
    Worker {
        /// The arguments, which are ignored
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Explain how to undo a change: scripts only go up
    #[command(hide = true, aliases = ["rollback", "undo", "revert", "redo", "reset", "migrate:rollback"])]
    Down {
        /// The arguments of other tools, which are ignored
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Print shell completions
    ///
    /// bash: ~/.local/share/bash-completion/completions/dbmigrate; zsh: _dbmigrate in a folder in $fpath;
    /// fish: ~/.config/fish/completions/dbmigrate.fish; PowerShell: append it to $PROFILE.
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page of the program or of one command
    Man {
        /// The command
        command: Option<String>,
    },
}

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Source {
    /// Take the scripts from this commit, tag or branch instead of the work tree
    #[arg(long, value_name = "REV")]
    pub(crate) at: Option<String>,
    /// The value of $(NAME) in scripts; the configuration can set it under [variables]
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) variables: Vec<(String, String)>,
    /// Refuse SQL files in the folder that are not named like a script, instead of warning about them
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Connect {
    /// How long to keep trying while the server does not answer [default: one attempt only]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Limits {
    /// How long to wait for another run, and for locks that other sessions hold
    ///
    /// Without it: 5 minutes for another run, the server's own default for locks. If the run cannot acquire a lock in time, dbmigrate begins the whole transaction again, with at most five attempts in all.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) lock_timeout: Option<Duration>,
    /// How long a statement may take [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) statement_timeout: Option<Duration>,
    #[command(flatten)]
    pub(crate) connect: Connect,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Upgrade {
    /// Apply the scripts only up to this number
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<Number>,
    /// Print the SQL that would be sent, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Run everything for real, roll it back, and report time, rows and locks per script
    #[arg(long, conflicts_with_all = ["dry_run", "transaction", "create_database"])]
    pub(crate) rehearse: bool,
    /// Use one transaction for everything pending, or one per script
    #[arg(long, value_enum, default_value_t, value_name = "MODE")]
    pub(crate) transaction: Transaction,
    /// Create the database first if it does not exist
    #[arg(long)]
    pub(crate) create_database: bool,
    /// Resume an unfinished script at this statement, counted from 1
    #[arg(long, value_name = "STATEMENT")]
    pub(crate) resume_at: Option<usize>,
    /// What to do if the schema was changed since the last run [default: warn]
    #[arg(long, value_enum, value_name = "MODE")]
    pub(crate) drift: Option<Drift>,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Transaction {
    /// All or nothing
    #[default]
    Single,
    /// The scripts before a failing one stay applied
    PerScript,
}

impl From<Transaction> for TransactionMode {
    fn from(transaction: Transaction) -> Self {
        match transaction {
            Transaction::Single => Self::Single,
            Transaction::PerScript => Self::PerScript,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// Compare with what the scripts build in a scratch database, at the number where the database is
    #[arg(long, conflicts_with = "against")]
    pub(crate) rebuild: bool,
    /// Build the scratch database on this server instead of the database's own
    #[arg(long, value_name = "URL", requires = "rebuild")]
    pub(crate) scratch: Option<String>,
    /// Compare with another database: a target of the configuration, or a URL
    #[arg(long, value_name = "TARGET-or-URL")]
    pub(crate) against: Option<String>,
    /// Take the scripts from this commit, tag or branch instead of the work tree
    #[arg(long, value_name = "REV", requires = "rebuild")]
    pub(crate) at: Option<String>,
    /// The value of $(NAME) in scripts; the configuration can set it under [variables]
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable, requires = "rebuild")]
    pub(crate) variables: Vec<(String, String)>,
    /// Compare owners and grants, too
    #[arg(long, value_enum, value_delimiter = ',', value_name = "owners,grants", hide_possible_values = true)]
    pub(crate) include: Vec<Include>,
    /// Ignore objects with such names, qualified or not: *, ? and [a-z] as in a shell
    #[arg(long, value_name = "GLOB")]
    pub(crate) ignore: Vec<String>,
    /// Take another order of columns for a difference
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) acceptance: Acceptance,
    #[command(flatten)]
    pub(crate) connect: Connect,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Acceptance {
    /// Take the schema as it is for what it should be: the next run compares with it
    #[arg(long, requires = "reason", conflicts_with_all = ["rebuild", "against"])]
    pub(crate) accept: bool,
    /// The reason; the table of repairs keeps it
    #[arg(long, value_name = "TEXT", requires = "accept")]
    pub(crate) reason: Option<String>,
    /// Accept without asking, even if the database is not on this machine
    #[arg(long, requires = "accept")]
    pub(crate) yes: bool,
}

/// What a comparison can include.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Include {
    Owners,
    Grants,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Drift {
    /// Warn, and run
    Warn,
    /// Run nothing, and end with exit status 6
    Refuse,
    /// Compare nothing
    Off,
}

impl From<Drift> for dbmigrate::Drift {
    fn from(drift: Drift) -> Self {
        match drift {
            Drift::Warn => Self::Warn,
            Drift::Refuse => Self::Refuse,
            Drift::Off => Self::Off,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rebuild {
    /// Apply the scripts only up to this number
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<Number>,
    /// Drop a local database without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Drop the database with this name, wherever it is
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_drop: Option<String>,
    /// Run every script: neither copy a template nor keep one
    #[arg(long)]
    pub(crate) no_template: bool,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

impl Command {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Init => "init",
            Self::New { .. } => "new",
            Self::Renumber { .. } => "renumber",
            Self::Status { .. } => "status",
            Self::Wait { .. } => "wait",
            Self::Check { .. } => "check",
            Self::Upgrade(_) => "upgrade",
            Self::Rebuild(_) => "rebuild",
            Self::Adopt(_) => "adopt",
            Self::Clean { .. } => "clean",
            Self::Baseline { .. } => "baseline",
            Self::Repair { .. } => "repair",
            Self::Verify(_) => "verify",
            Self::Squash { .. } => "squash",
            Self::Fleet(fleet) => fleet.name(),
            Self::Worker { .. } => "worker",
            Self::Down { .. } => "down",
            Self::Completions { .. } => "completions",
            Self::Man { .. } => "man",
        }
    }
}

/// Parses `table` or `schema.table`, each part plain or quoted: `[deploy].[Applied]`.
fn table(text: &str) -> Result<JournalTable, String> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        let part = r#"(\[[^\]]+\]|"[^"]+"|`[^`]+`|[^.\[\]"`]+)"#;
        Regex::new(&format!(r"^(?:{part}\.)?{part}$")).expect("the pattern is a constant that the tests compile")
    });
    let bare = |part: regex::Match<'_>| part.as_str().trim_matches(['[', ']', '"', '`']).to_owned();
    let found = NAME.captures(text).ok_or("expected TABLE or SCHEMA.TABLE")?;
    let (schema, name) = (found.get(1).map(bare), found.get(2).map(bare).unwrap_or_default());
    Ok(JournalTable { schema, name })
}

/// Parses `name=value`.
fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Variables::default().declare(name, value).map_err(|error| error.to_string())?;
    Ok((name.into(), value.into()))
}

/// Parses `90s`, `5m`, `1h 30m`, or seconds as a plain number.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    humantime::parse_duration(text).map_err(|_| format!("{text:?} is not a duration: write it like 30s, 5m or 1h"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_may_be_quoted() {
        for (text, schema, name) in [
            ("Applied", None, "Applied"),
            ("deploy.Applied", Some("deploy"), "Applied"),
            ("[deploy].[Applied]", Some("deploy"), "Applied"),
            ("[my.deploy].Applied", Some("my.deploy"), "Applied"),
            ("[Applied]", None, "Applied"),
            ("\"deploy\".\"Applied.1\"", Some("deploy"), "Applied.1"),
            ("`deploy`.`Applied`", Some("deploy"), "Applied"),
        ] {
            let expected = JournalTable { schema: schema.map(ToOwned::to_owned), name: name.into() };
            assert_eq!(table(text), Ok(expected), "{text}");
        }
        for text in ["", ".", "a.", ".a", "[a", "a.b.c"] {
            assert!(table(text).is_err(), "{text}");
        }
    }
}
