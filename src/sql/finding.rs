use std::ops::Range;

use super::{MarkerRole, SplitErrorKind};

/// What the checks before a run find in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The bytes to point at.
    pub at: Range<usize>,
    /// What is wrong with them.
    pub kind: FindingKind,
}

/// What is wrong with a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the variant's own line names")]
pub enum FindingKind {
    /// The script starts or ends a transaction itself.
    #[error("a script may not {statement}: it would control the transaction of the run")]
    OwnTransaction { statement: String, advice: &'static str },
    /// The statement fails, or does nothing, inside a transaction.
    #[error("{statement} cannot run in a transaction")]
    NotInTransaction { statement: String },
    /// The statement does nothing once the database has a table.
    #[error("{statement} does nothing here: it counts only before the database has a table")]
    NoEffect { statement: String, later: bool },
    /// The statement cannot run here at all.
    #[error("{statement} cannot run here: {reason}")]
    Unsupported { statement: String, reason: String },
    /// The statement leaves the run's database, or drops it.
    #[error("{statement} {database} would take the run out of its database")]
    OtherDatabase { statement: String, database: String },
    /// The script leaves a savepoint to the next one.
    #[error("the savepoint {name} is still open at the end of the script")]
    OpenSavepoint { name: String },
    /// The script refers to a savepoint that it has not set.
    #[error("the script has set no savepoint {name} before")]
    UnknownSavepoint { name: String },
    /// The statement is longer than the server accepts.
    #[error("the statement has {bytes} bytes, the server's max_allowed_packet allows {limit}")]
    TooLong { bytes: usize, limit: usize },
    /// A baseline holds the journal's table, which the run has already.
    #[error("{table} is the journal of the run itself")]
    Journal { table: String },
    /// The statement changes the journal, or drops or renames the schema that it is in.
    #[error("{} {table}, the journal of the run itself", schema.as_ref().map_or("the statement changes".into(), |schema| format!("the schema {schema} holds")))]
    JournalChange { table: String, schema: Option<String> },
    /// A dump that starts there has no end.
    #[error("the dump is cut off: {missing} does not come")]
    CutOff { missing: String },
    /// A directive behind the first statement, where it is not read.
    #[error("a directive behind the first statement is not read")]
    MisplacedDirective,
    /// What undoes a script of another migration tool begins there.
    #[error("a down section of {tool} begins here, but scripts only go up")]
    DownSection { tool: &'static str },
    /// A comment that another migration tool acts on. A warning.
    #[error("dbmigrate does not act on this marker of {tool}")]
    ForeignMarker { tool: &'static str, role: MarkerRole },
    /// A variable as other migration tools write it. A warning.
    #[error("{name} is sent as it is: it is no variable of dbmigrate")]
    ForeignVariable { name: String },
    /// A character that nobody sees is a part of a word.
    #[error("U+{:04X} ({}) is here, which the server takes for a part of a word", u32::from(*character), name_of(*character))]
    Invisible { character: char },
    /// `GO` at the end of a line separates no batches.
    #[error("GO at the end of a line does not end the batch")]
    TrailingSeparator,
    /// The text cannot be split.
    #[error(transparent)]
    Split(SplitErrorKind),
}

/// Characters that look like a blank or like nothing.
pub(super) const INVISIBLE: [(char, &str); 7] = [
    ('\u{FEFF}', "byte order mark"),
    ('\u{200B}', "zero width space"),
    ('\u{00A0}', "no-break space"),
    ('\u{202F}', "narrow no-break space"),
    ('\u{2007}', "figure space"),
    ('\u{2060}', "word joiner"),
    ('\u{00AD}', "soft hyphen"),
];

impl FindingKind {
    /// A word for programs: stable, lower case, with dashes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OwnTransaction { .. } => "own-transaction",
            Self::NotInTransaction { .. } => "not-in-transaction",
            Self::NoEffect { .. } => "no-effect",
            Self::Unsupported { .. } => "unsupported",
            Self::OtherDatabase { .. } => "other-database",
            Self::OpenSavepoint { .. } => "open-savepoint",
            Self::UnknownSavepoint { .. } => "unknown-savepoint",
            Self::TooLong { .. } => "too-long",
            Self::Journal { .. } => "journal-table",
            Self::JournalChange { .. } => "journal-change",
            Self::CutOff { .. } => "cut-off",
            Self::MisplacedDirective => "misplaced-directive",
            Self::DownSection { .. } => "down-section",
            Self::ForeignMarker { .. } => "foreign-marker",
            Self::ForeignVariable { .. } => "foreign-variable",
            Self::Invisible { .. } => "invisible-character",
            Self::TrailingSeparator => "trailing-separator",
            Self::Split(kind) => kind.code(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::OwnTransaction { advice, .. } => (*advice).into(),
            Self::NoEffect { later: true, .. } => {
                "put it into the Baseline.sql of a new database; for a database that has tables, put it, and VACUUM after \
                 it, into a script of its own that starts with the line: -- dbmigrate: no-transaction"
                    .into()
            }
            Self::NoEffect { .. } => "put it into the Baseline.sql of a new database, or remove it".into(),
            Self::NotInTransaction { statement } if statement == "CREATE DATABASE" => {
                "rebuild and upgrade --create-database create the database: remove the statement, and what else is about \
                 the database itself (dump it without pg_dump's --create; in SSMS, choose the objects instead of the entire \
                 database); another database needs a script of its own that starts with the line: \
                 -- dbmigrate: no-transaction"
                    .into()
            }
            Self::NotInTransaction { .. } => {
                "move it to a script of its own that starts with the line: -- dbmigrate: no-transaction".into()
            }
            Self::Unsupported { .. } => "remove the statement".into(),
            Self::OtherDatabase { .. } => {
                "remove the statement: a script stays in the database that the URL names; another one's tables can be \
                 named in full (database.table)"
                    .into()
            }
            Self::OpenSavepoint { name } => format!("end it in this script: RELEASE SAVEPOINT {name}"),
            Self::UnknownSavepoint { .. } => {
                "set it in this script, or remove the statement: it would undo what another script did".into()
            }
            Self::TooLong { .. } => "make several statements of it, or raise max_allowed_packet on the server".into(),
            Self::Journal { table } => format!(
                "leave the journal's tables out of the dump: pg_dump --exclude-table='{table}*', mysqldump \
                 --ignore-table=DATABASE.{table} --ignore-table=DATABASE.{table}_repairs; for sqlite3, drop them in a copy of \
                 the file first"
            ),
            Self::JournalChange { schema: Some(_), .. } => {
                "drop what is in the schema one by one, or keep the journal in another one ([journal] schema); rebuild \
                 starts over"
                    .into()
            }
            Self::JournalChange { .. } => {
                "remove the statement: only dbmigrate writes the journal (dbmigrate repair corrects it, rebuild starts over)"
                    .into()
            }
            Self::Split(kind) => kind.hint(),
            text => text.text_hint().into(),
        }
    }

    /// What to do about what is written in a script.
    const fn text_hint(&self) -> &'static str {
        match self {
            Self::CutOff { .. } => "dump it again, or remove this line if the file was shortened on purpose",
            Self::MisplacedDirective => "move the line to the top of the script",
            Self::DownSection { .. } => {
                "delete the section that begins here: dbmigrate runs all of a script; to undo what is applied, write a new script"
            }
            Self::ForeignMarker { role: MarkerRole::NoTransaction, .. } => {
                "to run the script outside a transaction, start it with the line: -- dbmigrate: no-transaction"
            }
            Self::ForeignMarker { .. } => "remove the line",
            Self::ForeignVariable { .. } => "write $(name) for a variable; if the text is meant as it is, leave it",
            Self::Invisible { .. } => "delete it, or write an ordinary blank; a name that has it needs quotes",
            Self::TrailingSeparator => "put GO on a line of its own; DbUp cuts here, sqlcmd does not",
            _ => "",
        }
    }
}

fn name_of(character: char) -> &'static str {
    INVISIBLE.iter().find(|(known, _)| *known == character).map_or("", |(_, name)| name)
}
