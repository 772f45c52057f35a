//! The first and the last line of a dump, which show whether the dump is complete.

use std::ops::Range;

use super::Dialect;

/// The comments that a tool writes at the beginning and at the end of its output: it writes both or neither.
struct Marks {
    /// The possible starts of the first line.
    first: &'static [&'static str],
    /// The start of the last line.
    last: &'static str,
}

/// Returns the marks of a dialect's dump tool. Dumps of `SQLite` end with a `COMMIT`, which is checked elsewhere; SSMS
/// writes no mark at the end.
const fn marks(dialect: Dialect) -> Option<Marks> {
    match dialect {
        Dialect::Postgres => {
            Some(Marks { first: &["-- PostgreSQL database dump"], last: "-- PostgreSQL database dump complete" })
        }
        Dialect::Mysql => Some(Marks { first: &["-- MySQL dump ", "-- MariaDB dump "], last: "-- Dump completed" }),
        Dialect::Sqlite | Dialect::SqlServer => None,
    }
}

/// Whether a text begins like the output of a dump tool: with the tool's first line, with the two statements of
/// `sqlite3`'s `.dump`, or with the comment that SSMS writes before each object.
pub(crate) fn is_dump(beginning: &str) -> bool {
    let marks = [Dialect::Postgres, Dialect::Mysql].into_iter().filter_map(marks).flat_map(|marks| marks.first);
    let mut lines = beginning.lines().map(str::trim_end);
    let mut before = "";
    lines.any(|line| {
        let sqlite = before == "PRAGMA foreign_keys=OFF;" && line == "BEGIN TRANSACTION;";
        before = line;
        sqlite || line.starts_with("/****** Object:  ") || marks.clone().any(|mark| line.starts_with(mark))
    })
}

/// Looks for the first and the last line of a dump among the comments of a text.
#[derive(Debug, Default)]
pub(super) struct DumpDetector {
    /// The first line of a dump whose last line has not been found yet.
    open: Option<Range<usize>>,
}

impl DumpDetector {
    /// Looks at the text between two statements, which begins at offset `at`.
    pub(super) fn look(&mut self, dialect: Dialect, at: usize, text: &str) {
        let Some(marks) = marks(dialect) else { return };
        let mut start = 0;
        for line in text.split_inclusive(['\n', '\r']) {
            let begins = start > 0 || at == 0;
            if begins && line.starts_with(marks.last) {
                self.open = None;
            } else if begins && marks.first.iter().any(|first| line.starts_with(first)) {
                self.open = Some(at + start..at + start + line.trim_end().len());
            }
            start += line.len();
        }
    }

    /// Returns the first line of a dump whose last line is missing, and how the last line would start. If a text has
    /// several dumps, the last one counts.
    pub(super) fn cut_off(&self, dialect: Dialect) -> Option<(Range<usize>, &'static str)> {
        Some((self.open.clone()?, marks(dialect)?.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first line of a dump that is cut off, in a text that is nothing but comments.
    fn missing(dialect: Dialect, text: &str) -> Option<&str> {
        let mut detector = DumpDetector::default();
        detector.look(dialect, 0, text);
        detector.cut_off(dialect).map(|(first, _)| &text[first])
    }

    #[test]
    fn a_dump_without_its_last_line_is_cut_off() {
        let dump = "--\n-- PostgreSQL database dump\n--\n\n";
        assert_eq!(missing(Dialect::Postgres, dump), Some("-- PostgreSQL database dump"));
        let dump = "/*M!999999\\- enable the sandbox mode */ \r\n-- MariaDB dump 10.19  Distrib 10.11\r\n";
        assert_eq!(missing(Dialect::Mysql, dump), Some("-- MariaDB dump 10.19  Distrib 10.11"));
        assert_eq!(missing(Dialect::Mysql, "-- MySQL dump 10.13"), Some("-- MySQL dump 10.13"));
    }

    #[test]
    fn a_dump_with_its_last_line_is_whole() {
        let dump = "--\n-- PostgreSQL database dump\n--\n--\n-- PostgreSQL database dump complete\n--\n";
        assert_eq!(missing(Dialect::Postgres, dump), None);
        assert_eq!(missing(Dialect::Postgres, &dump.repeat(2)), None);
        assert_eq!(missing(Dialect::Postgres, &format!("{dump}-- PostgreSQL database dump\n")).map(str::len), Some(27));
        assert_eq!(missing(Dialect::Mysql, "-- MySQL dump 10.13\n\n-- Dump completed on 2025-01-01"), None);
    }

    #[test]
    fn the_lines_may_stand_between_different_statements() {
        let mut detector = DumpDetector::default();
        detector.look(Dialect::Postgres, 90, " -- PostgreSQL database dump\n-- PostgreSQL database dump\n");
        assert_eq!(detector.cut_off(Dialect::Postgres), Some((119..146, "-- PostgreSQL database dump complete")));
        detector.look(Dialect::Postgres, 200, "\n-- PostgreSQL database dump complete");
        assert_eq!(detector.cut_off(Dialect::Postgres), None);
    }

    #[test]
    fn a_dump_is_known_by_its_beginning() {
        for text in [
            "--\n-- PostgreSQL database dump\n--\n",
            "/*M!999999\\- enable the sandbox mode */ \n-- MariaDB dump 10.19\r\n",
            "-- MySQL dump 10.13",
            "PRAGMA foreign_keys=OFF;\r\nBEGIN TRANSACTION;\r\nCREATE TABLE t (a);",
            "USE [shop]\r\nGO\r\n/****** Object:  Table [dbo].[t]    Script Date: 1/31/2026 12:00:00 ******/\r\n",
            "-- Our shop, in January\n\n-- PostgreSQL database dump\n",
        ] {
            assert!(is_dump(text), "{text}");
        }
        for text in [
            "",
            "-- Customers\nCREATE TABLE t (a int);",
            "PRAGMA foreign_keys=OFF;\nCREATE TABLE t (a);",
            "SELECT '-- MySQL dump '",
        ] {
            assert!(!is_dump(text), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_dumps() {
        for text in ["", "-- x\n", "  -- MySQL dump 10\n", "-- - PostgreSQL database dump\n"] {
            assert_eq!(missing(Dialect::Postgres, text), None, "{text}");
            assert_eq!(missing(Dialect::Mysql, text), None, "{text}");
        }
        assert_eq!(missing(Dialect::Sqlite, "-- MySQL dump 10"), None);
    }
}
