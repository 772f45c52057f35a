//! What a build script tells the macro about the Git checkout that a folder is in.

use std::path::{Component, Path};

use crate::Checksum;

/// The commit of a folder's checkout, and which of the folder's files differ from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The commit's full hash.
    pub head: String,
    /// The files and folders that differ, relative to the folder and with `/`; an empty one is the folder itself.
    pub changed: Vec<String>,
}

impl Checkout {
    /// Returns the name of the environment variable for a folder, which is named relative to its crate.
    #[must_use]
    pub fn variable(folder: impl AsRef<Path>) -> String {
        let parts = folder.as_ref().components().filter(|part| *part != Component::CurDir);
        let parts = parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>();
        let hash = Checksum::of(&parts.join("/")).to_string();
        format!("DBMIGRATE_CHECKOUT_{}", hash["sha256:".len()..].get(..16).unwrap_or_default().to_uppercase())
    }

    /// Reads the value of the variable.
    #[must_use]
    pub fn parse(value: &str) -> Self {
        let mut parts = value.split('\t').map(ToOwned::to_owned);
        Self { head: parts.next().unwrap_or_default(), changed: parts.collect() }
    }

    /// Returns the value of the variable.
    #[must_use]
    pub fn value(&self) -> String {
        // a line cannot have these, and a name hardly ever does
        let plain = |name: &String| name.replace(['\t', '\n', '\r'], "?");
        std::iter::once(self.head.clone()).chain(self.changed.iter().map(plain)).collect::<Vec<_>>().join("\t")
    }

    /// Returns what the journal records for a file: the commit, with `-dirty` if the file differs from it.
    #[must_use]
    pub fn commit_of(&self, file: &str) -> String {
        let is_changed = self.changed.iter().any(|changed| Path::new(file).starts_with(changed));
        if is_changed { format!("{}-dirty", self.head) } else { self.head.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_variable_however_it_is_written() {
        assert_eq!(Checkout::variable("migrations"), Checkout::variable("./migrations/"));
        assert_ne!(Checkout::variable("migrations"), Checkout::variable("other/migrations"));
    }

    #[test]
    fn a_file_is_dirty_if_it_or_a_folder_around_it_differs() {
        let checkout = |changed: &[&str]| Checkout {
            head: "4f2a".into(),
            changed: changed.iter().map(|name| (*name).to_owned()).collect(),
        };
        let some = Checkout::parse(&checkout(&["Script-0002.sql", "views"]).value());
        assert_eq!(some.commit_of("Script-0001.sql"), "4f2a");
        assert_eq!(some.commit_of("Script-0002.sql"), "4f2a-dirty");
        assert_eq!(some.commit_of("views/totals.sql"), "4f2a-dirty");
        assert_eq!(some.commit_of("views2/totals.sql"), "4f2a");
        assert_eq!(Checkout::parse(&checkout(&[""]).value()).commit_of("Script-0001.sql"), "4f2a-dirty");
        assert_eq!(Checkout::parse(&checkout(&[]).value()).commit_of("Script-0001.sql"), "4f2a");
    }
}
