//! Two hundred random schemas, built, dumped, restored and compared.

use std::fmt::Write as _;

use crate::database::Database;
use crate::engine::Engine;

/// What an engine's tables can have.
struct Words {
    types: &'static [&'static str],
    /// Checks of the columns `a` and `b`, which are numbers.
    checks: &'static [&'static str],
    /// What follows an index's columns.
    conditions: &'static [&'static str],
    /// The quotes around a name.
    quote: char,
}

#[cfg(feature = "sqlite")]
const SQLITE: Words = Words {
    types: &["integer", "text", "real", "blob", "numeric(10, 2)", "varchar(20) COLLATE NOCASE", "any", ""],
    checks: &["a > 0", "a BETWEEN 1 AND b", "a IN (1, 2, b)", "NOT (a = b AND a < 3)", "coalesce(a, b) IS NOT NULL"],
    conditions: &["", " WHERE a > 0", " WHERE b IS NOT NULL AND a < 5"],
    quote: '"',
};

#[cfg(feature = "postgres")]
const POSTGRES: Words = Words {
    types: &[
        "integer",
        "bigint",
        "text",
        "varchar(20)",
        "numeric(10, 2)",
        "boolean",
        "date",
        "timestamptz(3)",
        "interval",
        "uuid",
        "jsonb",
        "bytea",
        "integer[]",
        "char(3)",
        "real",
        "inet",
        "text COLLATE \"C\"",
    ],
    checks: &[
        "a > 0",
        "a BETWEEN 1 AND b",
        "a BETWEEN 1 AND 5 AND b > 0",
        "a IN (1, 2, b) OR b = 1",
        "NOT (a = b AND a < 3)",
        "coalesce(a, b) IS NOT NULL",
        "(a, b) = (1, 2) AND a > 0",
        "a = ANY (ARRAY[1, 2]) OR a > 7 OR b > 7",
    ],
    conditions: &["", " WHERE a > 0", " WHERE a BETWEEN 1 AND 5 AND b IS NOT NULL", " WHERE a IN (1, 2)"],
    quote: '"',
};

#[cfg(feature = "mysql")]
const MYSQL: Words = Words {
    types: &[
        "int",
        "bigint unsigned",
        "varchar(20)",
        "decimal(10, 2)",
        "date",
        "datetime(3)",
        "json",
        "blob",
        "char(3)",
        "double",
        "enum('a', 'b,c')",
        "set('x', 'y')",
        "tinyint(1)",
        "time(2)",
        "varchar(9) CHARACTER SET latin1",
        "bit(3)",
    ],
    checks: &["a > 0", "a BETWEEN 1 AND b", "a IN (1, 2, b)", "NOT (a = b AND a < 3)", "coalesce(a, b) IS NOT NULL"],
    conditions: &[""],
    quote: '`',
};

/// Numbers that look random and are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        // Knuth's generator: https://en.wikipedia.org/wiki/Linear_congruential_generator
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % end as u64).expect("a small number")
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// Endings that need quotes.
const ENDINGS: [&str; 8] = ["", "", "", " x", "Ü", "-y", "'s", ".z"];

impl Words {
    fn name(&self, random: &mut Random, plain: &str) -> String {
        format!("{0}{plain}{1}{0}", self.quote, random.one(&ENDINGS))
    }

    /// A schema of some tables whose names begin with its number, and views.
    fn schema(&self, number: usize, random: &mut Random) -> String {
        let (mut sql, mut tables) = (String::new(), Vec::<String>::new());
        for place in 0..=random.below(3) {
            let table = self.name(random, &format!("s{number}_t{place}"));
            let mut parts = vec![
                "id integer NOT NULL".to_owned(),
                "a integer".into(),
                "b integer DEFAULT 7".into(),
                "up integer".into(),
            ];
            for column in 0..random.below(5) {
                let (name, kind) = (self.name(random, &format!("c{column}")), random.one(self.types));
                let not_null = if random.below(3) == 0 { " NOT NULL" } else { "" };
                parts.push(format!("{name} {kind}{not_null}"));
            }
            parts.push("PRIMARY KEY (id)".into());
            if random.below(2) == 0 {
                parts.push(format!("CHECK ({})", random.one(self.checks)));
            }
            if random.below(2) == 0 {
                let name = self.name(random, &format!("k{number}_{place}"));
                parts.push(format!("CONSTRAINT {name} CHECK ({})", random.one(self.checks)));
            }
            if random.below(3) == 0 {
                parts.push("UNIQUE (a, b)".into());
            }
            if let Some(other) = tables.last().filter(|_| random.below(2) == 0) {
                let action = random.one(&["", " ON DELETE CASCADE", " ON DELETE SET NULL"]);
                parts.push(format!("FOREIGN KEY (up) REFERENCES {other} (id){action}"));
            }
            writeln!(sql, "CREATE TABLE {table} ({});", parts.join(", ")).expect("it is a text");
            if random.below(2) == 0 {
                let (name, unique) = (self.name(random, &format!("i{number}_{place}")), random.one(&["", "UNIQUE "]));
                let condition = random.one(self.conditions);
                writeln!(sql, "CREATE {unique}INDEX {name} ON {table} (b DESC, a){condition};").expect("it is a text");
            }
            if random.below(2) == 0 {
                let (name, check) = (self.name(random, &format!("s{number}_v{place}")), random.one(self.checks));
                let select = format!("SELECT id, a + b AS total FROM {table} WHERE {check}");
                writeln!(sql, "CREATE VIEW {name} AS {select};").expect("it is a text");
            }
            tables.push(table);
        }
        sql
    }
}

macro_rules! random_schemas {
    ($($name:ident: $engine:ty, $words:ident);+ $(;)?) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn random_schemas_are_equal_after_a_restore() {
                super::random_schemas_are_equal_after_a_restore::<$engine>(&super::$words).await;
            }
        })+
    };
}

#[cfg(feature = "sqlite")]
random_schemas! { sqlite: crate::engine::sqlite::Sqlite, SQLITE }
#[cfg(feature = "postgres")]
random_schemas! { postgres: crate::engine::postgres::Postgres, POSTGRES }
#[cfg(feature = "mysql")]
random_schemas! { mysql: crate::engine::mysql::Mysql, MYSQL }

async fn random_schemas_are_equal_after_a_restore<E: Engine + 'static>(words: &Words) {
    let (database, restored) = (Database::new::<E>(), Database::new::<E>());
    let mut random = Random(18);
    let schemas = (0..200).map(|number| words.schema(number, &mut random)).collect::<String>();
    database.query(&schemas);
    restored.query(&database.dump());
    let described = database.migrator().schema().await.expect("it can be read");
    let again = restored.migrator().schema().await.expect("it can be read");
    assert_eq!(described.difference(&again), []);
    assert_eq!(described.fingerprint(), again.fingerprint());
    assert!(described.count("table") > 200 && described.count("view") > 100);
}
