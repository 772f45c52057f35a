//! How a worker is, over HTTP: `/live`, `/ready` and `/metrics`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use dbmigrate::worker::WorkerEvent;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use tokio::net::TcpListener;

/// What is known of a worker.
pub(crate) struct Health {
    registry: Registry,
    messages: Family<Outcome, Counter>,
    in_flight: Gauge,
    seconds: Histogram,
    last_poll: Gauge<i64, AtomicI64>,
    is_ready: AtomicBool,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

impl Health {
    pub(crate) fn new() -> Self {
        let (messages, in_flight, last_poll) =
            (Family::<Outcome, Counter>::default(), Gauge::default(), Gauge::default());
        // from 10 ms to about 11 minutes
        let seconds = Histogram::new(exponential_buckets(0.01, 4.0, 9));
        let mut registry = Registry::with_prefix("dbmigrate");
        registry.register("messages", "Messages by what has come of them", messages.clone());
        registry.register("messages_in_flight", "Messages that are being handled", in_flight.clone());
        registry.register_with_unit("message_duration", "How long messages took", Unit::Seconds, seconds.clone());
        let polled = "When the queue answered last, in seconds since 1970";
        registry.register_with_unit("last_poll_timestamp", polled, Unit::Seconds, last_poll.clone());
        Self { registry, messages, in_flight, seconds, last_poll, is_ready: AtomicBool::new(false) }
    }

    pub(crate) fn take(&self, event: &WorkerEvent<'_>) {
        match event {
            WorkerEvent::Polled => {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
                self.last_poll.set(i64::try_from(now).unwrap_or(i64::MAX));
                self.is_ready.store(true, Ordering::Relaxed);
            }
            WorkerEvent::Unreachable { .. } | WorkerEvent::Stopping { .. } => {
                self.is_ready.store(false, Ordering::Relaxed);
            }
            WorkerEvent::Begun { .. } => {
                self.in_flight.inc();
            }
            WorkerEvent::Ended { handled, duration, .. } => {
                self.in_flight.dec();
                self.seconds.observe(duration.as_secs_f64());
                self.messages.get_or_create(&Outcome { outcome: handled.verdict.as_str() }).inc();
            }
            _ => {}
        }
    }

    fn metrics(&self) -> String {
        let mut text = String::new();
        // writing to a text cannot fail
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// Serves what is known until the program ends.
pub(crate) async fn serve(health: Arc<Health>, address: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(address).await.with_context(|| format!("--health {address} cannot be served"))?;
    let (ready, metrics) = (Arc::clone(&health), health);
    let ready = move || async move {
        if ready.is_ready.load(Ordering::Relaxed) {
            (StatusCode::OK, "ready\n")
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    };
    let metrics = move || async move {
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        ([(header::CONTENT_TYPE, kind)], metrics.metrics()).into_response()
    };
    let router = Router::new()
        .route("/live", get(|| async { "live\n" }))
        .route("/ready", get(ready))
        .route("/metrics", get(metrics));
    tokio::spawn(async move {
        let _ = axum::serve(listener, router).await;
    });
    Ok(())
}
