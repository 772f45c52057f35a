//! Other runs, locks of other sessions, time limits and interrupts.

use insta::assert_snapshot;

use crate::engine::{Server, Stage, on_servers};
use crate::project::ONE;

on_servers! {
    a_second_run_waits_and_gives_up,
    a_lock_of_another_session_is_named,
    a_lock_that_is_held_too_long_is_tried_for_again,
    a_statement_that_takes_too_long_is_stopped,
    ctrl_c_and_sigterm_stop_the_statement_and_roll_back,
}

const ROWS: &str = "INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bruno');\n";

fn a_second_run_waits_and_gives_up(server: &'static Server) {
    let stage = server.stage(&[server.endless]);
    let first = stage.project.start("upgrade");
    stage.database().wait_for(server.endless.trim_end().trim_end_matches(';'));
    let shown = stage.project.run("upgrade --lock-timeout 2");
    first.signal("TERM");
    first.end();
    assert_snapshot!(shown, @"
    exit 5
    --- stderr
    upgrade [url] from migrations
    waiting for another run: [holder]
    error: another run holds the lock (waited 2s): [holder]
     = nothing was applied
     = help: wait for that run to end, or wait longer with --lock-timeout
    ");
}

/// Rows are there, and a script that waits for one of them.
fn waiting(server: &'static Server) -> Stage {
    let stage = server.stage(&[ONE, ROWS]);
    stage.project.run("upgrade");
    stage.project.script(3, "UPDATE customers SET name = 'Zoe' WHERE id = 2;\n");
    stage
}

fn a_lock_of_another_session_is_named(server: &'static Server) {
    let stage = waiting(server);
    let holder = stage.database().holder(server.hold);
    let mut run = stage.project.start("upgrade");
    let waiting = run.says("waiting for a lock");
    // long enough for the monitor to see it again, which must not be reported again
    std::thread::sleep(std::time::Duration::from_millis(2500));
    drop(holder);
    assert_snapshot!(stage.project.normal(&waiting), @"waiting for a lock held by [blocker]");
    assert_snapshot!(run.end(), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0003
    --- stderr
    ran Script-0003.sql ( [n] ms)
    committed Script-0003.sql
    ");
}

fn a_lock_that_is_held_too_long_is_tried_for_again(server: &'static Server) {
    let stage = waiting(server);
    let holder = stage.database().holder(server.hold);
    let mut run = stage.project.start("upgrade --lock-timeout 2");
    let again = run.says("could not acquire a lock");
    drop(holder);
    assert_snapshot!(stage.project.normal(&again), @"could not acquire a lock in time (held by [blocker]): attempt 2 of 5 in 1s");
    assert_snapshot!(run.end(), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0003
    --- stderr
    ran Script-0003.sql ( [n] ms)
    committed Script-0003.sql
    ");
}

fn a_statement_that_takes_too_long_is_stopped(server: &'static Server) {
    let stage = server.stage(&[server.endless]);
    assert_snapshot!(stage.project.run("upgrade --statement-timeout 1"), @"
    exit 1
    --- stderr
    upgrade [url] from migrations
    1 pending: atomic (one transaction)
    error: Script-0001.sql failed: [timeout]
     --> migrations/Script-0001.sql:1:1
      |
    1 | SELECT
      | ^^^^^^
      = [code of a timeout]
      = rolled back: 0001 was not applied, the database is unchanged, no script is applied
      = help: allow more time with --statement-timeout, or make the statement faster; without that option, the limit is the script's or the server's
    ");
}

fn ctrl_c_and_sigterm_stop_the_statement_and_roll_back(server: &'static Server) {
    let stopped = |signal: &str| {
        let stage = server.stage(&[ONE]);
        stage.project.run("upgrade");
        stage.project.script(2, ROWS);
        stage.project.script(3, server.endless);
        let run = stage.project.start("upgrade");
        let statement = server.endless.trim_end().trim_end_matches(';');
        stage.database().wait_for(statement);
        run.signal(signal);
        let shown = run.end();
        assert_eq!(stage.database().running(statement), "", "the statement still runs");
        assert_eq!(stage.ask("SELECT count(*) FROM customers"), "0");
        shown
    };
    let shown = stopped("INT");
    assert_snapshot!(shown, @"
    exit 130
    --- stderr
    upgrade [url] from migrations
    2 pending: atomic (one transaction)
    ran Script-0002.sql ( [n] ms)
    error: interrupted in Script-0003.sql
     = rolled back: 0002-0003 were not applied, the database is unchanged at 0001
    ");
    assert_eq!(stopped("TERM"), shown.replace("exit 130", "exit 143"));
}
