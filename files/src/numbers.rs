//! The numbers of a folder: each is used once, and none is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use crate::{FolderProblem, Number};

/// What to do about a gap.
pub const GAP_HINT: &str = "numbers must have no gaps: restore the missing scripts or renumber those after the gap";

/// Numbers that are missing, from the first through the last. `Display` is the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first of them.
    pub first: Number,
    /// The last of them.
    pub last: Number,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.first == self.last {
            write!(f, "{} is", self.first.script_name())?;
        } else {
            write!(f, "scripts {}-{} are", self.first, self.last)?;
        }
        f.write_str(" missing, but higher numbers exist")
    }
}

/// Returns the ranges of numbers from `start` through `end` that are not known.
#[must_use]
pub fn absent(start: Number, end: Number, known: impl Iterator<Item = Number>) -> Vec<Gap> {
    let known = known.filter(|number| (start..=end).contains(number)).chain([end.next()]).collect::<BTreeSet<_>>();
    let mut absent = Vec::new();
    let mut next = start;
    for number in known {
        if next < number {
            absent.push(Gap { first: next, last: number.previous() });
        }
        next = number.next();
    }
    absent
}

/// Sorts files by number. Keeps the first file of each number, and reports the numbers that are used more than once.
pub fn distinct<T>(
    files: Vec<T>,
    number: impl Fn(&T) -> Number,
    path: impl Fn(&T) -> &Path,
) -> (Vec<T>, Vec<FolderProblem>) {
    let mut numbers = BTreeMap::<Number, Vec<T>>::new();
    for file in files {
        numbers.entry(number(&file)).or_default().push(file);
    }
    let (mut kept, mut problems) = (Vec::with_capacity(numbers.len()), Vec::new());
    for (number, mut same) in numbers {
        if same.len() > 1 {
            let paths = same.iter().map(|file| path(file).into()).collect();
            problems.push(FolderProblem::Duplicate { number, paths });
        }
        kept.push(same.swap_remove(0));
    }
    (kept, problems)
}
