//! A test takes one line: `plan("B0 1 2x 3~", "B0 1 b2 f3")` is a folder and a journal.

mod groups;
mod history;
mod laws;

use std::time::Duration;

use super::*;
use crate::error::Error;
use crate::journal::{Entry, Journal, State};
use crate::preflight;
use crate::script::{Kind, Scripts};
use crate::sql::{Context, Dialect, POSTGRES};

/// A script `3` or a baseline `B5`. Marks after it: `x` edited, `~` outside a transaction, `+` adds a value to an
/// enumeration, `!` creates a table, `?` not text. A letter before it is what the journal says: `b` baselined, `i`
/// imported, `s` started, `p` paused, `f` failed.
struct Word<'a> {
    kind: Kind,
    number: Number,
    state: State,
    marks: &'a str,
}

impl<'a> Word<'a> {
    fn parse(word: &'a str) -> Self {
        let states = [
            ('b', State::Baselined),
            ('i', State::Imported),
            ('s', State::Started),
            ('p', State::Paused),
            ('f', State::Failed),
        ];
        let recorded = states.iter().find_map(|(letter, state)| word.strip_prefix(*letter).map(|rest| (*state, rest)));
        let (state, rest) = recorded.unwrap_or((State::Applied, word));
        let (kind, rest) = rest.strip_prefix('B').map_or((Kind::Script, rest), |rest| (Kind::Baseline, rest));
        let digits = rest.trim_end_matches(|c: char| !c.is_ascii_digit());
        Self { kind, number: digits.parse().expect("a word has digits"), state, marks: &rest[digits.len()..] }
    }

    fn name(&self) -> String {
        if self.kind == Kind::Script { self.number.script_name() } else { self.number.baseline_name() }
    }

    fn text(&self) -> String {
        let directive = if self.marks.contains('~') { "-- dbmigrate: no-transaction\n" } else { "" };
        let edited = if self.marks.contains('x') { " -- edited" } else { "" };
        let statement = match self.marks {
            marks if marks.contains('+') => "ALTER TYPE color ADD VALUE 'red'",
            marks if marks.contains('!') => "CREATE TABLE t (id integer)",
            _ => "SELECT 1",
        };
        format!("{directive}{statement};\nSELECT {};{edited}\n", self.number.get())
    }

    fn bytes(&self) -> Vec<u8> {
        if self.marks.contains('?') { vec![0xff] } else { self.text().into_bytes() }
    }

    fn entry(&self) -> Entry {
        Entry {
            number: self.number,
            script: self.name(),
            title: None,
            checksum: Checksum::of(&self.text()),
            state: self.state,
            applied_at: crate::Timestamp::new("2026-01-31T23:59:59.123Z"),
            duration: Duration::ZERO,
            applied_by: "deploy@web1".into(),
            run: "run".into(),
            tool_version: "0.1.0".into(),
            git_commit: None,
            statements_done: (!self.state.is_done()).then_some(0),
            done_checksum: None,
        }
    }
}

fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    text.split_whitespace().map(Word::parse)
}

/// A word that is repeated is in another folder.
fn folder(text: &str) -> Scripts {
    let mut names = std::collections::BTreeSet::new();
    let files = words(text).enumerate().map(|(i, word)| {
        let again = if names.insert(word.name()) { String::new() } else { format!("copy{i}/") };
        (again + &word.name(), word.bytes())
    });
    Scripts::from_files(files.collect::<Vec<_>>())
}

fn journal(text: &str) -> Journal {
    Journal {
        entries: words(text).map(|word| word.entry()).collect(),
        exists: !text.is_empty(),
        format: 1,
        occupied: false,
        ..Journal::default()
    }
}

fn number(number: u64) -> Number {
    Number::new(number).expect("the tests' numbers are small")
}

fn to(through: u64) -> UpgradeOptions {
    UpgradeOptions::new().to(Some(number(through)))
}

/// Plans as a run does.
fn plan_to(folder: &Scripts, journal: &Journal, options: &UpgradeOptions) -> Result<Plan, Vec<Problem>> {
    plan_for(POSTGRES, folder, journal, options)
}

fn plan_for(
    dialect: &'static dyn Dialect,
    folder: &Scripts,
    journal: &Journal,
    options: &UpgradeOptions,
) -> Result<Plan, Vec<Problem>> {
    match preflight::plan(folder, journal, options, &Context::new(dialect)) {
        Ok(plan) => Ok(plan),
        Err(Error::Refused { problems }) => Err(problems),
        Err(error) => panic!("scripts in memory can be read: {error}"),
    }
}

fn plan(folder_text: &str, journal_text: &str) -> Plan {
    plan_to(&folder(folder_text), &journal(journal_text), &UpgradeOptions::new()).expect("nothing is wrong")
}

/// Returns every problem, as one message each.
fn wrong_to(folder_text: &str, journal_text: &str, options: &UpgradeOptions) -> Vec<String> {
    let plan = plan_to(&folder(folder_text), &journal(journal_text), options);
    plan.err().unwrap_or_default().iter().map(ToString::to_string).collect()
}

fn wrong(folder: &str, journal: &str) -> Vec<String> {
    wrong_to(folder, journal, &UpgradeOptions::new())
}

/// Returns a step as a word.
fn word(step: &Step) -> String {
    let kind = if step.script().kind() == Kind::Baseline { "B" } else { "" };
    format!("{kind}{}", step.script().number().get())
}

/// Returns what is due, in words, or else what is wrong.
fn due_to(folder_text: &str, journal_text: &str, options: &UpgradeOptions) -> String {
    match plan_to(&folder(folder_text), &journal(journal_text), options) {
        Ok(plan) => plan.steps().map(word).collect::<Vec<_>>().join(" "),
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
    }
}

fn due(folder: &str, journal: &str) -> String {
    due_to(folder, journal, &UpgradeOptions::new())
}
