use proptest::prelude::*;

use super::*;

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
        "postgres:///shop?host=localhost&hostaddr=10.0.0.1&password=s3cret",
        "postgres://shop:s3cret@db",
        "postgres:shop:s3cret@db/shop",
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
        ("sqlite:shop.db", true),
    ] {
        assert_eq!(url.parse::<Target>().expect(url).is_local(), local, "{url}");
    }
}

#[test]
fn another_database_of_the_same_server_keeps_the_rest() {
    let target: Target = "postgres://u:p@h:1/shop?sslmode=require&dbname=x".parse().expect("a URL");
    let other = target.with_database("a/b c");
    assert_eq!((other.database().as_str(), other.to_string().as_str()), ("a/b c", "postgres://u:***@h:1/a/b c"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,40}", url in "(postgres|sqlite)://[a-z:@/?#%]{0,20}") {
        let _ = (text.parse::<Target>(), url.parse::<Target>());
    }

    #[test]
    fn no_password_is_ever_shown(secret in "[0-9#/?@:%!]{0,6}SECRET[0-9#/?@:%!]{0,6}") {
        let shown = format!("{:?}", format!("postgres://user:{secret}@host/db").parse::<Target>());
        prop_assert!(!shown.contains("SECRET"), "{}", shown);
    }
}
