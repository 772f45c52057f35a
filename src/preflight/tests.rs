use super::*;
use crate::plan::Resume;
use crate::script::Scripts;
use crate::sql::{Defers, Dialect, MYSQL, POSTGRES, SQLITE};

/// Three statements.
const TEXT: &str = "-- dbmigrate: no-transaction\nSELECT 1;\nSELECT 2; -- two\nSELECT 3;\n";

fn script(text: &str) -> Script {
    let scripts = Scripts::from_files([("Script-0007.sql", text.as_bytes().to_vec())]);
    scripts.scripts().first().expect("it is readable").clone()
}

/// The checksum of the text through this number of statements.
fn through(dialect: &'static dyn Dialect, text: &str, statements: usize) -> Option<Checksum> {
    let script = script(text);
    Unfinished::read(&script, &Context::new(dialect), statements, None).expect("it is in memory").noted.prefix
}

fn done(text: &str, statements: usize) -> Option<Checksum> {
    through(POSTGRES, text, statements)
}

/// What an earlier run left of `TEXT`: how many statements are done, and whether the next is known not to have run.
fn left(statements: usize, known: bool) -> Resume {
    let done_checksum = done(TEXT, statements);
    Resume { done: statements, done_checksum, known, unchanged: true, progress: None, repeats: Vec::new() }
}

/// Where a run resumes, or why it cannot.
fn resumed(text: &str, resume: Resume, resume_at: Option<usize>) -> Result<usize, String> {
    resumed_on(POSTGRES, text, resume, resume_at)
}

fn resumed_on(
    dialect: &'static dyn Dialect,
    text: &str,
    resume: Resume,
    resume_at: Option<usize>,
) -> Result<usize, String> {
    let mut steps = [Step::new(script(text), Some(resume))];
    let problems =
        check(&mut steps, &Context::new(dialect), &UpgradeOptions::new().resume_at(resume_at)).expect("in memory");
    match problems.as_slice() {
        [] => Ok(steps[0].skip()),
        problems => Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
    }
}

#[test]
fn the_prefix_ends_behind_the_last_statement_that_ran() {
    assert_eq!(done(TEXT, 1), Some(Checksum::of("-- dbmigrate: no-transaction\nSELECT 1;")));
    assert_eq!(done(TEXT, 3), Some(Checksum::of(TEXT.trim_end())));
    assert_eq!((done(TEXT, 0), done(TEXT, 4)), (None, None));
}

#[test]
fn the_prefix_is_the_same_whatever_the_line_ends_are() {
    let windows = TEXT.replace('\n', "\r\n");
    for statements in 1..=3 {
        assert_eq!(done(&windows, statements), done(TEXT, statements));
    }
}

#[test]
fn a_failed_script_goes_on_at_the_statement_that_failed() {
    for statements in 0..3 {
        assert_eq!(resumed(TEXT, left(statements, true), None), Ok(statements));
    }
}

#[test]
fn what_stands_behind_the_prefix_may_be_mended() {
    let mended = TEXT.replace("SELECT 2; -- two", "-- fixed\nSELECT 22; SELECT 23;");
    assert_eq!(resumed(&mended, left(1, true), None), Ok(1));
    assert_eq!(resumed("SELECT 'anything';", left(0, true), None), Ok(0));
}

#[test]
fn the_prefix_must_not_change() {
    let changed = "Script-0007.sql has changed in its first 2 statements, which are already applied";
    for text in [TEXT.replace("SELECT 2", "SELECT 22"), TEXT.replace("SELECT 1;\n", ""), "SELECT 1;".into()] {
        assert_eq!(resumed(&text, left(2, true), None), Err(changed.into()), "{text}");
        assert_eq!(resumed(&text, left(2, false), Some(3)), Err(changed.into()), "{text}");
    }
    let unrecorded = Resume { done_checksum: None, ..left(2, true) };
    assert_eq!(resumed(TEXT, unrecorded, None), Err(changed.into()));
}

#[test]
fn a_changed_prefix_of_one_statement_is_told_in_the_singular() {
    let told = resumed(&TEXT.replace("SELECT 1", "SELECT 11"), left(1, true), None);
    assert_eq!(told, Err("Script-0007.sql has changed in its first statement, which is already applied".into()));
}

#[test]
fn an_unknown_statement_is_pointed_at() {
    let mut steps = [Step::new(script(TEXT), Some(left(1, false)))];
    let problems = check(&mut steps, &Context::new(POSTGRES), &UpgradeOptions::new()).expect("in memory");
    let location = problems[0].location().map(ToString::to_string);
    assert_eq!(
        problems[0].to_string(),
        "Script-0007.sql stopped in the middle: it is unknown whether statement 2 of 3 ran"
    );
    assert_eq!(location.as_deref(), Some("Script-0007.sql:3:1"));
}

#[test]
fn a_script_whose_last_statement_ran_asks_nothing() {
    assert_eq!(resumed(TEXT, left(3, false), None), Ok(3));
}

#[test]
fn a_script_without_statements_asks_nothing() {
    assert_eq!(resumed("-- nothing\n", left(0, false), None), Ok(0));
}

#[test]
fn a_person_says_where_to_go_on() {
    for (resume_at, skipped) in [(1, 0), (2, 1), (3, 2), (4, 3)] {
        assert_eq!(resumed(TEXT, left(1, false), Some(resume_at)), Ok(skipped));
        assert_eq!(resumed(TEXT, left(1, true), Some(resume_at)), Ok(skipped));
    }
    for resume_at in [0, 5, usize::MAX] {
        let nothing = format!("there is no statement {resume_at} of an unfinished script to resume at");
        assert_eq!(resumed(TEXT, left(1, false), Some(resume_at)), Err(nothing));
    }
}

#[test]
fn both_ways_that_the_hint_names_are_accepted() {
    for statements in 0..3 {
        for resume_at in [statements + 1, statements + 2] {
            assert_eq!(resumed(TEXT, left(statements, false), Some(resume_at)), Ok(resume_at - 1));
        }
    }
}

#[test]
fn what_must_not_run_is_reported_before_where_to_go_on() {
    assert_eq!(
        resumed("-- dbmigrate: no-transaction\nCOMMIT;", left(0, false), None),
        Err("a script may not COMMIT: dbmigrate controls the transactions".into())
    );
}

#[test]
fn every_script_is_looked_at() {
    let files =
        [("Script-0001.sql", "BEGIN;"), ("Script-0002.sql", "SELECT 'x"), ("Script-0003.sql", "SELECT 1; SELECT 2;")];
    let scripts = Scripts::from_files(files.map(|(name, text)| (name, text.as_bytes())));
    let mut steps = scripts.scripts().iter().cloned().map(|script| Step::new(script, None)).collect::<Vec<_>>();
    let problems = check(&mut steps, &Context::new(POSTGRES), &UpgradeOptions::new()).expect("in memory");
    let places = problems.iter().filter_map(Problem::location).map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(places, ["Script-0001.sql:1:1", "Script-0002.sql:1:8"]);
    assert_eq!(
        *steps[2].facts,
        ScriptFacts {
            statements: 2,
            defers: Defers::Rows,
            undo: Some(Vec::new()),
            longest: 8,
            ..ScriptFacts::default()
        }
    );
}

#[test]
fn a_statement_that_needs_a_commit_is_told_in_a_few_words() {
    let facts = |text: &str| {
        let mut steps = [Step::new(script(text), None)];
        check(&mut steps, &Context::new(POSTGRES), &UpgradeOptions::new()).expect("in memory");
        steps[0].facts.commit_after.clone()
    };
    assert_eq!(facts("alter  type color\n  add value 'red';").as_deref(), Some("alter type color add value 'red'"));
    let long = facts(&format!("alter type color add value '{}';", "é".repeat(80))).expect("it needs one");
    assert_eq!((long.chars().count(), long.ends_with("é...")), (63, true));
}

#[test]
fn a_baseline_may_carry_the_frame_of_its_dump() {
    let dump = b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE t (a);\nCOMMIT;\n".as_slice();
    let scripts = Scripts::from_files([("Baseline.sql", dump), ("Script-0001.sql", dump)]);
    let (problems, _) = inspect(&scripts, Some(&Context::new(SQLITE))).expect("in memory");
    let places = problems.iter().filter_map(Problem::path).map(|path| path.display().to_string());
    assert_eq!(places.collect::<Vec<_>>(), ["Script-0001.sql"; 2]);
}

/// What an earlier run left of another text.
fn left_of(text: &str, statements: usize) -> Resume {
    let done_checksum = through(MYSQL, text, statements);
    let (progress, repeats) = (None, Vec::new());
    Resume { done: statements, done_checksum, known: false, unchanged: true, progress, repeats }
}

#[test]
fn the_end_of_a_script_is_not_the_end_of_an_edited_one() {
    assert_eq!(resumed(TEXT, left(3, false), None), Ok(3));
    let edited = Resume { unchanged: false, ..left(3, false) };
    let unknown = "Script-0007.sql stopped in the middle, and it no longer contains the statement that was running";
    assert_eq!(resumed(TEXT, edited, None), Err(unknown.into()));
}

#[test]
fn what_a_session_took_with_it_is_named_unless_a_person_has_decided() {
    let text = "INSERT INTO t VALUES (1);\nSET @id = LAST_INSERT_ID();\nDROP TABLE u;\nUPDATE t SET b = @id;\n";
    let lost = "Script-0007.sql cannot simply resume: statement 4 uses @id, which statement 2 left in a session that \
                has ended";
    assert_eq!(resumed_on(MYSQL, text, Resume { known: true, ..left_of(text, 3) }, None), Err(lost.into()));
    assert_eq!(resumed_on(MYSQL, text, left_of(text, 3), Some(4)), Ok(3));
}

#[test]
fn a_statement_is_named_by_what_it_does_to_what() {
    for (statement, named) in [
        ("CREATE TABLE customers(id integer)", "CREATE TABLE customers"),
        ("DROP TABLE IF EXISTS customers, orders", "DROP TABLE customers"),
        ("DROP TABLE customers, orders", "DROP TABLE customers"),
        ("create or replace view totals\nAS SELECT 1", "create view totals"),
        ("TRUNCATE customers", "TRUNCATE customers"),
    ] {
        assert_eq!(head(statement), named);
    }
}
