//! The scripts in `migrations-example/`.

use crate::engine::{Engine, on_engines};

on_engines! {
    the_example_is_applied_and_rebuilt,
}

fn the_example_is_applied_and_rebuilt(engine: &'static Engine) {
    let stage = engine.stage(&[]);
    let example = format!("{}/migrations-example/{}", env!("CARGO_MANIFEST_DIR"), engine.example);
    let run = |arguments: &[&str]| stage.project.run_with(&[arguments, &["--dir", &example]].concat());
    let shown = run(&["upgrade"]);
    assert!(shown.contains("applied 18 scripts and 4 objects in [n] ms: the database is at 0017"), "{shown}");
    assert!(run(&["status"]).ends_with("18 applied, at 0017; nothing pending\n"), "{}", run(&["status"]));
    for reference in [&["verify"] as &[&str], &["verify", "--rebuild"]] {
        let shown = run(reference);
        assert!(shown.starts_with("exit 0"), "{shown}");
    }
    let shown = run(&["rebuild", "--yes"]);
    assert!(shown.contains("rebuilt with 18 scripts and 4 objects in [n] ms: the database is at 0017"), "{shown}");
    let shown = run(&["verify"]);
    assert!(shown.starts_with("exit 0"), "{shown}");
}
