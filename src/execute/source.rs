//! The statements of a script as the source of a schedule.

use crate::error::Error;
use crate::plan::{Opened, ReadStatement, Source, Step};
use crate::script::{ReadError, SqlFile};
use crate::sql::Context;
use crate::statements::{Prefix, Statements, Unreadable};

/// A script that is read while it runs.
pub(super) struct ScriptSource {
    script: SqlFile,
    statements: Statements,
    /// The hash of the text through the last statement, if checkpoints follow statements.
    prefix: Option<Prefix>,
    /// Whether to keep the whitespace and comments before a statement.
    keeps_comments: bool,
}

/// How scripts are opened.
#[derive(Clone)]
pub(super) struct Opening {
    pub(super) context: Context,
    /// Up to how many bytes of a text the journal keeps.
    pub(super) body_limit: Option<usize>,
    pub(super) has_checkpoints: bool,
    pub(super) keeps_comments: bool,
}

impl Opening {
    /// Opens a script.
    pub(super) fn open(&self, step: &Step) -> Result<Opened<ScriptSource>, Error> {
        let script = (**step.script()).clone();
        let mut statements = Statements::open(&script, &self.context)?;
        let body = body(&mut statements, self.body_limit)?;
        let (prefix, keeps_comments) = (self.has_checkpoints.then(Prefix::default), self.keeps_comments);
        Ok(Opened { source: ScriptSource { script, statements, prefix, keeps_comments }, body })
    }
}

/// Returns the text that the journal keeps.
pub(super) fn body(statements: &mut Statements, limit: Option<usize>) -> Result<Option<String>, ReadError> {
    limit.map_or(Ok(None), |limit| statements.body(limit))
}

impl ScriptSource {
    /// Opens an object file.
    pub(super) fn open(file: &SqlFile, opening: &Opening) -> Result<Self, Error> {
        let (file, keeps_comments) = (file.clone(), opening.keeps_comments);
        let statements = Statements::open(&file, &opening.context)?;
        Ok(Self { script: file, statements, prefix: None, keeps_comments })
    }

    /// Returns the statements.
    pub(super) const fn statements(&mut self) -> &mut Statements {
        &mut self.statements
    }

    /// Returns the next rows after a statement that has rows; `None` after the last.
    pub(super) fn rows(&mut self) -> Result<Option<&str>, Unreadable> {
        self.statements.rows()
    }

    /// Returns how many bytes of the file have been read.
    pub(super) fn bytes(&self) -> u64 {
        self.statements.bytes()
    }
}

impl Source for ScriptSource {
    type Error = Error;

    fn next(&mut self) -> Result<Option<ReadStatement>, Error> {
        let next = self.statements.next().transpose();
        let Some(statement) = next.map_err(|error| Error::unreadable(&self.script, error))? else { return Ok(None) };
        let through = self.prefix.as_mut().map(|prefix| {
            prefix.extend(&self.statements, &statement);
            prefix.hasher()
        });
        let lead =
            if self.keeps_comments { self.statements.text(&(statement.span.start..statement.range.start)) } else { "" };
        let (lead, sql) = (lead.to_owned(), self.statements.sql(&statement).to_owned());
        Ok(Some(ReadStatement {
            parsed: statement,
            sql,
            lead,
            bytes: self.statements.bytes(),
            through: through.unwrap_or_default(),
        }))
    }

    fn look_ahead(&mut self, bytes: usize) {
        self.statements.look_ahead(bytes);
    }
}
