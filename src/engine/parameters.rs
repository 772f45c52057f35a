//! What the parameters of a URL mean: those of the engine's own clients, and those that other programs put into the same URL.

/// What a parameter means here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// What its name says, to the driver.
    Kept,
    /// The same as another one.
    Alias(&'static str),
    /// Another one, whose values have other names.
    Words { name: &'static str, words: &'static [(&'static str, &'static str)], expected: &'static str },
    /// How long connecting may take, in seconds.
    ConnectTimeout,
    /// What its name says, to the engine.
    Noted,
    /// Only these values say what is done anyway.
    Always { values: &'static [&'static str], expected: &'static str },
    /// It cannot be met, and without it the connection would be another one than the user wants.
    Refused(&'static str),
    /// Another program's business: a remark says that it is ignored.
    Ignored,
}

/// The parameters of one engine, by name.
pub(crate) type Parameters = &'static [(&'static str, Meaning)];

/// The meaning of a parameter. Other programs' parameters are written in several ways: `sslMode`, `ssl_mode`, `ssl-mode`.
pub(crate) fn meaning(parameters: Parameters, name: &str) -> Option<(&'static str, Meaning)> {
    let exact = parameters.iter().find(|(known, _)| *known == name);
    let plain = |name: &str| name.to_ascii_lowercase().replace(['-', '_'], "");
    let name = plain(name);
    exact.or_else(|| parameters.iter().find(|(known, _)| plain(known) == name)).copied()
}

/// Whether a parameter could have this name: no secret looks like this.
pub(crate) fn is_plain(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    name.len() <= 40 && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(inner)
}

/// Checks that every parameter that has another name or other values leads to one that the driver knows, or to one that
/// begins with `prefix`.
#[cfg(test)]
pub(crate) fn check(parameters: Parameters, prefix: &str) {
    for (name, meaning) in parameters {
        let other = match meaning {
            Meaning::Alias(other) | Meaning::Words { name: other, .. } => *other,
            _ => continue,
        };
        let kept = parameters.iter().any(|(known, meaning)| *known == other && *meaning == Meaning::Kept);
        assert!(kept || other.starts_with(prefix), "{name} means {other}");
    }
}
