//! `adlink review`: the review desk of a case, for browsers on this machine.

use super::linking::{Linking, languages};
use super::progress::Display;
use super::terminal::{self, Talk, printable};
use super::{Common, Exit};
use adlink::Error;
use adlink::language::Language;
use adlink::progress::stop_requested;
use adlink::review::{Desk, router, serve};
use clap::Args;
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Judge pairs in a browser; decisions go into the case
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink review --case case.adlink --reviewer ann
  adlink review --case case.adlink --reviewer ann --reviewer bo     an address for each, for second opinions

Prints an address with a secret in it for every reviewer; open it in a browser on this machine. It works once, for the \
browser that opens it. With --listen on another address the desk answers to that machine's names. Pictures are made \
from the originals when looked at, blurred until asked for. Every decision is in the case before the next pair \
is shown; stop with Ctrl-C at any time.")]
pub(super) struct ReviewArgs {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Who decides, as it will stand in the case; once for each reviewer
    #[arg(long = "reviewer", value_name = "NAME", required = true)]
    reviewers: Vec<String>,
    /// Language of the pages, until a reviewer chooses another at their foot [default: that of each browser]
    #[arg(long, value_name = "LANGUAGE", value_parser = languages(), ignore_case = true)]
    lang: Option<Language>,
    #[command(flatten)]
    linking: Linking,
}

pub(super) fn run(args: &ReviewArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let runtime = runtime()?;
    let done = runtime.block_on(review(args, common, talk));
    // Linking may be on its way; it writes in transactions, and nobody waits for it any more.
    runtime.shutdown_timeout(Duration::from_secs(2));
    done
}

/// What pages are served on.
pub(super) fn runtime() -> adlink::Result<Runtime> {
    let built = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    built.map_err(|error| Error::io("start", "the web server", error))
}

/// A socket, and where it is reached.
pub(super) async fn bound(listen: SocketAddr, talk: &Talk) -> adlink::Result<(TcpListener, SocketAddr)> {
    let failed = |error| Error::io("listen on", listen.to_string(), error);
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    if !address.ip().is_loopback() {
        talk.warn("other machines can reach this address, and what is sent to it is not encrypted");
    }
    Ok((listener, address))
}

async fn review(args: &ReviewArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let (listener, address) = bound(args.listen, talk).await?;
    let display = Display::new(common, talk);
    let options = args.linking.options(common, &args.linking.common_photos(talk)?);
    let desk = Desk::open(&args.case, &args.reviewers, address, args.lang, options, &display)?;
    let entrances: Vec<(String, String)> =
        desk.entrances().map(|(name, address)| (name.to_string(), address)).collect();
    announce(&entrances, common)?;
    tokio::select! {
        () = serve(router(desk), listener) => {}
        () = asked_to_stop() => talk.say("stopped; decisions are in the case"),
    }
    Ok(Exit::Done)
}

/// Ctrl-C, SIGTERM, SIGHUP.
pub(super) async fn asked_to_stop() {
    while !stop_requested() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// One address for each reviewer, as data: a script may open it.
pub(super) fn announce(entrances: &[(String, String)], common: &Common) -> adlink::Result<()> {
    if common.json {
        let all = entrances.iter().map(|(name, address)| json!({ "reviewer": name, "address": address }));
        return terminal::data(&format!("{:#}\n", serde_json::Value::Array(all.collect())));
    }
    let lines = entrances.iter().map(|(name, address)| format!("{name}: {address}\n"));
    terminal::data(&printable(&lines.collect::<String>()))
}
