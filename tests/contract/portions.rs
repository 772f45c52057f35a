//! Together equals one by one: a history that is applied in one run gives the database that it gives script by script.

use dbmigrate::UpgradeOptions;

use crate::database::{Database, number_of};

contract! {
    a_history_builds_the_same_database_in_any_portions,
}

/// Numbers that look random, and are the same each time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("it is short") % sides
    }
}

/// The scripts of a history: tables come, change and go, rows do, and each script leaves something in its session.
struct History<'a> {
    db: &'a Database,
    dice: Dice,
    /// Their numbers, and how many columns they have got in addition.
    tables: Vec<(usize, usize)>,
    count: usize,
    /// What changes the session, once.
    setting: Option<&'a str>,
}

impl History<'_> {
    fn script(&mut self) -> String {
        let statements = (0..=self.dice.throw(3)).map(|_| self.statement()).collect::<Vec<_>>();
        let setting = self.setting.take_if(|_| self.dice.throw(3) == 0).unwrap_or_default();
        format!("{}\n{setting}", statements.join("\n"))
    }

    fn statement(&mut self) -> String {
        self.count += 1;
        let count = self.count;
        if self.tables.is_empty() {
            return self.table();
        }
        let at = self.dice.throw(self.tables.len());
        let (table, columns) = self.tables[at];
        match self.dice.throw(9) {
            0 => self.table(),
            1 | 2 => format!("INSERT INTO t{table} (id, name) VALUES ({count}, 'row {count}');"),
            3 => format!("UPDATE t{table} SET name = 'changed {count}' WHERE id < {count};"),
            4 => format!("DELETE FROM t{table} WHERE id = {};", self.dice.throw(count)),
            5 => {
                self.tables[at].1 += 1;
                format!("ALTER TABLE t{table} ADD COLUMN c{columns} integer;")
            }
            6 => format!("CREATE INDEX i{count} ON t{table} (name);"),
            7 => {
                self.tables.remove(at);
                format!("DROP TABLE t{table};")
            }
            _ => format!(
                "{}\nINSERT INTO t{table} (id, name) SELECT {count} + a, 'scratch' FROM scratch{count};",
                self.db.joined(&[
                    &format!("CREATE TEMPORARY TABLE scratch{count} (a integer);"),
                    &format!("INSERT INTO scratch{count} VALUES (100000);"),
                ]),
            ),
        }
    }

    fn table(&mut self) -> String {
        self.tables.push((self.count, 0));
        format!("CREATE TABLE t{} (id integer PRIMARY KEY, name varchar(40));", self.count)
    }
}

/// Some of the numbers to the last, in order.
fn portions(dice: &mut Dice, last: u64) -> Vec<u64> {
    (1..last).filter(|_| dice.throw(3) == 0).chain([last]).collect()
}

async fn a_history_builds_the_same_database_in_any_portions(db: Database) {
    const SCRIPTS: u64 = 12;
    for seed in 1..=4 {
        let mut history =
            History { db: &db, dice: Dice(seed), tables: Vec::new(), count: 0, setting: Some(db.texts().setting) };
        for number in 1..=SCRIPTS {
            db.script(u32::try_from(number).expect("it is low"), &history.script());
        }
        let mut dice = history.dice;
        let ways = [vec![SCRIPTS], (1..=SCRIPTS).collect(), portions(&mut dice, SCRIPTS), portions(&mut dice, SCRIPTS)];
        let mut dumps = Vec::new();
        for way in &ways {
            db.drop_database();
            for to in way {
                let options = UpgradeOptions::new().to(Some(number_of(*to)));
                let applied = db.migrator().upgrade_with(&options.create_database(true)).await;
                assert!(applied.is_ok(), "{seed} {way:?} {to}: {:?}", db.outcome(&applied));
            }
            db.query("DROP TABLE dbmigrate_journal; DROP TABLE dbmigrate_journal_schema;");
            dumps.push(db.dump());
        }
        for (way, dump) in ways.iter().zip(&dumps) {
            assert_eq!(*dump, dumps[0], "{seed} {way:?}");
        }
    }
}
