//! The files of a node's directory that people and other programs read.
//!
//! ```text
//!  <directory>/genesis.toml   what the chain started from; written once
//!  <directory>/network.toml   how to reach the running node; written at every start
//!  <directory>/blobs/         content-addressed data of jobs
//!  <directory>/ledger/        blocks and state
//! ```

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use protocol::{ChainId, Genesis, Hash};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Name of the file that holds the genesis.
pub const GENESIS_FILE: &str = "genesis.toml";

/// Name of the file that says how to reach the node.
pub const NETWORK_FILE: &str = "network.toml";

/// Name of the folder of blobs.
pub const BLOBS_FOLDER: &str = "blobs";

/// Name of the folder of the ledger.
pub(crate) const LEDGER_FOLDER: &str = "ledger";

/// Bytes of the largest file that is read here: a genesis with a hundred thousand accounts.
const FILE_BYTES_MAX: u64 = 32 << 20;

/// How to reach a running node, and whom to believe about its ledger: all that a client on this machine needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkFile {
    /// Name of the network, for people.
    pub name: String,
    /// Its identity.
    pub chain: ChainId,
    /// Address of the API.
    pub api: String,
    /// The folder of blobs.
    pub blobs: PathBuf,
    /// The voting keys of its validators: what they signed together is final.
    pub validators: Vec<Hash>,
}

/// Why a file of the directory could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The operating system refuses.
    #[error("the file {} cannot be read or written", .path.display())]
    System {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// There is no such file.
    #[error("there is no {}: start a node there first", .0.display())]
    Missing(PathBuf),
    /// The file is longer than such a file can be.
    #[error("the file {} has more than {} bytes: it is not what its name says", .0.display(), FILE_BYTES_MAX)]
    TooLong(PathBuf),
    /// The file is not what its name says, or of another version.
    #[error("the file {} does not parse", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: Box<toml::de::Error>,
    },
}

impl NetworkFile {
    /// Reads the file of a node's directory.
    ///
    /// # Errors
    ///
    /// No node was ever started there, or the file is damaged.
    pub fn read(directory: &Path) -> Result<Self, FileError> {
        Self::read_file(&directory.join(NETWORK_FILE))
    }

    /// Reads such a file wherever it is.
    ///
    /// # Errors
    ///
    /// It is missing or damaged.
    pub fn read_file(path: &Path) -> Result<Self, FileError> {
        read(path)
    }

    pub(crate) fn write(&self, directory: &Path) -> Result<(), FileError> {
        write(&directory.join(NETWORK_FILE), self)
    }
}

/// Reads a genesis from a file of `toml`.
///
/// # Errors
///
/// The file is missing or damaged.
pub fn read_genesis(path: &Path) -> Result<Genesis, FileError> {
    read(path)
}

/// Writes a genesis to a file of `toml`, whole or not at all.
///
/// # Errors
///
/// The operating system refuses.
pub fn write_genesis(path: &Path, genesis: &Genesis) -> Result<(), FileError> {
    write(path, genesis)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, FileError> {
    let system = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => FileError::Missing(path.to_owned()),
        _ => FileError::System { path: path.to_owned(), source },
    };
    if fs::metadata(path).map_err(system)?.len() > FILE_BYTES_MAX {
        return Err(FileError::TooLong(path.to_owned()));
    }
    let text = fs::read_to_string(path).map_err(system)?;
    let malformed =
        |source| FileError::Malformed { path: path.to_owned(), source: Box::new(source) };
    toml::from_str(&text).map_err(malformed)
}

/// Writes beside the file and renames, so that a reader or a crash never sees half of it.
fn write(path: &Path, value: &impl Serialize) -> Result<(), FileError> {
    let text = toml::to_string_pretty(value).expect("these types have a form in toml");
    let beside = path.with_extension("toml.new");
    let replace = || {
        let mut file = File::create(&beside)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    replace().map_err(|source| FileError::System { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets::{self, Funding};

    fn genesis() -> Genesis {
        let funded = [Funding::whole(protocol::AccountId([7; 32]), 5, 0)];
        presets::devnet(Some(protocol::AccountId([9; 32])), &funded)
    }

    #[test]
    fn a_genesis_survives_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        for genesis in [genesis(), presets::demo(&[])] {
            let path = folder.path().join(GENESIS_FILE);
            write_genesis(&path, &genesis).expect("writable");
            let read = read_genesis(&path).expect("just written");
            assert_eq!(read, genesis);
            assert_eq!(read.chain_id(), genesis.chain_id());
        }
    }

    #[test]
    fn what_is_not_a_genesis_is_refused_and_says_where() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(GENESIS_FILE);
        assert!(matches!(read_genesis(&path), Err(FileError::Missing(_))));
        fs::write(&path, "chain_name = 7").expect("writable");
        let error = read_genesis(&path).expect_err("not a name");
        assert!(error.to_string().contains(GENESIS_FILE), "{error}");
        fs::write(&path, [0xff, 0xfe]).expect("writable");
        assert!(matches!(read_genesis(&path), Err(FileError::System { .. })));
    }

    #[test]
    fn the_network_file_says_where_the_node_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = NetworkFile {
            name: "devnet".into(),
            chain: ChainId([1; 32]),
            api: "http://127.0.0.1:7575".into(),
            blobs: folder.path().join(BLOBS_FOLDER),
            validators: vec![Hash([2; 32])],
        };
        file.write(folder.path()).expect("writable");
        assert_eq!(NetworkFile::read(folder.path()).expect("just written"), file);
    }
}
