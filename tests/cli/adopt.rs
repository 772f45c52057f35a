//! `adopt`: the files of another tool, and what each database of it says.

mod late;

use insta::assert_snapshot;

use crate::project::Project;

/// A project with these old files and the old tool's database, in a repository unless said otherwise.
fn project(files: &[(&str, &str)], old: &str) -> Project {
    let project = without_git(files, old);
    project.git("init --quiet");
    project.file(".gitignore", "*.db\n");
    commit(&project);
    project
}

fn without_git(files: &[(&str, &str)], old: &str) -> Project {
    let project = Project::empty().env("DBMIGRATE_URL", "sqlite:app.db");
    for (name, text) in files {
        project.file(name, text);
    }
    project.sqlite3(old);
    project
}

fn commit(project: &Project) {
    project.git("add --all");
    project.git("commit --quiet --message=as-it-is");
}

const DBMATE: [(&str, &str); 3] = [
    (
        "db/migrations/20240101000000_create_users.sql",
        "-- migrate:up\nCREATE TABLE users (id integer PRIMARY KEY);\n\n-- migrate:down\nDROP TABLE users;\n",
    ),
    (
        "db/migrations/20240102000000_add_email.sql",
        "-- migrate:up\nALTER TABLE users ADD COLUMN email text;\n-- migrate:down\n",
    ),
    ("db/migrations/20240103000000_tidy_up.sql", "-- migrate:up transaction:false\nVACUUM;\n-- migrate:down\n"),
];

const OF_DBMATE: &str = "CREATE TABLE users (id integer PRIMARY KEY, email text);
    CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
    INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240102000000');";

#[test]
fn a_project_moves_in_one_command() {
    let project = project(&DBMATE, OF_DBMATE);
    assert_snapshot!(project.runs(&["adopt db/migrations --dry-run", "adopt db/migrations"]), @"
    $ dbmigrate adopt db/migrations --dry-run
    exit 0
    --- stdout
     old                                            new                         changes                                  
     db/migrations/20240101000000_create_users.sql  migrations/Script-0001.sql  no markers, no down part                 
     db/migrations/20240102000000_add_email.sql     migrations/Script-0002.sql  no markers, no down part                 
     db/migrations/20240103000000_tidy_up.sql       migrations/Script-0003.sql  no markers, no down part, no-transaction 
    --- stderr
    left to do: on each existing database: dbmigrate baseline --import dbmate --url URL
    left to do: switch dbmate off where the application or the pipeline calls it; drop its table later

    $ dbmigrate adopt db/migrations
    exit 0
    --- stdout
    adopted 3 scripts of dbmate: migrations/Script-0001.sql to migrations/Script-0003.sql; the changes are staged
    --- stderr
    left to do: on each existing database: dbmigrate baseline --import dbmate --url URL
    left to do: switch dbmate off where the application or the pipeline calls it; drop its table later
    ");
    assert_snapshot!(project.git("status --short"), @"
    D  db/migrations/20240101000000_create_users.sql
    D  db/migrations/20240103000000_tidy_up.sql
    A  migrations/Script-0001.sql
    R  db/migrations/20240102000000_add_email.sql -> migrations/Script-0002.sql
    A  migrations/Script-0003.sql
    A  migrations/adopted.toml
    ");
    assert_snapshot!(project.read("migrations/Script-0001.sql"), @"
    -- create users
    CREATE TABLE users (id integer PRIMARY KEY);
    ");
    assert_snapshot!(project.read("migrations/Script-0003.sql"), @"
    -- tidy up
    -- dbmigrate: no-transaction
    VACUUM;
    ");
    assert_snapshot!(project.read("migrations/adopted.toml"), @r#"
    # What dbmigrate adopt has made of the old migrations. baseline --import reads it, and check refuses
    # further files of the old kind because of it: dbmigrate adopt takes them over, too.
    tool = "dbmate"
    folders = ["../db/migrations"]

    [[script]]
    number = 1
    old_version = "20240101000000"
    old_name = "20240101000000_create_users.sql"

    [[script]]
    number = 2
    old_version = "20240102000000"
    old_name = "20240102000000_add_email.sql"

    [[script]]
    number = 3
    old_version = "20240103000000"
    old_name = "20240103000000_tidy_up.sql"
    "#);
    assert_snapshot!(project.runs(&["baseline --import auto", "status", "upgrade --quiet", "verify --rebuild"]), @"
    $ dbmigrate baseline --import auto
    exit 0
    --- stdout
    recorded 2 scripts as applied without running anything: the database is at 0002
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 1 table: users
    baseline will record as applied, without running or comparing anything: Script-0001.sql, Script-0002.sql
    recorded Script-0001.sql to Script-0002.sql as applied, without running them
    committed Script-0001.sql to Script-0002.sql
    warning: the imported scripts are taken as they are here: the other tool keeps no text or checksum of what it ran

    $ dbmigrate status
    exit 0
    --- stdout
     number  state     applied at (UTC)     duration  commit            title
     0001    imported  [time] [n] ms  38418a0135-dirty  create users
     0002    imported  [time] [n] ms  38418a0135-dirty  add email
     0003    pending                                                    tidy up
    2 applied, at 0002; 1 pending: not atomic: Script-0003 (no-transaction)

    $ dbmigrate upgrade --quiet
    exit 0

    $ dbmigrate verify --rebuild
    exit 0
    --- stdout
    the schema is what the scripts build at 0003
    compared: 2 columns, 1 primary key, 1 table
    not compared: table schema_migrations (the journal of dbmate)
    ");
    commit(&project);
    assert!(project.run("check --since HEAD~1").starts_with("exit 0"));
}

#[test]
fn without_a_repository_files_are_renamed() {
    let files = [
        ("migrations/000001_users.up.sql", "CREATE TABLE users (id integer);\n"),
        ("migrations/000001_users.down.sql", "DROP TABLE users;\n"),
        ("migrations/000002_email.up.sql", "BEGIN;\nALTER TABLE users ADD COLUMN email text;\nCOMMIT;\n"),
        ("migrations/000002_email.down.sql", "SELECT 1;\n"),
    ];
    let project = without_git(
        &files,
        "CREATE TABLE users (id integer, email text);
         CREATE TABLE schema_migrations (version bigint, dirty bool); INSERT INTO schema_migrations VALUES (2, 0);",
    );
    assert_snapshot!(project.runs(&["adopt migrations", "adopt migrations --url sqlite:app.db"]), @"
    $ dbmigrate adopt migrations
    exit 2
    --- stderr
    error: the files look like those of sqlx and of golang-migrate
     = help: pass --from sqlx or golang-migrate, or a --url: the journal in the database decides

    $ dbmigrate adopt migrations --url sqlite:app.db
    exit 0
    --- stdout
    adopted 2 scripts of golang-migrate: migrations/Script-0001.sql to migrations/Script-0002.sql; left 2 files that are no longer needed
    --- stderr
    left to do: there is no Git repository: the files were renamed; those that are not needed, or whose text changes, stay
    left to do: on each existing database: dbmigrate baseline --import golang-migrate --url URL
    left to do: switch golang-migrate off where the application or the pipeline calls it; drop its table later
    warning: migrations/000001_users.down.sql and 2 other files are not run: their names are not Script-NNNN.sql but in the style of golang-migrate or sqlx; --strict refuses such files
    ");
    assert_snapshot!(project.read("migrations/adopted.toml"), @r#"
    # What dbmigrate adopt has made of the old migrations. baseline --import reads it, and check refuses
    # further files of the old kind because of it: dbmigrate adopt takes them over, too.
    tool = "golang-migrate"
    folders = ["."]
    kept = ["000001_users.down.sql", "000002_email.down.sql", "000002_email.up.sql"]

    [[script]]
    number = 1
    old_version = "000001"
    old_name = "000001_users.up.sql"

    [[script]]
    number = 2
    old_version = "000002"
    old_name = "000002_email.up.sql"
    "#);
    assert_snapshot!(project.runs(&["check", "baseline --import golang-migrate", "status"]), @"
    $ dbmigrate check
    exit 0
    --- stdout
    no baseline and 2 scripts: no problems
    --- stderr
    warning: migrations/000001_users.down.sql and 2 other files are not run: their names are not Script-NNNN.sql but in the style of golang-migrate or sqlx; --strict refuses such files

    $ dbmigrate baseline --import golang-migrate
    exit 0
    --- stdout
    recorded 2 scripts as applied without running anything: the database is at 0002
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 1 table: users
    baseline will record as applied, without running or comparing anything: Script-0001.sql, Script-0002.sql
    recorded Script-0001.sql to Script-0002.sql as applied, without running them
    committed Script-0001.sql to Script-0002.sql
    warning: the imported scripts are taken as they are here: the other tool keeps no text or checksum of what it ran

    $ dbmigrate status
    exit 0
    --- stdout
     number  state     applied at (UTC)     duration  title
     0001    imported  [time] [n] ms  users
     0002    imported  [time] [n] ms  email
    2 applied, at 0002; nothing pending
    --- stderr
    warning: migrations/000001_users.down.sql and 2 other files are not run: their names are not Script-NNNN.sql but in the style of golang-migrate or sqlx; --strict refuses such files
    ");
}

/// What Flyway has that dbmigrate has not.
const OF_FLYWAY: [(&str, &str); 8] = [
    ("db/V1__Users.sql", "CREATE TABLE users (id integer PRIMARY KEY, name text DEFAULT '${app-name}');\n"),
    ("db/V1.1__Email.sql", "ALTER TABLE users ADD COLUMN email text;\n"),
    ("db/V2__Move.java", "class V2__Move {}\n"),
    ("db/V10__Late.sql", "-- Late\nCREATE TABLE late (id integer);\n"),
    ("db/U1__Users.sql", "DROP TABLE users;\n"),
    ("db/R__names.sql", "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT name FROM users;\n"),
    ("db/beforeMigrate.sql", "SELECT 1;\n"),
    ("db/notes.sql", "SELECT 1;\n"),
];

#[test]
fn what_has_no_counterpart_is_listed() {
    let project = project(&OF_FLYWAY, "SELECT 1;");
    assert_snapshot!(project.run("adopt db --dry-run --format json"), @r#"
    exit 0
    --- stdout
    {
      "command": "adopt",
      "database": "app.db",
      "dir": "migrations",
      "dry_run": true,
      "left": [
        {
          "path": "db/beforeMigrate.sql",
          "what": "a callback: what it does for each run has no counterpart; make it a script, or an object file"
        },
        {
          "path": "db/notes.sql",
          "what": "Flyway does not run a file of this name: nothing was done with it"
        },
        {
          "path": "db/V2__Move.java",
          "what": "write what it does as SQL in its script, which says $(to_be_written) until then"
        }
      ],
      "objects": [
        {
          "changes": [],
          "from": "db/R__names.sql",
          "to": "migrations/objects/names.sql"
        }
      ],
      "removed": [
        "db/U1__Users.sql"
      ],
      "scripts": [
        {
          "changes": [
            "$(app_name)"
          ],
          "from": "db/V1__Users.sql",
          "to": "migrations/Script-0001.sql"
        },
        {
          "changes": [],
          "from": "db/V1.1__Email.sql",
          "to": "migrations/Script-0002.sql"
        },
        {
          "changes": [
            "to be written"
          ],
          "from": "db/V2__Move.java",
          "to": "migrations/Script-0003.sql"
        },
        {
          "changes": [],
          "from": "db/V10__Late.sql",
          "to": "migrations/Script-0004.sql"
        }
      ],
      "staged": false,
      "target": "sqlite:app.db",
      "tool": "flyway",
      "variables": [
        "app_name"
      ],
      "version": "[version]"
    }
    "#);
}

#[test]
fn what_is_left_is_written_by_hand() {
    let project = project(&OF_FLYWAY, "SELECT 1;");
    assert_snapshot!(project.run("adopt db"), @"
    exit 0
    --- stdout
    adopted 4 scripts of Flyway: migrations/Script-0001.sql to migrations/Script-0004.sql, and 1 object file; removed 1 file that is no longer needed; the changes are staged
    --- stderr
    left to do: db/beforeMigrate.sql: a callback: what it does for each run has no counterpart; make it a script, or an object file
    left to do: db/notes.sql: Flyway does not run a file of this name: nothing was done with it
    left to do: db/V2__Move.java: write what it does as SQL in its script, which says $(to_be_written) until then
    left to do: give these a value under [variables] in dbmigrate.toml: app_name
    left to do: on each existing database: dbmigrate baseline --import flyway --url URL
    left to do: switch Flyway off where the application or the pipeline calls it; drop its table later
    ");
    assert_snapshot!(project.read("migrations/Script-0001.sql"), @"
    -- Users
    CREATE TABLE users (id integer PRIMARY KEY, name text DEFAULT '$(app_name)');
    ");
    assert_eq!(
        project.read("migrations/Script-0003.sql"),
        "-- Move\n-- V2__Move.java does this: write it as SQL\n$(to_be_written)\n"
    );
    project.file("dbmigrate.toml", "[variables]\napp_name = \"shop\"\n");
    let refused = project.run("upgrade --create-database --quiet");
    assert!(refused.contains("there is no variable to_be_written"), "{refused}");
    project.file("migrations/Script-0003.sql", "-- Move\nUPDATE users SET name = 'x';\n");
    assert_snapshot!(project.run("upgrade --create-database --quiet"), @"
    exit 0
    ");
    assert_eq!(project.sqlite3("INSERT INTO users (id) VALUES (1); SELECT * FROM names;"), "shop\n");
    // what stays is not late, but what is added is
    commit(&project);
    assert!(project.run("check").starts_with("exit 0"));
    project.file("db/V11__New.java", "class V11__New {}\n");
    project.file("db/V1__Users.sql", "CREATE TABLE users (id integer PRIMARY KEY);\n");
    commit(&project);
    assert_snapshot!(project.runs(&["check", "adopt"]), @"
    $ dbmigrate check
    exit 4
    --- stderr
    error: db/V11__New.java is a migration of Flyway, which migrations/adopted.toml replaces
     = help: dbmigrate adopt takes it over, with the next number, or says why not
    error: db/V1__Users.sql is a migration of Flyway, which migrations/adopted.toml replaces
     = help: dbmigrate adopt takes it over, with the next number, or says why not
    2 problems

    $ dbmigrate adopt
    exit 0
    --- stdout
    adopted 1 script of Flyway: migrations/Script-0005.sql; the changes are staged
    --- stderr
    left to do: db/V1__Users.sql: it has changed since it was adopted as Script-0001.sql: take the change over, and delete it
    left to do: db/beforeMigrate.sql: a callback: what it does for each run has no counterpart; make it a script, or an object file
    left to do: db/notes.sql: Flyway does not run a file of this name: nothing was done with it
    left to do: db/V11__New.java: write what it does as SQL in its script, which says $(to_be_written) until then
    ");
}

#[test]
fn a_tool_whose_migrations_are_code_has_to_write_their_sql_first() {
    let csharp =
        [("src/Migrations/20240101000000_Init.cs", ""), ("src/Migrations/20240101000000_Init.Designer.cs", "")];
    let project = project(&csharp, "SELECT 1;");
    project.file("db/migrate/20240101000000_init.rb", "");
    project.file("alembic/versions/0123456789ab_init.py", "");
    commit(&project);
    assert_snapshot!(project.runs(&["adopt src", "adopt db", "adopt alembic"]), @"
    $ dbmigrate adopt src
    exit 2
    --- stderr
    error: there is no SQL of EF Core in src
     = help: write their SQL: dotnet ef migrations script --no-transactions -o all.sql; then adopt its folder

    $ dbmigrate adopt db
    exit 2
    --- stderr
    error: there is no SQL of Rails in db
     = help: write db/structure.sql: set config.active_record.schema_format = :sql, run bin/rails db:migrate and bin/rails db:schema:dump; then adopt db

    $ dbmigrate adopt alembic
    exit 2
    --- stderr
    error: there is no SQL of Alembic in alembic
     = help: write their SQL: alembic upgrade head --sql > all.sql; then adopt its folder
    ");
    project.file("sql/all.sql", "BEGIN TRANSACTION;\nCREATE TABLE t (id integer);\nINSERT INTO \"__EFMigrationsHistory\" (\"MigrationId\", \"ProductVersion\")\nVALUES ('20240101000000_Init', '9.0.0');\nCOMMIT;\n");
    project.file("src/Migrations/20240102000000_More.cs", "");
    commit(&project);
    assert_snapshot!(project.runs(&["adopt src sql --dry-run", "adopt src sql"]), @"
    $ dbmigrate adopt src sql --dry-run
    exit 0
    --- stdout
     old          new                         changes 
     sql/all.sql  migrations/Script-0001.sql          
    --- stderr
    left to do: src/Migrations/20240102000000_More.cs: its SQL is missing: write their SQL: dotnet ef migrations script --no-transactions -o all.sql; then adopt its folder
    left to do: on each existing database: dbmigrate baseline --import efcore --url URL
    left to do: switch EF Core off where the application or the pipeline calls it; drop its table later

    $ dbmigrate adopt src sql
    exit 0
    --- stdout
    adopted 1 script of EF Core: migrations/Script-0001.sql; the changes are staged
    --- stderr
    left to do: src/Migrations/20240102000000_More.cs: its SQL is missing: write their SQL: dotnet ef migrations script --no-transactions -o all.sql; then adopt its folder
    left to do: on each existing database: dbmigrate baseline --import efcore --url URL
    left to do: switch EF Core off where the application or the pipeline calls it; drop its table later
    ");
    assert_snapshot!(project.read("migrations/adopted.toml"), @r#"
    # What dbmigrate adopt has made of the old migrations. baseline --import reads it, and check refuses
    # further files of the old kind because of it: dbmigrate adopt takes them over, too.
    tool = "efcore"
    folders = ["../src", "../sql"]
    kept = ["../src/Migrations/20240101000000_Init.cs"]

    [[script]]
    number = 1
    old_version = "20240101000000_Init"
    old_name = "all.sql"
    "#);
}

#[test]
fn a_project_that_cannot_be_adopted_stays_as_it_is() {
    let sqlx = [
        ("sqlx/20240101000000_users.up.sql", "CREATE TABLE users (id integer);\n"),
        ("sqlx/20240101000000_users.down.sql", "DROP TABLE users;\n"),
    ];
    let project = project(&sqlx, "SELECT 1;");
    project.file("twice/V1__a.sql", "SELECT 1;\n");
    project.file("twice/V1.0__b.sql", "SELECT 1;\n");
    project.file("same/a/R__names.sql", "CREATE VIEW a AS SELECT 1;\n");
    project.file("same/b/R__names.sql", "CREATE VIEW b AS SELECT 1;\n");
    project.file("none/readme.txt", "");
    commit(&project);
    assert_snapshot!(
        project.runs(&[
            "adopt",
            "adopt sqlx",
            "adopt sqlx --from ant",
            "adopt twice --from flyway",
            "adopt same --from flyway",
            "adopt none",
            "adopt nowhere",
            "adopt sqlx --from flyway",
        ]),
        @"
        $ dbmigrate adopt
        exit 2
        --- stderr
        error: no folder with old migrations was named
         = help: name it: dbmigrate adopt db/migration

        $ dbmigrate adopt sqlx
        exit 2
        --- stderr
        error: the files look like those of sqlx and of golang-migrate
         = help: pass --from sqlx or golang-migrate, or a --url: the journal in the database decides

        $ dbmigrate adopt sqlx --from ant
        exit 2
        --- stderr
        error: invalid value 'ant' for '--from <TOOL>'
          [possible values: dbup, grate, roundhouse, flyway, liquibase, sqlx, refinery, dbmate, golang-migrate, goose, tern, prisma, diesel, rails, efcore, alembic, node-pg-migrate, atlas, evolve]

        For more information, try '--help'.

        $ dbmigrate adopt twice --from flyway
        exit 4
        --- stderr
        error: twice/V1.0__b.sql and twice/V1__a.sql have the same version
         = help: give one of them another version with the old tool first

        $ dbmigrate adopt same --from flyway
        exit 4
        --- stderr
        error: same/b/R__names.sql would become migrations/objects/names.sql, which there is already
         = help: merge the two files, rename one of them, or adopt it into an empty folder

        $ dbmigrate adopt none
        exit 2
        --- stderr
        error: there is no migration in none
         = help: name the folder of the old migrations, and the tool with --from; dbup takes every .sql file, in the order of the names

        $ dbmigrate adopt nowhere
        exit 2
        --- stderr
        error: there is no folder nowhere
         = help: check the path

        $ dbmigrate adopt sqlx --from flyway
        exit 2
        --- stderr
        error: there is no migration in sqlx that is named as Flyway names them
         = help: name the folder of the old migrations, and the tool with --from; dbup takes every .sql file, in the order of the names
        "
    );
    project.file("sqlx/20240102000000_new.up.sql", "SELECT 1;\n");
    assert_snapshot!(project.run("adopt sqlx --from sqlx"), @"
    exit 4
    --- stderr
    error: there are uncommitted changes in sqlx/20240102000000_new.up.sql
     = help: commit them first; git reset --hard takes back an adoption that is only staged
    ");
    project.remove("sqlx/20240102000000_new.up.sql");
    project.script(1, "SELECT 1;\n");
    commit(&project);
    assert_snapshot!(project.run("adopt sqlx --from sqlx"), @"
    exit 2
    --- stderr
    error: migrations already has scripts, the first is migrations/Script-0001.sql
     = help: adopt into an empty folder with --dir
    ");
}

#[test]
fn rows_that_contradict_the_map_are_refused_one_by_one() {
    let files = [
        ("db/V1__users.sql", "CREATE TABLE users (id integer);\n"),
        ("db/V2__email.sql", "ALTER TABLE users ADD COLUMN email text;\n"),
        ("db/V3__name.sql", "ALTER TABLE users ADD COLUMN name text;\n"),
    ];
    let project = project(
        &files,
        "CREATE TABLE users (id integer, email text, name text);
         CREATE TABLE flyway_schema_history (installed_rank int, version varchar(50), description varchar(200), type varchar(20),
            script varchar(1000), checksum int, installed_by varchar(100), installed_on timestamp, execution_time int, success bool);
         INSERT INTO flyway_schema_history VALUES
            (1, '1', 'users', 'SQL', 'V1__users.sql', 12345, 'me', '2024-01-02 03:04:05', 7, 1),
            (2, '3', 'name', 'SQL', 'V3__name.sql', NULL, 'me', '2024-01-02 03:04:05', 7, 1),
            (3, '4', 'gone', 'SQL', 'V4__gone.sql', 1, 'me', '2024-01-02 03:04:05', 7, 1),
            (4, '5', 'broken', 'SQL', 'V5__broken.sql', 1, 'me', '2024-01-02 03:04:05', 7, 0);",
    );
    project.run("adopt db --from flyway");
    assert_snapshot!(project.run("baseline --import flyway"), @r#"
    exit 4
    --- stderr
    baseline sqlite:app.db from migrations
    error: "V4__gone.sql" was applied, and adopted.toml does not have it
     = help: bring its file back and adopt it too, or undo it with the other tool
    error: "V5__broken.sql" failed in the other tool
     = help: repair it with the other tool first
    error: "V1__users.sql" was applied with another text than that of Script-0001.sql before it was adopted
     = help: find out which text ran there: bring the database to the script's text, or repair the other tool's checksum
    error: V2__email.sql is not in the other tool's journal, which goes up to 0003
     = help: run it with the other tool first, or renumber it to follow the others
    4 problems: nothing was applied
    "#);
    assert_eq!(project.sqlite3("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'dbmigrate%'"), "0\n");
    assert_snapshot!(project.runs(&["baseline --import sqlx", "baseline --import ant"]), @"
    $ dbmigrate baseline --import sqlx
    exit 4
    --- stderr
    baseline sqlite:app.db from migrations
    error: baseline recorded nothing: migrations was adopted from flyway, not from sqlx
     = help: name the tool that adopted.toml names

    $ dbmigrate baseline --import ant
    exit 2
    --- stderr
    error: invalid value 'ant' for '--import <TOOL>'
      [possible values: auto, dbup, grate, roundhouse, flyway, liquibase, sqlx, refinery, dbmate, golang-migrate, goose, tern, prisma, diesel, rails, efcore, alembic, node-pg-migrate, atlas, evolve]

      tip: a similar value exists: 'auto'

    For more information, try '--help'.
    ");
}

#[test]
fn a_journal_of_another_name_is_left_aside_too() {
    let other = OF_DBMATE.replace("schema_migrations", "applied");
    let project = project(&DBMATE, &other);
    project.run("adopt db/migrations");
    assert_snapshot!(project.run("baseline --import dbmate --import-table applied --verify"), @"
    exit 0
    --- stdout
    recorded 2 scripts as applied without running anything: the database is at 0002
    --- stderr
    baseline sqlite:app.db from migrations
    the database (SQLite [version]) has 2 tables: applied, users
    baseline will record as applied, if the schema is what they build: Script-0001.sql, Script-0002.sql
    recorded Script-0001.sql to Script-0002.sql as applied, without running them
    committed Script-0001.sql to Script-0002.sql
    warning: the imported scripts are taken as they are here: the other tool keeps no text or checksum of what it ran
    warning: not compared: rows; these tables have some here and none from the scripts: applied
    ");
}
