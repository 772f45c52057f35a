//! Texts that are not URLs, and URLs in unusual forms.

use insta::assert_snapshot;

use crate::project::{ONE, Project};

#[test]
fn an_error_in_the_url_of_the_environment_names_the_variable() {
    let project = Project::scripts(&[ONE]).env("DATABASE_URL", "app.db");
    assert_snapshot!(project.run("status"), @"
    exit 2
    --- stderr
    error: DATABASE_URL: this is the name of a file, not a database URL
     = help: write sqlite:app.db
    ");
}

#[test]
fn an_invalid_url_shows_what_a_url_looks_like() {
    let project = Project::scripts(&[ONE]);
    assert_snapshot!(project.run("status --url app.db"), @"
    exit 2
    --- stderr
    error: --url: this is the name of a file, not a database URL
     = help: write sqlite:app.db
    ");
    assert_snapshot!(project.run("status --url oracle://u:p@h/d"), @r#"
    exit 2
    --- stderr
    error: --url: the database URL's scheme "oracle" is not known
     = help: write sqlite:path/to/file.db, postgres://user:password@host:port/database, mysql://..., sqlserver://... or Server=host,1433;Database=name;User Id=user;Password=password
    "#);
    assert_snapshot!(project.run("status --url oracle://u:p@h/d"), @r#"
    exit 2
    --- stderr
    error: --url: the database URL's scheme "oracle" is not known
     = help: write sqlite:path/to/file.db, postgres://user:password@host:port/database, mysql://..., sqlserver://... or Server=host,1433;Database=name;User Id=user;Password=password
    "#);
    assert_snapshot!(project.run("status --url sqlite:"), @"
    exit 2
    --- stderr
    error: --url: the sqlite URL names no database
     = help: name a file, such as sqlite:path/to/file.db
    ");
    assert_snapshot!(project.run("status --url sqlite::memory:"), @"
    exit 2
    --- stderr
    error: --url: a database in memory is gone when the run ends
     = help: name a file, such as sqlite:app.db
    ");
    assert_snapshot!(project.run("status --url sqlite:app.db?cache=shared"), @"
    exit 1
    --- stderr
    warning: ignored in the URL, because dbmigrate has no such setting: cache
    error: there is no database file [dir]/app.db
     = help: upgrade --create-database or rebuild creates it; otherwise check the path
    ");
    assert_snapshot!(project.run("status --url mysql:shop.db"), @"
    exit 2
    --- stderr
    error: --url: the mysql URL cannot be parsed: it does not start with mysql://
     = help: in a user name or a password, write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25
    ");
    assert_snapshot!(project.run("status --url mysql+ssl://u@h/d"), @"
    exit 2
    --- stderr
    error: --url: this is a URL with the name of a driver, not a database URL
     = help: write mysql://u@h/d
    ");
    assert_snapshot!(project.run("status --url="), @"
    exit 2
    --- stderr
    error: --url: the database URL has no scheme
     = help: write sqlite:path/to/file.db, postgres://user:password@host:port/database, mysql://..., sqlserver://... or Server=host,1433;Database=name;User Id=user;Password=password
    ");
}

#[test]
fn a_text_in_the_form_of_another_program_shows_the_url_to_write() {
    let project = Project::scripts(&[ONE]);
    let shown = |url: &str| project.run_with(&["check", "--url", url]);
    assert_snapshot!(shown("jdbc:postgresql://db:5433/shop?user=u&password=s3cret"), @"
    exit 2
    --- stderr
    error: --url: this is a JDBC URL, not a database URL
     = help: write postgres://u:PASSWORD@db:5433/shop
    ");
    assert_snapshot!(shown("u:s3cret@tcp(db:3306)/shop?parseTime=true"), @"
    exit 2
    --- stderr
    error: --url: this is a data source name of Go's MySQL driver, not a database URL
     = help: write mysql://u:PASSWORD@db:3306/shop
    ");
    assert_snapshot!(shown("Server=db;Port=3306;Database=shop;Uid=u;Pwd=s3cret"), @"
    exit 2
    --- stderr
    error: --url: this is a connection string of MySQL's .NET driver, not a database URL
     = help: write mysql://u:PASSWORD@db:3306/shop
    ");
    assert_snapshot!(shown("shop.db"), @"
    exit 2
    --- stderr
    error: --url: this is the name of a file, not a database URL
     = help: write sqlite:shop.db
    ");
}

#[cfg(feature = "postgres")]
mod postgres {
    use insta::assert_snapshot;

    use crate::engine::postgres::new_database;
    use crate::project::{ONE, Project};
    use crate::support::Database;

    /// Returns a project without a database, and the parts of this database's URL.
    fn parts(database: &Database, texts: &[&str]) -> (Project, [String; 4]) {
        let url = database.url();
        let given = |text: Option<&str>| text.expect("it is there").to_owned();
        let port = url.port().unwrap_or(5432).to_string();
        let parts = [url.username().to_owned(), given(url.password()), given(url.host_str()), port];
        (Project::scripts(texts).hide(&database.name, "shop"), parts)
    }

    #[test]
    fn a_url_without_a_host_takes_it_from_a_parameter_or_from_a_variable() {
        let database = new_database();
        let (project, [user, password, host, port]) = parts(&database, &[ONE]);
        let name = &database.name;
        let url = format!("postgres://{user}:{password}@/{name}?host={host}&port={port}");
        assert!(project.run_with(&["upgrade", "--url", &url]).contains("applied 1 script in"));
        let (project, _) = parts(&database, &[ONE]);
        let project = project.env("PGHOST", &host).env("PGPORT", &port);
        let url = format!("postgres://{user}:{password}@/{name}");
        assert!(project.run_with(&["status", "--url", &url]).contains("1 applied, at 0001"));
    }

    #[test]
    fn a_service_fills_in_what_the_url_leaves_out() {
        let database = new_database();
        let (project, [user, password, host, port]) = parts(&database, &[ONE]);
        let name = &database.name;
        let service = format!("[shop]\nhost={host}\nport={port}\nuser={user}\npassword={password}\ndbname={name}\n");
        project.file(".pg_service.conf", service);
        assert!(project.run("upgrade --url postgres://?service=shop").contains("applied 1 script in"));
        let project = project.env("PGSERVICE", "shop");
        assert!(project.run("status --url postgres://").contains("1 applied, at 0001"));
        // the host of the URL overrides that of the service
        let elsewhere = project.run("status --url postgres://nowhere.invalid/shop");
        assert!(
            elsewhere.contains("cannot connect to postgres://") && elsewhere.contains("nowhere.invalid"),
            "{elsewhere}"
        );
        let project = project.env("PGSERVICE", "nope");
        assert_snapshot!(project.run("status --url postgres:///shop"), @r#"
        exit 2
        --- stderr
        error: --url: the service "nope" cannot be used: it is not in [dir]/.pg_service.conf
         = help: correct the service file, or write host, port, user and database into the URL
        "#);
    }

    #[test]
    fn the_session_is_of_the_kind_that_the_url_asks_for() {
        let database = new_database();
        let (project, _) = parts(&database, &[ONE]);
        let run = |wanted: &str| {
            project.run_with(&["status", "--url", &format!("{}?target_session_attrs={wanted}", database.url())])
        };
        for met in ["any", "read-write", "primary", "prefer-standby"] {
            assert!(run(met).starts_with("exit 0"), "{met}: {}", run(met));
        }
        assert_snapshot!(run("standby"), @"
        exit 1
        --- stderr
        error: cannot connect to postgres://postgres:***@127.0.0.1:[port]/shop: the server is not a standby, but target_session_attrs asks for another kind
        ");
        assert!(run("read-only").contains("the server is not read-only"));
        assert!(run("fast").contains("it is any, read-write"));
        database.admin(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name));
        assert!(run("read-write").contains("the server is read-only"));
        assert!(run("read-only").starts_with("exit 0"));
    }

    #[test]
    fn what_other_programs_have_in_their_urls_is_ignored_by_name() {
        let database = new_database();
        let (project, _) = parts(&database, &[ONE]);
        let run = |more: &str| project.run_with(&["status", "--url", &format!("{}?{more}", database.url())]);
        assert_snapshot!(run("channel_binding=require&connect_timeout=10&pgbouncer=true&keepalives_idle=30"), @"
        exit 0
        --- stdout
         number  state    applied at (UTC)  duration  title
         0001    pending                              Customers
        0 applied; 1 pending: atomic (one transaction)
        --- stderr
        warning: ignored in the URL, because dbmigrate has no such setting: channel_binding, pgbouncer, keepalives_idle
        ");
        assert_snapshot!(run("gssencmode=require"), @"
        exit 2
        --- stderr
        error: --url: the URL's parameter gssencmode has an invalid value
         = help: it is disable or prefer: GSSAPI is not supported
        ");
        assert_snapshot!(run("sslmod=require"), @"
        exit 2
        --- stderr
        error: --url: the postgres URL has an unknown parameter: sslmod
         = help: known are libpq's, such as sslmode, sslrootcert, host, connect_timeout, target_session_attrs, service, application_name and options; in a password, write & as %26
        ");
        assert!(run("gssencmode=prefer&client_encoding=UTF8").starts_with("exit 0\n--- stdout\n number"));
    }

    #[test]
    fn a_search_path_of_another_program_is_used() {
        for parameter in ["search_path", "schema", "currentSchema"] {
            let database = new_database();
            let (project, _) = parts(&database, &[ONE, "CREATE TABLE orders (id integer);\n"]);
            database.ask("CREATE SCHEMA app");
            let shown = project.run_with(&["upgrade", "--url", &format!("{}?{parameter}=app", database.url())]);
            assert!(shown.starts_with("exit 0"), "{shown}");
            let tables = "SELECT string_agg(tablename, ' ' ORDER BY 1) FROM pg_tables WHERE schemaname = 'app'";
            assert_eq!(database.ask(tables).trim(), "customers orders");
        }
    }

    #[test]
    fn a_silent_server_is_waited_for_as_long_as_the_url_says() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let project = Project::scripts(&[ONE]);
        let url = format!("postgres://u@127.0.0.1:{port}/shop?connect_timeout=1");
        assert!(project.run_with(&["status", "--url", &url]).contains("no answer within 1s"));
    }

    #[test]
    fn several_hosts_are_refused() {
        let project = Project::scripts(&[ONE]);
        assert_snapshot!(project.run("status --url postgres://u@a:1,b:2/shop?target_session_attrs=read-write"), @"
        exit 2
        --- stderr
        error: --url: the postgres URL names several hosts
         = help: name one of them, the one that takes writes
        ");
        assert!(project.run("status --url postgres:///shop?host=a,b").contains("names several hosts"));
        assert!(project.run("status --url mysql://u@a,b/shop").contains("names several hosts"));
    }
}
