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
    #[cfg(feature = "postgres")]
    pub(super) fn of([relation, mode]: [Option<String>; 2]) -> Option<Self> {
        Some(Self { relation: relation?, mode: mode? })
    }
}
