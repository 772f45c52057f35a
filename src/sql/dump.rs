//! The first and the last line of a dump, which show whether the dump is complete.

use std::ops::Range;

use super::{DIALECTS, Dialect};

/// The comments that a tool writes at the beginning and at the end of its output: it writes both or neither.
#[derive(Debug)]
pub(crate) struct DumpMarks {
    /// The possible starts of the first line.
    pub(super) first: &'static [&'static str],
    /// The start of the last line.
    pub(super) last: &'static str,
}

impl DumpMarks {
    /// Whether the dump begins with this line.
    pub(super) fn begin(&self, line: &str) -> bool {
        self.first.iter().any(|first| line.starts_with(first))
    }
}

/// Whether a text begins like the output of a dump tool.
pub(crate) fn is_dump(beginning: &str) -> bool {
    let mut before = "";
    beginning.lines().map(str::trim_end).any(|line| {
        let begins = DIALECTS.iter().any(|dialect| dialect.begins_dump(before, line));
        before = line;
        begins
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
    pub(super) fn look(&mut self, dialect: &dyn Dialect, at: usize, text: &str) {
        let Some(marks) = dialect.dump_marks() else { return };
        let mut start = 0;
        for line in text.split_inclusive(['\n', '\r']) {
            let begins = start > 0 || at == 0;
            if begins && line.starts_with(marks.last) {
                self.open = None;
            } else if begins && marks.begin(line) {
                self.open = Some(at + start..at + start + line.trim_end().len());
            }
            start += line.len();
        }
    }

    /// Returns the first line of a dump whose last line is missing, and how the last line would start. If a text has
    /// several dumps, the last one counts.
    pub(super) fn cut_off(&self, dialect: &dyn Dialect) -> Option<(Range<usize>, &'static str)> {
        Some((self.open.clone()?, dialect.dump_marks()?.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{MYSQL, POSTGRES, SQLITE};

    /// The first line of a dump that is cut off, in a text that is nothing but comments.
    fn missing<'a>(dialect: &dyn Dialect, text: &'a str) -> Option<&'a str> {
        let mut detector = DumpDetector::default();
        detector.look(dialect, 0, text);
        detector.cut_off(dialect).map(|(first, _)| &text[first])
    }

    #[test]
    fn a_dump_without_its_last_line_is_cut_off() {
        let dump = "--\n-- PostgreSQL database dump\n--\n\n";
        assert_eq!(missing(POSTGRES, dump), Some("-- PostgreSQL database dump"));
        let dump = "/*M!999999\\- enable the sandbox mode */ \r\n-- MariaDB dump 10.19  Distrib 10.11\r\n";
        assert_eq!(missing(MYSQL, dump), Some("-- MariaDB dump 10.19  Distrib 10.11"));
        assert_eq!(missing(MYSQL, "-- MySQL dump 10.13"), Some("-- MySQL dump 10.13"));
    }

    #[test]
    fn a_dump_with_its_last_line_is_whole() {
        let dump = "--\n-- PostgreSQL database dump\n--\n--\n-- PostgreSQL database dump complete\n--\n";
        assert_eq!(missing(POSTGRES, dump), None);
        assert_eq!(missing(POSTGRES, &dump.repeat(2)), None);
        assert_eq!(missing(POSTGRES, &format!("{dump}-- PostgreSQL database dump\n")).map(str::len), Some(27));
        assert_eq!(missing(MYSQL, "-- MySQL dump 10.13\n\n-- Dump completed on 2025-01-01"), None);
    }

    #[test]
    fn the_lines_may_stand_between_different_statements() {
        let mut detector = DumpDetector::default();
        detector.look(POSTGRES, 90, " -- PostgreSQL database dump\n-- PostgreSQL database dump\n");
        assert_eq!(detector.cut_off(POSTGRES), Some((119..146, "-- PostgreSQL database dump complete")));
        detector.look(POSTGRES, 200, "\n-- PostgreSQL database dump complete");
        assert_eq!(detector.cut_off(POSTGRES), None);
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
            assert_eq!(missing(POSTGRES, text), None, "{text}");
            assert_eq!(missing(MYSQL, text), None, "{text}");
        }
        assert_eq!(missing(SQLITE, "-- MySQL dump 10"), None);
    }
}
