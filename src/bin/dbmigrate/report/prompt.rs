//! The questions that are asked, where there is a terminal.

use std::io::{BufRead, IsTerminal};

use dbmigrate::{OtherHistory, Target};

use super::Report;

impl Report {
    /// Asks for the name of the database that is to be dropped. Without a terminal nobody is asked.
    pub(crate) fn ask_for_name(&self, target: &Target, others: &[OtherHistory]) -> Option<String> {
        let database = target.database();
        let others = others.iter().map(|other| format!(", with the journal {} of another history", other.table));
        let others = others.collect::<String>();
        self.ask(&format!("rebuild drops {target}{others}. Type the name of the database, {database}, to continue: "))
            .filter(|answer| !answer.is_empty())
    }

    /// Asks whether something is to be done to a database.
    pub(crate) fn ask_to_go_on(&self, what: &str, target: &Target) -> bool {
        let answer = self.ask(&format!("{what} in {target}. Type yes to continue: ")).unwrap_or_default();
        ["y", "yes"].iter().any(|yes| answer.eq_ignore_ascii_case(yes))
    }

    /// There is a terminal for an answer.
    #[expect(clippy::unused_self, reason = "a report is where people are")]
    pub(crate) fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    fn ask(&self, question: &str) -> Option<String> {
        if !self.can_ask() {
            return None;
        }
        self.progress.text(question);
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer).ok()?;
        Some(answer.trim().to_owned())
    }
}
