//! What the program does alike on every server.

mod connecting;
mod example;
mod json;
mod locks;
mod previews;
mod rebuild;
mod resume;
mod rights;
mod scripts;
mod upgrade;
