//! What ffmpeg says while it works: the times of frames, and what it complains of.
//!
//! The trap: it also repeats what the video says of itself, titles for instance, and a hostile one looks like a complaint
//! or the time of a frame. So only what stands at the beginning of a line counts, and a line is read to its end.

use std::io::{BufRead, BufReader, Read};

/// Bytes of a line that are looked at.
const LINE: u64 = 1 << 12;

/// What it complained of, as ends of sentences.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Complaints {
    /// The first of ffmpeg's own.
    pub(super) first: Option<String>,
    /// What was said last by something else, the system that could not start it for one.
    pub(super) others: Option<String>,
    pub(super) unknown_option: bool,
}

/// Reads all that ffmpeg says; the times of frames are handed on.
pub(super) fn listen(talk: impl Read, tell: &dyn Fn(Option<String>)) -> Complaints {
    let (mut complaints, mut reader) = (Complaints::default(), BufReader::new(talk));
    let mut continued = false;
    loop {
        let mut line = Vec::new();
        match reader.by_ref().take(LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return complaints,
            Ok(_) if !continued => take(&String::from_utf8_lossy(&line), tell, &mut complaints),
            Ok(_) => {}
        }
        continued = !line.ends_with(b"\n");
    }
}

/// A line is `[who @ 0x1] [level] what`, without who where it is ffmpeg itself; what goes on with an indent is no complaint.
fn take(line: &str, tell: &dyn Fn(Option<String>), complaints: &mut Complaints) {
    let Some((first, rest)) = bracketed(line) else {
        complaints.unknown_option |= line.starts_with("Unrecognized option");
        if !line.trim().is_empty() && !line.starts_with(' ') {
            complaints.others = Some(plain(line));
        }
        return;
    };
    if first.starts_with("Parsed_showinfo") {
        if let Some((_, time)) = rest.split_once(" pts_time:") {
            tell(seconds(time));
        }
        return;
    }
    let own = first.contains(" @ ");
    let (level, what) = if own { bracketed(rest).unwrap_or_default() } else { (first, rest) };
    if matches!(level, "error" | "fatal" | "panic") {
        complaints.unknown_option |= what.starts_with("Unrecognized option");
        complaints.first.get_or_insert_with(|| plain(what));
    }
}

fn bracketed(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('[')?.split_once("] ")
}

fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// Seconds with at most three digits behind the point; `None` for a frame that has no time.
fn seconds(text: &str) -> Option<String> {
    let seconds: f64 = text.split_whitespace().next()?.parse().ok().filter(|time: &f64| time.is_finite())?;
    let text = format!("{:.3}", seconds.clamp(0.0, 1e9));
    Some(text.trim_end_matches('0').trim_end_matches('.').to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn heard(talk: &str) -> (Vec<Option<String>>, Complaints) {
        let times = RefCell::new(Vec::new());
        let complaints = listen(talk.as_bytes(), &|time| times.borrow_mut().push(time));
        (times.into_inner(), complaints)
    }

    #[test]
    fn times_and_the_first_complaint_are_heard() {
        let (times, complaints) = heard(
            "[Parsed_showinfo_1 @ 0x5] [info] n:   0 pts:  20480 pts_time:0       pos: 4\n\
             [mov,mp4 @ 0x5] [warning] Packet corrupt\n\
             [mpeg4 @ 0x5] [error] ac-tex damaged\n[error] file:a.mp4: Invalid data\n\
             [Parsed_showinfo_1 @ 0x5] [info] n:   1 pts:  1 pts_time:12.40 pos: 4\n\
             [Parsed_showinfo_1 @ 0x5] [info] n:   2 pts: NOPTS pts_time:NOPTS pos: 4\n",
        );
        assert_eq!(times, [Some("0".into()), Some("12.4".into()), None]);
        let first = Some("ac-tex damaged".into());
        assert_eq!(complaints, Complaints { first, ..Complaints::default() });
        let loader = "ffmpeg: error while loading shared libraries: libx264.so\n";
        assert_eq!(heard(loader).1.others.as_deref(), Some(loader.trim()));
        assert!(heard("[error] Unrecognized option 'fps_mode'.\n").1.unknown_option);
        assert!(heard("Unrecognized option 'fps_mode'.\n").1.unknown_option);
    }

    /// What a video says of itself is neither a time nor a complaint, however it is called.
    #[test]
    fn titles_are_not_heard() {
        let hostile = "[Parsed_showinfo_1 @ 0x5] [info] n: 0 pts_time:9 [error] x";
        for line in [
            format!("[info]     title           : {hostile}\n"),
            format!("    title           : {hostile}\n"),
            // So long that the next part of the line would begin with it.
            format!("[info] {}{hostile}\n", "x".repeat(LINE as usize - 7)),
        ] {
            assert_eq!(heard(&line), (Vec::new(), Complaints::default()), "{line}");
        }
    }
}
