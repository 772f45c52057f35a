//! What a rebuilt database keeps of the old one, and what it does to sessions.

use dbmigrate::UpgradeOptions;

use crate::database::Database;
use crate::engine::postgres::{admin, name, role};

mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        sessions_on_the_old_database_are_ended,
        the_properties_of_the_old_database_are_kept,
        settings_of_the_database_in_scripts_apply_to_the_new_one,
        a_database_with_an_odd_name_is_created_and_rebuilt,
        another_program_s_database_beside_the_old_one_is_not_dropped,
        a_rebuild_waits_for_a_run_on_the_old_database,
        a_maintenance_connection_that_dies_while_it_is_idle_is_opened_again,
        databases_of_killed_rebuilds_are_removed_when_no_session_uses_them,
        an_old_database_that_cannot_be_dropped_is_named,
    }
}

const SCRIPTS: [&str; 1] = ["CREATE TABLE t (id integer);"];
const REBUILT: &str = "nothing -> 0001: Script-0001.sql; atomic (a new database replaces the old one at the end)";

async fn sessions_on_the_old_database_are_ended(db: Database) {
    db.upgraded(SCRIPTS).await;
    let mut idle = db.session().await;
    idle.run("SELECT 1").await;
    let mut open = db.session().await;
    open.run("BEGIN; INSERT INTO t VALUES (7)").await;
    assert_eq!(db.rebuild().await, [REBUILT]);
    assert_eq!(db.query("SELECT count(*) FROM t"), "0");
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn a_maintenance_connection_that_dies_while_it_is_idle_is_opened_again(db: Database) {
    db.upgraded(SCRIPTS).await;
    let kill = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres' \
         AND pid <> pg_backend_pid() AND query LIKE '%FROM pg_database WHERE datname = ''{}_dbmigrate_new_%'",
        name(&db)
    );
    db.script(2, &format!("SELECT pg_sleep(1.2);\nCREATE TABLE killed AS {kill};"));
    assert_eq!(
        db.rebuild().await,
        [REBUILT.replace("0001:", "0002:").replace("0001.sql;", "0001.sql, Script-0002.sql;")]
    );
    assert_eq!(db.query("SELECT count(*) FROM killed"), "1");
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn the_properties_of_the_old_database_are_kept(mut db: Database) {
    let url = db.url.clone();
    let role = role(&mut db, "");
    db.url = url;
    let name = name(&db);
    db.upgraded(SCRIPTS).await;
    admin(&format!(
        "ALTER DATABASE {name} OWNER TO {role};
         ALTER DATABASE {name} SET search_path = \"$user\", public, \"odd, name\";
         ALTER DATABASE {name} SET work_mem = '8MB';
         ALTER DATABASE {name} SET \"my.setting\" = 'it''s = \\ \"odd\"';
         ALTER ROLE {role} IN DATABASE {name} SET statement_timeout = '5s';
         REVOKE CONNECT, TEMPORARY ON DATABASE {name} FROM PUBLIC;
         GRANT CONNECT ON DATABASE {name} TO pg_monitor WITH GRANT OPTION;
         ALTER DATABASE {name} CONNECTION LIMIT 42;
         COMMENT ON DATABASE {name} IS 'it''s mine'"
    ));
    let seen = format!(
        "SELECT pg_get_userbyid(datdba), datacl, datconnlimit, pg_encoding_to_char(encoding), datcollate, datctype, \
         shobj_description(oid, 'pg_database'), datallowconn, datistemplate FROM pg_database WHERE datname = '{name}';
         SELECT setrole::regrole, setconfig FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase \
         WHERE datname = '{name}' ORDER BY 1"
    );
    let before = admin(&seen);
    assert_eq!(db.rebuild().await, [REBUILT]);
    assert_eq!(admin(&seen), before);
}

async fn settings_of_the_database_in_scripts_apply_to_the_new_one(db: Database) {
    let name = name(&db);
    db.upgraded(SCRIPTS).await;
    admin(&format!(
        "ALTER DATABASE {name} SET work_mem = '8MB'; ALTER DATABASE {name} SET search_path = app;
         ALTER DATABASE {name} SET application_name = 'old'; ALTER DATABASE {name} CONNECTION LIMIT 42;
         COMMENT ON DATABASE {name} IS 'old'; GRANT TEMPORARY ON DATABASE {name} TO pg_monitor"
    ));
    db.script(2, "CREATE SCHEMA app;");
    db.script(
        3,
        &format!(
            "ALTER DATABASE {name} SET work_mem = '9MB';
             COMMENT ON DATABASE \"{name}\" IS 'new';
             GRANT CONNECT ON DATABASE {name}, \"{name}\" TO pg_monitor;
             ALTER DATABASE {name} CONNECTION LIMIT 43"
        ),
    );
    db.script(4, &format!("-- dbmigrate: no-transaction\nREINDEX DATABASE {name};"));
    let answer = db.rebuild().await;
    assert!(answer[0].starts_with("nothing -> 0004: "), "{answer:#?}");
    let seen = format!(
        "SELECT shobj_description(oid, 'pg_database'), datconnlimit, datacl::text LIKE '%pg_monitor=Tc/%', \
         (SELECT string_agg(setting, '; ' ORDER BY setting) FROM pg_db_role_setting, unnest(setconfig) AS setting \
         WHERE setdatabase = oid) FROM pg_database WHERE datname = '{name}'"
    );
    assert_eq!(admin(&seen), "new|43|t|application_name=old; search_path=app; work_mem=9MB");
    assert_eq!(db.query("SELECT to_regclass('public.t') IS NOT NULL"), "t", "scripts run as in a new database");
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn a_rebuild_waits_for_a_run_on_the_old_database(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.script(2, "SELECT pg_sleep(2);\nINSERT INTO t VALUES (1);");
    let rebuild = async {
        crate::database::until("a run is under way", || {
            db.events().iter().any(|event| event == "started Script-0002.sql")
        })
        .await;
        db.rebuild().await
    };
    let (upgraded, answer) = tokio::join!(db.upgrade(), rebuild);
    assert_eq!(upgraded, ["0001 -> 0002: Script-0002.sql; atomic (one transaction)"]);
    assert_eq!(
        answer,
        ["nothing -> 0002: Script-0001.sql, Script-0002.sql; atomic (a new database replaces the old one at the end)"]
    );
}

async fn a_database_with_an_odd_name_is_created_and_rebuilt(mut db: Database) {
    db.scripts(SCRIPTS);
    let odd = format!("{} \"Ü\" 'x'/%", name(&db));
    let mut url = db.url.parse::<url::Url>().expect("a URL");
    url.set_path(&odd.replace('%', "%25").replace('/', "%2F"));
    db.url = url.into();
    assert_eq!(db.target().database(), odd);
    let answer = db.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await;
    assert_eq!(db.outcome(&answer), ["nothing -> 0001: Script-0001.sql; atomic (one transaction)"]);
    assert_eq!(db.rebuild().await, [REBUILT]);
    let like = format!("SELECT datname FROM pg_database WHERE datname LIKE '%{}%'", "\"Ü\" ''x''/\\%");
    assert_eq!(admin(&like), odd);
}

async fn another_program_s_database_beside_the_old_one_is_not_dropped(db: Database) {
    db.upgraded(SCRIPTS).await;
    let theirs = format!("{}_dbmigrate_new", name(&db));
    admin(&format!("CREATE DATABASE {theirs}"));
    assert_eq!(db.rebuild().await, [REBUILT]);
    assert_eq!(db.left_beside(), [theirs]);
}

async fn databases_of_killed_rebuilds_are_removed_when_no_session_uses_them(db: Database) {
    db.upgraded(SCRIPTS).await;
    let name = name(&db);
    // killed right after CREATE DATABASE, and right after the names were exchanged
    let left = [format!("{name}_dbmigrate_new_0123abcd"), format!("{name}_dbmigrate_old_4567cdef")];
    for left in &left {
        admin(&format!("CREATE DATABASE {left}"));
    }
    let url = db.url.replace(&format!("/{name}"), &format!("/{}", left[0]));
    let mut user = crate::engine::postgres::session_of(&url).await;
    assert_eq!(db.rebuild().await, [REBUILT]);
    assert_eq!(db.left_beside(), left[..1], "a session uses it");
    user.run("SELECT 1").await;
    drop(user);
    crate::database::until("the session has ended", || {
        db.left_beside().is_empty()
            || admin(&format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{}'", left[0])) == "0"
    })
    .await;
    assert_eq!(db.rebuild().await, [REBUILT]);
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

/// The names are exchanged: the new database stays, whatever happens to the old one.
async fn an_old_database_that_cannot_be_dropped_is_named(db: Database) {
    db.upgraded(SCRIPTS).await;
    let name = name(&db);
    admin(&format!("ALTER DATABASE {name} IS_TEMPLATE true"));
    let answer = db.rebuild().await;
    let old = db.left_beside().pop().expect("it is left");
    assert!(old.starts_with(&format!("{name}_dbmigrate_old_")), "{old}");
    let left = format!("warning: {old} is left over from the old database: cannot drop a template database");
    assert_eq!(answer, [REBUILT, &left]);
    assert_eq!(db.rebuild().await, [REBUILT], "it does not prevent the next rebuild");
    assert_eq!(db.left_beside(), std::slice::from_ref(&old));
    admin(&format!("ALTER DATABASE {old} IS_TEMPLATE false"));
    assert_eq!(db.rebuild().await, [REBUILT], "the next rebuild removes it");
    assert_eq!(db.left_beside(), Vec::<String>::new());
}
