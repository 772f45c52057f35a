use super::*;
use crate::sql::{Role, sendable, units};
use crate::upgrade::stop::{Halt, Stop};

fn shown(text: &str, from: usize, limit: usize) -> Vec<String> {
    shown_to(None, text, from, limit)
}

/// The messages of a text: `~` under way, `+2` two statements are done, `=2` and nothing is under way, `( )` a
/// transaction.
fn shown_to(longest: Option<usize>, text: &str, from: usize, limit: usize) -> Vec<String> {
    let dialect = Dialect::Mysql;
    let pieces = sendable(dialect, text, Role::Script).collect::<Result<Vec<_>, _>>().expect("splits");
    let units = units(dialect, text, &pieces, true);
    let course = Course { dialect, pieces: &pieces, units: &units, limit, longest, routines_end: longest.is_some() };
    course.stretches(from).iter().map(words).collect()
}

fn words(stretch: &Stretch) -> String {
    let mut words = Vec::new();
    let mut notes = stretch.notes.iter().peekable();
    for piece in stretch.pieces.start..=stretch.pieces.end {
        words.extend(std::iter::from_fn(|| notes.next_if(|(at, _)| *at <= piece)).map(|(_, note)| match note {
            Note::Begin => "(".into(),
            Note::Commit => ")".into(),
            Note::Underway => "~".into(),
            Note::Progress(done, State::Paused) => format!("={done}"),
            Note::Progress(done, _) => format!("+{done}"),
        }));
        if piece < stretch.pieces.end {
            words.push((piece + 1).to_string());
        }
    }
    words.join(" ")
}

const MIXED: &str =
    "CREATE TABLE t (a int); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); ALTER TABLE t ADD b int";

#[test]
fn progress_is_noted_behind_each_unit_and_rests_at_the_end() {
    assert_eq!(shown(MIXED, 0, 10_000), ["~ 1 =1 ( 2 3 +3 ) 4 =4"]);
    assert_eq!(shown(MIXED, 1, 10_000), ["( 2 3 +3 ) 4 =4"]);
    assert_eq!(shown(MIXED, 2, 10_000), ["( 3 +3 ) 4 =4"]);
    assert_eq!(shown(MIXED, 4, 10_000), [""; 0]);
}

#[test]
fn a_limit_cuts_messages_and_no_transaction() {
    assert_eq!(shown(MIXED, 0, 0), ["~ 1 =1", "( 2", "3 =3 )", "~ 4 =4"]);
    assert_eq!(shown(MIXED, 0, 3000), ["~ 1 =1 ( 2", "3 +3 ) 4 =4"]);
}

#[test]
fn what_answers_freely_has_a_message_of_its_own() {
    let text = "CREATE TABLE t (a int); CALL p(); ALTER TABLE t ADD b int; SELECT 1";
    assert_eq!(shown(text, 0, 10_000), ["~ 1 =1", "~ 2 =2", "~ 3 =3 ( 4 =4 )"]);
}

#[test]
fn nothing_follows_what_only_some_servers_execute() {
    let text = "/*!99999 CREATE TABLE t (a int) */; ALTER TABLE t ADD b int";
    assert_eq!(shown(text, 0, 10_000), ["~", "1", "=1", "~ 2 =2"]);
}

#[test]
fn a_statement_that_fills_a_message_has_its_notes_before_and_behind() {
    let text = format!("DROP TABLE t; INSERT INTO t VALUES ('{}'); DROP TABLE u", "x".repeat(5000));
    assert_eq!(shown_to(Some(6000), &text, 0, 6000), ["~ 1 =1", "(", "2", "=2 )", "~ 3 =3"]);
}

#[test]
fn under_locks_nothing_is_noted() {
    let text = "LOCK TABLES t WRITE; INSERT INTO t VALUES (1); UNLOCK TABLES; DROP TABLE t";
    assert_eq!(shown(text, 0, 10_000), ["~ 1 2 3 +3 4 =4"]);
    assert_eq!(shown("LOCK TABLES t WRITE; INSERT INTO t VALUES (1)", 0, 10_000), ["~ 1 2"]);
}

#[test]
fn of_a_transaction_that_stopped_nothing_is_done() {
    let dialect = Dialect::Mysql;
    let pieces = sendable(dialect, MIXED, Role::Script).collect::<Result<Vec<_>, _>>().expect("splits");
    let units = units(dialect, MIXED, &pieces, true);
    let course = Course { dialect, pieces: &pieces, units: &units, limit: 10_000, longest: None, routines_end: false };
    let stretches = course.stretches(0);
    let done = |piece| {
        let halt = Halt { stop: Stop::Interrupted { during: None }, piece, ours: false };
        course.done(0, &stretches[0], Some(&halt))
    };
    assert_eq!((0..4).map(done).collect::<Vec<_>>(), [0, 1, 1, 3]);
    assert_eq!(course.done(0, &stretches[0], None), 4);
}

#[test]
fn a_routine_is_the_end_of_its_message_where_the_server_stores_that() {
    let text = "DROP TABLE t; CREATE FUNCTION f() RETURNS int RETURN 1; DROP TABLE u";
    assert_eq!(shown(text, 0, 10_000), ["~ 1 +1 2 +2 3 =3"]);
    assert_eq!(shown_to(Some(100_000), text, 0, 10_000), ["~ 1 =1", "~", "2", "=2", "~ 3 =3"]);
}
