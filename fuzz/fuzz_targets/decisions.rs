//! Decisions as JSON Lines: what is read is written as it was read.
#![no_main]
use adlink::corpus::{decision_from_line, decision_line, read_decisions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok((good, _)) = read_decisions(bytes) else { return };
    for (_, decision) in good {
        assert_eq!(decision_from_line(&decision_line(&decision)).as_ref(), Ok(&decision));
    }
});
