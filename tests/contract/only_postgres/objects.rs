//! Object files of PostgreSQL.

use dbmigrate::UpgradeOptions;

use crate::database::Database;
use crate::outcome;

mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        overloads_in_several_files_are_several_objects,
        one_overload_in_two_files_is_refused,
        grants_survive_a_file_that_replaces,
        what_a_file_sets_does_not_reach_the_next,
        an_order_that_the_text_does_not_show_is_found_and_remembered,
        what_cannot_be_replaced_names_the_remedy,
        an_object_that_no_file_names_is_reported,
        what_is_dropped_first_is_created_again_as_it_was,
        what_a_file_says_has_the_last_word,
        what_no_file_creates_is_not_dropped,
        a_function_with_other_arguments_replaces_the_old_one,
        a_failure_after_the_drop_leaves_no_trace,
        what_a_file_drops_in_passing_comes_back,
        an_object_can_become_one_of_another_kind,
        data_in_a_file_is_refused,
        a_function_that_cannot_run_is_refused_where_that_can_be_checked,
    }
}

const ITEM: &str = "CREATE TABLE item (id integer PRIMARY KEY, note text);";

async fn upgraded(db: &Database) -> String {
    let report = db.try_upgrade(UpgradeOptions::new()).await;
    let report = report.unwrap_or_else(|error| panic!("{:#?}", outcome::error(&error)));
    let objects = report.objects.iter().map(|object| format!("{} {}", object.path, object.why.as_str()));
    let warnings = report.warnings.iter().map(|warning| format!("warning: {warning}"));
    objects.chain(warnings).collect::<Vec<_>>().join(", ")
}

async fn failed(db: &Database) -> Vec<String> {
    let answer = db.try_upgrade(UpgradeOptions::new()).await;
    outcome::error(&answer.expect_err("the file is wrong"))
}

async fn what_a_file_drops_in_passing_comes_back(db: Database) {
    let base = "DROP VIEW IF EXISTS base CASCADE;\nCREATE VIEW base AS SELECT id FROM item;\n";
    db.object("base.sql", base);
    db.object("dependent.sql", "CREATE OR REPLACE VIEW dependent AS SELECT id FROM base;\n");
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.query("CREATE VIEW alien AS SELECT id FROM base");
    db.object("base.sql", &format!("{base}--\n"));
    let warning = "view public.alien no longer exists: an object file dropped it, and none creates it again after that";
    let applied = upgraded(&db).await;
    assert!(
        applied.starts_with("base.sql changed, dependent.sql affected, ") && applied.ends_with(warning),
        "{applied}"
    );
    assert_eq!(db.query("SELECT count(*) FROM dependent"), "0");
    assert_eq!(upgraded(&db).await, "");
}

async fn an_object_can_become_one_of_another_kind(db: Database) {
    db.scripts([ITEM]);
    db.object("v.sql", "CREATE OR REPLACE VIEW v AS SELECT id FROM item;\n");
    db.object("f.sql", "CREATE OR REPLACE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';\n");
    upgraded(&db).await;
    db.query("GRANT SELECT ON v TO PUBLIC; COMMENT ON FUNCTION f(int) IS 'f'");
    db.object("v.sql", "CREATE MATERIALIZED VIEW IF NOT EXISTS v AS SELECT id FROM item;\n");
    let error = failed(&db).await;
    assert!(error.iter().any(|line| line.contains("drop-first") || line.contains("DROP")), "{error:?}");
    db.object("v.sql", "-- dbmigrate: drop-first\nCREATE MATERIALIZED VIEW v AS SELECT id FROM item;\n");
    db.object("f.sql", "-- dbmigrate: drop-first\nCREATE OR REPLACE PROCEDURE f(int) LANGUAGE sql AS 'SELECT 1';\n");
    let applied = upgraded(&db).await;
    assert!(applied.starts_with("f.sql changed, v.sql changed"), "{applied}");
    assert_eq!(db.query("SELECT relkind FROM pg_class WHERE relname = 'v'"), "m");
    assert_eq!(db.query("SELECT prokind FROM pg_proc WHERE proname = 'f'"), "p");
    assert_eq!(upgraded(&db).await, "");
}

async fn a_function_that_cannot_run_is_refused_where_that_can_be_checked(db: Database) {
    let function = |name: &str, arguments: &str, body: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  {body}\nEND $$;\n"
        )
    };
    let has = db.query("SELECT count(*) FROM pg_available_extensions WHERE name = 'plpgsql_check'");
    if has == "0" {
        eprintln!("not tested: this server has no plpgsql_check");
        return;
    }
    db.query("CREATE SCHEMA tools; CREATE EXTENSION plpgsql_check SCHEMA tools");
    db.object("right.sql", &function("f", "a varchar(3)", "RETURN (SELECT count(*) FROM item);"));
    // a table that the function itself creates
    let own = "CREATE TEMP TABLE own (n int); INSERT INTO own VALUES (1); RETURN (SELECT n FROM own);";
    db.object("temporary.sql", &function("g", "", own));
    db.scripts([ITEM]);
    assert_eq!(upgraded(&db).await, "right.sql new, temporary.sql new");
    db.object("wrong.sql", &function("h", "a int[]", "RETURN (SELECT nope FROM item);"));
    let trigger = "CREATE OR REPLACE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.nope := 1; RETURN NEW; END';\n\
                   CREATE OR REPLACE TRIGGER stamp BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION stamp();\n";
    db.object("stamp.sql", trigger);
    let error = failed(&db).await;
    assert_eq!(error[0], "error: stamp.sql failed: record \"new\" has no field \"nope\"");
    assert!(error[1].ends_with("objects/stamp.sql:1:28: stamp"), "{error:?}");
    assert!(error.iter().any(|line| line.contains("check of function public.stamp(): line 1")), "{error:?}");
    assert!(error.iter().any(|line| line.contains("objects/wrong.sql:1:28") && line.contains("nope")), "{error:?}");
    assert_eq!(db.query("SELECT count(*) FROM pg_proc WHERE proname IN ('stamp', 'h')"), "0");
    // a script breaks what is unchanged
    std::fs::remove_file(db.path("objects").join("wrong.sql")).expect("removed");
    std::fs::remove_file(db.path("objects").join("stamp.sql")).expect("removed");
    db.script(2, "ALTER TABLE item RENAME TO article;");
    let error = failed(&db).await;
    assert_eq!(error[0], "error: right.sql failed: relation \"item\" does not exist");
}

async fn data_in_a_file_is_refused(db: Database) {
    db.object("v.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS n;\nCOPY item (id) FROM stdin;\n1\n\\.\n");
    db.scripts([ITEM]);
    let error = failed(&db).await;
    assert!(error.iter().any(|line| line.contains("COPY")), "{error:?}");
}

async fn overloads_in_several_files_are_several_objects(db: Database) {
    let function = |arguments: &str| {
        format!("CREATE OR REPLACE FUNCTION f({arguments}) RETURNS int LANGUAGE sql AS 'SELECT 1';\n")
    };
    db.object("a.sql", &function("a int"));
    db.object("b.sql", &function("a varchar(10), b timestamptz DEFAULT now()"));
    db.scripts([ITEM]);
    assert_eq!(upgraded(&db).await, "a.sql new, b.sql new");
    let objects = db.migrator().status().await.expect("a status").objects;
    assert_eq!(objects[0].names, ["function public.f(integer)"]);
    assert_eq!(objects[1].names, ["function public.f(character varying, timestamp with time zone)"]);
    db.query("DROP FUNCTION f(integer)");
    assert!(upgraded(&db).await.starts_with("a.sql missing"));
}

async fn one_overload_in_two_files_is_refused(db: Database) {
    db.object("a.sql", "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';");
    db.object("b.sql", "CREATE OR REPLACE FUNCTION f(a integer) RETURNS int LANGUAGE sql AS 'SELECT 2';");
    db.scripts([ITEM]);
    let error = failed(&db).await;
    assert_eq!(error[0], "error: a.sql and b.sql both create function public.f(integer)");
    assert_eq!(db.query("SELECT count(*) FROM pg_proc WHERE proname = 'f'"), "0");
}

async fn grants_survive_a_file_that_replaces(db: Database) {
    db.object("a.sql", "CREATE OR REPLACE VIEW a AS SELECT id FROM item;");
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.query("GRANT SELECT ON a TO PUBLIC; COMMENT ON VIEW a IS 'seen by all'");
    db.object("a.sql", "CREATE OR REPLACE VIEW a AS SELECT id, note FROM item;");
    upgraded(&db).await;
    assert_eq!(
        db.query("SELECT has_table_privilege('public', 'a', 'SELECT'), obj_description('a'::regclass)"),
        "t|seen by all"
    );
}

async fn what_a_file_sets_does_not_reach_the_next(db: Database) {
    db.object(
        "a.sql",
        "CREATE SCHEMA IF NOT EXISTS other; SET search_path = other;\nCREATE OR REPLACE VIEW a AS SELECT 1 AS n;",
    );
    db.object("b.sql", "CREATE OR REPLACE VIEW b AS SELECT 1 AS n;");
    db.scripts([ITEM]);
    upgraded(&db).await;
    let schemas = db.query("SELECT viewname, schemaname FROM pg_views WHERE viewname IN ('a', 'b') ORDER BY 1");
    assert_eq!(schemas, "a|other\nb|public");
}

async fn an_order_that_the_text_does_not_show_is_found_and_remembered(db: Database) {
    // the name is put together when the file runs
    let hidden = "DO $$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW a AS SELECT n FROM ' || 'z' || 'z'; END $$;";
    db.object("a.sql", hidden);
    db.object("b.sql", "CREATE OR REPLACE VIEW b AS SELECT 1 AS n;");
    db.object("zz.sql", "CREATE OR REPLACE VIEW zz AS SELECT 1 AS n;");
    db.scripts([ITEM]);
    let applied = upgraded(&db).await;
    assert!(applied.starts_with("b.sql new, zz.sql new, a.sql new"), "{applied}");
    let order = || db.query("SELECT object_path FROM dbmigrate_journal_objects ORDER BY place");
    assert_eq!(order(), "b.sql\nzz.sql\na.sql");
    // all are due again, and the first pass succeeds
    db.query("DROP VIEW zz CASCADE; DROP VIEW b");
    for (file, text) in [
        ("a.sql", hidden),
        ("b.sql", "CREATE OR REPLACE VIEW b AS SELECT 1 AS n;"),
        ("zz.sql", "CREATE OR REPLACE VIEW zz AS SELECT 1 AS n;"),
    ] {
        db.object(file, &format!("-- again\n{text}"));
    }
    let applied = upgraded(&db).await;
    assert!(applied.starts_with("b.sql changed, zz.sql changed, a.sql changed"), "{applied}");
}

async fn what_cannot_be_replaced_names_the_remedy(db: Database) {
    db.object("a.sql", "CREATE OR REPLACE VIEW a AS SELECT id, note FROM item;");
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.object("a.sql", "CREATE OR REPLACE VIEW a AS SELECT note FROM item;");
    let error = failed(&db).await;
    assert!(error[0].starts_with("error: a.sql failed: cannot "), "{error:?}");
    assert_eq!(
        error.last().map(String::as_str),
        Some(
            "hint: with the line -- dbmigrate: drop-first, dbmigrate drops what the file creates, and what depends on it, and creates it again"
        )
    );
}

async fn an_object_that_no_file_names_is_reported(db: Database) {
    db.object("a.sql", "DO $$ BEGIN CREATE OR REPLACE VIEW hidden AS SELECT 1 AS n; END $$;");
    db.scripts([ITEM]);
    let warning = "warning: view public.hidden was created by an object file whose text does not name it: dbmigrate does not create it again if it is dropped";
    assert_eq!(upgraded(&db).await, format!("a.sql new, {warning}"));
}

/// Objects that depend on each other, with all that they can have beside their definitions.
fn dependents(db: &Database) {
    db.object("views/base.sql", "-- dbmigrate: drop-first\nCREATE VIEW base AS SELECT id, note FROM item;\n");
    db.object("views/top.sql", "CREATE OR REPLACE VIEW top AS SELECT id FROM base;\n");
    let materialized = "DROP MATERIALIZED VIEW IF EXISTS \"Kept Rows\";\nCREATE MATERIALIZED VIEW \"Kept Rows\" AS SELECT id FROM top;\n";
    db.object("views/kept.sql", materialized);
    let function = "CREATE OR REPLACE FUNCTION shown(b base) RETURNS text LANGUAGE sql AS 'SELECT b.note';\n";
    db.object("shown.sql", function);
    let audit = "CREATE OR REPLACE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;\n\
                 CREATE OR REPLACE TRIGGER audit INSTEAD OF INSERT ON base FOR EACH ROW EXECUTE FUNCTION audit();\n";
    db.object("audit.sql", audit);
}

const HAND_MADE: &str = "GRANT SELECT ON base TO PUBLIC; GRANT UPDATE (note) ON base TO PUBLIC; COMMENT ON VIEW base IS 'b'; \
    COMMENT ON COLUMN base.note IS 'n'; COMMENT ON VIEW top IS 't'; REVOKE ALL ON FUNCTION shown(base) FROM PUBLIC; \
    CREATE UNIQUE INDEX kept_id ON \"Kept Rows\" (id); COMMENT ON INDEX kept_id IS 'i'; ALTER MATERIALIZED VIEW \"Kept Rows\" CLUSTER ON kept_id; \
    ALTER VIEW top OWNER TO pg_monitor; COMMENT ON TRIGGER audit ON base IS 'a'";

async fn what_is_dropped_first_is_created_again_as_it_was(db: Database) {
    dependents(&db);
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.query(HAND_MADE);
    let before = db.dump();
    // a column less, which CREATE OR REPLACE cannot do
    db.object("views/base.sql", "-- dbmigrate: drop-first\nCREATE VIEW base AS SELECT note, id FROM item;\n");
    let applied = upgraded(&db).await;
    let applied = applied.split(", warning").next().unwrap_or_default();
    let mut files = applied.split(", ").collect::<Vec<_>>();
    files.sort_unstable();
    let expected = [
        "audit.sql affected",
        "shown.sql affected",
        "views/base.sql changed",
        "views/kept.sql affected",
        "views/top.sql affected",
    ];
    assert_eq!(files, expected);
    let of_journal = |dump: &str| {
        let lines = dump
            .lines()
            .filter(|line| !line.contains("dbmigrate") && line.starts_with(|c: char| c.is_ascii_uppercase()));
        let mut lines = lines.map(ToOwned::to_owned).collect::<Vec<_>>();
        lines.retain(|line| !line.contains('\t'));
        lines.sort();
        lines
    };
    assert_eq!(of_journal(&db.dump()), of_journal(&before));
}

async fn what_a_file_says_has_the_last_word(db: Database) {
    let file = |columns: &str, more: &str| {
        format!("-- dbmigrate: drop-first\nCREATE VIEW v AS SELECT {columns} FROM item;\n{more}")
    };
    db.object("v.sql", &file("id, note", ""));
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.query("GRANT SELECT, INSERT ON v TO PUBLIC; COMMENT ON VIEW v IS 'old'; COMMENT ON COLUMN v.note IS 'n'");
    db.object("v.sql", &file("id", "REVOKE INSERT ON v FROM PUBLIC; COMMENT ON VIEW v IS 'new';\n"));
    upgraded(&db).await;
    let rights = "SELECT has_table_privilege('public', 'v', 'SELECT'), has_table_privilege('public', 'v', 'INSERT'), obj_description('v'::regclass)";
    assert_eq!(db.query(rights), "t|f|new");
}

async fn what_no_file_creates_is_not_dropped(db: Database) {
    let file = |columns: &str| format!("-- dbmigrate: drop-first\nCREATE VIEW v AS SELECT {columns} FROM item;\n");
    db.object("v.sql", &file("id, note"));
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.query("CREATE VIEW report AS SELECT id FROM v");
    db.object("v.sql", &file("id"));
    let error = failed(&db).await;
    assert_eq!(
        error[0],
        "error: v.sql cannot drop its objects first: view public.report would be dropped, too, and no object file creates it"
    );
    assert_eq!(db.query("SELECT count(*) FROM report"), "0");
    db.query(
        "DROP VIEW report; CREATE FUNCTION f(v) RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER TABLE item ADD other int",
    );
    db.query("CREATE TABLE uses (v v)");
    let error = failed(&db).await;
    assert!(
        error[0].contains("column v of table public.uses") || error[0].contains("column v of table uses"),
        "{error:?}"
    );
}

async fn a_function_with_other_arguments_replaces_the_old_one(db: Database) {
    let file = |arguments: &str, result: &str| {
        format!(
            "-- dbmigrate: drop-first\nCREATE FUNCTION f({arguments}) RETURNS {result} LANGUAGE sql AS 'SELECT NULL::{result}';\n"
        )
    };
    db.object("f.sql", &file("a int", "int"));
    db.object("v.sql", "CREATE OR REPLACE VIEW v AS SELECT f(1) AS n;\n");
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.object("f.sql", &file("a int, b int DEFAULT 1", "text"));
    let applied = upgraded(&db).await;
    assert!(applied.starts_with("f.sql changed, v.sql affected"), "{applied}");
    assert_eq!(db.query("SELECT oid::regprocedure FROM pg_proc WHERE proname = 'f'"), "f(integer,integer)");
    assert_eq!(db.query("SELECT pg_typeof(n) FROM v"), "text");
}

async fn a_failure_after_the_drop_leaves_no_trace(db: Database) {
    dependents(&db);
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.query(HAND_MADE);
    let before = db.dump();
    db.object("views/base.sql", "-- dbmigrate: drop-first\nCREATE VIEW base AS SELECT note FROM item;\n");
    let error = failed(&db).await;
    assert!(error[0].contains("column \"id\" does not exist"), "{error:?}");
    assert_eq!(db.dump(), before);
}
