//! What PostgreSQL prints in two ways, depending on whether it has read its own text.

use super::flatten::flatten;

/// Returns a definition in the form that it has after a dump was restored.
///
/// `v IN ('a', 'b')` with a column of the type `varchar` is first printed with a cast of the whole array, and with a cast
/// of each element once that text has been read: verified by experiment on PostgreSQL 15.
pub(super) fn canonical(kind: &str, definition: &str) -> String {
    // a routine's body is a string and printed as it is written
    let body = definition.find("\nAS $").filter(|_| ["function", "procedure"].contains(&kind));
    let end = body.unwrap_or(definition.len());
    let (printed, body) = definition.split_at(end);
    if printed.contains(ARRAY) { flatten(&spread(printed)) + body } else { flatten(printed) + body }
}

const ARRAY: &str = "ARRAY[";

/// Moves the casts of arrays to their elements.
fn spread(text: &str) -> String {
    let mut canonical = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(at) = rest.find(ARRAY) {
        let (before, array) = rest.split_at(at);
        canonical += before;
        rest = &array[ARRAY.len()..];
        let in_parentheses = canonical.ends_with('(') && !is_call(&canonical);
        let whole = if in_parentheses { cast(rest, "])::") } else { None };
        // a statistics object is printed without needless parentheses
        let [open, close] = if whole.is_some() { ["(", ")"] } else { ["", ""] };
        match whole.or_else(|| cast(rest, "]::")) {
            Some((elements, kind, after)) => {
                let cast = |element: &&str| format!("{open}{}{close}::{kind}", spread(element.trim()));
                let elements = elements.iter().map(cast).collect::<Vec<_>>();
                canonical.truncate(canonical.len() - open.len());
                canonical = canonical + ARRAY + &elements.join(", ") + "]";
                rest = after;
            }
            None => canonical += ARRAY,
        }
    }
    canonical + rest
}

/// Whether a text ends with the parenthesis after a function's name.
fn is_call(text: &str) -> bool {
    let before = text.trim_end_matches('(');
    text.len() - before.len() == 1 && before.ends_with(|last: char| last.is_alphanumeric() || "_$\"".contains(last))
}

/// Takes `'a', 'b'])::text[]` apart: the elements, the type, what follows.
fn cast<'a>(text: &'a str, operator: &str) -> Option<(Vec<&'a str>, &'a str, &'a str)> {
    let (elements, end) = elements(text)?;
    let cast = text[end..].strip_prefix(operator)?;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte >= 0x80 || b"_ .\"(,)$".contains(&byte);
    let length = cast.bytes().position(|byte| !is_part(byte))?;
    let (kind, after) = cast.split_at(length);
    Some((elements, kind, after.strip_prefix("[]")?))
}

/// Returns what is between the commas up to the bracket that closes the array, and the place of that bracket.
fn elements(text: &str) -> Option<(Vec<&str>, usize)> {
    let (mut elements, mut start, mut depth) = (Vec::new(), 0, 0);
    let (mut quote, bytes) = (None, text.bytes().enumerate());
    for (at, byte) in bytes {
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'(' | b'[') => depth += 1,
            (None, b']') if depth == 0 => {
                elements.push(&text[start..at]);
                return Some((elements, at));
            }
            (None, b')' | b']') => depth -= 1,
            (None, b',') if depth == 0 => {
                elements.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn the_cast_of_an_array_moves_to_its_elements() {
        for (before, after) in [
            (
                "CHECK (((v)::text = ANY ((ARRAY['a'::character varying, 'b, '']'::character varying])::text[])))",
                "CHECK (((v)::text = ANY (ARRAY[('a'::character varying)::text, ('b, '']'::character varying)::text])))",
            ),
            (
                "(ARRAY[(1)::numeric(5,2), f(2, 3)])::numeric(10,2)[] x",
                "ARRAY[((1)::numeric(5,2))::numeric(10,2), (f(2, 3))::numeric(10,2)] x",
            ),
            ("v = ANY (ARRAY['a'::varchar]::text[])", "v = ANY (ARRAY['a'::varchar::text])"),
            ("f(ARRAY[1])::text[]", "f(ARRAY[1])::text[]"),
            ("ANY (ARRAY[1, 2])", "ANY (ARRAY[1, 2])"),
            ("(ARRAY[1, 2])", "(ARRAY[1, 2])"),
            (
                "f()\nAS $function$ SELECT (ARRAY[1])::text[] $function$",
                "f()\nAS $function$ SELECT (ARRAY[1])::text[] $function$",
            ),
        ] {
            assert_eq!(canonical("function", before), after);
        }
    }
}
