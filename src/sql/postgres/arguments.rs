//! The arguments of routines, as texts write them and as catalogs list their types.

/// The other names of types: <https://www.postgresql.org/docs/current/datatype.html>.
const ALIASES: [(&str, &str); 16] = [
    ("int", "integer"),
    ("int4", "integer"),
    ("int2", "smallint"),
    ("int8", "bigint"),
    ("bool", "boolean"),
    ("decimal", "numeric"),
    ("dec", "numeric"),
    ("float", "double precision"),
    ("float8", "double precision"),
    ("float4", "real"),
    ("varchar", "character varying"),
    ("char", "character"),
    ("bpchar", "character"),
    ("timestamptz", "timestamp with time zone"),
    ("timetz", "time with time zone"),
    ("varbit", "bit varying"),
];

/// Whether a list of arguments may have these types: each argument ends with its type.
pub(super) fn fit(written: &str, types: &str) -> bool {
    let arguments = listed(written).into_iter().filter(|argument| !is_output(argument)).collect::<Vec<_>>();
    let types = listed(types);
    arguments.len() == types.len()
        && arguments.iter().zip(&types).all(|(argument, kind)| plain(argument).ends_with(&plain(kind)))
}

/// Splits a list at the commas that are not in parentheses or quotes.
fn listed(list: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut quote, mut start) = (Vec::new(), 0, None, 0);
    for (at, c) in list.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts.retain(|part| !part.trim().is_empty());
    parts
}

/// Whether an argument only returns a value, so that it does not tell functions apart.
fn is_output(argument: &str) -> bool {
    argument.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("out"))
}

/// Returns an argument in one spelling: without its default, with the usual names of types and without their schemas and
/// modifiers.
fn plain(argument: &str) -> String {
    let lower = argument.to_lowercase();
    let lower = lower.split([':', '=']).next().unwrap_or_default();
    let lower = lower.split(" default ").next().unwrap_or_default();
    let mut depth = 0;
    let bare = lower.chars().filter(|c| {
        depth += i32::from(*c == '(');
        let keep = depth == 0;
        depth -= i32::from(*c == ')');
        keep
    });
    let bare = bare.collect::<String>().replace('"', "").replace('[', " [ ").replace(']', " ] ");
    let words = bare.split_whitespace().map(|word| word.rsplit('.').next().unwrap_or(word));
    let alias = |word: &str| ALIASES.iter().find(|(alias, _)| *alias == word).map(|(_, name)| (*name).to_owned());
    let words = words.map(|word| alias(word).unwrap_or_else(|| word.to_owned())).collect::<Vec<_>>();
    format!(" {}", words.join(" ").replace(" without time zone", ""))
}
