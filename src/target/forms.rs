//! The forms in which other programs take a database: each is recognised, and the error shows the URL to write.

use std::collections::HashMap;
use std::sync::LazyLock;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::{Captures, Regex};

use super::{Target, TargetError, pairs, query_pairs};
use crate::engine::Engine;

/// Returns how the databases of all engines are written, as a list. What several have in common is shown once.
pub(crate) fn all(forms: impl Fn(&'static Engine) -> &'static [&'static str]) -> String {
    let mut seen: Vec<&str> = Vec::new();
    let shown = Engine::all().iter().flat_map(|engine| forms(engine)).map(|form| {
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
pub(crate) fn find(text: &str) -> Option<TargetError> {
    let (form, url) = jdbc(text)
        .or_else(|| driver(text))
        .or_else(|| Engine::all().iter().find_map(|engine| (engine.other_forms().find)(text)))
        .or_else(|| string(text))?;
    // what is shown went through the same parser as any other URL: the password is not in it
    let shown = url.and_then(|url| url.parse::<Target>().ok()).map(|target| target.to_string());
    let write = shown.map(|shown| shown.replacen(":***@", ":PASSWORD@", 1));
    Some(TargetError::OtherForm { form, write })
}

/// What a form is, and the URL to write instead.
pub(crate) type Found = (&'static str, Option<String>);

/// Recognizes `jdbc:name://host/database`.
fn jdbc(text: &str) -> Option<Found> {
    let rest = text.get(..5).filter(|start| start.eq_ignore_ascii_case("jdbc:")).map(|start| &text[start.len()..])?;
    let after = |name: &str| {
        let own = rest.get(..name.len())?.eq_ignore_ascii_case(name);
        rest[name.len()..].strip_prefix(':').filter(|_| own)
    };
    let url = Engine::all().iter().map(|engine| engine.other_forms()).find_map(|forms| {
        let rest = forms.jdbc.iter().find_map(|name| after(name))?;
        (forms.url)(&(forms.from_jdbc)(rest)?)
    });
    Some(("a JDBC URL", url))
}

/// Takes apart what follows the product's name in most JDBC URLs: `//host:5432/shop?user=shop&password=...`.
pub(crate) fn from_jdbc(rest: &str) -> Option<Parts> {
    let rest = rest.strip_prefix("//")?;
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, database) = address.split_once('/')?;
    let mut parts = Parts::new(query_pairs(query));
    parts.set("host", host);
    parts.set("database", database);
    Some(parts)
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
        let is_of = |engine: &&&Engine| engine.other_forms().odbc.iter().any(|word| driver.contains(word));
        let url = Engine::all().iter().find(is_of).and_then(|engine| (engine.other_forms().url)(&parts));
        return Some(("an ODBC connection string", url));
    }
    Engine::all().iter().map(|engine| engine.other_forms()).find_map(|forms| {
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

/// What a form says, by names in lower case without blanks. Programs have several names for one thing.
#[derive(Debug)]
pub(crate) struct Parts(HashMap<String, String>);

impl Parts {
    pub(crate) fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let one_name = |name: String| {
            let name = name.to_ascii_lowercase().replace([' ', '_'], "");
            match name.as_str() {
                "uid" | "userid" => "user".into(),
                "pwd" => "password".into(),
                "databasename" | "dbname" | "initialcatalog" => "database".into(),
                _ => name,
            }
        };
        Self(pairs.into_iter().map(|(name, value)| (one_name(name), value)).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.to_owned());
    }
}

/// Returns the URL of a database on a server.
pub(crate) fn server_url(scheme: &str, parts: &Parts) -> Option<String> {
    let host = ["hostaddr", "host", "server", "servername", "datasource"].iter().find_map(|name| parts.get(name));
    let host = host.map_or("localhost", |host| host.strip_prefix("tcp:").unwrap_or(host));
    let (host, port) = host.split_once(',').map_or((host, parts.get("port")), |(host, port)| (host, Some(port)));
    let address = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let user = parts.get("user").or_else(|| parts.get("username")).map_or_else(String::new, encoded);
    let password = parts.get("password").map_or_else(String::new, |password| format!(":{}", encoded(password)));
    let at = if user.is_empty() && password.is_empty() { "" } else { "@" };
    let database = parts.get("database")?;
    Some(format!("{scheme}://{user}{password}{at}{}/{}", address.replace('\\', "%5C"), encoded(database)))
}
