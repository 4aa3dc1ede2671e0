//! A program that stands in for ffmpeg: what it shows is handed on, whatever it does it ends in time, with its children.

use super::ffmpeg::frames;
use super::{MOST, VideoFault, VideoLimits};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

fn stub(folder: &Path, script: &str) -> PathBuf {
    let path = folder.join("ffmpeg");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn found(script: &str, limits: VideoLimits) -> (Vec<String>, Result<(), VideoFault>) {
    let folder = tempfile::tempdir().unwrap();
    let ffmpeg = stub(folder.path(), script);
    let mut times = Vec::new();
    let outcome = frames(&ffmpeg, Path::new("/v/clip.mp4"), limits, &|| false, &mut |frame| {
        assert!(frame.picture.starts_with(b"P6\n"));
        times.push(frame.at);
    });
    (times, outcome)
}

fn fault(outcome: Result<(), VideoFault>) -> String {
    match outcome {
        Err(VideoFault::Said(why)) => why,
        other => panic!("{other:?}"),
    }
}

const FRAME: &str = "printf '[Parsed_showinfo_1 @ 0x1] [info] n:0 pts:1 pts_time:%s duration:1\\n' $T >&2; printf 'P6\\n2 1\\n255\\nabcdef'";

#[test]
fn frames_come_with_their_times() {
    let script = format!("T=0; {FRAME}\nT=12.40; {FRAME}\nT=3600.0005; {FRAME}\nT=NOPTS; {FRAME}");
    let (times, outcome) = found(&script, VideoLimits::default());
    assert_eq!(times, ["0", "12.4", "3600.001", "frame3"]);
    assert_eq!(outcome, Ok(()));
    // An older program, which knows the other name of an option only.
    let old = format!(
        "case \"$*\" in *-fps_mode*) echo \"Unrecognized option 'fps_mode'.\" >&2; exit 1;; esac\nT=1; {FRAME}"
    );
    assert_eq!(found(&old, VideoLimits::default()).0, ["1"]);
    // It is told what it may open, and no shell reads the name.
    let told = format!(
        "case \"$*\" in *'-protocol_whitelist file,pipe'*'-i file:/v/clip.mp4'*) T=2; {FRAME};; *) exit 1;; esac"
    );
    assert_eq!(found(&told, VideoLimits::default()).0, ["2"]);
}

#[test]
fn what_is_wrong_is_said_with_what_helps() {
    let cut_short = format!("T=1; {FRAME}; echo '[mov @ 0x1] [error] partial file' >&2");
    for (script, words) in [
        ("echo '[error] clip.mp4: Invalid data found' >&2; exit 1", "Invalid data found; where a player"),
        ("echo '[fatal] Stream map matches no streams.' >&2; exit 1", "matches no streams"),
        ("echo 'ffmpeg: libx264.so is missing' >&2; exit 127", "libx264.so is missing"),
        ("printf 'P6\\n9999 9999\\n255\\n'", "not a picture"),
        ("printf 'P6\\n2 1\\n255\\nab'", "did not give pictures"),
        ("head -c 1000000 /dev/zero", "not a picture"),
        // It ends well and shows nothing, or not all.
        ("exit 0", "found no picture"),
        (&cut_short, "partial file; frames may be missing"),
        ("echo \"Unrecognized option 'x'.\" >&2; exit 1", "install one of version"),
    ] {
        let why = fault(found(script, VideoLimits::default()).1);
        assert!(why.contains(words), "{script}: {why}");
    }
    let gone =
        frames(Path::new("/none/ffmpeg"), Path::new("/v"), VideoLimits::default(), &|| false, &mut |_| {});
    assert!(fault(gone).contains("cannot be run"));
    let name = Path::new("/v/a\n[Parsed_showinfo_1 @ 0x1] [info] pts_time:9.mp4");
    let broken = frames(Path::new("/bin/true"), name, VideoLimits::default(), &|| false, &mut |_| {});
    assert!(fault(broken).contains("line break"));
}

/// However it hangs, in itself or in what it started, with its outputs open or closed.
#[test]
fn what_hangs_is_ended_with_its_children() {
    let short = VideoLimits { time: Duration::from_millis(300), ..VideoLimits::default() };
    let folder = tempfile::tempdir().unwrap();
    let id = folder.path().join("id");
    let noted = format!("sleep 60 & echo $! > {}; wait", id.display());
    for script in ["exec sleep 60", "sleep 60", &noted, "sleep 60 & exit 0", "exec >&- 2>&-; sleep 60"] {
        let started = Instant::now();
        let why = fault(found(script, short).1);
        assert!(
            why.contains("longer than 0.3 s") && started.elapsed() < Duration::from_secs(30),
            "{script}: {why}"
        );
    }
    let child = std::fs::read_to_string(&id).unwrap();
    let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
    assert!(!state.contains("(sleep) S"), "{state}");
}

#[test]
fn memory_is_that_of_all_it_starts_and_a_stop_is_no_fault_of_the_video() {
    let small = VideoLimits { memory: 1, ..VideoLimits::default() };
    if cfg!(target_os = "linux") {
        for script in ["exec sleep 60", "sleep 60"] {
            assert!(fault(found(script, small).1).contains("memory"));
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let ffmpeg = stub(folder.path(), "sleep 60");
    let outcome = frames(&ffmpeg, Path::new("/v"), VideoLimits::default(), &|| true, &mut |_| {});
    assert_eq!(outcome, Err(VideoFault::Stopped));
}

#[test]
fn more_than_enough_is_enough() {
    let (times, outcome) = found(&format!("while :; do T=1; {FRAME}; done"), VideoLimits::default());
    assert_eq!((times.len(), outcome), (MOST, Ok(())));
}
