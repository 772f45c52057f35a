//! Which databases of a fleet a run is for.

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use glob::Pattern;

use super::Member;
use crate::script::Checksum;

/// Which databases of a fleet a run is for: by default, all.
///
/// ```
/// use dbmigrate::fleet::{Member, Selection, Shard};
/// use dbmigrate::Target;
///
/// let members = ["acme", "bolt", "coil"].map(|name| Member::new(name, Target::sqlite(name)));
/// let shards = ["0/2", "1/2"].map(|shard| shard.parse::<Shard>().expect("a shard"));
/// let count = |shard| Selection::new().shard(shard).of(members.to_vec()).expect("no name is used twice").len();
/// assert_eq!(count(shards[0]) + count(shards[1]), 3);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    only: Vec<Pattern>,
    shard: Option<Shard>,
}

/// Why no run over a fleet was begun.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FleetError {
    /// The source names no database.
    #[error("the fleet has no database")]
    Empty,
    /// No database has a name like this.
    #[error("no database of the fleet has a name like {0}")]
    NoneLike(String),
    /// Two databases have one name.
    #[error("two databases of the fleet are called {0:?}")]
    Twice(String),
    /// The text is not a pattern.
    #[error("{pattern:?} is not a pattern: {reason}")]
    Pattern {
        /// The text.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl FleetError {
    /// What to do about it.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Empty => "nothing was begun: an empty source is taken for a mistake; check it",
            Self::NoneLike(_) => "nothing was begun: a name is compared with * and ? as in a shell",
            Self::Twice(_) => "nothing was begun: each name must be used once, since --only and --shard go by it",
            Self::Pattern { .. } => "*, ? and [a-z] mean what they mean in a shell",
        }
    }
}

impl Selection {
    /// Returns the selection of all databases.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a pattern: only databases whose names match one of them are selected.
    ///
    /// # Errors
    ///
    /// If the text is not a pattern.
    pub fn only(mut self, pattern: &str) -> Result<Self, FleetError> {
        let wrong =
            |error: glob::PatternError| FleetError::Pattern { pattern: pattern.into(), reason: error.msg.into() };
        self.only.push(Pattern::new(pattern).map_err(wrong)?);
        Ok(self)
    }

    /// Selects a share of the databases.
    #[must_use]
    pub fn shard(mut self, shard: impl Into<Option<Shard>>) -> Self {
        self.shard = shard.into();
        self
    }

    /// Selects databases, in their order.
    ///
    /// # Errors
    ///
    /// If there is none, if none has a name like the patterns, or if two have the same name. A share may be empty.
    pub fn of(&self, mut members: Vec<Member>) -> Result<Vec<Member>, FleetError> {
        if members.is_empty() {
            return Err(FleetError::Empty);
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = members.iter().find(|member| !names.insert(member.name.as_str())) {
            return Err(FleetError::Twice(twice.name.clone()));
        }
        members.retain(|member| self.only.is_empty() || self.only.iter().any(|only| only.matches(&member.name)));
        if members.is_empty() {
            let patterns = self.only.iter().map(Pattern::as_str).collect::<Vec<_>>().join(" or ");
            return Err(FleetError::NoneLike(patterns));
        }
        members.retain(|member| self.shard.is_none_or(|shard| shard.has(&member.name)));
        Ok(members)
    }
}

/// A share of the databases, by their names: `0/4` to `3/4`. A database that is added moves no other into another share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    of: NonZeroUsize,
}

/// The error for a text that is not a [`Shard`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a shard is I/N, with I from 0 to N-1")]
pub struct ShardError;

impl Shard {
    /// Returns the share `index` of `of`, from 0.
    ///
    /// # Errors
    ///
    /// If the index is not below the number of shares.
    pub const fn new(index: usize, of: usize) -> Result<Self, ShardError> {
        match NonZeroUsize::new(of) {
            Some(of) if index < of.get() => Ok(Self { index, of }),
            _ => Err(ShardError),
        }
    }

    /// Whether a database of this name is in the share. This never changes between versions: it goes by the first eight
    /// bytes of the SHA-256 of the name.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        let hash = u64::from_be_bytes(Checksum::of(name).bytes().first_chunk().copied().unwrap_or_default());
        let (index, of) = (self.index as u64, self.of.get() as u64);
        hash % of == index
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (index, of) = text.split_once('/').ok_or(ShardError)?;
        Self::new(index.parse().map_err(|_| ShardError)?, of.parse().map_err(|_| ShardError)?)
    }
}

/// How many databases are the first, which must succeed before the others are begun: `3` or `5%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Canary {
    /// So many.
    Count(NonZeroUsize),
    /// So many of a hundred, rounded up.
    Percent(u8),
}

impl Canary {
    /// Returns how many of so many databases: at least one, and at most all.
    #[must_use]
    pub fn of(self, databases: usize) -> usize {
        let wanted = match self {
            Self::Count(count) => count.get(),
            Self::Percent(percent) => (databases * usize::from(percent)).div_ceil(100),
        };
        wanted.max(1).min(databases)
    }
}

impl FromStr for Canary {
    type Err = CanaryError;

    fn from_str(text: &str) -> Result<Self, CanaryError> {
        match text.strip_suffix('%') {
            Some(percent) => {
                percent.parse().ok().filter(|percent| (1..=100).contains(percent)).map(Self::Percent).ok_or(CanaryError)
            }
            None => text.parse().map(Self::Count).map_err(|_| CanaryError),
        }
    }
}

/// The error for a text that is not a [`Canary`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a canary is a number of databases such as 3, or a share such as 5%")]
pub struct CanaryError;

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Target;

    #[test]
    fn a_shard_is_the_same_in_every_version() {
        let of = |name: &str| (0..4).find(|index| Shard::new(*index, 4).expect("a shard").has(name));
        assert_eq!(["acme", "bolt", "coil", "dune", ""].map(of), [Some(0), Some(3), Some(3), Some(2), Some(0)]);
    }

    #[test]
    fn shards_cover_all_and_overlap_nowhere() {
        let names = (0..10_000).map(|number| format!("tenant_{number}")).collect::<Vec<_>>();
        for of in [1, 2, 4, 7] {
            let shards = (0..of).map(|index| Shard::new(index, of).expect("a shard")).collect::<Vec<_>>();
            let mut counts = vec![0_usize; of];
            for name in &names {
                let mut has = shards.iter().enumerate().filter(|(_, shard)| shard.has(name));
                counts[has.next().expect("one has it").0] += 1;
                assert!(has.next().is_none(), "{name}");
            }
            let even = names.len() / of;
            assert!(counts.iter().all(|count| count.abs_diff(even) < even / 10), "{counts:?}");
        }
    }

    #[test]
    fn texts_are_shards_and_canaries() {
        for (text, shard) in
            [("0/1", true), ("3/4", true), ("4/4", false), ("0/0", false), ("1", false), ("a/2", false)]
        {
            assert_eq!(text.parse::<Shard>().is_ok(), shard, "{text}");
        }
        let canary = |text: &str| text.parse::<Canary>().map(|canary| canary.of(250));
        assert_eq!([canary("3"), canary("1%"), canary("100%"), canary("999")], [Ok(3), Ok(3), Ok(250), Ok(250)]);
        assert!([canary("0"), canary("0%"), canary("101%"), canary("x")].iter().all(Result::is_err));
        assert_eq!("1%".parse::<Canary>().map(|canary| canary.of(2)), Ok(1), "at least one");
    }

    #[test]
    fn a_selection_that_is_a_mistake_is_refused() {
        let members =
            |names: &[&str]| names.iter().map(|name| Member::new(*name, Target::sqlite(*name))).collect::<Vec<_>>();
        let names = |selection: &Selection, members| {
            let selected = selection.of(members);
            selected.map(|members| members.into_iter().map(|member| member.name).collect::<Vec<_>>())
        };
        let all = Selection::new();
        assert_eq!(names(&all, Vec::new()), Err(FleetError::Empty));
        assert_eq!(names(&all, members(&["a", "b", "a"])), Err(FleetError::Twice("a".into())));
        let some = all.only("ac*").expect("a pattern");
        assert_eq!(names(&some, members(&["bolt", "acme", "acid"])), Ok(vec!["acme".into(), "acid".into()]));
        assert_eq!(names(&some, members(&["bolt"])), Err(FleetError::NoneLike("ac*".into())));
        let empty = Selection::new().shard(Shard::new(0, 1000).expect("a shard"));
        assert_eq!(names(&empty, members(&["bolt"])), Ok(Vec::new()), "a share may be empty");
    }
}
