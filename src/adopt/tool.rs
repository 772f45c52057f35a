//! The migration tools that a project can come from, and how each names its files.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;

/// A migration tool that a project can come from.
///
/// ```
/// use dbmigrate::adopt::Tool;
///
/// assert_eq!("golang-migrate".parse(), Ok(Tool::GolangMigrate));
/// assert!("subversion".parse::<Tool>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Tool {
    /// `DbUp`.
    Dbup,
    /// Flyway.
    Flyway,
    /// sqlx.
    Sqlx,
    /// dbmate.
    Dbmate,
    /// golang-migrate.
    GolangMigrate,
    /// goose.
    Goose,
    /// Prisma Migrate.
    Prisma,
}

/// The error for a name that is no tool's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a tool that dbmigrate knows: it knows {}", known())]
pub struct UnknownTool {
    name: String,
}

fn known() -> String {
    Tool::ALL.map(Tool::as_str).join(", ")
}

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 7] =
        [Self::Dbup, Self::Flyway, Self::Sqlx, Self::Dbmate, Self::GolangMigrate, Self::Goose, Self::Prisma];

    /// Returns the name in options and in the map: lower case, with dashes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dbup => "dbup",
            Self::Flyway => "flyway",
            Self::Sqlx => "sqlx",
            Self::Dbmate => "dbmate",
            Self::GolangMigrate => "golang-migrate",
            Self::Goose => "goose",
            Self::Prisma => "prisma",
        }
    }

    /// Returns the name as the tool's own documentation writes it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Dbup => "DbUp",
            Self::Flyway => "Flyway",
            Self::Prisma => "Prisma",
            tool => tool.as_str(),
        }
    }

    /// Returns the tool with this title.
    #[must_use]
    pub fn titled(title: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.title() == title)
    }

    /// Returns what a file is to the tool; `path` is the path below the old folder, with slashes. `None` if it is nothing.
    pub(crate) fn look(self, path: &str) -> Option<OldFile> {
        HABITS.iter().filter(|habit| habit.tool == self).find_map(|habit| habit.read(path))
    }
}

impl FromStr for Tool {
    type Err = UnknownTool;

    fn from_str(name: &str) -> Result<Self, UnknownTool> {
        Self::ALL.into_iter().find(|tool| tool.as_str() == name).ok_or_else(|| UnknownTool { name: name.into() })
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.title())
    }
}

/// What a file of an old folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OldFile {
    /// It runs once, in this order.
    Script { version: String, order: Order, description: String },
    /// It undoes a script.
    Down,
    /// It runs again whenever it changes.
    Repeatable { description: String },
    /// It has no counterpart: what it is, and what to do.
    Left(&'static str),
}

/// The place of a script among those of its tool.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// By the numbers of its version.
    Numbers(Vec<u128>),
    /// By its name, byte by byte.
    Name(String),
}

/// What the name of a file means.
#[derive(Clone, Copy)]
enum Meaning {
    /// A script: the pattern's first group is the version, a number or several, the second the description.
    Script,
    /// A script whose version is its name.
    Named,
    Down,
    Repeatable,
    Left(&'static str),
}

use Meaning::{Down, Left, Named, Repeatable, Script};

/// How a tool names a kind of file.
struct Habit {
    tool: Tool,
    pattern: Regex,
    meaning: Meaning,
}

impl Habit {
    fn read(&self, path: &str) -> Option<OldFile> {
        let found = self.pattern.captures(path)?;
        let group = |at: usize| found.get(at).map_or("", |text| text.as_str());
        Some(match self.meaning {
            Meaning::Script | Meaning::Named => {
                let (version, description) = (group(1).to_owned(), spoken(group(2)));
                let is_named = matches!(self.meaning, Meaning::Named);
                let order = if is_named { Order::Name(version.clone()) } else { numbers(&version)? };
                OldFile::Script { order, version, description }
            }
            Meaning::Down => OldFile::Down,
            Meaning::Repeatable => OldFile::Repeatable { description: spoken(group(1)) },
            Meaning::Left(why) => OldFile::Left(why),
        })
    }
}

/// Returns a description as people read it.
fn spoken(description: &str) -> String {
    description.replace('_', " ").trim().to_owned()
}

/// Reads `1.2.3`, `1_2_3` or a plain number.
pub(crate) fn numbers(version: &str) -> Option<Order> {
    let numbers = version.split(['.', '_']).map(str::parse).collect::<Result<Vec<u128>, _>>().ok()?;
    // 1.0 is 1
    let used = numbers.iter().rposition(|number| *number != 0).map_or(1, |last| last + 1);
    Some(Order::Numbers(numbers[..used].to_vec()))
}

const CALLBACK: &str = "a callback: what it does for each run has no counterpart; make it a script, or an object file";
const CODE: &str = "a migration in a programming language: write what it does as SQL, in the script at its place";
const CONF: &str = "the settings of a script: executeInTransaction is taken over; delete it";
const BASELINE: &str = "a baseline migration: a new database runs all scripts, or starts from a Baseline.sql (squash)";

/// The naming of each tool, from its documentation and its source. The first pattern of a tool that matches wins.
static HABITS: LazyLock<Vec<Habit>> = LazyLock::new(|| {
    let habit = |tool, pattern: &str, meaning| {
        let pattern = Regex::new(pattern).expect("the pattern is a constant that the tests compile");
        Habit { tool, pattern, meaning }
    };
    vec![
        // https://documentation.red-gate.com/fd/migrations-271585107.html
        habit(Tool::Flyway, r"(?:^|/)V([0-9]+(?:[._][0-9]+)*)(?:__([^/]*))?\.sql$", Script),
        habit(Tool::Flyway, r"(?:^|/)U[0-9][0-9._]*(?:__[^/]*)?\.sql$", Down),
        habit(Tool::Flyway, r"(?:^|/)R__([^/]*)\.sql$", Repeatable),
        habit(Tool::Flyway, r"(?:^|/)B[0-9][0-9._]*(?:__[^/]*)?\.sql$", Left(BASELINE)),
        habit(Tool::Flyway, r"(?:^|/)(?:before|after|createSchema)[A-Za-z]*(?:__[^/]*)?\.sql$", Left(CALLBACK)),
        habit(Tool::Flyway, r"\.sql\.conf$", Left(CONF)),
        habit(Tool::Flyway, r"(?:^|/)[VUR][0-9._]*__[^/]*\.(?:java|kt|groovy|py|ps1|sh|cmd|bat)$", Left(CODE)),
        // sqlx-core/src/migrate/source.rs
        habit(Tool::Sqlx, r"^([0-9]+)_([^/]*)\.up\.sql$", Script),
        habit(Tool::Sqlx, r"^[0-9]+_[^/]*\.down\.sql$", Down),
        habit(Tool::Sqlx, r"^([0-9]+)_([^/]*)\.sql$", Script),
        // dbmate pkg/dbmate/migration.go
        habit(Tool::Dbmate, r"^([0-9]+)_?([^/]*)\.sql$", Script),
        // golang-migrate source/parse.go
        habit(Tool::GolangMigrate, r"^([0-9]+)_([^/]*)\.up\.(?:sql|[a-z]+)$", Script),
        habit(Tool::GolangMigrate, r"^[0-9]+_[^/]*\.down\.(?:sql|[a-z]+)$", Down),
        // goose migrate.go
        habit(Tool::Goose, r"^([0-9]+)_([^/]*)\.sql$", Script),
        habit(Tool::Goose, r"^[0-9]+_[^/]*(?:[^t]|[^s]t|[^e]st|[^t]est|[^_]test)\.go$", Left(CODE)),
        // https://www.prisma.io/docs/orm/prisma-migrate
        habit(Tool::Prisma, r"^((?:[0-9]+_)?([^/]*))/migration\.sql$", Named),
        // scripts of any name, in the order of their names
        habit(Tool::Dbup, r"^(.*?(?:^|/)(?i:script)?[ _-]*(?:[0-9]+(?:\.[0-9]+)*)?[ _-]*([^/]*)\.sql)$", Named),
        habit(Tool::Dbup, r"\.(?:cs|vb|fs)$", Left(CODE)),
    ]
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name() {
        let script = |version: &str, order: Order, description: &str| {
            let (version, description) = (version.to_owned(), description.to_owned());
            Some(OldFile::Script { version, order, description })
        };
        let numbers = |numbers: &[u128]| Order::Numbers(numbers.to_vec());
        let named = |name: &str| Order::Name(name.into());
        for (tool, path, expected) in [
            (
                Tool::Flyway,
                "common/V2023.09.4.1__add_users.sql",
                script("2023.09.4.1", numbers(&[2023, 9, 4, 1]), "add users"),
            ),
            (Tool::Flyway, "V1_2__x.sql", script("1_2", numbers(&[1, 2]), "x")),
            (Tool::Flyway, "V3.0.sql", script("3.0", numbers(&[3]), "")),
            (Tool::Flyway, "U3__x.sql", Some(OldFile::Down)),
            (Tool::Flyway, "R__my_view.sql", Some(OldFile::Repeatable { description: "my view".into() })),
            (Tool::Flyway, "afterMigrate.sql", Some(OldFile::Left(CALLBACK))),
            (Tool::Flyway, "V4__Move.java", Some(OldFile::Left(CODE))),
            (Tool::Flyway, "notes.sql", None),
            (
                Tool::Sqlx,
                "20240102030405_init.up.sql",
                script("20240102030405", numbers(&[20_240_102_030_405]), "init"),
            ),
            (Tool::Sqlx, "20240102030405_init.down.sql", Some(OldFile::Down)),
            (Tool::Sqlx, "1_init.sql", script("1", numbers(&[1]), "init")),
            (Tool::Dbmate, "20240102030405_init.sql", script("20240102030405", numbers(&[20_240_102_030_405]), "init")),
            (Tool::GolangMigrate, "000003_more_users.up.sql", script("000003", numbers(&[3]), "more users")),
            (Tool::GolangMigrate, "000003_more_users.down.sql", Some(OldFile::Down)),
            (Tool::Goose, "00001_init.sql", script("00001", numbers(&[1]), "init")),
            (Tool::Goose, "00002_move.go", Some(OldFile::Left(CODE))),
            (Tool::Goose, "00002_move_test.go", None),
            (
                Tool::Prisma,
                "20240102030405_init/migration.sql",
                script("20240102030405_init", named("20240102030405_init"), "init"),
            ),
            (Tool::Prisma, "migration_lock.toml", None),
            (
                Tool::Dbup,
                "Script0003 - Add users.sql",
                script("Script0003 - Add users.sql", named("Script0003 - Add users.sql"), "Add users"),
            ),
            (Tool::Dbup, "2024/0013 x.sql", script("2024/0013 x.sql", named("2024/0013 x.sql"), "x")),
            (Tool::Dbup, "Grants.sql", script("Grants.sql", named("Grants.sql"), "Grants")),
        ] {
            assert_eq!(tool.look(path), expected, "{tool}: {path}");
        }
    }

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        let order = |version: &str| super::numbers(version).expect("numbers");
        assert!(order("1.10") > order("1.9") && order("1.9.1") > order("1.9") && order("2_0") == order("2"));
        assert_eq!(super::numbers("1a"), None);
    }

    #[test]
    fn every_tool_has_a_name() {
        for tool in Tool::ALL {
            assert_eq!(tool.as_str().parse(), Ok(tool));
        }
        let error = "ant".parse::<Tool>().expect_err("no tool");
        assert_eq!(
            error.to_string(),
            "\"ant\" is not a tool that dbmigrate knows: it knows dbup, flyway, sqlx, dbmate, golang-migrate, goose, prisma"
        );
    }
}
