//! A key on disk, sealed with a passphrase.
//!
//! ```text
//! earnest key file                                  what this is
//! version 1                                         how to read the rest
//! address end0ee37ee...398e2898                     whose key; readable without the passphrase
//!                                                   empty line
//! -----BEGIN AGE ENCRYPTED FILE-----                an age file, ASCII armour, one scrypt recipient;
//! YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+...               inside: the 32 bytes of the seed
//! -----END AGE ENCRYPTED FILE-----
//! ```
//!
//! The format is plain text so that it survives mail and paper, and age so that other tools open it:
//! everything from the `BEGIN` line on, given to `age --decrypt`, yields the seed. It holds one key, never
//! the phrase the key came from: whoever breaks one file has one account.
//!
//! A file is created with mode 0600 under a temporary name, synced, and only then named; it never replaces
//! another. A file that others may read is refused when opened. The work a file may demand is bounded
//! before it is done, so a hostile file costs a few seconds, not the machine.

use std::{io::Read, path::Path, str::FromStr};

use age::{
    DecryptError,
    secrecy::{ExposeSecret, SecretSlice, SecretString},
};

use crate::{Address, FileError, LocalSigner, Passphrase, Seed, address::AddressError, durable};

/// First line of every key file.
const TITLE: &str = "earnest key file";

/// The only version so far.
const VERSION: u32 = 1;

/// First and last line of the sealed part.
const SEALED_BEGIN: &str = "-----BEGIN AGE ENCRYPTED FILE-----";
const SEALED_END: &str = "-----END AGE ENCRYPTED FILE-----";

/// Largest file that is read. A real one has about 600 bytes.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// How much work a guess of the passphrase costs: scrypt with `N = 2^log2`, `r = 8`, `p = 1`, so
/// `2^log2` KiB of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkFactor(u8);

impl WorkFactor {
    /// About one second and 256 MiB on a machine of today.
    pub const DEFAULT: Self = Self(18);

    /// The least there is: instant, and no protection. For tests and throw-away networks.
    pub const INSTANT: Self = Self(1);

    /// The most that is accepted: about 4 seconds and 1 GiB.
    pub const MAX: Self = Self(20);

    /// A work factor of `2^log2`.
    ///
    /// # Errors
    ///
    /// When it is 0 or above [`WorkFactor::MAX`].
    pub const fn new(log2: u8) -> Result<Self, WorkFactorError> {
        if log2 == 0 || log2 > Self::MAX.0 { Err(WorkFactorError(log2)) } else { Ok(Self(log2)) }
    }
}

impl Default for WorkFactor {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A work factor outside what key files may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("work factor {0} is not between 1 and {max}", max = WorkFactor::MAX.0)]
pub struct WorkFactorError(u8);

/// Seals `seed` with `passphrase` into a new file at `path` and returns the address it belongs to.
///
/// # Errors
///
/// [`FileError::Exists`] when the name is taken, and every other way in which a file cannot be written.
/// After an error there is no file at `path` that was not there before.
pub fn create(
    path: &Path,
    seed: &Seed,
    passphrase: &Passphrase,
    work: WorkFactor,
) -> Result<Address, KeyFileError> {
    let address = LocalSigner::new(seed).address();
    let text = format!(
        "{TITLE}\nversion {VERSION}\naddress {address}\n\n{}",
        seal(seed, passphrase, work)?
    );
    durable::create(path, text.as_bytes())?;
    Ok(address)
}

/// Opens the key file at `path`.
///
/// # Errors
///
/// A [`KeyFileError`] that tells a missing, foreign, truncated or damaged file from a wrong passphrase.
pub fn open(path: &Path, passphrase: &Passphrase) -> Result<LocalSigner, KeyFileError> {
    let text = read(path)?;
    let parts = Parts::parse(&text)?;
    let signer = LocalSigner::new(&unseal(parts.sealed, passphrase)?);
    if signer.address() != parts.address {
        return Err(KeyFileError::AddressMismatch {
            stated: parts.address,
            found: signer.address(),
        });
    }
    Ok(signer)
}

/// Whose key the file at `path` holds, as it says itself. Needs no passphrase, and proves nothing.
///
/// # Errors
///
/// As [`open`], except for what only the passphrase can tell.
pub fn address(path: &Path) -> Result<Address, KeyFileError> {
    Ok(Parts::parse(&read(path)?)?.address)
}

fn read(path: &Path) -> Result<String, KeyFileError> {
    let file = durable::open_secret(path, false, FILE_BYTES_MAX)?;
    let mut bytes = Vec::new();
    // The size was checked, and the file may have grown since: the bound holds either way.
    file.take(FILE_BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(|e| FileError::new("read", path, e))?;
    String::from_utf8(bytes).map_err(|_| KeyFileError::NotAKeyFile)
}

/// A key file, taken apart and not yet believed.
#[derive(Debug)]
struct Parts<'a> {
    address: Address,
    sealed: &'a str,
}

impl<'a> Parts<'a> {
    fn parse(text: &'a str) -> Result<Self, KeyFileError> {
        let rest = match text.split_once('\n') {
            Some((TITLE, rest)) => rest,
            // Cut off within the very first line: still recognisably ours.
            None if !text.is_empty() && TITLE.starts_with(text) => {
                return Err(KeyFileError::Truncated);
            }
            _ => return Err(KeyFileError::NotAKeyFile),
        };
        let (version, rest) = field(rest, "version")?;
        match version.parse() {
            Ok(VERSION) => {}
            Ok(version) => return Err(KeyFileError::Version { version }),
            Err(_) => return Err(KeyFileError::Damaged { what: "the version is not a number" }),
        }
        let (address, rest) = field(rest, "address")?;
        let address = Address::from_str(address).map_err(KeyFileError::Address)?;
        let (empty, sealed) = rest.split_once('\n').ok_or(KeyFileError::Truncated)?;
        if !empty.is_empty() {
            return Err(KeyFileError::Damaged { what: "no empty line after the address" });
        }
        // Checked here because the armour's own reader cannot tell "cut off" from "changed".
        if !sealed.trim_end().ends_with(SEALED_END) {
            return Err(KeyFileError::Truncated);
        }
        if !sealed.starts_with(SEALED_BEGIN) {
            return Err(KeyFileError::Damaged { what: "the sealed part has no beginning" });
        }
        Ok(Self { address, sealed })
    }
}

/// Takes a line `name value` off the front of `text`.
fn field<'a>(text: &'a str, name: &'static str) -> Result<(&'a str, &'a str), KeyFileError> {
    let (line, rest) = text.split_once('\n').ok_or(KeyFileError::Truncated)?;
    let value = line.strip_prefix(name).and_then(|line| line.strip_prefix(' '));
    let value = value.ok_or(KeyFileError::Damaged { what: "a line of the header is missing" })?;
    Ok((value, rest))
}

fn seal(seed: &Seed, passphrase: &Passphrase, work: WorkFactor) -> Result<String, KeyFileError> {
    let mut recipient = age::scrypt::Recipient::new(secret(passphrase));
    recipient.set_work_factor(work.0);
    let sealed = age::encrypt_and_armor(&recipient, seed.expose());
    sealed.map_err(|e| KeyFileError::Seal { reason: e.to_string() })
}

fn unseal(sealed: &str, passphrase: &Passphrase) -> Result<Seed, KeyFileError> {
    let mut identity = age::scrypt::Identity::new(secret(passphrase));
    identity.set_max_work_factor(WorkFactor::MAX.0);
    let bytes = age::decrypt(&identity, sealed.as_bytes()).map_err(unsealing)?;
    // Wiped when dropped, whatever its length.
    let bytes: SecretSlice<u8> = bytes.into();
    let seed = <[u8; 32]>::try_from(bytes.expose_secret());
    Ok(Seed::new(seed.map_err(|_| KeyFileError::Damaged { what: "it does not hold a key" })?))
}

fn secret(passphrase: &Passphrase) -> SecretString {
    SecretString::from(passphrase.expose())
}

/// What a failure to decrypt means to the person who typed the passphrase.
fn unsealing(error: DecryptError) -> KeyFileError {
    match error {
        // The one failure that a wrong passphrase causes: the wrapped file key does not open.
        DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => {
            KeyFileError::WrongPassphrase
        }
        DecryptError::ExcessiveWork { required, .. } => {
            KeyFileError::TooMuchWork { required, limit: WorkFactor::MAX.0 }
        }
        DecryptError::NoMatchingKeys => {
            KeyFileError::Damaged { what: "it is not sealed with a passphrase" }
        }
        DecryptError::InvalidMac => {
            KeyFileError::Damaged { what: "the header of the sealed part was changed" }
        }
        // Unknown format, invalid header, unreadable armour or payload, and whatever age adds.
        _ => KeyFileError::Damaged { what: "the sealed part cannot be read" },
    }
}

/// Why a key file cannot be created or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file itself: missing, taken, unreadable, full disk, wrong permissions.
    #[error(transparent)]
    File(#[from] FileError),
    /// Some other file.
    #[error("not an Earnest key file")]
    NotAKeyFile,
    /// Written by a later version of this program.
    #[error("the key file has version {version}, this program reads version {VERSION}; update it")]
    Version {
        /// The version it states.
        version: u32,
    },
    /// The end is missing.
    #[error("the key file is cut off; restore it from a copy or from its 24 words")]
    Truncated,
    /// The file is whole, but its bytes are not what was written.
    #[error("the key file is damaged: {what}; restore it from a copy or from its 24 words")]
    Damaged {
        /// What is wrong with it.
        what: &'static str,
    },
    /// The address in the header cannot be read.
    #[error("the key file is damaged: its address cannot be read")]
    Address(#[source] AddressError),
    /// The key inside is not the one the header names.
    #[error("the key file names {stated}, but holds the key of {found}")]
    AddressMismatch {
        /// The address in the header.
        stated: Address,
        /// The address of the key inside.
        found: Address,
    },
    /// The passphrase does not open it.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// Opening it would take more work than is reasonable.
    #[error("opening the key file asks for work factor {required}, more than the {limit} accepted")]
    TooMuchWork {
        /// The work factor it states.
        required: u8,
        /// The largest one accepted.
        limit: u8,
    },
    /// The key could not be sealed.
    #[error("cannot seal the key: {reason}")]
    Seal {
        /// What the cipher says.
        reason: String,
    },
}

#[cfg(test)]
mod tests;
