//! Wrong arguments, completions and manual pages.

use insta::assert_snapshot;

use crate::project::Project;

#[test]
fn nothing_asked_shows_the_help() {
    let text = Project::empty().run("");
    assert!(text.starts_with("exit 2\n--- stderr\nBrings a database to the state"), "{text}");
}

#[test]
fn what_is_not_known_is_named() {
    let project = Project::empty();
    assert_snapshot!(project.run("upgade"), @"
    exit 2
    --- stderr
    error: unrecognized subcommand 'upgade'

      tip: a similar subcommand exists: 'upgrade'

    Usage: dbmigrate [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    assert_snapshot!(project.run("upgrade --dryrun"), @"
    exit 2
    --- stderr
    error: unexpected argument '--dryrun' found

      tip: a similar argument exists: '--dry-run'

    Usage: dbmigrate upgrade --dry-run

    For more information, try '--help'.
    ");
    assert_snapshot!(project.run("upgrade --to abc"), @"
    exit 2
    --- stderr
    error: invalid value 'abc' for '--to <N>': not a number: a script's number is made of decimal digits, like 0042

    For more information, try '--help'.
    ");
    assert_snapshot!(project.run("upgrade --to -1"), @"
    exit 2
    --- stderr
    error: unexpected argument '-1' found

    Usage: dbmigrate upgrade [OPTIONS]

    For more information, try '--help'.
    ");
    assert_snapshot!(project.run("upgrade --to 99999999999"), @"
    exit 2
    --- stderr
    error: invalid value '99999999999' for '--to <N>': the number is too large: the highest is 4294967294

    For more information, try '--help'.
    ");
    assert_snapshot!(project.run("upgrade --lock-timeout soon"), @r#"
    exit 2
    --- stderr
    error: invalid value 'soon' for '--lock-timeout <DURATION>': "soon" is not a duration: write it like 30s, 5m or 1h

    For more information, try '--help'.
    "#);
    assert_snapshot!(project.run("status --quiet --verbose"), @"
    exit 2
    --- stderr
    error: the argument '--quiet' cannot be used with '--verbose...'

    Usage: dbmigrate status --quiet

    For more information, try '--help'.
    ");
    assert_snapshot!(project.run("status --url sqlite:a.db --target b"), @"
    exit 2
    --- stderr
    error: the argument '--url <URL>' cannot be used with '--target <NAME>'

    Usage: dbmigrate status --url <URL>

    For more information, try '--help'.
    ");
    assert_snapshot!(project.run("man nonsense"), @r#"
    exit 2
    --- stderr
    error: there is no command "nonsense"
    "#);
    assert_snapshot!(project.run("completions cmd"), @"
    exit 2
    --- stderr
    error: invalid value 'cmd' for '<SHELL>'
      [possible values: bash, elvish, fish, powershell, zsh]

    For more information, try '--help'.
    ");
}

#[test]
fn completions_know_the_commands() {
    let project = Project::empty();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let text = project.run_with(&["completions", shell]);
        assert!(text.starts_with("exit 0\n--- stdout\n") && !text.contains("--- stderr"), "{text}");
        for word in ["upgrade", "rebuild", "baseline", "dry-run", "allow-drop", "exit-code"] {
            assert!(text.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn bash_accepts_its_completions() {
    let script = Project::empty().stdout("completions bash");
    crate::project::client("bash", &["-n"], &script);
    crate::project::client("bash", &[], &format!("{script}\ncomplete -p dbmigrate >/dev/null"));
}

#[test]
fn the_manual_page_is_well_formed() {
    let project = Project::empty();
    for arguments in ["man", "man upgrade"] {
        let page = project.stdout(arguments);
        assert!(page.contains(".TH dbmigrate"), "{page}");
        for section in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"] {
            assert!(page.contains(section), "{arguments}: {section}");
        }
    }
}

#[cfg(not(feature = "sqs"))]
#[test]
fn a_build_without_a_worker_says_which_has_one() {
    assert_snapshot!(Project::empty().run("worker --queue-url x"), @"
    exit 2
    --- stderr
    error: this build has no worker: install dbmigrate with the cargo feature sqs (docs/worker.md)
    ");
}
