//! Tables that `eval` compares: a truth, pairs, networks; parted by a zero byte.
#![no_main]
use adlink::eval::{Clustering, NetworkFigures, PairFigures, PairFile, Truth};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut parts = bytes.splitn(3, |byte| *byte == 0);
    let mut file = |name: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, parts.next().unwrap_or_default()).expect("a file");
        path
    };
    let (truth, pairs, networks) = (file("truth.csv"), file("pairs.csv"), file("networks.csv"));
    let Ok(truth) = Truth::read(&truth) else { return };
    if let Ok(pairs) = PairFile::read(&pairs, &truth) {
        let _ = PairFigures::new(&truth, &pairs).precision();
    }
    if let Ok(found) = Clustering::read(&networks) {
        let _ = NetworkFigures::new(&Clustering::of_truth(&truth), &found);
    }
});
