//! URLs and checks.

use insta::assert_snapshot;

use crate::project::{ONE, Project};

#[test]
fn a_url_that_cannot_be_used_says_why() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("status --url mariadb://u@localhost:port/shop"), @"
    exit 2
    --- stderr
    error: --url: the mysql URL cannot be parsed: invalid port number
     = help: in a user name or a password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25
    ");
    assert_snapshot!(project.run("status --url mysql://u@localhost/shop?charset=latin1"), @"
    exit 1
    --- stderr
    warning: ignored in the URL, because dbmigrate has no such setting: charset
    error: cannot connect to mysql://u@localhost/shop: Connection refused (os error 111)
     = help: check the host and port; --wait 30s waits for a server that is starting
    ");
    assert_snapshot!(project.run("status --url mysql://u@localhost/shop?ssl-mode=always"), @"
    exit 2
    --- stderr
    error: --url: the URL's parameter ssl-mode has an invalid value
     = help: it is disabled, preferred, required, verify_ca or verify_identity
    ");
    assert_snapshot!(project.run("status --url mysql://u@localhost/shop?sslmode=required&ssl-mode=required"), @"
    exit 2
    --- stderr
    error: --url: the mysql URL gives ssl-mode twice
     = help: leave one of them out
    ");
}

#[test]
fn a_check_needs_no_server() {
    let project = Project::scripts(&[
        ONE,
        "-- Guard\nDELIMITER //\nCREATE TRIGGER t BEFORE INSERT ON customers\nFOR EACH ROW BEGIN\n  SET NEW.name = 'x';\nEND//\n",
    ]);
    let project = project.env("DBMIGRATE_URL", "mysql://nobody@127.0.0.1:1/shop");
    assert_snapshot!(project.run("check"), @"
    exit 0
    --- stdout
    no baseline and 2 scripts: no problems
    ");
    project.script(3, "USE shop;\nUSE other;\nsource more.sql\n");
    assert_snapshot!(project.run("check"), @"
    exit 4
    --- stderr
    error: USE other would take the run out of its database
     --> migrations/Script-0003.sql:2:1
      |
    2 | USE other;
      | ^^^^^^^^^
      = help: remove the statement: a script stays in the database that the URL names; the tables of another database can be named in full (database.table)
    error: source is a command of the database's shell, not SQL
     --> migrations/Script-0003.sql:3:1
      |
    3 | source more.sql
      | ^^^^^^
      = help: only SQL is sent to the database: write SQL instead, or remove the line
    2 problems
    ");
}
