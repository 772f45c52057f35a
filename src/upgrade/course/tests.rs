use super::*;
use crate::sql::legs;

fn shown(text: &str, before: usize, limit: usize) -> Vec<String> {
    shown_to(None, text, before, limit)
}

/// The messages of a text: `~` under way, `+2` two statements are done, `=2` and nothing is under way, `( )` a
/// transaction. At the end, the script's row is written.
fn shown_to(longest: Option<usize>, text: &str, before: usize, limit: usize) -> Vec<String> {
    let dialect = Dialect::Mysql;
    let legs = legs(dialect, text, before, true);
    let mut course = Course { dialect, limit, longest, routines_end: longest.is_some(), underway: false };
    let (mut messages, mut words, mut held) = (Vec::new(), Vec::<String>::new(), 0);
    for (i, leg) in legs.iter().enumerate() {
        for act in course.acts(leg, legs.get(i + 1), held) {
            match act {
                Act::Send => {
                    messages.extend((!words.is_empty()).then(|| words.join(" ")));
                    (held, words) = (0, Vec::new());
                }
                Act::Run => {
                    held += leg.sql.len();
                    words.push((leg.before + 1).to_string());
                }
                Act::Note(note) => {
                    held += NOTE;
                    words.push(match note {
                        Note::Begin => "(".into(),
                        Note::Commit => ")".into(),
                        Note::Underway => "~".into(),
                        Note::Progress(done, State::Paused) => format!("={done}"),
                        Note::Progress(done, _) => format!("+{done}"),
                    });
                }
            }
        }
    }
    messages.extend((!words.is_empty()).then(|| words.join(" ")));
    messages
}

const MIXED: &str =
    "CREATE TABLE t (a int); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); ALTER TABLE t ADD b int";

#[test]
fn progress_is_noted_behind_each_unit_but_the_last() {
    assert_eq!(shown(MIXED, 0, 100_000), ["~ 1 =1 ( 2 3 +3 ) 4"]);
    assert_eq!(shown(MIXED, 1, 100_000), ["( 2 3 +3 ) 4"]);
    assert_eq!(shown(MIXED, 2, 100_000), ["( 3 +3 ) 4"]);
    assert_eq!(shown(MIXED, 4, 100_000), [""; 0]);
    assert_eq!(shown("INSERT INTO t VALUES (1)", 0, 100_000), ["( 1 =1 )"], "a transaction knows of its own end");
}

#[test]
fn a_limit_cuts_messages_and_no_transaction() {
    assert_eq!(shown(MIXED, 0, 0), ["~ 1 =1", "( 2", "3 =3 )", "~ 4"]);
    assert_eq!(shown(MIXED, 0, 7200), ["~ 1 =1 ( 2", "3 +3 ) 4"]);
}

#[test]
fn what_answers_freely_is_the_last_of_its_message() {
    let text = "CREATE TABLE t (a int); CALL p(); ALTER TABLE t ADD b int; SELECT 1";
    assert_eq!(shown(text, 0, 100_000), ["~ 1 =1", "~ 2 =2", "~ 3 =3 ( 4 =4 )"]);
}

#[test]
fn nothing_follows_what_only_some_servers_execute() {
    let text = "/*!99999 CREATE TABLE t (a int) */; ALTER TABLE t ADD b int";
    assert_eq!(shown(text, 0, 100_000), ["~", "1", "=1 ~ 2"]);
}

#[test]
fn a_statement_that_fills_a_message_has_its_notes_before_and_behind() {
    let text = format!("DROP TABLE t; INSERT INTO t VALUES ('{}'); DROP TABLE u", "x".repeat(5000));
    assert_eq!(shown_to(Some(6000), &text, 0, 6000), ["~ 1 =1", "(", "2", "=2 )", "~ 3"]);
}

#[test]
fn under_locks_nothing_is_noted() {
    let text = "LOCK TABLES t WRITE; INSERT INTO t VALUES (1); UNLOCK TABLES; DROP TABLE t";
    assert_eq!(shown(text, 0, 100_000), ["~ 1 2 3 +3 4"]);
    assert_eq!(shown("LOCK TABLES t WRITE; INSERT INTO t VALUES (1)", 0, 100_000), ["~ 1 2"]);
}

#[test]
fn a_routine_is_the_end_of_its_message_where_the_server_stores_that() {
    let text = "DROP TABLE t; CREATE FUNCTION f() RETURNS int RETURN 1; DROP TABLE u";
    assert_eq!(shown(text, 0, 100_000), ["~ 1 +1 2 +2 3"]);
    assert_eq!(shown_to(Some(100_000), text, 0, 100_000), ["~ 1 =1", "~", "2", "=2 ~ 3"]);
}
