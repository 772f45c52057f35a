//! Ctrl-C and SIGTERM: the first signal stops the run in an orderly way, the second ends the program at once.

use std::sync::atomic::{AtomicU8, Ordering};

use dbmigrate::CancellationToken;

/// The first signal that the program received, or 0.
static RECEIVED: AtomicU8 = AtomicU8::new(0);

const SIGINT: u8 = 2;
#[cfg(unix)]
const SIGTERM: u8 = 15;

/// Starts to listen for signals and returns the token that the first signal cancels.
pub(crate) fn listen() -> CancellationToken {
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    let Ok(mut signals) = Signals::new() else { return cancel };
    tokio::spawn(async move {
        loop {
            let signal = signals.next().await;
            if RECEIVED.swap(signal, Ordering::SeqCst) != 0 {
                std::process::exit((128 + signal).into());
            }
            token.cancel();
        }
    });
    cancel
}

/// The exit code of a program that a signal ended: 128 plus the signal's number.
pub(crate) fn exit_code() -> u8 {
    128 + RECEIVED.load(Ordering::SeqCst).max(SIGINT)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.terminate.recv() => SIGTERM,
            _ = self.interrupt.recv() => SIGINT,
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> u8 {
        self.0.recv().await;
        SIGINT
    }
}
