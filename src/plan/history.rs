//! Compares scripts with the journal: what is pending, and what is wrong with the history.

use super::{Problem, Resume, Step, UpgradeOptions, Warning};
use crate::journal::{Entry, Journal, State};
use crate::script::{FolderProblem, Gap, Kind, Number, Script, Scripts, absent};

/// The result of comparing a folder with a journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct History {
    pub(crate) pending: Vec<Step>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) warnings: Vec<Warning>,
    /// The highest number that is applied or recorded.
    pub(crate) at: Option<Number>,
}

impl History {
    /// Compares a folder with a journal. Reports every problem, not only the first.
    pub(crate) fn new(scripts: &Scripts, journal: &Journal, options: &UpgradeOptions) -> Self {
        let comparison = Comparison { scripts, journal, options, at: journal.at() };
        let mut problems = scripts.problems().iter().cloned().map(Problem::from).collect::<Vec<_>>();
        problems.extend(comparison.entries());
        problems.extend(comparison.folder());
        problems.extend(comparison.out_of_order());
        problems.extend(comparison.unmet());
        Self { pending: comparison.pending(), problems, warnings: comparison.ahead(), at: comparison.at }
    }
}

struct Comparison<'a> {
    scripts: &'a Scripts,
    journal: &'a Journal,
    options: &'a UpgradeOptions,
    at: Option<Number>,
}

impl Comparison<'_> {
    fn is_new(&self) -> bool {
        self.journal.entries.is_empty()
    }

    /// Returns the highest number to apply.
    fn to(&self) -> Number {
        self.options.to.unwrap_or(Number::MAX)
    }

    /// Returns the highest number that the database has begun: nothing new is applied below it.
    fn reached(&self) -> Option<Number> {
        self.journal.entries.iter().map(|entry| entry.number).max()
    }

    /// Returns the baseline that a new database starts from.
    fn baseline(&self) -> Option<&Script> {
        self.scripts.baselines().iter().rfind(|baseline| baseline.number() <= self.to())
    }

    /// Returns the number through which scripts may have been deleted because a baseline on disk contains them.
    fn covered(&self) -> Option<Number> {
        self.scripts.baselines().last().map(Script::number)
    }

    /// Returns the number through which the baseline that built the database contains the scripts.
    fn built(&self) -> Option<Number> {
        self.journal.entries.iter().rfind(|entry| entry.kind() == Kind::Baseline).map(|entry| entry.number)
    }

    /// Returns the applied scripts that have changed or are missing.
    fn entries(&self) -> Vec<Problem> {
        self.journal.entries.iter().filter_map(|entry| self.entry(entry)).collect()
    }

    fn entry(&self, entry: &Entry) -> Option<Problem> {
        match self.scripts.script(entry.kind(), entry.number) {
            // a baseline that was added later is for new databases
            _ if entry.is_as_it_was() => None,
            // if two files have the number, the applied one may be the other
            Some(_) if self.is_broken(entry) => None,
            Some(script) if entry.state.is_done() => changed(script, entry),
            Some(_) => None,
            // the user must bring a script that stopped to its end
            None if !entry.state.is_done() => Some(Problem::UnfinishedMissing { script: entry.script.clone() }),
            None if self.is_ahead(entry) || self.is_covered(entry) || self.is_broken(entry) => None,
            None => Some(Problem::Missing { script: entry.script.clone(), applied_at: entry.applied_at.clone() }),
        }
    }

    fn is_ahead(&self, entry: &Entry) -> bool {
        self.scripts.highest().is_some_and(|highest| entry.number > highest)
    }

    /// Whether the file exists but cannot be used, which is a problem of its own.
    fn is_broken(&self, entry: &Entry) -> bool {
        self.scripts.problems().iter().any(|problem| problem.number() == Some(entry.number))
    }

    fn is_covered(&self, entry: &Entry) -> bool {
        let covered = self.covered();
        match entry.kind() {
            Kind::Script => covered.is_some_and(|covered| entry.number <= covered),
            Kind::Baseline => covered.is_some_and(|covered| entry.number < covered),
        }
    }

    /// Checks the numbers of the folder, and whether the folder suits the state of the database.
    fn folder(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        if self.scripts.is_empty() {
            let tool = self.scripts.unrecognized().iter().find_map(|file| file.tool);
            problems.push(Problem::Empty { dir: self.scripts.dir().into(), tool });
        }
        if self.is_new() && self.journal.occupied {
            problems.push(if self.journal.exists { Problem::EmptyJournal } else { Problem::NoJournal });
        }
        problems.extend(self.gaps().into_iter().map(|Gap { first, last }| Problem::Gap { first, last }));
        problems.extend(self.behind());
        problems
    }

    /// Returns the gaps in the numbers after the newest baseline, and those on the way to the goal if a new database
    /// starts from an older baseline.
    fn gaps(&self) -> Vec<Gap> {
        let newest = self.scripts.baselines().last().map_or(Number::BASELINE, Script::number);
        let last = self.scripts.scripts().last().map_or(Number::BASELINE, Script::number);
        let from = self.baseline().map(Script::number).filter(|from| self.is_new() && *from < newest);
        let on_the_way = from.map(|from| self.absent(from.next(), newest.min(self.to())));
        on_the_way.into_iter().flatten().chain(self.absent(newest.next(), last)).collect()
    }

    /// Returns the ranges of numbers from `start` through `end` that are neither on disk nor in the journal.
    fn absent(&self, start: Number, end: Number) -> Vec<Gap> {
        let scripts = self.scripts.scripts().iter().map(Script::number);
        let unreadable = self.scripts.problems().iter().filter_map(FolderProblem::number);
        let known = scripts.chain(unreadable).chain(self.journal.entries.iter().map(|entry| entry.number));
        absent(start, end, known)
    }

    /// Returns the scripts that the database still lacks and that a newer baseline has replaced on disk.
    fn behind(&self) -> Vec<Problem> {
        // an unfinished baseline is complete once it is resumed
        let at = self.at.max(self.built());
        let Some(baseline) = self.covered().filter(|covered| !self.is_new() && at < Some(*covered)) else {
            return Vec::new();
        };
        let lacking = self.absent(at.unwrap_or(Number::BASELINE).next(), baseline.min(self.to()));
        let problem = |Gap { first, last }| Problem::BehindBaseline { at, first, last, baseline, commit: None };
        lacking.into_iter().map(problem).collect()
    }

    /// Returns the scripts that were not applied although later ones were.
    fn out_of_order(&self) -> Vec<Problem> {
        let Some(at) = self.reached() else { return Vec::new() };
        let mut free = self.scripts.highest().max(self.reached()).map_or(Number::BASELINE, Number::next);
        let late = self.unapplied().filter(|script| script.number() < at);
        let report = |script: &Script| {
            let problem = Problem::OutOfOrder { path: script.path().into(), at, free };
            free = free.next();
            problem
        };
        late.map(report).collect()
    }

    /// Returns the scripts that neither the journal nor a baseline accounts for.
    fn unapplied(&self) -> impl Iterator<Item = &Script> {
        let built = if self.is_new() { self.baseline().map(Script::number) } else { self.built() };
        let explained = move |number: Number| built.is_some_and(|built| number <= built);
        let unknown = |script: &&Script| self.journal.find(Kind::Script, script.number()).is_none();
        self.scripts.scripts().iter().filter(unknown).filter(move |script| !explained(script.number()))
    }

    /// Returns what is wrong with the options.
    fn unmet(&self) -> Vec<Problem> {
        let unfinished = self.journal.entries.iter().any(|entry| !entry.state.is_done());
        let resume = self.options.resume_at.filter(|_| !unfinished).map(|at| Problem::NothingToResume { at });
        self.to_problem().into_iter().chain(resume).collect()
    }

    fn to_problem(&self) -> Option<Problem> {
        let to = self.options.to?;
        let highest = self.scripts.highest()?;
        let lowest = self.scripts.baselines().first().map(Script::number);
        match (self.at, lowest) {
            (Some(at), _) if to < at => Some(Problem::GoalBelow { to, at }),
            _ if to > highest => Some(Problem::GoalAbove { to, highest }),
            (None, Some(baseline)) if to < baseline => Some(Problem::GoalBelowBaseline { to, baseline }),
            _ => None,
        }
    }

    fn pending(&self) -> Vec<Step> {
        let baseline = self.baseline().filter(|_| self.is_new());
        let unfinished = self.journal.entries.iter().filter_map(|entry| self.unfinished(entry));
        let scripts =
            self.unapplied().filter(|script| script.number() <= self.to() && Some(script.number()) > self.reached());
        let fresh = baseline.into_iter().chain(scripts).map(|script| Step::new(script.clone(), None));
        unfinished.chain(fresh).collect()
    }

    fn unfinished(&self, entry: &Entry) -> Option<Step> {
        let due = !entry.state.is_done() && entry.number <= self.to();
        let script = self.scripts.script(entry.kind(), entry.number).filter(|_| due)?;
        let done = entry.statements_done.unwrap_or(0);
        let known = matches!(entry.state, State::Failed | State::Paused);
        let unchanged = script.checksum().is_ok_and(|checksum| checksum == entry.checksum);
        let (progress, repeats) = (None, Vec::new());
        let resume = Resume { done, done_checksum: entry.done_checksum, known, unchanged, progress, repeats };
        Some(Step::new(script.clone(), Some(resume)))
    }

    /// Warns about rows above the highest file: an older build was deployed again.
    fn ahead(&self) -> Vec<Warning> {
        let ahead = self.journal.entries.iter().filter(|entry| self.is_ahead(entry)).map(|entry| entry.number);
        match (ahead.min(), self.at, self.scripts.highest()) {
            (Some(first), Some(at), Some(highest)) => vec![Warning::Ahead { first, last: at.max(first), highest }],
            _ => Vec::new(),
        }
    }
}

/// Returns a problem if the file of an applied script differs from what was applied.
fn changed(script: &Script, entry: &Entry) -> Option<Problem> {
    // a file that cannot be read is a problem of its own
    let on_disk = script.checksum().ok().filter(|on_disk| *on_disk != entry.checksum)?;
    let (path, applied_at) = (script.path().into(), entry.applied_at.clone());
    Some(Problem::Changed { path, applied: entry.checksum, on_disk, applied_at, diff: None, by: None })
}
