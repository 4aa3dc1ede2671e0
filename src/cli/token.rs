//! `adlink token`: keys to the service, made, listed, revoked.

use super::terminal::{self, Talk, printable};
use super::{Common, Exit};
use adlink::Error;
use adlink::api::{Token, TokenFile, TokenScope, token_path};
use clap::{Args, Subcommand, ValueEnum};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Make, list and revoke keys to `adlink serve`
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink token create --case case.adlink --name partner --scope match --days 90
  adlink token list --case case.adlink
  adlink token revoke t1a2b3c4 --case case.adlink

Scopes: match (hash, look up), write (ads, banks, entries), review (read ads, networks and changes; decide), admin (all of \
it; remove banks, read counters). A token is shown once. Tokens are kept as digests in a file beside the case; a service \
that runs heeds it within a second.
Exit codes: 0 done; 1 failed; 2 wrong usage, or there is no such token.")]
pub(super) struct TokenArgs {
    #[command(subcommand)]
    act: TokenAct,
}

#[derive(Subcommand)]
enum TokenAct {
    /// Make a token and print it
    Create {
        #[command(flatten)]
        of: TokenPlace,
        /// Whom it is for
        #[arg(long, value_name = "NAME")]
        name: String,
        /// What it allows; several times or with commas
        #[arg(
            long = "scope",
            value_enum,
            value_name = "SCOPE,SCOPE",
            value_delimiter = ',',
            required = true
        )]
        scopes: Vec<ScopeName>,
        /// Days after which it ends; never without it
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3650))]
        days: Option<u32>,
    },
    /// List tokens
    List {
        #[command(flatten)]
        of: TokenPlace,
    },
    /// Revoke a token by its id
    Revoke {
        #[command(flatten)]
        of: TokenPlace,
        /// As `adlink token list` shows it
        id: String,
    },
}

/// Where tokens are kept.
#[derive(Args)]
struct TokenPlace {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// File of tokens [default: the case's name with `-tokens` behind it]
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
}

impl TokenPlace {
    fn path(&self) -> PathBuf {
        self.tokens.clone().unwrap_or_else(|| token_path(&self.case))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ScopeName {
    /// Hash pictures and look them up
    Match,
    /// Add ads, banks and entries
    Write,
    /// Read ads, networks and changes; decide
    Review,
    /// All of it
    Admin,
}

impl ScopeName {
    const fn scope(self) -> TokenScope {
        match self {
            Self::Match => TokenScope::Match,
            Self::Write => TokenScope::Write,
            Self::Review => TokenScope::Review,
            Self::Admin => TokenScope::Admin,
        }
    }
}

pub(super) fn run(args: &TokenArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let now = Timestamp::now();
    match &args.act {
        TokenAct::Create { of, name, scopes, days } => create(of, (name, scopes, *days), now, common, talk),
        TokenAct::List { of } => list(&TokenFile::read(&of.path())?, now, common),
        TokenAct::Revoke { of, id } => {
            let mut file = TokenFile::read(&of.path())?;
            if !file.revoke(id, now) {
                let expected = "the id of a token that is not revoked yet".to_string();
                return Err(Error::Parameter { name: "id", value: id.clone(), expected });
            }
            file.write(&of.path())?;
            talk.say("revoked; a service that runs heeds it within a second");
            Ok(Exit::Done)
        }
    }
}

fn create(
    of: &TokenPlace,
    (name, scopes, days): (&str, &[ScopeName], Option<u32>),
    now: Timestamp,
    common: &Common,
    talk: &Talk,
) -> adlink::Result<Exit> {
    if name.trim().is_empty() || name.len() > 200 || name.contains(char::is_control) {
        let expected = "a name of one line, at most 200 bytes".to_string();
        return Err(Error::Parameter { name: "--name", value: name.into(), expected });
    }
    let expires = days.map(|days| now + (i64::from(days) * 24).hours());
    let scopes: Vec<TokenScope> = scopes.iter().map(|name| name.scope()).collect();
    let mut file = TokenFile::read(&of.path())?;
    let text = file.create(name, &scopes, expires, now)?;
    file.write(&of.path())?;
    talk.say("this token is shown once; whoever has it may ask");
    let token = file.tokens().last().map(|token| token_json(token, now));
    if common.json {
        let mut made = token.unwrap_or_default();
        made["token"] = text.into();
        terminal::data(&format!("{made:#}\n"))?;
    } else {
        terminal::data(&format!("{text}\n"))?;
    }
    Ok(Exit::Done)
}

fn token_json(token: &Token, now: Timestamp) -> Value {
    json!({
        "id": token.id,
        "name": token.name,
        "scopes": token.scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>(),
        "created": token.created.to_string(),
        "expires": token.expires.map(|time| time.to_string()),
        "revoked": token.revoked.map(|time| time.to_string()),
        "good": token.is_good(now),
    })
}

fn list(file: &TokenFile, now: Timestamp, common: &Common) -> adlink::Result<Exit> {
    if common.json {
        let all: Vec<Value> = file.tokens().iter().map(|token| token_json(token, now)).collect();
        terminal::data(&format!("{:#}\n", Value::Array(all)))?;
        return Ok(Exit::Done);
    }
    let day = |time: Timestamp| time.strftime("%Y-%m-%d").to_string();
    let line = |token: &Token| {
        let scopes = token.scopes.iter().map(|scope| scope.name()).collect::<Vec<_>>().join(",");
        let state = match (token.revoked, token.expires) {
            (Some(time), _) => format!("revoked {}", day(time)),
            (None, Some(time)) if time <= now => format!("ended {}", day(time)),
            (None, Some(time)) => format!("until {}", day(time)),
            (None, None) => "no end".into(),
        };
        format!("{}  {scopes:<24}  {state:<18}  {}\n", token.id, token.name)
    };
    terminal::data(&printable(&file.tokens().iter().map(line).collect::<String>()))?;
    Ok(Exit::Done)
}
