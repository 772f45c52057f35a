//! What differs from one dialect of SQL to another.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

use super::cursor::{Cursor, Token};
use super::dump::DumpMarks;
use super::dump_wrapper::DumpWrapper;
use super::rules::Rule;
use super::session_state::{self, IsLost};
use super::statement::{Data, Defers};
use super::{Context, SplitError, Statement, Words};

/// Reads the next token of a statement.
pub(crate) type Lexer = Box<dyn FnMut(&mut Cursor<'_>) -> Result<Token, SplitError>>;

/// Splits a text into statements, and keeps the settings of earlier statements that determine how the next one is read.
pub(crate) trait Reader: fmt::Debug + Send + Sync {
    /// Reads to the end of the next statement.
    fn statement(&mut self, cursor: &mut Cursor<'_>, data: Data) -> Result<Statement, SplitError>;

    fn boxed(&self) -> Box<dyn Reader>;
}

impl Clone for Box<dyn Reader> {
    fn clone(&self) -> Self {
        self.boxed()
    }
}

/// The table that an `UPDATE` or a `DELETE` changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Changes {
    /// The one that follows the verb.
    First,
    /// The one that follows the verb, which may be the alias of a table after `FROM`.
    Alias,
    /// For an `UPDATE`, those among the joined tables to whose columns it assigns values; for a `DELETE`, as `Alias`.
    Assigned,
}

/// How long a savepoint exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Savepoints {
    /// Until it is released. Another one of the same name hides it.
    Nested,
    /// Until it is released or another one has its name.
    Unique,
    /// Until the transaction ends: no statement releases it.
    Permanent,
}

/// Returns a quoted name without its quotes.
fn unquoted(name: &str) -> String {
    let inner = name.get(1..name.len().saturating_sub(1)).unwrap_or_default();
    let closing = if name.starts_with('[') { ']' } else { name.chars().next().unwrap_or('"') };
    inner.replace(&format!("{closing}{closing}"), &closing.to_string())
}

/// How the SQL of one database product reads, and what its statements do.
///
/// Everything that only one product has is in its implementation. What all products share asks here.
pub(crate) trait Dialect: fmt::Debug + Send + Sync {
    /// The name in lower case, by which dialects are told apart.
    fn name(&self) -> &'static str;

    /// The schema of unqualified names, in a product whose databases have several schemas.
    fn default_schema(&self) -> Option<&'static str>;

    /// The words for what a script is split into, singular and plural.
    fn units(&self) -> (&'static str, &'static str) {
        ("statement", "statements")
    }

    /// The text that ends a statement for the database's own client.
    fn terminator(&self) -> &'static str {
        ";"
    }

    /// Whether a statement that changes a schema commits the transaction that it runs in, and cannot be rolled back.
    fn commits_at_ddl(&self) -> bool {
        false
    }

    /// Whether a long transaction costs less than many short ones: it holds no lock on each object that it creates, and
    /// each commit waits for the disk.
    fn favours_long_transactions(&self) -> bool {
        false
    }

    // how a text is read

    /// Returns what splits a text. `own` is the database to which a dump may connect.
    fn reader(&self, own: Option<Arc<str>>) -> Box<dyn Reader>;

    /// Returns what reads the tokens of a single statement.
    fn lexer(&self) -> Lexer;

    /// Returns the contents of a token that can quote the body of a routine; `None` for any other token.
    fn quoted_body(&self, _token: Token, _text: &str) -> Option<Range<usize>> {
        None
    }

    /// Whether the server treats invisible characters, such as a no-break space, as blanks.
    fn has_odd_blanks(&self) -> bool {
        false
    }

    /// Whether `$x$` outside quotes can only be a variable of another tool.
    fn leaves_dollars(&self) -> bool {
        false
    }

    /// Returns the shell commands on the lines after the first, with their names.
    fn further_commands(&self, _text: &str) -> Vec<(Range<usize>, String)> {
        Vec::new()
    }

    /// Returns the places of each separator that is at the end of a line of other text.
    fn trailing_separators(&self, _statement: &str) -> Vec<Range<usize>> {
        Vec::new()
    }

    // the names and statements of objects

    /// Whether names in quotes that differ in case are different names.
    fn keeps_case(&self) -> bool {
        false
    }

    /// Returns a name in one spelling, without quotes.
    fn folded(&self, token: Token, text: &str) -> String {
        match token {
            Token::Name if self.keeps_case() => unquoted(text),
            Token::Name => unquoted(text).to_lowercase(),
            _ if self.keeps_case() => text.to_ascii_lowercase(),
            _ => text.to_lowercase(),
        }
    }

    /// Whether a name of the catalog is the one that [`Dialect::folded`] has returned.
    fn is_same_name(&self, own: &str, folded: &str) -> bool {
        own == folded || !self.keeps_case() && own.to_lowercase() == folded
    }

    /// Whether routines of one name may differ in their arguments.
    fn overloads(&self) -> bool {
        false
    }

    /// Whether a trigger is dropped with the name of its table.
    fn drops_on_table(&self) -> bool {
        false
    }

    /// Whether a file may have the directive `drop-first`: what depends on an object can be found, and a failure rolled
    /// back.
    fn drops_first(&self) -> bool {
        false
    }

    /// Whether arguments, as a text writes them, may have the types that a catalog lists.
    fn have_types(&self, _arguments: &str, _types: &str) -> bool {
        true
    }

    /// Returns the form of a statement that replaces an object of this kind, if there is one: `CREATE OR REPLACE VIEW`.
    fn replaces(&self, kind: &str) -> Option<String>;

    // what a dump tool writes

    /// The lines between which a dump is complete, if the product's tool writes them.
    fn dump_marks(&self) -> Option<&'static DumpMarks> {
        None
    }

    /// Whether a dump begins with these two lines.
    fn begins_dump(&self, _before: &str, line: &str) -> bool {
        self.dump_marks().is_some_and(|marks| marks.begin(line))
    }

    /// Returns what recognizes the statements that a dump tool wrote for itself. `own` is the dump's own database.
    fn dump_wrapper(&self, _own: Option<Arc<str>>) -> Option<Box<dyn DumpWrapper>> {
        None
    }

    // what a statement may do

    /// Returns the rules that apply to a statement, each with its bytes. Several can apply to a batch.
    fn rules(&self, context: &Context, words: &Words, statement: &str) -> Vec<(Range<usize>, Rule)>;

    /// Returns the places in a statement that tell the server not to run what follows.
    fn suspending(&self, _words: &Words, _statement: &str) -> Vec<Range<usize>> {
        Vec::new()
    }

    /// Which table an `UPDATE` or a `DELETE` changes.
    fn changes(&self) -> Changes {
        Changes::First
    }

    fn savepoints(&self) -> Savepoints {
        Savepoints::Nested
    }

    /// The advice about a script's own `ROLLBACK`, where scripts have it for a particular reason.
    fn rollback_advice(&self) -> Option<&'static str> {
        None
    }

    /// Whether the statement must be the only one of its message.
    fn stands_alone(&self, _statement: &Statement) -> bool {
        false
    }

    /// Whether the statement changes how later statements, of this script or of others, are read.
    fn changes_reading(&self, _statement: &Statement) -> bool {
        false
    }

    /// Whether some of the statement's work may remain if it fails: a procedure or a block commits, or the statement
    /// processes one object after the other.
    fn may_commit(&self, statement: &Statement) -> bool;

    /// Returns what the commit may have to check because of the statement.
    fn defers(&self, _statement: &Statement, _text: &str) -> Defers {
        Defers::Nothing
    }

    /// Whether the statement locks tables until [`Dialect::unlocks_tables`].
    fn locks_tables(&self, _statement: &Statement) -> bool {
        false
    }

    /// Whether the statement unlocks the locked tables.
    fn unlocks_tables(&self, _statement: &Statement) -> bool {
        false
    }

    // a statement outside a transaction, and the statements around it

    /// Whether the statement commits by itself. Only products whose DDL commits at once need a transaction for the other
    /// statements.
    fn commits_at_once(&self, _statement: &Statement, _text: &str) -> bool {
        true
    }

    /// Whether the server commits an open transaction before it runs the statement, unless it cannot parse it.
    fn commits_before(&self, _statement: &Statement) -> bool {
        false
    }

    /// Whether the statement asks what the one before it did, to which a checkpoint in between would give the wrong
    /// answer.
    fn asks_back(&self, _statement: &Statement, _text: &str) -> bool {
        false
    }

    // what a statement leaves in its session

    /// Whether the statement certainly leaves its session unchanged. The text does not show what a trigger or a function
    /// does.
    fn leaves_nothing(&self, _statement: &Statement, _text: &str) -> bool {
        false
    }

    /// Whether the statement may leave something in its session that its text does not show and a session reset does
    /// not undo.
    fn hides(&self, _statement: &Statement, _text: &str) -> bool {
        false
    }

    /// Returns the statements that undo, by name, what this one leaves and the server's own reset does not undo.
    fn undo(&self, _statement: &Statement, _text: &str) -> Vec<String> {
        Vec::new()
    }

    /// Whether the statement is a setting that does not query the database, so that repeating it in another session has
    /// the same effect. `lost` says whether a name has no value there.
    fn repeats(&self, statement: &Statement, text: &str, lost: IsLost<'_>) -> bool;

    /// Returns the user variables to which the statement assigns values.
    fn given(&self, _statement: &Statement, _text: &str) -> Vec<String> {
        Vec::new()
    }

    /// Returns the names of the things that the statement leaves in its session and that cannot be restored.
    fn makes(&self, statement: &Statement, text: &str) -> Vec<String> {
        session_state::makes(statement, text)
    }

    /// Returns the names of the session's things that the statement ends.
    fn ends(&self, statement: &Statement, text: &str) -> Vec<String> {
        session_state::ends(statement, text)
    }

    /// Whether the statement needs the thing of this name.
    fn uses(&self, _statement: &Statement, text: &str, name: &str) -> bool {
        session_state::names(text, name)
    }
}

impl PartialEq for dyn Dialect {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for dyn Dialect {}

impl Hash for dyn Dialect {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}
