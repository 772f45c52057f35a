#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| dbmigrate_fuzz::check("postgres", text));
