//! Transactions among scripts that commit at once: they share messages.

use crate::database::{Database, until};
use crate::engine::mysql::ask;

use super::private::Server;

mod mysql {
    crate::tests! { crate::engine::mysql::Mysql:
        each_script_is_reported_wherever_a_message_ends,
    }
}

async fn each_script_is_reported_wherever_a_message_ends(_: Database) {
    // what a message holds, and what it keeps free for the end of a transaction
    const LIMIT: usize = 1024 * 1024;
    const ROOM: usize = 1024;
    for bytes in (LIMIT - 16 * ROOM..LIMIT).step_by(ROOM * 3 / 4) {
        let db = Database::new::<crate::engine::mysql::Mysql>();
        db.script(1, "CREATE TABLE t (id integer, what longtext);");
        db.script(2, &format!("INSERT INTO t VALUES (2, '{}');", "x".repeat(bytes)));
        for number in [3, 5] {
            db.script(number, &format!("CREATE TABLE t{number} (id integer);"));
        }
        db.script(4, "INSERT INTO t VALUES (4, '');");
        db.upgrade().await;
        let ran = db.events().into_iter().filter(|event| event.starts_with("ran ")).collect::<Vec<_>>();
        let expected = (1..=5).map(|number| format!("ran Script-{number:04}.sql")).collect::<Vec<_>>();
        assert_eq!(ran, expected, "{bytes} bytes");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_of_a_killed_server_is_not_called_applied() {
    let mut server = Server::new(&[]);
    let db = server.database();
    db.upgraded(["CREATE TABLE t (id integer);"]).await;
    db.script(2, "INSERT INTO t VALUES (2);");
    db.script(3, "INSERT INTO t VALUES (3);\nSELECT SLEEP(60);");
    db.script(4, "CREATE TABLE u (id integer);");
    let url = server.url();
    let sleeps = "SELECT count(*) FROM information_schema.processlist WHERE state = 'User sleep'";
    let kill = async {
        until("it sleeps", || ask(&url, sleeps).is_ok_and(|count| count.trim() == "1")).await;
        server.kill();
    };
    let (answer, ()) = tokio::join!(db.upgrade(), kill);
    let events = db.events();
    assert!(events.iter().any(|event| event == "ran Script-0002.sql"), "{events:?}");
    assert!(!events.iter().any(|event| event.starts_with("committed Script-0002")), "{events:?}");
    assert!(answer[0].starts_with("error: "), "{answer:?}");
    assert_eq!(answer[1], "note: it is unknown whether 0002-0004 are applied", "{answer:?}");
}
