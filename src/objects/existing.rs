//! The objects that a database has.

use std::collections::BTreeMap;
use std::fmt;

use crate::sql::{Created, Dialect, same_class};

/// An object that a database has, of a kind that files create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Existing {
    kind: String,
    schema: Option<String>,
    name: String,
    /// The table or view that it is on.
    on: Option<String>,
    /// The types of a routine's arguments.
    arguments: Option<String>,
    /// Whether it is in the schema of unqualified names.
    is_default: bool,
}

impl fmt::Display for Existing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, schema, on, arguments, .. } = self;
        // the journal keeps one name a line
        let name = &self.name.replace(['\n', '\r'], " ");
        let qualified = |name: &str| match schema {
            Some(schema) => format!("{schema}.{name}"),
            None => name.to_owned(),
        };
        match on {
            Some(on) => write!(f, "{kind} {name} on {}", qualified(on))?,
            None => write!(f, "{kind} {}", qualified(name))?,
        }
        arguments.as_ref().map_or(Ok(()), |arguments| write!(f, "({arguments})"))
    }
}

/// Whether the description of a schema means the object that the journal has recorded under a name: it writes names in
/// quotes where they need them, and those of triggers after their table.
pub(crate) fn is_named(kind: &str, name: &str, recorded: &str) -> bool {
    let bare = name.replace(['"', '`', '[', ']'], "");
    let Some(own) = recorded.strip_prefix(kind).and_then(|own| own.strip_prefix(' ')) else { return false };
    match own.rsplit_once(" on ") {
        Some((own, on)) => bare == own || bare == format!("{on}.{own}"),
        None => bare == own.replace('"', ""),
    }
}

impl Existing {
    /// Reads a row of the query for the objects of a database: kind, schema, name, table, types of arguments, and whether
    /// the schema is that of unqualified names.
    pub(crate) fn from_cells(mut cells: Vec<Option<String>>) -> Option<Self> {
        cells.resize(6, None);
        let [kind, schema, name, on, arguments, is_default] = cells.try_into().ok()?;
        let is_default = schema.is_none() || is_default.is_some_and(|is| matches!(is.as_str(), "1" | "t" | "true"));
        Some(Self { kind: kind?, schema, name: name?, on, arguments, is_default })
    }

    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    pub(crate) fn on(&self) -> Option<&str> {
        self.on.as_deref()
    }

    pub(crate) fn arguments(&self) -> Option<&str> {
        self.arguments.as_deref()
    }

    /// Whether it certainly is what a statement creates.
    pub(crate) fn is_created_by(&self, created: &Created, dialect: &dyn Dialect) -> bool {
        let (found, is_certain) = Catalog::new(std::slice::from_ref(self), dialect).created_by(created);
        is_certain && !found.is_empty()
    }

    /// Whether it is in a schema; without one, in the schema of unqualified names. The schema of a trigger is that of its
    /// table.
    fn is_in(&self, schema: Option<&str>, dialect: &dyn Dialect) -> bool {
        match (schema, &self.schema) {
            (Some(schema), Some(own)) => dialect.is_same_name(own, schema),
            (None, Some(_)) => self.is_default,
            (_, None) => true,
        }
    }
}

/// Objects by their names.
pub(crate) struct Catalog<'a> {
    by_name: BTreeMap<String, Vec<&'a Existing>>,
    dialect: &'a dyn Dialect,
}

impl<'a> Catalog<'a> {
    pub(crate) fn new(all: &'a [Existing], dialect: &'a dyn Dialect) -> Self {
        let mut by_name = BTreeMap::<String, Vec<&Existing>>::new();
        for object in all {
            let name = if dialect.keeps_case() { object.name.clone() } else { object.name.to_lowercase() };
            by_name.entry(name).or_default().push(object);
        }
        Self { by_name, dialect }
    }

    /// Returns the objects that a statement creates, and whether that is certain: routines of one name may differ in
    /// arguments that cannot be compared with the text.
    pub(crate) fn created_by(&self, created: &Created) -> (Vec<&'a Existing>, bool) {
        let dialect = self.dialect;
        let same = |own: &str, other: &str| dialect.is_same_name(own, other);
        let optional = |own: &Option<String>, other: &Option<String>| match (own, other) {
            (Some(own), Some(other)) => same(own, other),
            (own, other) => own.is_none() == other.is_none(),
        };
        let fits = |own: &&Existing| {
            same_class(&own.kind, created.kind)
                && optional(&own.on, &created.on)
                && own.is_in(created.schema.as_deref(), dialect)
        };
        let named = self.by_name.get(&created.name).into_iter().flatten().copied();
        let found = named.filter(fits).collect::<Vec<_>>();
        let exact = |own: &&Existing| match (&own.arguments, &created.arguments) {
            (Some(own), Some(written)) => dialect.have_types(written, own),
            _ => true,
        };
        let one = found.iter().copied().filter(exact).collect::<Vec<_>>();
        if one.is_empty() { (found, false) } else { (one, true) }
    }
}
