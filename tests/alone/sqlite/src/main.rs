//! A program that keeps its own file up to date.

use std::error::Error;

use dbmigrate::{Migrator, Scripts, Target, UpgradeOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: alone-sqlite FILE")?;
    let scripts = Scripts::from_files([("Script-0001.sql", b"CREATE TABLE item (id integer PRIMARY KEY);")]);
    let migrator = Migrator::new(Target::sqlite(path), scripts);
    let report = migrator.upgrade_with(&UpgradeOptions::new().create_database(true)).await?;
    println!("{} applied", report.applied.len());
    Ok(())
}
