//! Decides whether a certificate is that of a host, by `libpq`'s rules
//! (<https://www.postgresql.org/docs/current/libpq-ssl.html>): an alternative name counts, or the common name if there
//! is no alternative name of the host's kind; an address may be in either; a star matches one part of a name.

use std::net::IpAddr;

use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;

/// Returns the names of a certificate if none of them is the host's. `constrained`: an authority may sign for some
/// names only; that restriction does not cover common names, so they do not count.
pub(super) fn mismatch(certificate: &X509Certificate<'_>, host: &str, constrained: bool) -> Option<Vec<String>> {
    // names that cannot be read do not count
    let Ok(alternatives) = certificate.subject_alternative_name() else { return Some(Vec::new()) };
    let alternatives = alternatives.map(|extension| extension.value.general_names.as_slice()).unwrap_or_default();
    let names =
        alternatives.iter().filter_map(|name| if let GeneralName::DNSName(name) = name { Some(*name) } else { None });
    let names = names.collect::<Vec<_>>();
    let address = |name: &GeneralName<'_>| match name {
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    };
    let addresses = alternatives.iter().filter_map(address).collect::<Vec<_>>();
    let common =
        certificate.subject().iter_common_name().filter_map(|name| name.as_str().ok()).take(1).collect::<Vec<_>>();
    let wanted = host.parse::<IpAddr>().ok();
    let is_named = match wanted {
        Some(ip) => addresses.contains(&ip) || names.contains(&host),
        None => names.iter().any(|name| covers(name, host)),
    };
    let by_common_name = match wanted {
        _ if constrained => false,
        Some(_) => addresses.is_empty() && common.contains(&host),
        None => names.is_empty() && common.iter().any(|name| covers(name, host)),
    };
    let all =
        || names.iter().map(ToString::to_string).chain(addresses.iter().map(ToString::to_string)).collect::<Vec<_>>();
    let shown = |all: Vec<String>| if all.is_empty() { common.iter().map(ToString::to_string).collect() } else { all };
    (!is_named && !by_common_name).then(|| shown(all()))
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    <[u8; 4]>::try_from(bytes).map(IpAddr::from).or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// Returns whether a name covers a host: `*.example.org` covers `db.example.org`, but neither `example.org` nor
/// `a.db.example.org`.
fn covers(name: &str, host: &str) -> bool {
    if name.eq_ignore_ascii_case(host) {
        return true;
    }
    let Some(suffix) = name.strip_prefix('*').filter(|suffix| suffix.len() > 2 && suffix.starts_with('.')) else {
        return false;
    };
    host.split_once('.').is_some_and(|(first, rest)| !first.is_empty() && suffix[1..].eq_ignore_ascii_case(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_part_of_a_name() {
        for (name, host, is_covered) in [
            ("db.example.org", "DB.example.org", true),
            ("*.example.org", "db.example.org", true),
            ("*.example.org", "a.db.example.org", false),
            ("*.example.org", "example.org", false),
            ("*.example.org", ".example.org", false),
            ("*", "db", false),
            ("*.", "db.", false),
            ("d*.example.org", "db.example.org", false),
        ] {
            assert_eq!(covers(name, host), is_covered, "{name} {host}");
        }
    }
}
