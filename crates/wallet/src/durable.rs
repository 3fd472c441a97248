//! Files that are either wholly there or not there at all, also after a power cut.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Mode of every file that holds a secret: its owner reads and writes it, nobody else.
pub(crate) const SECRET_MODE: u32 = 0o600;

/// Bits that must be clear in the mode of a file that holds a secret.
const OTHERS_MODE: u32 = 0o077;

/// A failed operation on a file, with the file and what was being done to it.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Nothing is there.
    #[error("{path} does not exist")]
    Missing {
        /// The file that was to be read.
        path: PathBuf,
    },
    /// Something is there already, and it was left as it was.
    #[error("{path} exists already and was left untouched; choose another name or move it away")]
    Exists {
        /// The file that was to be created.
        path: PathBuf,
    },
    /// The disk is full or a quota is used up. What was there before is unchanged.
    #[error("no space left to write {path}; nothing was changed, free some space and try again")]
    DiskFull {
        /// The file that was to be written.
        path: PathBuf,
    },
    /// Others on this machine may read or write the file.
    #[error("{path} has mode {mode:04o}, so others may read it; run: chmod 600 {path}")]
    Permissions {
        /// The file that was to be read.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A folder, a device, a socket.
    #[error("{path} is not a regular file")]
    NotAFile {
        /// The file that was to be read.
        path: PathBuf,
    },
    /// More bytes than this kind of file may have.
    #[error("{path} has {size} bytes, more than the {limit} that such a file may have")]
    TooLarge {
        /// The file that was to be read.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The largest size accepted, in bytes.
        limit: u64,
    },
    /// Anything else the operating system refuses.
    #[error("cannot {action} {path}")]
    Io {
        /// What was being done, as a verb.
        action: &'static str,
        /// The file it was done to.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl FileError {
    /// Names an operating system error after what it means to the caller.
    pub(crate) fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::AlreadyExists => Self::Exists { path },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path },
            _ => Self::Io { action, path, source },
        }
    }
}

/// Creates `path` with `bytes`, durably, and never replaces what is there.
///
/// The bytes go to a temporary file beside it, reach the disk, and only then get their name: by a hard
/// link, because that, unlike a rename, fails when the name is taken.
pub(crate) fn create(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let temporary = Temporary::beside(path)?;
    let mut file = open_new(&temporary.path)?;
    write_synced(&mut file, &temporary.path, bytes)?;
    fs::hard_link(&temporary.path, path).map_err(|e| FileError::new("create", path, e))?;
    sync_folder(path)
}

/// Appends `bytes` and waits until the disk has them.
pub(crate) fn write_synced(file: &mut File, path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(|e| FileError::new("write", path, e))
}

/// Opens a file that holds a secret, refusing what others could have read or what is too large.
pub(crate) fn open_secret(path: &Path, write: bool, limit: u64) -> Result<File, FileError> {
    let file = OpenOptions::new()
        .read(true)
        .append(write)
        .open(path)
        .map_err(|e| FileError::new("open", path, e))?;
    // Asked of the open file, not of the path: the answer is about what will be read.
    let metadata = file.metadata().map_err(|e| FileError::new("inspect", path, e))?;
    let path = path.to_path_buf();
    if !metadata.is_file() {
        return Err(FileError::NotAFile { path });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & OTHERS_MODE != 0 {
        return Err(FileError::Permissions { path, mode });
    }
    if metadata.len() > limit {
        return Err(FileError::TooLarge { path, size: metadata.len(), limit });
    }
    Ok(file)
}

fn open_new(path: &Path) -> Result<File, FileError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(SECRET_MODE)
        .open(path)
        .map_err(|e| FileError::new("create", path, e))
}

/// Makes the *name* of a new file survive a power cut: names live in the folder.
fn sync_folder(path: &Path) -> Result<(), FileError> {
    let folder = folder_of(path);
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|e| FileError::new("sync", folder, e))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The name of a temporary file, which is gone when this value is.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn beside(path: &Path) -> Result<Self, FileError> {
        let Some(name) = path.file_name() else {
            return Err(FileError::NotAFile { path: path.to_path_buf() });
        };
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{:016x}.tmp", rand::random::<u64>()));
        Ok(Self { path: folder_of(path).join(hidden) })
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It may not exist yet; a leftover name is untidy, never wrong.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn create_writes_the_bytes_with_a_private_mode_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, b"secret").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"secret");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, SECRET_MODE);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn create_never_replaces_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, b"first").unwrap();
        assert!(matches!(create(&path, b"second"), Err(FileError::Exists { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn create_in_a_folder_that_is_not_there_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("missing").join("key");
        assert!(matches!(create(&path, b"x"), Err(FileError::Missing { .. })));
    }

    #[test]
    fn a_path_without_a_name_is_not_a_file() {
        assert!(matches!(create(Path::new("/"), b"x"), Err(FileError::NotAFile { .. })));
    }

    #[test]
    fn a_full_disk_is_named_as_such() {
        // The kernel's own full device: every write to it fails with "no space left".
        let path = Path::new("/dev/full");
        let mut full = OpenOptions::new().write(true).open(path).unwrap();
        let refused = write_synced(&mut full, path, b"x");
        assert!(matches!(refused, Err(FileError::DiskFull { .. })), "{refused:?}");
    }

    #[test]
    fn a_file_others_may_read_is_refused_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, b"x").unwrap();
        for mode in [0o640, 0o604, 0o660, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = open_secret(&path, false, 10).unwrap_err();
            assert!(matches!(refused, FileError::Permissions { mode: m, .. } if m == mode));
            assert!(refused.to_string().contains("chmod 600"));
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        open_secret(&path, false, 10).unwrap();
    }

    #[test]
    fn size_is_checked_before_anything_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        create(&path, b"12345").unwrap();
        assert!(matches!(
            open_secret(&path, false, 4),
            Err(FileError::TooLarge { size: 5, limit: 4, .. })
        ));
        open_secret(&path, false, 5).unwrap();
    }

    #[test]
    fn folders_and_devices_are_not_key_files() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path(), Path::new("/dev/zero")] {
            assert!(matches!(open_secret(path, false, 10), Err(FileError::NotAFile { .. })));
        }
    }
}
