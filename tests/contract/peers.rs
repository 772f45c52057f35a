//! What other tools have left in real databases: `tests/peers` has the files that they ran, and the dumps. The databases are
//! imported, upgraded, and compared with what the scripts build.

use std::fs;
use std::path::{Path, PathBuf};

use dbmigrate::adopt::{AdoptOptions, Adoption, Tool};
use dbmigrate::{BaselineOptions, Engine, ForeignJournal, Reference};

use crate::database::Database;

#[cfg(feature = "sqlite")]
mod sqlite {
    crate::tests! {
        crate::engine::sqlite::Sqlite:
        what_a_tool_has_applied_is_recorded, the_rest_of_what_a_tool_has_begun_is_applied, what_has_failed_is_refused
    }
}
#[cfg(feature = "postgres")]
mod postgres {
    crate::tests! {
        crate::engine::postgres::Postgres:
        what_a_tool_has_applied_is_recorded, the_rest_of_what_a_tool_has_begun_is_applied, what_has_failed_is_refused
    }
}

/// The files and the databases of a tool on an engine.
struct Peer {
    name: String,
    tool: Tool,
    folder: PathBuf,
}

impl Peer {
    /// Those of the engine of a database.
    fn all(db: &Database) -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers");
        let scheme = db.url.split(':').next().expect("a scheme");
        let peer = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().expect("a name");
            let (tool, engine) = name.rsplit_once('-')?;
            let variant = ["-ms", "-simple"].into_iter().find_map(|variant| tool.strip_suffix(variant));
            let tool = variant.unwrap_or(tool).parse().ok()?;
            (engine == scheme).then_some(Self { name, tool, folder: entry.path() })
        };
        let entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry"));
        let mut all = entries.filter_map(peer).collect::<Vec<_>>();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        assert!(all.len() > 10, "the tools on {scheme}");
        all
    }

    fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(name)).ok()
    }

    /// The folder that has the migrations.
    fn old(&self) -> &'static str {
        match self.tool {
            Tool::Dbmate => "db/migrations",
            Tool::Prisma => "prisma/migrations",
            Tool::Liquibase => "db/changelog",
            Tool::Rails => "db",
            Tool::Alembic | Tool::Flyway => "sql",
            _ => "migrations",
        }
    }

    /// Adopts the files into the folder of a database, and fills it with a dump.
    fn adopted(&self, db: &mut Database, dump: &str) -> usize {
        let old = db.path("../old");
        copy(&self.folder.join("old"), &old);
        let engine = Engine::of(&db.url).expect("an engine");
        let options = AdoptOptions::new([old.join(self.old())]).from(self.tool).engine(engine);
        let adoption = Adoption::plan(db.path(""), &options).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        adoption.write().expect("written");
        for script in fs::read_dir(self.folder.join("by-hand")).into_iter().flatten() {
            let script = script.expect("an entry");
            fs::copy(script.path(), db.path(&script.file_name().to_string_lossy())).expect("copied");
        }
        let settings = self.text("dbmigrate.toml").unwrap_or_default();
        for (name, value) in settings.lines().filter_map(|line| line.split_once(" = ")) {
            db.options.variables.declare(name, value.trim_matches('"')).expect("a name");
        }
        db.query(dump);
        adoption.scripts.len()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("copied");
        }
    }
}

fn import() -> BaselineOptions {
    BaselineOptions::new().import(ForeignJournal::auto()).verify(true)
}

async fn what_a_tool_has_applied_is_recorded(db: Database) {
    for peer in Peer::all(&db) {
        let (mut db, name) = (db.another(), &peer.name);
        let count = peer.adopted(&mut db, &peer.text("database.sql").expect("a dump"));
        let recorded = db.record(&import()).await;
        assert!(!recorded[0].starts_with("error"), "{name}: {recorded:?}");
        let status = db.migrator().status().await.expect("status");
        assert_eq!((status.applied, status.pending, status.problems.len()), (count, 0, 0), "{name}");
        let last = status.scripts.iter().map(|script| script.number).max().expect("scripts").get();
        db.script(last + 1, "CREATE TABLE suppliers (id integer PRIMARY KEY);");
        db.script(last + 2, "ALTER TABLE suppliers ADD COLUMN name varchar(50);");
        let upgraded = db.upgrade().await;
        assert!(upgraded[0].starts_with(&format!("{last:04} -> {:04}: ", last + 2)), "{name}: {upgraded:?}");
        let verified = db.migrator().verify(&Reference::Rebuild { scratch: None }).await.expect("verified");
        assert!(verified.comparison.is_equal(), "{name}: {:?}", verified.comparison.differences);
    }
}

async fn the_rest_of_what_a_tool_has_begun_is_applied(db: Database) {
    for peer in Peer::all(&db) {
        let Some(dump) = peer.text("partial.sql") else { continue };
        let (mut db, name) = (db.another(), &peer.name);
        let count = peer.adopted(&mut db, &dump);
        let recorded = db.record(&import()).await;
        if peer.tool == Tool::Rails {
            let refused =
                "error: Baseline.sql stands for 13 migrations of the other tool, and the database has 9 of them";
            assert_eq!(recorded[0], refused, "{recorded:?}");
            continue;
        }
        assert!(!recorded[0].starts_with("error"), "{name}: {recorded:?}");
        let status = db.migrator().status().await.expect("status");
        assert_eq!((status.applied, status.pending), (9, count - 9), "{name}: {:?}", status.problems);
        let upgraded = db.upgrade().await;
        assert!(upgraded[0].starts_with("0009 -> "), "{name}: {upgraded:?}");
        let verified = db.migrator().verify(&Reference::Rebuild { scratch: None }).await.expect("verified");
        assert!(verified.comparison.is_equal(), "{name}: {:?}", verified.comparison.differences);
    }
}

async fn what_has_failed_is_refused(db: Database) {
    for peer in Peer::all(&db) {
        let Some(dump) = peer.text("failed.sql") else { continue };
        let (mut db, name) = (db.another(), &peer.name);
        peer.adopted(&mut db, &dump);
        let recorded = db.record(&import()).await;
        assert!(recorded[0].starts_with("error"), "{name}: {recorded:?}");
        // sqlx leaves no row of what failed outside a transaction
        let expected = if peer.tool == Tool::Sqlx { "table half" } else { " in the other tool" };
        assert!(recorded.join("\n").contains(expected), "{name}: {recorded:?}");
        assert!(!db.dump().contains("dbmigrate_journal"), "{name}: not even an empty journal");
    }
}
