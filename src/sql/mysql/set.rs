use super::super::cursor::Token;
use super::{Modes, tokens_in, unquoted};

/// One of the things that a `SET` statement sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sql) struct Assignment<'a> {
    /// It is not the session's variable that is set.
    pub(super) global: bool,
    /// In upper case: a variable of the server, `@` before one of the user, or the words before a value without `=`
    /// (`NAMES`, `CHARACTER SET`).
    pub(in crate::sql) name: String,
    /// The tokens of the value.
    pub(in crate::sql) value: Vec<(Token, &'a str)>,
}

impl Assignment<'_> {
    /// Whether an unquoted word of the value is this one.
    pub(in crate::sql) fn mentions(&self, wanted: &str) -> bool {
        self.value.iter().any(|(token, word)| *token == Token::Word && word.eq_ignore_ascii_case(wanted))
    }
}

/// What a `SET` statement of a dump does to `autocommit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sql) enum Autocommit {
    /// It is turned off.
    Off,
    /// It is what it was before, or on.
    Back,
}

/// What a `SET` statement does that does nothing else: `autocommit`, and a variable that keeps its value.
pub(in crate::sql) fn autocommit(statement: &str) -> Option<Autocommit> {
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

/// What a `SET` statement sets, in order; nothing for `SET STATEMENT`, whose values hold for one statement only.
pub(super) fn assignments(statement: &str, modes: Modes) -> Vec<Assignment<'_>> {
    let tokens = tokens_in(statement, modes);
    let Some((_, set)) = tokens.split_first() else { return Vec::new() };
    if set.first().is_some_and(|(_, word)| word.eq_ignore_ascii_case("STATEMENT")) {
        return Vec::new();
    }
    let mut global = false;
    at_commas(set).into_iter().map(|tokens| assignment(tokens, &mut global)).collect()
}

/// What a `SET` statement sets for the session.
pub(in crate::sql) fn session_assignments(statement: &str) -> Vec<Assignment<'_>> {
    let mut set = assignments(statement, Modes::default());
    set.retain(|assignment| !assignment.global);
    set
}

/// Whether a `SET` statement has the same effect in another session: it sets nothing but the session's own things, to
/// values that are written there or that other settings have. `lost` tells of a user variable that has no value there.
pub(in crate::sql) fn repeats(statement: &str, lost: impl Fn(&str) -> bool) -> bool {
    let set = assignments(statement, Modes::default());
    !set.is_empty() && set.iter().all(|set| !set.global && is_constant(set, &lost))
}

/// Functions of their arguments alone.
const PURE: [&str; 8] = ["CONCAT", "CONCAT_WS", "REPLACE", "IFNULL", "COALESCE", "NULLIF", "LOWER", "UPPER"];

/// What `@@` names and is no setting: what happened last, and the clock.
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
            // ON, utf8mb4, STRICT_ALL_TABLES: a word that a setting knows; to a variable it is a function
            Token::Word => !set.name.starts_with('@'),
            _ => true,
        }
    }) && !calls_others(set)
}

/// A function that is not one of its arguments alone.
fn calls_others(set: &Assignment<'_>) -> bool {
    let pure = |(token, text): &(Token, &str)| *token != Token::Word || PURE.contains(&text.to_uppercase().as_str());
    set.value.windows(2).any(|pair| pair[1].0 == Token::Symbol(b'(') && pair[0].0 == Token::Word && !pure(&pair[0]))
        || set.mentions("SELECT")
}

/// The parts between commas that stand in no parentheses.
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

/// `global` is the scope that the words before have set: it holds until another word sets it.
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

/// `NAMES`, `CHARACTER SET`, `TRANSACTION`, ...: how many words stand before the value.
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

/// The variable's name, and whether `@@` says itself that it is a global one.
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
