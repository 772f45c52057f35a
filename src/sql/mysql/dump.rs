//! What `mysqldump` and `mariadb-dump` write around the rows of a table.

use super::set::{Autocommit, autocommit};
use crate::sql::Statement;
use crate::sql::dump_wrapper::{DumpWrapper, Taken, is_commit};

/// Where in a dump the next statement is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum AroundRows {
    /// Before or after the definition of a table.
    #[default]
    Tables,
    /// In the rows of a table: `SET autocommit=0`, the rows, `COMMIT`.
    Rows,
    /// After the rows of a table, where `autocommit` is set back.
    AfterRows,
}

impl DumpWrapper for AroundRows {
    fn take(&mut self, statement: &Statement, text: &str, _next: Option<&Statement>) -> Taken {
        let switch = statement.words.starts(&["SET"]).then(|| autocommit(text)).flatten();
        match (*self, switch) {
            (Self::Tables | Self::AfterRows, Some(Autocommit::Off)) => {
                *self = Self::Rows;
                Taken::Opens("SET autocommit")
            }
            (Self::Rows, None) if is_commit(&statement.words) => {
                *self = Self::AfterRows;
                Taken::Closes
            }
            (Self::AfterRows, Some(Autocommit::Back)) => Taken::Omitted,
            _ => Taken::Statement,
        }
    }
}
