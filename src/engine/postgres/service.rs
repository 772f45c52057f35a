//! The services of `libpq`: parameters under a name, in a file
//! (<https://www.postgresql.org/docs/current/libpq-pgservice.html>).

use std::env::{home_dir, var_os};
use std::path::PathBuf;

use url::Url;

use crate::target::TargetError;

/// The URL with what its service says and it does not, as the parameter `service` or the variable `PGSERVICE` names it.
pub(super) fn filled_in(mut url: Url) -> Result<Url, TargetError> {
    let given = url.query_pairs().into_owned().collect::<Vec<_>>();
    let named = given.iter().find(|(name, _)| name == "service").map(|(_, value)| value.clone());
    let Some(service) = named.or_else(|| std::env::var("PGSERVICE").ok()).filter(|name| !name.is_empty()) else {
        return Ok(url);
    };
    let reason = |reason: String| TargetError::Service { name: service.clone(), reason };
    let section = find(&service).map_err(reason)?;
    let has = |name: &str| match name {
        "user" => !url.username().is_empty(),
        "password" => url.password().is_some(),
        "port" => url.port().is_some(),
        "dbname" => !url.path().trim_matches('/').is_empty(),
        // a host that the URL names is the one that is meant, whatever address the service has
        "host" | "hostaddr" => {
            url.host_str().is_some_and(|host| !host.is_empty())
                || given.iter().any(|(name, _)| name == "host" || name == "hostaddr")
        }
        _ => false,
    };
    let missing = section.into_iter().filter(|(name, _)| !has(name) && !given.iter().any(|(other, _)| other == name));
    let all = given.iter().filter(|(name, _)| name != "service").cloned().chain(missing).collect::<Vec<_>>();
    url.set_query(None);
    if !all.is_empty() {
        url.query_pairs_mut().extend_pairs(all);
    }
    Ok(url)
}

/// The user's own file, or the one that a variable names, then the one of the system.
fn files() -> Vec<PathBuf> {
    let own = var_os("PGSERVICEFILE").map(PathBuf::from).or_else(|| Some(home_dir()?.join(".pg_service.conf")));
    let system = var_os("PGSYSCONFDIR").map(|folder| PathBuf::from(folder).join("pg_service.conf"));
    own.into_iter().chain(system).collect()
}

fn find(service: &str) -> Result<Vec<(String, String)>, String> {
    for file in files() {
        match std::fs::read_to_string(&file) {
            Ok(text) => {
                if let Some(section) = section(&text, service).map_err(|line| format!("{}:{line}", file.display()))? {
                    return Ok(section);
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{}: {error}", file.display())),
        }
    }
    let files = files().iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(" or ");
    Err(format!("it is not in {files}"))
}

/// The parameters of a service; an error has the number of a line and what is wrong with it.
fn section(text: &str, service: &str) -> Result<Option<Vec<(String, String)>>, String> {
    let mut found: Option<Vec<(String, String)>> = None;
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            if found.is_some() {
                break;
            }
            found = (name == service).then(Vec::new);
            continue;
        }
        let Some(parameters) = &mut found else { continue };
        if line.starts_with("ldap") && line.contains("://") {
            return Err(format!("{}: a directory (LDAP) is not asked", i + 1));
        }
        let (name, value) = line.split_once('=').ok_or_else(|| format!("{}: it is not name=value", i + 1))?;
        if name == "service" {
            return Err(format!("{}: a service cannot name another", i + 1));
        }
        parameters.push((name.into(), value.into()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str =
        "# ours\n[other]\nhost=a\n\n[shop]\nhost=db.example.org\nport=5433\nsslmode=require\n[last]\nhost=b\n";

    #[test]
    fn a_service_is_read_to_the_next_one() {
        let found = section(FILE, "shop").expect("it can be read").expect("it is there");
        let pairs = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect::<Vec<_>>();
        assert_eq!(pairs, [("host", "db.example.org"), ("port", "5433"), ("sslmode", "require")]);
        assert_eq!(section(FILE, "nope"), Ok(None));
    }

    #[test]
    fn a_line_that_cannot_be_used_is_named() {
        for (text, error) in [
            ("[s]\nhost\n", "2: it is not name=value"),
            ("[s]\nservice=t\n", "2: a service cannot name another"),
            ("[s]\nhost=a\nldap://ldap.example.org/x\n", "3: a directory (LDAP) is not asked"),
        ] {
            assert_eq!(section(text, "s"), Err(error.into()));
        }
    }
}
