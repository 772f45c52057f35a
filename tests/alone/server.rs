//! A program that keeps its own database up to date, whichever server it is on.

use std::error::Error;

use dbmigrate::{Migrator, Scripts, Target};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let target: Target = std::env::var("DATABASE_URL")?.parse()?;
    let scripts = Scripts::from_files([("Script-0001.sql", b"CREATE TABLE item (id integer PRIMARY KEY);")]);
    let report = Migrator::new(target, scripts).upgrade().await?;
    println!("{} applied", report.applied.len());
    Ok(())
}
