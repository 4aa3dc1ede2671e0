//! `adlink lock` and `adlink unlock`: a case under a passphrase while nobody works on it.

use super::passphrase::passphrase;
use super::terminal::{self, Talk};
use super::{Common, Exit};
use adlink::case::half_removed;
use adlink::share::{lock_case, unlock_case};
use clap::Args;
use serde_json::json;
use std::path::PathBuf;

/// Encrypt a case while nobody works on it
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink lock --case case.adlink                       asks for a passphrase, twice
  adlink lock --case case.adlink --passphrase-file key.txt

Writes case.adlink.age, reads all of it back, and only then overwrites and removes case.adlink, as case.adlink.removing: where \
that is left by a run that was stopped, run it again. The audit chain notes both commands, with --by as who did it. Whoever \
loses the passphrase loses the case. `age -d case.adlink.age > case.adlink` opens it, too. What a disk, a backup or a synced \
folder kept of the plain file stays there: for that, encrypt the disk.")]
pub(super) struct LockArgs {
    #[command(flatten)]
    key: KeyArgs,
}

/// Decrypt a case that was locked
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  adlink unlock --case case.adlink                     reads case.adlink.age
  adlink unlock --case case.adlink --passphrase-file key.txt")]
pub(super) struct UnlockArgs {
    #[command(flatten)]
    key: KeyArgs,
}

#[derive(Args)]
struct KeyArgs {
    /// Case file, without `.age`
    #[arg(long, value_name = "FILE")]
    case: PathBuf,
    /// File whose first line is the passphrase [default: ADLINK_PASSPHRASE, else it is asked for]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

pub(super) fn lock(args: &LockArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let KeyArgs { case, passphrase_file } = &args.key;
    let left = half_removed(case);
    let key = passphrase(passphrase_file.as_deref(), true)?;
    let sealed = lock_case(case, &key, common.by.as_deref(), common.force)?;
    tell_of(left, talk);
    if common.json {
        let summary = json!({ "locked": sealed.display().to_string() });
        terminal::data(&format!("{summary:#}\n"))?;
    }
    talk.say(&format!("locked: {}; the plain file is gone", sealed.display()));
    Ok(Exit::Done)
}

pub(super) fn unlock(args: &UnlockArgs, common: &Common, talk: &Talk) -> adlink::Result<Exit> {
    let KeyArgs { case, passphrase_file } = &args.key;
    let left = half_removed(case);
    unlock_case(case, &passphrase(passphrase_file.as_deref(), false)?, common.by.as_deref())?;
    tell_of(left, talk);
    if common.json {
        let summary = json!({ "unlocked": case.display().to_string() });
        terminal::data(&format!("{summary:#}\n"))?;
    }
    talk.say(&format!("unlocked: {}; the encrypted file is gone", case.display()));
    super::warn_of_place(case, talk);
    Ok(Exit::Done)
}

fn tell_of(left: Option<PathBuf>, talk: &Talk) {
    if let Some(left) = left {
        talk.say(&format!("`{}`, left by an `adlink lock` that was stopped, is removed", left.display()));
    }
}
