//! The grammar of a connection string, as `DbConnectionStringBuilder` has it: `name=value;...`.

/// The names and values of a connection string, in their order.
pub(crate) fn read(text: &str) -> Result<Vec<(String, String)>, &'static str> {
    let mut pairs = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c == ';' || c.is_whitespace());
        if rest.is_empty() {
            return Ok(pairs);
        }
        let (name, behind) = name(rest)?;
        let (value, behind) = value(behind.trim_start())?;
        rest = behind;
        pairs.push((name, value));
    }
}

/// A name up to its `=`; a doubled one belongs to it.
fn name(text: &str) -> Result<(String, &str), &'static str> {
    let mut name = String::new();
    let mut rest = text;
    loop {
        let end = rest.find(['=', ';']).filter(|end| rest[*end..].starts_with('='));
        let end = end.ok_or("has a keyword without a value")?;
        name.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('=') {
            Some(behind) => {
                name.push('=');
                rest = behind;
            }
            None => return Ok((name.trim().to_owned(), rest)),
        }
    }
}

/// A value up to its `;`, in quotes or without.
fn value(text: &str) -> Result<(String, &str), &'static str> {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let end = text.find(';').unwrap_or(text.len());
        return Ok((text[..end].trim_end().to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut rest = &text[1..];
    loop {
        let end = rest.find(quote).ok_or("has a quote that is not closed")?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix(quote) {
            Some(behind) => {
                value.push(quote);
                rest = behind;
            }
            None => break,
        }
    }
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with(';') { Ok((value, rest)) } else { Err("has text after a closing quote") }
}
