//! Corrects the journal without running anything.

use super::run::Run;
use super::source::body;
use crate::engine::{Access, read_journal};
use crate::error::Error;
use crate::journal::{Entry, Journal, Repair};
use crate::migrator::Migrator;
use crate::plan::{Problem, Proof};
use crate::script::{Checksum, FolderProblem, Number, Script};
use crate::statements::Statements;

/// What a repair did to a row of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repaired {
    /// The script's current text now counts as what was applied.
    Accepted {
        /// The script's canonical name.
        script: String,
        /// The checksum that the journal had.
        old: Checksum,
        /// The checksum that it has now.
        new: Checksum,
    },
    /// The row of a script that had stopped in the middle is removed: the next upgrade runs the script from its
    /// beginning.
    Cleared {
        /// The script's canonical name.
        script: String,
        /// How many of its statements ran and stay.
        done: usize,
    },
    /// The script is the same as what was applied.
    Unchanged {
        /// The script's canonical name.
        script: String,
    },
}

impl Migrator {
    /// Accepts the changed text of an applied script, or clears the row of one that stopped in the middle. Runs
    /// nothing. The table of repairs beside the journal keeps what the row was, and who changed it, when and why.
    ///
    /// # Errors
    ///
    /// [`Error::Repair`] if there is no reason, if the journal has no such script, or if its file is missing; otherwise
    /// as for [`Migrator::upgrade`].
    pub async fn repair(&self, number: Number, reason: &str) -> Result<Repaired, Error> {
        let reason = reason.trim();
        if reason.is_empty() {
            return refuse("a repair needs a reason", "say why the journal is changed");
        }
        let mut run = Run::new(self, self.connect(Access::Write).await?);
        run.lock().await?;
        let journal = self.or_interrupted(read_journal(&mut *run.connection).await)?;
        run.stands_at(journal.at());
        let entry = entry(&journal, number)?;
        let name = entry.script.clone();
        // if two files have the number, the applied one may be the other
        let about = |problem: &FolderProblem| problem.number() == Some(number);
        let problems = self.aside(|this| this.scripts.problems().to_vec()).await;
        let problems = problems.into_iter().filter(about).map(Problem::from).collect::<Vec<_>>();
        if !problems.is_empty() {
            return Err(Error::Refused { problems });
        }
        let script = self.scripts.script(entry.kind(), number);
        let checksum = match script.filter(|_| entry.state.is_done()).cloned() {
            Some(script) => Some(self.aside(move |_| script.checksum()).await?),
            None => None,
        };
        let repaired = match script {
            _ if !entry.state.is_done() => {
                run.write_repair(entry, None, reason).await?;
                Repaired::Cleared { script: name, done: entry.statements_done.unwrap_or(0) }
            }
            Some(_) if checksum == Some(entry.checksum) => Repaired::Unchanged { script: name },
            Some(script) => {
                run.write_repair(entry, Some(script), reason).await?;
                Repaired::Accepted { script: name, old: entry.checksum, new: script.known_checksum() }
            }
            None => {
                let why = format!("there is no {name} to accept");
                return refuse(&why, "restore it from source control, or write a newer baseline that contains it");
            }
        };
        run.connection.close().await;
        Ok(repaired)
    }
}

fn entry(journal: &Journal, number: Number) -> Result<&Entry, Error> {
    let found = journal.entries.iter().find(|entry| entry.number == number);
    let none = || refuse(&format!("the journal has no script {number}"), "`Migrator::status` shows what it has");
    found.map_or_else(none, Ok)
}

fn refuse<T>(why: &str, remedy: &str) -> Result<T, Error> {
    Err(Error::Repair { why: why.into(), remedy: remedy.into() })
}

impl Run<'_> {
    /// Returns the text of a script that the journal is to keep.
    async fn body(&self, script: &Script) -> Result<Option<String>, Error> {
        let (script, context, limit) = (script.clone(), self.context(), self.body_limit());
        let body = self.migrator.aside(move |_| body(&mut Statements::open(&script, &context)?, limit)).await;
        Ok(body?)
    }

    async fn write_repair(&mut self, entry: &Entry, script: Option<&Script>, reason: &str) -> Result<(), Error> {
        self.name_commits(script.into_iter().map(|script| &**script)).await;
        let body = match script {
            Some(script) => self.body(script).await?,
            None => None,
        };
        let author = &self.author_for(&entry.script);
        let accepted = script.map(|script| (script, body.as_deref()));
        let journal = self.connection.server().journal.clone();
        let repair = journal.repair(&Repair { entry, accepted, reason, author });
        let create = journal.create_repairs();
        let written = self.transact_ours("writing the repair", &create, &repair).await;
        written.map_err(|error| self.error(error))
    }

    /// Runs dbmigrate's own statements in a transaction, after one that creates what they need.
    pub(super) async fn transact_ours(
        &mut self,
        doing: &'static str,
        create: &str,
        statements: &[String],
    ) -> Result<(), Error> {
        let commits = self.connection.server().context.dialect.commits_at_ddl();
        if commits {
            self.ours(doing, create).await?;
        }
        let answer = self.attempt_ours(doing, (!commits).then_some(create), statements).await;
        match answer {
            Err(error) => Err(self.roll_back(error).await),
            Ok(()) => Ok(()),
        }
    }

    async fn attempt_ours(
        &mut self,
        doing: &'static str,
        create: Option<&str>,
        statements: &[String],
    ) -> Result<(), Error> {
        self.begin().await?;
        for sql in create.into_iter().chain(statements.iter().map(String::as_str)) {
            self.ours(doing, sql).await?;
        }
        let proof = self.connection.prove(Proof::Transaction).await;
        proof.map_err(|proof_error| self.unproven(doing.into(), proof_error))?;
        self.end_transaction().await
    }
}
