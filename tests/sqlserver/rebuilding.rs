//! Rebuilds: beside the old database, or in its place.

use insta::assert_snapshot;

use crate::recorder::Reply;
use crate::stage::{Stage, cell, cells, error};

const SCRIPT: &str = "USE [shop]\nGO\nCREATE TABLE t (id int)";

/// A server with a database `shop`, where everything works that `refuse` lets work.
async fn stage(refuse: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static) -> Stage {
    let answer = move |_: usize, batch: &str| match batch {
        _ if let Some(error) = refuse(batch) => Some(vec![error]),
        _ if batch == "SELECT name FROM sys.databases WHERE name = N'shop'" => Some(cell("shop")),
        _ if batch == "SELECT name FROM sys.databases" => Some(cells(&["master", "shop", "shop_dbmigrate_x"])),
        _ if batch.contains("collation_name <>") => Some(cell("Latin1_General_CS_AS")),
        _ if batch.contains("compatibility_level <>") => {
            Some(cell("ALTER DATABASE [shop_dbmigrate_x] SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE"))
        }
        _ if batch.contains("ALTER AUTHORIZATION ON DATABASE::'") => {
            Some(cell("ALTER AUTHORIZATION ON DATABASE::[shop] TO [sa]"))
        }
        _ if batch.contains("dm_exec_sessions") => Some(cells(&["61", "62"])),
        _ => None,
    };
    Stage::set(&[SCRIPT], answer).await
}

async fn rebuild(stage: &Stage) -> String {
    let answer = stage.migrator().rebuild().await;
    stage.transcript(&answer)
}

#[tokio::test]
async fn the_new_database_gets_the_name_of_the_old_one() {
    assert_snapshot!(rebuild(&stage(|_| None).await).await);
}

#[tokio::test]
async fn a_server_that_cannot_rename_drops_and_creates() {
    let stage = stage(|batch| {
        let renames = batch.contains("MODIFY NAME");
        renames.then(|| error(5011, "User does not have permission to alter database.", 1))
    });
    assert_snapshot!(rebuild(&stage.await).await);
}

#[tokio::test]
async fn without_single_user_mode_sessions_are_ended_one_by_one() {
    let stage = stage(|batch| {
        let alone = batch.contains("SINGLE_USER");
        alone.then(|| error(5058, "Option 'SINGLE_USER' cannot be set in database 'shop'.", 1))
    });
    assert_snapshot!(rebuild(&stage.await).await);
}

#[tokio::test]
async fn the_old_database_gets_its_name_back_when_the_exchange_fails() {
    let stage = stage(|batch| {
        let takes = batch.ends_with("MODIFY NAME = [shop]") && !batch.contains("_old]");
        takes.then(|| error(5030, "The database could not be exclusively locked to perform the operation.", 1))
    });
    assert_snapshot!(rebuild(&stage.await).await);
}

#[tokio::test]
async fn a_script_that_fails_keeps_the_old_database() {
    let stage = stage(|batch| batch.starts_with("CREATE TABLE t").then(|| error(2714, "There is already one.", 1)));
    assert_snapshot!(rebuild(&stage.await).await);
}

#[tokio::test]
async fn an_owner_that_may_not_be_named_is_a_warning() {
    let stage = stage(|batch| {
        let hands = batch.starts_with("ALTER AUTHORIZATION");
        hands.then(|| error(15151, "Cannot find the principal 'sa', because you do not have permission.", 1))
    });
    let told = rebuild(&stage.await).await;
    assert!(
        told.contains("warning: the owner is left over from the old database: Cannot find the principal 'sa'"),
        "{told}"
    );
}

#[tokio::test]
async fn an_existing_database_that_is_closed_is_not_replaced() {
    let greet = |_: usize, login: &crate::recorder::Login| {
        let message = "Cannot open database \"shop\" requested by the login. The login failed.";
        if login.database == "shop" { Err(vec![error(4060, message, 1)]) } else { Ok(()) }
    };
    let answer = |_: usize, batch: &str| match batch {
        _ if batch.contains("user_access_desc") => Some(cell("restoring, multi_user")),
        _ if batch.contains("WHERE name = N'shop'") => Some(cell("shop")),
        _ => None,
    };
    let stage = Stage::set_greeting(&[SCRIPT], greet, answer).await;
    let told = rebuild(&stage).await;
    let why = "the database exists (restoring, multi_user), but this login cannot open it";
    assert!(told.contains(why) && !told.contains("CREATE DATABASE"), "{told}");
}
