//! The progress of a run: a bar on a terminal, lines elsewhere.

use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use dbmigrate::fleet::Ended;
use dbmigrate::{AppliedObject, Event, Plan, Script};
use indicatif::{ProgressBar, ProgressStyle};

use super::hints;
use super::table::{pending, reason};

/// Shows the events of a run on standard error.
#[derive(Debug)]
pub(super) struct Progress {
    quiet: bool,
    /// Whether each script has a line of its own in every command.
    verbose: bool,
    terminal: bool,
    /// Whether scripts that run share a line.
    sums_up: AtomicBool,
    bar: Mutex<Option<Bar>>,
    /// The scripts that share the next line.
    together: Mutex<Option<Together>>,
}

/// Scripts that share a line.
#[derive(Debug)]
struct Together {
    what: &'static str,
    first: String,
    last: String,
    count: usize,
    how: String,
}

/// How far a run has come, in bytes of its scripts.
#[derive(Debug)]
struct Bar {
    shown: ProgressBar,
    scripts: usize,
    /// The scripts that ran, and their bytes.
    ran: (usize, u64),
    /// The committed scripts, and their bytes: a retry does not repeat them.
    committed: (usize, u64),
}

impl Progress {
    pub(super) fn new(quiet: bool, verbose: bool, terminal: bool) -> Self {
        Self {
            quiet,
            verbose,
            terminal,
            sums_up: AtomicBool::default(),
            bar: Mutex::default(),
            together: Mutex::default(),
        }
    }

    /// From now on, scripts that run share a line.
    pub(super) fn sum_up(&self) {
        self.sums_up.store(true, Ordering::Relaxed);
    }

    pub(super) fn show(&self, event: &Event<'_>) {
        if self.quiet {
            return;
        }
        self.with_bar(|bar| bar.follow(event));
        match event {
            Event::Planned { plan } => self.planned(plan),
            Event::Started { script } => self.started(script),
            Event::Progress { bytes, .. } => {
                self.with_bar(|bar| bar.shown.set_position(bar.ran.1 + bytes));
            }
            Event::Ran { script, duration } => {
                if !self.with_bar(|bar| bar.ran(script)) {
                    let title = script.title().map_or(String::new(), |title| format!(" {title}"));
                    self.script("ran", script.name(), &format!("{title} ({} ms)", duration.as_millis()));
                }
            }
            Event::Recorded { script } => {
                let how = if script.is_stand_in() { "" } else { " as applied, without running it" };
                self.script("recorded", name(script), how);
            }
            Event::ObjectsCommitted { .. } | Event::Committed { .. } if self.sums_up.load(Ordering::Relaxed) => {}
            Event::ObjectsCommitted { objects } => self.objects(objects),
            Event::Committed { scripts } => self.line(&format!("committed {}", names(scripts))),
            Event::Kept { .. } if !self.verbose => {}
            event => {
                if let Some(text) = sentence(event) {
                    self.line(&text);
                }
            }
        }
    }

    /// Shows what happened to a script. Recorded scripts and those of a rebuild share a line.
    fn script(&self, what: &'static str, name: String, how: &str) {
        if self.verbose || what == "ran" && !self.sums_up.load(Ordering::Relaxed) {
            return self.line(&format!("{what} {name}{how}"));
        }
        if let Some(together) = lock(&self.together).as_mut().filter(|together| together.what == what) {
            (together.last, together.count) = (name, together.count + 1);
            return;
        }
        self.apart();
        *lock(&self.together) = Some(Together { what, first: name.clone(), last: name, count: 1, how: how.to_owned() });
    }

    /// Writes the line that scripts share, if there is one.
    fn apart(&self) {
        let Some(Together { what, first, last, count, how }) = lock(&self.together).take() else { return };
        let text = match count {
            1 => format!("{what} {first}{how}"),
            _ if what == "ran" => format!("{what} {first} to {last}"),
            _ => format!("{what} {first} to {last} as applied, without running them"),
        };
        self.write(&text);
    }

    /// Names the object files that were applied, or counts them if they are many.
    fn objects(&self, objects: &[AppliedObject]) {
        let shown = if self.verbose || objects.len() <= NAMED { objects } else { &objects[..NAMED] };
        for object in shown {
            self.line(&format!("applied {} ({})", object.path, reason(object.why)));
        }
        if shown.len() < objects.len() {
            self.line(&format!("applied {} more objects", objects.len() - shown.len()));
        }
    }

    fn planned(&self, plan: &Plan) {
        let (count, objects) = (plan.steps().count(), plan.objects().count());
        if count + objects == 0 {
            return;
        }
        for warning in plan.warnings() {
            self.line(&format!("warning: {}", hints::warning(warning)));
        }
        self.line(&format!("{} pending: {}", pending(count, objects), plan.guarantee()));
        if self.terminal && count > 0 {
            *lock(&self.bar) = Some(Bar::new(plan));
        }
    }

    fn started(&self, script: &Script) {
        self.with_bar(|bar| bar.shown.set_message(format!("{}/{} {}", bar.ran.0 + 1, bar.scripts, script.name())));
    }

    /// Writes a line of text, above the bar.
    pub(super) fn line(&self, text: &str) {
        self.apart();
        self.write(text);
    }

    fn write(&self, text: &str) {
        if !self.with_bar(|bar| bar.shown.println(text)) {
            Self::emit(&format!("{text}\n"));
        }
    }

    /// Writes text unchanged, after removing the bar.
    pub(super) fn text(&self, text: &str) {
        self.finish();
        Self::emit(text);
    }

    /// Writes to standard error. No other function does.
    fn emit(text: &str) {
        // a failure cannot be reported: standard error is where errors go
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }

    /// Begins the bar of a fleet, on a terminal.
    pub(super) fn begin_fleet(&self, databases: usize) {
        const TEMPLATE: &str = "{bar:30} {pos}/{len} databases {msg}";
        if self.quiet || !self.terminal || databases < 2 {
            return;
        }
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(databases as u64).with_style(style);
        *lock(&self.bar) = Some(Bar { shown: bar, scripts: 0, ran: (0, 0), committed: (0, 0) });
    }

    /// Shows that a database of a fleet is done.
    pub(super) fn follow_fleet(&self, ended: &Ended) {
        let failed = ended.error.as_ref().map(|error| format!("{}: {} ({error})", ended.outcome.as_str(), ended.name));
        let is_new = failed.is_some();
        self.with_bar(|bar| {
            bar.shown.inc(1);
            bar.ran.0 += usize::from(is_new);
            if is_new {
                bar.shown.set_message(format!("{} failed", bar.ran.0));
            }
        });
        if self.verbose {
            self.line(&failed.unwrap_or_else(|| format!("{}: {}", ended.outcome.as_str(), ended.name)));
        }
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        self.apart();
        if let Some(bar) = lock(&self.bar).take() {
            bar.shown.finish_and_clear();
        }
    }

    fn with_bar(&self, act: impl FnOnce(&mut Bar)) -> bool {
        lock(&self.bar).as_mut().map(act).is_some()
    }
}

impl Bar {
    fn new(plan: &Plan) -> Self {
        const TEMPLATE: &str = "{bar:30} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {msg}";
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bytes = plan.steps().map(|step| step.script().bytes()).sum();
        Self {
            shown: ProgressBar::new(bytes).with_style(style),
            scripts: plan.steps().count(),
            ran: (0, 0),
            committed: (0, 0),
        }
    }

    fn follow(&mut self, event: &Event<'_>) {
        match event {
            Event::Committed { .. } => self.committed = self.ran,
            Event::Retrying { .. } => {
                self.ran = self.committed;
                self.shown.set_position(self.ran.1);
            }
            _ => {}
        }
    }

    fn ran(&mut self, script: &Script) {
        self.ran = (self.ran.0 + 1, self.ran.1 + script.bytes());
        self.shown.set_position(self.ran.1);
    }
}

/// The most object files that are named.
const NAMED: usize = 10;

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn names(scripts: &[&Script]) -> String {
    match scripts {
        [] => String::new(),
        [only] => name(only),
        [first, .., last] => format!("{} to {}", name(first), name(last)),
    }
}

fn name(script: &Script) -> String {
    if script.is_stand_in() { "the database as it is".into() } else { script.name() }
}

/// Returns the line for an event that is shown alike on a terminal and elsewhere.
pub(super) fn sentence(event: &Event<'_>) -> Option<String> {
    let text = match event {
        Event::Connecting { reason } => format!("waiting for the server: {reason}"),
        Event::WaitingForUpgrade { scripts, objects } => {
            format!("waiting for an upgrade: {} pending", pending(*scripts, *objects))
        }
        Event::WaitingForRun { holder } => format!("waiting for another run: {holder}"),
        Event::WaitingForLock { blockers } => format!("waiting for a lock held by {blockers}"),
        Event::Retrying { blockers, pause, attempt, attempts } => {
            Retry(*blockers, *pause, *attempt, *attempts).to_string()
        }
        Event::Notice { severity, message } => format!("{severity}: {message}"),
        Event::Warned { warning } => format!("warning: {}", hints::warning(warning)),
        Event::Copied { template } => format!("copied the template at {template}"),
        Event::Kept { template } => format!("kept a template at {template}"),
        Event::Swapping => "replacing the old database".into(),
        _ => return None,
    };
    Some(text)
}

struct Retry<'a>(Option<&'a str>, std::time::Duration, u32, u32);

impl fmt::Display for Retry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(blockers, pause, attempt, attempts) = self;
        f.write_str("could not acquire a lock in time")?;
        if let Some(blockers) = blockers {
            write!(f, " (held by {blockers})")?;
        }
        let pause = humantime::format_duration(*pause);
        write!(f, ": attempt {} of {attempts} in {pause}", attempt + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_goes_back_to_what_is_committed_when_a_transaction_begins_again() {
        let (shown, scripts, ran) = (ProgressBar::new(100), 3, (2, 60));
        let mut bar = Bar { shown, scripts, ran, committed: (0, 0) };
        let pause = std::time::Duration::ZERO;
        bar.follow(&Event::Retrying { blockers: None, pause, attempt: 1, attempts: 5 });
        assert_eq!((bar.ran, bar.shown.position()), ((0, 0), 0));
        bar.ran = (1, 30);
        bar.follow(&Event::Committed { scripts: &[] });
        bar.ran = (2, 60);
        bar.follow(&Event::Retrying { blockers: None, pause, attempt: 1, attempts: 5 });
        assert_eq!((bar.ran, bar.shown.position()), ((1, 30), 30));
    }
}
