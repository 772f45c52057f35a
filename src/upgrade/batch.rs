//! Statements that travel in one message.

use std::iter::Peekable;

use crate::sql::{Dialect, Piece, SplitError};

/// Neighbouring statements up to a size. Some need a message of their own, some can only be the last of one.
pub(super) struct Batches<I: Iterator> {
    pieces: Peekable<I>,
    limit: usize,
    dialect: Dialect,
}

impl<I: Iterator<Item = Result<Piece, SplitError>>> Batches<I> {
    pub(super) fn new(pieces: I, limit: usize, dialect: Dialect) -> Self {
        Self { pieces: pieces.peekable(), limit, dialect }
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
                    && !last.is_conditional()
                    && !last.stands_alone(self.dialect)
                    && !next.stands_alone(self.dialect)
            };
            match self.pieces.next_if(|next| next.as_ref().is_ok_and(joins)) {
                Some(Ok(next)) => batch.push(next),
                _ => break,
            }
        }
        Some(Ok(batch))
    }
}

#[cfg(test)]
mod tests;
