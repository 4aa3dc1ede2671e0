//! `/m`: is this hash, or this file, in a bank?
//!
//! A bank of a ratio between 0 and 1 answers a share of look-ups, drawn from `seed`; `raw_lookup` looks at no switch at
//! all. The trap: look-ups of a signal are the hot path, and touch no connection to the case.

use super::hashing::{HashedFile, REASON, hashed, no_fetching, one_file};
use super::status::kind_named;
use crate::api::http::access::Caller;
use crate::api::http::answer::{Answered, Problem, json_answer, ok};
use crate::api::http::request::ApiRequest;
use crate::api::state::banks::{SignalKind, is_video};
use crate::api::state::service::Service;
use crate::api::v1::entries::bytes;
use crate::api::v1::query::hash;
use crate::bank::{BankFilter, BankId, EntryId};
use crate::case::Case;
use crate::corpus::is_bank_name;
use crate::error::Result;
use crate::hash::{Hash256, Pdq, Quality};
use crate::record::{Digests, ImageId};
use axum::http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A hash to be looked up.
#[derive(Clone, Copy)]
enum Signal {
    Pdq(Hash256),
    VideoMd5([u8; 16]),
}

impl Signal {
    fn parse(kind: SignalKind, text: &str) -> Result<Self, Problem> {
        match kind {
            SignalKind::Pdq => hash("signal", text).map(Self::Pdq),
            SignalKind::VideoMd5 => {
                let md5 = bytes(text).ok_or_else(|| Problem::bad("`signal` must be 32 hex digits"));
                md5.map(Self::VideoMd5)
            }
        }
    }

    const fn kind(self) -> SignalKind {
        match self {
            Self::Pdq(_) => SignalKind::Pdq,
            Self::VideoMd5(_) => SignalKind::VideoMd5,
        }
    }
}

/// An entry that matches: its bank, its id, and how far it is.
type SignalMatch = (BankId, EntryId, u32);

fn signal_of(asked: &ApiRequest) -> Result<Signal, Problem> {
    let kind = kind_named(asked.needed("signal_type")?)?;
    Signal::parse(kind, asked.needed("signal")?)
}

/// Which banks are asked, and what they leave out.
fn filter(asked: &ApiRequest) -> Result<BankFilter, Problem> {
    let names = asked.query("banks").map(|names| names.split(',').filter(|name| !name.is_empty()));
    let mut filter = match names {
        None => BankFilter::default(),
        Some(names) => {
            let names: Vec<&str> = names.collect();
            if let Some(name) = names.iter().find(|name| !is_bank_name(name)) {
                let shown: String = name.chars().take(60).collect();
                return Err(Problem::bad(format!("`{shown}` is no name of a bank")));
            }
            BankFilter::of(names)
        }
    };
    filter.min_quality = Quality::ZERO;
    Ok(filter)
}

/// With the draw of a look-up.
fn drawing(asked: &ApiRequest, service: &Service, kind: SignalKind) -> Result<Option<BankFilter>, Problem> {
    let mut filter = filter(asked)?;
    if asked.switch("bypass_coinflip")?.unwrap_or(false) {
        filter.draw = None;
        return Ok(Some(filter));
    }
    let draw = match asked.query("seed") {
        Some(seed) => BankFilter::drawn(seed),
        None => by_chance(),
    };
    filter.draw = Some(draw);
    let ratio = service.banks.ratio(kind);
    Ok((ratio > 0.0 && ratio >= draw).then_some(filter))
}

fn by_chance() -> f64 {
    let mut random = [0; 8];
    // Without random numbers of the system every bank that is on answers.
    let _ = getrandom::fill(&mut random);
    (u64::from_be_bytes(random) >> 11) as f64 / (1u64 << 53) as f64
}

/// Matches, nearest first, noted as told to whoever asked.
async fn find(
    service: &Arc<Service>,
    (by, route): (&Caller, &'static str),
    signal: Signal,
    filter: BankFilter,
    turned: bool,
) -> Result<Vec<SignalMatch>, Problem> {
    service.disclosures.check()?;
    let found = found(service, signal, filter, turned).await?;
    service.disclosures.note(by, route, found.iter().map(|(bank, entry, _)| (*bank, *entry)), 0);
    Ok(found)
}

async fn found(
    service: &Arc<Service>,
    signal: Signal,
    filter: BankFilter,
    turned: bool,
) -> Result<Vec<SignalMatch>, Problem> {
    match signal {
        Signal::Pdq(hash) => {
            let radius = service.options.radius;
            let answer = service.work(move |service| {
                let now = Timestamp::now().as_second();
                let index = &service.banks.index;
                if turned {
                    index.find_turned(&Pdq::from_upright(hash, Quality::USABLE), radius, &filter, now)
                } else {
                    index.find(&hash, radius, &filter, now)
                }
            });
            Ok(answer.await?.hits.into_iter().map(|hit| (hit.bank, hit.entry, hit.distance)).collect())
        }
        Signal::VideoMd5(md5) => service.ask(move |service, case| videos(service, case, md5, &filter)).await,
    }
}

fn videos(service: &Service, case: &Case, md5: [u8; 16], filter: &BankFilter) -> Result<Vec<SignalMatch>> {
    let now = Timestamp::now().as_second();
    let mut found = Vec::new();
    for id in case.entries_with(&Digests { md5, sha1: [0; 20], sha256: ImageId([0; 32]) })? {
        let Some(entry) = case.any_entry(id)?.filter(|entry| is_video(&entry.content)) else { continue };
        let bank = service.banks.index.bank(entry.bank);
        if bank.is_some_and(|bank| filter.answers(&bank, &entry.content, now)) {
            found.push((entry.bank, id, 0));
        }
    }
    Ok(found)
}

fn content(id: EntryId, distance: u32) -> Value {
    json!({ "bank_content_id": id.0, "distance": distance.to_string() })
}

/// Matches by the names of their banks.
fn by_bank(service: &Service, found: Vec<SignalMatch>) -> Map<String, Value> {
    let mut banks: Map<String, Value> = Map::new();
    for (bank, id, distance) in found {
        let Some(bank) = service.banks.index.bank(bank) else { continue };
        let listed = banks.entry(bank.name().to_string()).or_insert_with(|| json!([]));
        if let Value::Array(listed) = listed {
            listed.push(content(id, distance));
        }
    }
    banks.sort_keys();
    banks
}

pub(crate) async fn raw(service: Arc<Service>, asked: ApiRequest) -> Answered {
    let signal = signal_of(&asked)?;
    let distances = asked.switch("include_distance")?.unwrap_or(false);
    let turned = asked.switch("turned")?.unwrap_or(false);
    let filter = BankFilter { everything: true, draw: None, ..filter(&asked)? };
    let by = (&asked.caller, "GET /m/raw_lookup");
    let found = find(&service, by, signal, filter, turned).await?;
    let matches = found.into_iter().map(
        |(_, id, distance)| {
            if distances { content(id, distance) } else { id.0.into() }
        },
    );
    ok(&json!({ "matches": matches.collect::<Vec<Value>>() }))
}

pub(crate) async fn by_signal(service: Arc<Service>, asked: ApiRequest) -> Answered {
    if let (None, Some(address)) = (asked.query("signal"), asked.query("url")) {
        return Err(no_fetching(address));
    }
    let signal = signal_of(&asked)?;
    let turned = asked.switch("turned")?.unwrap_or(false);
    let found = match drawing(&asked, &service, signal.kind())? {
        Some(filter) => find(&service, (&asked.caller, "GET /m/lookup"), signal, filter, turned).await?,
        None => Vec::new(),
    };
    ok(&Value::Object(by_bank(&service, found)))
}

pub(crate) async fn by_file(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let turned = asked.switch("turned")?.unwrap_or(false);
    let wanted = asked.query("signal_type").map(kind_named).transpose()?;
    // What is wrong with the query is told before a file is read.
    filter(&asked)?;
    let (sent, _) = one_file(&mut asked).await?;
    let hashed = hashed(&service, sent).await?;
    let kind = hashed.kind();
    let signal = match &hashed {
        HashedFile::Picture(image) if !hashed.is_plain() => Some(Signal::Pdq(image.pdq.hash())),
        HashedFile::Picture(_) => None,
        HashedFile::VideoMd5(md5) => Some(Signal::VideoMd5(*md5)),
    };
    let signal = signal.filter(|_| wanted.is_none_or(|wanted| wanted == kind));
    let found = match (signal, drawing(&asked, &service, kind)?) {
        (Some(signal), Some(filter)) => {
            find(&service, (&asked.caller, "POST /m/lookup"), signal, filter, turned).await?
        }
        _ => Vec::new(),
    };
    let banks = Value::Object(by_bank(&service, found));
    let body = if wanted.is_some() { banks } else { json!({ kind.name(): banks }) };
    let mut answer = json_answer(StatusCode::OK, &body);
    if hashed.is_plain() {
        let why = HeaderValue::from_static("PDQ quality is under 50: too plain to be looked up");
        answer.headers_mut().insert(REASON, why);
    }
    Ok(answer)
}

pub(crate) async fn compare(service: Arc<Service>, mut asked: ApiRequest) -> Answered {
    let pairs = asked.object().await?;
    let mut compared = Map::new();
    for (name, pair) in &pairs {
        let kind = kind_named(name)?;
        let two = pair
            .as_array()
            .filter(|pair| pair.len() == 2)
            .and_then(|pair| Some([pair[0].as_str()?, pair[1].as_str()?]));
        let [a, b] = two.ok_or_else(|| Problem::bad(format!("`{name}` must be a list of two hashes")))?;
        let distance = match (Signal::parse(kind, a)?, Signal::parse(kind, b)?) {
            (Signal::Pdq(a), Signal::Pdq(b)) => a.distance(&b),
            (Signal::VideoMd5(a), Signal::VideoMd5(b)) => u32::from(a != b),
            _ => return Err(Problem::bad("two hashes of one kind are compared")),
        };
        let most = match kind {
            SignalKind::Pdq => service.options.radius,
            SignalKind::VideoMd5 => 0,
        };
        compared.insert(name.clone(), json!([distance <= most, { "distance": distance }]));
    }
    ok(&Value::Object(compared))
}
