//! How two schemas differ.

use std::collections::{BTreeMap, BTreeSet};

use super::object::Key;
use super::{NotCompared, Object, Schema};

/// A difference between two schemas.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Difference {
    /// What the object is.
    pub kind: String,
    /// Its name, as the database has it.
    pub name: String,
    /// The table that it belongs to.
    pub parent: Option<String>,
    /// What became of it.
    pub change: Change,
    /// Its definition in the first schema.
    pub recorded: Option<String>,
    /// Its definition in the other schema.
    pub found: Option<String>,
}

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Change {
    /// Only the other schema has it.
    Added,
    /// Only the first schema has it.
    Removed,
    /// Its definitions differ.
    Changed,
    /// The columns of a table have another order.
    Order,
}

impl Change {
    /// Returns the word for JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
            Self::Order => "order",
        }
    }
}

/// Returns how `found` differs from `recorded`.
pub(super) fn difference(recorded: &Schema, found: &Schema) -> Vec<Difference> {
    let (removed, added) = (unmatched(&recorded.objects, &found.objects), unmatched(&found.objects, &recorded.objects));
    let mut differences = named(&removed, &added);
    differences.extend(reordered(&recorded.objects, &found.objects));
    let whole = differences.iter().filter(|difference| difference.is_whole()).map(|whole| whole.name.clone());
    let whole = whole.collect::<BTreeSet<_>>();
    differences.retain(|difference| {
        difference.parent.as_ref().is_none_or(|parent| !whole.contains(parent))
            && !recorded.not_compared.iter().any(|missing| difference.is_uncertain(missing, Change::Added))
            && !found.not_compared.iter().any(|missing| difference.is_uncertain(missing, Change::Removed))
    });
    differences.sort_unstable();
    differences
}

impl Difference {
    fn new(recorded: Option<&Object>, found: Option<&Object>) -> Option<Self> {
        let change = match (recorded, found) {
            // one of the names looks invented: what they are on is the same
            (Some(recorded), Some(found)) if recorded.definition == found.definition => return None,
            (Some(_), Some(_)) => Change::Changed,
            (Some(_), None) => Change::Removed,
            (None, _) => Change::Added,
        };
        let Object { kind, name, parent, .. } = found.or(recorded)?.clone();
        let definition = |object: Option<&Object>| object.map(|object| object.definition.clone());
        Some(Self { kind, name, parent, change, recorded: definition(recorded), found: definition(found) })
    }

    /// Whether something that one schema could not read explains the difference. If objects of a kind may be missing
    /// from it, that explains this change.
    fn is_uncertain(&self, missing: &NotCompared, change: Change) -> bool {
        match &missing.name {
            None => self.kind == missing.kind && self.change == change,
            Some(name) if self.kind == missing.kind && self.name == *name => true,
            Some(name) => has_parts(&missing.kind) && self.parent.as_ref() == Some(name),
        }
    }

    /// Returns the unified diff of the two definitions.
    #[must_use]
    pub fn diff(&self) -> String {
        let text =
            |definition: &Option<String>| definition.as_ref().map(|text| format!("{text}\n")).unwrap_or_default();
        let (recorded, found) = (text(&self.recorded), text(&self.found));
        crate::diff::unified(("recorded", &recorded), ("found", &found))
    }

    /// Whether an object with all that belongs to it is in one schema only. Routines may have the name of a table.
    fn is_whole(&self) -> bool {
        has_parts(&self.kind) && matches!(self.change, Change::Added | Change::Removed)
    }
}

/// Whether columns and the like can belong to objects of a kind.
fn has_parts(kind: &str) -> bool {
    kind.ends_with("table") || kind.ends_with("view")
}

/// Returns the objects that have no equal among the others.
fn unmatched<'a>(objects: &'a [Object], others: &'a [Object]) -> Vec<&'a Object> {
    let mut equals = BTreeMap::<_, usize>::new();
    for object in others {
        *equals.entry((object.key(), &object.definition)).or_default() += 1;
    }
    let mut unmatched = Vec::new();
    for object in objects {
        match equals.get_mut(&(object.key(), &object.definition)) {
            Some(left) if *left > 0 => *left -= 1,
            _ => unmatched.push(object),
        }
    }
    unmatched
}

/// Pairs what differs by its names.
fn named(removed: &[&Object], added: &[&Object]) -> Vec<Difference> {
    let mut pairs = BTreeMap::<_, [Option<&Object>; 2]>::new();
    for (side, objects) in [removed, added].into_iter().enumerate() {
        for &object in objects {
            let key = Key { kind: &object.kind, name: &object.name, invented: None };
            pairs.entry(key).or_default()[side] = Some(object);
        }
    }
    pairs.into_values().filter_map(|[recorded, found]| Difference::new(recorded, found)).collect()
}

/// Returns the tables whose common columns have another order.
fn reordered(recorded: &[Object], found: &[Object]) -> Vec<Difference> {
    let (recorded, found) = (columns(recorded), columns(found));
    let differ = |(table, before): (&&str, &Vec<&str>)| {
        let after = found.get(table)?;
        let common = |these: &[&str], those: &[&str]| {
            let those = those.iter().collect::<BTreeSet<_>>();
            these.iter().filter(|name| those.contains(name)).map(|name| (*name).to_owned()).collect::<Vec<_>>()
        };
        let (before, after) = (common(before, after), common(after, before));
        (before != after).then(|| Difference {
            kind: "table".into(),
            name: (*table).to_owned(),
            parent: None,
            change: Change::Order,
            recorded: Some(before.join("\n")),
            found: Some(after.join("\n")),
        })
    };
    recorded.iter().filter_map(differ).collect()
}

/// Returns the names of each table's columns in their order.
fn columns(objects: &[Object]) -> BTreeMap<&str, Vec<&str>> {
    let mut columns = BTreeMap::<_, Vec<_>>::new();
    for object in objects {
        if let (Some(table), Some(position)) = (&object.parent, object.position) {
            columns.entry(table.as_str()).or_default().push((position, object.name.as_str()));
        }
    }
    let in_order = |mut names: Vec<(u32, _)>| {
        names.sort_unstable();
        names.into_iter().map(|(_, name)| name).collect()
    };
    columns.into_iter().map(|(table, names)| (table, in_order(names))).collect()
}
