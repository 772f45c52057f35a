//! What a statement leaves in its session: user variables, temporary tables, prepared statements, table locks.

use std::sync::LazyLock;

use regex::Regex;

use super::effect;
use super::lexer::tokens;
use super::set::session_assignments;
use crate::sql::Statement;
use crate::sql::cursor::Token;
use crate::sql::session_state::{self, pattern};

/// Every statement after `LOCK TABLES` uses the locks.
const LOCKS: &str = "LOCK TABLES";

const LAST_INSERT: &str = "last_insert_id";

/// The maximum length of a user variable's name, in characters.
const LONGEST_NAME: usize = 64;

/// Returns the user variables to which a `SET` assigns a value.
pub(super) fn given(statement: &Statement, text: &str) -> Vec<String> {
    if statement.words.starts(&["SET"]) {
        session_assignments(text).into_iter().map(|set| set.name.to_lowercase()).collect()
    } else {
        Vec::new()
    }
}

/// Returns the names of the things that a statement leaves.
pub(super) fn makes(statement: &Statement, text: &str) -> Vec<String> {
    let words = &statement.words;
    match session_state::makes(statement, text) {
        made if !made.is_empty() => made,
        _ if effect::locks_tables(words) => vec![LOCKS.into()],
        _ if words.starts(&["SET"]) => given(statement, text),
        _ if assigns(statement, text) => variables(text),
        _ if words.starts(&["INSERT"]) || words.starts(&["REPLACE"]) => vec![LAST_INSERT.into()],
        none => none,
    }
}

pub(super) fn ends(statement: &Statement, text: &str) -> Vec<String> {
    if effect::unlocks_tables(&statement.words) { vec![LOCKS.into()] } else { session_state::ends(statement, text) }
}

/// Whether the statement needs the thing of this name. A `SET` that only assigns to a variable does not need it.
pub(super) fn uses(statement: &Statement, text: &str, name: &str) -> bool {
    if name == LOCKS {
        return true;
    }
    if name.starts_with('@') {
        let named = variables(text).iter().filter(|other| *other == name).count();
        let given = usize::from(given(statement, text).iter().any(|other| other == name));
        return named > given;
    }
    session_state::names(text, name)
}

/// Whether the statement may assign a value to a user variable.
fn assigns(statement: &Statement, text: &str) -> bool {
    static INTO: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)INTO[ \t\r\n]*@"));
    let words = &statement.words;
    let calls = ["CALL", "GET", "EXECUTE"].iter().any(|word| words.starts(&[word]));
    calls || text.contains(":=") || INTO.is_match(text)
}

/// Returns the user variables that a statement names: `@id`, also in quotes.
fn variables(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let (mut names, mut at) = (Vec::new(), 0);
    while let Some((token, _)) = tokens.get(at) {
        at += 1;
        if *token != Token::Symbol(b'@') {
            continue;
        }
        let is_of_server = matches!(tokens.get(at), Some((Token::Symbol(b'@'), _)));
        at += usize::from(is_of_server);
        let mut name = String::from("@");
        while let Some((Token::Word | Token::Name | Token::Text | Token::Number | Token::Symbol(b'.'), part)) =
            tokens.get(at)
        {
            name.extend(part.chars().filter(|c| !['`', '\'', '"'].contains(c)).flat_map(char::to_lowercase));
            at += 1;
            if !matches!(tokens.get(at), Some((Token::Symbol(b'.'), _))) && !part.starts_with('.') {
                break;
            }
        }
        names.extend((!is_of_server && name.len() > 1).then_some(name));
    }
    names
}

/// Returns the statements that undo what this one leaves, in the order in which they are sent.
pub(super) fn undo(statement: &Statement, text: &str) -> Vec<String> {
    static TABLE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?((?:`[^`]+`|[^\s.(`;]+)(?:\s*\.\s*(?:`[^`]+`|[^\s.(`;]+))?)")
    });
    static PREPARED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?i)^PREPARE\s+(`[^`]+`|[^\s(`;]+)"));
    let words = &statement.words;
    if statement.makes_temporary() {
        let drop = TABLE.captures(text).map(|found| format!("DROP TEMPORARY TABLE IF EXISTS {}", &found[1]));
        return drop.into_iter().collect();
    }
    if let Some(found) = PREPARED.captures(text) {
        // DEALLOCATE fails for a statement that does not exist
        return vec![format!("PREPARE {} FROM 'DO 0'", &found[1]), format!("DEALLOCATE PREPARE {}", &found[1])];
    }
    let mut names = given(statement, text);
    if assigns(statement, text) {
        names.extend(variables(text));
    }
    let variables = names.iter().filter_map(|name| name.strip_prefix('@')).filter(|name| !name.starts_with('@'));
    // a longer text is not a name
    let variables = variables.filter(|name| name.chars().count() <= LONGEST_NAME);
    let mut undo = variables.map(|name| format!("SET @`{name}` = NULL")).collect::<Vec<_>>();
    if ["INSERT", "REPLACE"].iter().any(|word| words.starts(&[word])) {
        undo.push("DO LAST_INSERT_ID(0)".into());
    }
    undo
}
