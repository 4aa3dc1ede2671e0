//! Packed local features: what can be read is packed as it was.
#![no_main]
use adlink::features::Features;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Some(features) = Features::from_bytes(bytes) {
        let packed = features.to_bytes();
        assert_eq!(Features::from_bytes(&packed).map(|again| again.to_bytes()), Some(packed));
        for keypoints in [0, 1, usize::MAX] {
            let _ = features.prefix(keypoints);
        }
    }
});
