//! The SQL of `upgrade --dry-run` does in the engine's own client what an upgrade does.

use crate::engine::{Engine, on_engines};
use crate::project::ONE;

on_engines! {
    the_client_does_the_same_with_the_sql_of_a_dry_run,
}

fn the_client_does_the_same_with_the_sql_of_a_dry_run(engine: &'static Engine) {
    let migrated = |through_the_client: bool| {
        let stage = engine.stage(&[&[ONE], engine.awkward].concat());
        stage.project.file("migrations/Baseline.sql", "-- Start\r\nCREATE TABLE start (id integer);\r\n");
        if through_the_client {
            stage.ask(&stage.project.stdout("upgrade --dry-run"));
        } else {
            stage.project.run("upgrade");
        }
        assert!(stage.project.run("upgrade").contains("nothing to do"));
        let journal = stage.ask(
            "SELECT number, script, title, checksum, state, applied_by, tool_version, body, statements_done, done_checksum \
             FROM dbmigrate_journal ORDER BY number",
        );
        assert!(journal.starts_with("0|Baseline.sql|Start|sha256:"), "{journal}");
        stage.project.normal(&((engine.dump)(&stage) + &journal))
    };
    let (piped, run) = (migrated(true), migrated(false));
    assert!(run.contains(engine.awkward_object), "{run}");
    assert_eq!(piped, run);
}
