//! Objects: views, routines and triggers that are edited in place.

use std::process::Stdio;

use dbmigrate::{
    BaselineOptions, CheckOptions, Engine, Error, Migrator, ObjectState, Reference, Repository, Scripts, Status,
    TransactionMode, UpgradeOptions,
};

use crate::database::{Database, number_of};

contract! {
    objects_are_applied_with_the_scripts_that_they_need,
    an_edited_file_is_applied_again_and_no_other,
    files_are_applied_in_the_order_in_which_they_succeed,
    a_chain_of_ten_is_applied_in_one_run,
    files_that_wait_for_each_other_are_refused,
    files_that_need_each_other_fail_together,
    what_a_script_drops_comes_back,
    what_a_script_replaces_is_as_in_its_file_again,
    a_drop_that_a_new_database_cannot_run_is_told,
    what_was_dropped_by_hand_is_missed,
    a_deleted_file_is_reported_until_its_object_is_dropped,
    a_renamed_file_takes_its_row_along,
    one_file_can_create_several_objects,
    an_object_can_move_to_an_earlier_file,
    a_journal_of_another_name_has_its_own_objects,
    text_that_may_not_mean_what_it_says_is_a_warning_in_a_file_that_is_due,
    two_files_cannot_create_the_same_object,
    a_file_that_cannot_run_twice_is_refused,
    a_file_with_a_transaction_of_its_own_is_refused,
    a_file_named_like_a_script_is_refused,
    an_upgrade_to_a_lower_number_applies_no_objects,
    an_older_commit_has_its_own_objects,
    changes_of_two_branches_are_both_applied,
    a_rebuild_builds_what_upgrades_have_built,
    a_file_is_applied_again_when_a_value_has_changed,
    a_secret_value_is_not_kept,
    a_file_can_be_applied_at_every_upgrade,
    with_a_transaction_for_each_script_objects_have_the_last_one,
    a_dry_run_names_the_files_that_it_would_apply,
    upgrades_at_the_same_time_apply_a_file_once,
    a_baseline_leaves_objects_pending,
    a_verified_baseline_records_the_objects_that_are_equal,
    what_is_pending_is_no_drift,
    the_folder_of_objects_can_be_another,
    a_script_that_needs_an_object_of_its_commit_is_told_so,
    a_script_that_changes_what_an_object_needs_is_told_so,
}

contract_with_rollback! {
    a_failing_file_leaves_no_trace,
    a_rehearsal_leaves_no_object,
    a_failing_script_takes_the_objects_with_it,
}

const ITEM: &str = "CREATE TABLE item (id integer PRIMARY KEY, price integer, quantity integer);";

/// The text of a file that creates a view.
fn view(db: &Database, name: &str, query: &str) -> String {
    db.texts().view.replace("{name}", name).replace("{query}", query)
}

fn remove(db: &Database, path: &str) {
    std::fs::remove_file(db.path("objects").join(path)).expect("the file is there");
}

fn rename(db: &Database, from: &str, to: &str) {
    std::fs::rename(db.path("objects").join(from), db.path("objects").join(to)).expect("renamed");
}

/// Upgrades, and returns the scripts and the object files that were applied, with the reasons.
async fn upgraded(db: &Database) -> String {
    upgraded_with(db, UpgradeOptions::new()).await
}

async fn upgraded_with(db: &Database, options: UpgradeOptions) -> String {
    let report = db.try_upgrade(options).await;
    let report = report.unwrap_or_else(|error| panic!("{:#?}", crate::outcome::error(&error)));
    let scripts = report.applied.iter().map(|applied| applied.number.to_string());
    let objects = report.objects.iter().map(|object| format!("{} {}", object.path, object.why.as_str()));
    let warnings = report.warnings.iter().map(|warning| format!("warning: {warning}"));
    scripts.chain(objects).chain(warnings).collect::<Vec<_>>().join(", ")
}

async fn failed(db: &Database) -> Vec<String> {
    db.try_upgrade(UpgradeOptions::new())
        .await
        .map_or_else(|error| crate::outcome::error(&error), |report| panic!("{report:#?}"))
}

async fn status(db: &Database) -> Status {
    db.migrator().status().await.expect("there is a database")
}

/// The object files with their states.
async fn states(db: &Database) -> String {
    let status = status(db).await;
    let pending = status.objects.iter().filter(|object| object.state.is_pending()).count();
    assert_eq!(status.pending_objects, pending);
    let shown = status.objects.iter().map(|object| format!("{} {}", object.path, object.state.as_str()));
    shown.collect::<Vec<_>>().join(", ")
}

fn totals(db: &Database) -> String {
    view(db, "totals", "SELECT id, price * quantity AS total FROM item")
}

async fn objects_are_applied_with_the_scripts_that_they_need(db: Database) {
    db.object("views/totals.sql", &totals(&db));
    db.scripts([ITEM]);
    assert_eq!(states(&db).await, "views/totals.sql new");
    assert_eq!(upgraded(&db).await, "0001, views/totals.sql new");
    assert_eq!(states(&db).await, "views/totals.sql applied");
    assert_eq!(upgraded(&db).await, "", "nothing is left to do");
    db.query("INSERT INTO item VALUES (1, 2, 3)");
    assert_eq!(db.query("SELECT total FROM totals"), "6");
    // a column and the view that shows it, in one deployment
    db.script(2, "ALTER TABLE item ADD discount integer;");
    db.object("views/totals.sql", &view(&db, "totals", "SELECT id, price * quantity AS total, discount FROM item"));
    assert_eq!(upgraded(&db).await, "0002, views/totals.sql changed");
    assert_eq!(db.query("SELECT total FROM totals WHERE discount IS NULL"), "6");
    let objects = status(&db).await.objects;
    assert_eq!(objects[0].names.len(), 1, "{objects:?}");
    assert!(objects[0].names[0].ends_with("totals") && objects[0].applied_at.is_some(), "{objects:?}");
}

async fn an_edited_file_is_applied_again_and_no_other(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.object("b.sql", &view(&db, "b", "SELECT 2 AS n"));
    assert_eq!(states(&db).await, "a.sql applied, b.sql changed");
    assert_eq!(upgraded(&db).await, "b.sql changed");
    assert_eq!(db.query("SELECT n FROM b"), "2");
    // undone again: what counts is what was applied last
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n"));
    assert_eq!(upgraded(&db).await, "b.sql changed");
    assert_eq!(db.query("SELECT n FROM b"), "1");
    // line ends are no change
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n").replace('\n', "\r\n"));
    assert_eq!(upgraded(&db).await, "");
}

async fn files_are_applied_in_the_order_in_which_they_succeed(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT n FROM b"));
    db.object("b.sql", &view(&db, "b", "SELECT n FROM c"));
    db.object("c.sql", &view(&db, "c", "SELECT 7 AS n"));
    db.scripts([ITEM]);
    assert_eq!(upgraded(&db).await, "0001, c.sql new, b.sql new, a.sql new");
    assert_eq!(db.query("SELECT n FROM a"), "7");
}

async fn a_chain_of_ten_is_applied_in_one_run(db: Database) {
    for at in 0..10 {
        let from = if at == 9 { "item".to_owned() } else { format!("v{}", at + 1) };
        db.object(&format!("v{at}.sql"), &view(&db, &format!("v{at}"), &format!("SELECT id FROM {from}")));
    }
    db.scripts([ITEM]);
    let order = (0..10).rev().map(|at| format!("v{at}.sql new")).collect::<Vec<_>>().join(", ");
    assert_eq!(upgraded(&db).await, format!("0001, {order}"));
    db.query("INSERT INTO item VALUES (5, 1, 1)");
    assert_eq!(db.query("SELECT id FROM v0"), "5");
}

async fn files_that_wait_for_each_other_are_refused(db: Database) {
    db.object("a.sql", &format!("-- dbmigrate: after b.sql\n{}", view(&db, "a", "SELECT 1 AS n")));
    db.object("b.sql", &format!("-- dbmigrate: after a.sql\n{}", view(&db, "b", "SELECT 1 AS n")));
    db.object("c.sql", &format!("-- dbmigrate: after views/c.sql\n{}", view(&db, "c", "SELECT 1 AS n")));
    db.scripts([ITEM]);
    let error = failed(&db).await;
    assert_eq!(
        error[1..5],
        [
            "object-unknown: there is no object file \"views/c.sql\"".to_owned(),
            format!("at {}:1:1: -- dbmigrate: after views/c.sql", db.path("objects/c.sql").display()),
            "hint: name a file by its path in the folder of objects, such as views/base.sql".into(),
            "object-cycle: object files wait for each other: a.sql, b.sql".into(),
        ]
    );
    let checked = Scripts::from_dir(db.path("")).expect("a folder").check(&CheckOptions::new());
    assert_eq!(checked.expect_err("wrong").problems().len(), 2, "without an engine, too");
}

async fn files_that_need_each_other_fail_together(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT n FROM b"));
    db.object("b.sql", &view(&db, "b", "SELECT n FROM a"));
    db.object("c.sql", &view(&db, "c", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    let error = failed(&db).await.join("\n");
    assert!(error.contains("a.sql") && error.contains("b.sql") && !error.contains("c.sql:"), "{error}");
}

async fn a_failing_file_leaves_no_trace(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.object("views/b.sql", &format!("-- b\n{}", view(&db, "b", "SELECT VLAUES VLAUES VLAUES")));
    db.scripts([ITEM]);
    let error = failed(&db).await;
    assert!(error[0].starts_with("error: views/b.sql failed: "), "{error:?}");
    assert!(error[1].contains("views/b.sql:"), "{error:?}");
    assert!(error.iter().any(|line| line.contains("rolled back: 0001 was not applied")), "{error:?}");
    assert_eq!(states(&db).await, "a.sql new, views/b.sql new");
    db.object("views/b.sql", &view(&db, "b", "SELECT 2 AS n"));
    assert_eq!(upgraded(&db).await, "0001, a.sql new, views/b.sql new");
    // without a script, too
    db.object("views/b.sql", &view(&db, "b", "SELECT VLAUES VLAUES VLAUES"));
    db.object("a.sql", &view(&db, "a", "SELECT 3 AS n"));
    let error = failed(&db).await;
    assert!(error.iter().any(|line| line.contains("the database is unchanged at 0001")), "{error:?}");
    assert_eq!(db.query("SELECT n FROM a"), "1");
}

async fn a_failing_script_takes_the_objects_with_it(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.scripts([ITEM, "INSERT INTO nope VALUES (1);"]);
    failed(&db).await;
    assert_eq!(states(&db).await, "a.sql new");
}

async fn what_a_script_drops_comes_back(db: Database) {
    db.object("totals.sql", &totals(&db));
    db.object("top.sql", &view(&db, "top_totals", "SELECT id FROM totals WHERE total > 10"));
    db.object("other.sql", &view(&db, "other", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    upgraded(&db).await;
    let separator = db.texts().separator;
    db.script(
        2,
        &["DROP VIEW top_totals", "DROP VIEW totals", "ALTER TABLE item ADD discount integer"].join(separator),
    );
    let mut applied = upgraded(&db).await.split(", ").map(ToOwned::to_owned).collect::<Vec<_>>();
    applied.sort();
    assert_eq!(applied, ["0002", "top.sql affected", "totals.sql affected"]);
    assert_eq!(db.query("SELECT count(*) FROM top_totals"), "0");
}

async fn what_a_script_replaces_is_as_in_its_file_again(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.script(2, &view(&db, "a", "SELECT 2 AS n"));
    assert_eq!(upgraded(&db).await, "0002, a.sql affected");
    assert_eq!(db.query("SELECT n FROM a"), "1");
    assert_eq!(upgraded(&db).await, "");
}

async fn a_drop_that_a_new_database_cannot_run_is_told(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    let own = db.joined(&["CREATE VIEW b AS SELECT 1 AS n", "DROP VIEW b", "CREATE VIEW c AS SELECT 1 AS n"]);
    db.scripts([ITEM, &own, &db.joined(&["DROP VIEW c", "DROP VIEW a"])]);
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n"));
    db.object("c.sql", &view(&db, "c", "SELECT 1 AS n"));
    let scripts = Scripts::from_dir(db.path("")).expect("a folder");
    let warnings = scripts.check(&CheckOptions::new().engine(db.target().engine())).expect("it can be checked");
    let told = warnings.iter().map(ToString::to_string).collect::<Vec<_>>();
    let [told] = told.as_slice() else { panic!("{told:?}") };
    let line = db.line_of(2);
    assert!(told.contains(&format!("Script-0003.sql:{line}:")) && told.contains("write DROP ... IF EXISTS"), "{told}");
    let error = db.try_upgrade(UpgradeOptions::new()).await.expect_err("there is no view yet");
    let hint = error.hint().unwrap_or_default();
    let expected = "write DROP ... IF EXISTS: a new database has no a before a.sql creates it after all scripts";
    assert!(hint.contains(expected), "{hint}");
}

async fn what_was_dropped_by_hand_is_missed(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.query("DROP VIEW a");
    assert_eq!(states(&db).await, "a.sql missing, b.sql applied");
    assert_eq!(upgraded(&db).await.split(", warning").next(), Some("a.sql missing"));
    assert_eq!(db.query("SELECT n FROM a"), "1");
}

async fn a_deleted_file_is_reported_until_its_object_is_dropped(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    upgraded(&db).await;
    remove(&db, "b.sql");
    assert_eq!(states(&db).await, "a.sql applied, b.sql deleted");
    assert_eq!(upgraded(&db).await, "", "nothing drops it but a script");
    db.script(2, "ALTER TABLE item ADD note integer;");
    assert_eq!(upgraded(&db).await, "0002");
    assert_eq!(states(&db).await, "a.sql applied, b.sql deleted");
    db.script(3, "DROP VIEW b;");
    assert_eq!(upgraded(&db).await, "0003");
    assert_eq!(states(&db).await, "a.sql applied");
    assert_eq!(db.query("SELECT object_path FROM dbmigrate_journal_objects"), "a.sql", "the row is gone");
}

async fn a_renamed_file_takes_its_row_along(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    upgraded(&db).await;
    rename(&db, "a.sql", "z.sql");
    assert_eq!(states(&db).await, "z.sql applied");
    assert_eq!(upgraded(&db).await, "");
    db.script(2, "ALTER TABLE item ADD note integer;");
    assert_eq!(upgraded(&db).await, "0002");
    assert_eq!(db.query("SELECT object_path FROM dbmigrate_journal_objects"), "z.sql");
    // renamed and edited
    rename(&db, "z.sql", "b.sql");
    db.object("b.sql", &view(&db, "a", "SELECT 2 AS n"));
    assert_eq!(states(&db).await, "b.sql new, z.sql deleted");
    assert_eq!(upgraded(&db).await, "b.sql new");
    assert_eq!(states(&db).await, "b.sql applied", "the object belongs to the new file");
}

async fn one_file_can_create_several_objects(db: Database) {
    let both = [view(&db, "a", "SELECT 1 AS n"), view(&db, "b", "SELECT n FROM a")].join(db.texts().separator);
    db.object("both.sql", &both);
    db.scripts([ITEM]);
    assert_eq!(upgraded(&db).await, "0001, both.sql new");
    assert_eq!(status(&db).await.objects[0].names.len(), 2);
    db.query("DROP VIEW b");
    assert_eq!(states(&db).await, "both.sql missing", "one of them is enough");
    upgraded(&db).await;
    assert_eq!(db.query("SELECT n FROM b"), "1");
    // what the file no longer creates is still there
    db.object("both.sql", &view(&db, "a", "SELECT 2 AS n"));
    let applied = upgraded(&db).await;
    assert!(
        applied
            .ends_with("b still exists, but both.sql no longer creates it: drop it in a script (DROP ... IF EXISTS)"),
        "{applied}"
    );
    assert_eq!(states(&db).await, "both.sql applied, both.sql deleted");
    db.script(2, "DROP VIEW b;");
    assert_eq!(upgraded(&db).await, "0002");
    assert_eq!(states(&db).await, "both.sql applied");
}

async fn an_object_can_move_to_an_earlier_file(db: Database) {
    let create = "DROP VIEW IF EXISTS moved;\nCREATE VIEW moved AS SELECT 1 AS n;\n";
    db.object("z.sql", create);
    db.scripts([ITEM]);
    upgraded(&db).await;
    // the first file creates it before the last one drops it
    db.object("z.sql", "DROP VIEW IF EXISTS moved;\n");
    db.object("a.sql", create);
    let applied = upgraded(&db).await;
    assert!(applied.starts_with("z.sql changed, a.sql new"), "{applied}");
    assert_eq!(db.query("SELECT n FROM moved"), "1");
    assert_eq!(states(&db).await, "a.sql applied, z.sql applied");
    assert_eq!(upgraded(&db).await, "");
    assert_eq!(db.query("SELECT n FROM moved"), "1");
}

async fn a_journal_of_another_name_has_its_own_objects(mut db: Database) {
    db.object("totals.sql", &totals(&db));
    db.scripts([ITEM]);
    db.options.journal.name = "other".into();
    assert_eq!(upgraded(&db).await, "0001, totals.sql new");
    assert_eq!(states(&db).await, "totals.sql applied");
    assert_eq!(upgraded(&db).await, "");
    // a second history knows nothing of the first
    db.options.journal.name = "third".into();
    remove(&db, "totals.sql");
    db.migrator().baseline_with(&BaselineOptions::new().to(number_of(1))).await.expect("a baseline");
    assert_eq!(states(&db).await, "");
    db.object("second.sql", &view(&db, "second_view", "SELECT id FROM item"));
    assert_eq!(upgraded(&db).await, "second.sql new");
    assert_eq!(states(&db).await, "second.sql applied");
    remove(&db, "second.sql");
    db.object("totals.sql", &totals(&db));
    db.options.journal.name = "other".into();
    assert_eq!(states(&db).await, "totals.sql applied");
}

async fn text_that_may_not_mean_what_it_says_is_a_warning_in_a_file_that_is_due(db: Database) {
    db.scripts([ITEM]);
    db.object("named.sql", &view(&db, "named", "SELECT id, '${name}' AS name FROM item"));
    let said = |warnings: &[dbmigrate::Warning]| {
        warnings.iter().filter(|warning| warning.to_string().contains("${name} is sent unchanged")).count()
    };
    let scripts = db.migrator().status().await.expect("readable").warnings;
    assert_eq!(said(&scripts), 1);
    let checked = Scripts::from_dir(db.path("")).expect("readable").check(&CheckOptions::new().target(&db.target()));
    let checked = checked.expect("nothing is wrong");
    assert_eq!(said(&checked), 1);
    db.upgrade().await;
    assert_eq!(said(&db.migrator().status().await.expect("readable").warnings), 0, "it is applied");
}

async fn two_files_cannot_create_the_same_object(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.object("views/a.sql", &view(&db, "A", "SELECT 2 AS n"));
    db.scripts([ITEM]);
    let error = failed(&db).await;
    assert_eq!(error[0], "error: a.sql and views/a.sql both create view a");
    assert_eq!(status(&db).await.problems.len(), 1);
}

async fn a_file_that_cannot_run_twice_is_refused(db: Database) {
    db.object("a.sql", "CREATE VIEW a AS SELECT 1 AS n");
    db.scripts([ITEM]);
    let error = failed(&db).await;
    assert_eq!(error[0], "error: view a cannot be created again: the statement fails once it exists");
    assert!(error[2].ends_with("put DROP VIEW IF EXISTS a before it"), "{error:?}");
    let checked = db.migrator().status().await.expect("a status").problems;
    assert_eq!(checked.iter().map(dbmigrate::Problem::code).collect::<Vec<_>>(), ["not-repeatable"]);
}

async fn a_file_with_a_transaction_of_its_own_is_refused(db: Database) {
    db.object("a.sql", &db.joined(&[&view(&db, "a", "SELECT 1 AS n"), "COMMIT"]));
    db.scripts([ITEM]);
    assert!(failed(&db).await[0].ends_with("a script may not COMMIT: dbmigrate controls the transactions"));
}

async fn a_file_named_like_a_script_is_refused(db: Database) {
    db.object("Script-0002.sql", "SELECT 1;");
    db.scripts([ITEM]);
    let error = failed(&db).await;
    assert!(error[0].ends_with("objects/Script-0002.sql is named like a script but is among the objects"), "{error:?}");
}

async fn an_upgrade_to_a_lower_number_applies_no_objects(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT note AS n FROM item"));
    db.scripts([ITEM, "ALTER TABLE item ADD note integer;"]);
    let to = UpgradeOptions::new().to(number_of(1));
    let held =
        "0001, warning: 1 object file is not applied: objects follow the highest script, and this run stops before it";
    assert_eq!(upgraded_with(&db, to).await, held);
    let status = db.migrator().status_with(&to).await.expect("a status");
    assert_eq!((status.objects[0].state, status.pending_objects), (ObjectState::Held, 0));
    assert_eq!(upgraded_with(&db, UpgradeOptions::new().to(number_of(2))).await, "0002, a.sql new");
}

async fn an_older_commit_has_its_own_objects(db: Database) {
    db.git(&["init", "-q", "-b", "main"]);
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    db.git(&["add", "."]);
    db.git(&["commit", "-q", "-m", "one"]);
    db.git(&["tag", "v1"]);
    db.object("a.sql", &view(&db, "a", "SELECT 2 AS n"));
    db.script(2, "ALTER TABLE item ADD note integer;");
    db.git(&["add", "."]);
    db.git(&["commit", "-q", "-m", "two"]);
    let at = |revision: &str| {
        let scripts = Repository::of(db.path("")).and_then(|repository| repository.scripts(revision));
        Migrator::new(db.target(), scripts.expect("a commit"))
    };
    let report = at("main").upgrade().await.expect("it can be upgraded");
    assert_eq!((report.applied.len(), report.objects.len()), (2, 1));
    assert_eq!(db.query("SELECT n FROM a"), "2");
    let report = at("v1").upgrade().await.expect("it can be upgraded");
    assert_eq!(db.query("SELECT n FROM a"), "1");
    let warnings = report.warnings.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert!(
        warnings
            .iter()
            .any(|warning| warning
                == "1 object file of this older build is applied although the database is ahead of it"),
        "{warnings:?}"
    );
    let commit = db.git(&["rev-parse", "v1"]);
    assert_eq!(status(&db).await.objects[0].commit.as_deref(), Some(&*commit));
    // objects may change: only scripts may not
    let since = Repository::of(db.path("")).expect("a repository").since("v1", "HEAD").expect("a commit");
    let engine = Engine::of(&db.url).expect("an engine");
    let options = CheckOptions::new().engine(engine).since(since);
    assert_eq!(Scripts::from_dir(db.path("")).expect("a folder").check(&options).expect("no problem"), []);
}

async fn changes_of_two_branches_are_both_applied(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    upgraded(&db).await;
    let (old_a, old_b) = (view(&db, "a", "SELECT 1 AS n"), view(&db, "b", "SELECT 1 AS n"));
    // one branch
    db.object("a.sql", &view(&db, "a", "SELECT 2 AS n"));
    assert_eq!(upgraded(&db).await, "a.sql changed");
    // the other, without that change
    db.object("a.sql", &old_a);
    db.object("b.sql", &view(&db, "b", "SELECT 2 AS n"));
    assert_eq!(upgraded(&db).await, "a.sql changed, b.sql changed");
    // both together
    db.object("a.sql", &view(&db, "a", "SELECT 2 AS n"));
    assert_eq!(upgraded(&db).await, "a.sql changed");
    assert_eq!((db.query("SELECT n FROM a"), db.query("SELECT n FROM b")), ("2".into(), "2".into()));
    assert_ne!(old_b, view(&db, "b", "SELECT 2 AS n"));
}

async fn a_rebuild_builds_what_upgrades_have_built(db: Database) {
    db.object("z.sql", &totals(&db));
    db.object("a.sql", &view(&db, "top_totals", "SELECT id FROM totals"));
    db.object("routine.sql", &db.texts().routine.replace("{name}", "answer").replace("{value}", "41"));
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.object("routine.sql", &db.texts().routine.replace("{name}", "answer").replace("{value}", "42"));
    db.script(2, "ALTER TABLE item ADD note integer;");
    db.object("a.sql", &view(&db, "top_totals", "SELECT id, total FROM totals"));
    upgraded(&db).await;
    let verification = db.migrator().verify(&Reference::LastRun).await.expect("a record");
    assert!(verification.comparison.is_equal(), "{:?}", verification.comparison);
    let verification = db.migrator().verify(&Reference::Rebuild { scratch: None }).await.expect("a scratch database");
    assert!(verification.comparison.is_equal(), "{:?}", verification.comparison);
    let before = db.migrator().schema().await.expect("a schema").fingerprint();
    let report = db.migrator().rebuild().await.expect("it can be rebuilt");
    assert_eq!((report.applied.len(), report.objects.len()), (2, 3));
    assert_eq!(db.migrator().schema().await.expect("a schema").fingerprint(), before);
    assert_eq!(states(&db).await, "a.sql applied, routine.sql applied, z.sql applied");
}

async fn a_file_is_applied_again_when_a_value_has_changed(mut db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT $(number) AS n"));
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    let error = failed(&db).await.join("\n");
    assert!(error.contains("$(number)") || error.contains("number"), "an undeclared variable is refused: {error}");
    db.options.variables.declare("number", "1").expect("a name");
    db.options.variables.declare("other", "1").expect("a name");
    assert_eq!(upgraded(&db).await, "0001, a.sql new, b.sql new");
    db.options.variables.declare("other", "2").expect("a name");
    assert_eq!(upgraded(&db).await, "", "no file uses it");
    db.options.variables.declare("number", "2").expect("a name");
    assert_eq!(states(&db).await, "a.sql changed, b.sql applied");
    assert_eq!(upgraded(&db).await, "a.sql changed");
    assert_eq!(db.query("SELECT n FROM a"), "2");
}

async fn a_secret_value_is_not_kept(mut db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT '$(word)' AS n"));
    db.scripts([ITEM]);
    db.options.variables.declare_secret("word", "hush-hush").expect("a name");
    upgraded(&db).await;
    let rows = db.query("SELECT object_path, variables, names, body FROM dbmigrate_journal_objects");
    assert!(rows.contains("word ") && !rows.contains("hush"), "{rows}");
    assert_eq!(upgraded(&db).await, "");
    db.options.variables.declare_secret("word", "another").expect("a name");
    assert_eq!(upgraded(&db).await, "a.sql changed");
}

async fn a_file_can_be_applied_at_every_upgrade(db: Database) {
    db.object("a.sql", &format!("-- dbmigrate: always\n{}", view(&db, "a", "SELECT 1 AS n")));
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    assert_eq!(upgraded(&db).await, "0001, b.sql new, a.sql new", "it is the last one");
    assert_eq!(upgraded(&db).await, "", "nothing is applied");
    db.object("b.sql", &view(&db, "b", "SELECT 2 AS n"));
    assert_eq!(upgraded(&db).await, "b.sql changed, a.sql applied");
    db.script(2, "ALTER TABLE item ADD note integer;");
    assert_eq!(upgraded(&db).await, "0002, a.sql applied");
}

async fn with_a_transaction_for_each_script_objects_have_the_last_one(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT note AS n FROM item"));
    db.scripts([ITEM, "ALTER TABLE item ADD note integer;"]);
    let each = UpgradeOptions::new().transaction(TransactionMode::PerScript);
    assert_eq!(upgraded_with(&db, each).await, "0001, 0002, a.sql new");
    assert_eq!(states(&db).await, "a.sql applied");
}

async fn a_dry_run_names_the_files_that_it_would_apply(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    let preview = async || {
        let mut sql = String::new();
        let plan = db.migrator().dry_run(&UpgradeOptions::new(), &mut |part| sql.push_str(part)).await;
        (plan.expect("a plan").objects().map(|object| object.name()).collect::<Vec<_>>().join(" "), sql)
    };
    let (names, sql) = preview().await;
    assert_eq!(names, "a.sql b.sql");
    assert!(sql.contains("objects/a.sql") && sql.contains("SELECT 1 AS n"), "{sql}");
    upgraded(&db).await;
    db.object("b.sql", &view(&db, "b", "SELECT 2 AS n"));
    let (names, sql) = preview().await;
    assert_eq!(names, "b.sql");
    assert!(sql.contains("objects/b.sql") && !sql.contains("a.sql"), "{sql}");
    assert_eq!(db.query("SELECT n FROM b"), "1", "nothing was changed");
}

async fn a_rehearsal_leaves_no_object(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    let rehearsal = db.migrator().rehearse().await.expect("it can be rehearsed");
    assert_eq!(rehearsal.objects.iter().map(|object| &*object.path).collect::<Vec<_>>(), ["a.sql"]);
    assert_eq!(states(&db).await, "a.sql new");
    assert_eq!(upgraded(&db).await, "0001, a.sql new");
}

async fn upgrades_at_the_same_time_apply_a_file_once(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    let start = || {
        let mut program = db.program(&["upgrade", "--format", "json"]);
        program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    };
    let programs = [start(), start(), start(), start()];
    let mut applied = 0;
    for program in programs {
        let output = program.wait_with_output().expect("it ends");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        applied += usize::from(text.contains("\"a.sql\""));
    }
    assert_eq!(applied, 1);
    assert_eq!(states(&db).await, "a.sql applied");
}

async fn a_baseline_leaves_objects_pending(db: Database) {
    db.query(ITEM);
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    let recorded = db.baseline(Some(1)).await;
    let pending = "warning: 1 object file is pending: `Migrator::upgrade` applies it, whether its object exists or not";
    assert_eq!(recorded.last().map(String::as_str), Some(pending));
    assert_eq!(states(&db).await, "a.sql new");
    assert_eq!(upgraded(&db).await, "a.sql new");
}

async fn a_verified_baseline_records_the_objects_that_are_equal(db: Database) {
    db.query(ITEM);
    for (name, query) in [("same", "SELECT 1 AS n"), ("other", "SELECT 1 AS n")] {
        let text = view(&db, name, query);
        text.split(db.texts().separator).filter(|sql| !sql.trim().is_empty()).for_each(|sql| drop(db.query(sql)));
    }
    db.object("same.sql", &view(&db, "same", "SELECT 1 AS n"));
    db.object("other.sql", &view(&db, "other", "SELECT 2 AS n"));
    db.object("absent.sql", &view(&db, "absent", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    let lines = db.record(&BaselineOptions::new().to(number_of(1)).verify(true)).await;
    assert!(lines[0].starts_with("nothing -> 0001: "), "{lines:?}");
    assert_eq!(states(&db).await, "absent.sql new, other.sql new, same.sql applied");
    assert_eq!(upgraded(&db).await, "absent.sql new, other.sql new");
}

async fn what_is_pending_is_no_drift(db: Database) {
    db.object("a.sql", &view(&db, "a", "SELECT 1 AS n"));
    db.object("b.sql", &view(&db, "b", "SELECT 1 AS n"));
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.object("a.sql", &view(&db, "a", "SELECT 2 AS n"));
    db.object("c.sql", &view(&db, "c", "SELECT 2 AS n"));
    let verification = db.migrator().verify(&Reference::Rebuild { scratch: None }).await.expect("a scratch database");
    let comparison = verification.comparison;
    assert!(comparison.is_equal(), "{comparison:?}");
    let pending = comparison.not_compared.iter().filter(|missing| missing.why.contains("pending")).count();
    assert_eq!(pending, 1, "{comparison:?}");
}

async fn the_folder_of_objects_can_be_another(db: Database) {
    let elsewhere = db.path("../elsewhere");
    std::fs::create_dir_all(&elsewhere).expect("a folder");
    std::fs::write(elsewhere.join("a.sql"), view(&db, "a", "SELECT 1 AS n")).expect("written");
    db.scripts([ITEM]);
    let scripts = Scripts::from_dirs(db.path(""), &elsewhere).expect("a folder");
    let report = Migrator::new(db.target(), scripts).upgrade().await.expect("it can be upgraded");
    assert_eq!(report.objects.iter().map(|object| &*object.path).collect::<Vec<_>>(), ["a.sql"]);
}

async fn a_script_that_needs_an_object_of_its_commit_is_told_so(db: Database) {
    db.object("totals.sql", &totals(&db));
    db.scripts([ITEM, "INSERT INTO item SELECT total, 1, 1 FROM totals;"]);
    let error = db.try_upgrade(UpgradeOptions::new()).await.expect_err("there is no view yet");
    assert!(matches!(error, Error::Script { .. }), "{error:?}");
    let hint = error.hint().unwrap_or_default();
    assert!(hint.contains("totals.sql creates totals after all scripts"), "{hint}");
}

async fn a_script_that_changes_what_an_object_needs_is_told_so(db: Database) {
    db.object("totals.sql", &totals(&db));
    db.scripts([ITEM]);
    upgraded(&db).await;
    db.script(2, "ALTER TABLE item DROP COLUMN quantity;");
    let error = db.try_upgrade(UpgradeOptions::new()).await.expect_err("the view needs the column");
    if !db.texts().transactional_ddl {
        assert!(matches!(&error, Error::Script { script, .. } if script == "totals.sql"), "{error:?}");
        assert_eq!(states(&db).await, "totals.sql new", "it stays due");
        db.object("totals.sql", &view(&db, "totals", "SELECT id, price AS total FROM item"));
        assert_eq!(upgraded(&db).await, "totals.sql new");
        // a view on another is broken with it, and the other way round
        db.object("a.sql", &view(&db, "a", "SELECT sum(total) AS total FROM totals"));
        upgraded(&db).await;
        db.script(3, "ALTER TABLE item RENAME COLUMN price TO price_net;");
        let failed = failed(&db).await.join("\n");
        assert!(failed.contains("totals.sql"), "{failed}");
        assert_eq!(states(&db).await, "a.sql new, totals.sql new");
        return;
    }
    if let Error::Script { script, .. } = &error
        && script == "Script-0002.sql"
    {
        let hint = error.hint().unwrap_or_default();
        let expected =
            "drop totals in the script first (DROP ... IF EXISTS): totals.sql creates it again after all scripts";
        assert_eq!(hint, expected);
    }
}
