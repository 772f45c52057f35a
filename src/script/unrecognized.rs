//! SQL files that are not named like scripts, and the tools whose naming they follow.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;

/// A `.sql` file in the folder that is not run because it is named neither like a script nor like a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unrecognized {
    /// The file.
    pub path: PathBuf,
    /// The tools that name their files this way.
    pub tool: Option<&'static str>,
}

impl Unrecognized {
    /// Returns what is known about a file of SQL that is not run.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { tool: tool(&path), path }
    }
}

/// A pattern for a file's name with its folder, and the tools that follow it.
type Habit = (Regex, &'static str);

/// The naming of each tool according to its documentation. The first pattern that matches wins.
static HABITS: LazyLock<Vec<Habit>> = LazyLock::new(|| {
    let habit =
        |pattern: &str, tool| (Regex::new(pattern).expect("the pattern is a constant that the tests compile"), tool);
    vec![
        habit(r"(?:^|/)[UV][0-9]+__[^/]*\.sql$", "Flyway or refinery"),
        habit(r"(?:^|/)(?:[VUB][0-9][0-9._]*|R)__[^/]*\.sql$", "Flyway"),
        habit(r"(?:^|/)[0-9]+_[^/]*\.(?:up|down)\.sql$", "golang-migrate or sqlx"),
        habit(r"(?:^|/)[0-9]{14}_[^/]*/migration\.sql$", "Prisma"),
        habit(r"(?:^|/)[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]+_[^/]*/(?:up|down)\.sql$", "Diesel"),
        habit(r"(?:^|/)[0-9]{14}_[^/]*\.sql$", "dbmate, goose, sqlx or Atlas"),
        habit(r"(?:^|/)[0-9]{5}_[^/]*\.sql$", "goose"),
        habit(r"(?:^|/)[0-9]{3}_[^/]*\.sql$", "tern"),
        habit(
            r"(?:^|/)(?:up|runAfterCreateDatabase|sprocs|views|functions|permissions|everytime)/[^/]*\.sql$",
            "grate or RoundhousE",
        ),
        habit(r"(?:^|/)db/(?:structure|schema)\.sql$", "Rails or dbmate"),
    ]
});

fn tool(path: &Path) -> Option<&'static str> {
    let path = path.to_string_lossy().replace('\\', "/");
    HABITS.iter().find(|(pattern, _)| pattern.is_match(&path)).map(|(_, tool)| *tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_known_by_the_names_of_its_files() {
        for (path, tool) in [
            ("migrations/V3__x.sql", Some("Flyway or refinery")),
            ("migrations/V2023.09.4.1__add_users.sql", Some("Flyway")),
            ("migrations/R__v.sql", Some("Flyway")),
            ("20261001000000_z.up.sql", Some("golang-migrate or sqlx")),
            ("m/000001_init.down.sql", Some("golang-migrate or sqlx")),
            ("prisma/migrations/20261001000000_init/migration.sql", Some("Prisma")),
            ("migrations/2026-10-01-123456_users/up.sql", Some("Diesel")),
            ("20261001000000_z.sql", Some("dbmate, goose, sqlx or Atlas")),
            ("00001_users.sql", Some("goose")),
            ("001_users.sql", Some("tern")),
            ("db/up/0001.sql", Some("grate or RoundhousE")),
            ("0004-x.sql", None),
            ("notes.SQL", None),
        ] {
            assert_eq!(Unrecognized::new(path.into()).tool, tool, "{path}");
        }
    }
}
