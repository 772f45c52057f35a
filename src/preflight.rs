//! Inspects every pending script before anything runs.

use std::ops::Range;
use std::sync::Arc;

use crate::error::Error;
use crate::journal::{Journal, Progress};
use crate::objects::{self, Compared};
use crate::plan::{
    History, ObjectPlan, Plan, Problem, Resume, Step, UpgradeOptions, Warning, object_problems, object_warnings,
};
use crate::script::{Checksum, DecodeError, FolderProblem, Location, ReadError, Script, ScriptFacts, Scripts, SqlFile};
use crate::sql::{
    Context, Finding, FindingKind, Inspection, Inspector, LineMarkers, Marker, MarkerRole, MissingState, Mode, Role,
    SessionState, SourceError, Statement, meant,
};
use crate::statements::{Prefix, Statements, Unreadable, context_of};

/// Returns the plan for a database with this journal, or every problem. Every command makes its plan here.
pub(crate) fn plan(
    scripts: &Scripts,
    journal: &Journal,
    options: &UpgradeOptions,
    context: &Context,
) -> Result<Plan, Error> {
    let mut history = History::new(scripts, journal, options);
    history.problems.extend(check(&mut history.pending, context, options)?);
    let is_due = |script: &SqlFile| history.pending.iter().any(|step| step.script().path() == script.path());
    let others = scripts.unreadable(|script| !is_due(script));
    history.problems.extend(others.into_iter().map(Problem::from));
    let compared = objects::compare(scripts.objects(), &journal.objects, &context.variables);
    let count = compared.files.iter().filter(|(_, state, _)| state.is_pending()).count();
    let is_held = options.to.is_some_and(|to| Some(to) < scripts.highest());
    let is_ahead = history.warnings.iter().any(|warning| matches!(warning, Warning::Ahead { .. }));
    let is_newer = is_ahead && options.keeps_newer_objects;
    let looks = !is_held && !is_newer && (count > 0 || !history.pending.is_empty());
    let facts = if looks { object_facts(scripts, context, &mut history.problems)? } else { Vec::new() };
    scripts.files().for_each(SqlFile::release);
    if !history.problems.is_empty() {
        return Err(Error::Refused { problems: history.problems });
    }
    let mut plan = Plan::new(history, options.transaction);
    plan.warnings.splice(0..0, Warning::unrecognized(scripts));
    match () {
        () if is_held && count > 0 => plan.warnings.push(Warning::ObjectsHeld { count }),
        () if is_ahead && !is_newer && count > 0 => plan.warnings.push(Warning::ObjectsOlder { count }),
        () => {}
    }
    if looks && has_objects(&compared) {
        let objects = ObjectPlan::new(compared, &facts, &journal.objects);
        let objects = objects.after_scripts(plan.steps().map(|step| &*step.facts));
        let due = objects.steps.iter().filter(|step| step.state.is_pending());
        plan.warnings.extend(Warning::gathered(due.flat_map(|step| Warning::about(&step.facts))));
        plan = plan.with_objects(objects, options.transaction, context.dialect.commits_at_ddl());
    }
    Ok(plan)
}

/// Whether there is an object file, or the row of one.
fn has_objects(compared: &Compared<'_>) -> bool {
    !compared.files.is_empty() || !compared.gone.is_empty()
}

/// Returns the facts about all object files, and adds what is wrong with them.
fn object_facts(
    scripts: &Scripts,
    context: &Context,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Arc<ScriptFacts>>, Error> {
    let mut all = Vec::new();
    for object in scripts.objects() {
        let facts = facts(object, context)?;
        problems.extend(refused(object, &facts));
        all.push(facts);
    }
    problems.extend(object_problems(scripts.objects(), &all));
    Ok(all)
}

/// Updates a plan once more is known about the database, or returns the problems that this reveals.
pub(crate) fn replanned(mut plan: Plan, context: &Context) -> Result<Plan, Error> {
    let mut problems = Vec::new();
    for step in plan.steps_mut() {
        step.facts = facts(&step.script, context)?;
        problems.extend(refused(&step.script, &step.facts));
    }
    for step in plan.objects.iter_mut().flat_map(|objects| &mut objects.steps) {
        step.facts = facts(&step.file, context)?;
        problems.extend(refused(&step.file, &step.facts));
    }
    if problems.is_empty() { Ok(plan) } else { Err(Error::Refused { problems }) }
}

/// Inspects the pending scripts and returns their problems.
///
/// A step that continues an unfinished script gets its place here, from the journal or from the goal's `resume_at`.
fn check(steps: &mut [Step], context: &Context, options: &UpgradeOptions) -> Result<Vec<Problem>, Error> {
    let mut problems = Vec::new();
    for step in steps {
        step.facts = facts(&step.script, context)?;
        problems.extend(refused(&step.script, &step.facts));
        if let Some(resume) = step.resume.as_mut().filter(|_| problems.is_empty()) {
            let unfinished = Unfinished::read(&step.script, context, resume.done, options.resume_at)?;
            problems.extend(unfinished.resume(resume, options.resume_at));
        }
    }
    Ok(problems)
}

/// Returns the problems that forbid running a script.
fn refused(script: &SqlFile, facts: &ScriptFacts) -> impl Iterator<Item = Problem> {
    let decode = |source: &DecodeError| {
        Problem::from(FolderProblem::Undecodable { path: script.path().into(), source: source.clone() })
    };
    let undecodable = facts.undecodable.as_ref().map(decode);
    let refuse = |(kind, location): &(FindingKind, Location)| Problem::Refused {
        kind: kind.clone(),
        location: location.clone(),
    };
    facts.findings.iter().map(refuse).chain(undecodable)
}

/// Returns what `check` reports about the scripts themselves. It inspects statements only if the dialect is known.
pub(crate) fn inspect(scripts: &Scripts, context: Option<&Context>) -> Result<(Vec<Problem>, Vec<Warning>), Error> {
    let (mut problems, mut warnings, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    for script in scripts.all() {
        match context {
            Some(context) => {
                let facts = facts(script, context)?;
                texts.push((script, Arc::clone(&facts)));
                problems.extend(refused(script, &facts));
                warnings.extend(Warning::about(&facts));
                script.release();
            }
            None => match down_sections(script) {
                Ok(found) => problems.extend(found),
                Err(error) => problems.push(error.into()),
            },
        }
    }
    let objects = match context {
        Some(context) => object_facts(scripts, context, &mut problems)?,
        None => Vec::new(),
    };
    if context.is_none() {
        problems.extend(object_problems(scripts.objects(), &[]));
    }
    warnings.extend(objects.iter().flat_map(|facts| Warning::about(facts)));
    let warnings = Warning::unrecognized(scripts).into_iter().chain(Warning::gathered(warnings));
    let warnings = warnings.chain(object_warnings(&texts, scripts.objects(), &objects));
    Ok((problems, warnings.collect()))
}

/// Returns the places where a script tells the server not to run what follows, conditionally or not.
pub(crate) fn suspensions(script: &SqlFile, context: &Context) -> Result<Vec<Range<usize>>, Unreadable> {
    let mut statements = Statements::open(script, context).map_err(SourceError::Read)?;
    let mut found = Vec::new();
    while let Some(statement) = statements.next() {
        let statement = statement?;
        let here = context.dialect.suspending(&statement.words, statements.sql(&statement));
        found.extend(here.into_iter().map(|at| statement.written(at)));
    }
    Ok(found)
}

/// Returns the facts about a script. The script is read once for them.
pub(crate) fn facts(script: &SqlFile, context: &Context) -> Result<Arc<ScriptFacts>, ReadError> {
    script.facts(context, || {
        let facts = find(script, context);
        script.release();
        facts
    })
}

/// Reads a script to its end and returns what it finds.
fn find(script: &SqlFile, context: &Context) -> Result<ScriptFacts, ReadError> {
    let mode = if script.no_transaction() { Mode::NoTransaction } else { Mode::InTransaction };
    let context = &context_of(script, context);
    let mut inspector = Inspector::new(context, script.role(), mode);
    let mut facts = ScriptFacts::default();
    let mut statements = Statements::open_trusted(script, context)?;
    while let Some(statement) = statements.distinct() {
        match statement {
            Ok(statement) => {
                let lead = statements.lead();
                inspector.between(lead, statements.text(&(lead..statement.range.start)));
                inspector.written(statement.range.start, statements.text(&statement.range));
                inspector.statement(&statement, statements.sql(&statement));
                let texts = (statements.text(&statement.range), statements.sql(&statement));
                about_objects(script, context, &statement, texts, &mut facts);
                facts.makes_temporary |= statement.makes_temporary();
                facts.hides |= context.dialect.hides(&statement, statements.sql(&statement));
                facts.defers = facts.defers.max(context.dialect.defers(&statement, statements.sql(&statement)));
                if !context.dialect.leaves_nothing(&statement, statements.sql(&statement)) {
                    let known = facts.undo.get_or_insert_default();
                    let undo = context.dialect.undo(&statement, statements.sql(&statement)).into_iter();
                    known.extend(undo.filter(|sql| !known.contains(sql)).collect::<Vec<_>>());
                }
            }
            Err(SourceError::Split(error)) => inspector.unsplittable(&error, statements.rest(error.at)),
            Err(SourceError::Read(ReadError::Decode { source, .. })) => {
                return Ok(ScriptFacts { undecodable: Some(source), ..ScriptFacts::default() });
            }
            Err(SourceError::Read(error)) => return Err(error),
        }
        let said = |at: &Range<usize>| statements.text(at);
        let Inspection { commit_after, commits, early, .. } = inspector.so_far();
        facts.early.extend(early.iter().skip(facts.early.len()).map(|at| said(at).to_owned()));
        facts.commit_after = facts.commit_after.or_else(|| commit_after.as_ref().map(|at| summary(said(at))));
        facts.commits = facts.commits.or_else(|| commits.as_ref().map(|at| head(said(at))));
    }
    let tail = statements.lead();
    inspector.between(tail, statements.rest(tail));
    let mut found = inspector.finish(statements.unclosed(), statements.comments());
    if script.role() == Role::Object && !script.drops_first() {
        found.findings.extend(facts.object.findings(context.dialect));
    }
    if script.drops_first() && !context.dialect.drops_first() {
        found.findings.push(Finding { at: script.drop_first_at(), kind: FindingKind::NoDropFirst });
    }
    facts.findings.extend(placed(script, found.findings));
    facts.warnings = placed(script, found.warnings).collect();
    let Inspection { statements, longest, names, variables, .. } = found;
    Ok(ScriptFacts { statements, longest, names, variables, ..facts })
}

/// Takes note of what a statement, which is written and sent with these texts, has to do with objects.
fn about_objects(
    script: &SqlFile,
    context: &Context,
    statement: &Statement,
    (written, sql): (&str, &str),
    facts: &mut ScriptFacts,
) {
    if script.role() != Role::Object {
        return facts.object.take_script(context, statement, sql);
    }
    facts.object.take(context, statement, written, sql);
    if statement.data.is_some() {
        let reason = "the rows of a table belong in a script".into();
        let kind = FindingKind::Unsupported { statement: "COPY ... FROM STDIN".into(), reason };
        facts.findings.push((kind, script.locate(statement.range.clone())));
    }
}

/// Returns the findings with their places. The script is read once for all of them.
fn placed(script: &SqlFile, findings: Vec<Finding>) -> impl Iterator<Item = (FindingKind, Location)> {
    let spans = findings.iter().map(|finding| finding.at.clone()).collect::<Vec<_>>();
    let locations = if spans.is_empty() { Vec::new() } else { script.locate_all(&spans) };
    findings.into_iter().map(|finding| finding.kind).zip(locations)
}

/// Returns a problem for each down section of a script whose dialect is not known.
fn down_sections(script: &SqlFile) -> Result<Vec<Problem>, ReadError> {
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

/// Names a statement's action and object in three words: `ALTER TABLE customers`.
fn head(statement: &str) -> String {
    const CONDITIONS: [&str; 5] = ["OR", "REPLACE", "IF", "NOT", "EXISTS"];
    let words = statement.split(['(', ',']).next().unwrap_or_default().split_whitespace();
    let words = words.filter(|word| !CONDITIONS.contains(&word.to_ascii_uppercase().as_str()));
    words.take(3).collect::<Vec<_>>().join(" ")
}

/// Shortens a statement to a few words on one line.
fn summary(statement: &str) -> String {
    const LENGTH: usize = 60;
    let words = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= LENGTH { words } else { words.chars().take(LENGTH).chain("...".chars()).collect() }
}

/// A script that an earlier run began.
struct Unfinished<'a> {
    script: &'a Script,
    statements: usize,
    /// The place that the journal records.
    noted: Place,
    /// The place where the script resumes, from the goal or else from the journal.
    next: Place,
    /// The settings before that place that can be repeated.
    repeats: Vec<(Statement, String)>,
    lost: Option<MissingState>,
}

/// A place between two statements.
#[derive(Default)]
struct Place {
    /// The number of statements before the place.
    done: usize,
    /// The checksum of the text through these statements.
    prefix: Option<Checksum>,
    /// The span of the statement after the place.
    next: Option<Range<usize>>,
}

impl Place {
    fn pass(&mut self, count: usize, statement: &Statement, prefix: &Prefix) {
        if count == self.done {
            self.next = Some(statement.range.clone());
        } else if count + 1 == self.done {
            self.prefix = Some(prefix.checksum());
        }
    }
}

impl<'a> Unfinished<'a> {
    fn read(script: &'a Script, context: &Context, done: usize, resume_at: Option<usize>) -> Result<Self, ReadError> {
        let mut statements = Statements::open_trusted(script, context)?;
        let place = |done| Place { done, ..Place::default() };
        let next = resume_at.map_or(done, |at| at.saturating_sub(1));
        let (mut prefix, mut session_state) = (Prefix::default(), SessionState::new(context.dialect, next));
        let (noted, next, repeats) = (place(done), place(next), Vec::new());
        let mut unfinished = Self { script, statements: 0, noted, next, repeats, lost: None };
        while let Some(statement) = statements.next() {
            let statement = match statement {
                Ok(statement) => statement,
                Err(SourceError::Read(error)) => return Err(error),
                // the script is already refused
                Err(SourceError::Split(_)) => break,
            };
            if session_state.statement(&statement, statements.sql(&statement)) {
                unfinished.repeats.push((statement.clone(), statements.sql(&statement).to_owned()));
            }
            let count = unfinished.statements;
            if count < unfinished.noted.done.max(unfinished.next.done) {
                prefix.extend(&statements, &statement);
            }
            unfinished.noted.pass(count, &statement, &prefix);
            unfinished.next.pass(count, &statement, &prefix);
            unfinished.statements += 1;
        }
        Ok(Self { lost: session_state.lost(), ..unfinished })
    }

    /// Decides where the script resumes and records what a run needs for that; or returns why it cannot resume.
    fn resume(self, resume: &mut Resume, resume_at: Option<usize>) -> Option<Problem> {
        if resume.done > 0 && self.noted.prefix != resume.done_checksum {
            return Some(Problem::PrefixChanged { path: self.script.path().into(), done: resume.done });
        }
        match resume_at {
            Some(at) if !(1..=self.statements + 1).contains(&at) => return Some(Problem::NothingToResume { at }),
            None if !self.is_known(resume) => return Some(self.unknown(resume.done)),
            None if self.lost.is_some() => return self.session_lost(resume.done),
            _ => {}
        }
        let Place { done, prefix, .. } = self.next;
        resume.done = done;
        resume.progress = prefix.map(|checksum| Progress { statements: done, checksum });
        resume.repeats = self.repeats;
        None
    }

    /// Whether it is known if the next statement ran, or there is no next statement.
    fn is_known(&self, resume: &Resume) -> bool {
        resume.known || resume.unchanged && resume.done >= self.statements
    }

    fn unknown(&self, done: usize) -> Problem {
        let location = self.noted.next.clone().map(|next| self.script.locate(next));
        Problem::Unfinished { script: self.script.name(), next: done + 1, statements: self.statements, location }
    }

    fn session_lost(&self, done: usize) -> Option<Problem> {
        let MissingState { what, made, used, at } = self.lost.as_ref()?;
        let (script, location) = (self.script.name(), self.script.locate(at.clone()));
        let (what, made, used) = (what.clone(), made + 1, used + 1);
        Some(Problem::SessionLost { script, next: done + 1, what, made, used, location })
    }
}

#[cfg(test)]
mod tests;
