//! What the form of another program says about a database.

use std::collections::HashMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::query_pairs;

/// What a form is, and the URL to write instead.
pub(crate) type Found = (&'static str, Option<String>);

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
