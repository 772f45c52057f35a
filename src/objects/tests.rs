use super::*;
use crate::journal::{ObjectEntry, ObjectJournal, RunId, State, Timestamp};
use crate::script::{Checksum, ObjectFile, Scripts};
use crate::sql::{Context, ObjectText, POSTGRES, Variables, split};

fn files(files: &[(&'static str, &'static str)]) -> Vec<ObjectFile> {
    let files = files.iter().map(|(name, text)| (format!("objects/{name}"), text.as_bytes()));
    Scripts::from_files(files).objects().to_vec()
}

fn text(sql: &str) -> ObjectText {
    let (context, mut text) = (Context::new(POSTGRES), ObjectText::default());
    for statement in split(POSTGRES, sql) {
        let statement = statement.expect("it can be split");
        let written = &sql[statement.range.clone()];
        text.take(&context, &statement, written, written);
    }
    text
}

/// Returns the names of files in the order in which they are applied; `places` are those that worked before.
fn ordered(named: &[(&'static str, &'static str)], places: &[(&str, u64)]) -> Vec<String> {
    let files = files(named);
    let sql = |file: &ObjectFile| file.read().expect("in memory").as_str().to_owned();
    let texts = files.iter().map(|file| text(&sql(file))).collect::<Vec<_>>();
    let place = |file: &ObjectFile| places.iter().find(|(name, _)| file.name() == *name).map(|(_, place)| *place);
    let candidates = files.iter().zip(&texts).map(|(file, text)| Candidate {
        file,
        text,
        place: place(file),
        is_unchanged: place(file).is_some(),
    });
    order(&candidates.collect::<Vec<_>>()).into_iter().map(|at| files[at].name()).collect()
}

#[test]
fn files_follow_those_that_create_what_they_mention() {
    let a = ("a.sql", "CREATE OR REPLACE VIEW a AS SELECT * FROM b;");
    let b = ("b.sql", "CREATE OR REPLACE VIEW b AS SELECT f();");
    let c = ("c.sql", "CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;");
    assert_eq!(ordered(&[a, b, c], &[]), ["c.sql", "b.sql", "a.sql"]);
    let first = ("a.sql", "-- dbmigrate: after z.sql\nCREATE OR REPLACE VIEW a AS SELECT 1;");
    let last = ("z.sql", "CREATE OR REPLACE VIEW z AS SELECT 1;");
    assert_eq!(ordered(&[first, last], &[]), ["z.sql", "a.sql"]);
}

#[test]
fn files_that_mention_each_other_are_in_the_order_that_worked() {
    let a = ("a.sql", "CREATE OR REPLACE FUNCTION a() RETURNS int AS $$ SELECT b() $$ LANGUAGE plpgsql;");
    let b = ("b.sql", "CREATE OR REPLACE FUNCTION b() RETURNS int AS $$ SELECT a() $$ LANGUAGE plpgsql;");
    assert_eq!(ordered(&[a, b], &[]), ["a.sql", "b.sql"]);
    assert_eq!(ordered(&[a, b], &[("b.sql", 1), ("a.sql", 2)]), ["b.sql", "a.sql"]);
}

#[test]
fn files_cannot_wait_for_each_other_or_for_nothing() {
    let named = [
        ("a.sql", "-- dbmigrate: after b.sql\n"),
        ("b.sql", "-- dbmigrate: after c.sql\n"),
        ("c.sql", "-- dbmigrate: after a.sql\n"),
        ("d.sql", "-- dbmigrate: after a.sql\n"),
        ("e.sql", "-- dbmigrate: after nowhere.sql\n"),
    ];
    assert_eq!(unordered(&files(&named)), [Unordered::Unknown(4, 0), Unordered::Cycle(vec![0, 1, 2])]);
}

fn entry(path: &str, text: &str, names: &[&str]) -> ObjectEntry {
    ObjectEntry {
        path: path.into(),
        checksum: Checksum::of(text),
        variables: None,
        names: names.iter().map(ToString::to_string).collect(),
        left: Vec::new(),
        place: 1,
        state: State::Applied,
        applied_at: Timestamp::new("2026-01-31T23:59:59.123Z"),
        applied_by: "ann".into(),
        run: RunId::new("1"),
        git_commit: None,
    }
}

#[test]
fn a_file_is_due_when_its_text_or_a_value_has_changed_or_what_it_created_is_missing() {
    let named = [("a.sql", "A"), ("b.sql", "B"), ("c.sql", "C"), ("d.sql", "D"), ("f.sql", "F")];
    let files = files(&named);
    let mut variables = Variables::default();
    variables.declare("x", "1").expect("a name");
    let mut with_value = entry("d.sql", "D", &[]);
    with_value.variables = hash("key", &["x".to_owned()].into(), &variables);
    let journal = ObjectJournal {
        exists: true,
        key: Some("key".into()),
        entries: vec![
            entry("a.sql", "A", &["view a"]),
            entry("b.sql", "B", &["view b"]),
            entry("c.sql", "old", &["view c"]),
            with_value,
            entry("e.sql", "F", &[]),
            entry("gone.sql", "G", &["view g"]),
        ],
        existing: ["view a", "view c", "view g"].map(ToOwned::to_owned).into(),
    };
    let states = |variables: &Variables| {
        let compared = compare(&files, &journal, variables);
        assert_eq!(compared.gone.iter().map(|entry| &*entry.path).collect::<Vec<_>>(), ["gone.sql"]);
        compared.files.iter().map(|(_, state, _)| state.as_str()).collect::<Vec<_>>()
    };
    // f.sql has the text of e.sql, which was deleted: it was renamed
    assert_eq!(states(&variables), ["applied", "missing", "changed", "applied", "applied"]);
    variables.declare("x", "2").expect("a name");
    assert_eq!(states(&variables), ["applied", "missing", "changed", "changed", "applied"]);
}

#[test]
fn a_routine_is_recognized_by_the_types_of_its_arguments() {
    let exists = |arguments: &str, is_default: bool| {
        let cells = ["function", "public", "f"].map(|cell| Some(cell.to_owned()));
        let rest = [None, Some(arguments.to_owned()), Some(is_default.to_string())];
        Existing::from_cells(cells.into_iter().chain(rest).collect()).expect("a row")
    };
    let all = ["integer", "integer, text", "character varying, double precision[]"].map(|types| exists(types, true));
    let found = |sql: &str| {
        let text = text(sql);
        let (found, is_certain) = Catalog::new(&all, POSTGRES).created_by(&text.created[0]);
        (found.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "), is_certain)
    };
    let one = |name: &str| (name.to_owned(), true);
    assert_eq!(found("CREATE FUNCTION f(a int DEFAULT 1) RETURNS int RETURN 1"), one("function public.f(integer)"));
    assert_eq!(found("CREATE FUNCTION f(int4, IN b text, OUT c int) AS ''"), one("function public.f(integer, text)"));
    assert_eq!(
        found("CREATE FUNCTION public.f(name varchar(10), VARIADIC list pg_catalog.float8[]) AS ''"),
        one("function public.f(character varying, double precision[])")
    );
    let (names, is_certain) = found("CREATE FUNCTION f(a some_type, b other_type) AS ''");
    assert!(!is_certain && names.matches("function").count() == 3, "{names}");
    assert_eq!(found("CREATE FUNCTION other.f(a int) AS ''"), (String::new(), false));
}
