//! The service: an HTTP interface for programs, over one case. Who shows this photo, what is new, what was decided.
//!
//! `http` is the protocol without a word of photos, `state` the case behind one writer with indexes in memory, `v1` what
//! adlink offers of its own, `hma` the routes of Hasher-Matcher-Actioner for clients that know those. [`Service`] holds
//! all of it, [`api`] answers requests, [`listen`] puts it on a socket; `webhooks` tell others what happened. The trap: what is answered must be durable and in
//! the indexes by then, and nothing of a request (hashes, texts, addresses) may reach a log.

mod health;
mod hma;
mod http;
mod private_file;
mod router;
mod state;
mod tokens;
mod v1;
mod webhooks;

pub use http::listen::listen;
pub use http::tls::tls;
pub use router::api;
pub use state::service::{Service, ServiceOptions};
pub use tokens::{Token, TokenFile, TokenScope, token_path};
pub use webhooks::{WebhookSecret, WebhookTarget, tell_webhooks};
