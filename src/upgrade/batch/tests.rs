use proptest::prelude::*;

use super::*;
use crate::engine::Message;
use crate::sql::{Dialect, Role, sendable};

/// The messages that a text travels in.
fn messages(text: &str, role: Role, limit: usize) -> Vec<String> {
    let batches = Batches::new(sendable(Dialect::Postgres, text, role), limit, Dialect::Postgres);
    let sql = |batch: Result<Vec<Piece>, SplitError>| match batch {
        Ok(pieces) => Message { text, pieces: &pieces, ours: &[] }.sql().to_owned(),
        Err(error) => format!("error: {error}"),
    };
    batches.map(sql).collect()
}

fn script(text: &str) -> Vec<String> {
    messages(text, Role::Script, 1000)
}

#[test]
fn statements_share_a_message() {
    assert_eq!(script("SELECT 1;\n-- two\nSELECT 2;\n"), ["SELECT 1;\n-- two\nSELECT 2"]);
    assert_eq!(script(""), [""; 0]);
    assert_eq!(script("-- nothing\n;"), [""; 0]);
}

#[test]
fn a_message_is_no_longer_than_the_limit() {
    let limited = |limit| messages("SELECT 1; SELECT 2; SELECT 3", Role::Script, limit);
    assert_eq!(limited(28), ["SELECT 1; SELECT 2; SELECT 3"]);
    assert_eq!(limited(27), ["SELECT 1; SELECT 2", "SELECT 3"]);
    assert_eq!(limited(17), ["SELECT 1", "SELECT 2", "SELECT 3"]);
    assert_eq!(limited(0), ["SELECT 1", "SELECT 2", "SELECT 3"], "a long statement travels, too");
}

#[test]
fn a_copy_travels_alone() {
    let text = "SELECT 1;\nCOPY t FROM stdin;\n1\n2\n\\.\nSELECT 2;\nSELECT 3;";
    assert_eq!(script(text), ["SELECT 1", "COPY t FROM stdin", "SELECT 2;\nSELECT 3"]);
    let copies = "COPY t FROM stdin;\n\\.\nCOPY u FROM stdin;\n\\.\n";
    assert_eq!(script(copies), ["COPY t FROM stdin", "COPY u FROM stdin"]);
}

#[test]
fn a_message_has_no_hole() {
    assert_eq!(script("SELECT 1;\n\\restrict x\nSELECT 2;"), ["SELECT 1", "SELECT 2"]);
    let dump = "SELECT 1;\nBEGIN;\nSELECT pg_catalog.lo_open('1', 131072);\nSELECT pg_catalog.lo_close(0);\nCOMMIT;\nSELECT 2;";
    assert_eq!(
        messages(dump, Role::Baseline, 1000),
        ["SELECT 1", "SELECT pg_catalog.lo_open('1', 131072);\nSELECT pg_catalog.lo_close(0)", "SELECT 2"]
    );
}

#[test]
fn what_changes_how_strings_are_read_travels_alone() {
    let text = "SELECT 1; SET standard_conforming_strings = off; SELECT 'a\\'; b'; SELECT 2;";
    assert_eq!(script(text), ["SELECT 1", "SET standard_conforming_strings = off", "SELECT 'a\\'; b'; SELECT 2"]);
}

#[test]
fn what_stands_before_an_error_is_a_message_of_its_own() {
    assert_eq!(script("SELECT 1; SELECT 2; SELECT 'x"), ["SELECT 1; SELECT 2", "error: unterminated string"]);
    assert_eq!(script("'x"), ["error: unterminated string"]);
}

proptest! {
    #[test]
    fn every_statement_travels_once_and_in_order(
        words in proptest::collection::vec(
            prop::sample::select(vec!["SELECT 1;", "SELECT 'é';\n", ";", "-- x\n", "COPY t FROM stdin;\n1\n\\.\n", "\\restrict x\n"]), 0..12),
        limit in 0_usize..60,
    ) {
        let text = words.concat();
        let pieces = sendable(Dialect::Postgres, &text, Role::Script).collect::<Result<Vec<_>, _>>();
        let batches = Batches::new(sendable(Dialect::Postgres, &text, Role::Script), limit, Dialect::Postgres).collect::<Result<Vec<_>, _>>();
        // where a line of data or a command does not start a line, the text cannot be split
        if let (Ok(pieces), Ok(batches)) = (pieces, batches) {
            for batch in &batches {
                let range = Message { text: &text, pieces: batch, ours: &[] }.range();
                prop_assert!(batch.len() == 1 || range.len() <= limit);
                prop_assert!(batch.len() == 1 || batch.iter().all(|piece| piece.data.is_none()));
            }
            prop_assert_eq!(batches.concat(), pieces);
        }
    }
}
