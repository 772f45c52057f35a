//! The look at every pending script before anything runs.

use std::ops::Range;

use crate::error::Error;
use crate::journal::{Journal, Progress};
use crate::plan::{Goal, History, Plan, Problem, Resume, Step, Traits, Warning};
use crate::script::{Checksum, Location, ReadError, Script, Scripts};
use crate::sql::{
    Carried, Context, Cut, Finding, FindingKind, Inspection, Inspector, LineMarkers, Lost, Marker, MarkerRole, Mode,
    Piece, meant, suspending,
};
use crate::statements::{Prefix, Statements, Unreadable, context_of, role};

/// The plan for a database with this journal, or every problem there is. Each command's plan is made here.
pub(crate) fn plan(scripts: &Scripts, journal: &Journal, goal: &Goal, context: &Context) -> Result<Plan, Error> {
    let mut history = History::new(scripts, journal, goal);
    let (traits, refused) = check(&mut history.pending, context, goal)?;
    history.problems.extend(refused);
    let is_due = |script: &Script| history.pending.iter().any(|step| step.script().path() == script.path());
    let others = scripts.unreadable(|script| !is_due(script));
    history.problems.extend(others);
    if history.problems.is_empty() {
        let mut plan = Plan::new(history, &traits, goal.transaction);
        plan.warnings.splice(0..0, Warning::unrecognized(scripts));
        Ok(plan)
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
        let mut found = look(&step.script, context, &mut problems)?;
        step.early = std::mem::take(&mut found.early);
        (step.statements, step.makes_temporary) = (found.statements, found.makes_temporary);
        traits.push(found);
        if let Some(resume) = step.resume.as_mut().filter(|_| problems.is_empty()) {
            let mut unfinished = Unfinished::read(&step.script, context, resume.done)?;
            problems.extend(unfinished.resume(resume, goal.resume_at));
            if resume.done != unfinished.done {
                unfinished = Unfinished::read(&step.script, context, resume.done)?;
            }
            unfinished.settle(resume);
        }
    }
    Ok((traits, problems))
}

/// What `check` says of scripts by themselves: of their statements only when it is known for which database they are.
pub(crate) fn inspect(scripts: &Scripts, context: Option<&Context>) -> Result<(Vec<Problem>, Vec<Warning>), Error> {
    let (mut problems, mut warnings) = (Vec::new(), Vec::new());
    for script in scripts.all() {
        match context {
            Some(context) => warnings.extend(look(script, context, &mut problems)?.warnings),
            None => match down_sections(script) {
                Ok(found) => problems.extend(found),
                Err(error) => problems.push(error.into()),
            },
        }
    }
    let warnings = Warning::unrecognized(scripts).into_iter().chain(Warning::gathered(warnings));
    Ok((problems, warnings.collect()))
}

/// Where a script tells the server not to run what follows, whether that depends on a condition or not.
pub(crate) fn suspensions(script: &Script, context: &Context) -> Result<Vec<Range<usize>>, Unreadable> {
    let mut statements = Statements::open(script, context).map_err(Cut::Read)?;
    let mut found = Vec::new();
    while let Some(piece) = statements.next() {
        let piece = piece?;
        let here = suspending(context.dialect, &piece.words, statements.sql(&piece));
        found.extend(here.into_iter().map(|at| piece.written(at)));
    }
    Ok(found)
}

/// Reads a script once, from beginning to end.
fn look(script: &Script, context: &Context, problems: &mut Vec<Problem>) -> Result<Traits, ReadError> {
    let mode = if script.no_transaction() { Mode::NoTransaction } else { Mode::InTransaction };
    let context = &context_of(script, context);
    let mut inspector = Inspector::new(context, role(script), mode);
    let mut traits = Traits::default();
    let mut statements = Statements::peruse(script, context)?;
    while let Some(piece) = statements.distinct() {
        match piece {
            Ok(piece) => {
                let lead = statements.lead();
                inspector.between(lead, statements.text(&(lead..piece.statement.start)));
                inspector.written(piece.statement.start, statements.text(&piece.statement));
                inspector.statement(&piece, statements.sql(&piece));
                traits.makes_temporary |= piece.makes_temporary();
            }
            Err(Cut::Split(error)) => inspector.unsplittable(&error, statements.rest(error.at)),
            Err(Cut::Read(error @ ReadError::Decode { .. })) => {
                problems.push(error.into());
                return Ok(traits);
            }
            Err(Cut::Read(error)) => return Err(error),
        }
        let said = |at: &Range<usize>| statements.text(at);
        let Inspection { commit_after, commits, early, .. } = inspector.so_far();
        traits.early.extend(early.iter().skip(traits.early.len()).map(|at| said(at).to_owned()));
        traits.commit_after = traits.commit_after.or_else(|| commit_after.as_ref().map(|at| summary(said(at))));
        traits.commits = traits.commits.or_else(|| commits.as_ref().map(|at| head(said(at))));
    }
    let tail = statements.lead();
    inspector.between(tail, statements.rest(tail));
    let found = inspector.finish(statements.unclosed(), statements.comments());
    traits.statements = found.statements;
    let refused = placed(script, found.findings);
    problems.extend(refused.map(|(kind, location)| Problem::Refused { kind, location }));
    let warnings = placed(script, found.warnings);
    traits.warnings = warnings.map(|(kind, location)| Warning::Script { kind, location, others: 0 }).collect();
    Ok(traits)
}

/// Findings with their places in the script, which is read once for all of them.
fn placed(script: &Script, findings: Vec<Finding>) -> impl Iterator<Item = (FindingKind, Location)> {
    let spans = findings.iter().map(|finding| finding.at.clone()).collect::<Vec<_>>();
    let locations = if spans.is_empty() { Vec::new() } else { script.locate_all(&spans) };
    findings.into_iter().map(|finding| finding.kind).zip(locations)
}

/// The sections of a script that would undo it, where it is not known for which database it is.
fn down_sections(script: &Script) -> Result<Vec<Problem>, ReadError> {
    let (mut reader, mut part, mut markers) = (script.reader()?, String::new(), LineMarkers::default());
    let mut more = true;
    while more {
        part.clear();
        more = reader.read(&mut part)?;
        markers.take(&part);
    }
    reader.prove(script)?;
    let markers = markers.finish();
    let down = meant(&markers).filter(|(_, marker)| marker.role == MarkerRole::Down);
    let found =
        down.map(|(at, Marker { tool, .. })| Finding { at: at.clone(), kind: FindingKind::DownSection { tool } });
    Ok(placed(script, found.collect()).map(|(kind, location)| Problem::Refused { kind, location }).collect())
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
    /// How many statements of it ran, by the journal or by the goal.
    done: usize,
    statements: usize,
    /// The text through the statements that ran.
    prefix: Option<Checksum>,
    /// The settings among them that can be made again.
    repeats: Vec<(Piece, String)>,
    /// Where the statement after those is.
    next: Option<Range<usize>>,
    lost: Option<Lost>,
}

impl<'a> Unfinished<'a> {
    fn read(script: &'a Script, context: &Context, done: usize) -> Result<Self, ReadError> {
        let mut statements = Statements::peruse(script, context)?;
        let (mut prefix, mut carried) = (Prefix::default(), Carried::new(context.dialect, done));
        let mut unfinished =
            Self { script, done, statements: 0, prefix: None, repeats: Vec::new(), next: None, lost: None };
        while let Some(piece) = statements.next() {
            let piece = match piece {
                Ok(piece) => piece,
                Err(Cut::Read(error)) => return Err(error),
                // it is refused already
                Err(Cut::Split(_)) => break,
            };
            if carried.statement(&piece, statements.sql(&piece)) {
                unfinished.repeats.push((piece.clone(), statements.sql(&piece).to_owned()));
            }
            if unfinished.statements == done {
                unfinished.next = Some(piece.statement.clone());
            }
            unfinished.statements += 1;
            if unfinished.statements <= done {
                prefix.extend(&statements, &piece);
                unfinished.prefix = (unfinished.statements == done).then(|| prefix.checksum());
            }
        }
        Ok(Self { lost: carried.lost(), ..unfinished })
    }

    /// Writes down what a run needs that continues the script.
    fn settle(self, resume: &mut Resume) {
        resume.progress = self.prefix.map(|checksum| Progress { statements: self.done, checksum });
        resume.repeats = self.repeats;
    }

    /// Decides where it goes on, or why it does not.
    fn resume(&self, resume: &mut Resume, resume_at: Option<usize>) -> Option<Problem> {
        if resume.done > 0 && self.prefix != resume.done_checksum {
            return Some(Problem::PrefixChanged { path: self.script.path().into(), done: resume.done });
        }
        match resume_at {
            Some(at) if (1..=self.statements + 1).contains(&at) => {
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
        resume.known || resume.unchanged && resume.done >= self.statements
    }

    fn unknown(&self, done: usize) -> Problem {
        let location = self.next.clone().map(|next| self.script.locate(next));
        Problem::Unfinished { script: self.script.name(), next: done + 1, statements: self.statements, location }
    }

    fn session_lost(&self, done: usize) -> Option<Problem> {
        let Lost { what, made, used, at } = self.lost.as_ref()?;
        let (script, location) = (self.script.name(), self.script.locate(at.clone()));
        let (what, made, used) = (what.clone(), made + 1, used + 1);
        Some(Problem::SessionLost { script, next: done + 1, what, made, used, location })
    }
}

#[cfg(test)]
mod tests;
