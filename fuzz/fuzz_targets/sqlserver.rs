#![no_main]

use dbmigrate::sql::Dialect;

libfuzzer_sys::fuzz_target!(|text: &str| dbmigrate_fuzz::check(Dialect::SqlServer, text));
