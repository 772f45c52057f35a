//! The schema of a database that is described as if it were all of it.

use super::{NotCompared, Object, Schema};

/// The name of a schema before the names of its objects, in the ways in which it is written: `acme.`, `"acme".`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Qualifier([String; 2]);

impl Qualifier {
    /// Returns the qualifier for a schema. `quote` quotes a name.
    pub(crate) fn new(schema: &str, quote: fn(&str) -> String) -> Self {
        Self([format!("{}.", quote(schema)), format!("{schema}.")])
    }

    /// Returns a qualified name without the schema; `None` if it is in another.
    fn bare<'a>(&self, name: &'a str) -> Option<&'a str> {
        self.0.iter().find_map(|own| name.strip_prefix(own.as_str()))
    }

    /// Returns a text without the schema's name, wherever it qualifies another name.
    fn left_out(&self, text: &str) -> String {
        let (mut left, mut end) = (String::with_capacity(text.len()), 0);
        let next = |rest: &str| self.0.iter().filter_map(|own| Some((rest.find(own.as_str())?, own.len()))).min();
        while let Some((at, length)) = next(&text[end..]) {
            let (start, before) = (end + at, &text[..end + at]);
            let is_part = before.ends_with(|last: char| last.is_alphanumeric() || "_$\"`].".contains(last));
            left.push_str(&text[end..if is_part { start + length } else { start }]);
            end = start + length;
        }
        left + &text[end..]
    }
}

impl Schema {
    /// Returns what is in one schema of the database, as if that were all of it: two tenants with the same tables have equal
    /// descriptions.
    pub(crate) fn within(self, qualifier: &Qualifier) -> Self {
        let object = |object: Object| {
            let name = qualifier.left_out(qualifier.bare(&object.name)?);
            let parent = object.parent.map(|parent| qualifier.left_out(&parent));
            let definition = qualifier.left_out(&object.definition);
            Some(Object { name, parent, definition, ..object })
        };
        let missing = |NotCompared { kind, name, why }: NotCompared| {
            let name = name.map(|name| qualifier.bare(&name).map(ToOwned::to_owned));
            // what has no name may be here
            let name = name.map_or(Some(None), |name| name.map(Some))?;
            Some(NotCompared { kind, name, why })
        };
        Self::new(self.objects.into_iter().filter_map(object))
            .without(self.not_compared.into_iter().filter_map(missing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(name: &str) -> String {
        format!("\"{name}\"")
    }

    #[test]
    fn the_name_of_a_schema_is_left_out_where_it_qualifies_another() {
        let qualifier = Qualifier::new("acme", quote);
        for (text, expected) in [
            ("REFERENCES acme.item(id)", "REFERENCES item(id)"),
            ("nextval('acme.item_id_seq'::regclass)", "nextval('item_id_seq'::regclass)"),
            (
                "SELECT \"acme\".item.id, b.acme.id, myacme.id FROM acme.item",
                "SELECT item.id, b.acme.id, myacme.id FROM item",
            ),
            ("\"x acme\".y, \"acme.x\"", "\"x acme\".y, \"acme.x\""),
            ("acme.acme.x", "acme.x"),
            ("é acme.ü", "é ü"),
        ] {
            assert_eq!(qualifier.left_out(text), expected, "{text}");
        }
    }

    #[test]
    fn two_schemas_with_the_same_tables_have_equal_descriptions() {
        let described = |schema: &str| {
            let (table, id) = (format!("{schema}.item"), format!("{schema}.item.id"));
            let schema = Schema::new([
                Object::new("schema", schema, "CREATE SCHEMA"),
                Object::new("table", &table, "CREATE TABLE"),
                Object::new("column", id, format!("integer DEFAULT {schema}.next()")).part_of(&table).at(1),
                Object::new("function", format!("{schema}.f({schema}.mood)"), "RETURNS integer"),
                Object::new("table", "public.country", "CREATE TABLE"),
            ]);
            schema.without([NotCompared::new("trigger", Some(format!("{table}.t")), "no right")])
        };
        let within = |schema: &str| described(schema).within(&Qualifier::new(schema, quote));
        assert_eq!(within("acme"), within("bolt"));
        let names = within("acme").objects().iter().map(|object| object.name.clone()).collect::<Vec<_>>();
        assert_eq!(names, ["item.id", "f(mood)", "item"]);
        assert_eq!(within("acme").not_compared().len(), 1);
    }
}
