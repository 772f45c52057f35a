//! Markers: comments in a script that tell another migration tool what to do.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A comment that has a meaning for another migration tool, and none for the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    /// The tool.
    pub tool: &'static str,
    /// The meaning for the tool.
    pub role: MarkerRole,
    /// Whether it is a marker only after another marker of the same tool. Otherwise it may be an ordinary comment.
    needs_another: bool,
}

/// What a [`Marker`] means to its tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkerRole {
    /// What follows is the script.
    Up,
    /// What follows undoes the script.
    Down,
    /// The script runs outside a transaction.
    NoTransaction,
    /// Something else.
    Other,
}

use MarkerRole::{Down, NoTransaction, Other, Up};

/// The markers of each tool, as patterns for the text after the dashes. The first pattern that matches wins. In case
/// and white space, the patterns accept a little more than the tools do.
///
/// Taken from the tools' own parsers: goose `internal/sqlparser/parser.go`, dbmate `pkg/dbmate/migration.go`,
/// sql-migrate `sqlparse/sqlparse.go`, micrate `src/micrate/migration.cr`, `MyBatis` `MigrationReader.java`, dbdeploy
/// `ChangeScript.java`, Liquibase `AbstractFormattedChangeLogParser.java`, tern `migrate/migrate.go`, node-pg-migrate
/// `src/sqlMigration.ts`, rambler `migration.go`, shmig, Play `EvolutionsApi.scala`, node-sqlite
/// `src/utils/migrate.ts`, sqlx `sqlx-core/src/migrate/source.rs`, Evolve `MigrationScript.cs`, postgres-migrations
/// `src/run-migration.ts`, Atlas `sql/migrate/dir.go`, graphile-migrate `src/header.ts`, migratus
/// `src/migratus/migration/sql.clj`, morph `drivers/postgres/postgres.go`, Bytebase `transaction_mode.go`, yoyo
/// `yoyo/migrations.py`. Flyway has its setting in a separate file, but people also write it into comments.
const PATTERNS: [(&str, MarkerRole, &str); 38] = [
    ("goose", Down, r"\+goose\s+down\b"),
    ("goose", NoTransaction, r"\+goose\s+no\s+transaction\b"),
    ("goose", Up, r"\+goose\s+up\b"),
    ("goose", Other, r"\+goose\b"),
    ("dbmate", Down, r"migrate:\s*down\b"),
    ("dbmate", NoTransaction, r"migrate:\s*up\b.*\btransaction:\s*false"),
    ("dbmate", Up, r"migrate:\s*up\b"),
    ("sql-migrate", Down, r"\+migrate\s+down\b"),
    ("sql-migrate", NoTransaction, r"\+migrate\s+up\b.*\bnotransaction"),
    ("sql-migrate", Up, r"\+migrate\s+up\b"),
    ("sql-migrate", Other, r"\+migrate\b"),
    ("micrate", Down, r"\+micrate\s+down\b"),
    ("micrate", Up, r"\+micrate\b"),
    ("MyBatis and dbdeploy", Down, r"//\s*@undo"),
    ("Liquibase", NoTransaction, r"changeset\s+\S+:\S+.*\brunInTransaction:\s*false"),
    ("Liquibase", Up, r"(?:liquibase\s*formatted|changeset\s+\S+:\S+)"),
    ("Liquibase", Down, r"rollback\b"),
    ("Liquibase", Other, r"(?:preconditions|precondition-[a-z0-9-]+|property)\s"),
    ("tern", Down, r"create above / drop below\b"),
    ("tern", NoTransaction, r"tern:\s*disable-tx\b"),
    // with more text after it, the comment may be a sentence
    ("node-pg-migrate", Down, r"down\s+migration[\s-]*$"),
    ("node-pg-migrate", Up, r"up\s+migration[\s-]*$"),
    ("rambler", Down, r"rambler\s+down\b"),
    ("rambler", Up, r"rambler\s+up\b"),
    ("shmig", Down, r"=+\s*down\s*=+"),
    ("shmig", Up, r"=+\s*up\s*=+"),
    ("Play", Down, r"!downs\b"),
    ("Play", Up, r"!ups\b"),
    ("sqlx", NoTransaction, r"no-transaction\s*$"),
    ("Evolve", NoTransaction, r"evolve-tx-off\b"),
    ("postgres-migrations", NoTransaction, r"postgres-migrations disable-transaction\b"),
    ("Atlas", NoTransaction, r"atlas:txmode\s+none\b"),
    ("graphile-migrate", NoTransaction, r"!\s*no-transaction\b"),
    ("migratus", NoTransaction, r":disable-transaction\b"),
    ("morph", NoTransaction, r"morph:nontransactional\b"),
    ("Bytebase", NoTransaction, r"txn-mode\s*=\s*off\s*$"),
    ("yoyo", NoTransaction, r"transactional\s*:\s*false\s*$"),
    ("Flyway", NoTransaction, r"(?:flyway:\s*)?executeInTransaction\s*=\s*false\s*$"),
];

/// Sections that a single word names. The word may also be an ordinary comment.
const WORDS: [(&str, MarkerRole, &str); 2] = [("node-sqlite", Down, r"down\s*$"), ("node-sqlite", Up, r"up\s*$")];

impl Marker {
    /// Returns the marker in a line comment that begins its line. `comment` is the whole comment: `-- +goose Down`.
    ///
    /// ```
    /// use dbmigrate::internals::{Marker, MarkerRole};
    ///
    /// let marker = Marker::of("-- migrate:down").expect("a marker");
    /// assert_eq!((marker.tool, marker.role), ("dbmate", MarkerRole::Down));
    /// assert_eq!(Marker::of("-- Give customers an email address"), None);
    /// ```
    #[must_use]
    pub fn of(comment: &str) -> Option<Self> {
        static TABLE: LazyLock<Vec<(Marker, Regex)>> = LazyLock::new(|| {
            let compiled = |&(tool, role, pattern): &(&'static str, MarkerRole, &str), word: bool| {
                let needs_another = word && role == Down || tool == "Liquibase" && matches!(role, Down | Other);
                let regex = Regex::new(&format!("^(?i:{pattern})"));
                (
                    Marker { tool, role, needs_another },
                    regex.expect("the patterns are constants that the tests compile"),
                )
            };
            let patterns = PATTERNS.iter().map(|row| compiled(row, false));
            patterns.chain(WORDS.iter().map(|row| compiled(row, true))).collect()
        });
        let text = comment.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '#'));
        // most comments are sentences
        if !text.starts_with(|c: char| "+/=!:".contains(c) || "acdeflmnprtu".contains(c.to_ascii_lowercase())) {
            return None;
        }
        TABLE.iter().find(|(_, pattern)| pattern.is_match(text)).map(|(marker, _)| *marker)
    }

    /// Whether it is a marker, whatever else the text contains.
    pub(crate) const fn is_certain(&self) -> bool {
        !self.needs_another
    }

    /// Whether it is a marker after these others of the same text.
    fn counts(&self, before: &[(Range<usize>, Self)]) -> bool {
        !self.needs_another || before.iter().any(|(_, other)| other.tool == self.tool && !other.needs_another)
    }
}

/// Returns the markers of a text, in their order, that are not ordinary comments.
pub(crate) fn meant(markers: &[(Range<usize>, Marker)]) -> impl Iterator<Item = &(Range<usize>, Marker)> {
    markers.iter().enumerate().filter(|(at, (_, marker))| marker.counts(&markers[..*at])).map(|(_, found)| found)
}

/// Finds markers in a text whose dialect is not known: line by line, as most of the tools do.
#[derive(Debug, Default)]
pub(crate) struct LineMarkers {
    /// The offset of the text that has not been searched yet.
    at: usize,
    rest: String,
    found: Vec<(Range<usize>, Marker)>,
}

impl LineMarkers {
    /// Takes the next part of the text.
    pub(crate) fn take(&mut self, part: &str) {
        self.rest.push_str(part);
        let whole = self.rest.rfind(['\r', '\n']).map_or(0, |end| end + 1);
        let rest = self.rest.split_off(whole);
        let lines = std::mem::replace(&mut self.rest, rest);
        self.lines(&lines);
    }

    fn lines(&mut self, text: &str) {
        for line in text.split_inclusive(['\r', '\n']) {
            let comment = line.trim();
            let start = self.at + line.len() - line.trim_start().len();
            let marker = Some(comment).filter(|comment| comment.starts_with("--")).and_then(Marker::of);
            self.found.extend(marker.map(|marker| (start..start + comment.len(), marker)));
            self.at += line.len();
        }
    }

    /// Returns the markers after the last part of the text.
    pub(crate) fn finish(mut self) -> Vec<(Range<usize>, Marker)> {
        let last = std::mem::take(&mut self.rest);
        self.lines(&last);
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(comment: &str) -> Option<(&'static str, MarkerRole)> {
        Marker::of(comment).map(|marker| (marker.tool, marker.role))
    }

    #[test]
    fn the_markers_of_each_tool_are_known() {
        for (comment, expected) in [
            ("-- +goose Down", ("goose", Down)),
            ("--+goose down", ("goose", Down)),
            ("-- +goose NO TRANSACTION", ("goose", NoTransaction)),
            ("-- +goose Up", ("goose", Up)),
            ("-- +goose StatementBegin", ("goose", Other)),
            ("-- migrate:down", ("dbmate", Down)),
            ("--migrate: down transaction:false", ("dbmate", Down)),
            ("-- migrate:up transaction:false", ("dbmate", NoTransaction)),
            ("-- migrate:up", ("dbmate", Up)),
            ("-- +migrate Down", ("sql-migrate", Down)),
            ("-- +migrate Up notransaction", ("sql-migrate", NoTransaction)),
            ("-- +micrate Down", ("micrate", Down)),
            ("-- //@UNDO", ("MyBatis and dbdeploy", Down)),
            ("--//@UNDO -- drop it", ("MyBatis and dbdeploy", Down)),
            ("--liquibase formatted sql", ("Liquibase", Up)),
            ("--changeset ann:1", ("Liquibase", Up)),
            ("--changeset ann:1 runInTransaction:false", ("Liquibase", NoTransaction)),
            ("--rollback DROP TABLE t;", ("Liquibase", Down)),
            ("---- create above / drop below ----", ("tern", Down)),
            ("---- tern: disable-tx ----", ("tern", NoTransaction)),
            ("-- Down Migration", ("node-pg-migrate", Down)),
            ("-- Up Migration", ("node-pg-migrate", Up)),
            ("-- rambler down", ("rambler", Down)),
            ("-- ==== DOWN ====", ("shmig", Down)),
            ("# --- !Downs", ("Play", Down)),
            ("-- !Ups", ("Play", Up)),
            ("-- no-transaction", ("sqlx", NoTransaction)),
            ("-- evolve-tx-off", ("Evolve", NoTransaction)),
            ("-- postgres-migrations disable-transaction", ("postgres-migrations", NoTransaction)),
            ("-- atlas:txmode none", ("Atlas", NoTransaction)),
            ("--! no-transaction", ("graphile-migrate", NoTransaction)),
            ("-- :disable-transaction", ("migratus", NoTransaction)),
            ("-- morph:nontransactional", ("morph", NoTransaction)),
            ("-- txn-mode = off", ("Bytebase", NoTransaction)),
            ("-- transactional: false", ("yoyo", NoTransaction)),
            ("-- flyway:executeInTransaction=false", ("Flyway", NoTransaction)),
            ("-- Down", ("node-sqlite", Down)),
            ("-- Up", ("node-sqlite", Up)),
        ] {
            assert_eq!(role(comment), Some(expected), "{comment}");
        }
    }

    #[test]
    fn sentences_are_no_markers() {
        for comment in [
            "-- Down migration is not possible here",
            "-- Update the prices",
            "-- up to 10 rows",
            "-- downtime is expected",
            "-- migrate: the old rows",
            "-- migrate the customers down to the archive",
            "-- goose",
            "-- dbmigrate: no-transaction",
            "-- no-transaction is needed here",
            "-- changeset of yesterday",
            "-- property",
            "--",
            "-- ====",
        ] {
            assert_eq!(role(comment), None, "{comment}");
        }
    }

    #[test]
    fn some_need_another_of_their_tool_before_them() {
        let downs = |text: &str| {
            let mut markers = LineMarkers::default();
            markers.take(text);
            let markers = markers.finish();
            meant(&markers)
                .filter(|(_, marker)| marker.role == Down)
                .map(|(at, _)| text[at.clone()].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(downs("-- rollback is done by hand\n-- down\n"), [""; 0]);
        assert_eq!(downs("--liquibase formatted sql\n--rollback x\n"), ["--rollback x"]);
        assert_eq!(downs("-- Up\nSELECT 1;\r\n  -- Down\r\n"), ["-- Down"]);
        assert_eq!(downs("--liquibase formatted sql\n-- Down\n"), [""; 0]);
    }

    #[test]
    fn lines_are_found_however_the_text_is_cut() {
        let text = "SELECT 1;\n    -- +goose Down\r\nSELECT '-- +goose Up'; -- +goose Up\r-- migrate:down";
        for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            let mut markers = LineMarkers::default();
            markers.take(&text[..cut]);
            markers.take(&text[cut..]);
            let found = markers.finish().into_iter().map(|(at, _)| &text[at]).collect::<Vec<_>>();
            assert_eq!(found, ["-- +goose Down", "-- migrate:down"], "cut at {cut}");
        }
    }
}
