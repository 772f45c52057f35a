//! The transaction around a whole script, which a run has anyway.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::pattern;
use crate::engine::Engine;
use crate::sql::split;

static BEGIN: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)\A((?:\s|--[^\n]*\n|/\*(?s:.)*?\*/)*)(?:BEGIN(?:\s+(?:TRANSACTION|WORK|TRAN))?|START\s+TRANSACTION)\s*;[ \t]*\r?\n?",
    )
});
static COMMIT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:COMMIT(?:\s+(?:TRANSACTION|WORK|TRAN))?|END(?:\s+(?:TRANSACTION|WORK))?)\s*;((?:\s|--[^\n]*(?:\n|\z))*)\z",
    )
});
/// What may have a `BEGIN`, a `COMMIT` or an `END` of its own.
static ROUTINE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:CREATE|ALTER|REPLACE)\b[^;]*\b(?:PROC|PROCEDURE|FUNCTION|TRIGGER|PACKAGE|EVENT)\b")
});

/// Leaves out the transaction that frames a whole text, or a `COMMIT` after which nothing follows; `None` if there is neither. What
/// controls a transaction in the middle stays, and is refused with its place. Where a routine is created, only the statements of a
/// known engine say whose these words are.
pub(super) fn without_frame(engine: Option<&'static Engine>, text: &str) -> Option<String> {
    if ROUTINE.is_match(text) { without_statements(engine?, text) } else { without_words(text) }
}

fn without_words(text: &str) -> Option<String> {
    let begin = BEGIN.captures(text);
    let (before, start) = match &begin {
        Some(begin) => (begin.get(1)?.as_str(), begin.get(0)?.end()),
        None => ("", 0),
    };
    let rest = &text[start..];
    let commit = COMMIT.captures(rest)?;
    let (end, after) = (commit.get(0)?, commit.get(1)?);
    // the word before belongs to another statement: `CASE ... END;`
    let inner = &rest[..end.start()];
    let last = inner.lines().rev().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("--"));
    let is_alone = last.is_none_or(|line| line.ends_with(';'));
    let is_commit = end.as_str().trim_start().to_uppercase().starts_with("COMMIT");
    (is_alone && (begin.is_some() || is_commit)).then(|| format!("{before}{inner}{}", after.as_str()))
}

fn without_statements(engine: &'static Engine, text: &str) -> Option<String> {
    let statements = split(engine.dialect, text).collect::<Result<Vec<_>, _>>().ok()?;
    let statements = statements.into_iter().map(|one| one.range).filter(|range| !range.is_empty()).collect::<Vec<_>>();
    let is = |range: &Range<usize>, words: &[&str]| {
        let statement = text[range.clone()].split_ascii_whitespace().collect::<Vec<_>>().join(" ").to_uppercase();
        words.contains(&&*statement)
    };
    let begin = statements.first().filter(|first| is(first, &BEGINS));
    let commit = statements.last().filter(|last| is(last, &COMMITS))?;
    let is_control = |range: &&Range<usize>| is(range, &BEGINS) || is(range, &COMMITS);
    if statements.iter().filter(is_control).count() != 1 + usize::from(begin.is_some()) {
        return None;
    }
    let mut left = text.to_owned();
    for range in [Some(commit), begin].into_iter().flatten() {
        let rest = &left[range.end..];
        let end = range.end + rest.len() - rest.trim_start_matches([' ', '\t']).strip_prefix(';').unwrap_or(rest).len();
        left.replace_range(range.start..end, "");
    }
    Some(left)
}

const BEGINS: [&str; 5] = ["BEGIN", "BEGIN TRANSACTION", "BEGIN WORK", "BEGIN TRAN", "START TRANSACTION"];
const COMMITS: [&str; 4] = ["COMMIT", "COMMIT TRANSACTION", "COMMIT WORK", "COMMIT TRAN"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_around_everything_is_left_out() {
        for (text, expected) in [
            ("BEGIN;\nSELECT 1;\nCOMMIT;\n", Some("SELECT 1;\n\n")),
            ("-- why\nbegin transaction;\nSELECT 1;\n\nend;\n-- done", Some("-- why\nSELECT 1;\n\n\n-- done")),
            ("START TRANSACTION;\nSELECT 1;\nCOMMIT;", Some("SELECT 1;\n")),
            ("BEGIN;\nSELECT 1;\n-- the end\nCOMMIT;\n", Some("SELECT 1;\n-- the end\n\n")),
            ("SELECT 1;\nCOMMIT;\n", Some("SELECT 1;\n\n")),
            ("BEGIN;\nSELECT 1;\n", None),
            ("SELECT 1;\nEND;\n", None),
            ("COMMIT;\nSELECT 1;\n", None),
            ("BEGIN;\nSELECT CASE WHEN 1 THEN 2 END;\n", None),
        ] {
            assert_eq!(without_frame(None, text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_routine_keeps_its_own_words() {
        let procedure = "CREATE PROCEDURE p AS\nBEGIN TRAN;\nUPDATE t SET a = 1;\nCOMMIT;\n";
        assert_eq!(without_frame(None, procedure), None);
        for engine in Engine::all() {
            let trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\nUPDATE a SET b = 1;\nEND;\n";
            assert_eq!(without_frame(Some(*engine), trigger), None, "{}", engine.name());
            let function = "CREATE FUNCTION f() RETURNS int AS $$ BEGIN\nRETURN 1;\nCOMMIT;\nEND; $$;\n";
            assert_eq!(without_frame(Some(*engine), function), None, "{}", engine.name());
        }
        let is_split = |engine: &&&Engine| split(engine.dialect, "SELECT 1;\nSELECT 2;\n").count() > 1;
        for engine in Engine::all().iter().filter(is_split) {
            let text =
                "-- why\nBEGIN;\nDROP TRIGGER t;\nALTER TABLE a RENAME TO \"create trigger\";\n-- done\nCOMMIT;\n";
            let left = without_frame(Some(*engine), text).expect("a frame");
            assert_eq!(
                left,
                "-- why\n\nDROP TRIGGER t;\nALTER TABLE a RENAME TO \"create trigger\";\n-- done\n\n",
                "{}",
                engine.name()
            );
        }
    }
}
