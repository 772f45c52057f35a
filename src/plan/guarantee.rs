//! What is promised about a plan.

use std::fmt;

use super::TransactionMode;
use crate::script::Script;

/// What is promised about a plan before it runs; `Display` is the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarantee {
    mode: TransactionMode,
    transactions: usize,
    /// It all happens in a new database, which replaces the old one at the end.
    beside: bool,
    /// Scripts outside a transaction.
    except: Vec<String>,
    /// Scripts behind which the engine needs a commit, each with the reason.
    commits_after: Vec<(String, String)>,
}

impl Guarantee {
    pub(super) const fn new(mode: TransactionMode) -> Self {
        Self { mode, transactions: 0, beside: false, except: Vec::new(), commits_after: Vec::new() }
    }

    pub(super) const fn begin_transaction(&mut self) {
        self.transactions += 1;
    }

    /// Nobody sees it before it is complete.
    pub(super) const fn beside(&mut self) {
        self.beside = true;
    }

    /// A script that runs outside a transaction.
    pub(super) fn except(&mut self, script: &Script) {
        self.except.push(stem(script));
    }

    pub(super) fn commits_after(&mut self, script: &Script, statement: &str) {
        self.commits_after.push((stem(script), statement.to_owned()));
    }

    /// All or nothing: everything pending is one transaction.
    #[must_use]
    pub const fn is_atomic(&self) -> bool {
        self.beside || self.transactions <= 1 && self.except.is_empty()
    }
}

fn stem(script: &Script) -> String {
    script.name().trim_end_matches(".sql").to_owned()
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.beside {
            return f.write_str("atomic (a new database replaces the old one at the end)");
        }
        match (self.transactions, self.mode) {
            (0, _) if self.except.is_empty() => return f.write_str("nothing to do"),
            (0, _) => f.write_str("not atomic")?,
            (1, _) if self.except.is_empty() => return f.write_str("atomic (one transaction)"),
            (1, _) => f.write_str("atomic")?,
            (_, TransactionMode::PerScript) => f.write_str("atomic per script")?,
            (_, TransactionMode::Single) if self.commits_after.is_empty() => f.write_str("atomic")?,
            (parts, TransactionMode::Single) => write!(f, "atomic in {parts} parts")?,
        }
        match self.except.as_slice() {
            [] => {}
            scripts if self.transactions == 0 => write!(f, ": {} (no-transaction)", scripts.join(", "))?,
            scripts => write!(f, " except {} (no-transaction)", scripts.join(", "))?,
        }
        if self.mode == TransactionMode::Single {
            for (i, (script, statement)) in self.commits_after.iter().enumerate() {
                let word = if i == 0 { ": commits" } else { " and" };
                write!(f, "{word} after {script} ({statement})")?;
            }
        }
        Ok(())
    }
}
