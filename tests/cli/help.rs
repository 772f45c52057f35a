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
      new          Create the next Script-NNNN.sql and print its path
      renumber     Renumber this branch's scripts to follow REV's
      status       Show what is applied, what is pending and what is wrong
      check        Check the scripts without a database
      upgrade      Apply the pending scripts
      rebuild      Build a new database from the baseline and the scripts, and drop the old one
      baseline     Record the baseline as applied to an existing database, without running anything
      repair       Accept the changed text of an applied script, or clear one that stopped in the
                   middle; runs nothing
      squash       Write a Baseline-NNNN.sql that replaces many scripts, and verify it with scratch
                   databases
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
    3 something is pending (status --exit-code), 4 refused: the history or the folder is wrong, or the
    target is guarded, 5 another run holds the lock, 130 and 143 stopped by Ctrl-C or SIGTERM.
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
      new          Create the next Script-NNNN.sql and print its path
      renumber     Renumber this branch's scripts to follow REV's
      status       Show what is applied, what is pending and what is wrong
      check        Check the scripts without a database
      upgrade      Apply the pending scripts
      rebuild      Build a new database from the baseline and the scripts, and drop the old one
      baseline     Record the baseline as applied to an existing database, without running anything
      repair       Accept the changed text of an applied script, or clear one that stopped in the
                   middle; runs nothing
      squash       Write a Baseline-NNNN.sql that replaces many scripts, and verify it with scratch
                   databases
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
    3 something is pending (status --exit-code), 4 refused: the history or the folder is wrong, or the
    target is guarded, 5 another run holds the lock, 130 and 143 stopped by Ctrl-C or SIGTERM.
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

/// Returns the help of a command without the global options, which the help of upgrade shows.
fn of(command: &str) -> String {
    let help = Project::empty().run_with(&["help", command]);
    help.split("\nGlobal options:").next().unwrap_or_default().to_owned()
}

#[test]
fn help_of_the_other_commands() {
    assert_snapshot!(["init", "new", "status", "check"].map(of).join("\n\n"), @"
    exit 0
    --- stdout
    Start a project: write dbmigrate.toml, Baseline.sql and Script-0001.sql

    Usage: dbmigrate init [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Create the next Script-NNNN.sql and print its path

    Usage: dbmigrate new [OPTIONS] [TITLE]...

    Arguments:
      [TITLE]...
              What the script does; becomes its first comment line

    Options:
          --since <REV>
              Take a number that is also unused in this commit, tag or branch

      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Show what is applied, what is pending and what is wrong

    Usage: dbmigrate status [OPTIONS]

    Options:
          --exit-code
              Exit with status 3 if scripts are pending, 4 if an upgrade would be refused

          --at <REV>
              Take the scripts from this commit, tag or branch instead of the work tree

          --var <NAME=VALUE>
              The value of $(NAME) in scripts; the configuration can set it under [variables]

          --strict
              Refuse SQL files in the folder that are not named like a script, instead of warning about
              them

          --wait <DURATION>
              How long to keep trying while the server does not answer [default: one attempt only]

      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Check the scripts without a database

    Usage: dbmigrate check [OPTIONS]

    Options:
          --since <REV>
              Fail if a script of REV was changed or removed, or a new one is not numbered after REV's
              last; REV is a commit, tag or branch

          --at <REV>
              Take the scripts from this commit, tag or branch instead of the work tree

          --var <NAME=VALUE>
              The value of $(NAME) in scripts; the configuration can set it under [variables]

          --strict
              Refuse SQL files in the folder that are not named like a script, instead of warning about
              them

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn help_of_the_less_common_commands() {
    assert_snapshot!(["renumber", "rebuild", "baseline", "repair"].map(of).join("\n\n"), @"
    exit 0
    --- stdout
    Renumber this branch's scripts to follow REV's

    Usage: dbmigrate renumber [OPTIONS]

    Options:
          --since <REV>
              The commit, tag or branch whose scripts keep their numbers
              
              [default: @{upstream}]

      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Build a new database from the baseline and the scripts, and drop the old one

    Usage: dbmigrate rebuild [OPTIONS]

    Options:
          --to <N>
              Apply the scripts only up to this number

          --yes
              Drop a local database without asking

          --allow-drop <NAME>
              Drop the database with this name, wherever it is

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


    exit 0
    --- stdout
    Record the baseline as applied to an existing database, without running anything

    Usage: dbmigrate baseline [OPTIONS]

    Options:
          --to <N>
              Also record the scripts up to this number; 0 without a Baseline.sql takes the database as
              it is

          --import <dbup>
              Record the scripts that DbUp has applied, according to its journal

          --import-table <[SCHEMA.]TABLE>
              The table that holds DbUp's journal [default: DbUp's own default]

          --ignore-journal <[SCHEMA.]TABLE>
              Ignore the journal of another tool in this table

          --yes
              Record without asking, even if the database is not on this machine

          --wait <DURATION>
              How long to keep trying while the server does not answer [default: one attempt only]

          --lock-timeout <DURATION>
              How long to wait for another run [default: 5m]

      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Accept the changed text of an applied script, or clear one that stopped in the middle; runs nothing

    Usage: dbmigrate repair [OPTIONS] --reason <TEXT> <N>

    Arguments:
      <N>
              The script's number

    Options:
          --reason <TEXT>
              The reason; the journal keeps it, with what it held before

          --yes
              Repair without asking, even if the database is not on this machine

          --at <REV>
              Take the scripts from this commit, tag or branch instead of the work tree

          --var <NAME=VALUE>
              The value of $(NAME) in scripts; the configuration can set it under [variables]

          --strict
              Refuse SQL files in the folder that are not named like a script, instead of warning about
              them

          --wait <DURATION>
              How long to keep trying while the server does not answer [default: one attempt only]

          --lock-timeout <DURATION>
              How long to wait for another run [default: 5m]

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn every_option_is_explained() {
    for command in
        ["init", "new", "renumber", "status", "check", "upgrade", "rebuild", "baseline", "completions", "man"]
    {
        let help = Project::empty().run_with(&[command, "--help"]);
        let help = help.split_once("--- stdout").expect("a help").1;
        let options = help.lines().zip(help.lines().skip(1)).filter(|(line, _)| line.trim_start().starts_with('-'));
        for (option, next) in options {
            assert!(option.contains("auto:") || next.starts_with("          "), "{command}: {option}");
        }
    }
}

#[test]
fn help_of_what_is_about_the_program_itself() {
    assert_snapshot!(["squash", "completions", "man"].map(of).join("\n\n"), @"
    exit 0
    --- stdout
    Write a Baseline-NNNN.sql that replaces many scripts, and verify it with scratch databases

    Usage: dbmigrate squash [OPTIONS]

    Options:
          --to <N>
              The last script that the baseline holds [default: the highest]

          --var <NAME=VALUE>
              The value of $(NAME) in scripts; the configuration can set it under [variables]

          --wait <DURATION>
              How long to keep trying while the server does not answer [default: one attempt only]

      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Print shell completions

    bash: ~/.local/share/bash-completion/completions/dbmigrate; zsh: _dbmigrate in a folder in $fpath;
    fish: ~/.config/fish/completions/dbmigrate.fish; PowerShell: append it to $PROFILE.

    Usage: dbmigrate completions [OPTIONS] <SHELL>

    Arguments:
      <SHELL>
              The shell
              
              [possible values: bash, elvish, fish, powershell, zsh]

    Options:
      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Print the manual page of the program or of one command

    Usage: dbmigrate man [OPTIONS] [COMMAND]

    Arguments:
      [COMMAND]
              The command

    Options:
      -h, --help
              Print help (see a summary with '-h')
    ");
}
