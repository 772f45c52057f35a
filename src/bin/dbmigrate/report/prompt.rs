//! The one question that is ever asked.

use std::io::{BufRead, IsTerminal};

use dbmigrate::Target;

use super::Report;

impl Report {
    /// Asks for the name of the database that is to be dropped. Without a terminal nobody is asked.
    pub(crate) fn ask_for_name(&self, target: &Target) -> Option<String> {
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return None;
        }
        let database = target.database();
        self.progress.text(&format!("rebuild drops {target}. Type the name of the database, {database}, to go on: "));
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).ok()?;
        Some(answer.trim().to_owned()).filter(|answer| !answer.is_empty())
    }
}
