//! Places of a statement that are something else in what is sent.

use std::ops::Range;

/// Replaced places, in order: where each is in the statement as written, and how many bytes stand there in what is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Edits(Vec<(Range<usize>, usize)>);

impl Edits {
    pub(crate) fn push(&mut self, written: Range<usize>, sent: usize) {
        self.0.push((written, sent));
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a byte of what is sent stands in what is written.
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
