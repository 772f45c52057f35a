//! A desktop program that keeps its notes in a SQLite file. It upgrades the file when it starts, after it has made a copy of
//! it, and it does not open a file that a newer version of it has written.
//!
//! `desktop FILE [TEXT ...]` adds a note and prints all notes.

use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use dbmigrate::{AtStart, Migrator, Number, Start, Target, UpgradeOptions};
use rusqlite::Connection;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    if let Err(error) = run().await {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let file = PathBuf::from(arguments.next().ok_or("usage: desktop FILE [TEXT ...]")?);
    let text = arguments.collect::<Vec<_>>().join(" ");

    let connection = open(&file).await?;
    if !text.is_empty() {
        connection.execute("INSERT INTO note (text, written_at) VALUES (?1, datetime())", [text])?;
    }
    let mut notes = connection.prepare("SELECT text FROM note ORDER BY id")?;
    for text in notes.query_map([], |row| row.get::<_, String>(0))? {
        println!("- {}", text?);
    }
    Ok(())
}

/// Opens a file of this program, which may be new or of an older version.
async fn open(file: &Path) -> Result<Connection, Box<dyn Error>> {
    let migrator = Migrator::new(Target::sqlite(file), dbmigrate::embed!("examples/migrations/notes"));
    if file.exists() {
        match migrator.at_start(AtStart::Check).await? {
            Start::UpToDate { .. } => return Ok(Connection::open(file)?),
            Start::Ahead { .. } => {
                return Err("a newer version of this program has written the file: install it".into());
            }
            Start::Pending { .. } => copy(file, migrator.status().await?.at)?,
            other => return Err(refused(&other).into()),
        }
    }
    match migrator.at_start_with(AtStart::Upgrade, &UpgradeOptions::new().create_database(true)).await? {
        start if start.is_ready() => Ok(Connection::open(file)?),
        other => Err(refused(&other).into()),
    }
}

fn refused(start: &Start) -> String {
    let Start::Refused { problems } = start else { return format!("the file cannot be opened: {start:?}") };
    let problems = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    format!("this is not a file as this program has left it: {problems}")
}

/// Copies the file as it is before the upgrade: `notes.db` becomes `notes.db.0001`.
fn copy(file: &Path, at: Option<Number>) -> Result<(), Box<dyn Error>> {
    let copy = format!("{}.{}", file.display(), at.unwrap_or(Number::BASELINE));
    if !Path::new(&copy).exists() {
        // a plain copy could miss what is in a write-ahead log
        Connection::open(file)?.execute("VACUUM INTO ?1", [&copy])?;
        println!("the notes as they were are in {copy}");
    }
    Ok(())
}
