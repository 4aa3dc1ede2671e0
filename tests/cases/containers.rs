//! What lies in containers: archives, web archives, saved pages, and images written into records.
//!
//! Every file is made by the test itself, as the tools that are named write it. The trap: members are read where they
//! lie, so a test may not look for extracted files.

use crate::scene::{Scene, picture};
use adlink::error::Error;
use adlink::ingest::{AdPer, IngestOptions, check_originals};
use adlink::progress::Silent;

use super::inputs::{arrived, gzip, options};
use std::fs;
use std::io::{Cursor, Write};

/// The files of a small scrape, in an archive of some kind.
fn scrape() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("s.example/1/a.pgm", picture(1)),
        ("t.example/2/b.pgm", picture(2)),
        ("t.example/2/notes.txt", b"x".to_vec()),
    ]
}

fn zipped(files: &[(&str, Vec<u8>)], method: zip::CompressionMethod) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer
            .start_file(*name, zip::write::SimpleFileOptions::default().compression_method(method))
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(super) fn tarred(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        builder.append_data(&mut header, name, &bytes[..]).unwrap();
    }
    builder.into_inner().unwrap()
}

#[test]
fn archives_give_what_the_folder_gives_and_are_read_where_they_lie() {
    let files = scrape();
    let tar = tarred(&files);
    let mut expected = None;
    for (name, bytes) in [
        ("in.zip", zipped(&files, zip::CompressionMethod::Stored)),
        ("deflated.zip", zipped(&files, zip::CompressionMethod::Deflated)),
        ("in.tar", tar.clone()),
        ("in.tar.gz", gzip(&tar)),
        ("in.tar.zst", zstd::encode_all(&tar[..], 1).unwrap()),
        ("tar.zip", zipped(&[("in.tar", tar.clone())], zip::CompressionMethod::Stored)),
        ("packed.zip", zipped(&[("in.tar", tar.clone())], zip::CompressionMethod::Deflated)),
        ("zip.tar", tarred(&[("x/in.zip", zipped(&files, zip::CompressionMethod::Deflated))])),
    ] {
        let scene = Scene::new();
        scene.write(name, bytes);
        let summary = scene.ingest_with(name, &options()).unwrap();
        assert_eq!((summary.images.hashed, summary.skipped()), (2, 0), "{name}");
        assert_eq!(summary.unused.get("document"), Some(&1), "{name}: {:?}", summary.unused);
        let found = arrived(&scene);
        assert_eq!(found, *expected.get_or_insert(found.clone()), "{name}");
        assert_eq!(found, ["s.example/1 s.example/1/a.pgm", "t.example/2 t.example/2/b.pgm"]);
        // Nothing lies beside it, and originals are checked where they are.
        let beside: Vec<_> =
            fs::read_dir(scene.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(
            beside.iter().all(|file| file == name || file.to_string_lossy().starts_with("case.adlink")),
            "{beside:?}"
        );
        let check = check_originals(scene.case().file_records().unwrap(), &Silent).unwrap();
        assert_eq!(
            (check.same, check.changed.len() + check.gone.len() + check.unread.len()),
            (2, 0),
            "{name}"
        );
        let again = scene.ingest_with(name, &options()).unwrap();
        assert_eq!((again.images.hashed, again.bytes_read, again.records.repeated), (0, 0, 2), "{name}");
    }
}

#[test]
fn a_manifest_in_an_archive_names_its_members() {
    let record = b"{\"site\":\"x\",\"ad_id\":\"7\",\"images\":[\"img/a.pgm\"]}\n{\"site\":\"y\",\"ad_id\":\"8\",\"images\":[\"IMG/b.pgm\"]}\n";
    let files = [("img/a.pgm", picture(1)), ("img/b.pgm", picture(2)), ("ads.jsonl", record.to_vec())];
    for (name, bytes) in
        [("in.zip", zipped(&files, zip::CompressionMethod::Deflated)), ("in.tar.gz", gzip(&tarred(&files)))]
    {
        let scene = Scene::new();
        scene.write(name, bytes);
        scene.ingest_with(name, &options()).unwrap();
        assert_eq!(arrived(&scene), ["x/7 img/a.pgm", "y/8 IMG/b.pgm"], "{name}");
        fs::remove_file(scene.path("case.adlink")).unwrap();
        scene.ingest_with(name, &IngestOptions { ad_per: AdPer::Image, ..options() }).unwrap();
        assert_eq!(scene.snapshot().ads.len(), 2);
    }
}

#[test]
fn containers_that_lie_are_named_and_hurt_nothing() {
    let files = scrape();
    let zip = zipped(&files, zip::CompressionMethod::Deflated);
    let tar = tarred(&files);
    let hostile = tarred_raw(&[("../../x.pgm", picture(1)), ("/abs/y.pgm", picture(2))]);
    let scene = Scene::new();
    scene.write("hostile.tar", hostile);
    scene.ingest_with("hostile.tar", &options()).unwrap();
    assert_eq!(scene.snapshot().images.len(), 2);
    for (name, whole) in [
        ("cut.zip", &zip),
        ("cut.tar", &tar),
        ("cut.tar.gz", &gzip(&tar)),
        ("cut.tar.zst", &zstd::encode_all(&tar[..], 1).unwrap()),
    ] {
        for part in 1..25 {
            let scene = Scene::new();
            scene.write(name, &whole[..whole.len() * part / 25]);
            match scene.ingest_with(name, &options()) {
                Ok(summary) => assert!(summary.images.hashed <= 2, "{name} {part}"),
                Err(
                    Error::NoInput(_) | Error::Manifest { .. } | Error::Fruitless { .. } | Error::Io { .. },
                ) => {}
                Err(other) => panic!("{name} {part}: {other:?}"),
            }
        }
    }
    // A directory that claims more members than there are, and one whose members share their bytes.
    let mut lying = zip.clone();
    let end = lying.len() - 22;
    lying[end + 8..end + 12].copy_from_slice(&[0xFF, 0x7F, 0xFF, 0x7F]);
    let scene = Scene::new();
    scene.write("lying.zip", lying);
    let summary = scene.ingest_with("lying.zip", &options()).unwrap();
    assert!(summary.images.hashed == 2 && summary.records.malformed == 1, "{summary:?}");
}

/// A tar whose names the library would refuse to write.
fn tarred_raw(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        builder.append(&header, &bytes[..]).unwrap();
    }
    builder.into_inner().unwrap()
}

/// A response as a crawler stores it.
fn record(kind: &str, url: &str, media: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let http = format!("HTTP/1.1 200 OK\r\nContent-Type: {media}\r\n{headers}\r\n");
    let header = format!(
        "WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nWARC-Target-URI: {url}\r\n\
         WARC-Payload-Digest: sha1:{}\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n",
        adlink::analysis::digest(body).sha1.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
        http.len() + body.len()
    );
    [header.as_bytes(), http.as_bytes(), body, b"\r\n\r\n"].concat()
}

fn crawl() -> Vec<Vec<u8>> {
    let chunked = {
        let body = picture(2);
        let (one, two) = body.split_at(100);
        [
            format!("{:x}\r\n", one.len()).as_bytes(),
            one,
            format!("\r\n{:x};x=y\r\n", two.len()).as_bytes(),
            two,
            b"\r\n0\r\n\r\n",
        ]
        .concat()
    };
    let page = |image: &str| {
        format!("<html><title>Ad</title><img data-src=\"{image}\" src=\"data:image/gif;base64,R0lG\"> +49 30 1234567").into_bytes()
    };
    vec![
        record("response", "https://s.example/img/1.pgm", "image/x-portable-graymap", "", &picture(1)),
        record(
            "response",
            "https://s.example/ad/1",
            "text/html; charset=utf-8",
            "Content-Encoding: gzip\r\n",
            &gzip(&page("/img/1.pgm")),
        ),
        record("response", "https://t.example/ad/2", "text/html", "", &page("//cdn.example/2.pgm?x=1#y")),
        record(
            "response",
            "https://cdn.example/2.pgm?x=1",
            "image/x-portable-graymap",
            "Transfer-Encoding: chunked\r\n",
            &chunked,
        ),
        record("request", "https://cdn.example/2.pgm?x=1", "text/plain", "", b""),
        record("response", "https://u.example/", "text/html", "", b"<p>nothing"),
    ]
}

#[test]
fn web_archives_give_pages_with_their_images() {
    let records = crawl();
    let each: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    for (name, bytes) in [
        ("crawl.warc", records.concat()),
        ("crawl.warc.gz", each.clone()),
        ("whole.warc.gz", gzip(&records.concat())),
        (
            "crawl.wacz",
            zipped(
                &[("archive/data.warc.gz", each.clone()), ("pages/pages.jsonl", b"{}".to_vec())],
                zip::CompressionMethod::Stored,
            ),
        ),
    ] {
        let scene = Scene::new();
        scene.write(name, bytes);
        let summary = scene.ingest_with(name, &options()).unwrap();
        assert_eq!((summary.records.used, summary.images.hashed, summary.skipped()), (2, 2, 0), "{name}");
        assert_eq!(
            arrived(&scene),
            ["s.example/ad/1 https://s.example/img/1.pgm", "t.example/ad/2 https://cdn.example/2.pgm?x=1#y"],
            "{name}"
        );
        let ad = scene.snapshot().ads[0].clone();
        assert_eq!(
            (ad.title.as_str(), ad.collected_at.as_str(), ad.phones.join(",")),
            ("Ad", "2026-01-02T03:04:05Z", "+49 30 1234567".into())
        );
        let check = check_originals(scene.case().file_records().unwrap(), &Silent).unwrap();
        assert_eq!(check.same, 2, "{name}");
    }
}

#[test]
fn an_image_that_had_not_changed_is_that_of_the_first_visit() {
    let body = picture(1);
    let revisit = record("revisit", "https://t.example/again.pgm", "image/x-portable-graymap", "", &body);
    let page = record("response", "https://t.example/ad", "text/html", "", b"<img src=again.pgm>");
    let first = record("response", "https://s.example/img/1.pgm", "image/x-portable-graymap", "", &body);
    let scene = Scene::new();
    scene.write("crawl.warc", [page, revisit, first].concat());
    scene.ingest_with("crawl.warc", &options()).unwrap();
    assert_eq!(arrived(&scene), ["t.example/ad https://t.example/again.pgm"]);
}

#[test]
fn pages_that_were_saved() {
    let digits = |seed: u32| base64(&picture(seed));
    let scene = Scene::new();
    scene.write("one/a.html", format!("<!-- Page saved with SingleFile\n url: https://s.example/ad/1\n--><img src=\"data:image/x;base64,{}\">", digits(1)));
    scene.write(
        "one/b.html",
        format!(
            "<link rel=canonical href=https://t.example/ad/2><img src='data:image/x;base64,{}'>",
            digits(2)
        ),
    );
    scene.ingest_with("one", &options()).unwrap();
    let ads: Vec<String> = scene.snapshot().ads.iter().map(|ad| ad.key.to_string()).collect();
    assert_eq!(
        (ads, scene.snapshot().images.len()),
        (vec!["s.example/ad/1".into(), "t.example/ad/2".into()], 2)
    );

    let scene = Scene::new();
    scene.write("site/www.s.example/ad/1.html", "<img src=\"../img/1.pgm\"><img src='/img/space%20d.pgm'>");
    scene.write("site/www.s.example/img/1.pgm", picture(1));
    scene.write("site/www.s.example/img/space d.pgm", picture(2));
    scene.write("site/unused.pgm", picture(3));
    let summary = scene.ingest_with("site", &options()).unwrap();
    assert_eq!(scene.snapshot().ads[0].key.to_string(), "www.s.example/ad/1.html");
    assert_eq!((scene.snapshot().images.len(), summary.unused["picture that no page shows"]), (2, 1));

    let scene = Scene::new();
    let mhtml = format!(
        "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\tboundary=\"--b\"\r\n\r\n\
         ----b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\nContent-Location: https://s.example/ad/1\r\n\r\n\
         <img src=3D\"a.pgm\"><img src=3D\"cid:x@y\">\r\n----b\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Location: https://s.example/ad/a.pgm\r\n\r\n{}\r\n----b\r\nContent-Type: image/x\r\nContent-ID: <x@y>\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n----b--\r\n",
        digits(1),
        digits(2)
    );
    scene.write("page.mhtml", mhtml);
    scene.ingest_with("page.mhtml", &options()).unwrap();
    assert_eq!(scene.snapshot().images.len(), 2);
    assert_eq!(scene.snapshot().ads[0].key.to_string(), "s.example/ad/1");
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn images_written_into_records() {
    let address = |seed: u32| format!("data:image/x;base64,{}", base64(&picture(seed)));
    let lines = format!(
        "{{\"site\":\"s\",\"ad_id\":1,\"images\":[\"{}\"]}}\n{{\"site\":\"t\",\"ad_id\":2,\"images\":[\"{}\"]}}\n",
        address(1),
        address(2).replace('/', "\\/")
    );
    let table = format!("site,ad_id,image\ns,1,\"{}\"\nt,2,\"{}\"\n", address(1), address(2));
    for (name, content) in [("ads.jsonl", lines), ("ads.csv", table)] {
        let scene = Scene::new();
        scene.write(name, content);
        scene.ingest_with(name, &options()).unwrap();
        assert_eq!(arrived(&scene), ["s/1 data: image 1", "t/2 data: image 1"], "{name}");
        assert_eq!(scene.snapshot().images.len(), 2);
    }
}
