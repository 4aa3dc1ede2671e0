//! The index on disk against the one in memory: the same candidates, bit for bit, whatever was done to both.
//!
//! The trap: in tests tails, sorting passes and segments with turns are small, so that all paths are taken.

use super::*;
use crate::features::index::reading::mix;
use crate::features::{CANDIDATES, Code, FeatureIndex, Keypoint};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Numbers without pattern, alike in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = mix(self.0);
        (self.0 >> 20) % limit
    }
}

/// A picture of which some keypoints are those of others: its parent's, of some family, turned; a few that all have.
fn picture(number: u64, keypoints: u64, common: u64) -> Features {
    let mut own = Draw(number << 20);
    let mut family = Draw((number / 5) << 20 | 1 << 19);
    let keypoint = |draw: &mut Draw, code: u64| {
        let noise = 1 << draw.below(64) | 1 << draw.below(64);
        let words = [mix(code) ^ if draw.below(3) == 0 { noise } else { 0 }, mix(code << 20)];
        let (x, y) = (draw.below(1000) as u16, draw.below(1000) as u16);
        Keypoint { code: Code::from_words(words), x, y, scale: 10, repeats: 1 + draw.below(3) as u8 }
    };
    let mut all = Vec::new();
    for _ in 0..keypoints {
        let kind = own.below(10);
        all.push(match kind {
            0..=5 => {
                let code = family.below(1 << 40);
                let mut keypoint = keypoint(&mut family, code);
                keypoint.code = Code::from_words(keypoint.code.words().map(|word| word ^ 1 << own.below(64)));
                keypoint
            }
            6..=7 => {
                let code = own.below(common);
                keypoint(&mut own, code)
            }
            _ => {
                let code = own.below(1 << 40);
                keypoint(&mut own, code)
            }
        });
    }
    let features = Features { width: 512, height: 512, keypoints: all, ..Features::default() };
    features.turned(crate::hash::Dihedral::ALL[own.below(8) as usize])
}

/// Both indexes, and what is in them.
struct Both {
    _folder: tempfile::TempDir,
    path: PathBuf,
    disk: DiskFeatureIndex,
    memory: FeatureIndex,
    held: BTreeMap<u32, Features>,
}

impl Both {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("features");
        let disk = DiskFeatureIndex::open(&path).unwrap();
        Self { _folder: folder, path, disk, memory: FeatureIndex::default(), held: BTreeMap::new() }
    }

    fn insert(&mut self, row: u32, features: Features) {
        self.disk.insert(row, &features).unwrap();
        self.memory.insert(row, &features);
        self.held.insert(row, features);
    }

    fn extend(&mut self, pictures: Vec<(u32, Features)>) {
        self.disk.extend(pictures.iter().cloned().map(Ok)).unwrap();
        for (row, features) in pictures {
            self.memory.insert(row, &features);
            self.held.insert(row, features);
        }
    }

    fn remove(&mut self, row: u32) {
        assert_eq!(self.disk.remove(row).unwrap(), self.memory.remove(row));
        self.held.remove(&row);
    }

    fn reopen(&mut self) {
        self.disk.commit("test", b"noted").unwrap();
        self.disk = DiskFeatureIndex::open(&self.path).unwrap();
        self.disk.verify().unwrap();
        assert_eq!(self.disk.notes().unwrap(), b"noted");
    }

    /// Looks up some of what is there, and something else; how many candidates came.
    fn agree(&self, step: usize) -> usize {
        assert_eq!(self.disk.len(), self.memory.len());
        let others: Vec<Features> = (0..3).map(|number| picture(number * 7, 40, 20)).collect();
        let queries = self.held.values().step_by(step).chain(&others);
        let found = |query: &Features| {
            let (disk, memory) =
                (self.disk.candidates(query, CANDIDATES).unwrap(), self.memory.candidates(query, CANDIDATES));
            assert_eq!(disk, memory);
            disk.len()
        };
        queries.map(found).sum()
    }
}

#[derive(Debug, Clone)]
enum Act {
    Insert(u32, u64),
    Extend(Vec<(u32, u64)>),
    Remove(u32),
    Reopen,
}

fn any_act() -> impl Strategy<Value = Act> {
    let put = (0u32..120, 0u64..200);
    prop_oneof![
        8 => put.clone().prop_map(|(row, number)| Act::Insert(row, number)),
        1 => prop::collection::vec(put, 0..80).prop_map(Act::Extend),
        3 => (0u32..120).prop_map(Act::Remove),
        1 => Just(Act::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn candidates_are_those_of_the_index_in_memory(acts in prop::collection::vec(any_act(), 1..120), common in 2u64..40) {
        let mut both = Both::new();
        for act in acts {
            match act {
                Act::Insert(row, number) => both.insert(row, picture(number, 40, common)),
                Act::Extend(pictures) => both.extend(
                    pictures.into_iter().map(|(row, number)| (row, picture(number, 40, common))).collect(),
                ),
                Act::Remove(row) => both.remove(row),
                Act::Reopen => both.reopen(),
            }
        }
        both.agree(4);
        both.reopen();
        both.agree(3);
    }
}

#[test]
fn more_and_fewer_buckets_change_nothing() {
    let mut both = Both::new();
    both.extend((0..150).map(|row| (row * 3, picture(row.into(), 100, 10))).collect());
    // Twelve bits of buckets are enough for some 16,000 keypoints; here they become thirteen, fourteen, and fewer again.
    let mut found = both.agree(20);
    for row in 500..560 {
        both.insert(row, picture(row.into(), 100, 10));
    }
    found += both.agree(20);
    both.extend((600..760).map(|row| (row, picture(row.into(), 120, 10))).collect());
    found += both.agree(20);
    assert_eq!(both.disk.bucket_bits(), 14);
    both.reopen();
    for row in (0..150).map(|row| row * 3).chain(500..600) {
        both.remove(row);
    }
    found += both.agree(20);
    assert_eq!(both.disk.bucket_bits(), 13);
    for row in 600..700 {
        both.remove(row);
    }
    both.reopen();
    found += both.agree(5);
    assert_eq!(both.disk.bucket_bits(), 12);
    assert!(found > 150, "{found}");
}

#[test]
fn a_bucket_that_lost_most_of_what_is_kept_is_written_anew() {
    let mut both = Both::new();
    // All of one picture: every bucket has far more postings than are kept.
    both.extend((0..200).map(|row| (row, picture(1, 30, 5))).collect());
    both.reopen();
    for row in 0..190 {
        both.remove(row);
        if row % 30 == 7 {
            both.agree(40);
        }
    }
    assert!(both.agree(1) > 50);
}

#[test]
fn few_segments_stand_side_by_side() {
    let mut both = Both::new();
    for row in 0..900 {
        both.insert(row, picture(row.into(), 4, 5));
        assert!(both.disk.segments() <= 5, "{}", both.disk.segments());
    }
    both.agree(100);
}

#[test]
fn damage_of_any_byte_is_found_and_nothing_panics() {
    let mut both = Both::new();
    both.extend((0..70).map(|row| (row, picture(row.into(), 20, 5))).collect());
    both.reopen();
    let path = both.path.join(file_name(1));
    let sound = fs::read(&path).unwrap();
    let (mut refused, mut step) = (0, 1);
    for at in (0..sound.len()).step_by(997).chain([0, 9, sound.len() - 1, sound.len() - 9]) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << (step % 8);
        step += 3;
        fs::write(&path, &bytes).unwrap();
        match DiskFeatureIndex::open(&both.path) {
            Err(Error::FeatureIndex { .. } | Error::Io { .. }) => refused += 1,
            Err(other) => panic!("{other}"),
            Ok(index) => {
                assert!(matches!(index.verify(), Err(Error::FeatureIndex { .. })), "byte {at}");
                for query in both.held.values().step_by(30) {
                    let _ = index.candidates(query, CANDIDATES);
                }
            }
        }
    }
    assert!(refused > 1);
    fs::write(&path, &sound[..sound.len() - 1]).unwrap();
    assert!(matches!(DiskFeatureIndex::open(&both.path), Err(Error::FeatureIndex { .. })));
    fs::remove_file(&path).unwrap();
    assert!(matches!(DiskFeatureIndex::open(&both.path), Err(Error::Io { .. })));
    let list = both.path.join("segments.json");
    let text = fs::read_to_string(&list).unwrap().replace("\"basis\":\"test\"", "\"basis\":\"tent\"");
    fs::write(&list, text).unwrap();
    assert!(matches!(DiskFeatureIndex::open(&both.path), Err(Error::FeatureIndex { .. })));
    assert!(DiskFeatureIndex::delete(&both.path).unwrap());
    assert!(!both.path.exists());
}

#[test]
fn one_writes_at_a_time_and_what_was_not_committed_is_gone() {
    let mut both = Both::new();
    both.extend((0..30).map(|row| (row, picture(row.into(), 20, 5))).collect());
    both.disk.commit("first", b"1").unwrap();
    let mut other = DiskFeatureIndex::open(&both.path).unwrap();
    assert_eq!((other.basis(), other.len(), other.contains(29)), ("first", 30, true));
    both.disk.insert(99, &picture(99, 20, 5)).unwrap();
    assert_eq!(DiskFeatureIndex::open(&both.path).unwrap().len(), 30);
    both.disk.commit("second", b"2").unwrap();
    // Read before: still what it was, and not to be written back over the other's.
    assert_eq!(other.len(), 30);
    assert!(!other.candidates(&picture(3, 20, 5), 9).unwrap().is_empty());
    other.insert(7, &picture(8, 20, 5)).unwrap();
    assert!(matches!(other.commit("third", b""), Err(Error::FeatureIndex { .. })));
    let mut writer = DiskFeatureIndex::open(&both.path).unwrap();
    writer.extend((100..140).map(|row| Ok((row, picture(row.into(), 20, 5))))).unwrap();
    assert!(matches!(DiskFeatureIndex::delete(&both.path), Err(Error::FeatureIndex { .. })));
    drop(writer);
    let reopened = DiskFeatureIndex::open(&both.path).unwrap();
    assert_eq!((reopened.basis(), reopened.len()), ("second", 31));
    assert_eq!((other.notes().unwrap(), reopened.notes().unwrap()), (b"1".to_vec(), b"2".to_vec()));
}

#[cfg(unix)]
#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mut both = Both::new();
    both.insert(1, picture(1, 20, 5));
    both.reopen();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&both.path), 0o700);
    let files: Vec<PathBuf> = fs::read_dir(&both.path).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() > 2);
    files.iter().for_each(|file| assert_eq!(mode(file), 0o600, "{}", file.display()));
}

#[test]
fn segments_are_joined_beside_an_index_that_changes() {
    let mut both = Both::new();
    both.disk.merge_elsewhere();
    for row in 0..100 {
        both.insert(row, picture(row.into(), 40, 5));
    }
    assert_eq!(both.disk.segments(), 5);
    let job = both.disk.merging().unwrap().unwrap();
    // Meanwhile some go, some are replaced, more come, and a segment with them.
    (10..20).for_each(|row| both.remove(row));
    (40..60).for_each(|row| both.insert(row, picture(u64::from(row) + 7, 40, 5)));
    (200..230).for_each(|row| both.insert(row, picture(row.into(), 40, 5)));
    let merged = job.run().unwrap();
    both.agree(9);
    assert!(both.disk.adopt(merged));
    assert!(both.disk.segments() <= 3, "{}", both.disk.segments());
    both.agree(5);
    both.reopen();
    both.agree(5);
    // What is not there any more is not replaced.
    both.disk.merge_elsewhere();
    (300..400).for_each(|row| both.insert(row, picture(row.into(), 40, 5)));
    let (one, other) = (both.disk.merging().unwrap().unwrap(), both.disk.merging().unwrap().unwrap());
    assert!(both.disk.adopt(one.run().unwrap()));
    assert!(!both.disk.adopt(other.run().unwrap()));
    both.agree(9);
    both.reopen();
    both.agree(9);
}
