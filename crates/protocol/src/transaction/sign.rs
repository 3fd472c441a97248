//! Signing and verifying.

use borsh::{BorshDeserialize, BorshSerialize};
use ed25519_consensus::{Signature, VerificationKey};

use super::Action;
use crate::primitives::{AccountId, ChainId, Hash, Height, Nonce, TransactionId};
use crate::rejection::Rejection;

/// Domain of everything a transaction signature covers.
pub const SIGNING_DOMAIN: &str = "earnest transaction v1";

/// What an account asks for.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Transaction {
    /// Chain it is meant for.
    pub chain: ChainId,
    /// Who asks, pays the fee and signs.
    pub sender: AccountId,
    /// The sender's nonce.
    pub nonce: Nonce,
    /// Last height at which it counts.
    pub expiry: Height,
    /// What is asked.
    pub action: Action,
}

impl Transaction {
    /// The thirty-two bytes to sign; also the transaction's name.
    pub fn id(&self) -> TransactionId {
        TransactionId(Hash::of(SIGNING_DOMAIN, self).0)
    }

    /// Puts a signature beside the transaction.
    pub fn with_signature(self, signature: [u8; 64]) -> SignedTransaction {
        SignedTransaction { transaction: self, signature }
    }
}

/// A transaction and its sender's ed25519 signature over [`Transaction::id`]. Not yet checked.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SignedTransaction {
    /// What is asked.
    pub transaction: Transaction,
    /// The signature.
    pub signature: [u8; 64],
}

impl SignedTransaction {
    /// Checks the signature under ZIP 215, the rule under which batch and single verification agree.
    ///
    /// # Errors
    /// [`Rejection::BadSignature`].
    pub fn verify(self) -> Result<Verified, Rejection> {
        let key = VerificationKey::try_from(self.transaction.sender.0);
        let key = key.map_err(|_| Rejection::BadSignature)?;
        let id = self.transaction.id();
        let signature = Signature::from(self.signature);
        key.verify(&signature, &id.0).map_err(|_| Rejection::BadSignature)?;
        Ok(Verified::of(self.transaction, id))
    }

    /// Takes the signature as checked by the caller, for instance in a batch.
    pub fn assume_verified(self) -> Verified {
        let id = self.transaction.id();
        Verified::of(self.transaction, id)
    }
}

/// A transaction whose signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    transaction: Transaction,
    id: TransactionId,
    bytes: u64,
}

impl Verified {
    fn of(transaction: Transaction, id: TransactionId) -> Self {
        let body =
            borsh::object_length(&transaction).expect("the length of a value in memory is known");
        Self { transaction, id, bytes: body as u64 + 64 }
    }

    /// The transaction.
    pub fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// Its name.
    pub fn id(&self) -> TransactionId {
        self.id
    }

    /// Its encoded size with the signature, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[cfg(feature = "serde")]
mod json {
    //! A signature is hexadecimal text in JSON.

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{SignedTransaction, Transaction};

    #[derive(Serialize, Deserialize)]
    struct Form {
        transaction: Transaction,
        signature: String,
    }

    impl Serialize for SignedTransaction {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let signature = hex::encode(self.signature);
            Form { transaction: self.transaction.clone(), signature }.serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for SignedTransaction {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let Form { transaction, signature } = Form::deserialize(deserializer)?;
            let mut bytes = [0; 64];
            hex::decode_to_slice(signature, &mut bytes).map_err(serde::de::Error::custom)?;
            Ok(transaction.with_signature(bytes))
        }
    }
}
