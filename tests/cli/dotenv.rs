//! `.env`, which other tools also read.

use insta::assert_snapshot;

use crate::project::{ONE, Project};

/// A project with several databases, one of which `.env` can name, and the folder `deep/er`.
fn project(env: &str) -> Project {
    let project = Project::scripts(&[ONE]);
    for name in ["a.db", "b.db", "deep/er/c.db"] {
        project.file(name, "");
    }
    project.file(".env", env);
    project
}

/// Returns the database that dbmigrate takes.
fn meant(project: &Project, arguments: &str) -> String {
    let shown = project.run(&format!("upgrade --dry-run -v {arguments}"));
    let database = shown.lines().find_map(|line| Some(line.split_once("database=\"")?.1.split('"').next()?.to_owned()));
    database.unwrap_or(shown)
}

#[test]
fn its_url_names_the_database_and_the_output_says_so() {
    let project = project("# ours\nexport DATABASE_URL=\"sqlite:a.db\"\n");
    assert_snapshot!(project.run("upgrade"), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    note: using DATABASE_URL from .env
    upgrade sqlite:a.db from migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
    assert_snapshot!(project.run("status --no-dotenv"), @"
    exit 2
    --- stderr
    error: no database given: pass --url URL, add [target.NAME] to dbmigrate.toml, or set DBMIGRATE_URL or DATABASE_URL (.env is read, too)
    ");
}

#[test]
fn the_environment_overrides_it() {
    let one = "DATABASE_URL=sqlite:a.db\n";
    let both = "DATABASE_URL=sqlite:b.db\nDBMIGRATE_URL=sqlite:a.db\n";
    assert_eq!(meant(&project(one), ""), "sqlite:a.db");
    assert_eq!(meant(&project(both), ""), "sqlite:a.db");
    assert_eq!(meant(&project(both), "--url sqlite:b.db"), "sqlite:b.db");
    for name in ["DATABASE_URL", "DBMIGRATE_URL"] {
        assert_eq!(meant(&project(both).env(name, "sqlite:b.db"), ""), "sqlite:b.db", "{name}");
        // an empty variable counts as not set
        assert_eq!(meant(&project(both).env(name, ""), ""), "sqlite:a.db", "{name}");
    }
    let configured = project(both);
    configured.file("dbmigrate.toml", "[target.dev]\nurl = \"sqlite:b.db\"\n");
    assert_eq!(meant(&configured, ""), "sqlite:b.db");
}

#[test]
fn it_fills_in_variables_of_the_configuration_and_of_other_lines() {
    let project = project("NAME=a\nFILE='${NAME}'\nWHOLE=\"${NAME}.db\"\nDOLLAR='a$b'\n");
    project.file("dbmigrate.toml", "[target.dev]\nurl = \"sqlite:${WHOLE}\"\n");
    assert_eq!(meant(&project, ""), "sqlite:a.db");
    project.file("dbmigrate.toml", "[target.dev]\nurl = \"sqlite:${FILE}\"\n");
    assert_eq!(meant(&project, ""), "sqlite:${NAME}");
    project.file("dbmigrate.toml", "[target.dev]\nurl = \"sqlite:${DOLLAR}\"\n");
    assert_eq!(meant(&project, ""), "sqlite:a$b");
}

#[test]
fn it_is_searched_for_up_to_the_top_of_the_project() {
    let project = project("DATABASE_URL=sqlite:c.db\n");
    project.file("deep/er/migrations/Script-0001.sql", ONE);
    let found =
        |project: &Project| project.run_in("deep/er", &["status"]).contains("using DATABASE_URL from ../../.env");
    assert!(!found(&project), "nothing says that the folder above is of this project");
    project.file("dbmigrate.toml", "dir = \"migrations\"\n");
    assert!(found(&project));
    project.file("deep/dbmigrate.toml", "dir = \"er/migrations\"\n");
    assert!(!found(&project), "the configuration's folder is the last one");
    project.remove("deep/dbmigrate.toml");
    project.remove("dbmigrate.toml");
    project.git("init -q");
    assert!(found(&project));
    project.file("deep/.env", "DATABASE_URL=sqlite:a.db\n");
    assert!(!found(&project), "the nearest one is read, and no other");
}

#[test]
fn it_is_found_beside_a_configuration_that_is_named() {
    let project = project("");
    project.remove(".env");
    project.file("deep/er/.env", "X=c\n");
    project.file("deep/er/dbmigrate.toml", "dir = \"../../migrations\"\n[target.dev]\nurl = \"sqlite:${X}.db\"\n");
    assert!(meant(&project, "--config deep/er/dbmigrate.toml").ends_with("deep/er/c.db"));
}

#[test]
fn a_line_that_cannot_be_read_is_named_without_its_text() {
    let project = project("A=1\nSECRET=two s3crets\nDATABASE_URL=sqlite:a.db\nno variable s3cret\n");
    assert_snapshot!(project.run("status"), @"
    exit 0
    --- stdout
     number  state    applied at (UTC)  duration  title
     0001    pending                              Customers
    0 applied; 1 pending: atomic (one transaction)
    --- stderr
    warning: .env: ignored lines 2, 4: not NAME=VALUE (put a value with spaces in quotes)
    note: using DATABASE_URL from .env
    ");
}

#[cfg(feature = "postgres")]
#[test]
fn it_may_set_the_variables_of_libpq() {
    let database = crate::engine::postgres::new_database();
    let url = database.url();
    let line = |name: &str, value: Option<&str>| format!("{name}={}\n", value.expect("it is there"));
    let port = url.port().unwrap_or(5432).to_string();
    let project = Project::scripts(&[ONE]);
    let lines = [
        line("PGHOST", url.host_str()),
        line("PGPORT", Some(&port)),
        line("PGUSER", Some(url.username())),
        line("PGPASSWORD", url.password()),
    ];
    project.file(".env", lines.concat());
    let shown = project.run(&format!("upgrade --url postgres:///{}", database.name));
    assert!(shown.contains("applied 1 script in"), "{shown}");
}
