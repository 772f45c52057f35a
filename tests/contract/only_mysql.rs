//! What only MySQL and `MariaDB` have: they commit at every statement that creates, alters or drops something.

mod connection;
mod groups;
mod killed;
mod locks;
mod objects;
mod private;
mod rebuild;
mod rehearse;
mod resume;
mod rights;
mod server;
mod session;
