//! The settings of a session: those that it starts with, and the statements that reset whatever a script has set.

use std::time::Duration;

use super::{BEGIN, MARK, ROLLBACK, UNMARK};
use crate::engine::{SessionSql, Settings};

/// The settings that SSMS switches on for every connection, and `XACT_ABORT`; procedures remember the first two.
const ON: &str = "QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, \
                  ANSI_NULL_DFLT_ON, XACT_ABORT";

/// The settings that are switched off; with NOEXEC or PARSEONLY, nothing that follows would run.
const OFF: &str =
    "NOEXEC, PARSEONLY, FMTONLY, NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS, CURSOR_CLOSE_ON_COMMIT, NOCOUNT";

/// Returns how a run's session and its transaction are controlled. `language` decides how the server reads dates: it is
/// the login's own, or the one that the connection string names.
pub(super) fn session_sql(language: &str, settings: &Settings) -> SessionSql {
    let language = if language.is_ascii() && language.chars().all(|c| c.is_alphanumeric() || c == '_') {
        language.to_owned()
    } else {
        literal(language)
    };
    // -1 is the server's own default: it waits indefinitely
    let wait = settings.lock_timeout.map_or_else(|| "-1".into(), |limit| milliseconds(limit).to_string());
    let reset = format!(
        "SET {OFF} OFF; SET {ON} ON; SET LANGUAGE {language}; SET ROWCOUNT 0; SET TEXTSIZE 2147483647; \
         SET LOCK_TIMEOUT {wait}; SET DEADLOCK_PRIORITY NORMAL; SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
    );
    // discard what an earlier attempt has left
    let begin = vec![format!("{ROLLBACK}; {reset}; {UNMARK}; {BEGIN}; {MARK}")];
    let (within, apart) = (vec![reset.clone()], vec![reset]);
    SessionSql { begin, within, apart, commit: "COMMIT TRANSACTION", ..SessionSql::default() }
}

fn milliseconds(limit: Duration) -> u128 {
    limit.as_millis().clamp(1, 2_147_483_647)
}

/// Quotes a name in brackets.
pub(super) fn quote(identifier: &str) -> String {
    format!("[{}]", identifier.replace(']', "]]"))
}

/// Returns a literal. A backslash at the end of a line would join that line with the next one:
/// <https://learn.microsoft.com/sql/t-sql/language-elements/sql-server-utilities-statements-backslash>.
pub(super) fn literal(text: &str) -> String {
    let plain = format!("N'{}'", text.replace('\'', "''"));
    if !text.contains("\\\n") && !text.contains("\\\r\n") {
        return plain;
    }
    // a text that is joined with a long one is long, however short the parts are
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
