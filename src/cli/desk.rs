//! `adlink desk`: the whole job in a browser on this machine; also what `adlink` alone does where there is a screen.

use super::linking::languages;
use super::review::{announce, asked_to_stop, bound, runtime};
use super::terminal::Talk;
use super::{Common, Exit};
use adlink::language::Language;
use adlink::link::LinkOptions;
use adlink::review::{Workplace, serve, workplace_router};
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The whole job in a browser: open or make a case, read ads in, review, hand out
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink desk                                       opens the browser; your home and the current folder can be seen there
  adlink desk --case case.adlink                    with that case
  adlink desk --root /media/scrapes --root /cases   only these folders can be seen and written to

Opens the browser at an address with a secret in it, which works once, and prints it. `adlink` without arguments does the \
same where there is a screen. Files are chosen in the desk's own view of folders, which shows nothing outside the roots. \
Ctrl-C ends it; what is hashed and decided is in the case.")]
pub(super) struct DeskArgs {
    /// Case file to open at once
    #[arg(long, value_name = "FILE")]
    case: Option<PathBuf>,
    /// Folder whose files may be seen, read and written from the browser; once for each [default: home and current folder]
    #[arg(long = "root", value_name = "DIR")]
    roots: Vec<PathBuf>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = LOCAL)]
    listen: SocketAddr,
    /// Who works here, as it will stand in the case; once for each [default: your name on this machine]
    #[arg(long = "reviewer", value_name = "NAME")]
    reviewers: Vec<String>,
    /// Language of the pages, until somebody chooses another at their foot [default: that of each browser]
    #[arg(long, value_name = "LANGUAGE", value_parser = languages(), ignore_case = true)]
    lang: Option<Language>,
    /// Print the address and open no browser
    #[arg(long)]
    no_browser: bool,
}

const LOCAL: &str = "127.0.0.1:0";

/// What `adlink` alone asks for; `None` where there is no screen to show it on.
pub(super) fn of_no_arguments() -> Option<DeskArgs> {
    let listen = LOCAL.parse().ok()?;
    has_screen().then(|| DeskArgs {
        case: None,
        roots: Vec::new(),
        listen,
        reviewers: Vec::new(),
        lang: None,
        no_browser: false,
    })
}

/// Whether somebody sits before a screen here: a server or a script gets the help.
fn has_screen() -> bool {
    let session = || {
        ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|at| !at.is_empty()))
    };
    cfg!(any(windows, target_os = "macos")) || session()
}

pub(super) fn run(args: &DeskArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let runtime = runtime()?;
    let done = runtime.block_on(desk(args, common, talk));
    runtime.shutdown_timeout(Duration::from_secs(2));
    done
}

async fn desk(args: &DeskArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let (listener, address) = bound(args.listen, talk).await?;
    let reviewers = if args.reviewers.is_empty() { vec![own_name(common)] } else { args.reviewers.clone() };
    let options = LinkOptions { threads: common.threads.map(usize::from), ..LinkOptions::default() };
    let place = Workplace::new(&roots(args), &reviewers, address, args.lang, options)?;
    super::progress::heed_signals();
    if let Some(case) = &args.case {
        place.begin_with(case);
    }
    let entrances: Vec<(String, String)> =
        place.entrances().map(|(name, address)| (name.to_string(), address)).collect();
    announce(&entrances, common)?;
    if !args.no_browser
        && let [(_, only)] = &entrances[..]
        && !open_browser(only)
    {
        talk.say("no browser could be opened: open the address yourself");
    }
    tokio::select! {
        () = serve(workplace_router(place.clone()), listener) => {}
        () = asked_to_stop() => talk.say("stopped; what is hashed and decided is in the case"),
    }
    place.stop();
    Ok(Exit::Done)
}

/// The folders asked for; else home, the current folder, and that of the case.
fn roots(args: &DeskArgs) -> Vec<PathBuf> {
    if !args.roots.is_empty() {
        return args.roots.clone();
    }
    let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
    let home = std::env::var_os(home).map(PathBuf::from).filter(|home| home.is_dir());
    let of_case =
        args.case.as_ref().and_then(|case| std::path::absolute(case).ok()?.parent().map(PathBuf::from));
    let of_case = of_case.filter(|folder| folder.is_dir());
    home.into_iter().chain(std::env::current_dir().ok()).chain(of_case).collect()
}

fn own_name(common: &Common) -> String {
    let of_machine = || ["USER", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let said = common.by.clone().or_else(of_machine);
    said.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "reviewer".into())
}

/// Asks the system to show an address; false when it has nothing to show one with.
fn open_browser(address: &str) -> bool {
    let (program, before): (&str, &[&str]) = if cfg!(windows) {
        ("rundll32", &["url.dll,FileProtocolHandler"])
    } else if cfg!(target_os = "macos") {
        ("open", &[])
    } else {
        ("xdg-open", &[])
    };
    let quiet =
        Command::new(program).args(before).arg(address).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    quiet.is_ok()
}
