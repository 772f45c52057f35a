//! A password is never written anywhere.

use insta::assert_snapshot;

use crate::engine::mysql::MYSQL;
use crate::engine::{Server, Stage, on_servers};
use crate::project::{ONE, Project};
use crate::support::{self, Database, encoded};

on_servers! {
    an_awkward_password_works_encoded_in_the_url,
    an_awkward_password_works_as_it_is_in_a_variable_of_the_configuration,
    a_wrong_password_is_not_shown,
    the_password_for_a_missing_database_is_not_shown,
}

const PASSWORD: &str = "p@ss:w/rd?#%é ü";

/// Runs the program with every kind of output. None contains the password, and all end with the same status. Returns the
/// first.
#[must_use]
fn tight(project: &Project, arguments: &[&str], password: &str) -> String {
    let ways: [&[&str]; 5] = [&[], &["-vv"], &["--log-format", "json", "-vv"], &["--format", "json"], &["-q"]];
    let all = ways.map(|way| project.run_with(&[arguments, way].concat()));
    for shown in &all {
        for text in [password, &encoded(password)] {
            let letters = text.chars().collect::<Vec<_>>();
            for part in letters.windows(5).map(|part| part.iter().collect::<String>()) {
                assert!(!shown.contains(&part), "{part} in: {shown}");
            }
        }
        assert_eq!(shown.lines().next(), all[0].lines().next(), "another status: {shown}");
    }
    all[0].clone()
}

/// The same, when the first output contains this.
fn tight_saying(said: &str, project: &Project, arguments: &[&str], password: &str) {
    let shown = tight(project, arguments, password);
    assert!(shown.contains(said), "{said} is not in: {shown}");
}

/// A database, and the name of a user with an awkward password who may do everything in it.
fn stage(server: &'static Server) -> (Stage, String) {
    let one = server.promised("Script-0001 (CREATE TABLE customers) commits statement by statement");
    let stage = server.stage(&[]).hide(&one, "[guarantee]");
    let user = stage.database().user(PASSWORD, server.all_rights);
    stage.project.script(1, ONE);
    (stage, user)
}

fn an_awkward_password_works_encoded_in_the_url(server: &'static Server) {
    let (stage, user) = stage(server);
    let (project, url) = (&stage.project, stage.database().url_of(&user, PASSWORD));
    assert_snapshot!(project.run_with(&["upgrade", "--url", &url]), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade [scheme]://shop_user:***@127.0.0.1:[port]/shop from migrations
    1 pending: [guarantee]
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
    tight_saying("1 applied, at 0001; nothing pending", project, &["status", "--url", &url], PASSWORD);
    tight_saying("rebuilt with 1 script", project, &["rebuild", "--yes", "--url", &url], PASSWORD);
    tight_saying("-- nothing to do", project, &["upgrade", "--dry-run", "--url", &url], PASSWORD);
}

fn an_awkward_password_works_as_it_is_in_a_variable_of_the_configuration(server: &'static Server) {
    let (stage, user) = stage(server);
    let database = stage.database();
    let url = format!("{}://{user}:${{PASSWORD}}@{}/{}", server.scheme, database.host(), database.name);
    stage.project.file("dbmigrate.toml", format!("[target.dev]\nurl = \"{url}\"\n"));
    let Stage { project, database: _database } = stage;
    let project = project.env("PASSWORD", PASSWORD);
    assert_snapshot!(tight(&project, &["upgrade"], PASSWORD), @r#"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    warning: DBMIGRATE_URL is set, but the configuration's target "dev" is used; choose with --url or --target
    upgrade [scheme]://shop_user:***@127.0.0.1:[port]/shop from migrations
    1 pending: [guarantee]
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    "#);
}

fn a_wrong_password_is_not_shown(server: &'static Server) {
    let (stage, user) = stage(server);
    let url = stage.database().url_of(&user, "s3cret-w0rd");
    assert_snapshot!(tight(&stage.project, &["upgrade", "--url", &url], "s3cret-w0rd"), @"
    exit 1
    --- stderr
    upgrade [scheme]://shop_user:***@127.0.0.1:[port]/shop from migrations
    error: cannot connect to [scheme]://shop_user:***@127.0.0.1:[port]/shop: [wrong password]
     = [product] [code of a wrong password]
     = help: check the user and password in the URL
    ");
    assert_snapshot!(stage.project.run_with(&["upgrade", "--format", "json", "--url", &url]), @r#"
    exit 1
    --- stdout
    {
      "command": "upgrade",
      "database": "shop",
      "dir": "migrations",
      "error": {
        "code": "connect",
        "hint": "check the user and password in the URL",
        "location": null,
        "message": "cannot connect to [scheme]://shop_user:***@127.0.0.1:[port]/shop: [wrong password]",
        "notes": [
          "[product] [code of a wrong password]"
        ],
        "problems": [],
        "server": {
          "also": [],
          "code": "[code of a wrong password]",
          "constraint": null,
          "context": null,
          "detail": null,
          "hint": null,
          "message": "[wrong password]",
          "product": "[product]"
        },
        "state": null
      },
      "target": "[scheme]://shop_user:***@127.0.0.1:[port]/shop",
      "version": "[version]"
    }
    --- stderr
    upgrade [scheme]://shop_user:***@127.0.0.1:[port]/shop from migrations
    error: cannot connect to [scheme]://shop_user:***@127.0.0.1:[port]/shop: [wrong password]
     = [product] [code of a wrong password]
     = help: check the user and password in the URL
    "#);
}

fn the_password_for_a_missing_database_is_not_shown(server: &'static Server) {
    let (stage, user) = stage(server);
    let database = stage.database();
    database.admin(&format!("DROP DATABASE {}", database.name));
    let url = database.url_of(&user, PASSWORD);
    assert_snapshot!(tight(&stage.project, &["upgrade", "--url", &url], PASSWORD), @"
    exit 1
    --- stderr
    upgrade [scheme]://shop_user:***@127.0.0.1:[port]/shop from migrations
    error: cannot connect to [scheme]://shop_user:***@127.0.0.1:[port]/shop: [unknown database]
     = [code of an unknown database]
     = help: check the name; upgrade --create-database creates it
    ");
}

#[test]
fn a_script_that_fails_on_mysql_shows_no_password() {
    let database = Database::new(&support::mysql::PRODUCT);
    let user = database.user(PASSWORD, "ALL");
    let project = MYSQL.engine.shown(&database, Project::scripts(&["SELCT 1;\n"])).env("PASSWORD", PASSWORD);
    let url = format!("mariadb://{user}:${{PASSWORD}}@{}/{}", database.host(), database.name);
    project.file("dbmigrate.toml", format!("[target.dev]\nurl = \"{url}\"\n"));
    assert_snapshot!(tight(&project, &["upgrade"], PASSWORD), @"
    exit 1
    --- stderr
    upgrade mysql://shop_user:***@127.0.0.1:[port]/shop from migrations
    1 pending: resumable, not atomic: Script-0001 (SELCT 1) commits statement by statement
    error: Script-0001.sql failed: You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'SELCT 1' at line 1
     --> migrations/Script-0001.sql:1:1
      |
    1 | SELCT 1;
      | ^^^^^
      = MySQL 1064 (42000)
      = Script-0001.sql runs outside a transaction: 0 of its 1 statements ran and stay; nothing else is applied
      = help: fix it from statement 1 on and run upgrade again: it resumes there
    ");
}

#[test]
fn an_error_of_a_silent_host_shows_no_password() {
    let project = Project::scripts(&[ONE]);
    let hosts = ["127.0.0.1:1", "db.invalid"];
    let urls = ["postgres", "mysql"].map(|scheme| hosts.map(|host| format!("{scheme}://shop:s3cret-w0rd@{host}/shop")));
    for url in urls.as_flattened() {
        tight_saying("cannot connect to", &project, &["upgrade", "--url", url], "s3cret-w0rd");
        tight_saying("error: rebuild drops the database", &project, &["rebuild", "--url", url], "s3cret-w0rd");
        tight_saying("cannot connect to", &project, &["rebuild", "--allow-drop", "shop", "--url", url], "s3cret-w0rd");
    }
}

#[test]
fn urls_that_do_not_parse_show_no_password() {
    let project = Project::scripts(&[ONE]);
    for url in [
        "postgres://shop:s3cret#w0rd@localhost/shop",
        "postgres://shop:s3cret/w0rd@localhost/shop",
        "postgres://shop:s3cret?w0rd@localhost/shop",
        "postgres://shop:12#s3cret@localhost/shop",
        "postgres://shop:s3cret@localhost:port/shop",
        "postgres://shop:s3cret@localhost",
        "postgres:shop:s3cret@localhost/shop",
        "postgres//shop:s3cret@localhost/shop",
        "postgre://shop:s3cret@localhost/shop",
        "shop:s3cret@localhost/shop",
        "postgres://shop:s3cret@localhost/shop?pasword=s3cret",
        "postgres://shop:s3cret@localhost/shop?sslmode=s3cret",
        "postgres://shop:s3cret@local host/shop",
        "mysql://shop:s3cret#w0rd@localhost/shop",
        "mysql://shop:12/s3cret@localhost/shop",
        "mysql://shop:12?s3cret@localhost/shop",
        "mysql://shop:s3cret@localhost:port/shop",
        "mysql://shop:s3cret@localhost",
        "mysql:shop:s3cret@localhost/shop",
        "mysqlx://shop:s3cret@localhost/shop",
        "mysql+pymysql://shop:s3cret@localhost/shop",
        "mariadb://shop:s3cret@localhost/shop?password=s3cret",
        "mariadb://shop:s3cret@localhost/shop?ssl-mode=s3cret",
        "mariadb://shop:s3cret@local host/shop",
        "jdbc:mysql://localhost/shop?user=shop&password=s3cret",
        "host=localhost password=s3cret",
        "Server=localhost;Password=s3cret",
    ] {
        for command in ["status", "check", "upgrade", "rebuild", "init"] {
            tight_saying("error: --url: ", &project, &[command, "--url", url], "s3cret");
            let project = Project::scripts(&[ONE]).env("DBMIGRATE_URL", url);
            tight_saying("error: DBMIGRATE_URL: ", &project, &[command], "s3cret");
            project.file("dbmigrate.toml", format!("[target.dev]\nurl = '{url}'\n"));
            let said = if command == "init" { "dbmigrate.toml already exists" } else { "error: target \"dev\": " };
            tight_saying(said, &project, &[command], "s3cret");
        }
    }
}

#[test]
fn a_password_with_a_percent_sign_is_not_shown() {
    let project = Project::scripts(&[ONE]);
    let url = "postgres://shop:s3cret%zz@127.0.0.1:1/shop";
    for command in ["status", "upgrade"] {
        tight_saying("cannot connect to postgres://shop:***@", &project, &[command, "--url", url], "s3cret");
    }
}

#[test]
fn a_password_with_an_ampersand_is_not_shown() {
    let project = Project::scripts(&[ONE]);
    // the password is half&s3cret, and its & should have been written %26
    for url in ["postgres://shop@localhost/shop?password=half&s3cret", "mysql://shop@localhost/shop?socket=half&s3cret"]
    {
        tight_saying("has an unknown parameter: number 2 after the ?", &project, &["status", "--url", url], "s3cret");
    }
}

#[test]
fn a_configuration_that_does_not_parse_shows_no_password() {
    let project = Project::scripts(&[ONE]);
    let url = "postgres://shop:s3cret@localhost/shop";
    for text in [
        format!("[target.dev]\nurl = \"{url}\" oops\n"),
        format!("[target.dev]\nurl = \"{url}\n"),
        format!("[target.dev]\nurl = {url}\n"),
        format!("[target.dev]\nurl = '{url}'\nurl = '{url}'\n"),
        format!("[target]\ndev = \"{url}\"\n"),
        format!("target = \"{url}\"\n"),
        format!("[target.dev]\nurl = '{url}'\nlock_timeout = \"{url}\"\n"),
        format!("[target.dev]\nurl = '{url}'\nlock_timeout = \"s3cret\"\n"),
        format!("[target.dev]\nurl = ['{url}']\n"),
        format!("[target.dev]\nurl = '{url}'\n\"{url}\" = 1\n"),
        "[target.dev]\nurl = 'x'\npassword = 's3cret'\n".to_owned(),
        "[target.dev]\nurl = 'x'\ns3cret\n".to_owned(),
        "[target.dev]\nurl = 'x'\nprotected = s3cret\n".to_owned(),
    ] {
        project.file("dbmigrate.toml", &text);
        let shown = project.run("status");
        assert!(!shown.contains("s3cret"), "{text}\n{shown}");
    }
    project.file("dbmigrate.toml", format!("[target.dev]\nurl = \"{url}\n"));
    assert_snapshot!(project.run("status"), @r#"
    exit 2
    --- stderr
    error: dbmigrate.toml:2: invalid basic string, expected `"`
    "#);
    project.file("dbmigrate.toml", format!("[target.dev]\nurl = ['{url}']\n"));
    assert_snapshot!(project.run("status"), @"
    exit 2
    --- stderr
    error: dbmigrate.toml:2: invalid type: sequence, expected a string
    ");
}

#[test]
fn init_keeps_a_password_out_of_the_file() {
    let project = Project::empty();
    project.run("init --url mysql://shop:s3cret@localhost/shop");
    assert!(!project.read("dbmigrate.toml").contains("s3cret"));
    let project = Project::empty();
    assert_snapshot!(project.run("init --url postgres://shop:s3cret@localhost/shop"), @"
    exit 0
    --- stdout
    wrote dbmigrate.toml
    wrote migrations/Baseline.sql
    --- stderr
    note: the URL has a password: set DBMIGRATE_URL to the URL before the next command; dbmigrate.toml takes it from there
    next: the database does not answer: if it has tables, write its schema into migrations/Baseline.sql and record it with dbmigrate baseline; dbmigrate new writes the first script
    ");
    let written = project.read("dbmigrate.toml");
    assert!(written.contains("url = \"${DBMIGRATE_URL}\"") && !written.contains("s3cret"), "{written}");
    for url in ["postgres:///shop?host=/tmp&user=shop&password=s3cret", "postgres://localhost/shop?password=s3cret"] {
        let project = Project::empty();
        project.run_with(&["init", "--url", url]);
        assert!(!project.read("dbmigrate.toml").contains("s3cret"), "{url}");
    }
}

#[test]
fn a_password_in_the_parameters_is_not_shown() {
    let database = Database::new(&support::postgres::PRODUCT);
    let url = database.url_of(&database.user(PASSWORD, "SUPERUSER"), "x").replace(":x@", "@");
    let url = format!("{url}?password={}", encoded(PASSWORD));
    let project = Project::scripts(&[ONE]).hide(&database.name, "shop");
    assert_snapshot!(tight(&project, &["upgrade", "--url", &url], PASSWORD), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade postgres://shop_user:***@127.0.0.1:[port]/shop from migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
}
