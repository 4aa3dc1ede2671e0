//! From a socket to the router: HTTP/1.1, a bounded number of connections, no patience with slow heads.
//!
//! Own accept loop rather than the framework's, which has neither limit.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Connections served at a time; a browser opens six. Silent ones are let go of after [`HEAD`], so who opens hundreds
/// of them keeps nobody out for longer.
const CONNECTIONS: usize = 512;

/// How long the head of a request may take, and how long a connection may lie idle.
const HEAD: Duration = Duration::from_secs(10);

/// Serves until the process ends. A connection that fails concerns nobody else.
pub async fn serve(router: Router, listener: TcpListener) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(slot) = slots.clone().acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file handles, as a rule: some connection has to end first.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let mut http = http1::Builder::new();
            http.timer(TokioTimer::new()).header_read_timeout(HEAD);
            // What a peer does wrong on its own connection ends that connection and nothing else.
            let _ = http.serve_connection(TokioIo::new(stream), service).await;
            drop(slot);
        });
    }
}
