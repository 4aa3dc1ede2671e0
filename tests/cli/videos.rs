//! Frames of videos, by a program that stands in for ffmpeg: counted and named without it, images of their ads with it.
#![cfg(unix)]

use super::support::{adlink, fixture, rows};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// Two ads: one has a picture, the other a video whose second scene shows the same photo.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        let photo = fixture().join("images/openboard.example/O1007_0.jpg");
        for folder in ["ads/s.example/1", "ads/t.example/2", "bin", "empty"] {
            fs::create_dir_all(world.path(folder)).unwrap();
        }
        fs::copy(&photo, world.path("ads/s.example/1/a.jpg")).unwrap();
        fs::write(world.path("ads/t.example/2/clip.mp4"), "stands for a video").unwrap();
        fs::write(world.path("ads/t.example/2/broken.mp4"), "none").unwrap();
        let photo = image::load_from_memory(&fs::read(&photo).unwrap()).unwrap().into_rgb8();
        let (width, height) = photo.dimensions();
        let frame = [format!("P6\n{width} {height}\n255\n").as_bytes(), photo.as_raw()].concat();
        fs::write(world.path("bin/frame.ppm"), frame).unwrap();
        let plain = [b"P6\n64 64\n255\n".to_vec(), vec![9; 64 * 64 * 3]].concat();
        fs::write(world.path("bin/plain.ppm"), plain).unwrap();
        // Only what the shell does itself: it is run without an environment.
        let bin = world.path("bin").display().to_string();
        let script = format!(
            "#!/bin/sh\nPATH=/bin:/usr/bin\ncase \"$*\" in *broken.mp4*) echo '[error] moov atom not found' >&2; exit 1;; esac\n\
             echo '[Parsed_showinfo_1] n:0 pts_time:0 x' >&2\ncat {bin}/plain.ppm\n\
             echo '[Parsed_showinfo_1] n:1 pts_time:12.400000 x' >&2\ncat {bin}/frame.ppm\n"
        );
        fs::write(world.path("bin/ffmpeg"), script).unwrap();
        fs::set_permissions(world.path("bin/ffmpeg"), fs::Permissions::from_mode(0o755)).unwrap();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `adlink link ads`, with a folder of programs and more flags.
    fn link(&self, input: &str, out: &str, programs: &str, more: &[&str]) -> Output {
        let (input, out) = (self.path(input), self.path(out));
        let paths = [Path::new("link"), &input, Path::new("--out"), &out];
        adlink().args(paths).args(more).env("PATH", self.path(programs)).output().unwrap()
    }
}

fn talk(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn videos_are_counted_without_the_flag_and_named_without_ffmpeg() {
    let world = World::new();
    let said = world.link("ads", "plain", "bin", &[]);
    assert!(talk(&said).contains("2 x video"), "{}", talk(&said));
    assert_eq!(rows(&world.path("plain/links.csv")).len(), 0);
    let said = world.link("ads", "without", "empty", &["--videos"]);
    assert!(
        talk(&said).contains("no `ffmpeg` on PATH") && talk(&said).contains("2 x video"),
        "{}",
        talk(&said)
    );
    assert_eq!(said.status.code(), Some(0));
}

#[test]
fn a_frame_is_an_image_of_its_ad() {
    let world = World::new();
    let said = world.link("ads", "out", "bin", &["--videos"]);
    assert_eq!(said.status.code(), Some(3), "one of two videos is broken: {}", talk(&said));
    assert_eq!(rows(&world.path("out/links.csv")).len(), 1);
    let pairs = fs::read_to_string(world.path("out/pairs.csv")).unwrap();
    assert!(pairs.contains("t.example/2/clip.mp4#t=12.4"), "{pairs}");
    let skipped = fs::read_to_string(world.path("out/skipped.csv")).unwrap();
    assert!(skipped.contains("broken.mp4") && skipped.contains("moov atom not found"), "{skipped}");
    let run: serde_json::Value =
        serde_json::from_slice(&fs::read(world.path("out/run.json")).unwrap()).unwrap();
    assert_eq!(run["ingest"]["images"]["frames"], 2);
    let case = world.path("out/case.adlink");
    let verified = adlink().args(["verify", "--case"]).arg(&case).output().unwrap();
    assert!(verified.status.success(), "{}", talk(&verified));
    // The same again adds nothing.
    let again = world.link("ads", "out", "bin", &["--videos"]);
    assert_eq!(fs::read_to_string(world.path("out/pairs.csv")).unwrap(), pairs, "{}", talk(&again));
}

#[test]
fn a_collection_of_nothing_but_videos_is_one() {
    let world = World::new();
    fs::create_dir_all(world.path("only")).unwrap();
    fs::rename(world.path("ads/t.example/2"), world.path("only/2")).unwrap();
    let said = world.link("only", "out", "bin", &["--videos"]);
    assert_eq!(said.status.code(), Some(3), "one of two videos is broken: {}", talk(&said));
    assert!(talk(&said).contains("2 frames of videos looked at"), "{}", talk(&said));
}

#[test]
fn a_record_names_its_videos() {
    let world = World::new();
    let lines = "{\"site\":\"s\",\"ad_id\":\"1\",\"images\":[\"s.example/1/a.jpg\"]}\n\
                 {\"site\":\"t\",\"ad_id\":\"2\",\"videos\":[\"t.example/2/clip.mp4\",\"gone.mp4\"]}\n";
    fs::write(world.path("ads/ads.jsonl"), lines).unwrap();
    let said = world.link("ads/ads.jsonl", "out", "bin", &["--videos"]);
    assert_eq!(said.status.code(), Some(0), "{}", talk(&said));
    assert_eq!(rows(&world.path("out/links.csv")).len(), 1);
}

/// The ffmpeg of this machine, where there is one: clips of its own test pictures under names that mean something to it.
#[test]
#[allow(clippy::print_stderr, reason = "a test that tests nothing must say so")]
fn the_real_ffmpeg_shows_its_frames() {
    let program =
        ["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg"].into_iter().find(|path| Path::new(path).exists());
    let Some(program) = program else { return };
    let world = World::new();
    fs::remove_file(world.path("bin/ffmpeg")).unwrap();
    std::os::unix::fs::symlink(program, world.path("bin/ffmpeg")).unwrap();
    let make = |name: &str, more: &[&str]| {
        let ads = world.path("real").join(name);
        fs::create_dir_all(ads.parent().unwrap()).unwrap();
        let cut = "[1:v]trim=duration=2,setpts=PTS-STARTPTS[b];[0:v][b]concat=n=2:v=1";
        let sources = ["testsrc=d=2:s=320x240:r=5", "mandelbrot=s=320x240:r=5"];
        let status = std::process::Command::new(program)
            .args(["-v", "error", "-y", "-f", "lavfi", "-i", sources[0], "-f", "lavfi", "-i", sources[1]])
            .args(["-filter_complex", cut])
            .args(more)
            .arg(format!("file:{}", ads.display()))
            .status()
            .unwrap();
        assert!(status.success(), "{name}");
        ads
    };
    let plain = ["-c:v", "mpeg4"];
    for name in
        ["1/clip.mp4", "2/clip.mp4", "3/a:b#c%03d.mp4", "4/-i.mp4", "5/clip.mkv", "5/clip.avi", "5/clip.mts"]
    {
        make(name, &plain);
    }
    // More than eight bits, and one of which the end is missing while its index stands at the beginning.
    make("6/ten.mkv", &["-c:v", "ffv1", "-pix_fmt", "yuv420p10le"]);
    let cut = make("7/cut.mp4", &["-c:v", "mpeg4", "-q:v", "2", "-movflags", "faststart"]);
    let bytes = fs::read(&cut).unwrap();
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let said = world.link("real", "out", "bin", &["--videos"]);
    assert_eq!(said.status.code(), Some(3), "one is cut short: {}", talk(&said));
    let pairs = fs::read_to_string(world.path("out/pairs.csv")).unwrap();
    for shown in ["1/clip.mp4#t=0", "2/clip.mp4#t=2", "3/a:b#c%03d.mp4#t=2", "4/-i.mp4#t=2", "6/ten.mkv#t=2"]
    {
        assert!(pairs.contains(shown), "{shown}: {pairs}");
    }
    let skipped = rows(&world.path("out/skipped.csv"));
    let cut: Vec<_> = skipped.iter().filter(|row| row["path"].contains("cut.mp4")).collect();
    assert_eq!((cut.len(), skipped.len()), (1, 1), "{skipped:?}");
    assert!(cut[0]["detail"].contains("frames may be missing"), "{cut:?}");
}
