//! A program that upgrades its file with dbmigrate and reads it with sqlx: both link the same library of SQLite.

use std::error::Error;

use dbmigrate::{Migrator, Scripts, Target, UpgradeOptions};
use sqlx::SqlitePool;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: alone-beside-sqlx FILE")?;
    let scripts = Scripts::from_files([("Script-0001.sql", b"CREATE TABLE item (id integer PRIMARY KEY);")]);
    let migrator = Migrator::new(Target::sqlite(&path), scripts);
    migrator.upgrade_with(&UpgradeOptions::new().create_database(true)).await?;

    let pool = SqlitePool::connect(&format!("sqlite:{path}")).await?;
    let tables: i64 =
        sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'item'").fetch_one(&pool).await?;
    println!("{tables} table");
    Ok(())
}
