//! The look at every pending script before anything runs.

use std::ops::Range;

use crate::error::Error;
use crate::journal::Journal;
use crate::plan::{Goal, History, Plan, Problem, Resume, Step, Traits};
use crate::script::{Checksum, Kind, Location, Script, Scripts, Text};
use crate::sql::{self, Context, Dialect, Lost, Mode, Piece, Role, SplitError, Unit, carried};

/// The plan for a database with this journal, or every problem there is. Each command's plan is made here.
pub(crate) fn plan(scripts: &Scripts, journal: &Journal, goal: &Goal, context: &Context) -> Result<Plan, Error> {
    let mut history = History::new(scripts, journal, goal);
    let (traits, refused) = check(&mut history.pending, context, goal)?;
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
fn check(steps: &mut [Step], context: &Context, goal: &Goal) -> Result<(Vec<Traits>, Vec<Problem>), Error> {
    let mut problems = Vec::new();
    let mut traits = Vec::with_capacity(steps.len());
    for step in steps {
        let text = step.script.read()?;
        let look = Look { script: &step.script, text: &text, context };
        traits.push(look.inspect(&mut problems));
        if let Some(resume) = step.resume.as_mut().filter(|_| problems.is_empty()) {
            problems.extend(look.unfinished().resume(resume, goal.resume_at));
        }
    }
    Ok((traits, problems))
}

/// What `check` says of one script for itself.
pub(crate) fn inspect(script: &Script, context: &Context) -> Result<Vec<Problem>, Error> {
    let mut problems = Vec::new();
    let text = script.read()?;
    Look { script, text: &text, context }.inspect(&mut problems);
    Ok(problems)
}

/// The statements of a script that are sent, each as often as it is.
pub(crate) fn statements<'a>(
    script: &Script,
    text: &'a str,
    dialect: Dialect,
) -> impl Iterator<Item = Result<Piece, SplitError>> + 'a {
    sql::sendable(dialect, text, role(script)).flat_map(|piece| {
        let times = piece.as_ref().map_or(1, |piece| piece.times as usize);
        std::iter::repeat_n(piece, times)
    })
}

/// Where the progress of a script can be noted that is not one transaction.
pub(crate) fn units(script: &Script, text: &str, pieces: &[Piece], dialect: Dialect) -> Vec<Unit> {
    sql::units(dialect, text, pieces, !script.no_transaction())
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
    context: &'a Context,
}

impl Look<'_> {
    fn inspect(&self, problems: &mut Vec<Problem>) -> Traits {
        let mode = if self.script.no_transaction() { Mode::NoTransaction } else { Mode::InTransaction };
        let text = self.text.as_str();
        let found = sql::inspect(self.context, text, role(self.script), mode);
        let refused = |at, kind| Problem::Refused { kind, location: self.location(at) };
        problems.extend(found.findings.into_iter().map(|finding| refused(finding.at, finding.kind)));
        let commit_after = found.commit_after.map(|at| summary(&text[at]));
        let commits = found.commits.map(|at| head(&text[at]));
        Traits { statements: found.statements, commit_after, commits }
    }

    fn location(&self, span: Range<usize>) -> Location {
        Location::new(self.script.path(), self.text.as_str(), span)
    }

    fn unfinished(&self) -> Unfinished<'_> {
        let (script, text, dialect) = (self.script, self.text.as_str(), self.context.dialect);
        let pieces = statements(script, text, dialect).filter_map(Result::ok).collect();
        Unfinished { script, text, pieces, dialect }
    }
}

/// What a statement does to what, in three words: `ALTER TABLE customers`.
fn head(statement: &str) -> String {
    const CONDITIONS: [&str; 5] = ["OR", "REPLACE", "IF", "NOT", "EXISTS"];
    let words = statement.split(['(', ',']).next().unwrap_or_default().split_whitespace();
    let words = words.filter(|word| !CONDITIONS.contains(&word.to_ascii_uppercase().as_str()));
    words.take(3).collect::<Vec<_>>().join(" ")
}

/// A statement in a few words, on one line.
fn summary(statement: &str) -> String {
    const LENGTH: usize = 60;
    let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= LENGTH { words } else { words.chars().take(LENGTH).chain("...".chars()).collect() }
}

/// A script that an earlier run began.
struct Unfinished<'a> {
    script: &'a Script,
    text: &'a str,
    pieces: Vec<Piece>,
    dialect: Dialect,
}

impl Unfinished<'_> {
    /// Decides where it goes on, or why it does not.
    fn resume(&self, resume: &mut Resume, resume_at: Option<usize>) -> Option<Problem> {
        if resume.done > 0 && prefix(self.text, &self.pieces, resume.done) != resume.done_checksum {
            return Some(Problem::PrefixChanged { path: self.script.path().into(), done: resume.done });
        }
        match resume_at {
            Some(at) if (1..=self.pieces.len() + 1).contains(&at) => {
                resume.done = at - 1;
                None
            }
            Some(at) => Some(Problem::NothingToResume { at }),
            None if self.is_known(resume) => self.session_lost(resume.done),
            None => Some(self.unknown(resume.done)),
        }
    }

    /// It is known whether the next statement ran, or there was none.
    fn is_known(&self, resume: &Resume) -> bool {
        resume.known || resume.unchanged && resume.done >= self.pieces.len()
    }

    fn unknown(&self, done: usize) -> Problem {
        Problem::Unfinished {
            script: self.script.name(),
            next: done + 1,
            statements: self.pieces.len(),
            location: self.location(done),
        }
    }

    fn session_lost(&self, done: usize) -> Option<Problem> {
        let Lost { what, made, used } = carried(self.dialect, self.text, &self.pieces, done).lost?;
        let (script, location) = (self.script.name(), self.location(used)?);
        Some(Problem::SessionLost { script, next: done + 1, what, made: made + 1, used: used + 1, location })
    }

    fn location(&self, piece: usize) -> Option<Location> {
        let statement = self.pieces.get(piece)?.statement.clone();
        Some(Location::new(self.script.path(), self.text, statement))
    }
}

/// The checksum of the text through a script's first statements.
pub(crate) fn prefix(text: &str, pieces: &[Piece], statements: usize) -> Option<Checksum> {
    let last = pieces.get(statements.checked_sub(1)?)?;
    Some(Checksum::of(&text[..last.span.end]))
}

#[cfg(test)]
mod tests;
