//! Captures what a server says while a script runs. The drivers pass it only to `tracing`.

use std::fmt;

use tracing::callsite::Identifier;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Level, Metadata, Subscriber, dispatcher};

/// Takes what a driver logs for one target, and leaves everything else to the subscriber that is in force.
pub(super) struct TracingTap<F> {
    outer: Dispatch,
    target: &'static str,
    hear: F,
}

impl<F: Fn(&Said) + Send + Sync + 'static> TracingTap<F> {
    /// Returns a subscriber; `target` is the one that the driver logs for.
    pub(super) fn subscriber(target: &'static str, hear: F) -> Dispatch {
        Dispatch::new(Self { outer: dispatcher::get_default(Dispatch::clone), target, hear })
    }
}

/// One message of the server.
pub(super) struct Said {
    pub(super) level: Level,
    pub(super) message: String,
    /// Its number, if the driver logs one.
    pub(super) code: Option<u64>,
    /// The driver's log statement that it comes from.
    pub(super) callsite: Identifier,
}

impl<F: Fn(&Said) + Send + Sync + 'static> Subscriber for TracingTap<F> {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.target() == self.target { Interest::always() } else { Interest::sometimes() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // what some servers call INFO arrives as TRACE
        Some(LevelFilter::TRACE)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == self.target || self.outer.enabled(metadata)
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let metadata = event.metadata();
        if metadata.target() != self.target {
            return self.outer.event(event);
        }
        let (level, callsite) = (*metadata.level(), metadata.callsite());
        let mut said = Said { level, message: String::new(), code: None, callsite };
        event.record(&mut said);
        (self.hear)(&said);
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.outer.new_span(span)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        self.outer.record(span, values);
    }

    fn record_follows_from(&self, span: &Id, follows: &Id) {
        self.outer.record_follows_from(span, follows);
    }

    fn enter(&self, span: &Id) {
        self.outer.enter(span);
    }

    fn exit(&self, span: &Id) {
        self.outer.exit(span);
    }

    fn clone_span(&self, span: &Id) -> Id {
        self.outer.clone_span(span)
    }

    fn try_close(&self, span: Id) -> bool {
        self.outer.try_close(span)
    }
}

impl Visit for Said {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "code" {
            self.code = Some(value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.message);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        }
    }
}
