//! A dry run prints what a run sends: the two are compared on the wire.

use dbmigrate::UpgradeOptions;
use regex::Regex;

use crate::database::Database;
use crate::proxy::{Cut, Proxy};

#[cfg(feature = "postgres")]
mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        everything_that_is_sent_is_printed,
        a_script_outside_a_transaction_is_printed_with_its_checkpoints,
        a_resume_is_printed_from_where_it_begins,
    }
}
#[cfg(feature = "mysql")]
mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        everything_that_is_sent_is_printed,
        a_script_outside_a_transaction_is_printed_with_its_checkpoints,
        a_resume_is_printed_from_where_it_begins,
    }
}

/// Queries: for the session, for what the journal has, whether the lock and the transaction are held. A client that is
/// sent rows is kept from hearing notices meanwhile, and a session that goes back to a pooler is left as it was.
const ASKED: [&str; 15] = [
    r"BEGIN ISOLATION LEVEL READ COMMITTED; SELECT set_config.*",
    r"SELECT pg_backend_pid\(\), txid_current\(\)",
    r"SELECT txid_current_if_assigned\(\).*",
    r"SELECT (pg_backend_pid|set_config|pg_cancel_backend|max\(format\)|count\(\*\)|number, script|to_regclass).*",
    r"SELECT EXISTS \(SELECT 1 FROM information_schema.*",
    r"(SELECT current_setting\('|SET )client_min_messages.*",
    r"SELECT @@version.*|SELECT VERSION.*|SET NAMES.*",
    r"SET SESSION wait_timeout.*",
    r"SET sql_mode=\(SELECT.*",
    r"SELECT GET_LOCK.*|(DO|SELECT) RELEASE_LOCK.*|SELECT IS_USED_LOCK.*",
    r"SELECT 'journal', IF\([^;]*",
    r"SHOW .*",
    r"SELECT 'dbmigrate: the statement before has ended'",
    r"RESET ALL$",
    r"SELECT EXISTS \([^']*'dbmigrate_journal_repairs'.*",
];

/// A text without what is asked only, without comments and blanks, and without what is known only while it runs.
fn bare(text: &str) -> String {
    let is_shown =
        |line: &&str| !line.trim_start().starts_with("--") && !line.starts_with("DELIMITER") && *line != "\\.";
    let lines = text.lines().filter(is_shown);
    let text = lines.collect::<Vec<_>>().join("\n");
    let run = Regex::new("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").expect("a constant");
    let text = run.replace_all(&text, "RUN");
    let ours = Regex::new(r"applied_at = [^,]*, duration_ms = \d+").expect("a constant");
    let text = ours.replace_all(&text, "DURATION");
    let inserted = Regex::new(r"(clock_timestamp\(\)|UTC_TIMESTAMP\(3\)), \d+,").expect("a constant");
    let text = inserted.replace_all(&text, "DURATION,");
    text.replace("$$", "").split(|c: char| c.is_whitespace() || c == ';').collect()
}

/// What the server was sent that does something.
fn done(queries: &[String]) -> String {
    let asked = ASKED.map(|pattern| Regex::new(&format!(r"(?s)(^|;\s*){pattern}")).expect("a constant"));
    let done =
        |query: &String| asked.iter().fold(query.clone(), |query, asked| asked.replace_all(&query, "").into_owned());
    bare(&queries.iter().map(done).collect::<Vec<_>>().join(";\n"))
}

/// Compares what is printed with what is sent.
async fn compare(mut db: Database) {
    // what is recorded of the schema depends on it
    db.options.schema_snapshot = false;
    let proxy = Proxy::between(&mut db, Cut::OnDemand).await;
    let mut printed = String::new();
    db.migrator().dry_run(&UpgradeOptions::new(), &mut |part| printed.push_str(part)).await.expect("nothing is wrong");
    let before = proxy.queries().len();
    db.migrator().upgrade().await.expect("nothing is wrong");
    let queries = proxy.queries()[before..].to_vec();
    assert!(printed.contains("-- the journal\n"), "{printed}");
    let (printed, sent) = (bare(&printed), done(&queries));
    let same = printed.chars().zip(sent.chars()).take_while(|(printed, sent)| printed == sent).count();
    let around = |text: &str| text.chars().skip(same.saturating_sub(80)).take(240).collect::<String>();
    assert!(printed == sent, "printed: {}\nsent:    {}\n{queries:#?}", around(&printed), around(&sent));
}

const TABLE: &str =
    "-- A table\nCREATE TABLE t (id integer PRIMARY KEY, name varchar(20));\nINSERT INTO t VALUES (1, 'it''s; ');\n";

async fn everything_that_is_sent_is_printed(db: Database) {
    let rows = if db.texts().transactional_ddl { "COPY t FROM stdin;\n7\tseven\n\\.\n" } else { "CALL p();\n" };
    if !db.texts().transactional_ddl {
        db.file("Baseline.sql", "CREATE TABLE start (id integer);\nCREATE PROCEDURE p() SELECT 1;\n");
    }
    db.scripts([
        TABLE,
        "UPDATE t SET name = 'x' WHERE id = 1; -- why\nDELETE FROM t;",
        rows,
        "INSERT INTO t VALUES (2, 'y')",
    ]);
    compare(db).await;
}

async fn a_script_outside_a_transaction_is_printed_with_its_checkpoints(db: Database) {
    let maintain = db.texts().maintain;
    let alone = format!("-- dbmigrate: no-transaction\nINSERT INTO t VALUES (3, 'z');\n{maintain};\nDELETE FROM t;\n");
    db.scripts([TABLE, &alone, "INSERT INTO t VALUES (4, 'z');\n"]);
    compare(db).await;
}

async fn a_resume_is_printed_from_where_it_begins(db: Database) {
    let setting = if db.texts().transactional_ddl { "SET search_path = public" } else { "SET @a = 1" };
    let script =
        |last: &str| format!("-- dbmigrate: no-transaction\n{setting};\nCREATE TABLE t (id integer);\n{last};\n");
    db.script(1, &script("INSERT INTO nope VALUES (1)"));
    db.migrator().upgrade().await.expect_err("there is no such table");
    db.script(1, &script("INSERT INTO t VALUES (1)"));
    compare(db).await;
}
