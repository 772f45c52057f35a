//! Object files where each of them commits as it runs.

use dbmigrate::{Reference, UpgradeOptions};

use crate::database::Database;
use crate::outcome;

mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        what_a_failing_file_has_dropped_is_put_back,
        the_files_before_a_failing_one_stay,
        a_file_that_replaces_a_routine_keeps_its_rights,
        objects_of_each_kind_are_put_back_as_they_were,
        what_cannot_be_rolled_back_is_not_rehearsed,
        a_file_runs_in_the_same_mode_with_and_without_scripts,
        a_file_that_stops_in_the_middle_says_so,
        triggers_that_order_each_other_are_put_back,
        an_edited_file_can_be_renamed,
    }
}

const ITEM: &str = "CREATE TABLE item (id integer PRIMARY KEY, note varchar(20));";

fn procedure(body: &str) -> String {
    format!(
        "DROP PROCEDURE IF EXISTS answer;\nDELIMITER //\nCREATE PROCEDURE answer()\nBEGIN\n  {body};\nEND//\nDELIMITER ;\n"
    )
}

async fn failed(db: &Database) -> Vec<String> {
    let answer = db.try_upgrade(UpgradeOptions::new()).await;
    outcome::error(&answer.expect_err("the file is wrong"))
}

async fn what_a_failing_file_has_dropped_is_put_back(db: Database) {
    db.object("answer.sql", &procedure("SELECT 41"));
    db.upgraded([ITEM]).await;
    db.object("answer.sql", &procedure("SELECT unknown_variable INTO nowhere"));
    let error = failed(&db).await;
    assert!(error[0].starts_with("error: answer.sql failed: "), "{error:?}");
    assert!(error[1].contains("answer.sql:3:1"), "{error:?}");
    assert!(error.iter().any(|line| line == "note: the database is unchanged at 0001"), "{error:?}");
    assert_eq!(db.query("CALL answer()"), "41");
    db.object("answer.sql", &procedure("SELECT 42"));
    db.upgraded([ITEM]).await;
    assert_eq!(db.query("CALL answer()"), "42");
}

async fn a_file_runs_in_the_same_mode_with_and_without_scripts(db: Database) {
    let text =
        "CREATE OR REPLACE VIEW v AS SELECT 1 AS n;\nDROP PROCEDURE IF EXISTS p;\nCREATE PROCEDURE p() SELECT 1;\n";
    db.object("p.sql", text);
    db.upgraded([ITEM]).await;
    let mode = || db.query("SELECT sql_mode FROM information_schema.routines WHERE routine_schema = database()");
    let before = mode();
    db.object("p.sql", &format!("{text}-- edited\n"));
    db.upgraded([ITEM]).await;
    assert_eq!(mode(), before);
}

async fn a_file_that_stops_in_the_middle_says_so(db: Database) {
    db.object("two.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS n;\n");
    db.upgraded([ITEM]).await;
    let broken = "CREATE OR REPLACE VIEW v AS SELECT 2 AS n;\nCREATE OR REPLACE VIEW w AS SELECT nope;\n";
    db.object("two.sql", broken);
    let error = failed(&db).await;
    let note = "note: two.sql stopped in the middle, and what ran of it stays; the database is at 0001";
    assert!(error.iter().any(|line| line == note), "{error:?}");
    assert_eq!(db.query("SELECT n FROM v"), "2");
    db.object("two.sql", &broken.replace("nope", "3 AS n"));
    db.upgraded([ITEM]).await;
    assert_eq!(db.query("SELECT n FROM w"), "3");
    // what a failed run has left is no drift of the next
    let events = db.events();
    assert!(!events.iter().any(|event| event.contains("drift") || event.contains("differ")), "{events:?}");
    let verified = db.migrator().verify(&Reference::LastRun).await.expect("verified");
    assert!(verified.comparison.is_equal(), "{:?}", verified.comparison.differences);
}

async fn triggers_that_order_each_other_are_put_back(db: Database) {
    let trigger = |name: &str, order: &str, value: &str| {
        format!(
            "DROP TRIGGER IF EXISTS {name};\nCREATE TRIGGER {name} BEFORE INSERT ON item FOR EACH ROW {order} \
             SET NEW.note = concat(coalesce(NEW.note, ''), {value});\n"
        )
    };
    db.object("both.sql", &format!("{}{}", trigger("one", "", "'1'"), trigger("two", "FOLLOWS one", "'2'")));
    db.upgraded([ITEM]).await;
    let dropped = "DROP TRIGGER IF EXISTS two;\nDROP TRIGGER IF EXISTS one;\n";
    db.object("both.sql", &format!("{dropped}{}", trigger("one", "", "no_such_function(1, )")));
    let error = failed(&db).await;
    assert!(!error.iter().any(|line| line.contains("is gone")), "{error:?}");
    db.query("INSERT INTO item (id) VALUES (1)");
    assert_eq!(db.query("SELECT note FROM item"), "12");
}

async fn an_edited_file_can_be_renamed(db: Database) {
    db.object("a.sql", "CREATE OR REPLACE VIEW v AS SELECT 1 AS n;\n");
    db.upgraded([ITEM]).await;
    std::fs::rename(db.path("objects").join("a.sql"), db.path("objects").join("b.sql")).expect("renamed");
    db.query("DROP VIEW v");
    db.upgraded([ITEM]).await;
    assert_eq!(db.query("SELECT n FROM v"), "1");
    let objects = db.migrator().status().await.expect("a status").objects;
    let shown = objects.iter().map(|object| format!("{} {}", object.path, object.state.as_str())).collect::<Vec<_>>();
    assert_eq!(shown, ["b.sql applied"]);
}

async fn the_files_before_a_failing_one_stay(db: Database) {
    db.object("a.sql", "CREATE OR REPLACE VIEW a AS SELECT 1 AS n;");
    db.object("b.sql", "CREATE OR REPLACE VIEW b AS SELECT VLAUES VLAUES VLAUES;");
    db.object("c.sql", "CREATE OR REPLACE VIEW c AS SELECT 3 AS n;");
    db.scripts([ITEM]);
    let error = failed(&db).await;
    let note = "note: a.sql is applied and stays; 0001 is applied and stays, the database is at 0001";
    assert!(error.iter().any(|line| line == note), "{error:?}");
    let status = db.migrator().status().await.expect("a status");
    let shown = status.objects.iter().map(|object| object.state.as_str()).collect::<Vec<_>>();
    assert_eq!((status.pending, shown), (0, vec!["applied", "new", "new"]));
    db.object("b.sql", "CREATE OR REPLACE VIEW b AS SELECT 2 AS n;");
    let report = db.try_upgrade(UpgradeOptions::new()).await.expect("it can be upgraded");
    assert_eq!(report.objects.iter().map(|object| &*object.path).collect::<Vec<_>>(), ["b.sql", "c.sql"]);
    assert_eq!(report.guarantee.to_string(), "no script is pending; each object commits by itself");
}

async fn a_file_that_replaces_a_routine_keeps_its_rights(db: Database) {
    db.object("answer.sql", &procedure("SELECT 41"));
    db.upgraded([ITEM]).await;
    let user = format!("'o_{}'@'%'", std::process::id());
    db.query(&format!(
        "CREATE USER {user} IDENTIFIED BY 'Objects-1-pw'; GRANT EXECUTE, ALTER ROUTINE ON PROCEDURE answer TO {user}"
    ));
    let rights = || db.query(&format!("SHOW GRANTS FOR {user}"));
    let before = rights();
    assert!(before.contains("answer"), "{before}");
    db.object("answer.sql", &procedure("SELECT 42"));
    db.upgraded([ITEM]).await;
    let after = rights();
    // a file that takes a right away has the last word
    db.object(
        "answer.sql",
        &format!("{}REVOKE ALTER ROUTINE ON PROCEDURE answer FROM {user};\n", procedure("SELECT 43")),
    );
    db.upgraded([ITEM]).await;
    let revoked = rights();
    db.query(&format!("DROP USER {user}"));
    assert_eq!(before, after);
    assert!(revoked.contains("EXECUTE") && !revoked.contains("ALTER ROUTINE"), "{revoked}");
}

async fn objects_of_each_kind_are_put_back_as_they_were(db: Database) {
    db.upgraded([ITEM]).await;
    db.query(
        "CREATE VIEW v AS SELECT id FROM item WHERE note = 'é'; \
         CREATE SQL SECURITY INVOKER VIEW w (a, b) AS SELECT id, note FROM item WHERE id > 1 WITH CHECK OPTION; \
         CREATE FUNCTION f(x varchar(5)) RETURNS varchar(10) DETERMINISTIC RETURN concat(x, 'é'); \
         CREATE TRIGGER first_one BEFORE INSERT ON item FOR EACH ROW SET NEW.note = '1'; \
         CREATE TRIGGER last_one BEFORE INSERT ON item FOR EACH ROW SET NEW.note = concat(NEW.note, '3'); \
         CREATE TRIGGER middle BEFORE INSERT ON item FOR EACH ROW PRECEDES last_one SET NEW.note = concat(NEW.note, '2'); \
         CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2035-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'c' DO SELECT 1",
    );
    let definitions = || {
        ["VIEW v", "VIEW w", "FUNCTION f", "TRIGGER first_one", "TRIGGER middle", "EVENT e"]
            .map(|object| db.query(&format!("SHOW CREATE {object}")).replace(|c: char| c.is_ascii_digit(), "#"))
    };
    let before = definitions();
    let (fails, statements) = (
        "SELECT VLAUES VLAUES VLAUES",
        [
            ("v.sql", "DROP VIEW IF EXISTS v; CREATE VIEW v AS "),
            ("w.sql", "DROP VIEW IF EXISTS w; CREATE VIEW w AS "),
            ("f.sql", "DROP FUNCTION IF EXISTS f; CREATE FUNCTION f() RETURNS int RETURN "),
            ("middle.sql", "DROP TRIGGER IF EXISTS middle; CREATE TRIGGER middle BEFORE INSERT ON item FOR EACH ROW "),
            ("e.sql", "DROP EVENT IF EXISTS e; CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO "),
        ],
    );
    for (file, statement) in statements {
        db.object(file, &format!("{statement}{fails};\n"));
        let error = failed(&db).await;
        assert!(error.iter().any(|line| line == "note: the database is unchanged at 0001"), "{error:?}");
        std::fs::remove_file(db.path("objects").join(file)).expect("the file is there");
        assert_eq!(definitions(), before, "{file}");
    }
    db.query("INSERT INTO item VALUES (1, 'x')");
    assert_eq!(db.query("SELECT note FROM item"), "123", "the triggers run in their old order");
}

async fn what_cannot_be_rolled_back_is_not_rehearsed(db: Database) {
    db.object("a.sql", "CREATE OR REPLACE VIEW a AS SELECT 1 AS n;");
    db.upgraded([ITEM]).await;
    db.object("a.sql", "CREATE OR REPLACE VIEW a AS SELECT 2 AS n;");
    let error = db.migrator().rehearse().await.expect_err("nothing of it can be rolled back");
    let message = "a.sql cannot be rehearsed: it drops or creates something, which cannot be rolled back";
    assert_eq!(error.to_string(), message);
    assert_eq!(db.query("SELECT n FROM a"), "1");
}
