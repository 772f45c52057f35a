//! Advice in the words of the program. The library names its own options and verbs, in backticks; here they become
//! options and commands. What only the program can do is added.

use dbmigrate::adopt::AdoptError;
use dbmigrate::error::{GitError, HistoryViolation};
use dbmigrate::fleet::{FleetError, SourceError};
use dbmigrate::script::Kind;
#[cfg(feature = "sqs")]
use dbmigrate::worker::QueueError;
use dbmigrate::{Error, Problem, Warning};

/// What the library calls something, and what its user types. The first match counts.
const NAMES: [(&str, &str); 33] = [
    ("`Migrator::upgrade` with `UpgradeOptions::resume_at`", "upgrade --resume-at"),
    ("`Options::journal` says", "[journal] schema and table in dbmigrate.toml say"),
    ("(`Options::journal`)", "([journal] schema)"),
    ("in `Options::variables`", "under [variables] in dbmigrate.toml or with --var NAME=VALUE"),
    ("in `Migrator::options`", "in the target of dbmigrate.toml"),
    ("adopt into an empty folder", "adopt into an empty folder with --dir"),
    ("name it: `AdoptOptions::new`", "name it: dbmigrate adopt db/migration"),
    (
        "or let the journal in a database decide: `AdoptOptions::journals`",
        "or a --url: the journal in the database decides",
    ),
    ("`AdoptOptions::from`", "--from"),
    ("import it with `BaselineOptions::verify`, which", "add --verify, which"),
    ("`BaselineOptions::verify`", "--verify"),
    ("`BaselineOptions::ignoring`", "--ignore-journal"),
    ("`BaselineOptions::import`", "--import auto"),
    ("`Migrator::baseline` (`BaselineOptions::to`", "dbmigrate baseline (--to"),
    ("pass `BaselineOptions::to` with", "pass --to with"),
    ("(`BaselineOptions::to`", "(--to"),
    ("; `BaselineOptions::to`", "; --to"),
    ("`BaselineOptions::to`", "dbmigrate baseline --to"),
    ("`ForeignJournal::in_table`", "--import-table"),
    ("`Migrator::rebuild`", "rebuild"),
    ("`Reference::Rebuild`", "dbmigrate verify --rebuild"),
    ("`Migrator::verify`", "dbmigrate verify"),
    ("`Migrator::accept`", "dbmigrate verify --accept --reason TEXT"),
    ("`Migrator::repair`", "dbmigrate repair"),
    ("`Migrator::baseline`", "dbmigrate baseline"),
    ("`Migrator::status`", "dbmigrate status"),
    ("`Migrator::upgrade`", "upgrade"),
    ("`Repository::scripts` at", "dbmigrate upgrade --at"),
    ("`Scripts::strict`", "--strict"),
    ("`TransactionMode::PerScript`", "--transaction per-script"),
    ("`UpgradeOptions::create_database`", "upgrade --create-database"),
    ("`UpgradeOptions::resume_at`", "--resume-at"),
    ("`UpgradeOptions::to`", "--to"),
];

/// The options of a run that have the same name on the command line.
const OPTIONS: [(&str, &str); 4] = [
    ("`Options::lock_timeout`", "--lock-timeout"),
    ("`Options::statement_timeout`", "--statement-timeout"),
    ("`Options::wait`", "--wait 30s"),
    ("`WaitOptions::timeout`", "--timeout"),
];

/// Returns a text of the library with the names that a user types.
fn said(text: &str) -> String {
    let names = NAMES.iter().chain(&OPTIONS);
    names.fold(text.to_owned(), |text, (name, typed)| text.replace(name, typed))
}

/// Returns a warning.
pub(crate) fn warning(warning: &Warning) -> String {
    said(&warning.to_string())
}

/// Returns what to do about an error.
pub(crate) fn of(error: &Error) -> Option<String> {
    let own = match error {
        Error::Folder(_) => "correct --dir, or dir or objects in dbmigrate.toml; or start with dbmigrate init",
        Error::Git(GitError::NoRepository { .. }) => {
            "run dbmigrate in the repository, or name one of its folders with --dir"
        }
        Error::Git(GitError::NoFolder { .. }) => "use --dir to name a folder that the commit has",
        _ => return error.hint().map(|hint| said(&hint)),
    };
    Some(own.into())
}

/// Returns what to do about an error of the program, a fleet, a queue or an adoption.
pub(crate) fn of_other(error: &anyhow::Error) -> Option<String> {
    if let Some(error) = error.downcast_ref::<AdoptError>() {
        return Some(said(&error.hint()));
    }
    match error.downcast_ref::<SourceError>() {
        Some(SourceError::Database(error)) => of(error),
        #[cfg(feature = "sqs")]
        None if error.downcast_ref::<QueueError>().is_some() => {
            error.downcast_ref::<QueueError>().map(|error| error.hint().to_owned())
        }
        _ => error.downcast_ref::<FleetError>().map(|error| error.hint().to_owned()),
    }
}

/// Returns what to do about a problem.
pub(crate) fn of_problem(problem: &Problem) -> String {
    let hint = said(&problem.hint());
    match problem {
        Problem::Empty { tool: None, .. } => {
            "dbmigrate new writes the first script, dbmigrate init creates a whole project; or name the folder with --dir"
                .into()
        }
        Problem::Since {
            revision,
            kind: Kind::Script,
            why: HistoryViolation::Collided { .. } | HistoryViolation::Below { .. },
            ..
        } => format!("{hint}: dbmigrate renumber --since {revision}"),
        _ => hint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::failure::tests::every;

    /// Returns the names of the library that a text has in backticks. A name in SQL has no `::` in it.
    fn names(text: &str) -> Vec<&str> {
        text.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect()
    }

    #[test]
    fn no_name_of_the_library_is_left_in_advice() {
        let mut seen = 0;
        for error in every::errors() {
            seen += error
                .hint()
                .iter()
                .chain(&error.problems().iter().map(Problem::hint).collect::<Vec<_>>())
                .flat_map(|hint| names(hint))
                .count();
            for hint in of(&error).into_iter().chain(error.problems().iter().map(of_problem)) {
                assert!(names(&hint).is_empty(), "{hint}");
            }
        }
        assert!(seen > 20, "the library names its options in its advice: {seen}");
    }

    #[test]
    fn names_in_the_user_s_own_sql_stay() {
        assert_eq!(said("RELEASE SAVEPOINT `to`"), "RELEASE SAVEPOINT `to`");
        assert_eq!(said("wait longer with `Options::lock_timeout`"), "wait longer with --lock-timeout");
    }
}
