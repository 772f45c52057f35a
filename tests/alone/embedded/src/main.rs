//! A program with its scripts in it. It prints each of them with the commit that it comes from.

use std::error::Error;

use dbmigrate::{AtStart, Migrator, Target, UpgradeOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: alone-embedded FILE")?;
    let migrator = Migrator::new(Target::sqlite(path), dbmigrate::embed!("migrations"));
    let start = migrator.at_start_with(AtStart::Upgrade, &UpgradeOptions::new().create_database(true)).await?;
    assert!(start.is_ready(), "{start:?}");
    let status = migrator.status().await?;
    let scripts = status.scripts.iter().map(|script| (&script.script, &script.commit));
    for (name, commit) in scripts.chain(status.objects.iter().map(|object| (&object.path, &object.commit))) {
        println!("{name} {}", commit.as_deref().unwrap_or("-"));
    }
    Ok(())
}
