//! Explains to the user why a connection is not secure.

use std::fmt;
use std::path::PathBuf;

use rustls::{AlertDescription, CertificateError};

use crate::error::{ErrorKind, ServerError};

/// Why there is no secure connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::engine) enum Problem {
    /// One of the client's files cannot be used.
    File(PathBuf, String),
    /// The server has no encryption.
    NotOffered,
    /// None of the trusted authorities has signed the certificate.
    Untrusted {
        /// The file with the authorities; without one, they are the system's.
        file: Option<PathBuf>,
        self_signed: bool,
    },
    /// The certificate is for another host.
    Name {
        wanted: String,
        names: Vec<String>,
    },
    /// The certificate was valid until this time.
    Expired(String),
    /// The certificate is not valid before this time.
    NotYetValid(String),
    /// The certificate is not for servers.
    Purpose,
    /// The server refuses the client's certificate, or requires one.
    Client(String),
    /// The connection ended.
    Lost(String),
    Other(String),
}

/// The advice for each problem, with the names of the engine's parameters.
pub(in crate::engine) struct Parameters {
    pub(in crate::engine) product: &'static str,
    /// What to do about an authority that is not trusted.
    pub(in crate::engine) authority: &'static str,
    pub(in crate::engine) name: &'static str,
    pub(in crate::engine) client: &'static str,
    pub(in crate::engine) file: &'static str,
    pub(in crate::engine) not_offered: &'static str,
}

impl Problem {
    /// Returns what went wrong during or after a handshake.
    pub(super) fn of(error: &std::io::Error) -> Self {
        let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else {
            return Self::Lost(error.to_string());
        };
        match error {
            rustls::Error::InvalidCertificate(CertificateError::Other(other)) => {
                other.0.downcast_ref::<Self>().cloned().unwrap_or_else(|| Self::Other(error.to_string()))
            }
            rustls::Error::AlertReceived(alert) => match alert {
                AlertDescription::UnknownCA => Self::Client("its authority is unknown to the server".into()),
                AlertDescription::CertificateExpired => Self::Client("it has expired".into()),
                AlertDescription::CertificateRevoked => Self::Client("it was revoked".into()),
                AlertDescription::CertificateRequired => Self::Client("none was sent".into()),
                AlertDescription::BadCertificate | AlertDescription::UnsupportedCertificate => {
                    Self::Client("it cannot be used".into())
                }
                alert => Self::Other(format!("the server ended the handshake: {alert:?}")),
            },
            error => Self::Other(error.to_string()),
        }
    }

    /// Returns the problem as an error of a server.
    pub(in crate::engine) fn error(&self, parameters: &Parameters) -> ServerError {
        let remedy = match self {
            Self::Untrusted { .. } => Some(parameters.authority),
            Self::Name { .. } => Some(parameters.name),
            Self::Client(_) => Some(parameters.client),
            Self::File(..) => Some(parameters.file),
            Self::NotOffered => Some(parameters.not_offered),
            Self::Expired(_) => Some("renew the server's certificate"),
            Self::NotYetValid(_) => Some("check the clocks of this machine and of the server"),
            Self::Purpose => Some("install a server certificate (extendedKeyUsage = serverAuth) on the server"),
            Self::Lost(_) | Self::Other(_) => None,
        };
        let kind = if matches!(self, Self::Lost(_)) { ErrorKind::Unreachable } else { ErrorKind::Certificate };
        ServerError { remedy, ..ServerError::new(parameters.product, self.to_string(), kind) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file, why) => write!(f, "{}: {why}", file.display()),
            Self::NotOffered => f.write_str("the URL requires TLS, but the server does not offer it"),
            Self::Untrusted { file, self_signed } => {
                f.write_str("the server's certificate is ")?;
                match (self_signed, file) {
                    (true, Some(file)) => write!(f, "self-signed, and is not in {}", file.display()),
                    (true, None) => f.write_str("self-signed, and this machine does not trust it"),
                    (false, Some(file)) => write!(f, "not signed by an authority in {}", file.display()),
                    (false, None) => f.write_str("not signed by an authority that this machine trusts"),
                }
            }
            Self::Name { wanted, names } if names.is_empty() => {
                write!(f, "the server's certificate has no name, but the host is {wanted}")
            }
            Self::Name { wanted, names } => {
                write!(f, "the server's certificate is for {}, but not for {wanted}", names.join(", "))
            }
            Self::Expired(since) => write!(f, "the server's certificate has expired: it was valid until {since}"),
            Self::NotYetValid(before) => write!(f, "the server's certificate is not valid before {before}"),
            Self::Purpose => f.write_str("the server's certificate is not a server certificate"),
            Self::Client(why) => write!(f, "the server refuses the client's certificate: {why}"),
            Self::Lost(why) => write!(f, "the connection ended in the TLS handshake: {why}"),
            Self::Other(why) => write!(f, "no secure connection: {why}"),
        }
    }
}

impl std::error::Error for Problem {}
