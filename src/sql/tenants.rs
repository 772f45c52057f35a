//! The schemas of a database that each belong to one tenant, and the places in scripts that name one of them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::Dialect;
use super::cursor::Token;
use super::tokens::tokens;

/// The schemas of a database that each belong to one tenant: a script that runs for all of them should name none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tenants(Arc<BTreeSet<String>>);

/// Two sets are equal at once if one is a copy of the other: a fleet compares them for each script of each tenant.
impl PartialEq for Tenants {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Eq for Tenants {}

impl FromIterator<String> for Tenants {
    fn from_iter<I: IntoIterator<Item = String>>(schemas: I) -> Self {
        Self(Arc::new(schemas.into_iter().collect()))
    }
}

impl Tenants {
    /// Returns where a statement names the schema of a tenant: before another name, also in a literal
    /// (`nextval('acme.item_id_seq')`), or as a schema (`SET search_path = acme`).
    pub(super) fn named(&self, dialect: &dyn Dialect, statement: &str) -> Vec<(Range<usize>, String)> {
        let mut found = Vec::new();
        if !self.0.is_empty() {
            self.look(dialect, statement, 0, &mut found);
        }
        found
    }

    fn look(&self, dialect: &dyn Dialect, text: &str, start: usize, found: &mut Vec<(Range<usize>, String)>) {
        let solid = tokens(dialect, text).filter(|(token, _)| *token != Token::Blank).collect::<Vec<_>>();
        let is_dot = |place: Option<usize>| {
            place.and_then(|place| solid.get(place)).is_some_and(|(token, _)| *token == Token::Symbol(b'.'))
        };
        let mut is_about_schemas = false;
        for (place, (token, at)) in solid.iter().enumerate() {
            let written = &text[at.clone()];
            if *token == Token::Text {
                match dialect.quoted_body(*token, written) {
                    Some(body) => self.look(dialect, &written[body.clone()], start + at.start + body.start, found),
                    None => self.look_in_literal(written, start + at.start, is_about_schemas, found),
                }
            }
            if !matches!(token, Token::Word | Token::Name) {
                continue;
            }
            let is_first = is_dot(Some(place + 1)) && !is_dot(place.checked_sub(1));
            if let Some(schema) = self.0.get(&dialect.folded(*token, written)).filter(|_| is_first || is_about_schemas)
            {
                found.push((start + at.start..start + at.end, schema.clone()));
            }
            is_about_schemas |= ["SCHEMA", "search_path"].iter().any(|word| written.eq_ignore_ascii_case(word));
        }
    }

    /// Looks for `'acme.item'`, and for `'acme'` where schemas are meant.
    fn look_in_literal(&self, written: &str, start: usize, whole: bool, found: &mut Vec<(Range<usize>, String)>) {
        let inner = written.trim_matches('\'');
        let (first, is_qualified) = inner.split_once('.').map_or((inner, false), |(first, _)| (first, true));
        if let Some(schema) = self.0.get(first).filter(|_| is_qualified || whole) {
            found.push((start..start + written.len(), schema.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{POSTGRES, SQLSERVER};

    fn named(dialect: &'static dyn Dialect, statement: &str) -> Vec<String> {
        let tenants = ["acme", "Bolt"].map(ToOwned::to_owned).into_iter().collect::<Tenants>();
        let found = tenants.named(dialect, statement);
        found.into_iter().map(|(at, schema)| format!("{} is {schema}", &statement[at])).collect()
    }

    #[test]
    fn a_schema_is_named_before_a_dot_or_as_a_schema() {
        for (statement, expected) in [
            ("SELECT * FROM acme . item", vec!["acme is acme"]),
            ("SELECT * FROM ACME.item, \"Bolt\".item", vec!["ACME is acme", "\"Bolt\" is Bolt"]),
            ("SELECT acme, b.acme.c, Bolt.x FROM item acme", vec![]),
            ("SELECT nextval('acme.item_id_seq'), 'acme', 'x acme.y'", vec!["'acme.item_id_seq' is acme"]),
            ("SET search_path = public, acme", vec!["acme is acme"]),
            ("SELECT set_config('search_path', 'acme', false)", vec![]),
            ("DROP SCHEMA IF EXISTS acme", vec!["acme is acme"]),
            ("DO $$ BEGIN DELETE FROM acme.item; END $$", vec!["acme is acme"]),
            ("-- acme.item\nSELECT 1", vec![]),
        ] {
            assert_eq!(named(POSTGRES, statement), expected, "{statement}");
        }
        assert_eq!(named(SQLSERVER, "ALTER TABLE [acme].item ADD x int"), ["[acme] is acme"]);
    }

    #[test]
    fn without_tenants_nothing_is_named() {
        assert!(Tenants::default().named(POSTGRES, "SELECT * FROM acme.item").is_empty());
    }
}
