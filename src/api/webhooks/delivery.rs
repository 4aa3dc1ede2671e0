//! One POST to one address: the only thing of adlink that calls anybody.
//!
//! The address given is the address asked: no redirect is followed, no proxy is looked for, and of an answer only its
//! status is read. The trap: an answer may come late, or never; whoever waits for it has a bound.

use super::target::{WebhookSecret, WebhookTarget};
use crate::error::{Error, Result};
use crate::record::hex;
use axum::body::{Body, Bytes};
use hyper::client::conn::http1;
use hyper::{Request, header};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long a delivery may take, the connection included.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who delivers.
pub(super) struct WebhookClient {
    /// For addresses that want it; knows the certificates that this machine trusts.
    tls: Option<TlsConnector>,
    secret: Option<WebhookSecret>,
}

impl WebhookClient {
    /// # Errors
    /// [`Error::Io`] when there is an `https://` address and no certificate that this machine trusts.
    pub(super) fn new(targets: &[WebhookTarget], secret: Option<WebhookSecret>) -> Result<Self> {
        let is_secure = targets.iter().any(|target| target.is_secure);
        Ok(Self { tls: is_secure.then(tls).transpose()?, secret })
    }

    /// Delivers a body; why not, when it was not taken with a status of 2xx.
    pub(super) async fn deliver(&self, target: &WebhookTarget, body: Bytes) -> Result<(), String> {
        let told = tokio::time::timeout(PATIENCE, self.send(target, body)).await;
        match told {
            Ok(Ok(status)) if (200..300).contains(&status) => Ok(()),
            Ok(Ok(status)) => Err(format!("answered with {status}")),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => Err(format!("no answer within {} seconds", PATIENCE.as_secs())),
        }
    }

    async fn send(&self, target: &WebhookTarget, body: Bytes) -> io::Result<u16> {
        let request = self.request(target, body).map_err(io::Error::other)?;
        let stream = TcpStream::connect((target.host.as_str(), target.port)).await?;
        match &self.tls {
            Some(tls) if target.is_secure => {
                let name = ServerName::try_from(target.host.clone()).map_err(io::Error::other)?;
                exchange(tls.connect(name, stream).await?, request).await
            }
            _ => exchange(stream, request).await,
        }
    }

    fn request(&self, target: &WebhookTarget, body: Bytes) -> Result<Request<Body>, hyper::http::Error> {
        let (path, host) = (target.address.path_and_query(), target.address.authority());
        let mut request = Request::post(path.map_or("/", |path| path.as_str()))
            .header(header::HOST, host.map_or("", |host| host.as_str()))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("adlink/", env!("CARGO_PKG_VERSION")));
        if let Some(secret) = &self.secret {
            let time = Timestamp::now().as_second();
            request = request
                .header("x-adlink-timestamp", time)
                .header("x-adlink-signature", format!("sha256={}", hex(&secret.sign(time, &body))));
        }
        request.body(Body::from(body))
    }
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Body>,
) -> io::Result<u16> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request).await;
    connection.abort();
    answer.map(|answer| answer.status().as_u16()).map_err(io::Error::other)
}

fn tls() -> Result<TlsConnector> {
    let failed = |error: io::Error| Error::io("read", "the certificates that this machine trusts", error);
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let why = found.errors.first().map_or_else(|| "there is none".to_string(), ToString::to_string);
        return Err(failed(io::Error::other(why)));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(io::Error::other(error)))?;
    let config = config.with_root_certificates(roots).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
