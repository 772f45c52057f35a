//! Failures as one JSON document.

use insta::assert_snapshot;

use crate::project::{ONE, Project};

#[test]
fn status_with_problems() {
    let project = Project::sqlite(&[ONE]);
    project.run("upgrade");
    project.script(1, "-- Other\n");
    assert_snapshot!(project.run("status --format json --exit-code"), @r#"
    exit 4
    --- stdout
    {
      "applied": 1,
      "at": 1,
      "command": "status",
      "database": "app.db",
      "dir": "migrations",
      "guarantee": null,
      "objects": [],
      "pending": 0,
      "pending_objects": 0,
      "problems": [
        {
          "code": "changed",
          "diff": "--- applied\n+++ on disk\n@@ -1,2 +1 @@\n--- Customers\n-CREATE TABLE customers (id integer PRIMARY KEY, name text);\n+-- Other\n",
          "hint": "an applied script never changes: undo the change (git checkout) and put it into a new script; if this is a new script with the same number, give it another number; if the change has no effect, accept it with dbmigrate repair",
          "location": null,
          "message": "migrations/Script-0001.sql has changed since it was applied ([time])",
          "notes": [],
          "path": "migrations/Script-0001.sql"
        }
      ],
      "product": "SQLite [version]",
      "scripts": [
        {
          "applied_at": "[time]",
          "applied_by": "[user@host]",
          "checksum": "sha256:00199edd5d9c61fc7d61e9fa49bc0d4657294856b9fed3d1c5a71a936eebde17",
          "commit": null,
          "duration_ms": [n],
          "number": 1,
          "script": "Script-0001.sql",
          "state": "applied",
          "title": "Customers"
        }
      ],
      "target": "sqlite:app.db",
      "version": "[version]",
      "warnings": []
    }
    "#);
}

#[test]
fn check_that_finds_something() {
    let project = Project::scripts(&["-- dbmigrate: turbo\n", "SELECT 'open;\n"]);
    let (value, shown) = project.json("check --format json --url sqlite:app.db");
    assert_eq!(value["error"]["problems"][0]["code"], "unknown-directive");
    assert_snapshot!(shown, @r#"
    {
      "command": "check",
      "database": "app.db",
      "dir": "migrations",
      "error": {
        "code": "refused",
        "hint": null,
        "location": null,
        "message": "2 problems",
        "notes": [
          "nothing was applied"
        ],
        "problems": [
          {
            "code": "unknown-directive",
            "diff": null,
            "hint": "the directives are: -- dbmigrate: no-transaction and -- dbmigrate: no-variables",
            "location": {
              "column": 1,
              "excerpt": "-- dbmigrate: turbo",
              "line": 1,
              "path": "migrations/Script-0001.sql"
            },
            "message": "unknown directive \"turbo\"",
            "notes": [],
            "path": "migrations/Script-0001.sql"
          },
          {
            "code": "unterminated-string",
            "diff": null,
            "hint": "close the string, or double each quote in it (in MySQL, each backslash too)",
            "location": {
              "column": 8,
              "excerpt": "SELECT 'open;",
              "line": 1,
              "path": "migrations/Script-0002.sql"
            },
            "message": "unterminated string",
            "notes": [],
            "path": "migrations/Script-0002.sql"
          }
        ],
        "server": null,
        "state": null
      },
      "target": "sqlite:app.db",
      "version": "[version]"
    }
    "#);
}

#[test]
fn upgrade_that_fails() {
    let project = Project::sqlite(&[ONE, "-- Mail\nALTER TABLE custmers ADD mail text;\n"]);
    let (value, _) = project.json("upgrade --format json");
    assert_eq!(value["error"]["location"]["line"], 2);
    assert_snapshot!(project.run("upgrade --format json"), @r#"
    exit 1
    --- stdout
    {
      "command": "upgrade",
      "database": "app.db",
      "dir": "migrations",
      "error": {
        "code": "script",
        "hint": null,
        "location": {
          "column": 13,
          "excerpt": "ALTER TABLE custmers ADD mail text;",
          "line": 2,
          "path": "migrations/Script-0002.sql"
        },
        "message": "Script-0002.sql failed: no such table: custmers",
        "notes": [
          "SQLite SQLITE_ERROR (1)",
          "rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied"
        ],
        "problems": [],
        "server": {
          "also": [],
          "code": "SQLITE_ERROR (1)",
          "constraint": null,
          "context": null,
          "detail": null,
          "hint": null,
          "message": "no such table: custmers",
          "product": "SQLite"
        },
        "state": {
          "at": null,
          "committed": [],
          "dropped": false,
          "kept": false,
          "not_applied": [
            1,
            2
          ],
          "objects": [],
          "remains": null,
          "stopped": null,
          "unfinished": null,
          "unknown": false,
          "unrecorded": false
        }
      },
      "target": "sqlite:app.db",
      "version": "[version]"
    }
    --- stderr
    upgrade sqlite:app.db from migrations
    2 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    error: Script-0002.sql failed: no such table: custmers
     --> migrations/Script-0002.sql:2:13
      |
    2 | ALTER TABLE custmers ADD mail text;
      |             ^^^^^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    "#);
}

#[test]
fn usage_and_configuration() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("upgrade --format json"), @r#"
    exit 2
    --- stdout
    {
      "command": "upgrade",
      "database": null,
      "dir": null,
      "error": {
        "code": "usage",
        "hint": null,
        "location": null,
        "message": "no database given: pass --url URL, add [target.NAME] to dbmigrate.toml, or set DBMIGRATE_URL or DATABASE_URL (.env is read, too)",
        "notes": [],
        "problems": [],
        "server": null,
        "state": null
      },
      "target": null,
      "version": "[version]"
    }
    --- stderr
    error: no database given: pass --url URL, add [target.NAME] to dbmigrate.toml, or set DBMIGRATE_URL or DATABASE_URL (.env is read, too)
    "#);
    assert_snapshot!(project.run("upgrade --format json --url sqlite:nope.db"), @r#"
    exit 1
    --- stdout
    {
      "command": "upgrade",
      "database": "nope.db",
      "dir": "migrations",
      "error": {
        "code": "no-file",
        "hint": "upgrade --create-database or rebuild creates it; otherwise check the path",
        "location": null,
        "message": "there is no database file [dir]/nope.db",
        "notes": [],
        "problems": [],
        "server": null,
        "state": null
      },
      "target": "sqlite:nope.db",
      "version": "[version]"
    }
    --- stderr
    upgrade sqlite:nope.db from migrations
    error: there is no database file [dir]/nope.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    "#);
    assert_snapshot!(project.run("upgrade --format json --dir nope --url sqlite:nope.db"), @r#"
    exit 2
    --- stdout
    {
      "command": "upgrade",
      "database": "nope.db",
      "dir": "nope",
      "error": {
        "code": "folder",
        "hint": "correct --dir, or dir or objects in dbmigrate.toml; or start with dbmigrate init",
        "location": null,
        "message": "there is no folder [dir]/nope",
        "notes": [],
        "problems": [],
        "server": null,
        "state": null
      },
      "target": "sqlite:nope.db",
      "version": "[version]"
    }
    --- stderr
    error: there is no folder [dir]/nope
     = help: correct --dir, or dir or objects in dbmigrate.toml; or start with dbmigrate init
    "#);
    project.file("dbmigrate.toml", "[target.dev]\nurl = 1\n");
    assert_snapshot!(project.run("status --format json"), @r#"
    exit 2
    --- stdout
    {
      "command": "status",
      "database": null,
      "dir": null,
      "error": {
        "code": "usage",
        "hint": null,
        "location": null,
        "message": "dbmigrate.toml:2: invalid type: integer `1`, expected a string",
        "notes": [],
        "problems": [],
        "server": null,
        "state": null
      },
      "target": null,
      "version": "[version]"
    }
    --- stderr
    error: dbmigrate.toml:2: invalid type: integer `1`, expected a string
    "#);
}

#[test]
fn wrong_arguments() {
    let project = Project::sqlite(&[ONE]);
    assert_snapshot!(project.run("upgrade --format json --to abc"), @"
    exit 2
    --- stderr
    error: invalid value 'abc' for '--to <N>': not a number: a script's number is made of decimal digits, like 0042

    For more information, try '--help'.
    ");
}

#[test]
fn a_database_that_may_not_be_dropped_has_its_own_code() {
    let project = Project::sqlite(&[ONE]);
    assert_snapshot!(project.json("rebuild --allow-drop other --format json").1, @r#"
    {
      "command": "rebuild",
      "database": "app.db",
      "dir": "migrations",
      "error": {
        "code": "guarded",
        "hint": "if it may be dropped, pass --allow-drop app.db",
        "location": null,
        "message": "--allow-drop other does not name this database, app.db",
        "notes": [],
        "problems": [],
        "server": null,
        "state": null
      },
      "target": "sqlite:app.db",
      "version": "[version]"
    }
    "#);
}
