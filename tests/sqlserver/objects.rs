//! Object files on SQL Server.

use insta::assert_snapshot;

use crate::recorder::Reply;
use crate::stage::{Stage, cell, error};

const TABLE: &str = "CREATE TABLE dbo.item (id int);\n";

/// Rows of texts; an empty text is NULL.
fn rows(columns: &'static [&'static str], rows: &[&[&str]]) -> Vec<Reply> {
    let text = |text: &&str| (!text.is_empty()).then(|| (*text).to_owned());
    let rows = rows.iter().map(|row| row.iter().map(text).collect()).collect();
    vec![Reply::Rows { columns, rows }]
}

const SIX: &[&str] = &["kind", "schema", "name", "on_table", "arguments", "is_default"];

#[tokio::test]
async fn each_object_is_a_batch_after_the_scripts() {
    let views: &[&[&str]] = &[&["view", "dbo", "totals", "", "", "1"], &["view", "dbo", "a_top", "", "", "1"]];
    let answer =
        move |_: usize, batch: &str| batch.starts_with("-- SQL Server 2016 and later").then(|| rows(SIX, views));
    let stage = Stage::set(&[TABLE], answer).await;
    let top = "CREATE OR ALTER VIEW dbo.a_top AS SELECT id FROM dbo.totals WHERE id > 10\nGO\nGRANT SELECT ON dbo.a_top TO report\n";
    let stage = stage.with_object("views/a_top.sql", top);
    let totals = "CREATE OR ALTER VIEW dbo.totals AS SELECT id FROM dbo.item\n";
    assert_snapshot!(stage.with_object("views/totals.sql", totals).upgrade().await);
}

#[tokio::test]
async fn a_failing_object_names_its_file_and_line() {
    let answer = |_: usize, batch: &str| {
        batch.contains("OR ALTER VIEW").then(|| vec![error(208, "Invalid object name 'dbo.nope'.", 2)])
    };
    let stage = Stage::set(&[TABLE], answer).await;
    let view = "-- Totals\nCREATE OR ALTER VIEW dbo.totals AS\nSELECT id FROM dbo.nope\n";
    let transcript = stage.with_object("totals.sql", view).upgrade().await;
    assert!(transcript.contains("error: totals.sql failed: Invalid object name 'dbo.nope'."), "{transcript}");
    assert!(transcript.contains("at objects/totals.sql:3:20: nope"), "{transcript}");
    assert!(transcript.contains("rolled back: 0001 was not applied"), "{transcript}");
}

#[tokio::test]
async fn what_is_dropped_first_gets_back_what_it_had() {
    let answer = |_: usize, batch: &str| match batch {
        _ if batch.starts_with("-- SQL Server 2016 and later") => {
            let view: &[&str] = &["view", "dbo", "totals", "", "", "1"];
            let bound: &[&str] = &["view", "dbo", "a_top", "", "", "1"];
            Some(rows(SIX, &[view, bound]))
        }
        _ if batch.starts_with("-- The objects, and what their definitions bind") => Some(rows(
            &["place", "kind", "schema", "name", "on_table", "arguments", "object", "statement", "asked"],
            &[
                &["1", "view", "dbo", "a_top", "", "", "view dbo.a_top", "DROP VIEW [dbo].[a_top]", ""],
                &["2", "view", "dbo", "totals", "", "", "view dbo.totals", "DROP VIEW [dbo].[totals]", ""],
            ],
        )),
        _ if batch.starts_with("-- What objects have beside their definitions") => Some(rows(
            &[
                "place",
                "kind",
                "schema",
                "name",
                "on_table",
                "arguments",
                "creates",
                "view_schema",
                "view",
                "needs",
                "statement",
                "problem",
            ],
            &[
                &[
                    "2",
                    "view",
                    "dbo",
                    "totals",
                    "",
                    "",
                    "0",
                    "",
                    "",
                    "",
                    "GRANT SELECT ON OBJECT::[dbo].[totals] TO [report]",
                    "",
                ],
                &[
                    "2",
                    "view",
                    "dbo",
                    "totals",
                    "",
                    "",
                    "0",
                    "",
                    "",
                    "id",
                    "GRANT UPDATE ON OBJECT::[dbo].[totals] ([id]) TO [report]",
                    "",
                ],
                &[
                    "5",
                    "view",
                    "dbo",
                    "a_top",
                    "",
                    "",
                    "1",
                    "dbo",
                    "a_top",
                    "",
                    "IF 1 = 1 CREATE UNIQUE CLUSTERED INDEX [ix] ON [dbo].[a_top] ([id])",
                    "",
                ],
            ],
        )),
        _ if batch.contains("THEN 0 ELSE 1") => Some(cell("0")),
        _ => None,
    };
    let stage = Stage::set(&[TABLE], answer).await;
    let totals = "-- dbmigrate: drop-first\nCREATE VIEW dbo.totals WITH SCHEMABINDING AS SELECT id FROM dbo.item\n";
    let stage = stage.with_object("totals.sql", totals);
    let top = "CREATE OR ALTER VIEW dbo.a_top WITH SCHEMABINDING AS SELECT id FROM dbo.totals\n";
    assert_snapshot!(stage.with_object("a_top.sql", top).upgrade().await);
}
