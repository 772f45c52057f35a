//! What the journal says about a run, as types of their own.

use std::fmt;
use std::time::SystemTime;

/// The id of a run in the journal: a UUID.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RunId(String);

impl RunId {
    pub(crate) fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A time in UTC by the server's clock, as the journal has it. `Display` writes it as ISO 8601.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(String);

impl Timestamp {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the point in time; `None` if someone has changed the journal so that it is no longer a time.
    #[must_use]
    pub fn system_time(&self) -> Option<SystemTime> {
        humantime::parse_rfc3339_weak(&self.0).ok()
    }
}

impl From<SystemTime> for Timestamp {
    fn from(at: SystemTime) -> Self {
        Self(humantime::format_rfc3339_millis(at).to_string())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn a_time_is_a_point_in_time() {
        let at = Timestamp::new("1970-01-01T00:01:00.500Z");
        assert_eq!(at.system_time(), Some(UNIX_EPOCH + Duration::from_millis(60_500)));
        assert_eq!(Timestamp::from(UNIX_EPOCH).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::new("yesterday").system_time(), None);
    }
}
