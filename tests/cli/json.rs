//! Results and failures as one JSON document.

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

#[test]
fn status() {
    let project = Project::sqlite(&[ONE, TWO]);
    project.run("upgrade --to 1");
    let (value, shown) = project.json("status --format json");
    assert_eq!((&value["applied"], &value["pending"]), (&1.into(), &1.into()));
    assert_snapshot!(shown, @r#"
    {
      "applied": 1,
      "at": 1,
      "command": "status",
      "database": "app.db",
      "dir": "migrations",
      "guarantee": "atomic (one transaction)",
      "objects": [],
      "pending": 1,
      "pending_objects": 0,
      "problems": [],
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
        },
        {
          "applied_at": null,
          "applied_by": null,
          "checksum": "sha256:be7851ab30daea0d03803cf922f1cbb6927810de4f3d8c9fe09a4215945866c8",
          "commit": null,
          "duration_ms": null,
          "number": 2,
          "script": "Script-0002.sql",
          "state": "pending",
          "title": "Orders"
        }
      ],
      "target": "sqlite:app.db",
      "version": "[version]",
      "warnings": []
    }
    "#);
}

#[test]
fn check() {
    assert_snapshot!(Project::sqlite(&[ONE]).run("check --format json"), @r#"
    exit 0
    --- stdout
    {
      "baselines": 0,
      "command": "check",
      "database": "app.db",
      "dir": "migrations",
      "objects": 0,
      "problems": [],
      "scripts": 1,
      "statements_checked": true,
      "target": "sqlite:app.db",
      "version": "[version]",
      "warnings": []
    }
    "#);
}

#[test]
fn upgrade() {
    let project = Project::sqlite(&[ONE, TWO]);
    let (value, shown) = project.json("upgrade --format json");
    assert_eq!(value["at"], 2);
    assert_snapshot!(shown, @r#"
    {
      "applied": [
        {
          "duration_ms": [n],
          "number": 1,
          "script": "Script-0001.sql",
          "title": "Customers"
        },
        {
          "duration_ms": [n],
          "number": 2,
          "script": "Script-0002.sql",
          "title": "Orders"
        }
      ],
      "at": 2,
      "command": "upgrade",
      "database": "app.db",
      "dir": "migrations",
      "duration_ms": [n],
      "from": null,
      "guarantee": "atomic (one transaction)",
      "objects": [],
      "product": "SQLite [version]",
      "run": "[uuid]",
      "target": "sqlite:app.db",
      "version": "[version]",
      "warnings": []
    }
    "#);
    assert_snapshot!(project.json("upgrade --format json").1, @r#"
    {
      "applied": [],
      "at": 2,
      "command": "upgrade",
      "database": "app.db",
      "dir": "migrations",
      "duration_ms": [n],
      "from": 2,
      "guarantee": "nothing to do",
      "objects": [],
      "product": "SQLite [version]",
      "run": "[uuid]",
      "target": "sqlite:app.db",
      "version": "[version]",
      "warnings": []
    }
    "#);
}

#[test]
fn upgrade_as_a_dry_run() {
    let project = Project::sqlite(&["SELECT 1;\n"]);
    let (value, shown) = project.json("upgrade --dry-run --format json");
    assert!(value["sql"].as_str().is_some_and(|sql| sql.contains("SELECT 1;")));
    let shown = shown.lines().map(|line| if line.contains("\"sql\"") { "  \"sql\": [sql]," } else { line });
    assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @r#"
    {
      "at": null,
      "command": "upgrade",
      "database": "app.db",
      "dir": "migrations",
      "dry_run": true,
      "guarantee": "atomic (one transaction)",
      "objects": [],
      "pending": [
        {
          "number": 1,
          "script": "Script-0001.sql",
          "title": null
        }
      ],
      "sql": [sql],
      "target": "sqlite:app.db",
      "version": "[version]",
      "warnings": []
    }
    "#);
}

#[test]
fn rebuild() {
    assert_snapshot!(Project::sqlite(&[ONE]).json("rebuild --format json").1, @r#"
    {
      "applied": [
        {
          "duration_ms": [n],
          "number": 1,
          "script": "Script-0001.sql",
          "title": "Customers"
        }
      ],
      "at": 1,
      "command": "rebuild",
      "database": "app.db",
      "dir": "migrations",
      "duration_ms": [n],
      "from": null,
      "guarantee": "atomic (a new database replaces the old one at the end)",
      "objects": [],
      "product": "SQLite [version]",
      "run": "[uuid]",
      "target": "sqlite:app.db",
      "template": null,
      "version": "[version]",
      "warnings": []
    }
    "#);
}

#[test]
fn baseline() {
    let project = Project::sqlite(&[ONE]);
    project.sqlite3(ONE);
    assert_snapshot!(project.json("baseline --to 1 --format json").1, @r#"
    {
      "applied": [
        {
          "duration_ms": [n],
          "number": 1,
          "script": "Script-0001.sql",
          "title": "Customers"
        }
      ],
      "at": 1,
      "command": "baseline",
      "database": "app.db",
      "dir": "migrations",
      "duration_ms": [n],
      "from": null,
      "guarantee": "atomic (one transaction)",
      "objects": [],
      "product": "SQLite [version]",
      "run": "[uuid]",
      "target": "sqlite:app.db",
      "version": "[version]",
      "warnings": []
    }
    "#);
}

#[test]
fn standard_error_does_not_mix_with_the_json() {
    let project = Project::sqlite(&[ONE]);
    let (value, _) = project.json("upgrade --format json -vv --log-format json");
    assert_eq!(value["command"], "upgrade");
}
