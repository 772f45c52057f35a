//! The locks of a transaction.

/// A lock that a transaction holds until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeldLock {
    /// What is locked: a table, as the server names it.
    pub relation: String,
    /// The mode, in the server's words: `AccessExclusiveLock`.
    pub mode: String,
}

impl HeldLock {
    /// Returns the lock that a row of both cells describes.
    pub(crate) fn from_cells(cells: Vec<Option<String>>) -> Option<Self> {
        let [relation, mode] = <[Option<String>; 2]>::try_from(cells).ok()?;
        Some(Self { relation: relation?, mode: mode? })
    }
}
