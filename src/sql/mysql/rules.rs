use super::effect::takes_lock;
use super::lexer::{tokens, unquoted};
use super::set::{Assignment, session_assignments};
use crate::sql::rules::{Charset, Rule};
use crate::sql::{Context, Words};

/// Statements that leave the transaction open, by their first words. Everything else may commit: the statements in
/// "Statements That Cause an Implicit Commit" of the MySQL 8.4 reference manual and in "SQL statements That Cause an
/// Implicit Commit" of the MariaDB documentation, and those that have not been tried. `CACHE INDEX` and `LOAD INDEX`
/// commit in MySQL only. `LOAD DATA` commits for NDB tables, whose transactions cannot be that large.
const KEEPS: [&[&str]; 36] = [
    &["("],
    &["ANALYZE", "DELETE"],
    &["ANALYZE", "FORMAT"],
    &["ANALYZE", "INSERT"],
    &["ANALYZE", "REPLACE"],
    &["ANALYZE", "SELECT"],
    &["ANALYZE", "UPDATE"],
    &["ANALYZE", "WITH"],
    &["CHECKSUM"],
    &["CREATE", "OR", "REPLACE", "TEMPORARY", "TABLE"],
    &["CREATE", "TEMPORARY", "TABLE"],
    &["DEALLOCATE"],
    &["DELETE"],
    &["DESC"],
    &["DESCRIBE"],
    &["DO"],
    &["DROP", "PREPARE"],
    &["DROP", "TEMPORARY", "TABLE"],
    &["EXPLAIN"],
    &["GET"],
    &["HANDLER"],
    &["INSERT"],
    &["KILL"],
    &["LOAD", "DATA"],
    &["LOAD", "XML"],
    &["PREPARE"],
    &["REPLACE"],
    &["RESIGNAL"],
    &["SELECT"],
    &["SHOW"],
    &["SIGNAL"],
    &["TABLE"],
    &["UPDATE"],
    &["USE"],
    &["VALUES"],
    &["WITH"],
];

/// The names of encodings in which the server reads UTF-8 text correctly.
const UTF8: [&str; 4] = ["UTF8", "UTF8MB3", "UTF8MB4", "DEFAULT"];

pub(super) fn classify(words: &Words, statement: &str, context: &Context) -> Option<Rule> {
    // a script may have millions of these
    if matches!(words.get(0)?, "INSERT" | "UPDATE" | "DELETE" | "REPLACE") {
        return None;
    }
    transaction(words)
        .or_else(|| unsupported(words))
        .or_else(|| other_database(words, statement, context))
        .or_else(|| if words.starts(&["SET"]) { set(words, statement) } else { commits(words) })
        // only the end of the session releases the lock, and a transaction cannot continue in a new session
        .or_else(|| takes_lock(words, statement).then_some(Rule::CommitAfter))
}

fn transaction(words: &Words) -> Option<Rule> {
    Some(match (words.get(0)?, words.get(1)) {
        ("BEGIN", None | Some("WORK")) => Rule::OwnTransaction("BEGIN"),
        ("START", Some("TRANSACTION")) => Rule::OwnTransaction("START TRANSACTION"),
        ("COMMIT", _) => Rule::OwnTransaction("COMMIT"),
        ("ROLLBACK", _) if words.contains("TO") => Rule::Savepoint("ROLLBACK TO"),
        ("ROLLBACK", _) => Rule::OwnTransaction("ROLLBACK"),
        ("XA", _) => Rule::OwnTransaction("XA"),
        ("SAVEPOINT", _) => Rule::Savepoint("SAVEPOINT"),
        ("RELEASE", Some("SAVEPOINT")) => Rule::Savepoint("RELEASE SAVEPOINT"),
        _ => return None,
    })
}

fn unsupported(words: &Words) -> Option<Rule> {
    let local = || (2..4).any(|index| words.get(index) == Some("LOCAL"));
    let (name, reason) = match (words.get(0)?, words.get(1)) {
        ("LOAD", Some("DATA")) if local() => ("LOAD DATA LOCAL", "it reads a file on the machine that runs dbmigrate"),
        ("LOAD", Some("XML")) if local() => ("LOAD XML LOCAL", "it reads a file on the machine that runs dbmigrate"),
        ("HELP", _) => ("HELP", "nothing reads its result"),
        ("SHUTDOWN", _) => ("SHUTDOWN", "it stops the server"),
        ("RESTART", _) => ("RESTART", "it stops the server"),
        _ => return None,
    };
    Some(Rule::Unsupported(name, reason))
}

/// Returns the rule for a statement after which the run would no longer be in its database.
fn other_database(words: &Words, statement: &str, context: &Context) -> Option<Rule> {
    let own = context.database.as_deref()?;
    let named = match (words.get(0)?, words.get(1)) {
        ("USE", _) => 1,
        ("DROP", Some("DATABASE" | "SCHEMA")) if words.get(2) == Some("IF") => 4,
        ("DROP", Some("DATABASE" | "SCHEMA")) => 2,
        _ => return None,
    };
    let database = tokens(statement).get(named).map(|(_, name)| unquoted(name))?;
    let drops = named > 1;
    let name = if drops { "DROP DATABASE" } else { "USE" };
    (drops == (database == own)).then_some(Rule::OtherDatabase(name, database))
}

fn set(words: &Words, statement: &str) -> Option<Rule> {
    match (words.get(1), words.get(2)) {
        (Some("PASSWORD" | "STATEMENT"), _) | (Some("DEFAULT"), Some("ROLE")) => return Some(Rule::Commits),
        // only a new session has the user's own roles again
        (Some("ROLE"), _) => return Some(Rule::CommitAfter),
        _ => {}
    }
    if words.contains("GTID_PURGED") {
        let reason = "it belongs to the server, not to a database (mysqldump --set-gtid-purged=OFF leaves it out)";
        return Some(Rule::Unsupported("SET gtid_purged", reason));
    }
    let set = session_assignments(statement);
    if set.iter().any(|set| set.name == "SQL_LOG_BIN") {
        let reason = "replicas would not get what follows (mysqldump --set-gtid-purged=OFF leaves it out)";
        return Some(Rule::Unsupported("SET sql_log_bin", reason));
    }
    if set.iter().any(|set| set.name == "AUTOCOMMIT") {
        return Some(Rule::OwnTransaction("SET autocommit"));
    }
    set.iter().rev().find_map(charset)
}

/// Returns the encoding in which the server reads the following statements. A value from a variable restores
/// the earlier encoding, UTF-8.
fn charset(set: &Assignment<'_>) -> Option<Rule> {
    if !["NAMES", "CHARACTER SET", "CHARSET", "CHARACTER_SET_CLIENT"].contains(&set.name.as_str()) {
        return None;
    }
    let charset = set.value.first().map(|(_, name)| unquoted(name).to_uppercase()).unwrap_or_default();
    let utf8 = charset == "@" || UTF8.contains(&charset.as_str());
    Some(Rule::Charset(if utf8 { Charset::Utf8 } else { Charset::Other }))
}

fn commits(words: &Words) -> Option<Rule> {
    (!KEEPS.iter().any(|start| words.starts(start))).then_some(Rule::Commits)
}
