//! The verification of a server's certificate.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Version;

use super::{Check, Problem, Roots, certificates, names};

/// Verifies with rustls, and what that cannot read as OpenSSL does.
#[derive(Debug)]
pub(super) struct Verifier {
    /// Nothing is verified without.
    chain: Option<Chain>,
    /// The name that the certificate must have.
    host: Option<String>,
    provider: Arc<CryptoProvider>,
}

/// The authorities.
#[derive(Debug)]
struct Chain {
    file: Option<PathBuf>,
    webpki: Option<Arc<WebPkiServerVerifier>>,
    /// Those that have signed themselves: a chain ends at one of them.
    roots: Vec<CertificateDer<'static>>,
    /// The others of the file: parts of a chain.
    between: Vec<CertificateDer<'static>>,
}

impl Verifier {
    pub(super) fn new(check: &Check, host: &str, provider: Arc<CryptoProvider>) -> Result<Self, Problem> {
        let (roots, host) = match check {
            Check::Nothing => (None, None),
            Check::Chain(roots) => (Some(roots), None),
            Check::Name(roots) => (Some(roots), Some(host.to_owned())),
        };
        let chain = roots.map(|roots| Chain::new(roots, &provider)).transpose()?;
        Ok(Self { chain, host, provider })
    }

    /// A signature by a key of a certificate that rustls does not read.
    fn verify_by_key(&self, message: &[u8], certificate: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> bool {
        let Ok(certificate) = parse(certificate) else { return false };
        let key = &certificate.public_key().subject_public_key.data;
        let schemes = self.provider.signature_verification_algorithms.mapping.iter();
        let mut algorithms = schemes.filter(|(scheme, _)| *scheme == signed.scheme).flat_map(|(_, all)| *all);
        algorithms.any(|algorithm| algorithm.verify_signature(key, message, signed.signature()).is_ok())
    }
}

impl Chain {
    fn new(roots: &Roots, provider: &Arc<CryptoProvider>) -> Result<Self, Problem> {
        let (file, all) = match roots {
            Roots::System => (None, rustls_native_certs::load_native_certs().certs),
            Roots::File(file) => (Some(file.clone()), certificates(file)?),
        };
        let is_root = |certificate: &CertificateDer<'_>| {
            parse(certificate).is_ok_and(|certificate| certificate.issuer() == certificate.subject())
        };
        let readable = all.into_iter().filter(|certificate| parse(certificate).is_ok());
        let (roots, between): (Vec<_>, Vec<_>) = readable.partition(is_root);
        if let (Some(file), true) = (&file, roots.is_empty() && between.is_empty()) {
            return Err(Problem::File(file.clone(), "no certificate in it can be read".into()));
        }
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(roots.iter().cloned());
        let builder = WebPkiServerVerifier::builder_with_provider(Arc::new(store), Arc::clone(provider));
        Ok(Self { file, webpki: builder.build().ok(), roots, between })
    }

    fn verify(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Problem> {
        let others = intermediates.iter().chain(&self.between).cloned().collect::<Vec<_>>();
        let webpki = self.webpki.as_ref().ok_or(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        let answer = webpki.and_then(|webpki| webpki.verify_server_cert(end_entity, &others, server_name, &[], now));
        let error = match answer {
            Ok(_)
            | Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => return Ok(()),
            Err(error) => error,
        };
        let certificate = parse(end_entity)?;
        let validity = certificate.validity();
        let at = ASN1Time::from_timestamp(i64::try_from(now.as_secs()).unwrap_or(i64::MAX))
            .map_err(|error| Problem::Other(error.to_string()))?;
        if at > validity.not_after {
            return Err(Problem::Expired(shown(validity.not_after)));
        }
        if at < validity.not_before {
            return Err(Problem::NotYetValid(shown(validity.not_before)));
        }
        if self.is_trusted_itself(end_entity) || self.signed_plainly(&certificate, at) {
            return Ok(());
        }
        Err(match error {
            Error::InvalidCertificate(
                CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
            ) => Problem::Purpose,
            Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
                Problem::Other("a certificate of the server's authorities has expired".into())
            }
            _ => Problem::Untrusted {
                file: self.file.clone(),
                self_signed: certificate.issuer() == certificate.subject(),
            },
        })
    }

    /// The certificate is one of the roots: self-signed, and named as trusted.
    fn is_trusted_itself(&self, end_entity: &CertificateDer<'_>) -> bool {
        self.roots.iter().any(|root| root == end_entity)
    }

    /// A certificate of X.509 v1, which says nothing of its use, that one of the roots has signed.
    fn signed_plainly(&self, certificate: &X509Certificate<'_>, at: ASN1Time) -> bool {
        let has_signed = |root: &CertificateDer<'_>| {
            parse(root).is_ok_and(|root| {
                root.subject() == certificate.issuer()
                    && root.validity().is_valid_at(at)
                    && (root.version() == X509Version::V1 || root.is_ca())
                    && certificate.verify_signature(Some(root.public_key())).is_ok()
            })
        };
        certificate.version() == X509Version::V1 && self.roots.iter().any(has_signed)
    }
}

fn parse<'a>(certificate: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, Problem> {
    let unreadable = |error| Problem::Other(format!("the server's certificate cannot be read: {error}"));
    X509Certificate::from_der(certificate).map(|(_, certificate)| certificate).map_err(unreadable)
}

fn shown(time: ASN1Time) -> String {
    let seconds = Duration::from_secs(u64::try_from(time.timestamp()).unwrap_or_default());
    humantime::format_rfc3339_seconds(UNIX_EPOCH + seconds).to_string()
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refused =
            |problem: Problem| Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(problem))));
        if let Some(chain) = &self.chain {
            chain.verify(end_entity, intermediates, server_name, now).map_err(refused)?;
        }
        if let Some(host) = &self.host {
            let certificate = parse(end_entity).map_err(refused)?;
            if let Some(names) = names::mismatch(&certificate, host) {
                return Err(refused(Problem::Name { wanted: host.clone(), names }));
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms).or_else(|error| {
            self.verify_by_key(message, certificate, signed).then(HandshakeSignatureValid::assertion).ok_or(error)
        })
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms).or_else(|error| {
            self.verify_by_key(message, certificate, signed).then(HandshakeSignatureValid::assertion).ok_or(error)
        })
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
