//! A database that is built under another name than the one that it will have.

use std::ops::Range;

use crate::engine::{Failure, Message, quote};
use crate::sql::database_names;

/// The name that statements mean, and the one that the database has at present.
pub(super) struct Alias {
    name: String,
    /// In quotes.
    present: String,
}

/// A message in which the database has its present name.
pub(super) struct Renamed {
    pub(super) message: Message,
    /// Where the names stand in the statements that are as they were written.
    names: Vec<Vec<Range<usize>>>,
    present: usize,
}

impl Alias {
    pub(super) fn new(name: &str, present: &str) -> Self {
        Self { name: name.to_owned(), present: quote(present) }
    }

    /// The message as it must be sent, when a statement in it names the database.
    pub(super) fn rename(&self, message: &Message) -> Option<Renamed> {
        let names = message.parts().iter().map(|part| {
            let piece = part.piece.as_ref();
            piece.map_or_else(Vec::new, |piece| database_names(&piece.words, message.text(part), &self.name))
        });
        let names = names.collect::<Vec<_>>();
        if names.iter().all(Vec::is_empty) {
            return None;
        }
        let mut renamed = Message::default();
        for (part, names) in message.parts().iter().zip(&names) {
            let mut text = message.text(part).to_owned();
            for name in names.iter().rev() {
                text.replace_range(name.clone(), &self.present);
            }
            renamed.push(&text, part.piece.clone());
        }
        Some(Renamed { message: renamed, names, present: self.present.len() })
    }
}

impl Renamed {
    /// The same failure in the message as it was written.
    pub(super) fn put_back(&self, failure: Failure, written: &Message) -> Failure {
        let starts =
            [&self.message, written].map(|message| message.parts().get(failure.part).map(|part| part.at.start));
        let ([Some(sent), Some(written)], Some(names)) = (starts, self.names.get(failure.part)) else { return failure };
        let back = |at: usize| written + self.back(names, at - sent);
        let at = failure.at.as_ref().map(|at| back(at.start)..back(at.end));
        Failure { at, ..failure }
    }

    /// Where a byte of a statement stood before the names in it were replaced.
    fn back(&self, names: &[Range<usize>], at: usize) -> usize {
        let (mut written, mut sent) = (0, 0);
        for name in names {
            let start = name.start + sent - written;
            match at {
                _ if at <= start => break,
                _ if at < start + self.present => return name.end,
                _ => (written, sent) = (written + name.len(), sent + self.present),
            }
        }
        at + written - sent
    }
}
