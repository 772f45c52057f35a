//! The settings of a session before each script, and the statement that resets a script's own settings.

use std::time::Duration;

use crate::engine::{Cells, Settings};

/// The settings that are reset to their values at the start of the session. Settings that an ordinary user may not
/// change are not among them (<https://dev.mysql.com/doc/refman/8.4/en/system-variable-privileges.html>).
const SETTINGS: [&str; 43] = [
    "alter_algorithm",
    "auto_increment_increment",
    "auto_increment_offset",
    "block_encryption_mode",
    "character_set_client",
    "character_set_connection",
    "character_set_results",
    "check_constraint_checks",
    "collation_connection",
    "completion_type",
    "cte_max_recursion_depth",
    "default_collation_for_utf8mb4",
    "default_regex_flags",
    "default_storage_engine",
    "default_week_format",
    "div_precision_increment",
    "foreign_key_checks",
    "group_concat_max_len",
    "innodb_lock_wait_timeout",
    "lc_time_names",
    "lock_wait_timeout",
    "max_execution_time",
    "max_recursive_iterations",
    "max_sp_recursion_depth",
    "max_statement_time",
    "old_alter_table",
    "old_mode",
    "optimizer_switch",
    "sql_auto_is_null",
    "sql_big_selects",
    "sql_if_exists",
    "sql_mode",
    "sql_notes",
    "sql_safe_updates",
    "sql_select_limit",
    "system_versioning_alter_history",
    "time_zone",
    "transaction_isolation",
    "transaction_read_only",
    "tx_isolation",
    "tx_read_only",
    "unique_checks",
    "updatable_views_with_limit",
];

/// Modes that would make the server read a script's text differently from machine to machine.
const READING: [&str; 2] = ["ANSI_QUOTES", "NO_BACKSLASH_ESCAPES"];

/// Names for several modes that include one of those.
const COMBINED: [&str; 6] = ["ANSI", "DB2", "MAXDB", "MSSQL", "ORACLE", "POSTGRESQL"];

/// The settings that limit how long a statement waits for a lock, in seconds.
const LOCK_LIMITS: [&str; 2] = ["innodb_lock_wait_timeout", "lock_wait_timeout"];

/// Returns the query for the settings that this server has.
pub(super) fn settings_sql() -> String {
    let names = SETTINGS.map(|name| format!("'{name}'")).join(", ");
    format!("SHOW SESSION VARIABLES WHERE Variable_name IN ({names})")
}

/// Returns the statement that resets everything. `global_mode` is the server's own `sql_mode`.
pub(super) fn reset_sql(rows: Vec<Cells>, global_mode: &str, settings: &Settings) -> String {
    let pair = |row: Cells| match <[Option<String>; 2]>::try_from(row) {
        Ok([Some(name), Some(value)]) => Some((name, value)),
        _ => None,
    };
    let limit = settings.lock_timeout.map(seconds);
    let assignment = |(name, value): (String, String)| {
        let value = match (name.as_str(), limit) {
            ("sql_mode", _) => same_reading(global_mode),
            (name, Some(limit)) if LOCK_LIMITS.contains(&name) => limit.to_string(),
            _ => value,
        };
        let number = value.parse::<f64>().is_ok();
        if number { format!("{name} = {value}") } else { format!("{name} = '{value}'") }
    };
    let assignments = rows.into_iter().filter_map(pair).map(assignment).collect::<Vec<_>>().join(", ");
    format!("SET {assignments}, timestamp = DEFAULT")
}

/// Returns the server's modes without those that change how it reads a text.
fn same_reading(modes: &str) -> String {
    let kept = modes.split(',').filter(|mode| !READING.contains(mode) && !COMBINED.contains(mode));
    kept.collect::<Vec<_>>().join(",")
}

/// Returns whole seconds, at least one: the server has no shorter limit.
fn seconds(limit: Duration) -> u64 {
    (limit.as_secs() + u64::from(limit.subsec_nanos() > 0)).max(1)
}
