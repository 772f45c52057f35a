//! The forms in which other programs take a database: each is recognised, and the error shows the URL to write.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Engine, Target};
use crate::target::{Found, Parts, TargetError, pairs};

/// Returns how the databases of all engines are written, as a list.
pub(super) fn all() -> String {
    list(Engine::all().iter().flat_map(|engine| engine.forms()))
}

/// Returns how the URLs of all engines are written, as a list.
pub(super) fn urls() -> String {
    list(Engine::all().iter().flat_map(|engine| &engine.forms()[..1]))
}

/// Joins forms. What several have in common is shown once.
fn list(forms: impl Iterator<Item = &'static &'static str>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let shown = forms.map(|form| {
        let (scheme, rest) = form.split_once("://").unwrap_or((form, ""));
        if !rest.is_empty() && seen.contains(&rest) {
            return format!("{scheme}://...");
        }
        seen.push(rest);
        (*form).to_owned()
    });
    let shown = shown.collect::<Vec<_>>();
    match shown.as_slice() {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        one => one.concat(),
    }
}

/// Returns the error for a text in the form of another program.
pub(super) fn find(text: &str) -> Option<TargetError> {
    let (form, url) = jdbc(text)
        .or_else(|| driver(text))
        // those of servers first: a file can have any name
        .or_else(|| Engine::all().iter().rev().find_map(|engine| (engine.other_forms.find)(text)))
        .or_else(|| string(text))?;
    // what is shown went through the same parser as any other URL: the password is not in it
    let shown = url.and_then(|url| url.parse::<Target>().ok()).map(|target| target.to_string());
    let write = shown.map_or_else(all, |shown| shown.replacen(":***@", ":PASSWORD@", 1));
    Some(TargetError::OtherForm { form, write })
}

/// Recognizes `jdbc:name://host/database`.
fn jdbc(text: &str) -> Option<Found> {
    let rest = text.get(..5).filter(|start| start.eq_ignore_ascii_case("jdbc:")).map(|start| &text[start.len()..])?;
    let after = |name: &str| {
        let own = rest.get(..name.len())?.eq_ignore_ascii_case(name);
        rest[name.len()..].strip_prefix(':').filter(|_| own)
    };
    let url = Engine::all().iter().map(|engine| &engine.other_forms).find_map(|forms| {
        let rest = forms.jdbc.iter().find_map(|name| after(name))?;
        (forms.url)(&(forms.from_jdbc)(rest)?)
    });
    Some(("a JDBC URL", url))
}

/// Recognizes `scheme+driver://...`.
fn driver(text: &str) -> Option<Found> {
    let (scheme, rest) = text.split_once('+')?;
    let (driver, rest) = rest.split_once(':')?;
    let is_known = Engine::all().iter().any(|engine| engine.schemes().contains(&scheme.to_ascii_lowercase().as_str()));
    let is_word = !driver.is_empty() && driver.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    // four slashes begin an absolute path
    let rest = rest.strip_prefix("////").map_or_else(|| rest.to_owned(), |path| format!("///{path}"));
    let url = format!("{}:{rest}", scheme.to_ascii_lowercase());
    (is_known && is_word).then_some(("a URL with the name of a driver", Some(url)))
}

/// Recognizes names and values that are separated by semicolons (.NET, ODBC).
fn string(text: &str) -> Option<Found> {
    if text.contains("://") || !text.contains('=') {
        return None;
    }
    let parts = Parts::new(pairs::read(&braced(text)).ok()?);
    if let Some(driver) = parts.get("driver").or_else(|| parts.get("dsn")) {
        let driver = driver.to_ascii_lowercase();
        let is_of = |engine: &&&Engine| engine.other_forms.odbc.iter().any(|word| driver.contains(word));
        let url = Engine::all().iter().find(is_of).and_then(|engine| (engine.other_forms.url)(&parts));
        return Some(("an ODBC connection string", url));
    }
    Engine::all().iter().map(|engine| &engine.other_forms).find_map(|forms| {
        let form = (forms.names)(&parts)?;
        Some((form, (forms.url)(&parts)))
    })
}

/// ODBC has values in braces.
fn braced(text: &str) -> String {
    static BRACES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"=\s*\{((?:[^}]|\}\})*)\}").expect("the pattern is a constant that the tests compile")
    });
    let quoted = |found: &Captures<'_>| format!("=\"{}\"", found[1].replace("}}", "}").replace('"', "\"\""));
    BRACES.replace_all(text, quoted).into_owned()
}
