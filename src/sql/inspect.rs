use std::collections::BTreeSet;
use std::ops::Range;

use super::cursor::{Comments, Token};
use super::dialect::Savepoints;
use super::dump::DumpDetector;
use super::marker::{MarkerRole, meant};
use super::rules::{self, Charset, Rule};
use super::tokens::tokens;
use super::{Context, Finding, FindingKind, Role, Sendable, SourceError, SplitError, SplitErrorKind, Statement, split};

/// Whether a script runs inside the transaction of its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The script runs in the transaction: the default.
    InTransaction,
    /// The script runs outside a transaction: `-- dbmigrate: no-transaction`.
    NoTransaction,
}

/// The result of an inspection: what a run needs to know about a script.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspection {
    /// The reasons not to run the script, in the order of the text.
    pub findings: Vec<Finding>,
    /// Text that may not mean what its author intended, in the order of the text.
    pub warnings: Vec<Finding>,
    /// The number of statements to send.
    pub statements: usize,
    /// The first statement whose effect later scripts can use only after a commit: `ALTER TYPE ... ADD VALUE`.
    pub commit_after: Option<Range<usize>>,
    /// The statements that take effect only before the database has a table. They run before the transaction.
    pub early: Vec<Range<usize>>,
    /// The first statement that commits the transaction, or may commit it: MySQL's DDL.
    pub commits: Option<Range<usize>>,
    /// The length of the longest statement in bytes.
    pub longest: usize,
    /// What the script names: the result may differ for a database for which that means something else.
    pub(crate) names: Names,
    /// The variables that the script uses.
    pub variables: BTreeSet<String>,
}

/// What a script names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Names {
    /// A database, its own or another.
    pub(crate) database: bool,
    /// The journal, or a schema that could be the journal's.
    pub(crate) journal: bool,
}

/// Checks a script before anything runs.
///
/// All findings are reported, but the inspection ends at a place where the text cannot be split.
pub(crate) fn inspect(context: &Context, text: &str, role: Role, mode: Mode) -> Inspection {
    let mut inspector = Inspector::new(context, role, mode);
    let mut end = 0;
    let mut statements = Sendable::new(context, split(context.dialect, text), role);
    while let Some(statement) = statements.next() {
        match statement {
            Ok(statement) => {
                inspector.between(end, &text[end..statement.range.start]);
                let written = &text[statement.range.clone()];
                end = statement.span.end;
                inspector.written(statement.range.start, written);
                match statement.with_variables(context, written) {
                    Ok(statement) => {
                        inspector.statement(&statement, statement.sent().map_or(written, |sent| &sent.sql));
                    }
                    Err(error) => inspector.unsplittable(&error, &text[error.at..]),
                }
            }
            Err(SourceError::Split(error)) => inspector.unsplittable(&error, text.get(error.at..).unwrap_or_default()),
        }
    }
    inspector.between(end, &text[end..]);
    inspector.finish(statements.unclosed(), statements.source().comments())
}

/// The advice about a script's own transaction.
const REMOVE: &str = "remove the statement: dbmigrate runs the script in its own transaction";

const OUTSIDE: &str = "remove the statement: this script runs outside a transaction, and each statement is committed by itself; \
                       without the line -- dbmigrate: no-transaction, all of it is one transaction";

/// The advice about a script that Entity Framework Core generated.
const EF_CORE: &str =
    "generate the script with dotnet ef migrations script --no-transactions: dbmigrate runs it in its own transaction";

/// The table that the scripts of Entity Framework Core write to.
const EF_HISTORY: &str = "__EFMigrationsHistory";

/// Checks a script statement by statement.
pub(crate) struct Inspector<'a> {
    context: &'a Context,
    role: Role,
    mode: Mode,
    detector: DumpDetector,
    /// The start of the first statement.
    first: Option<usize>,
    /// The statement after which the server does not read the text as UTF-8.
    foreign: Option<Range<usize>>,
    /// The statements after which the server does not run what follows, with their names.
    suspended: Vec<(Range<usize>, &'static str)>,
    /// Whether Entity Framework Core generated the script.
    is_of_ef_core: bool,
    /// The open savepoints: their names as written, and where they were set.
    savepoints: Vec<(String, Range<usize>)>,
    inspection: Inspection,
}

impl<'a> Inspector<'a> {
    pub(crate) fn new(context: &'a Context, role: Role, mode: Mode) -> Self {
        let (detector, inspection) = (DumpDetector::default(), Inspection::default());
        Self {
            context,
            role,
            mode,
            detector,
            first: None,
            foreign: None,
            suspended: Vec::new(),
            is_of_ef_core: false,
            savepoints: Vec::new(),
            inspection,
        }
    }

    /// Takes the white space and comments, starting at `at`, before a statement or before the end.
    pub(crate) fn between(&mut self, at: usize, text: &str) {
        if self.role == Role::Baseline {
            self.detector.look(self.context.dialect, at, text);
        }
    }

    /// The result so far.
    pub(crate) const fn so_far(&self) -> &Inspection {
        &self.inspection
    }

    /// Takes the next statement as written, which begins at `start`.
    pub(crate) fn written(&mut self, start: usize, text: &str) {
        self.is_of_ef_core |= text.contains(EF_HISTORY);
        self.inspection.variables.extend(self.context.variables.used(self.context.dialect, text));
        if let Some((at, character)) = rules::invisible(self.context.dialect, text) {
            self.find(start + at.start..start + at.end, FindingKind::Invisible { character });
        }
        for at in self.context.dialect.trailing_separators(text) {
            self.warn(start + at.start..start + at.end, FindingKind::TrailingSeparator);
        }
        for (at, name) in self.context.variables.foreign(self.context.dialect, text) {
            self.warn(start + at.start..start + at.end, FindingKind::ForeignVariable { name });
        }
    }

    /// Takes the next statement, once however often it is sent. `text` is what is sent.
    pub(crate) fn statement(&mut self, statement: &Statement, text: &str) {
        self.inspection.statements += statement.times as usize;
        self.first.get_or_insert(statement.first_token());
        self.readable(text);
        self.short(statement, text.len());
        self.inspection.names.database |=
            self.role == Role::Baseline || rules::names_database(self.context, &statement.words, text);
        self.inspection.names.journal |= rules::names_journal(self.context, &statement.words, text);
        for (at, schema) in self.context.tenants.named(self.context.dialect, text) {
            self.warn(statement.written(at), FindingKind::TenantSchema { schema });
        }
        for (at, rule) in rules::find(self.context, &statement.words, text) {
            if let Rule::Savepoint(what) = rule
                && self.mode == Mode::InTransaction
            {
                self.savepoint(statement.written(at.clone()), what, &text[at.clone()]);
            }
            self.rule(statement.written(at), rule);
        }
    }

    fn rule(&mut self, at: Range<usize>, rule: Rule) {
        match rule {
            Rule::OwnTransaction(name) => self.own_transaction(&at, name),
            Rule::Savepoint(name) if self.mode == Mode::NoTransaction => self.own_transaction(&at, name),
            Rule::NotInTransaction(name) if self.mode == Mode::InTransaction => {
                self.find(at, FindingKind::NotInTransaction { statement: name.to_owned() });
            }
            Rule::Early { .. } if self.role == Role::Baseline && self.mode == Mode::InTransaction => {
                self.inspection.early.push(at);
            }
            Rule::Early { later: true, .. } if self.mode == Mode::NoTransaction => {}
            Rule::Early { name, later } => {
                self.find(at, FindingKind::NoEffect { statement: name.to_owned(), later });
            }
            Rule::Unsupported(name, reason) => {
                self.find(at, FindingKind::Unsupported { statement: name.to_owned(), reason: reason.to_owned() });
            }
            Rule::OtherDatabase(name, database) => {
                self.inspection.names.database = true;
                let database = self.context.variables.mask(&database);
                self.find(at, FindingKind::OtherDatabase { statement: name.to_owned(), database });
            }
            Rule::Journal => self.journal(at, None),
            Rule::JournalSchema => self.journal(at, self.context.journal_schema.clone()),
            Rule::Suspends(name) => self.suspended.push((at, name)),
            Rule::Resumes(name) => self.suspended.retain(|(_, suspended)| *suspended != name),
            Rule::Charset(charset) => self.foreign = (charset == Charset::Other).then_some(at),
            Rule::CommitAfter => {
                self.inspection.commit_after.get_or_insert(at);
            }
            Rule::Commits => {
                self.savepoints.clear();
                self.inspection.commits.get_or_insert(at);
            }
            Rule::Savepoint(_) | Rule::NotInTransaction(_) => {}
        }
    }

    /// Tracks the savepoints of this script: a statement sets one, rolls back to one or releases one.
    fn savepoint(&mut self, at: Range<usize>, what: &str, statement: &str) {
        let last = tokens(self.context.dialect, statement).filter(|(token, _)| *token != Token::Blank).last();
        let Some(name) = last.map(|(_, at)| statement[at].to_owned()) else { return };
        let bare = |name: &str| name.trim_matches(['"', '`', '[', ']']).to_ascii_lowercase();
        let known = self.savepoints.iter().rposition(|(known, _)| bare(known) == bare(&name));
        match (what.split(' ').next(), known) {
            (Some("SAVEPOINT" | "SAVE"), known) => {
                let is_unique = self.context.dialect.savepoints() == Savepoints::Unique;
                known.filter(|_| is_unique).map(|known| self.savepoints.remove(known));
                self.savepoints.push((name, at));
            }
            (Some("ROLLBACK"), Some(known)) => self.savepoints.truncate(known + 1),
            (Some("RELEASE"), Some(known)) => self.savepoints.truncate(known),
            // the name is in a variable
            (Some("ROLLBACK"), None) if name.starts_with('@') => {}
            (Some("ROLLBACK" | "RELEASE"), None) => self.find(at, FindingKind::UnknownSavepoint { name }),
            _ => {}
        }
    }

    /// Refuses a non-ASCII statement where the server expects an encoding other than the one that scripts are sent in.
    fn readable(&mut self, statement: &str) {
        if let Some(set) = self.foreign.take_if(|_| !statement.is_ascii()) {
            let statement = "SET character_set_client".into();
            let reason = "scripts are sent as UTF-8, whatever the file's encoding is".into();
            self.find(set, FindingKind::Unsupported { statement, reason });
        }
    }

    fn short(&mut self, statement: &Statement, bytes: usize) {
        self.inspection.longest = self.inspection.longest.max(bytes);
        if let Some(limit) = self.context.longest.filter(|limit| bytes + 1 >= *limit) {
            self.find(statement.range.clone(), FindingKind::TooLong { bytes, limit });
        }
    }

    /// Reports a statement that changes the journal. For a dump that contains the journal, only the first is reported.
    fn journal(&mut self, at: Range<usize>, schema: Option<String>) {
        let table = self.context.journal.clone();
        let known = |finding: &Finding| matches!(finding.kind, FindingKind::Journal { .. });
        match self.role {
            Role::Baseline if schema.is_none() && self.inspection.findings.iter().any(known) => {}
            Role::Baseline if schema.is_none() => self.find(at, FindingKind::Journal { table }),
            _ => self.find(at, FindingKind::JournalChange { table, schema }),
        }
    }

    fn own_transaction(&mut self, at: &Range<usize>, name: &str) {
        let advice = match self.mode {
            Mode::NoTransaction => OUTSIDE,
            Mode::InTransaction if name == "ROLLBACK" => self.context.dialect.rollback_advice().unwrap_or(REMOVE),
            Mode::InTransaction => REMOVE,
        };
        self.find(at.clone(), FindingKind::OwnTransaction { statement: name.to_owned(), advice });
    }

    /// Takes the error after which no statements follow. `rest` is the text from the error on, as far as it is held.
    pub(crate) fn unsplittable(&mut self, error: &SplitError, rest: &str) {
        let width = rest.chars().next().map_or(0, char::len_utf8);
        let width = match &error.kind {
            SplitErrorKind::ClientCommand { command } => command.len(),
            SplitErrorKind::UnterminatedDollarQuote { tag } => tag.len(),
            SplitErrorKind::Undeclared { name } | SplitErrorKind::Several { name } => {
                // which values end the statement is not known
                self.inspection.variables.extend(self.context.variables.names().map(ToOwned::to_owned));
                self.inspection.variables.insert(name.clone());
                name.len() + "$()".len()
            }
            _ => width,
        };
        self.find(error.at..error.at + width, FindingKind::Split(error.kind.clone()));
        // all shell commands are reported: each is a line of its own
        if matches!(error.kind, SplitErrorKind::ClientCommand { .. }) {
            for (at, command) in self.context.dialect.further_commands(rest) {
                let at = error.at + at.start..error.at + at.end;
                self.find(at, FindingKind::Split(SplitErrorKind::ClientCommand { command }));
            }
        }
    }

    /// Reports a dump whose end is missing: a `BEGIN` without its `COMMIT`, or a first line without its last line.
    fn cut_off(&mut self, unclosed: Option<(Range<usize>, &'static str)>) {
        let cut_off = |missing: &str| FindingKind::CutOff { missing: missing.to_owned() };
        let own = |finding: &Finding| matches!(finding.kind, FindingKind::OwnTransaction { .. });
        match unclosed {
            Some((begin, name)) if self.inspection.findings.iter().any(own) => self.own_transaction(&begin, name),
            Some((begin, _)) => self.find(begin, cut_off("COMMIT")),
            None => {}
        }
        if let Some((first, missing)) = self.detector.cut_off(self.context.dialect) {
            self.find(first, cut_off(missing));
        }
    }

    fn find(&mut self, at: Range<usize>, kind: FindingKind) {
        // the same finding can occur twice in a statement, and is reported once
        let near = self.inspection.findings.iter().rev().take_while(|finding| finding.at.end >= at.start);
        if near.into_iter().all(|finding| finding.at.end != at.end || finding.kind != kind) {
            self.inspection.findings.push(Finding { at, kind });
        }
    }

    /// Reports a warning, once for each kind.
    fn warn(&mut self, at: Range<usize>, kind: FindingKind) {
        if !self.inspection.warnings.iter().any(|warning| warning.kind == kind) {
            self.inspection.warnings.push(Finding { at, kind });
        }
    }

    /// Returns the result at the end of the text. `unclosed` is a transaction that a dump does not end.
    pub(crate) fn finish(mut self, unclosed: Option<(Range<usize>, &'static str)>, comments: &Comments) -> Inspection {
        self.cut_off(unclosed);
        if let Some((at, name)) = self.suspended.first().cloned() {
            let reason = "it is still on at the end of the script, and nothing that follows it would run".into();
            self.find(at, FindingKind::Unsupported { statement: name.into(), reason });
        }
        let is_permanent = self.context.dialect.savepoints() == Savepoints::Permanent;
        let open = self.savepoints.first().cloned().filter(|_| !is_permanent);
        if let Some((name, at)) = open {
            self.find(at, FindingKind::OpenSavepoint { name });
        }
        let first = self.first.unwrap_or(usize::MAX);
        for directive in comments.directives.iter().filter(|directive| directive.start > first) {
            self.find(directive.clone(), FindingKind::MisplacedDirective);
        }
        self.markers(comments);
        for finding in self.inspection.findings.iter_mut().filter(|_| self.is_of_ef_core) {
            if let FindingKind::OwnTransaction { advice, .. } = &mut finding.kind {
                *advice = EF_CORE;
            }
        }
        let Inspection { findings, warnings, .. } = &mut self.inspection;
        for found in [findings, warnings] {
            found.sort_by_key(|finding| finding.at.start);
        }
        self.inspection
    }

    /// Reports the markers of other tools.
    fn markers(&mut self, comments: &Comments) {
        for (at, marker) in meant(&comments.markers) {
            let (tool, role) = (marker.tool, marker.role);
            match role {
                MarkerRole::Down => self.find(at.clone(), FindingKind::DownSection { tool }),
                // the script already does what the marker asks for
                MarkerRole::NoTransaction if self.mode == Mode::NoTransaction => {}
                _ => self.warn(at.clone(), FindingKind::ForeignMarker { tool, role }),
            }
        }
    }
}

#[cfg(test)]
mod tests;
