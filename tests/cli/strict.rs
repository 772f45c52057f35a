//! SQL files that are not run, because they are not named like scripts.

use insta::assert_snapshot;

use crate::project::{ONE, Project};

const NAMES: [&str; 4] = ["20261001000000_z.up.sql", "V3__x.sql", "R__v.sql", "0004-x.sql"];

fn project() -> Project {
    let project = Project::sqlite(&[ONE]);
    for name in NAMES {
        project.file(&format!("migrations/{name}"), "DROP TABLE customers;\n");
    }
    project
}

#[test]
fn unknown_files_are_a_warning() {
    let project = project();
    assert_snapshot!(project.run("check"), @"
    exit 0
    --- stdout
    no baseline and 1 script: no problems
    --- stderr
    warning: migrations/0004-x.sql is not run: its name is not Script-NNNN.sql; --strict refuses such files
    warning: migrations/20261001000000_z.up.sql is not run: its name is not Script-NNNN.sql but in the style of golang-migrate or sqlx; --strict refuses such files
    warning: migrations/R__v.sql is not run: its name is not Script-NNNN.sql but in the style of Flyway; --strict refuses such files
    warning: migrations/V3__x.sql is not run: its name is not Script-NNNN.sql but in the style of Flyway or refinery; --strict refuses such files
    ");
    for command in ["status", "upgrade", "upgrade"] {
        let shown = project.run(command);
        assert!(shown.starts_with("exit 0") && shown.contains("warning: migrations/V3__x.sql is not run"), "{shown}");
    }
    let (json, _) = project.json("check --format json");
    assert_eq!(json["warnings"].as_array().map(Vec::len), Some(4), "{json}");
    project.git("init -q");
    project.commit("All");
    assert!(project.run("check --at HEAD").contains("warning: HEAD:migrations/V3__x.sql is not run"));
}

#[test]
fn unknown_files_are_refused_when_strict() {
    let project = project();
    assert_snapshot!(project.run("check --strict"), @"
    exit 4
    --- stderr
    error: migrations/0004-x.sql is not run: its name is not Script-NNNN.sql
     = help: to run it, make it the next Script-NNNN.sql; otherwise move it out of the folder
    error: migrations/20261001000000_z.up.sql is not run: its name is not Script-NNNN.sql but in the style of golang-migrate or sqlx
     = help: to run it, make it the next Script-NNNN.sql; otherwise move it out of the folder
    error: migrations/R__v.sql is not run: its name is not Script-NNNN.sql but in the style of Flyway
     = help: to run it, make it the next Script-NNNN.sql; otherwise move it out of the folder
    error: migrations/V3__x.sql is not run: its name is not Script-NNNN.sql but in the style of Flyway or refinery
     = help: to run it, make it the next Script-NNNN.sql; otherwise move it out of the folder
    4 problems
    ");
    for command in ["status --strict --exit-code", "upgrade --strict"] {
        let shown = project.run(command);
        assert!(shown.starts_with("exit 4") && shown.contains(".sql is not run"), "{shown}");
    }
    assert!(!project.sqlite3(".tables").contains("customers"));
}

#[test]
fn a_folder_of_nothing_else_names_the_tool() {
    let folder = |names: &[&str]| {
        let project = Project::empty();
        for name in names {
            project.file(&format!("migrations/{name}"), "SELECT 1;\n");
        }
        project.run("check")
    };
    assert_snapshot!(folder(&["V1__a.sql", "V2__b.sql"]), @"
    exit 4
    --- stderr
    error: no Baseline.sql and no Script-NNNN.sql in migrations: its files are named like those of Flyway or refinery
     = help: rename the files to Script-0001.sql, Script-0002.sql, ... in their order, and leave out what undoes them; dbmigrate baseline records what a database already has
    ");
    assert!(folder(&["20260101000000_a.sql"]).contains("named like those of dbmate, goose, sqlx or Atlas"));
    assert!(folder(&["20260101000000_a/migration.sql"]).contains("named like those of Prisma"));
    assert!(!folder(&["a.sql"]).contains("named like those"));
}
