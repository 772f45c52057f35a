//! `--format json`.

use insta::assert_snapshot;

use crate::engine::mysql::{new_database, project_on};
use crate::project::ONE;

/// A script that stops at its second statement, part of which may have run.
const STOPS: &str =
    "-- Mail\nALTER TABLE customers ADD COLUMN mail text;\nDROP TABLE nope, nope2;\nDROP TABLE customers;\n";

#[test]
fn a_failure_says_where_a_script_stopped() {
    let database = new_database();
    let project = project_on(&database, &[ONE, "INSERT INTO customers VALUES (1, 'a');\n"]);
    project.run("upgrade");
    project.script(3, STOPS);
    assert_snapshot!(project.json("upgrade --format json").1, @r#"
    {
      "command": "upgrade",
      "database": "shop",
      "dir": "migrations",
      "error": {
        "code": "script",
        "hint": "inspect the database, then run upgrade --resume-at 2 to run that statement again, or --resume-at 3 to continue after it",
        "location": {
          "column": 18,
          "excerpt": "DROP TABLE nope, nope2;",
          "line": 3,
          "path": "migrations/Script-0003.sql"
        },
        "message": "Script-0003.sql failed: Unknown table 'shop.nope,shop.nope2'",
        "notes": [
          "MySQL 1051 (42S02)",
          "Script-0003.sql runs outside a transaction: 1 of its 3 statements ran and stay, statement 2 failed and may have done part of its work; the database is at 0002"
        ],
        "problems": [],
        "server": {
          "also": [],
          "code": "1051 (42S02)",
          "constraint": null,
          "context": null,
          "detail": null,
          "hint": null,
          "message": "Unknown table 'shop.nope,shop.nope2'",
          "product": "MySQL"
        },
        "state": {
          "at": 2,
          "committed": [],
          "dropped": false,
          "kept": false,
          "not_applied": [
            3
          ],
          "objects": [],
          "remains": null,
          "stopped": null,
          "unfinished": {
            "at_least": false,
            "script": "Script-0003.sql",
            "statements": 3,
            "statements_done": 1,
            "unknown": true
          },
          "unknown": false,
          "unrecorded": false
        }
      },
      "target": "mysql://root:***@127.0.0.1:[port]/shop",
      "version": "[version]"
    }
    "#);
}

#[test]
fn the_status_says_where_a_script_stopped() {
    let database = new_database();
    let project = project_on(&database, &[ONE, "INSERT INTO customers VALUES (1, 'a');\n", STOPS]);
    project.run("upgrade");
    assert_snapshot!(project.json("status --format json").1, @r#"
    {
      "applied": 2,
      "at": 2,
      "command": "status",
      "database": "shop",
      "dir": "migrations",
      "guarantee": null,
      "objects": [],
      "pending": 1,
      "pending_objects": 0,
      "problems": [
        {
          "code": "unfinished",
          "diff": null,
          "hint": "make sure that no run is under way, inspect the database, then run upgrade --resume-at 2 to run that statement again, or --resume-at 3 to continue after it",
          "location": {
            "column": 1,
            "excerpt": "DROP TABLE nope, nope2;",
            "line": 3,
            "path": "migrations/Script-0003.sql"
          },
          "message": "Script-0003.sql stopped in the middle: it is unknown whether statement 2 of 3 ran",
          "notes": [],
          "path": "migrations/Script-0003.sql"
        }
      ],
      "product": "MySQL [version]",
      "scripts": [
        {
          "applied_at": "[time]",
          "applied_by": "root ([user@host])",
          "checksum": "sha256:00199edd5d9c61fc7d61e9fa49bc0d4657294856b9fed3d1c5a71a936eebde17",
          "commit": null,
          "duration_ms": [n],
          "number": 1,
          "script": "Script-0001.sql",
          "state": "applied",
          "title": "Customers"
        },
        {
          "applied_at": "[time]",
          "applied_by": "root ([user@host])",
          "checksum": "sha256:bb82dd8c481dda8c85eb1c6a765ee099c167e21992d257d32a389b3b54797854",
          "commit": null,
          "duration_ms": [n],
          "number": 2,
          "script": "Script-0002.sql",
          "state": "applied",
          "title": null
        },
        {
          "applied_at": "[time]",
          "applied_by": "root ([user@host])",
          "checksum": "sha256:461989f0483da1e47f013eda03af5215bcdd9c3d5f9ef7520a94d7d8c60259b9",
          "commit": null,
          "duration_ms": [n],
          "number": 3,
          "script": "Script-0003.sql",
          "state": "started",
          "title": "Mail"
        }
      ],
      "target": "mysql://root:***@127.0.0.1:[port]/shop",
      "version": "[version]",
      "warnings": []
    }
    "#);
}
