//! From a socket to the router: HTTP/1.1, so many connections, no patience with slow heads, an end without losses.
//!
//! ApiRequest to stop, it takes no new connection; requests under way are answered and their connections closed, for so long
//! as [`GRACE`] lasts. The trap: a connection that only waits counts as one, too, so idle ones are let go of after
//! [`IDLE`].

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

/// How long the head of a request may take, and how long a connection may lie idle.
const IDLE: Duration = Duration::from_secs(30);
/// How long the two sides may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long requests under way may take when the service was asked to stop.
const GRACE: Duration = Duration::from_secs(30);
/// Bytes of the head of a request.
const MOST_OF_A_HEAD: usize = 64 << 10;

/// Serves until `stop` is done and what was under way has ended. A connection that fails concerns nobody else.
pub async fn listen(
    router: Router,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    connections: usize,
    stop: impl Future<Output = ()>,
) {
    let slots = Arc::new(Semaphore::new(connections));
    let (stopping, stopped) = watch::channel(false);
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let slot = slots.clone().acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            () = &mut stop => break,
            next = next => next,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file handles, as a rule: some connection has to end first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (router, tls, stopped) = (router.clone(), tls.clone(), stopped.clone());
        tokio::spawn(async move {
            connection(stream, router, tls, stopped).await;
            drop(slot);
        });
    }
    // Closed at once, or the system would go on taking connections that nobody serves.
    drop(listener);
    let _ = stopping.send(true);
    // All slots are free once every connection has ended.
    let _ = tokio::time::timeout(GRACE, slots.acquire_many(connections as u32)).await;
}

async fn connection(
    stream: TcpStream,
    router: Router,
    tls: Option<TlsAcceptor>,
    stopped: watch::Receiver<bool>,
) {
    // Answers are small and whole: nothing is gained by waiting for more.
    let _ = stream.set_nodelay(true);
    match tls {
        None => talk(stream, router, stopped).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                talk(stream, router, stopped).await;
            }
        }
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(IDLE).max_buf_size(MOST_OF_A_HEAD).half_close(false);
    let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut served = pin!(served);
    // What a peer does wrong on its own connection ends that connection and nothing else.
    let ended = tokio::select! {
        _ = served.as_mut() => true,
        _ = stopped.changed() => false,
    };
    if !ended {
        served.as_mut().graceful_shutdown();
        let _ = tokio::time::timeout(GRACE, served).await;
    }
}
