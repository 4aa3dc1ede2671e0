//! Whether a file is an earlier output of adlink, told from what is in it.
//!
//! Tables are known by their heading, lines of JSON by their first members, everything that was handed out by its terms,
//! and the rest by what is theirs alone. The trap: a format that other tools write as well proves nothing, so whatever
//! is in doubt counts as foreign. That costs a `--force`; the other mistake costs a file.

use super::formats::{self, Export};
use super::{TERMS, news};
use crate::codes::NamedCode;
use crate::corpus::{Snapshot, decision_from_line, decision_line};
use crate::error::SkipReason;
use crate::link::Findings;
use crate::report::title_beginnings;
use crate::view::Joined;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::LazyLock;

/// Bytes looked at from either end of a file.
const LOOKED_AT: usize = 1 << 16;

/// Heading of a hash list, before what flags add to it.
const HASHES: &[u8] = b"path,sha256,width,height,pdq,quality,error";
/// Heading of `eval --per-edit`.
const RECALL: &[u8] = b"family,edit,found,of,recall";

/// Heading of a bank handed out, and of what `bank match` found, before their further columns.
const BANK: &[u8] = b"entry,pdq,quality,md5,sha1,sha256,outside_id,labels,note,uri,metadata,disable_until_ts";
const BANK_MATCHES: &[u8] =
    b"query,query_ads,bank,kind,version,entry,sha256,ads,tier,distance,transform,view,";

/// First members of a line of a hash list.
const HASHED: [&str; 4] = ["path", "sha256", "sha1", "md5"];

/// How the files of a result folder begin whose format says so: (heading of a table, beginning of a graph).
static BEGINNINGS: LazyLock<Vec<(&'static str, Vec<u8>)>> = LazyLock::new(beginnings);

/// Whether adlink wrote a file, as far as the file tells. One without a byte is nobody's loss.
pub(super) fn is_earlier_output(path: &Path) -> bool {
    let Ok((head, tail)) = ends(path) else { return false };
    let text = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&head);
    head.is_empty()
        || is_table(text)
        || is_lines(text)
        || is_document(text)
        || is_bank_matches(&head, &tail)
        || is_parquet(&head, &tail)
        || is_evidence(&head)
        || is_handed_out(&head, &tail)
        || is_manifest(path, &head)
}

/// The first and the last bytes of a file.
fn ends(path: &Path) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut file = File::open(path)?;
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    (&mut file).take(LOOKED_AT as u64).read_to_end(&mut head)?;
    let start = file.metadata()?.len().saturating_sub(LOOKED_AT as u64);
    file.seek(SeekFrom::Start(start))?;
    file.take(LOOKED_AT as u64).read_to_end(&mut tail)?;
    Ok((head, tail))
}

/// What every format writes when there is nothing to say, cut where findings would begin.
fn beginnings() -> Vec<(&'static str, Vec<u8>)> {
    let (snapshot, findings) = (Snapshot::default(), Findings::default());
    let joined = Joined::new(&snapshot, &findings);
    let begins = |export: &&'static dyn Export| {
        let mut bytes = Vec::new();
        export.write(&joined, &mut bytes).ok()?;
        let ending = export.file_name().rsplit('.').next().unwrap_or_default();
        let length = match ending {
            "csv" => bytes.iter().position(|byte| *byte == b'\n')?,
            // Both say in their first lines what attributes there are.
            "gexf" | "graphml" => bytes.len().min(400),
            _ => return None,
        };
        bytes.truncate(length);
        Some((ending, bytes))
    };
    formats::ALL.iter().filter_map(begins).collect()
}

fn is_table(text: &[u8]) -> bool {
    let heading = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let heading = heading.strip_suffix(b"\r").unwrap_or(heading);
    let unmarked = heading.strip_suffix(b",handling").unwrap_or(heading);
    BEGINNINGS.iter().any(|(ending, begins)| *ending == "csv" && begins == unmarked)
        || unmarked.starts_with(HASHES)
        || unmarked == RECALL
        || unmarked == BANK
        || unmarked.starts_with(BANK_MATCHES)
        || unmarked == news::HEADING.join(",").as_bytes()
}

/// Lines of JSON. One that is longer than what is looked at is known by how it begins. Names of members alone prove
/// nothing: others write `path` and `error`, too.
fn is_lines(text: &[u8]) -> bool {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let begins = [
        &b"{\"handling\":{\"profile\":\""[..],
        b"{\"link_id\":\"l-",
        b"{\"network_id\":\"n-",
        b"{\"subject\":{\"photo\":[\"",
    ];
    if begins.iter().any(|begins| line.starts_with(begins)) {
        return true;
    }
    let Ok(object) = serde_json::from_slice::<Map<String, Value>>(line) else { return false };
    is_decision(line) || is_hashed(&object) || is_not_hashed(&object)
}

fn is_decision(line: &[u8]) -> bool {
    let decision = std::str::from_utf8(line).ok().and_then(|text| decision_from_line(text).ok());
    decision.is_some_and(|decision| decision_line(&decision).as_bytes() == line)
}

fn is_hashed(object: &Map<String, Value>) -> bool {
    let hash = |name: &str| {
        let digits = object.get(name).and_then(Value::as_str);
        digits.is_some_and(|digits| digits.len() == 64 && digits.bytes().all(|digit| is_hex(&digit)))
    };
    object.keys().take(HASHED.len()).eq(HASHED) && object["path"].is_string() && hash("sha256") && hash("pdq")
}

fn is_not_hashed(object: &Map<String, Value>) -> bool {
    let Some(error) = object.get("error").and_then(Value::as_object) else { return false };
    let reason = error.get("reason").and_then(Value::as_str).and_then(SkipReason::from_name);
    object.keys().eq(["path", "error"])
        && object["path"].is_string()
        && error.keys().eq(["reason", "detail"])
        && error["detail"].is_string()
        && reason.is_some()
}

fn is_hex(digit: &u8) -> bool {
    digit.is_ascii_digit() || (b'a'..=b'f').contains(digit)
}

/// What `bank match --json` found: how many queries, and what of banks matched or was left out.
fn is_bank_matches(head: &[u8], tail: &[u8]) -> bool {
    let left_out = [&b"\n  \"left_out\": {"[..], b"\n    \"banks_off\": ", b"\n  \"queries_too_plain\": "];
    head.starts_with(b"{\n  \"queries\": ")
        && holds(head, b",\n  \"matches\": [")
        && left_out.iter().all(|words| holds(tail, words))
}

/// Graphs, pages of a report, `run.json`, pages of the manual.
fn is_document(text: &[u8]) -> bool {
    BEGINNINGS.iter().any(|(ending, begins)| *ending != "csv" && text.starts_with(begins))
        || text.starts_with(b"<!DOCTYPE html>") && is_page(text)
        || text.starts_with(b"{\n  \"adlink\": \"")
        || text.starts_with(b".ie \\n(.g .ds Aq") && holds(text, b"\n.TH adlink")
}

/// A page of a report, in whatever language.
fn is_page(text: &[u8]) -> bool {
    title_beginnings().iter().any(|title| holds(text, format!("<title>{title}").as_bytes()))
}

fn is_parquet(head: &[u8], tail: &[u8]) -> bool {
    head.starts_with(b"PAR1") && holds(tail, b"adlink.version")
}

/// A PNG that says that it was drawn by adlink, as evidence pictures do.
fn is_evidence(head: &[u8]) -> bool {
    head.starts_with(b"\x89PNG") && holds(head, b"Software\0\0\0\0\0adlink ")
}

/// What an export wrote that was not encrypted, the package among them; and a zip of a report.
fn is_handed_out(head: &[u8], tail: &[u8]) -> bool {
    let own =
        [&b"{"[..], b"<?xml", b"README.txt\0", b"PK\x03\x04"].iter().any(|begins| head.starts_with(begins));
    own && [head, tail].iter().any(|end| holds(end, TERMS.as_bytes()))
}

/// `manifest-sha256.txt`, a name that others use as well: ours has a report among its files.
fn is_manifest(path: &Path, head: &[u8]) -> bool {
    let line = head.strip_prefix(b"\\").unwrap_or(head);
    if line.len() < 66 || !line[..64].iter().all(is_hex) || &line[64..66] != b"  " {
        return false;
    }
    let Ok(file) = File::open(path) else { return false };
    BufReader::new(file).split(b'\n').map_while(io::Result::ok).any(|line| line.ends_with(b"  report.html"))
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn is_ours(content: &[u8]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, content).unwrap();
        is_earlier_output(&path)
    }

    #[test]
    fn what_others_write_is_foreign_however_near_it_comes() {
        let bagit = format!("{}  data/1.jpg\n{}  data/2.jpg\n", "0a".repeat(32), "1b".repeat(32));
        for foreign in [
            &b"notes of the interview\n"[..],
            b"path,sha256\nx,y\n",
            b"{\"path\":\"a.jpg\",\"pdq\":\"00\"}\n",
            b"{\"id\":1}\n",
            b"{\"path\":\"a.jpg\",\"error\":\"timeout\"}\n",
            b"{\"path\":\"a.jpg\",\"error\":{\"reason\":\"timeout\",\"detail\":\"30 s\"}}\n",
            b"{\"path\":\"a.jpg\",\"error\":{\"reason\":\"EMPTY\"}}\n",
            b"{\"path\":\"a.jpg\",\"sha256\":\"00\",\"sha1\":\"00\",\"md5\":\"00\",\"pdq\":\"00\"}\n",
            b"{\"subject\":\"case 7\",\"ruling\":\"granted\",\"reviewer\":\"R\",\"at\":\"x\",\"reason\":\"\",\"shown\":\"\"}\n",
            b"entry,pdq,quality\n1,2,3\n",
            b"query,query_ads,bank\n1,2,3\n",
            b"{\n  \"queries\": 1,\n  \"matches\": []\n}\n",
            b"{\"type\":\"FeatureCollection\",\"features\":[]}",
            b"<!DOCTYPE html><html><head><title>My page</title>",
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
            b"PAR1 somebody else's PAR1",
            b"\x89PNG\r\n\x1a\n",
            b"PK\x03\x04 somebody else's",
            bagit.as_bytes(),
        ] {
            assert!(!is_ours(foreign), "{}", String::from_utf8_lossy(foreign));
        }
    }

    #[test]
    fn what_adlink_writes_is_known_again() {
        let manifest = format!("{}  links.csv\n{}  report.html\n", "0a".repeat(32), "1b".repeat(32));
        for (ending, begins) in BEGINNINGS.iter() {
            let marked = [begins, &b",handling\n"[..]].concat();
            assert!(is_ours(begins), "{}", String::from_utf8_lossy(begins));
            assert!(*ending != "csv" || is_ours(&marked), "{}", String::from_utf8_lossy(begins));
        }
        let german = "<!DOCTYPE html><html lang=\"de\"><head><title>adlink-Bericht: 2 Netzwerke</title>";
        let table = "\u{feff}family,edit,found,of,recall\n";
        for ours in ["", table, "{\n  \"adlink\": \"0.1.0\",\n", &manifest, german] {
            assert!(is_ours(ours.as_bytes()), "{ours}");
        }
        assert!(BEGINNINGS.len() > 10);
    }
}
