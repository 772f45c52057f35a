//! The `sqlite3` shell, with the arguments that make it dump a database.

use std::path::Path;
use std::process::Command;

pub(super) fn dump_tools(path: &Path) -> Vec<Command> {
    let mut tool = Command::new("sqlite3");
    tool.arg("-readonly").arg(path).arg(".dump");
    vec![tool]
}
