//! The files of a folder of SQL scripts: which are scripts, baselines and object files, what their text is, and what may
//! be wrong with them.
//!
//! The library `dbmigrate` reads a folder when a program runs, and its macro `embed!` reads it when a program is compiled.
//! Both go by what is here.

mod checkout;
mod decode;
mod directive;
mod folder;
mod location;
mod name;
mod numbers;
mod problem;
mod role;
mod text;

pub use checkout::Checkout;
pub use decode::Decoder;
pub use directive::{Comment, Directive, comments, comments_go_on, known_directives};
pub use folder::{Found, OBJECTS, What, files_of, is_sql, look, look_at_object};
pub use location::Location;
pub use name::{FileName, Kind, Number, NumberError};
pub use numbers::{GAP_HINT, Gap, absent, distinct};
pub use problem::{FolderProblem, of_tool};
pub use role::Role;
pub use text::{Checksum, ChecksumError, DecodeError, Hasher, POINTER, Text};
