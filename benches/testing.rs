//! 200 tests, each with a database of its own: from `TestDatabase`, or from one `createdb -T`.
//!
//! `scripts/bench.sh --only 11` runs them. The variables name the scripts (`BENCH_SCRIPTS`), the server (`BENCH_SERVER`), and for
//! the comparison the database to copy (`BENCH_TEMPLATE`).

use std::env::var;
use std::process::{Command, id};

use dbmigrate::Scripts;
use dbmigrate::testing::TestDatabase;

macro_rules! tests {
    ($($module:ident)+) => {
        $(mod $module {
            tests!(@ t0 t1 t2 t3 t4 t5 t6 t7 t8 t9);
        })+
    };
    (@ $($test:ident)+) => {
        $(#[test]
        fn $test() {
            super::test();
        })+
    };
}

tests!(a b c d e f g h i j k l m n o p q r s t);

fn test() {
    let Ok(server) = var("BENCH_SERVER") else { return };
    if let Ok(template) = var("BENCH_TEMPLATE") {
        return copied(&server, &template);
    }
    let scripts = Scripts::from_dir(var("BENCH_SCRIPTS").expect("a folder")).expect("the folder is there");
    let database = TestDatabase::blocking(&scripts, &server).expect("a database");
    assert!(database.url().contains("dbmigrate_test_"));
}

/// What a test does with the server's own programs.
fn copied(server: &str, template: &str) {
    let name = format!("bench_test_{}", id());
    let server = format!("--maintenance-db={server}");
    for (program, arguments) in [("createdb", vec!["-T", template]), ("dropdb", Vec::new())] {
        let status = Command::new(program).arg(&server).args(arguments).arg(&name).status().expect("it is installed");
        assert!(status.success(), "{program} failed");
    }
}
