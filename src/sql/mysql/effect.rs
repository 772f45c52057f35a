//! What the first words tell of a statement's effect.

use std::sync::LazyLock;

use regex::Regex;

use super::super::Words;

/// Whether nobody knows how many answers come: a procedure gives any number of them.
pub(in crate::sql) fn answers_freely(words: &Words) -> bool {
    [&["CALL"] as &[&str], &["EXECUTE"], &["SET", "STATEMENT"]].iter().any(|start| words.starts(start))
}

/// Whether some of the work may stay when the statement fails: that of a procedure, or of a list whose members are done
/// one by one (tried on MariaDB, where `DROP TABLE a, nope, b` fails and drops `a` and `b`).
///
/// A table whose engine knows no transactions keeps the first rows of any statement that fails; the text does not tell
/// its engine.
pub(in crate::sql) fn may_commit(words: &Words) -> bool {
    let lists = || {
        let head = (words.get(0), words.get(1));
        matches!(
            head,
            (Some("DROP"), Some("TABLE" | "TABLES" | "VIEW" | "SEQUENCE" | "USER" | "ROLE"))
                | (Some("CREATE" | "ALTER" | "RENAME"), Some("USER" | "ROLE"))
                | (Some("GRANT" | "REVOKE"), _)
        )
    };
    // a database whose directory holds other files loses its tables and stays
    let drops_database = || words.starts(&["DROP", "DATABASE"]) || words.starts(&["DROP", "SCHEMA"]);
    answers_freely(words) || drops_database() || lists() && (words.contains(",") || words.is_full())
}

/// Whether the session may be another behind the statement in what no other statement takes back: what a procedure or a
/// dynamic statement has done, the role, and locks by name, of which only the session's end lets go of all but the run's own.
pub(in crate::sql) fn changes_session(words: &Words, statement: &str) -> bool {
    answers_freely(words) || words.starts(&["SET", "ROLE"]) || takes_lock(words, statement)
}

/// Whether it calls `GET_LOCK`.
pub(in crate::sql) fn takes_lock(words: &Words, statement: &str) -> bool {
    static CALLED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i-u)\bget_lock\s*\(").expect("the pattern is a constant that the tests compile")
    });
    matches!(words.get(0), Some("(" | "DO" | "SELECT" | "SET" | "WITH")) && CALLED.is_match(statement)
}

/// Whether the session holds locks on tables behind the statement, which it would not let go by itself.
pub(in crate::sql) fn locks_tables(words: &Words) -> bool {
    let flushes = words.starts(&["FLUSH"]) && (words.contains("TABLES") || words.contains("TABLE"));
    is_about_tables(words, "LOCK") || flushes && (words.contains("LOCK") || words.contains("EXPORT") || words.is_full())
}

pub(in crate::sql) fn unlocks_tables(words: &Words) -> bool {
    is_about_tables(words, "UNLOCK")
}

fn is_about_tables(words: &Words, verb: &str) -> bool {
    words.starts(&[verb, "TABLES"]) || words.starts(&[verb, "TABLE"])
}
