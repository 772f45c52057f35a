use std::ops::Range;

use super::{MarkerRole, Repeat, SplitErrorKind};

/// Something that the checks before a run find in a script.
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
    /// The script itself starts or ends a transaction.
    #[error("a script may not {statement}: dbmigrate controls the transactions")]
    OwnTransaction { statement: String, advice: &'static str },
    /// The statement fails, or does nothing, inside a transaction.
    #[error("{statement} cannot run in a transaction")]
    NotInTransaction { statement: String },
    /// The statement has no effect once the database has a table.
    #[error("{statement} does nothing here: it takes effect only before the database has a table")]
    NoEffect { statement: String, later: bool },
    /// The statement cannot run here at all.
    #[error("{statement} cannot run here: {reason}")]
    Unsupported { statement: String, reason: String },
    /// The statement leaves the run's database, or drops it.
    #[error("{statement} {database} would take the run out of its database")]
    OtherDatabase { statement: String, database: String },
    /// The script leaves a savepoint open.
    #[error("the savepoint {name} is still open at the end of the script")]
    OpenSavepoint { name: String },
    /// The script refers to a savepoint that it has not set.
    #[error("the script has not set the savepoint {name} before this statement")]
    UnknownSavepoint { name: String },
    /// The statement is longer than the server accepts.
    #[error("the statement is {bytes} bytes long, but the server's max_allowed_packet allows {limit}")]
    TooLong { bytes: usize, limit: usize },
    /// A baseline contains the journal's table, which the run creates itself.
    #[error("{table} is the journal of this run")]
    Journal { table: String },
    /// The statement changes the journal, or drops or renames the schema that it is in.
    #[error("{} {table}, the journal of this run", schema.as_ref().map_or("the statement changes".into(), |schema| format!("the schema {schema} holds")))]
    JournalChange { table: String, schema: Option<String> },
    /// The dump that starts there is incomplete.
    #[error("the dump is cut off: {missing} is missing")]
    CutOff { missing: String },
    /// A directive after the first statement, where dbmigrate does not read it.
    #[error("a directive after the first statement is not read")]
    MisplacedDirective,
    /// A section begins there that undoes a script of another migration tool.
    #[error("a down section of {tool} begins here, but scripts only go up")]
    DownSection { tool: &'static str },
    /// A comment that another migration tool acts on. A warning.
    #[error("dbmigrate does not act on this {tool} marker")]
    ForeignMarker { tool: &'static str, role: MarkerRole },
    /// A variable in the syntax of another migration tool. A warning.
    #[error("{name} is sent unchanged: it is not a dbmigrate variable")]
    ForeignVariable { name: String },
    /// The script names the schema of one tenant, and runs for all of them. A warning.
    #[error("{schema} is the schema of one tenant, and this script runs for every tenant")]
    TenantSchema { schema: String },
    /// An invisible character is part of a word.
    #[error("U+{:04X} ({}) occurs here, and the server reads it as part of a word", u32::from(*character), name_of(*character))]
    Invisible { character: char },
    /// `GO` at the end of a line does not separate batches.
    #[error("GO at the end of a line does not end the batch")]
    TrailingSeparator,
    /// A statement of an object file cannot run again.
    #[error("{object} cannot be created again: {}", repeated(*repeat))]
    NotRepeatable { object: String, repeat: Repeat, remedy: String },
    /// The directive `drop-first` on an engine that does not need it.
    #[error("drop-first does nothing on this kind of database")]
    NoDropFirst,
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
            Self::TenantSchema { .. } => "tenant-schema",
            Self::Invisible { .. } => "invisible-character",
            Self::TrailingSeparator => "trailing-separator",
            Self::NotRepeatable { .. } => "not-repeatable",
            Self::NoDropFirst => "no-drop-first",
            Self::Split(kind) => kind.code(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::OwnTransaction { advice, .. } => (*advice).into(),
            Self::NoEffect { later: true, .. } => {
                "put it into the Baseline.sql of a new database; for a database that has tables, put it, followed by \
                 VACUUM, into a script of its own that starts with the line: -- dbmigrate: no-transaction"
                    .into()
            }
            Self::NoEffect { .. } => "put it into the Baseline.sql of a new database, or remove it".into(),
            Self::NotInTransaction { statement } if statement == "CREATE DATABASE" => {
                "`Migrator::rebuild` and `UpgradeOptions::create_database` create the database: remove the statement, and everything else \
                 about the database itself (dump without pg_dump's --create; in SSMS, choose the objects instead of the entire \
                 database); another database needs a script of its own that starts with the line: \
                 -- dbmigrate: no-transaction"
                    .into()
            }
            Self::NotInTransaction { .. } => {
                "move it to a script of its own that starts with the line: -- dbmigrate: no-transaction".into()
            }
            Self::Unsupported { .. } => "remove the statement".into(),
            Self::OtherDatabase { .. } => {
                "remove the statement: a script stays in the database that the URL names; the tables of another \
                 database can be named in full (database.table)"
                    .into()
            }
            Self::OpenSavepoint { name } => format!("end it in this script: RELEASE SAVEPOINT {name}"),
            Self::UnknownSavepoint { .. } => {
                "set it in this script, or remove the statement: it would undo what another script did".into()
            }
            Self::TooLong { .. } => "split it into several statements, or raise max_allowed_packet on the server".into(),
            Self::Journal { table } => format!(
                "leave the journal's tables out of the dump: pg_dump --exclude-table='{table}*', mysqldump \
                 --ignore-table=DATABASE.{table} --ignore-table=DATABASE.{table}_repairs \
                 --ignore-table=DATABASE.{table}_schema --ignore-table=DATABASE.{table}_objects; for sqlite3, drop them in a copy of \
                 the file first"
            ),
            Self::JournalChange { schema: Some(_), .. } => {
                "drop the objects in the schema one by one, or keep the journal in another schema (`Options::journal`); \
                 `Migrator::rebuild` starts over"
                    .into()
            }
            Self::JournalChange { .. } => {
                "remove the statement: only dbmigrate writes the journal (`Migrator::repair` corrects it, `Migrator::rebuild` starts over)"
                    .into()
            }
            Self::NotRepeatable { remedy, .. } => remedy.clone(),
            Self::Split(kind) => kind.hint(),
            text => text.text_hint().into(),
        }
    }

    /// What to do about a finding in the text of a script.
    const fn text_hint(&self) -> &'static str {
        match self {
            Self::CutOff { .. } => "dump it again, or remove this line if the file was shortened on purpose",
            Self::MisplacedDirective => "move the line to the top of the script",
            Self::DownSection { .. } => {
                "delete the section that begins here: dbmigrate runs the whole script; to undo what is applied, write a new script"
            }
            Self::ForeignMarker { role: MarkerRole::NoTransaction, .. } => {
                "to run the script outside a transaction, start it with the line: -- dbmigrate: no-transaction"
            }
            Self::ForeignMarker { .. } => "remove the line",
            Self::ForeignVariable { .. } => "for a variable, write $(name); if the text is meant literally, leave it",
            Self::TenantSchema { .. } => "leave the schema out: a name without a schema means the tenant's own object",
            Self::Invisible { .. } => {
                "delete it, or replace it with an ordinary space; a name that contains it needs quotes"
            }
            Self::NoDropFirst => "remove the line: DROP ... IF EXISTS before each CREATE is enough here",
            Self::TrailingSeparator => "put GO on a line of its own; DbUp splits here, sqlcmd does not",
            _ => "",
        }
    }
}

/// Completes `cannot be created again`.
const fn repeated(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::Fails => "the statement fails once it exists",
        Repeat::Skips => "the statement does nothing once it exists, so a change would have no effect",
    }
}

fn name_of(character: char) -> &'static str {
    INVISIBLE.iter().find(|(known, _)| *known == character).map_or("", |(_, name)| name)
}
