//! `init` in a project that already has a database or scripts.

use insta::assert_snapshot;

use crate::project::{ONE, Project};

#[test]
fn a_url_of_the_environment_makes_a_project_for_that_database() {
    for name in ["DATABASE_URL", "DBMIGRATE_URL"] {
        let project = Project::empty().env(name, "sqlite:shop.db");
        let shown = project.run("init");
        assert!(shown.contains(&format!("note: the project is for sqlite:shop.db ({name})")), "{shown}");
        assert!(project.read("dbmigrate.toml").contains(&format!("url = \"${{{name}}}\"")));
        assert!(project.path("shop.db").exists() && !project.path("app.db").exists());
        assert!(project.run("upgrade").contains("applied 2 scripts in"));
    }
    let project = Project::empty();
    project.file(".env", "DATABASE_URL=sqlite:shop.db\n");
    assert!(project.run("init").contains("DATABASE_URL from .env"));
    assert!(project.run("upgrade").contains("applied 2 scripts in"));
}

#[test]
fn a_database_with_tables_gets_no_sample() {
    let project = Project::sqlite(&[]);
    project.sqlite3("CREATE TABLE real_table (id integer);");
    assert_snapshot!(project.run("init"), @"
    exit 0
    --- stdout
    wrote dbmigrate.toml
    wrote migrations/Baseline.sql
    --- stderr
    note: the project is for sqlite:app.db (DBMIGRATE_URL)
    next: the database has tables: write its schema into migrations/Baseline.sql (README.md says how), then record it with dbmigrate baseline
    ");
    assert!(!project.path("migrations/Script-0001.sql").exists());
}

#[test]
fn a_folder_with_files_gets_no_sample() {
    let project = Project::empty();
    project.file("migrations/V1__a.sql", ONE);
    assert_snapshot!(project.run("init --url sqlite:shop.db"), @"
    exit 0
    --- stdout
    wrote dbmigrate.toml
    wrote shop.db
    --- stderr
    next: run dbmigrate check to see what it makes of the existing files
    ");
    assert_snapshot!(project.run("check"), @"
    exit 4
    --- stderr
    error: no Baseline.sql and no Script-NNNN.sql in migrations: its files are named like those of Flyway or refinery
     = help: rename the files to Script-0001.sql, Script-0002.sql, ... in their order, and leave out what undoes them; dbmigrate baseline records what a database already has
    ");
}
