//! The warnings: what the user should know although it does not stop a run.

use std::fmt;
use std::path::PathBuf;

use crate::journal::range;
use crate::script::{Location, Number, ScriptFacts, Scripts, Unrecognized};
use crate::sql::FindingKind;

/// Something that the user should know although it does not stop a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The database has scripts that the folder does not have yet: an older build was deployed again.
    Ahead {
        /// The first of them.
        first: Number,
        /// The last of them.
        last: Number,
        /// The highest number of the folder.
        highest: Number,
    },
    /// SQL files in the folder are not run because their names are not those of scripts.
    Unrecognized {
        /// The first of them.
        path: PathBuf,
        /// The tools that name their files like this.
        tool: Option<&'static str>,
        /// How many other files have such names.
        others: usize,
    },
    /// A script that is due has no statements.
    Empty {
        /// Its name.
        script: String,
    },
    /// The rebuild succeeded, but something could not be removed from the old database or taken over from it.
    LeftBehind {
        /// What is left.
        what: String,
        /// Why.
        reason: String,
    },
    /// Scripts were imported from a tool that keeps neither their texts nor their checksums.
    Unverified,
    /// A new database would have another character set or collation than this one.
    Unlike {
        /// The character set of this database, if a setting has to name it.
        charset: Option<String>,
        /// The collation of this database, if a setting has to name it.
        collation: Option<String>,
        /// The collation of a new database.
        new: String,
    },
    /// The databases have the same schema, but a setting differs.
    Setting {
        /// The setting, with both values.
        note: String,
    },
    /// The databases have the same schema, but something else is only in this one.
    NotCompared {
        /// What it is: a line of [`OnlyHere::lines`](crate::OnlyHere::lines).
        what: String,
    },
    /// Another tool has recorded a script more than once, and dbmigrate imports it once.
    Repeated {
        /// The first such script, by name.
        name: String,
        /// How many other scripts it has recorded more than once.
        others: usize,
    },
    /// Something in a script may not mean what its author intended.
    Script {
        /// What it is.
        kind: FindingKind,
        /// Where it first occurs.
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
    /// A rebuild drops the journal of another dbmigrate history.
    OtherHistory {
        /// Its table.
        table: String,
        /// How many rows it has.
        rows: u64,
    },
    /// Object files are not applied because the run stops at a number below the highest.
    ObjectsHeld {
        /// How many are due.
        count: usize,
    },
    /// Nothing was applied, and object files are due.
    ObjectsPending {
        /// How many are due.
        count: usize,
    },
    /// The database is ahead of the scripts, and object files of the older build are applied.
    ObjectsOlder {
        /// How many are due.
        count: usize,
    },
    /// An object still exists that no object file creates any more.
    ObjectLeft {
        /// The object.
        object: String,
        /// The file that created it.
        file: String,
    },
    /// A script drops an object without asking whether it exists, and in a new database it does not exist yet: an object file
    /// creates it after all scripts.
    ObjectNotYet {
        /// The object.
        object: String,
        /// The file that creates it.
        file: String,
        /// Where the script drops it.
        location: Location,
    },
    /// An object exists since the object files were applied, and none of them names it.
    ObjectUnnamed {
        /// The object.
        object: String,
    },
    /// An object file dropped an object, and none has created it again.
    ObjectDropped {
        /// The object.
        object: String,
    },
    /// The schema is not as the last run has left it.
    Drift {
        /// How many objects differ from what, which, and how.
        summary: String,
    },
    /// Another run is in progress.
    Running {
        /// Who runs it.
        holder: String,
    },
    /// A script outside a transaction stopped, and the next upgrade resumes it.
    Resumable {
        /// Its name.
        script: String,
        /// How many of its statements ran and stay.
        done: usize,
        /// Whether a statement failed.
        failed: bool,
    },
}

impl Warning {
    /// Returns one warning for each tool whose naming scheme the files follow.
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

    /// Returns a warning for everything in a script that may not mean what its author intended.
    pub(crate) fn about(facts: &ScriptFacts) -> impl Iterator<Item = Self> {
        facts.warnings.iter().map(|(kind, location)| {
            let (kind, location) = (kind.clone(), location.clone());
            Self::Script { kind, location, others: 0 }
        })
    }

    /// Keeps one warning for each kind of finding and counts the other scripts that have it.
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

/// Counts object files, with the verb that follows.
fn object_files(count: usize) -> (String, &'static str) {
    if count == 1 { ("1 object file".into(), "is") } else { (format!("{count} object files"), "are") }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ahead { first, last, highest } => {
                let numbers = range(&(*first..=*last));
                write!(f, "the database is ahead of the scripts: it has {numbers}, but the highest script is ")?;
                write!(f, "{highest}; if no newer checkout was deployed, files are missing here")
            }
            Self::Unrecognized { path, tool, others } => {
                match others {
                    0 => write!(f, "{} is not run: its name is", path.display())?,
                    1 => write!(f, "{} and another file are not run: their names are", path.display())?,
                    others => write!(f, "{} and {others} other files are not run: their names are", path.display())?,
                }
                f.write_str(" not Script-NNNN.sql")?;
                tool.map_or(Ok(()), |tool| write!(f, " but in the style of {tool}"))?;
                f.write_str("; `Scripts::strict` refuses such files")
            }
            Self::Empty { script } => {
                write!(f, "{script} has no statement yet, and once it is applied it never changes again")
            }
            Self::LeftBehind { what, reason } => write!(f, "{what} is left over from the old database: {reason}"),
            Self::Unverified => f.write_str(
                "the imported scripts are taken as they are here: the other tool keeps no text or checksum of what it ran",
            ),
            Self::Unlike { charset, collation, new } => {
                let setting = |name: &str, value: &Option<String>| Some(format!("{name} = {:?}", value.as_ref()?));
                let settings = [setting("charset", charset), setting("collation", collation)].into_iter().flatten();
                let settings = settings.collect::<Vec<_>>().join(" and ");
                write!(f, "a rebuilt database would have the collation {new}, but this one has another: ")?;
                write!(f, "{settings} in `Migrator::options` makes them the same")
            }
            Self::Repeated { name, others } => {
                write!(f, "{name:?} was recorded more than once and is taken over once")?;
                match others {
                    0 => Ok(()),
                    1 => f.write_str(", and another script as well"),
                    others => write!(f, ", and {others} other scripts as well"),
                }?;
                f.write_str("; dbmigrate applies a script once: what must run every time is not a script")
            }
            of_the_database => of_the_database.fmt_of_database(f),
        }
    }
}

impl Warning {
    /// Writes the warnings about findings and about the database.
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
            Self::Setting { note } => f.write_str(note),
            Self::NotCompared { what } => write!(f, "not compared: {what}"),
            Self::OldJournal { tool, table } => {
                write!(f, "{tool} has its journal in {table}: from here on, keep {tool} away from this database")
            }
            Self::OtherHistory { table, rows } => {
                let rows = if *rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
                write!(
                    f,
                    "rebuild also drops {table}, the journal of another history ({rows}), and everything that its scripts created"
                )
            }
            Self::ObjectsHeld { count } => {
                let (files, are) = object_files(*count);
                write!(f, "{files} {are} not applied: objects follow the highest script, and this run stops before it")
            }
            Self::ObjectsPending { count } => {
                let (files, are) = object_files(*count);
                let (them, their) =
                    if *count == 1 { ("it", "its object exists") } else { ("them", "their objects exist") };
                write!(f, "{files} {are} pending: `Migrator::upgrade` applies {them}, whether {their} or not")
            }
            Self::ObjectsOlder { count } => {
                let (files, are) = object_files(*count);
                write!(f, "{files} of this older build {are} applied although the database is ahead of it")
            }
            Self::ObjectLeft { object, file } => {
                write!(
                    f,
                    "{object} still exists, but {file} no longer creates it: drop it in a script (DROP ... IF EXISTS)"
                )
            }
            Self::ObjectNotYet { object, file, location } => {
                write!(f, "{location}: a rebuild has no {object} here, since {file} creates it after all scripts: ")?;
                f.write_str("write DROP ... IF EXISTS")
            }
            Self::ObjectDropped { object } => {
                write!(f, "{object} no longer exists: an object file dropped it, and none creates it again after that")
            }
            Self::ObjectUnnamed { object } => {
                write!(
                    f,
                    "{object} was created by an object file whose text does not name it: dbmigrate does not create it again if it is dropped"
                )
            }
            Self::Drift { summary } => write!(f, "{summary}; `Migrator::verify` shows how"),
            Self::Running { holder } => write!(f, "a run is under way: {holder}"),
            Self::Resumable { script, done, failed: true } => {
                let next = done + 1;
                write!(f, "{script} failed at statement {next}; fix it from there, and upgrade will resume it")
            }
            Self::Resumable { script, done, failed: false } => {
                write!(f, "{script} stopped before statement {}; upgrade will resume it", done + 1)
            }
            _ => Ok(()),
        }
    }
}
