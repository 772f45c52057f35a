use std::ops::Range;
use std::sync::Arc;

use super::{Context, Cut, Dialect, Piece, Role, Source, SplitError, Words, mysql, split};

/// Returns the statements of a script that are sent: those of [`split`], without the empty ones.
///
/// A baseline comes from a dump tool. The transactions that the tool wrote are left out because the run has its own:
/// `PRAGMA foreign_keys=OFF; BEGIN TRANSACTION; ... COMMIT;` around a whole `.dump` of `sqlite3`, and `BEGIN; ...
/// COMMIT;` around the large objects of `pg_dump`, `SET autocommit=0; ... COMMIT;` around a table's rows of `mysqldump`
/// (and `SET autocommit=...;` after them).
pub fn sendable(dialect: Dialect, text: &str, role: Role) -> impl Iterator<Item = Result<Piece, SplitError>> {
    let mut statements = Sendable::new(&dialect.into(), split(dialect, text), role);
    std::iter::from_fn(move || statements.next()).map(|piece| piece.map_err(|Cut::Split(error)| error))
}

/// The statements to send, in order.
#[derive(Debug)]
pub(crate) struct Sendable<S> {
    source: S,
    /// A statement that was read ahead to judge the one before it.
    ahead: Option<Piece>,
    wrapper: DumpWrapper,
    /// The `BEGIN` that was left out and whose `COMMIT` was not found yet, with its name.
    opened: Option<(Range<usize>, &'static str)>,
    /// The database that a dump may create.
    own: Option<Arc<str>>,
}

/// Returns the database that a dump may create and connect to: the run's own, which already exists.
pub(crate) fn own(context: &Context, role: Role) -> Option<Arc<str>> {
    let name = context.database.as_deref().filter(|_| role == Role::Baseline && context.dialect == Dialect::Postgres);
    name.map(Arc::from)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DumpWrapper {
    /// Nothing is left out.
    None,
    /// Before the first statement of a `SQLite` dump.
    First,
    /// In a `SQLite` dump whose last statement is to be `COMMIT`.
    Whole,
    /// In a `PostgreSQL` dump, not among large objects.
    Between,
    /// Among the large objects of a `PostgreSQL` dump.
    LargeObjects,
    /// In a dump of MySQL, before any rows in a transaction.
    Tables,
    /// Among the rows of a table in a dump of MySQL.
    Rows,
    /// After such rows.
    BehindRows,
}

impl<S: Source> Sendable<S> {
    pub(crate) fn new(context: &Context, source: S, role: Role) -> Self {
        let own = own(context, role);
        let wrapper = match (role, context.dialect) {
            (Role::Script, _) | (_, Dialect::SqlServer) => DumpWrapper::None,
            (Role::Baseline, Dialect::Mysql) => DumpWrapper::Tables,
            (Role::Baseline, Dialect::Postgres) => DumpWrapper::Between,
            (Role::Baseline, Dialect::Sqlite) => DumpWrapper::First,
        };
        Self { source, ahead: None, wrapper, opened: None, own }
    }

    /// Returns the next statement to send. The text before it may be discarded.
    pub(crate) fn next(&mut self) -> Option<Result<Piece, Cut<S::Failure>>> {
        if self.ahead.is_none() {
            self.source.release();
        }
        self.following()
    }

    /// Returns the next statement to send, and discards nothing.
    pub(crate) fn following(&mut self) -> Option<Result<Piece, Cut<S::Failure>>> {
        loop {
            let piece = match self.statement()? {
                Ok(piece) => piece,
                Err(error) => return Some(Err(error)),
            };
            match self.is_frame(&piece) {
                Ok(true) => {}
                Ok(false) => return Some(Ok(piece)),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// A `BEGIN` that was left out although its `COMMIT` is missing, with its name: the dump is incomplete.
    pub(crate) fn unclosed(&self) -> Option<(Range<usize>, &'static str)> {
        self.opened.clone()
    }

    pub(crate) const fn source(&self) -> &S {
        &self.source
    }

    pub(crate) const fn source_mut(&mut self) -> &mut S {
        &mut self.source
    }

    fn statement(&mut self) -> Option<Result<Piece, Cut<S::Failure>>> {
        if let Some(piece) = self.ahead.take() {
            return Some(Ok(piece));
        }
        loop {
            match self.source.next()? {
                Ok(piece) if piece.statement.is_empty() => {}
                other => return Some(other),
            }
        }
    }

    fn peek(&mut self) -> Result<Option<&Piece>, Cut<S::Failure>> {
        self.ahead = self.statement().transpose()?;
        Ok(self.ahead.as_ref())
    }

    fn is_frame(&mut self, piece: &Piece) -> Result<bool, Cut<S::Failure>> {
        let wrapper = self.wrapper;
        match wrapper {
            DumpWrapper::Tables | DumpWrapper::Rows | DumpWrapper::BehindRows => return Ok(self.is_around_rows(piece)),
            DumpWrapper::First if turns_foreign_keys_off(&piece.words) => return Ok(true),
            DumpWrapper::First if is_begin(&piece.words) => self.open(piece, "BEGIN", DumpWrapper::Whole),
            DumpWrapper::First => self.wrapper = DumpWrapper::None,
            DumpWrapper::Whole if is_commit(&piece.words) && self.peek()?.is_none() => self.close(DumpWrapper::None),
            DumpWrapper::Between if self.creates_own(piece) => return Ok(true),
            DumpWrapper::Between if turns_transaction_timeout_off(&piece.words) => return Ok(true),
            DumpWrapper::Between if is_begin(&piece.words) && self.large_object_follows()? => {
                self.open(piece, "BEGIN", DumpWrapper::LargeObjects);
            }
            DumpWrapper::LargeObjects if is_commit(&piece.words) => self.close(DumpWrapper::Between),
            _ => {}
        }
        Ok(wrapper != self.wrapper && (is_begin(&piece.words) || is_commit(&piece.words)))
    }

    /// Whether the statement belongs to the transaction that `--no-autocommit` puts around the rows of a table.
    fn is_around_rows(&mut self, piece: &Piece) -> bool {
        let text = self.source.text(&piece.statement);
        let switch = piece.words.starts(&["SET"]).then(|| mysql::autocommit(text)).flatten();
        match (self.wrapper, switch) {
            (DumpWrapper::Tables | DumpWrapper::BehindRows, Some(mysql::Autocommit::Off)) => {
                self.open(piece, "SET autocommit", DumpWrapper::Rows);
            }
            (DumpWrapper::Rows, None) if is_commit(&piece.words) => self.close(DumpWrapper::BehindRows),
            (DumpWrapper::BehindRows, Some(mysql::Autocommit::Back)) => {}
            _ => return false,
        }
        true
    }

    /// Whether the statement belongs to the head that `--create` adds to a dump: the database already exists.
    fn creates_own(&self, piece: &Piece) -> bool {
        let words = &piece.words;
        let Some(own) = self.own.as_deref() else { return false };
        let quoted = format!("\"{}\"", own.replace('"', "\"\""));
        let text = self.source.text(&piece.statement);
        let names = |start: &str| {
            let rest = text.strip_prefix(start).unwrap_or_default();
            let name =
                |name: &str| rest.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
            name(own) || name(&quoted)
        };
        match words.get(0) {
            Some("CREATE") => names("CREATE DATABASE "),
            Some("DROP") => names("DROP DATABASE ") || names("DROP DATABASE IF EXISTS "),
            Some("ALTER") => names("ALTER DATABASE ") && words.get(3) == Some("OWNER"),
            _ => false,
        }
    }

    fn open(&mut self, begin: &Piece, name: &'static str, wrapper: DumpWrapper) {
        self.opened = Some((begin.statement.clone(), name));
        self.wrapper = wrapper;
    }

    fn close(&mut self, wrapper: DumpWrapper) {
        self.opened = None;
        self.wrapper = wrapper;
    }

    fn large_object_follows(&mut self) -> Result<bool, Cut<S::Failure>> {
        Ok(self.peek()?.is_some_and(|next| next.words.starts(&["SELECT", "LO_OPEN", "("])))
    }
}

fn turns_foreign_keys_off(words: &Words) -> bool {
    words.are(&["PRAGMA", "FOREIGN_KEYS", "=", "OFF"])
}

/// Whether the statement sets `transaction_timeout` to 0, its default. Dumps of `pg_dump` 17 begin with it, and older
/// servers do not know the setting.
fn turns_transaction_timeout_off(words: &Words) -> bool {
    words.are(&["SET", "TRANSACTION_TIMEOUT", "=", "0"])
}

fn is_begin(words: &Words) -> bool {
    words.are(&["BEGIN"]) || words.are(&["BEGIN", "TRANSACTION"])
}

fn is_commit(words: &Words) -> bool {
    words.are(&["COMMIT"])
}
