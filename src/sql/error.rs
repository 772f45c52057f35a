/// Why a text cannot be split, with the byte offset where the error starts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct SplitError {
    /// The byte offset of the quote, comment, block or command that causes the error.
    pub at: usize,
    /// What is wrong there.
    pub kind: SplitErrorKind,
}

/// What is wrong with a text that cannot be split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the variant's own line names")]
pub enum SplitErrorKind {
    /// A string without its closing quote.
    #[error("unterminated string")]
    UnterminatedString,
    /// A quoted identifier without its closing quote.
    #[error("unterminated quoted identifier")]
    UnterminatedIdentifier,
    /// A dollar quote whose closing tag is missing.
    #[error("unterminated dollar quote {tag}")]
    UnterminatedDollarQuote { tag: String },
    /// A `/*` without its `*/`.
    #[error("unterminated comment")]
    UnterminatedComment,
    /// A `BEGIN ATOMIC` body or a trigger body without its `END`.
    #[error("body without END")]
    UnterminatedBlock,
    /// A `(` without its `)`.
    #[error("unterminated parenthesis")]
    UnterminatedParenthesis,
    /// `COPY ... FROM stdin` without the `\.` line after its data.
    #[error(r"COPY FROM stdin without a closing \. line")]
    UnterminatedCopy,
    /// More text on the line of `COPY ... FROM stdin;`. The data must start on the next line.
    #[error("text after COPY FROM stdin on the same line")]
    TextAfterCopy,
    /// A command of the database's shell that the database itself does not know.
    #[error("{command} is a command of the database's shell, not SQL")]
    ClientCommand { command: String },
    /// A compound statement or body of MySQL whose first `;` ends it because no `DELIMITER` was chosen.
    #[error("body whose first ; would end the statement")]
    NoDelimiter,
    /// `DELIMITER` without a usable delimiter, or not on a line of its own between statements.
    #[error("DELIMITER that the mysql client would not understand")]
    BadDelimiter,
    /// A line that starts with `GO` but does not separate batches.
    #[error("GO that does not separate batches")]
    BadSeparator,
    /// A count after `GO` that is not from 1 to 2147483647.
    #[error("GO with an invalid count")]
    BadCount,
    /// A `--` comment whose line ends with a CR alone.
    #[error("comment whose line ends with a CR alone")]
    CommentBeforeCr,
    /// A NUL character, at which a database stops reading.
    #[error("NUL character")]
    NulCharacter,
    /// `$(name)`, but no variable of that name is declared.
    #[error("there is no variable {name}")]
    Undeclared { name: String },
    /// The value of a variable turns the statement into something other than one statement.
    #[error("with the value of {name}, this is not a single statement")]
    Several { name: String },
}

impl SplitErrorKind {
    /// A word for programs: stable, lower case, with dashes.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnterminatedString => "unterminated-string",
            Self::UnterminatedIdentifier => "unterminated-identifier",
            Self::UnterminatedDollarQuote { .. } => "unterminated-dollar-quote",
            Self::UnterminatedComment => "unterminated-comment",
            Self::UnterminatedBlock => "unterminated-block",
            Self::UnterminatedParenthesis => "unterminated-parenthesis",
            Self::UnterminatedCopy => "unterminated-copy",
            Self::TextAfterCopy => "text-after-copy",
            Self::ClientCommand { .. } => "client-command",
            Self::NoDelimiter => "no-delimiter",
            Self::BadDelimiter => "bad-delimiter",
            Self::BadSeparator => "bad-separator",
            Self::BadCount => "bad-count",
            Self::CommentBeforeCr => "comment-before-cr",
            Self::NulCharacter => "nul-character",
            Self::Undeclared { .. } => "undeclared-variable",
            Self::Several { .. } => "variables-split",
        }
    }

    /// Whether more text could close what is open.
    pub(super) const fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::UnterminatedString
                | Self::UnterminatedIdentifier
                | Self::UnterminatedDollarQuote { .. }
                | Self::UnterminatedComment
                | Self::UnterminatedBlock
                | Self::UnterminatedParenthesis
                | Self::UnterminatedCopy
        )
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> String {
        match self {
            Self::UnterminatedString => {
                "close the string, or double each quote in it (in MySQL, each backslash too)".into()
            }
            Self::UnterminatedIdentifier => "close the quoted name that starts here".into(),
            Self::UnterminatedDollarQuote { tag } => format!("close it with {tag}"),
            Self::UnterminatedComment => "close it with */ (on PostgreSQL and SQL Server, comments nest; in MySQL's /*! ... */, the ; belongs after the */)".into(),
            Self::UnterminatedBlock => "close the body with END;, and quote any name in it that is BEGIN, CASE or END".into(),
            Self::UnterminatedParenthesis => "close the parenthesis that starts here".into(),
            Self::UnterminatedCopy => r"put ; after the statement, then the data, then a line with \. alone".into(),
            Self::TextAfterCopy => r"start the data, or the next statement after its \., on a line of its own".into(),
            Self::ClientCommand { command } if command.eq_ignore_ascii_case(":setvar") => {
                "remove the line, and set the value in `Options::variables`".into()
            }
            Self::ClientCommand { .. } => {
                "only SQL is sent to the database: write SQL instead, or remove the line".into()
            }
            Self::NoDelimiter => {
                "put a line DELIMITER // before the statement, // after its END, and a line DELIMITER ; after that"
                    .into()
            }
            Self::BadDelimiter => {
                "end the statement before it with the delimiter in force, then write DELIMITER and up to 15 ASCII \
                 characters without blanks or backslashes on a line of their own"
                    .into()
            }
            Self::BadSeparator => {
                "write GO on a line of its own, followed at most by a count or a -- comment; the server would read it as a \
                 name (a column of that name: [GO])"
                    .into()
            }
            Self::BadCount => "a batch can run 1 to 2147483647 times: GO 3, or GO alone to run it once".into(),
            Self::CommentBeforeCr => {
                "save the file with LF or CRLF line ends: to the server, the comment may continue on the next line".into()
            }
            Self::NulCharacter => "remove the character".into(),
            // what an adoption could not translate
            Self::Undeclared { name } if name == "to_be_written" => "write here what the line above it says".into(),
            Self::Undeclared { name } => format!(
                "declare it in `Options::variables`; for the literal text, write $$({name}), \
                 or start a script that contains many with the line: -- dbmigrate: no-variables"
            ),
            Self::Several { .. } => "give it a value that ends neither a string nor the statement".into(),
        }
    }
}
