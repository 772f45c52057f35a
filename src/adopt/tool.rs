//! The migration tools that a project can come from, and how each names its files.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use regex::Regex;

use super::tools::{self, Meaning, Traits};

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
    /// grate.
    Grate,
    /// `RoundhousE`.
    Roundhouse,
    /// Flyway.
    Flyway,
    /// Liquibase, with changelogs in SQL.
    Liquibase,
    /// sqlx.
    Sqlx,
    /// refinery.
    Refinery,
    /// dbmate.
    Dbmate,
    /// golang-migrate.
    GolangMigrate,
    /// goose.
    Goose,
    /// tern.
    Tern,
    /// Prisma Migrate.
    Prisma,
    /// Diesel.
    Diesel,
    /// Rails, with a `structure.sql`.
    Rails,
    /// EF Core, with the SQL scripts that it writes.
    EfCore,
    /// Alembic, with the SQL that it writes.
    Alembic,
    /// node-pg-migrate, with migrations in SQL.
    NodePgMigrate,
    /// Atlas.
    Atlas,
    /// Evolve.
    Evolve,
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
    pub const ALL: [Self; 19] = [
        Self::Dbup,
        Self::Grate,
        Self::Roundhouse,
        Self::Flyway,
        Self::Liquibase,
        Self::Sqlx,
        Self::Refinery,
        Self::Dbmate,
        Self::GolangMigrate,
        Self::Goose,
        Self::Tern,
        Self::Prisma,
        Self::Diesel,
        Self::Rails,
        Self::EfCore,
        Self::Alembic,
        Self::NodePgMigrate,
        Self::Atlas,
        Self::Evolve,
    ];

    /// Returns what dbmigrate knows about the tool.
    pub(crate) const fn traits(self) -> &'static Traits {
        tools::of(self)
    }

    /// Returns the name in options and in the map: lower case, with dashes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.traits().name
    }

    /// Returns the name as the tool's own documentation writes it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.traits().title
    }

    /// Returns the tools whose journal one with this title may be: `grate or RoundhousE` is that of either.
    #[must_use]
    pub fn titled(title: &str) -> Vec<Self> {
        let names = title.split(" or ").collect::<Vec<_>>();
        Self::ALL.into_iter().filter(|tool| names.contains(&tool.title())).collect()
    }

    /// Returns what a file is to the tool; `path` is the path below the old folder, with slashes. `None` if it is nothing.
    pub(crate) fn look(self, path: &str) -> Option<OldFile> {
        let habits = HABITS.iter().filter(|habit| habit.tool == self);
        habits.into_iter().find_map(|habit| habit.read(path))
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
    /// It runs once.
    Script { version: String, description: String },
    /// It undoes a script, or has settings that are taken over.
    Unneeded,
    /// It runs again whenever it changes, or always; the path that it gets among the object files, without an extension.
    Repeatable { path: String, is_always: bool },
    /// It is a migration in a programming language; the version is empty if its name has none.
    Code { version: String, description: String },
    /// It has no counterpart: what it is, and what to do.
    Left(&'static str),
}

/// The place of a script among those of its tool.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Order {
    /// By the numbers of its version.
    Numbers(Vec<u128>),
    /// By its version, byte by byte.
    Name(String),
}

impl Order {
    /// Returns the order of a version: by its numbers, if it is `1.2.3`, `1_2_3` or a plain number.
    pub(crate) fn of(version: &str) -> Self {
        numbers(version).map_or_else(|| Self::Name(version.into()), Self::Numbers)
    }
}

/// Reads `1.2.3`, `1_2_3` or a plain number.
pub(crate) fn numbers(version: &str) -> Option<Vec<u128>> {
    let numbers = version.split(['.', '_']).map(str::parse).collect::<Result<Vec<u128>, _>>().ok()?;
    // 1.0 is 1
    let used = numbers.iter().rposition(|number| *number != 0).map_or(1, |last| last + 1);
    Some(numbers[..used].to_vec())
}

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
            Meaning::Script => OldFile::Script { version: group(1).to_owned(), description: spoken(group(2)) },
            Meaning::Unneeded => OldFile::Unneeded,
            Meaning::Repeatable | Meaning::Always => {
                let is_always = self.meaning == Meaning::Always;
                OldFile::Repeatable { path: group(1).replace(' ', "_"), is_always }
            }
            Meaning::Code => OldFile::Code { version: group(1).to_owned(), description: spoken(group(2)) },
            Meaning::Left(why) => OldFile::Left(why),
        })
    }
}

/// Returns a description as people read it.
pub(crate) fn spoken(description: &str) -> String {
    description.replace('_', " ").trim().to_owned()
}

/// The patterns of every tool.
static HABITS: LazyLock<Vec<Habit>> = LazyLock::new(|| {
    let habits = |tool: Tool| {
        tool.traits().files.iter().map(move |(pattern, meaning)| {
            let pattern = Regex::new(pattern).expect("the pattern is a constant that the tests compile");
            Habit { tool, pattern, meaning: *meaning }
        })
    };
    Tool::ALL.into_iter().flat_map(habits).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_its_name() {
        let script = |version: &str, description: &str| {
            Some(OldFile::Script { version: version.to_owned(), description: description.to_owned() })
        };
        let code = |version: &str, description: &str| {
            Some(OldFile::Code { version: version.to_owned(), description: description.to_owned() })
        };
        let object = |path: &str| Some(OldFile::Repeatable { path: path.to_owned(), is_always: false });
        let always = |path: &str| Some(OldFile::Repeatable { path: path.to_owned(), is_always: true });
        for (tool, path, expected) in [
            (Tool::Flyway, "common/V2023.09.4.1__add_users.sql", script("2023.09.4.1", "add users")),
            (Tool::Flyway, "V1_2__x.sql", script("1_2", "x")),
            (Tool::Flyway, "V3.0.sql", script("3.0", "")),
            (Tool::Flyway, "U3__x.sql", Some(OldFile::Unneeded)),
            (Tool::Flyway, "R__my_view.sql", object("my_view")),
            (Tool::Flyway, "V4__Move.java", code("4", "Move")),
            (Tool::Flyway, "notes.sql", None),
            (Tool::Sqlx, "20240102030405_init.up.sql", script("20240102030405", "init")),
            (Tool::Sqlx, "20240102030405_init.down.sql", Some(OldFile::Unneeded)),
            (Tool::Sqlx, "1_init.sql", script("1", "init")),
            (Tool::Dbmate, "20240102030405_init.sql", script("20240102030405", "init")),
            (Tool::GolangMigrate, "000003_more_users.up.sql", script("000003", "more users")),
            (Tool::GolangMigrate, "000003_more_users.down.sql", Some(OldFile::Unneeded)),
            (Tool::Goose, "00001_init.sql", script("00001", "init")),
            (Tool::Goose, "00002_move.go", code("00002", "move")),
            (Tool::Goose, "00002_move_test.go", None),
            (Tool::Prisma, "20240102030405_init/migration.sql", script("20240102030405_init", "init")),
            (Tool::Prisma, "migration_lock.toml", Some(OldFile::Unneeded)),
            (Tool::Dbup, "Script0003 - Add users.sql", script("Script0003 - Add users.sql", "Add users")),
            (Tool::Dbup, "2024/0013 x.sql", script("2024/0013 x.sql", "x")),
            (Tool::Dbup, "Grants.sql", script("Grants.sql", "Grants")),
            (Tool::Refinery, "sub/U2__more_users.sql", script("2", "more users")),
            (Tool::Refinery, "V1__add-users.sql", None),
            (Tool::Tern, "001_create.sql", script("001", "create")),
            (Tool::Diesel, "2024-01-02-030405_users/up.sql", script("2024-01-02-030405", "users")),
            (Tool::Diesel, "2024-01-02-030405_users/down.sql", Some(OldFile::Unneeded)),
            (Tool::Rails, "structure.sql", script("structure", "")),
            (Tool::Rails, "migrate/20240102030405_users.rb", code("20240102030405", "users")),
            (Tool::EfCore, "all.sql", script("all", "")),
            (Tool::EfCore, "20240102030405_Users.cs", code("20240102030405_Users", "Users")),
            (Tool::EfCore, "20240102030405_Users.Designer.cs", None),
            (Tool::Alembic, "versions/ae1027a6acf1_add_users.py", code("ae1027a6acf1", "add users")),
            (Tool::NodePgMigrate, "1700000000000_add-users.sql", script("1700000000000_add-users", "add-users")),
            (Tool::NodePgMigrate, "1700000000000_add-users.ts", code("1700000000000_add-users", "add-users")),
            (Tool::Atlas, "20240102030405_users.sql", script("20240102030405", "users")),
            (Tool::Evolve, "sub/v1_2__Users.SQL", script("1_2", "Users")),
            (Tool::Evolve, "R__names.sql", object("names")),
            (Tool::Grate, "up/sub/0001_users.sql", script("sub/0001_users.sql", "users")),
            (Tool::Grate, "views/names.sql", object("views/names")),
            (Tool::Grate, "permissions/grants.sql", always("permissions/grants")),
            (Tool::Grate, "views/everytime.names.sql", always("views/everytime.names")),
            (Tool::Roundhouse, "sprocs/sub/x.sql", object("sprocs/sub/x")),
            (Tool::Liquibase, "changelog/1.sql", script("changelog/1", "")),
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
            "\"ant\" is not a tool that dbmigrate knows: it knows dbup, grate, roundhouse, flyway, liquibase, sqlx, refinery, dbmate, \
             golang-migrate, goose, tern, prisma, diesel, rails, efcore, alembic, node-pg-migrate, atlas, evolve"
        );
    }
}
