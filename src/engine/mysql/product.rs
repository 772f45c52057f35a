//! Which of the two products a server is.

use crate::error::{ErrorKind, ServerError};

/// The servers that speak this protocol.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Product {
    /// The server has not yet said which of the two it is.
    #[default]
    Unknown,
    Mysql,
    Mariadb,
}

impl Product {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "MySQL or MariaDB",
            Self::Mysql => "MySQL",
            Self::Mariadb => "MariaDB",
        }
    }

    pub(super) fn error(self, message: impl Into<String>, kind: ErrorKind) -> ServerError {
        ServerError::new(self.name(), message, kind)
    }
}
