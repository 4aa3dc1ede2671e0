//! `adlink serve`: the service over HTTP, for programs.

use super::progress::Display;
use super::terminal::{self, Talk};
use super::{Common, Exit};
use adlink::Error;
use adlink::api::{
    Service, ServiceOptions, TokenFile, WebhookSecret, WebhookTarget, api, listen, tell_webhooks, tls,
    token_path,
};
use adlink::progress::stop_requested;
use adlink::verify::RADIUS;
use clap::Args;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Answer programs over HTTP: where is this photo known?
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink serve --case case.adlink                                     for programs on this machine, http://127.0.0.1:4720
  adlink serve --case case.adlink --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem
  adlink serve --case case.adlink --listen 127.0.0.1:4720 --behind-proxy     a proxy ends TLS
  curl --data-binary @photo.jpg http://127.0.0.1:4720/v1/match

What it answers to is described under /openapi.json; clients of Hasher-Matcher-Actioner find its routes, too. Without \
tokens (`adlink token create`) anybody on this machine may ask; beyond it, it starts only with tokens and TLS. \
Additions are in the case before they are answered. Stop with Ctrl-C or SIGTERM: what is under way is finished.")]
pub(super) struct ServeArgs {
    /// Case file; made if there is none
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4720")]
    listen: SocketAddr,
    /// Certificate chain, PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Key of the certificate, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Speak plain HTTP because a proxy in front ends TLS; as with TLS, nobody is let in without a token
    #[arg(long)]
    behind_proxy: bool,
    /// File of tokens [default: the case's name with `-tokens` behind it]
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// Largest Hamming distance between PDQ hashes of one photo, of 256 bits
    #[arg(long, value_name = "BITS", default_value_t = RADIUS, value_parser = clap::value_parser!(u32).range(0..=63))]
    radius: u32,
    /// Leave local features out: crops and tilts are not found, and less memory is needed
    #[arg(long)]
    no_parts: bool,
    /// Keep the pictures of posted ads in this folder: their pixels can be compared, and they can be looked at in the
    /// review desk; without it pictures are hashed and forgotten
    #[arg(long, value_name = "DIR")]
    keep_pictures: Option<PathBuf>,
    /// Tell this address what happens to the case, as /v1/changes does; several times for more. https://, or http:// on
    /// this machine; the only addresses that adlink ever calls
    #[arg(long, value_name = "ADDRESS")]
    webhook: Vec<WebhookTarget>,
    /// File with the secret that what is told is signed with
    #[arg(long, value_name = "FILE", requires = "webhook")]
    webhook_secret: Option<PathBuf>,
    /// Bytes that one request may send
    #[arg(long, value_name = "BYTES", default_value_t = 32 << 20, value_parser = clap::value_parser!(u64).range(1024..=1 << 30))]
    most_bytes: u64,
    /// Pixels that the pictures of one ad may have together
    #[arg(long, value_name = "PIXELS", default_value_t = 256 << 20, value_parser = clap::value_parser!(u64).range(1..))]
    most_pixels: u64,
    /// Requests that may wait for a worker; who comes then is told to come again
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100_000))]
    waiting: Option<u32>,
    /// Connections at a time
    #[arg(long, value_name = "N", default_value_t = 1024, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    connections: u32,
}

pub(super) fn run(args: &ServeArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::io("start", "the web server", error))?;
    let done = runtime.block_on(serve(args, common, talk));
    runtime.shutdown_timeout(Duration::from_secs(2));
    done
}

async fn serve(args: &ServeArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    // It hears Ctrl-C.
    let _display = Display::new(common, talk);
    let in_listening = |error| Error::io("listen on", args.listen.to_string(), error);
    let beyond = !args.listen.ip().is_loopback();
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(cert), Some(key)) => Some(tls(cert, key)?),
        _ if beyond && !args.behind_proxy => {
            let value = args.listen.to_string();
            let expected = "an address of this machine alone, or with it --tls-cert and --tls-key, \
                or --behind-proxy where a proxy ends TLS"
                .into();
            return Err(Error::Parameter { name: "--listen", value, expected });
        }
        _ => None,
    };
    let strict = beyond || args.behind_proxy;
    if strict {
        wants_tokens(args, beyond)?;
    }
    let service = Service::open(&args.case, options(args, common, strict)?, log(talk))?;
    let listener = tokio::net::TcpListener::bind(args.listen).await.map_err(in_listening)?;
    let address = listener.local_addr().map_err(in_listening)?;
    if service.is_open() {
        talk.warn("no token was made: anybody on this machine may ask and change everything");
    }
    let address = format!("{}://{address}", if tls.is_some() { "https" } else { "http" });
    announce(&address, common)?;
    let telling = tokio::spawn(tell_webhooks(&service)?);
    listen(api(&service), listener, tls, args.connections as usize, asked_to_stop()).await;
    telling.abort();
    service.close();
    talk.say("stopped; everything that was answered is in the case");
    Ok(Exit::Done)
}

/// Before the case is opened, which would make one, or wait for a large one to be read.
fn wants_tokens(args: &ServeArgs, beyond: bool) -> adlink::Result<()> {
    let path = args.tokens.clone().unwrap_or_else(|| token_path(&args.case));
    if !TokenFile::read(&path)?.tokens().is_empty() {
        return Ok(());
    }
    let name = if beyond { "--listen" } else { "--behind-proxy" };
    let (value, file) = (args.listen.to_string(), path.display());
    let expected = format!("tokens in `{file}`, as `adlink token create` makes them");
    Err(Error::Parameter { name, value, expected })
}

fn options(args: &ServeArgs, common: &Common, strict: bool) -> adlink::Result<ServiceOptions> {
    let usual = ServiceOptions::new(args.listen);
    let workers = common.threads.map_or(usual.workers, usize::from);
    Ok(ServiceOptions {
        tokens: args.tokens.clone(),
        strict,
        radius: args.radius,
        parts: !args.no_parts,
        workers,
        waiting: args.waiting.map_or(64 * workers, |waiting| waiting as usize),
        most_bytes: args.most_bytes as usize,
        most_pixels: args.most_pixels,
        budget: usual.budget.max(args.most_bytes as usize),
        keep_pictures: args.keep_pictures.clone(),
        webhooks: args.webhook.clone(),
        webhook_secret: args.webhook_secret.as_deref().map(WebhookSecret::read).transpose()?,
        by: common.by.clone(),
        ..usual
    })
}

/// A line for every request on stderr.
fn log(talk: &Talk) -> impl Fn(&str) + Send + Sync + 'static {
    let lines = talk.clone();
    move |line| lines.say(&format!("{} {line}", jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ")))
}

/// Ctrl-C, SIGTERM, SIGHUP.
async fn asked_to_stop() {
    while !stop_requested() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The address as data: a script may wait for it.
fn announce(address: &str, common: &Common) -> adlink::Result<()> {
    if common.json {
        return terminal::data(&format!("{:#}\n", json!({ "address": address })));
    }
    terminal::data(&format!("{address}\n"))
}
