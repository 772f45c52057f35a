//! The cryptography of TLS.

use rustls::crypto::{CryptoProvider, ring};

/// Chooses the cryptography of TLS for this process if its program has not: with two in the build, rustls chooses none.
pub(super) fn choose() {
    if CryptoProvider::get_default().is_none() {
        // another thread may be faster
        let _ = ring::default_provider().install_default();
    }
}
