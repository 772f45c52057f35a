//! Undoes, by name, what a statement leaves in its session, so that the next script does not find it. What a server's
//! own reset undoes is not here.

use std::sync::LazyLock;

use regex::Regex;

use super::session_state::{assigns, given, pattern, variables};
use super::{Dialect, Piece};

/// Returns the statements that undo what this one leaves, in the order in which they are sent.
pub(crate) fn undo(dialect: Dialect, piece: &Piece, text: &str) -> Vec<String> {
    match dialect {
        Dialect::Postgres => Vec::new(),
        Dialect::Sqlite => temporary(text).into_iter().collect(),
        Dialect::SqlServer => tables_of_session(text),
        Dialect::Mysql => of_mysql(piece, text),
    }
}

/// Returns the statement that drops what `CREATE TEMP TABLE t` or `CREATE VIEW temp.v` creates.
fn temporary(text: &str) -> Option<String> {
    static CREATED: LazyLock<Regex> = LazyLock::new(|| {
        spaced(
            r#"(?is)^CREATE~(TEMP~|TEMPORARY~)?(?:VIRTUAL~)?(TABLE|VIEW|TRIGGER)~(?:IF~NOT~EXISTS~)?(temp\s*\.\s*)?((?:"[^"]*")+|(?:`[^`]*`)+|\[[^\]]+\]|[^\s.("`\[]+)"#,
        )
    });
    let found = CREATED.captures(text)?;
    let is_temporary = found.get(1).or_else(|| found.get(3)).is_some();
    is_temporary.then(|| format!("DROP {} IF EXISTS temp.{}", found[2].to_uppercase(), &found[4]))
}

/// Compiles a pattern in which `~` matches white space and comments.
fn spaced(text: &'static str) -> Regex {
    let text = text.replace('~', r"(?:\s|/\*.*?\*/|--[^\n]*\n)+");
    Regex::new(&text).expect("the pattern is a constant that the tests compile")
}

/// Returns the statements that drop tables whose names begin with a single `#`.
fn tables_of_session(text: &str) -> Vec<String> {
    static TABLE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:TABLE|INTO)[ \t\r\n]+\[?(#[0-9A-Za-z_$@][0-9A-Za-z_$@#]*)"));
    let drop = |name: &str| format!("IF OBJECT_ID('tempdb..{name}') IS NOT NULL DROP TABLE [{name}]");
    TABLE.captures_iter(text).map(|found| drop(&found[1])).collect()
}

/// The maximum length of a user variable's name, in characters.
const LONGEST_NAME: usize = 64;

fn of_mysql(piece: &Piece, text: &str) -> Vec<String> {
    static TABLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?((?:`[^`]+`|[^\s.(`;]+)(?:\s*\.\s*(?:`[^`]+`|[^\s.(`;]+))?)")
    });
    static PREPARED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^PREPARE\s+(`[^`]+`|[^\s(`;]+)"));
    let words = &piece.words;
    if piece.makes_temporary() {
        return TABLE
            .captures(text)
            .map(|found| format!("DROP TEMPORARY TABLE IF EXISTS {}", &found[1]))
            .into_iter()
            .collect();
    }
    if let Some(found) = PREPARED.captures(text) {
        // DEALLOCATE fails for a statement that does not exist
        return vec![format!("PREPARE {} FROM 'DO 0'", &found[1]), format!("DEALLOCATE PREPARE {}", &found[1])];
    }
    let mut names = given(Dialect::Mysql, piece, text);
    if assigns(piece, text) {
        names.extend(variables(text));
    }
    let variables = names.iter().filter_map(|name| name.strip_prefix('@')).filter(|name| !name.starts_with('@'));
    // a longer text is not a name
    let variables = variables.filter(|name| name.chars().count() <= LONGEST_NAME);
    let mut undo = variables.map(|name| format!("SET @`{name}` = NULL")).collect::<Vec<_>>();
    if ["INSERT", "REPLACE"].iter().any(|word| words.starts(&[word])) {
        undo.push("DO LAST_INSERT_ID(0)".into());
    }
    undo
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::split;

    fn undone(dialect: Dialect, text: &str) -> Vec<String> {
        let pieces = split(dialect, text).map(|piece| piece.expect("it can be split"));
        pieces.flat_map(|piece| undo(dialect, &piece, &text[piece.statement.clone()])).collect()
    }

    #[test]
    fn what_a_statement_leaves_in_its_session_is_taken_back_by_name() {
        for (dialect, text, undo) in [
            (Dialect::Sqlite, "CREATE TEMP TABLE IF NOT EXISTS t (a)", &["DROP TABLE IF EXISTS temp.t"][..]),
            (Dialect::Sqlite, "create temporary view \"a b\" AS SELECT 1", &["DROP VIEW IF EXISTS temp.\"a b\""]),
            (Dialect::Sqlite, "CREATE TABLE temp.t (a)", &["DROP TABLE IF EXISTS temp.t"]),
            (Dialect::Sqlite, "CREATE /* a */ TEMP -- b\n TABLE t (a)", &["DROP TABLE IF EXISTS temp.t"]),
            (Dialect::Sqlite, "CREATE TEMP TABLE \"a \"\"b\" (a)", &["DROP TABLE IF EXISTS temp.\"a \"\"b\""]),
            (Dialect::Sqlite, "CREATE VIRTUAL TABLE temp.f USING fts5 (a)", &["DROP TABLE IF EXISTS temp.f"]),
            (
                Dialect::Sqlite,
                "CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END;",
                &["DROP TRIGGER IF EXISTS temp.r"],
            ),
            (Dialect::Sqlite, "CREATE TABLE t (a)", &[]),
            (Dialect::Mysql, "CREATE TEMPORARY TABLE `My t` (a int)", &["DROP TEMPORARY TABLE IF EXISTS `My t`"]),
            (Dialect::Mysql, "SET @Id = 5, sql_mode = ''", &["SET @`id` = NULL"]),
            (Dialect::Mysql, "SELECT max(id) INTO @last FROM t", &["SET @`last` = NULL"]),
            (Dialect::Mysql, "PREPARE p FROM 'SELECT 1'", &["PREPARE p FROM 'DO 0'", "DEALLOCATE PREPARE p"]),
            (Dialect::Mysql, "INSERT INTO t VALUES (1)", &["DO LAST_INSERT_ID(0)"]),
            (
                Dialect::Mysql,
                "INSERT INTO t VALUES (@@a := 1, 'joe@', ':= @no', @a.b, @`B c`)",
                &["SET @`a.b` = NULL", "SET @`b c` = NULL", "DO LAST_INSERT_ID(0)"],
            ),
            (Dialect::Mysql, "CREATE TABLE t (a int)", &[]),
            (
                Dialect::SqlServer,
                "SELECT 1 AS a INTO #Some; CREATE TABLE [#other] (a int); CREATE TABLE ##all (a int)",
                &[
                    "IF OBJECT_ID('tempdb..#Some') IS NOT NULL DROP TABLE [#Some]",
                    "IF OBJECT_ID('tempdb..#other') IS NOT NULL DROP TABLE [#other]",
                ],
            ),
            (Dialect::Postgres, "CREATE TEMP TABLE t (a int)", &[]),
        ] {
            assert_eq!(undone(dialect, text), undo, "{text}");
        }
    }
}
