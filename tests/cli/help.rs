//! What the program says about itself.

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
      init         Write dbmigrate.toml, Baseline.sql and Script-0001.sql to start from
      new          Create the next Script-NNNN.sql and print its path
      renumber     Move your own scripts behind those that others have
      status       Show what is applied, what is pending and what is wrong
      check        Check the folder alone, without a database
      upgrade      Apply what is pending
      rebuild      Build the database anew from baseline and scripts, and drop the old one
      baseline     Record the baseline as applied on an existing database, running nothing
      repair       Accept the changed text of an applied script, or clear one that stopped in the
                   middle; runs nothing
      squash       Write Baseline-NNNN.sql in the place of many scripts, and prove it with scratch
                   databases
      completions  Print completions for a shell
      man          Print the manual page, of the program or of one command
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Global options:
          --url <URL>
              The database: sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE, mysql://... or
              sqlserver://...
              
              Without it: the target of the configuration file, then DBMIGRATE_URL, then DATABASE_URL.

          --target <NAME>
              A [target.NAME] of the configuration file

          --dir <DIR>
              The folder of the scripts [default: migrations]

          --config <FILE>
              The configuration file [default: dbmigrate.toml here or in a folder above]

          --no-dotenv
              Do not read a .env
              
              Without it, the nearest .env adds variables that are not set: from the current folder up
              to the one with the configuration, or to the top of the Git checkout.

          --format <FORMAT>
              How the result is written to standard output

              Possible values:
              - table: For people
              - json:  One JSON document, also for a failure: docs/json.md
              
              [default: table]

          --color <WHEN>
              When to use colours

              Possible values:
              - auto:   On a terminal, unless NO_COLOR is set
              - always: Also where nobody sees them
              - never:  Not at all
              
              [default: auto]

      -q, --quiet
              Say nothing but results of status and check, and errors

      -v, --verbose...
              Log what is being done; twice: in detail

          --log-format <FORMAT>
              How progress, errors and logs are written to standard error

              Possible values:
              - text: Lines for people
              - json: One JSON object a line
              
              [default: text]

    Exit codes: 0 done or up to date, 1 a script or the database failed, 2 usage or configuration,
    3 pending (status --exit-code), 4 refused: history or folder is wrong, 5 another run holds the lock,
    130 and 143 stopped by Ctrl-C or SIGTERM. A DURATION is 500ms, 30s, 5m, 1h 30m, or seconds as a
    number.
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
      init         Write dbmigrate.toml, Baseline.sql and Script-0001.sql to start from
      new          Create the next Script-NNNN.sql and print its path
      renumber     Move your own scripts behind those that others have
      status       Show what is applied, what is pending and what is wrong
      check        Check the folder alone, without a database
      upgrade      Apply what is pending
      rebuild      Build the database anew from baseline and scripts, and drop the old one
      baseline     Record the baseline as applied on an existing database, running nothing
      repair       Accept the changed text of an applied script, or clear one that stopped in the
                   middle; runs nothing
      squash       Write Baseline-NNNN.sql in the place of many scripts, and prove it with scratch
                   databases
      completions  Print completions for a shell
      man          Print the manual page, of the program or of one command
      help         Print this message or the help of the given subcommand(s)

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Global options:
          --url <URL>            The database: sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE,
                                 mysql://... or sqlserver://...
          --target <NAME>        A [target.NAME] of the configuration file
          --dir <DIR>            The folder of the scripts [default: migrations]
          --config <FILE>        The configuration file [default: dbmigrate.toml here or in a folder
                                 above]
          --no-dotenv            Do not read a .env
          --format <FORMAT>      How the result is written to standard output [default: table] [possible
                                 values: table, json]
          --color <WHEN>         When to use colours [default: auto] [possible values: auto, always,
                                 never]
      -q, --quiet                Say nothing but results of status and check, and errors
      -v, --verbose...           Log what is being done; twice: in detail
          --log-format <FORMAT>  How progress, errors and logs are written to standard error [default:
                                 text] [possible values: text, json]

    Exit codes: 0 done or up to date, 1 a script or the database failed, 2 usage or configuration,
    3 pending (status --exit-code), 4 refused: history or folder is wrong, 5 another run holds the lock,
    130 and 143 stopped by Ctrl-C or SIGTERM. A DURATION is 500ms, 30s, 5m, 1h 30m, or seconds as a
    number.
    ");
}

#[test]
fn help_of_upgrade() {
    assert_snapshot!(Project::empty().run("upgrade --help"), @"
    exit 0
    --- stdout
    Apply what is pending

    Usage: dbmigrate upgrade [OPTIONS]

    Options:
          --to <N>
              Go to this number only

          --dry-run
              Print the SQL that would be sent, and change nothing

          --rehearse
              Run everything for real, roll it back, and tell of each script what it took

          --transaction <MODE>
              One transaction for everything pending, or one for each script

              Possible values:
              - single:     All of it or nothing
              - per-script: What is before a failing script stays
              
              [default: single]

          --create-database
              Create the database first when it does not exist

          --resume-at <STATEMENT>
              Continue an unfinished script at this statement, from 1

          --at <REV>
              Take the scripts from this commit, tag or branch instead of the work tree

          --var <NAME=VALUE>
              What $(NAME) stands for in scripts; also under [variables] in the configuration

          --strict
              Refuse SQL files in the folder whose names are no script's, instead of warning of them

          --lock-timeout <DURATION>
              How long to wait for another run, and for locks that other sessions hold
              
              Without it: 5 minutes for another run, the server's own default for locks. After a lock
              that was not to be had in time, the whole transaction begins again, five times at most.

          --statement-timeout <DURATION>
              How long a statement may take [default: without limit]

          --wait <DURATION>
              How long to try again while the server does not answer [default: not at all]

      -h, --help
              Print help (see a summary with '-h')

    Global options:
          --url <URL>
              The database: sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE, mysql://... or
              sqlserver://...
              
              Without it: the target of the configuration file, then DBMIGRATE_URL, then DATABASE_URL.

          --target <NAME>
              A [target.NAME] of the configuration file

          --dir <DIR>
              The folder of the scripts [default: migrations]

          --config <FILE>
              The configuration file [default: dbmigrate.toml here or in a folder above]

          --no-dotenv
              Do not read a .env
              
              Without it, the nearest .env adds variables that are not set: from the current folder up
              to the one with the configuration, or to the top of the Git checkout.

          --format <FORMAT>
              How the result is written to standard output

              Possible values:
              - table: For people
              - json:  One JSON document, also for a failure: docs/json.md
              
              [default: table]

          --color <WHEN>
              When to use colours

              Possible values:
              - auto:   On a terminal, unless NO_COLOR is set
              - always: Also where nobody sees them
              - never:  Not at all
              
              [default: auto]

      -q, --quiet
              Say nothing but results of status and check, and errors

      -v, --verbose...
              Log what is being done; twice: in detail

          --log-format <FORMAT>
              How progress, errors and logs are written to standard error

              Possible values:
              - text: Lines for people
              - json: One JSON object a line
              
              [default: text]
    ");
}

/// The options that all commands have are in the help of upgrade.
fn of(command: &str) -> String {
    let help = Project::empty().run_with(&["help", command]);
    help.split("\nGlobal options:").next().unwrap_or_default().to_owned()
}

#[test]
fn help_of_the_other_commands() {
    assert_snapshot!(["init", "new", "status", "check"].map(of).join("\n\n"), @"
    exit 0
    --- stdout
    Write dbmigrate.toml, Baseline.sql and Script-0001.sql to start from

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
              What the script does: its first comment line

    Options:
          --since <REV>
              Take a number that this commit, tag or branch has not either

      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Show what is applied, what is pending and what is wrong

    Usage: dbmigrate status [OPTIONS]

    Options:
          --exit-code
              End with 3 when something is pending, with 4 when an upgrade would refuse

          --at <REV>
              Take the scripts from this commit, tag or branch instead of the work tree

          --var <NAME=VALUE>
              What $(NAME) stands for in scripts; also under [variables] in the configuration

          --strict
              Refuse SQL files in the folder whose names are no script's, instead of warning of them

          --wait <DURATION>
              How long to try again while the server does not answer [default: not at all]

      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Check the folder alone, without a database

    Usage: dbmigrate check [OPTIONS]

    Options:
          --since <REV>
              Whatever this commit, tag or branch has must be there unchanged, and nothing new before
              the end of it

          --at <REV>
              Take the scripts from this commit, tag or branch instead of the work tree

          --var <NAME=VALUE>
              What $(NAME) stands for in scripts; also under [variables] in the configuration

          --strict
              Refuse SQL files in the folder whose names are no script's, instead of warning of them

      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn help_of_the_commands_behind_them() {
    assert_snapshot!(["renumber", "rebuild", "baseline", "repair"].map(of).join("\n\n"), @"
    exit 0
    --- stdout
    Move your own scripts behind those that others have

    Usage: dbmigrate renumber [OPTIONS]

    Options:
          --since <REV>
              What others have: a commit, a tag or a branch
              
              [default: @{upstream}]

      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Build the database anew from baseline and scripts, and drop the old one

    Usage: dbmigrate rebuild [OPTIONS]

    Options:
          --to <N>
              Go to this number only

          --yes
              Drop a local database without asking

          --allow-drop <NAME>
              Drop the database of this name, wherever it is

          --at <REV>
              Take the scripts from this commit, tag or branch instead of the work tree

          --var <NAME=VALUE>
              What $(NAME) stands for in scripts; also under [variables] in the configuration

          --strict
              Refuse SQL files in the folder whose names are no script's, instead of warning of them

          --lock-timeout <DURATION>
              How long to wait for another run, and for locks that other sessions hold
              
              Without it: 5 minutes for another run, the server's own default for locks. After a lock
              that was not to be had in time, the whole transaction begins again, five times at most.

          --statement-timeout <DURATION>
              How long a statement may take [default: without limit]

          --wait <DURATION>
              How long to try again while the server does not answer [default: not at all]

      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Record the baseline as applied on an existing database, running nothing

    Usage: dbmigrate baseline [OPTIONS]

    Options:
          --to <N>
              Record the scripts up to this number, too; 0 without a Baseline.sql: take the database as
              it is

          --import <dbup>
              Record the scripts that DbUp has applied, by its own journal

          --import-table <[SCHEMA.]TABLE>
              The table where DbUp keeps its journal [default: as DbUp itself has it]

          --ignore-journal <[SCHEMA.]TABLE>
              Ignore what another tool has recorded in this table

          --yes
              Record without asking, also where the database is not on this machine

          --wait <DURATION>
              How long to try again while the server does not answer [default: not at all]

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
              Why: the journal keeps it, with what it had before

          --yes
              Repair without asking, also where the database is not on this machine

          --at <REV>
              Take the scripts from this commit, tag or branch instead of the work tree

          --var <NAME=VALUE>
              What $(NAME) stands for in scripts; also under [variables] in the configuration

          --strict
              Refuse SQL files in the folder whose names are no script's, instead of warning of them

          --wait <DURATION>
              How long to try again while the server does not answer [default: not at all]

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
    Write Baseline-NNNN.sql in the place of many scripts, and prove it with scratch databases

    Usage: dbmigrate squash [OPTIONS]

    Options:
          --to <N>
              The last script that it holds [default: the highest]

          --var <NAME=VALUE>
              What $(NAME) stands for in scripts; also under [variables] in the configuration

          --wait <DURATION>
              How long to try again while the server does not answer [default: not at all]

      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Print completions for a shell

    bash: ~/.local/share/bash-completion/completions/dbmigrate; zsh: _dbmigrate in a folder of $fpath;
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
    Print the manual page, of the program or of one command

    Usage: dbmigrate man [OPTIONS] [COMMAND]

    Arguments:
      [COMMAND]
              The command

    Options:
      -h, --help
              Print help (see a summary with '-h')
    ");
}
