//! What a transaction has locked.

/// A lock that a transaction holds to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TakenLock {
    /// What is locked: a table, as the server names it.
    pub relation: String,
    /// How, in the server's words: `AccessExclusiveLock`.
    pub mode: String,
}

impl TakenLock {
    /// From a row with both.
    pub(crate) fn from_cells(cells: Vec<Option<String>>) -> Option<Self> {
        let [relation, mode] = <[Option<String>; 2]>::try_from(cells).ok()?;
        Some(Self { relation: relation?, mode: mode? })
    }
}
