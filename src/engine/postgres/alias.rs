//! A database that is built under a different name from the one that it will have.

use crate::engine::{Failure, Message, quote};
use crate::sql::Edits;
use crate::sql::postgres::database_names;

/// The name that statements use, and the one that the database has at present.
pub(super) struct Alias {
    name: String,
    /// In quotes.
    present: String,
}

/// A message in which the database has its present name.
pub(super) struct Renamed {
    pub(super) message: Message,
    /// The replaced names in each of the statements.
    edits: Vec<Edits>,
}

impl Alias {
    pub(super) fn new(name: &str, present: &str) -> Self {
        Self { name: name.to_owned(), present: quote(present) }
    }

    /// Returns the message as it must be sent, if a statement in it names the database.
    pub(super) fn rename(&self, message: &Message) -> Option<Renamed> {
        let mut renamed = Renamed { message: Message::default(), edits: Vec::new() };
        for part in message.parts() {
            let (mut text, mut edits) = (message.text(part).to_owned(), Edits::default());
            let statement = part.statement.as_ref();
            let names =
                statement.map_or_else(Vec::new, |statement| database_names(&statement.words, &text, &self.name));
            for name in &names {
                edits.push(name.clone(), self.present.len());
            }
            for name in names.into_iter().rev() {
                text.replace_range(name, &self.present);
            }
            renamed.message.push(&text, part.statement.clone());
            renamed.edits.push(edits);
        }
        renamed.edits.iter().any(|edits| !edits.is_empty()).then_some(renamed)
    }
}

impl Renamed {
    /// Returns the failure with its position in the message as it was written.
    pub(super) fn put_back(&self, failure: Failure, written: &Message) -> Failure {
        let starts =
            [&self.message, written].map(|message| message.parts().get(failure.part).map(|part| part.at.start));
        let ([Some(sent), Some(written)], Some(edits)) = (starts, self.edits.get(failure.part)) else { return failure };
        let back = |at: usize| written + edits.written(at - sent);
        let at = failure.at.as_ref().map(|at| back(at.start)..back(at.end));
        Failure { at, ..failure }
    }
}
