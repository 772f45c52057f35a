//! Verifies a server's certificate.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

/// Verifies certificates with rustls, and those that rustls cannot read as OpenSSL does.
#[derive(Debug)]
pub(super) struct Verifier {
    /// The authorities; without them, the chain is not verified.
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
    /// The self-signed ones: a chain ends at one of them.
    roots: Vec<CertificateDer<'static>>,
    /// The others: parts of a chain.
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

    /// Verifies a signature by the key of a certificate that rustls does not read.
    fn verify_by_key(&self, message: &[u8], certificate: &CertificateDer<'_>, signed: &DigitallySignedStruct) -> bool {
        let Ok(certificate) = parse(certificate) else { return false };
        if certificate.version() != X509Version::V1 {
            return false;
        }
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
        // rustls checks only the name and the key of an authority
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let now = at(UnixTime::since_unix_epoch(now))?;
        let signs = |root: &&CertificateDer<'static>| parse(root).is_ok_and(|root| may_sign(&root, now));
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(roots.iter().filter(signs).cloned());
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
        let at = at(now)?;
        if at > validity.not_after {
            return Err(Problem::Expired(shown(validity.not_after)));
        }
        if at < validity.not_before {
            return Err(Problem::NotYetValid(shown(validity.not_before)));
        }
        if self.is_trusted_itself(end_entity) {
            return if is_for_servers(&certificate) { Ok(()) } else { Err(Problem::Purpose) };
        }
        if self.signed_plainly(&certificate, at) {
            return Ok(());
        }
        Err(match error {
            Error::InvalidCertificate(
                CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
            ) => Problem::Purpose,
            Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
                Problem::Other("the certificate of an authority in the server's chain has expired".into())
            }
            _ => Problem::Untrusted {
                file: self.file.clone(),
                self_signed: certificate.issuer() == certificate.subject(),
            },
        })
    }

    /// Returns whether the certificate is one of the roots: self-signed, and trusted by the user.
    fn is_trusted_itself(&self, end_entity: &CertificateDer<'_>) -> bool {
        self.roots.iter().any(|root| root == end_entity)
    }

    /// Returns whether one of the roots has signed this X.509 v1 certificate, which does not state its use.
    fn signed_plainly(&self, certificate: &X509Certificate<'_>, at: ASN1Time) -> bool {
        let has_signed = |root: &CertificateDer<'_>| {
            parse(root).is_ok_and(|root| {
                root.subject() == certificate.issuer()
                    && may_sign(&root, at)
                    && certificate.verify_signature(Some(root.public_key())).is_ok()
            })
        };
        let algorithm = certificate.signature_algorithm.algorithm.to_id_string();
        certificate.version() == X509Version::V1
            && certificate.extensions().is_empty()
            && !SHA1.contains(&algorithm.as_str())
            && self.roots.iter().any(has_signed)
    }
}

/// Signatures with SHA-1, which can be forged.
const SHA1: [&str; 2] = ["1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];

/// Returns whether the certificate is an authority's, and valid.
fn may_sign(root: &X509Certificate<'_>, at: ASN1Time) -> bool {
    let usage = root.key_usage().map(|usage| usage.is_none_or(|usage| usage.value.key_cert_sign()));
    root.validity().is_valid_at(at) && (root.version() == X509Version::V1 || root.is_ca()) && usage.unwrap_or(false)
}

/// Returns whether the certificate may be a server's: it does not say that it is for something else.
fn is_for_servers(certificate: &X509Certificate<'_>) -> bool {
    let usage = certificate.extended_key_usage();
    usage.is_ok_and(|usage| usage.is_none_or(|usage| usage.value.server_auth || usage.value.any))
}

/// Returns whether one of these authorities may sign for some names only.
fn are_constrained<'a>(all: impl IntoIterator<Item = &'a CertificateDer<'a>>) -> bool {
    all.into_iter().any(|one| parse(one).is_ok_and(|one| one.name_constraints().is_ok_and(|found| found.is_some())))
}

fn at(now: UnixTime) -> Result<ASN1Time, Problem> {
    let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    ASN1Time::from_timestamp(seconds).map_err(|error| Problem::Other(error.to_string()))
}

fn parse<'a>(certificate: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, Problem> {
    let unreadable = |error| Problem::Other(format!("the server's certificate cannot be read: {error}"));
    X509Certificate::from_der(certificate).map(|(_, certificate)| certificate).map_err(unreadable)
}

fn shown(time: ASN1Time) -> String {
    // the end of the year 9999
    const LAST: u64 = 253_402_300_799;
    let seconds = Duration::from_secs(u64::try_from(time.timestamp()).unwrap_or_default().min(LAST));
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
            let own = self.chain.iter().flat_map(|chain| {
                let roots = chain.roots.iter().filter(|_| chain.file.is_some());
                chain.between.iter().chain(roots)
            });
            let constrained = are_constrained(intermediates) || are_constrained(own);
            if let Some(names) = names::mismatch(&certificate, host, constrained) {
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
