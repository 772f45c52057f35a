//! Advice in the words of the program. The library names its own options and verbs, in backticks; here they become
//! options and commands. What only the program can do is added.

use dbmigrate::error::GitError;
use dbmigrate::{Error, Problem, Warning};

/// What the library calls something, and what its user types. The first match counts.
const NAMES: [(&str, &str); 25] = [
    ("`upgrade` with `resume_at`", "upgrade --resume-at"),
    ("`JournalTable` says", "[journal] schema and table in dbmigrate.toml say"),
    ("(`JournalTable`)", "([journal] schema)"),
    ("in `Variables`", "under [variables] in dbmigrate.toml or with --var NAME=VALUE"),
    ("in `Options`", "in the target of dbmigrate.toml"),
    ("`TransactionMode::PerScript`", "--transaction per-script"),
    ("`at`", "--at"),
    ("`baseline`", "dbmigrate baseline"),
    ("`create_database`", "upgrade --create-database"),
    ("`ignoring`", "--ignore-journal"),
    ("`import`", "--import dbup"),
    ("`in_table`", "--import-table"),
    ("`lock_timeout`", "--lock-timeout"),
    ("`reason`", "--reason"),
    ("`rebuild`", "rebuild"),
    ("`renumber`", "dbmigrate renumber"),
    ("`repair`", "dbmigrate repair"),
    ("`resume_at`", "--resume-at"),
    ("`since`", "--since"),
    ("`statement_timeout`", "--statement-timeout"),
    ("`status`", "dbmigrate status"),
    ("`strict`", "--strict"),
    ("`to`", "--to"),
    ("`upgrade`", "upgrade"),
    ("`wait`", "--wait 30s"),
];

/// Returns a text of the library with the names that a user types.
fn said(text: &str) -> String {
    NAMES.iter().fold(text.to_owned(), |text, (name, typed)| text.replace(name, typed))
}

/// Returns a warning.
pub(crate) fn warning(warning: &Warning) -> String {
    said(&warning.to_string())
}

/// Returns what to do about an error.
pub(crate) fn of(error: &Error) -> Option<String> {
    let own = match error {
        Error::Folder(_) => "name the folder with --dir or dir in dbmigrate.toml, or start with dbmigrate init",
        Error::Git(GitError::NoRepository { .. }) => {
            "run dbmigrate in the repository, or name one of its folders with --dir"
        }
        Error::Git(GitError::NoFolder { .. }) => "use --dir to name a folder that the commit has",
        _ => return error.hint().map(|hint| said(&hint)),
    };
    Some(own.into())
}

/// Returns what to do about a problem.
pub(crate) fn of_problem(problem: &Problem) -> String {
    match problem {
        Problem::Empty { tool: None, .. } => {
            "dbmigrate new writes the first script, dbmigrate init creates a whole project; or name the folder with --dir"
                .into()
        }
        problem => said(&problem.hint()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::failure::tests::every;

    #[test]
    fn no_name_of_the_library_is_left_in_advice() {
        for error in every::errors() {
            let hints = of(&error).into_iter().chain(error.problems().iter().map(of_problem)).collect::<Vec<_>>();
            let left = hints.iter().find(|hint| NAMES.iter().any(|(name, _)| hint.contains(name)));
            assert_eq!(left, None);
        }
    }
}
