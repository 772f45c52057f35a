//! The fingerprint of a schema.

use std::fmt;

use sha2::{Digest, Sha256};

use super::Object;

/// The format of descriptions. Descriptions of different formats are never compared.
pub(crate) const FORMAT: u32 = 1;

/// The SHA-256 of a schema's description. `Display` shows it in 64 hexadecimal digits.
///
/// ```
/// use dbmigrate::schema::{Object, Schema};
///
/// let table = Schema::new([Object::new("table", "item", "CREATE TABLE")]);
/// let view = Schema::new([Object::new("view", "item", "AS SELECT 1")]);
/// assert_ne!(table.fingerprint(), view.fingerprint());
/// assert_eq!(table.fingerprint().to_string().len(), 64);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(super) fn new(hash: Sha256) -> Self {
        Self(hash.finalize().into())
    }

    pub(super) fn of(objects: &[Object]) -> Self {
        let mut entries = objects.iter().map(|object| (object.key(), &object.definition)).collect::<Vec<_>>();
        entries.sort_unstable();
        let mut hash = Sha256::new_with_prefix(format!("dbmigrate schema {FORMAT}\0"));
        for (key, definition) in entries {
            let invented = if key.invented.is_some() { "1" } else { "0" };
            for part in [key.kind, key.name, invented, definition] {
                // with its length, no two lists of parts read alike
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        Self::new(hash)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
