use super::lexer::tokens;
use crate::sql::Words;
use crate::sql::cursor::Token;
use crate::sql::rules::Rule;

/// Statements that never run in a transaction, by their first words (a parenthesis among them does not count).
///
/// If it depends on the contents of the database (a partitioned table to `REINDEX`, a subscription to drop that has a
/// replication slot), the server refuses the statement.
const NOT_IN_TRANSACTION: [(&[&str], &str); 17] = [
    (&["CREATE", "INDEX", "CONCURRENTLY"], "CREATE INDEX CONCURRENTLY"),
    (&["CREATE", "UNIQUE", "INDEX", "CONCURRENTLY"], "CREATE UNIQUE INDEX CONCURRENTLY"),
    (&["DROP", "INDEX", "CONCURRENTLY"], "DROP INDEX CONCURRENTLY"),
    (&["REINDEX", "INDEX", "CONCURRENTLY"], "REINDEX INDEX CONCURRENTLY"),
    (&["REINDEX", "TABLE", "CONCURRENTLY"], "REINDEX TABLE CONCURRENTLY"),
    (&["REINDEX", "SCHEMA"], "REINDEX SCHEMA"),
    (&["REINDEX", "DATABASE"], "REINDEX DATABASE"),
    (&["REINDEX", "SYSTEM"], "REINDEX SYSTEM"),
    (&["VACUUM"], "VACUUM"),
    (&["CREATE", "DATABASE"], "CREATE DATABASE"),
    (&["DROP", "DATABASE"], "DROP DATABASE"),
    (&["CREATE", "TABLESPACE"], "CREATE TABLESPACE"),
    (&["DROP", "TABLESPACE"], "DROP TABLESPACE"),
    (&["ALTER", "SYSTEM"], "ALTER SYSTEM"),
    (&["DISCARD", "ALL"], "DISCARD ALL"),
    (&["COMMIT", "PREPARED"], "COMMIT PREPARED"),
    (&["ROLLBACK", "PREPARED"], "ROLLBACK PREPARED"),
];

pub(super) fn classify(words: &Words, statement: &str) -> Option<Rule> {
    // a script may have millions of these, and none of the others
    if matches!(words.get(0)?, "INSERT" | "UPDATE" | "DELETE" | "SELECT") {
        return None;
    }
    let plain: Vec<&str> = (0..).map_while(|index| words.get(index)).filter(|word| *word != "(").collect();
    NOT_IN_TRANSACTION
        .iter()
        .find(|(start, _)| plain.starts_with(start))
        .map(|(_, name)| Rule::NotInTransaction(name))
        .or_else(|| transaction(&plain))
        .or_else(|| unsupported(&plain, statement))
        .or_else(|| by_options(&plain, statement))
}

fn unsupported(words: &[&str], statement: &str) -> Option<Rule> {
    let utf8 = || ["utf8", "utf-8", "default"].iter().any(|name| statement.to_ascii_lowercase().contains(name));
    let set = match words {
        ["SET", "SESSION" | "LOCAL", rest @ ..] | ["SET", rest @ ..] => rest,
        _ => &[],
    };
    match words {
        ["COPY", rest @ ..] if rest.windows(2).any(|pair| pair == ["TO", "STDOUT"]) => {
            Some(Rule::Unsupported("COPY ... TO STDOUT", "nothing receives its rows"))
        }
        _ if matches!(set, ["NAMES" | "CLIENT_ENCODING", ..]) && !utf8() => {
            Some(Rule::Unsupported("SET client_encoding", "scripts are sent as UTF-8, whatever the file's encoding is"))
        }
        _ => None,
    }
}

fn transaction(words: &[&str]) -> Option<Rule> {
    Some(match words {
        ["BEGIN", ..] => Rule::OwnTransaction("BEGIN"),
        ["START", "TRANSACTION", ..] => Rule::OwnTransaction("START TRANSACTION"),
        ["COMMIT", ..] => Rule::OwnTransaction("COMMIT"),
        ["END", ..] => Rule::OwnTransaction("END"),
        ["ABORT", ..] => Rule::OwnTransaction("ABORT"),
        ["ROLLBACK", "TO", ..] | ["ROLLBACK", "WORK" | "TRANSACTION", "TO", ..] => Rule::Savepoint("ROLLBACK TO"),
        ["ROLLBACK", ..] => Rule::OwnTransaction("ROLLBACK"),
        ["PREPARE", "TRANSACTION", ..] => Rule::OwnTransaction("PREPARE TRANSACTION"),
        ["SAVEPOINT", ..] => Rule::Savepoint("SAVEPOINT"),
        ["RELEASE", ..] => Rule::Savepoint("RELEASE"),
        _ => return None,
    })
}

/// Returns the rule for a statement whose options decide.
fn by_options(words: &[&str], statement: &str) -> Option<Rule> {
    let on = |option, default| option_is_on(statement, option).unwrap_or(default);
    let name = match words {
        ["REINDEX", ..] if on("CONCURRENTLY", false) => "REINDEX (CONCURRENTLY)",
        ["CLUSTER"] | ["CLUSTER", "VERBOSE"] => "CLUSTER without a table",
        ["ALTER", "DATABASE", _, "TABLESPACE", ..] | ["ALTER", "DATABASE", _, "SET" | "WITH", "TABLESPACE", ..] => {
            "ALTER DATABASE ... SET TABLESPACE"
        }
        ["CREATE", "SUBSCRIPTION", ..] if on("CONNECT", true) && on("CREATE_SLOT", true) => "CREATE SUBSCRIPTION",
        ["ALTER", "SUBSCRIPTION", _, "REFRESH", ..] => "ALTER SUBSCRIPTION ... REFRESH PUBLICATION",
        ["ALTER", "SUBSCRIPTION", _, "SET" | "ADD" | "DROP", "PUBLICATION", ..] if on("REFRESH", true) => {
            "ALTER SUBSCRIPTION ... PUBLICATION with refresh"
        }
        ["ALTER", "TABLE", rest @ ..] if detaches_concurrently(rest) => "DETACH PARTITION ... CONCURRENTLY",
        // since version 17, a type that was created in the same transaction is an exception
        ["ALTER", "TYPE", _, "ADD", "VALUE", ..] => return Some(Rule::CommitAfter),
        _ => return None,
    };
    Some(Rule::NotInTransaction(name))
}

fn detaches_concurrently(words: &[&str]) -> bool {
    let detach = words.windows(2).position(|pair| pair == ["DETACH", "PARTITION"]);
    detach.and_then(|at| words.get(at + 3)).is_some_and(|word| *word == "CONCURRENTLY")
}

/// Returns the value of an option in the first parentheses of a statement: `(name)`, `(name value)` or
/// `(name = value)`.
fn option_is_on(statement: &str, option: &str) -> Option<bool> {
    let tokens = tokens(statement).map(|(token, at)| (token, &statement[at])).collect::<Vec<_>>();
    let open = tokens.iter().position(|(token, _)| *token == Token::Symbol(b'('))?;
    let options = tokens.get(open + 1..)?;
    let close = options.iter().position(|(token, _)| *token == Token::Symbol(b')'))?;
    let mut options = options.get(..close)?.split(|(token, _)| *token == Token::Symbol(b','));
    let found = options
        .find(|part| part.first().is_some_and(|(_, name)| name.trim_matches('"').eq_ignore_ascii_case(option)))?;
    let value = found.last().map_or("", |(_, value)| value.trim_matches('\''));
    Some(!["false", "off", "0"].iter().any(|off| value.eq_ignore_ascii_case(off)))
}
