//! What a text is for.

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The initial schema, often written by a dump tool.
    Baseline,
    /// A numbered script.
    Script,
    /// The file of an object, which is applied again whenever it changes.
    Object,
}
