use super::super::Words;
use super::Rule;

/// Pragmas that fail in a transaction, or do nothing there without a word (`journal_mode`).
///
/// `temp_store` is not among them: it fails only while there are temporary tables.
const PRAGMAS: [(&str, &str); 3] = [
    ("JOURNAL_MODE", "PRAGMA journal_mode"),
    ("SYNCHRONOUS", "PRAGMA synchronous"),
    ("WAL_CHECKPOINT", "PRAGMA wal_checkpoint"),
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
        "VACUUM" => Rule::NotInTransaction("VACUUM"),
        "PRAGMA" => pragma(words)?,
        _ => return None,
    })
}

/// A pragma without a value only asks, except for the checkpoint.
fn pragma(words: &Words) -> Option<Rule> {
    let name = words.get(1)?;
    let sets = matches!(words.get(2), Some("=" | "("));
    let found = PRAGMAS.iter().find(|(pragma, _)| *pragma == name);
    found.filter(|_| sets || name == "WAL_CHECKPOINT").map(|(_, statement)| Rule::NotInTransaction(statement))
}
