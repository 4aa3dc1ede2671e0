//! Where a case should not lie: in folders that copy themselves elsewhere, or that others may write to.
//!
//! Known by names and marks, so what is not found here may be synced all the same. The trap: one case has several places,
//! where its name lies and where a link of that name leads; and whoever may write to any folder above it may put another
//! folder, with another case, in its way.

use std::fs;
use std::path::{Path, PathBuf};

/// How folders are called, from their first letters on, that a program keeps in step with other machines.
const SYNCED: [&str; 21] = [
    "Box Sync",
    "Dropbox",
    "OneDrive",
    "Google Drive",
    "GoogleDrive",
    "My Drive",
    "iCloud Drive",
    "iCloudDrive",
    "Mobile Documents",
    "CloudStorage",
    "Nextcloud",
    "ownCloud",
    "pCloud",
    "MEGAsync",
    "Proton Drive",
    "ProtonDrive",
    "Seafile",
    "SharePoint",
    "Synology Drive",
    "SynologyDrive",
    "Yandex.Disk",
];

/// What such programs leave in the folders that they keep.
const MARKS: [&str; 6] =
    [".stfolder", ".dropbox", ".dropbox.cache", ".nextcloudsync.log", ".owncloudsync.log", ".sync"];

/// Why the place of a case is not its own, in words; nothing where it seems to be.
pub fn exposed_place(case: &Path) -> Option<String> {
    let absolute = std::path::absolute(case).ok()?;
    let folder = absolute.parent()?;
    let real = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_path_buf());
    let linked = fs::canonicalize(&absolute).ok().and_then(|file| file.parent().map(Path::to_path_buf));
    let linked = linked.unwrap_or_else(|| real.clone());
    if let Some(synced) = [folder, &real, &linked].into_iter().find_map(synced) {
        let why = "looks like a folder that is copied to other machines; the case would go along";
        return Some(format!("`{}` {why}", synced.display()));
    }
    let open = real.ancestors().chain(linked.ancestors()).find(|folder| open_to_others(folder))?;
    Some(format!("others may write to `{}` and so put another file in the place of the case", open.display()))
}

fn synced(folder: &Path) -> Option<PathBuf> {
    let named = |folder: &&Path| {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        SYNCED.iter().any(|known| begins_with(&name, known))
    };
    let marked = |folder: &&Path| MARKS.iter().any(|mark| folder.join(mark).symlink_metadata().is_ok());
    folder.ancestors().find(|folder| named(folder) || marked(folder)).map(Path::to_path_buf)
}

/// Whether a folder has a program's name, with or without more behind it: `OneDrive - Unit`, and no `My Drivers`.
fn begins_with(name: &str, known: &str) -> bool {
    let begins = name.get(..known.len()).is_some_and(|begins| begins.eq_ignore_ascii_case(known));
    begins && !name[known.len()..].starts_with(char::is_lowercase)
}

/// Whether others than who is at work and the system's own user may rename and delete what lies in a folder.
#[cfg(unix)]
fn open_to_others(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let Ok(found) = fs::metadata(folder) else { return false };
    // With the sticky bit everybody may delete only what is theirs; who owns the folder may delete all.
    let shared = found.mode() & 0o022 != 0 && found.mode() & 0o1000 == 0;
    let foreign = found.uid() != 0 && found.uid() != nix::unistd::geteuid().as_raw();
    shared || foreign
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn synced_and_shared_folders_are_told() {
        let top = tempfile::tempdir().unwrap();
        let folder = |name: &str, mode: u32| {
            let path = top.path().join(name);
            fs::create_dir_all(&path).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path.join("case.adlink")
        };
        for (name, mode, words) in [
            ("own", 0o700, None),
            ("readable", 0o755, None),
            ("sticky", 0o1777, None),
            ("Dropbox (Unit)/x/y", 0o700, Some("other machines")),
            ("OneDrive - Unit", 0o700, Some("other machines")),
            ("shared", 0o777, Some("others may write")),
            ("group", 0o770, Some("others may write")),
        ] {
            let said = exposed_place(&folder(name, mode));
            assert_eq!(said.is_some(), words.is_some(), "{name}: {said:?}");
            assert!(words.is_none_or(|words| said.unwrap().contains(words)), "{name}");
        }
        let marked = folder("marked/below", 0o700);
        fs::create_dir(top.path().join("marked/.stfolder")).unwrap();
        assert!(exposed_place(&marked).unwrap().contains("marked"));
        let link = |to: &str, name: &str| {
            std::os::unix::fs::symlink(top.path().join(to), top.path().join(name)).unwrap();
            top.path().join(name)
        };
        assert!(exposed_place(&link("Dropbox (Unit)", "elsewhere").join("c.adlink")).is_some());
        // The case itself may be a link, and what lies open may be a folder further up.
        fs::write(top.path().join("Dropbox (Unit)/c.adlink"), "").unwrap();
        assert!(exposed_place(&link("Dropbox (Unit)/c.adlink", "c.adlink")).is_some());
        assert!(exposed_place(&folder("shared/own", 0o700)).unwrap().contains("others may write"));
        assert!(exposed_place(&folder("sticky/own", 0o700)).is_none());
        assert!(exposed_place(&folder("My Drivers", 0o700)).is_none());
        let theirs = folder("theirs", 0o700);
        // Only root can give a folder away.
        if std::os::unix::fs::chown(theirs.parent().unwrap(), Some(12345), None).is_ok() {
            assert!(exposed_place(&theirs).unwrap().contains("others may write"));
        }
    }
}
