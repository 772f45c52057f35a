//! The effects of a statement, as far as its first words show them.

use std::sync::LazyLock;

use regex::Regex;

use crate::sql::session_state::pattern;
use crate::sql::{Statement, Words};

/// Whether the number of results is unknown: a procedure can return any number of them.
pub(super) fn answers_freely(words: &Words) -> bool {
    [&["CALL"] as &[&str], &["EXECUTE"], &["SET", "STATEMENT"]].iter().any(|start| words.starts(start))
}

/// Whether some of the statement's work may remain if the statement fails: the work of a procedure, or of a list whose
/// members are processed one by one (tried on MariaDB, where `DROP TABLE a, nope, b` fails and drops `a` and `b`).
///
/// A table of a non-transactional engine keeps the first rows of any statement that fails; the text does not show the
/// table's engine.
pub(super) fn may_commit(words: &Words) -> bool {
    let lists = || {
        let head = (words.get(0), words.get(1));
        matches!(
            head,
            (Some("DROP"), Some("TABLE" | "TABLES" | "VIEW" | "SEQUENCE" | "USER" | "ROLE"))
                | (Some("CREATE" | "ALTER" | "RENAME"), Some("USER" | "ROLE"))
                | (Some("GRANT" | "REVOKE"), _)
        )
    };
    // if the directory of a database contains other files, the database loses its tables but remains
    let drops_database = || words.starts(&["DROP", "DATABASE"]) || words.starts(&["DROP", "SCHEMA"]);
    answers_freely(words) || drops_database() || lists() && (words.contains(",") || words.is_full())
}

/// Whether the statement may change the session in a way that no other statement undoes: what a procedure or a dynamic
/// statement did, the role, and named locks (only the end of the session releases all of them but the run's own).
pub(super) fn changes_session(words: &Words, statement: &str) -> bool {
    answers_freely(words) || words.starts(&["SET", "ROLE"]) || takes_lock(words, statement)
}

/// Whether the statement calls `GET_LOCK`.
pub(super) fn takes_lock(words: &Words, statement: &str) -> bool {
    static CALLED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i-u)\bget_lock\s*\("));
    matches!(words.get(0), Some("(" | "DO" | "SELECT" | "SET" | "WITH")) && CALLED.is_match(statement)
}

/// Whether the session holds table locks after the statement. It does not release them by itself.
pub(super) fn locks_tables(words: &Words) -> bool {
    let flushes = words.starts(&["FLUSH"]) && (words.contains("TABLES") || words.contains("TABLE"));
    is_about_tables(words, "LOCK") || flushes && (words.contains("LOCK") || words.contains("EXPORT") || words.is_full())
}

pub(super) fn unlocks_tables(words: &Words) -> bool {
    is_about_tables(words, "UNLOCK")
}

fn is_about_tables(words: &Words, verb: &str) -> bool {
    words.starts(&[verb, "TABLES"]) || words.starts(&[verb, "TABLE"])
}

/// Whether the statement is a block of statements that runs at once.
pub(super) fn runs_block(statement: &Statement) -> bool {
    statement.is_compound() && !statement.words.starts(&["CREATE"]) && !statement.words.starts(&["ALTER"])
}

/// Definitions, by their first words, before which the server commits an open transaction and which leave nothing in
/// the session: "Statements That Cause an Implicit Commit" of the MySQL 8.4 reference manual.
const DEFINITIONS: [&[&str]; 9] = [
    &["ALTER", "TABLE"],
    &["CREATE", "INDEX"],
    &["CREATE", "OR", "REPLACE", "TABLE"],
    &["CREATE", "TABLE"],
    &["CREATE", "UNIQUE", "INDEX"],
    &["CREATE", "VIEW"],
    &["DROP", "INDEX"],
    &["DROP", "TABLE"],
    &["RENAME", "TABLE"],
];

/// Whether the server commits an open transaction before it runs a statement, unless it cannot parse the statement.
pub(super) fn commits_before(statement: &Statement) -> bool {
    !statement.is_conditional() && DEFINITIONS.iter().any(|definition| statement.words.starts(definition))
}

/// Whether a statement certainly leaves its session unchanged.
pub(super) fn leaves_nothing(statement: &Statement, text: &str) -> bool {
    static RUNS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i-u)\bselect\b|/\*"));
    commits_before(statement) && !RUNS.is_match(text)
}

/// Whether a statement asks what the one before it did. The definition of a routine asks nothing.
pub(super) fn asks_back(statement: &Statement, text: &str) -> bool {
    static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i-u)\b(row_count|found_rows|warning_count|error_count|diagnostics|show\s+(count\(\*\)\s+)?(warnings|errors))\b",
        )
    });
    !statement.words.starts(&["CREATE"]) && QUESTION.is_match(text)
}
