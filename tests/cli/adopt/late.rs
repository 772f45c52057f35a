//! What happens after an adoption, and to folders in unusual places.

use insta::assert_snapshot;

use super::{DBMATE, OF_DBMATE, commit, project, without_git};

#[test]
fn what_comes_late_is_refused_and_adopted() {
    let project = project(&DBMATE, OF_DBMATE);
    project.run("adopt db/migrations");
    commit(&project);
    project.file("db/migrations/20231231000000_late.sql", "-- migrate:up\nCREATE TABLE late (id integer);\n");
    project.file("migrations/20240105000000_misplaced.sql", "-- migrate:up\nCREATE TABLE misplaced (id integer);\n");
    assert_snapshot!(project.runs(&["check", "upgrade", "adopt"]), @"
    $ dbmigrate check
    exit 4
    --- stderr
    error: migrations/20240105000000_misplaced.sql is a migration of dbmate, which migrations/adopted.toml replaces
     = help: dbmigrate adopt takes it over, with the next number, or says why not
    error: db/migrations/20231231000000_late.sql is a migration of dbmate, which migrations/adopted.toml replaces
     = help: dbmigrate adopt takes it over, with the next number, or says why not
    2 problems

    $ dbmigrate upgrade
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: migrations/20240105000000_misplaced.sql is a migration of dbmate, which migrations/adopted.toml replaces
     = help: dbmigrate adopt takes it over, with the next number, or says why not
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import auto if another tool applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL
    2 problems: nothing was applied

    $ dbmigrate adopt
    exit 4
    --- stderr
    error: there are uncommitted changes in db/migrations/20231231000000_late.sql, migrations/20240105000000_misplaced.sql
     = help: commit them first; git reset --hard takes back an adoption that is only staged
    ");
    commit(&project);
    assert_snapshot!(project.runs(&["adopt", "adopt", "check"]), @"
    $ dbmigrate adopt
    exit 0
    --- stdout
    adopted 2 scripts of dbmate: migrations/Script-0004.sql to migrations/Script-0005.sql; the changes are staged

    $ dbmigrate adopt
    exit 4
    --- stderr
    error: there are uncommitted changes in db/migrations/20231231000000_late.sql, migrations/20240105000000_misplaced.sql, migrations/Script-0004.sql and 2 more files
     = help: commit them first; git reset --hard takes back an adoption that is only staged

    $ dbmigrate check
    exit 0
    --- stdout
    no baseline and 5 scripts: no problems
    ");
    assert_snapshot!(project.git("status --short"), @"
    R  db/migrations/20231231000000_late.sql -> migrations/Script-0004.sql
    R  migrations/20240105000000_misplaced.sql -> migrations/Script-0005.sql
    M  migrations/adopted.toml
    ");
}

#[test]
fn scripts_that_were_written_since_keep_their_numbers() {
    let project = project(&DBMATE, OF_DBMATE);
    project.run("adopt db/migrations");
    project.script(4, "CREATE TABLE mine (id integer);\n");
    project.file("db/migrations/20240301000000_late.sql", "-- migrate:up\nCREATE TABLE late (id integer);\n");
    commit(&project);
    let adopted = project.run("adopt");
    assert!(adopted.contains("adopted 1 script of dbmate: migrations/Script-0005.sql"), "{adopted}");
    assert_eq!(project.read("migrations/Script-0004.sql"), "CREATE TABLE mine (id integer);\n");
}

#[test]
fn rails_keeps_its_dump_and_its_migrations() {
    let structure = "CREATE TABLE users (id integer PRIMARY KEY);
        CREATE TABLE \"schema_migrations\" (\"version\" varchar NOT NULL PRIMARY KEY);
        INSERT INTO \"schema_migrations\" (version) VALUES\n('20240102000000'),\n('20240101000000');\n";
    let files = [
        ("db/structure.sql", structure),
        ("db/migrate/20240101000000_create_users.rb", ""),
        ("db/migrate/20240102000000_nothing.rb", ""),
    ];
    let project = project(&files, structure);
    assert_snapshot!(project.runs(&["adopt db", "baseline --import auto --verify", "status"]), @"
    $ dbmigrate adopt db
    exit 0
    --- stdout
    adopted 1 script of Rails: migrations/Baseline.sql; the changes are staged
    --- stderr
    left to do: on each existing database: dbmigrate baseline --import rails --url URL
    left to do: take bin/rails db:migrate and db:prepare out of the deployment

    $ dbmigrate baseline --import auto --verify
    exit 0
    --- stdout
    recorded 1 script as applied without running anything: the database is at 0000
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 1 table: users
    dbmate has its journal in schema_migrations, with 2 migrations; from here on, keep dbmate away from this database
    baseline will record as applied, if the schema is what they build: Baseline.sql
    recorded Baseline.sql as applied, without running it
    committed Baseline.sql
    warning: the imported scripts are taken as they are here: the other tool keeps no text or checksum of what it ran

    $ dbmigrate status
    exit 0
    --- stdout
     number         state     applied at (UTC)     duration  commit            title
     0000 baseline  imported  [time] [n] ms  060f0177ab-dirty  the structure of Rails at 20240102000000
    1 applied, at 0000; nothing pending
    ");
    project.file("db/structure.sql", structure);
    commit(&project);
    assert!(project.run("check").starts_with("exit 0"), "a dump that is written again is no migration");
    project.file("db/migrate/20240103000000_more.rb", "");
    commit(&project);
    assert_snapshot!(project.runs(&["check", "adopt"]), @"
    $ dbmigrate check
    exit 4
    --- stderr
    error: db/migrate/20240103000000_more.rb is a migration of Rails, which migrations/adopted.toml replaces
     = help: dbmigrate adopt takes it over, with the next number, or says why not

    $ dbmigrate adopt
    exit 0
    --- stdout
    nothing was adopted
    --- stderr
    left to do: db/migrate/20240103000000_more.rb: write what it does as SQL in a new script (dbmigrate new), and delete it
    ");
}

#[test]
fn a_commit_may_have_late_migrations_too() {
    let project = project(&DBMATE, OF_DBMATE);
    project.run("adopt db/migrations");
    project.file("migrations/20240301000000_late.sql", "-- migrate:up\nCREATE TABLE late (id integer);\n");
    commit(&project);
    assert_snapshot!(project.run("upgrade --at HEAD --create-database"), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations at HEAD
    error: HEAD:migrations/20240301000000_late.sql is a migration of dbmate, which HEAD:migrations/adopted.toml replaces
     = help: dbmigrate adopt takes it over, with the next number, or says why not
    error: the database is not empty and has no journal
     = help: if it matches the baseline, record that with dbmigrate baseline (--to N if scripts are applied as well; --import auto if another tool applied them; --to 0 to apply all scripts to it as it is); otherwise check the URL
    2 problems: nothing was applied
    ");
}

#[test]
fn a_folder_may_be_written_in_any_way() {
    let project = project(&[("1_a.sql", "-- migrate:up\nCREATE TABLE a (id integer);\n")], "SELECT 1;");
    let adopted = project.run("adopt .");
    assert!(adopted.contains("adopted 1 script of dbmate: migrations/Script-0001.sql"), "{adopted}");
    commit(&project);
    for folder in [".", "./migrations", "migrations/../"] {
        let again = project.run(&format!("adopt {folder}"));
        assert!(again.contains("nothing to adopt"), "{folder}: {again}");
    }
    project.file("2_b.sql", "-- migrate:up\nCREATE TABLE b (id integer);\n");
    commit(&project);
    let late = project.run("check");
    assert!(late.contains("2_b.sql is a migration of dbmate"), "{late}");
    let again = project.run("adopt");
    assert!(again.contains("adopted 1 script of dbmate: migrations/Script-0002.sql"), "{again}");
}

#[test]
fn what_git_does_not_have_is_not_removed() {
    let files = [("old/1_a.up.sql", "SELECT 1;\n"), ("old/1_a.down.sql", "SELECT 2;\n")];
    let project = project(&files, "SELECT 1;");
    project.git("rm --cached --quiet old/1_a.down.sql");
    project.file(".gitignore", "*.db\n*.down.sql\n");
    commit(&project);
    let ignored = project.run("adopt old --from sqlx");
    assert!(ignored.contains("error: Git does not track old/1_a.down.sql"), "{ignored}");
    project.remove("old/1_a.down.sql");
    project.file(".gitignore", "*.db\n/migrations/\n");
    commit(&project);
    let ignored = project.run("adopt old --from sqlx");
    assert!(ignored.contains("error: Git ignores migrations"), "{ignored}");
    assert_eq!(project.read("old/1_a.up.sql"), "SELECT 1;\n");
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::write(outside.path().join("1_a.up.sql"), "SELECT 1;\n").expect("written");
    project.file(".gitignore", "*.db\n");
    commit(&project);
    let other = project.run(&format!("adopt {} --from sqlx", outside.path().display()));
    assert!(other.contains("is not in the repository of migrations"), "{other}");
}

#[test]
fn without_git_nothing_is_lost() {
    let goose = "-- +goose Up\nCREATE TABLE a (id integer);\n-- +goose Down\nDROP TABLE a;\n";
    let project = without_git(&[("old/1_a.sql", goose), ("old/2_b.sql", "-- +goose Up\nSELECT 1;\n")], "SELECT 1;");
    project.run("adopt old");
    assert_eq!(project.read("old/1_a.sql"), goose, "its old text is nowhere else");
    assert!(project.run("check").starts_with("exit 0"));
    assert!(project.run("adopt").contains("nothing to adopt"));
}

#[test]
fn a_changelog_that_stays_may_get_further_change_sets() {
    let xml = "<databaseChangeLog><changeSet id=\"1\" author=\"ann\"/></databaseChangeLog>";
    let project = project(
        &[("db/c.xml", xml), ("db/s.sql", "--liquibase formatted sql\n--changeset ann:1\nSELECT 1;\n")],
        "SELECT 1;",
    );
    project.file("db/package.json", "{}");
    project.file("db/m.yaml", "databaseChangeLog:\n- include:\n    file: c.xml\n- include:\n    file: s.sql\n");
    commit(&project);
    let adopted = project.run("adopt db");
    assert!(adopted.contains("adopted 2 scripts of Liquibase"), "{adopted}");
    project.file("migrations/Script-0001.sql", "-- c 1\nSELECT 2;\n");
    commit(&project);
    assert!(project.run("check").starts_with("exit 0"), "{}", project.run("check"));
    project.file("db/c.xml", xml.replace("</database", "<changeSet id=\"2\" author=\"ann\"/></database"));
    commit(&project);
    let late = project.run("check");
    assert!(late.contains("db/c.xml is a migration of Liquibase"), "{late}");
    let again = project.run("adopt");
    assert!(again.contains("adopted 1 script of Liquibase: migrations/Script-0003.sql"), "{again}");
}

#[test]
fn a_change_to_what_was_adopted_is_not_lost() {
    let text = "--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE a (id integer);\n";
    let project = project(&[("db/c.sql", text)], "SELECT 1;");
    project.run("adopt db --url sqlite:app.db");
    commit(&project);
    let changed = format!("{}--changeset ann:2\nCREATE TABLE b (id integer);\n", text.replace("integer", "bigint"));
    project.file("db/c.sql", &changed);
    assert!(
        project.run("adopt --dry-run").contains("migrations/Script-0002.sql"),
        "a dry run may see what is not committed"
    );
    commit(&project);
    let adopted = project.run("adopt");
    let expected = "left to do: db/c.sql: it has changed since it was adopted as Script-0001.sql: take the change over, and delete it";
    assert!(adopted.contains(expected), "{adopted}");
    assert_eq!(project.read("db/c.sql"), changed, "it stays");
    assert!(project.run("check").starts_with("exit 0"));
}

#[test]
fn a_database_need_not_be_there_if_the_files_are_enough() {
    let project = project(&DBMATE, "SELECT 1;");
    let adopted = project.run("adopt db/migrations --dry-run --url sqlite:nowhere/app.db");
    assert!(adopted.starts_with("exit 0"), "{adopted}");
    project.file("old/1_a.up.sql", "SELECT 1;\n");
    commit(&project);
    let refused = project.run("adopt old --url sqlite:nowhere/app.db");
    assert!(refused.contains("there is no database file"), "{refused}");
}
