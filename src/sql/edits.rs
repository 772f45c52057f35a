//! The places of a statement that differ between its written and its sent text.

use std::ops::Range;

/// Replaced places, in order: the span of each in the written statement, and its length in bytes in the sent text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Edits(Vec<(Range<usize>, usize)>);

impl Edits {
    pub(crate) fn push(&mut self, written: Range<usize>, sent: usize) {
        self.0.push((written, sent));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the offset in the written text for an offset in the sent text.
    pub(crate) fn written(&self, at: usize) -> usize {
        let (mut written, mut sent) = (0, 0);
        for (place, length) in &self.0 {
            let start = place.start + sent - written;
            match at {
                _ if at < start || at == start && *length > 0 => break,
                _ if at < start + length => return place.end,
                _ => (written, sent) = (written + place.len(), sent + length),
            }
        }
        at + written - sent
    }
}
