//! `--format json`.

use insta::assert_snapshot;

use crate::engine::{Server, on_servers};
use crate::project::ONE;

on_servers! {
    an_upgrade_says_what_it_promised,
    a_baseline_says_what_it_recorded,
}

fn an_upgrade_says_what_it_promised(server: &'static Server) {
    let one = "Script-0001 (CREATE TABLE customers) commits statement by statement; the rest in one transaction";
    let stage = server.stage(&[ONE, "INSERT INTO customers VALUES (1, 'a');\n"]);
    let stage = stage.hide(&server.promised(one), "[guarantee]");
    assert_snapshot!(stage.project.json("upgrade --format json").1, @r#"
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
          "title": null
        }
      ],
      "at": 2,
      "command": "upgrade",
      "database": "shop",
      "dir": "migrations",
      "duration_ms": [n],
      "from": null,
      "guarantee": "[guarantee]",
      "objects": [],
      "product": "[product] [version]",
      "run": "[uuid]",
      "target": "[url]",
      "version": "[version]",
      "warnings": []
    }
    "#);
}

fn a_baseline_says_what_it_recorded(server: &'static Server) {
    let stage = server.stage(&[ONE]);
    stage.ask("CREATE TABLE legacy (id integer)");
    stage.project.file("migrations/Baseline.sql", "CREATE TABLE legacy (id integer);\n");
    assert_snapshot!(stage.project.run("baseline --format json"), @r#"
    exit 0
    --- stdout
    {
      "applied": [
        {
          "duration_ms": [n],
          "number": 0,
          "script": "Baseline.sql",
          "title": null
        }
      ],
      "at": 0,
      "command": "baseline",
      "database": "shop",
      "dir": "migrations",
      "duration_ms": [n],
      "from": null,
      "guarantee": "atomic (one transaction)",
      "objects": [],
      "product": "[product] [version]",
      "run": "[uuid]",
      "target": "[url]",
      "version": "[version]",
      "warnings": []
    }
    --- stderr
    baseline [url] from migrations
    the database ([product] [version]) has 1 table: legacy
    baseline will record as applied, without running or comparing anything: Baseline.sql
    recorded Baseline.sql as applied, without running it
    committed Baseline.sql
    "#);
}
