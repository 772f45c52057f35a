//! A description as rows: how servers answer it, and how a journal keeps it.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Fingerprint, NotCompared, Object, Schema};

/// One row of a description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Row {
    Object(Object),
    /// A row without a definition says what could not be read.
    NotCompared(NotCompared),
}

impl Row {
    /// How many cells a row has: kind, name, table, place, definition, owner, grants, whether the name is invented.
    pub(crate) const CELLS: usize = 8;

    /// Reads a row. The last cells may be missing.
    pub(crate) fn from_cells(mut cells: Vec<Option<String>>) -> Option<Self> {
        cells.resize(Self::CELLS, None);
        let [kind, name, parent, position, definition, owner, grants, invented] = cells.try_into().ok()?;
        let kind = kind?;
        let Some(definition) = definition else {
            return Some(Self::NotCompared(NotCompared { kind, name, why: grants.unwrap_or_default() }));
        };
        let position = position.and_then(|position: String| position.parse().ok());
        let has_invented_name = invented.is_some_and(|invented| invented == "1" || invented == "true");
        let object = Object::new(kind, name?, definition);
        Some(Self::Object(Object { parent, position, owner, grants, has_invented_name, ..object }))
    }

    /// Reads a row, and changes the object that it stands for.
    pub(crate) fn read(cells: Vec<Option<String>>, change: impl FnOnce(Object) -> Object) -> Option<Self> {
        Some(match Self::from_cells(cells)? {
            Self::Object(object) => Self::Object(change(object)),
            Self::NotCompared(missing) => Self::NotCompared(missing),
        })
    }

    /// Returns the cells of the row.
    pub(crate) fn cells(&self) -> [Option<String>; Self::CELLS] {
        match self {
            Self::Object(object) => {
                let Object { kind, name, parent, position, definition, owner, grants, has_invented_name } =
                    object.clone();
                let position = position.map(|position| position.to_string());
                let invented = has_invented_name.then(|| "1".to_owned());
                [Some(kind), Some(name), parent, position, Some(definition), owner, grants, invented]
            }
            Self::NotCompared(NotCompared { kind, name, why }) => {
                [Some(kind.clone()), name.clone(), None, None, None, None, Some(why.clone()), None]
            }
        }
    }

    /// Returns the SHA-256 of all that is known of it, in hexadecimal digits.
    pub(crate) fn hash(&self) -> String {
        digest(self.cells().iter().map(Option::as_deref))
    }

    /// Returns a key for it. Of several rows with the same kind and name, each is another copy.
    fn key(&self, copy: usize) -> String {
        let [kind, name, ..] = self.cells();
        digest([kind.as_deref(), name.as_deref(), Some(&copy.to_string())].into_iter())
    }
}

fn digest<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        // with its length, no two lists of texts read alike
        hash.update(text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
        hash.update(text.unwrap_or_default());
    }
    Fingerprint::new(hash).to_string()
}

impl Schema {
    /// Returns the description that consists of these rows.
    pub(crate) fn from_rows(rows: impl IntoIterator<Item = Row>) -> Self {
        let (mut objects, mut not_compared) = (Vec::new(), Vec::new());
        for row in rows {
            match row {
                Row::Object(object) => objects.push(object),
                Row::NotCompared(missing) => not_compared.push(missing),
            }
        }
        Self::new(objects).without(not_compared)
    }

    /// Returns its rows by their keys.
    pub(crate) fn rows(&self) -> BTreeMap<String, Row> {
        let (mut rows, mut copies) = (BTreeMap::new(), BTreeMap::new());
        let objects = self.objects.iter().cloned().map(Row::Object);
        for row in objects.chain(self.not_compared.iter().cloned().map(Row::NotCompared)) {
            let first = row.key(0);
            let copies = copies.entry(first.clone()).or_insert(0);
            let key = if *copies == 0 { first } else { row.key(*copies) };
            rows.insert(key, row);
            *copies += 1;
        }
        rows
    }
}
