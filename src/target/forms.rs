//! The forms in which other programs take a database: each is recognised, and the error shows the URL to write.

use std::collections::HashMap;
use std::sync::LazyLock;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::{Captures, Regex};

use super::sqlserver::pairs;
use super::{Target, TargetError};

/// The error for a text in the form of another program.
pub(super) fn find(text: &str) -> Option<TargetError> {
    let (form, url) = FORMS
        .iter()
        .find_map(|(form, pattern, url)| Some((*form, url(&pattern.captures(text)?))))
        .or_else(|| string(text))?;
    // what is shown went through the same parser as a URL of ours: the password is not in it
    let shown = url.and_then(|url| url.parse::<Target>().ok()).map(|target| target.to_string());
    let write = shown.map(|shown| shown.replacen(":***@", ":PASSWORD@", 1));
    Some(TargetError::OtherForm { form, write })
}

type Form = (&'static str, Regex, fn(&Captures<'_>) -> Option<String>);

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let pattern = |pattern: &str| Regex::new(pattern).expect("the pattern is a constant that the tests compile");
    vec![
        ("a JDBC URL", pattern(r"(?i)^jdbc:(sqlite|postgresql|mysql|mariadb|sqlserver|jtds:sqlserver)\b:?(.*)$"), jdbc),
        ("a JDBC URL", pattern(r"(?i)^jdbc:"), |_| None),
        (
            "a URL with the name of a driver",
            pattern(r"(?i)^(postgres|postgresql|mysql|mariadb|mssql|sqlite)\+\w+:(.*)$"),
            |found| {
                let rest =
                    found[2].strip_prefix("////").map_or_else(|| found[2].to_owned(), |path| format!("///{path}"));
                Some(format!("{}:{rest}", found[1].to_ascii_lowercase()))
            },
        ),
        (
            "a data source name of Go's MySQL driver",
            pattern(r"^(?:([^:@/()]*)(?::(.*))?@)?(tcp|unix)\(([^()]*)\)/([^?/]*)(?:\?.*)?$"),
            go,
        ),
        ("a file URI", pattern(r"(?i)^file:(?://)?([^?]*)"), |found| Some(format!("sqlite:{}", &found[1]))),
        ("the name of a file", pattern(r"(?i)^((?:[a-z]:)?[\w ./\\-]+\.(?:db|db3|sqlite|sqlite3))$"), |found| {
            Some(format!("sqlite:{}", &found[1]))
        }),
    ]
});

/// `jdbc:postgresql://host:5432/shop?user=shop&password=...`, `jdbc:sqlserver://host:1433;databaseName=shop;user=sa`.
fn jdbc(found: &Captures<'_>) -> Option<String> {
    let (engine, rest) = (found[1].to_ascii_lowercase(), &found[2]);
    if engine == "sqlite" {
        return Some(format!("sqlite:{rest}"));
    }
    let rest = rest.strip_prefix("//")?;
    if engine.ends_with("sqlserver") {
        let (address, properties) = rest.split_once(';')?;
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        let given = named(pairs::read(properties).ok()?);
        let database = Some(path).filter(|path| !path.is_empty()).map(ToOwned::to_owned);
        return url("sqlserver", host, &given, database);
    }
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, database) = address.split_once('/')?;
    let given = named(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect());
    url(if engine == "postgresql" { "postgres" } else { "mysql" }, host, &given, Some(database.into()))
}

/// `shop:password@tcp(localhost:3306)/shop?parseTime=true`.
fn go(found: &Captures<'_>) -> Option<String> {
    let part = |i: usize| found.get(i).map(|part| part.as_str().to_owned());
    let given = [("user", part(1)), ("password", part(2))];
    let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let address = part(4)?;
    if &found[3] == "unix" {
        return url("mysql", "localhost", &given, part(5)).map(|url| format!("{url}?socket={address}"));
    }
    url("mysql", &address, &given, part(5))
}

/// Names and values that are separated by semicolons (.NET, ODBC) or blanks (`libpq`), except those of SQL Server.
fn string(text: &str) -> Option<(&'static str, Option<String>)> {
    static WORDS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:(?:host|hostaddr|port|dbname|user|password|sslmode)=(?:'[^']*'|[^\s';]+)(?:\s+|$)){2,}")
            .expect("it compiles")
    });
    static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(\w+)=(?:'([^']*)'|(\S+))").expect("it compiles"));
    if WORDS.is_match(text) {
        let value = |found: &Captures<'_>| found.get(2).or(found.get(3)).map_or("", |value| value.as_str()).to_owned();
        let given = named(WORD.captures_iter(text).map(|found| (found[1].to_owned(), value(&found))).collect());
        return Some(("a connection string of libpq", url_of("postgres", &given)));
    }
    if text.contains("://") || !text.contains('=') {
        return None;
    }
    let given = named(pairs::read(&braced(text)).ok()?);
    let has = |names: &[&str]| names.iter().any(|name| given.contains_key(*name));
    if let Some(driver) = given.get("driver").or_else(|| given.get("dsn")) {
        let driver = driver.to_ascii_lowercase();
        let engine = match () {
            () if driver.contains("postgres") => "postgres",
            () if driver.contains("mysql") || driver.contains("maria") => "mysql",
            () if driver.contains("sqlite") => {
                return Some(("an ODBC connection string", given.get("database").map(|file| format!("sqlite:{file}"))));
            }
            () if driver.contains("sql server") || driver.contains("freetds") => "sqlserver",
            () => return Some(("an ODBC connection string", None)),
        };
        return Some(("an ODBC connection string", url_of(engine, &given)));
    }
    if has(&["host", "username"]) && has(&["database", "username"]) {
        return Some(("a connection string of Npgsql", url_of("postgres", &given)));
    }
    if has(&["server", "datasource"]) && has(&MYSQL) {
        return Some(("a connection string of MySQL's .NET driver", url_of("mysql", &given)));
    }
    None
}

/// Keywords of MySQL's programs for .NET that SQL Server's do not have.
const MYSQL: [&str; 8] = [
    "port",
    "sslmode",
    "charset",
    "allowuservariables",
    "allowpublickeyretrieval",
    "convertzerodatetime",
    "treattinyasboolean",
    "allowloadlocalinfile",
];

/// ODBC has values in braces.
fn braced(text: &str) -> String {
    static BRACES: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"=\s*\{((?:[^}]|\}\})*)\}").expect("it compiles"));
    let quoted = |found: &Captures<'_>| format!("=\"{}\"", found[1].replace("}}", "}").replace('"', "\"\""));
    BRACES.replace_all(text, quoted).into_owned()
}

/// By their names in small letters without blanks; programs have several names for one thing.
fn named(pairs: Vec<(String, String)>) -> HashMap<String, String> {
    let one_name = |name: String| {
        let name = name.to_ascii_lowercase().replace([' ', '_'], "");
        match name.as_str() {
            "uid" | "userid" | "username" if name != "username" => "user".into(),
            "pwd" => "password".into(),
            "databasename" | "dbname" | "initialcatalog" => "database".into(),
            _ => name,
        }
    };
    pairs.into_iter().map(|(name, value)| (one_name(name), value)).collect()
}

fn url_of(scheme: &str, given: &HashMap<String, String>) -> Option<String> {
    let host = ["hostaddr", "host", "server", "servername", "datasource"].iter().find_map(|name| given.get(*name));
    let host = host.map_or("localhost", |host| host.strip_prefix("tcp:").unwrap_or(host));
    let (host, port) =
        host.split_once(',').map_or((host, given.get("port").map(String::as_str)), |(host, port)| (host, Some(port)));
    let address = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    url(scheme, &address, given, None)
}

fn url(scheme: &str, address: &str, given: &HashMap<String, String>, database: Option<String>) -> Option<String> {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let user = given.get("user").or_else(|| given.get("username")).map_or_else(String::new, |user| encoded(user));
    let password = given.get("password").map_or_else(String::new, |password| format!(":{}", encoded(password)));
    let at = if user.is_empty() && password.is_empty() { "" } else { "@" };
    let database = database.or_else(|| given.get("database").cloned())?;
    Some(format!("{scheme}://{user}{password}{at}{}/{}", address.replace('\\', "%5C"), encoded(&database)))
}

#[cfg(all(test, feature = "mysql", feature = "postgres", feature = "sqlite", feature = "sqlserver"))]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_another_program_shows_the_url_to_write() {
        for (text, url) in [
            ("jdbc:postgresql://db:5433/shop?user=u&password=s3cret&ssl=true", "postgres://u:PASSWORD@db:5433/shop"),
            ("jdbc:mysql://db/shop?useSSL=false", "mysql://db/shop"),
            ("jdbc:mariadb://db:3307/shop?user=u", "mysql://u@db:3307/shop"),
            (
                "jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password=s3cret;encrypt=true",
                "sqlserver://sa:PASSWORD@db:1433/shop",
            ),
            ("jdbc:sqlserver://db\\X;databaseName=shop;user=sa", "sqlserver://sa@db\\X/shop"),
            ("jdbc:sqlite:data/shop.db", "sqlite:data/shop.db"),
            ("postgresql+asyncpg://u:s3cret@db/shop", "postgres://u:PASSWORD@db/shop"),
            ("mysql+pymysql://u:s3cret@db:3307/shop?charset=utf8mb4", "mysql://u:PASSWORD@db:3307/shop"),
            ("mssql+pyodbc://sa:s3cret@db/shop?encrypt=yes", "sqlserver://sa:PASSWORD@db/shop"),
            ("sqlite+aiosqlite:///shop.db", "sqlite:/shop.db"),
            ("u:s3cret@tcp(db:3307)/shop?parseTime=true", "mysql://u:PASSWORD@db:3307/shop"),
            ("u:s3:c@r(et@tcp(db)/shop", "mysql://u:PASSWORD@db/shop"),
            ("u@unix(/run/mysqld.sock)/shop", "mysql://u@/run/mysqld.sock/shop"),
            ("file:shop.db", "sqlite:shop.db"),
            ("file:///var/shop.db?mode=rw", "sqlite:/var/shop.db"),
            ("shop.db", "sqlite:shop.db"),
            ("./data/shop.sqlite3", "sqlite:./data/shop.sqlite3"),
            ("host=db port=5433 dbname=shop user=u password='s3 cret'", "postgres://u:PASSWORD@db:5433/shop"),
            ("Host=db;Port=5433;Database=shop;Username=u;Password=s3cret", "postgres://u:PASSWORD@db:5433/shop"),
            ("Server=db;Port=3307;Database=shop;Uid=u;Pwd=s3cret;", "mysql://u:PASSWORD@db:3307/shop"),
            ("server=db;user=u;database=shop;password=s3cret;SslMode=None", "mysql://u:PASSWORD@db/shop"),
            (
                "Driver={ODBC Driver 18 for SQL Server};Server=tcp:db,1444;Database=shop;Uid=sa;Pwd={s3;cret}",
                "sqlserver://sa:PASSWORD@db:1444/shop",
            ),
            (
                "DRIVER={PostgreSQL Unicode};SERVER=db;PORT=5433;DATABASE=shop;UID=u;PWD=s3cret",
                "postgres://u:PASSWORD@db:5433/shop",
            ),
            (
                "Driver={MySQL ODBC 8.0 Unicode Driver};Server=db;Database=shop;User=u;Password=s3cret",
                "mysql://u:PASSWORD@db/shop",
            ),
        ] {
            let error = text.parse::<Target>().expect_err(text);
            assert!(matches!(error, TargetError::OtherForm { .. }), "{text}: {error}");
            assert_eq!(error.hint(), format!("write {url}"), "{text}");
            assert!(!format!("{error} {error:?}").contains("s3"), "{error:?}");
        }
    }

    #[test]
    fn a_form_that_cannot_be_translated_is_named_all_the_same() {
        for text in ["jdbc:oracle:thin:@db:1521/shop", "jdbc:postgresql://db", "Driver={Oracle};Dbq=x"] {
            let error = text.parse::<Target>().expect_err(text);
            assert!(matches!(error, TargetError::OtherForm { write: None, .. }), "{text}: {error}");
        }
    }

    #[test]
    fn the_forms_that_are_read_are_no_others() {
        for text in [
            "Server=db;Database=shop;User Id=u;Password=p",
            "Server=tcp:db,1433;Initial Catalog=shop;User ID=u;Password=p;Encrypt=True",
            "postgres://u:p@db/shop?host=x&port=1",
            "sqlite:shop.db",
            "shop",
            "",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
