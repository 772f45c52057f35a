//! Properties that hold for every folder and every journal.

use crate::sql::MYSQL;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// Any folder, right or wrong.
fn any_folder() -> impl Strategy<Value = String> {
    proptest::collection::vec("B?[0-7][x~+?]{0,2}", 0..10).prop_map(|words| {
        // a script has no number 0
        words
            .iter()
            .map(|word| if word.starts_with('0') { format!("B{word}") } else { word.clone() })
            .collect::<Vec<_>>()
            .join(" ")
    })
}

/// Any journal: at most one row for each number.
fn any_journal() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::option::of(("[bifs]?", "B?", "[x~]?")), 0..9).prop_map(|rows| {
        let rows = rows.into_iter().enumerate().filter_map(|(number, row)| row.map(|row| (number, row)));
        // a script has no number 0
        let kind = |number, kind| if number == 0 { "B".into() } else { kind };
        let words =
            rows.map(|(number, (state, letter, marks))| format!("{state}{}{number}{marks}", kind(number, letter)));
        words.collect::<Vec<String>>().join(" ")
    })
}

fn any_goal() -> impl Strategy<Value = UpgradeOptions> {
    let mode = prop_oneof![Just(TransactionMode::Single), Just(TransactionMode::PerScript)];
    (proptest::option::of(0_u64..9), mode, proptest::option::weighted(0.1, 0_usize..4)).prop_map(
        |(to, mode, resume_at)| UpgradeOptions::new().to(to.map(number)).transaction(mode).resume_at(resume_at),
    )
}

/// A sound history.
#[derive(Debug, Clone)]
struct Sound {
    folder: Vec<String>,
    journal: String,
    at: u64,
}

impl Sound {
    fn folder(&self) -> Scripts {
        folder(&self.folder.join(" "))
    }

    fn journal(&self) -> Journal {
        journal(&self.journal)
    }

    /// Returns the numbers of the scripts on disk that the database has.
    fn applied(&self) -> Vec<u64> {
        let rows = self.journal().entries;
        let rows = rows.iter().filter(|entry| entry.kind() == Kind::Script).map(|entry| u64::from(entry.number.get()));
        rows.filter(|number| self.folder.iter().any(|word| script(word) == Some(*number))).collect()
    }

    fn newest_baseline(&self) -> u64 {
        self.folder().baselines().last().map_or(0, |baseline| baseline.number().get().into())
    }
}

fn script(word: &str) -> Option<u64> {
    word.trim_end_matches(['~', '+']).parse().ok()
}

/// A history in which scripts were written, a database was built from some of them, more were written, and a new
/// baseline may have replaced old ones.
fn sound() -> impl Strategy<Value = Sound> {
    let marks = proptest::collection::vec("(~|\\+)?", 1..8);
    (marks, any::<bool>(), any::<Index>(), proptest::option::of((any::<Index>(), any::<Index>()))).prop_map(
        |(marks, baseline, built, newer)| {
            let scripts = marks.iter().enumerate().map(|(i, marks)| format!("{}{marks}", i + 1)).collect::<Vec<_>>();
            let at = built.index(scripts.len() + 1);
            let first = if baseline { vec!["B0".to_owned()] } else { Vec::new() };
            let journal = [&first[..], &scripts[..at]].concat().join(" ");
            let folder = match newer {
                None => [&first[..], &scripts].concat(),
                Some((newer, deleted)) => {
                    let newer = newer.index(scripts.len()) + 1;
                    let deleted = if journal.is_empty() { newer } else { deleted.index(newer.min(at) + 1) };
                    [&[format!("B{newer}")], &scripts[deleted..]].concat()
                }
            };
            Sound { folder, journal, at: at as u64 }
        },
    )
}

/// Any folder and any journal, and also sound ones whose next script may have failed, because most random ones are
/// wrong in many ways.
fn any_history() -> impl Strategy<Value = (String, String)> {
    let stopped = (sound(), any::<bool>()).prop_map(|(history, stopped)| {
        let next = history.at + 1;
        let due = history.folder.iter().find(|word| stopped && script(word) == Some(next));
        let journal = due.map_or(history.journal.clone(), |due| format!("{} f{due}", history.journal));
        (history.folder.join(" "), journal)
    });
    prop_oneof![(any_folder(), any_journal()), stopped]
}

/// Applies a plan without a database.
fn pretend(journal: &Journal, plan: &Plan) -> Journal {
    let mut entries = journal.entries.clone();
    for step in plan.steps() {
        let script = step.script();
        entries.retain(|entry| entry.number != script.number());
        let letter = if script.kind() == Kind::Baseline { "B" } else { "" };
        let entry = Word::parse(&format!("{letter}{}", script.number().get())).entry();
        entries.push(Entry { checksum: script.known_checksum(), ..entry });
    }
    entries.sort_by_key(|entry| entry.number);
    Journal { entries, exists: true, format: 1, occupied: false, ..Journal::default() }
}

fn numbers(plan: &Plan) -> Vec<Number> {
    plan.steps().map(|step| step.script().number()).collect()
}

/// Whether a problem names its number: `Script-0003.sql`, `0003-0004`, `Baseline.sql`.
fn is_named(problems: &[Problem], name: &str) -> bool {
    problems.iter().any(|problem| problem.to_string().contains(name))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_global_rejects: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_takes_up_only_what_is_not_done((files, rows) in any_history(), options in any_goal()) {
        let (scripts, journal) = (folder(&files), journal(&rows));
        if let Ok(plan) = plan_to(&scripts, &journal, &options) {
            for step in plan.steps() {
                let row = journal.entries.iter().find(|entry| entry.number == step.script().number());
                prop_assert!(row.is_none_or(|row| !row.state.is_done()), "{}", word(step));
                prop_assert_eq!(row.is_some(), step.resume.is_some(), "{}", word(step));
            }
        }
    }

    #[test]
    fn a_plan_only_goes_up_and_not_beyond_its_goal((files, rows) in any_history(), options in any_goal()) {
        let (scripts, journal) = (folder(&files), journal(&rows));
        if let Ok(plan) = plan_to(&scripts, &journal, &options) {
            let numbers = numbers(&plan);
            prop_assert!(numbers.is_sorted_by(|a, b| a < b), "{:?}", numbers);
            let fresh = plan.steps().find(|step| step.resume.is_none()).map(|step| step.script().number());
            prop_assert!(fresh.is_none_or(|first| Some(first) > journal.at()));
            prop_assert!(numbers.last() <= options.to.as_ref().or(numbers.last()), "{:?}", numbers);
        }
    }

    #[test]
    fn a_plan_leaves_nothing_out((files, rows) in any_history(), options in any_goal()) {
        let (scripts, journal) = (folder(&files), journal(&rows));
        if let Ok(plan) = plan_to(&scripts, &journal, &options) {
            let after = pretend(&journal, &plan);
            let built = after.entries.iter().rfind(|entry| entry.kind() == Kind::Baseline).map(|entry| entry.number);
            let options = options.to.unwrap_or(Number::MAX);
            for script in scripts.scripts().iter().filter(|script| script.number() <= options) {
                prop_assert!(after.find(Kind::Script, script.number()).is_some() || Some(script.number()) <= built);
            }
        }
    }

    #[test]
    fn a_plan_leaves_nothing_unfinished((files, rows) in any_history()) {
        let (scripts, journal) = (folder(&files), journal(&rows));
        if let Ok(plan) = plan_to(&scripts, &journal, &UpgradeOptions::new()) {
            let after = pretend(&journal, &plan);
            prop_assert!(after.entries.iter().all(|entry| entry.state.is_done()));
        }
    }

    #[test]
    fn after_a_plan_nothing_is_due((files, rows) in any_history(), options in any_goal()) {
        let (scripts, journal) = (folder(&files), journal(&rows));
        if let Ok(plan) = plan_to(&scripts, &journal, &options) {
            let again = plan_to(&scripts, &pretend(&journal, &plan), &options.resume_at(None));
            prop_assert_eq!(again.map(|plan| numbers(&plan)), Ok(Vec::new()));
        }
    }

    #[test]
    fn two_steps_lead_where_one_leads(history in sound(), half in any::<Index>()) {
        let scripts = history.folder();
        let whole = plan_to(&scripts, &history.journal(), &UpgradeOptions::new()).expect("a sound history");
        let Some(stop) = (!whole.is_empty()).then(|| numbers(&whole)[half.index(numbers(&whole).len())]) else { return Ok(()) };
        let first = plan_to(&scripts, &history.journal(), &UpgradeOptions::new().to(Some(stop)));
        let first = first.map_err(|problems| TestCaseError::fail(format!("--to {stop}: {problems:?}")))?;
        let second = plan_to(&scripts, &pretend(&history.journal(), &first), &UpgradeOptions::new());
        let second = second.map_err(|problems| TestCaseError::fail(format!("after --to {stop}: {problems:?}")))?;
        let both = numbers(&first).into_iter().chain(numbers(&second)).collect::<Vec<_>>();
        prop_assert_eq!(both, numbers(&whole));
    }

    #[test]
    fn the_groups_are_the_plan((files, rows) in any_history(), options in any_goal()) {
        let (scripts, journal) = (folder(&files), journal(&rows));
        let pending = History::new(&scripts, &journal, &options).pending.iter().map(word).collect::<Vec<_>>();
        if let Ok(plan) = plan_to(&scripts, &journal, &options) {
            let grouped = plan.groups().iter().flat_map(Group::steps).map(word).collect::<Vec<_>>();
            prop_assert_eq!(grouped, pending);
            for group in plan.groups() {
                let alone = group.steps().len() == 1;
                let outside = group.steps().iter().any(|step| step.script().no_transaction());
                prop_assert!(!group.steps().is_empty());
                prop_assert_eq!(group.in_transaction(), !outside);
                prop_assert!(alone || !outside && options.transaction == TransactionMode::Single);
            }
            prop_assert_eq!(plan.guarantee().is_atomic(), plan.groups().len() <= 1 && plan.groups().iter().all(Group::in_transaction));
        }
    }

    #[test]
    fn a_sound_history_has_no_problem(history in sound()) {
        let plan = plan_to(&history.folder(), &history.journal(), &UpgradeOptions::new());
        prop_assert!(plan.is_ok(), "{:?}", plan);
    }

    #[test]
    fn an_edit_of_what_is_applied_is_named(history in sound(), which in any::<Index>()) {
        let rows = history.journal().entries;
        let on_disk = history.folder.iter().enumerate().filter(|(_, word)| {
            let word = Word::parse(word);
            rows.iter().any(|entry| entry.script == word.name())
        });
        let on_disk = on_disk.map(|(at, _)| at).collect::<Vec<_>>();
        prop_assume!(!on_disk.is_empty());
        let mut history = history;
        let at = on_disk[which.index(on_disk.len())];
        history.folder[at].push('x');
        let problems = plan_to(&history.folder(), &history.journal(), &UpgradeOptions::new()).expect_err("a script was edited");
        prop_assert!(is_named(&problems, &Word::parse(&history.folder[at]).name()), "{:?}", problems);
    }

    #[test]
    fn a_deleted_script_is_named(history in sound(), which in any::<Index>()) {
        // without its last scripts, the folder belongs to an older build; a baseline contains the scripts below it
        let highest = history.folder.last().and_then(|word| script(word)).unwrap_or_default();
        let needed = |number: u64| number > history.newest_baseline() && number < highest;
        let needed = (0..history.folder.len()).filter(|at| script(&history.folder[*at]).is_some_and(needed)).collect::<Vec<_>>();
        prop_assume!(!needed.is_empty());
        let mut history = history;
        let gone = history.folder.remove(needed[which.index(needed.len())]);
        let problems = plan_to(&history.folder(), &history.journal(), &UpgradeOptions::new()).expect_err("a script is gone");
        prop_assert!(is_named(&problems, &Word::parse(&gone).name()), "{:?}", problems);
    }

    #[test]
    fn a_script_that_came_late_is_named(history in sound(), which in any::<Index>()) {
        // as if this script had been written after the later ones were applied
        let late = history.applied().into_iter().filter(|number| *number < history.at).collect::<Vec<_>>();
        prop_assume!(!late.is_empty());
        let late = late[which.index(late.len())];
        let mut journal = history.journal();
        journal.entries.retain(|entry| entry.number != number(late));
        let problems = plan_to(&history.folder(), &journal, &UpgradeOptions::new()).expect_err("a script is late");
        prop_assert!(is_named(&problems, &number(late).script_name()), "{:?}", problems);
    }

    #[test]
    fn a_number_that_stands_twice_is_named(history in sound(), which in any::<Index>(), edited in any::<bool>()) {
        prop_assume!(!history.folder.is_empty());
        let mut history = history;
        let twice = history.folder[which.index(history.folder.len())].clone() + if edited { "x" } else { "" };
        let name = Word::parse(&twice).name();
        history.folder.push(twice);
        let problems = plan_to(&history.folder(), &history.journal(), &UpgradeOptions::new()).expect_err("a number stands twice");
        prop_assert!(is_named(&problems, &format!("/{name}")), "{:?}", problems);
    }

    #[test]
    fn where_the_engine_commits_at_once_only_what_commits_nothing_is_bound_together(
        marks in proptest::collection::vec("(~|!)?", 1..9)
    ) {
        let words = marks.iter().enumerate().map(|(i, mark)| format!("{}{mark}", i + 1)).collect::<Vec<_>>();
        let plan = plan_for(MYSQL, &folder(&words.join(" ")), &Journal::default(), &UpgradeOptions::new());
        let plan = plan.expect("nothing is wrong");
        let order = plan.steps().map(word).collect::<Vec<_>>();
        prop_assert_eq!(order, (1..=marks.len()).map(|number| number.to_string()).collect::<Vec<_>>());
        let kept = |step: &Step| marks[usize::try_from(step.script().number().get()).expect("small") - 1].is_empty();
        for group in plan.groups() {
            prop_assert_eq!(group.in_transaction(), group.steps().iter().all(kept));
            prop_assert!(group.in_transaction() || group.steps().len() == 1);
        }
        let neighbours = plan.groups().windows(2);
        prop_assert!(neighbours.into_iter().all(|pair| !(pair[0].in_transaction() && pair[1].in_transaction())));
        prop_assert_eq!(plan.guarantee().is_atomic(), marks.iter().all(String::is_empty));
    }
}
