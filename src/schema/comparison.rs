//! The comparison of two schemas: what counts, and the result in words.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use glob::Pattern;

use super::{Change, Difference, NotCompared, Object, Schema};

/// What counts when two schemas are compared.
///
/// ```
/// use dbmigrate::schema::{ComparisonOptions, Object, Schema};
///
/// let recorded = Schema::new([Object::new("table", "item", "CREATE TABLE")]);
/// let found = Schema::new([
///     Object::new("table", "item", "CREATE TABLE"),
///     Object::new("table", "item_2026_11", "CREATE TABLE"),
/// ]);
/// assert!(!recorded.compare(&found, &ComparisonOptions::new()).is_equal());
/// let options = ComparisonOptions::new().ignoring("item_20*")?;
/// assert!(recorded.compare(&found, &options).is_equal());
/// # Ok::<(), dbmigrate::schema::PatternError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComparisonOptions {
    owners: bool,
    grants: bool,
    strict: bool,
    ignored: Vec<Pattern>,
}

/// The text is not a pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pattern:?} is not a pattern: {reason}")]
#[non_exhaustive]
pub struct PatternError {
    /// The text.
    pub pattern: String,
    /// What is wrong with it.
    pub reason: String,
}

impl ComparisonOptions {
    /// Compares definitions. Owners, grants and the order of columns do not count.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether owners count.
    #[must_use]
    pub const fn owners(mut self, count: bool) -> Self {
        self.owners = count;
        self
    }

    /// Sets whether grants count.
    #[must_use]
    pub const fn grants(mut self, count: bool) -> Self {
        self.grants = count;
        self
    }

    /// Whether grants count.
    pub(crate) const fn counts_grants(&self) -> bool {
        self.grants
    }

    /// Sets whether the order of columns counts.
    #[must_use]
    pub const fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Ignores the objects with such a name, and what belongs to them. The pattern is for the qualified name or the name
    /// alone; `*`, `?` and `[a-z]` mean what they mean in a shell.
    ///
    /// # Errors
    ///
    /// If it is not a pattern.
    pub fn ignoring(mut self, pattern: &str) -> Result<Self, PatternError> {
        let parsed = Pattern::new(pattern);
        let failed = |error: glob::PatternError| PatternError { pattern: pattern.to_owned(), reason: error.msg.into() };
        self.ignored.push(parsed.map_err(failed)?);
        Ok(self)
    }

    /// Returns what counts of a schema.
    fn counting<'a>(&self, schema: &'a Schema) -> Cow<'a, Schema> {
        if !self.owners && !self.grants && self.ignored.is_empty() {
            return Cow::Borrowed(schema);
        }
        let objects = schema.objects.iter().filter(|object| !is_ignored(object, &self.ignored)).map(|object| {
            let owner = object.owner.as_ref().filter(|_| self.owners).map(|owner| format!("\nOWNER {owner}"));
            let grants = object.grants.as_ref().filter(|_| self.grants).map(|grants| format!("\n{grants}"));
            let also = owner.into_iter().chain(grants).collect::<String>();
            Object { definition: format!("{}{also}", object.definition), ..object.clone() }
        });
        Cow::Owned(Schema::new(objects).without(schema.not_compared.iter().cloned()))
    }
}

fn is_ignored(object: &Object, ignored: &[Pattern]) -> bool {
    let matches = |name: &str| ignored.iter().any(|pattern| names(name).any(|name| pattern.matches(name)));
    matches(&object.name)
        || object.parent.as_deref().is_some_and(matches)
        || object.own_name().is_some_and(|(_, own)| matches(own))
}

/// Returns the names by which a pattern can mean an object: `public.total(integer)`, `total(integer)`, `total`.
fn names(name: &str) -> impl Iterator<Item = &str> {
    let head = name.split('(').next().unwrap_or(name);
    let bare = head.rfind('.').map_or(name, |at| &name[at + 1..]);
    [name, bare, bare.split('(').next().unwrap_or(bare)].into_iter()
}

/// The result of a comparison.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// How many objects of each kind were compared.
    pub compared: BTreeMap<String, usize>,
    /// What could not be compared.
    pub not_compared: Vec<NotCompared>,
    /// How they differ, ordered by kind and name. The order of columns may be among it although it does not count.
    pub differences: Vec<Difference>,
    strict: bool,
}

impl Schema {
    /// Compares this schema with another.
    #[must_use]
    pub fn compare(&self, found: &Self, options: &ComparisonOptions) -> Comparison {
        let (recorded, found) = (options.counting(self), options.counting(found));
        let mut compared = BTreeMap::<String, usize>::new();
        for object in &found.objects {
            *compared.entry(object.kind.clone()).or_default() += 1;
        }
        let differences = recorded.difference(&found);
        for removed in differences.iter().filter(|difference| difference.change == Change::Removed) {
            *compared.entry(removed.kind.clone()).or_default() += 1;
        }
        let not_compared = found.into_owned().without(recorded.into_owned().not_compared).not_compared;
        Comparison { compared, not_compared, differences, strict: options.strict }
    }
}

/// How many objects are named in a sentence.
const NAMED: usize = 10;

impl Comparison {
    /// Whether nothing differs that counts.
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.counted().next().is_none()
    }

    /// Whether there was anything to compare: what every database has is not enough.
    pub(crate) fn is_blank(&self) -> bool {
        self.compared.keys().all(|kind| ["schema", "database", "extension"].contains(&kind.as_str()))
    }

    /// Returns the differences that count.
    fn counted(&self) -> impl Iterator<Item = &Difference> {
        self.differences.iter().filter(|difference| self.strict || difference.change != Change::Order)
    }

    /// Returns how many objects differ and how, after what they differ from: `2 objects differ from REFERENCE: table orders
    /// (column note added), view totals (changed)`.
    #[must_use]
    pub fn summary(&self, reference: &str) -> String {
        let (mut objects, mut places) = (Vec::<Named<'_>>::new(), BTreeMap::new());
        for difference in self.counted() {
            let (kind, name, change) = Named::of(difference);
            let place = *places.entry((kind, name)).or_insert(objects.len());
            match objects.get_mut(place) {
                Some(object) => object.changes.push(change),
                None => objects.push(Named { kind, name, changes: vec![change] }),
            }
        }
        let count = match objects.len() {
            1 => "1 object differs".to_owned(),
            count => format!("{count} objects differ"),
        };
        let more = objects.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        let named = objects.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>().join(", ");
        format!("{count} from {reference}: {named}{more}")
    }
}

/// An object that differs, and how.
struct Named<'a> {
    kind: &'a str,
    name: &'a str,
    changes: Vec<String>,
}

impl<'a> Named<'a> {
    /// Returns the object that a difference is about: for a column, that is its table.
    fn of(difference: &'a Difference) -> (&'a str, &'a str, String) {
        let Difference { kind, name, parent, change, .. } = difference;
        let how = match change {
            Change::Added => "added",
            Change::Removed => "gone",
            Change::Changed => "changed",
            Change::Order => "columns in another order",
        };
        match parent {
            Some(table) if kind == "column" => {
                let own = name.strip_prefix(table.as_str()).and_then(|own| own.strip_prefix('.')).unwrap_or(name);
                ("table", table, format!("column {own} {how}"))
            }
            _ => (kind, name, how.to_owned()),
        }
    }
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.kind, self.name, self.changes.join(", "))
    }
}
