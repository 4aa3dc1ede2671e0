//! `adlink decide`: one judgement of a reviewer into a case.

use super::image_name::named_image;
use super::terminal::{self, Talk, printable};
use super::{Common, Exit};
use adlink::Error;
use adlink::case::Case;
use adlink::corpus::{AdRow, Row, Snapshot};
use adlink::link::LinkOptions;
use adlink::link_case;
use adlink::progress::Silent;
use adlink::record::{AdKey, Decision, ImageId, Ruling, Subject};
use adlink::view::{self, Joined};
use clap::builder::{ArgPredicate, PossibleValuesParser};
use clap::{ArgGroup, Args};
use serde_json::json;
use std::path::PathBuf;

/// Note a reviewer's decision on a pair of images, a photo group or an ad
#[derive(Args)]
#[command(group = ArgGroup::new("subject").required(true), after_long_help = "\
Examples:
  adlink decide --case c.adlink --reviewer 'R. One' --pair a.jpg b.jpg reject --reason 'other rooms'
  adlink decide --case c.adlink --reviewer 'R. One' --pair 3f2a9c 77b01e confirm
  adlink decide --case c.adlink --reviewer 'R. One' --photo p-3f2a9c0011223344 common
  adlink decide --case c.adlink --reviewer 'R. One' --ad site-a.example/123 mirror
  adlink decide --case c.adlink --why-not site-a.example/123 site-b.example/456

A decision is never changed. A later one on the same subject takes its place; `unsure` takes it back. \
`adlink link` and `adlink report` follow the decisions in force.")]
pub(super) struct DecideArgs {
    /// Case file
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// Who decides
    #[arg(
        long,
        value_name = "NAME",
        required = false,
        required_unless_present = "why_not",
        default_value_if("why_not", ArgPredicate::IsPresent, "")
    )]
    reviewer: String,
    /// Two images: SHA-256, a beginning of it that is unique in the case, or a file
    #[arg(long, num_args = 2, value_names = ["A", "B"], group = "subject")]
    pair: Option<Vec<String>>,
    /// A photo group by its id, as the latest run on the case found it; or a design of many_contacts.csv
    #[arg(long, value_name = "ID", group = "subject")]
    photo: Option<String>,
    /// An ad; `%` and `/` in the site's name as %25 and %2F
    #[arg(long, value_name = "SITE/AD_ID", group = "subject")]
    ad: Option<String>,
    /// Decides nothing, and says why two ads are not in one network
    #[arg(long, num_args = 2, value_names = ["SITE/AD_ID", "SITE/AD_ID"], group = "subject")]
    why_not: Option<Vec<String>>,
    /// confirm: the same photo. reject: not the same. common: stock, logo, badge. mirror: an ad copied by another
    /// site. unsure: not settled
    #[arg(
        value_name = "RULING",
        required = false,
        required_unless_present = "why_not",
        default_value_if("why_not", ArgPredicate::IsPresent, Ruling::Unsure.name()),
        value_parser = PossibleValuesParser::new(Ruling::ALL.map(Ruling::name))
    )]
    ruling: String,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

pub(super) fn run(args: &DecideArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let case = Case::open_read(&args.case)?;
    if let Some(ads) = &args.why_not {
        return why_not(case, ads, common);
    }
    let snapshot = case.snapshot()?;
    let subject = subject(args, &case, &snapshot)?;
    drop(case);
    let here = |id: &ImageId| find(&snapshot, id).is_some();
    let known = match &subject {
        Subject::Pair(a, b) => here(a) && here(b),
        Subject::Photo(images) => images.iter().all(here),
        Subject::Ad(key) => snapshot.ads.binary_search_by(|ad| ad.key.cmp(key)).is_ok(),
    };
    if !known {
        talk.warn("not all that this decision is about is in the case; it is kept and waits");
    }
    let decision = Decision {
        subject,
        ruling: Ruling::from_name(&args.ruling).expect("clap lets no other name pass"),
        reviewer: args.reviewer.clone(),
        at: String::new(),
        reason: args.reason.clone(),
        shown: format!("command line, adlink {}", env!("CARGO_PKG_VERSION")),
    };
    let number = adlink::case::decide(&args.case, &decision)?;
    if common.json {
        terminal::data(&format!("{:#}\n", json!({ "decision": number })))?;
    } else if !common.quiet {
        terminal::data(&printable(&format!("decision {number}: {} by {}\n", args.ruling, args.reviewer)))?;
    }
    Ok(Exit::Done)
}

fn subject(args: &DecideArgs, case: &Case, snapshot: &Snapshot) -> adlink::Result<Subject> {
    if let Some(pair) = &args.pair {
        let images = pair
            .iter()
            .map(|name| named_image(snapshot, "--pair", name))
            .collect::<adlink::Result<Vec<_>>>()?;
        return Ok(Subject::Pair(images[0], images[1]));
    }
    match (&args.photo, &args.ad) {
        (Some(id), _) => photo(case, id),
        (None, Some(name)) => ad(name),
        (None, None) => unreachable!("clap asks for one of the three"),
    }
}

fn find(snapshot: &Snapshot, id: &ImageId) -> Option<usize> {
    snapshot.images.binary_search_by_key(id, |image| image.id()).ok()
}

/// Says why two ads are not in one network, as `adlink report` would find it now.
fn why_not(mut case: Case, ads: &[String], common: &Common) -> adlink::Result<Exit> {
    let linked = link_case(&mut case, &LinkOptions::default(), &Silent)?;
    let (snapshot, findings) = (&linked.snapshot, &linked.findings);
    let row = |name: &String| {
        let Subject::Ad(key) = ad(name)? else { unreachable!("an ad's name is that of an ad") };
        let found = snapshot.ads.binary_search_by(|ad| ad.key.cmp(&key)).map(AdRow::of);
        found.map_err(|_| Error::Parameter {
            name: "--why-not",
            value: name.clone(),
            expected: "SITE/AD_ID of an ad in the case".into(),
        })
    };
    let (a, b) = (row(&ads[0])?, row(&ads[1])?);
    let said = view::why_not(&Joined::new(snapshot, findings), a, b);
    let text =
        if common.json { format!("{:#}\n", json!({ "why_not": said })) } else { said.join("\n") + "\n" };
    terminal::data(&if common.json { text } else { printable(&text) })?;
    Ok(Exit::Done)
}

/// The images of a photo group, or of a design that joins nobody, of the latest run.
fn photo(case: &Case, id: &str) -> adlink::Result<Subject> {
    let digits = id.strip_prefix("p-").or(id.strip_prefix("d-")).filter(|digits| digits.len() == 16);
    let number = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
    let images =
        number.map(|number| case.photo_group(&number.to_be_bytes())).transpose()?.unwrap_or_default();
    if images.is_empty() {
        return Err(Error::Parameter {
            name: "--photo",
            value: id.into(),
            expected:
                "the id of a photo group or design that the latest `adlink link` or `adlink report` found"
                    .into(),
        });
    }
    Ok(Subject::Photo(images))
}

fn ad(name: &str) -> adlink::Result<Subject> {
    let (site, ad_id) = name.split_once('/').ok_or_else(|| Error::Parameter {
        name: "--ad",
        value: name.into(),
        expected: "SITE/AD_ID".into(),
    })?;
    let site = site.replace("%2F", "/").replace("%2f", "/").replace("%25", "%");
    Ok(Subject::Ad(AdKey { site, ad_id: ad_id.into() }))
}
