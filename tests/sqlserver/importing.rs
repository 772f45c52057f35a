//! Imports of what another tool has recorded.

use dbmigrate::adopt::{AdoptOptions, Adoption, Tool};
use dbmigrate::{BaselineOptions, ForeignJournal, Migrator, Scripts};
use insta::assert_snapshot;

use crate::recorder::Reply;
use crate::stage::{Stage, cell};

fn rows(columns: &'static [&'static str], rows: &[&[&str]]) -> Vec<Reply> {
    let cell = |cell: &&str| Some((*cell).to_owned()).filter(|cell| !cell.is_empty());
    vec![Reply::Rows { columns, rows: rows.iter().map(|row| row.iter().map(cell).collect()).collect() }]
}

/// The times are those of `datetime`, in the style that the query asks for.
#[tokio::test]
async fn an_adopted_journal_is_recorded_with_its_times() {
    let folder = tempfile::tempdir().expect("a folder");
    let (old, dir) = (folder.path().join("old"), folder.path().join("migrations"));
    std::fs::create_dir(&old).expect("a folder");
    for name in ["Script0001 - Create t.sql", "Script0002 - Fill t.sql", "Script0003 - More.sql"] {
        std::fs::write(old.join(name), "SELECT 1\n").expect("written");
    }
    let adoption = Adoption::plan(&dir, &AdoptOptions::new([old]).from(Tool::Dbup)).expect("a plan");
    adoption.write().expect("written");
    let answer = |_: usize, batch: &str| match batch {
        _ if batch.contains("is_ms_shipped = 0 AND parent_object_id") => Some(cell("1")),
        _ if batch.contains("INFORMATION_SCHEMA.COLUMNS AS found") => Some(rows(
            &["", "", ""],
            &[
                &["dbo", "SchemaVersions", "Id"],
                &["dbo", "SchemaVersions", "ScriptName"],
                &["dbo", "SchemaVersions", "Applied"],
            ],
        )),
        _ if batch.contains("FROM [dbo].[SchemaVersions]") => {
            let row = |name: &'static str, at: &'static str| [at, name, name, "", at, "", "", "", ""];
            let first = row("Shop.Scripts.Script0001 - Create t.sql", "2024-01-02 03:04:05.123");
            let second = row("Shop.Scripts.Script0002 - Fill t.sql", "2024-01-02 03:04:06.457");
            Some(rows(&["", "", "", "", "", "", "", "", ""], &[&first, &second]))
        }
        _ => None,
    };
    let stage = Stage::set(&[], answer).await;
    let target = stage.url("shop").parse().expect("a URL");
    let scripts = Scripts::from_dir(&dir).expect("the folder is there");
    let migrator = Migrator::new(target, scripts).options(stage.options.clone());
    let answer = migrator.baseline_with(&BaselineOptions::new().import(ForeignJournal::auto())).await;
    assert_snapshot!(stage.transcript(&answer));
}
