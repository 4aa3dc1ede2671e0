//! Lists of others, each in its own form, with the traps of the field: short hex, capitals, byte order marks, films,
//! withdrawn entries, pages, booleans as text, damaged ends.

use crate::scene::Scene;
use adlink::corpus::{ListEnd, ListItem, NewEntry, NewList};
use adlink::error::{Error, Result};
use adlink::hash::{Hash256, Quality};
use adlink::hashlist::{BareDigits, HashListReader, ListSource, ListTally, Missing};
use proptest::prelude::*;

pub(super) const HASH: &str = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
pub(super) const SHORT: &str = "0008f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
pub(super) const MD5: &str = "0cc175b9c0f1b6a831c399e269772661";
pub(super) const SHA1: &str = "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8";
pub(super) const SHA256: &str = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

/// What a list said.
pub(super) struct Read {
    pub(super) items: Vec<ListItem>,
    pub(super) tally: ListTally,
    pub(super) end: ListEnd,
}

fn read_with(text: &[u8], bare: BareDigits) -> Result<Read> {
    let mut list = HashListReader::new(ListSource::Stream("list", Box::new(text)));
    list.bare = bare;
    read_list(list)
}

pub(super) fn read_list(mut list: HashListReader<'_>) -> Result<Read> {
    let mut items = Vec::new();
    let end = list.read(&mut |item| {
        items.push(item);
        Ok(())
    })?;
    Ok(Read { items, tally: list.tally, end })
}

pub(super) fn read(text: impl AsRef<[u8]>) -> Read {
    read_with(text.as_ref(), BareDigits::Pdq).expect("a list")
}

pub(super) fn hash(text: &str) -> Hash256 {
    text.parse().expect("a hash")
}

/// Entries on the list; none of them is withdrawn.
pub(super) fn entries(read: &Read) -> Vec<&NewEntry> {
    read.items.iter().map(entry).collect()
}

fn entry(item: &ListItem) -> &NewEntry {
    match item {
        ListItem::Entry(entry) => entry,
        ListItem::Withdrawn(entry) => panic!("withdrawn: {entry:?}"),
    }
}

pub(super) fn lines(read: &Read) -> Vec<u64> {
    read.tally.first_refused.iter().map(|refused| refused.line).collect()
}

#[test]
fn every_form_of_line_says_the_same_hash() {
    for text in [
        format!("{HASH}\n"),
        format!("\u{feff}{}\r\n", HASH.to_uppercase()),
        format!("# a list\n\npdq {HASH}\n"),
        format!("pdq:{HASH}\n"),
        format!("{HASH},90,a.jpg\n"),
        format!("hash={HASH},quality=90,filename=a.jpg\n"),
        format!("FilePath,Hash\na.jpg,{HASH}\n"),
        format!("file;PDQ_Hash;Quality\na.jpg;{HASH};90\n"),
        format!("path\tpdq\nb\t{HASH}\n"),
        format!("{{\"pdq\":\"{HASH}\"}}\n"),
        format!("[{{\"hash\":\"{HASH}\"}}]"),
        format!("{{\"hashes\":[\"{HASH}\"]}}"),
        format!("{{\"a\":1,\n \"entries\":[{{\"signal\":\"{HASH}\",\"signal_type\":\"pdq\"}}]}}"),
    ] {
        let read = read(&text);
        let found: Vec<Option<Hash256>> = entries(&read).iter().map(|entry| entry.pdq).collect();
        assert_eq!(found, [Some(hash(HASH))], "{text}");
        assert_eq!((read.tally.refused, read.tally.entries, read.tally.padded), (0, 1, 0), "{text}");
        assert!(read.end.removes_missing, "{text}");
    }
}

#[test]
fn quality_name_and_what_no_name_takes_are_kept() {
    let list = read(format!("{HASH},87,some, file.jpg\n"));
    let entry = entries(&list)[0];
    assert_eq!((entry.quality, entry.uri.as_str()), (Some(Quality::new(87)), "some, file.jpg"));
    assert_eq!(entry.raw, format!("{HASH},87,some, file.jpg"));
    let list = read(format!(
        "id,pdq,quality,labels,note,url,region\n7,{HASH},87.0,a;b,\"one, two\",https://x.example/1,R1\n"
    ));
    let entry = entries(&list)[0];
    assert_eq!((entry.outside_id.as_str(), entry.note.as_str()), ("7", "one, two"));
    assert_eq!((entry.labels.join("+").as_str(), entry.uri.as_str()), ("a+b", "https://x.example/1"));
    assert_eq!((entry.quality, entry.metadata.as_str()), (Some(Quality::new(87)), r#"{"region":"R1"}"#));
    // A bare hash says nothing more: nothing more is kept.
    assert_eq!(entries(&read(HASH))[0], &NewEntry::of_hash(hash(HASH)));
}

#[test]
fn lost_zeros_are_put_back_and_counted() {
    let read = read(format!("{HASH}\n{}\n", SHORT.trim_start_matches('0')));
    assert_eq!(entries(&read)[1].pdq, Some(hash(SHORT)));
    assert_eq!((read.tally.padded, read.tally.refused), (1, 0));
}

#[test]
fn digests_are_told_by_their_length_or_a_word() {
    let list = read(format!("{MD5}\n{}\n{SHA256}  photo one.jpg\n{SHA256} *b.jpg\nsha256 {SHA256}\n", SHA1));
    let entries = entries(&list);
    assert!(entries[0].md5.is_some() && entries[0].pdq.is_none());
    assert!(entries[1].sha1.is_some() && entries[1].pdq.is_none());
    for entry in &entries[2..] {
        assert_eq!(entry.sha256.map(|id| id.to_string()).as_deref(), Some(SHA256));
        assert!(entry.pdq.is_none());
    }
    assert_eq!(entries[2].uri, "photo one.jpg");
    // 64 digits alone are a hash, unless the user says otherwise.
    assert!(read_with(SHA256.as_bytes(), BareDigits::Sha256).unwrap().items.iter().all(|item| {
        matches!(item, ListItem::Entry(entry) if entry.sha256.is_some() && entry.pdq.is_none())
    }));
    let list = read(format!("MD5,SHA-1,SHA256\n{},{SHA1},{SHA256}\n", MD5.to_uppercase()));
    let entry = self::entries(&list)[0];
    assert!(entry.md5.is_some() && entry.sha1.is_some() && entry.sha256.is_some());
}

#[test]
fn bad_lines_are_refused_with_their_place_and_nothing_goes_for_them() {
    let list = read(format!("{HASH}\nplumbing\n{HASH},200\n\n{}\n{HASH}\n", &HASH[..20]));
    assert_eq!((list.tally.entries, lines(&list)), (2, vec![2, 3, 5]));
    assert!(!list.end.removes_missing);
    let list = read(format!("name,md5\na,{MD5}\nb,xyz\n\nc,\n"));
    assert_eq!((list.tally.entries, lines(&list)), (1, vec![3, 5]));
    let list = read(format!("{{\"pdq\":\"{HASH}\"}}\n{{nonsense\n{{\"a\":1}}\n"));
    assert_eq!((list.tally.entries, lines(&list)), (1, vec![2, 3]));
    let list = read([HASH.as_bytes(), b"\n\xff\xfe\n", HASH.as_bytes()].concat());
    assert_eq!((list.tally.entries, lines(&list)), (2, vec![2]));
    let long = format!("{HASH}\n{}\n{HASH}\n", "f".repeat(3 << 20));
    let list = read(long);
    assert_eq!((list.tally.entries, lines(&list)), (2, vec![2]));
    let wrong = read_with(b"name,size\na,1\n", BareDigits::Pdq).err().expect("no list");
    assert!(matches!(wrong, Error::Table { line: 1, .. }), "{wrong}");
    assert!(read_with(b"", BareDigits::Pdq).is_err());
}

#[test]
fn parts_films_and_failed_files_are_passed_over() {
    let list = read(format!("pdq,view,error\n{HASH},whole,\n{HASH},pane,\n,,DECODE: cut short\n"));
    assert_eq!((list.tally.entries, list.tally.passed_over, list.tally.refused), (1, 2, 0));
}

#[test]
fn what_a_list_takes_back_is_withdrawn() {
    let list = read(format!("id,pdq,status\n1,{HASH},active\n2,,Withdrawn\n3,{HASH},deleted\n"));
    assert_eq!((list.tally.entries, list.tally.withdrawn, list.tally.refused), (1, 2, 0));
    let known = |id: &str| NewEntry { outside_id: id.into(), ..NewEntry::default() };
    let ListItem::Withdrawn(second) = &list.items[1] else { panic!("{:?}", list.items[1]) };
    assert_eq!(second.identity(), known("2").identity());
}

pub(super) fn medium(more: &str) -> String {
    format!(
        r#"{{"MediaID":1,"Category":"3","MD5":"{}","SHA1":"{}","MediaSize":"1234","MimeType":"image/jpeg",
        "RelativeFilePath":"a\\b.jpg","IsDistributed":"true","VictimIdentified":false{more}}}"#,
        MD5.to_uppercase(),
        SHA1.to_uppercase()
    )
}

#[test]
fn both_shapes_of_vics_are_read() {
    let other = format!(
        r#","AlternativeHashes":[{{"HashName":"PhotoDNA","HashValue":"AAAA"}},{{"HashName":"PDQ","HashValue":"{HASH}"}}]"#
    );
    let film = r#"{"MediaID":9,"MD5":"0cc175b9c0f1b6a831c399e269772662","MimeType":"video/mp4"}"#;
    let context = "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/US/$metadata";
    for text in [
        format!("\u{feff}{{\"@odata.context\":\"{context}#Media\",\"value\":[{},{film}]}}", medium(&other)),
        format!(
            r#"{{"@odata.context":"{context}#Cases","value":[{{"CaseID":"c","CaseNumber":"1","Media":[{},{film}],
            "SourceApplicationName":"x"}},{{"CaseID":"d","Media":[]}}]}}"#,
            medium(&other)
        ),
        format!(
            r#"{{"odata.metadata":"http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Cases","value":[{{"Media":[{},{film}]}}]}}"#,
            medium(&other)
        ),
    ] {
        let list = read(&text);
        let entry = entries(&list)[0];
        assert_eq!((list.tally.entries, list.tally.passed_over, list.tally.refused), (1, 1, 0), "{text}");
        assert!(entry.md5.is_some() && entry.sha1.is_some() && entry.pdq == Some(hash(HASH)));
        assert_eq!(entry.uri, r"a\b.jpg");
        // Somebody's legal judgement stays theirs: kept, and no label of ours.
        assert!(entry.labels.is_empty());
        let metadata: serde_json::Value = serde_json::from_str(&entry.metadata).unwrap();
        assert_eq!((&metadata["Category"], &metadata["IsDistributed"]), (&"3".into(), &"true".into()));
        assert_eq!(metadata["AlternativeHashes"][0]["HashName"], "PhotoDNA");
        assert!(entry.raw.contains("VictimIdentified"));
        assert!(list.end.removes_missing);
    }
}

#[test]
fn a_document_that_breaks_off_is_one_refusal() {
    let text = format!("{{\"value\":[{},\n{}", medium(""), &medium("")[..40]);
    let list = read(&text);
    assert_eq!((list.tally.entries, list.tally.refused), (1, 1));
    assert!(!list.end.removes_missing);
    let refused = &list.tally.first_refused[0];
    assert!(refused.line >= 2 && refused.reason.contains("rest of the file"), "{refused:?}");
    let deep = "[".repeat(100_000);
    assert_eq!(read(&deep).tally.refused, 1);
    let huge = format!("{{\"value\":[{{\"MediaID\":1,\"MD5\":\"{}\"}}]}}", "a".repeat(20 << 20));
    assert_eq!(read(&huge).tally.refused, 1);
}

#[test]
fn stopncii_takes_back_what_it_withdraws_and_is_a_feed() {
    let record = |kind: &str, value: &str, status: &str| {
        format!(
            r#"{{"lastModtimestamp":1700000000,"signalType":"{kind}","hashValue":"{value}","hashStatus":"{status}",
            "caseNumbers":{{"c1":"Active"}},"CSPFeedbacks":[{{"feedbackValue":"Blocked","tags":["nude","a"],"source":"s"}}]}}"#
        )
    };
    let text = format!(
        r#"{{"count":5,"hashRecords":[{},{},{},{},{}],"nextPageToken":null}}"#,
        record("ImagePDQ", HASH, "Active"),
        record("VideoMD5", MD5, "Active"),
        record("ImagePDQ", &SHORT[3..], "Received"),
        record("ImagePDQ", HASH, "Withdrawn"),
        record("ImagePDQ", "nonsense", "Deleted"),
    );
    let list = read(&text);
    let tally = &list.tally;
    assert_eq!(
        (tally.entries, tally.withdrawn, tally.passed_over, tally.refused, tally.padded),
        (2, 1, 1, 1, 1)
    );
    assert!(tally.is_feed && !list.end.removes_missing);
    let (ListItem::Entry(first), ListItem::Withdrawn(last)) = (&list.items[0], &list.items[2]) else {
        panic!("{:?}", list.items)
    };
    assert_eq!((first.identity(), &*first.labels), (last.identity(), &["a".into(), "nude".into()][..]));
    assert!(first.metadata.contains("caseNumbers"));
}

fn page(images: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">
<images count="2" maxTimestamp="2026-01-01T00:00:00Z">
{images}
</images>
</queryResult>"#
    )
}

fn image(member: u32, id: &str, fingerprints: &str) -> String {
    format!(
        r#"<image><member id="{member}">M &amp; Co</member><timestamp>2026-01-01T00:00:00Z</timestamp><id>{id}</id>
<classification>A1</classification><fingerprints>{fingerprints}</fingerprints><feedback><affirmativeFeedback type="MD5">
<members><member id="999">Other</member></members></affirmativeFeedback></feedback></image>"#
    )
}

#[test]
fn ncmec_knows_an_image_by_member_and_id() {
    let text = page(&format!(
        "{}{}<deletedImage><member id=\"42\">M</member><id>gone</id></deletedImage><video><id>f</id></video>",
        image(42, "one", &format!("<md5>{MD5}</md5><sha1>{SHA1}</sha1><pdna>AAAA</pdna><pdq>{HASH}</pdq>")),
        image(43, "one", &format!("<md5>{MD5}</md5>")),
    ));
    let list = read(&text);
    let tally = &list.tally;
    assert_eq!((tally.entries, tally.withdrawn, tally.passed_over, tally.refused), (2, 1, 1, 0));
    assert!(tally.is_feed && !list.end.removes_missing);
    let ListItem::Entry(first) = &list.items[0] else { panic!() };
    assert_eq!((first.outside_id.as_str(), &*first.labels), ("42/one", &["A1".to_string()][..]));
    assert!(first.pdq == Some(hash(HASH)) && first.md5.is_some() && first.sha1.is_some());
    let metadata: serde_json::Value = serde_json::from_str(&first.metadata).unwrap();
    assert_eq!((&metadata["pdna"], &metadata["member"]), (&"AAAA".into(), &"M & Co".into()));
    // Whoever gave feedback is a member, too, and not whose entry it is.
    assert!(metadata["feedback"].to_string().contains("999"), "{metadata}");
    let ListItem::Entry(second) = &list.items[1] else { panic!() };
    assert_ne!(first.identity(), second.identity());
    let ListItem::Withdrawn(gone) = &list.items[2] else { panic!() };
    assert_eq!(gone.outside_id, "42/gone");
}

#[test]
fn hostile_pages_end_and_say_where() {
    let bomb = format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE q [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n{}",
        page(&image(1, "&b;", "")).lines().skip(1).collect::<String>()
    );
    assert!(read_with(bomb.as_bytes(), BareDigits::Pdq).is_err(), "a document type");
    let good = image(1, "one", &format!("<md5>{MD5}</md5>"));
    for hostile in [
        image(1, "&unknown;", &format!("<md5>{MD5}</md5>")),
        image(1, &"x".repeat(70_000), ""),
        format!("<image>{}", "<a>".repeat(200)),
        "<image><id>1</id></images>".into(),
        "<image><id>1".into(),
    ] {
        let list = read(page(&format!("{good}\n{hostile}")));
        assert_eq!((list.tally.entries, list.tally.refused), (1, 1), "{}", &hostile[..40.min(hostile.len())]);
        assert!(list.tally.first_refused[0].line >= 5, "{:?}", list.tally.first_refused);
    }
    // An image alone costs itself alone.
    let list = read(page(&format!("{}{good}", image(1, "two", "<md5>xyz</md5>"))));
    assert_eq!((list.tally.entries, list.tally.refused), (1, 1));
    assert!(read_with(b"<html><body/></html>", BareDigits::Pdq).is_err());
}

#[test]
fn pages_of_a_folder_are_one_list() {
    let scene = Scene::new();
    scene.write("pages/002.xml", page(&image(1, "two", &format!("<sha1>{SHA1}</sha1>"))));
    scene.write("pages/001.xml", page(&image(1, "one", &format!("<md5>{MD5}</md5>"))));
    scene.write("pages/readme.txt", "no page");
    let folder = scene.path("pages");
    let mut list = HashListReader::new(ListSource::Path(&folder));
    let mut ids = Vec::new();
    let end = list.read(&mut |item| {
        if let ListItem::Entry(entry) = item {
            ids.push(entry.outside_id);
        }
        Ok(())
    });
    let end = end.unwrap();
    assert_eq!(ids, ["1/one", "1/two"]);
    assert_eq!((end.origin.file.as_str(), end.origin.sha256.len()), ("pages", 64));
    scene.write("none/readme.txt", "no page");
    let none = scene.path("none");
    assert!(HashListReader::new(ListSource::Path(&none)).read(&mut |_| Ok(())).is_err());
}

#[test]
fn the_user_has_the_last_word_on_what_is_missing() {
    let scene = Scene::new();
    let list = scene.write("list.txt", format!("{HASH}\nplumbing\n"));
    let end = |missing| {
        let mut reader = HashListReader::new(ListSource::Path(&list));
        reader.missing = missing;
        reader.read(&mut |_| Ok(())).unwrap().removes_missing
    };
    assert_eq!([Missing::AsTheListSays, Missing::Keep, Missing::Remove].map(end), [false, false, true]);
}

#[test]
fn the_digest_is_that_of_the_file() {
    let scene = Scene::new();
    let path = scene.write("list.txt", HASH);
    let mut list = HashListReader::new(ListSource::Path(&path));
    let end = list.read(&mut |_| Ok(())).unwrap();
    assert_eq!(end.origin.sha256, adlink::analysis::digest(HASH.as_bytes()).sha256.to_string());
    assert_eq!(end.origin.file, "list.txt");
}

proptest! {
    #[test]
    fn damaged_lists_are_never_a_panic(which in 0..6usize, cut in 0usize..1500, place in 0usize..1500, byte: u8) {
        let texts = [
            format!("{HASH}\n{HASH},90,a\npdq {HASH}\n{MD5}  a\n"),
            format!("id,pdq,\"a b\"\n1,{HASH},x\n2,\"{HASH}\",\"\ny\"\n"),
            format!("{{\"pdq\":\"{HASH}\"}}\n{{\"md5\":\"{MD5}\"}}\n"),
            format!("{{\"value\":[{},{}]}}", medium(""), medium("")),
            page(&image(1, "one", &format!("<md5>{MD5}</md5>"))),
            format!("{{\"hashRecords\":[{{\"signalType\":\"ImagePDQ\",\"hashValue\":\"{HASH}\"}}]}}"),
        ];
        let mut bytes = texts[which].clone().into_bytes();
        bytes.truncate(cut);
        if let Some(at) = bytes.get_mut(place) {
            *at = byte;
        }
        if let Ok(read) = read_with(&bytes, BareDigits::Pdq) {
            let entries = read.items.iter().filter(|item| matches!(item, ListItem::Entry(_))).count();
            prop_assert_eq!(entries as u64, read.tally.entries);
            let all_say_something = read.items.iter().all(|item| match item {
                ListItem::Entry(entry) => entry.check().is_ok(),
                ListItem::Withdrawn(entry) => entry.names_something() || !entry.outside_id.is_empty(),
            });
            prop_assert!(all_say_something);
        }
    }
}
