//! The help of the commands, but for upgrade.

use insta::assert_snapshot;

use crate::project::Project;

/// Returns the help of a command without the global options, which the help of upgrade shows.
fn of(command: &str) -> String {
    let help = Project::empty().run_with(&["help", command]);
    help.split("\nGlobal options:").next().unwrap_or_default().to_owned()
}

#[test]
fn help_of_the_other_commands() {
    assert_snapshot!(["init", "new", "status", "wait", "check"].map(of).join("\n\n"), @"
    exit 0
    --- stdout
    Start a project: write dbmigrate.toml, Baseline.sql and Script-0001.sql

    Usage: dbmigrate init [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')


    exit 0
    --- stdout
    Create the next Script-NNNN.sql, or an object file, and print its path

    Usage: dbmigrate new [OPTIONS] [TITLE]...

    Arguments:
      [TITLE]...
              What the script does; becomes its first comment line

    Options:
          --object <PATH>
              Create the file of an object instead, such as views/totals.sql

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
              Exit with status 3 if scripts or objects are pending, 4 if an upgrade would be refused

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
    Wait until another process has brought the database to where the scripts are

    dbmigrate only reads. It also waits for the server and the database. A database that is ahead of the
    scripts is where it should be. If the time is over, it ends with exit status 3 if something is
    pending, 1 if the server never answered; with 4 at once if an upgrade would be refused.

    Usage: dbmigrate wait [OPTIONS]

    Options:
          --to <N>
              Wait only until the database is at this number or a higher one
              
              [alias: --number]

          --timeout <DURATION>
              How long to wait; 0s looks once
              
              [default: 5m]

          --at <REV>
              Take the scripts from this commit, tag or branch instead of the work tree

          --var <NAME=VALUE>
              The value of $(NAME) in scripts; the configuration can set it under [variables]

          --strict
              Refuse SQL files in the folder that are not named like a script, instead of warning about
              them

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

          --no-template
              Run every script: neither copy a template nor keep one

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

          --import <TOOL>
              Record the scripts that another tool has applied, according to its journal: auto, or the
              tool's name
              
              [possible values: auto, dbup, grate, roundhouse, flyway, liquibase, sqlx, refinery,
              dbmate, golang-migrate, goose, tern, prisma, diesel, rails, efcore, alembic,
              node-pg-migrate, atlas, evolve]

          --import-table <[SCHEMA.]TABLE>
              The table that holds the tool's journal [default: the tool's own default]

          --ignore-journal <[SCHEMA.]TABLE>
              Ignore the journal of another tool in this table

          --verify
              First compare the schema with a scratch database, built from what is to be recorded;
              record nothing if it differs

          --var <NAME=VALUE>
              The value of $(NAME) in scripts, for --verify; the configuration can set it under
              [variables]

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
