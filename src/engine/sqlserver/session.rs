//! The settings of a session: what it starts with, and what takes back whatever a script has set.

use std::time::Duration;

use super::{BEGIN, MARK, ROLLBACK, UNMARK};
use crate::engine::{SessionSql, Settings};

/// What SSMS sets for every connection; procedures remember the first two.
const ON: &str = "QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, \
                  ANSI_NULL_DFLT_ON, XACT_ABORT";

/// With NOEXEC or PARSEONLY, nothing that follows would run.
const OFF: &str =
    "NOEXEC, PARSEONLY, FMTONLY, NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS, CURSOR_CLOSE_ON_COMMIT, NOCOUNT";

/// How a run's session and its transaction are controlled. `language` decides how dates read: it is the login's own, or the
/// one that the connection string names.
pub(super) fn session_sql(language: &str, settings: &Settings) -> SessionSql {
    let language = if language.is_ascii() && language.chars().all(|c| c.is_alphanumeric() || c == '_') {
        language.to_owned()
    } else {
        literal(language)
    };
    // -1 is the server's own default: for ever
    let wait = settings.lock_timeout.map_or_else(|| "-1".into(), |limit| milliseconds(limit).to_string());
    let reset = format!(
        "SET {OFF} OFF; SET {ON} ON; SET LANGUAGE {language}; SET ROWCOUNT 0; SET TEXTSIZE 2147483647; \
         SET LOCK_TIMEOUT {wait}; SET DEADLOCK_PRIORITY NORMAL; SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
    );
    // whatever an attempt before this one has left is not kept
    let begin = vec![format!("{ROLLBACK}; {reset}; {UNMARK}; {BEGIN}; {MARK}")];
    let (within, apart) = (vec![reset.clone()], vec![reset]);
    SessionSql { begin, within, apart, commit: "COMMIT TRANSACTION", ..SessionSql::default() }
}

fn milliseconds(limit: Duration) -> u128 {
    limit.as_millis().clamp(1, 2_147_483_647)
}

/// A name in brackets.
pub(super) fn quote(identifier: &str) -> String {
    format!("[{}]", identifier.replace(']', "]]"))
}

/// A literal. A backslash at the end of a line would join it with the next one:
/// <https://learn.microsoft.com/sql/t-sql/language-elements/sql-server-utilities-statements-backslash>.
pub(super) fn literal(text: &str) -> String {
    let plain = format!("N'{}'", text.replace('\'', "''"));
    if !text.contains("\\\n") && !text.contains("\\\r\n") {
        return plain;
    }
    // what is joined with a long text is long, however short the parts are
    let apart = plain.replace("\\\n", "\\' + N'\n").replace("\\\r\n", "\\' + N'\r\n");
    format!("(CAST(N'' AS nvarchar(max)) + {apart})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backslash_at_the_end_of_a_line_stays() {
        assert_eq!(literal("it's"), "N'it''s'");
        assert_eq!(literal("a\\b\n"), "N'a\\b\n'");
        assert_eq!(literal("a\\\nb"), "(CAST(N'' AS nvarchar(max)) + N'a\\' + N'\nb')");
        assert_eq!(literal("a\\\r\nb"), "(CAST(N'' AS nvarchar(max)) + N'a\\' + N'\r\nb')");
    }

    #[test]
    fn names_are_quoted_in_brackets() {
        assert_eq!(quote("a]b"), "[a]]b]");
    }
}
