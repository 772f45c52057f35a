//! SQLite files that are missing, read-only, locked or not a database.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};

use insta::assert_snapshot;

use crate::project::{ENDLESS, ONE, Project, TWO};

#[test]
fn a_missing_file_is_an_error() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.runs(&["status --url sqlite:nope.db", "upgrade --url sqlite:nope.db"]), @"
    $ dbmigrate status --url sqlite:nope.db
    exit 1
    --- stderr
    error: there is no database file [dir]/nope.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path

    $ dbmigrate upgrade --url sqlite:nope.db
    exit 1
    --- stderr
    upgrade sqlite:nope.db from migrations
    error: there is no database file [dir]/nope.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    ");
    assert!(!project.path("nope.db").exists());
    assert_snapshot!(project.run("upgrade --create-database --url sqlite:no/such/folder/app.db"), @"
    exit 1
    --- stderr
    upgrade sqlite:no/such/folder/app.db from migrations
    error: cannot connect to sqlite:no/such/folder/app.db: unable to open database file
     = SQLite SQLITE_CANTOPEN (14)
     = help: check the path: the folder must exist, and the path must name a file
    ");
}

#[test]
fn a_file_that_is_not_a_database_is_refused() {
    let project = Project::sqlite(&[ONE]);
    project.file("app.db", "This is a letter to my aunt, and no database at all.\n".repeat(20));
    assert_snapshot!(project.runs(&["status", "upgrade"]), @"
    $ dbmigrate status
    exit 1
    --- stderr
    error: cannot connect to sqlite:app.db: file is not a database
     = SQLite SQLITE_NOTADB (26)
     = help: check the path: the file is something else, or it is encrypted

    $ dbmigrate upgrade
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    error: cannot connect to sqlite:app.db: file is not a database
     = SQLite SQLITE_NOTADB (26)
     = help: check the path: the file is something else, or it is encrypted
    ");
    assert!(project.read("app.db").starts_with("This is a letter"));
}

#[test]
fn a_folder_in_place_of_a_file_is_an_error() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("upgrade --url sqlite:migrations"), @"
    exit 1
    --- stderr
    upgrade sqlite:migrations from migrations
    error: cannot connect to sqlite:migrations: unable to open database file
     = SQLite SQLITE_CANTOPEN (14)
     = help: check the path: the folder must exist, and the path must name a file
    ");
    assert_snapshot!(project.run("rebuild --url sqlite:migrations"), @"
    exit 1
    --- stderr
    rebuild sqlite:migrations from migrations
    error: preparing the new file beside the old one failed: unable to open database file
     = SQLite SQLITE_CANTOPEN (14)
     = nothing was applied
     = help: check the path: the folder must exist, and the path must name a file
    ");
    assert!(project.path("migrations/Script-0001.sql").exists());
}

#[test]
fn a_file_that_may_not_be_written_is_an_error() {
    let project = Project::sqlite(&[ONE]);
    assert_snapshot!(project.run("upgrade --url sqlite:app.db?mode=ro"), @"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: atomic (one transaction)
    error: creating the journal failed: attempt to write a readonly database
     = SQLite SQLITE_READONLY (8)
     = rolled back: 0001 was not applied, the database is unchanged, no script is applied
     = help: it is read-only here: check the permissions on a file and its folder, or connect to a server's primary
    ");
    assert_snapshot!(project.run("status --url sqlite:app.db?mode=ro"), @"
    exit 0
    --- stdout
     number  state    applied at (UTC)  duration  title
     0001    pending                              Customers
    0 applied; 1 pending: atomic (one transaction)
    ");
}

/// Starts a shell that holds a lock on the database until its input is closed.
fn locked(project: &Project) -> Child {
    let mut shell = Command::new("sqlite3");
    let shell = shell.arg(project.path("app.db")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut shell = shell.spawn().expect("sqlite3 runs");
    let input = shell.stdin.as_mut().expect("piped");
    input.write_all(b"BEGIN IMMEDIATE;\nSELECT 'locked';\n").expect("it reads");
    let mut line = [0; 7];
    shell.stdout.as_mut().expect("piped").read_exact(&mut line).expect("it answers");
    shell
}

#[test]
fn a_database_that_another_program_locks_is_an_error() {
    let project = Project::sqlite(&[ONE, TWO]);
    project.run("upgrade --to 1");
    let mut shell = locked(&project);
    let shown = project.run("upgrade --lock-timeout 50ms");
    let status = project.run("status");
    drop(shell.stdin.take());
    shell.wait().expect("it ends");
    assert_snapshot!(shown, @"
    exit 1
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: atomic (one transaction)
    error: beginning the transaction failed: database is locked
     = SQLite SQLITE_BUSY (5)
     = rolled back: 0002 was not applied, the database is unchanged at 0001
     = help: end the session that blocks, or wait longer with --lock-timeout
    ");
    assert_snapshot!(status, @"
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
     0002    pending                                 Orders
    1 applied, at 0001; 1 pending: atomic (one transaction)
    ");
}

#[test]
fn another_run_that_holds_the_lock_is_named() {
    let project = Project::sqlite(&[ONE, ENDLESS]);
    let mut first = project.start("upgrade");
    first.says("ran Script-0001.sql");
    let shown = project.run("upgrade --lock-timeout 50ms");
    first.signal("TERM");
    first.end();
    assert!(shown.starts_with("exit 5"), "{shown}");
}

#[test]
fn a_file_that_another_program_has_open_is_not_replaced() {
    let project = Project::sqlite(&[ONE]);
    project.run("upgrade");
    let mut shell = locked(&project);
    let shown = project.run("rebuild --lock-timeout 50ms");
    drop(shell.stdin.take());
    shell.wait().expect("it ends");
    assert_snapshot!(shown, @"
    exit 1
    --- stderr
    rebuild sqlite:app.db from migrations
    error: preparing the new file beside the old one failed: another program has the old file open: database is locked
     = SQLite SQLITE_BUSY (5)
     = nothing was applied
     = help: end the session that blocks, or wait longer with --lock-timeout
    ");
}
