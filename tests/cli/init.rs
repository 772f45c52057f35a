//! `init` in an empty folder, and in a project that already has a database or scripts.

use insta::assert_snapshot;

use crate::project::{ONE, Project};

#[test]
fn init_writes_what_a_project_starts_from() {
    let project = Project::empty();
    assert_snapshot!(project.run("init"), @"
    exit 0
    --- stdout
    wrote dbmigrate.toml
    wrote migrations/Baseline.sql
    wrote migrations/Script-0001.sql
    wrote app.db
    --- stderr
    note: no database was given, so the project is for SQLite, in app.db; to choose another, pass --url or set DATABASE_URL
    next: write your first change into migrations/Script-0001.sql, then run dbmigrate upgrade
    ");
    assert_snapshot!(project.read("dbmigrate.toml"), @r#"
    # The folder with Baseline.sql, Script-0001.sql, ... A relative path starts at this file's folder.
    dir = "migrations"

    # The target to use when none is named.
    default_target = "dev"

    # A target is one database.
    [target.dev]
    url = "sqlite:app.db"
    # A developer's own database: rebuild may drop it without asking when it is on this machine.
    development = true

    # [target.production]
    # url = "sqlite:/srv/shop/shop.db"
    # protected = true            # rebuild requires --allow-drop with the database's name
    # lock_timeout = "10s"        # for another run, and for locks that other sessions hold
    # statement_timeout = "30m"   # without it: no limit
    # wait = "1m"                 # until the server answers
    "#);
    assert_snapshot!(project.read("migrations/Baseline.sql"), @"
    -- The schema when this project began to use dbmigrate
    --
    -- A new database starts from this file. An existing database is already in this state: record that once with
    -- `dbmigrate baseline`. Write the whole schema here, as your database's own dump tool writes it, or leave the file
    -- empty if the project starts from nothing.
    ");
    assert_snapshot!(project.read("migrations/Script-0001.sql"), @"
    -- Customers
    --
    -- An example: write your own first change here. Each change is a script of its own, and `dbmigrate new` creates the next
    -- one. The first line of its comment is its title. A script that has been applied never changes again.
    CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL);
    ");
}

#[test]
fn after_init_everything_works_without_options() {
    let project = Project::empty();
    project.run("init");
    assert_snapshot!(project.runs(&["check", "status", "upgrade", "status", "upgrade", "rebuild"]), @"
    $ dbmigrate check
    exit 0
    --- stdout
    1 baseline and 1 script: no problems

    $ dbmigrate status
    exit 0
    --- stdout
     number         state    applied at (UTC)  duration  title
     0000 baseline  pending                              The schema when this project began to use dbmigrate
     0001           pending                              Customers
    0 applied; 2 pending: atomic (one transaction)

    $ dbmigrate upgrade
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Baseline.sql The schema when this project began to use dbmigrate ( [n] ms)
    ran Script-0001.sql Customers ( [n] ms)
    committed Baseline.sql to Script-0001.sql

    $ dbmigrate status
    exit 0
    --- stdout
     number         state    applied at (UTC)     duration  title
     0000 baseline  applied  [time] [n] ms  The schema when this project began to use dbmigrate
     0001           applied  [time] [n] ms  Customers
    2 applied, at 0001; nothing pending

    $ dbmigrate upgrade
    exit 0
    --- stdout
    nothing to do: the database is at 0001
    --- stderr
    upgrade sqlite:app.db from migrations

    $ dbmigrate rebuild
    exit 0
    --- stdout
    rebuilt with 2 scripts in [n] ms: the database is at 0001
    --- stderr
    rebuild sqlite:app.db from migrations
    2 pending: atomic (a new database replaces the old one at the end)
    ran Baseline.sql to Script-0001.sql
    replacing the old database
    ");
}

#[test]
fn init_touches_nothing_that_exists() {
    let project = Project::empty();
    project.file("dbmigrate.toml", "# mine\n");
    assert_snapshot!(project.run("init"), @"
    exit 2
    --- stderr
    error: dbmigrate.toml already exists: nothing was written
    ");
    assert_eq!(project.read("dbmigrate.toml"), "# mine\n");
}

#[test]
fn init_adopts_scripts_that_exist() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("init --url sqlite:shop.db"), @"
    exit 0
    --- stdout
    wrote dbmigrate.toml
    wrote shop.db
    --- stderr
    next: run dbmigrate check to see what it makes of the existing files
    ");
    assert!(!project.path("migrations/Baseline.sql").exists());
    assert!(project.read("dbmigrate.toml").contains("url = \"sqlite:shop.db\""));
}

#[test]
fn init_writes_into_the_given_folder() {
    let project = Project::empty();
    assert_snapshot!(project.run("init --config etc.toml --dir db/scripts --url sqlite:db/shop.db"), @"
    exit 0
    --- stdout
    wrote etc.toml
    wrote db/scripts/Baseline.sql
    wrote db/scripts/Script-0001.sql
    wrote db/shop.db
    --- stderr
    next: write your first change into db/scripts/Script-0001.sql, then run dbmigrate upgrade
    ");
    assert_snapshot!(project.run("--config etc.toml upgrade"), @"
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:db/shop.db from db/scripts
    2 pending: atomic (one transaction)
    ran Baseline.sql The schema when this project began to use dbmigrate ( [n] ms)
    ran Script-0001.sql Customers ( [n] ms)
    committed Baseline.sql to Script-0001.sql
    ");
}

#[test]
fn init_prints_nothing_when_quiet() {
    assert_snapshot!(Project::empty().run("init --quiet"), @"exit 0");
}

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
