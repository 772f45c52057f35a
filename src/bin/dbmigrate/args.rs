//! The command line as it is typed.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use dbmigrate::sql::Variables;
use dbmigrate::{JournalTable, Number, TransactionMode};
use regex::Regex;

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

/// The branch that the current one follows.
const UPSTREAM: &str = "@{upstream}";

const EXIT_CODES: &str = "\
Exit codes: 0 done or up to date, 1 a script or the database failed, 2 usage or configuration,
3 pending (status --exit-code), 4 refused: history or folder is wrong, 5 another run holds the lock,
130 and 143 stopped by Ctrl-C or SIGTERM. A DURATION is 500ms, 30s, 5m, 1h 30m, or seconds as a number.";

/// Options that every command takes, before or after its name.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The database: sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE, mysql://... or sqlserver://...
    ///
    /// Without it: the target of the configuration file, then DBMIGRATE_URL, then DATABASE_URL.
    #[arg(long, global = true, value_name = "URL", conflicts_with = "target")]
    pub(crate) url: Option<String>,
    /// A [target.NAME] of the configuration file
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) target: Option<String>,
    /// The folder of the scripts [default: migrations]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// The configuration file [default: dbmigrate.toml here or in a folder above]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Do not read a .env
    ///
    /// Without it, the nearest .env adds variables that are not set: from the current folder up to the one with the configuration, or to the top of the Git checkout.
    #[arg(long, global = true)]
    pub(crate) no_dotenv: bool,
    /// How the result is written to standard output
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Say nothing but results of status and check, and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Log what is being done; twice: in detail
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// How progress, errors and logs are written to standard error
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// One JSON document, also for a failure: docs/json.md
    Json,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Also where nobody sees them
    Always,
    /// Not at all
    Never,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write dbmigrate.toml, Baseline.sql and Script-0001.sql to start from
    Init,
    /// Create the next Script-NNNN.sql and print its path
    New {
        /// What the script does: its first comment line
        title: Vec<String>,
        /// Take a number that this commit, tag or branch has not either
        #[arg(long, value_name = "REV")]
        since: Option<String>,
    },
    /// Move your own scripts behind those that others have
    Renumber {
        /// What others have: a commit, a tag or a branch
        #[arg(long, value_name = "REV", default_value = UPSTREAM)]
        since: String,
    },
    /// Show what is applied, what is pending and what is wrong
    Status {
        /// End with 3 when something is pending, with 4 when an upgrade would refuse
        #[arg(long)]
        exit_code: bool,
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        connect: Connect,
    },
    /// Check the folder alone, without a database
    Check {
        /// Whatever this commit, tag or branch has must be there unchanged, and nothing new before the end of it
        #[arg(long, value_name = "REV")]
        since: Option<String>,
        #[command(flatten)]
        source: Source,
    },
    /// Apply what is pending
    Upgrade(Upgrade),
    /// Build the database anew from baseline and scripts, and drop the old one
    Rebuild(Rebuild),
    /// Record the baseline as applied on an existing database, running nothing
    Baseline {
        /// Record the scripts up to this number, too; 0 without a Baseline.sql: take the database as it is
        #[arg(long, value_name = "N")]
        to: Option<Number>,
        /// Record the scripts that DbUp has applied, by its own journal
        #[arg(long, value_name = "dbup", conflicts_with = "to", hide_possible_values = true)]
        import: Option<Tool>,
        /// The table where DbUp keeps its journal [default: as DbUp itself has it]
        #[arg(long, value_name = "[SCHEMA.]TABLE", requires = "import", value_parser = table)]
        import_table: Option<JournalTable>,
        /// Ignore what another tool has recorded in this table
        #[arg(long, value_name = "[SCHEMA.]TABLE")]
        ignore_journal: Vec<String>,
        /// Record without asking, also where the database is not on this machine
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
        /// Why: the journal keeps it, with what it had before
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Repair without asking, also where the database is not on this machine
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
    /// Write Baseline-NNNN.sql in the place of many scripts, and prove it with scratch databases
    Squash {
        /// The last script that it holds [default: the highest]
        #[arg(long, value_name = "N")]
        to: Option<Number>,
        /// What $(NAME) stands for in scripts; also under [variables] in the configuration
        #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
        variables: Vec<(String, String)>,
        #[command(flatten)]
        connect: Connect,
    },
    /// What other tools have, and scripts that only go up have not
    #[command(hide = true, aliases = ["rollback", "undo", "revert", "redo", "reset", "migrate:rollback"])]
    Down {
        /// Whatever the other tools take
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Print completions for a shell
    ///
    /// bash: ~/.local/share/bash-completion/completions/dbmigrate; zsh: _dbmigrate in a folder of $fpath;
    /// fish: ~/.config/fish/completions/dbmigrate.fish; PowerShell: append it to $PROFILE.
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, of the program or of one command
    Man {
        /// The command
        command: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Source {
    /// Take the scripts from this commit, tag or branch instead of the work tree
    #[arg(long, value_name = "REV")]
    pub(crate) at: Option<String>,
    /// What $(NAME) stands for in scripts; also under [variables] in the configuration
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) variables: Vec<(String, String)>,
    /// Refuse SQL files in the folder whose names are no script's, instead of warning of them
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Connect {
    /// How long to try again while the server does not answer [default: not at all]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) wait: Option<Duration>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Limits {
    /// How long to wait for another run, and for locks that other sessions hold
    ///
    /// Without it: 5 minutes for another run, the server's own default for locks. After a lock that was not to be had in time, the whole transaction begins again, five times at most.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) lock_timeout: Option<Duration>,
    /// How long a statement may take [default: without limit]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) statement_timeout: Option<Duration>,
    #[command(flatten)]
    pub(crate) connect: Connect,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Upgrade {
    /// Go to this number only
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<Number>,
    /// Print the SQL that would be sent, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Run everything for real, roll it back, and tell of each script what it took
    #[arg(long, conflicts_with_all = ["dry_run", "transaction", "create_database"])]
    pub(crate) rehearse: bool,
    /// One transaction for everything pending, or one for each script
    #[arg(long, value_enum, default_value_t, value_name = "MODE")]
    pub(crate) transaction: Transaction,
    /// Create the database first when it does not exist
    #[arg(long)]
    pub(crate) create_database: bool,
    /// Continue an unfinished script at this statement, from 1
    #[arg(long, value_name = "STATEMENT")]
    pub(crate) resume_at: Option<usize>,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Transaction {
    /// All of it or nothing
    #[default]
    Single,
    /// What is before a failing script stays
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
pub(crate) struct Rebuild {
    /// Go to this number only
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<Number>,
    /// Drop a local database without asking
    #[arg(long)]
    pub(crate) yes: bool,
    /// Drop the database of this name, wherever it is
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_drop: Option<String>,
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
            Self::Check { .. } => "check",
            Self::Upgrade(_) => "upgrade",
            Self::Rebuild(_) => "rebuild",
            Self::Baseline { .. } => "baseline",
            Self::Repair { .. } => "repair",
            Self::Squash { .. } => "squash",
            Self::Down { .. } => "down",
            Self::Completions { .. } => "completions",
            Self::Man { .. } => "man",
        }
    }
}

/// A tool whose journal can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tool {
    /// `DbUp`
    Dbup,
}

/// `table` or `schema.table`, each as it is or quoted: `[deploy].[Applied]`.
fn table(text: &str) -> Result<JournalTable, String> {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        let part = r#"(\[[^\]]+\]|"[^"]+"|`[^`]+`|[^.\[\]"`]+)"#;
        Regex::new(&format!(r"^(?:{part}\.)?{part}$")).expect("the pattern is a constant that the tests compile")
    });
    let bare = |part: regex::Match<'_>| part.as_str().trim_matches(['[', ']', '"', '`']).to_owned();
    let found = NAME.captures(text).ok_or("it is a table, or a schema, a dot and a table")?;
    let (schema, name) = (found.get(1).map(bare), found.get(2).map(bare).unwrap_or_default());
    Ok(JournalTable { schema, name })
}

/// `name=value`
fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("it is a name, = and a value")?;
    Variables::default().declare(name, value).map_err(|error| error.to_string())?;
    Ok((name.into(), value.into()))
}

/// `90s`, `5m`, `1h 30m`, or seconds as a plain number.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(Duration::from_secs(seconds));
    }
    humantime::parse_duration(text).map_err(|_| format!("{text:?} is no duration: write it like 30s, 5m or 1h"))
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
