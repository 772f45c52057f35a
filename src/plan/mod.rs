//! The plan: what an upgrade will do, or everything that keeps it from being done. Pure: no I/O, no engine.

mod disagreement;
mod guarantee;
mod history;
mod problem;
mod since;
#[cfg(test)]
mod tests;
mod unimportable;

use std::fmt;
use std::path::PathBuf;

pub use disagreement::Disagreement;
pub use guarantee::Guarantee;
pub(crate) use history::History;
pub use problem::Problem;
pub use since::{Offence, Since};
pub use unimportable::Unimportable;

use crate::journal::range;
use crate::script::{Checksum, Kind, Location, Number, Script, Scripts, Unrecognized};
use crate::sql::FindingKind;

/// What is wanted of an upgrade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Goal {
    /// Go to this number; `None` is the highest.
    pub to: Option<Number>,
    /// How scripts are bound together.
    pub transaction: TransactionMode,
    /// Continue an unfinished script at this statement, from 1.
    pub resume_at: Option<usize>,
}

impl Goal {
    /// Everything there is, in one transaction.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Up to a number.
    #[must_use]
    pub const fn to(mut self, to: Option<Number>) -> Self {
        self.to = to;
        self
    }

    /// In one transaction, or one for each script.
    #[must_use]
    pub const fn transaction(mut self, transaction: TransactionMode) -> Self {
        self.transaction = transaction;
        self
    }

    /// Continue the unfinished script at this statement, counted from 1.
    #[must_use]
    pub const fn resume_at(mut self, statement: Option<usize>) -> Self {
        self.resume_at = statement;
        self
    }
}

/// How scripts are bound together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransactionMode {
    /// One transaction for everything pending: all or nothing.
    #[default]
    Single,
    /// A transaction for each script: what is before the failing script stays.
    PerScript,
}

/// One script that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub(crate) script: Script,
    pub(crate) resume: Option<Resume>,
    /// What has to be sent before the transaction begins.
    pub(crate) early: Vec<String>,
}

impl Step {
    pub(crate) const fn new(script: Script, resume: Option<Resume>) -> Self {
        Self { script, resume, early: Vec::new() }
    }

    /// The script.
    #[must_use]
    pub const fn script(&self) -> &Script {
        &self.script
    }

    /// How many of its statements an earlier run has finished and this one leaves out.
    #[must_use]
    pub fn skip(&self) -> usize {
        self.resume.map_or(0, |resume| resume.done)
    }
}

/// How far an earlier run came with a script outside a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resume {
    pub(crate) done: usize,
    pub(crate) done_checksum: Option<Checksum>,
    /// The statement behind those is known not to have run.
    pub(crate) known: bool,
    /// The script is the one that stopped, to its end.
    pub(crate) unchanged: bool,
}

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
                tool.map_or(Ok(()), |tool| write!(f, " but as {tool} has them"))?;
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
        }
    }
}

/// What the plan needs to know of a pending script's text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Traits {
    /// How many statements it has.
    pub(crate) statements: usize,
    /// The statement behind which the engine needs a commit before other scripts run.
    pub(crate) commit_after: Option<String>,
    /// The first statement that the engine commits at once and cannot roll back.
    pub(crate) commits: Option<String>,
    /// The statements that have to be sent before the transaction begins.
    pub(crate) early: Vec<String>,
    /// What may be meant otherwise.
    pub(crate) warnings: Vec<Warning>,
}

/// Scripts that commit together, or one script that commits statement by statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub(crate) steps: Vec<Step>,
    pub(crate) transaction: bool,
}

impl Group {
    /// Its scripts, in order.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// They run in a transaction: all of them or none.
    #[must_use]
    pub const fn in_transaction(&self) -> bool {
        self.transaction
    }
}

/// Where a rebuild puts the new database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewDatabase {
    /// Beside the old one, whose place it takes at the end.
    Beside,
    /// In the place of the old one, which is dropped first.
    InPlace,
}

/// What an upgrade will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub(crate) groups: Vec<Group>,
    pub(crate) guarantee: Guarantee,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) at: Option<Number>,
}

impl Plan {
    /// Binds the pending scripts together. A script outside a transaction stands alone; a script behind which the
    /// engine needs a commit ends its group when more is pending.
    pub(crate) fn new(history: History, traits: &[Traits], mode: TransactionMode) -> Self {
        let mut groups = Vec::<Group>::new();
        let mut guarantee = Guarantee::new(mode);
        let mut open = false;
        let count = history.pending.len();
        let empty = history
            .pending
            .iter()
            .zip(traits)
            .filter(|(step, traits)| traits.statements == 0 && step.script.kind() == Kind::Script);
        let empty = empty.map(|(step, _)| Warning::Empty { script: step.script.name() });
        let meant = Warning::gathered(traits.iter().flat_map(|traits| traits.warnings.clone()));
        let warnings = history.warnings.into_iter().chain(empty).chain(meant).collect();
        for (i, (step, traits)) in history.pending.into_iter().zip(traits).enumerate() {
            let transaction = !step.script.no_transaction() && traits.commits.is_none();
            match &traits.commits {
                _ if step.script.no_transaction() => guarantee.except(&step.script),
                Some(statement) => guarantee.commits_at_once(&step.script, statement),
                None if open => {}
                None => guarantee.begin_transaction(),
            }
            let commit_after = traits.commit_after.as_deref().filter(|_| transaction && i + 1 < count);
            match groups.last_mut().filter(|_| open && transaction) {
                Some(group) => group.steps.push(step),
                None => groups.push(Group { steps: vec![step], transaction }),
            }
            if let (Some(statement), Some(step)) = (commit_after, groups.last().and_then(|group| group.steps.last())) {
                guarantee.commits_after(&step.script, statement);
            }
            open = transaction && commit_after.is_none() && mode == TransactionMode::Single;
        }
        Self { groups, guarantee, warnings, at: history.at }
    }

    /// One transaction for all of it, whatever the scripts would need if they ran.
    pub(crate) fn recording(history: History) -> Self {
        let mut guarantee = Guarantee::new(TransactionMode::Single);
        guarantee.begin_transaction();
        let groups = vec![Group { steps: history.pending, transaction: true }];
        Self { groups, guarantee, warnings: history.warnings, at: history.at }
    }

    /// The same plan for a new database.
    pub(crate) const fn in_new_database(mut self, place: NewDatabase) -> Self {
        self.guarantee.in_new_database(place);
        self
    }

    /// The groups, in order.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// All scripts that are due, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.groups.iter().flat_map(|group| &group.steps)
    }

    /// What of it would stay if it ran in one transaction that is rolled back.
    pub(crate) fn lasting(&self) -> Vec<Problem> {
        let first = self.groups.first().filter(|group| group.transaction);
        let others = self.groups.iter().skip(usize::from(first.is_some()));
        let of_group = |group: &Group| {
            let why = if group.transaction {
                "the scripts before it have to be committed before it runs: that"
            } else {
                "it does not run in a transaction: what it does"
            };
            let problem = |step: &Step| Problem::Lasting { script: Some(step.script.name()), why: why.into() };
            group.steps.iter().map(problem).collect::<Vec<_>>()
        };
        others.flat_map(of_group).collect()
    }

    /// What is promised about it.
    #[must_use]
    pub const fn guarantee(&self) -> &Guarantee {
        &self.guarantee
    }

    /// What a person should know before.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The highest number that is applied already.
    #[must_use]
    pub const fn at(&self) -> Option<Number> {
        self.at
    }

    /// There is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

/// What became of a text, as a unified diff; each with the name that stands above it.
pub(crate) fn difference(before: (&str, &str), after: (&str, &str)) -> String {
    similar::TextDiff::from_lines(before.1, after.1).unified_diff().header(before.0, after.0).to_string()
}
