//! Schemas of one database that each stand for a database.

use std::num::NonZeroUsize;

use dbmigrate::fleet::{Fleet, FleetLimits, FleetSummary, Member, Outcome, Source};
use dbmigrate::{Options, Reference, Scripts, UpgradeOptions};

use crate::database::Database;
use crate::engine::postgres::role;

mod postgres {
    crate::tests! { crate::engine::postgres::Postgres:
        each_schema_has_its_own_journal_and_tables,
        what_other_schemas_have_does_not_count,
        unqualified_names_are_the_tenants_own_before_each_script,
        schemas_with_the_same_tables_have_the_same_fingerprint,
        a_change_by_hand_in_one_schema_is_drift_of_that_one_alone,
        objects_are_created_in_each_schema,
        schemas_of_one_database_do_not_wait_for_each_other,
        a_script_that_names_the_schema_of_a_tenant_is_a_warning,
        a_schema_that_does_not_exist_is_created_only_on_request,
        a_user_without_rights_on_a_schema_changes_nothing_elsewhere,
        the_owner_of_a_schema_needs_no_other_right,
        an_index_of_another_tenant_that_is_not_valid_does_not_count,
        a_whole_database_is_not_replaced_for_a_schema,
        a_query_names_schemas,
    }
}

const T: &str = "CREATE TABLE t (id integer PRIMARY KEY, name text UNIQUE);";
const ONE: &str = "INSERT INTO t VALUES (1, 'one');";

fn source(db: &Database) -> Source {
    Source::Schemas { target: db.target(), like: "tenant\\_%".into(), template: None }
}

async fn members(db: &Database) -> Vec<Member> {
    source(db).members(&Options::default()).await.expect("they are listed")
}

fn fleet(db: &Database) -> Fleet {
    Fleet::new(Scripts::from_dir(db.path("")).expect("readable")).options(db.options.clone())
}

/// A fleet of which one database is upgraded after the other.
fn one_by_one(db: &Database) -> Fleet {
    let mut limits = FleetLimits::default();
    limits.parallel = NonZeroUsize::MIN;
    fleet(db).limits(limits)
}

async fn upgrade(db: &Database) -> FleetSummary {
    fleet(db).upgrade_with(members(db).await, &UpgradeOptions::new()).await
}

/// Some tenants with these scripts.
async fn upgraded<const N: usize>(db: &Database, tenants: &[&str], scripts: [&str; N]) {
    for tenant in tenants {
        db.query(&format!("CREATE SCHEMA {tenant}"));
    }
    db.scripts(scripts);
    let summary = upgrade(db).await;
    assert_eq!(summary.count(Outcome::Upgraded), tenants.len(), "{summary:?}");
}

fn said(summary: &FleetSummary) -> String {
    let outcomes = summary.outcomes.iter().map(|(outcome, count)| format!("{count} {}", outcome.as_str()));
    outcomes.collect::<Vec<_>>().join(", ")
}

const TABLES: &str = "SELECT schemaname || '.' || tablename FROM pg_tables \
                      WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema' ORDER BY 1";

async fn each_schema_has_its_own_journal_and_tables(db: Database) {
    db.query("CREATE SCHEMA tenantx");
    db.query("CREATE SCHEMA \"tenant_Ä b\"");
    db.query("CREATE SCHEMA tenant_a");
    db.scripts([T, ONE]);
    let names = members(&db).await.into_iter().map(|member| member.name).collect::<Vec<_>>();
    assert_eq!(names, ["tenant_a", "tenant_Ä b"]);
    assert_eq!(said(&upgrade(&db).await), "2 upgraded");
    let own = |schema: &str| {
        ["dbmigrate_journal", "dbmigrate_journal_schema", "t"].map(|table| format!("{schema}.{table}")).join("\n")
    };
    assert_eq!(db.query(TABLES), format!("{}\n{}", own("tenant_a"), own("tenant_Ä b")));
    assert_eq!(db.query("SELECT name FROM \"tenant_Ä b\".t"), "one");
    assert_eq!(said(&upgrade(&db).await), "2 current");
}

async fn what_other_schemas_have_does_not_count(db: Database) {
    db.query("CREATE TABLE public.orders (id integer)");
    db.query("CREATE TABLE public.flyway_schema_history (installed_rank integer, version text, success boolean)");
    db.query("CREATE SCHEMA other");
    db.query("CREATE TABLE other.t (id integer)");
    upgraded(&db, &["tenant_a"], [T]).await;
    db.query("CREATE SCHEMA tenant_b");
    db.query("CREATE TABLE tenant_b.old (id integer)");
    let summary = upgrade(&db).await;
    assert_eq!(said(&summary), "1 current, 1 refused");
    assert_eq!(summary.failures[0].error.problems()[0].code(), "no-journal");
}

async fn unqualified_names_are_the_tenants_own_before_each_script(mut db: Database) {
    db.query("CREATE FUNCTION public.answer() RETURNS integer LANGUAGE sql AS 'SELECT 42'");
    db.query("CREATE TABLE public.t (id integer)");
    db.options.lock_timeout = Some(std::time::Duration::from_secs(30));
    let wander = "SET search_path = public; CREATE TABLE shared_a AS SELECT 1 AS id; DROP TABLE shared_a;";
    let apart = "-- dbmigrate: no-transaction\nINSERT INTO t VALUES (answer(), 'by a function of public');\nSET search_path = '';";
    upgraded(&db, &["tenant_a", "tenant_b"], [T, wander, ONE, apart, "INSERT INTO t VALUES (2, current_schema());"])
        .await;
    for tenant in ["tenant_a", "tenant_b"] {
        let rows = db.query(&format!("SELECT id, name FROM {tenant}.t ORDER BY id"));
        assert_eq!(rows, format!("1|one\n2|{tenant}\n42|by a function of public"));
    }
    assert_eq!(db.query("SELECT count(*) FROM public.t"), "0");
}

/// Much of what a schema can have, by unqualified names.
const MUCH: &str = "CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE TYPE pair AS (one mood, two positive);
CREATE SEQUENCE counter;
CREATE TABLE parent (id serial PRIMARY KEY, feels mood DEFAULT 'sad', size positive, n integer DEFAULT nextval('counter'));
CREATE TABLE child (id integer GENERATED ALWAYS AS IDENTITY, parent integer REFERENCES parent, p pair, made timestamptz DEFAULT now());
CREATE INDEX child_parent ON child (parent) WHERE parent > 0;
CREATE TABLE part (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE FUNCTION twice(n positive) RETURNS integer LANGUAGE sql AS 'SELECT n * 2';
CREATE VIEW pairs AS SELECT c.id, twice(p.size) AS twice, p.feels = 'happy'::mood AS is_happy FROM child c JOIN parent p ON p.id = c.parent;
CREATE MATERIALIZED VIEW sizes AS SELECT id, size FROM parent;
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM twice(1); RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE INSERT ON parent FOR EACH ROW EXECUTE FUNCTION touched();
CREATE RULE no_delete AS ON DELETE TO part DO INSTEAD NOTHING;
ALTER TABLE parent ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON parent USING (id IN (SELECT parent FROM child));
CREATE STATISTICS together ON id, size FROM parent;
COMMENT ON TABLE parent IS 'of everything';
CREATE AGGREGATE total (integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE FUNCTION alike(mood, mood) RETURNS boolean LANGUAGE sql AS 'SELECT $1 = $2';
CREATE OPERATOR === (LEFTARG = mood, RIGHTARG = mood, FUNCTION = alike);";

async fn schemas_with_the_same_tables_have_the_same_fingerprint(db: Database) {
    upgraded(&db, &["tenant_a", "tenant_b", "\"tenant_C d\""], [MUCH]).await;
    db.query("CREATE TABLE public.elsewhere (id integer)");
    let summary = fleet(&db).status(members(&db).await).await;
    let groups = summary.schemas.iter().map(|group| group.databases.len()).collect::<Vec<_>>();
    assert_eq!(groups, [3], "{:#?}", summary.schemas);
    let schema = db.migrator_of(members(&db).await[0].target.clone()).schema().await.expect("it is described");
    assert!(schema.objects().len() > 30, "{}", schema.objects().len());
    for object in schema.objects() {
        let texts = [&object.name, &object.definition, object.parent.as_ref().unwrap_or(&object.name)];
        assert!(!texts.iter().any(|text| text.contains("tenant_a")), "{object:?}");
    }
    // the whole database has one more table, and the names with their schemas
    let whole = db.migrator().schema().await.expect("it is described");
    assert!(whole.objects().iter().any(|object| object.name == "tenant_a.parent"));
}

async fn a_change_by_hand_in_one_schema_is_drift_of_that_one_alone(db: Database) {
    upgraded(&db, &["tenant_a", "tenant_b"], [T]).await;
    db.query("ALTER TABLE tenant_b.t ADD COLUMN x integer");
    let verified = fleet(&db).verify(members(&db).await, &Reference::LastRun).await;
    assert_eq!(said(&verified), "1 current, 1 drift");
    let verified = fleet(&db).verify(members(&db).await, &Reference::Rebuild { scratch: None }).await;
    assert_eq!(said(&verified), "1 current, 1 drift");
    let status = fleet(&db).status(members(&db).await).await;
    assert_eq!(status.schemas.iter().map(|group| group.databases.len()).collect::<Vec<_>>(), [1, 1]);
    let differing = status.schemas.iter().flat_map(|group| &group.differences).map(|one| one.name.clone());
    assert_eq!(differing.collect::<Vec<_>>(), ["t.x"]);
    db.script(2, ONE);
    let summary = upgrade(&db).await;
    assert_eq!(said(&summary), "2 upgraded");
    let warned = summary.warnings.iter().map(|group| group.databases.join(" ")).collect::<Vec<_>>();
    assert_eq!(warned, ["tenant_b"], "the drift");
}

async fn objects_are_created_in_each_schema(db: Database) {
    db.object("names.sql", "CREATE OR REPLACE VIEW names AS SELECT name FROM t;\n");
    db.object("shared.sql", "CREATE OR REPLACE FUNCTION public.shared() RETURNS integer LANGUAGE sql AS 'SELECT 1';\n");
    db.scripts([T]);
    db.query("CREATE SCHEMA tenant_a; CREATE SCHEMA tenant_b");
    // two transactions cannot both create the shared one
    let summary = one_by_one(&db).upgrade_with(members(&db).await, &UpgradeOptions::new()).await;
    assert_eq!(said(&summary), "2 upgraded");
    assert_eq!(said(&upgrade(&db).await), "2 current");
    assert_eq!(db.query("SELECT schemaname FROM pg_views WHERE viewname = 'names' ORDER BY 1"), "tenant_a\ntenant_b");
    db.query("DROP VIEW tenant_b.names");
    db.script(2, ONE);
    assert_eq!(said(&upgrade(&db).await), "2 upgraded");
    assert_eq!(db.query("SELECT name FROM tenant_b.names"), "one", "it is there again");
    db.object("names.sql", "CREATE OR REPLACE VIEW names AS SELECT name, id FROM t;\n");
    assert_eq!(said(&upgrade(&db).await), "2 upgraded");
    assert_eq!(db.query("SELECT id FROM tenant_a.names"), "1");
}

async fn schemas_of_one_database_do_not_wait_for_each_other(db: Database) {
    let meet = "DO $$ BEGIN
        PERFORM pg_advisory_xact_lock_shared(4711);
        FOR i IN 1..300 LOOP
            IF (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711) > 1 THEN
                PERFORM pg_sleep(0.5);
                RETURN;
            END IF;
            PERFORM pg_sleep(0.1);
        END LOOP;
        RAISE 'no other run came';
    END $$;";
    upgraded(&db, &["tenant_a", "tenant_b"], [T]).await;
    db.script(2, meet);
    assert_eq!(said(&upgrade(&db).await), "2 upgraded");
}

async fn a_script_that_names_the_schema_of_a_tenant_is_a_warning(db: Database) {
    upgraded(&db, &["tenant_a", "tenant_b"], [T]).await;
    db.script(2, "INSERT INTO t VALUES (1, 'one');\nINSERT INTO tenant_b.t VALUES (2, 'two') ON CONFLICT DO NOTHING;");
    let summary = fleet(&db).rehearse_with(members(&db).await, &UpgradeOptions::new()).await;
    let warned = summary.warnings.iter().map(|group| (group.warning.to_string(), group.databases.len()));
    let expected = "Script-0002.sql:2:13: tenant_b is the schema of one tenant, and this script runs for every tenant; \
                    leave the schema out: a name without a schema means the tenant's own object";
    let warned = warned.collect::<Vec<_>>();
    assert!(warned.len() == 1 && warned[0].0.ends_with(expected) && warned[0].1 == 2, "{warned:?}");
    // also if the other tenant is not selected
    let first = members(&db).await.into_iter().take(1).collect();
    assert_eq!(fleet(&db).rehearse_with(first, &UpgradeOptions::new()).await.warnings.len(), 1);
}

async fn a_schema_that_does_not_exist_is_created_only_on_request(db: Database) {
    db.scripts([T]);
    let member = || vec![Member::new("new", db.target().with_schema("tenant_new").expect("it has schemas"))];
    let summary = fleet(&db).upgrade_with(member(), &UpgradeOptions::new()).await;
    assert_eq!(said(&summary), "1 unreachable");
    assert_eq!(summary.failures[0].error.server().expect("the server").message, "schema \"tenant_new\" does not exist");
    let create = UpgradeOptions::new().create_database(true);
    assert_eq!(said(&fleet(&db).upgrade_with(member(), &create).await), "1 upgraded");
    assert_eq!(said(&fleet(&db).status(members(&db).await).await), "1 current");
}

async fn a_user_without_rights_on_a_schema_changes_nothing_elsewhere(mut db: Database) {
    db.query("CREATE SCHEMA tenant_a");
    db.scripts([T]);
    let role = role(&mut db, "");
    db.query(&format!("GRANT ALL ON SCHEMA public TO {role}"));
    let summary = upgrade(&db).await;
    assert_eq!(said(&summary), "1 unreachable");
    let error = summary.failures[0].error.server().expect("the server");
    assert_eq!(error.message, "permission denied for schema tenant_a");
    db.query(&format!("GRANT USAGE ON SCHEMA tenant_a TO {role}"));
    assert_eq!(said(&upgrade(&db).await), "1 failed");
    assert_eq!(db.query(TABLES), "", "nothing is in public");
}

async fn the_owner_of_a_schema_needs_no_other_right(mut db: Database) {
    db.scripts([T, ONE]);
    let role = role(&mut db, "");
    db.query(&format!("CREATE SCHEMA tenant_a AUTHORIZATION {role}; REVOKE ALL ON SCHEMA public FROM public"));
    assert_eq!(said(&upgrade(&db).await), "1 upgraded");
    db.object("names.sql", "CREATE OR REPLACE VIEW names AS SELECT name FROM t;\n");
    assert_eq!(said(&upgrade(&db).await), "1 upgraded");
}

async fn an_index_of_another_tenant_that_is_not_valid_does_not_count(db: Database) {
    upgraded(&db, &["tenant_a", "tenant_b"], [T]).await;
    db.query("INSERT INTO tenant_b.t VALUES (1, NULL), (2, NULL)");
    db.query("CREATE INDEX by_name ON tenant_b.t (name)");
    db.query("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'tenant_b.by_name'::regclass");
    db.script(2, "-- dbmigrate: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS by_name ON t (name);");
    assert_eq!(said(&upgrade(&db).await), "1 upgraded, 1 failed");
    let failed = upgrade(&db).await;
    assert_eq!(failed.failures[0].databases, ["tenant_b"]);
}

async fn a_whole_database_is_not_replaced_for_a_schema(db: Database) {
    upgraded(&db, &["tenant_a"], [T]).await;
    let migrator = db.migrator_of(members(&db).await[0].target.clone());
    let refused = migrator.rebuild().await.expect_err("it is refused").to_string();
    assert_eq!(refused, "rebuild replaces a whole database, and the target is the schema tenant_a alone");
    let refused = migrator.squash(None).await.expect_err("it is refused").to_string();
    assert_eq!(refused, "squash dumps a whole database, and the target is the schema tenant_a alone");
    assert_eq!(said(&upgrade(&db).await), "1 current");
}

async fn a_query_names_schemas(db: Database) {
    db.query("CREATE SCHEMA tenant_a");
    db.scripts(["CREATE TABLE t (id integer, name text DEFAULT '$(name)');", "INSERT INTO t VALUES (1);"]);
    let url = db.url.replace('\'', "''");
    let sql =
        format!("SELECT 'acme' AS name, '{url}' AS url, 'tenant_a' AS schema UNION ALL SELECT 'all', '{url}', NULL");
    let source = Source::Query { target: db.target(), sql, template: None };
    let members = source.members(&Options::default()).await.expect("they are listed");
    assert_eq!(members.iter().map(|member| member.target.schema()).collect::<Vec<_>>(), [Some("tenant_a"), None]);
    let summary = one_by_one(&db).upgrade_with(members, &UpgradeOptions::new()).await;
    assert_eq!(said(&summary), "1 upgraded, 1 refused", "the whole database is not empty");
    assert_eq!(db.query("SELECT name FROM tenant_a.t"), "acme");
}
