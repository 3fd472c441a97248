//! The one hash of this crate: BLAKE3 in key-derivation mode, one purpose for each use.

use std::fmt;

use commonware_codec::{Copying, DecodeExt as _};
use commonware_cryptography::blake3::{CoreBlake3, Digest};

/// A 32-byte BLAKE3 hash, free of engine types.
pub(crate) type Hash = [u8; 32];

/// Hashes `parts` for one purpose. Each part is preceded by its length, so that no two different
/// lists of parts are ever the same bytes.
pub(crate) fn tagged(purpose: &str, parts: &[&[u8]]) -> Hash {
    *hasher(purpose, parts).finalize().as_bytes()
}

/// The same hash as the engine's type.
pub(crate) fn digest(purpose: &str, parts: &[&[u8]]) -> Digest {
    hasher(purpose, parts).finalize().into()
}

/// The bytes of an engine digest.
pub(crate) fn raw(digest: &Digest) -> Hash {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}

/// The engine's type of a hash's bytes.
pub(crate) fn as_digest(hash: Hash) -> Digest {
    Digest::decode(Copying(&hash)).expect("32 bytes are a digest")
}

fn hasher(purpose: &str, parts: &[&[u8]]) -> CoreBlake3 {
    let mut hasher = CoreBlake3::new_derive_key(purpose);
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher
}

/// Writes bytes as lowercase hexadecimal digits.
pub(crate) fn write_hex(bytes: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

/// Bytes as lowercase hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads 64 hexadecimal digits; either case.
pub(crate) fn read_hex(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let high = char::from(digits[0]).to_digit(16)?;
        let low = char::from(digits[1]).to_digit(16)?;
        *byte = u8::try_from(high * 16 + low).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_purposes_do_not_run_into_each_other() {
        assert_ne!(tagged("a", &[b"xy", b"z"]), tagged("a", &[b"x", b"yz"]));
        assert_ne!(tagged("a", &[b"x"]), tagged("b", &[b"x"]));
        assert_ne!(tagged("a", &[b""]), tagged("a", &[]));
        assert_eq!(tagged("a", &[b"x"]), raw(&digest("a", &[b"x"])));
    }

    #[test]
    fn only_64_hexadecimal_digits_are_a_hash() {
        assert_eq!(read_hex(&"0F".repeat(32)), Some([15; 32]));
        assert_eq!(read_hex(&hex(&[200; 32])), Some([200; 32]));
        assert_eq!(read_hex(&"0f".repeat(31)), None);
        assert_eq!(read_hex(&"0g".repeat(32)), None);
        assert_eq!(read_hex(&"é".repeat(32)), None);
    }
}
