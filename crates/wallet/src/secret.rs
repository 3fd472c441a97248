//! Secrets in memory: wiped when dropped, never printed.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The 32 bytes from which an ed25519 key grows.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Seed([u8; 32]);

impl Seed {
    /// Takes over 32 secret bytes. The caller's own copy, if any, is the caller's to wipe.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A seed from the operating system's randomness.
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// The secret bytes, for the few places that need them.
    pub(crate) const fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(hidden)")
    }
}

/// What a person types to open a key file.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes over a passphrase, exactly as typed: nothing is trimmed or normalised.
    ///
    /// # Errors
    ///
    /// When it is empty: a file that opens for everybody should not look as if it did not.
    pub fn new(text: String) -> Result<Self, EmptyPassphrase> {
        let text = Zeroizing::new(text);
        if text.is_empty() { Err(EmptyPassphrase) } else { Ok(Self(text)) }
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(hidden)")
    }
}

/// A passphrase without a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the passphrase is empty; a key file needs one")]
pub struct EmptyPassphrase;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_printed() {
        let seed = format!("{:?}", Seed::new([0xab; 32]));
        assert_eq!(seed, "Seed(hidden)");
        let passphrase = Passphrase::new("correct horse".to_owned()).unwrap();
        assert_eq!(format!("{passphrase:?}"), "Passphrase(hidden)");
    }

    #[test]
    fn an_empty_passphrase_is_refused_and_blanks_are_kept() {
        assert_eq!(Passphrase::new(String::new()).unwrap_err(), EmptyPassphrase);
        assert_eq!(Passphrase::new(" ".to_owned()).unwrap().expose(), " ");
    }

    #[test]
    fn random_seeds_differ() {
        assert_ne!(Seed::random().expose(), Seed::random().expose());
    }

    #[test]
    fn a_wiped_seed_is_zero() {
        let mut seed = Seed::new([7; 32]);
        seed.zeroize();
        assert_eq!(seed.expose(), &[0; 32]);
    }
}
