//! Details of what the operations of a [`Migrator`](crate::Migrator) return.

pub use crate::baseline::Recording;
pub use crate::engine::HeldLock;
pub use crate::execute::{Rehearsed, Repaired};
pub use crate::old_journal::{OldJournal, OtherHistory};
pub use crate::squash::Squashed;
pub use crate::status::ScriptState;
pub use crate::template::{Cleaned, Copied};
pub use crate::verify::Accepted;
