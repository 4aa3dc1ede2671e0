//! What used to be lost quietly on the way into a bank: rows behind an open quote, rows that look like comments, whole
//! elements of JSON, second values, the first bytes of a slow pipe.

use super::hash_lists::{
    HASH, MD5, Read, SHA1, SHA256, SHORT, entries, hash, lines, medium, read, read_list,
};
use adlink::corpus::NewEntry;
use adlink::hashlist::{HashListReader, ListSource, Missing};
use serde_json::{Value, json};
use std::io;

fn ids(read: &Read) -> Vec<&str> {
    entries(read).iter().map(|entry| entry.outside_id.as_str()).collect()
}

fn metadata(entry: &NewEntry) -> Value {
    serde_json::from_str(&entry.metadata).expect("metadata")
}

/// The first reason why anything was refused.
fn reason(read: &Read) -> &str {
    &read.tally.first_refused[0].reason
}

#[test]
fn a_quote_that_is_never_closed_swallows_no_row_quietly() {
    let row = |id: usize, note: &str| format!("{id},{note},{HASH}\n");
    let rows = |of: std::ops::Range<usize>| of.map(|id| row(id, "n")).collect::<String>();
    let heading = "id,note,pdq\n";
    // To the end of the file.
    let list = read(format!("{heading}{}{}{}", rows(1..4), row(4, "\"n"), rows(5..900)));
    assert_eq!((ids(&list), lines(&list)), (vec!["1", "2", "3"], vec![5]));
    assert!(reason(&list).contains("never closed") && !list.end.removes_missing, "{}", reason(&list));
    // To a quote of a later row, however far away: no id meets the hash of another.
    for between in [0, 1, 2, 3, 60, 62, 63, 64, 65, 500] {
        let last = 3 + between;
        let text = format!(
            "{heading}{}{}{}{}{}",
            rows(1..2),
            row(2, "\"n"),
            rows(3..last),
            row(last, "\"z\""),
            rows(last + 1..last + 3)
        );
        let list = read(text);
        let after = [(last + 1).to_string(), (last + 2).to_string()];
        assert_eq!(ids(&list), ["1", &*after[0], &*after[1]], "{between} rows between");
        assert_eq!(lines(&list), [3], "{between} rows between");
        assert!(reason(&list).contains("close it"), "{}", reason(&list));
        assert!(!list.end.removes_missing);
    }
    // What is quoted well is read, over some lines as well; a sign of inches is none of that.
    let well = format!("{heading}1,\"one\ntwo \"\"2\"\"\",{HASH}\n2,15\" wide,{HASH}\n3,\"a\"b,{HASH}\n");
    assert_eq!((ids(&read(&well)), read(&well).tally.refused), (vec!["1", "2", "3"], 0));
    let long = format!("{heading}1,\"{}\",{HASH}\n2,n,{HASH}\n", "a line\n".repeat(64));
    assert_eq!((ids(&read(&long)), lines(&read(&long))), (vec!["2"], vec![2]));
    let endless = format!("{heading}1,\"{}", "x".repeat(2 << 20));
    assert!(reason(&read(&endless)).contains("longer than 1 MiB"), "{}", reason(&read(&endless)));
}

#[test]
fn only_what_holds_no_hash_is_a_comment() {
    let list = read(format!(
        "# made by\n\n# somebody\nid,pdq\n#1,{HASH}\n# two: a, b\n#3,{}\n4,{HASH}\n",
        &HASH[1..40]
    ));
    assert_eq!((ids(&list), lines(&list)), (vec!["#1", "4"], vec![7]));
    // A heading may begin so, too, and then is none of the lines before it.
    let list = read(format!("# a list\n#,md5\n1,{MD5}\n"));
    assert_eq!((entries(&list)[0].md5.is_some(), list.tally.refused), (true, 0));
    let list = read(format!("# pdq\n{HASH}\n"));
    assert_eq!((entries(&list)[0].pdq, list.tally.refused), (Some(hash(HASH)), 0));
}

#[test]
fn a_list_without_an_entry_takes_nothing_out() {
    for text in ["id,pdq\n", "[]", "{\"value\":[]}", "id,pdq\n1,plumbing\n", "pdq,view\n,pane\n", "hash\n\n"]
    {
        let list = read(text);
        assert_eq!((list.tally.entries, list.end.removes_missing), (0, false), "{text}");
    }
    let mut forced = HashListReader::new(ListSource::Stream("list", Box::new(&b"id,pdq\n"[..])));
    forced.missing = Missing::Remove;
    assert!(read_list(forced).unwrap().end.removes_missing, "the user has the last word");
}

#[test]
fn an_entry_with_a_list_of_its_own_is_an_entry() {
    for name in ["items", "value", "entries", "hashes", "signals"] {
        for list in ["[]", "[\"a\",\"b\"]", "[1,{\"a\":2}]"] {
            let first = format!("{{\"id\":\"1\",\"pdq\":\"{HASH}\",\"{name}\":{list}}}");
            let last = format!("{{\"{name}\":{list},\"id\":\"2\",\"pdq\":\"{HASH}\"}}");
            for text in [format!("[{first},\n{last}]"), format!("{first}\n{last}\n")] {
                let read = read(&text);
                assert_eq!((ids(&read), read.tally.refused), (vec!["1", "2"], 0), "{text}");
                if list.len() > 2 {
                    let expected: Value = serde_json::from_str(list).unwrap();
                    assert_eq!(metadata(entries(&read)[0])[name], expected, "{text}");
                }
            }
        }
    }
    let alone = read(format!("{{\"pdq\":\"{HASH}\",\n\"items\":[\"a\"]}}"));
    assert_eq!((alone.tally.entries, alone.tally.refused), (1, 0));
    // What only holds a list is around it, as deep as it goes and as long as it is; its digest is none of an entry.
    let many = format!("\"{MD5}\",").repeat(2500);
    for text in [
        format!("[{{\"name\":\"x\",\"hashes\":[{many}\"{MD5}\"]}}]"),
        format!("{{\"entries\":[{{\"items\":[{{\"hashes\":[{many}\"{MD5}\"]}}]}}]}}"),
        format!(
            "{{\"sha256\":\"{SHA256}\",\n\"entries\":[{}{{\"md5\":\"{MD5}\"}}]}}",
            format!("{{\"md5\":\"{MD5}\"}},").repeat(2500)
        ),
    ] {
        let read = read(&text);
        assert_eq!((read.tally.entries, read.tally.refused), (2501, 0), "{}", &text[..80]);
    }
}

#[test]
fn what_is_no_element_of_a_list_is_counted() {
    let list = read(format!("{{\"hashes\":[1,\n2.5,true,\nnull,\"{HASH}\",\"plumbing\"]}}"));
    assert_eq!((list.tally.entries, lines(&list)), (1, vec![1, 2, 2, 3, 3]));
    assert!(reason(&list).contains("`1` is no entry"), "{}", reason(&list));
    assert!(!list.end.removes_missing);
}

#[test]
fn project_vic_on_one_line_is_project_vic() {
    let one_line = |text: String| text.replace('\n', "");
    let other = format!(r#","AlternativeHashes":[{{"HashName":"PDQ","HashValue":"{HASH}"}}]"#);
    let film = r#"{"MediaID":9,"MD5":"0cc175b9c0f1b6a831c399e269772662","MimeType":"video/mp4"}"#;
    let medium = medium(&other);
    for text in [
        one_line(format!("{{\"@odata.context\":\"x#Media\",\"value\":[{medium},{film}]}}")),
        one_line(format!("{{\"value\":[{{\"CaseID\":\"c\",\"Media\":[{medium},{film}]}}]}}")),
        one_line(format!("{{\"CaseID\":\"c\",\"Media\":[{medium},{film}]}}")),
        format!("{}\n{film}\n", one_line(medium.clone())),
    ] {
        let list = read(&text);
        assert_eq!((list.tally.entries, list.tally.passed_over, list.tally.refused), (1, 1, 0), "{text}");
        let entry = entries(&list)[0];
        assert_eq!((entry.pdq, entry.uri.as_str()), (Some(hash(HASH)), r"a\b.jpg"), "{text}");
    }
}

#[test]
fn line_breaks_of_every_system_are_one_and_long_notes_too() {
    let entry = |text: &str| entries(&read(text))[0].clone();
    let vics = medium(r#","Comments":"one\r\ntwo\rthree""#);
    assert_eq!(entry(&format!("{{\"value\":[{vics}]}}")).note, "one\ntwo\nthree");
    assert_eq!(entry(&format!("pdq,note\r\n{HASH},\"one\r\ntwo\"\r\n")).note, "one\ntwo");
    let long = "a\\r\\n".repeat(200);
    let vics = medium(&format!(r#","Comments":"{long}""#));
    let plain = format!("[{{\"pdq\":\"{HASH}\",\"note\":\"{long}\"}}]");
    let kept = "a\n".repeat(200);
    assert_eq!(metadata(&entry(&format!("{{\"value\":[{vics}]}}")))["Comments"], kept.trim());
    assert_eq!(metadata(&entry(&plain))["note"], kept.trim());
    // Other control characters are no words: the entry is refused, and said to be.
    assert_eq!(lines(&read(format!("[{{\"pdq\":\"{HASH}\",\"note\":\"a\\u001b[31m\"}}]"))), [1]);
}

#[test]
fn nothing_of_an_entry_is_lost_to_a_second_value() {
    let entry = |object: Value| {
        let list = read(object.to_string());
        assert_eq!(list.tally.refused, 0, "{:?}", list.tally);
        entries(&list)[0].clone()
    };
    let two = entry(
        json!({"pdq": HASH, "url": "u", "path": "p", "note": "n", "comment": "c", "quality": 9, "pdq_quality": 8}),
    );
    assert_eq!((two.uri.as_str(), two.note.as_str()), ("u", "n"));
    assert_eq!(metadata(&two), json!({"path": "p", "comment": "c", "pdq_quality": "8"}));
    // The id that is meant for others tells the entry, wherever it stands.
    for object in
        [json!({"pdq": HASH, "id": 1, "outside_id": "x"}), json!({"outside_id": "x", "id": 1, "pdq": HASH})]
    {
        let entry = entry(object);
        assert_eq!((entry.outside_id.as_str(), metadata(&entry)), ("x", json!({"id": "1"})));
    }
    let notes = entry(
        json!({"pdq": HASH, "notes": ["a", "b"], "tags": ["x", 5, {"y": 1}], "type": "photo", "url": {"a": 1}}),
    );
    assert_eq!((notes.note.as_str(), notes.labels.join("+").as_str()), ("a\nb", "x+5"));
    assert_eq!(metadata(&notes), json!({"tags": [{"y": 1}], "type": "photo", "url": {"a": 1}}));
    // Of several open names the hash is the one that looks like it.
    let open = entry(json!({"value": 90, "hash": HASH, "digest": "sha"}));
    assert_eq!((open.pdq, metadata(&open)), (Some(hash(HASH)), json!({"value": "90", "digest": "sha"})));
    let beside = entry(json!({"pdq": HASH, "value": 90}));
    assert_eq!((beside.pdq, metadata(&beside)), (Some(hash(HASH)), json!({"value": "90"})));
    let inner = entry(json!({"pdq": HASH, "region": "R1", "metadata": {"region": "R2"}}));
    assert_eq!(metadata(&inner), json!({"region": "R1", "region_2": "R2"}));
    // Two hashes of a kind that differ are nobody's guess.
    let list = read(json!({"pdq": HASH, "pdq_hash": SHORT}).to_string());
    assert!(reason(&list).contains("second PDQ hash"), "{}", reason(&list));
    assert_eq!(read(json!({"pdq": HASH, "hash": HASH.to_uppercase()}).to_string()).tally.entries, 1);
}

#[test]
fn only_an_error_is_one() {
    for none in [json!(false), json!(0), json!(""), json!(null), json!("None"), json!([]), json!("false")] {
        let list = read(json!({"pdq": HASH, "error": none}).to_string());
        assert_eq!((list.tally.entries, list.tally.passed_over), (1, 0), "{none}");
    }
    for some in [json!(true), json!("DECODE"), json!({"code": 1}), json!(["x"])] {
        let list = read(json!({"pdq": HASH, "error": some}).to_string());
        assert_eq!((list.tally.entries, list.tally.passed_over), (0, 1), "{some}");
    }
}

/// Gives a byte at a time, as a slow writer of a pipe does.
struct Slow<'s>(&'s [u8]);

impl io::Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(1);
        io::Read::read(&mut self.0, &mut buffer[..count])
    }
}

#[test]
fn a_slow_pipe_says_what_a_file_says() {
    for text in [
        format!("\u{feff}{HASH}\n{HASH},90,a\n"),
        format!("\u{feff}file,md5\na,{MD5}\n"),
        format!("# about it\n\nfile;PDQ_Hash\na;{HASH}\n"),
        format!("{{\"pdq\":\"{HASH}\"}}\n{{\"sha1\":\"{SHA1}\"}}\n"),
        format!("{{\"value\":[{}]}}", medium("").replace('\n', "")),
        format!(
            "<?xml version=\"1.0\"?><queryResult><image><id>1</id><fingerprints><md5>{MD5}</md5></fingerprints></image></queryResult>"
        ),
    ] {
        let slow = HashListReader::new(ListSource::Stream("list", Box::new(Slow(text.as_bytes()))));
        let slow = read_list(slow).expect("a list");
        let fast = read(&text);
        assert_eq!((&slow.items, &slow.end, &slow.tally), (&fast.items, &fast.end, &fast.tally), "{text}");
        assert!(slow.tally.entries > 0, "{text}");
    }
}
