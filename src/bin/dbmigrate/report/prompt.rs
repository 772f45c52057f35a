//! The questions to the user, if there is a terminal.

use std::io::{BufRead, IsTerminal};

use dbmigrate::outcome::OtherHistory;
use dbmigrate::{CancellationToken, Error, Target};

use super::Report;
use crate::commands::aside;

impl Report {
    /// Asks for the name of the database that is to be dropped. Without a terminal, there is no question and no answer.
    pub(crate) async fn ask_for_name(
        &self,
        target: &Target,
        others: &[OtherHistory],
        cancel: &CancellationToken,
    ) -> Result<Option<String>, Error> {
        let database = target.database();
        let others = others.iter().map(|other| format!(", including the journal {} of another history", other.table));
        let others = others.collect::<String>();
        let question =
            format!("rebuild drops {target}{others}. Type the name of the database, {database}, to continue: ");
        Ok(self.ask(&question, cancel).await?.filter(|answer| !answer.is_empty()))
    }

    /// Asks whether to make a change to a database.
    pub(crate) async fn ask_to_go_on(
        &self,
        what: &str,
        target: &Target,
        cancel: &CancellationToken,
    ) -> Result<bool, Error> {
        let question = format!("{what} in {target}. Type yes to continue: ");
        let answer = self.ask(&question, cancel).await?.unwrap_or_default();
        Ok(["y", "yes"].iter().any(|yes| answer.eq_ignore_ascii_case(yes)))
    }

    /// Whether there is a terminal for questions and answers.
    #[expect(clippy::unused_self, reason = "questions go where the report goes")]
    pub(crate) fn can_ask(&self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }

    /// Asks a question and waits for the answer or for an interrupt.
    async fn ask(&self, question: &str, cancel: &CancellationToken) -> Result<Option<String>, Error> {
        if !self.can_ask() {
            return Ok(None);
        }
        self.progress.text(question);
        let read = aside(|| {
            let mut answer = String::new();
            std::io::stdin().lock().read_line(&mut answer).ok()?;
            Some(answer.trim().to_owned())
        });
        tokio::select! {
            answer = read => Ok(answer),
            () = cancel.cancelled() => Err(Error::Interrupted { during: None, state: None }),
        }
    }
}
