//! What the server says while a script runs. sqlx hands notices to `tracing` alone: this catches them there.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Dispatch, Level, Metadata, Subscriber, dispatcher};

use crate::event::{Event, Watcher};

/// Where sqlx sends them.
const TARGET: &str = "sqlx::postgres::notice";

/// Turns notices into events and leaves everything else to the subscriber that is in force.
pub(super) struct Notices {
    outer: Dispatch,
    watcher: Watcher,
}

impl Notices {
    pub(super) fn subscriber(watcher: Watcher) -> Dispatch {
        Dispatch::new(Self { outer: dispatcher::get_default(Dispatch::clone), watcher })
    }
}

impl Subscriber for Notices {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if metadata.target() == TARGET { Interest::always() } else { Interest::sometimes() }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // RAISE INFO arrives as TRACE
        Some(LevelFilter::TRACE)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == TARGET || self.outer.enabled(metadata)
    }

    fn event(&self, event: &tracing::Event<'_>) {
        if event.metadata().target() != TARGET {
            return self.outer.event(event);
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        self.watcher.tell(&Event::Notice { severity: severity(*event.metadata().level()), message: &message.0 });
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

/// The severity that sqlx made this level from.
const fn severity(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "NOTICE",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "INFO",
    }
}

struct Message(String);

impl Visit for Message {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            value.clone_into(&mut self.0);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
