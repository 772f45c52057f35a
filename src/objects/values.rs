//! The values of the variables that a file uses, as a hash that does not reveal them.

use std::collections::BTreeSet;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::sql::Variables;

/// Returns the names of the variables that a file uses with a hash of their values; `None` if it uses none. Only who knows
/// the key can test whether a value is the right one.
pub(crate) fn hash(key: &str, used: &BTreeSet<String>, variables: &Variables) -> Option<String> {
    if used.is_empty() {
        return None;
    }
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key may have any length");
    for name in used {
        let value = variables.value(name);
        // with its length, no two lists of values read alike
        mac.update(&value.map_or(u64::MAX, |value| value.len() as u64).to_le_bytes());
        mac.update(value.unwrap_or_default().as_bytes());
    }
    let names = used.iter().map(String::as_str).collect::<Vec<_>>().join(",");
    let digest = mac.finalize().into_bytes();
    Some(digest.iter().fold(names + " ", |text, byte| format!("{text}{byte:02x}")))
}

/// Returns the names of the variables in what [`hash`] has returned.
pub(super) fn names(hash: &str) -> BTreeSet<String> {
    let names = hash.split(' ').next().unwrap_or_default();
    names.split(',').filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect()
}
