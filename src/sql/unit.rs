//! Where the progress of a script can be noted that is not one transaction.

use std::collections::VecDeque;
use std::sync::LazyLock;

use regex::Regex;

use super::rules::{self, Rule};
use super::{Dialect, Piece};

/// What binds statements that the journal takes note of together: a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bond {
    /// A transaction: all of them run or none.
    Transaction,
    /// `LOCK TABLES`: up to its end the journal is out of reach.
    Locks,
    /// Nothing but that one asks what the one before it did. Each commits for itself.
    Question,
}

/// A statement in its unit.
#[derive(Debug, Clone)]
pub(crate) struct Leg<P> {
    pub(crate) piece: Piece,
    pub(crate) sql: String,
    /// What whoever reads the statements wants to know of this one later.
    pub(crate) note: P,
    /// How many statements of the script come before it.
    pub(crate) before: usize,
    pub(crate) bond: Bond,
    /// Where its unit begins.
    pub(crate) unit: usize,
    /// It is the last of its unit.
    pub(crate) closes: bool,
    /// Its unit makes a table of the session here or before.
    pub(crate) temporary: bool,
}

impl<P> Leg<P> {
    /// It is the first of its unit.
    pub(crate) const fn opens(&self) -> bool {
        self.unit == self.before
    }

    pub(crate) fn is_in_transaction(&self) -> bool {
        self.bond == Bond::Transaction
    }
}

/// The statements of a script outside a transaction, in order, with the units that they form.
///
/// Where the engine commits some statements at once, what stands between those is one transaction, unless the script asks
/// for none at all.
pub(crate) struct Legs<I, P, E> {
    statements: I,
    /// Why no more come.
    failed: Option<E>,
    dialect: Dialect,
    transactions: bool,
    /// How many statements have been read.
    count: usize,
    ready: VecDeque<Leg<P>>,
    /// Statements each of which asks what the one before it did.
    chain: Vec<Leg<P>>,
    locked: bool,
    ended: bool,
}

impl<I, P, E> Legs<I, P, E>
where
    I: Iterator<Item = Result<(Piece, String, P), E>>,
{
    /// `before` is how many statements of the script come before these. Without `transactions`, none is formed.
    pub(crate) fn new(dialect: Dialect, statements: I, before: usize, transactions: bool) -> Self {
        let (ready, chain) = (VecDeque::new(), Vec::new());
        let (failed, locked, ended) = (None, false, false);
        Self { statements, failed, dialect, transactions, count: before, ready, chain, locked, ended }
    }

    /// The next statement.
    pub(crate) fn next(&mut self) -> Result<Option<Leg<P>>, E> {
        while self.ready.len() < 2 && self.read() > 0 {}
        if self.ready.len() < 2
            && let Some(failed) = self.failed.take()
        {
            return Err(failed);
        }
        Ok(self.ready.pop_front().map(|leg| {
            let closes = leg.closes || leg.is_in_transaction() && self.peek().is_none_or(|next| next.unit != leg.unit);
            Leg { closes, ..leg }
        }))
    }

    /// Reads statements until so many bytes are ready, while somebody else is busy.
    pub(crate) fn look_ahead(&mut self, bytes: usize) {
        let mut ready = self.ready.iter().map(|leg| leg.sql.len()).sum::<usize>();
        while ready < bytes {
            match self.read() {
                0 => return,
                read => ready += read,
            }
        }
    }

    /// Reads one statement. How many bytes it has, or 0 at the end.
    fn read(&mut self) -> usize {
        if self.ended || self.failed.is_some() {
            return 0;
        }
        match self.statements.next() {
            Some(Ok((piece, sql, note))) => {
                let bytes = sql.len().max(1);
                self.take(piece, sql, note);
                return bytes;
            }
            Some(Err(error)) => self.failed = Some(error),
            None => {
                self.close_chain();
                self.ended = true;
            }
        }
        0
    }

    /// The statement behind the last.
    pub(crate) fn peek(&self) -> Option<&Leg<P>> {
        self.ready.front()
    }

    fn take(&mut self, piece: Piece, sql: String, note: P) {
        let (locks, unlocks) = (piece.locks_tables(self.dialect), piece.unlocks_tables(self.dialect));
        let temporary = piece.makes_temporary();
        let before = self.count;
        self.count += 1;
        let leg = Leg { piece, sql, note, before, bond: Bond::Question, unit: before, closes: false, temporary };
        if self.locked || locks {
            self.close_chain();
            let last = self.ready.back().filter(|_| self.locked).map(|last| (last.unit, last.temporary));
            let (unit, earlier) = last.unwrap_or((before, false));
            self.ready.push_back(Leg {
                bond: Bond::Locks,
                unit,
                closes: unlocks,
                temporary: temporary || earlier,
                ..leg
            });
            self.locked = !unlocks;
            return;
        }
        if !asks_back(self.dialect, &leg.piece, &leg.sql) {
            self.close_chain();
        }
        self.chain.push(leg);
    }

    fn close_chain(&mut self) {
        let commits = |leg: &Leg<P>| commits(self.dialect, &leg.piece, &leg.sql);
        let together = self.transactions && !self.chain.iter().any(commits);
        let Some(first) = self.chain.first() else { return };
        let last = self.ready.back().filter(|last| together && last.is_in_transaction());
        let (unit, mut temporary) = last.map_or((first.before, false), |last| (last.unit, last.temporary));
        let bond = if together { Bond::Transaction } else { Bond::Question };
        let count = self.chain.len();
        for (i, leg) in self.chain.drain(..).enumerate() {
            temporary |= leg.temporary;
            let closes = !together && i + 1 == count;
            self.ready.push_back(Leg { bond, unit, closes, temporary, ..leg });
        }
    }
}

/// Outside a transaction of ours, only engines that commit some statements at once need one of their own.
fn commits(dialect: Dialect, piece: &Piece, statement: &str) -> bool {
    !dialect.commits_at_ddl() || rules::classify(&dialect.into(), &piece.words, statement) == Some(Rule::Commits)
}

/// What only the statement just before can answer; a note in the journal would answer it instead.
static QUESTION: LazyLock<Regex> = LazyLock::new(|| {
    let question = r"(?i-u)\b(row_count|found_rows|warning_count|error_count|diagnostics|show\s+(count\(\*\)\s+)?(warnings|errors))\b";
    Regex::new(question).expect("the pattern is a constant that the tests compile")
});

/// What a routine asks when it runs is its own affair.
pub(super) fn asks_back(dialect: Dialect, piece: &Piece, statement: &str) -> bool {
    dialect.commits_at_ddl() && !piece.words.starts(&["CREATE"]) && QUESTION.is_match(statement)
}

#[cfg(test)]
pub(super) mod tests;
