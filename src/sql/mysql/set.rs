use super::lexer::{tokens_in, unquoted};
use super::modes::Modes;
use crate::sql::cursor::Token;

/// One assignment of a `SET` statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment<'a> {
    /// Whether the assignment is not for the session.
    pub(super) global: bool,
    /// The name in upper case: a server variable, a user variable with its `@`, or the words before a value without `=`
    /// (`NAMES`, `CHARACTER SET`).
    pub(super) name: String,
    /// The tokens of the value.
    pub(super) value: Vec<(Token, &'a str)>,
}

impl Assignment<'_> {
    /// Whether the value contains this unquoted word.
    pub(super) fn mentions(&self, wanted: &str) -> bool {
        self.value.iter().any(|(token, word)| *token == Token::Word && word.eq_ignore_ascii_case(wanted))
    }
}

/// The effect of a dump's `SET` statement on `autocommit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Autocommit {
    /// Turns it off.
    Off,
    /// Restores the earlier value, or turns it on.
    Back,
}

/// Returns what a `SET` statement does to `autocommit`, if it sets only that and variables that save its old value.
pub(super) fn autocommit(statement: &str) -> Option<Autocommit> {
    let set = session_assignments(statement);
    let (kept, [switch]) = set.split_at(set.len().checked_sub(1)?) else { return None };
    if switch.name != "AUTOCOMMIT" || !kept.iter().all(|kept| kept.name.starts_with('@') && kept.mentions("AUTOCOMMIT"))
    {
        return None;
    }
    match switch.value.as_slice() {
        [(_, value)] if *value == "0" || value.eq_ignore_ascii_case("OFF") => Some(Autocommit::Off),
        [(_, value)] if *value == "1" || value.eq_ignore_ascii_case("ON") => Some(Autocommit::Back),
        [(Token::Symbol(b'@'), _), _] => Some(Autocommit::Back),
        _ => None,
    }
}

/// Returns the assignments of a `SET` statement, in order; none for `SET STATEMENT`, whose values apply to one
/// statement.
pub(super) fn assignments(statement: &str, modes: Modes) -> Vec<Assignment<'_>> {
    let tokens = tokens_in(statement, modes);
    let Some((_, set)) = tokens.split_first() else { return Vec::new() };
    if set.first().is_some_and(|(_, word)| word.eq_ignore_ascii_case("STATEMENT")) {
        return Vec::new();
    }
    let mut global = false;
    at_commas(set).into_iter().map(|tokens| assignment(tokens, &mut global)).collect()
}

/// Returns the assignments of a `SET` statement that are for the session.
pub(super) fn session_assignments(statement: &str) -> Vec<Assignment<'_>> {
    let mut set = assignments(statement, Modes::default());
    set.retain(|assignment| !assignment.global);
    set
}

/// Whether a `SET` statement has the same effect in another session: it sets only the session's own variables, to
/// values that are written in it or taken from other settings. `lost` returns whether a user variable has no value
/// there.
pub(super) fn repeats(statement: &str, lost: impl Fn(&str) -> bool) -> bool {
    let set = assignments(statement, Modes::default());
    !set.is_empty() && set.iter().all(|set| !set.global && is_constant(set, &lost))
}

/// Functions whose result depends only on their arguments.
const PURE: [&str; 8] = ["CONCAT", "CONCAT_WS", "REPLACE", "IFNULL", "COALESCE", "NULLIF", "LOWER", "UPPER"];

/// Names after `@@` that are not settings: results of the last statements, and the clock.
const EVENTS: [&str; 8] = [
    "IDENTITY",
    "LAST_INSERT_ID",
    "INSERT_ID",
    "ERROR_COUNT",
    "WARNING_COUNT",
    "TIMESTAMP",
    "RAND_SEED1",
    "RAND_SEED2",
];

fn is_constant(set: &Assignment<'_>, lost: impl Fn(&str) -> bool) -> bool {
    let upper = |text: &str| unquoted(text).to_uppercase();
    let mut before = ["", ""];
    set.value.iter().all(|(token, text)| {
        let [second, first] = before;
        before = [first, text];
        match token {
            Token::Word | Token::Name if first == "@" && second == "@" => !EVENTS.contains(&upper(text).as_str()),
            Token::Word | Token::Name | Token::Text if first == "@" => !lost(&format!("@{}", unquoted(text))),
            Token::Word if ["NULL", "TRUE", "FALSE"].contains(&upper(text).as_str()) => true,
            Token::Word if PURE.contains(&upper(text).as_str()) => true,
            // ON, utf8mb4, STRICT_ALL_TABLES: to a setting, a word is a value; to a variable, it is a function
            Token::Word => !set.name.starts_with('@'),
            _ => true,
        }
    }) && !calls_others(set)
}

/// Whether the value calls a function whose result does not depend only on its arguments, or has a query.
fn calls_others(set: &Assignment<'_>) -> bool {
    let pure = |(token, text): &(Token, &str)| *token != Token::Word || PURE.contains(&text.to_uppercase().as_str());
    set.value.windows(2).any(|pair| pair[1].0 == Token::Symbol(b'(') && pair[0].0 == Token::Word && !pure(&pair[0]))
        || set.mentions("SELECT")
}

/// Splits tokens at the commas outside parentheses.
fn at_commas<'t, 'a>(tokens: &'t [(Token, &'a str)]) -> Vec<&'t [(Token, &'a str)]> {
    let mut depth = 0_usize;
    let parts = tokens.split(|(token, _)| {
        match token {
            Token::Symbol(b'(') => depth += 1,
            Token::Symbol(b')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        *token == Token::Symbol(b',') && depth == 0
    });
    parts.collect()
}

/// Reads one assignment. `global` is the scope that an earlier word set, which applies until another word sets it.
fn assignment<'a>(tokens: &[(Token, &'a str)], global: &mut bool) -> Assignment<'a> {
    let mut tokens = tokens;
    while let [(Token::Word, word), rest @ ..] = tokens {
        let Some(scope) = scope(word).filter(|_| !rest.is_empty()) else { break };
        *global = scope;
        tokens = rest;
    }
    let equals = tokens.iter().position(|(token, _)| *token == Token::Symbol(b'='));
    let (left, value) = match equals {
        Some(at) => (&tokens[..at], &tokens[at + 1..]),
        None => tokens.split_at(words_without_equals(tokens)),
    };
    let (name, own) = name(left);
    Assignment { global: own.unwrap_or(*global), name, value: value.to_vec() }
}

/// Returns the number of words before the value: of `NAMES`, `CHARACTER SET`, `TRANSACTION`, ...
fn words_without_equals(tokens: &[(Token, &str)]) -> usize {
    let two = tokens.get(1).is_some_and(|(_, word)| word.eq_ignore_ascii_case("SET"));
    tokens.len().min(if two { 2 } else { 1 })
}

fn scope(word: &str) -> Option<bool> {
    match word.to_ascii_uppercase().as_str() {
        "GLOBAL" | "PERSIST" | "PERSIST_ONLY" => Some(true),
        "SESSION" | "LOCAL" => Some(false),
        _ => None,
    }
}

/// Returns the variable's name, and, if `@` or `@@` determines the scope, whether it is global.
fn name(tokens: &[(Token, &str)]) -> (String, Option<bool>) {
    let tokens: Vec<_> = tokens.iter().filter(|(token, _)| *token != Token::Symbol(b':')).copied().collect();
    let upper = |text: &str| unquoted(text).to_uppercase();
    match tokens.as_slice() {
        [(Token::Symbol(b'@'), _), (Token::Symbol(b'@'), _), rest @ ..] => {
            let own = rest.first().and_then(|(_, word)| scope(word)).unwrap_or(false);
            (rest.last().map(|(_, name)| upper(name)).unwrap_or_default(), Some(own))
        }
        [(Token::Symbol(b'@'), _), name @ ..] => {
            (format!("@{}", name.iter().map(|(_, part)| upper(part)).collect::<String>()), Some(false))
        }
        words => (words.iter().map(|(_, word)| upper(word)).collect::<Vec<_>>().join(" "), None),
    }
}
