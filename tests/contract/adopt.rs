//! Adopted projects: what the journal of each tool says about a database is recorded as it is.

use dbmigrate::adopt::{AdoptOptions, Adoption, Tool};
use dbmigrate::{BaselineOptions, ForeignJournal, UpgradeOptions};

use crate::database::Database;

contract! {
    a_database_of_each_tool_is_imported_with_its_times,
    a_database_of_dbup_is_imported_by_its_names,
    what_a_journal_contradicts_is_refused,
    a_staging_database_gets_what_it_lacks,
    another_order_is_taken_if_the_schema_is_equal,
    a_journal_with_a_quoted_name_is_left_aside,
}

/// The files of a tool, and the statements that create its journal and say that the first two of three ran.
struct Old {
    tool: Tool,
    files: [(&'static str, &'static str); 3],
    journal: &'static str,
    rows: &'static str,
    /// Whether the journal has times.
    has_times: bool,
    /// Whether it has checksums.
    has_checksums: bool,
}

const TABLE: &str = "CREATE TABLE t (id integer);\n";

/// The checksums in the rows are those of the files.
const TOOLS: [Old; 14] = [
    Old {
        tool: Tool::Flyway,
        files: [
            ("V1__Create_t.sql", TABLE),
            ("V2__Rows.sql", "INSERT INTO t VALUES (1);\n"),
            ("V10__More.sql", "INSERT INTO t VALUES (2);\n"),
        ],
        journal: "CREATE TABLE flyway_schema_history (installed_rank integer, version varchar(50), description varchar(200), \
                  type varchar(20), script varchar(500), checksum integer, installed_by varchar(100), \
                  installed_on {time}, execution_time integer, success {bool})",
        rows: "INSERT INTO flyway_schema_history VALUES \
               (1, '1', 'Create t', 'SQL', 'V1__Create_t.sql', {1}, 'ann', '2024-01-02 03:04:05', 7, {true}), \
               (2, '2', 'Rows', 'SQL', 'V2__Rows.sql', {2}, 'ann', '2024-01-02 03:04:06', 7, {true})",
        has_times: true,
        has_checksums: true,
    },
    Old {
        tool: Tool::Sqlx,
        files: [
            ("20240101000000_create_t.sql", TABLE),
            ("20240102000000_rows.sql", "INSERT INTO t VALUES (1);\n"),
            ("20240103000000_more.sql", "INSERT INTO t VALUES (2);\n"),
        ],
        journal: "CREATE TABLE _sqlx_migrations (version bigint, description varchar(200), installed_on {time}, \
                  success {bool}, checksum {blob}, execution_time bigint)",
        rows: "INSERT INTO _sqlx_migrations VALUES \
               (20240101000000, 'create t', '2024-01-02 03:04:05', {true}, {x1}, 7), \
               (20240102000000, 'rows', '2024-01-02 03:04:06', {true}, {x2}, 7)",
        has_times: true,
        has_checksums: true,
    },
    Old {
        tool: Tool::Dbmate,
        files: [
            (
                "20240101000000_create_t.sql",
                "-- migrate:up\nCREATE TABLE t (id integer);\n-- migrate:down\nDROP TABLE t;\n",
            ),
            ("20240102000000_rows.sql", "-- migrate:up\nINSERT INTO t VALUES (1);\n-- migrate:down\n"),
            ("20240103000000_more.sql", "-- migrate:up\nINSERT INTO t VALUES (2);\n-- migrate:down\n"),
        ],
        journal: "CREATE TABLE schema_migrations (version varchar(128))",
        rows: "INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240102000000')",
        has_times: false,
        has_checksums: false,
    },
    Old {
        tool: Tool::GolangMigrate,
        files: [
            ("000001_create_t.up.sql", TABLE),
            ("000002_rows.up.sql", "INSERT INTO t VALUES (1);\n"),
            ("000003_more.up.sql", "INSERT INTO t VALUES (2);\n"),
        ],
        journal: "CREATE TABLE schema_migrations (version bigint, dirty {bool})",
        rows: "INSERT INTO schema_migrations VALUES (2, {false})",
        has_times: false,
        has_checksums: false,
    },
    Old {
        tool: Tool::Goose,
        files: [
            ("00001_create_t.sql", "-- +goose Up\nCREATE TABLE t (id integer);\n-- +goose Down\nDROP TABLE t;\n"),
            ("00002_rows.sql", "-- +goose Up\nINSERT INTO t VALUES (1);\n"),
            ("00003_more.sql", "-- +goose Up\nINSERT INTO t VALUES (2);\n"),
        ],
        journal: "CREATE TABLE goose_db_version (id integer, version_id bigint, is_applied {bool}, tstamp {time})",
        rows: "INSERT INTO goose_db_version VALUES (1, 0, {true}, '2024-01-02 03:04:04'), \
               (2, 1, {true}, '2024-01-02 03:04:05'), (3, 2, {true}, '2024-01-02 03:04:06'), \
               (4, 3, {true}, '2024-01-02 03:04:07'), (5, 3, {false}, '2024-01-02 03:04:08')",
        has_times: true,
        has_checksums: false,
    },
    Old {
        tool: Tool::Prisma,
        files: [
            ("20240101000000_create_t/migration.sql", TABLE),
            ("20240102000000_rows/migration.sql", "INSERT INTO t VALUES (1);\n"),
            ("20240103000000_more/migration.sql", "INSERT INTO t VALUES (2);\n"),
        ],
        journal: "CREATE TABLE _prisma_migrations (id varchar(36), checksum varchar(64), finished_at {time}, \
                  migration_name varchar(255), logs varchar(200), rolled_back_at {time}, started_at {time}, \
                  applied_steps_count integer)",
        rows: "INSERT INTO _prisma_migrations VALUES \
               ('a', '{1}', '2024-01-02 03:04:05', '20240101000000_create_t', NULL, NULL, '2024-01-02 03:04:04', 1), \
               ('b', 'x', NULL, '20240102000000_rows', NULL, '2024-01-02 03:04:05', '2024-01-02 03:04:05', 0), \
               ('c', '{2}', '2024-01-02 03:04:06', '20240102000000_rows', NULL, NULL, '2024-01-02 03:04:06', 1)",
        has_times: true,
        has_checksums: true,
    },
    Old {
        tool: Tool::Grate,
        files: [
            ("up/0001_create_t.sql", TABLE),
            ("up/0002_rows.sql", "INSERT INTO t VALUES (1);\n"),
            ("up/0003_more.sql", "INSERT INTO t VALUES (2);\n"),
        ],
        journal: "CREATE TABLE grate_ScriptsRun (id integer, version_id integer, script_name varchar(255), text_of_script text, \
                  text_hash varchar(512), one_time_script {bool}, entry_date {time}, modified_date {time}, \
                  entered_by varchar(50))",
        rows: "INSERT INTO grate_ScriptsRun VALUES \
               (1, 1, '0001_create_t.sql', '', '{1}', {true}, '2024-01-02 03:04:05', '2024-01-02 03:04:05', 'ann'), \
               (2, 1, 'names.sql', '', 'x', {false}, '2024-01-02 03:04:06', '2024-01-02 03:04:06', 'ann'), \
               (3, 1, '0002_rows.sql', '', '{2}', {true}, '2024-01-02 03:04:06', '2024-01-02 03:04:06', 'ann')",
        has_times: true,
        has_checksums: true,
    },
    Old {
        tool: Tool::Roundhouse,
        files: [
            ("up/0001_create_t.sql", TABLE),
            ("up/sub/0002_rows.sql", "INSERT INTO t VALUES (1);\n"),
            ("up/sub/0003_more.sql", "INSERT INTO t VALUES (2);\n"),
        ],
        journal: "CREATE TABLE RoundhousE_ScriptsRun (id integer, version_id integer, script_name varchar(255), \
                  text_of_script text, text_hash varchar(512), one_time_script {bool}, entry_date {time}, \
                  modified_date {time}, entered_by varchar(50))",
        rows: "INSERT INTO RoundhousE_ScriptsRun VALUES \
               (1, 1, '0001_create_t.sql', '', '{1}', {true}, '2024-01-02 03:04:05', '2024-01-02 03:04:05', 'SHOP/ann'), \
               (2, 1, '0002_rows.sql', '', '{2}', {true}, '2024-01-02 03:04:06', '2024-01-02 03:04:06', 'SHOP/ann')",
        has_times: true,
        has_checksums: true,
    },
    Old {
        tool: Tool::Liquibase,
        files: [
            (
                "1.sql",
                "--liquibase formatted sql\n--changeset ann:1\nCREATE TABLE t (id integer);\n--rollback DROP TABLE t;\n",
            ),
            ("2.sql", "--liquibase formatted sql\n--changeset ann:2\nINSERT INTO t VALUES (1);\n"),
            ("3.sql", "--liquibase formatted sql\n--changeset bob:1\nINSERT INTO t VALUES (2);\n"),
        ],
        journal: "CREATE TABLE DATABASECHANGELOG (ID varchar(255), AUTHOR varchar(255), FILENAME varchar(255), \
                  DATEEXECUTED {time}, ORDEREXECUTED integer, EXECTYPE varchar(10), MD5SUM varchar(35))",
        rows: "INSERT INTO DATABASECHANGELOG VALUES \
               ('1', 'ann', 'db/changelog/1.sql', '2024-01-02 03:04:05', 1, 'EXECUTED', '{1}'), \
               ('2', 'ann', 'db/changelog/2.sql', '2024-01-02 03:04:06', 2, 'MARK_RAN', '{2}')",
        has_times: true,
        has_checksums: true,
    },
    Old {
        tool: Tool::Refinery,
        files: [
            ("V1__create_t.sql", TABLE),
            ("U2__rows.sql", "INSERT INTO t VALUES (1);\n"),
            ("V10__more.sql", "INSERT INTO t VALUES (2);\n"),
        ],
        journal: "CREATE TABLE refinery_schema_history (version integer, name varchar(255), applied_on varchar(255), \
                  checksum varchar(255))",
        rows: "INSERT INTO refinery_schema_history VALUES \
               (1, 'create_t', '2024-01-02T03:04:05Z', '{1}'), (2, 'rows', '2024-01-02T04:04:06+01:00', '{2}')",
        has_times: true,
        has_checksums: true,
    },
    Old {
        tool: Tool::Diesel,
        files: [
            ("2024-01-01-000000_create_t/up.sql", TABLE),
            ("2024-01-02-000000_rows/up.sql", "INSERT INTO t VALUES (1);\n"),
            ("2024-01-03-000000-0000_more/up.sql", "INSERT INTO t VALUES (2);\n"),
        ],
        journal: "CREATE TABLE __diesel_schema_migrations (version varchar(50), run_on {time})",
        rows: "INSERT INTO __diesel_schema_migrations VALUES ('20240101000000', '2024-01-02 03:04:05'), \
               ('20240102000000', '2024-01-02 03:04:06')",
        has_times: true,
        has_checksums: false,
    },
    Old {
        tool: Tool::EfCore,
        files: [
            ("1.sql", EF_TABLE),
            (
                "2.sql",
                "INSERT INTO t VALUES (1);\n\nINSERT INTO __EFMigrationsHistory (MigrationId, ProductVersion)\n\
                       VALUES ('20240102000000_Rows', '9.0.0');\n\n",
            ),
            (
                "3.sql",
                "INSERT INTO t VALUES (2);\n\nINSERT INTO __EFMigrationsHistory (MigrationId, ProductVersion)\n\
                       VALUES ('20240103000000_More', '9.0.0');\n\n",
            ),
        ],
        journal: "CREATE TABLE __EFMigrationsHistory (MigrationId varchar(150), ProductVersion varchar(32))",
        rows: "INSERT INTO __EFMigrationsHistory VALUES ('20240101000000_CreateT', '9.0.0'), ('20240102000000_Rows', '9.0.0')",
        has_times: false,
        has_checksums: false,
    },
    Old {
        tool: Tool::Alembic,
        files: [
            (
                "1.sql",
                "-- Running upgrade  -> aaaaaaaaaaa1\n\nCREATE TABLE t (id integer);\n\n\
                       INSERT INTO alembic_version (version_num) VALUES ('aaaaaaaaaaa1');\n\n",
            ),
            ("2.sql", "-- Running upgrade aaaaaaaaaaa1 -> fffffffffff2\n\nINSERT INTO t VALUES (1);\n\n"),
            ("3.sql", "-- Running upgrade fffffffffff2 -> bbbbbbbbbbb3\n\nINSERT INTO t VALUES (2);\n\n"),
        ],
        journal: "CREATE TABLE alembic_version (version_num varchar(32))",
        rows: "INSERT INTO alembic_version VALUES ('fffffffffff2')",
        has_times: false,
        has_checksums: false,
    },
    Old {
        tool: Tool::Evolve,
        files: [
            ("V1__Create_t.sql", TABLE),
            ("V1_1__Rows.sql", "INSERT INTO t VALUES (1);\r\n"),
            ("V2__More.sql", "INSERT INTO t VALUES (2);\n"),
        ],
        journal: "CREATE TABLE changelog (id integer, type smallint, version varchar(50), description varchar(200), \
                  name varchar(300), checksum varchar(32), installed_by varchar(100), installed_on {time}, success {bool})",
        rows: "INSERT INTO changelog VALUES \
               (1, 1, '0', 'New schema', 'shop', '', 'ann', '2024-01-02 03:04:04', {true}), \
               (2, 0, '1', 'Create t (7 ms)', 'V1__Create_t.sql', '{1}', 'ann', '2024-01-02 03:04:05', {true}), \
               (3, 0, '1.1', 'Rows', 'V1_1__Rows.sql', '{2}', 'ann', '2024-01-02 03:04:05', {false}), \
               (4, 0, '1.1', 'Rows (7 ms)', 'V1_1__Rows.sql', '{2}', 'ann', '2024-01-02 03:04:06', {true})",
        has_times: true,
        has_checksums: true,
    },
];

/// Of EF Core, with the table of its journal.
const EF_TABLE: &str = "CREATE TABLE IF NOT EXISTS __EFMigrationsHistory (\n    MigrationId varchar(150) NOT NULL\n);\n\n\
                        START TRANSACTION;\n\nCREATE TABLE t (id integer);\n\n\
                        INSERT INTO __EFMigrationsHistory (MigrationId, ProductVersion)\n\
                        VALUES ('20240101000000_CreateT', '9.0.0');\n\nCOMMIT;\n\n";

impl Old {
    /// Writes the files and adopts them.
    fn adopted(&self, db: &Database) {
        let old = db.path("../old");
        for (name, text) in self.files {
            let path = old.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("written");
        }
        let options = AdoptOptions::new([old]).from(self.tool);
        let adoption = Adoption::plan(db.path(""), &options).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((adoption.tool, adoption.scripts.len(), adoption.in_git), (self.tool, 3, false));
        adoption.write().expect("written");
    }

    /// Creates the journal, with what the old tool has applied.
    fn applied(&self, db: &Database, change: impl Fn(String) -> String) {
        db.query(&format!("{TABLE}INSERT INTO t VALUES (1);"));
        let map = std::fs::read_to_string(db.path("adopted.toml")).expect("a map");
        let sums = map.lines().filter_map(|line| line.strip_prefix("old_checksum = \"")?.strip_suffix('"'));
        let sums = sums.map(ToOwned::to_owned).collect::<Vec<_>>();
        let sum = |at: usize| sums.get(at).cloned().unwrap_or_default();
        for sql in [self.journal.to_owned(), change(self.rows.to_owned())] {
            db.query(&db.in_dialect(&sql).replace("{1}", &sum(0)).replace("{2}", &sum(1)));
        }
    }
}

async fn imported(db: &Database, from: ForeignJournal) -> Vec<String> {
    db.record(&BaselineOptions::new().import(from)).await
}

async fn a_database_of_each_tool_is_imported_with_its_times(db: Database) {
    for old in &TOOLS {
        let db = db.another();
        old.adopted(&db);
        old.applied(&db, |rows| rows);
        let answer = imported(&db, ForeignJournal::auto()).await;
        assert!(answer[0].starts_with("nothing -> 0002: Script-0001.sql, Script-0002.sql"), "{}: {answer:?}", old.tool);
        let is_unverified = answer.iter().any(|line| line.contains("taken as they are here"));
        assert_eq!(is_unverified, !old.has_checksums, "{}: {answer:?}", old.tool);
        let status = db.migrator().status().await.expect("status");
        assert_eq!((status.applied, status.pending, status.problems.len()), (2, 1, 0), "{}", old.tool);
        let times = status.scripts.iter().filter_map(|script| Some(script.applied_at.as_ref()?.to_string()));
        let times = times.collect::<Vec<_>>();
        let expected = ["2024-01-02T03:04:05.000Z", "2024-01-02T03:04:06.000Z"];
        assert_eq!(times == expected, old.has_times, "{}: {times:?}", old.tool);
        let by = status.scripts[0].applied_by.clone().unwrap_or_default();
        assert!(by.starts_with(old.tool.title()), "{by}");
        let upgraded = db.upgrade().await;
        assert!(upgraded[0].starts_with("0002 -> 0003: Script-0003.sql"), "{upgraded:?}");
        assert_eq!(db.query("SELECT sum(id) FROM t").trim(), "3", "{}", old.tool);
    }
}

async fn a_database_of_dbup_is_imported_by_its_names(db: Database) {
    let old = Old {
        tool: Tool::Dbup,
        files: [
            ("Script0001 - Create t.sql", TABLE),
            ("Script0002 - Rows.sql", "INSERT INTO t VALUES (1);\n"),
            ("Script0003 - More.sql", "INSERT INTO t VALUES (2);\n"),
        ],
        journal: "",
        rows: "",
        has_times: true,
        has_checksums: false,
    };
    old.adopted(&db);
    db.query(&format!("{TABLE}INSERT INTO t VALUES (1);"));
    db.query(db.texts().dbup);
    for name in ["Shop.Scripts.Script0001 - Create t.sql", "Shop.Scripts.Script0002 - Rows.sql"] {
        db.query(&db.texts().dbup_row.replace("NAME", name));
    }
    let answer = imported(&db, ForeignJournal::of(Tool::Dbup)).await;
    assert!(answer[0].starts_with("nothing -> 0002: Script-0001.sql, Script-0002.sql"), "{answer:?}");
    let status = db.migrator().status().await.expect("status");
    assert_eq!(status.scripts[0].title.as_deref(), Some("Create t"));
    assert_eq!(
        status.scripts[0].applied_at.as_ref().map(ToString::to_string).as_deref(),
        Some("2021-02-03T04:05:06.000Z")
    );
}

async fn what_a_journal_contradicts_is_refused(db: Database) {
    for (at, from, to, expected) in [
        (0, "{2}", "77", "was applied with another text than that of Script-0002.sql before it was adopted"),
        (1, "{x2}", "{x1}", "was applied with another text than that of Script-0002.sql before it was adopted"),
        (1, "'2024-01-02 03:04:06', {true}", "'2024-01-02 03:04:06', {false}", "failed in the other tool"),
        (2, "'20240102000000'", "'20240103000000'", "is not in the other tool's journal, which goes up to 0003"),
        (2, "'20240102000000'", "'20230102000000'", "was applied, and adopted.toml does not have it"),
        (3, "(2, {false})", "(2, {true})", "is dirty in the other tool"),
        (3, "(2, {false})", "(7, {false})", "was applied, and adopted.toml does not have it"),
        (4, "(2, 1, {true}, '2024-01-02 03:04:05'), ", "", "is not in the other tool's journal, which goes up to 0002"),
        (5, "'{2}', '2024-01-02 03:04:06'", "'{2}', NULL", "did not finish in the other tool"),
        (0, "(2, '2'", "(0, '2'", "\"V1__Create_t.sql\" is 0001 now, but it ran after 0002"),
        (6, "'{2}'", "'x'", "was applied with another text than that of Script-0002.sql before it was adopted"),
        (7, "'{2}'", "'x'", "was applied with another text than that of Script-0002.sql before it was adopted"),
        (8, "'{2}'", "'9:x'", "was applied with another text than that of Script-0002.sql before it was adopted"),
        (8, "'MARK_RAN'", "'FAILED'", "failed in the other tool"),
        (8, "db/changelog/2.sql", "other.sql", "was applied, and adopted.toml does not have it"),
        (9, "'{2}'", "'7'", "was applied with another text than that of Script-0002.sql before it was adopted"),
        (10, "20240101000000", "20230101000000", "was applied, and adopted.toml does not have it"),
        (11, "20240102000000_Rows", "20240103000000_More", "is not in the other tool's journal, which goes up to 0003"),
        (
            12,
            "('fffffffffff2')",
            "('aaaaaaaaaaa1'), ('bbbbbbbbbbb3')",
            "\"bbbbbbbbbbb3\" is one of several heads in the other tool",
        ),
        (
            13,
            "'{2}', 'ann', '2024-01-02 03:04:06'",
            "'x', 'ann', '2024-01-02 03:04:06'",
            "was applied with another text",
        ),
        (
            13,
            "(4, 0, '1.1', 'Rows (7 ms)', 'V1_1__Rows.sql', '{2}', 'ann', '2024-01-02 03:04:06', {true})",
            "(4, 0, '2', 'More', 'V2__More.sql', '', 'ann', '2024-01-02 03:04:06', {false})",
            "failed in the other tool",
        ),
    ] {
        let (db, old) = (db.another(), &TOOLS[at]);
        old.adopted(&db);
        old.applied(&db, |rows| rows.replace(from, to));
        let answer = imported(&db, ForeignJournal::of(old.tool)).await;
        assert!(answer[0].starts_with("error: ") && answer.join("\n").contains(expected), "{}: {answer:?}", old.tool);
        // a dump with bytes is no text
        assert!(at == 1 || !db.dump().contains("dbmigrate_journal"), "not even an empty journal");
    }
}

async fn a_staging_database_gets_what_it_lacks(db: Database) {
    let old = &TOOLS[1];
    old.adopted(&db);
    old.applied(&db, |rows| rows.split(", (20240102000000").next().expect("the first row").to_owned());
    let verified = db.record(&BaselineOptions::new().import(ForeignJournal::auto()).verify(true)).await;
    assert!(verified[0].starts_with("nothing -> 0001: Script-0001.sql"), "the old journal is left aside: {verified:?}");
    let report = db.try_upgrade(UpgradeOptions::new()).await.expect("upgraded");
    assert_eq!(report.applied.len(), 2);
}

async fn another_order_is_taken_if_the_schema_is_equal(db: Database) {
    let old = &TOOLS[0];
    old.adopted(&db);
    old.applied(&db, |rows| rows.replace("(2, '2'", "(0, '2'"));
    let import = BaselineOptions::new().import(ForeignJournal::auto());
    let refused = db.record(&import).await;
    assert!(refused.join("\n").contains("import it with `BaselineOptions::verify`"), "{refused:?}");
    let recorded = db.record(&import.verify(true)).await;
    assert!(recorded[0].starts_with("nothing -> 0002: Script-0001.sql, Script-0002.sql"), "{recorded:?}");
}

async fn a_journal_with_a_quoted_name_is_left_aside(db: Database) {
    let old = &TOOLS[11];
    assert_eq!(old.tool, Tool::EfCore);
    old.adopted(&db);
    let quote = if db.url.starts_with("mysql") { "`" } else { "\"" };
    let quoted = |sql: &str| sql.replace("__EFMigrationsHistory", &format!("{quote}__EFMigrationsHistory{quote}"));
    db.query(&format!("{TABLE}INSERT INTO t VALUES (1);{};{};", quoted(old.journal), quoted(old.rows)));
    let recorded = db.record(&BaselineOptions::new().import(ForeignJournal::auto()).verify(true)).await;
    assert!(recorded[0].starts_with("nothing -> 0002: Script-0001.sql, Script-0002.sql"), "{recorded:?}");
}
