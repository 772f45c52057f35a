//! Brings a database to the state that the SQL scripts in a Git checkout describe.
//!
//! The scripts are a baseline and sequentially numbered `Script-NNNN.sql` files, which only go up. A journal table in
//! the database records what was applied and with which checksum. If an applied script has changed, dbmigrate refuses
//! to run; it applies what is missing in a single transaction; a rebuild starts over from the baseline.
//!
//! # The flow
//!
//! file → [`Script`] → [`Plan`] → statements → engine → journal → commit.
//!
//! [`Scripts`] reads a folder (or scripts embedded in a program). [`Target`] names a database. A [`Migrator`] brings
//! the two together: [`Migrator::status`] returns what is applied and pending, [`Migrator::upgrade`] applies what is
//! pending, [`Migrator::rebuild`] builds a new database that replaces the old one, [`Migrator::baseline`] records what
//! an existing database already has. All of them work from the same plan, which is computed in one place and without
//! I/O.
//!
//! # The words
//!
//! **script**: one `Script-NNNN.sql`. **baseline**: `Baseline.sql`, the schema to start from. **number**: the NNNN.
//! **canonical text**: the decoded text that is hashed. **journal**: the table that records what was applied.
//! **pending**: on disk, not in the journal. **plan**: what an upgrade will do, and its **guarantee**. **group**:
//! scripts that commit together. **target**: one database. **run**: one invocation that changed a database.
//! **engine**: the database product.
//!
//! # An application that keeps its own database up to date
//!
//! ```
//! use dbmigrate::{Migrator, Scripts, Target, UpgradeOptions};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("app.db");
//! let scripts = Scripts::from_files([
//!     ("Script-0001.sql", b"CREATE TABLE item (id integer PRIMARY KEY);".as_slice()),
//!     ("Script-0002.sql", b"ALTER TABLE item ADD COLUMN name text;"),
//! ]);
//! let migrator = Migrator::new(Target::sqlite(path), scripts);
//! migrator.upgrade_with(&UpgradeOptions::new().create_database(true)).await?;
//!
//! let status = migrator.status().await?;
//! assert!(status.pending == 0 && status.problems.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! Each engine is a feature, with the usual scheme of its URLs as its name; `all-engines` is all of them, and `cli` is
//! the command-line program, and `embed` the macro [`embed!`]. All are enabled by default. An application uses
//! `default-features = false`, the feature of its engine and `embed`.

#![cfg_attr(
    not(feature = "all-engines"),
    allow(dead_code, unused_imports, unused_variables, reason = "each engine uses a part of what they share")
)]

// the examples of errors use the public API, as a program would
#[cfg(test)]
extern crate self as dbmigrate;

#[cfg(feature = "adopt")]
pub mod adopt;
mod baseline;
mod check;
mod diff;
mod embed;
mod engine;
pub mod error;
mod event;
mod execute;
pub mod fleet;
mod import;
#[doc(hidden)]
pub mod internals;
pub mod journal;
mod migrator;
mod objects;
mod old_journal;
pub mod outcome;
pub mod plan;
mod preflight;
mod rebuild;
pub mod schema;
mod scratch;
pub mod script;
mod snapshots;
mod sql;
mod squash;
mod start;
mod statements;
mod status;
mod target;
mod template;
pub mod testing;
mod verify;
#[cfg(feature = "sqs")]
pub mod worker;

pub use baseline::BaselineOptions;
pub use check::CheckOptions;
pub use embed::embed_build;
pub use engine::{Engine, Lent, Target};
pub use error::{Error, ErrorKind};
pub use event::Event;
pub use execute::{Applied, Rehearsal, Report};
pub use import::ForeignJournal;
pub use journal::{JournalTable, RunId, Timestamp};
pub use migrator::{Migrator, Options};
pub use objects::{AppliedObject, ObjectState};
pub use plan::{Drift, Guarantee, Plan, Problem, Since, TransactionMode, UpgradeOptions, Warning};
pub use script::{Number, ObjectFile, Repository, Script, Scripts};
pub use sql::Variables;
pub use start::{AtStart, Start, WaitOptions};
pub use status::{ObjectStatus, ScriptStatus, Status};
pub use template::Templates;
pub use tokio_util::sync::CancellationToken;
pub use verify::{OnlyHere, Reference, Verification};

/// The version of this crate.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

// the guide's examples run with the documentation's
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
#[doc = include_str!("../docs/fleet.md")]
#[doc = include_str!("../docs/testing.md")]
struct Guide;
