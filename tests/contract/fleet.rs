//! One run over many databases.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dbmigrate::fleet::{Canary, Ended, Fleet, FleetEvent, FleetLimits, FleetSummary, Member, Outcome};
use dbmigrate::{CancellationToken, Event, Migrator, Options, Scripts, UpgradeOptions};

use crate::database::Database;

contract! {
    all_databases_are_upgraded_and_the_next_run_does_nothing,
    the_others_are_upgraded_and_equal_errors_are_one_group,
    a_failing_canary_stops_the_rest,
    nothing_more_is_begun_after_too_many_failures,
    an_interrupt_begins_nothing_more_and_the_next_run_goes_through,
    no_more_than_allowed_run_at_a_time,
    a_locked_database_is_not_waited_for_longer_than_allowed,
    values_of_one_database_are_variables,
}

contract_with_rollback! {
    a_rehearsal_changes_no_database,
}

const T: &str = "CREATE TABLE t (id integer PRIMARY KEY);";
const ONE: &str = "INSERT INTO t VALUES (1);";

/// Some databases, and the scripts of the first.
struct Tenants(Vec<Database>);

impl Tenants {
    fn of(first: Database, count: usize) -> Self {
        let others = (1..count).map(|_| first.another()).collect::<Vec<_>>();
        Self([first].into_iter().chain(others).collect())
    }

    fn members(&self) -> Vec<Member> {
        let member = |(number, db): (usize, &Database)| Member::new(format!("t{number}"), db.target());
        self.0.iter().enumerate().map(member).collect()
    }

    fn fleet(&self) -> Fleet {
        Fleet::new(Scripts::from_dir(self.0[0].path("")).expect("readable"))
    }

    async fn upgrade(&self) -> FleetSummary {
        self.fleet().upgrade_with(self.members(), &UpgradeOptions::new()).await
    }

    /// What each database has in the table.
    fn counts(&self) -> String {
        let count = |db: &Database| db.query("SELECT count(*) FROM t");
        self.0.iter().map(count).collect::<Vec<_>>().join(" ")
    }
}

/// The outcomes of a summary in words.
fn said(summary: &FleetSummary) -> String {
    let outcomes = summary.outcomes.iter().map(|(outcome, count)| format!("{count} {}", outcome.as_str()));
    outcomes.collect::<Vec<_>>().join(", ")
}

fn at(summary: &FleetSummary) -> Vec<(u32, usize)> {
    summary.at.iter().map(|(number, count)| (number.get(), *count)).collect()
}

fn limits(change: impl Fn(&mut FleetLimits)) -> FleetLimits {
    let mut limits = FleetLimits::default();
    limits.parallel = NonZeroUsize::MIN;
    change(&mut limits);
    limits
}

async fn all_databases_are_upgraded_and_the_next_run_does_nothing(db: Database) {
    db.scripts([T, ONE]);
    let tenants = Tenants::of(db, 5);
    assert_eq!(said(&tenants.fleet().status(tenants.members()).await), "5 pending");
    let summary = tenants.upgrade().await;
    assert_eq!((said(&summary).as_str(), at(&summary)), ("5 upgraded", vec![(2, 5)]));
    assert_eq!(tenants.counts(), "1 1 1 1 1");
    let again = tenants.upgrade().await;
    assert_eq!((said(&again).as_str(), at(&again)), ("5 current", vec![(2, 5)]));
    assert_eq!(said(&tenants.fleet().status(tenants.members()).await), "5 current");
}

async fn the_others_are_upgraded_and_equal_errors_are_one_group(db: Database) {
    db.scripts([T]);
    let tenants = Tenants::of(db, 7);
    tenants.upgrade().await;
    tenants.0[0].script(2, ONE);
    for broken in [1, 4] {
        tenants.0[broken].query(ONE);
    }
    tenants.0[2].query("UPDATE dbmigrate_journal SET checksum = 'sha256:0000000000000000000000000000000000000000000000000000000000000000'");
    tenants.0[5].drop_database();
    let lines = Arc::new(Mutex::new(BTreeMap::new()));
    let noted = Arc::clone(&lines);
    let note = move |event: &FleetEvent<'_>| {
        if let FleetEvent::Ended(Ended { name, outcome, at, .. }) = event {
            let at = at.map(dbmigrate::Number::get);
            noted.lock().expect("no panic").insert(name.clone(), (outcome.as_str(), at));
        }
    };
    let summary = tenants.fleet().on_event(note).upgrade_with(tenants.members(), &UpgradeOptions::new()).await;
    assert_eq!(said(&summary), "3 upgraded, 2 failed, 1 refused, 1 unreachable");
    let mut groups = summary.failures.iter().map(|group| {
        let mut names = group.databases.clone();
        names.sort();
        (group.outcome.as_str(), names.join(" "))
    });
    let mut groups = groups.by_ref().collect::<Vec<_>>();
    groups.sort();
    let expected = [("failed", "t1 t4"), ("refused", "t2"), ("unreachable", "t5")];
    assert_eq!(groups, expected.map(|(outcome, names)| (outcome, names.to_owned())));
    let lines = lines.lock().expect("no panic").clone();
    let line = |name: &str| lines[name];
    assert_eq!(
        ["t0", "t1", "t2", "t5"].map(line),
        [("upgraded", Some(2)), ("failed", Some(1)), ("refused", Some(1)), ("unreachable", None)]
    );
}

async fn a_failing_canary_stops_the_rest(db: Database) {
    db.scripts([T]);
    let tenants = Tenants::of(db, 5);
    tenants.upgrade().await;
    tenants.0[0].script(2, ONE);
    tenants.0[1].query(ONE);
    let canary = limits(|limits| limits.canary = Some(Canary::Count(NonZeroUsize::new(2).expect("two"))));
    let fleet = tenants.fleet().limits(canary);
    let summary = fleet.upgrade_with(tenants.members(), &UpgradeOptions::new()).await;
    assert_eq!(said(&summary), "1 upgraded, 1 failed, 3 not-begun");
    tenants.0[1].query("DELETE FROM t");
    let summary = fleet.upgrade_with(tenants.members(), &UpgradeOptions::new()).await;
    assert_eq!(said(&summary), "4 upgraded, 1 current");
    assert_eq!(tenants.counts(), "1 1 1 1 1");
}

async fn nothing_more_is_begun_after_too_many_failures(db: Database) {
    db.scripts([T, "INSERT INTO nope VALUES (1);"]);
    let tenants = Tenants::of(db, 5);
    let fleet = tenants.fleet().limits(limits(|limits| limits.max_failures = NonZeroUsize::new(2)));
    let summary = fleet.upgrade_with(tenants.members(), &UpgradeOptions::new()).await;
    assert_eq!(said(&summary), "2 failed, 3 not-begun");
}

async fn an_interrupt_begins_nothing_more_and_the_next_run_goes_through(db: Database) {
    db.scripts([T, ONE]);
    let tenants = Tenants::of(db, 5);
    let cancel = CancellationToken::new();
    let (stop, ended) = (cancel.clone(), Arc::new(Mutex::new(0)));
    let note = move |event: &FleetEvent<'_>| {
        if matches!(event, FleetEvent::Ended(_)) {
            let mut ended = ended.lock().expect("no panic");
            *ended += 1;
            if *ended == 2 {
                stop.cancel();
            }
        }
    };
    let fleet = tenants.fleet().limits(limits(|_| ())).on_event(note).cancel_token(cancel);
    let summary = fleet.upgrade_with(tenants.members(), &UpgradeOptions::new()).await;
    assert_eq!(said(&summary), "2 upgraded, 3 not-begun");
    assert_eq!(said(&tenants.upgrade().await), "3 upgraded, 2 current");
    assert_eq!(tenants.counts(), "1 1 1 1 1");
}

async fn no_more_than_allowed_run_at_a_time(db: Database) {
    db.scripts([T]);
    let tenants = Tenants::of(db, 6);
    let is_on_a_server = tenants.0[0].target().file().is_none();
    for (parallel, per_server) in [(2, 4), (4, 2)] {
        let running = Arc::new(Mutex::new((0_usize, 0_usize)));
        let counted = Arc::clone(&running);
        let note = move |event: &FleetEvent<'_>| {
            let mut running = counted.lock().expect("no panic");
            match event {
                FleetEvent::Begun { .. } => *running = (running.0 + 1, running.1.max(running.0 + 1)),
                FleetEvent::Ended(_) => running.0 -= 1,
                _ => {}
            }
        };
        let limits = limits(|limits| {
            limits.parallel = NonZeroUsize::new(parallel).expect("not zero");
            limits.parallel_per_server = NonZeroUsize::new(per_server).expect("not zero");
        });
        tenants.fleet().limits(limits).on_event(note).status(tenants.members()).await;
        let expected = if is_on_a_server { parallel.min(per_server) } else { parallel };
        assert_eq!(running.lock().expect("no panic").1, expected);
    }
}

async fn a_locked_database_is_not_waited_for_longer_than_allowed(db: Database) {
    db.scripts([T]);
    let tenants = Tenants::of(db, 3);
    tenants.upgrade().await;
    tenants.0[0].script(2, ONE);
    let (tell, is_locked) = std::sync::mpsc::channel();
    let other = Migrator::new(tenants.0[1].target(), Scripts::from_dir(tenants.0[0].path("")).expect("readable"));
    let other = other.on_event(move |event: &Event<'_>| {
        if matches!(event, Event::Started { .. }) {
            let _ = tell.send(());
            std::thread::sleep(Duration::from_secs(2));
        }
    });
    let other = tokio::spawn(async move { other.upgrade().await });
    tokio::task::spawn_blocking(move || is_locked.recv()).await.expect("no panic").expect("it has the lock");
    let mut options = Options::default();
    options.lock_timeout = Some(Duration::ZERO);
    let summary = tenants.fleet().options(options).upgrade_with(tenants.members(), &UpgradeOptions::new()).await;
    assert_eq!(said(&summary), "2 upgraded, 1 locked");
    other.await.expect("no panic").expect("it works");
    assert_eq!(tenants.counts(), "1 1 1");
}

async fn values_of_one_database_are_variables(db: Database) {
    db.scripts([T, "INSERT INTO t VALUES ($(first));"]);
    let tenants = Tenants::of(db, 3);
    let members = tenants.members().into_iter().zip(7..);
    let members = members.map(|(member, first)| member.variable("first", first.to_string()));
    let summary = tenants.fleet().upgrade_with(members.collect(), &UpgradeOptions::new()).await;
    assert_eq!(said(&summary), "3 upgraded");
    let ids = tenants.0.iter().map(|db| db.query("SELECT id FROM t")).collect::<Vec<_>>();
    assert_eq!(ids, ["7", "8", "9"]);
}

async fn a_rehearsal_changes_no_database(db: Database) {
    db.scripts([T]);
    let tenants = Tenants::of(db, 4);
    tenants.upgrade().await;
    tenants.0[0].script(2, ONE);
    tenants.0[2].query(ONE);
    let before = tenants.0.iter().map(Database::dump).collect::<Vec<_>>();
    let summary = tenants.fleet().rehearse_with(tenants.members(), &UpgradeOptions::new()).await;
    assert_eq!(said(&summary), "3 rehearsed, 1 failed");
    assert_eq!(summary.failures[0].databases, ["t2"]);
    assert!(summary.count(Outcome::Upgraded) == 0 && summary.is_bad());
    assert!(tenants.0.iter().map(Database::dump).eq(before), "nothing was changed");
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
mod servers {
    use dbmigrate::Options;
    use dbmigrate::fleet::{Source, SourceError, Template};

    use super::{T, Tenants, said};
    use crate::database::Database;

    /// Each database is listed with what its own name begins with.
    async fn databases_are_listed_by_the_server(db: Database) {
        db.scripts([T]);
        let tenants = Tenants::of(db, 3);
        let target = tenants.0[0].target();
        let names = tenants.0.iter().map(|db| db.target().database()).collect::<Vec<_>>();
        let common = |one: &str, other: &str| one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
        let shared = names.iter().map(|name| common(name, &names[0])).min().unwrap_or_default();
        let like = format!("{}%", names[0][..shared].replace('_', "\\_"));
        let source = Source::Databases { target, like, template: None };
        let members = source.members(&Options::default()).await.expect("they are listed");
        let mut sorted = names.clone();
        sorted.sort();
        assert_eq!(members.iter().map(|member| member.name.clone()).collect::<Vec<_>>(), sorted);
        let summary = tenants.fleet().upgrade_with(members, &dbmigrate::UpgradeOptions::new()).await;
        assert_eq!(said(&summary), "3 upgraded");
    }

    async fn databases_are_listed_by_a_query(db: Database) {
        db.scripts([T, "INSERT INTO t VALUES ($(size));"]);
        let tenants = Tenants::of(db, 3);
        let target = tenants.0[0].target();
        let row = |(number, db): (usize, &Database)| {
            format!("SELECT 't{number}' AS name, '{}' AS base, {number} AS size", db.target().database())
        };
        let rows = tenants.0.iter().enumerate().map(row).collect::<Vec<_>>().join(" UNION ALL ");
        let server = tenants.0[0].url.rsplit_once('/').expect("it has a path").0;
        let asked = |sql: String, template: Option<Template>| {
            let source = Source::Query { target: target.clone(), sql, template };
            async move { source.members(&Options::default()).await }
        };
        let template = Template::new(format!("{server}/{{base}}"));
        let members = asked(format!("{rows} ORDER BY name"), Some(template.clone())).await.expect("they are listed");
        let summary = tenants.fleet().upgrade_with(members, &dbmigrate::UpgradeOptions::new()).await;
        assert_eq!(said(&summary), "3 upgraded");
        assert_eq!(tenants.0[2].query("SELECT id FROM t"), "2");
        let refused =
            |answer: Result<_, SourceError>| answer.map(|_: Vec<_>| ()).expect_err("it is refused").to_string();
        assert_eq!(refused(asked("SELECT 1 AS one".into(), None).await), "the query has no column \"name\"");
        assert_eq!(
            refused(asked("SELECT 'x' AS name".into(), None).await),
            "the query has no column \"url\", and there is no template for it"
        );
        assert_eq!(
            refused(asked("SELECT 'x' AS name".into(), Some(template)).await),
            "the query has no column \"base\""
        );
        assert_eq!(refused(asked("SELECT NULL AS name".into(), None).await), "the column \"name\" of a row is NULL");
        assert!(asked("SELECT nothing".into(), None).await.is_err());
    }

    #[cfg(feature = "postgres")]
    mod postgres {
        crate::tests! { crate::engine::postgres::Postgres: databases_are_listed_by_the_server, databases_are_listed_by_a_query }
    }
    #[cfg(feature = "mysql")]
    mod mysql {
        crate::tests! { crate::engine::mysql::Mysql: databases_are_listed_by_the_server, databases_are_listed_by_a_query }
    }
}
