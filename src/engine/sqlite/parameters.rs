//! The parameters of a URL.

use crate::engine::parameters::Meaning::{Ignored, Kept, Refused};
use crate::engine::parameters::Parameters;

/// Those of `SQLite`'s own URIs (<https://sqlite.org/uri.html>) and of other programs.
pub(super) const PARAMETERS: Parameters = &[
    ("mode", Kept),
    ("cache", Ignored),
    ("nolock", Refused("without locks, two runs at once would break the database: leave it out")),
    ("immutable", Refused("a database that never changes cannot be upgraded: leave it out, or write mode=ro")),
    ("vfs", Refused("the file is opened as every other: leave it out")),
    ("key", Refused("an encrypted database cannot be opened")),
    ("_pragma", Ignored),
    ("_fk", Ignored),
    ("_foreign_keys", Ignored),
    ("_busy_timeout", Ignored),
    ("_timeout", Ignored),
    ("_journal", Ignored),
    ("_journal_mode", Ignored),
    ("_synchronous", Ignored),
    ("_sync", Ignored),
    ("_txlock", Ignored),
    ("_loc", Ignored),
    ("_cache_size", Ignored),
    ("_auto_vacuum", Ignored),
    ("_time_format", Ignored),
    ("connection_limit", Ignored),
    ("socket_timeout", Ignored),
    ("pool", Ignored),
    ("timeout", Ignored),
    ("busy_timeout", Ignored),
    ("foreign_keys", Ignored),
    ("journal_mode", Ignored),
    ("check_same_thread", Ignored),
];
