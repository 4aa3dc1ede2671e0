//! Every manifest and layout of the shared collection of cases, through the program: two ads linked, or what is said.
//!
//! The collection lies outside the repository (`../shared/cases`); where it is absent, the test says so and passes. The
//! same kinds, self-made and smaller, stand in `inputs.rs`.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};

/// What a case comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comes {
    /// Two ads linked, nothing skipped.
    Linked,
    /// Two ads linked, and something to be said about the rest.
    LinkedWithSkipped,
    /// Read without a link: there is one ad, or no photo twice.
    Read,
    /// As [`Comes::Read`], with something skipped.
    ReadWithSkipped,
    /// Nothing can come of it: exit code 1 with a hint.
    Failed,
}

use Comes::{Failed, Linked, LinkedWithSkipped, Read, ReadWithSkipped};

const MAP: &[&str] = &["--map", "ad_id=listing_no", "--map", "site=portal", "--map", "images=bilder"];
const NESTED: &[&str] = &["--map", "ad_id=ad.id", "--map", "site=ad.site", "--map", "images=pics.files"];

/// Input below `../shared/cases`, flags, what it comes to.
const CASES: &[(&str, &[&str], Comes)] = &[
    ("inputs/real/abs_windows/ads.jsonl", &[], Linked),
    ("inputs/real/aliases/ads.jsonl", &[], Linked),
    ("inputs/real/backslash/ads.jsonl", &[], Linked),
    ("inputs/real/bare_filenames/ads.jsonl", &[], Linked),
    ("inputs/real/big_id/ads.jsonl", &[], Linked),
    ("inputs/real/bom_semicolon/ads.csv", &[], Linked),
    ("inputs/real/case_ext/ads.jsonl", &[], Linked),
    ("inputs/real/cols_image1/ads.csv", &[], Linked),
    ("inputs/real/cols_image_1_photo/ads.csv", &[], Linked),
    ("inputs/real/cp1252/ads.csv", &[], Linked),
    ("inputs/real/datauri/ads.jsonl", &[], Linked),
    ("inputs/real/dates_local/ads.csv", &[], Linked),
    ("inputs/real/epochms/ads.jsonl", &[], Linked),
    ("inputs/real/file_uri/ads.jsonl", &[], Linked),
    ("inputs/real/gz/ads.jsonl.gz", &[], Linked),
    ("inputs/real/hash_only_records/ads.jsonl", &[], Linked),
    ("inputs/real/images_only/ads.csv", &[], Linked),
    ("inputs/real/images_str/ads.jsonl", &[], Linked),
    ("inputs/real/images_str_comma/ads.jsonl", &[], Linked),
    ("inputs/real/images_str_jsonlist/ads.csv", &[], Linked),
    ("inputs/real/images_str_pipe/ads.jsonl", &[], Linked),
    ("inputs/real/images_str_pylist/ads.csv", &[], Linked),
    ("inputs/real/images_str_space/ads.csv", &[], Linked),
    ("inputs/real/json_array/ads.json", &[], Linked),
    ("inputs/real/json_wrapped/ads.json", &[], Linked),
    ("inputs/real/map/ads.csv", MAP, Linked),
    ("inputs/real/map/ads.csv", &[], Failed),
    ("inputs/real/map_nested/ads.jsonl", NESTED, Linked),
    ("inputs/real/nested_nomap/ads.jsonl", &[], Read),
    ("inputs/real/no_site/ads.csv", &[], Linked),
    ("inputs/real/phones_num/ads.jsonl", &[], Linked),
    ("inputs/real/plain/ads.jsonl", &[], Linked),
    ("inputs/real/plain/ads.jsonl", &["--map", "images=none"], Failed),
    ("inputs/real/plain/ads.jsonl", &["--images", "/none/such"], Failed),
    ("inputs/real/recrawl/ads.jsonl", &[], Linked),
    ("inputs/real/row_per_image/ads.csv", &[], Linked),
    ("inputs/real/row_per_image_fk/ads.csv", &[], Linked),
    ("inputs/real/row_per_image_fk_site/ads.csv", &[], Linked),
    ("inputs/real/sep_line/ads.csv", &[], Linked),
    ("inputs/real/signed_urls/ads.jsonl", &[], Linked),
    ("inputs/real/urls_only/ads.jsonl", &[], Failed),
    ("inputs/real/utf16/ads.csv", &[], Linked),
    ("inputs/real/utf16_tab_txt/ads.txt", &[], Linked),
    // Its pictures are not in the collection.
    ("inputs/tools/ads.parquet", &[], Failed),
    ("inputs/tools/autoarch", &[], Linked),
    ("inputs/tools/autoarch/sheet.csv", &[], Linked),
    ("inputs/tools/autoarch/db.csv", &[], Read),
    ("inputs/tools/autoarch/item.json", &[], Read),
    ("inputs/tools/ftm/entities.ftm.json", &[], Read),
    ("inputs/tools/gallerydl", &[], Linked),
    ("inputs/tools/httrack/mysite", &[], Linked),
    ("inputs/tools/hunchly/images.csv", &[], Linked),
    ("inputs/tools/hunchly/page1.mhtml", &[], Read),
    ("inputs/tools/img2dataset", &[], Linked),
    ("inputs/tools/img2dataset/00000.tar", &[], Linked),
    ("inputs/tools/img2dataset_files", &[], Linked),
    ("inputs/tools/instagram", &[], Linked),
    ("inputs/tools/pg/ads.csv", &[], LinkedWithSkipped),
    ("inputs/tools/pg/ads.db", &[], Read),
    ("inputs/tools/pg/nulls.csv", &[], Linked),
    ("inputs/tools/scrapy/items.csv", &[], Read),
    ("inputs/tools/scrapy/items.jl", &[], Linked),
    ("inputs/tools/scrapy/items.jsonl", &[], Linked),
    ("inputs/tools/singlefile", &[], Linked),
    ("inputs/tools/telegram", &[], LinkedWithSkipped),
    ("inputs/tools/telegram/ChatExport_2026-01-02/result.json", &[], LinkedWithSkipped),
    ("inputs/tools/vics/export.json", &[], Linked),
    ("inputs/tools/wacz/crawl.wacz", &[], Linked),
    ("inputs/tools/warc/crawl.warc", &[], Linked),
    ("inputs/tools/warc/crawl.warc.gz", &[], Linked),
    ("inputs/tools/whatsapp", &[], Linked),
    ("inputs/tools/xlsx/ads.xlsx", &[], Linked),
    ("inputs/tools/zip/scrape.zip", &[], Linked),
];

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases");
    folder.is_dir().then_some(folder)
}

#[test]
fn every_case_comes_to_what_the_table_says() {
    let Some(cases) = shared() else {
        #[allow(clippy::print_stderr)] // The one thing a reader of a green run must know.
        {
            eprintln!("../shared/cases is absent: nothing of it was tested");
        }
        return;
    };
    let mut wrong = Vec::new();
    for (input, flags, expected) in CASES {
        let path = cases.join(input);
        if !path.exists() {
            wrong.push(format!("{input}: not there"));
            continue;
        }
        let out = tempfile::tempdir().expect("a folder");
        let output = Command::cargo_bin("adlink")
            .expect("the program")
            .arg("link")
            .arg(&path)
            .args(*flags)
            .arg("--out")
            .arg(out.path())
            .args(["--features", "20", "--color", "never"])
            .output()
            .expect("a run");
        let (code, talk) = (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned());
        let linked =
            fs::read_to_string(out.path().join("links.csv")).is_ok_and(|links| links.lines().count() > 1);
        let found = match (code, linked) {
            (Some(0), true) => Some(Linked),
            (Some(3), true) => Some(LinkedWithSkipped),
            (Some(0), false) => Some(Read),
            (Some(3), false) => Some(ReadWithSkipped),
            (Some(1), _) if talk.contains("hint: ") => Some(Failed),
            _ => None,
        };
        if found != Some(*expected) {
            wrong.push(format!(
                "{input} {flags:?}: expected {expected:?}, found {found:?} (exit {code:?})\n{talk}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}
