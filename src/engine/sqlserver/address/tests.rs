use super::*;

fn url(text: &str) -> Address {
    Address::from_url(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn string(text: &str) -> Address {
    assert!(is_connection_string(text), "{text}");
    Address::from_connection_string(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> String {
    let error = text.parse::<Target>().expect_err(text);
    format!("{error}; {}", error.hint())
}

#[test]
fn a_connection_string_and_its_url_mean_the_same() {
    for (text, other) in [
        ("Server=db;Database=shop;User Id=u;Password=p", "sqlserver://u:p@db/shop"),
        ("Data Source=tcp:db,1444;Initial Catalog=shop;UID=u;PWD=p", "mssql://u:p@db:1444/shop"),
        ("server=DB\\SqlExpress;database=shop;user=u;password=p", "sqlserver://u:p@DB%5CSqlExpress/shop"),
        ("Server=db\\X;Database=shop;User Id=u;Password=p", "sqlserver://u:p@db/X?database=shop"),
        ("Server=db\\X,1444;Database=shop;User Id=u;Password=p", "sqlserver://u:p@db:1444/X?Database=shop"),
        ("Server=db\\MSSQLSERVER;Database=shop;User Id=u;Password=p", "sqlserver://u:p@db/shop"),
        ("Server=(local);Database=shop;User Id=u;Password=p", "sqlserver://u:p@localhost/shop"),
        ("Server=.;Database=shop;User Id=u;Password=p", "sqlserver://u:p@./shop"),
        ("Server=::1;Database=shop;User Id=u;Password=p", "sqlserver://u:p@[::1]/shop"),
        ("Server=db;Database=my shop;User Id=u;Password='a;b\"'", "sqlserver://u:a%3Bb%22@db/my%20shop"),
        (
            "Server=db;Database=shop;User Id=u;Password=p;Encrypt=Optional;TrustServerCertificate=True",
            "sqlserver://u:p@db/shop?encrypt=false&trustServerCertificate=yes",
        ),
        (
            "Server=db;Database=shop;Authentication=Active Directory Default",
            "sqlserver://db/shop?accessTokenVariable=DBMIGRATE_ACCESS_TOKEN",
        ),
    ] {
        assert!(string(text) == url(other), "{text} is {}, {other} is {}", string(text), url(other));
    }
}

#[test]
fn a_string_from_a_program_works_unchanged() {
    let text = "Server=tcp:shop.database.windows.net,1433;Initial Catalog=shop;Persist Security Info=False;\
                User ID=deploy@shop;Password=\"p;w\"\"d\";MultipleActiveResultSets=False;Encrypt=True;\
                TrustServerCertificate=False;Connection Timeout=30;Max Pool Size=50;Application Name=Shop;";
    let server = string(text);
    assert_eq!(
        (server.host.as_str(), server.port, server.database.as_str()),
        ("shop.database.windows.net", Some(1433), "shop")
    );
    assert!(server.login == Login::Password { user: "deploy@shop".into(), password: "p;w\"d".into() });
    assert_eq!((server.encrypt, server.trusts), (Encrypt::Mandatory, false));
    assert_eq!(server.connect_timeout, Some(Duration::from_secs(30)));
    assert_eq!(server.application.as_deref(), Some("Shop"));
    assert_eq!(server.to_string(), "sqlserver://deploy@shop:***@shop.database.windows.net:1433/shop");
}

#[test]
fn encryption_is_mandatory_unless_it_is_said_otherwise() {
    for (value, encrypt) in [
        ("", Encrypt::Mandatory),
        ("Encrypt=yes", Encrypt::Mandatory),
        ("Encrypt=No", Encrypt::Optional),
        ("encrypt=STRICT", Encrypt::Strict),
    ] {
        assert_eq!(string(&format!("Server=db;Database=shop;{value}")).encrypt, encrypt, "{value}");
    }
}

#[test]
fn what_cannot_be_used_is_refused_without_showing_it() {
    for (text, why) in [
        ("Server=db;Database=shop;Trusted_Connection=True", "invalid value for Integrated Security; Windows logins"),
        ("Server=(localdb)\\MSSQLLocalDB;Database=shop", "invalid value for Server; it is a host with TCP"),
        ("Server=np:db;Database=shop", "invalid value for Server"),
        ("Server=db,x;Database=shop", "invalid value for Server"),
        ("Server=db;User Id=u", "names no database; add Database=name"),
        ("Server=db;Database=shop;Colour=1", "has an unknown keyword: Colour"),
        ("Server=db;Database=shop;Password=a;secret=1", "has an unknown keyword: number 4"),
        ("Server=db;Database=shop;Initial Catalog=other", "gives Initial Catalog twice"),
        ("Server=db;Database=shop;Password='open", "has a quote that is not closed"),
        ("Server=db;Database=shop;Password='a'b", "has text after a closing quote"),
        ("Server=db;Database=shop;secret", "has a keyword without a value"),
        ("Server=db;Database=shop;Encrypt=perhaps", "invalid value for Encrypt; it is true (mandatory)"),
        ("Server=db;Database=master", "master is a database of the server's own"),
        ("sqlserver://u:secret@db", "the sqlserver URL names no database"),
        ("sqlserver://u:secret@db/shop?color=1", "unknown parameter: color"),
        ("sqlserver://db/shop?password=half&secret=1", "unknown parameter: number 2 after the ?"),
        ("sqlserver://u:secret@db/shop?password=secret", "gives Password twice"),
        ("sqlserver://u:p@db/se#cret", "must be percent-encoded"),
        ("mssql:db", "does not start with sqlserver://"),
    ] {
        let said = refused(text);
        assert!(said.contains(why), "{text}: {said}");
        assert!(!said.contains("secret") && !said.contains("open"), "{text}: {said}");
    }
}

#[test]
fn a_secret_is_never_shown() {
    for text in ["sqlserver://u:secret@db/shop", "Server=db;Database=shop;User Id=u;Password=secret"] {
        let target: Target = text.parse().expect("it is whole");
        assert_eq!(format!("{target} {target:?}"), "sqlserver://u:***@db/shop sqlserver://u:***@db/shop");
    }
    assert_eq!(string("Server=db\\X;Database=shop;PWD=secret").to_string(), "sqlserver://:***@db\\X/shop");
}

#[test]
fn the_same_database_is_known_by_another_string() {
    let target = |text: &str| text.parse::<Target>().expect("it is whole");
    let one = target("Server=tcp:DB;Database=Shop;User Id=a");
    assert!(one.is_same_database(&target("sqlserver://b@db:1433/shop?encrypt=false")));
    assert!(!one.is_same_database(&target("sqlserver://b@db:1434/shop")));
    assert!(!one.is_same_database(&target("sqlserver://b@db%5Cx/shop")));
    assert!(target("Server=.;Database=shop").is_local() && target("sqlserver://127.0.0.1/shop").is_local());
    assert!(!one.is_local());
}

#[test]
fn texts_of_other_kinds_are_no_connection_strings() {
    for text in ["postgres://u:p@h/d?user=x", "sqlite:Server=1", "secret=1", "=", "Server", ""] {
        assert!(!is_connection_string(text), "{text}");
    }
    assert!(is_connection_string(" data source = x"));
}
