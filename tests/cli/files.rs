//! Files in a folder that cannot be read or are not text.

use insta::assert_snapshot;

use crate::project::{ONE, Project};

#[test]
fn bytes_that_are_not_text_are_refused() {
    let project = Project::sqlite(&[]);
    project.file("migrations/Script-0001.sql", b"-- T\xe4st\nSELECT 1;\n");
    project.file("migrations/Script-0002.sql", b"S\0E\0L\0E\0C\0T\0 \x001\0;\0");
    project.file("migrations/Script-0003.sql", b"\xff\xfeS\0\x00\xd8");
    project.file("migrations/Script-0004.sql", b"SELECT 1;\0");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: migrations/Script-0001.sql is not text: invalid UTF-8 at byte offset 4
     = help: save it as UTF-8, or as UTF-16 with a byte order mark
    error: migrations/Script-0002.sql is not text: a NUL character (UTF-16 without a byte order mark?) at byte offset 1
     = help: save it as UTF-8, or as UTF-16 with a byte order mark
    error: migrations/Script-0003.sql is not text: invalid UTF-16 (an unpaired surrogate) at byte offset 4
     = help: save it as UTF-8, or as UTF-16 with a byte order mark
    error: migrations/Script-0004.sql is not text: a NUL character (UTF-16 without a byte order mark?) at byte offset 9
     = help: save it as UTF-8, or as UTF-16 with a byte order mark
    4 problems: nothing was applied
    ");
}

#[test]
fn a_long_script_whose_end_is_not_text_is_refused() {
    let long = "INSERT INTO customers (id) VALUES (NULL);\n".repeat(40_000);
    let refused = [
        &format!("error: migrations/Script-0002.sql is not text: invalid UTF-8 at byte offset {}", long.len()),
        " = help: save it as UTF-8, or as UTF-16 with a byte order mark",
    ];
    let project = Project::sqlite(&[ONE]);
    project.run("upgrade");
    project.file("migrations/Script-0002.sql", [long.as_bytes(), b"\xff"].concat());
    let before = project.sqlite3(".dump");
    for run in ["upgrade", "check", "check --url sqlite:app.db", "status", "upgrade --to 1"] {
        let said = project.stderr(run);
        assert!(said.contains(&refused.join("\n")), "{run}: {said}");
    }
    assert_eq!(project.sqlite3(".dump"), before);
    project.file("migrations/Script-0002.sql", &long);
    project.run("upgrade");
    project.file("migrations/Script-0002.sql", [long.as_bytes(), b"\xff"].concat());
    let said = project.stderr("upgrade");
    assert!(said.contains(&refused.join("\n")), "applied before: {said}");
    project.file("migrations/Script-0002.sql", long.replacen("NULL", "7", 1));
    let said = project.stderr("upgrade");
    assert!(said.contains("error: migrations/Script-0002.sql has changed since it was applied"), "{said}");
}

#[test]
fn utf_16_with_its_mark_is_text() {
    let project = Project::sqlite(&[]);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    project.file("migrations/Script-0001.sql", utf16(&format!("\u{feff}{ONE}")));
    assert_snapshot!(project.run("upgrade"), @"
    exit 0
    --- stdout
    applied 1 script in [n] ms: the database is at 0001
    --- stderr
    upgrade sqlite:app.db from migrations
    1 pending: atomic (one transaction)
    ran Script-0001.sql Customers ( [n] ms)
    committed Script-0001.sql
    ");
}

#[test]
fn files_that_cannot_be_read_are_refused() {
    let project = Project::sqlite(&[ONE]);
    std::os::unix::fs::symlink("/nowhere/at/all.sql", project.path("migrations/Script-0002.sql")).expect("a link");
    std::fs::create_dir(project.path("migrations/Script-0003.sql")).expect("a folder");
    std::os::unix::fs::symlink(project.path("migrations"), project.path("migrations/again")).expect("a link");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: migrations/Script-0002.sql cannot be read: No such file or directory (os error 2)
     = help: fix its permissions or the symlink, or remove it
    error: migrations/again cannot be read: a symbolic link that leads back to migrations
     = help: fix its permissions or the symlink, or remove it
    error: migrations/Script-0003.sql is named like a script but is not a file
     = help: rename it: only a script may have this name
    3 problems: nothing was applied
    ");
}

#[test]
fn numbers_that_are_too_large_are_refused() {
    let project = Project::sqlite(&[ONE]);
    project.file("migrations/Script-99999999999999999999.sql", "");
    project.file("migrations/Script-4294967296.sql", "");
    assert_snapshot!(project.refused(), @"
    exit 4
    --- stderr
    upgrade sqlite:app.db from migrations
    error: the number of migrations/Script-4294967296.sql is too large
     = help: the highest number is 4294967294
    error: the number of migrations/Script-99999999999999999999.sql is too large
     = help: the highest number is 4294967294
    2 problems: nothing was applied
    ");
}
