//! The times that other tools have recorded, as each server writes them.

use std::sync::LazyLock;
use std::time::Duration;

use regex::Regex;

use crate::journal::Timestamp;

static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})(\.\d{1,9})?\d*\s*(?:(Z|UTC)|([+-])(\d{2}):?(\d{2})?)?$")
        .expect("the pattern is a constant that the tests compile")
});

/// The first moment, in milliseconds since 1970, whose year has five digits.
const YEAR_10000: u64 = 253_402_300_800_000;

/// Reads a time; one without a zone is in UTC. A plain number is milliseconds since 1970.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(millis) = text.parse::<u64>() {
        return (millis < YEAR_10000).then(|| (std::time::UNIX_EPOCH + Duration::from_millis(millis)).into());
    }
    let found = TIME.captures(text)?;
    let group = |at: usize| found.get(at).map_or("", |group| group.as_str());
    let plain = format!("{}T{}{}Z", group(1), group(2), group(3));
    let at = humantime::parse_rfc3339(&plain).ok()?;
    let minutes = |text: &str| text.parse::<u64>().unwrap_or(0);
    let offset = Duration::from_secs(60 * (60 * minutes(group(6)) + minutes(group(7))));
    let at = if group(5) == "-" { at.checked_add(offset) } else { at.checked_sub(offset) };
    at.map(Into::into)
}

/// Returns the milliseconds since 1970 of a time in 17 digits: `20260102030405678`.
pub(super) fn digits(text: &str) -> Option<u128> {
    let part = |from: usize, to: usize| text.get(from..to);
    let date = format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let time = format!("{}:{}:{}.{}", part(8, 10)?, part(10, 12)?, part(12, 14)?, part(14, 17)?);
    let at = humantime::parse_rfc3339(&format!("{date}T{time}Z")).ok()?;
    at.duration_since(std::time::UNIX_EPOCH).ok().map(|since| since.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_a_time() {
        assert_eq!(digits("20260102030405678"), Some(1_767_323_045_678));
        assert_eq!(digits("20261302030405678"), None);
    }

    #[test]
    fn times_are_read_as_servers_write_them() {
        for (text, expected) in [
            ("2026-01-02 03:04:05", Some("2026-01-02T03:04:05.000Z")),
            ("2026-01-02 03:04:05.678912", Some("2026-01-02T03:04:05.678Z")),
            ("2026-01-02 03:04:05.6+02", Some("2026-01-02T01:04:05.600Z")),
            ("2026-01-02 03:04:05-05:30", Some("2026-01-02T08:34:05.000Z")),
            ("2026-01-02T03:04:05.6780000Z", Some("2026-01-02T03:04:05.678Z")),
            ("1767323045678", Some("2026-01-02T03:04:05.678Z")),
            ("1767323045678912345", None),
            ("yesterday", None),
        ] {
            assert_eq!(moment(text).map(|at| at.to_string()).as_deref(), expected, "{text}");
        }
    }
}
