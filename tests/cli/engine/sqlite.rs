//! SQLite: a file in the project's folder.

use super::Engine;

pub(crate) static SQLITE: Engine = Engine {
    product: None,
    example: "sqlite",
    words: &[
        ("sqlite:app[.]db", "[url]"),
        ("no such table: nope", "[missing table nope]"),
        (r"SQLite SQLITE_ERROR \(1\)", "[code of a missing table]"),
        (r"(atomic except|not atomic:) Script-0002 \(no-transaction\)", "[guarantee outside a transaction]"),
    ],
    hidden: &[],
    outside: "-- dbmigrate: no-transaction",
    awkward: &[
        "-- Awkward\nINSERT INTO customers VALUES (1, 'it''s; --');\n\
         CREATE TRIGGER t AFTER INSERT ON customers BEGIN SELECT 1; END;\nSELECT 2",
        "-- dbmigrate: no-transaction\nVACUUM;\n",
        "SELECT 1;\n",
    ],
    awkward_object: "CREATE TRIGGER t",
    dump: |stage| {
        stage.ask("SELECT type, name, sql FROM sqlite_master WHERE tbl_name NOT LIKE 'dbmigrate_journal%' ORDER BY name; SELECT * FROM customers;")
    },
};
