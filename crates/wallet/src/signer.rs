//! Whoever can sign for an account.

use ed25519_consensus::SigningKey;
use zeroize::Zeroize;

use crate::{Address, Seed};

/// A signer whose key is in this process.
pub struct LocalSigner {
    key: SigningKey,
}

impl LocalSigner {
    /// The signer that grows from `seed` (RFC 8032).
    pub fn new(seed: &Seed) -> Self {
        Self { key: SigningKey::from(*seed.expose()) }
    }

    /// The public name of its account.
    pub fn address(&self) -> Address {
        Address::new(self.key.verification_key().to_bytes())
    }
}

impl Drop for LocalSigner {
    fn drop(&mut self) {
        self.key.zeroize();
        // The key's own wiping spares its nonce prefix, and whoever knows that and one signature has the
        // key. So another, worthless key takes its place.
        self.key = SigningKey::from([0; 32]);
        std::hint::black_box(&self.key);
    }
}
