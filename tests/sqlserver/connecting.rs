//! Logging in, and creating the database first.

use dbmigrate::UpgradeOptions;
use insta::assert_snapshot;

use crate::recorder::Reply;
use crate::stage::{Stage, cell, error};

const SCRIPT: &str = "CREATE TABLE t (id int)";

fn no_database() -> Vec<Reply> {
    let message = "Cannot open database \"shop\" requested by the login. The login failed.";
    vec![error(4060, message, 1), error(18456, "Login failed for user 'deployer'.", 1)]
}

#[tokio::test]
async fn a_connection_string_logs_in() {
    let stage = Stage::set(&[SCRIPT], |_, _| None).await;
    let string = format!(
        "Data Source=tcp:127.0.0.1,{};Initial Catalog=shop;User ID=deployer;Password='se;cret';Encrypt=False;\
         Application Name=Deploy;MultipleActiveResultSets=True;Connect Timeout=5",
        stage.recorder.port()
    );
    stage.migrator_to(&string).status().await.expect("it answers");
    let (_, login) = stage.recorder.logins().remove(0);
    let said = [login.user, login.password, login.application, login.database].join("|");
    assert_eq!((said.as_str(), login.token), ("deployer|se;cret|Deploy|shop", None));
}

#[tokio::test]
async fn an_access_token_logs_in() {
    let stage = Stage::set(&[SCRIPT], |_, _| None).await;
    // a variable that is there whenever tests run
    let variable = "CARGO_MANIFEST_DIR";
    let text = format!(
        "Server=127.0.0.1,{};Database=shop;Encrypt=False;Authentication=Active Directory Default;\
         AccessTokenVariable={variable}",
        stage.recorder.port()
    );
    stage.migrator_to(&text).status().await.expect("it answers");
    let (_, login) = stage.recorder.logins().remove(0);
    assert_eq!((login.token.as_deref(), login.password.as_str()), (Some(env!("CARGO_MANIFEST_DIR")), ""));
}

#[tokio::test]
async fn an_existing_database_needs_no_rights_on_master() {
    let greet = |_: usize, login: &crate::recorder::Login| {
        if login.database == "shop" { Ok(()) } else { Err(no_database()) }
    };
    let stage = Stage::set_greeting(&[SCRIPT], greet, |_, _| None).await;
    let answer = stage.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await;
    assert!(answer.is_ok(), "{answer:?}");
    assert!(stage.recorder.logins().iter().all(|(_, login)| login.database == "shop"));
}

#[tokio::test]
async fn a_login_that_is_refused_says_why() {
    let refuse = |_: usize, _: &_| Err(vec![error(18456, "Login failed for user 'deployer'.", 1)]);
    let stage = Stage::set_greeting(&[SCRIPT], refuse, |_, _| None).await;
    assert_snapshot!(stage.upgrade().await);
}

#[tokio::test]
async fn a_missing_database_is_created_when_that_is_asked_for() {
    let created = std::sync::atomic::AtomicBool::new(false);
    let created = std::sync::Arc::new(created);
    let made = std::sync::Arc::clone(&created);
    let greet = move |_: usize, login: &crate::recorder::Login| {
        let there = login.database == "master" || created.load(std::sync::atomic::Ordering::Relaxed);
        if there { Ok(()) } else { Err(no_database()) }
    };
    let answer = move |_: usize, batch: &str| {
        if batch.starts_with("CREATE DATABASE") {
            made.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        None
    };
    let stage = Stage::set_greeting(&[SCRIPT], greet, answer).await;
    assert_snapshot!(stage.upgrade().await);
    let answer = stage.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await;
    assert_snapshot!(stage.transcript(&answer));
}

/// Another run is in the middle of creating it: it exists, but cannot be opened yet.
#[tokio::test]
async fn a_database_that_another_run_creates_is_waited_for() {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let tries = AtomicUsize::new(0);
    let greet = move |_: usize, login: &crate::recorder::Login| {
        let early = login.database != "master" && tries.fetch_add(1, Ordering::Relaxed) < 4;
        if early { Err(no_database()) } else { Ok(()) }
    };
    let stage = Stage::set_greeting(&[SCRIPT], greet, |_, batch: &str| match batch {
        _ if batch.contains("DATEDIFF(second, create_date") => Some(cell("1")),
        _ if batch.contains("sys.databases") => Some(cell("shop")),
        _ => None,
    })
    .await;
    let answer = stage.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await;
    let told = stage.transcript(&answer);
    assert!(told.contains("nothing -> 0001") && !told.contains("CREATE DATABASE"), "{told}");
}

#[tokio::test]
async fn a_database_that_may_not_be_opened_is_not_created() {
    let greet = |_: usize, login: &crate::recorder::Login| {
        if login.database == "master" { Ok(()) } else { Err(no_database()) }
    };
    let stage =
        Stage::set_greeting(&[SCRIPT], greet, |_, batch: &str| batch.contains("sys.databases").then(|| cell("shop")))
            .await;
    let answer = stage.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await;
    assert_snapshot!(stage.transcript(&answer));
}

#[tokio::test]
async fn a_login_without_the_right_to_create_databases_learns_why() {
    let greet = |_: usize, login: &crate::recorder::Login| {
        if login.database == "master" { Ok(()) } else { Err(no_database()) }
    };
    let denied = |_: usize, batch: &str| {
        let message = "CREATE DATABASE permission denied in database 'master'.";
        batch.starts_with("CREATE DATABASE").then(|| vec![error(262, message, 1)])
    };
    let stage = Stage::set_greeting(&[SCRIPT], greet, denied).await;
    let answer = stage.migrator().upgrade_with(&UpgradeOptions::new().create_database(true)).await;
    assert_snapshot!(stage.transcript(&answer));
}

#[tokio::test]
async fn a_server_that_redirects_is_followed() {
    let there = Stage::set(&[SCRIPT], |_, _| None).await;
    let port = there.recorder.port();
    let route = move |_: usize, _: &_| Err(vec![Reply::Routing { host: "127.0.0.1".into(), port }]);
    let here = Stage::set_greeting(&[SCRIPT], route, |_, _| None).await;
    here.migrator().status().await.expect("the other one answers");
    assert_eq!((here.recorder.batches().len(), there.recorder.logins().len()), (0, 1));
}

#[tokio::test]
async fn a_server_that_cannot_encrypt_is_refused_where_encryption_is_mandatory() {
    let stage = Stage::set(&[SCRIPT], |_, _| None).await;
    let url = format!("sqlserver://deployer:secret@127.0.0.1:{}/shop", stage.recorder.port());
    let error = stage.migrator_to(&url).status().await.expect_err("it cannot encrypt");
    assert_snapshot!(crate::outcome::error(&error).join("\n").replace(&stage.recorder.port().to_string(), "[port]"));
    assert!(stage.recorder.logins().is_empty());
}

#[tokio::test]
async fn a_missing_server_is_unreachable() {
    let port = Stage::set(&[SCRIPT], |_, _| None).await.recorder.port();
    let stage = Stage::set(&[SCRIPT], |_, _| None).await;
    let url = format!("sqlserver://deployer:secret@127.0.0.1:{port}/shop?encrypt=no");
    let error = stage.migrator_to(&url).status().await.expect_err("no server listens");
    assert_snapshot!(crate::outcome::error(&error).join("\n").replace(&port.to_string(), "[port]"));
}

/// With `Encrypt=Strict`, the first thing is TLS, which a server without TDS 8.0 takes for a broken packet.
#[tokio::test]
async fn a_server_without_tds_8_is_named_as_the_cause() {
    let stage = Stage::set(&[SCRIPT], |_, _| None).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it is bound").port();
    std::thread::spawn(move || {
        use std::io::Read as _;
        for mut client in listener.incoming().flatten() {
            let _ = client.read(&mut [0; 16]);
        }
    });
    let url = format!("sqlserver://deployer:secret@127.0.0.1:{port}/shop?encrypt=strict");
    let error = stage.migrator_to(&url).status().await.expect_err("it has no TDS 8.0");
    let told = crate::outcome::error(&error).join("\n");
    assert!(told.contains("Encrypt=Strict needs a server that speaks TDS 8.0"), "{told}");
}

/// What `OBJECT_ID` does not show is looked for: only the error for a missing table means that it is missing.
#[tokio::test]
async fn an_error_about_the_journal_is_not_taken_for_its_absence() {
    for (number, message, absent) in [
        (208, "Invalid object name 'dbo.dbmigrate_journal'.", true),
        (229, "The SELECT permission was denied on the object 'dbmigrate_journal'.", false),
        (824, "SQL Server detected a logical consistency-based I/O error.", false),
        (942, "Database 'shop' cannot be opened because it is offline.", false),
    ] {
        let answer = move |_: usize, batch: &str| match batch {
            _ if batch.contains("OBJECT_ID(") && batch.contains("THEN 0 ELSE 1") => Some(cell("0")),
            _ if batch.starts_with("SELECT TOP (0) 1 FROM") => Some(vec![error(number, message, 1)]),
            _ => None,
        };
        let stage = Stage::set(&[SCRIPT], answer).await;
        let told = stage.upgrade().await;
        assert_eq!(told.contains("nothing -> 0001"), absent, "{number}: {told}");
        assert!(absent || told.contains(message), "{number}: {told}");
    }
}
