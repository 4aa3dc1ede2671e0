//! How ffmpeg is called for the frames of a video, and what came of it.
//!
//! It is run by its absolute path, without a shell and without an environment, and opens nothing but the one file and known
//! containers. The trap: it ends well on a video of which half is missing, and says so in passing only; a complaint is a
//! fault, whatever its exit code.

use super::supervised::{Excess, Supervised};
use super::talk::{Complaints, listen};
use super::{MOST, SIDE, VideoFault, VideoFrame, VideoLimits, ppm};
use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// How much a picture has to differ from the one before to be another scene, of 1.
const CUT: &str = "0.3";

/// What may be read: containers that hold their pictures themselves.
const FORMATS: &str = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,mpeg,mpegts,asf,ogg";

/// Every frame as it comes, with its own time; the option has had two names.
const PACES: [&str; 2] = ["-fps_mode", "-vsync"];

/// How long the time of a frame may come after its picture.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hands on the frames of a video in their order; `Err` says why there are no more, or what is amiss with them. `stop` is
/// asked now and then whether the user wants to stop.
pub(in crate::ingest) fn frames(
    ffmpeg: &Path,
    video: &Path,
    limits: VideoLimits,
    stop: &(dyn Fn() -> bool + Sync),
    each: &mut dyn FnMut(VideoFrame),
) -> Result<(), VideoFault> {
    if video.as_os_str().as_encoded_bytes().contains(&b'\n') {
        return Err(said(
            "there is a line break in the name of the video; it is looked at under another name",
        ));
    }
    for pace in PACES {
        let run = FfmpegRun::start(ffmpeg, video, pace, limits)?;
        let ended = run.watched(limits, stop, each);
        if !ended.knows_no_option() {
            return ended.outcome(limits);
        }
    }
    Err(said("this ffmpeg does not know the options that are needed; install one of version 4.3 or later"))
}

fn said(what: impl Into<String>) -> VideoFault {
    VideoFault::Said(what.into())
}

fn command(ffmpeg: &Path, video: &Path, pace: &str, limits: VideoLimits) -> Command {
    let filter = format!(
        "select='eq(n,0)+gt(scene,{CUT})',showinfo,\
         scale=w='min({SIDE},iw)':h='min({SIDE},ih)':force_original_aspect_ratio=decrease"
    );
    let mut input = OsString::from("file:");
    input.push(video);
    let mut command = Command::new(ffmpeg);
    command
        .args(["-nostdin", "-hide_banner", "-nostats", "-loglevel", "repeat+level+info", "-threads", "1"])
        // Of the processor; ends it also where adlink itself was killed.
        .args(["-timelimit", &(2 * limits.time.as_secs()).max(1).to_string()])
        .args(["-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS, "-max_alloc", "268435456"])
        .arg("-i")
        .arg(input)
        .args(["-map", "0:v:0", "-an", "-sn", "-dn", "-vf", &filter])
        .args([pace, "passthrough"])
        // Videos of more than eight bits would become pictures of sixteen.
        .args([
            "-frames:v",
            &MOST.to_string(),
            "-f",
            "image2pipe",
            "-c:v",
            "ppm",
            "-pix_fmt",
            "rgb24",
            "pipe:1",
        ])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

struct FfmpegRun {
    program: Supervised,
    pictures: std::process::ChildStdout,
    talk: std::process::ChildStderr,
}

/// How a run ended.
struct Ended {
    /// Frames handed on, or why there are no pictures.
    read: io::Result<usize>,
    status: io::Result<ExitStatus>,
    excess: Option<Excess>,
    complaints: Complaints,
}

impl FfmpegRun {
    fn start(ffmpeg: &Path, video: &Path, pace: &str, limits: VideoLimits) -> Result<Self, VideoFault> {
        let program = Supervised::start(&mut command(ffmpeg, video, pace, limits)).map_err(|error| {
            said(format!(
                "`{}` cannot be run: {error}; install ffmpeg anew, or leave --videos out",
                ffmpeg.display()
            ))
        })?;
        let Some((pictures, talk)) = program.outputs() else { return Err(said("ffmpeg has no output")) };
        Ok(Self { program, pictures, talk })
    }

    fn watched(
        self,
        limits: VideoLimits,
        stop: &(dyn Fn() -> bool + Sync),
        each: &mut dyn FnMut(VideoFrame),
    ) -> Ended {
        let Self { program, pictures, talk } = self;
        let (tell, times) = channel();
        thread::scope(|scope| {
            let watcher = scope.spawn(|| program.watch(limits, stop));
            let listener = scope.spawn(move || listen(talk, &|time| drop(tell.send(time))));
            let read = hand_on(pictures, &times, each);
            if !matches!(read, Ok(frames) if frames < MOST) {
                // Neither more than enough nor what is no picture is waited for.
                program.end();
            }
            let complaints = listener.join().unwrap_or_default();
            program.all_is_read();
            let gone = || (Err(io::Error::other("it was lost sight of")), None);
            let (status, excess) = watcher.join().unwrap_or_else(|_| gone());
            Ended { read, status, excess, complaints }
        })
    }
}

impl Ended {
    fn knows_no_option(&self) -> bool {
        self.complaints.unknown_option && matches!(self.read, Ok(0)) && self.excess.is_none()
    }

    fn outcome(self, limits: VideoLimits) -> Result<(), VideoFault> {
        if matches!(self.read, Ok(MOST)) {
            return Ok(());
        }
        if let Some(excess) = self.excess {
            return Err(exceeded(excess, limits));
        }
        let failed = !matches!(&self.status, Ok(status) if status.success());
        let others = self.complaints.others.filter(|_| failed);
        let complaint = self.complaints.first.or(others).map(|words| format!("ffmpeg: {words}"));
        let fault = match (self.read, self.status) {
            (Err(error), _) => complaint.unwrap_or_else(|| format!("ffmpeg did not give pictures: {error}")),
            (Ok(0), _) => complaint.unwrap_or_else(|| "ffmpeg found no picture in it".into()),
            (Ok(_), Ok(status)) if status.success() => match complaint {
                None => return Ok(()),
                Some(complaint) => format!("{complaint}; frames may be missing or damaged"),
            },
            (Ok(_), Ok(status)) => complaint.unwrap_or_else(|| format!("ffmpeg ended early ({status})")),
            (Ok(_), Err(error)) => format!("ffmpeg cannot be waited for: {error}"),
        };
        Err(said(format!(
            "{fault}; where a player shows it, a converted copy may be read (`ffmpeg -i VIDEO copy.mp4`)"
        )))
    }
}

fn exceeded(excess: Excess, limits: VideoLimits) -> VideoFault {
    let what = match excess {
        Excess::Stopped => return VideoFault::Stopped,
        Excess::Time => format!("took longer than {} s", limits.time.as_secs_f32()),
        Excess::Memory => format!("took more than {} MiB of memory", limits.memory >> 20),
    };
    said(format!(
        "ffmpeg {what} and was ended; frames until then are used, a shorter or smaller copy is read whole"
    ))
}

/// The pictures, one after the other; how many there were.
fn hand_on(
    pictures: impl Read,
    times: &Receiver<Option<String>>,
    each: &mut dyn FnMut(VideoFrame),
) -> io::Result<usize> {
    let mut reader = BufReader::with_capacity(1 << 16, pictures);
    for number in 0..MOST {
        let Some(picture) = ppm::next(&mut reader)? else { return Ok(number) };
        // Said before the picture is written, and read by another thread.
        let at = times.recv_timeout(PATIENCE).ok().flatten().unwrap_or_else(|| format!("frame{number}"));
        each(VideoFrame { at, picture });
    }
    Ok(MOST)
}
