//! The database state after a run that did not succeed.

use std::fmt;

use crate::journal::range;
use crate::script::Number;

/// The database state after a run that did not succeed: what is applied and what is not. `Display` is the sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a separate fact, in JSON as well")]
pub struct DatabaseState {
    /// The scripts that this run committed: they stay.
    pub committed: Vec<Number>,
    /// The scripts that were due and are not applied.
    pub not_applied: Vec<Number>,
    /// The highest number that is applied now.
    pub at: Option<Number>,
    /// The script outside a transaction that stopped in the middle.
    pub partial: Option<Partial>,
    /// The object files that this run applied where each commits as it runs: they stay.
    pub objects: Vec<String>,
    /// The object file that stopped in the middle where each statement commits: what ran of it stays.
    pub stopped: Option<String>,
    /// What could not be rolled back, in the server's words if it gave any.
    pub remains: Option<String>,
    /// It is unknown whether `not_applied` is applied.
    pub unknown: bool,
    /// A script changed the journal, and the change stays: the journal no longer says what is applied.
    pub unrecorded: bool,
    /// The run built a new database beside the old one, and the new one is gone.
    pub beside: bool,
    /// The run built a new database for which the old one was dropped first.
    pub dropped: bool,
}

impl DatabaseState {
    /// Whether the run has left something, and it is known what.
    pub(crate) const fn is_changed(&self) -> bool {
        (!self.committed.is_empty() || !self.objects.is_empty() || self.stopped.is_some() || self.partial.is_some())
            && !self.unknown
    }

    pub(crate) const fn unknown(mut self) -> Self {
        self.unknown = true;
        self
    }
}

/// How far a script outside a transaction got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partial {
    /// The script's name.
    pub script: String,
    /// How many of its statements ran and stay.
    pub done: usize,
    /// How many statements it has.
    pub statements: usize,
    /// What happened to the next statement.
    pub next: Next,
    /// More statements may have run in the meantime: the journal says how many.
    pub at_least: bool,
    /// The words for one statement and for several: `statement` and `statements`, or `batch` and `batches`.
    pub units: (&'static str, &'static str),
}

/// What happened to the statement at which a script stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It did not run.
    Open,
    /// It failed, and some of its work may be done.
    Partly,
    /// It is unknown whether it ran.
    Unknown,
}

impl fmt::Display for DatabaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.beside {
            return f.write_str("the old database is unchanged");
        }
        if self.dropped && self.not_applied.is_empty() && self.partial.is_none() {
            return f.write_str("the old database is gone, at least in part");
        }
        match () {
            () if self.unrecorded => self.fmt_unrecorded(f),
            () if self.unknown => self.fmt_unknown(f),
            () => self.fmt_known(f),
        }?;
        if self.dropped { f.write_str("; the old database was dropped first") } else { Ok(()) }
    }
}

impl DatabaseState {
    fn fmt_unknown(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is unknown whether {} applied", numbers_are(&self.not_applied))?;
        if let Some(remains) = &self.remains {
            write!(f, " ({remains})")?;
        }
        match self.committed.as_slice() {
            [] => Ok(()),
            committed => write!(f, "; {}", stays(committed)),
        }
    }

    fn fmt_unrecorded(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.partial, self.committed.as_slice()) {
            (Some(partial), _) => write!(f, "{partial}; ")?,
            (None, []) => {}
            (None, committed) => write!(f, "{}; ", stays(committed))?,
        }
        f.write_str("the journal no longer says what is applied")
    }

    fn fmt_known(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.map_or_else(|| ", no script is applied".into(), |at| format!(" at {at}"));
        let (numbers, were) = (numbers(&self.not_applied), were(&self.not_applied));
        match (&self.partial, &self.remains) {
            (Some(partial), None) => write!(f, "{partial}; ")?,
            (Some(partial), Some(remains)) => write!(f, "{partial}; not all was rolled back ({remains}); ")?,
            (None, Some(remains)) => {
                write!(f, "{numbers} {were} not applied, but not all of it was rolled back ({remains}); ")?;
            }
            (None, None) if self.not_applied.is_empty() => {}
            (None, None) => write!(f, "rolled back: {numbers} {were} not applied, ")?,
        }
        match self.objects.as_slice() {
            [] => {}
            [only] => write!(f, "{only} is applied and stays; ")?,
            [first, .., last] => write!(f, "{first} to {last} are applied and stay; ")?,
        }
        if let Some(file) = &self.stopped {
            write!(f, "{file} stopped in the middle, and what ran of it stays; ")?;
        }
        let is_unchanged = self.partial.is_none() && self.remains.is_none() && self.objects.is_empty();
        match self.committed.as_slice() {
            [] if is_unchanged && self.stopped.is_none() => {
                write!(f, "the database is unchanged{at}")
            }
            [] if self.at.is_none() => f.write_str("nothing else is applied"),
            [] => write!(f, "the database is{at}"),
            committed => write!(f, "{}, the database is{at}", stays(committed)),
        }
    }
}

impl fmt::Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { script, done, statements, next, at_least, units: (unit, units) } = self;
        let least = if *at_least { "at least " } else { "" };
        write!(f, "{script} runs outside a transaction: {least}{done} of its {statements} {units} ran and stay")?;
        match next {
            Next::Partly if done < statements => {
                write!(f, ", {unit} {} failed and may have done part of its work", done + 1)
            }
            Next::Unknown if done < statements => write!(f, ", it is unknown whether {unit} {} ran", done + 1),
            _ => Ok(()),
        }
    }
}

/// Formats consecutive numbers as `0005-0007`.
fn numbers(numbers: &[Number]) -> String {
    match numbers {
        [first, .., last] => range(&(*first..=*last)),
        [only] => only.to_string(),
        [] => "nothing".into(),
    }
}

fn numbers_are(list: &[Number]) -> String {
    format!("{} {}", numbers(list), if list.len() == 1 { "is" } else { "are" })
}

fn stays(committed: &[Number]) -> String {
    format!("{} applied and {}", numbers_are(committed), if committed.len() == 1 { "stays" } else { "stay" })
}

const fn were(numbers: &[Number]) -> &'static str {
    if numbers.len() == 1 { "was" } else { "were" }
}
