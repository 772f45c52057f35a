//! Encrypted connections whose certificates are verified as the servers' own clients do it.
//!
//! sqlx verifies with rustls, which differs from `libpq` and MySQL's client in ways that users notice: it trusts the
//! system's authorities in addition to the given one, ignores common names, cannot read X.509 v1 certificates (the
//! recipe in PostgreSQL's manual makes one), and refuses an authority's certificate as a server's (`openssl req -x509`
//! makes one). If anything is to be verified, this module therefore does the encryption, and a socket connects sqlx to
//! it.

mod door;
mod names;
mod problem;
mod verifier;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub(super) use self::door::{Door, relay};
pub(super) use self::problem::{Parameters, Problem};
use self::verifier::Verifier;

/// A connection to a server, through a network or a socket.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// The trusted authorities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    /// Those of the operating system.
    System,
    /// Those in a file, and no others.
    File(PathBuf),
}

/// What is verified about the server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    Nothing,
    /// That an authority has signed it.
    Chain(Roots),
    /// That an authority has signed it, and that it is the certificate of the host.
    Name(Roots),
}

/// The certificate with which a client logs in, and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

fn provider() -> Arc<CryptoProvider> {
    CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()))
}

/// Encrypts a connection to `host`.
pub(super) async fn encrypt<S: Stream>(
    stream: S,
    host: &str,
    check: &Check,
    identity: Option<&Identity>,
) -> Result<TlsStream<S>, Problem> {
    let config = config(host, check, identity)?;
    // a host that is not a TLS name is an address or a socket: it is not sent, and the verifier has the name itself
    let name = ServerName::try_from(host.to_owned())
        .unwrap_or_else(|_| ServerName::IpAddress(std::net::Ipv4Addr::LOCALHOST.into()));
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| Problem::of(&error))
}

fn config(host: &str, check: &Check, identity: Option<&Identity>) -> Result<ClientConfig, Problem> {
    let provider = provider();
    let verifier = Verifier::new(check, host, Arc::clone(&provider))?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Problem::Other(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let Some(Identity { certificate, key }) = identity else { return Ok(builder.with_no_client_auth()) };
    let chain = certificates(certificate)?;
    let mismatch = |error: rustls::Error| Problem::File(key.clone(), format!("it cannot be used: {error}"));
    builder.with_client_auth_cert(chain, private_key(key)?).map_err(mismatch)
}

fn read(file: &Path) -> Result<Vec<u8>, Problem> {
    std::fs::read(file).map_err(|error| Problem::File(file.into(), error.to_string()))
}

/// Reads the certificates in a PEM file.
fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Problem> {
    let text = read(file)?;
    let wrong = |why: String| Problem::File(file.into(), why);
    let found = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let found = found.map_err(|error| wrong(format!("it cannot be read as PEM: {error}")))?;
    if found.is_empty() { Err(wrong("it contains no certificate".into())) } else { Ok(found) }
}

/// Reads a key in PEM or DER.
fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, Problem> {
    let text = read(file)?;
    let key = PrivateKeyDer::from_pem_slice(&text).ok();
    let key = key.or_else(|| PrivateKeyDer::try_from(text.clone()).ok());
    let is_encrypted = String::from_utf8_lossy(&text).contains("ENCRYPTED");
    let why = if is_encrypted { "the key is encrypted: decrypt it first" } else { "it contains no private key" };
    key.ok_or_else(|| Problem::File(file.into(), why.into()))
}

/// Returns whether `libpq` accepts the key: only its owner may read it, or also its group if the key is root's.
#[cfg(unix)]
pub(super) fn is_private(key: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let allowed = |metadata: std::fs::Metadata| metadata.mode() & if metadata.uid() == 0 { 0o037 } else { 0o077 } == 0;
    std::fs::metadata(key).is_ok_and(allowed)
}

#[cfg(not(unix))]
pub(super) fn is_private(_key: &Path) -> bool {
    true
}
