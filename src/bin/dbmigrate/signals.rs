//! Ctrl-C and the signal that pipelines send: the first stops the run in good order, the second at once.

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use dbmigrate::CancellationToken;

/// Listens for signals, and stops the run at the first.
#[derive(Debug, Clone)]
pub(crate) struct Signals {
    pub(crate) cancel: CancellationToken,
    received: Arc<AtomicU8>,
}

const SIGINT: u8 = 2;
#[cfg(unix)]
const SIGTERM: u8 = 15;

impl Signals {
    /// Starts to listen.
    pub(crate) fn listen() -> Self {
        let signals = Self { cancel: CancellationToken::new(), received: Arc::new(AtomicU8::new(0)) };
        let listener = signals.clone();
        tokio::spawn(async move {
            loop {
                let signal = signal().await;
                if listener.received.swap(signal, Ordering::SeqCst) != 0 {
                    std::process::exit((128 + signal).into());
                }
                listener.cancel.cancel();
            }
        });
        signals
    }

    /// The exit code of a program that a signal ended: 128 and its number.
    pub(crate) fn exit_code(&self) -> ExitCode {
        (128 + self.received.load(Ordering::SeqCst).max(SIGINT)).into()
    }
}

#[cfg(unix)]
async fn signal() -> u8 {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => SIGTERM,
        _ = tokio::signal::ctrl_c() => SIGINT,
    }
}

#[cfg(not(unix))]
async fn signal() -> u8 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => SIGINT,
        Err(_) => std::future::pending().await,
    }
}
