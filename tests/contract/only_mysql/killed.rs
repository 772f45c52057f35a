//! Clients and servers that die in the middle.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use dbmigrate::UpgradeOptions;

use super::private::Server;
use crate::database::{Database, ended, number_of, until};
use crate::engine::mysql::{Mysql, is_doing, name, objects};

mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        a_client_killed_at_many_points_runs_every_statement_once,
        a_client_killed_among_short_scripts_runs_every_statement_once,
        the_server_finishes_what_a_killed_client_has_sent,
    }
}

/// A statement of a script, and what the server answers when asked for the one to resume at while it is unknown whether this
/// ran; nothing where the journal always knows.
type Statement = (String, Option<String>);

/// The statements of a script by its number.
type Scripts = fn(u32) -> Vec<Statement>;

/// Scripts that do a little of everything, and whose every statement would be noticed if it ran twice or not at all.
fn long(number: u32) -> Vec<Statement> {
    let table = format!("t{number}");
    let count = || (count(number), None);
    // between LOCK TABLES and UNLOCK TABLES, no checkpoint can be written
    let locked = format!(
        "SELECT CASE WHEN (SELECT count(*) FROM counter WHERE script = {number}) = 1 THEN 5 \
         WHEN (SELECT min(extra) FROM {table}) = {number} THEN 7 ELSE 8 END"
    );
    vec![
        (format!("CREATE TABLE {table} (id integer PRIMARY KEY, what varchar(50))"), Some(column(1, &table, "id"))),
        count(),
        (format!("INSERT INTO {table} VALUES (1, 'it''s; one'), (2, 'two')"), None),
        (format!("ALTER TABLE {table} ADD COLUMN extra integer DEFAULT {number}"), Some(column(4, &table, "extra"))),
        (format!("LOCK TABLES {table} WRITE, counter WRITE"), Some(locked)),
        count(),
        (format!("UPDATE {table} SET extra = extra + 1"), None),
        ("UNLOCK TABLES".into(), None),
        (format!("CREATE INDEX {table}_what ON {table} (what)"), Some(index(9, &table))),
        count(),
        (format!("ALTER TABLE {table} ADD COLUMN more integer"), Some(column(11, &table, "more"))),
        (format!("SET @rows = (SELECT count(*) FROM {table})"), None),
        (format!("UPDATE {table} SET more = @rows"), None),
        count(),
        (
            format!("ALTER TABLE {table} DROP COLUMN what"),
            Some(format!("SELECT 31 - ({})", column(15, &table, "what"))),
        ),
    ]
}

/// Definitions and rows in turn, in scripts of their own.
fn short(number: u32) -> Vec<Statement> {
    let (step, table) = ((number - 2) % 5, format!("t{}", number - (number - 2) % 5));
    let rows = |first: u32, columns: &str| {
        let rows = (first..first + 5).map(|id| format!("({id}, 'row')")).collect::<Vec<_>>().join(", ");
        vec![(format!("INSERT INTO {table} {columns} VALUES {rows}"), None), (count(number), None)]
    };
    match step {
        0 => {
            vec![(
                format!("CREATE TABLE {table} (id integer PRIMARY KEY, what varchar(50))"),
                Some(column(1, &table, "id")),
            )]
        }
        1 => rows(1, "(id, what)"),
        2 => {
            vec![(format!("ALTER TABLE {table} ADD COLUMN extra integer DEFAULT 7"), Some(column(1, &table, "extra")))]
        }
        3 => rows(6, "(id, what)"),
        _ => vec![(format!("CREATE INDEX {table}_what ON {table} (what)"), Some(index(1, &table)))],
    }
}

fn count(number: u32) -> String {
    format!("INSERT INTO counter VALUES ({number})")
}

/// The statement to resume at after the one that adds a column.
fn column(statement: usize, table: &str, name: &str) -> String {
    let columns = "information_schema.columns WHERE table_schema = DATABASE()";
    format!("SELECT {statement} + count(*) FROM {columns} AND table_name = '{table}' AND column_name = '{name}'")
}

/// The statement to resume at after the one that adds the index of a table.
fn index(statement: usize, table: &str) -> String {
    let keys = "information_schema.statistics WHERE table_schema = DATABASE()";
    format!("SELECT {statement} + count(*) FROM {keys} AND index_name = '{table}_what'")
}

fn write(db: &Database, scripts: Scripts, last: u32) {
    db.script(1, "CREATE TABLE counter (script integer);");
    for number in 2..=last {
        let statements = scripts(number).into_iter().map(|(sql, _)| sql).collect::<Vec<_>>();
        db.script(number, &format!("{};\n", statements.join(";\n")));
    }
}

/// Each script has counted as often as it should.
fn counted(db: &Database, scripts: Scripts, last: u32, history: &str) {
    let expected =
        (2..=last).map(|number| scripts(number).into_iter().filter(|(sql, _)| *sql == count(number)).count());
    let expected = (2..=last).zip(expected).filter(|(_, count)| *count > 0);
    let expected = expected.map(|(number, count)| format!("{number}|{count}")).collect::<Vec<_>>().join("\n");
    assert_eq!(db.query("SELECT script, count(*) FROM counter GROUP BY script ORDER BY script"), expected, "{history}");
}

/// What the scripts make of a database when nothing happens to them.
async fn undisturbed(db: &Database) -> String {
    db.upgrade().await;
    objects(db)
}

async fn a_client_killed_at_many_points_runs_every_statement_once(db: Database) {
    let kills = client_killed(&db, long, 25, &["upgrade", "--transaction", "per-script"]).await;
    let applied = (2..=25).map(|number| format!("{number} Script-{number:04}.sql applied 15")).collect::<Vec<_>>();
    assert_eq!(db.journal()[1..], applied, "after {kills} kills");
}

async fn a_client_killed_among_short_scripts_runs_every_statement_once(db: Database) {
    client_killed(&db, short, 101, &["upgrade"]).await;
    assert_eq!(db.journal().len(), 101);
}

/// Kills upgrades until one ends. Returns how many it took.
async fn client_killed(db: &Database, scripts: Scripts, last: u32, upgrade: &[&str]) -> u32 {
    write(db, scripts, last);
    let mut kills: u32 = 0;
    let started = Instant::now();
    loop {
        let mut program = db.program(upgrade);
        let mut program = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
        // the longer it takes, the later it is killed: it ends on a slow machine, too
        let microseconds = (started.elapsed().subsec_nanos() / 7) % (40_000 * (1 + kills / 8));
        tokio::time::sleep(Duration::from_micros(microseconds.into())).await;
        let ended_before = program.try_wait().expect("it can be asked").is_some();
        program.kill().expect("it can be killed");
        let output = program.wait_with_output().expect("it ends");
        if ended_before {
            assert!(output.status.success(), "after {kills} kills: {:?}", ended(&output));
            break;
        }
        kills += 1;
        assert!(kills < 500, "the upgrade never ends");
    }
    counted(db, scripts, last, &format!("{kills} kills"));
    let other = Database::new::<Mysql>();
    write(&other, scripts, last);
    assert_eq!(objects(db), undisturbed(&other).await, "after {kills} kills");
    kills
}

async fn the_server_finishes_what_a_killed_client_has_sent(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    db.script(2, "CREATE TABLE u (id integer);\nSELECT SLEEP(2);\nINSERT INTO t VALUES (1);\nDROP TABLE u;");
    let mut program = db.program(&["upgrade"]).spawn().expect("the program runs");
    until("it sleeps", || is_doing(&name(&db), "User sleep")).await;
    program.kill().expect("it runs");
    program.wait().expect("it ends");
    assert_eq!(db.journal()[1], "2 Script-0002.sql paused 1");
    // the next run waits for the lock, which the server holds until it has finished
    assert_eq!(db.upgrade().await[0].split(';').next(), Some("0002 -> 0002: "));
    assert_eq!(db.query("SELECT count(*) FROM t"), "1");
    assert_eq!(db.journal()[1], "2 Script-0002.sql applied 4");
    let waiting = format!("waiting for the run of {}", db.texts().holder);
    assert!(db.events().iter().any(|event| event.starts_with(&waiting)), "{:?}", db.events());
}

/// The statement that an answer calls unknown.
fn unknown(answer: &[String]) -> Option<usize> {
    let (_, rest) = answer[0].split_once("it is unknown whether statement ")?;
    rest.split(' ').next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_at_many_points_says_which_statement_is_unknown() {
    server_killed(long, 20).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_among_short_scripts_says_which_statement_is_unknown() {
    server_killed(short, 101).await;
}

/// Kills the server while scripts run, and resumes as the journal and the database say.
async fn server_killed(scripts: Scripts, last: u32) {
    let since = Instant::now();
    let mut server = Server::new(&[]);
    let db = server.database();
    write(&db, scripts, last);
    db.upgrade_to(1).await;
    let mut asked = BTreeMap::<usize, u32>::new();
    for _ in 0..12 {
        if db.status().await.contains(&"nothing to do".to_owned()) {
            break;
        }
        let begun = db.events().len();
        let kill = async {
            let ran = |event: &String| event.starts_with("started ");
            until("a script has started", || db.events()[begun..].iter().any(ran)).await;
            tokio::time::sleep(Duration::from_micros((since.elapsed().subsec_nanos() % 60_000).into())).await;
            server.kill_and_restart();
        };
        let (_, ()) = tokio::join!(db.upgrade(), kill);
        let journal = db.journal();
        // what the journal leaves open, the error says, with the statement
        let status = db.status().await;
        let open = status.iter().find(|line| line.starts_with("unfinished: ")).cloned();
        let Some(open) = open else { continue };
        let statement = unknown(&[open]).expect("it names one");
        let number = u32::try_from(journal.len()).expect("a small number");
        let (wanted, next) = &scripts(number)[statement - 1];
        assert!(status.iter().any(|line| line.ends_with(&format!(": {wanted}"))), "{status:?}");
        *asked.entry(statement).or_default() += 1;
        let next = next.as_ref().unwrap_or_else(|| panic!("statement {statement} is in a transaction"));
        let next = db.query(next).parse().expect("a number");
        let options = UpgradeOptions::new().to(Some(number_of(number.into()))).resume_at(Some(next));
        let answer = db.upgrade_with(options).await;
        assert!(!answer[0].starts_with("error: "), "{answer:?}");
    }
    let answer = db.upgrade().await;
    assert!(!answer[0].starts_with("error: "), "{answer:?}");
    counted(&db, scripts, last, &format!("{asked:?}"));
    let killed = objects(&db);
    let other = server.database();
    write(&other, scripts, last);
    assert_eq!(killed, undisturbed(&other).await, "{asked:?}");
}
