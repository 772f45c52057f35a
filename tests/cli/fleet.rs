//! `fleet`: one command on many databases.

use insta::assert_snapshot;

use crate::project::{ENDLESS, Project, client};

const ONE: &str = "-- Items\nCREATE TABLE item (id integer PRIMARY KEY);\n";
const TWO: &str = "-- The first item\nINSERT INTO item VALUES (1);\n";

/// A project with a fleet of files.
fn fleet(names: &[&str], settings: &str) -> Project {
    let project = Project::sqlite(&[ONE]);
    project.file("dbmigrate.toml", format!("[fleet.tenants]\nfiles = \"data/*.db\"\nparallel = 1\n{settings}"));
    for name in names {
        project.file(&format!("data/{name}.db"), "");
    }
    project
}

#[test]
fn a_fleet_is_upgraded_and_says_where_it_is() {
    let project = fleet(&["acme", "bolt", "coil"], "");
    assert_snapshot!(project.runs(&[
        "fleet status",
        "fleet rehearse",
        "fleet upgrade --only acme",
        "fleet status --exit-code",
        "fleet upgrade",
        "fleet upgrade tenants --quiet",
        "fleet status --exit-code",
    ]), @"
    $ dbmigrate fleet status
    exit 0
    --- stdout
     number  databases  schema
     none            3  e5c9e3c2
    3 databases: 3 pending

    $ dbmigrate fleet rehearse
    exit 0
    --- stdout
    3 databases: 3 rehearsed
    --- stderr
    fleet rehearse: 3 databases from migrations

    $ dbmigrate fleet upgrade --only acme
    exit 0
    --- stdout
    1 database: 1 upgraded
    --- stderr
    fleet upgrade: 1 database from migrations

    $ dbmigrate fleet status --exit-code
    exit 3
    --- stdout
     number  databases  schema
     0001            1  6b42363d
     none            2  e5c9e3c2
    3 databases: 1 current, 2 pending

    $ dbmigrate fleet upgrade
    exit 0
    --- stdout
    3 databases: 2 upgraded, 1 current
    --- stderr
    fleet upgrade: 3 databases from migrations

    $ dbmigrate fleet upgrade tenants --quiet
    exit 0

    $ dbmigrate fleet status --exit-code
    exit 0
    --- stdout
     number  databases  schema
     0001            3  6b42363d
    3 databases: 3 current
    ");
}

#[test]
fn a_status_shows_which_schemas_are_not_alike() {
    let project = fleet(&["acme", "bolt", "coil", "dune", "echo"], "");
    project.run("fleet upgrade");
    for (name, change) in [
        ("bolt", "CREATE INDEX by_hand ON item (id)"),
        ("dune", "CREATE INDEX by_hand ON item (id)"),
        ("echo", "ALTER TABLE item ADD COLUMN note text; CREATE VIEW notes AS SELECT note FROM item"),
    ] {
        client("sqlite3", &[&project.path(&format!("data/{name}.db")).display().to_string()], change);
    }
    assert_snapshot!(project.run("fleet status"), @"
    exit 0
    --- stdout
     number  databases  schema
     0001            2  6b42363d
     0001            2  ff34086d differs in index item.by_hand: bolt, dune
     0001            1  a707e564 differs in column item.note, view notes: echo
    5 databases: 5 current
    ");
    let lines = project.stdout("fleet status --format json");
    let last: serde_json::Value = serde_json::from_str(lines.lines().last().expect("a line")).expect("JSON");
    let counts =
        last["summary"]["fingerprints"].as_array().expect("a list").iter().map(|group| group["databases"].clone());
    assert_eq!(counts.collect::<Vec<_>>(), [2, 2, 1]);
}

#[test]
fn equal_differences_are_shown_once() {
    let project = fleet(&["acme", "bolt", "coil", "dune"], "");
    project.run("fleet upgrade");
    for name in ["bolt", "dune"] {
        let file = project.path(&format!("data/{name}.db")).display().to_string();
        client("sqlite3", &[&file], "CREATE INDEX by_hand ON item (id)");
    }
    assert_snapshot!(project.runs(&[
        "fleet verify",
        "fleet verify --rebuild --only bolt",
        "fleet verify --only dune --format json",
    ]), @r#"
    $ dbmigrate fleet verify
    exit 6
    --- stdout
    1 object differs from what it should be: index item.by_hand (added)

    --- index item.by_hand, expected
    +++ index item.by_hand, found
    @@ -0,0 +1 @@
    +INDEX ON item(id)

    different: bolt, dune
    4 databases: 2 as expected, 2 different

    $ dbmigrate fleet verify --rebuild --only bolt
    exit 6
    --- stdout
    1 object differs from what it should be: index item.by_hand (added)

    --- index item.by_hand, expected
    +++ index item.by_hand, found
    @@ -0,0 +1 @@
    +INDEX ON item(id)

    different: bolt
    1 database: 1 different

    $ dbmigrate fleet verify --only dune --format json
    exit 6
    --- stdout
    {"applied":0,"at":1,"database":"dune","differences":[{"change":"added","diff":"--- recorded\n+++ found\n@@ -0,0 +1 @@\n+INDEX ON item(id)\n","found":"INDEX ON item(id)","kind":"index","name":"item.by_hand","recorded":null}],"duration_ms":[n],"from":1,"outcome":"drift","pending":0}
    {"command":"fleet verify","summary":{"at":{"1":1},"databases":1,"outcomes":{"drift":1}}}
    "#);
}

#[test]
fn an_equal_error_is_written_once() {
    let project = fleet(&["acme", "bolt", "coil", "dune"], "");
    project.run("fleet upgrade");
    project.script(2, TWO);
    for broken in ["bolt", "dune"] {
        project.run(&format!("upgrade --url sqlite:data/{broken}.db --quiet"));
        client(
            "sqlite3",
            &[&format!("{}", project.path(&format!("data/{broken}.db")).display())],
            "DELETE FROM dbmigrate_journal WHERE number = 2",
        );
    }
    project.file("data/coil.db", "not a database at all, but a text of some length");
    assert_snapshot!(project.runs(&["fleet upgrade", "fleet status"]), @"
    $ dbmigrate fleet upgrade
    exit 1
    --- stdout
    4 databases: 1 upgraded, 2 failed, 1 unreachable
    --- stderr
    fleet upgrade: 4 databases from migrations
    error: Script-0002.sql failed: UNIQUE constraint failed: item.id
     --> migrations/Script-0002.sql:2:1
      |
    2 | INSERT INTO item VALUES (1);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = SQLite SQLITE_CONSTRAINT (1555)
      = rolled back: 0002 was not applied, the database is unchanged at 0001
    failed: bolt, dune
    error: cannot connect to sqlite:data/coil.db: file is not a database
     = SQLite SQLITE_NOTADB (26)
     = help: check the path: the file is something else, or it is encrypted
    unreachable: coil

    $ dbmigrate fleet status
    exit 1
    --- stdout
     number  databases  schema
     0002            1  6b42363d
     0001            2  6b42363d
    4 databases: 1 current, 2 pending, 1 unreachable
    --- stderr
    error: cannot connect to sqlite:data/coil.db: file is not a database
     = SQLite SQLITE_NOTADB (26)
     = help: check the path: the file is something else, or it is encrypted
    unreachable: coil
    ");
}

#[test]
fn a_fleet_has_a_line_of_json_for_each_database() {
    let project = fleet(&["acme", "bolt"], "");
    project.run("fleet upgrade");
    project.script(2, TWO);
    let url = "sqlite:data/bolt.db";
    project.run(&format!("upgrade --url {url} --quiet"));
    let lines = project.stdout("fleet upgrade --format json");
    let lines = regex::Regex::new(r#""duration_ms":\d+"#).expect("a pattern").replace_all(&lines, "\"duration_ms\":0");
    assert_snapshot!(lines, @r#"
    {"applied":1,"at":2,"database":"acme","duration_ms":0,"from":1,"outcome":"upgraded","pending":0}
    {"applied":0,"at":2,"database":"bolt","duration_ms":0,"from":2,"outcome":"current","pending":0}
    {"command":"fleet upgrade","summary":{"at":{"2":2},"databases":2,"outcomes":{"current":1,"upgraded":1}}}
    "#);
    project.script(3, "INSERT INTO nope VALUES (1);");
    let lines = project.stdout("fleet upgrade --format json --only acme");
    let first: serde_json::Value = serde_json::from_str(lines.lines().next().expect("a line")).expect("JSON");
    assert_eq!(
        (&first["outcome"], &first["at"], &first["error"]["code"]),
        (&"failed".into(), &2.into(), &"script".into())
    );
    assert_eq!(first["error"]["state"]["not_applied"], serde_json::json!([3]));
}

#[test]
fn the_first_databases_must_succeed() {
    let project = fleet(&["acme", "bolt", "coil", "dune"], "canary = 1\n");
    project.script(2, "INSERT INTO nope VALUES (1);");
    assert_snapshot!(project.runs(&["fleet upgrade", "fleet upgrade --canary 75%", "fleet upgrade --max-failures 2 --canary 4"]), @"
    $ dbmigrate fleet upgrade
    exit 1
    --- stdout
    4 databases: 1 failed, 3 not begun
    --- stderr
    fleet upgrade: 4 databases from migrations
    error: Script-0002.sql failed: no such table: nope
     --> migrations/Script-0002.sql:1:13
      |
    1 | INSERT INTO nope VALUES (1);
      |             ^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    failed: acme

    $ dbmigrate fleet upgrade --canary 75%
    exit 1
    --- stdout
    4 databases: 3 failed, 1 not begun
    --- stderr
    fleet upgrade: 4 databases from migrations
    error: Script-0002.sql failed: no such table: nope
     --> migrations/Script-0002.sql:1:13
      |
    1 | INSERT INTO nope VALUES (1);
      |             ^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    failed: acme, bolt, coil

    $ dbmigrate fleet upgrade --max-failures 2 --canary 4
    exit 1
    --- stdout
    4 databases: 2 failed, 2 not begun
    --- stderr
    fleet upgrade: 4 databases from migrations
    error: Script-0002.sql failed: no such table: nope
     --> migrations/Script-0002.sql:1:13
      |
    1 | INSERT INTO nope VALUES (1);
      |             ^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    failed: acme, bolt
    ");
    project.script(2, TWO);
    assert_snapshot!(project.run("fleet upgrade"), @"
    exit 0
    --- stdout
    4 databases: 4 upgraded
    --- stderr
    fleet upgrade: 4 databases from migrations
    ");
}

#[test]
fn a_rehearsal_comes_first_if_it_should() {
    let project = fleet(&["acme", "bolt", "coil"], "");
    project.run("fleet upgrade");
    project.script(2, TWO);
    let bolt = project.path("data/bolt.db").display().to_string();
    client("sqlite3", &[&bolt], "INSERT INTO item VALUES (1)");
    assert_snapshot!(project.runs(&["fleet upgrade --rehearse-first", "fleet status"]), @"
    $ dbmigrate fleet upgrade --rehearse-first
    exit 1
    --- stdout
    3 databases: 2 rehearsed, 1 failed
    --- stderr
    fleet upgrade: 3 databases from migrations
    error: Script-0002.sql failed: UNIQUE constraint failed: item.id
     --> migrations/Script-0002.sql:2:1
      |
    2 | INSERT INTO item VALUES (1);
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      = SQLite SQLITE_CONSTRAINT (1555)
      = rolled back: 0002 was not applied, the database is unchanged at 0001
    failed: bolt

    $ dbmigrate fleet status
    exit 0
    --- stdout
     number  databases  schema
     0001            3  6b42363d
    3 databases: 3 pending
    ");
    let outcomes = || {
        let lines = project.stdout("fleet upgrade --rehearse-first --format json");
        let lines = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        lines.map(|line| format!("{} {}", line["database"], line["outcome"]).replace('"', "")).collect::<Vec<_>>()
    };
    assert_eq!(outcomes(), ["acme rehearsed", "bolt failed", "coil rehearsed", "null null"]);
    client("sqlite3", &[&bolt], "DELETE FROM item");
    assert_snapshot!(project.run("fleet upgrade --rehearse-first"), @"
    exit 0
    --- stdout
    3 databases: 3 upgraded
    --- stderr
    fleet upgrade: 3 databases from migrations
    note: every database would succeed: now for real
    ");
    project.script(3, "CREATE TABLE more (id integer);\n");
    assert_eq!(outcomes(), ["acme upgraded", "bolt upgraded", "coil upgraded", "null null"], "a line for each");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_status_whose_databases_are_not_known_yet() {
    let project = fleet(&["acme"], "");
    project.file("dbmigrate.toml", "[fleet.tenants]\ncommand = [\"sleep\", \"600\"]\n");
    let run = project.start("fleet status");
    std::thread::sleep(std::time::Duration::from_secs(1));
    run.signal("INT");
    assert_snapshot!(run.end(), @"
    exit 130
    --- stderr
    error: interrupted
     = nothing was applied
    ");
}

#[test]
fn nothing_is_begun_if_the_databases_are_not_known() {
    let project = fleet(&["acme"], "");
    project.file("other.toml", "[fleet.a]\nfiles = \"nothing/*.db\"\n[fleet.b]\ntargets = [\"x\"]\n[fleet.c]\n\
        [fleet.d]\nfiles = \"data/*.db\"\ntargets = []\n[fleet.e]\ncommand = [\"./list\"]\n[fleet.f]\ncommand = [\"false\"]\n\
        [fleet.g]\ndatabases = { target = \"one\", like = \"%\" }\n[target.one]\nurl = \"sqlite:data/acme.db\"\n\
        [fleet.h]\nquery = { target = \"one\", sql = \"SELECT 'acme' AS name, 'sqlite:a.db' AS url UNION ALL SELECT 'acme', 'sqlite:b.db'\" }\n");
    project.file("list", "#!/bin/sh\nprintf 'acme\\n'\n");
    assert_snapshot!(project.runs(&[
        "fleet upgrade --only nobody",
        "fleet upgrade --only [",
        "fleet upgrade nobody",
        "fleet upgrade --shard 2/2",
        "fleet upgrade --config other.toml",
        "fleet upgrade a --config other.toml",
        "fleet upgrade b --config other.toml",
        "fleet upgrade c --config other.toml",
        "fleet upgrade d --config other.toml",
        "fleet upgrade e --config other.toml",
        "fleet upgrade f --config other.toml",
        "fleet upgrade g --config other.toml",
        "fleet upgrade h --config other.toml",
    ]), @r#"
    $ dbmigrate fleet upgrade --only nobody
    exit 2
    --- stderr
    error: no database of the fleet has a name like nobody
     = help: nothing was begun: a name is compared with * and ? as in a shell

    $ dbmigrate fleet upgrade --only [
    exit 2
    --- stderr
    error: fleet "tenants": "[" is not a pattern: invalid range pattern
     = help: *, ? and [a-z] mean what they mean in a shell

    $ dbmigrate fleet upgrade nobody
    exit 2
    --- stderr
    error: there is no fleet "nobody" in the configuration: it has tenants

    $ dbmigrate fleet upgrade --shard 2/2
    exit 2
    --- stderr
    error: invalid value '2/2' for '--shard <I/N>': a shard is I/N, with I from 0 to N-1

    For more information, try '--help'.

    $ dbmigrate fleet upgrade --config other.toml
    exit 2
    --- stderr
    error: the configuration has several fleets: name one (a, b, c, d, e, f, g, h)

    $ dbmigrate fleet upgrade a --config other.toml
    exit 2
    --- stderr
    error: the fleet has no database
     = help: nothing was begun: an empty source is taken for a mistake; check it

    $ dbmigrate fleet upgrade b --config other.toml
    exit 2
    --- stderr
    error: fleet "b": other.toml has no target "x": it has one

    $ dbmigrate fleet upgrade c --config other.toml
    exit 2
    --- stderr
    error: fleet "c": it names no databases: give one of query, databases, schemas, files, targets or command

    $ dbmigrate fleet upgrade d --config other.toml
    exit 2
    --- stderr
    error: fleet "d": its databases are in two places: give one of query, databases, schemas, files, targets or command

    $ dbmigrate fleet upgrade e --config other.toml
    exit 2
    --- stderr
    error: the program ./list cannot be run: Permission denied (os error 13)

    $ dbmigrate fleet upgrade f --config other.toml
    exit 2
    --- stderr
    error: the program false failed: exit status: 1

    $ dbmigrate fleet upgrade g --config other.toml
    exit 2
    --- stderr
    error: SQLite has no list of databases

    $ dbmigrate fleet upgrade h --config other.toml
    exit 2
    --- stderr
    error: two databases of the fleet are called "acme"
     = help: nothing was begun: each name must be used once, since --only and --shard go by it
    "#);
    assert_eq!(project.sqlite3("SELECT count(*) FROM sqlite_schema").trim(), "0", "nothing was begun");
}

#[test]
fn the_configuration_has_the_options_of_an_upgrade() {
    let settings =
        "to = 1\nrehearse_first = true\ntransaction = \"per-script\"\nmax_failures = 1\nonly = [\"a*\", \"b*\"]\n";
    let project = fleet(&["acme", "bolt", "coil"], settings);
    project.script(2, TWO);
    project.script(3, "INSERT INTO nope VALUES (1);");
    assert_snapshot!(project.runs(&[
        "fleet upgrade",
        "fleet upgrade --to 3",
        "fleet upgrade --to 2 --only acme",
        "fleet status --only *",
    ]), @"
    $ dbmigrate fleet upgrade
    exit 0
    --- stdout
    2 databases: 2 upgraded
    --- stderr
    fleet upgrade: 2 databases from migrations
    note: every database would succeed: now for real

    $ dbmigrate fleet upgrade --to 3
    exit 1
    --- stdout
    2 databases: 1 failed, 1 not begun
    --- stderr
    fleet upgrade: 2 databases from migrations
    error: Script-0003.sql failed: no such table: nope
     --> migrations/Script-0003.sql:1:13
      |
    1 | INSERT INTO nope VALUES (1);
      |             ^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0002-0003 were not applied, the database is unchanged at 0001
    failed: acme

    $ dbmigrate fleet upgrade --to 2 --only acme
    exit 0
    --- stdout
    1 database: 1 upgraded
    --- stderr
    fleet upgrade: 1 database from migrations
    note: every database would succeed: now for real

    $ dbmigrate fleet status --only *
    exit 0
    --- stdout
     number  databases  schema
     0002            1  6b42363d
     0001            1  6b42363d
     none            1  e5c9e3c2
    3 databases: 3 pending
    ");
}

#[test]
fn a_status_that_did_not_reach_every_database_fails() {
    let project = fleet(&["acme", "bolt"], "time_limit = \"0s\"\n");
    assert_snapshot!(project.run("fleet status"), @"
    exit 1
    --- stdout
    2 databases: 2 not begun
    ");
}

#[test]
fn an_absolute_pattern_does_not_begin_in_the_folder_of_the_configuration() {
    let project = fleet(&["acme", "bolt"], "");
    let pattern = project.path("data/*.db").display().to_string();
    project.file("conf/dbmigrate.toml", format!("[fleet.tenants]\nfiles = {pattern:?}\n"));
    let said = project.run("fleet upgrade --config conf/dbmigrate.toml --dir migrations --quiet");
    assert!(said.starts_with("exit 0"), "{said}");
    assert!(project.stdout("fleet status").contains("2 databases: 2 current"));
}

#[test]
fn a_folder_that_is_wrong_is_refused_once() {
    let project = fleet(&["acme", "bolt"], "");
    project.file("migrations/script-2.sql", TWO);
    assert_snapshot!(project.run("fleet upgrade"), @"
    exit 4
    --- stderr
    error: migrations/script-2.sql looks like a script but is misnamed
     = help: a script is named like Script-0002.sql, without a description; rename or remove the file
    nothing was applied
    ");
}

#[cfg(unix)]
#[test]
fn a_program_lists_the_databases() {
    use std::os::unix::fs::PermissionsExt;

    let project = Project::sqlite(&[ONE, "INSERT INTO item VALUES ($(first));"]);
    project.file(
        "dbmigrate.toml",
        "[fleet.tenants]\ncommand = [\"./list\", \"b\"]\n[fleet.tenants.variables]\nfirst = \"7\"\n",
    );
    project.file("list", "#!/bin/sh\nprintf 'a\\tsqlite:a.db\\n\\n%s\\tsqlite:b.db\\n' \"$1\"\n");
    std::fs::set_permissions(project.path("list"), std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    assert_snapshot!(project.runs(&["fleet upgrade --create-database", "fleet status --only b"]), @"
    $ dbmigrate fleet upgrade --create-database
    exit 0
    --- stdout
    2 databases: 2 upgraded
    --- stderr
    fleet upgrade: 2 databases from migrations

    $ dbmigrate fleet status --only b
    exit 0
    --- stdout
     number  databases  schema
     0002            1  6b42363d
    1 database: 1 current
    ");
    assert_eq!(client("sqlite3", &[&project.path("b.db").display().to_string()], "SELECT id FROM item").trim(), "7");
}

#[test]
fn ctrl_c_rolls_back_what_runs_and_begins_nothing_more() {
    let project = fleet(&["acme", "bolt", "coil"], "");
    project.script(2, ENDLESS);
    let mut run = project.start("fleet upgrade");
    run.says("fleet upgrade: 3 databases");
    std::thread::sleep(std::time::Duration::from_millis(700));
    run.signal("INT");
    assert_snapshot!(run.end(), @"
    exit 130
    --- stdout
    3 databases: 1 interrupted, 2 not begun
    --- stderr
    error: interrupted in Script-0002.sql
     = rolled back: 0001-0002 were not applied, the database is unchanged, no script is applied
    interrupted: acme
    ");
    project.script(2, TWO);
    assert_snapshot!(project.run("fleet upgrade"), @"
    exit 0
    --- stdout
    3 databases: 3 upgraded
    --- stderr
    fleet upgrade: 3 databases from migrations
    ");
}

#[test]
fn a_run_that_is_killed_is_begun_again() {
    let names = (0..30).map(|number| format!("t{number:02}")).collect::<Vec<_>>();
    let project = fleet(&names.iter().map(String::as_str).collect::<Vec<_>>(), "");
    let slow = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO item SELECT i + 10 FROM n;";
    project.script(2, slow);
    project.script(3, TWO);
    for number in 1..8 {
        let run = project.start("fleet upgrade --quiet");
        std::thread::sleep(std::time::Duration::from_millis(40 * number));
        run.signal("KILL");
        drop(run);
    }
    assert!(project.run("fleet upgrade --quiet").starts_with("exit 0"));
    for name in names {
        let file = project.path(&format!("data/{name}.db")).display().to_string();
        let found = "SELECT (SELECT count(*) FROM item) || ' ' || (SELECT count(*) FROM dbmigrate_journal)";
        assert_eq!(client("sqlite3", &[&file], found).trim(), "100001 3", "{name}");
    }
}

#[test]
fn shards_side_by_side_cover_the_fleet() {
    let names = (0..20).map(|number| format!("t{number}")).collect::<Vec<_>>();
    let project = fleet(&names.iter().map(String::as_str).collect::<Vec<_>>(), "");
    let project = project.env("JOB_COMPLETION_INDEX", "1");
    let upgraded = |shard: &str| {
        let said = project.stdout(&format!("fleet upgrade --shard {shard} --format json"));
        let last: serde_json::Value = serde_json::from_str(said.lines().last().expect("a line")).expect("JSON");
        last["summary"]["outcomes"]["upgraded"].as_u64().unwrap_or_default()
    };
    let all = || {
        std::thread::scope(|scope| {
            let shards = ["0/4", "auto/4", "2/4", "3/4"].map(|shard| scope.spawn(move || upgraded(shard)));
            shards.map(|shard| shard.join().expect("no panic"))
        })
    };
    let first = all();
    assert!(first.iter().sum::<u64>() == 20 && first.iter().all(|count| *count > 0), "{first:?}");
    project.file("data/t20.db", "");
    assert_eq!(all().iter().sum::<u64>(), 1, "a database that is added moves no other");
}
