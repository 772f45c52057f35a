//! Statements that travel in one message.

use std::iter::Peekable;

use crate::sql::{Piece, SplitError};

/// Neighbouring statements up to a size. A statement with data behind it, or one that changes how the following ones
/// are to be read, ends its message.
pub(super) struct Batches<I: Iterator> {
    pieces: Peekable<I>,
    limit: usize,
}

impl<I: Iterator<Item = Result<Piece, SplitError>>> Batches<I> {
    pub(super) fn new(pieces: I, limit: usize) -> Self {
        Self { pieces: pieces.peekable(), limit }
    }
}

impl<I: Iterator<Item = Result<Piece, SplitError>>> Iterator for Batches<I> {
    type Item = Result<Vec<Piece>, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut batch = match self.pieces.next()? {
            Ok(first) => vec![first],
            Err(error) => return Some(Err(error)),
        };
        let start = batch[0].statement.start;
        while let Some(last) = batch.last() {
            let joins = |next: &Piece| {
                next.span.start == last.span.end
                    && next.statement.end - start <= self.limit
                    && !stands_alone(last)
                    && next.data.is_none()
            };
            match self.pieces.next_if(|next| next.as_ref().is_ok_and(joins)) {
                Some(Ok(next)) => batch.push(next),
                _ => break,
            }
        }
        Some(Ok(batch))
    }
}

fn stands_alone(piece: &Piece) -> bool {
    piece.data.is_some() || piece.changes_strings()
}

#[cfg(test)]
mod tests;
