//! A certificate and its key, from files, for connections that others cannot read.
//!
//! TLS 1.2 and 1.3 as rustls has them by default; the files are read once, so a renewed certificate needs a restart.

use crate::error::{Error, Result};
use std::io;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Makes connections private with a certificate chain and its key, both PEM.
///
/// # Errors
/// [`Error::Io`] names the file that cannot be read, or does not fit the other.
pub fn tls(cert: &Path, key: &Path) -> Result<TlsAcceptor> {
    let of_file = |path: &Path, why: String| Error::io("use", path, io::Error::other(why));
    let certs = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
        .map_err(|error| of_file(cert, error.to_string()))?;
    if certs.is_empty() {
        return Err(of_file(cert, "there is no certificate in it".into()));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|error| of_file(key, error.to_string()))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(certs, secret))
        .map_err(|error| of_file(key, error.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
