//! One object of a schema.

/// One object of a [`Schema`](crate::schema::Schema): a table, a column, an index, a view, and so on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Object {
    /// What it is, in the words of SQL: `table`, `column`, `foreign key`.
    pub kind: String,
    /// Its qualified name. An object that belongs to a table has the table's name before its own.
    pub name: String,
    /// The name of the table that it belongs to.
    pub parent: Option<String>,
    /// A column's place in its table, from 1.
    pub position: Option<u32>,
    /// What it is, as canonical text that reads like SQL. Its own name is not in it.
    pub definition: String,
    /// Who owns it.
    pub owner: Option<String>,
    /// Who has which rights on it.
    pub grants: Option<String>,
    /// Whether its name looks like one that the server has invented. Two such objects are equal by what they are on.
    pub has_invented_name: bool,
}

impl Object {
    /// Returns an object of this kind, name and definition.
    #[must_use]
    pub fn new(kind: impl Into<String>, name: impl Into<String>, definition: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            name: name.into(),
            parent: None,
            position: None,
            definition: definition.into().replace("\r\n", "\n"),
            owner: None,
            grants: None,
            has_invented_name: false,
        }
    }

    /// Makes it part of a table.
    #[must_use]
    pub fn part_of(mut self, parent: impl Into<String>) -> Self {
        self.parent = Some(parent.into());
        self
    }

    /// Sets a column's place in its table, from 1.
    #[must_use]
    pub const fn at(mut self, position: u32) -> Self {
        self.position = Some(position);
        self
    }

    /// Says that the server has invented its name.
    #[must_use]
    pub const fn with_invented_name(mut self) -> Self {
        self.has_invented_name = true;
        self
    }

    /// Returns the name of its table and its own, if it belongs to a table.
    pub(crate) fn own_name(&self) -> Option<(&str, &str)> {
        let table = self.parent.as_deref()?;
        Some((table, self.name.strip_prefix(table)?.strip_prefix('.')?))
    }

    /// Returns what tells it from other objects: its name, or what it is on if its name is invented.
    pub(super) fn key(&self) -> Key<'_> {
        let Self { kind, name, parent, definition, .. } = self;
        if self.has_invented_name {
            Key { kind, name: parent.as_deref().unwrap_or_default(), invented: Some(definition) }
        } else {
            Key { kind, name, invented: None }
        }
    }
}

/// Something that could not be read, and so cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct NotCompared {
    /// What it is: `trigger`.
    pub kind: String,
    /// Its qualified name; `None` if any object of this kind may be missing.
    pub name: Option<String>,
    /// Why it could not be read, or what is needed to read it.
    pub why: String,
}

impl NotCompared {
    /// Returns an object, or a kind of objects, that could not be read.
    #[must_use]
    pub fn new(kind: impl Into<String>, name: Option<String>, why: impl Into<String>) -> Self {
        Self { kind: kind.into(), name, why: why.into() }
    }
}

/// What tells an object from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key<'a> {
    pub(super) kind: &'a str,
    /// Its own name, or its table's if its own is invented.
    pub(super) name: &'a str,
    /// The definition of an object whose name is invented.
    pub(super) invented: Option<&'a str>,
}
