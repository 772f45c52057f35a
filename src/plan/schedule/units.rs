//! The statements of a script outside a transaction, in units: a checkpoint can follow a unit but not be inside one.

use std::collections::VecDeque;

use super::{ReadStatement, Source};
use crate::sql::Dialect;

/// What keeps the statements of a unit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bond {
    /// A transaction: all of them run or none.
    Transaction,
    /// `LOCK TABLES`: until the tables are unlocked, the session cannot access the journal.
    Locks,
    /// Each statement asks what the previous one did. Each commits on its own.
    Question,
}

/// A statement in its unit.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) statement: ReadStatement,
    /// How many statements of the script come before it.
    pub(super) before: usize,
    pub(super) bond: Bond,
    /// The index of the first statement of its unit.
    pub(super) unit: usize,
    /// Whether it is the last of its unit.
    pub(super) closes: bool,
    /// Whether this or an earlier statement of its unit creates a temporary table.
    pub(super) temporary: bool,
}

impl Member {
    /// Whether it is the first of its unit.
    pub(super) const fn opens(&self) -> bool {
        self.unit == self.before
    }

    pub(super) fn is_in_transaction(&self) -> bool {
        self.bond == Bond::Transaction
    }
}

/// The statements of a script, in order, with the units that they form.
///
/// If the engine commits some statements immediately, the statements between those are one transaction, unless the
/// script asks for no transaction at all.
pub(super) struct Units<S: Source> {
    source: S,
    /// Why the source returned no more statements.
    failed: Option<S::Error>,
    dialect: &'static dyn Dialect,
    transactions: bool,
    /// How many statements have been read.
    count: usize,
    ready: VecDeque<Member>,
    /// Consecutive statements that each ask what the previous one did.
    chain: Vec<Member>,
    locked: bool,
    ended: bool,
}

impl<S: Source> Units<S> {
    /// `before` is how many statements of the script precede these. Without `transactions`, no unit is a transaction.
    pub(super) fn new(dialect: &'static dyn Dialect, source: S, before: usize, transactions: bool) -> Self {
        let (ready, chain) = (VecDeque::new(), Vec::new());
        let (failed, locked, ended) = (None, false, false);
        Self { source, failed, dialect, transactions, count: before, ready, chain, locked, ended }
    }

    /// Returns the next statement.
    pub(super) fn next(&mut self) -> Result<Option<Member>, S::Error> {
        while self.ready.len() < 2 && self.read() > 0 {}
        if self.ready.len() < 2
            && let Some(failed) = self.failed.take()
        {
            return Err(failed);
        }
        Ok(self.ready.pop_front().map(|member| {
            let ends = || self.peek().is_none_or(|next| next.unit != member.unit);
            let closes = member.closes || member.is_in_transaction() && ends();
            Member { closes, ..member }
        }))
    }

    /// Returns the statement after the one that `next` returned last.
    pub(super) fn peek(&self) -> Option<&Member> {
        self.ready.front()
    }

    /// Reads statements until this many bytes are ready.
    pub(super) fn look_ahead(&mut self, bytes: usize) {
        let mut ready = self.ready.iter().map(|member| member.statement.sql.len()).sum::<usize>();
        while ready < bytes {
            match self.read() {
                0 => return,
                read => ready += read,
            }
        }
    }

    /// Reads one statement. Returns its length in bytes, or 0 at the end.
    fn read(&mut self) -> usize {
        if self.ended || self.failed.is_some() {
            return 0;
        }
        match self.source.next() {
            Ok(Some(statement)) => {
                let bytes = statement.sql.len().max(1);
                self.take(statement);
                return bytes;
            }
            Err(error) => self.failed = Some(error),
            Ok(None) => {
                self.close_chain();
                self.ended = true;
            }
        }
        0
    }

    fn take(&mut self, statement: ReadStatement) {
        let parsed = &statement.parsed;
        let (locks, unlocks) = (self.dialect.locks_tables(parsed), self.dialect.unlocks_tables(parsed));
        let (temporary, asks) = (parsed.makes_temporary(), self.dialect.asks_back(parsed, &statement.sql));
        let before = self.count;
        self.count += 1;
        let member = Member { statement, before, bond: Bond::Question, unit: before, closes: false, temporary };
        if self.locked || locks {
            self.close_chain();
            let last = self.ready.back().filter(|_| self.locked).map(|last| (last.unit, last.temporary));
            let (unit, earlier) = last.unwrap_or((before, false));
            let temporary = temporary || earlier;
            self.ready.push_back(Member { bond: Bond::Locks, unit, closes: unlocks, temporary, ..member });
            self.locked = !unlocks;
            return;
        }
        if !asks {
            self.close_chain();
        }
        self.chain.push(member);
    }

    fn close_chain(&mut self) {
        let Self { dialect, ref chain, .. } = *self;
        let commits = |member: &Member| dialect.commits_at_once(&member.statement.parsed, &member.statement.sql);
        let together = self.transactions && !chain.iter().any(commits);
        let Some(first) = chain.first() else { return };
        let last = self.ready.back().filter(|last| together && last.is_in_transaction());
        let (unit, mut temporary) = last.map_or((first.before, false), |last| (last.unit, last.temporary));
        let bond = if together { Bond::Transaction } else { Bond::Question };
        let count = chain.len();
        for (i, member) in self.chain.drain(..).enumerate() {
            temporary |= member.temporary;
            let closes = !together && i + 1 == count;
            self.ready.push_back(Member { bond, unit, closes, temporary, ..member });
        }
    }
}

#[cfg(test)]
mod tests;
