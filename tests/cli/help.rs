//! The program's help and version.

use insta::assert_snapshot;

use crate::project::Project;

#[test]
fn version() {
    assert_snapshot!(Project::empty().run("--version"), @"
    exit 0
    --- stdout
    dbmigrate [version]
    ");
}

#[test]
fn help() {
    assert_snapshot!(Project::empty().run("--help"), @"
    exit 0
    --- stdout
    Brings a database to the state that the SQL scripts in a Git checkout describe.

    Forward only, all or nothing, exactly once: Baseline.sql and Script-0001.sql, Script-0002.sql, ...

    Usage: dbmigrate [OPTIONS] <COMMAND>

    Commands:
      init         Start a project: write dbmigrate.toml, Baseline.sql and Script-0001.sql
      new          Create the next Script-NNNN.sql, or an object file, and print its path
      renumber     Renumber this branch's scripts to follow REV's
      status       Show what is applied, what is pending and what is wrong
      wait         Wait until another process has brought the database to where the scripts are
      check        Check the scripts without a database
      upgrade      Apply the pending scripts
      rebuild      Build a new database from the baseline and the scripts, and drop the old one
      adopt        Take over the migrations of another tool: rename and translate its files
      clean        Drop what rebuilds have kept: --templates
      baseline     Record the baseline as applied to an existing database, without running anything
      repair       Accept the changed text of an applied script, or clear one that stopped in the
                   middle; runs nothing
      verify       Compare the schema with what the last run has left, with what the scripts build, or
                   with another database
      squash       Write a Baseline-NNNN.sql that replaces many scripts, and verify it with scratch
                   databases
      fleet        Do the same on many databases: [fleet.NAME] in the configuration
      completions  Print shell completions
      man          Print the manual page of the program or of one command
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Global options:
          --url <URL>
              The database: sqlite:path/to/file.db, postgres://user:password@host:port/database,
              mysql://... or sqlserver://...
              
              Without it, dbmigrate uses --target, the configuration's default target, DBMIGRATE_URL or
              DATABASE_URL, in this order.

          --target <NAME>
              The target: [target.NAME] in the configuration file

          --dir <DIR>
              The folder with the scripts [default: migrations]

          --config <FILE>
              The configuration file [default: dbmigrate.toml in this folder or one above it]

          --no-dotenv
              Do not read .env
              
              Without it, dbmigrate reads the nearest .env, from the current folder up to the one with
              the configuration or to the top of the Git checkout, and takes from it the variables that
              are not set.

          --format <FORMAT>
              The format of the result on standard output

              Possible values:
              - table: For people to read
              - json:  One JSON document, even if the command fails: docs/json.md
              
              [default: table]

          --color <WHEN>
              When to use colours

              Possible values:
              - auto:   On a terminal, unless NO_COLOR is set
              - always: Even when output is not a terminal
              - never:  No colours
              
              [default: auto]

      -q, --quiet
              Print only results and errors

      -v, --verbose...
              Log what dbmigrate does; -vv logs the details

          --log-format <FORMAT>
              The format of progress, errors and logs on standard error

              Possible values:
              - text: Lines for people to read
              - json: One JSON object per line
              
              [default: text]

    Exit codes: 0 done or up to date, 1 a script or the database failed, 2 usage or configuration error,
    3 something is pending (status --exit-code, wait), 4 refused: the history or the folder is wrong,
    or the target is guarded, 5 another run holds the lock, 6 the schema differs, 130 and 143 stopped by
    Ctrl-C or SIGTERM.
    A DURATION is 500ms, 30s, 5m, 1h 30m, or seconds as a number.
    ");
}

#[test]
fn help_in_short() {
    assert_snapshot!(Project::empty().run("-h"), @"
    exit 0
    --- stdout
    Brings a database to the state that the SQL scripts in a Git checkout describe

    Usage: dbmigrate [OPTIONS] <COMMAND>

    Commands:
      init         Start a project: write dbmigrate.toml, Baseline.sql and Script-0001.sql
      new          Create the next Script-NNNN.sql, or an object file, and print its path
      renumber     Renumber this branch's scripts to follow REV's
      status       Show what is applied, what is pending and what is wrong
      wait         Wait until another process has brought the database to where the scripts are
      check        Check the scripts without a database
      upgrade      Apply the pending scripts
      rebuild      Build a new database from the baseline and the scripts, and drop the old one
      adopt        Take over the migrations of another tool: rename and translate its files
      clean        Drop what rebuilds have kept: --templates
      baseline     Record the baseline as applied to an existing database, without running anything
      repair       Accept the changed text of an applied script, or clear one that stopped in the
                   middle; runs nothing
      verify       Compare the schema with what the last run has left, with what the scripts build, or
                   with another database
      squash       Write a Baseline-NNNN.sql that replaces many scripts, and verify it with scratch
                   databases
      fleet        Do the same on many databases: [fleet.NAME] in the configuration
      completions  Print shell completions
      man          Print the manual page of the program or of one command
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Global options:
          --url <URL>            The database: sqlite:path/to/file.db,
                                 postgres://user:password@host:port/database, mysql://... or
                                 sqlserver://...
          --target <NAME>        The target: [target.NAME] in the configuration file
          --dir <DIR>            The folder with the scripts [default: migrations]
          --config <FILE>        The configuration file [default: dbmigrate.toml in this folder or one
                                 above it]
          --no-dotenv            Do not read .env
          --format <FORMAT>      The format of the result on standard output [default: table] [possible
                                 values: table, json]
          --color <WHEN>         When to use colours [default: auto] [possible values: auto, always,
                                 never]
      -q, --quiet                Print only results and errors
      -v, --verbose...           Log what dbmigrate does; -vv logs the details
          --log-format <FORMAT>  The format of progress, errors and logs on standard error [default:
                                 text] [possible values: text, json]

    Exit codes: 0 done or up to date, 1 a script or the database failed, 2 usage or configuration error,
    3 something is pending (status --exit-code, wait), 4 refused: the history or the folder is wrong,
    or the target is guarded, 5 another run holds the lock, 6 the schema differs, 130 and 143 stopped by
    Ctrl-C or SIGTERM.
    A DURATION is 500ms, 30s, 5m, 1h 30m, or seconds as a number.
    ");
}

#[test]
fn help_of_upgrade() {
    assert_snapshot!(Project::empty().run("upgrade --help"), @"
    exit 0
    --- stdout
    Apply the pending scripts

    Usage: dbmigrate upgrade [OPTIONS]

    Options:
          --to <N>
              Apply the scripts only up to this number

          --dry-run
              Print the SQL that would be sent, and change nothing

          --rehearse
              Run everything for real, roll it back, and report time, rows and locks per script

          --transaction <MODE>
              Use one transaction for everything pending, or one per script

              Possible values:
              - single:     All or nothing
              - per-script: The scripts before a failing one stay applied
              
              [default: single]

          --create-database
              Create the database first if it does not exist

          --resume-at <STATEMENT>
              Resume an unfinished script at this statement, counted from 1

          --drift <MODE>
              What to do if the schema was changed since the last run [default: warn]

              Possible values:
              - warn:   Warn, and run
              - refuse: Run nothing, and end with exit status 6
              - off:    Compare nothing

          --at <REV>
              Take the scripts from this commit, tag or branch instead of the work tree

          --var <NAME=VALUE>
              The value of $(NAME) in scripts; the configuration can set it under [variables]

          --strict
              Refuse SQL files in the folder that are not named like a script, instead of warning about
              them

          --lock-timeout <DURATION>
              How long to wait for another run, and for locks that other sessions hold
              
              Without it: 5 minutes for another run, the server's own default for locks. If the run
              cannot acquire a lock in time, dbmigrate begins the whole transaction again, with at most
              five attempts in all.

          --statement-timeout <DURATION>
              How long a statement may take [default: no limit]

          --wait <DURATION>
              How long to keep trying while the server does not answer [default: one attempt only]

      -h, --help
              Print help (see a summary with '-h')

    Global options:
          --url <URL>
              The database: sqlite:path/to/file.db, postgres://user:password@host:port/database,
              mysql://... or sqlserver://...
              
              Without it, dbmigrate uses --target, the configuration's default target, DBMIGRATE_URL or
              DATABASE_URL, in this order.

          --target <NAME>
              The target: [target.NAME] in the configuration file

          --dir <DIR>
              The folder with the scripts [default: migrations]

          --config <FILE>
              The configuration file [default: dbmigrate.toml in this folder or one above it]

          --no-dotenv
              Do not read .env
              
              Without it, dbmigrate reads the nearest .env, from the current folder up to the one with
              the configuration or to the top of the Git checkout, and takes from it the variables that
              are not set.

          --format <FORMAT>
              The format of the result on standard output

              Possible values:
              - table: For people to read
              - json:  One JSON document, even if the command fails: docs/json.md
              
              [default: table]

          --color <WHEN>
              When to use colours

              Possible values:
              - auto:   On a terminal, unless NO_COLOR is set
              - always: Even when output is not a terminal
              - never:  No colours
              
              [default: auto]

      -q, --quiet
              Print only results and errors

      -v, --verbose...
              Log what dbmigrate does; -vv logs the details

          --log-format <FORMAT>
              The format of progress, errors and logs on standard error

              Possible values:
              - text: Lines for people to read
              - json: One JSON object per line
              
              [default: text]
    ");
}

#[test]
fn every_option_is_explained() {
    for command in
        ["init", "new", "renumber", "status", "wait", "check", "upgrade", "rebuild", "baseline", "completions", "man"]
    {
        let help = Project::empty().run_with(&[command, "--help"]);
        let help = help.split_once("--- stdout").expect("a help").1;
        let options = help.lines().zip(help.lines().skip(1)).filter(|(line, _)| {
            let line = line.trim_start();
            line.starts_with('-') && !line.starts_with("- ")
        });
        for (option, next) in options {
            assert!(next.starts_with("          "), "{command}: {option}");
        }
    }
}
