//! What the program does on MySQL and `MariaDB` alone.

mod connecting;
mod json;
mod previews;
mod rebuild;
mod refused;
mod resume;
mod scripts;
mod sessions;
mod upgrade;

use crate::engine::mysql::{new_database, project_on, tables};
use crate::project::ONE;

/// Upgrades with this second script, and makes sure that nothing of either script was applied.
fn refused(script: &str) -> String {
    let database = new_database();
    let shown = project_on(&database, &[ONE, script]).run("upgrade");
    assert_eq!(tables(&database), "", "something was applied: {shown}");
    shown
}

/// Upgrades with this second script, which fails.
fn failed(script: &str) -> String {
    project_on(&new_database(), &[ONE, script]).run("upgrade")
}
