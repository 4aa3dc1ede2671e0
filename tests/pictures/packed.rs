//! Analyses as bytes: there and back, whatever is cut or changed, and a pin that no change of analysis gets past.

use adlink::analysis::analyse_for_case;
use adlink::decode::Limits;
use adlink::packed::{PackedFault, pack, unpack};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// Some files of the fixture, its broken ones among them, in order.
fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let of = |folder: &str| {
        let found = fs::read_dir(root.join(folder)).expect("the fixture").map(|entry| entry.unwrap().path());
        let mut found: Vec<_> = found.filter(|path| path.is_file()).collect();
        found.sort();
        found.truncate(12);
        found
    };
    [of("ads/images/openboard.example"), of("ads/images/noticewall.example")].concat()
}

fn packed(bytes: &[u8], keypoints: u16) -> Vec<u8> {
    let limits = Limits::default();
    pack(&analyse_for_case(bytes, &limits, usize::from(keypoints)), &limits, keypoints)
}

/// To be raised in `src/packed.rs`, and with it this digest, when pictures come to be analysed in another way: else analyses
/// of before and of after would be mixed in one case.
const PINNED: &str = "18ce9eb2b5bbbc9a2ac5ea0c0cfa4f3e898bb215699899bd50270214f017043d";

#[test]
fn another_analysis_of_the_fixture_needs_another_number() {
    let mut all = Sha256::new();
    for file in files() {
        all.update(packed(&fs::read(file).unwrap(), 100));
    }
    let found: String = all.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(found, PINNED, "raise ANALYSIS in src/packed.rs, then write this digest here");
}

#[test]
fn there_and_back() {
    let (mut faults, mut seen) = (0, 0);
    for (place, file) in files().iter().enumerate() {
        let bytes = fs::read(file).unwrap();
        let keypoints = [0, 7, 100][place % 3];
        let analysed = analyse_for_case(&bytes, &Limits::default(), usize::from(keypoints));
        let found = unpack(&packed(&bytes, keypoints)).expect("what pack wrote");
        assert_eq!(found.analysed, analysed, "{}", file.display());
        assert_eq!((found.keypoints, found.limits), (keypoints, Limits::default()));
        *(if analysed.outcome.is_ok() { &mut seen } else { &mut faults }) += 1;
    }
    assert!(seen > 5, "{seen} pictures, {faults} faults");
    let html = b"<!doctype html><html></html>";
    assert!(unpack(&packed(html, 100)).unwrap().analysed.outcome.is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn what_is_cut_or_changed_is_told(place: prop::sample::Index, bit in 0..8u8, cut: prop::sample::Index) {
        static WHOLE: std::sync::LazyLock<Vec<u8>> =
            std::sync::LazyLock::new(|| packed(&fs::read(&files()[0]).unwrap(), 100));
        let whole = &*WHOLE;
        prop_assert!(unpack(&whole[..cut.index(whole.len())]).is_err());
        let mut changed = whole.clone();
        changed[place.index(whole.len())] ^= 1 << bit;
        prop_assert!(unpack(&changed).is_err());
        prop_assert!(unpack(&[&whole[..], &[0]].concat()).is_err());
    }

    /// Whoever forges the digest as well gets an error or an analysis, never a panic.
    #[test]
    fn forged_bytes_end_nothing(body in prop::collection::vec(any::<u8>(), 0..400), keep in 0..300usize) {
        let whole = packed(b"P5\n24 20\n255\n", 0);
        let mut forged = whole[..keep.clamp(12, whole.len() - 16)].to_vec();
        forged.extend(body);
        let check = Sha256::digest(&forged);
        forged.extend(&check[..16]);
        let _ = unpack(&forged);
    }
}

#[test]
fn other_versions_and_other_files_are_named() {
    let mut other = packed(b"no picture", 0);
    other[9] = 9;
    assert_eq!(unpack(&other), Err(PackedFault::Version { form: 9, analysis: 1 }));
    assert_eq!(unpack(b"PAR1"), Err(PackedFault::Foreign));
    assert_eq!(unpack(&packed(b"no picture", 0)[..9]), Err(PackedFault::Damaged));
}
