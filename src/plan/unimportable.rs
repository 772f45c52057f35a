use crate::script::Number;

/// Why a script that another tool has recorded, or should have recorded, cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unimportable {
    /// The script's name has no number.
    Unnumbered,
    /// Another recorded name has the same number.
    Twice {
        /// The number.
        number: Number,
        /// The other name.
        other: String,
    },
    /// The folder has no script with this number, and no baseline that contains it.
    NotOnDisk {
        /// The number.
        number: Number,
    },
    /// It failed, or stopped in the middle.
    Failed {
        /// What happened: `failed`, `is dirty`.
        why: String,
    },
    /// The map of the adoption does not have it.
    Unknown,
    /// Its text was another one when it was applied than when it was adopted.
    Changed {
        /// The number that it has now.
        number: Number,
    },
    /// It is a dump of a database with more migrations than this one has.
    Partly {
        /// How many of its migrations this database has.
        applied: usize,
        /// How many it stands for.
        of: usize,
    },
    /// It ran after a script that has a higher number now.
    Reordered {
        /// The number that it has now.
        number: Number,
        /// The number of the script that ran before it.
        earlier: Number,
    },
    /// The other tool has not recorded this script but has recorded later ones.
    Absent {
        /// The highest number that it has recorded.
        highest: Number,
    },
}

impl Unimportable {
    /// Returns a word for programs: stable, lower case, with dashes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unnumbered => "import-unnumbered",
            Self::Twice { .. } => "import-twice",
            Self::NotOnDisk { .. } => "import-not-on-disk",
            Self::Failed { .. } => "import-failed",
            Self::Unknown => "import-unknown",
            Self::Changed { .. } => "import-changed",
            Self::Partly { .. } => "import-partly",
            Self::Reordered { .. } => "import-reordered",
            Self::Absent { .. } => "import-absent",
        }
    }

    pub(super) fn hint(&self) -> String {
        match self {
            Self::Unnumbered | Self::Twice { .. } => {
                "number the scripts yourself, in the order in which they ran, and record them with `BaselineOptions::to` N"
                    .into()
            }
            Self::NotOnDisk { number } => {
                format!("save it as {}, or write a baseline of a higher number that contains it", number.script_name())
            }
            Self::Failed { .. } => "repair it with the other tool first".into(),
            Self::Unknown => "bring its file back and adopt it too, or undo it with the other tool".into(),
            Self::Changed { .. } => {
                "find out which text ran there: bring the database to the script's text, or repair the other tool's checksum".into()
            }
            Self::Partly { .. } => "run the others with the other tool first".into(),
            Self::Reordered { .. } => {
                "import it with `BaselineOptions::verify`, which compares the database with what the scripts build in their order".into()
            }
            Self::Absent { .. } => "run it with the other tool first, or renumber it to follow the others".into(),
        }
    }

    pub(super) fn message(&self, name: &str) -> String {
        match self {
            Self::Unnumbered => format!("{name:?} was applied, but its name has no script number"),
            Self::Twice { number, other } => {
                format!("{name:?} and {other:?} were applied, both with the number {number}")
            }
            Self::NotOnDisk { number } => format!("{name:?} was applied, but there is no {}", number.script_name()),
            Self::Failed { why } => format!("{name:?} {why} in the other tool"),
            Self::Unknown => format!("{name:?} was applied, and adopted.toml does not have it"),
            Self::Changed { number } => {
                format!(
                    "{name:?} was applied with another text than that of {} before it was adopted",
                    number.script_name()
                )
            }
            Self::Partly { applied, of } => {
                format!("{name} stands for {of} migrations of the other tool, and the database has {applied} of them")
            }
            Self::Reordered { number, earlier } => {
                format!("{name:?} is {number} now, but it ran after {earlier}")
            }
            Self::Absent { highest } => {
                format!("{name} is not in the other tool's journal, which goes up to {highest}")
            }
        }
    }
}
