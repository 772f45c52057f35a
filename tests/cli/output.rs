//! How much the program writes, where, and in which colours.

use std::process::Stdio;

use insta::assert_snapshot;

use crate::project::{ONE, Project, TWO};

#[test]
fn quiet_prints_only_results_and_errors() {
    let project = Project::sqlite(&[ONE]);
    assert_snapshot!(project.runs(&["check -q", "upgrade --quiet", "upgrade -q", "status -q", "rebuild -q"]), @"
    $ dbmigrate check -q
    exit 0
    --- stdout
    no baseline and 1 script: no problems

    $ dbmigrate upgrade --quiet
    exit 0

    $ dbmigrate upgrade -q
    exit 0

    $ dbmigrate status -q
    exit 0
    --- stdout
     number  state    applied at (UTC)     duration  title
     0001    applied  [time] [n] ms  Customers
    1 applied, at 0001; nothing pending

    $ dbmigrate rebuild -q
    exit 0
    ");
    project.script(2, "SELECT nope;\n");
    assert_snapshot!(project.run("upgrade -q"), @"
    exit 1
    --- stderr
    error: Script-0002.sql failed: no such column: nope
     --> migrations/Script-0002.sql:1:8
      |
    1 | SELECT nope;
      |        ^^^^
      = SQLite SQLITE_ERROR (1)
      = rolled back: 0002 was not applied, the database is unchanged at 0001
    ");
}

#[test]
fn verbose_logs_what_is_done() {
    assert_snapshot!(Project::sqlite(&[ONE]).run("upgrade -v"), @r#"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    [time]  INFO starting database="sqlite:app.db" dir=migrations
    upgrade sqlite:app.db from migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    "#);
}

#[test]
fn very_verbose_logs_in_detail() {
    assert_snapshot!(Project::sqlite(&[ONE]).run("upgrade -vv"), @r#"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    [time]  INFO starting database="sqlite:app.db" dir=migrations
    upgrade sqlite:app.db from migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    "#);
}

#[test]
fn json_logs_are_one_document_a_line() {
    let project = Project::sqlite(&[ONE, TWO]);
    assert_snapshot!(project.run("upgrade --log-format json"), @r#"
    exit 0
    --- stdout
    applied 2 scripts in [n] ms: the database is at 0002
    --- stderr
    {"timestamp":"[time]","level":"INFO","message":"starting","database":"sqlite:app.db","dir":"migrations"}
    {"timestamp":"[time]","level":"INFO","message":"planned","pending":2,"objects":0,"guarantee":"atomic (one transaction)"}
    {"timestamp":"[time]","level":"INFO","message":"started","script":"Script-0001.sql","title":"Customers"}
    {"timestamp":"[time]","level":"INFO","message":"ran","script":"Script-0001.sql","duration_ms":[n]}
    {"timestamp":"[time]","level":"INFO","message":"started","script":"Script-0002.sql","title":"Orders"}
    {"timestamp":"[time]","level":"INFO","message":"ran","script":"Script-0002.sql","duration_ms":[n]}
    {"timestamp":"[time]","level":"INFO","message":"committed","scripts":"Script-0001.sql Script-0002.sql"}
    "#);
    project.script(3, "-- x\nSELECT nope;\n");
    assert_snapshot!(project.run("upgrade --log-format json"), @r#"
    exit 1
    --- stderr
    {"timestamp":"[time]","level":"INFO","message":"starting","database":"sqlite:app.db","dir":"migrations"}
    {"timestamp":"[time]","level":"INFO","message":"planned","pending":1,"objects":0,"guarantee":"atomic (one transaction)"}
    {"timestamp":"[time]","level":"INFO","message":"started","script":"Script-0003.sql","title":"x"}
    {"timestamp":"[time]","level":"ERROR","message":"Script-0003.sql failed: no such column: nope","code":"script","location":"migrations/Script-0003.sql:2:8","notes":"SQLite SQLITE_ERROR (1); rolled back: 0003 was not applied, the database is unchanged at 0002"}
    "#);
    project.script(5, "");
    project.script(3, "-- dbmigrate: turbo\n");
    assert_snapshot!(project.run("upgrade --log-format json"), @r#"
    exit 4
    --- stderr
    {"timestamp":"[time]","level":"INFO","message":"starting","database":"sqlite:app.db","dir":"migrations"}
    {"timestamp":"[time]","level":"ERROR","message":"unknown directive \"turbo\"","code":"unknown-directive","location":"migrations/Script-0003.sql:1:1","hint":"the directives are: -- dbmigrate: no-transaction and -- dbmigrate: no-variables"}
    {"timestamp":"[time]","level":"ERROR","message":"Script-0004.sql is missing, but higher numbers exist","code":"gap","hint":"numbers must have no gaps: restore the missing scripts or renumber those after the gap"}
    {"timestamp":"[time]","level":"ERROR","message":"2 problems","code":"refused","notes":"nothing was applied"}
    "#);
    assert_snapshot!(project.run("check --log-format json"), @r#"
    exit 4
    --- stderr
    {"timestamp":"[time]","level":"INFO","message":"starting","database":"sqlite:app.db","dir":"migrations"}
    {"timestamp":"[time]","level":"ERROR","message":"unknown directive \"turbo\"","code":"unknown-directive","location":"migrations/Script-0003.sql:1:1","hint":"the directives are: -- dbmigrate: no-transaction and -- dbmigrate: no-variables"}
    {"timestamp":"[time]","level":"ERROR","message":"Script-0004.sql is missing, but higher numbers exist","code":"gap","hint":"numbers must have no gaps: restore the missing scripts or renumber those after the gap"}
    {"timestamp":"[time]","level":"ERROR","message":"2 problems","code":"refused","notes":"nothing was applied"}
    "#);
    for arguments in ["upgrade -vv", "check -v", "upgrade --url nonsense", "upgrade --config nope.toml"] {
        json_lines(&project, arguments);
    }
}

fn json_lines(project: &Project, arguments: &str) {
    let stderr = project.stderr(&format!("{arguments} --log-format json"));
    assert!(!stderr.is_empty(), "{arguments}: nothing was logged");
    for line in stderr.lines() {
        let value = serde_json::from_str::<serde_json::Value>(line);
        assert!(
            value.is_ok_and(|value| value["level"].is_string() && value["message"].is_string()),
            "{arguments}: {line}"
        );
    }
}

#[test]
fn problems_that_status_finds_are_json() {
    json_lines(&Project::sqlite(&["-- dbmigrate: turbo\n"]), "status");
}

#[test]
fn a_json_log_line_has_each_key_once() {
    let stderr = Project::sqlite(&[ONE]).stderr("upgrade --log-format json");
    assert_eq!(stderr.lines().count(), 5, "starting, planned, started, ran, committed: {stderr}");
    for line in stderr.lines() {
        let mut keys = line.split("\":").filter_map(|part| part.rsplit('"').next()).collect::<Vec<_>>();
        keys.pop();
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert!(all > 3 && keys.len() == all, "{line}");
    }
}

#[test]
fn colours_are_for_terminals_or_on_demand() {
    let project = Project::sqlite(&[ONE, "SELECT nope;\n"]);
    let colored = |arguments: &str| project.run(arguments).contains('\u{1b}');
    assert!(!colored("upgrade") && !colored("status"));
    assert!(colored("upgrade --color always") && colored("status --color always"));
    assert!(!colored("upgrade --color never") && !colored("status --color never"));
    let project = project.env("NO_COLOR", "1");
    let colored = |arguments: &str| project.run(arguments).contains('\u{1b}');
    assert!(!colored("upgrade") && !colored("upgrade --color auto"));
    assert!(colored("upgrade --color always"), "what is asked for wins over the environment");
}

#[test]
fn colours_on_a_terminal_unless_no_color_is_set() {
    let project = Project::sqlite(&["SELECT nope;\n"]);
    let shown = |setting: &str| {
        let line = format!("{setting} '{}' upgrade", env!("CARGO_BIN_EXE_dbmigrate"));
        let mut script = std::process::Command::new("script");
        let script = script.args(["-qec", &line, "/dev/null"]).current_dir(project.root()).stdin(Stdio::null());
        let output = script.env("DBMIGRATE_URL", "sqlite:app.db").env_remove("NO_COLOR").output();
        String::from_utf8_lossy(&output.expect("script runs").stdout).into_owned()
    };
    assert!(shown("").contains("\u{1b}["));
    assert!(!shown("NO_COLOR=1").contains("\u{1b}[3"));
    // the same rule applies to the colours of the help
    assert!(!shown("NO_COLOR=1").contains("\u{1b}[1m"));
}

#[test]
fn a_reader_that_closes_the_pipe_is_not_a_failure() {
    let texts = vec!["SELECT 1;\n"; 300];
    let project = Project::sqlite(&texts);
    for arguments in ["status", "status --format json", "upgrade --dry-run", "completions bash", "man", "--help"] {
        let line = format!("'{}' {arguments} | head -1 >/dev/null", env!("CARGO_BIN_EXE_dbmigrate"));
        let mut shell = std::process::Command::new("bash");
        let output =
            shell.args(["-c", &line]).current_dir(project.root()).env("DBMIGRATE_URL", "sqlite:app.db").output();
        assert_eq!(String::from_utf8_lossy(&output.expect("bash runs").stderr), "", "{arguments}");
    }
}

#[test]
fn closed_outputs_do_not_prevent_scripts_from_being_applied() {
    let project = Project::sqlite(&[ONE]);
    let line = format!("'{}' upgrade >&- 2>&-", env!("CARGO_BIN_EXE_dbmigrate"));
    let mut shell = std::process::Command::new("bash");
    let shell = shell.args(["-c", &line]).current_dir(project.root()).env("DBMIGRATE_URL", "sqlite:app.db");
    assert!(shell.status().expect("bash runs").success());
    assert_eq!(project.sqlite3("SELECT number FROM dbmigrate_journal"), "1\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_fails_the_run() {
    let project = Project::sqlite(&[ONE]);
    let full = std::fs::File::options().write(true).open("/dev/full").expect("a full disk");
    let output = project.command("", &["upgrade", "--dry-run"]).stdout(full).output().expect("the program runs");
    assert_ne!(output.status.code(), Some(0), "a cut off script looks like a whole one");
}
