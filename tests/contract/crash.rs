//! Runs that end in the middle: whatever happens, every script is applied exactly once in the end.

use std::process::Stdio;
use std::time::Duration;

use crate::database::{Database, ended};

contract! {
    killed_at_many_points_every_script_is_applied_once,
}

contract_with_rollback! {
    a_killed_rebuild_leaves_the_old_database_and_the_next_one_works,
}

/// A small generator: the points differ from run to run, and nothing depends on them.
fn random() -> impl FnMut(u64) -> u64 {
    let mut state = std::time::UNIX_EPOCH.elapsed().map_or(1, |elapsed| u64::from(elapsed.subsec_nanos())) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    }
}

async fn killed_at_many_points_every_script_is_applied_once(db: Database) {
    const SCRIPTS: u32 = 60;
    db.script(1, "CREATE TABLE counter (script integer);");
    for number in 2..=SCRIPTS {
        db.script(number, &format!("INSERT INTO counter VALUES ({number});\nCREATE TABLE t{number} (id integer);"));
    }
    let mut random = random();
    let mut kills = 0;
    // the longer it takes, the later it is killed: it ends on a slow machine, too
    loop {
        let mut program = db.program(&["upgrade", "--transaction", "per-script"]);
        let mut program = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
        tokio::time::sleep(Duration::from_micros(random(60_000 * (1 + kills / 5)))).await;
        let ended_before = program.try_wait().expect("it can be asked").is_some();
        program.kill().expect("it can be killed");
        let output = program.wait_with_output().expect("it ends");
        if ended_before {
            assert!(output.status.success(), "{:?}", ended(&output));
            break;
        }
        kills += 1;
        assert!(kills < 500, "the upgrade never ends");
    }
    let whole = format!("{}|{}", SCRIPTS - 1, SCRIPTS - 1);
    assert_eq!(db.query("SELECT count(*), count(DISTINCT script) FROM counter"), whole, "after {kills} kills");
    assert_eq!(db.journal().len(), SCRIPTS as usize);
}

async fn a_killed_rebuild_leaves_the_old_database_and_the_next_one_works(db: Database) {
    db.upgraded(["CREATE TABLE t (id integer);", "INSERT INTO t VALUES (1);"]).await;
    db.query("INSERT INTO t VALUES (7)");
    let before = db.dump();
    db.script(3, &format!("{};", db.texts().slow));
    let mut program = db.program(&["rebuild", "--yes", "--log-format", "json"]);
    let mut program = program.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let mut said = std::io::BufReader::new(program.stderr.take().expect("it is piped"));
    let mut line = String::new();
    while !line.contains("Script-0003") {
        line.clear();
        assert!(std::io::BufRead::read_line(&mut said, &mut line).expect("it writes text") > 0, "it has ended");
    }
    program.kill().expect("it runs");
    program.wait().expect("it ends");
    assert_eq!(db.dump(), before);
    db.end_sessions();
    db.script(3, "INSERT INTO t VALUES (3);");
    let all = "nothing -> 0003: Script-0001.sql, Script-0002.sql, Script-0003.sql; atomic (a new database replaces the old one at the end)";
    assert_eq!(db.rebuild().await, [all]);
    assert_eq!(db.query("SELECT id FROM t ORDER BY id"), "1\n3");
}
