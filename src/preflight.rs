//! The look at every pending script before anything runs.

use std::ops::Range;

use crate::error::Error;
use crate::journal::{Journal, Progress};
use crate::plan::{Goal, History, Plan, Problem, Resume, Step, Traits};
use crate::script::{Checksum, Location, ReadError, Script, Scripts};
use crate::sql::{Context, Cut, Dialect, Finding, Inspection, Inspector, Lost, Mode, Piece, carried};
use crate::statements::{Prefix, Statements, Unreadable, role};

/// The plan for a database with this journal, or every problem there is. Each command's plan is made here.
pub(crate) fn plan(scripts: &Scripts, journal: &Journal, goal: &Goal, context: &Context) -> Result<Plan, Error> {
    let mut history = History::new(scripts, journal, goal);
    let (traits, refused) = check(&mut history.pending, context, goal)?;
    history.problems.extend(refused);
    let is_due = |script: &Script| history.pending.iter().any(|step| step.script().path() == script.path());
    let others = scripts.unreadable(|script| !is_due(script));
    history.problems.extend(others);
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
        traits.push(look(&step.script, context, &mut problems)?);
        if let Some(resume) = step.resume.as_mut().filter(|_| problems.is_empty()) {
            let text = step.script.read()?;
            let unfinished = Unfinished::new(&step.script, text.as_str(), context)?;
            problems.extend(unfinished.resume(resume, goal.resume_at));
        }
    }
    Ok((traits, problems))
}

/// What `check` says of one script for itself.
pub(crate) fn inspect(script: &Script, context: &Context) -> Result<Vec<Problem>, Error> {
    let mut problems = Vec::new();
    look(script, context, &mut problems)?;
    Ok(problems)
}

/// The statements of a script that are sent, each as often as it is.
pub(crate) fn statements(script: &Script, context: &Context) -> Result<Vec<Piece>, Unreadable> {
    let mut statements = Statements::open(script, context).map_err(Cut::Read)?;
    std::iter::from_fn(|| statements.next()).collect()
}

/// How many statements a script has, and what the journal notes of the first of them.
pub(crate) fn progress(
    script: &Script,
    context: &Context,
    done: usize,
) -> Result<(usize, Option<Progress>), Unreadable> {
    let mut statements = Statements::open(script, context).map_err(Cut::Read)?;
    let (mut prefix, mut count, mut progress) = (Prefix::default(), 0, None);
    while let Some(piece) = statements.next() {
        let piece = piece?;
        prefix.extend(&statements, &piece);
        count += 1;
        if count == done {
            progress = Some(Progress { statements: done, checksum: prefix.checksum() });
        }
    }
    Ok((count, progress))
}

/// Reads a script once, from beginning to end.
fn look(script: &Script, context: &Context, problems: &mut Vec<Problem>) -> Result<Traits, ReadError> {
    let mode = if script.no_transaction() { Mode::NoTransaction } else { Mode::InTransaction };
    let mut inspector = Inspector::new(context, role(script), mode);
    let mut traits = Traits::default();
    let mut statements = Statements::peruse(script, context)?;
    while let Some(piece) = statements.distinct() {
        match piece {
            Ok(piece) => {
                let lead = statements.lead();
                inspector.between(lead, statements.text(&(lead..piece.statement.start)));
                inspector.statement(&piece, statements.text(&piece.statement));
            }
            Err(Cut::Split(error)) => inspector.unsplittable(&error, statements.rest(error.at)),
            Err(Cut::Read(error @ ReadError::Decode { .. })) => {
                problems.push(error.into());
                return Ok(traits);
            }
            Err(Cut::Read(error)) => return Err(error),
        }
        let said = |at: &Range<usize>| statements.text(at);
        let Inspection { commit_after, commits, .. } = inspector.so_far();
        traits.commit_after = traits.commit_after.or_else(|| commit_after.as_ref().map(|at| summary(said(at))));
        traits.commits = traits.commits.or_else(|| commits.as_ref().map(|at| head(said(at))));
    }
    let tail = statements.lead();
    inspector.between(tail, statements.rest(tail));
    let found = inspector.finish(statements.unclosed(), statements.directives());
    traits.statements = found.statements;
    if !found.findings.is_empty() {
        let spans = found.findings.iter().map(|finding| finding.at.clone()).collect::<Vec<_>>();
        let placed = found.findings.into_iter().zip(script.locate_all(&spans));
        problems.extend(placed.map(|(Finding { kind, .. }, location)| Problem::Refused { kind, location }));
    }
    Ok(traits)
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

impl<'a> Unfinished<'a> {
    fn new(script: &'a Script, text: &'a str, context: &Context) -> Result<Self, ReadError> {
        let pieces = match statements(script, context) {
            Ok(pieces) => pieces,
            Err(Cut::Read(error)) => return Err(error),
            // it is refused already
            Err(Cut::Split(_)) => Vec::new(),
        };
        Ok(Self { script, text, pieces, dialect: context.dialect })
    }

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
