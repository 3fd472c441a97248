//! The one hash of this crate: BLAKE3 in key-derivation mode, one context for each purpose.

use std::fmt;

use commonware_cryptography::blake3::CoreBlake3;

/// A 32-byte BLAKE3 hash.
pub(crate) type Hash = [u8; 32];

/// Hashes `parts` for one purpose. Each part is preceded by its length, so that no two different
/// lists of parts are ever the same bytes.
pub(crate) fn tagged(purpose: &str, parts: &[&[u8]]) -> Hash {
    let mut hasher = CoreBlake3::new_derive_key(&format!("earnest ledger 1 {purpose}"));
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

/// Writes a hash as lowercase hexadecimal digits.
pub(crate) fn write_hex(hash: &Hash, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    hash.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

/// Reads what [`write_hex`] writes; either case of digits.
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
    }

    #[test]
    fn only_64_hexadecimal_digits_are_a_hash() {
        assert_eq!(read_hex(&"0F".repeat(32)), Some([15; 32]));
        assert_eq!(read_hex(&"0f".repeat(31)), None);
        assert_eq!(read_hex(&"0g".repeat(32)), None);
        assert_eq!(read_hex(&"é".repeat(32)), None);
    }
}
