//! Which scripts commit together, and what the guarantee says.

use super::*;
use crate::sql::MYSQL;

/// Returns the groups of a folder's plan for an empty database, and the guarantee: `1 2 | 3: atomic ...`.
fn grouped(folder_text: &str, mode: TransactionMode) -> String {
    grouped_for(POSTGRES, folder_text, mode)
}

fn grouped_for(dialect: &'static dyn Dialect, folder_text: &str, mode: TransactionMode) -> String {
    let options = UpgradeOptions::new().transaction(mode);
    let plan = plan_for(dialect, &folder(folder_text), &Journal::default(), &options);
    let plan = plan.expect("nothing is wrong");
    let group = |group: &Group| group.steps().iter().map(word).collect::<Vec<_>>().join(" ");
    format!("{}: {}", plan.groups().iter().map(group).collect::<Vec<_>>().join(" | "), plan.guarantee())
}

const ADDS: &str = "ALTER TYPE color ADD VALUE 'red'";

#[test]
fn everything_pending_is_one_transaction() {
    for (folder, expected) in [("1", "1: atomic (one transaction)"), ("B0 1 2 3", "B0 1 2 3: atomic (one transaction)")]
    {
        assert_eq!(grouped(folder, TransactionMode::Single), expected);
    }
}

#[test]
fn nothing_to_do_is_said() {
    let plan = plan("1 2", "1 2");
    assert_eq!((plan.is_empty(), plan.guarantee().to_string().as_str()), (true, "nothing to do"));
}

#[test]
fn a_script_outside_a_transaction_stands_alone() {
    for (folder, expected) in [
        ("1~", "1: not atomic: Script-0001 (no-transaction)"),
        ("1~ 2~", "1 | 2: not atomic: Script-0001, Script-0002 (no-transaction)"),
        ("1~ 2 3", "1 | 2 3: atomic except Script-0001 (no-transaction)"),
        ("1 2 3~", "1 2 | 3: atomic except Script-0003 (no-transaction)"),
        ("1 2~ 3", "1 | 2 | 3: atomic except Script-0002 (no-transaction)"),
        ("1~ 2 3~", "1 | 2 | 3: atomic except Script-0001, Script-0003 (no-transaction)"),
        ("B0~ 1", "B0 | 1: atomic except Baseline (no-transaction)"),
    ] {
        assert_eq!(grouped(folder, TransactionMode::Single), expected);
    }
}

#[test]
fn an_enumeration_value_ends_its_group_when_more_is_pending() {
    let after = |scripts: &str| {
        scripts.split(' ').map(|script| format!("{script} ({ADDS})")).collect::<Vec<_>>().join(" and after ")
    };
    for (folder, expected) in [
        ("1 2+", "1 2: atomic (one transaction)".to_owned()),
        ("1+ 2", format!("1 | 2: atomic in 2 parts: commits after {}", after("Script-0001"))),
        ("1 2+ 3+ 4", format!("1 2 | 3 | 4: atomic in 3 parts: commits after {}", after("Script-0002 Script-0003"))),
        ("1+ 2 3+", format!("1 | 2 3: atomic in 2 parts: commits after {}", after("Script-0001"))),
        ("1~ 2+", "1 | 2: atomic except Script-0001 (no-transaction)".into()),
        ("1~+ 2", "1 | 2: atomic except Script-0001 (no-transaction)".into()),
        (
            "1+ 2 3~ 4",
            format!(
                "1 | 2 | 3 | 4: atomic in 3 parts except Script-0003 (no-transaction): commits after {}",
                after("Script-0001")
            ),
        ),
    ] {
        assert_eq!(grouped(folder, TransactionMode::Single), expected);
    }
}

#[test]
fn what_ends_a_group_is_told_even_where_it_ends_anyway() {
    let expected = format!("1 | 2: atomic except Script-0002 (no-transaction): commits after Script-0001 ({ADDS})");
    assert_eq!(grouped("1+ 2~", TransactionMode::Single), expected);
}

#[test]
fn a_transaction_for_each_script_is_asked_for() {
    for (folder, expected) in [
        ("1", "1: atomic (one transaction)"),
        ("1 2", "1 | 2: atomic per script"),
        ("1+ 2", "1 | 2: atomic per script"),
        ("1 2~ 3", "1 | 2 | 3: atomic per script except Script-0002 (no-transaction)"),
        ("1~ 2", "1 | 2: atomic except Script-0001 (no-transaction)"),
    ] {
        assert_eq!(grouped(folder, TransactionMode::PerScript), expected);
    }
}

#[test]
fn only_one_transaction_is_atomic() {
    for (folder, atomic) in [("1 2", true), ("1~", false), ("1 2~", false), ("1+ 2", false), ("1 2+", true)] {
        let plan = plan(folder, "");
        assert_eq!(plan.guarantee().is_atomic(), atomic, "{folder}");
    }
}

#[test]
fn recording_is_one_transaction_whatever_the_scripts_are() {
    let history = History::new(&folder("B0~ 1+ 2"), &Journal::default(), &UpgradeOptions::new());
    let plan = Plan::recording(history);
    assert_eq!((plan.groups().len(), plan.guarantee().to_string().as_str()), (1, "atomic (one transaction)"));
}

#[test]
fn what_is_built_beside_the_old_database_is_atomic_whatever_the_scripts_are() {
    let plan = plan("B0 1~ 2+ 3", "").in_new_database(NewDatabase::SideConnections);
    assert!(plan.guarantee().is_atomic());
    assert_eq!(plan.guarantee().to_string(), "atomic (a new database replaces the old one at the end)");
}

#[test]
fn what_the_engine_commits_at_once_is_resumable() {
    let resumable = |which: &str| format!("resumable, not atomic: {which} statement by statement");
    let (first, second) = ("Script-0001 (CREATE TABLE t)", "Script-0002 (CREATE TABLE t)");
    for (folder, groups, which, rest) in [
        ("1!", "1", format!("{first} commits"), ""),
        ("1! 2 3", "1 | 2 3", format!("{first} commits"), "; the rest in one transaction"),
        ("1 2! 3 4", "1 | 2 | 3 4", format!("{second} commits"), "; the rest in 2 transactions"),
        ("1! 2! 3", "1 | 2 | 3", format!("{first} and {second} commit"), "; the rest in one transaction"),
        ("B0 1! 2! 3! 4", "B0 | 1 | 2 | 3 | 4", format!("{first} and 2 more commit"), "; the rest in 2 transactions"),
        ("1! 2~", "1 | 2", format!("{first} and Script-0002 (no-transaction) commit"), ""),
    ] {
        let expected = format!("{groups}: {}{rest}", resumable(&which));
        assert_eq!(grouped_for(MYSQL, folder, TransactionMode::Single), expected);
    }
    assert_eq!(grouped_for(MYSQL, "1 2 3", TransactionMode::Single), "1 2 3: atomic (one transaction)");
    assert_eq!(grouped_for(MYSQL, "1 2", TransactionMode::PerScript), "1 | 2: atomic per script");
    // other engines roll it back
    assert_eq!(grouped("1! 2", TransactionMode::Single), "1 2: atomic (one transaction)");
}

#[test]
fn what_is_built_in_the_old_database_s_place_is_not_atomic() {
    let plan = plan("B0 1", "").in_new_database(NewDatabase::InPlace);
    assert!(!plan.guarantee().is_atomic());
    assert_eq!(plan.guarantee().to_string(), "not atomic (the old database is dropped first)");
}
