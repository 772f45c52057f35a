//! A web service with its scripts in the program. In development, it upgrades its database when it starts. In production, a
//! deployment does that: the service answers 503 on `/ready` until it was done.
//!
//! `DATABASE_URL` names the database, `APP_ENV=production` is production, and `LISTEN` is the address: 127.0.0.1:3000 unless
//! it is set.

use std::env;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Router, serve};
use dbmigrate::{AtStart, Migrator, Number, Start, Target, UpgradeOptions, WaitOptions};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio::sync::watch;

#[derive(Clone)]
struct Service {
    pool: PgPool,
    readiness: watch::Receiver<Readiness>,
}

/// Whether the database is where this build needs it, and what there is to say about it.
struct Readiness {
    is_ready: bool,
    said: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    if let Err(error) = run().await {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

async fn run() -> Result<(), Box<dyn Error>> {
    let pool = PgPool::connect_lazy(&env::var("DATABASE_URL")?)?;
    let migrator = Migrator::new(Target::try_from(&pool)?, dbmigrate::embed!("examples/migrations/shop"));
    let (tell, readiness) = watch::channel(Readiness { is_ready: false, said: "starting".into() });
    if env::var("APP_ENV").is_ok_and(|env| env == "production") {
        tokio::spawn(wait(migrator, tell));
    } else {
        let create = UpgradeOptions::new().create_database(true);
        tell.send_replace(Readiness::of(&migrator.at_start_with(AtStart::Upgrade, &create).await?));
    }

    let routes = Router::new().route("/ready", get(ready)).route("/items", get(items));
    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".into());
    serve(TcpListener::bind(listen).await?, routes.with_state(Service { pool, readiness })).await?;
    Ok(())
}

/// Looks at the database until it is where this build needs it.
async fn wait(migrator: Migrator, tell: watch::Sender<Readiness>) {
    loop {
        let look = WaitOptions::new().timeout(Duration::ZERO);
        let found = migrator.wait(&look).await;
        let failed = |error: dbmigrate::Error| Readiness { is_ready: false, said: error.to_string() };
        let readiness = found.map_or_else(failed, |start| Readiness::of(&start));
        let is_ready = readiness.is_ready;
        tell.send_replace(readiness);
        if is_ready {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

impl Readiness {
    fn of(start: &Start) -> Self {
        let listed = |numbers: &[Number]| numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let said = match start {
            Start::UpToDate { .. } => "up to date".into(),
            Start::Upgraded(report) => format!("upgraded to {}", listed(report.to.as_slice())),
            Start::Ahead { at, .. } => format!("at {at}: a newer build was here"),
            Start::Pending { scripts, objects, .. } => format!("pending: {} {}", listed(scripts), objects.join(", ")),
            Start::Refused { problems } => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            other => format!("{other:?}"),
        };
        Self { is_ready: start.is_ready(), said }
    }
}

async fn ready(State(service): State<Service>) -> (StatusCode, String) {
    let readiness = service.readiness.borrow();
    let status = if readiness.is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, format!("{}\n", readiness.said))
}

async fn items(State(service): State<Service>) -> Result<String, StatusCode> {
    let lines = sqlx::query_scalar::<_, String>("SELECT line FROM price_list ORDER BY line");
    let lines = lines.fetch_all(&service.pool).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(lines.join("\n") + "\n")
}
