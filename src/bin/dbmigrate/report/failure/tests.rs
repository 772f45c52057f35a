#[path = "../../../../error/every.rs"]
pub(in crate::report) mod every;

use super::*;

fn plain(error: Error) -> String {
    render("upgrade", &error.into(), false, true)
}

#[test]
fn a_failing_script_is_shown_with_its_line_and_the_state_of_the_database() {
    assert_eq!(
        plain(every::failed_script()),
        r#"error: Script-0007.sql failed: relation "custmers" does not exist
  --> migrations/Script-0007.sql:12:13
   |
12 | ALTER TABLE custmers ADD COLUMN email text;
   |             ^^^^^^^^
   = PostgreSQL 42P01
   = rolled back: 0005-0007 were not applied, the database is unchanged at 0004
"#
    );
}

// paths and the system's messages differ on other systems
#[cfg(unix)]
#[test]
fn every_error_says_what_where_why_and_what_next() {
    insta::assert_snapshot!(every::errors().into_iter().map(plain).collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_error_fits_a_screen() {
    for error in every::errors() {
        let rendered = plain(error);
        assert!(rendered.lines().count() <= 24, "{rendered}");
    }
}

#[test]
fn colours_change_nothing_but_colours() {
    for (plain, colored) in every::errors().into_iter().zip(every::errors()) {
        let colored = render("upgrade", &colored.into(), true, true);
        assert!(colored.contains("\u{1b}["));
        assert_eq!(without_colors(&colored), render("upgrade", &plain.into(), false, true));
    }
}

fn without_colors(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[test]
fn a_long_difference_is_cut() {
    let lines = |lines: usize| "+x\n".repeat(lines);
    assert_eq!(difference(&lines(40), false), lines(40));
    assert_eq!(difference(&lines(43), false), lines(40) + "... and 3 more lines\n");
}

#[test]
fn what_stands_around_an_error_is_its_beginning() {
    let error = Error::NoFile { path: "/srv/app.db".into() };
    assert!(
        render("upgrade", &anyhow::Error::from(error).context("target \"shop\""), false, true)
            .starts_with("error: target \"shop\": there is no database file /srv/app.db\n")
    );
    let usage = anyhow::anyhow!("no database given").context(Usage);
    assert_eq!(render("upgrade", &usage, false, true), "error: no database given\n");
    let plain = anyhow::anyhow!("disk full").context("app.db cannot be written");
    assert_eq!(render("upgrade", &plain, false, true), "error: app.db cannot be written: disk full\n");
}
