//! The data directory: one node, one network, one format.
//!
//! ```text
//! lock            held by the process that works here
//! ledger          format, network, limits and the validator's public key, written once
//! validator.key   seed of this validator's keys, 64 hexadecimal digits, readable by its owner only
//! engine/         everything else
//! ```

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use commonware_cryptography::Signer as _;
use rand::Rng as _;

use crate::{
    ChainId, Limits, StartError, block,
    committee::Identity,
    hash::{self, Hash, hex, read_hex},
};

/// The format this version reads and writes.
const FORMAT: &str = "earnest ledger 1";

/// An open data directory. Holding it holds the lock.
pub(crate) struct DataDirectory {
    path: PathBuf,
    /// This validator's secrets.
    pub(crate) identity: Identity,
    _lock: File,
}

impl DataDirectory {
    /// Opens or creates the directory for this network.
    pub(crate) fn open(path: &Path, chain: &ChainId, limits: &Limits) -> Result<Self, StartError> {
        fs::create_dir_all(path).map_err(|source| unusable(path, source))?;
        let lock = lock(path)?;
        let marker = path.join("ledger");
        let seed = match read_optional(&marker)? {
            Some(text) => {
                let marker = Marker::parse(&text, path)?;
                marker.accept(path, chain, limits)?;
                let seed = read_seed(path)?;
                if marker.validator != vote_key(&Identity::derive(&seed)) {
                    return Err(StartError::OtherValidator(path.into()));
                }
                seed
            }
            None => create(path, &marker, chain, limits)?,
        };
        let directory = Self { path: path.into(), identity: Identity::derive(&seed), _lock: lock };
        fs::create_dir_all(directory.engine()).map_err(|source| unusable(path, source))?;
        Ok(directory)
    }

    /// Where the engine stores.
    pub(crate) fn engine(&self) -> PathBuf {
        self.path.join("engine")
    }
}

fn unusable(path: &Path, source: io::Error) -> StartError {
    StartError::Directory { directory: path.into(), source }
}

/// Takes the lock and proves that the disk takes writes.
fn lock(path: &Path) -> Result<File, StartError> {
    let name = path.join("lock");
    let open = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&name);
    let mut file = open.map_err(|source| unusable(&name, source))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StartError::DirectoryInUse(path.into())),
        Err(TryLockError::Error(source)) => return Err(unusable(&name, source)),
    }
    let written = writeln!(file, "{}", std::process::id()).and_then(|()| file.sync_all());
    written.map_err(|source| unusable(&name, source))?;
    Ok(file)
}

fn read_optional(path: &Path) -> Result<Option<String>, StartError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(unusable(path, source)),
    }
}

struct Marker {
    chain: ChainId,
    limits: Hash,
    validator: Hash,
}

impl Marker {
    fn text(chain: &ChainId, limits: &Limits, validator: &Hash) -> String {
        let (chain, limits, validator) = (hex(chain), hex(&limits_hash(limits)), hex(validator));
        format!("{FORMAT}\nnetwork {chain}\nlimits {limits}\nvalidator {validator}\n")
    }

    fn parse(text: &str, path: &Path) -> Result<Self, StartError> {
        let mut lines = text.lines();
        let format = lines.next().unwrap_or_default();
        let mut field = |name: &str| read_hex(lines.next()?.strip_prefix(name)?);
        let fields = (field("network "), field("limits "), field("validator "));
        match fields {
            (Some(chain), Some(limits), Some(validator)) if format == FORMAT => {
                Ok(Self { chain, limits, validator })
            }
            _ => Err(StartError::OtherFormat {
                directory: path.into(),
                found: format.into(),
                expected: FORMAT.into(),
            }),
        }
    }

    fn accept(&self, path: &Path, chain: &ChainId, limits: &Limits) -> Result<(), StartError> {
        if self.chain != *chain {
            return Err(StartError::OtherNetwork {
                directory: path.into(),
                found: self.chain,
                expected: *chain,
            });
        }
        if self.limits != limits_hash(limits) {
            return Err(StartError::OtherLimits(path.into()));
        }
        Ok(())
    }
}

fn limits_hash(limits: &Limits) -> Hash {
    hash::tagged("earnest ledger 1 limits", &[&block::limits_bytes(limits)])
}

/// Makes a new directory. The marker comes last: a directory without one was never used.
fn create(
    path: &Path,
    marker: &Path,
    chain: &ChainId,
    limits: &Limits,
) -> Result<Hash, StartError> {
    if path.join("engine").exists() {
        let (found, expected) = ("engine files without a marker".into(), FORMAT.into());
        return Err(StartError::OtherFormat { directory: path.into(), found, expected });
    }
    let mut seed = [0; 32];
    rand::rng().fill_bytes(&mut seed);
    let key = path.join("validator.key");
    write_durably(&key, &format!("{}\n", hex(&seed))).map_err(|source| unusable(&key, source))?;
    let text = Marker::text(chain, limits, &vote_key(&Identity::derive(&seed)));
    write_durably(marker, &text).map_err(|source| unusable(marker, source))?;
    Ok(seed)
}

/// Writes a file so that it is there whole or not at all, readable by its owner only.
fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    let draft = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    // The name itself is durable only when its directory is.
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

fn read_seed(path: &Path) -> Result<Hash, StartError> {
    let name = path.join("validator.key");
    let mut text = String::new();
    let read = File::open(&name).and_then(|mut file| file.read_to_string(&mut text));
    read.map_err(|source| unusable(&name, source))?;
    let invalid = || io::Error::new(io::ErrorKind::InvalidData, "not 64 hexadecimal digits");
    read_hex(text.trim()).ok_or_else(|| unusable(&name, invalid()))
}

/// The key with which this validator votes.
pub(crate) fn vote_key(identity: &Identity) -> Hash {
    let mut key = [0; 32];
    key.copy_from_slice(&identity.vote.public_key());
    key
}
