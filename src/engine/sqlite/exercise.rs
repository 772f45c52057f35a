//! Proves that views and triggers can run: SQLite does not check them when they are created.
//!
//! `EXPLAIN` compiles a statement and runs nothing: <https://www.sqlite.org/lang_explain.html>. What is compiled includes
//! the bodies of all triggers for it.

use crate::engine::{Cells, Exercise, quote};
use crate::error::ServerError;
use crate::sql::{SQLITE, Token, tokens};

pub(super) const EXERCISE: Exercise = Exercise {
    // the columns of a view that is broken cannot be listed: views come first
    queries: &[
        "SELECT type, name, NULL, NULL, NULL FROM main.sqlite_schema WHERE type = 'view' ORDER BY rowid",
        "SELECT s.type, s.name, s.tbl_name, s.sql, \
         (SELECT group_concat(quote(c.name), char(10)) FROM pragma_table_xinfo(s.tbl_name) c WHERE c.hidden = 0) \
         FROM main.sqlite_schema s WHERE s.type = 'trigger' ORDER BY s.rowid",
    ],
    statement,
    reason: None,
    is_excused,
};

/// Returns the name of a view or a trigger, and the statement that compiles it.
fn statement(cells: Cells) -> Option<(String, String)> {
    let [kind, name, table, sql, columns] = <[_; 5]>::try_from(cells).ok()?;
    let name = name?;
    if kind.as_deref() == Some("view") {
        return Some((format!("view {name}"), format!("EXPLAIN QUERY PLAN SELECT * FROM main.{}", quote(&name))));
    }
    let table = table?;
    let on = format!("main.{}", quote(&table));
    let statement = match event(&sql?)? {
        "INSERT" => format!("EXPLAIN QUERY PLAN INSERT INTO {on} DEFAULT VALUES"),
        "DELETE" => format!("EXPLAIN QUERY PLAN DELETE FROM {on}"),
        _ => {
            let columns = columns?;
            let set = columns.lines().map(|column| {
                let column = quote(&column.trim_matches('\'').replace("''", "'"));
                format!("{column} = {column}")
            });
            format!("EXPLAIN QUERY PLAN UPDATE {on} SET {}", set.collect::<Vec<_>>().join(", "))
        }
    };
    Some((format!("trigger {name} on {table}"), statement))
}

/// Returns the event of a trigger: the first such word in its statement.
fn event(sql: &str) -> Option<&'static str> {
    let words = tokens(SQLITE, sql).filter(|(token, _)| *token == Token::Word).map(|(_, at)| &sql[at]);
    let event = |word: &str| ["INSERT", "UPDATE", "DELETE"].into_iter().find(|event| word.eq_ignore_ascii_case(event));
    words.into_iter().find_map(event)
}

/// Whether the statement may fail here alone: programs register functions, collations and modules of their own.
fn is_excused(error: &ServerError) -> bool {
    let starts = ["no such function", "no such collation sequence", "no such module", "unsafe use of"];
    starts.iter().any(|start| error.message.contains(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_is_compiled_with_the_statement_that_fires_it() {
        let cells = |sql: &str| {
            let cells = ["trigger", "t", "item", sql, "'id'\n'it''s'"];
            statement(cells.map(|cell| Some(cell.to_owned())).to_vec()).map(|(_, statement)| statement)
        };
        for (sql, statement) in [
            (
                "CREATE TRIGGER t AFTER INSERT ON item BEGIN DELETE FROM item; END",
                "EXPLAIN QUERY PLAN INSERT INTO main.\"item\" DEFAULT VALUES",
            ),
            (
                "CREATE TRIGGER \"insert\" /* UPDATE */ BEFORE DELETE ON item BEGIN SELECT 1; END",
                "EXPLAIN QUERY PLAN DELETE FROM main.\"item\"",
            ),
            (
                "create trigger t update of id on item begin select 1; end",
                "EXPLAIN QUERY PLAN UPDATE main.\"item\" SET \"id\" = \"id\", \"it's\" = \"it's\"",
            ),
        ] {
            assert_eq!(cells(sql).as_deref(), Some(statement), "{sql}");
        }
    }
}
