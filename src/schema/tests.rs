use proptest::prelude::*;

use super::{Change, ComparisonOptions, Object, Schema};

fn table(name: &str) -> Object {
    Object::new("table", name, "CREATE TABLE")
}

fn column(table: &str, name: &str, position: u32) -> Object {
    Object::new("column", format!("{table}.{name}"), "integer").part_of(table).at(position)
}

fn key(name: &str, columns: &str) -> Object {
    Object::new("unique", format!("item.{name}"), format!("UNIQUE ({columns})")).part_of("item")
}

/// The differences, a line each.
fn lines(recorded: &Schema, found: &Schema) -> Vec<String> {
    let line = |difference: &super::Difference| {
        format!("{} {} {}", difference.change.as_str(), difference.kind, difference.name)
    };
    recorded.difference(found).iter().map(line).collect()
}

#[test]
fn what_belongs_to_a_dropped_table_is_not_listed() {
    let recorded = Schema::new([table("item"), column("item", "id", 1), table("other"), column("other", "id", 1)]);
    let found = Schema::new([table("other")]);
    assert_eq!(lines(&recorded, &found), ["removed column other.id", "removed table item"]);
}

#[test]
fn a_routine_with_the_name_of_a_table_hides_nothing() {
    let recorded = Schema::new([table("item"), Object::new("procedure", "item", "BEGIN END")]);
    let found = Schema::new([table("item"), column("item", "id", 1)]);
    assert_eq!(lines(&recorded, &found), ["added column item.id", "removed procedure item"]);
}

#[test]
fn invented_names_count_only_beside_chosen_ones() {
    let recorded = Schema::new([key("item_a_key", "a").with_invented_name()]);
    let again = Schema::new([key("item_a_key1", "a").with_invented_name()]);
    assert_eq!(recorded.difference(&again), []);
    assert_eq!(recorded.fingerprint(), again.fingerprint());
    let chosen = Schema::new([key("one_a", "a")]);
    assert_eq!(lines(&recorded, &chosen), ["removed unique item.item_a_key", "added unique item.one_a"]);
    let other = Schema::new([key("item_a_key", "b").with_invented_name()]);
    assert_eq!(lines(&recorded, &other), ["changed unique item.item_a_key"]);
    let two = Schema::new([key("item_a_key", "a"), key("item_a_key1", "a")].map(Object::with_invented_name));
    assert_eq!(lines(&recorded, &two), ["added unique item.item_a_key1"]);
}

#[test]
fn the_order_of_columns_is_a_difference_of_its_own() {
    let recorded = Schema::new([table("item"), column("item", "a", 1), column("item", "b", 2)]);
    let found = Schema::new([table("item"), column("item", "a", 2), column("item", "b", 1), column("item", "c", 3)]);
    assert_eq!(lines(&recorded, &found), ["added column item.c", "order table item"]);
    let gap = Schema::new([table("item"), column("item", "a", 1), column("item", "b", 4)]);
    assert_eq!(recorded.difference(&gap), []);
}

#[test]
fn owners_and_grants_do_not_count() {
    let owned = Object { owner: Some("ada".into()), grants: Some("SELECT".into()), ..table("item") };
    let (recorded, found) = (Schema::new([table("item")]), Schema::new([owned]));
    assert_eq!(recorded.difference(&found), []);
    assert_eq!(recorded.fingerprint(), found.fingerprint());
}

#[test]
fn the_fingerprint_of_this_format_does_not_change() {
    let schema = Schema::new([table("item"), column("item", "id", 1), key("item_id_key", "id").with_invented_name()]);
    insta::assert_snapshot!(schema.fingerprint(), @"12812104dbfa4965364a7badea2a651ff2dd130301fd567aff7064f474a22057");
}

prop_compose! {
    fn object()(kind in 0..3_usize, name in 0..3_u32, definition in "[ab]", at in 1..4_u32, invented: bool) -> Object {
        let name = format!("n{name}");
        match kind {
            0 => Object::new("table", name, definition),
            1 => Object::new("column", format!("n0.{name}"), definition).part_of("n0").at(at),
            _ => {
                let key = Object::new("unique", format!("n1.{name}"), definition).part_of("n1");
                if invented { key.with_invented_name() } else { key }
            }
        }
    }
}

fn schema() -> impl Strategy<Value = Schema> {
    prop::collection::vec(object(), 0..8).prop_map(|mut objects| {
        objects.sort_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
        objects.dedup_by(|a, b| (&a.kind, &a.name) == (&b.kind, &b.name));
        Schema::new(objects)
    })
}

proptest! {
    #[test]
    fn a_schema_does_not_differ_from_itself(schema in schema()) {
        prop_assert_eq!(schema.difference(&schema), []);
    }

    #[test]
    fn fingerprints_are_equal_exactly_if_nothing_differs(a in schema(), b in schema()) {
        let differs = a.difference(&b).iter().any(|difference| difference.change != Change::Order);
        prop_assert_eq!(differs, a.fingerprint() != b.fingerprint());
    }

    #[test]
    fn the_other_way_round_is_the_same_mirrored(a in schema(), b in schema()) {
        let mirrored = |change| match change {
            Change::Added => Change::Removed,
            Change::Removed => Change::Added,
            other => other,
        };
        let there = a.difference(&b).into_iter().map(|one| (one.kind, one.name, one.change)).collect::<Vec<_>>();
        let back = b.difference(&a).into_iter().map(|one| (one.kind, one.name, mirrored(one.change)));
        let mut back = back.collect::<Vec<_>>();
        back.sort();
        let mut there = there;
        there.sort();
        prop_assert_eq!(there, back);
    }
}

#[test]
fn owners_grants_and_the_order_of_columns_count_on_demand() {
    let column = |name: &str, place| Object::new("column", format!("t.{name}"), "integer").part_of("t").at(place);
    let table = |owner: &str, grants: &str| {
        let (owner, grants) = (Some(owner.to_owned()), Some(grants.to_owned()));
        Object { owner, grants, ..Object::new("table", "t", "CREATE TABLE") }
    };
    let recorded = Schema::new([table("ann", "all"), column("a", 1), column("b", 2)]);
    for (found, options) in [
        (Schema::new([table("bob", "all"), column("a", 1), column("b", 2)]), ComparisonOptions::new().owners(true)),
        (Schema::new([table("ann", "none"), column("a", 1), column("b", 2)]), ComparisonOptions::new().grants(true)),
        (Schema::new([table("ann", "all"), column("b", 1), column("a", 2)]), ComparisonOptions::new().strict(true)),
    ] {
        assert!(recorded.compare(&found, &ComparisonOptions::new()).is_equal());
        assert!(!recorded.compare(&found, &options).is_equal(), "{options:?}");
    }
}
