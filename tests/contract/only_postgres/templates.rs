//! Templates as databases of the server.

use dbmigrate::Templates;
use dbmigrate::testing::TestDatabase;

use crate::database::Database;
use crate::engine::postgres::{admin, name, role};

mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        nothing_connects_to_a_template,
        what_scripts_set_for_the_database_is_in_its_template,
        another_owner_has_another_template,
        a_template_that_cannot_be_copied_is_no_reason_to_fail,
        what_a_killed_rebuild_has_left_is_removed,
        a_database_of_a_test_is_dropped_with_its_sessions,
        a_database_of_a_large_history_copies_its_files,
    }
}

/// A database whose rebuilds keep templates that no other test has.
async fn keeping<const N: usize>(db: &mut Database, scripts: [&str; N]) {
    db.options.templates = Some(Templates::new());
    db.scripts(scripts);
    db.script(1, &format!("{}\n-- {}\n", scripts[0], db.url));
    copied(db).await;
}

/// The number of the template that a rebuild copies.
async fn copied(db: &Database) -> Option<u32> {
    let report = db.migrator().rebuild().await;
    let report = report.unwrap_or_else(|error| panic!("{:?}", crate::outcome::error(&error)));
    report.template.map(|template| template.at.get())
}

/// What a query answers about the templates of this database.
fn of_templates(db: &Database, column: &str) -> String {
    let own = format!("shobj_description(oid, 'pg_database') LIKE E'%\\nuser {}\\n%'", name(db));
    admin(&format!("SELECT {column} FROM pg_database WHERE datname LIKE 'dbmigrate\\_tpl\\_%' AND {own} ORDER BY 1"))
}

const SCRIPTS: [&str; 2] = ["CREATE TABLE t (id integer);", "INSERT INTO t VALUES (1);"];

async fn nothing_connects_to_a_template(mut db: Database) {
    keeping(&mut db, SCRIPTS).await;
    assert_eq!(of_templates(&db, "concat_ws(' ', datallowconn, datistemplate)"), "f f\nf f");
    let template = of_templates(&db, "datname").lines().next().expect("one").to_owned();
    let mut url = db.url.parse::<url::Url>().expect("a URL");
    url.set_path(&template);
    db.url = url.into();
    assert!(db.upgrade().await.join("\n").contains("is not currently accepting connections"));
}

async fn what_scripts_set_for_the_database_is_in_its_template(mut db: Database) {
    let name = name(&db);
    let about = format!(
        "ALTER DATABASE {name} SET work_mem = '5MB';\nCOMMENT ON DATABASE {name} IS 'the shop''s \\ 100%';\n\
         GRANT TEMPORARY ON DATABASE {name} TO pg_monitor;\nALTER DATABASE {name} CONNECTION LIMIT 7;"
    );
    keeping(&mut db, [SCRIPTS[0], &about, SCRIPTS[1]]).await;
    let said = |db: &Database| {
        db.query(
            "SELECT array_to_string(setconfig, ' '), shobj_description(oid, 'pg_database'), datconnlimit, \
             array_to_string(datacl, ' ') LIKE '%pg_monitor=T%' \
             FROM pg_database JOIN pg_db_role_setting ON setdatabase = oid WHERE datname = current_database()",
        )
    };
    let expected = "work_mem=5MB|the shop's \\ 100%|7|t";
    assert_eq!(said(&db), expected);
    admin(&format!(
        "ALTER DATABASE {name} RESET ALL; COMMENT ON DATABASE {name} IS NULL; ALTER DATABASE {name} CONNECTION LIMIT -1; \
         REVOKE ALL ON DATABASE {name} FROM pg_monitor"
    ));
    assert_eq!((copied(&db).await, said(&db).as_str()), (Some(3), expected));
    // from the copy, the next template has it, too
    db.script(4, "INSERT INTO t VALUES (4);");
    assert_eq!(copied(&db).await, Some(3));
    admin(&format!("ALTER DATABASE {name} RESET ALL"));
    assert_eq!((copied(&db).await, said(&db).as_str()), (Some(4), expected));
}

async fn another_owner_has_another_template(mut db: Database) {
    keeping(&mut db, SCRIPTS).await;
    assert_eq!(copied(&db).await, Some(2));
    let (url, name) = (db.url.clone(), name(&db));
    let role = role(&mut db, "");
    db.url = url;
    admin(&format!("ALTER DATABASE {name} OWNER TO {role}"));
    assert_eq!(copied(&db).await, None);
    assert_eq!(copied(&db).await, Some(2));
    assert_eq!(db.query("SELECT datdba::regrole FROM pg_database WHERE datname = current_database()"), role);
    admin(&format!("ALTER DATABASE {name} OWNER TO CURRENT_USER; DROP OWNED BY {role}"));
    for template in of_templates(&db, "datname").lines() {
        admin(&format!("ALTER DATABASE {template} OWNER TO CURRENT_USER"));
    }
}

async fn a_template_that_cannot_be_copied_is_no_reason_to_fail(mut db: Database) {
    keeping(&mut db, SCRIPTS).await;
    for template in of_templates(&db, "datname").lines() {
        // its files are gone
        admin(&format!("UPDATE pg_database SET dattablespace = 0 WHERE datname = '{template}'"));
    }
    let report = db.migrator().rebuild().await.expect("rebuilt");
    assert_eq!((report.template, report.applied.len()), (None, 2));
    assert!(db.events().iter().any(|event| event.starts_with("warning: the template at 0002 could not be copied")));
    assert_eq!(db.query("SELECT count(*) FROM t"), "1");
    assert_eq!(db.left_beside(), Vec::<String>::new());
    admin("DELETE FROM pg_database WHERE dattablespace = 0");
}

async fn what_a_killed_rebuild_has_left_is_removed(mut db: Database) {
    keeping(&mut db, SCRIPTS).await;
    admin(&format!("CREATE DATABASE {}_dbmigrate_tpl_0123abcd", name(&db)));
    assert_eq!(copied(&db).await, Some(2));
    assert_eq!(db.left_beside(), Vec::<String>::new());
    admin(&format!("CREATE DATABASE {}_dbmigrate_tpl_0123abcd", name(&db)));
    db.migrator().clean_templates().await.expect("cleaned");
    assert_eq!((db.left_beside(), of_templates(&db, "datname")), (Vec::new(), String::new()));
}

async fn a_database_of_a_test_is_dropped_with_its_sessions(db: Database) {
    let scripts = dbmigrate::Scripts::from_files([("Script-0001.sql", SCRIPTS[0].as_bytes())]);
    let database = TestDatabase::new(&scripts, &db.url).await.expect("created");
    let count =
        || admin(&format!("SELECT count(*) FROM pg_database WHERE datname = '{}'", database.target().database()));
    let mut session = <sqlx::PgConnection as sqlx::Connection>::connect(database.url()).await.expect("connected");
    sqlx::raw_sql("BEGIN; INSERT INTO t VALUES (1)").execute(&mut session).await.expect("it runs");
    assert_eq!(count(), "1");
    let name = database.target().database();
    drop(database);
    assert_eq!(admin(&format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'")), "0");
}

async fn a_database_of_a_large_history_copies_its_files(mut db: Database) {
    let rows = "CREATE TABLE wide AS SELECT n, repeat('x', 1900) AS filler FROM generate_series(1, 75000) AS n;";
    keeping(&mut db, [SCRIPTS[0], rows, "SELECT 1;"]).await;
    assert_eq!(of_templates(&db, "pg_database_size(datname) > 128 * 1024 * 1024"), "t\nt");
    assert_eq!((copied(&db).await, db.query("SELECT count(*) FROM wide").as_str()), (Some(3), "75000"));
    db.migrator().clean_templates().await.expect("cleaned");
}
