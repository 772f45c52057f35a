//! Proves that functions in PL/pgSQL can run: the server reads only their syntax when they are created.
//!
//! The extension `plpgsql_check` checks what a function refers to and runs nothing:
//! <https://github.com/okbob/plpgsql_check>. Where it is not installed, nothing is checked.

use super::PRODUCT;
use crate::engine::{Cells, Exercise};
use crate::error::{ErrorKind, ServerError};
use crate::objects::Existing;

pub(super) const EXERCISE: Exercise =
    Exercise { queries: &[include_str!("exercise.sql")], statement, reason: Some(reason), is_excused: |_| false };

fn statement(mut cells: Cells) -> Option<(String, String)> {
    let statement = cells.pop()??;
    Some((Existing::from_cells(cells)?.to_string(), statement))
}

fn reason(rows: Vec<Cells>) -> Option<ServerError> {
    let [message, code, detail, hint, context] = <[_; 5]>::try_from(rows.into_iter().next()?).ok()?;
    let error = ServerError::new(PRODUCT, message?, ErrorKind::Plain);
    Some(ServerError { code, detail, hint, context, ..error })
}
