//! What a message asks for.

use serde::{Deserialize, Serialize};

use crate::script::Number;

/// What a message of the queue asks for: a command on one database of a fleet. It names no URL: what it may reach is what the
/// configuration lists.
///
/// ```
/// use dbmigrate::worker::{Job, JobCommand};
///
/// let job: Job = r#"{"fleet": "tenants", "database": "acme", "at": "v1.2"}"#.parse()?;
/// assert_eq!((job.command, job.at.as_deref()), (JobCommand::Upgrade, Some("v1.2")));
/// assert!(r#"{"fleet": "tenants", "database": "acme", "url": "sqlite:x"}"#.parse::<Job>().is_err());
/// # Ok::<(), dbmigrate::worker::JobError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Job {
    /// The fleet.
    pub fleet: String,
    /// The database, by its name in the fleet.
    pub database: String,
    /// What is done.
    #[serde(default)]
    pub command: JobCommand,
    /// The commit, tag or branch that the scripts are taken from; without it, the folder as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The number up to which scripts are applied; without it, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "number")]
    pub to: Option<Number>,
}

/// What is done on a database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum JobCommand {
    /// What is pending is applied.
    #[default]
    Upgrade,
    /// What is pending is run and rolled back.
    Rehearse,
    /// The schema is compared with what the last run has left.
    Verify,
}

/// Why a message is no job: it never can be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the message is no job: {0}")]
pub struct JobError(String);

impl Job {
    /// Returns an upgrade of a database.
    pub fn new(fleet: impl Into<String>, database: impl Into<String>) -> Self {
        let (fleet, database) = (fleet.into(), database.into());
        Self { fleet, database, command: JobCommand::Upgrade, at: None, to: None }
    }

    /// Returns the text of its message.
    #[must_use]
    pub fn text(&self) -> String {
        // a struct of texts and numbers can always be written
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl std::str::FromStr for Job {
    type Err = JobError;

    fn from_str(text: &str) -> Result<Self, JobError> {
        serde_json::from_str(text).map_err(|error| JobError(error.to_string()))
    }
}

/// A number as JSON has it.
mod number {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::script::Number;

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
    pub(super) fn serialize<S: Serializer>(number: &Option<Number>, serializer: S) -> Result<S::Ok, S::Error> {
        match number {
            Some(number) => serializer.serialize_u64(u64::from(number.get())),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Number>, D::Error> {
        let number = Option::<u64>::deserialize(deserializer)?;
        let parsed = number.map(|number| number.to_string().parse::<Number>()).transpose();
        parsed.map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_has_only_fields_that_are_known() {
        let job = Job { to: "7".parse().ok(), command: JobCommand::Verify, ..Job::new("tenants", "acme") };
        assert_eq!(job.text(), r#"{"fleet":"tenants","database":"acme","command":"verify","to":7}"#);
        assert_eq!(job.text().parse(), Ok(job));
        for text in [
            "",
            "[]",
            r#"{"fleet": "a"}"#,
            r#"{"fleet": "a", "database": "b", "command": "rebuild"}"#,
            r#"{"fleet": "a", "database": "b", "to": "7"}"#,
            r#"{"fleet": "a", "database": "b", "at": 1}"#,
            r#"{"fleet": "a", "database": "b", "url": "sqlite:c"}"#,
            r#"{"fleet": "a", "database": "b"} x"#,
        ] {
            assert!(text.parse::<Job>().is_err(), "{text}");
        }
    }
}
