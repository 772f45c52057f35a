//! Which database and which folder: options, configuration, environment.

use insta::assert_snapshot;

use crate::project::{ONE, Project};

/// Returns the line of the log that names the database and the folder.
fn meant(project: &Project, arguments: &str) -> String {
    let stderr = project.stderr(&format!("status -v {arguments}"));
    let lines = stderr.lines().filter(|line| !line.contains("journal"));
    let lines = lines.map(|line| line.split_once("starting ").map_or(line, |(_, meant)| meant));
    project.normal(&lines.collect::<Vec<_>>().join("\n"))
}

const CONFIG: &str = "[target.dev]\nurl = \"sqlite:config.db\"\n";

#[test]
fn options_override_the_configuration_and_that_the_environment() {
    let project = Project::scripts(&[ONE]).env("DATABASE_URL", "sqlite:general.db");
    assert_snapshot!(meant(&project, ""), @r#"
    database="sqlite:general.db" dir=migrations
    error: there is no database file [dir]/general.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    "#);
    let project = project.env("DBMIGRATE_URL", "sqlite:own.db");
    assert_snapshot!(meant(&project, ""), @r#"
    database="sqlite:own.db" dir=migrations
    error: there is no database file [dir]/own.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    "#);
    project.file("dbmigrate.toml", CONFIG);
    assert_snapshot!(meant(&project, ""), @r#"
    database="sqlite:config.db" dir=migrations
    warning: DBMIGRATE_URL is set, but the configuration's target "dev" is used; choose with --url or --target
    error: there is no database file [dir]/config.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    "#);
    assert_snapshot!(meant(&project, "--target dev"), @r#"
    database="sqlite:config.db" dir=migrations
    error: there is no database file [dir]/config.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    "#);
    assert_snapshot!(meant(&project, "--url sqlite:option.db"), @r#"
    database="sqlite:option.db" dir=migrations
    error: there is no database file [dir]/option.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    "#);
}

#[test]
fn an_empty_variable_is_ignored() {
    let project = Project::scripts(&[ONE]).env("DBMIGRATE_URL", "").env("DATABASE_URL", "");
    assert_snapshot!(project.run("status"), @"
    exit 2
    --- stderr
    error: no database given: pass --url URL, add [target.NAME] to dbmigrate.toml, or set DBMIGRATE_URL or DATABASE_URL (.env is read, too)
    ");
}

#[test]
fn global_options_work_before_and_after_the_command() {
    let project = Project::sqlite(&[ONE]);
    let before = project.run("--url sqlite:app.db --dir migrations --format json status");
    assert_eq!(before, project.run("status --url sqlite:app.db --dir migrations --format json"));
    assert!(before.starts_with("exit 0\n--- stdout\n{\n"), "{before}");
}

#[test]
fn without_a_database_every_way_to_name_one_is_shown() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("upgrade"), @"
    exit 2
    --- stderr
    error: no database given: pass --url URL, add [target.NAME] to dbmigrate.toml, or set DBMIGRATE_URL or DATABASE_URL (.env is read, too)
    ");
}

#[test]
fn the_configuration_is_found_from_a_folder_below() {
    let project = Project::empty();
    project.file("dbmigrate.toml", "dir = \"db/scripts\"\n[target.dev]\nurl = \"sqlite:db/app.db\"\n");
    project.file("db/scripts/Script-0001.sql", ONE);
    project.file("db/app.db", "");
    project.file("src/deep/x", "");
    assert_snapshot!(project.run_in("src/deep", &["upgrade"]), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:../../db/app.db from ../../db/scripts
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
    assert_snapshot!(project.run("status"), @"
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
    1 applied, at 0001; nothing pending
    ");
    assert_snapshot!(project.run_in("src/deep", &["new", "second"]), @"
    exit 0
    --- stdout
    ../../db/scripts/Script-0002.sql
    ");
}

#[test]
fn the_nearest_configuration_is_used() {
    let project = Project::scripts(&[ONE]);
    project.file("dbmigrate.toml", "broken");
    project.file("service/dbmigrate.toml", CONFIG);
    project.file("service/migrations/Script-0001.sql", ONE);
    project.file("service/config.db", "");
    project.file("service/src/x", "");
    assert_snapshot!(project.run_in("service/src", &["upgrade"]), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:../config.db from ../migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
}

#[test]
fn a_configuration_can_be_named() {
    let project = Project::empty();
    project.file("etc/db.toml", "[target.dev]\nurl = \"sqlite:app.db\"\n");
    project.file("etc/migrations/Script-0001.sql", ONE);
    project.file("etc/app.db", "");
    assert_snapshot!(project.run("upgrade --config etc/db.toml"), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:etc/app.db from etc/migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
    assert_snapshot!(project.run("upgrade --config nope.toml"), @"
    exit 2
    --- stderr
    error: the configuration file nope.toml cannot be read: No such file or directory (os error 2)
    ");
}

#[test]
fn a_relative_folder_and_file_given_as_options_start_here() {
    let project = Project::empty();
    project.file("dbmigrate.toml", CONFIG);
    project.file("sub/scripts/Script-0001.sql", ONE);
    project.file("sub/app.db", "");
    assert_snapshot!(project.run_in("sub", &["upgrade", "--dir", "scripts", "--url", "sqlite:app.db"]), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:app.db from scripts
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
}

#[test]
fn a_target_has_its_own_folder() {
    let project = Project::empty();
    project.file("dbmigrate.toml", "[target.dev]\nurl = \"sqlite:app.db\"\ndir = \"own\"\n");
    project.file("own/Script-0001.sql", ONE);
    project.file("app.db", "");
    assert_snapshot!(project.run("upgrade"), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:app.db from own
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
}

#[test]
fn variables_are_expanded() {
    let project = Project::scripts(&[ONE]).env("NAME", "app");
    project.file("dbmigrate.toml", "[target.dev]\nurl = \"sqlite:${NAME}.db\"\n");
    assert_snapshot!(meant(&project, ""), @r#"
    database="sqlite:app.db" dir=migrations
    error: there is no database file [dir]/app.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    "#);
    project.file("dbmigrate.toml", "[target.dev]\nurl = \"sqlite:${NO_SUCH_NAME}.db\"\n");
    assert_snapshot!(project.run("status"), @r#"
    exit 2
    --- stderr
    error: target "dev": the environment variable NO_SUCH_NAME is not set, or empty
    "#);
}

#[test]
fn an_unset_variable_matters_only_to_the_target_that_is_used() {
    let project = Project::scripts(&[ONE]);
    project.file("dbmigrate.toml", "[target.dev]\nurl = \"sqlite:${NO_SUCH_NAME}.db\"\n");
    assert_snapshot!(project.run("status --url sqlite:other.db"), @"
    exit 1
    --- stderr
    error: there is no database file [dir]/other.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    ");
}

#[test]
fn a_command_without_a_database_needs_no_target() {
    let targets = "[target.dev]\nurl = \"sqlite:dev.db\"\n[target.test]\nurl = \"sqlite:${NO_SUCH_NAME}.db\"\n";
    for arguments in ["check", "check --target test", "new third", "new --target test fourth"] {
        let project = Project::scripts(&[ONE]);
        project.file("dbmigrate.toml", targets);
        let shown = project.run(arguments);
        assert!(shown.starts_with("exit 0"), "{arguments}: {shown}");
    }
}

#[test]
fn mistakes_in_the_configuration_are_named_with_their_line() {
    let project = Project::scripts(&[ONE]);
    let all = [
        ("unknown key", "directory = \"x\"\n"),
        ("unknown key of a target", "[target.dev]\nurl = \"sqlite:app.db\"\nprotect = true\n"),
        ("unknown table", "[targets.dev]\nurl = \"sqlite:app.db\"\n"),
        ("no URL", "[target.dev]\ndevelopment = true\n"),
        ("no duration", "[target.dev]\nurl = \"sqlite:app.db\"\nlock_timeout = \"soon\"\n"),
        ("a number for a duration", "[target.dev]\nurl = \"sqlite:app.db\"\nlock_timeout = 10\n"),
        ("no quotes", "[target.dev]\nurl = sqlite:app.db\n"),
        ("empty URL", "[target.dev]\nurl = \"\"\n"),
        ("no such default", "default_target = \"prod\"\n[target.dev]\nurl = \"sqlite:app.db\"\n"),
    ];
    let shown = all.map(|(mistake, text)| {
        project.file("dbmigrate.toml", text);
        format!("{mistake}: {}", project.run("status"))
    });
    assert_snapshot!(shown.join("\n"), @r#"
    unknown key: exit 2
    --- stderr
    error: dbmigrate.toml:1: unknown field `directory`, expected one of `dir`, `objects`, `default_target`, `drift`, `journal`, `verify`, `variables`, `target`, `fleet`, `worker`

    unknown key of a target: exit 2
    --- stderr
    error: dbmigrate.toml:3: unknown field `protect`, expected one of `url`, `dir`, `objects`, `development`, `protected`, `lock_timeout`, `statement_timeout`, `wait`, `charset`, `collation`, `drift`, `templates`, `journal`, `variables`

    unknown table: exit 2
    --- stderr
    error: dbmigrate.toml:1: unknown field `targets`, expected one of `dir`, `objects`, `default_target`, `drift`, `journal`, `verify`, `variables`, `target`, `fleet`, `worker`

    no URL: exit 2
    --- stderr
    error: dbmigrate.toml:1: missing field `url`

    no duration: exit 2
    --- stderr
    error: dbmigrate.toml:3: (...) is not a duration: write it like 30s, 5m or 1h

    a number for a duration: exit 1
    --- stderr
    error: there is no database file [dir]/app.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path

    no quotes: exit 2
    --- stderr
    error: dbmigrate.toml:2: string values must be quoted, expected literal string

    empty URL: exit 2
    --- stderr
    error: target "dev": the database URL has no scheme
     = help: write sqlite:path/to/file.db, postgres://user:password@host:port/database, mysql://..., sqlserver://... or Server=host,1433;Database=name;User Id=user;Password=password

    no such default: exit 2
    --- stderr
    error: default_target "prod" is not one of the configuration's targets: dev
    "#);
}

#[test]
fn several_targets_need_a_name() {
    let project = Project::scripts(&[ONE]);
    let targets = "[target.dev]\nurl = \"sqlite:dev.db\"\n[target.test]\nurl = \"sqlite:test.db\"\n";
    project.file("dbmigrate.toml", targets);
    assert_snapshot!(project.run("status"), @"
    exit 2
    --- stderr
    error: the configuration has several targets: choose one with --target or default_target (dev, test)
    ");
    assert_snapshot!(project.run("status --target prod"), @r#"
    exit 2
    --- stderr
    error: dbmigrate.toml has no target "prod": it has dev, test
    "#);
    assert_snapshot!(meant(&project, "--target test"), @r#"
    database="sqlite:test.db" dir=migrations
    error: there is no database file [dir]/test.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    "#);
    project.file("dbmigrate.toml", format!("default_target = \"test\"\n{targets}"));
    assert_snapshot!(meant(&project, ""), @r#"
    database="sqlite:test.db" dir=migrations
    error: there is no database file [dir]/test.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    "#);
}

#[test]
fn a_target_without_a_configuration_is_named() {
    assert_snapshot!(Project::scripts(&[ONE]).run("status --target dev"), @r#"
    exit 2
    --- stderr
    error: there is no dbmigrate.toml in this folder or above it, so there is no target "dev"
    "#);
}

#[test]
fn the_journal_has_the_configured_name() {
    let project = Project::scripts(&[ONE]);
    let config = "[journal]\ntable = \"my journal\"\nstore_text = false\n[target.dev]\nurl = \"sqlite:app.db\"\n";
    project.file("dbmigrate.toml", config);
    project.file("app.db", "");
    assert_snapshot!(project.run("upgrade"), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
    assert_eq!(project.sqlite3("SELECT number, body IS NULL FROM \"my journal\""), "1|1\n");
}
