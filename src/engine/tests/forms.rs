use crate::engine::Target;
use crate::engine::forms;
use crate::target::TargetError;

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
        ("file:s3cret@tcp(db)/shop", "mysql://file:PASSWORD@db/shop"),
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
        assert!(matches!(error, TargetError::OtherForm { .. }), "{text}: {error}");
        assert!(error.hint().starts_with("write sqlite:path/to/file.db, "), "{}", error.hint());
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
        assert_eq!(forms::find(text), None, "{text}");
    }
}
