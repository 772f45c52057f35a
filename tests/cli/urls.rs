//! Texts that are no URL.

use insta::assert_snapshot;

use crate::project::{ONE, Project};

#[test]
fn a_url_of_the_environment_is_not_blamed_on_anything_else() {
    let project = Project::scripts(&[ONE]).env("DATABASE_URL", "app.db");
    assert_snapshot!(project.run("status"), @"
    exit 2
    --- stderr
    error: DATABASE_URL: the database URL has no scheme
     = help: write sqlite:path/to/file.db, postgres://user:password@host:port/database, mysql://..., sqlserver://... or Server=host,1433;Database=name;User Id=user;Password=password
    ");
}

#[test]
fn urls_that_are_none_say_what_one_looks_like() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("status --url app.db"), @"
    exit 2
    --- stderr
    error: --url: the database URL has no scheme
     = help: write sqlite:path/to/file.db, postgres://user:password@host:port/database, mysql://..., sqlserver://... or Server=host,1433;Database=name;User Id=user;Password=password
    ");
    assert_snapshot!(project.run("status --url oracle://u:p@h/d"), @r#"
    exit 2
    --- stderr
    error: --url: the database URL's scheme "oracle" is not known
     = help: write sqlite:path/to/file.db, postgres://user:password@host:port/database, mysql://..., sqlserver://... or Server=host,1433;Database=name;User Id=user;Password=password
    "#);
    assert_snapshot!(project.run("status --url oracle://u:p@h/d"), @r#"
    exit 2
    --- stderr
    error: --url: the database URL's scheme "oracle" is not known
     = help: write sqlite:path/to/file.db, postgres://user:password@host:port/database, mysql://..., sqlserver://... or Server=host,1433;Database=name;User Id=user;Password=password
    "#);
    assert_snapshot!(project.run("status --url sqlite:"), @"
    exit 2
    --- stderr
    error: --url: the sqlite URL names no database
     = help: name a file, such as sqlite:path/to/file.db
    ");
    assert_snapshot!(project.run("status --url sqlite::memory:"), @"
    exit 2
    --- stderr
    error: --url: a database in memory is gone when the run ends
     = help: name a file, such as sqlite:app.db
    ");
    assert_snapshot!(project.run("status --url sqlite:app.db?cache=shared"), @"
    exit 2
    --- stderr
    error: --url: the sqlite URL has an unknown parameter: number 1 behind the ?
     = help: known is mode: ro, rw or rwc
    ");
    assert_snapshot!(project.run("status --url mysql:shop.db"), @"
    exit 2
    --- stderr
    error: --url: the mysql URL cannot be parsed: it does not start with mysql://
     = help: in a user name or a password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25
    ");
    assert_snapshot!(project.run("status --url mysql+ssl://u@h/d"), @"
    exit 2
    --- stderr
    error: --url: the database URL has no scheme
     = help: write sqlite:path/to/file.db, postgres://user:password@host:port/database, mysql://..., sqlserver://... or Server=host,1433;Database=name;User Id=user;Password=password
    ");
    assert_snapshot!(project.run("status --url="), @"
    exit 2
    --- stderr
    error: --url: the database URL has no scheme
     = help: write sqlite:path/to/file.db, postgres://user:password@host:port/database, mysql://..., sqlserver://... or Server=host,1433;Database=name;User Id=user;Password=password
    ");
}
