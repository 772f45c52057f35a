//! A client of the application as the target of a run.

use dbmigrate::error::LostConnection;
use dbmigrate::{Error, Lent};
use insta::assert_snapshot;
use tiberius::{AuthMethod, Client, Config, EncryptionLevel};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

use crate::recorder::Reply;
use crate::stage::{Stage, error};

const SCRIPT: &str = "CREATE TABLE t (id int)";

/// A client of an application that is connected to the server of a stage.
async fn client(stage: &Stage) -> Client<Compat<TcpStream>> {
    let mut config = Config::new();
    config.host("127.0.0.1");
    config.port(stage.recorder.port());
    config.database("shop");
    config.encryption(EncryptionLevel::NotSupported);
    config.authentication(AuthMethod::sql_server("shop", "secret"));
    config.application_name("the shop");
    let stream = TcpStream::connect(config.get_addr()).await.expect("it listens");
    Client::connect(config, stream.compat_write()).await.expect("it lets everybody in")
}

#[tokio::test]
async fn a_run_uses_the_client_alone_and_gives_it_back() {
    let stage =
        Stage::set(&[SCRIPT, "-- dbmigrate: no-transaction\nALTER DATABASE CURRENT SET RECOVERY SIMPLE"], |_, _| None)
            .await;
    let lent = Lent::from(client(&stage).await);
    let answer = stage.migrator_of(lent.target()).upgrade().await;
    let mut client = lent.take_back().await.expect("it is there");
    client.simple_query("SELECT 'of the application'").await.expect("it works").into_results().await.expect("it works");
    assert_snapshot!(stage.transcript(&answer));
}

#[tokio::test]
async fn a_client_in_a_transaction_is_not_touched() {
    let open = |_: usize, batch: &str| {
        let row = ["shop", "1"].map(|cell| Some(cell.to_owned()));
        batch.contains("CAST(@@TRANCOUNT AS").then(|| vec![Reply::Rows { columns: &["", ""], rows: vec![row.into()] }])
    };
    let stage = Stage::set(&[SCRIPT], open).await;
    let lent = Lent::from(client(&stage).await);
    let refused = stage.migrator_of(lent.target()).upgrade().await.expect_err("it is in a transaction");
    let said = "cannot connect to the database of a client that is lent: the client is in a transaction: end it first";
    assert_eq!(refused.to_string(), said);
    assert!(lent.take_back().await.is_ok());
    assert_eq!(stage.recorder.batches().len(), 1);
}

#[tokio::test]
async fn a_failing_batch_leaves_the_client_usable() {
    let stage = Stage::set(&[SCRIPT], |_, batch| {
        batch.contains("CREATE TABLE t ").then(|| vec![error(2714, "There is already an object named 't'.", 1)])
    });
    let stage = stage.await;
    let lent = Lent::from(client(&stage).await);
    let failed = stage.migrator_of(lent.target()).upgrade().await.expect_err("it fails");
    assert!(matches!(&failed, Error::Script { .. }), "{failed:?}");
    let mut client = lent.take_back().await.expect("it is there");
    client.simple_query("SELECT 1").await.expect("it works").into_results().await.expect("it works");
}

#[tokio::test]
async fn a_client_that_breaks_is_lost() {
    let stage = Stage::set(&[SCRIPT], |_, batch| batch.contains("CREATE TABLE t ").then(|| vec![Reply::Close])).await;
    let lent = Lent::from(client(&stage).await);
    stage.migrator_of(lent.target()).upgrade().await.expect_err("it breaks");
    assert!(matches!(lent.take_back().await, Err(LostConnection)));
    assert_eq!(stage.recorder.logins().len(), 1, "no other connection is opened");
}

#[tokio::test]
async fn a_rebuild_is_refused() {
    let stage = Stage::set(&[SCRIPT], |_, _| None).await;
    let lent = Lent::from(client(&stage).await);
    let refused = stage.migrator_of(lent.target()).rebuild().await.expect_err("it is refused");
    assert_eq!(refused.code(), "guarded");
}
