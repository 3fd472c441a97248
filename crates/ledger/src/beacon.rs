//! Randomness that nobody chooses.
//!
//! The beacon of a block is the hash of its proposer's BLS signature over the parent's beacon and
//! the height. A BLS signature is *unique*: for one key and one message exactly one verifies, so
//! the proposer cannot try several. Every validator verifies it before voting.
//!
//! Growth: the key that verifies becomes the committee's group key, the signature a threshold
//! signature assembled from shares that validators release once the parent is final. The message,
//! the header and the check of it stay as they are; only who can make the signature changes.

use commonware_codec::{Copying, DecodeExt as _, Encode as _};
use commonware_cryptography::bls12381::primitives::{group::Private, ops};

use crate::{
    engine_types::{BeaconKey, BeaconSignature, BeaconVariant},
    hash::{self, Hash},
};

const NAMESPACE: &[u8] = b"earnest ledger 1 beacon";

/// A validator's half of the beacon: what signs.
#[derive(Clone)]
pub(crate) struct BeaconSecret(Private);

impl BeaconSecret {
    /// Derives the key from a validator's secret seed.
    pub(crate) fn derive(seed: &Hash) -> Self {
        let mut bytes = hash::tagged("earnest ledger 1 beacon key", &[seed]);
        // Below the order of the group, which has 255 bits, and never zero.
        bytes[0] &= 0x3f;
        bytes[31] |= 1;
        Self(Private::decode(Copying(&bytes)).expect("a nonzero number of 254 bits is a key"))
    }

    /// The key that verifies.
    pub(crate) fn public(&self) -> BeaconKey {
        ops::compute_public::<BeaconVariant>(&self.0)
    }

    /// Signs the beacon of the block at `height` on a parent with beacon `parent`.
    pub(crate) fn sign(&self, parent: &Hash, height: u64) -> BeaconSignature {
        ops::sign_message::<BeaconVariant>(&self.0, NAMESPACE, &message(parent, height))
    }
}

/// Whether `signature` is the one that `key` makes for this block.
pub(crate) fn verify(
    key: &BeaconKey,
    parent: &Hash,
    height: u64,
    signature: &BeaconSignature,
) -> bool {
    let message = message(parent, height);
    ops::verify_message::<BeaconVariant>(key, NAMESPACE, &message, signature).is_ok()
}

/// The random value in a signature.
pub(crate) fn value(signature: &BeaconSignature) -> Hash {
    hash::tagged("earnest ledger 1 beacon value", &[&signature.encode()])
}

fn message(parent: &Hash, height: u64) -> [u8; 40] {
    let mut message = [0; 40];
    message[..32].copy_from_slice(parent);
    message[32..].copy_from_slice(&height.to_le_bytes());
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_key_one_message_one_signature() {
        let secret = BeaconSecret::derive(&[7; 32]);
        let signature = secret.sign(&[1; 32], 9);
        assert!(verify(&secret.public(), &[1; 32], 9, &signature));
        assert!(!verify(&secret.public(), &[1; 32], 10, &signature));
        assert!(!verify(&secret.public(), &[2; 32], 9, &signature));
        let other = BeaconSecret::derive(&[8; 32]);
        assert!(!verify(&other.public(), &[1; 32], 9, &signature));
        assert_eq!(signature, secret.sign(&[1; 32], 9));
        assert_ne!(value(&signature), value(&secret.sign(&[1; 32], 10)));
    }
}
