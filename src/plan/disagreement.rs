use crate::script::Number;

/// Why the journal of another tool contradicts what `baseline` would record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Disagreement {
    /// A migration failed or stopped in the middle; the text is a sentence.
    Failed(String),
    /// The number of applied migrations is different.
    Count {
        /// How many migrations were applied.
        applied: u64,
        /// The last script that `baseline` would record.
        to: Number,
    },
}

impl Disagreement {
    /// Returns a word for programs: stable, lower case, with dashes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Failed(_) => "old-journal-failed",
            Self::Count { .. } => "old-journal-count",
        }
    }

    pub(super) fn hint(&self, tool: &str, table: &str) -> String {
        match self {
            Self::Failed(_) => {
                format!(
                    "finish it with {tool} first; `BaselineOptions::ignoring` {table} records without checking that table"
                )
            }
            Self::Count { applied, .. } => format!(
                "record as many as were applied (`BaselineOptions::to` {applied}), and let `Migrator::upgrade` apply the rest; `BaselineOptions::ignoring` {table} \
                 records without checking that table"
            ),
        }
    }

    pub(super) fn message(&self, tool: &str, table: &str) -> String {
        match self {
            Self::Failed(why) => format!("the journal of {tool} ({table}) says: {why}"),
            Self::Count { applied, to } => {
                let migrations = if *applied == 1 { "1 migration".to_owned() } else { format!("{applied} migrations") };
                format!("the journal of {tool} ({table}) has {migrations}, but {} scripts would be recorded", to.get())
            }
        }
    }
}
