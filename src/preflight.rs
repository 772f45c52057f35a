//! The look at every pending script before anything runs.

use std::ops::Range;

use crate::error::Error;
use crate::journal::Journal;
use crate::plan::{Goal, History, Plan, Problem, Step, Traits};
use crate::script::{Checksum, Kind, Location, Script, Scripts, Text};
use crate::sql::{self, Dialect, Mode, Piece, Role, SplitError};

/// The plan for a database with this journal, or every problem there is. Each command's plan is made here.
pub(crate) fn plan(scripts: &Scripts, journal: &Journal, goal: &Goal, dialect: Dialect) -> Result<Plan, Error> {
    let mut history = History::new(scripts, journal, goal);
    let (traits, refused) = check(&mut history.pending, dialect, goal)?;
    history.problems.extend(refused);
    if history.problems.is_empty() {
        Ok(Plan::new(history, &traits, goal.transaction))
    } else {
        Err(Error::Refused { problems: history.problems })
    }
}

/// Reads and checks the scripts that are due: what the plan needs to know of each, and what speaks against them.
///
/// A step that continues an unfinished script learns here where: by the journal, or by the goal's `resume_at`.
fn check(steps: &mut [Step], dialect: Dialect, goal: &Goal) -> Result<(Vec<Traits>, Vec<Problem>), Error> {
    let mut problems = Vec::new();
    let mut traits = Vec::with_capacity(steps.len());
    for step in steps {
        let text = step.script.read()?;
        let look = Look { script: &step.script, text: &text, dialect };
        traits.push(look.inspect(&mut problems));
        if step.resume.is_some() && problems.is_empty() {
            let pieces = look.pieces();
            problems.extend(resume(step, text.as_str(), &pieces, goal.resume_at));
        }
    }
    Ok((traits, problems))
}

/// What `check` says of one script for itself.
pub(crate) fn inspect(script: &Script, dialect: Dialect) -> Result<Vec<Problem>, Error> {
    let mut problems = Vec::new();
    let text = script.read()?;
    Look { script, text: &text, dialect }.inspect(&mut problems);
    Ok(problems)
}

/// The statements of a script that are sent.
pub(crate) fn statements<'a>(
    script: &Script,
    text: &'a str,
    dialect: Dialect,
) -> impl Iterator<Item = Result<Piece, SplitError>> + 'a {
    sql::sendable(dialect, text, role(script))
}

const fn role(script: &Script) -> Role {
    match script.kind() {
        Kind::Baseline => Role::Baseline,
        Kind::Script => Role::Script,
    }
}

struct Look<'a> {
    script: &'a Script,
    text: &'a Text,
    dialect: Dialect,
}

impl Look<'_> {
    fn inspect(&self, problems: &mut Vec<Problem>) -> Traits {
        let mode = if self.script.no_transaction() { Mode::NoTransaction } else { Mode::InTransaction };
        let text = self.text.as_str();
        let found = sql::inspect(&self.dialect.into(), text, role(self.script), mode);
        let refused = |at, kind| Problem::Refused { kind, location: self.location(at) };
        problems.extend(found.findings.into_iter().map(|finding| refused(finding.at, finding.kind)));
        let commit_after = found.commit_after.map(|at| summary(&text[at]));
        Traits { statements: found.statements, commit_after }
    }

    fn location(&self, span: Range<usize>) -> Location {
        Location::new(self.script.path(), self.text.as_str(), span)
    }

    fn pieces(&self) -> Vec<Piece> {
        statements(self.script, self.text.as_str(), self.dialect).filter_map(Result::ok).collect()
    }
}

/// A statement in a few words, on one line.
fn summary(statement: &str) -> String {
    const LENGTH: usize = 60;
    let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= LENGTH { words } else { words.chars().take(LENGTH).chain("...".chars()).collect() }
}

/// Where a script goes on that an earlier run began.
fn resume(step: &mut Step, text: &str, pieces: &[Piece], resume_at: Option<usize>) -> Option<Problem> {
    let (script, resume) = (&step.script, step.resume.as_mut()?);
    let path = || script.path().to_path_buf();
    if resume.done > 0 && prefix(text, pieces, resume.done) != resume.done_checksum {
        return Some(Problem::PrefixChanged { path: path(), done: resume.done });
    }
    let known = resume.known || resume.done >= pieces.len();
    match resume_at {
        Some(at) if (1..=pieces.len() + 1).contains(&at) => resume.done = at - 1,
        Some(at) => return Some(Problem::NothingToResume { at }),
        None if known => {}
        None => {
            let next = pieces.get(resume.done);
            return Some(Problem::Unfinished {
                script: script.name(),
                next: resume.done + 1,
                statements: pieces.len(),
                location: next.map(|next| Location::new(path(), text, next.statement.clone())),
            });
        }
    }
    None
}

/// The checksum of the text through a script's first statements.
pub(crate) fn prefix(text: &str, pieces: &[Piece], statements: usize) -> Option<Checksum> {
    let last = pieces.get(statements.checked_sub(1)?)?;
    Some(Checksum::of(&text[..last.span.end]))
}

#[cfg(test)]
mod tests;
