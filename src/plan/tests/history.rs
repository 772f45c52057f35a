//! What is pending and what is wrong with the history.

use super::*;

const AT: &str = "2026-01-31T23:59:59.123Z";

fn hints(folder_text: &str, journal_text: &str) -> Vec<String> {
    let plan = plan_to(&folder(folder_text), &journal(journal_text), &UpgradeOptions::new());
    plan.expect_err("something is wrong").iter().map(Problem::hint).collect()
}

fn warnings(folder: &str, journal: &str) -> Vec<String> {
    plan(folder, journal).warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn what_the_journal_lacks_is_pending() {
    for (folder, journal, pending) in [
        ("1 2 3", "", "1 2 3"),
        ("B0", "", "B0"),
        ("B0 1 2 3", "", "B0 1 2 3"),
        ("B0 1 2 3", "B0 1 2", "3"),
        ("B0 1 2 3", "bB0 b1 i2", "3"),
        ("1 2 3", "1 2 3", ""),
        ("3 1 2", "1", "2 3"),
    ] {
        assert_eq!(due(folder, journal), pending, "{folder} against {journal}");
    }
}

#[test]
fn a_plan_says_where_the_database_is() {
    assert_eq!(plan("1 2", "").at(), None);
    assert_eq!(plan("1 2 3~", "1 2 f3~").at(), Some(number(2)));
    assert_eq!(plan("B5 6", "B5").at(), Some(number(5)));
}

#[test]
fn an_applied_script_must_not_change() {
    assert_eq!(wrong("1 2x 3", "1 2"), [format!("Script-0002.sql has changed since it was applied ({AT})")]);
    assert_eq!(wrong("B0x 1", "B0 1"), [format!("Baseline.sql has changed since it was applied ({AT})")]);
    assert_eq!(wrong("1 2x", "1 b2").len(), 1);
    assert_eq!(wrong("1 2x", "1 i2").len(), 1);
    assert_eq!(due("1 2x 3", "1"), "2 3", "a pending script may change");
    assert_eq!(due("B0x 1", "1"), "", "a baseline that did not build the database may change");
}

#[test]
fn a_changed_script_names_both_checksums() {
    let (scripts, journal) = (folder("1x"), journal("1"));
    let problems = History::new(&scripts, &journal, &UpgradeOptions::new()).problems;
    let [Problem::Changed { applied, on_disk, .. }] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!((*applied, *on_disk), (journal.entries[0].checksum, scripts.scripts()[0].known_checksum()));
}

#[test]
fn an_applied_script_must_not_be_missing() {
    assert_eq!(wrong("1 3", "1 2 3"), [format!("Script-0002.sql was applied ({AT}) but its file is missing")]);
    assert_eq!(wrong("1", "B0 1"), [format!("Baseline.sql was applied ({AT}) but its file is missing")]);
    assert_eq!(wrong("4", "1 2 3 4").len(), 3);
}

#[test]
fn a_late_script_is_out_of_order_and_gets_the_next_free_number() {
    let late =
        |number: u32, at: u32| format!("Script-{number:04}.sql is out of order: the database is already at {at:04}");
    assert_eq!(wrong("1 2 3 4", "1 3"), [late(2, 3)]);
    assert_eq!(hints("1 2 3 4", "1 3"), ["renumber it to Script-0005.sql"]);
    assert_eq!(wrong("1 2 3 4 5", "1 5"), [late(2, 5), late(3, 5), late(4, 5)]);
    let renumber = [6, 7, 8].map(|free| format!("renumber it to Script-{free:04}.sql"));
    assert_eq!(hints("1 2 3 4 5", "1 5"), renumber);
    assert_eq!(hints("1 2 3", "1 3 9"), ["renumber it to Script-0010.sql"], "the database is ahead of the folder");
}

#[test]
fn a_script_before_an_unfinished_one_is_out_of_order_too() {
    assert_eq!(hints("1 2 3~", "1 f3~"), ["renumber it to Script-0004.sql"]);
    assert_eq!(due("1 2~ 3", "1 f2~"), "2 3");
}

#[test]
fn gaps_are_reported_as_ranges() {
    assert_eq!(wrong("1 3", ""), ["Script-0002.sql is missing, but higher numbers exist"]);
    assert_eq!(
        wrong("B0 3 4 8", "B0"),
        [
            "scripts 0001-0002 are missing, but higher numbers exist",
            "scripts 0005-0007 are missing, but higher numbers exist"
        ]
    );
    assert_eq!(wrong("1 2 4294967294", "1 2"), ["scripts 0003-4294967293 are missing, but higher numbers exist"]);
    assert_eq!(wrong("B5 7", "B5"), ["Script-0006.sql is missing, but higher numbers exist"]);
}

#[test]
fn a_number_stands_once() {
    assert_eq!(
        wrong("1 2 2 2", "1"),
        ["number 0002 is used more than once: Script-0002.sql, copy2/Script-0002.sql, copy3/Script-0002.sql"]
    );
    assert_eq!(wrong("B0 B0 1", ""), ["number 0000 is used more than once: Baseline.sql, copy1/Baseline.sql"]);
    assert_eq!(due("B5 5 6", ""), "B5 6", "a baseline and the last script that it holds share a number");
}

#[test]
fn a_second_file_for_an_applied_number_is_a_duplicate_and_nothing_else() {
    assert_eq!(wrong("1 2x 2", "1 2"), ["number 0002 is used more than once: Script-0002.sql, copy2/Script-0002.sql"]);
}

#[test]
fn an_unreadable_file_is_neither_a_gap_nor_missing() {
    let unreadable = "Script-0002.sql is not text: invalid UTF-8 at byte offset 0";
    assert_eq!(wrong("1 2? 3", "1"), [unreadable]);
    assert_eq!(wrong("1 2? 3", "1 2"), [unreadable]);
    assert_eq!(wrong("1 2?", "1 2"), [unreadable], "not ahead either");
    assert_eq!(wrong("B0? 1", "B0 1"), ["Baseline.sql is not text: invalid UTF-8 at byte offset 0"]);
}

#[test]
fn an_empty_folder_is_a_problem() {
    assert_eq!(wrong("", ""), ["no Baseline.sql and no Script-NNNN.sql in "]);
    assert_eq!(wrong("", "1").len(), 2);
    assert_eq!(wrong("1?", "").len(), 1);
}

#[test]
fn a_database_that_is_not_empty_needs_a_journal() {
    let occupied = Journal { occupied: true, ..Journal::default() };
    let problems = History::new(&folder("B0 1"), &occupied, &UpgradeOptions::new()).problems;
    assert_eq!(problems, [Problem::NoJournal]);
    let explained = Journal { occupied: true, ..journal("B0") };
    assert_eq!(History::new(&folder("B0 1"), &explained, &UpgradeOptions::new()).problems, []);
}

#[test]
fn everything_that_is_wrong_is_reported_at_once() {
    let codes = plan_to(&folder("1x 2 2 4? 5 6"), &journal("B0 1 5"), &to(9));
    let codes = codes.expect_err("much is wrong").iter().map(Problem::code).collect::<Vec<_>>();
    assert_eq!(codes, ["undecodable", "duplicate", "missing", "changed", "gap", "out-of-order", "goal-above"]);
}

mod ahead {
    use super::*;

    #[test]
    fn an_older_build_is_warned_and_does_nothing() {
        assert_eq!(
            warnings("1 2", "1 2 3"),
            [
                "the database is ahead of the scripts: it has 0003, but the highest script is 0002; if no newer checkout was deployed, files are missing here"
            ]
        );
        assert_eq!(
            warnings("B0 1 2", "B0 1 2 3 4 5"),
            [
                "the database is ahead of the scripts: it has 0003-0005, but the highest script is 0002; if no newer checkout was deployed, files are missing here"
            ]
        );
        assert_eq!(warnings("B0 1 2", "B5 6").len(), 1, "built from a baseline that the older build has not yet");
        assert_eq!(due("B0 1 2", "B5 6"), "");
        assert_eq!(warnings("1 2", "1 2"), [""; 0]);
    }

    #[test]
    fn an_older_build_still_sees_what_changed() {
        assert_eq!(wrong("1x 2", "1 2 3").len(), 1);
        assert_eq!(wrong("2", "1 2 3").len(), 1);
    }

    #[test]
    fn an_older_build_does_not_pass_over_an_unfinished_script() {
        for journal in ["1 2 f3", "1 2 s3"] {
            assert_ne!(due("1 2", journal), "", "Script-0003 stopped in the middle, and that is nowhere said");
        }
    }
}

mod baselines {
    use super::*;

    #[test]
    fn the_highest_baseline_builds_a_new_database() {
        for (folder, pending) in [
            ("B0 1 2", "B0 1 2"),
            ("B2 3", "B2 3"),
            ("B0 1 2 B2 3", "B2 3"),
            ("B0 B2 3", "B2 3"),
            ("B0 1 2 B2 3 4 B4", "B4"),
        ] {
            assert_eq!(due(folder, ""), pending, "{folder}");
        }
    }

    #[test]
    fn an_older_database_needs_only_what_it_lacks() {
        for (folder, journal, pending) in [
            ("B0 1 2 3 B3 4", "B0 1", "2 3 4"),
            ("2 3 B3 4", "B0 1", "2 3 4"),
            ("3 B3 4", "1 2", "3 4"),
            ("B3 4", "B0 1 2 3", "4"),
            ("B3 4", "1 2 3 4", ""),
            ("B3", "bB0 b1 i2 3", ""),
        ] {
            assert_eq!(due(folder, journal), pending, "{folder} against {journal}");
        }
    }

    #[test]
    fn a_new_baseline_covers_the_old_one() {
        assert_eq!(due("B5 6", "B3 4 5"), "6");
        assert_eq!(due("B5 6", "B5"), "6");
        assert_eq!(due("B3 B5 4 5 6", "B3"), "4 5 6");
        assert_eq!(wrong("B3 4 5", "B5"), [format!("Baseline-0005.sql was applied ({AT}) but its file is missing")]);
        assert_eq!(wrong("B4 5 6", "B5 6").len(), 1, "an older baseline does not hold what a newer one did");
    }

    #[test]
    fn scripts_that_a_baseline_holds_are_not_late() {
        assert_eq!(due("B0 1 2 3 B3 4", "B3"), "4");
        assert_eq!(due("B0 1 2x 3 B3 4", "B3"), "4");
        assert_eq!(due("3 B3 4", "B3 4"), "");
    }

    #[test]
    fn an_older_database_cannot_get_what_was_deleted() {
        let behind = |at: &str, what: &str| {
            format!("the database is at {at}, but {what} deleted and replaced by Baseline-0005.sql")
        };
        assert_eq!(wrong("B5 6", "B0 1 2"), [behind("0002", "the scripts 0003-0005 were")]);
        assert_eq!(wrong("4 5 B5 6", "1 2"), [behind("0002", "Script-0003.sql was")]);
        assert_eq!(
            wrong("4 B5 6", "1 2"),
            [behind("0002", "Script-0003.sql was"), behind("0002", "Script-0005.sql was")]
        );
        assert_eq!(wrong("B5", "B0"), [behind("0000", "the scripts 0001-0005 were")]);
        assert_eq!(
            hints("4 5 B5 6", "1 2"),
            ["upgrade it first from a checkout that still has the scripts up to 0003"]
        );
    }

    #[test]
    fn a_gap_under_a_baseline_is_none() {
        assert_eq!(due("B0 1 3 B5 6", ""), "B5 6");
        assert_eq!(due("2 4 B5 6", "B5"), "6");
    }

    #[test]
    fn a_goal_between_two_baselines_starts_from_the_lower() {
        for (options, pending) in [(0, "B0"), (1, "B0 1"), (2, "B2"), (3, "B2 3"), (4, "B4"), (5, "B4 5")] {
            assert_eq!(due_to("B0 1 2 B2 3 4 B4 5", "", &to(options)), pending, "--to {options}");
        }
    }

    #[test]
    fn what_stands_beyond_the_goal_may_have_been_deleted() {
        assert_eq!(due("B2 B4 5", ""), "B4 5");
        assert_eq!(due_to("B2 B4 5", "", &to(2)), "B2");
    }

    #[test]
    fn a_goal_that_only_deleted_scripts_reach_is_refused() {
        assert_eq!(wrong_to("B2 B4 5", "", &to(3)).len(), 1);
    }
}

mod goals {
    use super::*;

    #[test]
    fn an_upgrade_stops_at_its_goal() {
        for (options, pending) in [(1, ""), (2, "2"), (3, "2 3")] {
            assert_eq!(due_to("1 2 3", "1", &to(options)), pending, "--to {options}");
        }
        assert_eq!(due_to("1 2 3", "", &to(0)), "");
        assert_eq!(due_to("B0 1", "", &to(0)), "B0");
    }

    #[test]
    fn scripts_only_go_up() {
        assert_eq!(
            wrong_to("1 2 3", "1 2", &to(1)),
            ["the number 0001 is below what is applied: the database is at 0002"]
        );
        assert_eq!(wrong_to("1 2 3", "1 2", &to(4)), ["the number 0004 is above the highest script, which is 0003"]);
        assert_eq!(wrong_to("1 2", "1 2 3", &to(3)), ["the number 0003 is above the highest script, which is 0002"]);
        assert_eq!(wrong_to("1 2", "1", &UpgradeOptions::new().to(Some(Number::MAX))).len(), 1);
    }

    #[test]
    fn a_goal_below_every_baseline_is_its_only_problem() {
        let below = "the number 0003 is below Baseline-0005.sql, from which a new database starts";
        assert_eq!(wrong_to("B5 6", "", &to(3)), [below]);
        assert_eq!(wrong_to("4 5 B5 6", "", &to(3)), [below]);
    }

    #[test]
    fn an_older_database_may_stop_below_the_newest_baseline() {
        assert_eq!(due_to("2 3 B3 4", "1", &to(2)), "2");
    }

    #[test]
    fn what_is_wrong_with_a_goal_is_a_matter_of_usage() {
        let usage = |folder_text: &str, journal_text: &str, options: &UpgradeOptions| {
            let plan = plan_to(&folder(folder_text), &journal(journal_text), options);
            plan.expect_err("the options is wrong").iter().all(Problem::is_usage)
        };
        assert!(usage("1 2", "1 2", &to(1)));
        assert!(usage("1 2", "1", &to(3)));
        assert!(usage("1 2", "1", &UpgradeOptions::new().resume_at(Some(1))));
        assert!(!usage("1x", "1", &UpgradeOptions::new()));
    }
}

mod unfinished {
    use super::*;

    #[test]
    fn a_failed_script_goes_on_by_itself_when_it_is_mended() {
        assert_eq!(due("1 2 3~ 4", "1 2 f3~"), "3 4");
        assert_eq!(due("1 2 3x~ 4", "1 2 f3~"), "3 4", "it may change: none of its statements ran");
    }

    #[test]
    fn a_script_that_ended_nowhere_asks_what_happened() {
        assert_eq!(
            wrong("1 2 3~ 4", "1 2 s3~"),
            ["Script-0003.sql stopped in the middle: it is unknown whether statement 1 of 2 ran"]
        );
        assert_eq!(
            hints("1 2 3~", "1 2 s3~"),
            [
                "make sure that no run is under way, inspect the database, then run `Migrator::upgrade` with `UpgradeOptions::resume_at` 1 to run that statement again, \
              or `UpgradeOptions::resume_at` 2 to continue after it"
            ]
        );
        assert_eq!(due_to("1 2 3~ 4", "1 2 s3~", &UpgradeOptions::new().resume_at(Some(2))), "3 4");
    }

    #[test]
    fn there_may_be_nothing_to_resume() {
        let resume = |at| UpgradeOptions::new().resume_at(Some(at));
        let nothing = |at: usize| format!("there is no statement {at} of an unfinished script to resume at");
        assert_eq!(wrong_to("1 2", "1", &resume(1)), [nothing(1)]);
        assert_eq!(wrong_to("1~", "s1~", &resume(0)), [nothing(0)]);
        assert_eq!(wrong_to("1~", "s1~", &resume(4)), [nothing(4)]);
        assert_eq!(due_to("1~", "s1~", &resume(3)), "1", "after its last statement");
    }

    #[test]
    fn an_unfinished_script_is_not_done() {
        let plan = plan("1 2~ 3", "1 f2~");
        assert_eq!((plan.at(), plan.steps().map(Step::skip).collect::<Vec<_>>()), (Some(number(1)), vec![0, 0]));
    }

    #[test]
    fn an_unfinished_script_must_be_there() {
        assert_eq!(wrong("1 3", "1 f2").len(), 1);
    }

    #[test]
    fn a_newer_baseline_does_not_pass_over_an_unfinished_script() {
        assert_ne!(due("4 5 B5 6", "1 2 f3"), "4 5 6", "half of Script-0003 ran, and nothing runs the rest");
    }

    #[test]
    fn an_unfinished_baseline_goes_on() {
        assert_eq!(due("B0~ 1", "fB0~"), "B0 1");
        assert_eq!(due("B5~ 6", "fB5~"), "B5 6");
    }

    #[test]
    fn an_unfinished_script_beyond_the_goal_waits() {
        assert_eq!(due_to("1 2 3~ 4", "1 2 f3~", &to(2)), "");
    }
}

mod edges {
    use super::*;

    #[test]
    fn the_highest_number_is_a_number_like_any_other() {
        assert_eq!(due("B4294967293 4294967294", ""), "B4294967293 4294967294");
        assert_eq!(due("B4294967294", ""), "B4294967294");
        assert_eq!(due("B4294967293 4294967294", "B4294967293 4294967294"), "");
        assert_eq!(
            due_to("B4294967293 4294967294", "B4294967293", &UpgradeOptions::new().to(Some(Number::MAX))),
            "4294967294"
        );
    }

    #[test]
    fn no_number_is_proposed_that_does_not_exist() {
        let hints = hints("B4294967292 4294967293 4294967294", "B4294967292 4294967294");
        assert!(!hints.concat().contains("4294967295"), "{hints:?}");
    }

    #[test]
    fn zero_is_the_baselines() {
        assert_eq!(due_to("B0 1", "B0", &to(0)), "");
        assert_eq!(Number::BASELINE.previous(), Number::BASELINE);
    }
}
