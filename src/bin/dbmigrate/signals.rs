//! Ctrl-C and the signal that pipelines send: the first stops the run in good order, the second at once.

use std::sync::atomic::{AtomicU8, Ordering};

use dbmigrate::CancellationToken;

/// The signal that came first.
static RECEIVED: AtomicU8 = AtomicU8::new(0);

const SIGINT: u8 = 2;
#[cfg(unix)]
const SIGTERM: u8 = 15;

/// Listens for signals: what stops the run at the first.
pub(crate) fn listen() -> CancellationToken {
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    tokio::spawn(async move {
        loop {
            let signal = signal().await;
            if RECEIVED.swap(signal, Ordering::SeqCst) != 0 {
                std::process::exit((128 + signal).into());
            }
            token.cancel();
        }
    });
    cancel
}

/// The exit code of a program that a signal ended: 128 and its number.
pub(crate) fn exit_code() -> u8 {
    128 + RECEIVED.load(Ordering::SeqCst).max(SIGINT)
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
