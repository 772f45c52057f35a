//! The guarantee of a plan.

use std::fmt;

use super::{NewDatabase, TransactionMode};
use crate::script::Script;

/// What dbmigrate promises about a plan before it runs; `Display` is the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarantee {
    mode: TransactionMode,
    transactions: usize,
    /// The new database in which everything happens, if any.
    new_database: Option<NewDatabase>,
    /// The scripts outside a transaction.
    except: Vec<String>,
    /// The scripts after which the engine needs a commit, each with the reason.
    commits_after: Vec<(String, String)>,
    /// The scripts with statements that the engine commits immediately, each with the first such statement.
    at_once: Vec<(String, String)>,
    /// How object files are applied, if any is due.
    objects: Option<Objects>,
}

/// How object files are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Objects {
    /// In the transaction of the last scripts, or in one of their own after them.
    InTransaction,
    /// One by one: each is committed as it is applied.
    OneByOne,
}

impl Guarantee {
    pub(super) const fn new(mode: TransactionMode) -> Self {
        Self {
            mode,
            transactions: 0,
            new_database: None,
            except: Vec::new(),
            commits_after: Vec::new(),
            at_once: Vec::new(),
            objects: None,
        }
    }

    /// Adds the object files. On an engine that commits DDL at once, each commits by itself; otherwise, they join the
    /// transaction before them, or have one of their own.
    pub(super) fn applies_objects(&mut self, commits_at_once: bool, joins: bool) {
        self.objects = Some(if commits_at_once { Objects::OneByOne } else { Objects::InTransaction });
        if !commits_at_once && !joins {
            self.transactions += 1;
        }
    }

    pub(super) const fn begin_transaction(&mut self) {
        self.transactions += 1;
    }

    pub(super) const fn in_new_database(&mut self, place: NewDatabase) {
        self.new_database = Some(place);
    }

    /// Adds a script that runs outside a transaction.
    pub(super) fn except(&mut self, script: &Script) {
        self.except.push(stem(script));
    }

    pub(super) fn commits_after(&mut self, script: &Script, statement: &str) {
        self.commits_after.push((stem(script), statement.to_owned()));
    }

    /// Adds a script that the engine cannot roll back.
    pub(super) fn commits_at_once(&mut self, script: &Script, statement: &str) {
        self.at_once.push((stem(script), statement.to_owned()));
    }

    /// Whether the plan is all or nothing: everything pending is one transaction, or the new database only replaces the
    /// old one once it is complete.
    #[must_use]
    pub fn is_atomic(&self) -> bool {
        match self.new_database {
            Some(place) => place == NewDatabase::SideConnections,
            None => {
                self.transactions <= 1
                    && self.except.is_empty()
                    && self.at_once.is_empty()
                    && self.objects != Some(Objects::OneByOne)
            }
        }
    }

    /// Writes the scripts that are not rolled back: if one of them stops, the next upgrade resumes it.
    fn fmt_resumable(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let others = self.except.iter().map(|script| format!("{script} (no-transaction)"));
        let scripts = self.at_once.iter().map(|(script, statement)| format!("{script} ({statement})"));
        let mut scripts = scripts.chain(others).collect::<Vec<_>>();
        scripts.sort_unstable();
        f.write_str("resumable, not atomic: ")?;
        match scripts.as_slice() {
            [only] => write!(f, "{only} commits statement by statement")?,
            [first, second] => write!(f, "{first} and {second} commit statement by statement")?,
            [first, rest @ ..] => write!(f, "{first} and {} more commit statement by statement", rest.len())?,
            [] => {}
        }
        match self.transactions {
            0 => Ok(()),
            1 => f.write_str("; the rest in one transaction"),
            transactions => write!(f, "; the rest in {transactions} transactions"),
        }
    }
}

fn stem(script: &Script) -> String {
    script.name().trim_end_matches(".sql").to_owned()
}

impl fmt::Display for Guarantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.new_database {
            Some(NewDatabase::SideConnections) => {
                return f.write_str("atomic (a new database replaces the old one at the end)");
            }
            Some(NewDatabase::InPlace) => return f.write_str("not atomic (the old database is dropped first)"),
            None if !self.at_once.is_empty() => self.fmt_resumable(f)?,
            None => self.fmt_transactions(f)?,
        }
        let commits = self.objects == Some(Objects::OneByOne);
        if commits { f.write_str("; each object commits by itself") } else { Ok(()) }
    }
}

impl Guarantee {
    /// Writes what the transactions hold.
    fn fmt_transactions(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.transactions, self.mode) {
            (0, _) if self.except.is_empty() && self.objects.is_some() => return f.write_str("no script is pending"),
            (0, _) if self.except.is_empty() => return f.write_str("nothing to do"),
            (0, _) => f.write_str("not atomic")?,
            (1, _) if self.except.is_empty() && self.objects == Some(Objects::OneByOne) => {
                return f.write_str("the scripts are atomic (one transaction)");
            }
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
