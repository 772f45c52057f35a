//! Defects of this program: a panic ends as any other error does.

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

/// The path of a source file from the folder of its crate on, where it is not this one.
fn in_its_crate(file: &str) -> &str {
    let registry = file.split_once("/registry/src/").and_then(|(_, rest)| rest.split_once('/'));
    registry.map_or(file, |(_, file)| file)
}

/// The first panic of this process, whichever thread it was in.
static FIRST: OnceLock<Defect> = OnceLock::new();

impl Defect {
    fn new(message: &str, location: Option<&Location<'_>>) -> Self {
        // behind a quote stands what the program was working on, which can be a secret
        let message = message.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim_start();
        let message = message.split(['`', '"']).next().unwrap_or_default().trim_end();
        let place = location.map_or_else(String::new, |at| format!(" at {}:{}", in_its_crate(at.file()), at.line()));
        Self { message: message.into(), place }
    }
}

/// Keeps panics from being printed by the standard library.
pub(crate) fn listen() {
    set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let message = payload.downcast_ref::<&str>().copied();
        let message = message.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        FIRST.get_or_init(|| Defect::new(message.unwrap_or("a panic without a message"), panic.location()));
    }));
}

/// What comes of some work; of a panic in it, an error.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let unknown = || Defect::new("a panic that nobody heard", None);
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(FIRST.get().cloned().unwrap_or_else(unknown).into()))
}

/// A panic of another thread, which that work got over.
pub(crate) fn aside<T>(outcome: &Result<T>) -> Option<&'static Defect> {
    let told = outcome.as_ref().is_err_and(|error| error.downcast_ref::<Defect>().is_some());
    FIRST.get().filter(|_| !told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_one_line_without_what_it_quotes() {
        listen();
        let text = "é: p4ssw0rd".to_owned();
        let at = text.find("p4ss").expect("it is there") - 3;
        let outcome = caught(|| Ok(text[at..].len()));
        let said = outcome.as_ref().map_err(ToString::to_string).expect_err("a panic");
        assert!(said.starts_with("dbmigrate itself failed at src/bin/dbmigrate/defect.rs:"), "{said}");
        assert!(said.contains(": ") && said.contains("please report this"), "{said}");
        assert!(!said.contains('\n') && !said.contains("p4ss"), "{said}");
        let file = "/home/me/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/rustls-0.23.46/src/crypto/mod.rs";
        assert_eq!(in_its_crate(file), "rustls-0.23.46/src/crypto/mod.rs");
        assert!(aside(&outcome).is_none());
        assert!(aside(&Ok(())).is_some(), "whoever got over it is told");
    }
}
