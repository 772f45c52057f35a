//! What a run records of the schema, and what is compared with it.

use dbmigrate::outcome::Accepted;
use dbmigrate::schema::{Change, ComparisonOptions};
use dbmigrate::{Drift, Error, Reference, TransactionMode, UpgradeOptions, Verification};

use crate::database::{Database, number_of};

contract! {
    a_run_records_the_schema_that_it_leaves,
    what_was_changed_by_hand_is_found_and_named,
    drift_is_warned_of_until_it_is_gone,
    drift_can_forbid_an_upgrade,
    drift_does_not_forbid_a_resume,
    without_looking_everything_is_recorded_as_it_is,
    an_accepted_schema_is_what_later_runs_compare_with,
    without_a_record_nothing_is_compared,
    a_record_that_scripts_have_passed_is_not_compared_with,
    a_failed_run_records_what_it_has_left,
    a_baseline_records_what_it_finds,
    a_journal_of_the_first_format_gets_its_record_with_the_next_script,
    only_what_has_changed_is_written,
    the_newest_record_of_several_histories_counts,
    a_schema_is_compared_with_what_the_scripts_build,
    a_database_is_compared_with_another,
    what_is_ignored_is_not_compared,
    one_run_leaves_what_several_leave,
    what_cannot_be_recorded_forbids_no_upgrade,
    a_record_without_its_runs_is_written_again,
    runs_at_the_same_time_record_one_after_the_other,
    a_secret_value_is_not_recorded,
    a_record_that_another_history_has_passed_is_not_compared_with,
    a_record_of_another_kind_of_description_is_not_compared_with,
    a_journal_in_a_schema_of_its_own_is_no_difference,
    a_long_name_of_the_journal_leaves_no_room_for_a_record,
    a_dry_run_says_what_an_upgrade_would_say,
    a_baseline_is_verified_before_it_is_recorded,
}

const SCRIPTS: [&str; 2] = [
    "CREATE TABLE orders (id integer PRIMARY KEY, total integer);",
    "CREATE TABLE items (id integer PRIMARY KEY, orders integer REFERENCES orders (id));",
];

const NOTE: &str = "ALTER TABLE orders ADD note integer;";

async fn verified(db: &Database) -> Verification {
    verified_with(db, &Reference::LastRun).await
}

async fn verified_with(db: &Database, reference: &Reference) -> Verification {
    db.migrator().verify(reference).await.expect("there is something to compare with")
}

/// Why nothing was compared.
async fn unverified(db: &Database, reference: &Reference) -> String {
    match db.migrator().verify(reference).await {
        Err(Error::Verify { why, .. }) => why,
        answer => panic!("{answer:?}"),
    }
}

/// The differences: what happened to which kind, and the last part of the name.
fn differences(verification: &Verification) -> Vec<String> {
    let own = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let found = verification.comparison.differences.iter();
    found.map(|found| format!("{} {} {}", found.change.as_str(), found.kind, own(&found.name))).collect()
}

/// What a run warns of.
fn warnings(lines: &[String]) -> Vec<&str> {
    lines.iter().filter_map(|line| line.strip_prefix("warning: ")).collect()
}

/// The tables that the journal has, and how many runs have recorded a schema.
fn recorded(db: &Database) -> String {
    db.query("SELECT count(*) FROM dbmigrate_journal_schema WHERE kind = 'run'")
}

async fn a_run_records_the_schema_that_it_leaves(db: Database) {
    db.upgraded(SCRIPTS).await;
    let found = verified(&db).await;
    assert!(found.comparison.is_equal(), "{:?}", found.comparison.differences);
    assert_eq!((found.comparison.compared["table"], found.comparison.compared["column"]), (2, 4));
    assert!(found.reference.starts_with("what run ") && found.reference.contains(" left on 20"), "{}", found.reference);
    assert_eq!(found.at, Some(number_of(2)));
    let fingerprint = db.migrator().schema().await.expect("it can be read").fingerprint();
    let row = db.query("SELECT hash, journal_position FROM dbmigrate_journal_schema WHERE kind = 'run'");
    assert_eq!(row, format!("{fingerprint}|2"));
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"]);
    assert_eq!(recorded(&db), "1", "an upgrade with nothing to do writes nothing");
}

async fn what_was_changed_by_hand_is_found_and_named(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query(NOTE);
    db.query("CREATE TABLE extra (id integer)");
    let found = verified(&db).await;
    assert!(!found.comparison.is_equal());
    assert_eq!(differences(&found), ["added column note", "added table extra"]);
    let summary = found.comparison.summary(&found.reference);
    let (sentence, objects) = summary.split_once(": ").expect("a sentence and the objects");
    assert_eq!(sentence, format!("2 objects differ from {}", found.reference));
    assert!(objects.contains("orders (column note added)") && objects.contains("extra (added)"), "{objects}");
    db.query("DROP TABLE extra");
    assert_eq!(differences(&verified(&db).await), ["added column note"]);
}

async fn drift_is_warned_of_until_it_is_gone(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query(NOTE);
    for number in 3..=4 {
        db.script(number, &format!("CREATE TABLE t{number} (id integer);"));
        let said = db.upgrade().await;
        let [warning] = warnings(&said)[..] else { panic!("{said:?}") };
        assert!(warning.starts_with("1 object differs from what run "), "{warning}");
        assert!(warning.ends_with("orders (column note added); `Migrator::verify` shows how"), "{warning}");
        assert_eq!(differences(&verified(&db).await), ["added column note"], "what the run created is recorded");
    }
    // what a run itself changes is what the scripts say from then on
    db.script(5, "ALTER TABLE orders ADD more integer;");
    db.upgrade().await;
    assert_eq!(differences(&verified(&db).await), ["added column note"]);
    db.script(6, "ALTER TABLE orders DROP COLUMN note;");
    db.upgrade().await;
    assert!(verified(&db).await.comparison.is_equal());
}

async fn drift_can_forbid_an_upgrade(mut db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query(NOTE);
    db.options.drift = Drift::Refuse;
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"], "nothing is looked at without need");
    db.script(3, "CREATE TABLE t3 (id integer);");
    let said = db.upgrade().await;
    assert!(said[0].starts_with("error: 1 object differs from what run "), "{said:?}");
    assert_eq!(said[1], "note: nothing was applied");
    assert_eq!(db.states().len(), 2);
    db.query("ALTER TABLE orders DROP COLUMN note");
    assert_eq!(warnings(&db.upgrade().await), [""; 0]);
}

async fn without_looking_everything_is_recorded_as_it_is(mut db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query(NOTE);
    db.options.drift = Drift::Off;
    db.script(3, "CREATE TABLE t3 (id integer);");
    assert_eq!(warnings(&db.upgrade().await), [""; 0]);
    assert!(verified(&db).await.comparison.is_equal());
}

async fn an_accepted_schema_is_what_later_runs_compare_with(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query(NOTE);
    let refused = db.migrator().accept(" ").await;
    assert!(matches!(refused, Err(Error::Verify { .. })), "{refused:?}");
    let Accepted { comparison, .. } = db.migrator().accept("it's a hotfix").await.expect("it can be recorded");
    assert_eq!(comparison.differences.len(), 1);
    assert!(verified(&db).await.comparison.is_equal());
    let row = "SELECT number, script, action, reason FROM dbmigrate_journal_repairs WHERE old_checksum <> new_checksum";
    assert_eq!(db.query(row), "2|Script-0002.sql|accepted schema|it's a hotfix");
    db.script(3, "CREATE TABLE t3 (id integer);");
    assert_eq!(warnings(&db.upgrade().await), [""; 0]);
}

async fn without_a_record_nothing_is_compared(mut db: Database) {
    assert_eq!(unverified(&db, &Reference::LastRun).await, "the database has no journal");
    db.options.schema_snapshot = false;
    db.upgraded(SCRIPTS).await;
    db.query(NOTE);
    assert_eq!(unverified(&db, &Reference::LastRun).await, "no run has recorded the schema yet");
    db.options.schema_snapshot = true;
    db.script(3, "CREATE TABLE t3 (id integer);");
    assert_eq!(warnings(&db.upgrade().await), [""; 0]);
    assert!(verified(&db).await.comparison.is_equal());
}

async fn a_record_that_scripts_have_passed_is_not_compared_with(mut db: Database) {
    db.upgraded(SCRIPTS).await;
    db.options.schema_snapshot = false;
    db.script(3, "CREATE TABLE t3 (id integer);");
    db.upgrade().await;
    db.options.schema_snapshot = true;
    let why = unverified(&db, &Reference::LastRun).await;
    assert!(why.starts_with("the journal has changed since what run "), "{why}");
    db.script(4, "CREATE TABLE t4 (id integer);");
    assert_eq!(warnings(&db.upgrade().await), [""; 0]);
    assert!(verified(&db).await.comparison.is_equal());
    assert_eq!(recorded(&db), "2");
}

async fn a_failed_run_records_what_it_has_left(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.script(3, "CREATE TABLE t3 (id integer);");
    db.script(4, "CREATE TABLE t3 (id integer);");
    let said = db.upgrade_with(UpgradeOptions::new().transaction(TransactionMode::PerScript)).await;
    assert!(said[0].starts_with("error: Script-0004.sql failed: "), "{said:?}");
    let found = verified(&db).await;
    assert!(found.comparison.is_equal(), "{:?}", found.comparison.differences);
    assert_eq!(found.comparison.compared["table"], 3);
}

async fn a_baseline_records_what_it_finds(db: Database) {
    db.query(SCRIPTS[0]);
    db.scripts(SCRIPTS);
    db.baseline(Some(1)).await;
    assert!(verified(&db).await.comparison.is_equal());
    db.query(NOTE);
    assert_eq!(differences(&verified(&db).await), ["added column note"]);
}

async fn a_journal_of_the_first_format_gets_its_record_with_the_next_script(mut db: Database) {
    db.options.schema_snapshot = false;
    db.upgraded(SCRIPTS).await;
    db.options.schema_snapshot = true;
    // what a version without records has left
    db.query("UPDATE dbmigrate_journal SET format = 1");
    assert_eq!(db.upgrade().await, ["0002 -> 0002: ; nothing to do"]);
    db.status().await;
    unverified(&db, &Reference::LastRun).await;
    assert!(!db.dump().contains("dbmigrate_journal_schema"), "nothing moves it without need");
    db.script(3, "CREATE TABLE t3 (id integer);");
    assert_eq!(warnings(&db.upgrade().await), [""; 0]);
    assert_eq!(db.query("SELECT format FROM dbmigrate_journal ORDER BY number"), "1\n1\n2");
    assert!(verified(&db).await.comparison.is_equal());
}

async fn only_what_has_changed_is_written(db: Database) {
    db.upgraded(SCRIPTS).await;
    let count = "SELECT count(*) FROM dbmigrate_journal_schema WHERE kind <> 'run'";
    let before = db.query(count).parse::<usize>().expect("a number");
    db.script(3, "CREATE TABLE t3 (id integer);");
    db.upgrade().await;
    let runs = "SELECT count(*) FROM dbmigrate_journal_schema WHERE kind <> 'run' GROUP BY run ORDER BY count(*)";
    assert_eq!(db.query(runs), format!("2\n{before}"), "a table and a column are new");
}

async fn the_newest_record_of_several_histories_counts(mut db: Database) {
    db.upgraded([SCRIPTS[0]]).await;
    let own = db.options.clone();
    db.options.journal.name = "other journal".into();
    db.scripts(["CREATE TABLE theirs (id integer);"]);
    db.baseline(Some(0)).await;
    db.upgrade().await;
    db.options = own;
    db.scripts([SCRIPTS[0]]);
    let found = verified(&db).await;
    assert!(found.comparison.is_equal(), "{:?}", found.comparison.differences);
    assert!(found.reference.contains("other journal"), "{}", found.reference);
    db.query(NOTE);
    db.script(2, SCRIPTS[1]);
    let said = db.upgrade().await;
    let [warning] = warnings(&said)[..] else { panic!("{said:?}") };
    assert!(warning.starts_with("1 object differs"), "{warning}");
    let found = verified(&db).await;
    assert!(!found.reference.contains("other journal"), "{}", found.reference);
    assert_eq!(differences(&found), ["added column note"]);
}

async fn a_schema_is_compared_with_what_the_scripts_build(db: Database) {
    db.scripts([SCRIPTS[0], SCRIPTS[1], "CREATE TABLE t3 (id integer);"]);
    db.upgrade_to(2).await;
    let rebuild = Reference::Rebuild { scratch: None };
    let found = verified_with(&db, &rebuild).await;
    assert!(found.comparison.is_equal(), "{:?}", found.comparison.differences);
    assert_eq!(found.reference, "what the scripts build at 0002");
    db.query(NOTE);
    assert_eq!(differences(&verified_with(&db, &rebuild).await), ["added column note"]);
    assert_eq!(db.left_beside(), Vec::<String>::new());
    // a script that is not what was applied is a problem of its own
    db.script(1, "CREATE TABLE orders (id integer PRIMARY KEY, total integer, note integer);");
    assert!(matches!(db.migrator().verify(&rebuild).await, Err(Error::Refused { .. })));
}

async fn a_database_is_compared_with_another(db: Database) {
    db.upgraded(SCRIPTS).await;
    let twin = db.another();
    twin.upgraded(SCRIPTS).await;
    let other = Reference::Database(twin.target());
    assert!(verified_with(&db, &other).await.comparison.is_equal());
    twin.query(NOTE);
    assert_eq!(differences(&verified_with(&db, &other).await), ["removed column note"]);
}

async fn what_is_ignored_is_not_compared(mut db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query("CREATE TABLE part_1 (id integer)");
    db.query(NOTE);
    db.options.comparison = ComparisonOptions::new().ignoring("part_*").expect("a pattern");
    assert_eq!(differences(&verified(&db).await), ["added column note"]);
    db.options.comparison = db.options.comparison.clone().ignoring("note").expect("a pattern");
    assert!(verified(&db).await.comparison.is_equal());
    db.script(3, "CREATE TABLE t3 (id integer);");
    assert_eq!(warnings(&db.upgrade().await), [""; 0]);
    db.options.comparison = ComparisonOptions::new();
    assert_eq!(differences(&verified(&db).await), ["added column note", "added table part_1"]);
}

async fn one_run_leaves_what_several_leave(db: Database) {
    let scripts = [SCRIPTS[0], SCRIPTS[1], NOTE, "CREATE INDEX by_total ON orders (total);"];
    db.upgraded(scripts).await;
    let twin = db.another();
    twin.scripts(scripts);
    for number in 1..=4 {
        twin.upgrade_to(number).await;
    }
    let (one, several) = (db.migrator().schema().await, twin.migrator().schema().await);
    let (one, several) = (one.expect("it can be read"), several.expect("it can be read"));
    assert_eq!(one.difference(&several), []);
    assert_eq!(one.fingerprint(), several.fingerprint());
    for _ in 0..2 {
        twin.rebuild().await;
        let rebuilt = twin.migrator().schema().await.expect("it can be read");
        assert_eq!(rebuilt.fingerprint(), one.fingerprint());
        assert!(verified(&twin).await.comparison.is_equal());
    }
    assert!(one.objects().iter().all(|object| !object.name.contains("dbmigrate_journal")));
    assert!(one.difference(&several).iter().all(|difference| difference.change != Change::Order));
}

async fn what_cannot_be_recorded_forbids_no_upgrade(db: Database) {
    db.upgraded([SCRIPTS[0]]).await;
    db.query("DROP TABLE dbmigrate_journal_schema");
    // a table of somebody else's
    db.query("CREATE TABLE dbmigrate_journal_schema (x integer)");
    db.query("INSERT INTO dbmigrate_journal_schema VALUES (7)");
    db.script(2, SCRIPTS[1]);
    assert!(db.upgrade().await[0].starts_with("0001 -> 0002: "));
    assert_eq!(db.query("SELECT x FROM dbmigrate_journal_schema"), "7");
    let unrecorded = "warning: the schema was not recorded, so that the next run cannot compare with it: ";
    assert!(db.events().iter().any(|event| event.starts_with(unrecorded)), "{:?}", db.events());
}

async fn a_record_without_its_runs_is_written_again(db: Database) {
    db.upgraded([SCRIPTS[0]]).await;
    db.query("DELETE FROM dbmigrate_journal_schema WHERE kind = 'run'");
    assert_eq!(unverified(&db, &Reference::LastRun).await, "no run has recorded the schema yet");
    db.script(2, SCRIPTS[1]);
    assert_eq!(warnings(&db.upgrade().await), [""; 0]);
    assert!(verified(&db).await.comparison.is_equal());
}

async fn runs_at_the_same_time_record_one_after_the_other(mut db: Database) {
    db.options.schema_snapshot = false;
    db.upgraded([SCRIPTS[0]]).await;
    db.options.schema_snapshot = true;
    db.script(2, SCRIPTS[1]);
    let (one, other) = tokio::join!(db.upgrade(), db.upgrade());
    let mut answers = [one[0].clone(), other[0].clone()];
    answers.sort();
    assert!(answers[0].starts_with("0001 -> 0002: Script-0002.sql"), "{answers:?}");
    assert_eq!(answers[1], "0002 -> 0002: ; nothing to do");
    assert!(!db.events().iter().any(|event| event.starts_with("warning: ")), "{:?}", db.events());
    assert!(verified(&db).await.comparison.is_equal());
}

async fn a_secret_value_is_not_recorded(mut db: Database) {
    db.options.variables.declare_secret("password", "hunter2").expect("a name");
    db.upgraded(["CREATE TABLE t (id integer, word varchar(20) DEFAULT '$(password)');"]).await;
    assert!(db.query("SELECT * FROM dbmigrate_journal_schema").contains("***"));
    assert!(!db.query("SELECT * FROM dbmigrate_journal_schema").contains("hunter2"));
    assert!(verified(&db).await.comparison.is_equal());
}

async fn a_record_that_another_history_has_passed_is_not_compared_with(mut db: Database) {
    db.upgraded([SCRIPTS[0]]).await;
    let own = db.options.clone();
    db.options.journal.name = "other".into();
    db.options.schema_snapshot = false;
    db.scripts(["CREATE TABLE theirs (id integer);"]);
    db.baseline(Some(0)).await;
    db.upgrade().await;
    db.options = own;
    db.scripts([SCRIPTS[0]]);
    let why = unverified(&db, &Reference::LastRun).await;
    assert!(why.starts_with("scripts of the journal ") && why.contains("other"), "{why}");
    db.script(2, SCRIPTS[1]);
    assert_eq!(warnings(&db.upgrade().await), [""; 0]);
    assert!(verified(&db).await.comparison.is_equal());
}

async fn a_record_of_another_kind_of_description_is_not_compared_with(db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query("UPDATE dbmigrate_journal_schema SET definition = 'Server 1 (format 0)' WHERE kind = 'run'");
    db.query(NOTE);
    let why = unverified(&db, &Reference::LastRun).await;
    assert!(why.contains(" was described on Server 1 (format 0), and this is "), "{why}");
    db.script(3, "CREATE TABLE t3 (id integer);");
    assert_eq!(warnings(&db.upgrade().await), [""; 0]);
    assert!(verified(&db).await.comparison.is_equal());
}

async fn a_journal_in_a_schema_of_its_own_is_no_difference(mut db: Database) {
    let Some(schema) = db.texts().journal_schema else { return };
    db.options.journal.schema = Some(schema.into());
    db.upgraded(SCRIPTS).await;
    assert!(verified(&db).await.comparison.is_equal());
    let found = verified_with(&db, &Reference::Rebuild { scratch: None }).await;
    assert!(found.comparison.is_equal(), "{:?}", found.comparison.differences);
}

async fn a_long_name_of_the_journal_leaves_no_room_for_a_record(mut db: Database) {
    db.options.journal.name = "j".repeat(60);
    db.upgraded(SCRIPTS).await;
    assert_eq!(unverified(&db, &Reference::LastRun).await, "no run has recorded the schema yet");
    db.script(3, "CREATE TABLE t3 (id integer);");
    assert_eq!(warnings(&db.upgrade().await), [""; 0]);
}

async fn a_dry_run_says_what_an_upgrade_would_say(mut db: Database) {
    db.upgraded(SCRIPTS).await;
    db.query(NOTE);
    db.script(3, "CREATE TABLE t3 (id integer);");
    let plan = db.migrator().dry_run(&UpgradeOptions::new(), &mut |_| {}).await.expect("nothing is wrong");
    assert!(plan.warnings().iter().any(|warning| warning.to_string().starts_with("1 object differs")));
    db.options.drift = Drift::Refuse;
    let refused = db.migrator().dry_run(&UpgradeOptions::new(), &mut |_| {}).await;
    assert!(matches!(refused, Err(Error::Drift { .. })), "{refused:?}");
}

async fn a_baseline_is_verified_before_it_is_recorded(db: Database) {
    db.query(SCRIPTS[0]);
    db.query("INSERT INTO orders VALUES (1, 2)");
    db.scripts(SCRIPTS);
    let options = dbmigrate::BaselineOptions::new().verify(true);
    match db.migrator().baseline_with(&options.clone().to(number_of(2))).await {
        Err(Error::Differs { comparison, only_here, .. }) => {
            assert_eq!(comparison.differences.len(), 1, "{comparison:?}");
            assert_eq!(only_here.rows, ["orders"]);
        }
        answer => panic!("{answer:?}"),
    }
    assert!(!db.dump().contains("dbmigrate_journal"), "nothing is recorded");
    db.migrator().baseline_with(&options.to(number_of(1))).await.expect("it is what the script builds");
    assert_eq!(db.states(), ["1 Script-0001.sql baselined"]);
    assert_eq!(db.left_beside(), Vec::<String>::new());
}

async fn drift_does_not_forbid_a_resume(mut db: Database) {
    db.upgraded([SCRIPTS[0]]).await;
    let create = db.joined(&["CREATE TABLE t2 (id integer)", "INSERT INTO nope VALUES (1)"]);
    db.script(2, &format!("-- dbmigrate: no-transaction\n{create}"));
    assert!(db.upgrade().await[0].starts_with("error: Script-0002.sql failed: "));
    db.query("CREATE TABLE nope (id integer)");
    db.options.drift = Drift::Refuse;
    let said = db.upgrade().await;
    assert!(said[0].starts_with("0001 -> 0002: "), "{said:?}");
    assert!(matches!(warnings(&said)[..], [warning] if warning.contains("nope (added)")), "{said:?}");
    assert_eq!(differences(&verified(&db).await), ["added table nope"]);
}
