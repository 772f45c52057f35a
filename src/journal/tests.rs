use super::*;
use crate::script::Scripts;

fn sql() -> JournalSql {
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let dialect = JournalDialect {
        repairs: "",
        snapshots: "",
        objects: "",
        exists: "",
        create: "CREATE TABLE {table} (number bigint PRIMARY KEY)",
        now: "now()",
        time: "to_char(applied_at)",
        literal,
        moment: literal,
        begin: "BEGIN",
        elapsed: "elapsed({since})",
        begun: "begun()",
        restart: None,
        guard: "",
        returning: None,
        quote: |name| format!("\"{name}\""),
        foreign: Foreign { table: "log", columns: "name, time" },
        catalog: Catalog { tables: "".into(), columns: "".into(), cell: "", hex: "" },
    };
    JournalSql {
        name: "dbmigrate_journal".into(),
        table: "\"ops\".\"journal\"".into(),
        create_schema: Some("CREATE SCHEMA IF NOT EXISTS \"ops\"".into()),
        dialect,
    }
}

fn script() -> Script {
    let text = b"-- It's late\nSELECT 1;\n".as_slice();
    Scripts::from_files([("Script-0007.sql", text)]).scripts().first().expect("it is readable").clone()
}

fn author() -> Author {
    Author { applied_by: "o'hara (deploy@web1)".into(), run: "5b0e".into(), commit: None, at: None }
}

fn record<'a>(script: &'a Script, author: &'a Author) -> Record<'a> {
    let progress = Some(Progress { statements: 2, checksum: Checksum::of("test") });
    let clock = Clock::Ours(Duration::from_micros(12_999));
    Record { script, state: State::Started, clock, progress, body: Some("It's 'quoted'"), author }
}

/// Returns the names of a statement's columns: the first word of each indented line.
fn columns(create: &str) -> Vec<&str> {
    let lines = create.lines().filter(|line| line.starts_with(' '));
    lines.filter_map(|line| line.split_whitespace().next()).collect()
}

const CHECKSUM: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// Returns a row as an engine reads it.
fn cells() -> Vec<Option<String>> {
    let cells = [
        "7",
        "Script-0007.sql",
        "It's late",
        CHECKSUM,
        "failed",
        "2026-01-31T23:59:59.123Z",
        "12",
        "deploy@web1",
        "5b0e",
        "0.1.0",
        "c0ffee",
        "2",
        CHECKSUM,
    ];
    cells.map(|cell| Some(cell.to_owned())).to_vec()
}

/// Reads a row in which one cell is replaced.
fn read(column: usize, cell: Option<&str>) -> Result<Entry, String> {
    let mut cells = cells();
    cells[column] = cell.map(ToOwned::to_owned);
    Entry::from_cells(cells)
}

#[test]
fn a_row_is_read_in_the_order_of_its_columns() {
    let expected = Entry {
        number: Number::new(7).expect("it is small"),
        script: "Script-0007.sql".into(),
        title: Some("It's late".into()),
        checksum: Checksum::of("test"),
        state: State::Failed,
        applied_at: crate::Timestamp::new("2026-01-31T23:59:59.123Z"),
        duration: Duration::from_millis(12),
        applied_by: "deploy@web1".into(),
        run: "5b0e".into(),
        tool_version: "0.1.0".into(),
        git_commit: Some("c0ffee".into()),
        statements_done: Some(2),
        done_checksum: Some(Checksum::of("test")),
    };
    assert_eq!(Entry::from_cells(cells()), Ok(expected));
}

#[test]
fn a_select_has_a_column_for_each_cell() {
    assert_eq!(SELECTED.split(", ").count(), cells().len());
    assert_eq!(
        sql().select(),
        "SELECT number, script, title, checksum, state, to_char(applied_at), duration_ms, applied_by, run, \
         tool_version, git_commit, statements_done, done_checksum FROM \"ops\".\"journal\" ORDER BY number"
    );
}

#[test]
fn only_some_columns_may_be_empty() {
    let columns = SELECTED.replace("{time}", "applied_at");
    for (column, name) in columns.split(", ").enumerate() {
        let optional = ["title", "git_commit", "statements_done", "done_checksum"].contains(&name);
        let expected = if optional { None } else { Some(format!("the column {name} is empty")) };
        assert_eq!(read(column, None).err(), expected);
    }
    assert_eq!(Entry::from_cells(Vec::new()), Err("the column number is empty".into()));
}

#[test]
fn a_cell_that_cannot_be_read_is_named_with_what_it_holds() {
    for (column, cell, error) in [
        (
            0,
            "-1",
            r#"the column number holds "-1": not a number: a script's number is made of decimal digits, like 0042"#,
        ),
        (
            0,
            "4294967295",
            r#"the column number holds "4294967295": the number is too large: the highest is 4294967294"#,
        ),
        (3, "md5:x", r#"the column checksum holds "md5:x": not a checksum of the form sha256:<64 hexadecimal digits>"#),
        (4, "done", r#"the column state holds "done": unknown state "done""#),
        (6, "1.5", r#"the column duration_ms holds "1.5": invalid digit found in string"#),
        (11, "many", r#"the column statements_done holds "many": invalid digit found in string"#),
        (12, "", r#"the column done_checksum holds "": not a checksum of the form sha256:<64 hexadecimal digits>"#),
    ] {
        assert_eq!(read(column, Some(cell)), Err(error.into()));
    }
}

#[test]
fn every_state_is_read_as_it_is_written() {
    for state in State::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
        assert_eq!(read(4, Some(state.as_str())).map(|entry| entry.state), Ok(state));
    }
    assert_eq!("Applied".parse::<State>(), Err("unknown state \"Applied\"".into()));
    let done = State::ALL.into_iter().filter(|state| state.is_done()).collect::<Vec<_>>();
    assert_eq!(done, [State::Applied, State::Baselined, State::Imported]);
}

#[test]
fn a_row_of_a_baseline_is_known_by_its_name() {
    let kind = |name| read(1, Some(name)).expect("a row").kind();
    assert_eq!([kind("Baseline.sql"), kind("Baseline-0005.sql")], [Kind::Baseline; 2]);
    assert_eq!(kind("Script-0005.sql"), Kind::Script);
}

#[test]
fn a_row_is_found_by_its_number_and_kind() {
    let number = |number| Number::new(number).expect("it is small");
    let entries = vec![read(0, Some("3")).expect("a row"), read(0, Some("7")).expect("a row")];
    let journal = Journal { entries, exists: true, format: 1, occupied: false, objects: ObjectJournal::default() };
    assert!(journal.find(Kind::Script, number(7)).is_some());
    assert!(journal.find(Kind::Baseline, number(7)).is_none());
    assert!(journal.find(Kind::Script, number(5)).is_none());
    assert_eq!(journal.at(), None, "both have failed");
}

#[test]
fn the_schema_is_created_before_the_table() {
    assert_eq!(
        sql().create(),
        ["CREATE SCHEMA IF NOT EXISTS \"ops\"", "CREATE TABLE \"ops\".\"journal\" (number bigint PRIMARY KEY)"]
    );
    assert_eq!(JournalSql { create_schema: None, ..sql() }.create().len(), 1);
}

#[test]
fn a_row_is_written_with_its_quotes_doubled() {
    let (script, author) = (script(), author());
    let expected = format!(
        "INSERT INTO \"ops\".\"journal\" (number, script, title, checksum, state, applied_at, duration_ms, applied_by, \
         run, tool_version, git_commit, statements_done, done_checksum, error, body, format) VALUES (7, \
         'Script-0007.sql', 'It''s late', '{}', 'started', now(), 12, 'o''hara (deploy@web1)', '5b0e', '{}', NULL, 2, \
         '{CHECKSUM}', NULL, \
         'It''s ''quoted''', 2)",
        script.known_checksum(),
        crate::VERSION,
    );
    assert_eq!(sql().insert(&record(&script, &author)), expected);
}

#[test]
fn what_is_not_known_is_null() {
    let (script, author) = (script(), author());
    let record = Record { progress: None, body: None, ..record(&script, &author) };
    assert!(sql().insert(&record).ends_with("NULL, NULL, NULL, NULL, 2)"));
}

#[test]
fn a_row_is_replaced_column_by_column() {
    let (script, author) = (script(), author());
    let update = sql().update(&record(&script, &author));
    let set = update.strip_prefix("UPDATE \"ops\".\"journal\" SET number = 7, script = 'Script-0007.sql', ");
    assert!(set.is_some_and(|set| set.ends_with("body = 'It''s ''quoted''', format = 2 WHERE number = 7")), "{update}");
}

#[test]
fn every_column_of_the_table_is_written_and_read() {
    let tables = [include_str!("../engine/postgres/journal.sql"), include_str!("../engine/sqlite/journal.sql")];
    let (script, author) = (script(), author());
    let written = sql().fields(&record(&script, &author)).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let read = SELECTED.replace("{time}", "applied_at");
    let never_read_with_the_rows = ["error", "body", "format"];
    for table in tables {
        let columns = columns(table);
        let read = read.split(", ").chain(never_read_with_the_rows).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(columns.iter().copied().collect::<std::collections::BTreeSet<_>>(), read);
        let unwritten = columns.iter().filter(|column| !written.contains(column)).collect::<Vec<_>>();
        assert_eq!(unwritten, [&""; 0], "columns that no row ever fills");
    }
}

#[test]
fn progress_and_failure_are_small_updates() {
    let number = Number::new(7).expect("it is small");
    let progress = Progress { statements: 3, checksum: Checksum::of("test") };
    assert_eq!(
        sql().progress(number, progress, State::Started),
        format!(
            "UPDATE \"ops\".\"journal\" SET state = 'started', statements_done = 3, done_checksum = '{CHECKSUM}' WHERE number = 7"
        )
    );
    assert_eq!(
        sql().stopped(number, None, State::Failed, "table 'x' is gone"),
        "UPDATE \"ops\".\"journal\" SET state = 'failed', statements_done = 0, done_checksum = NULL, error = 'table ''x'' is gone' WHERE number = 7"
    );
}

#[test]
fn texts_are_asked_for_by_number() {
    let numbers = [1, 12].map(|number| Number::new(number).expect("it is small"));
    assert_eq!(
        sql().bodies(&numbers),
        "SELECT number, body FROM \"ops\".\"journal\" WHERE number IN (1, 12) AND body IS NOT NULL"
    );
    assert_eq!(sql().format(), "SELECT max(format) FROM \"ops\".\"journal\"");
}

#[test]
fn numbers_are_written_as_people_write_them() {
    let number = |number| Number::new(number).expect("it is small");
    assert_eq!(range(&(number(5)..=number(5))), "0005");
    assert_eq!(range(&(number(5)..=number(12345))), "0005-12345");
}
