//! Clients and servers that die in the middle.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::{Duration, Instant};

use dbmigrate::Goal;

use super::private::Server;
use crate::database::{Database, ended, number_of, until};
use crate::engine::mysql::{Mysql, is_doing, name, objects};

mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        a_client_killed_at_many_points_runs_every_statement_once,
        what_a_killed_client_has_sent_is_finished_by_the_server,
    }
}

/// A script that does a little of everything, and whose every statement would be noticed if it ran twice or not at all.
fn statements(number: u32) -> Vec<String> {
    let table = format!("t{number}");
    let count = format!("INSERT INTO counter VALUES ({number})");
    vec![
        format!("CREATE TABLE {table} (id integer AUTO_INCREMENT PRIMARY KEY, what varchar(50))"),
        count.clone(),
        format!("INSERT INTO {table} (what) VALUES ('it''s; one'), ('two')"),
        format!("ALTER TABLE {table} ADD COLUMN extra integer DEFAULT {number}"),
        format!("LOCK TABLES {table} WRITE, counter WRITE"),
        count.clone(),
        format!("UPDATE {table} SET extra = extra + 1"),
        "UNLOCK TABLES".into(),
        format!("CREATE INDEX {table}_what ON {table} (what)"),
        count.clone(),
        format!("ALTER TABLE {table} ADD COLUMN more integer"),
        format!("SET @rows = (SELECT count(*) FROM {table})"),
        format!("UPDATE {table} SET more = @rows"),
        count,
        format!("ALTER TABLE {table} DROP COLUMN what"),
    ]
}

fn write(db: &Database, scripts: u32) {
    db.script(1, "CREATE TABLE counter (script integer);");
    for number in 2..=scripts {
        db.script(number, &format!("{};\n", statements(number).join(";\n")));
    }
}

/// What the scripts make of a database when nothing happens to them.
async fn undisturbed(db: &Database) -> String {
    db.upgrade().await;
    objects(db)
}

async fn a_client_killed_at_many_points_runs_every_statement_once(db: Database) {
    const SCRIPTS: u32 = 25;
    write(&db, SCRIPTS);
    let mut kills: u32 = 0;
    let started = Instant::now();
    loop {
        let mut program = db.program(&["upgrade", "--transaction", "per-script"]);
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
    let counts = "SELECT count(*), count(DISTINCT script) FROM counter";
    assert_eq!(db.query(counts), format!("{}|{}", 4 * (SCRIPTS - 1), SCRIPTS - 1), "after {kills} kills");
    let applied = (2..=SCRIPTS).map(|number| format!("{number} Script-{number:04}.sql applied 15")).collect::<Vec<_>>();
    assert_eq!(db.journal()[1..], applied);
    let other = Database::new::<Mysql>();
    write(&other, SCRIPTS);
    assert_eq!(objects(&db), undisturbed(&other).await);
}

async fn what_a_killed_client_has_sent_is_finished_by_the_server(db: Database) {
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

/// The statement to go on at, by what is in the database, when it is unknown whether this one ran.
fn next(db: &Database, number: u32, statement: usize) -> usize {
    let table = format!("t{number}");
    let is = |sql: &str| db.query(sql) == "1";
    let column = |name: &str| {
        is(&format!(
            "SELECT count(*) FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name = '{table}' AND column_name = '{name}'"
        ))
    };
    let has_run = match statement {
        1 => column("id"),
        4 => column("extra"),
        // between LOCK TABLES and UNLOCK TABLES, nobody can take note
        5 if is(&format!("SELECT count(*) = 1 FROM counter WHERE script = {number}")) => false,
        5 if is(&format!("SELECT min(extra) = {number} FROM {table}")) => return 7,
        5 => return 8,
        9 => !db.query(&format!("SHOW INDEX FROM {table} WHERE key_name = '{table}_what'")).is_empty(),
        11 => column("more"),
        15 => !column("what"),
        other => panic!("statement {other} is in a transaction"),
    };
    statement + usize::from(has_run)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_at_many_points_says_which_statement_is_unknown() {
    const SCRIPTS: u32 = 20;
    let since = Instant::now();
    let mut server = Server::new(&[]);
    let db = server.database();
    write(&db, SCRIPTS);
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
        let wanted = &statements(number)[statement - 1];
        assert!(status.iter().any(|line| line.ends_with(&format!(": {wanted}"))), "{status:?}");
        *asked.entry(statement).or_default() += 1;
        let goal = Goal::new().to(Some(number_of(number.into()))).resume_at(Some(next(&db, number, statement)));
        let answer = db.upgrade_with(goal).await;
        assert!(!answer[0].starts_with("error: "), "{answer:?}");
    }
    let answer = db.upgrade().await;
    assert!(!answer[0].starts_with("error: "), "{answer:?}");
    let counts = "SELECT count(*), count(DISTINCT script) FROM counter";
    assert_eq!(db.query(counts), format!("{}|{}", 4 * (SCRIPTS - 1), SCRIPTS - 1), "{asked:?}");
    let killed = objects(&db);
    let other = server.database();
    write(&other, SCRIPTS);
    assert_eq!(killed, undisturbed(&other).await);
}
