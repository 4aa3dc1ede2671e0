//! Follows the change feed for each webhook, each at its own pace.
//!
//! The trap: a place moves on only once the receiver has taken what lies before it, so one that is down is tried again,
//! less and less often, and for ever.

use super::delivery::WebhookClient;
use super::target::WebhookTarget;
use crate::api::state::service::Service;
use crate::api::v1::changes::{ChangePage, page};
use crate::error::{Error, Result};
use axum::body::Bytes;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Changes of one delivery.
const TOGETHER: usize = 100;
/// How often the feed is looked at where there was nothing.
const PAUSE: Duration = Duration::from_millis(500);
/// How long is waited after a failure: at first, and at the most.
const WAITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(300));

/// Makes ready to tell all webhooks of a service what happens. What comes out does so for ever: it is to be spawned beside
/// the service, and to be aborted before that closes.
///
/// # Errors
/// [`Error::Io`] when an address wants the certificates that this machine trusts, and there are none.
pub fn tell_webhooks(service: &Arc<Service>) -> Result<impl Future<Output = ()> + Send + 'static> {
    let targets = service.options.webhooks.clone();
    let client = Arc::new(WebhookClient::new(&targets, service.options.webhook_secret.clone())?);
    let service = service.clone();
    Ok(async move {
        let mut followers = tokio::task::JoinSet::new();
        for (place, target) in targets.into_iter().enumerate() {
            followers.spawn(follow(service.clone(), client.clone(), place + 1, target));
        }
        while followers.join_next().await.is_some() {}
    })
}

async fn follow(service: Arc<Service>, client: Arc<WebhookClient>, number: usize, target: WebhookTarget) {
    let address = target.to_string();
    let mut wait = WAITS.0;
    loop {
        match told(&service, &client, &target, &address).await {
            Ok(true) => wait = WAITS.0,
            Ok(false) => tokio::time::sleep(PAUSE).await,
            Err(why) => {
                service.webhooks.failed();
                let seconds = wait.as_secs();
                // By its number: an address may hold a secret of the receiver.
                (service.log)(&format!("webhook {number}: {why}; again in {seconds} s"));
                tokio::time::sleep(wait).await;
                wait = (2 * wait).min(WAITS.1);
            }
        }
    }
}

/// Tells what comes next; false when there is nothing.
async fn told(
    service: &Arc<Service>,
    client: &WebhookClient,
    target: &WebhookTarget,
    address: &str,
) -> Result<bool, String> {
    let since = service.webhooks.told(address);
    let reading = service.clone();
    let page = blocking(move || reading.readers.ask(|case| page(case, since, TOGETHER))).await;
    let ChangePage { changes, next, more } = page.map_err(|error| error.to_string())?;
    if changes.is_empty() {
        return Ok(false);
    }
    let body = Bytes::from(ChangePage { changes, next, more }.json().to_string());
    client.deliver(target, body).await?;
    let (moving, address) = (service.clone(), address.to_string());
    let moved = blocking(move || moving.webhooks.advance(&address, next)).await;
    moved.map_err(|error| error.to_string())?;
    Ok(true)
}

/// Reads or writes away from the threads that serve sockets.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Error::io("read", "the feed of changes", io::Error::other(error))))
}
