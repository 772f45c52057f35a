use crate::sql::Words;
use crate::sql::rules::Rule;

/// Pragmas that fail in a transaction, or silently do nothing there (`journal_mode`).
///
/// `temp_store` is not among them: it fails only while there are temporary tables.
const PRAGMAS: [(&str, &str); 3] = [
    ("JOURNAL_MODE", "PRAGMA journal_mode"),
    ("SYNCHRONOUS", "PRAGMA synchronous"),
    ("WAL_CHECKPOINT", "PRAGMA wal_checkpoint"),
];

/// Pragmas that take effect only before the database has a table, and whether a `VACUUM` outside a transaction applies
/// them later.
const EARLY: [(&str, &str, bool); 3] = [
    ("AUTO_VACUUM", "PRAGMA auto_vacuum", true),
    ("PAGE_SIZE", "PRAGMA page_size", true),
    ("ENCODING", "PRAGMA encoding", false),
];

pub(super) fn classify(words: &Words) -> Option<Rule> {
    Some(match words.get(0)? {
        "BEGIN" => Rule::OwnTransaction("BEGIN"),
        "COMMIT" => Rule::OwnTransaction("COMMIT"),
        "END" => Rule::OwnTransaction("END"),
        "ROLLBACK" if words.contains("TO") => Rule::Savepoint("ROLLBACK TO"),
        "ROLLBACK" => Rule::OwnTransaction("ROLLBACK"),
        "SAVEPOINT" => Rule::Savepoint("SAVEPOINT"),
        "RELEASE" => Rule::Savepoint("RELEASE"),
        // the database stays attached until the session ends: DETACH fails in a transaction
        "ATTACH" => Rule::CommitAfter,
        "VACUUM" => Rule::NotInTransaction("VACUUM"),
        "PRAGMA" => pragma(words)?,
        _ => return None,
    })
}

/// Returns the rule for a pragma. Without a value it only reads, except for the checkpoint.
fn pragma(words: &Words) -> Option<Rule> {
    // `PRAGMA main.page_size`
    let (name, next) = if words.get(2) == Some(".") { (words.get(3)?, 4) } else { (words.get(1)?, 2) };
    let sets = matches!(words.get(next), Some("=" | "("));
    if let Some((_, name, later)) = EARLY.iter().find(|(pragma, ..)| sets && *pragma == name) {
        return Some(Rule::Early { name, later: *later });
    }
    let found = PRAGMAS.iter().find(|(pragma, _)| *pragma == name);
    found.filter(|_| sets || name == "WAL_CHECKPOINT").map(|(_, statement)| Rule::NotInTransaction(statement))
}
