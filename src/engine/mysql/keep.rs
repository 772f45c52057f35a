//! Keeps what exists of an object while its file drops it and creates it again: nothing of that can be rolled back.

use crate::engine::{Answers, Cells, Exercise, Keep, Kept};
use crate::objects::Existing;
use crate::sql::{MYSQL, Token, tokens};

pub(super) const KEEP: Keep = Keep { queries, kept };

/// Opens each view: one whose tables have changed cannot be opened.
pub(super) const EXERCISE: Exercise = Exercise {
    queries: &[
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'VIEW'",
    ],
    statement: |cells| {
        let name = cells.into_iter().next()??;
        Some((format!("view {name}"), format!("SELECT 0 FROM {} LIMIT 0", super::quote(&name))))
    },
    reason: None,
    is_excused: |_| false,
};

/// The settings under which `SHOW CREATE` writes everything: in other modes, it leaves out definers and algorithms.
const COMPLETE: &str = "SET sql_mode = '', sql_quote_show_create = 1";

fn queries(object: &Existing) -> Vec<String> {
    let (kind, name) = (object.kind().to_uppercase(), super::quote(object.name()));
    let literal = super::literal(object.name());
    let definition = format!("{COMPLETE}; SHOW CREATE {kind} {name}");
    match object.kind() {
        "procedure" | "function" => {
            let rights = format!(
                "SELECT User, Host, Proc_priv FROM mysql.procs_priv \
                 WHERE Db = DATABASE() AND Routine_type = '{kind}' AND Routine_name = {literal}"
            );
            vec![definition, rights]
        }
        // triggers of one event run in an order that their definitions do not have
        "trigger" => {
            let next = format!(
                "SELECT n.TRIGGER_NAME FROM information_schema.TRIGGERS t \
                 JOIN information_schema.TRIGGERS n ON n.EVENT_OBJECT_SCHEMA = DATABASE() \
                 AND n.EVENT_OBJECT_TABLE = t.EVENT_OBJECT_TABLE AND n.ACTION_TIMING = t.ACTION_TIMING \
                 AND n.EVENT_MANIPULATION = t.EVENT_MANIPULATION AND n.ACTION_ORDER = t.ACTION_ORDER + 1 \
                 WHERE t.EVENT_OBJECT_SCHEMA = DATABASE() AND t.TRIGGER_NAME = {literal}"
            );
            vec![definition, next]
        }
        _ => vec![definition],
    }
}

/// Returns the statements that create the object as it was, and those that give its rights back.
fn kept(object: &Existing, answers: Answers) -> Kept {
    let mut answers = answers.into_iter();
    let definition = answers.next().flatten().into_iter().flatten().next().unwrap_or_default();
    let more = answers.next();
    let is_unread = matches!(more, Some(None));
    let more = more.flatten().unwrap_or_default();
    if object.kind() == "trigger" {
        let following = more.into_iter().flatten().next().flatten();
        return Kept { restore: restore(object, definition, following.as_deref()), ..Kept::default() };
    }
    let lost = || {
        format!(
            "the rights on {object} cannot be read, and DROP removes them: this user needs SELECT on mysql.procs_priv"
        )
    };
    let after = more.into_iter().filter_map(|row| grant(object, row)).collect();
    Kept { restore: restore(object, definition, None), after, warning: is_unread.then(lost) }
}

/// Returns the statements for a row of `SHOW CREATE`, which has the name first. A view has the text next, the others the
/// mode before it, and an event the time zone before that. The character set and the collation follow.
fn restore(object: &Existing, row: Cells, following: Option<&str>) -> Option<Vec<String>> {
    let mut cells = row.into_iter().skip(1);
    let mut cell = || cells.next().flatten();
    let mode = if object.kind() == "view" { Some(String::new()) } else { cell() };
    let zone = if object.kind() == "event" { cell() } else { None };
    let (text, client, collation) = (cell()?, cell()?, cell()?);
    let text = following.map_or_else(|| text.clone(), |following| preceding(&text, following));
    // what is sent is UTF-8
    let client = if text.is_ascii() || client.starts_with("utf8") { client } else { "utf8mb4".into() };
    let zone = zone.map(|zone| format!(", time_zone = {}", super::literal(&zone))).unwrap_or_default();
    let mode = super::literal(&mode.unwrap_or_default());
    let settings =
        format!("SET sql_mode = {mode}{zone}, character_set_client = {client}, collation_connection = {collation}");
    Some(vec![settings, text])
}

/// Returns the definition of a trigger that runs before another.
fn preceding(text: &str, following: &str) -> String {
    let words = tokens(MYSQL, text).filter(|(token, _)| *token != Token::Blank).collect::<Vec<_>>();
    let is = |at: usize, word: &str| words.get(at).is_some_and(|(_, at)| text[at.clone()].eq_ignore_ascii_case(word));
    let head = (0..words.len()).find(|at| is(*at, "FOR") && is(at + 1, "EACH") && is(at + 2, "ROW"));
    let Some((_, row)) = head.and_then(|at| words.get(at + 2)) else { return text.to_owned() };
    format!("{} PRECEDES {}{}", &text[..row.end], super::quote(following), &text[row.end..])
}

/// Returns the statement that gives a user, or a role, its rights on a routine.
fn grant(object: &Existing, row: Cells) -> Option<String> {
    let [user, host, rights] = <[_; 3]>::try_from(row).ok()?;
    let (user, rights) = (user?, rights?);
    let who = match host.filter(|host| !host.is_empty()) {
        Some(host) => format!("{}@{}", super::literal(&user), super::literal(&host)),
        None => super::quote(&user),
    };
    let rights = rights.split(',').map(str::trim).collect::<Vec<_>>();
    let option = if rights.contains(&"Grant") { " WITH GRANT OPTION" } else { "" };
    let own = rights.iter().filter(|right| **right != "Grant").copied().collect::<Vec<_>>().join(", ");
    let own = if own.is_empty() { "USAGE".to_owned() } else { own };
    let (kind, name) = (object.kind().to_uppercase(), super::quote(object.name()));
    Some(format!("GRANT {own} ON {kind} {name} TO {who}{option}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_is_put_back_before_the_one_that_it_preceded() {
        let text = "CREATE /* for each row */ TRIGGER t BEFORE INSERT ON item FOR EACH ROW SET NEW.a = 'for each row'";
        let expected = text.replacen("ROW SET", "ROW PRECEDES `n``x` SET", 1);
        assert_eq!(preceding(text, "n`x"), expected);
    }
}
