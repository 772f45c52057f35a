//! Templates as files.

use std::fs;
use std::path::PathBuf;

use dbmigrate::Templates;

use crate::database::Database;

mod sqlite {
    crate::tests! { crate::engine::sqlite::Sqlite:
        a_file_in_wal_mode_is_a_template_in_one_file,
        what_a_killed_rebuild_has_left_is_removed,
        a_template_without_its_card_is_not_used,
        only_the_user_can_read_the_cache,
    }
}

const SCRIPTS: [&str; 2] = ["CREATE TABLE t (id integer);", "INSERT INTO t VALUES (1);"];

fn cache(db: &Database) -> PathBuf {
    db.path("../cache")
}

async fn keeping(db: &mut Database) {
    db.options.templates = Some(Templates::new().in_folder(cache(db)));
    db.scripts(SCRIPTS);
    copied(db).await;
}

/// The number of the template that a rebuild copies.
async fn copied(db: &Database) -> Option<u32> {
    db.migrator().rebuild().await.expect("rebuilt").template.map(|template| template.at.get())
}

/// The ends of the names of the cache's files.
fn kinds(db: &Database) -> Vec<String> {
    let files = fs::read_dir(cache(db)).expect("a folder").map(|file| file.expect("a file").path());
    let mut kinds =
        files.map(|file| file.extension().expect("an end").to_string_lossy().into_owned()).collect::<Vec<_>>();
    kinds.sort_unstable();
    kinds
}

async fn a_file_in_wal_mode_is_a_template_in_one_file(mut db: Database) {
    db.script(3, "-- dbmigrate: no-transaction\nPRAGMA journal_mode = WAL;");
    keeping(&mut db).await;
    assert_eq!(kinds(&db), ["db", "db", "txt", "txt"]);
    assert_eq!(copied(&db).await, Some(3));
    assert_eq!(db.query("PRAGMA journal_mode; SELECT id FROM t;"), "wal\n1");
    assert_eq!(kinds(&db), ["db", "db", "txt", "txt"]);
}

async fn what_a_killed_rebuild_has_left_is_removed(mut db: Database) {
    keeping(&mut db).await;
    let left = cache(&db).join("dbmigrate_tpl_0123.draft");
    fs::write(&left, "half a copy").expect("written");
    db.script(3, "INSERT INTO t VALUES (3);");
    assert_eq!(copied(&db).await, Some(2));
    assert!(!left.exists(), "by the next rebuild that keeps something");
    fs::write(&left, "half a copy").expect("written");
    db.migrator().clean_templates().await.expect("cleaned");
    assert_eq!(kinds(&db), Vec::<String>::new());
}

async fn a_template_without_its_card_is_not_used(mut db: Database) {
    keeping(&mut db).await;
    for file in fs::read_dir(cache(&db)).expect("a folder").map(|file| file.expect("a file").path()) {
        if file.extension().is_some_and(|end| end == "txt") {
            fs::write(file, "something else").expect("written");
        }
    }
    assert_eq!((copied(&db).await, copied(&db).await), (None, Some(2)));
}

#[cfg_attr(not(unix), expect(clippy::unused_async, reason = "only Unix has such permissions"))]
async fn only_the_user_can_read_the_cache(mut db: Database) {
    keeping(&mut db).await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: PathBuf| fs::metadata(path).expect("it exists").permissions().mode() & 0o777;
        assert_eq!(mode(cache(&db)), 0o700);
        let database = db.target().file().expect("a file").to_owned();
        assert_eq!(mode(database) & 0o600, 0o600, "the database can be written to");
    }
}
