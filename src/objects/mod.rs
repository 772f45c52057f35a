//! Objects: views, procedures and triggers that are edited in place. What the files create, what a database has of it, and
//! in which order files are applied. Pure.

mod comparison;
mod existing;
mod order;
#[cfg(test)]
mod tests;
mod values;

pub use self::comparison::{AppliedObject, ObjectState};
pub(crate) use self::comparison::{Compared, compare};
pub(crate) use self::existing::{Catalog, Existing, is_named};
pub(crate) use self::order::{Candidate, Unordered, order, unordered};
pub(crate) use self::values::hash;
