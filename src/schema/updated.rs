//! What a run records although the schema had drifted before it.

use std::collections::BTreeMap;

use super::object::Key;
use super::{Object, Schema};

impl Schema {
    /// Returns what is to be recorded after a run: what it has left, except that an object that differed from this record
    /// before the run, and that the run has not changed, stays as it was recorded. Otherwise, a run would make drift
    /// disappear.
    pub(crate) fn updated(&self, before: &Self, after: &Self) -> Self {
        let (recorded, before, left) = (self.by_key(), before.by_key(), after.by_key());
        let was_hidden = |key: &(Key<'_>, usize)| self.not_compared.iter().any(|missing| missing.kind == key.0.kind);
        let drifted = |key: &_| {
            let is_new = !recorded.contains_key(key) && was_hidden(key);
            recorded.get(key) != before.get(key) && before.get(key) == left.get(key) && !is_new
        };
        let kept = recorded.iter().filter(|(key, _)| drifted(key));
        let new = left.iter().filter(|(key, _)| !drifted(key));
        let objects = kept.chain(new).map(|(_, object)| (*object).clone());
        Self::new(objects).without(after.not_compared.iter().cloned())
    }

    /// Returns the objects by what tells them from others; of several that are alike, each is another copy.
    fn by_key(&self) -> BTreeMap<(Key<'_>, usize), &Object> {
        let (mut objects, mut copies) = (BTreeMap::new(), BTreeMap::<_, usize>::new());
        for object in &self.objects {
            let copy = copies.entry(object.key()).or_default();
            objects.insert((object.key(), *copy), object);
            *copy += 1;
        }
        objects
    }
}
