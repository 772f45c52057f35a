//! What a person should know and what stops nothing.

use std::fmt;
use std::path::PathBuf;

use crate::journal::range;
use crate::script::{Location, Number, Scripts, Unrecognized};
use crate::sql::FindingKind;

/// Something that a person should know and that stops nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The database has scripts that the folder has not yet: an older build was deployed again.
    Ahead {
        /// The first of them.
        first: Number,
        /// The last of them.
        last: Number,
        /// The highest number of the folder.
        highest: Number,
    },
    /// SQL files in the folder are not run, because their names are no script's.
    Unrecognized {
        /// The first of them.
        path: PathBuf,
        /// The tools that name their files like this.
        tool: Option<&'static str>,
        /// How many others are named so.
        others: usize,
    },
    /// A script that is due has no statement.
    Empty {
        /// Its name.
        script: String,
    },
    /// The rebuilt database stands, but something of the old one could not be removed.
    LeftBehind {
        /// What is left.
        what: String,
        /// Why.
        reason: String,
    },
    /// Scripts were taken over from a tool that keeps neither their texts nor their checksums.
    Unverified,
    /// A new database would have another character set or collation than this one.
    Unlike {
        /// This one's character set, where a setting has to name it.
        charset: Option<String>,
        /// This one's collation, where a setting has to name it.
        collation: Option<String>,
        /// The collation of a new database.
        new: String,
    },
    /// Another tool has recorded a script more than once, which was taken over once.
    Repeated {
        /// The first of them, by name.
        name: String,
        /// How many others it has recorded so.
        others: usize,
    },
    /// Something in a script may be meant otherwise than it is read.
    Script {
        /// What.
        kind: FindingKind,
        /// Where it stands first.
        location: Location,
        /// How many other scripts have the same.
        others: usize,
    },
    /// Another tool has a journal in the database.
    OldJournal {
        /// The tool.
        tool: &'static str,
        /// Its table.
        table: String,
    },
    /// A rebuild drops the journal of another history of ours.
    OtherHistory {
        /// Its table.
        table: String,
        /// How many rows it has.
        rows: u64,
    },
    /// A run is under way.
    Running {
        /// Who that is.
        holder: String,
    },
    /// A script outside a transaction stopped, and the next upgrade goes on with it.
    Resumable {
        /// Its name.
        script: String,
        /// How many of its statements ran and stay.
        done: usize,
        /// It did not stop by itself: a statement failed.
        failed: bool,
    },
}

impl Warning {
    /// One for each tool whose names files have.
    pub(crate) fn unrecognized(scripts: &Scripts) -> Vec<Self> {
        let mut found = Vec::<Self>::new();
        for Unrecognized { path, tool } in scripts.unrecognized() {
            let same = found.iter_mut().find_map(|warning| match warning {
                Self::Unrecognized { tool: known, others, .. } if known == tool => Some(others),
                _ => None,
            });
            match same {
                Some(others) => *others += 1,
                None => found.push(Self::Unrecognized { path: path.clone(), tool: *tool, others: 0 }),
            }
        }
        found
    }

    /// One for each kind of thing in scripts, however many scripts have it.
    pub(crate) fn gathered(warnings: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut gathered = Vec::<Self>::new();
        for warning in warnings {
            let same = gathered.iter_mut().find_map(|known| match (known, &warning) {
                (Self::Script { kind: known, others, .. }, Self::Script { kind, .. }) if known == kind => Some(others),
                _ => None,
            });
            match same {
                Some(others) => *others += 1,
                None => gathered.push(warning),
            }
        }
        gathered
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ahead { first, last, highest } => {
                let numbers = range(&(*first..=*last));
                write!(f, "the database is ahead of the scripts: it has {numbers}, the highest script is {highest}")?;
                f.write_str("; if no newer checkout was deployed, files are missing here")
            }
            Self::Unrecognized { path, tool, others } => {
                match others {
                    0 => write!(f, "{} is not run: its name is", path.display())?,
                    1 => write!(f, "{} and another file are not run: their names are", path.display())?,
                    others => write!(f, "{} and {others} other files are not run: their names are", path.display())?,
                }
                f.write_str(" not Script-NNNN.sql")?;
                tool.map_or(Ok(()), |tool| write!(f, " but like those of {tool}"))?;
                f.write_str("; --strict refuses such files")
            }
            Self::Empty { script } => {
                write!(f, "{script} has no statement yet, and once it is applied it never changes again")
            }
            Self::LeftBehind { what, reason } => write!(f, "{what} is left of the old database: {reason}"),
            Self::Unverified => f.write_str(
                "what was imported is taken as it is here: the other tool keeps no text and no checksum of what it ran",
            ),
            Self::Unlike { charset, collation, new } => {
                let setting = |name: &str, value: &Option<String>| Some(format!("{name} = {:?}", value.as_ref()?));
                let settings = [setting("charset", charset), setting("collation", collation)].into_iter().flatten();
                let settings = settings.collect::<Vec<_>>().join(" and ");
                write!(f, "a rebuilt database would have the collation {new}, and this one has another: ")?;
                write!(f, "{settings} in the target of dbmigrate.toml makes them alike")
            }
            Self::Repeated { name, others } => {
                write!(f, "{name:?} was recorded more than once and is taken over once")?;
                match others {
                    0 => Ok(()),
                    1 => f.write_str(", and another script as well"),
                    others => write!(f, ", and {others} other scripts as well"),
                }?;
                f.write_str("; dbmigrate applies a script once: what must run each time is not a script")
            }
            of_the_database => of_the_database.fmt_of_database(f),
        }
    }
}

impl Warning {
    /// What is said of the database, and of what is in it.
    fn fmt_of_database(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Script { kind, location, others } => {
                write!(f, "{location}: {kind}; {}", kind.hint())?;
                match others {
                    0 => Ok(()),
                    1 => f.write_str(" (1 more script has the same)"),
                    others => write!(f, " ({others} more scripts have the same)"),
                }
            }
            Self::OldJournal { tool, table } => {
                write!(f, "{tool} has its journal in {table}: from here on, keep {tool} away from this database")
            }
            Self::OtherHistory { table, rows } => {
                let rows = if *rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
                write!(
                    f,
                    "rebuild drops {table} as well, the journal of another history ({rows}), with all that its scripts made"
                )
            }
            Self::Running { holder } => write!(f, "a run is under way: {holder}"),
            Self::Resumable { script, done, failed: true } => {
                let next = done + 1;
                write!(f, "{script} failed at statement {next}; mend it from there on, and upgrade goes on with it")
            }
            Self::Resumable { script, done, failed: false } => {
                write!(f, "{script} stopped before statement {}; upgrade goes on with it", done + 1)
            }
            _ => Ok(()),
        }
    }
}
