//! What state a run that did not succeed leaves the database in.

use std::fmt;

use crate::journal::range;
use crate::script::Number;

/// What is applied and what is not after a run that did not succeed. `Display` is the sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Aftermath {
    /// Scripts that this run committed: they stay.
    pub committed: Vec<Number>,
    /// Scripts that were due and are not applied.
    pub not_applied: Vec<Number>,
    /// The highest number that is applied now.
    pub at: Option<Number>,
    /// The script outside a transaction that stopped in the middle.
    pub partial: Option<Partial>,
    /// It is unknown whether `not_applied` is applied.
    pub unknown: bool,
    /// All this happened in a new database beside the old one, and the new one is gone.
    pub beside: bool,
}

impl Aftermath {
    pub(crate) const fn unknown(mut self) -> Self {
        self.unknown = true;
        self
    }
}

/// How far a script outside a transaction came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partial {
    /// The script's name.
    pub script: String,
    /// The statements that ran and stay.
    pub done: usize,
    /// All its statements.
    pub statements: usize,
    /// It is unknown whether the statement behind those ran.
    pub unknown: bool,
}

impl fmt::Display for Aftermath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at.map_or_else(|| ", no script is applied".into(), |at| format!(" at {at}"));
        if self.beside {
            return f.write_str("the old database stands as it was");
        }
        if self.unknown {
            write!(f, "it is unknown whether {} applied", numbers_are(&self.not_applied))?;
            return match self.committed.as_slice() {
                [] => Ok(()),
                committed => write!(f, "; {}", stays(committed)),
            };
        }
        if let Some(partial) = &self.partial {
            write!(f, "{partial}; ")?;
        } else if !self.not_applied.is_empty() {
            let (numbers, were) = (numbers(&self.not_applied), were(&self.not_applied));
            write!(f, "rolled back: {numbers} {were} not applied, ")?;
        }
        match self.committed.as_slice() {
            [] if self.partial.is_none() => write!(f, "the database is unchanged{at}"),
            [] if self.at.is_none() => f.write_str("nothing else is applied"),
            [] => write!(f, "the database is{at}"),
            committed => write!(f, "{}, the database is{at}", stays(committed)),
        }
    }
}

impl fmt::Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { script, done, statements, unknown } = self;
        write!(f, "{script} runs outside a transaction: {done} of its {statements} statements ran and stay")?;
        if *unknown && done < statements {
            write!(f, ", it is unknown whether statement {} ran", done + 1)
        } else {
            Ok(())
        }
    }
}

/// `0005-0007` for numbers in a row.
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
