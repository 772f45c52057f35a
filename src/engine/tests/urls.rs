use proptest::prelude::*;

use crate::engine::Target;
use crate::target::TargetError;

fn shown(url: &str) -> String {
    url.parse::<Target>().map_or_else(|error| format!("error: {error}"), |target| target.to_string())
}

#[test]
fn a_url_is_shown_without_its_password() {
    for (url, expected) in [
        ("postgres://shop:s3cret@db:5433/shop?sslmode=require", "postgres://shop:***@db:5433/shop"),
        ("postgresql://shop@db/shop", "postgres://shop@db/shop"),
        ("postgres://shop:p%40ss%2Fw%23@[::1]/my%20shop", "postgres://shop:***@[::1]/my shop"),
        ("postgres:///shop?host=/run/postgresql&user=shop&password=s3cret", "postgres://shop:***@/run/postgresql/shop"),
        ("mysql://shop:s3cret@db:3307/shop?ssl-mode=required", "mysql://shop:***@db:3307/shop"),
        ("mariadb://shop@db/shop", "mysql://shop@db/shop"),
        ("MySQL://shop:p%40ss%2Fw%23@[::1]/my%20shop", "mysql://shop:***@[::1]/my shop"),
        ("mysql://shop:s3cret@localhost/shop?socket=/run/mysqld.sock", "mysql://shop:***@/run/mysqld.sock/shop"),
        ("mysql:///shop", "mysql:///shop"),
        (
            "postgres://shop:s3%40cret@/shop?host=/cloudsql/a:b:c&port=5433",
            "postgres://shop:***@/cloudsql/a:b:c:5433/shop",
        ),
        ("postgres://shop:s3cret@:5433/shop", "postgres://shop:***@:5433/shop"),
        ("postgres://shop@[::1]:5433/shop", "postgres://shop@[::1]:5433/shop"),
        ("mysql://shop:s3cret@/shop", "mysql://shop:***@localhost/shop"),
        ("postgres://db/shop?host=db2&hostaddr=10.0.0.1", "postgres://db2/shop"),
        ("sqlite:shop.db", "sqlite:shop.db"),
        ("sqlite:///var/shop.db?mode=rwc", "sqlite:/var/shop.db"),
        ("sqlite://data/my%20shop.db", "sqlite:data/my shop.db"),
    ] {
        assert_eq!(shown(url), expected);
    }
}

#[test]
fn what_does_not_parse_is_not_shown_either() {
    for url in [
        "postgres://shop:s3cret#x@db/shop",
        "postgres://shop:s3cret/x@db/shop",
        "postgres://shop:12#s3cret@db/shop",
        "postgres://shop:12/s3cret@db/shop",
        "postgres://shop:12?s3cret@db/shop",
        "postgres://shop:s3cret@db:port/shop",
        "postgres:///shop?host=localhost&host=db.example.org&password=s3cret",
        "postgres://u:s3cret@/shop?password=x",
        "postgres://u:s3cret@a:1,b:2/shop",
        "postgres:///shop?host=a,b&password=s3cret",
        "postgres://db/shop?password=half&s3cret=1",
        "postgres://db/shop?password=half&s3cret",
        "postgres://shop:s3cret@db",
        "postgres:shop:s3cret@db/shop",
        "mysql://shop:s3cret#x@db/shop",
        "mysql://shop:s3cret/x@db/shop",
        "mysql://shop:12?s3cret@db/shop",
        "mysql://shop:s3cret@db:port/shop",
        "mysql://shop:s3cret@db",
        "mysql://shop:s3cret@db/?socket=/run/mysqld.sock",
        "mysql:shop:s3cret@db/shop",
        "mariadb://shop@db/shop?password=s3cret",
        "mariadb://shop@db/shop?s3cret",
        "mysql://db/shop?ssl-mode=s3cret",
        "mysql://db/shop?ssl-mode=required&sslmode=s3cret",
        "mysql://db/shop?socket=a&socket=s3cret",
        "shop:s3cret@db/shop",
        "s3cret",
        "s3cret://x",
        "mongodb-s3cret://shop:s3cret@db",
        "sqlite::memory:",
        "sqlite:",
        "",
    ] {
        let error = url.parse::<Target>().expect_err(url);
        let shown = format!("{error} {error:?} {}", error.hint());
        assert!(!shown.contains("s3cret") || url == "s3cret://x", "{url}: {shown}");
    }
}

#[test]
fn a_database_of_the_server_s_own_is_no_target() {
    for url in
        ["mysql://u@h/mysql", "mariadb://u@h/SYS", "mysql://u@h/information_schema", "mysql://u@h/performance%5Fschema"]
    {
        let error = url.parse::<Target>().expect_err(url);
        assert!(matches!(error, TargetError::SystemDatabase(_)), "{url}: {error}");
    }
    assert_eq!(shown("postgres://u@h/mysql"), "postgres://u@h/mysql");
}

#[test]
fn a_local_server_is_known() {
    for (url, local) in [
        ("postgres://localhost/shop", true),
        ("postgres://127.0.0.1:5433/shop", true),
        ("postgres://[::1]/shop", true),
        ("postgres:///shop?host=/run/postgresql", true),
        ("postgres://%2Frun%2Fpostgresql/shop", true),
        ("postgres://db.example.org/shop", false),
        ("postgres://localhost/shop?host=db.example.org", false),
        ("postgres:///shop", false),
        ("postgres://localhost.example.org/shop", false),
        ("mysql://localhost/shop", true),
        ("mysql://127.0.0.1:3307/shop", true),
        ("mariadb://[::1]/shop", true),
        ("mysql:///shop", true),
        ("mysql://db.example.org/shop?socket=/run/mysqld.sock", true),
        ("mysql://db.example.org/shop", false),
        ("mysql://localhost.example.org/shop", false),
        ("mysql://10.0.0.1/localhost", false),
        ("sqlite:shop.db", true),
    ] {
        assert_eq!(url.parse::<Target>().expect(url).is_local(), local, "{url}");
    }
}

#[test]
fn the_same_database_is_known_by_where_it_is() {
    for (url, other, same) in [
        ("mysql://u:p@db/shop", "mariadb://db:3306/shop?ssl-mode=required", true),
        ("mysql://localhost/shop", "mysql:///shop", true),
        ("mysql://DB/shop", "mysql://db/%73hop", true),
        ("mysql://a/shop?socket=/run/mysqld.sock", "mysql://b/shop?socket=/run/mysqld.sock", true),
        ("mysql://db/shop", "mysql://db:3307/shop", false),
        ("mysql://db/shop", "mysql://db/shop2", false),
        ("mysql://db/shop", "mysql://other/shop", false),
        ("mysql://localhost/shop", "mysql://localhost/shop?socket=/run/mysqld.sock", false),
        ("mysql://db/shop", "postgres://db/shop", false),
        ("mysql://db:5432/shop", "postgres://db:5432/shop", false),
        ("postgres://db/shop", "postgresql://u@db:5432/shop", true),
    ] {
        let parsed = |url: &str| url.parse::<Target>().expect("a URL");
        assert_eq!(parsed(url).is_same_database(&parsed(other)), same, "{url} {other}");
        assert_eq!(parsed(other).is_same_database(&parsed(url)), same, "{other} {url}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in ".{0,40}",
        url in "(postgres|mysql|mariadb|sqlite)://[a-z:@/?#%]{0,20}",
        query in "(ssl-mode|sslmode|socket|ssl-ca|host|x)(=[a-z/%&=]{0,12})?",
    ) {
        let _ = (text.parse::<Target>(), url.parse::<Target>());
        for scheme in ["postgres", "mysql", "sqlite"] {
            if let Ok(target) = format!("{scheme}://u@h/shop?{query}").parse::<Target>() {
                let _ = (target.is_local(), target.to_string(), target.is_same_database(&target.clone()));
            }
        }
    }

    #[test]
    fn no_password_is_ever_shown(
        scheme in "postgres|mysql|mariadb",
        secret in "[0-9#/?@:%!]{0,6}SECRET[0-9#/?@:%!]{0,6}",
    ) {
        let shown = format!("{:?}", format!("{scheme}://user:{secret}@host/db").parse::<Target>());
        prop_assert!(!shown.contains("SECRET"), "{}", shown);
    }
}
