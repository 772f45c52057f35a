//! Servers with settings of their own.

use super::private::Server;
use crate::engine::mysql::is_mariadb;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_reads_the_same_on_a_server_with_other_quotes() {
    let server = Server::new(&["--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES,NO_ENGINE_SUBSTITUTION"]);
    let db = server.database();
    db.upgraded([
        "CREATE TABLE seen (what varchar(100), mode text);",
        "INSERT INTO seen VALUES (\"it's \\\\ a string\", @@sql_mode);",
        "SET sql_mode = 'ANSI_QUOTES';\nINSERT INTO \"seen\" VALUES ('mine', @@sql_mode);",
        "-- It's \\ the 'title'\nINSERT INTO seen VALUES ('it\\'s', @@sql_mode);",
    ])
    .await;
    let rows = "it's \\ a string|NO_ENGINE_SUBSTITUTION\nmine|ANSI_QUOTES\nit's|NO_ENGINE_SUBSTITUTION";
    assert_eq!(db.query("SELECT * FROM seen"), rows);
    assert_eq!(db.query("SELECT title FROM dbmigrate_journal WHERE number = 4"), "It's \\ the 'title'");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_stay_below_the_limit_of_the_server() {
    const LIMIT: usize = 128 * 1024;
    let server = Server::new(&["--max-allowed-packet=128K"]);
    let db = server.database();
    db.upgraded(["CREATE TABLE t (id integer AUTO_INCREMENT PRIMARY KEY, what mediumtext);"]).await;
    // with what is before and after it, a statement just fits; together they do not
    let insert = |letter: char, length: usize| {
        format!("INSERT INTO t (what) VALUES ('{}');\n", letter.to_string().repeat(length))
    };
    let just = LIMIT - 1000;
    let rows = format!("{}{}{}", insert('a', just), insert('b', 60_000).repeat(4), insert('c', just));
    db.script(2, &rows);
    db.script(3, &format!("{rows}CREATE TABLE u (id integer);\n{rows}"));
    assert!(db.upgrade().await[0].starts_with("0001 -> 0003: "));
    assert_eq!(db.query("SELECT count(*), sum(length(what)) FROM t"), format!("18|{}", 6 * just + 12 * 60_000));
    let before = db.dump();
    db.script(4, "INSERT INTO t (what) VALUES ('fine');");
    db.script(5, &format!("SELECT 1;\n{}", insert('d', LIMIT)));
    let answer = db.upgrade().await;
    assert!(answer[0].contains("max_allowed_packet"), "{}", answer[0]);
    assert!(
        answer[1].starts_with("at Script-0005.sql:2:1: INSERT INTO t"),
        "{}",
        answer[1].get(..60).unwrap_or_default()
    );
    assert_eq!(answer.last().map(String::as_str), Some("note: nothing was applied"));
    assert_eq!(db.dump(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_of_the_server_do_not_end_the_run() {
    let limit = if is_mariadb() { "--max-statement-time=0.3" } else { "--max-execution-time=300" };
    let server = Server::new(&["--wait-timeout=5", limit]);
    let db = server.database();
    db.upgraded([
        "CREATE TABLE seen (what bigint);",
        "INSERT INTO seen SELECT @@wait_timeout + SLEEP(0.8);",
        "CREATE TABLE more (id integer);\nINSERT INTO seen SELECT @@wait_timeout + SLEEP(0.8);",
    ])
    .await;
    assert_eq!(db.query("SELECT DISTINCT what FROM seen"), "2147483");
    // a script's own limit is its own
    if is_mariadb() {
        db.script(4, "SET max_statement_time = 0.2;\nINSERT INTO seen SELECT SLEEP(5);");
        let answer = db.upgrade().await;
        assert!(answer[0].contains("max_statement_time exceeded"), "{answer:?}");
    }
}
