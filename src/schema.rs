//! The schema of a database: a canonical description, its fingerprint, and the differences between two.

mod comparison;
mod difference;
mod fingerprint;
mod object;
mod qualifier;
mod row;
#[cfg(test)]
mod tests;
mod updated;

use std::collections::BTreeSet;

pub use self::comparison::{Comparison, ComparisonOptions, PatternError};
pub use self::difference::{Change, Difference};
pub(crate) use self::fingerprint::FORMAT;
pub use self::fingerprint::Fingerprint;
pub use self::object::{NotCompared, Object};
pub(crate) use self::qualifier::Qualifier;
pub(crate) use self::row::Row;
use crate::sql::Variables;

/// The description of a database's schema: its objects in a canonical order.
///
/// Two databases have equal descriptions if their schemas are equal, whatever is in their tables and however they came
/// about. The tables of journals are not part of it.
///
/// ```
/// use dbmigrate::schema::{Object, Schema};
///
/// let schema = Schema::new([
///     Object::new("table", "public.item", "CREATE TABLE"),
///     Object::new("column", "public.item.id", "integer NOT NULL").part_of("public.item").at(1),
/// ]);
/// assert_eq!(schema.objects()[0].name, "public.item.id");
/// assert_eq!(schema.count("table"), 1);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    objects: Vec<Object>,
    not_compared: Vec<NotCompared>,
}

impl Schema {
    /// Returns the description that consists of these objects.
    #[must_use]
    pub fn new(objects: impl IntoIterator<Item = Object>) -> Self {
        let mut objects = objects.into_iter().collect::<Vec<_>>();
        objects.sort_unstable();
        Self { objects, not_compared: Vec::new() }
    }

    /// Says what could not be read: no comparison takes it for a difference.
    #[must_use]
    pub fn without(mut self, not_compared: impl IntoIterator<Item = NotCompared>) -> Self {
        self.not_compared.extend(not_compared);
        self.not_compared.sort_unstable();
        self.not_compared.dedup();
        self
    }

    /// Returns the schema without some objects, which it says were not compared: `why` says why; an empty text does not.
    pub(crate) fn leaving_out(mut self, why: impl Fn(&Object) -> Option<String>) -> Self {
        let reasons = self.objects.iter().filter_map(|object| {
            let why = why(object).filter(|why| !why.is_empty())?;
            Some(NotCompared::new(object.kind.clone(), Some(object.name.clone()), why))
        });
        let reasons = reasons.collect::<Vec<_>>();
        self.objects.retain(|object| why(object).is_none());
        self.without(reasons)
    }

    /// Returns the schema with some objects only.
    pub(crate) fn only(mut self, wanted: impl Fn(&Object) -> bool) -> Self {
        self.objects.retain(wanted);
        self
    }

    /// Masks the values of secret variables.
    pub(crate) fn masked(mut self, variables: &Variables) -> Self {
        if variables.has_secrets() {
            for object in &mut self.objects {
                object.definition = variables.mask(&object.definition);
            }
            self.objects.sort_unstable();
        }
        self
    }

    /// Returns the objects that have rights which they have not in another schema, by kind and name.
    pub(crate) fn other_rights(&self, other: &Self) -> Vec<String> {
        let is_same = |one: &&Object, object: &Object| {
            (&one.kind, &one.name, &one.parent) == (&object.kind, &object.name, &object.parent)
        };
        let differs = |object: &&Object| {
            let same = other.objects.iter().find(|one| is_same(one, object));
            let rights = |object: &Object| {
                let grants = object.grants.clone().unwrap_or_default();
                grants.split([';', '\n']).map(|right| right.trim().to_owned()).collect::<BTreeSet<_>>()
            };
            same.is_some_and(|same| rights(object).difference(&rights(same)).any(|right| !right.is_empty()))
        };
        self.objects.iter().filter(differs).map(|object| format!("{} {}", object.kind, object.name)).collect()
    }

    /// Returns the objects, ordered by kind and name.
    #[must_use]
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// Returns what could not be read, ordered by kind and name.
    #[must_use]
    pub fn not_compared(&self) -> &[NotCompared] {
        &self.not_compared
    }

    /// Returns the number of objects of a kind.
    #[must_use]
    pub fn count(&self, kind: &str) -> usize {
        self.objects.iter().filter(|object| object.kind == kind).count()
    }

    /// Returns whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Returns the fingerprint. It is equal for two schemas exactly when [`Schema::difference`] finds nothing but
    /// differences in the order of columns.
    ///
    /// Owners, grants and the order of columns are not part of it.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.objects)
    }

    /// Returns how another schema differs from this one, ordered by kind and name.
    ///
    /// What belongs to an object that only one of them has is not listed on its own. What one of them could not read
    /// is no difference.
    ///
    /// ```
    /// use dbmigrate::schema::{Change, Object, Schema};
    ///
    /// let recorded = Schema::new([Object::new("table", "item", "CREATE TABLE")]);
    /// let found = Schema::new([Object::new("table", "item", "CREATE UNLOGGED TABLE")]);
    /// let difference = recorded.difference(&found);
    /// assert_eq!((difference[0].name.as_str(), difference[0].change), ("item", Change::Changed));
    /// ```
    #[must_use]
    pub fn difference(&self, found: &Self) -> Vec<Difference> {
        difference::difference(self, found)
    }
}
