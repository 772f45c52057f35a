//! A schema that stands for the database: the server looks for unqualified names in the default schema of the user.

use dbmigrate::{Target, UpgradeOptions};
use insta::assert_snapshot;

use crate::recorder::Reply;
use crate::stage::{Stage, cell};

const TABLE: &str = "CREATE TABLE item (id int);\n";

/// A server on which the user's default schema is this one; without one, `acme` does not exist.
fn default_schema(schema: Option<&'static str>) -> impl Fn(usize, &str) -> Option<Vec<Reply>> {
    move |_: usize, batch: &str| match batch {
        _ if batch.contains("SCHEMA_ID()") => Some(schema.map_or_else(Vec::new, cell)),
        _ if batch.contains("OBJECT_ID(N'[acme].[dbmigrate_journal]', 'U')") => Some(cell("0")),
        _ => None,
    }
}

fn target(stage: &Stage) -> Target {
    stage.url("shop").parse::<Target>().and_then(|target| target.with_schema("acme")).expect("a schema")
}

#[tokio::test]
async fn the_journal_is_in_the_schema_and_nothing_else_counts() {
    let stage = Stage::set(&[TABLE], default_schema(Some("acme"))).await;
    let answer = stage.migrator_of(target(&stage)).upgrade().await;
    assert_snapshot!(stage.transcript(&answer));
}

#[tokio::test]
async fn a_user_whose_names_mean_another_schema_is_refused() {
    let stage = Stage::set(&[TABLE], default_schema(Some("dbo"))).await;
    let answer = stage.migrator_of(target(&stage)).upgrade().await;
    assert_snapshot!(stage.transcript(&answer));
}

#[tokio::test]
async fn a_schema_that_does_not_exist_is_created_only_on_request() {
    let stage = Stage::set(&[TABLE], default_schema(None)).await;
    let migrator = stage.migrator_of(target(&stage));
    let error = migrator.upgrade().await.expect_err("it does not exist");
    assert_eq!(error.server().map(|error| &*error.message), Some("schema \"acme\" does not exist"));
    assert!(!stage.sent().iter().any(|batch| batch.contains("CREATE SCHEMA")));
    let create = UpgradeOptions::new().create_database(true);
    migrator.upgrade_with(&create).await.expect_err("the server of the test forgets it");
    assert!(stage.sent().iter().any(|batch| batch.ends_with("CREATE SCHEMA [acme]")), "{:#?}", stage.sent());
}
