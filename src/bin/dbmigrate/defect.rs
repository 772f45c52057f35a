//! Defects of this program: a panic is reported like any other error.

use std::panic::{AssertUnwindSafe, Location, catch_unwind, set_hook};
use std::sync::OnceLock;

use anyhow::Result;

/// A panic.
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "dbmigrate itself failed{place}: {message}; please report this, and run dbmigrate status to see what state the database is in"
)]
pub(crate) struct Defect {
    message: String,
    place: String,
}

/// The path of a source file; one of another crate starts at the folder of that crate.
fn in_its_crate(file: &str) -> &str {
    let registry = file.split_once("/registry/src/").and_then(|(_, rest)| rest.split_once('/'));
    registry.map_or(file, |(_, file)| file)
}

/// The first panic of this process, in whatever thread it occurred.
static FIRST: OnceLock<Defect> = OnceLock::new();

impl Defect {
    fn new(message: &str, location: Option<&Location<'_>>) -> Self {
        let message = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim_start();
        // both can be secrets: quoted text is what the program worked on, and the message of an `unwrap` ends with its
        // error
        let message =
            if message.starts_with("called `") { message.split(": ").next() } else { message.split(['`', '"']).next() };
        let message = message.unwrap_or_default().trim_end();
        let place = location.map_or_else(String::new, |at| format!(" at {}:{}", in_its_crate(at.file()), at.line()));
        Self { message: message.into(), place }
    }
}

/// Records the first panic, and keeps the standard library from printing panics.
pub(crate) fn listen() {
    set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let message = payload.downcast_ref::<&str>().copied();
        let message = message.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        FIRST.get_or_init(|| Defect::new(message.unwrap_or("a panic without a message"), panic.location()));
    }));
}

/// Returns the result of some work; a panic in it becomes an error.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let unknown = || Defect::new("a panic without a message", None);
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(FIRST.get().cloned().unwrap_or_else(unknown).into()))
}

/// Returns the panic that the work survived, in another thread.
pub(crate) fn aside<T>(outcome: &Result<T>) -> Option<&'static Defect> {
    let told = outcome.as_ref().is_err_and(|error| error.downcast_ref::<Defect>().is_some());
    FIRST.get().filter(|_| !told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_one_line_without_what_it_quotes() {
        for (message, told) in [
            (
                "byte index 1 is not a char boundary; it is inside 'é' of `p4ssw0rd`",
                "byte index 1 is not a char boundary; it is inside 'é' of",
            ),
            (
                "called `Result::unwrap()` on an `Err` value: \"p4ssw0rd\"",
                "called `Result::unwrap()` on an `Err` value",
            ),
            ("called `Option::unwrap()` on a `None` value", "called `Option::unwrap()` on a `None` value"),
            ("\nno provider is set\nset one", "no provider is set"),
        ] {
            let said = Defect::new(message, Some(Location::caller())).to_string();
            assert!(said.starts_with("dbmigrate itself failed at src/bin/dbmigrate/defect.rs:"), "{said}");
            assert!(said.contains(&format!(": {told}; please report this")), "{said}");
        }
    }

    #[test]
    fn the_place_of_a_panic_does_not_depend_on_where_this_program_was_built() {
        let file = "/home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/rustls-0.23.46/src/crypto/mod.rs";
        assert_eq!(in_its_crate(file), "rustls-0.23.46/src/crypto/mod.rs");
    }

    #[test]
    fn a_panic_in_some_work_is_its_error() {
        listen();
        let text = "é".to_owned();
        let outcome = caught(|| Ok(text[1..].len()));
        assert!(outcome.as_ref().is_err_and(|error| error.downcast_ref::<Defect>().is_some()));
        assert!(aside(&outcome).is_none());
        assert!(aside(&Ok(())).is_some(), "a panic that the work survived is reported beside its result");
    }
}
