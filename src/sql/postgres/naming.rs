//! Finds the name of the run's own database in statements about databases.

use std::ops::Range;

use super::lexer::tokens;
use crate::sql::Words;
use crate::sql::cursor::Token;

/// Returns where a statement about a database names the database `name`: `ALTER DATABASE shop ...`,
/// `COMMENT ON DATABASE shop ...`, `GRANT ... ON DATABASE shop ...`, `ALTER ROLE ... IN DATABASE shop ...`,
/// `REINDEX DATABASE shop`.
pub(crate) fn database_names(words: &Words, statement: &str, name: &str) -> Vec<Range<usize>> {
    if !matches!(words.get(0), Some("ALTER" | "COMMENT" | "GRANT" | "REINDEX" | "REVOKE" | "SECURITY")) {
        return Vec::new();
    }
    let mut tokens = tokens(statement);
    let mut before = "";
    let follows = tokens.by_ref().any(|(token, at)| {
        let text = &statement[at];
        let before = std::mem::replace(&mut before, text);
        is(token, text, "DATABASE")
            && ["ALTER", "IN", "ON", "REINDEX", ")"].iter().any(|word| word.eq_ignore_ascii_case(before))
    });
    let mut listed = tokens.filter(|(token, at)| !is(*token, &statement[at.clone()], "CONCURRENTLY"));
    let mut names = Vec::new();
    let mut more = follows;
    while more {
        let (list, separator) = (listed.next(), listed.next());
        names.extend(list.filter(|(token, at)| means(*token, &statement[at.clone()], name)).map(|(_, at)| at));
        more = matches!(separator, Some((Token::Symbol(b','), _)));
    }
    names
}

fn is(token: Token, text: &str, keyword: &str) -> bool {
    token == Token::Word && text.eq_ignore_ascii_case(keyword)
}

/// Whether a token means this name. An unquoted identifier is folded to lower case.
fn means(token: Token, text: &str, name: &str) -> bool {
    match token {
        Token::Word => text.to_lowercase() == name,
        Token::Name => text.get(1..text.len() - 1).is_some_and(|inner| inner.replace("\"\"", "\"") == name),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::sql::{POSTGRES, split};

    use super::database_names;

    fn named(statement: &str, name: &str) -> Vec<String> {
        let parsed = split(POSTGRES, statement).next().expect("a statement").expect("it can be split");
        let text = &statement[parsed.range.clone()];
        database_names(&parsed.words, text, name).into_iter().map(|at| text[at].to_owned()).collect()
    }

    #[test]
    fn statements_about_databases_name_them() {
        for (statement, name) in [
            ("ALTER DATABASE shop SET work_mem = '9MB'", "shop"),
            ("alter /* the */ database\n\"shop\" set search_path = shop, database", "\"shop\""),
            ("ALTER DATABASE SHOP OWNER TO shop", "SHOP"),
            ("COMMENT ON DATABASE shop IS 'ON DATABASE shop'", "shop"),
            ("GRANT CONNECT, TEMP ON DATABASE other, shop TO shop", "shop"),
            ("GRANT CONNECT ON DATABASE shop TO shop", "shop"),
            ("REVOKE ALL ON DATABASE shop FROM PUBLIC", "shop"),
            ("ALTER ROLE database IN DATABASE shop SET work_mem = '9MB'", "shop"),
            ("SECURITY LABEL FOR 'x' ON DATABASE shop IS 'y'", "shop"),
            ("REINDEX (VERBOSE) DATABASE CONCURRENTLY shop", "shop"),
            ("REINDEX DATABASE shop", "shop"),
        ] {
            assert_eq!(named(statement, "shop"), [name], "{statement}");
        }
        assert_eq!(named("ALTER DATABASE \"My \"\"own\"\" ü\" RESET ALL", "My \"own\" ü").len(), 1);
        assert_eq!(named("GRANT CONNECT ON DATABASE shop, \"shop\" TO x", "shop").len(), 2);
    }

    #[test]
    fn other_names_are_no_names_of_the_database() {
        for statement in [
            "ALTER DATABASE other SET search_path = shop",
            "ALTER DATABASE \"SHOP\" RESET ALL",
            "GRANT ALL ON DATABASE other TO shop",
            "ALTER TABLE database RENAME TO shop",
            "ALTER TABLE shop.shop ADD COLUMN database text",
            "COMMENT ON TABLE shop IS 'DATABASE shop'",
            "GRANT SELECT ON database, shop TO x",
            "SELECT 'ALTER DATABASE shop'",
            "DROP DATABASE shop",
            "ALTER DATABASE",
        ] {
            assert_eq!(named(statement, "shop"), [""; 0], "{statement}");
        }
    }
}
