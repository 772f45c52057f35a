//! One example of every error, as a user would see it. The examples use only the public API, so that the program's
//! tests can show them all. The library's tests ensure that none is left out.

#[path = "every/problems.rs"]
mod problems;

use std::io;
use std::time::Duration;

use dbmigrate::error::{
    DatabaseState, DecodeError, FolderError, GitError, Next, Partial, ReadError, ServerError, TargetError,
};
use dbmigrate::schema::{ComparisonOptions, Object, Schema};
use dbmigrate::script::Location;
use dbmigrate::{Error, ErrorKind, Number, OnlyHere};

pub(crate) use problems::*;

/// Returns the error of a run that failed in `Script-0007.sql`.
pub(crate) fn failed_script() -> Error {
    failed(rolled_back())
}

/// Returns every variant of [`Error`], and those that can leave different database states more than once.
pub(crate) fn errors() -> Vec<Error> {
    let mut errors = vec![failed_script(), detailed(), blocked(), partial(), partly_unknown(), beside()];
    errors.extend([partly_done(), at_least(), dropped(), not_rolled_back(), committed_by_script()]);
    errors.extend(troubles().into_iter().map(connect));
    errors.extend(target_errors().into_iter().map(Error::Target));
    errors.extend(git_errors().into_iter().map(Error::from));
    errors.extend(read_errors().into_iter().map(Error::from));
    errors.extend(problems().into_iter().map(|problem| Error::Refused { problems: vec![problem] }));
    errors.push(Error::Refused { problems: problems().into_iter().take(2).collect() });
    errors.extend(others());
    errors
}

fn others() -> Vec<Error> {
    let table = || "\"public\".\"dbmigrate_journal\"".to_owned();
    let lost = || server("the connection was lost: broken pipe", None, ErrorKind::ConnectionLost);
    vec![
        Error::Folder(FolderError { dir: "/srv/shop/migrations".into(), source: io::ErrorKind::NotFound.into() }),
        Error::NoFile { path: "/srv/shop/app.db".into() },
        Error::Locked { holder: "deploy@web1, since 23:59 (pid 4711)".into(), waited: Duration::from_mins(5) },
        Error::Journal { table: table(), reason: "column \"state\" does not exist".into() },
        Error::JournalFormat { table: table(), found: 2 },
        Error::Database {
            doing: "writing Script-0007.sql into the journal".into(),
            error: lost(),
            state: Some(rolled_back()),
        },
        Error::Database { doing: "reading the journal's texts".into(), error: lost(), state: None },
        Error::Database { doing: "the commit".into(), error: constraint(), state: Some(rolled_back()) },
        Error::Broken {
            scripts: "Script-0005.sql to Script-0007.sql".into(),
            reason: "the transaction is not the one that was begun".into(),
            state: unknown(),
        },
        Error::JournalChanged {
            scripts: "Script-0005.sql to Script-0007.sql".into(),
            reason: "3 of 7 rows missing".into(),
            state: rolled_back(),
        },
        Error::JournalChanged { scripts: "Script-0005.sql".into(), reason: "it is gone".into(), state: unrecorded() },
        Error::CommitUnknown { error: lost(), state: unknown() },
        Error::Interrupted { during: Some("Script-0007.sql".into()), state: Some(rolled_back()) },
        Error::Interrupted { during: None, state: None },
        Error::Guarded {
            why: "rebuild drops the database shop, which is not on this machine".into(),
            remedy: "if it may be dropped, pass --allow-drop shop".into(),
        },
        Error::Swap {
            database: "shop".into(),
            error: server("database \"shop\" is being accessed by other users", Some("55006"), ErrorKind::Plain),
        },
        Error::Baseline { why: "the database is empty".into(), remedy: "`Migrator::upgrade` builds it".into() },
        Error::Repair {
            why: "the journal has no script 0007".into(),
            remedy: "`Migrator::status` shows what it has".into(),
        },
        Error::Differs {
            reference: "what the scripts build at 0007".into(),
            comparison: Schema::new([])
                .compare(&Schema::new([Object::new("view", "public.totals", "AS SELECT 1")]), &ComparisonOptions::new())
                .into(),
            only_here: only_here(),
        },
        Error::Drift {
            summary:
                "2 objects differ from what run 41f3 left on 2026-11-20: table public.orders (column note added), \
                      view public.totals (changed)"
                    .into(),
        },
        Error::Verify {
            why: "no run has recorded the schema yet".into(),
            remedy: "compare with what the scripts build: `Reference::Rebuild`".into(),
        },
        Error::Squash {
            why: "pg_dump is not installed, or not in PATH".into(),
            remedy: "install the database's own client programs".into(),
        },
    ]
}

/// Returns a failure with everything that a server can say about it.
fn detailed() -> Error {
    let script = "Script-0003.sql".to_owned();
    let text = "INSERT INTO customer (id, email) VALUES (7, NULL);\n";
    let location = Some(Location::new(format!("migrations/{script}"), text, 0..49));
    Error::Script { script, location, error: constraint(), blockers: None, state: some_committed() }
}

fn blocked() -> Error {
    let script = "Script-0007.sql".to_owned();
    let location =
        Some(Location::new(format!("migrations/{script}"), "\n\nALTER TABLE customer ADD email text;\n", 2..37));
    let error = server("canceling statement due to lock timeout", Some("55P03"), ErrorKind::LockTimeout);
    let blockers = Some("report@web2 (pid 4711): SELECT * FROM customer".into());
    Error::Script { script, location, error, blockers, state: rolled_back() }
}

fn partial() -> Error {
    let error = server("could not create unique index \"customer_email\"", Some("23505"), ErrorKind::InvalidIndex);
    outside(error, Next::Open)
}

fn partly_unknown() -> Error {
    outside(server("the connection was lost: broken pipe", None, ErrorKind::ConnectionLost), Next::Unknown)
}

fn partly_done() -> Error {
    outside(server("Unknown table 'shop.nope'", Some("1051"), ErrorKind::Plain), Next::Partly)
}

fn at_least() -> Error {
    let mut error = partly_unknown();
    if let Error::Script { state: DatabaseState { partial: Some(partial), .. }, .. } = &mut error {
        partial.at_least = true;
    }
    error
}

/// Returns the error of a script outside a transaction that stopped at its second statement.
fn outside(error: ServerError, next: Next) -> Error {
    let script = "Script-0007.sql".to_owned();
    let text =
        "-- dbmigrate: no-transaction\nVACUUM;\nCREATE UNIQUE INDEX CONCURRENTLY customer_email ON customer (email);\n";
    let location = Some(Location::new(format!("migrations/{script}"), text, 37..107));
    let mut state = state(&[], &[7, 8], Some(6));
    state.partial = Some(Partial {
        script: script.clone(),
        done: 1,
        statements: 2,
        next,
        at_least: false,
        units: ("statement", "statements"),
    });
    Error::Script { script, location, error, blockers: None, state }
}

const REMAINS: &str = "Some non-transactional changed tables couldn't be rolled back";

const COMMITTED: &str = "a COMMIT in a script has kept what ran before it";

fn beside() -> Error {
    let mut state = rolled_back();
    state.beside = true;
    failed(state)
}

fn dropped() -> Error {
    let mut state = some_committed();
    state.dropped = true;
    failed(state)
}

fn not_rolled_back() -> Error {
    let mut state = rolled_back();
    state.remains = Some(REMAINS.into());
    failed(state)
}

fn committed_by_script() -> Error {
    let mut state = some_committed();
    state.unknown = true;
    state.remains = Some(COMMITTED.into());
    failed(state)
}

fn failed(state: DatabaseState) -> Error {
    Error::Script {
        script: "Script-0007.sql".into(),
        location: Some(custmers()),
        error: no_table(),
        blockers: None,
        state,
    }
}

/// Returns every variant of [`TargetError`].
pub(crate) fn target_errors() -> Vec<TargetError> {
    vec![
        TargetError::NoScheme { forms: "sqlite:path/to/file.db or postgres://...".into() },
        TargetError::UnknownScheme {
            scheme: "mongodb".into(),
            forms: "sqlite:path/to/file.db or postgres://...".into(),
        },
        TargetError::NotBuilt("SQLite"),
        TargetError::NoSchemas("MySQL and MariaDB"),
        TargetError::Malformed { scheme: "postgres", reason: "invalid port number".into() },
        TargetError::NoDatabase { scheme: "postgres", hint: "add it at the end: postgres://user@host/database" },
        TargetError::SystemDatabase("mysql".into()),
        TargetError::InMemory { hint: "name a file, such as sqlite:app.db" },
        TargetError::SeveralHosts("postgres"),
        TargetError::OtherForm { form: "a JDBC URL", write: "postgres://shop:PASSWORD@db/shop".into() },
        TargetError::UnknownParameter {
            scheme: "postgres",
            name: Some("sslmod".into()),
            position: 2,
            known: "known are libpq's, such as sslmode",
        },
        TargetError::Repeated { scheme: "postgres", name: "sslmode".into() },
        TargetError::Service { name: "shop".into(), reason: "it is not in /root/.pg_service.conf".into() },
        TargetError::ConnectionString { reason: "names no database".into(), hint: "add Database=name" },
        TargetError::InvalidParameter { name: "sslmode", expected: "it is disable, allow or prefer" },
    ]
}

/// Returns every variant of [`ReadError`].
pub(crate) fn read_errors() -> Vec<ReadError> {
    let path = || "migrations/Script-0007.sql".into();
    vec![
        ReadError::Io { path: path(), source: io::Error::from_raw_os_error(13) },
        ReadError::Decode { path: path(), source: not_utf8() },
        ReadError::Pointer { path: path() },
        ReadError::ChangedMeanwhile { path: path() },
    ]
}

/// Returns every variant of [`GitError`].
pub(crate) fn git_errors() -> Vec<GitError> {
    let (folder, revision) = (|| "db/migrations/".to_owned(), || "v1.2".to_owned());
    vec![
        GitError::NoProgram,
        GitError::NoRepository { dir: "/srv/shop".into(), said: "not a git repository".into() },
        GitError::UnknownRevision { revision: revision(), shallow: false },
        GitError::UnknownRevision { revision: revision(), shallow: true },
        GitError::NoFolder { folder: folder(), revision: revision() },
        GitError::Unrelated { first: "HEAD".into(), second: revision() },
        GitError::Failed { command: "cat-file --batch".into(), said: "fatal: loose object is corrupt".into() },
    ]
}

/// Returns every variant of [`ErrorKind`] with the code and the message of a server that reports it.
pub(crate) fn troubles() -> Vec<ServerError> {
    [
        (ErrorKind::Plain, "XX000", "something is wrong"),
        (ErrorKind::ConnectionLost, "57P01", "terminating connection due to administrator command"),
        (ErrorKind::Unreachable, "57P03", "the database system is starting up"),
        (ErrorKind::Login, "28P01", "password authentication failed for user \"shop\""),
        (ErrorKind::NoDatabase, "3D000", "database \"shop\" does not exist"),
        (ErrorKind::LockTimeout, "55P03", "canceling statement due to lock timeout"),
        (ErrorKind::NotInTransaction, "574", "CONFIG statement cannot be used inside a user transaction."),
        (ErrorKind::Certificate, "TLS", "no secure connection: UnknownIssuer"),
        (ErrorKind::NoToken, "AAD", "the environment variable DBMIGRATE_ACCESS_TOKEN holds no access token"),
        (ErrorKind::StatementTimeout, "57014", "canceling statement due to statement timeout"),
        (ErrorKind::Cancelled, "57014", "canceling statement due to user request"),
        (ErrorKind::NotADatabase, "26", "file is not a database"),
        (ErrorKind::CannotOpen, "14", "unable to open database file"),
        (ErrorKind::OutOfLocks, "53200", "out of shared memory"),
        (ErrorKind::PendingTriggers, "55006", "cannot ALTER TABLE \"item\" because it has pending trigger events"),
        (ErrorKind::ReadOnly, "25006", "cannot execute CREATE TABLE in a read-only transaction"),
        (ErrorKind::Full, "53100", "could not extend file: No space left on device"),
        (ErrorKind::Denied, "42501", "permission denied for schema public"),
        (ErrorKind::CannotCreateDatabase, "42501", "permission denied to create database"),
        (ErrorKind::InvalidIndex, "23505", "could not create unique index \"customer_email\""),
        (ErrorKind::NotRolledBack, "1196", REMAINS),
        (ErrorKind::CommittedByScript, "266", COMMITTED),
        (ErrorKind::DoesNotExist, "42P01", "relation \"custmers\" does not exist"),
        (ErrorKind::CannotReplace, "42P16", "cannot drop columns from view"),
    ]
    .map(|(kind, code, message)| server(message, Some(code), kind))
    .into()
}

fn connect(error: ServerError) -> Error {
    Error::Connect { target: "postgres://shop:***@db.example.org/shop".into(), error }
}

fn number(number: u64) -> Number {
    Number::new(number).expect("the examples' numbers are small")
}

fn state(committed: &[u64], not_applied: &[u64], at: Option<u64>) -> DatabaseState {
    let numbers = |numbers: &[u64]| numbers.iter().map(|number| self::number(*number)).collect::<Vec<_>>();
    let mut state = DatabaseState::default();
    state.committed.extend(numbers(committed));
    state.not_applied.extend(numbers(not_applied));
    state.at = at.map(number);
    state
}

fn rolled_back() -> DatabaseState {
    state(&[], &[5, 6, 7], Some(4))
}

fn some_committed() -> DatabaseState {
    state(&[1, 2], &[3], Some(2))
}

fn unrecorded() -> DatabaseState {
    let mut state = unknown();
    state.unrecorded = true;
    state
}

fn unknown() -> DatabaseState {
    let mut state = some_committed();
    state.unknown = true;
    state
}

fn server(message: &str, code: Option<&str>, kind: ErrorKind) -> ServerError {
    let mut error = ServerError::default();
    error.message.push_str(message);
    error.product = "PostgreSQL";
    error.code = code.map(Into::into);
    error.kind = kind;
    error
}

fn no_table() -> ServerError {
    server("relation \"custmers\" does not exist", Some("42P01"), ErrorKind::Plain)
}

/// Returns an error with everything that a server can report.
fn constraint() -> ServerError {
    let mut error =
        server("null value in column \"email\" violates not-null constraint", Some("23502"), ErrorKind::Plain);
    error.detail = Some("Failing row contains (7, null).".into());
    error.hint = Some("Say what the email is.".into());
    error.constraint = Some("customer_email_not_null".into());
    error.context = Some("PL/pgSQL function fill() line 3 at SQL statement".into());
    error
}

/// Returns the location of the misspelt table name in `Script-0007.sql`.
fn custmers() -> Location {
    let text = format!("{}ALTER TABLE custmers ADD COLUMN email text;\n", "-- one of the lines before\n".repeat(11));
    let at = text.find("custmers").expect("it is there");
    Location::new("migrations/Script-0007.sql", &text, at..at + "custmers".len())
}

fn not_utf8() -> DecodeError {
    DecodeError { at: 17, reason: "invalid UTF-8" }
}

fn only_here() -> OnlyHere {
    let mut only_here = OnlyHere::default();
    only_here.rows.push("customers".into());
    only_here.rights.push("table customers".into());
    only_here
}
