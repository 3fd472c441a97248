//! Whoever can sign for an account.

use ed25519_consensus::SigningKey;
use protocol::{AccountId, SignedTransaction, Transaction};
use zeroize::Zeroize;

use crate::{Address, Seed};

/// Something that signs for one account: a key in this process, a device, a service elsewhere.
///
/// It is handed whole transactions, never bytes: so it can show or check what it signs, and a signature made
/// for one purpose is never taken for another. What the signature covers, the rules say: a domain, the chain,
/// the sender, its nonce, an expiry height and the action.
pub trait Signer: Send + Sync {
    /// The account it signs for.
    fn account(&self) -> AccountId;

    /// Signs `transaction`, whose sender must be [`Signer::account`].
    ///
    /// # Errors
    ///
    /// When the transaction names another sender, and when the signer refuses or cannot be reached.
    fn sign(&self, transaction: Transaction) -> Result<SignedTransaction, SignError>;
}

/// Why there is no signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// A signature by this key would not be the sender's.
    #[error("the transaction is sent by {}, this key is of {}", Address::new(*sender), Address::new(*signer))]
    OtherSender {
        /// The sender that the transaction names.
        sender: AccountId,
        /// The account of the signer.
        signer: AccountId,
    },
    /// A signer outside of this process refused, or did not answer.
    #[error("the signer did not sign: {reason}")]
    Unavailable {
        /// What it says.
        reason: String,
    },
}

/// A signer whose key is in this process.
pub struct LocalSigner {
    key: SigningKey,
}

impl LocalSigner {
    /// The signer whose key grows from `seed` (RFC 8032).
    pub fn new(seed: &Seed) -> Self {
        Self { key: SigningKey::from(*seed.expose()) }
    }

    /// A signer with a new key from the operating system's randomness, kept nowhere else.
    pub fn random() -> Self {
        Self::new(&Seed::random())
    }

    /// Its account, as people write it.
    pub fn address(&self) -> Address {
        Address::new(self.account())
    }
}

impl Signer for LocalSigner {
    fn account(&self) -> AccountId {
        AccountId(self.key.verification_key().to_bytes())
    }

    fn sign(&self, transaction: Transaction) -> Result<SignedTransaction, SignError> {
        let (sender, signer) = (transaction.sender, self.account());
        if sender != signer {
            return Err(SignError::OtherSender { sender, signer });
        }
        let signature = self.key.sign(transaction.id().as_bytes());
        Ok(transaction.with_signature(signature.to_bytes()))
    }
}

impl std::fmt::Debug for LocalSigner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LocalSigner({})", self.address())
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocol::{Action, Amount, AssetId, ChainId, Height, Nonce, Rejection};

    fn transfer(sender: AccountId) -> Transaction {
        let (to, asset, amount) = (AccountId([7; 32]), AssetId(0), Amount::new(5));
        Transaction {
            chain: ChainId([1; 32]),
            sender,
            nonce: Nonce(3),
            expiry: Height(100),
            action: Action::Transfer { to, asset, amount },
        }
    }

    #[test]
    fn the_rules_accept_what_is_signed() {
        let signer = LocalSigner::random();
        let transaction = transfer(signer.account());
        let verified = signer.sign(transaction.clone()).unwrap().verify().unwrap();
        assert_eq!(verified.transaction(), &transaction);
    }

    #[test]
    fn a_change_of_any_part_voids_the_signature() {
        let signer = LocalSigner::random();
        let signed = signer.sign(transfer(signer.account())).unwrap();
        let changes: [fn(&mut Transaction); 5] = [
            |t| t.chain = ChainId([2; 32]),
            |t| t.sender = LocalSigner::random().account(),
            |t| t.nonce = Nonce(4),
            |t| t.expiry = Height(101),
            |t| t.action = Action::Unjail,
        ];
        for change in changes {
            let mut changed = signed.clone();
            change(&mut changed.transaction);
            assert_eq!(changed.verify(), Err(Rejection::BadSignature));
        }
    }

    #[test]
    fn a_transaction_of_another_sender_is_not_signed() {
        let signer = LocalSigner::random();
        let sender = AccountId([7; 32]);
        let refused = signer.sign(transfer(sender)).unwrap_err();
        assert_eq!(refused, SignError::OtherSender { sender, signer: signer.account() });
        assert!(refused.to_string().contains(&signer.address().to_string()));
    }

    #[test]
    fn keys_agree_with_the_published_vectors() {
        // RFC 8032, section 7.1, test 1.
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        let mut bytes = [0; 32];
        hex::decode_to_slice(seed, &mut bytes).unwrap();
        assert_eq!(LocalSigner::new(&Seed::new(bytes)).account().to_string(), public);
    }

    #[test]
    fn a_signer_is_not_printed() {
        let signer = LocalSigner::new(&Seed::new([3; 32]));
        assert_eq!(format!("{signer:?}"), format!("LocalSigner({})", signer.address()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn signing_is_deterministic_and_binds_the_signature(seed: [u8; 32], bit in 0_usize..512) {
            let signer = LocalSigner::new(&Seed::new(seed));
            let mut signed = signer.sign(transfer(signer.account())).unwrap();
            let again = LocalSigner::new(&Seed::new(seed)).sign(signed.transaction.clone()).unwrap();
            prop_assert_eq!(&signed, &again);
            signed.signature[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(signed.verify(), Err(Rejection::BadSignature));
        }
    }
}
